//! What a reader of a conversation brings, and what it gets.

use crate::{
    id::{Epoch, MessageId},
    store::{conversation, event::Event, message, turn::Turn},
};
use std::sync::Arc;

/// What a returning reader has.
#[derive(Clone, Copy, Debug)]
pub struct Cursor {
    /// The log that it read.
    pub epoch: Epoch,
    /// The last event that it has.
    pub after_sequence: i64,
}

/// Why a watch starts over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetReason {
    /// The log before the cursor is gone.
    Pruned,
    /// The reader fell behind further than its credit.
    SlowReader,
}

/// A conversation at one moment.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The reader keeps its view, and the events after its cursor follow.
    pub resumed: bool,
    /// The conversation; its head is that of the snapshot.
    pub conversation: conversation::Model,
    /// The newest messages, oldest first.
    pub items: Vec<message::Model>,
    /// Their turns.
    pub turns: Vec<Turn>,
    /// Whether there are older messages.
    pub has_earlier: bool,
}

/// One change of a reader's view.
#[derive(Clone, Debug)]
pub enum Update {
    /// Begin with this.
    Snapshot(Box<Snapshot>),
    /// A durable event.
    Event(Arc<Event>),
    /// Text in flight.
    Delta {
        /// The reply.
        block_id: MessageId,
        /// Where the text stands, in bytes.
        offset: usize,
        /// The text.
        text: String,
    },
    /// Forget the view; a snapshot follows.
    Reset(ResetReason),
    /// The conversation is gone; nothing follows.
    Deleted,
}
