//! Watches of lists: a snapshot, then versioned upserts, without a log. A reader
//! that misses one gets a new snapshot.

use crate::error::{Error, Result};
use futures::{Stream, stream};
use std::{pin::Pin, sync::Arc};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

/// Changes that a reader may be behind.
const BACKLOG: usize = 1_024;

/// A list that can be watched. Cheap to clone.
#[derive(Debug)]
pub struct List<T> {
    /// `None`: any entry may have changed.
    changes: broadcast::Sender<Option<Arc<T>>>,
    stop: CancellationToken,
}

impl<T> Clone for List<T> {
    fn clone(&self) -> Self {
        Self { changes: self.changes.clone(), stop: self.stop.clone() }
    }
}

/// One change of a reader's view.
#[derive(Clone, Debug)]
pub enum ListUpdate<T, S> {
    /// The whole list.
    Snapshot(S),
    /// One entry.
    Changed(Arc<T>),
}

impl<T: Send + Sync + 'static> List<T> {
    /// A list; its watches end when `stop` is cancelled.
    #[must_use]
    pub fn new(stop: CancellationToken) -> Self {
        Self { changes: broadcast::Sender::new(BACKLOG), stop }
    }

    /// Tells readers of a committed change.
    pub fn publish(&self, change: T) {
        // No readers is no error.
        let _ = self.changes.send(Some(Arc::new(change)));
    }

    /// Gives every reader a new snapshot.
    pub fn start_over(&self) {
        let _ = self.changes.send(None);
    }

    /// Whether anybody watches.
    #[must_use]
    pub fn is_watched(&self) -> bool {
        self.changes.receiver_count() > 0
    }

    /// Watches the list: `snapshot` reads it, `visible` says which changes the
    /// reader may see.
    pub fn watch<S, F, R, V>(
        &self,
        snapshot: F,
        visible: V,
    ) -> impl Stream<Item = Result<ListUpdate<T, S>>> + Send + use<T, S, F, R, V>
    where
        V: Fn(&T) -> bool + Send + 'static,
        S: Send + 'static,
        F: Fn() -> Pin<Box<R>> + Send + 'static,
        R: Future<Output = Result<S>> + Send + ?Sized + 'static,
    {
        // Subscribed before the snapshot is read: nothing falls between.
        let changes = self.changes.subscribe();
        let begin = (changes, true, self.stop.clone(), snapshot, visible);
        stream::unfold(Some(begin), |state| async move {
            let (mut changes, fresh, stop, snapshot, visible) = state?;
            if fresh {
                return Some(match snapshot().await {
                    Ok(list) => {
                        (Ok(ListUpdate::Snapshot(list)), Some((changes, false, stop, snapshot, visible)))
                    }
                    Err(error) => (Err(error), None),
                });
            }
            loop {
                let change = tokio::select! {
                    change = changes.recv() => change,
                    () = stop.cancelled() => return Some((Err(Error::ShuttingDown), None)),
                };
                match change {
                    Ok(Some(change)) if visible(&change) => {
                        let state = Some((changes, false, stop, snapshot, visible));
                        return Some((Ok(ListUpdate::Changed(change)), state));
                    }
                    Ok(Some(_)) => {}
                    Ok(None) | Err(broadcast::error::RecvError::Lagged(_)) => {
                        changes = changes.resubscribe();
                        return Some(match snapshot().await {
                            Ok(list) => (
                                Ok(ListUpdate::Snapshot(list)),
                                Some((changes, false, stop, snapshot, visible)),
                            ),
                            Err(error) => (Err(error), None),
                        });
                    }
                    Err(broadcast::error::RecvError::Closed) => return None,
                }
            }
        })
    }
}
