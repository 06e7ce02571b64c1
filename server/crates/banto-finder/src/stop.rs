//! How a search is given up: a flag that somebody else raises, looked at after each
//! file and each commit.

use crate::error::Error;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// A flag, or none where nobody can stop the work.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stop(Option<Arc<AtomicBool>>);

impl Stop {
    pub fn at(flag: Arc<AtomicBool>) -> Self {
        Self(Some(flag))
    }

    pub fn check(&self) -> Result<(), Error> {
        let raised = self.0.as_ref().is_some_and(|it| it.load(Ordering::Relaxed));
        if raised { Err(Error::Stopped) } else { Ok(()) }
    }
}
