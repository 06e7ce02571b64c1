//! The harness of the integration tests: it starts the real `banto` binary as
//! a process, talks to it as clients do and breaks it on purpose.
//!
//! - [`Banto`] is a running server; [`Banto::with`] gives it the scripted
//!   upstream as its model, [`Banto::builder`] gives it anything else.
//! - [`Caller`] is someone with a token, [`Companion`] a conversation as that
//!   caller sees it, [`Watch`] an open stream with the [`View`] it builds up.
//! - [`Answer`] turns results into sentences: `.granted()`, `.refused()`.
//! - [`browse`] plays a scenario in a real Chromium.
//! - [`upstream`] is the scripted provider of models.
//! - [`shop`] is a repository to work on, and a model that knows it.
//! - [`Postgres`] is a throw-away cluster, [`raw`] speaks HTTP without a gRPC
//!   client, [`sql`] reaches into a database behind the server's back.
//!
//! Nothing sleeps and hopes: each wait names what it waits for and fails after
//! [`PATIENCE`] with that name.

pub mod banto;
mod browser;
mod caller;
mod command;
mod companion;
pub mod feed;
mod long_conversation;
mod patience;
pub mod postgres;
pub mod raw;
mod refusal;
pub mod shop;
pub mod sql;
pub mod upstream;
mod view;
mod watch;

pub use banto::{Banto, Builder};
pub use browser::{StepAnswer, browse};
pub use caller::Caller;
pub use command::{Command, Shell, binary};
pub use companion::{Accepted, Companion, Reply};
pub use feed::FeedWatch;
pub use long_conversation::lengthen;
pub use patience::{PATIENCE, eventually, next, within};
pub use postgres::Postgres;
pub use refusal::{Answer, Refusal};
pub use view::View;
pub use watch::Watch;
