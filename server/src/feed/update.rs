//! What a reader of a subject brings, and what it gets.

use super::subject::Subject;
use crate::id::{BlockId, Epoch};
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

/// One change of a reader's view.
#[derive(Debug)]
pub enum Update<S: Subject> {
    /// Begin with this.
    Snapshot(Box<S::Snapshot>),
    /// A durable event.
    Event(Arc<S::Event>),
    /// Text in flight.
    Delta {
        /// Whose text it is.
        block_id: BlockId,
        /// Where the text stands, in bytes.
        offset: usize,
        /// The text.
        text: String,
    },
    /// Forget the view; a snapshot follows.
    Reset(ResetReason),
    /// The subject is gone; nothing follows.
    Deleted,
}
