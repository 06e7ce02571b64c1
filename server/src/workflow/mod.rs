//! Workflows: the four-stage file finder. Each stage leaves an artifact; its output
//! and the start of the next are one transaction, so that after a crash it goes on
//! from the last stage that ended.

mod answer;
mod ask;
mod commit;
mod extension;
mod ground;
mod patterns;
mod recovery;
mod relevance;
mod roots;
mod run;
mod start;

pub use start::{Found, Wanted};

use crate::{
    error::Result,
    feed::{Peers, WorkflowLogs},
    id::WorkflowId,
    job::Jobs,
    prompt::Prompts,
    registry::Registry,
    store::{
        Access, Store,
        notice::Notice,
        workflow,
        workflow_stage::{self, Artifact, Stage},
    },
    task::Tasks,
    workspace::Workspaces,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// Most workflows that run at once; more are refused with LIMIT_EXCEEDED.
const MOST_RUNNING: usize = 16;

/// The workflows. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Workflows {
    store: Store,
    tasks: Tasks,
    workspaces: Workspaces,
    registry: Registry,
    jobs: Jobs,
    prompts: Prompts,
    limits: Limits,
    draining: CancellationToken,
    peers: Peers,
    logs: WorkflowLogs,
    running: Arc<Semaphore>,
    live: Arc<Mutex<HashMap<WorkflowId, Live>>>,
}

/// What workflows are made from.
#[derive(Debug)]
pub struct Parts {
    /// The database.
    pub store: Store,
    /// What they find files for.
    pub tasks: Tasks,
    /// Where the files are.
    pub workspaces: Workspaces,
    /// Which model answers.
    pub registry: Registry,
    /// What asks it.
    pub jobs: Jobs,
    /// What it is asked with.
    pub prompts: Prompts,
    /// How much and how long.
    pub limits: Limits,
    /// Stops taking up work; what runs stays for the next start.
    pub draining: CancellationToken,
    /// Ends the watches.
    pub stop: CancellationToken,
    /// Other servers.
    pub peers: Peers,
}

/// How much is sent to a model, and how long a stage may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Tokens of a window that is unknown, without those of the answer.
    pub context_tokens: u64,
    /// Most tokens of an answer.
    pub reply_tokens: u64,
    /// For an attempt of a stage, all its calls included.
    pub stage: Duration,
}

/// A workflow that runs here.
#[derive(Clone, Debug, Default)]
struct Live {
    /// Asks it to end CANCELLED.
    cancel: CancellationToken,
    /// Says that its end is committed.
    ended: CancellationToken,
}

impl Workflows {
    /// The workflows of a database.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let Parts { store, tasks, workspaces, registry, jobs, prompts, limits, draining, stop, peers } =
            parts;
        Self {
            logs: WorkflowLogs::new(store.clone(), stop),
            store,
            tasks,
            workspaces,
            registry,
            jobs,
            prompts,
            limits,
            draining,
            peers,
            running: Arc::new(Semaphore::new(MOST_RUNNING)),
            live: Arc::default(),
        }
    }

    /// What can be watched.
    #[must_use]
    pub fn logs(&self) -> &WorkflowLogs {
        &self.logs
    }

    /// One workflow with its stages.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn get(&self, access: &Access, id: WorkflowId) -> Result<Found> {
        let tx = self.store.begin_read().await?;
        let row = workflow::get(&tx, access, id).await?;
        Ok(Found { stages: workflow_stage::of_workflow(&tx, id).await?, row })
    }

    /// What the stages of a workflow left, by their places.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn artifacts(&self, id: WorkflowId) -> Result<Vec<(i32, Artifact)>> {
        workflow_stage::artifacts(self.store.read(), id).await
    }

    /// A page of workflows, the newest first, and whether there are more.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn page(&self, access: &Access, page: &workflow::Page) -> Result<(Vec<Found>, bool)> {
        let tx = self.store.begin_read().await?;
        let (rows, more) = workflow::list(&tx, access, page).await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            let stages: Vec<Stage> = workflow_stage::of_workflow(&tx, row.id).await?;
            found.push(Found { row, stages });
        }
        Ok((found, more))
    }

    /// Another server changed a workflow, or asks this one to cancel it.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn changed_elsewhere(&self, id: WorkflowId) -> Result<()> {
        self.logs.grown(id);
        let live = self.live().get(&id).cloned();
        if let Some(live) = live
            && workflow::get(self.store.read(), &Access::All, id).await?.cancel_requested
        {
            live.cancel.cancel();
        }
        Ok(())
    }

    /// Notices were lost: anything may have changed.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn catch_up_all(&self) -> Result<()> {
        self.logs.start_over();
        let here: Vec<WorkflowId> = self.live().keys().copied().collect();
        for id in here {
            self.changed_elsewhere(id).await?;
        }
        Ok(())
    }

    fn tell(&self, id: WorkflowId) {
        self.logs.grown(id);
        self.peers.tell(Notice::Workflow(id));
    }

    fn live(&self) -> MutexGuard<'_, HashMap<WorkflowId, Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
