//! Events that a test waits for instead of sleeping.

use std::{sync::Arc, time::Duration};
use tokio::{sync::watch, time::timeout};

/// How long a test waits for what it expects, before it fails instead of
/// hanging. Nothing that works takes this long.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits for something that the test expects to happen.
pub(super) async fn expect<T>(what: &str, event: impl Future<Output = T>) -> T {
    match timeout(PATIENCE, event).await {
        Ok(value) => value,
        Err(_) => panic!("waited {PATIENCE:?} in vain for {what}"),
    }
}

/// An event that happens once and can be awaited by many, before or after.
#[derive(Clone, Debug)]
pub(super) struct Flag(Arc<watch::Sender<bool>>);

impl Flag {
    pub(super) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    pub(super) fn raise(&self) {
        self.0.send_replace(true);
    }

    pub(super) async fn raised(&self) {
        // The sender lives in `self`, so waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|raised| *raised).await;
    }
}

/// Holds a script at one point until the test opens it.
///
/// The test can also wait for the script to arrive there, which proves that
/// everything before the gate was written.
#[derive(Clone, Debug)]
pub struct Gate {
    reached: Flag,
    open: Flag,
}

impl Default for Gate {
    fn default() -> Self {
        Self::new()
    }
}

impl Gate {
    /// A closed gate.
    #[must_use]
    pub fn new() -> Self {
        Self { reached: Flag::new(), open: Flag::new() }
    }

    /// Lets every script through, now and later.
    pub fn open(&self) {
        self.open.raise();
    }

    /// Waits until a script stands at the gate.
    ///
    /// # Panics
    ///
    /// When none comes within 30 s.
    pub async fn reached(&self) {
        expect("a script at the gate", self.reached.raised()).await;
    }

    pub(super) async fn pass(&self) {
        self.reached.raise();
        self.open.raised().await;
    }
}
