//! Group commit of text in flight. One commit for every token of every turn would
//! be the bottleneck of the server; one commit for all of them every few
//! milliseconds is not.

use super::{Store, message, message::chunk};
use crate::{
    error::Result,
    id::{ConversationId, MessageId},
    run::RunState,
};
use sea_orm::{ActiveValue::Set, QuerySelect, entity::prelude::*, sea_query::OnConflict};
use std::{collections::BTreeMap, time::Duration};
use tokio::sync::mpsc;

/// How long the first piece of a group waits for others.
const GROUP_WINDOW: Duration = Duration::from_millis(40);
/// Pieces that may wait for the writer.
const QUEUE: usize = 4_096;
/// Pause after the database refused a group.
const RETRY_PAUSE: Duration = Duration::from_millis(250);

/// A piece of a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Its conversation.
    pub conversation_id: ConversationId,
    /// The reply.
    pub message_id: MessageId,
    /// Where the piece begins, in bytes.
    pub offset: usize,
    /// The piece.
    pub text: String,
}

/// Takes pieces of replies and writes them in groups.
#[derive(Clone, Debug)]
pub struct Checkpoints(mpsc::Sender<Chunk>);

impl Checkpoints {
    /// Starts the writer, which calls `written` for each reply of a committed group.
    /// It ends when the last clone is dropped.
    #[must_use]
    pub fn start(store: Store, written: impl Fn(ConversationId, MessageId) + Send + 'static) -> Self {
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

async fn write_groups(
    store: Store,
    mut queue: mpsc::Receiver<Chunk>,
    written: impl Fn(ConversationId, MessageId),
) {
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
        merged.iter().for_each(|chunk| written(chunk.conversation_id, chunk.message_id));
    }
}

/// Joins the pieces of each reply; they arrive in order and without gaps.
fn merge(group: &mut Vec<Chunk>) -> Vec<Chunk> {
    let mut merged: BTreeMap<MessageId, Chunk> = BTreeMap::new();
    for chunk in group.drain(..) {
        merged
            .entry(chunk.message_id)
            .and_modify(|before| before.text.push_str(&chunk.text))
            .or_insert(chunk);
    }
    merged.into_values().collect()
}

async fn write(store: &Store, chunks: &[Chunk]) -> Result<()> {
    let tx = store.begin().await?;
    // A reply that has ended meanwhile has its whole text; a piece that came
    // later would never be removed.
    let running: Vec<MessageId> = message::Entity::find()
        .select_only()
        .column(message::Column::Id)
        .filter(message::Column::Id.is_in(chunks.iter().map(|chunk| chunk.message_id)))
        .filter(message::Column::State.eq(RunState::Running))
        .lock_shared()
        .into_tuple()
        .all(&tx)
        .await?;
    let rows: Vec<chunk::ActiveModel> = chunks
        .iter()
        .filter(|chunk| running.contains(&chunk.message_id))
        .map(|chunk| chunk::ActiveModel {
            message_id: Set(chunk.message_id),
            offset: Set(i64::try_from(chunk.offset).unwrap_or(i64::MAX)),
            text: Set(chunk.text.clone()),
        })
        .collect();
    if !rows.is_empty() {
        chunk::Entity::insert_many(rows)
            .on_conflict(
                OnConflict::columns([chunk::Column::MessageId, chunk::Column::Offset])
                    .do_nothing()
                    .to_owned(),
            )
            .exec_without_returning(&tx)
            .await?;
    }
    tx.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_a_reply_become_one_and_keep_their_order() {
        let (a, b) = (MessageId::new(), MessageId::new());
        let conversation_id = ConversationId::new();
        let piece = |message_id, offset, text: &str| Chunk {
            conversation_id,
            message_id,
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
