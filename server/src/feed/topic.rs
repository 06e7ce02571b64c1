//! The live end of one subject: its newest events and the text that is being
//! written.

use super::{
    subject::{Block as Mark, Subject},
    update::Update,
};
use crate::id::BlockId;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::watch;

/// Events that are kept for readers that are a little behind; those further
/// behind read the database.
const RECENT_EVENTS: usize = 64;
/// How far behind a live reader may fall before it starts over: events.
const CREDIT_EVENTS: i64 = 1_024;
/// How far behind a live reader may fall before it starts over: bytes of text.
const CREDIT_BYTES: usize = 256 * 1024;

/// The live end of one subject.
#[derive(Debug)]
pub struct Topic<S: Subject> {
    id: S::Id,
    tail: Mutex<Tail<S>>,
    changed: watch::Sender<()>,
}

#[derive(Debug)]
struct Tail<S: Subject> {
    head: i64,
    recent: VecDeque<Arc<S::Event>>,
    block: Option<Block>,
    deleted: bool,
}

/// The text that is being written.
#[derive(Debug)]
struct Block {
    id: BlockId,
    /// Sequence of the event that began it.
    began: i64,
    text: String,
}

/// Where a live reader is.
#[derive(Debug, Default)]
pub(super) struct Position {
    /// The last event that it has.
    pub sequence: i64,
    /// The block that it follows, and how much of it it has.
    pub block: Option<(BlockId, usize)>,
}

/// What there is for a reader.
pub(super) enum Next<S: Subject> {
    /// These, in order.
    Updates(Vec<Update<S>>),
    /// Events that are only in the database.
    Behind,
    /// More than its credit.
    TooSlow,
    /// Nothing, until the topic changes.
    Idle,
    /// The subject is gone.
    Deleted,
}

impl<S: Subject> Topic<S> {
    pub(super) fn new(id: S::Id) -> Self {
        let tail = Tail { head: 0, recent: VecDeque::new(), block: None, deleted: false };
        Self { id, tail: Mutex::new(tail), changed: watch::Sender::new(()) }
    }

    /// Which subject.
    #[must_use]
    pub fn id(&self) -> S::Id {
        self.id
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Tells readers of committed events.
    pub(super) fn publish(&self, events: &[Arc<S::Event>]) {
        let mut tail = self.tail();
        for event in events {
            let sequence = S::sequence(event);
            match S::block(event) {
                Mark::Begins(id) => {
                    tail.block = Some(Block { id, began: sequence, text: String::new() });
                }
                Mark::Ends(id, _) => {
                    tail.block.take_if(|block| block.id == id);
                }
                Mark::Neither => {}
            }
            // Two commits may be told of in the other order. Readers then find a
            // gap, and the database fills it.
            tail.head = tail.head.max(sequence);
            tail.recent.push_back(event.clone());
        }
        let surplus = tail.recent.len().saturating_sub(RECENT_EVENTS);
        tail.recent.drain(..surplus);
        drop(tail);
        self.changed.send_replace(());
    }

    /// Tells readers that the database has events up to `head`, and whether a text
    /// is being written there.
    pub(super) fn advance(&self, head: i64, is_writing: bool) {
        let mut tail = self.tail();
        if !is_writing {
            // The end of a text that another server wrote is in those events.
            tail.block.take_if(|block| block.began <= head);
        }
        if head > tail.head {
            tail.head = head;
            drop(tail);
            self.changed.send_replace(());
        }
    }

    /// Shows what another server has written so far of a text, which the event
    /// `began` began.
    pub(super) fn mirror(&self, id: BlockId, began: i64, text: String) {
        let mut tail = self.tail();
        match &mut tail.block {
            Some(block) if block.began > began => return,
            Some(block) if block.id == id => {
                if block.text.len() < text.len() {
                    block.text = text;
                }
            }
            block => *block = Some(Block { id, began, text }),
        }
        drop(tail);
        self.changed.send_replace(());
    }

    pub(super) fn delete(&self) {
        self.tail().deleted = true;
        self.changed.send_replace(());
    }

    /// Appends to the text that is being written; returns where, in bytes.
    pub fn append(&self, text: &str) -> usize {
        let mut tail = self.tail();
        let Some(block) = &mut tail.block else { return 0 };
        let offset = block.text.len();
        block.text.push_str(text);
        drop(tail);
        self.changed.send_replace(());
        offset
    }

    /// Lets go of a text that was ended elsewhere.
    pub fn abandon(&self, id: impl Into<BlockId>) {
        let id = id.into();
        self.tail().block.take_if(|block| block.id == id);
    }

    /// What is written so far of a text; `None` when it is not being written
    /// here.
    #[must_use]
    pub fn text_of(&self, id: impl Into<BlockId>) -> Option<String> {
        let id = id.into();
        self.tail().block.as_ref().filter(|block| block.id == id).map(|block| block.text.clone())
    }

    /// A part of the text that is being written.
    #[must_use]
    pub fn slice(&self, from: usize) -> String {
        self.tail().block.as_ref().and_then(|block| block.text.get(from..)).unwrap_or_default().to_owned()
    }

    /// What follows a reader's position, which is moved on.
    pub(super) fn next(&self, position: &mut Position, check_credit: bool) -> Next<S> {
        let tail = self.tail();
        if tail.deleted {
            return Next::Deleted;
        }
        let behind = tail.head - position.sequence;
        if behind > 0 {
            if check_credit && behind > CREDIT_EVENTS {
                return Next::TooSlow;
            }
            return match tail.recent.iter().find(|event| S::sequence(event) == position.sequence + 1) {
                Some(event) => Next::Updates(position.take(event)),
                None => Next::Behind,
            };
        }
        let Some(block) = tail.block.as_ref().filter(|block| block.began <= position.sequence) else {
            return Next::Idle;
        };
        let offset = match position.block {
            Some((id, offset)) if id == block.id => offset,
            _ => 0,
        };
        // A reader that only now begins to follow is not slow.
        if check_credit && offset > 0 && block.text.len().saturating_sub(offset) > CREDIT_BYTES {
            return Next::TooSlow;
        }
        // What another server writes may be read here after a snapshot of it.
        position.block = Some((block.id, block.text.len().max(offset)));
        match block.text.get(offset..) {
            Some(text) if !text.is_empty() => {
                Next::Updates(vec![Update::Delta { block_id: block.id, offset, text: text.to_owned() }])
            }
            _ => Next::Idle,
        }
    }

    fn tail(&self) -> MutexGuard<'_, Tail<S>> {
        self.tail.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Position {
    /// Moves over an event. The end of a text brings what the reader does not have
    /// of it yet.
    pub(super) fn take<S: Subject>(&mut self, event: &Arc<S::Event>) -> Vec<Update<S>> {
        self.sequence = S::sequence(event);
        let mut updates = Vec::with_capacity(2);
        match S::block(event) {
            Mark::Begins(id) => self.block = Some((id, 0)),
            Mark::Ends(block_id, text) => {
                let offset = match self.block.take() {
                    Some((id, offset)) if id == block_id => offset,
                    _ => 0,
                };
                if let Some(text) = text.get(offset..).filter(|text| !text.is_empty()) {
                    updates.push(Update::Delta { block_id, offset, text: text.to_owned() });
                }
            }
            Mark::Neither => {}
        }
        updates.push(Update::Event(event.clone()));
        updates
    }
}
