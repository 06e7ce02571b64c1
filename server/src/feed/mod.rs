//! Watches: a snapshot, then changes. The database is the truth and the log;
//! what is here is a cache of its tail and the text in flight, so that a reader
//! that keeps up costs no query.
//!
//! A reader holds a cursor, not a queue: it takes what is there when its
//! transport asks for more. Deltas therefore coalesce by themselves, and a slow
//! reader costs its own cursor and nothing else.

mod follow;
mod list;
mod peers;
mod topic;
mod update;
mod watch;
mod workflow;

pub use list::{List, ListUpdate};
pub use peers::{Exchange, Peers};
pub use topic::Topic;
pub use update::{Cursor, ResetReason, Snapshot, Update};
pub use watch::ConversationWatch;
pub use workflow::{WorkflowLogs, WorkflowUpdate};

use crate::{
    id::ConversationId,
    store::{Access, Store, event::Event},
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};
use tokio_util::sync::CancellationToken;

/// The watched conversations. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Feed {
    store: Store,
    topics: Arc<Mutex<HashMap<ConversationId, Weak<Topic>>>>,
    stop: CancellationToken,
}

impl Feed {
    /// A feed over a database; its watches end when `stop` is cancelled.
    #[must_use]
    pub fn new(store: Store, stop: CancellationToken) -> Self {
        Self { store, topics: Arc::default(), stop }
    }

    /// The live end of a conversation; made when it is not there. It lasts as long
    /// as somebody holds it.
    #[must_use]
    pub fn topic(&self, id: ConversationId) -> Arc<Topic> {
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
    pub fn publish(&self, id: ConversationId, events: &[Arc<Event>]) {
        if let Some(topic) = self.live(id) {
            topic.publish(events);
        }
    }

    /// Tells watchers that a conversation is gone.
    pub fn publish_deleted(&self, id: ConversationId) {
        if let Some(topic) = self.live(id) {
            topic.delete();
        }
    }

    /// Watches a conversation.
    #[must_use]
    pub fn watch(&self, access: Access, id: ConversationId, cursor: Option<Cursor>) -> ConversationWatch {
        ConversationWatch::new(self.store.clone(), access, self.topic(id), cursor, self.stop.clone())
    }

    fn live(&self, id: ConversationId) -> Option<Arc<Topic>> {
        self.topics.lock().unwrap_or_else(PoisonError::into_inner).get(&id).and_then(Weak::upgrade)
    }

    fn all_live(&self) -> Vec<Arc<Topic>> {
        let topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        topics.values().filter_map(Weak::upgrade).collect()
    }
}
