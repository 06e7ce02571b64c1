//! Implementation plans: documents with a history. A revision never changes; what a
//! model writes, what people save and what they decide are added, and nothing of
//! it goes on by itself.

mod alone;
mod brief;
mod changes;
mod check;
mod comment;
mod compare;
mod compose;
mod export;
mod generate;
mod material;
mod merge;
mod outcome;
mod read;
mod recovery;
mod review;
mod revise;
mod template;
mod write;

pub use alone::{check_in, verify_in};
pub use changes::Requested;
pub use check::{Checked, Finding};
pub use comment::{MAX_COMMENT, NewComment, Placed};
pub use compare::Diff;
pub use compose::Estimate;
pub use export::{Export, Exported, Format};
pub use generate::Wanted;
pub use merge::Merge;
pub use outcome::{Compared, FileChange, Verified};
pub use read::Opened;
pub use review::{Approval, MAX_NOTE};
pub use revise::Saved;
pub use template::{MAX_NAME as MAX_TEMPLATE_NAME, MAX_TEMPLATE};

use crate::{
    error::{Error, Result},
    feed::{Feed, List, Peers, Plan, Watch},
    id::{PlanId, RevisionId, TaskId},
    job::Jobs,
    prompt::Prompts,
    provider::Providers,
    registry::Registry,
    store::{Access, Checkpoints, Store, notice::Notice, plan, plan_event::Event, plan_revision},
    task::Tasks,
    workspace::Workspaces,
};
use std::{sync::Arc, time::Duration};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

/// Most plans that models write at once; more are refused with LIMIT_EXCEEDED.
pub const MOST_RUNNING: usize = 128;
/// Most plans of a task.
pub const MOST_OF_TASK: u64 = 200;
/// Most revisions of a plan.
pub const MOST_REVISIONS: i64 = 10_000;
/// Longest text of a plan, in bytes.
pub const MAX_TEXT: usize = 2 * 1024 * 1024;

/// The plans. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Plans {
    store: Store,
    checkpoints: Checkpoints,
    feed: Feed<Plan>,
    tasks: Tasks,
    workspaces: Workspaces,
    registry: Registry,
    jobs: Jobs,
    providers: Providers,
    prompts: Prompts,
    limits: Limits,
    draining: CancellationToken,
    peers: Peers,
    list: List<plan::Model>,
    running: Arc<Semaphore>,
}

/// How much is sent to a model, and written by it.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Tokens of a window that is unknown, without those of the answer.
    pub context_tokens: u64,
    /// Most tokens of an answer.
    pub plan_tokens: u64,
}

/// What plans are made from.
#[derive(Debug)]
pub struct Parts {
    /// The database.
    pub store: Store,
    /// Keeps text in flight.
    pub checkpoints: Checkpoints,
    /// Where watchers are.
    pub feed: Feed<Plan>,
    /// What plans are for.
    pub tasks: Tasks,
    /// Where the files are.
    pub workspaces: Workspaces,
    /// Which model answers.
    pub registry: Registry,
    /// What asks it.
    pub jobs: Jobs,
    /// What it costs.
    pub providers: Providers,
    /// What it is asked with.
    pub prompts: Prompts,
    /// How much.
    pub limits: Limits,
    /// Cancelled when no new work is taken.
    pub draining: CancellationToken,
    /// Ends the watches.
    pub stop: CancellationToken,
    /// Other servers.
    pub peers: Peers,
}

impl Plans {
    /// The plans of a database.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let Parts {
            store,
            checkpoints,
            feed,
            tasks,
            workspaces,
            registry,
            jobs,
            providers,
            prompts,
            limits,
            draining,
            stop,
            peers,
        } = parts;
        Self {
            store,
            checkpoints,
            feed,
            tasks,
            workspaces,
            registry,
            jobs,
            providers,
            prompts,
            limits,
            draining,
            peers,
            list: List::new(stop),
            running: Arc::new(Semaphore::new(MOST_RUNNING)),
        }
    }

    /// The watchable list.
    #[must_use]
    pub fn watchable(&self) -> &List<plan::Model> {
        &self.list
    }

    /// Watches a plan.
    #[must_use]
    pub fn watch(&self, access: &Access, id: PlanId, cursor: Option<crate::feed::Cursor>) -> Watch<Plan> {
        self.feed.watch(access.clone(), id, cursor)
    }

    /// One plan.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn get(&self, access: &Access, id: PlanId) -> Result<plan::Model> {
        plan::get(self.store.read(), access, id).await
    }

    /// A page of plans, the newest first, and whether there are more.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn page(&self, access: &Access, page: &plan::Page) -> Result<(Vec<plan::Model>, bool)> {
        plan::list(self.store.read(), access, page).await
    }

    /// A page of the revisions of a plan, the newest first, and whether there are
    /// more.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn revisions(
        &self,
        access: &Access,
        id: PlanId,
        before: Option<i64>,
        limit: u64,
    ) -> Result<(Vec<plan_revision::Model>, bool)> {
        self.get(access, id).await?;
        plan_revision::list(self.store.read(), id, before, limit).await
    }

    /// Refuses what a caller may not see of a task.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn require_task(&self, access: &Access, id: TaskId) -> Result<()> {
        self.tasks.get(access, id).await.map(|_| ())
    }

    /// Another server changed a plan.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn changed_elsewhere(&self, id: PlanId) -> Result<()> {
        self.feed.catch_up(id).await?;
        self.list.publish(self.get(&Access::All, id).await?);
        Ok(())
    }

    /// Another server wrote more of a revision.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn written_elsewhere(&self, id: PlanId, revision: RevisionId) -> Result<()> {
        self.feed.read_on(id, revision).await
    }

    /// Notices were lost: anything may have changed.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn catch_up_all(&self) -> Result<()> {
        self.feed.catch_up_all().await?;
        self.list.start_over();
        Ok(())
    }

    /// Tells everybody of committed events of a plan.
    fn tell(&self, events: Vec<Event>) {
        let Some(plan) = events.last().map(|event| event.plan.clone()) else { return };
        let events: Vec<_> = events.into_iter().map(Arc::new).collect();
        self.feed.publish(plan.id, &events);
        self.peers.tell(Notice::Plan(plan.id));
        self.list.publish(plan);
    }

    fn permit(&self) -> Result<OwnedSemaphorePermit> {
        if self.draining.is_cancelled() {
            return Err(Error::ShuttingDown);
        }
        self.running.clone().try_acquire_owned().map_err(|_| Error::LimitExceeded {
            what: format!("{MOST_RUNNING} plans are being written, which is the limit"),
            retry_after: Some(Duration::from_secs(1)),
        })
    }
}

/// Refuses an edit of an old version.
fn expect(plan: &plan::Model, expected_version: Option<i64>) -> Result<()> {
    match expected_version {
        Some(expected) if expected != plan.version => {
            Err(Error::VersionConflict { current_version: plan.version.unsigned_abs() })
        }
        _ => Ok(()),
    }
}
