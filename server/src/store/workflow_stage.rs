//! The stages of workflows and what they left.

use super::{Tx, job, task_file::Reason};
use crate::{
    error::{Error, Noun, Result},
    id::{JobId, WorkflowId},
    run::{Failure, RunState, Usage},
};
use sea_orm::{
    ActiveValue::Set, DeriveActiveEnum, FromJsonQueryResult, IntoActiveModel, QueryOrder, entity::prelude::*,
    sea_query::OnConflict,
};
use serde::{Deserialize, Serialize};

/// A stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "workflow_stages")]
pub struct Model {
    /// Whose it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub workflow_id: WorkflowId,
    /// Its place, from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i32,
    /// Which it is.
    pub kind: StageKind,
    /// Where it stands.
    pub state: RunState,
    /// How often it was begun.
    pub attempt: i32,
    /// How many results it has.
    pub result_count: i32,
    /// Why the latest attempt failed.
    pub failure: Option<Failure>,
    /// Workflow whose artifact was taken over.
    pub reused_from: Option<WorkflowId>,
    /// When it began.
    pub started_at: Option<DateTimeUtc>,
    /// When it ended.
    pub ended_at: Option<DateTimeUtc>,
}

/// Which stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(32))", rename_all = "snake_case")]
pub enum StageKind {
    /// Which folders are looked at.
    RootFolderSelection,
    /// Which files there match patterns.
    RegexFileFilter,
    /// How relevant each is.
    FileRelevanceAssessment,
    /// Which neighbours belong to them.
    ExtendedPathFinder,
}

impl StageKind {
    /// All, in order.
    pub const ALL: [Self; 4] = [
        Self::RootFolderSelection,
        Self::RegexFileFilter,
        Self::FileRelevanceAssessment,
        Self::ExtendedPathFinder,
    ];

    /// Its place.
    #[must_use]
    pub fn position(self) -> i32 {
        match self {
            Self::RootFolderSelection => 0,
            Self::RegexFileFilter => 1,
            Self::FileRelevanceAssessment => 2,
            Self::ExtendedPathFinder => 3,
        }
    }

    /// What its model calls are.
    #[must_use]
    pub fn job_type(self) -> job::JobType {
        match self {
            Self::RootFolderSelection => job::JobType::RootFolderSelection,
            Self::RegexFileFilter => job::JobType::RegexFileFilter,
            Self::FileRelevanceAssessment => job::JobType::FileRelevanceAssessment,
            Self::ExtendedPathFinder => job::JobType::ExtendedPathFinder,
        }
    }
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What a stage left. See `banto.v1.StageArtifact`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(rename_all = "snake_case")]
pub enum Artifact {
    /// Of the first.
    SelectedRoots(SelectedRoots),
    /// Of the second.
    FilteredFiles(FilteredFiles),
    /// Of the third.
    RelevantFiles(RelevantFiles),
    /// Of the fourth.
    VerifiedPaths(VerifiedPaths),
}

/// Something put aside, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    /// A path, a folder or a pattern.
    pub what: String,
    /// One sentence.
    pub why: String,
}

/// The folders that are looked at.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SelectedRoots {
    /// The one with most evidence first.
    pub roots: Vec<SelectedRoot>,
    /// Proposed and not there.
    pub dropped: Vec<Dropped>,
    /// Nothing was left, so all is looked at.
    pub fell_back: bool,
}

/// A folder that is looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SelectedRoot {
    /// Path within the workspace; `.` is all of it.
    pub path: String,
    /// Share of the evidence, 0 to 1.
    pub share: f64,
    /// Files below it.
    pub file_count: u32,
}

/// The files that match.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FilteredFiles {
    /// What they were matched with.
    pub groups: Vec<PatternGroup>,
    /// Patterns that could not be used.
    pub dropped: Vec<Dropped>,
    /// All that matched, ordered by path.
    pub files: Vec<MatchedFile>,
    /// Files that were looked at.
    pub searched: u64,
}

/// Patterns that a file must match, all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatternGroup {
    /// What it is after.
    #[serde(default)]
    pub title: String,
    /// For the path.
    #[serde(default)]
    pub path: String,
    /// For the content.
    #[serde(default)]
    pub content: String,
    /// What the path must not match.
    #[serde(default)]
    pub negative_path: String,
    /// Files that matched.
    #[serde(default)]
    pub match_count: u32,
}

/// A file that matched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchedFile {
    /// Path within the workspace.
    pub path: String,
    /// The places of the groups that it matched.
    pub groups: Vec<u32>,
}

