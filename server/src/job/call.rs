//! Jobs that ask a model for one text: stored, driven to their end, and answered
//! to whoever waits. They go on without one.

use super::{COMMIT_PAUSE, Ended, Jobs, LiveJob, Progress, Work};
use crate::{
    error::Result,
    fail_point,
    id::{JobId, PlanId, TaskId, WorkflowId, WorkspaceId},
    provider::{Provider, Request, Role},
    run::{Attempt, Failure, FailureKind, PromptRef, RunState},
    store::{Access, Tx, job, job_response, prompt_part, task},
};
use futures::FutureExt as _;
use std::{panic::AssertUnwindSafe, time::Duration};
use tokio::{sync::oneshot, time::Instant};

/// How often a text in flight is kept.
const CHECKPOINT: Duration = Duration::from_secs(1);

/// What a model is asked, and for whom.
#[derive(Clone, Debug)]
pub struct NewCall {
    /// Whose it is.
    pub workspace_id: WorkspaceId,
    /// The task.
    pub task_id: TaskId,
    /// The workflow; `None`: a person asked.
    pub workflow_id: Option<WorkflowId>,
    /// The plan, where it writes one.
    pub plan_id: Option<PlanId>,
    /// Id that the client chose.
    pub request_id: Option<String>,
    /// What it does.
    pub job_type: job::JobType,
    /// Who answers.
    pub provider: Provider,
    /// What is sent.
    pub request: Request,
    /// The resources that it was rendered from.
    pub prompts: Vec<PromptRef>,
}

/// How a call ended.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The job, ended.
    pub job: job::Model,
    /// The text, whole when the job is COMPLETED.
    pub text: String,
    /// The task with what it has used by now.
    pub task: Option<task::Model>,
}

impl Jobs {
    /// Stores a call with the exact request; [`Jobs::run`] commits and runs it.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn insert_call(&self, tx: &Tx, call: &NewCall) -> Result<job::Model> {
        let now = crate::clock::now();
        let job = job::Model {
            id: JobId::new(),
            workspace_id: call.workspace_id,
            job_type: call.job_type,
            state: RunState::Running,
            conversation_id: None,
            turn_id: None,
            task_id: Some(call.task_id),
            workflow_id: call.workflow_id,
            plan_id: call.plan_id,
            request_id: call.request_id.clone(),
            provider_id: Some(call.provider.info().id),
            model: Some(call.request.model.clone()),
            prompts: job::PromptRefs(call.prompts.clone()),
            attempts: job::Attempts::default(),
            failure: None,
            usage: None,
            cost_nano_usd: None,
            server_id: Some(self.server),
            cancel_requested: false,
            prompt_expired: false,
            version: 1,
            created_at: now,
            started_at: Some(now),
            ended_at: None,
        };
        job::insert(tx, &job).await?;
        let system = Some(("system", call.request.system.as_str())).filter(|(_, text)| !text.is_empty());
        let messages = call.request.messages.iter().map(|message| {
            let role = match message.role {
                Role::User => "user",
                Role::Assistant => "assistant",
            };
            (role, message.text.as_str())
        });
        prompt_part::record(tx, job.id, system.into_iter().chain(messages)).await?;
        Ok(job)
    }

    /// Commits a call and runs it. Nobody needs to wait for the answer, and it is
    /// none when another server has ended the job.
    ///
    /// # Errors
    /// Storage errors; then nothing runs.
    pub async fn run(&self, tx: Tx, job: job::Model, call: NewCall) -> Result<oneshot::Receiver<Answer>> {
        let (answer, receiver) = oneshot::channel();
        // Live before it is committed: whoever reads the committed job can cancel it.
        let live = self.begin(job.id, Work::Call(Box::new(call.provider.call(call.request))));
        tx.commit().await?;
        self.publish(job.clone());
        let owner = Owner { live, call: LiveCall { jobs: self.clone(), job, text: String::new() } };
        tokio::spawn(async move {
            if let Some(ended) = owner.drive().await {
                // Who asked may be gone.
                let _ = answer.send(ended);
            }
        });
        Ok(receiver)
    }

    /// Ends the calls whose server is gone. Returns how many there were. A retry is
    /// for whoever asked.
    ///
    /// # Errors
    /// Storage errors; what was repaired until then stays repaired.
    pub async fn sweep(&self) -> Result<usize> {
        let mut repaired = 0;
        for job in job::orphans(self.store.read()).await? {
            // Turns and plans have more to repair than their job.
            if job.turn_id.is_some() || job.plan_id.is_some() {
                continue;
            }
            let ended = Ended::interrupted(&job);
            let tx = self.store.begin().await?;
            if let Some(job) = job::finish(&tx, job.id, None, &ended).await? {
                tx.commit().await?;
                self.publish(job);
                repaired += 1;
            }
        }
        Ok(repaired)
    }
}

