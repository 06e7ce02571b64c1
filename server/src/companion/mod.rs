//! Conversations with the Companion. A message is accepted in one transaction,
//! which also decides that no other turn runs; from then on one task owns the
//! turn until it has ended.

mod begin;
mod conversations;
pub mod guide;
mod history;
mod recovery;
mod retention;
mod send;
mod transcript;
mod turn;

use crate::{
    access::Principal,
    config::Limits,
    error::{Error, Result},
    feed::{Conversation, Cursor, Feed, List, Peers, Watch},
    id::{ConversationId, RuntimeId, TokenId, TurnId, WorkerId, WorkspaceId},
    job::Jobs,
    prompt::Prompts,
    provider::Providers,
    registry::{Registry, WorkerView},
    run::RunState,
    store::{
        Access, Checkpoints, Store, conversation,
        notice::Notice,
        preferences,
        turn::{self as turns, Turn},
        workspace,
    },
};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use guide::Guide;
use std::{num::NonZeroU32, sync::Arc};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

pub use conversations::{ConversationChange, NewConversation, UpdatedConversation};
pub use recovery::sweep;
pub use retention::retain;
pub use send::Accepted;
pub use transcript::{Found, TranscriptPage};

/// The conversations of the server. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Companion {
    store: Store,
    feed: Feed<Conversation>,
    registry: Registry,
    jobs: Jobs,
    providers: Providers,
    prompts: Prompts,
    guide: Arc<Guide>,
    checkpoints: Checkpoints,
    list: List<ConversationChange>,
    limits: Limits,
    /// One permit for each turn that may run.
    turns: Arc<Semaphore>,
    sends: Arc<DefaultKeyedRateLimiter<Option<TokenId>>>,
    /// Cancelled when no new work is taken.
    draining: CancellationToken,
    peers: Peers,
}

/// What the Companion is made of.
#[derive(Debug)]
pub struct Parts {
    /// The database.
    pub store: Store,
    /// Keeps text in flight.
    pub checkpoints: Checkpoints,
    /// Where watchers are.
    pub feed: Feed<Conversation>,
    /// Who the Companion is.
    pub registry: Registry,
    /// Lifecycles.
    pub jobs: Jobs,
    /// Models.
    pub providers: Providers,
    /// Words.
    pub prompts: Prompts,
    /// Limits.
    pub limits: Limits,
    /// Cancelled when no new work is taken.
    pub draining: CancellationToken,
    /// Cancelled when watches end.
    pub stop: CancellationToken,
    /// Other servers of the database.
    pub peers: Peers,
}

/// Which conversation a request means.
#[derive(Clone, Copy, Debug)]
pub enum Target {
    /// This one.
    Conversation(ConversationId),
    /// The latest of a workspace; `None`: of the default one.
    Latest(Option<WorkspaceId>),
}

/// What became of a turn that was to be cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelOutcome {
    /// It is CANCELLED now.
    Cancelled,
    /// It had ended before.
    AlreadyEnded,
    /// Another server runs it and was asked.
    Requested,
}

