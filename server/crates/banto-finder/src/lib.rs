//! Finds the files of a repository that matter for a task, without a model, a
//! network or a database.

mod compare;
mod error;
pub mod eval;
mod features;
mod filter;
mod finder;
mod folders;
mod history;
mod index;
mod kind;
mod neighbours;
mod past;
mod patterns;
mod rank;
mod reasons;
mod search;
mod snapshot;
mod stop;
mod symbols;
mod task;
mod text;
mod tree;

pub use compare::{Changed, Symbol, symbols};
pub use error::Error;
pub use filter::{BadPattern, Field, Filter, Filtered, LONGEST_PATTERN, Matched};
pub use finder::{Finder, Found};
pub use folders::Folder;
pub use kind::Kind;
pub use neighbours::Neighbour;
pub use past::{Past, Touched};
pub use patterns::PatternGroup;
pub use rank::{NAMES, SIGNALS};
pub use reasons::Reason;
pub use search::{Scored, Search};
pub use tree::{Content, Entry, LARGEST_TEXT, Tree};
