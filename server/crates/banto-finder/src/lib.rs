//! Finds the files of a repository that matter for a task, without a model, a
//! network or a database.

mod error;
pub mod eval;
mod features;
mod finder;
mod history;
mod index;
mod kind;
mod rank;
mod reasons;
mod snapshot;
mod symbols;
mod task;
mod text;
mod tree;

pub use error::Error;
pub use finder::{Finder, Found};
pub use kind::Kind;
pub use rank::{NAMES, SIGNALS};
pub use reasons::Reason;
pub use tree::{Entry, Tree};
