//! `banto serve`.

use super::exit::Failure;
use crate::{
    config::{Config, Environment, ServeFlags},
    serve,
};

pub(super) async fn run(flags: &ServeFlags, environment: &Environment) -> Result<(), Failure> {
    let config = Config::load(flags, environment)?;
    serve::run(config).await.map_err(|error| Failure::Failed(error.to_string()))
}
