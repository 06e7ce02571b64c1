//! What a workflow writes: each step is one transaction, made by the server that
//! runs it and by no other, and repeated while the database refuses.

use super::{Workflows, run::Run};
use crate::{
    error::Result,
    fail_point,
    job::COMMIT_PAUSE,
    run::{Failure, RunState},
    store::{
        Access, Tx, task, task_file,
        workflow::{self, Model},
        workflow_event::{self, Body},
        workflow_stage::{self, Artifact, StageKind},
    },
    task::add_found,
};

/// A step of a workflow.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// A stage left something, and the next begins.
    Next(StageKind, Artifact),
    /// A stage failed and is begun again.
    Again(StageKind, Failure),
    /// The last stage left something, and the files go to the task.
    Complete {
        /// What it left.
        artifact: Artifact,
        /// What was found.
        files: Vec<task_file::Model>,
        /// What to do, where nothing was.
        message: String,
    },
    /// It ends without its result, in the middle of a stage.
    End(StageKind, RunState, Option<Failure>),
}

impl Run {
    /// Commits a step, as long as it takes. `false`: another server has taken the
    /// workflow over, and nothing was written.
    pub(super) async fn commit(&self, step: Step) -> bool {
        let (mut pause, longest) = COMMIT_PAUSE;
        loop {
            match self.workflows.write(&self.row, &step).await {
                Ok(None) => return false,
                Ok(Some(task)) => {
                    fail_point::reach("workflow.committed");
                    self.workflows.tell(self.row.id);
                    if let Some(task) = task {
                        self.workflows.tasks.publish(task);
                    }
                    return true;
                }
                Err(error) => {
                    tracing::warn!(%error, workflow = %self.row.id, "a step could not be committed yet");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(longest);
                }
            }
        }
    }
}

impl Workflows {
    /// `None`: it is not this server's any more.
    async fn write(&self, run: &Model, step: &Step) -> Result<Option<Option<task::Model>>> {
        let tx = self.store.begin().await?;
        let mut row = workflow::lock(&tx, &Access::All, run.id).await?;
        if row.state.is_terminal() || row.server_id != Some(self.jobs.server()) {
            return Ok(None);
        }
        let mut task = None;
        match step {
            Step::Next(kind, artifact) => {
                left(&tx, &mut row, *kind, artifact).await?;
                let next = StageKind::ALL.into_iter().find(|next| next.position() == kind.position() + 1);
                if let Some(next) = next {
                    started(&tx, &mut row, next).await?;
                }
            }
            Step::Again(kind, failure) => {
                ended(&tx, &mut row, *kind, RunState::Queued, Some(failure.clone())).await?;
                started(&tx, &mut row, *kind).await?;
            }
            Step::Complete { artifact, files, message } => {
                left(&tx, &mut row, StageKind::ExtendedPathFinder, artifact).await?;
                let mut found_for = task::lock(&tx, &Access::All, row.task_id).await?;
                let added = add_found(&tx, &mut found_for, files).await?;
                row.added_count = i32::try_from(added).unwrap_or(i32::MAX);
                row.message.clone_from(message);
                task = Some(over(&tx, &mut row, found_for, RunState::Completed).await?);
            }
            Step::End(kind, state, failure) => {
                ended(&tx, &mut row, *kind, *state, failure.clone()).await?;
                row.failure.clone_from(failure);
                let waiting = task::lock(&tx, &Access::All, row.task_id).await?;
                task = Some(over(&tx, &mut row, waiting, *state).await?);
            }
        }
        workflow::save(&tx, &row).await?;
        fail_point::reach("workflow.committing");
        tx.commit().await?;
        Ok(Some(task))
    }
}

/// A stage completed with an artifact.
async fn left(tx: &Tx, row: &mut Model, kind: StageKind, artifact: &Artifact) -> Result<()> {
    workflow_stage::put_artifact(tx, row.id, kind, artifact.clone()).await?;
    let mut stage = workflow_stage::get(tx, row.id, kind).await?.row;
    stage.result_count = i32::try_from(artifact.count()).unwrap_or(i32::MAX);
    workflow_stage::save(tx, &stage).await?;
    ended(tx, row, kind, RunState::Completed, None).await
}

/// A stage ended; one that is QUEUED then will be begun again.
pub(super) async fn ended(
    tx: &Tx,
    row: &mut Model,
    kind: StageKind,
    state: RunState,
    failure: Option<Failure>,
) -> Result<()> {
    let mut stage = workflow_stage::get(tx, row.id, kind).await?;
    stage.row.state = state;
    stage.row.failure = failure;
    stage.row.ended_at = Some(crate::clock::now());
    workflow_stage::save(tx, &stage.row).await?;
    workflow_event::append(tx, row, Body::StageEnded(Box::new(stage))).await
}

/// A stage begins, for the first time or again.
pub(super) async fn started(tx: &Tx, row: &mut Model, kind: StageKind) -> Result<()> {
    let mut stage = workflow_stage::get(tx, row.id, kind).await?;
    stage.row.state = RunState::Running;
    stage.row.attempt += 1;
    stage.row.started_at = Some(crate::clock::now());
    stage.row.ended_at = None;
    workflow_stage::save(tx, &stage.row).await?;
    workflow_event::append(tx, row, Body::StageStarted(Box::new(stage))).await
}

/// The workflow is over; its task is free for another.
pub(super) async fn over(
    tx: &Tx,
    row: &mut Model,
    mut task: task::Model,
    state: RunState,
) -> Result<task::Model> {
    row.state = state;
    row.ended_at = Some(crate::clock::now());
    workflow_event::append(tx, row, Body::Completed).await?;
    task.active_workflow_id.take_if(|active| *active == row.id);
    task::save(tx, task).await
}
