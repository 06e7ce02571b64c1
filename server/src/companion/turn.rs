//! The one task that owns a turn: it hands out text, has it checkpointed, and
//! commits the end.

use super::Companion;
use crate::{
    error::Result,
    fail_point,
    feed::{Conversation, Pen, Topic},
    id::{ServerId, TurnId, WorkerId},
    job::{COMMIT_PAUSE, Ended, LiveJob, Progress},
    run::{Attempt, Failure, FailureKind},
    store::{
        Access, Tx, Writing, conversation,
        event::{self, Body, Event},
        job, message,
        turn::{self, Turn},
        worker,
    },
};
use futures::FutureExt as _;
use std::{panic::AssertUnwindSafe, sync::Arc};
use tokio::sync::OwnedSemaphorePermit;

/// Owns a running turn.
pub(super) struct Owner {
    live: LiveJob,
    turn: LiveTurn,
    _permit: OwnedSemaphorePermit,
}

/// A turn that runs here.
struct LiveTurn {
    companion: Companion,
    pen: Pen<Conversation>,
    turn: Turn,
    reply: message::Model,
}

/// What ended with a turn, for those who must be told.
pub(super) struct TurnEnd {
    pub conversation: conversation::Model,
    pub job: job::Model,
    pub event: Arc<Event>,
}

impl Owner {
    pub fn new(
        companion: Companion,
        live: LiveJob,
        topic: Arc<Topic<Conversation>>,
        turn: Turn,
        reply: message::Model,
        permit: OwnedSemaphorePermit,
    ) -> Self {
        let writing = Writing::Reply(reply.conversation_id, reply.id);
        let pen = Pen::new(topic, companion.checkpoints.clone(), writing);
        let turn = LiveTurn { companion, pen, turn, reply };
        Self { live, turn, _permit: permit }
    }

    pub fn spawn(mut self) {
        tokio::spawn(async move {
            // One turn dies of a bug, not the server, and it dies like any other.
            let ended = AssertUnwindSafe(self.drive()).catch_unwind().await.unwrap_or_else(|_| {
                tracing::error!(turn = %self.turn.id(), "the owner of a turn panicked");
                self.live.fail(Failure::new(FailureKind::Internal, true, "an internal fault ended the turn"))
            });
            let worker = self.turn.finish(ended).await;
            let registry = self.turn.companion.registry.clone();
            // Who waits for the job sees it ended from here on.
            drop(self);
            if let Some(worker) = worker {
                registry.refresh(worker);
            }
        });
    }

    async fn drive(&mut self) -> Ended {
        fail_point::reach("turn.begin");
        loop {
            match self.live.next().await {
                Progress::Text(text) => {
                    fail_point::reach("turn.text");
                    self.turn.pen.write(text);
                }
                Progress::Retrying(attempt) => {
                    let attempts = self.live.attempts().to_vec();
                    self.turn.retried(attempt, attempts).await;
                }
                Progress::Ended(ended) => return ended,
            }
        }
    }
}

impl LiveTurn {
    fn id(&self) -> TurnId {
        self.turn.row.id
    }

    async fn retried(&self, attempt: Attempt, attempts: Vec<Attempt>) {
        match self.record_retry(attempt, attempts).await {
            Ok((job, event)) => {
                self.companion.feed.publish(self.turn.row.conversation_id, &[Arc::new(event)]);
                self.companion.jobs.publish(job);
            }
            // The attempt is recorded again with the end of the turn.
            Err(error) => {
                tracing::warn!(%error, turn = %self.id(), "a failed attempt could not be recorded yet")
            }
        }
    }

    async fn record_retry(&self, attempt: Attempt, attempts: Vec<Attempt>) -> Result<(job::Model, Event)> {
        let tx = self.companion.store.begin().await?;
        let mut conversation = conversation::lock(&tx, &Access::All, self.turn.row.conversation_id).await?;
        job::record_attempts(&tx, self.turn.job.id, &attempts).await?;
        let body = Body::TurnRetried { turn_id: self.id(), attempt };
        let event = event::append(&tx, &mut conversation, body).await?;
        conversation::save(&tx, &conversation).await?;
        let job = job::get(&tx, &Access::All, self.turn.job.id).await?;
        tx.commit().await?;
        Ok((job, event))
    }

    /// Commits the end. As long as the database refuses, the text stays here and
    /// watchers see a running turn, which is what the database says too. Returns the
    /// worker whose turn it was, unless another server has ended it.
    async fn finish(&self, mut ended: Ended) -> Option<WorkerId> {
        self.price(&mut ended);
        let text = self.pen.text();
        let (mut pause, longest) = COMMIT_PAUSE;
        loop {
            match self.commit(&ended, &text).await {
                Ok(Some(end)) => {
                    tracing::info!(turn = %self.id(), state = ?ended.state, failure = ?ended.failure, "a turn ended");
                    let worker = end.conversation.worker_id;
                    self.companion.tell_of_end(end);
                    return Some(worker);
                }
                Ok(None) => {
                    tracing::warn!(turn = %self.id(), "another server has ended the turn");
                    self.pen.abandon();
                    return None;
                }
                Err(error) => {
                    tracing::warn!(%error, turn = %self.id(), "the end of a turn could not be committed yet");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(longest);
                }
            }
        }
    }

    async fn commit(&self, ended: &Ended, text: &str) -> Result<Option<TurnEnd>> {
        let tx = self.companion.store.begin().await?;
        let owner = Some(self.companion.jobs.server());
        let reply = message::Model { text: text.to_owned(), ..self.reply.clone() };
        let end = end_turn(&tx, self.turn.row.clone(), reply, owner, ended).await?;
        if end.is_some() {
            fail_point::reach("turn.ending");
            tx.commit().await?;
            fail_point::reach("turn.ended");
        }
        Ok(end)
    }

    fn price(&self, ended: &mut Ended) {
        let job = &self.turn.job;
        if let (Some(provider), Some(model)) = (&job.provider_id, &job.model) {
            ended.usage.cost_nano_usd = self.companion.providers.cost(provider, model, &ended.usage);
        }
    }
}

impl Companion {
    pub(super) fn tell_of_end(&self, end: TurnEnd) {
        self.feed.publish(end.conversation.id, &[end.event]);
        self.jobs.publish(end.job);
        self.publish_conversation(end.conversation);
    }
}

/// Ends a turn in a transaction: its job, its reply with all its text, its
/// conversation, the event. `None`: it had ended already; nothing was changed.
pub(super) async fn end_turn(
    tx: &Tx,
    row: turn::Model,
    mut reply: message::Model,
    owner: Option<ServerId>,
    ended: &Ended,
) -> Result<Option<TurnEnd>> {
    let mut conversation = conversation::lock(tx, &Access::All, row.conversation_id).await?;
    let Some(job) = job::finish(tx, row.job_id, owner, ended).await? else { return Ok(None) };
    reply.state = ended.state;
    reply.search_text = message::fold(&reply.text);
    message::finish(tx, &reply).await?;
    conversation.active_turn_id.take_if(|active| *active == row.id);
    conversation.usage = conversation.usage.plus(ended.usage);
    conversation.updated_at = crate::clock::now();
    let turn = Turn { row, job: job.clone() };
    let event = event::append(tx, &mut conversation, Body::TurnEnded { turn, reply }).await?;
    conversation::save(tx, &conversation).await?;
    if let Some(failure) = &ended.failure {
        worker::set_last_error(tx, conversation.worker_id, failure).await?;
    }
    Ok(Some(TurnEnd { conversation, job, event: Arc::new(event) }))
}