impl Companion {
    /// Puts the Companion together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let Parts {
            store,
            checkpoints,
            feed,
            registry,
            jobs,
            providers,
            prompts,
            limits,
            draining,
            stop,
            peers,
        } = parts;
        let per_minute = NonZeroU32::new(limits.sends_per_minute).unwrap_or(NonZeroU32::MIN);
        Self {
            store,
            checkpoints,
            feed,
            registry,
            jobs,
            providers,
            prompts,
            guide: Arc::new(Guide::new()),
            list: List::new(stop),
            turns: Arc::new(Semaphore::new(limits.concurrent_turns)),
            sends: Arc::new(RateLimiter::keyed(Quota::per_minute(per_minute))),
            limits,
            draining,
            peers,
        }
    }

    /// The watchable list of conversations.
    #[must_use]
    pub fn watchable(&self) -> &List<ConversationChange> {
        &self.list
    }

    /// The workspace of an id; `None`: the default one.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn workspace(&self, access: &Access, id: Option<WorkspaceId>) -> Result<workspace::Model> {
        let db = self.store.read();
        match id {
            Some(id) => workspace::get(db, access, id).await,
            None => workspace::default(db, access).await,
        }
    }

    /// The Companion of a workspace.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn of_workspace(&self, access: &Access, id: Option<WorkspaceId>) -> Result<WorkerView> {
        let workspace = self.workspace(access, id).await?;
        self.registry.companion(workspace.id).await
    }

    /// The conversation that a request means.
    ///
    /// # Errors
    /// `NotFound`, also where a workspace has no conversation yet.
    pub async fn conversation(&self, access: &Access, target: Target) -> Result<conversation::Model> {
        match target {
            Target::Conversation(id) => conversation::get(self.store.read(), access, id).await,
            Target::Latest(workspace) => {
                let workspace = self.workspace(access, workspace).await?;
                let latest = conversation::latest(self.store.read(), workspace.id).await?;
                latest.ok_or(Error::NotFound(crate::error::Noun::Conversation))
            }
        }
    }

    /// Watches a conversation.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn watch(
        &self,
        access: &Access,
        target: Target,
        cursor: Option<Cursor>,
    ) -> Result<Watch<Conversation>> {
        let conversation = self.conversation(access, target).await?;
        Ok(self.feed.watch(access.clone(), conversation.id, cursor))
    }

    /// Cancels a running turn and waits until it has ended.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn cancel(&self, by: &Principal, id: TurnId) -> Result<(CancelOutcome, Turn)> {
        let before = turns::get(self.store.read(), id).await?;
        // Scoped by the job's workspace.
        let job = self.jobs.get(&by.access, before.row.job_id).await.map_err(|error| match error {
            Error::NotFound(_) => Error::NotFound(crate::error::Noun::Turn),
            other => other,
        })?;
        let was_over = job.state.is_terminal();
        let job = self.jobs.cancel(by, job.id).await?;
        let outcome = match job.state {
            RunState::Cancelled if !was_over => CancelOutcome::Cancelled,
            state if state.is_terminal() => CancelOutcome::AlreadyEnded,
            _ => CancelOutcome::Requested,
        };
        Ok((outcome, turns::get(self.store.read(), id).await?))
    }

    /// Stops a Companion for good and cancels what it does.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn stop_worker(&self, by: &Principal, runtime: &RuntimeId, id: WorkerId) -> Result<WorkerView> {
        // Refusing comes first, so that no turn begins between the two.
        let stopped = self.registry.set_stopped(by, runtime, id, true).await?;
        for turn in stopped.active_turns {
            self.cancel(by, turn).await?;
        }
        self.registry.worker(&by.access, runtime, id).await
    }

    async fn preferences(&self) -> Result<preferences::Preferences> {
        Ok(preferences::get(self.store.read()).await?.body)
    }

    /// Another server changed a conversation, or made it.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn changed_elsewhere(&self, id: ConversationId) -> Result<()> {
        let row = conversation::get(self.store.read(), &Access::All, id).await?;
        self.list.publish(ConversationChange::Upserted(Box::new(row)));
        Ok(())
    }

    /// Another server deleted a conversation.
    pub fn deleted_elsewhere(&self, workspace: WorkspaceId, id: ConversationId) {
        self.list.publish(ConversationChange::Deleted { workspace, id });
    }

    fn publish_deleted(&self, workspace: WorkspaceId, conversation: ConversationId) {
        self.peers.tell(Notice::Deleted { workspace, conversation });
        self.feed.publish_deleted(conversation);
        self.list.publish(ConversationChange::Deleted { workspace, id: conversation });
    }

    fn publish_conversation(&self, conversation: conversation::Model) {
        self.peers.tell(Notice::Conversation(conversation.id));
        self.list.publish(ConversationChange::Upserted(Box::new(conversation)));
    }
}