/// How relevant the files are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RelevantFiles {
    /// Every candidate, the most relevant first.
    pub files: Vec<AssessedFile>,
    /// Named by a model and no candidates.
    pub dropped: Vec<Dropped>,
    /// Not looked at, because there were too many.
    pub not_assessed: u32,
}

/// A candidate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AssessedFile {
    /// Path within the workspace.
    pub path: String,
    /// What all say together, 0 to 1.
    pub score: f64,
    /// What the engine says.
    pub engine_score: Option<f64>,
    /// What the model says.
    pub model_score: Option<f64>,
    /// Whether it counts.
    pub relevant: bool,
    /// Why.
    pub reasons: Vec<Reason>,
    /// Size in bytes.
    pub size_bytes: u64,
}

/// The neighbours.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct VerifiedPaths {
    /// The nearest first.
    pub files: Vec<ExtendedFile>,
    /// Proposed and not there.
    pub dropped: Vec<Dropped>,
}

/// A neighbour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExtendedFile {
    /// Path within the workspace.
    pub path: String,
    /// How near, 0 to 1.
    pub score: f64,
    /// Its edges, or a model's reason.
    pub reasons: Vec<Reason>,
    /// Size in bytes.
    pub size_bytes: u64,
}

impl Artifact {
    /// How many results there are.
    #[must_use]
    pub fn count(&self) -> usize {
        match self {
            Self::SelectedRoots(it) => it.roots.len(),
            Self::FilteredFiles(it) => it.files.len(),
            Self::RelevantFiles(it) => it.files.iter().filter(|file| file.relevant).count(),
            Self::VerifiedPaths(it) => it.files.len(),
        }
    }
}

/// Artifacts lie apart from stages, which are read often.
mod artifact {
    use super::Artifact;
    use crate::id::WorkflowId;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "workflow_artifacts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub workflow_id: WorkflowId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i32,
        pub body: Artifact,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A stage with what its model calls used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// The stage.
    pub row: Model,
    /// Sum over its calls; `None`: there were none.
    pub usage: Option<Usage>,
    /// Its calls, the oldest first.
    pub jobs: Vec<JobId>,
}

/// The stages of a workflow, in order.
///
/// # Errors
/// Storage errors.
pub async fn of_workflow(db: &impl ConnectionTrait, workflow: WorkflowId) -> Result<Vec<Stage>> {
    let jobs = job::of_workflow(db, workflow).await?;
    let rows =
        Entity::find().filter(Column::WorkflowId.eq(workflow)).order_by_asc(Column::Position).all(db).await?;
    Ok(rows.into_iter().map(|row| with_jobs(row, &jobs)).collect())
}

fn with_jobs(row: Model, jobs: &[job::Model]) -> Stage {
    let mut stage = Stage { row, usage: None, jobs: Vec::new() };
    for job in jobs.iter().filter(|job| job.job_type == stage.row.kind.job_type()) {
        stage.jobs.push(job.id);
        let used = job.usage.unwrap_or_default();
        stage.usage = Some(stage.usage.map_or(used, |before| before.plus(used)));
    }
    stage
}

/// One stage.
///
/// # Errors
/// `NotFound`.
pub async fn get(db: &impl ConnectionTrait, workflow: WorkflowId, kind: StageKind) -> Result<Stage> {
    let row = Entity::find_by_id((workflow, kind.position())).one(db).await?;
    let jobs = job::of_workflow(db, workflow).await?;
    Ok(with_jobs(row.ok_or(Error::NotFound(Noun::Workflow))?, &jobs))
}

/// Writes a stage back.
///
/// # Errors
/// Storage errors.
pub async fn save(tx: &Tx, stage: &Model) -> Result<()> {
    Entity::update(stage.clone().into_active_model().reset_all()).exec(tx).await?;
    Ok(())
}

/// What the stages of a workflow left, by their places.
///
/// # Errors
/// Storage errors.
pub async fn artifacts(db: &impl ConnectionTrait, workflow: WorkflowId) -> Result<Vec<(i32, Artifact)>> {
    let rows = artifact::Entity::find()
        .filter(artifact::Column::WorkflowId.eq(workflow))
        .order_by_asc(artifact::Column::Position)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.position, row.body)).collect())
}

/// Keeps what a stage left.
///
/// # Errors
/// Storage errors.
pub async fn put_artifact(tx: &Tx, workflow: WorkflowId, kind: StageKind, body: Artifact) -> Result<()> {
    let row =
        artifact::ActiveModel { workflow_id: Set(workflow), position: Set(kind.position()), body: Set(body) };
    artifact::Entity::insert(row)
        .on_conflict(
            OnConflict::columns([artifact::Column::WorkflowId, artifact::Column::Position])
                .update_column(artifact::Column::Body)
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}
