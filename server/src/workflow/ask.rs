//! Asking a model something for a stage: consent, spend limit and window are checked
//! before each call, and each call is a job.

use super::{
    answer::{self, Counted},
    run::Run,
};
use crate::{
    error::Error,
    job::{NewCall, spending},
    prompt::{self, Rendered},
    provider::{Message, Request, Role},
    registry::ChosenModel,
    run::{Failure, FailureKind, RunState, estimated_tokens},
    store::{task, workflow::Mode, workflow_stage::StageKind},
};
use serde::{Serialize, de::DeserializeOwned};

const QUESTION: &str = "finder/question";
const FILE: &str = "finder/file";
/// Tokens of what a provider adds to a request.
const OVERHEAD: u64 = 64;

#[derive(Serialize)]
struct Instructions {
    suggests: Option<&'static str>,
}

#[derive(Serialize)]
struct Question<'a> {
    mark: &'a str,
    task: &'a str,
    material: &'a str,
}

#[derive(Serialize)]
struct File<'a> {
    mark: &'a str,
    path: &'a str,
    part: Option<&'a str>,
    text: &'a str,
}

/// What a stage tells a model before it asks.
pub(super) struct Asking<'a> {
    run: &'a Run,
    model: &'a ChosenModel,
    kind: StageKind,
    system: Rendered,
    task: &'a str,
    mark: String,
}

impl Run {
    /// Prepares to ask for a stage. `None`: no model judges.
    pub(super) fn asking<'a>(
        &'a self,
        kind: StageKind,
        task: &'a str,
    ) -> Result<Option<Asking<'a>>, Failure> {
        let Some(model) = &self.model else { return Ok(None) };
        let name = match kind {
            StageKind::RootFolderSelection => "finder/roots",
            StageKind::RegexFileFilter => "finder/patterns",
            StageKind::FileRelevanceAssessment => "finder/relevance",
            StageKind::ExtendedPathFinder => "finder/extension",
        };
        let suggests = (self.mode() == Mode::Assisted).then_some("yes");
        let system = self.render(name, &Instructions { suggests })?;
        Ok(Some(Asking { run: self, model, kind, system, task, mark: prompt::mark(&[task]) }))
    }

    fn render(&self, name: &str, data: &impl Serialize) -> Result<Rendered, Failure> {
        self.workflows
            .prompts
            .render(name, data)
            .map_err(|error| Failure::new(FailureKind::Internal, false, error.to_string()))
    }
}

impl Asking<'_> {
    /// Tokens that material may have, so that the request and its answer fit the
    /// window.
    pub fn room(&self) -> Result<u64, Failure> {
        let limits = self.run.workflows.limits;
        let window = self.model.window.unwrap_or(limits.context_tokens + limits.reply_tokens);
        let bytes = self.system.text.len() + self.task.len() + self.question("")?.text.len();
        let taken = estimated_tokens(bytes as u64) + limits.reply_tokens + OVERHEAD;
        match window.checked_sub(taken) {
            Some(room) if room > 0 => Ok(room),
            _ => Err(Failure::new(
                FailureKind::ContextLength,
                false,
                "the task alone does not fit the model's window",
            )),
        }
    }

    /// A file as material; `part` says which of how many.
    pub fn file(&self, path: &str, part: Option<&str>, text: &str) -> Result<String, Failure> {
        let file = File { mark: &self.mark, path, part, text };
        Ok(self.run.render(FILE, &file)?.text)
    }

    fn question(&self, material: &str) -> Result<Rendered, Failure> {
        let question = Question { mark: &self.mark, task: self.task, material };
        self.run.render(QUESTION, &question)
    }

    /// Asks, and reads the answer.
    pub async fn ask<T: DeserializeOwned + Counted>(&self, material: &str) -> Result<T, Failure> {
        let run = self.run;
        let info = self.model.provider.info();
        let sent = run.workflows.workspaces.require_consent(run.row.workspace_id, &info).await;
        sent.map_err(refused)?;
        let question = self.question(material)?;
        let call = NewCall {
            workspace_id: run.row.workspace_id,
            task_id: run.row.task_id,
            workflow_id: Some(run.row.id),
            plan_id: None,
            request_id: None,
            job_type: self.kind.job_type(),
            provider: self.model.provider.clone(),
            request: Request {
                model: self.model.id.clone(),
                system: self.system.text.clone(),
                messages: vec![Message { role: Role::User, text: question.text }],
                max_output_tokens: Some(run.workflows.limits.reply_tokens),
            },
            prompts: vec![self.system.prompt.clone(), question.prompt],
        };
        let preferences = run.preferences().await?;
        let answered = async {
            let jobs = &run.workflows.jobs;
            let tx = run.workflows.store.begin().await?;
            let task = task::get(&tx, &crate::store::Access::All, run.row.task_id).await?;
            spending::check(&tx, &preferences, Some(&task)).await?;
            let job = jobs.insert_call(&tx, &call).await?;
            run.started_job(job.id);
            jobs.run(tx, job, call).await
        };
        let answered = answered.await.map_err(refused)?;
        let lost = |_| Failure::new(FailureKind::Internal, true, "the call was ended by another server");
        let answer = answered.await.map_err(lost)?;
        if let Some(task) = answer.task {
            run.workflows.tasks.publish(task);
        }
        match (answer.job.state, answer.job.failure) {
            (RunState::Completed, _) => answer::read(&answer.text),
            (_, Some(failure)) => Err(failure),
            (RunState::Cancelled, None) => {
                // Whoever cancels a part of a search wants none of it.
                run.cancel();
                Err(Failure::new(FailureKind::Internal, false, "a call of the stage was cancelled"))
            }
            (state, None) => {
                Err(Failure::new(FailureKind::Internal, true, format!("the call ended {state:?}")))
            }
        }
    }
}

/// Why a call was not made.
fn refused(error: Error) -> Failure {
    let what = error.to_string();
    match error {
        Error::LimitExceeded { .. } => Failure::new(FailureKind::SpendLimit, false, what),
        Error::ConsentRequired { .. } => Failure::new(FailureKind::Consent, false, what),
        Error::StorageFull | Error::StorageUnavailable => Failure::new(FailureKind::Storage, true, what),
        _ => Failure::new(FailureKind::Internal, false, what),
    }
}
