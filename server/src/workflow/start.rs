//! Starting, retrying and cancelling: all checks, then one transaction.

use super::{Live, Workflows, run::Run};
use crate::{
    access::Principal,
    error::{Error, Result},
    fail_point,
    id::{Epoch, TaskId, WorkflowId},
    job::spending,
    registry::ChosenModel,
    run::RunState,
    store::{
        Access, audit, preferences, task,
        workflow::{self, Mode},
        workflow_event::{self, Body},
        workflow_stage::{self, Stage, StageKind},
    },
};
use serde_json::json;
use std::time::Duration;

/// How long a caller that cancels waits for the end.
const CANCEL_WAIT: Duration = Duration::from_secs(5);

/// What to find.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// For which task.
    pub task_id: TaskId,
    /// Who judges; `None`: as in the preferences.
    pub mode: Option<Mode>,
    /// Provider; empty: as in the preferences.
    pub provider_id: String,
    /// Model; empty: as in the preferences.
    pub model: String,
    /// Most files to call relevant.
    pub max_relevant: u32,
    /// Most neighbours to add.
    pub max_extended: u32,
    /// The client's id of the request.
    pub request_id: Option<String>,
}

/// A workflow with its stages.
#[derive(Clone, Debug)]
pub struct Found {
    /// The workflow.
    pub row: workflow::Model,
    /// Its stages, in order.
    pub stages: Vec<Stage>,
}

/// Who judges, and why.
struct Judge {
    mode: Mode,
    reason: String,
    model: Option<ChosenModel>,
}

impl Workflows {
    /// Starts the file finder for a task; the same request twice starts one.
    ///
    /// # Errors
    /// See `banto.v1.Workflows.StartFileFinder`.
    pub async fn start(&self, by: &Principal, wanted: Wanted) -> Result<Found> {
        self.begin(by, wanted, None).await
    }

    /// Starts a workflow that goes on from a stage of one that has ended; `None`: from
    /// the first that did not complete.
    ///
    /// # Errors
    /// As for [`Workflows::start`]; `StageNotReached`; `WorkflowInProgress` when it
    /// has not ended.
    pub async fn retry(
        &self,
        by: &Principal,
        id: WorkflowId,
        from: Option<StageKind>,
        request_id: Option<String>,
    ) -> Result<Found> {
        let Found { row, stages } = self.get(&by.access, id).await?;
        if !row.state.is_terminal() {
            return Err(Error::WorkflowInProgress { active_workflow_id: id });
        }
        let completed = |stage: &&Stage| stage.row.state == RunState::Completed;
        let reached = stages.iter().take_while(completed).count();
        let from = match from {
            Some(kind) => usize::try_from(kind.position()).unwrap_or_default(),
            None if reached == stages.len() => 0,
            None => reached,
        };
        if from > reached {
            return Err(Error::StageNotReached);
        }
        let wanted = Wanted {
            task_id: row.task_id,
            mode: Some(row.mode),
            provider_id: row.provider_id.clone().unwrap_or_default(),
            model: row.model.clone().unwrap_or_default(),
            max_relevant: row.max_relevant.unsigned_abs(),
            max_extended: row.max_extended.unsigned_abs(),
            request_id,
        };
        self.begin(by, wanted, Some((row, from))).await
    }

