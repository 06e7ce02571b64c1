//! The one task that owns a revision while a model writes it: it hands out text, has
//! it checkpointed, and commits the end.

use super::Plans;
use crate::{
    error::Result,
    fail_point,
    feed::{self, Pen},
    id::{RevisionId, ServerId},
    job::{COMMIT_PAUSE, Ended, LiveJob, NewCall, Progress, Work},
    run::{Failure, FailureKind, RunState},
    store::{
        Access, Tx, Writing, audit, job,
        plan::{self, Shape},
        plan_comment::{self, State},
        plan_event::{self, Body, Event},
        plan_revision::{self, Asked, Author},
        task,
    },
};
use banto_plan::Parsed;
use futures::FutureExt as _;
use serde_json::json;
use std::panic::AssertUnwindSafe;
use tokio::sync::OwnedSemaphorePermit;

/// What is known of a revision before it is written.
pub(super) struct Draft {
    pub author: Author,
    pub by: String,
    pub message: String,
    pub parent: Option<RevisionId>,
    pub asked: Asked,
    pub request_id: Option<String>,
}

/// A revision that a model is about to write.
pub(super) struct Begun {
    pub revision: plan_revision::Model,
    pub job: job::Model,
    event: Event,
}

/// What ended with a revision, for those who must be told.
pub(super) struct End {
    events: Vec<Event>,
    job: job::Model,
    task: task::Model,
}

impl Draft {
    /// A revision that follows none and answers nothing.
    pub fn first(author: Author, by: &str) -> Self {
        Self {
            author,
            by: by.to_owned(),
            message: String::new(),
            parent: None,
            asked: Asked::default(),
            request_id: None,
        }
    }

    /// The row of a revision whose text is there at once.
    pub fn whole(self, plan: &mut plan::Model, text: &str, shape: Shape) -> plan_revision::Model {
        let row = self.row(plan);
        plan_revision::Model {
            state: RunState::Completed,
            content_hash: plan_revision::hash(text),
            size_bytes: i64::try_from(text.len()).unwrap_or(i64::MAX),
            shape,
            ended_at: Some(row.created_at),
            ..row
        }
    }

    /// The row of a revision with the next number of its plan.
    pub fn row(self, plan: &mut plan::Model) -> plan_revision::Model {
        plan.last_number += 1;
        plan_revision::Model {
            id: RevisionId::new(),
            workspace_id: plan.workspace_id,
            plan_id: plan.id,
            number: plan.last_number,
            parent_id: self.parent,
            author: self.author,
            by: self.by,
            message: self.message,
            state: RunState::Running,
            failure: None,
            job_id: None,
            restored_id: None,
            content_hash: String::new(),
            size_bytes: 0,
            shape: Shape::default(),
            usage: None,
            asked: self.asked,
            began: 0,
            request_id: self.request_id,
            created_at: crate::clock::now(),
            ended_at: None,
        }
    }
}

impl Plans {
    /// Stores the beginning of a revision of a locked plan, and the call that writes
    /// it.
    pub(super) async fn begin(
        &self,
        tx: &Tx,
        plan: &mut plan::Model,
        draft: Draft,
        call: &NewCall,
    ) -> Result<Begun> {
        let job = self.jobs.insert_call(tx, call).await?;
        let mut revision = draft.row(plan);
        revision.job_id = Some(job.id);
        revision.began = plan.head_sequence + 1;
        plan_revision::insert(tx, &revision, None).await?;
        plan.state = RunState::Running;
        plan.failure = None;
        plan.active_revision_id = Some(revision.id);
        plan.active_job_id = Some(job.id);
        let event = plan_event::append(tx, plan, Body::RevisionStarted(revision.clone())).await?;
        Ok(Begun { revision, job, event })
    }

