//! One reader of one conversation.

use super::{
    topic::{Next, Position, Topic},
    update::{Cursor, ResetReason, Snapshot, Update},
};
use crate::{
    error::{Error, Noun, Result},
    run::RunState,
    store::{
        Access, Store, Tx, conversation, event,
        message::{self, Role},
        turn::{self, Turn},
    },
};
use futures::{Stream, stream};
use std::{collections::VecDeque, sync::Arc};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Items of a snapshot.
const SNAPSHOT_ITEMS: u64 = 100;
/// Events that are read from the database at once.
const REPLAY_PAGE: u64 = 256;

/// One reader of one conversation.
#[derive(Debug)]
pub struct ConversationWatch {
    store: Store,
    access: Access,
    topic: Arc<Topic>,
    changed: watch::Receiver<()>,
    position: Position,
    /// Events up to here are a replay that was asked for, however long it is.
    replay_to: i64,
    pending: VecDeque<Update>,
    phase: Phase,
    stop: CancellationToken,
}

#[derive(Clone, Copy, Debug)]
enum Phase {
    Begin(Option<Cursor>),
    Live,
    Ended,
}

impl ConversationWatch {
    pub(super) fn new(
        store: Store,
        access: Access,
        topic: Arc<Topic>,
        cursor: Option<Cursor>,
        stop: CancellationToken,
    ) -> Self {
        // Subscribed before anything is read: what is committed later is told of.
        let changed = topic.subscribe();
        Self {
            store,
            access,
            topic,
            changed,
            position: Position::default(),
            replay_to: 0,
            pending: VecDeque::new(),
            phase: Phase::Begin(cursor),
            stop,
        }
    }

    /// The watch as a stream. It ends after `Deleted` and after an error.
    pub fn into_stream(self) -> impl Stream<Item = Result<Update>> + Send + 'static {
        stream::unfold(self, |mut watch| async move { watch.next().await.map(|update| (update, watch)) })
    }

    /// The next change. Cancel-safe.
    pub async fn next(&mut self) -> Option<Result<Update>> {
        let update = self.advance().await;
        if !matches!(update, Some(Ok(_))) {
            self.phase = Phase::Ended;
        }
        update
    }

    /// Queries are large futures and rarely run: boxed, they cost an idle reader
    /// nothing.
    async fn advance(&mut self) -> Option<Result<Update>> {
        loop {
            if let Some(update) = self.pending.pop_front() {
                return Some(Ok(update));
            }
            match self.phase {
                Phase::Ended => return None,
                Phase::Begin(cursor) => {
                    if let Err(error) = Box::pin(self.begin(cursor)).await {
                        return Some(Err(error));
                    }
                    self.phase = Phase::Live;
                }
                Phase::Live => {
                    self.changed.mark_unchanged();
                    let check_credit = self.position.sequence >= self.replay_to;
                    match self.topic.next(&mut self.position, check_credit) {
                        Next::Updates(updates) => self.pending.extend(updates),
                        Next::Idle => {
                            tokio::select! {
                                _ = self.changed.changed() => {}
                                () = self.stop.cancelled() => return Some(Err(Error::ShuttingDown)),
                            }
                        }
                        Next::Behind => {
                            if let Err(error) = Box::pin(self.replay()).await {
                                return Some(Err(error));
                            }
                        }
                        Next::TooSlow => {
                            if let Err(error) = Box::pin(self.start_over(ResetReason::SlowReader)).await {
                                return Some(Err(error));
                            }
                        }
                        Next::Deleted => {
                            self.pending.push_back(Update::Deleted);
                            self.phase = Phase::Ended;
                        }
                    }
                }
            }
        }
    }

    async fn begin(&mut self, cursor: Option<Cursor>) -> Result<()> {
        let tx = self.store.begin_read().await?;
        let conversation = conversation::get(&tx, &self.access, self.topic.id()).await?;
        match cursor {
            None => self.snapshot(&tx, conversation).await,
            Some(cursor)
                if cursor.epoch == conversation.epoch
                    && cursor.after_sequence >= conversation.pruned_sequence
                    && cursor.after_sequence <= conversation.head_sequence =>
            {
                self.position.sequence = cursor.after_sequence;
                self.replay_to = conversation.head_sequence;
                self.topic.advance(conversation.head_sequence, conversation.active_turn_id.is_some());
                self.pending.push_back(Update::Snapshot(Box::new(Snapshot {
                    resumed: true,
                    conversation,
                    items: Vec::new(),
                    turns: Vec::new(),
                    has_earlier: false,
                })));
                Ok(())
            }
            Some(_) => {
                self.pending.push_back(Update::Reset(ResetReason::Pruned));
                self.snapshot(&tx, conversation).await
            }
        }
    }

    async fn start_over(&mut self, reason: ResetReason) -> Result<()> {
        let tx = self.store.begin_read().await?;
        let conversation = conversation::get(&tx, &self.access, self.topic.id()).await?;
        self.pending.push_back(Update::Reset(reason));
        self.snapshot(&tx, conversation).await
    }

    async fn snapshot(&mut self, tx: &Tx, conversation: conversation::Model) -> Result<()> {
        let page = message::page(tx, conversation.id, message::Cursor::Newest, SNAPSHOT_ITEMS).await?;
        let (mut items, has_earlier) = (page.messages, page.has_earlier);
        self.position = Position { sequence: conversation.head_sequence, block: None };
        self.replay_to = conversation.head_sequence;
        for item in items.iter_mut().filter(|item| is_in_flight(item)) {
            item.text = match self.topic.text_of(item.id) {
                Some(text) => text,
                None => message::text_in_flight(tx, item.id).await?,
            };
            self.position.block = Some((item.id, item.text.len()));
        }
        let mut turns: Vec<Turn> =
            turn::by_ids(tx, items.iter().map(|item| item.turn_id).collect()).await?.into_values().collect();
        turns.sort_unstable_by_key(|turn| turn.row.id);
        let snapshot = Snapshot { resumed: false, conversation, items, turns, has_earlier };
        self.pending.push_back(Update::Snapshot(Box::new(snapshot)));
        Ok(())
    }

    /// Reads what is only in the database.
    async fn replay(&mut self) -> Result<()> {
        let tx = self.store.begin_read().await?;
        let conversation = match conversation::get(&tx, &self.access, self.topic.id()).await {
            Err(Error::NotFound(Noun::Conversation)) => {
                self.topic.delete();
                return Ok(());
            }
            found => found?,
        };
        if self.position.sequence < conversation.pruned_sequence {
            self.pending.push_back(Update::Reset(ResetReason::Pruned));
            return self.snapshot(&tx, conversation).await;
        }
        for event in event::after(&tx, conversation.id, self.position.sequence, REPLAY_PAGE).await? {
            self.pending.extend(self.position.take(&event));
        }
        Ok(())
    }
}

fn is_in_flight(message: &message::Model) -> bool {
    message.role == Role::Assistant && message.state == RunState::Running
}
