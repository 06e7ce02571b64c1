//! The one task that owns a running workflow: four stages, one after the other.

use super::{Live, Workflows, commit::Step, extension, ground::Ground, patterns, relevance, roots};
use crate::{
    error::Error,
    fail_point,
    id::JobId,
    registry::ChosenModel,
    run::{Failure, FailureKind, RunState},
    store::{
        preferences, task, task_file,
        task_file::Source,
        task_version,
        workflow::{self, Mode},
        workflow_stage::{
            self, Artifact, FilteredFiles, RelevantFiles, SelectedRoots, StageKind, VerifiedPaths,
        },
    },
};
use futures::FutureExt as _;
use std::{
    collections::HashMap,
    panic::AssertUnwindSafe,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::OwnedSemaphorePermit;

/// How often a stage is begun at most.
pub(super) const MOST_ATTEMPTS: i32 = 3;
/// Pause before a stage is begun again.
const PAUSE: Duration = Duration::from_millis(250);

/// A running workflow.
pub(super) struct Run {
    pub workflows: Workflows,
    pub row: workflow::Model,
    pub task: task::Model,
    pub model: Option<ChosenModel>,
    live: Live,
    /// Jobs that were started and may still run.
    jobs: Mutex<Vec<JobId>>,
}

/// Why a workflow ends without its result.
enum End {
    Cancelled,
    Failed(Failure),
    /// Nothing is written: the next start, or another server, goes on.
    Left,
}

impl Run {
    pub fn new(
        workflows: Workflows,
        row: workflow::Model,
        task: task::Model,
        model: Option<ChosenModel>,
        live: Live,
    ) -> Self {
        Self { workflows, row, task, model, live, jobs: Mutex::default() }
    }

    pub fn spawn(self, permit: OwnedSemaphorePermit) {
        tokio::spawn(async move {
            let done = AssertUnwindSafe(self.drive()).catch_unwind().await;
            if done.is_err() {
                tracing::error!(workflow = %self.row.id, "the owner of a workflow panicked");
                let failure =
                    Failure::new(FailureKind::Internal, true, "an internal fault ended the workflow");
                if let Some(kind) = self.running_stage().await {
                    self.commit(Step::End(kind, RunState::Failed, Some(failure))).await;
                }
            }
            self.workflows.live().remove(&self.row.id);
            self.live.ended.cancel();
            drop(permit);
        });
    }

    /// Who judges.
    pub fn mode(&self) -> Mode {
        self.row.mode
    }

    /// Ends it at once, where it cannot even begin.
    pub fn give_up(self, kind: StageKind, failure: Failure, permit: OwnedSemaphorePermit) {
        tokio::spawn(async move {
            let state = failure.kind.run_state();
            self.commit(Step::End(kind, state, Some(failure))).await;
            self.workflows.live().remove(&self.row.id);
            self.live.ended.cancel();
            drop(permit);
        });
    }

    /// Asks for the end of all of it.
    pub fn cancel(&self) {
        self.live.cancel.cancel();
    }

    /// Remembers a job that must not outlive its stage.
    pub fn started_job(&self, id: JobId) {
        self.jobs().push(id);
    }

    /// Tells watchers how far a stage is.
    pub fn progress(&self, kind: StageKind, done: usize, total: usize) {
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        self.workflows.logs.progress(self.row.id, kind, number(done), number(total));
    }

    async fn drive(&self) {
        let state = match self.find().await {
            Ok(()) => RunState::Completed,
            Err((kind, End::Cancelled)) => {
                self.commit(Step::End(kind, RunState::Cancelled, None)).await;
                RunState::Cancelled
            }
            Err((kind, End::Failed(failure))) => {
                let state = failure.kind.run_state();
                self.commit(Step::End(kind, state, Some(failure))).await;
                state
            }
            Err((_, End::Left)) => RunState::Interrupted,
        };
        tracing::info!(workflow = %self.row.id, ?state, "a workflow ended here");
    }

    async fn find(&self) -> Result<(), (StageKind, End)> {
        let mut done = self.artifacts().await;
        let ground = self.ground().await.map_err(|end| (StageKind::RootFolderSelection, end));
        let ground = match ground {
            Ok(ground) => ground,
            Err((first, end)) => return Err((self.running_stage().await.unwrap_or(first), end)),
        };
        let roots: SelectedRoots = match done.remove(&StageKind::RootFolderSelection.position()) {
            Some(Artifact::SelectedRoots(roots)) => roots,
            _ => {
                let kind = StageKind::RootFolderSelection;
                let roots = self.stage(kind, &ground, || roots::select(self, &ground)).await?;
                self.next(kind, Artifact::SelectedRoots(roots.clone())).await?;
                roots
            }
        };
        let filtered: FilteredFiles = match done.remove(&StageKind::RegexFileFilter.position()) {
            Some(Artifact::FilteredFiles(filtered)) => filtered,
            _ => {
                let kind = StageKind::RegexFileFilter;
                let filtered = self.stage(kind, &ground, || patterns::filter(self, &ground, &roots)).await?;
                self.next(kind, Artifact::FilteredFiles(filtered.clone())).await?;
                filtered
            }
        };
        let relevant: RelevantFiles = match done.remove(&StageKind::FileRelevanceAssessment.position()) {
            Some(Artifact::RelevantFiles(relevant)) => relevant,
            _ => {
                let kind = StageKind::FileRelevanceAssessment;
                let relevant =
                    self.stage(kind, &ground, || relevance::assess(self, &ground, &filtered)).await?;
                self.next(kind, Artifact::RelevantFiles(relevant.clone())).await?;
                relevant
            }
        };
        let kind = StageKind::ExtendedPathFinder;
        let extended = self.stage(kind, &ground, || extension::extend(self, &ground, &relevant)).await?;
        let files = self.files(&ground, &relevant, &extended).await;
        let message = if files.is_empty() { NOTHING.to_owned() } else { String::new() };
        fail_point::reach("workflow.completing");
        let step = Step::Complete { artifact: Artifact::VerifiedPaths(extended), files, message };
        if self.commit(step).await { Ok(()) } else { Err((kind, End::Left)) }
    }

    async fn next(&self, kind: StageKind, artifact: Artifact) -> Result<(), (StageKind, End)> {
        if self.commit(Step::Next(kind, artifact)).await { Ok(()) } else { Err((kind, End::Left)) }
    }

    /// Runs a stage to its result, begun anew where its failure may pass.
    async fn stage<T, F>(
        &self,
        kind: StageKind,
        ground: &Ground,
        work: impl Fn() -> F,
    ) -> Result<T, (StageKind, End)>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let stored = workflow_stage::get(self.workflows.store.read(), self.row.id, kind).await;
        let mut attempt = stored.map_or(1, |stage| stage.row.attempt);
        loop {
            fail_point::reach(begun(kind));
            let result = tokio::select! {
                biased;
                () = self.live.cancel.cancelled() => Err(End::Cancelled),
                () = self.workflows.draining.cancelled() => Err(End::Left),
                result = tokio::time::timeout(self.workflows.limits.stage, work()) => match result {
                    Ok(Ok(done)) => Ok(done),
                    Ok(Err(failure)) => Err(End::Failed(failure)),
                    Err(_) => Err(End::Failed(Failure::new(
                        FailureKind::StageTimeout,
                        true,
                        "the stage took longer than timeouts.stage_ms",
                    ))),
                },
            };
            ground.stop();
            if !matches!(result, Err(End::Left)) {
                self.stop_jobs().await;
            }
            fail_point::reach(over(kind));
            match result {
                Ok(done) => return Ok(done),
                Err(End::Failed(_)) if self.live.cancel.is_cancelled() => return Err((kind, End::Cancelled)),
                Err(End::Failed(failure)) if may_pass(&failure) && attempt < MOST_ATTEMPTS => {
                    attempt += 1;
                    if !self.commit(Step::Again(kind, failure)).await {
                        return Err((kind, End::Left));
                    }
                    tokio::time::sleep(PAUSE).await;
                }
                Err(end) => return Err((kind, end)),
            }
        }
    }

    /// Ends what a stage started and did not wait for; what it cost stays counted.
    async fn stop_jobs(&self) {
        let jobs = std::mem::take(&mut *self.jobs());
        futures::future::join_all(jobs.into_iter().map(|id| self.workflows.jobs.stop(id))).await;
    }

    fn jobs(&self) -> MutexGuard<'_, Vec<JobId>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn artifacts(&self) -> HashMap<i32, Artifact> {
        self.workflows.artifacts(self.row.id).await.unwrap_or_default().into_iter().collect()
    }

    async fn running_stage(&self) -> Option<StageKind> {
        let stages = workflow_stage::of_workflow(self.workflows.store.read(), self.row.id).await.ok()?;
        stages.into_iter().find(|stage| stage.row.state == RunState::Running).map(|stage| stage.row.kind)
    }

    async fn ground(&self) -> Result<Ground, End> {
        let ground = async {
            let version = self.row.description_version;
            let history = task_version::History::Description;
            let text =
                task_version::get(self.workflows.store.read(), self.task.id, history, version).await?.body;
            Ground::new(&self.workflows.workspaces, self.row.workspace_id, text).await
        };
        ground.await.map_err(|error: Error| {
            End::Failed(Failure::new(FailureKind::Repository, false, error.to_string()))
        })
    }

    /// The files for the task: what is relevant and its neighbours.
    async fn files(
        &self,
        ground: &Ground,
        relevant: &RelevantFiles,
        extended: &VerifiedPaths,
    ) -> Vec<task_file::Model> {
        let relevant = relevant.files.iter().filter(|file| file.relevant);
        let relevant =
            relevant.map(|file| (&file.path, file.size_bytes, Source::Relevant, file.score, &file.reasons));
        let extended = extended
            .files
            .iter()
            .map(|file| (&file.path, file.size_bytes, Source::Extended, file.score, &file.reasons));
        let mut rows = Vec::new();
        for (path, size, source, score, reasons) in relevant.chain(extended) {
            rows.push(task_file::Model {
                source: Some(source),
                score: Some(score),
                reasons: task_file::Reasons(reasons.clone()),
                ..crate::task::file_row(self.task.id, ground.entry(path, size).await, Some(self.row.id))
            });
        }
        rows
    }

    /// The choices of the server's people, as they are now.
    pub async fn preferences(&self) -> Result<preferences::Preferences, Failure> {
        match preferences::get(self.workflows.store.read()).await {
            Ok(row) => Ok(row.body),
            Err(error) => Err(Failure::new(FailureKind::Storage, true, error.to_string())),
        }
    }

    /// What people decided to keep out, as it is now.
    pub async fn excluded(&self) -> Result<Vec<String>, Failure> {
        let db = self.workflows.store.read();
        let decisions = async {
            let task = task::get(db, &crate::store::Access::All, self.task.id).await?;
            task_version::decisions(db, task.id, task.files_version).await
        };
        let decisions =
            decisions.await.map_err(|error| Failure::new(FailureKind::Storage, true, error.to_string()))?;
        let excluded = decisions.into_iter().filter(|it| it.1 == task_version::Choice::Excluded);
        Ok(excluded.map(|(path, _)| path).collect())
    }
}

/// Whether another attempt may do better. One that took too long has had its time.
fn may_pass(failure: &Failure) -> bool {
    failure.retryable && failure.kind != FailureKind::StageTimeout
}

/// Said where nothing was found.
const NOTHING: &str = "No file was found. Name a file, a function or a message in the task, \
                       or choose files by hand.";

fn begun(kind: StageKind) -> &'static str {
    match kind {
        StageKind::RootFolderSelection => "stage1.begun",
        StageKind::RegexFileFilter => "stage2.begun",
        StageKind::FileRelevanceAssessment => "stage3.begun",
        StageKind::ExtendedPathFinder => "stage4.begun",
    }
}

fn over(kind: StageKind) -> &'static str {
    match kind {
        StageKind::RootFolderSelection => "stage1.over",
        StageKind::RegexFileFilter => "stage2.over",
        StageKind::FileRelevanceAssessment => "stage3.over",
        StageKind::ExtendedPathFinder => "stage4.over",
    }
}