    /// Commits the beginning and has the model write.
    pub(super) async fn launch(
        &self,
        tx: Tx,
        begun: Begun,
        call: NewCall,
        permit: OwnedSemaphorePermit,
    ) -> Result<()> {
        let Begun { revision, job, event } = begun;
        let topic = self.feed.topic(revision.plan_id);
        // Live before it is committed: whoever reads the committed job can cancel it.
        let live = self.jobs.begin(job.id, Work::Call(Box::new(call.provider.call(call.request))));
        tx.commit().await?;
        fail_point::reach("plan.started");
        self.tell(vec![event]);
        self.jobs.publish(job.clone());
        let writing = Writing::Revision(revision.plan_id, revision.id);
        let pen = Pen::new(topic, self.checkpoints.clone(), writing);
        let live_revision = LiveRevision { plans: self.clone(), pen, revision, job };
        Owner { live, revision: live_revision, _permit: permit }.spawn();
        Ok(())
    }

    pub(super) fn tell_of_end(&self, end: End) {
        self.tell(end.events);
        self.jobs.publish(end.job);
        self.tasks.publish(end.task);
    }
}

/// Owns a revision that a model writes.
struct Owner {
    live: LiveJob,
    revision: LiveRevision,
    _permit: OwnedSemaphorePermit,
}

struct LiveRevision {
    plans: Plans,
    pen: Pen<feed::Plan>,
    revision: plan_revision::Model,
    job: job::Model,
}

impl Owner {
    fn spawn(mut self) {
        tokio::spawn(async move {
            let ended = AssertUnwindSafe(self.drive()).catch_unwind().await.unwrap_or_else(|_| {
                tracing::error!(revision = %self.revision.revision.id, "the owner of a revision panicked");
                self.live.fail(Failure::new(FailureKind::Internal, true, "an internal fault ended the plan"))
            });
            self.revision.finish(ended).await;
            // Who waits for the job sees it ended from here on.
            drop(self);
        });
    }

    async fn drive(&mut self) -> Ended {
        fail_point::reach("plan.begin");
        loop {
            match self.live.next().await {
                Progress::Text(text) => {
                    fail_point::reach("plan.text");
                    self.revision.pen.write(text);
                }
                Progress::Retrying(_) => self.revision.retried(self.live.attempts().to_vec()).await,
                Progress::Ended(ended) => return ended,
            }
        }
    }
}

impl LiveRevision {
    async fn retried(&self, attempts: Vec<crate::run::Attempt>) {
        let written = async {
            let tx = self.plans.store.begin().await?;
            job::record_attempts(&tx, self.job.id, &attempts).await?;
            let job = job::get(&tx, &Access::All, self.job.id).await?;
            tx.commit().await?;
            Ok(job)
        };
        let written: Result<job::Model> = written.await;
        match written {
            Ok(job) => self.plans.jobs.publish(job),
            // The attempts are recorded again with the end.
            Err(error) => {
                tracing::warn!(%error, job = %self.job.id, "a failed attempt could not be recorded yet")
            }
        }
    }

    /// Commits the end. As long as the database refuses, the text stays here.
    async fn finish(&self, mut ended: Ended) {
        if let (Some(provider), Some(model)) = (&self.job.provider_id, &self.job.model) {
            ended.usage.cost_nano_usd = self.plans.providers.cost(provider, model, &ended.usage);
        }
        let text = self.pen.text();
        let parsed = banto_plan::parse(&text);
        if ended.state == RunState::Completed && !parsed.is_complete {
            ended.state = RunState::Failed;
            ended.failure = Some(no_plan(&text));
        }
        let shape = self.plans.shape(&self.revision, &text, &parsed).await;
        let (mut pause, longest) = COMMIT_PAUSE;
        loop {
            match self.commit(&ended, &text, &parsed, shape).await {
                Ok(Some(end)) => {
                    tracing::info!(revision = %self.revision.id, state = ?ended.state, "a revision was written");
                    return self.plans.tell_of_end(end);
                }
                Ok(None) => {
                    tracing::warn!(revision = %self.revision.id, "another server has ended the revision");
                    return self.pen.abandon();
                }
                Err(error) => {
                    tracing::warn!(%error, revision = %self.revision.id, "the end of a revision could not be committed yet");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(longest);
                }
            }
        }
    }

    async fn commit(&self, ended: &Ended, text: &str, parsed: &Parsed, shape: Shape) -> Result<Option<End>> {
        let tx = self.plans.store.begin().await?;
        let owner = Some(self.plans.jobs.server());
        let end = end_revision(&tx, self.revision.clone(), owner, ended, text, parsed, shape).await?;
        if end.is_some() {
            fail_point::reach("plan.ending");
            tx.commit().await?;
            fail_point::reach("plan.ended");
        }
        Ok(end)
    }
}