/// Owns a running call.
struct Owner {
    live: LiveJob,
    call: LiveCall,
}

/// What a running call has come to.
struct LiveCall {
    jobs: Jobs,
    job: job::Model,
    text: String,
}

impl Owner {
    async fn drive(mut self) -> Option<Answer> {
        let ended = AssertUnwindSafe(self.read()).catch_unwind().await.unwrap_or_else(|_| {
            tracing::error!(job = %self.call.job.id, "the owner of a job panicked");
            self.live.fail(Failure::new(FailureKind::Internal, true, "an internal fault ended the job"))
        });
        let Self { live, call } = self;
        let answer = call.finish(ended).await;
        // Who waits for the job sees it ended from here on.
        drop(live);
        answer
    }

    async fn read(&mut self) -> Ended {
        let mut kept = Instant::now();
        loop {
            match self.live.next().await {
                Progress::Text(text) => {
                    fail_point::reach("call.text");
                    self.call.text.push_str(&text);
                    if kept.elapsed() >= CHECKPOINT {
                        self.call.note(None).await;
                        kept = Instant::now();
                    }
                }
                Progress::Retrying(_) => {
                    let attempts = self.live.attempts().to_vec();
                    self.call.note(Some(&attempts)).await;
                    self.call.publish().await;
                }
                Progress::Ended(ended) => return ended,
            }
        }
    }
}

impl LiveCall {
    async fn publish(&self) {
        if let Ok(job) = job::get(self.jobs.store.read(), &Access::All, self.job.id).await {
            self.jobs.publish(job);
        }
    }

    /// Keeps the text so far, or the attempts; both are written again with the end.
    async fn note(&self, attempts: Option<&[Attempt]>) {
        let written = async {
            let tx = self.jobs.store.begin().await?;
            match attempts {
                Some(attempts) => job::record_attempts(&tx, self.job.id, attempts).await?,
                None => job_response::put(&tx, self.job.id, &self.text).await?,
            }
            Ok(tx.commit().await?)
        };
        let written: Result<()> = written.await;
        if let Err(error) = written {
            tracing::warn!(%error, job = %self.job.id, "a job's progress could not be kept yet");
        }
    }

    /// Commits the end, as long as it takes.
    async fn finish(self, mut ended: Ended) -> Option<Answer> {
        if let (Some(provider), Some(model)) = (&self.job.provider_id, &self.job.model) {
            ended.usage.cost_nano_usd = self.jobs.providers.cost(provider, model, &ended.usage);
        }
        let (mut pause, longest) = COMMIT_PAUSE;
        loop {
            match self.commit(&ended).await {
                Ok(committed) => {
                    let (job, task) = committed?;
                    self.jobs.publish(job.clone());
                    return Some(Answer { job, text: self.text, task });
                }
                Err(error) => {
                    tracing::warn!(%error, job = %self.job.id, "the end of a job could not be committed yet");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(longest);
                }
            }
        }
    }

    async fn commit(&self, ended: &Ended) -> Result<Option<(job::Model, Option<task::Model>)>> {
        let tx = self.jobs.store.begin().await?;
        let Some(job) = job::finish(&tx, self.job.id, Some(self.jobs.server), ended).await? else {
            return Ok(None);
        };
        job_response::put(&tx, job.id, &self.text).await?;
        let task = match job.task_id {
            Some(id) => {
                let mut task = task::lock(&tx, &Access::All, id).await?;
                task.usage = task.usage.plus(ended.usage);
                Some(task::save(&tx, task).await?)
            }
            None => None,
        };
        tx.commit().await?;
        Ok(Some((job, task)))
    }
}
