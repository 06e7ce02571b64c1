//! Writes a text in flight: to readers at once, to the database in groups.

use super::{Subject, Topic};
use crate::store::{Checkpoints, Chunk, Writing};
use std::sync::Arc;

/// The hand of the one task that writes a text.
#[derive(Debug)]
pub struct Pen<S: Subject> {
    topic: Arc<Topic<S>>,
    checkpoints: Checkpoints,
    writing: Writing,
    /// Bytes that the checkpoint writer has.
    handed_over: usize,
}

impl<S: Subject> Pen<S> {
    /// For a text whose beginning was published on the topic.
    #[must_use]
    pub fn new(topic: Arc<Topic<S>>, checkpoints: Checkpoints, writing: Writing) -> Self {
        Self { topic, checkpoints, writing, handed_over: 0 }
    }

    /// Adds to the text.
    pub fn write(&mut self, text: String) {
        let offset = self.topic.append(&text);
        let end = offset + text.len();
        let (topic, from) = (&self.topic, self.handed_over);
        let taken = self.checkpoints.offer(|| Chunk {
            writing: self.writing,
            offset: from,
            text: if from == offset { text } else { topic.slice(from) },
        });
        if taken {
            self.handed_over = end;
        }
    }

    /// All that was written.
    #[must_use]
    pub fn text(&self) -> String {
        self.topic.text_of(self.writing.block()).unwrap_or_default()
    }

    /// Lets go of a text that was ended elsewhere.
    pub fn abandon(&self) {
        self.topic.abandon(self.writing.block());
    }
}
