//! `banto serve`.

use super::exit::Failure;
use crate::config::{Config, Environment, ServeFlags};

pub(super) async fn run(flags: &ServeFlags, environment: &Environment) -> Result<(), Failure> {
    let config = Config::load(flags, environment)?;
    start(config).await.map_err(|error| Failure::Failed(error.to_string()))
}

// MERGE: replace the body by `crate::serve::run(config).await` and the error type
// by `crate::serve::StartError`.
#[expect(clippy::unused_async, reason = "the server is asynchronous")]
async fn start(config: Config) -> Result<(), &'static str> {
    drop(config);
    Err("this build has no server")
}