/// Why an answer that came whole is no plan.
fn no_plan(text: &str) -> Failure {
    let what = if text.trim().is_empty() {
        "the model wrote nothing"
    } else {
        "what the model wrote is no whole plan; it is kept, and can be mended by hand or by the model"
    };
    Failure::new(FailureKind::Answer, true, what)
}

/// Ends a revision in a transaction: its job, its text, its plan, the comments that
/// it answers, the events. `None`: it had ended already; nothing was changed.
pub(super) async fn end_revision(
    tx: &Tx,
    mut revision: plan_revision::Model,
    owner: Option<ServerId>,
    ended: &Ended,
    text: &str,
    parsed: &Parsed,
    shape: Shape,
) -> Result<Option<End>> {
    let mut plan = plan::lock(tx, &Access::All, revision.plan_id).await?;
    let Some(job_id) = revision.job_id else { return Ok(None) };
    let Some(job) = job::finish(tx, job_id, owner, ended).await? else { return Ok(None) };
    revision.state = ended.state;
    revision.failure.clone_from(&ended.failure);
    revision.content_hash = plan_revision::hash(text);
    revision.size_bytes = i64::try_from(text.len()).unwrap_or(i64::MAX);
    revision.shape = shape;
    revision.usage = Some(ended.usage);
    revision.ended_at = Some(crate::clock::now());
    plan_revision::finish(tx, &revision, text).await?;
    if plan.active_revision_id == Some(revision.id) {
        plan.active_revision_id = None;
        plan.active_job_id = None;
        plan.state = ended.state;
        plan.failure.clone_from(&ended.failure);
    }
    plan.usage = Some(plan.usage.unwrap_or_default().plus(ended.usage));
    // What a person has saved meanwhile stays the newest; and of what is not whole
    // only a beginning takes a place that nothing has.
    let follows = plan.head_revision_id == revision.parent_id;
    let is_whole = ended.state == RunState::Completed;
    let takes_place = follows && (is_whole || plan.head_revision_id.is_none() && !text.is_empty());
    if takes_place {
        take_place(&mut plan, &revision);
    }
    let mut events = Vec::new();
    // A comment is answered by the text that people read, not by one beside it.
    if is_whole && takes_place {
        for (place, id) in revision.asked.0.iter().enumerate() {
            let mut comment = plan_comment::get(tx, &Access::All, *id).await?;
            if comment.state == State::Resolved {
                continue;
            }
            let label = label(place);
            let answer = parsed.plan.answers.iter().find(|answer| answer.comment == label);
            comment.state = match answer {
                Some(answer) if answer.addressed => State::Addressed,
                _ => State::NotAddressed,
            };
            comment.answer = answer.map(|answer| cut(&answer.text)).unwrap_or_default();
            comment.answered_in = Some(revision.id);
            plan_comment::save(tx, &mut comment).await?;
            events.push(plan_event::append(tx, &mut plan, Body::CommentChanged(comment)).await?);
        }
    }
    let detail = json!({
        "revision": revision.id, "content_hash": revision.content_hash, "state": revision.state, "job": job.id,
    });
    audit::append(tx, &revision.by, "plan.write", &plan.id.to_string(), detail).await?;
    events.push(plan_event::append(tx, &mut plan, Body::RevisionEnded(revision, text.to_owned())).await?);
    let mut task = task::lock(tx, &Access::All, plan.task_id).await?;
    task.usage = task.usage.plus(ended.usage);
    let task = task::save(tx, task).await?;
    Ok(Some(End { events, job, task }))
}

/// Makes a revision the newest of its plan.
pub(super) fn take_place(plan: &mut plan::Model, revision: &plan_revision::Model) {
    plan.head_revision_id = Some(revision.id);
    plan.version = revision.number;
    plan.shape = revision.shape;
}

/// How a model is shown the comment at a place.
pub(super) fn label(place: usize) -> String {
    format!("C{}", place + 1)
}

/// Most characters of an answer.
const MAX_ANSWER: usize = 2_000;

fn cut(answer: &str) -> String {
    answer.chars().take(MAX_ANSWER).collect()
}
