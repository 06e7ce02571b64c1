//! A conversation as a subject of watches.

use super::subject::{Block, Log, Subject, Taken, Written};
use crate::{
    error::{Error, Result},
    id::{BlockId, ConversationId},
    run::RunState,
    store::{
        Access, Tx, conversation,
        event::{self, Body, Event},
        message::{self, Role},
        text_chunk,
        turn::{self, Turn},
    },
};
use std::sync::Arc;

/// Items of a snapshot.
const SNAPSHOT_ITEMS: u64 = 100;

/// Conversations, as something to watch.
#[derive(Debug)]
pub enum Conversation {}

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

impl Subject for Conversation {
    type Id = ConversationId;
    type Row = conversation::Model;
    type Event = Event;
    type Snapshot = Snapshot;

    async fn row(tx: &Tx, access: &Access, id: ConversationId) -> Result<conversation::Model> {
        conversation::get(tx, access, id).await
    }

    fn log(row: &conversation::Model) -> Log {
        Log {
            epoch: row.epoch,
            head: row.head_sequence,
            pruned: row.pruned_sequence,
            is_writing: row.active_turn_id.is_some(),
        }
    }

    async fn events(tx: &Tx, id: ConversationId, after: i64, limit: u64) -> Result<Vec<Arc<Event>>> {
        event::after(tx, id, after, limit).await
    }

    fn resumed(conversation: conversation::Model) -> Snapshot {
        let (items, turns) = (Vec::new(), Vec::new());
        Snapshot { resumed: true, conversation, items, turns, has_earlier: false }
    }

    async fn snapshot(
        tx: &Tx,
        conversation: conversation::Model,
        live: impl Fn(BlockId) -> Option<String> + Send + Sync,
    ) -> Result<Taken<Self>> {
        let page = message::page(tx, conversation.id, message::Cursor::Newest, SNAPSHOT_ITEMS).await?;
        let (mut items, has_earlier) = (page.messages, page.has_earlier);
        let mut block = None;
        for item in items.iter_mut().filter(|item| is_in_flight(item)) {
            item.text = match live(item.id.into()) {
                Some(text) => text,
                None => text_chunk::joined(tx, item.id).await?,
            };
            block = Some((item.id.into(), item.text.len()));
        }
        let mut turns: Vec<Turn> =
            turn::by_ids(tx, items.iter().map(|item| item.turn_id).collect()).await?.into_values().collect();
        turns.sort_unstable_by_key(|turn| turn.row.id);
        Ok((Snapshot { resumed: false, conversation, items, turns, has_earlier }, block))
    }

    async fn written(tx: &Tx, block: BlockId) -> Result<Option<Written>> {
        let row = match message::get(tx, block.into()).await {
            Err(Error::NotFound(_)) => return Ok(None),
            found => found?,
        };
        if row.state != RunState::Running {
            return Ok(None);
        }
        // The event that began the reply has its sequence.
        Ok(Some(Written { began: row.sequence, text: text_chunk::joined(tx, row.id).await? }))
    }

    fn sequence(event: &Event) -> i64 {
        event.sequence
    }

    fn block(event: &Event) -> Block<'_> {
        match &event.body {
            Body::TurnStarted { reply, .. } => Block::Begins(reply.id.into()),
            Body::TurnEnded { reply, .. } => Block::Ends(reply.id.into(), &reply.text),
            Body::MessageAdded(_) | Body::TurnRetried { .. } | Body::Changed(_) => Block::Neither,
        }
    }
}

fn is_in_flight(message: &message::Model) -> bool {
    message.role == Role::Assistant && message.state == RunState::Running
}
