//! One reader of one subject.

use super::{
    subject::Subject,
    topic::{Next, Position, Topic},
    update::{Cursor, ResetReason, Update},
};
use crate::{
    error::{Error, Result},
    store::{Access, Store, Tx},
};
use futures::{Stream, stream};
use std::{collections::VecDeque, sync::Arc};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Events that are read from the database at once.
const REPLAY_PAGE: u64 = 256;

/// One reader of one subject.
#[derive(Debug)]
pub struct Watch<S: Subject> {
    store: Store,
    access: Access,
    topic: Arc<Topic<S>>,
    changed: watch::Receiver<()>,
    position: Position,
    /// Events up to here are a replay that was asked for, however long it is.
    replay_to: i64,
    pending: VecDeque<Update<S>>,
    phase: Phase,
    stop: CancellationToken,
}

#[derive(Clone, Copy, Debug)]
enum Phase {
    Begin(Option<Cursor>),
    Live,
    Ended,
}

impl<S: Subject> Watch<S> {
    pub(super) fn new(
        store: Store,
        access: Access,
        topic: Arc<Topic<S>>,
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
    pub fn into_stream(self) -> impl Stream<Item = Result<Update<S>>> + Send + 'static {
        stream::unfold(self, |mut watch| async move { watch.next().await.map(|update| (update, watch)) })
    }

    /// The next change. Cancel-safe.
    pub async fn next(&mut self) -> Option<Result<Update<S>>> {
        let update = self.advance().await;
        if !matches!(update, Some(Ok(_))) {
            self.phase = Phase::Ended;
        }
        update
    }

    /// Queries are large futures and rarely run: boxed, they cost an idle reader
    /// nothing.
    async fn advance(&mut self) -> Option<Result<Update<S>>> {
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
        let row = S::row(&tx, &self.access, self.topic.id()).await?;
        let log = S::log(&row);
        match cursor {
            None => self.snapshot(&tx, row).await,
            Some(cursor)
                if cursor.epoch == log.epoch
                    && cursor.after_sequence >= log.pruned
                    && cursor.after_sequence <= log.head =>
            {
                self.position.sequence = cursor.after_sequence;
                self.replay_to = log.head;
                self.topic.advance(log.head, log.is_writing);
                self.pending.push_back(Update::Snapshot(Box::new(S::resumed(row))));
                Ok(())
            }
            Some(_) => {
                self.pending.push_back(Update::Reset(ResetReason::Pruned));
                self.snapshot(&tx, row).await
            }
        }
    }

    async fn start_over(&mut self, reason: ResetReason) -> Result<()> {
        let tx = self.store.begin_read().await?;
        let row = S::row(&tx, &self.access, self.topic.id()).await?;
        self.pending.push_back(Update::Reset(reason));
        self.snapshot(&tx, row).await
    }

    async fn snapshot(&mut self, tx: &Tx, row: S::Row) -> Result<()> {
        let head = S::log(&row).head;
        self.position = Position { sequence: head, block: None };
        self.replay_to = head;
        let topic = self.topic.clone();
        let (snapshot, block) = S::snapshot(tx, row, |block| topic.text_of(block)).await?;
        self.position.block = block;
        self.pending.push_back(Update::Snapshot(Box::new(snapshot)));
        Ok(())
    }

    /// Reads what is only in the database.
    async fn replay(&mut self) -> Result<()> {
        let tx = self.store.begin_read().await?;
        let row = match S::row(&tx, &self.access, self.topic.id()).await {
            Err(Error::NotFound(_)) => {
                self.topic.delete();
                return Ok(());
            }
            found => found?,
        };
        if self.position.sequence < S::log(&row).pruned {
            self.pending.push_back(Update::Reset(ResetReason::Pruned));
            return self.snapshot(&tx, row).await;
        }
        for event in S::events(&tx, self.topic.id(), self.position.sequence, REPLAY_PAGE).await? {
            self.pending.extend(self.position.take(&event));
        }
        Ok(())
    }
}
