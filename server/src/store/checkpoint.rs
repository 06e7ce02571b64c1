//! Group commit of text in flight. One commit for every token of every turn would
//! be the bottleneck of the server; one commit for all of them every few
//! milliseconds is not.

use super::{Store, message, plan_revision, text_chunk};
use crate::{
    error::Result,
    id::{BlockId, ConversationId, MessageId, PlanId, RevisionId},
};
use std::{collections::BTreeMap, time::Duration};
use tokio::sync::mpsc;

/// How long the first piece of a group waits for others.
const GROUP_WINDOW: Duration = Duration::from_millis(40);
/// Pieces that may wait for the writer.
const QUEUE: usize = 4_096;
/// Pause after the database refused a group.
const RETRY_PAUSE: Duration = Duration::from_millis(250);

/// A text that is being written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writing {
    /// A reply of a conversation.
    Reply(ConversationId, MessageId),
    /// A revision of a plan.
    Revision(PlanId, RevisionId),
}

impl Writing {
    /// The text, as deltas name it.
    #[must_use]
    pub fn block(self) -> BlockId {
        match self {
            Self::Reply(_, id) => id.into(),
            Self::Revision(_, id) => id.into(),
        }
    }
}

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Whose it is.
    pub writing: Writing,
    /// Where the piece begins, in bytes.
    pub offset: usize,
    /// The piece.
    pub text: String,
}

/// Takes pieces of texts and writes them in groups.
#[derive(Clone, Debug)]
pub struct Checkpoints(mpsc::Sender<Chunk>);

impl Checkpoints {
    /// Starts the writer, which calls `written` for each text of a committed group.
    /// It ends when the last clone is dropped.
    #[must_use]
    pub fn start(store: Store, written: impl Fn(Writing) + Send + 'static) -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE);
        tokio::spawn(write_groups(store, receiver, written));
        Self(sender)
    }

    /// Hands over a piece if the writer can take it now. `false`: offer it again
    /// with the next one; pieces must not leave a gap.
    #[must_use]
    pub fn offer(&self, chunk: impl FnOnce() -> Chunk) -> bool {
        self.0.try_reserve().map(|permit| permit.send(chunk())).is_ok()
    }
}

async fn write_groups(store: Store, mut queue: mpsc::Receiver<Chunk>, written: impl Fn(Writing)) {
    let mut group = Vec::new();
    while let Some(first) = queue.recv().await {
        group.push(first);
        // The others wait in the queue, and the writer is not woken for each.
        tokio::time::sleep(GROUP_WINDOW).await;
        while group.len() < QUEUE
            && let Ok(chunk) = queue.try_recv()
        {
            group.push(chunk);
        }
        let merged = merge(&mut group);
        // What cannot be written now is kept and tried again: meanwhile the queue
        // fills, and the owners keep their text themselves.
        while let Err(error) = write(&store, &merged).await {
            tracing::warn!(%error, "text in flight could not be checkpointed yet");
            tokio::time::sleep(RETRY_PAUSE).await;
        }
        merged.iter().for_each(|chunk| written(chunk.writing));
    }
}

/// Joins the pieces of each text; they arrive in order and without gaps.
fn merge(group: &mut Vec<Chunk>) -> Vec<Chunk> {
    let mut merged: BTreeMap<BlockId, Chunk> = BTreeMap::new();
    for chunk in group.drain(..) {
        merged
            .entry(chunk.writing.block())
            .and_modify(|before| before.text.push_str(&chunk.text))
            .or_insert(chunk);
    }
    merged.into_values().collect()
}

async fn write(store: &Store, chunks: &[Chunk]) -> Result<()> {
    let (mut replies, mut revisions) = (Vec::new(), Vec::new());
    for chunk in chunks {
        match chunk.writing {
            Writing::Reply(_, id) => replies.push(id),
            Writing::Revision(_, id) => revisions.push(id),
        }
    }
    let tx = store.begin().await?;
    // A text that has ended meanwhile is whole; a piece that came later would never
    // be removed.
    let mut running: Vec<BlockId> = Vec::new();
    running.extend(message::still_running(&tx, replies).await?.into_iter().map(BlockId::from));
    running.extend(plan_revision::still_running(&tx, revisions).await?.into_iter().map(BlockId::from));
    let rows = chunks
        .iter()
        .map(|chunk| (chunk.writing.block(), chunk.offset, &chunk.text))
        .filter(|(block, ..)| running.contains(block))
        .map(|(block, offset, text)| (block, offset, text.clone()));
    text_chunk::add(&tx, rows).await?;
    tx.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_a_reply_become_one_and_keep_their_order() {
        let (a, b) = (MessageId::new(), MessageId::new());
        let conversation = ConversationId::new();
        let piece = |message, offset, text: &str| Chunk {
            writing: Writing::Reply(conversation, message),
            offset,
            text: text.to_owned(),
        };
        let mut group = vec![piece(a, 0, "番"), piece(b, 7, "x"), piece(a, 3, "頭")];
        let mut merged = merge(&mut group);
        merged.sort_by_key(|chunk| chunk.offset);
        assert_eq!(merged, [piece(a, 0, "番頭"), piece(b, 7, "x")]);
        assert!(group.is_empty());
    }
}
