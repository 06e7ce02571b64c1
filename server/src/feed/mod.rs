//! Watches: a snapshot, then changes. The database is the truth and the log;
//! what is here is a cache of its tail and the text in flight, so that a reader
//! that keeps up costs no query.
//!
//! A reader holds a cursor, not a queue: it takes what is there when its
//! transport asks for more. Deltas therefore coalesce by themselves, and a slow
//! reader costs its own cursor and nothing else.

mod conversation;
mod follow;
mod list;
mod peers;
mod pen;
mod plan;
mod subject;
mod topic;
mod update;
mod watch;
mod workflow;

pub use conversation::{Conversation, Snapshot};
pub use list::{List, ListUpdate};
pub use peers::{Exchange, Peers};
pub use pen::Pen;
pub use plan::{Plan, PlanSnapshot};
pub use subject::Subject;
pub use topic::Topic;
pub use update::{Cursor, ResetReason, Update};
pub use watch::Watch;
pub use workflow::{WorkflowLogs, WorkflowUpdate};

use crate::store::{Access, Store};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};
use tokio_util::sync::CancellationToken;

/// The watched subjects of one kind. Cheap to clone.
#[derive(Debug)]
pub struct Feed<S: Subject> {
    store: Store,
    topics: Arc<Mutex<Topics<S>>>,
    stop: CancellationToken,
}

type Topics<S> = HashMap<<S as Subject>::Id, Weak<Topic<S>>>;

impl<S: Subject> Clone for Feed<S> {
    fn clone(&self) -> Self {
        Self { store: self.store.clone(), topics: self.topics.clone(), stop: self.stop.clone() }
    }
}

impl<S: Subject> Feed<S> {
    /// A feed over a database; its watches end when `stop` is cancelled.
    #[must_use]
    pub fn new(store: Store, stop: CancellationToken) -> Self {
        Self { store, topics: Arc::default(), stop }
    }

    /// The live end of a subject; made when it is not there. It lasts as long as
    /// somebody holds it.
    #[must_use]
    pub fn topic(&self, id: S::Id) -> Arc<Topic<S>> {
        let mut topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(topic) = topics.get(&id).and_then(Weak::upgrade) {
            return topic;
        }
        topics.retain(|_, topic| topic.strong_count() > 0);
        let topic = Arc::new(Topic::new(id));
        topics.insert(id, Arc::downgrade(&topic));
        topic
    }

    /// Tells watchers of committed events. Without a watcher this is nothing: a
    /// later one reads them from the database.
    pub fn publish(&self, id: S::Id, events: &[Arc<S::Event>]) {
        if let Some(topic) = self.live(id) {
            topic.publish(events);
        }
    }

    /// Tells watchers that a subject is gone.
    pub fn publish_deleted(&self, id: S::Id) {
        if let Some(topic) = self.live(id) {
            topic.delete();
        }
    }

    /// Watches a subject.
    #[must_use]
    pub fn watch(&self, access: Access, id: S::Id, cursor: Option<Cursor>) -> Watch<S> {
        Watch::new(self.store.clone(), access, self.topic(id), cursor, self.stop.clone())
    }

    fn live(&self, id: S::Id) -> Option<Arc<Topic<S>>> {
        self.topics.lock().unwrap_or_else(PoisonError::into_inner).get(&id).and_then(Weak::upgrade)
    }

    fn all_live(&self) -> Vec<Arc<Topic<S>>> {
        let topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        topics.values().filter_map(Weak::upgrade).collect()
    }
}