    async fn begin(
        &self,
        by: &Principal,
        wanted: Wanted,
        retry: Option<(workflow::Model, usize)>,
    ) -> Result<Found> {
        let task = self.tasks.get(&by.access, wanted.task_id).await?;
        if let Some(found) = self.started_before(&wanted).await? {
            return Ok(found);
        }
        if let Some(active_workflow_id) = task.active_workflow_id {
            return Err(Error::WorkflowInProgress { active_workflow_id });
        }
        if task.description.trim().is_empty() {
            return Err(Error::invalid("task_id", "the task says nothing yet"));
        }
        if self.draining.is_cancelled() {
            return Err(Error::ShuttingDown);
        }
        let workspace = self.workspaces.row(&by.access, Some(task.workspace_id)).await?.open()?;
        if workspace.roots.0.is_empty() {
            return Err(Error::WorkspaceEmpty);
        }
        let preferences = preferences::get(self.store.read()).await?.body;
        let judge = self.judge(&task, &preferences, &wanted).await?;
        let permit = self.running.clone().try_acquire_owned().map_err(|_| Error::LimitExceeded {
            what: format!("{} workflows are running, which is the limit", super::MOST_RUNNING),
            retry_after: Some(Duration::from_secs(1)),
        })?;

        let tx = self.store.begin().await?;
        let mut task = task::lock(&tx, &by.access, task.id).await?;
        // Looked for again with the lock in hand.
        if let Some(found) = self.started_before(&wanted).await? {
            return Ok(found);
        }
        if let Some(active_workflow_id) = task.active_workflow_id {
            return Err(Error::WorkflowInProgress { active_workflow_id });
        }
        if judge.model.is_some() {
            spending::check(&tx, &preferences, Some(&task)).await?;
        }
        let (mut row, mut stages) = self.rows(&task, &wanted, &judge, retry.as_ref());
        if let Some((before, _)) = &retry {
            for (position, artifact) in workflow_stage::artifacts(&tx, before.id).await? {
                let reused = |stage: &&mut workflow_stage::Model| {
                    stage.position == position && stage.reused_from.is_some()
                };
                if let Some(stage) = stages.iter_mut().find(reused) {
                    stage.result_count = i32::try_from(artifact.count()).unwrap_or(i32::MAX);
                    workflow_stage::put_artifact(&tx, row.id, stage.kind, artifact).await?;
                }
            }
        }
        workflow::insert(&tx, &row, &stages).await?;
        let first = stages.into_iter().find(|stage| stage.state == RunState::Running);
        if let Some(first) = first {
            let stage = Stage { row: first, usage: None, jobs: Vec::new() };
            workflow_event::append(&tx, &mut row, Body::StageStarted(Box::new(stage))).await?;
        }
        workflow::save(&tx, &row).await?;
        task.active_workflow_id = Some(row.id);
        task.latest_workflow_id = Some(row.id);
        let task = task::save(&tx, task).await?;
        let detail = json!({"task": task.id, "mode": row.mode});
        audit::append(&tx, &by.name, "workflow.start", &row.id.to_string(), detail).await?;
        let live = Live::default();
        self.live().insert(row.id, live.clone());
        if let Err(error) = tx.commit().await {
            self.live().remove(&row.id);
            return Err(error.into());
        }
        fail_point::reach("workflow.started");
        self.tell(row.id);
        let found = self.get(&Access::All, row.id).await?;
        Run::new(self.clone(), row, task.clone(), judge.model, live).spawn(permit);
        self.tasks.publish(task);
        Ok(found)
    }

    async fn started_before(&self, wanted: &Wanted) -> Result<Option<Found>> {
        let Some(request) = &wanted.request_id else { return Ok(None) };
        match workflow::by_request(self.store.read(), wanted.task_id, request).await? {
            Some(row) if wanted.mode.is_some_and(|mode| mode != row.mode) => {
                Err(Error::invalid("request_id", "was used for another workflow"))
            }
            Some(row) => self.get(&Access::All, row.id).await.map(Some),
            None => Ok(None),
        }
    }

    async fn judge(
        &self,
        task: &task::Model,
        preferences: &preferences::Preferences,
        wanted: &Wanted,
    ) -> Result<Judge> {
        let named = !wanted.provider_id.is_empty() || !wanted.model.is_empty();
        let asked = wanted.mode.or(named.then_some(Mode::Assisted));
        let engine = |reason: &str| Judge { mode: Mode::Engine, reason: reason.to_owned(), model: None };
        let model = || self.registry.model(preferences, &wanted.provider_id, &wanted.model);
        match asked {
            Some(Mode::Engine) => Ok(engine("")),
            Some(mode) => {
                let model = model().await?;
                self.workspaces.require_consent(task.workspace_id, &model.provider.info()).await?;
                Ok(Judge { mode, reason: String::new(), model: Some(model) })
            }
            None if preferences.finder_mode == Some(Mode::Engine) => {
                Ok(engine("the preferences ask for the engine alone"))
            }
            None => {
                let model = match model().await {
                    Ok(model) => model,
                    Err(Error::ModelRequired) => return Ok(engine("no model is configured")),
                    Err(error @ Error::CompanionUnavailable { .. }) => {
                        return Ok(engine(&format!("no model can be asked: {error}")));
                    }
                    Err(error) => return Err(error),
                };
                let info = model.provider.info();
                if !self.workspaces.may_send(task.workspace_id, &info).await? {
                    let reason = Error::ConsentRequired { provider_id: info.id }.to_string();
                    return Ok(engine(&reason));
                }
                let mode = preferences.finder_mode.unwrap_or(Mode::Assisted);
                let reason = format!("{} is configured and may be sent these contents", info.id);
                Ok(Judge { mode, reason, model: Some(model) })
            }
        }
    }

    fn rows(
        &self,
        task: &task::Model,
        wanted: &Wanted,
        judge: &Judge,
        retry: Option<&(workflow::Model, usize)>,
    ) -> (workflow::Model, Vec<workflow_stage::Model>) {
        let now = crate::clock::now();
        let row = workflow::Model {
            id: WorkflowId::new(),
            workspace_id: task.workspace_id,
            task_id: task.id,
            description_version: task.description_version,
            state: RunState::Running,
            mode: judge.mode,
            mode_reason: judge.reason.clone(),
            provider_id: judge.model.as_ref().map(|model| model.provider.info().id),
            model: judge.model.as_ref().map(|model| model.id.clone()),
            max_relevant: i32::try_from(wanted.max_relevant).unwrap_or(i32::MAX),
            max_extended: i32::try_from(wanted.max_extended).unwrap_or(i32::MAX),
            added_count: 0,
            message: String::new(),
            failure: None,
            retry_of: retry.map(|(before, _)| before.id),
            request_id: wanted.request_id.clone(),
            epoch: Epoch::new(),
            head_sequence: 0,
            server_id: Some(self.jobs.server()),
            cancel_requested: false,
            created_at: now,
            ended_at: None,
        };
        let from = retry.map_or(0, |(_, from)| *from);
        let stages = StageKind::ALL.into_iter().enumerate().map(|(place, kind)| {
            let (state, reused_from) = match place {
                place if place < from => (RunState::Completed, row.retry_of),
                place if place == from => (RunState::Running, None),
                _ => (RunState::Queued, None),
            };
            workflow_stage::Model {
                workflow_id: row.id,
                position: kind.position(),
                kind,
                state,
                attempt: i32::from(state == RunState::Running),
                result_count: 0,
                failure: None,
                reused_from,
                started_at: (state == RunState::Running).then_some(now),
                ended_at: None,
            }
        });
        let stages = stages.collect();
        (row, stages)
    }

    /// Asks a workflow to end CANCELLED and waits until it has. Says whether this
    /// call found it running here.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn cancel(&self, by: &Principal, id: WorkflowId) -> Result<(Found, bool)> {
        let found = self.get(&by.access, id).await?;
        if found.row.state.is_terminal() {
            return Ok((found, false));
        }
        let tx = self.store.begin().await?;
        let mut row = workflow::lock(&tx, &by.access, id).await?;
        row.cancel_requested = true;
        workflow::save(&tx, &row).await?;
        audit::append(&tx, &by.name, "workflow.cancel", &id.to_string(), json!({})).await?;
        tx.commit().await?;
        let live = self.live().get(&id).cloned();
        match live {
            Some(live) => {
                live.cancel.cancel();
                let _ = tokio::time::timeout(CANCEL_WAIT, live.ended.cancelled()).await;
            }
            None => self.tell(id),
        }
        Ok((self.get(&by.access, id).await?, true))
    }
}
