//! Plans. Whoever changes one locks its row first, so that its log is contiguous
//! and its revisions have one order.

use super::{Access, Tx, cut};
use crate::{
    error::{Error, Noun, Result},
    id::{Epoch, JobId, PlanId, RevisionId, TaskId, WorkspaceId},
    run::{Failure, RunState, Usage},
};
use sea_orm::{
    DeriveActiveEnum, FromJsonQueryResult, IntoActiveModel, QueryOrder, QuerySelect, entity::prelude::*,
};
use serde::{Deserialize, Serialize};

/// A plan.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "plans")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PlanId,
    /// Whose it is.
    pub workspace_id: WorkspaceId,
    /// The task.
    pub task_id: TaskId,
    /// Title.
    pub title: String,
    /// How it came to be.
    pub origin: Origin,
    /// Why it is a brief where nobody asked for one.
    pub origin_reason: String,
    /// Where the newest writing by a model or the finder stands.
    pub state: RunState,
    /// Why that failed.
    pub failure: Option<Failure>,
    /// Provider of the first revision; `None`: no model.
    pub provider_id: Option<String>,
    /// Model of the first revision; `None`: no model.
    pub model: Option<String>,
    /// What to mind, as it was asked.
    #[sea_orm(column_type = "Text")]
    pub instructions: String,
    /// What it was made on.
    pub bases: Bases,
    /// The plans that it was merged from.
    pub merged_from: Sources,
    /// What was sent of the task's files.
    pub material: Material,
    /// The revision that is being written.
    pub active_revision_id: Option<RevisionId>,
    /// The job that writes it.
    pub active_job_id: Option<JobId>,
    /// The newest revision that took its place.
    pub head_revision_id: Option<RevisionId>,
    /// Its number; 0: none.
    pub version: i64,
    /// The number that was given last.
    pub last_number: i64,
    /// What the newest revision has.
    pub shape: Shape,
    /// What people said, oldest first.
    pub decisions: Decisions,
    /// Comments that are not resolved.
    pub open_comments: i32,
    /// Sum over its model calls; `None`: there was none.
    pub usage: Option<Usage>,
    /// The client's id of the request that began it.
    pub request_id: Option<String>,
    /// Rises with each change.
    pub change: i64,
    /// Names the log.
    pub epoch: Epoch,
    /// Sequence of the newest event.
    pub head_sequence: i64,
    /// When it was archived.
    pub archived_at: Option<DateTimeUtc>,
    /// When it was accepted.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

/// How a plan came to be. See `banto.v1.PlanOrigin`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
pub enum Origin {
    /// A model wrote it.
    Model,
    /// It was filled from the finder's evidence.
    Brief,
    /// A model merged plans.
    Merge,
}

/// Commits that a plan was made on, by root.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Bases(pub Vec<Base>);

/// A commit that a plan was made on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Base {
    /// Name of the root; empty: the first.
    pub root: String,
    /// The commit; empty: none.
    pub commit: String,
    /// Whether files of the task had changes that were not committed.
    pub dirty: bool,
}

/// The plans that a plan was merged from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Sources(pub Vec<Source>);

/// A plan that another one was merged from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// How the merged text names it.
    pub label: String,
    /// The plan.
    pub plan_id: PlanId,
    /// The revision.
    pub revision_id: RevisionId,
    /// Its title then.
    pub title: String,
}

/// What was sent of a task's files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Material(pub Vec<FileShare>);

/// How much of a file was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileShare {
    /// Path within the workspace.
    pub path: String,
    /// How much.
    pub share: Share,
    /// Tokens that were sent, estimated.
    pub tokens: u64,
    /// Tokens of the whole, estimated.
    pub whole_tokens: u64,
    /// Why not all; empty: all.
    pub why: String,
    /// Which lines, first and last; empty: all, or none.
    pub lines: Vec<(u32, u32)>,
}

/// How much of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Share {
    /// All of it.
    Whole,
    /// The parts that matter most.
    Parts,
    /// Its path.
    Path,
    /// Nothing.
    Nothing,
}

/// What a text has, and what the check said of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Shape {
    /// Steps.
    pub steps: u32,
    /// Operations.
    pub operations: u32,
    /// Errors.
    pub errors: u32,
    /// Warnings.
    pub warnings: u32,
}

/// What people said, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Decisions(pub Vec<Decision>);

/// What somebody said of exactly one text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Approved or rejected.
    pub approved: bool,
    /// The revision.
    pub revision_id: RevisionId,
    /// SHA-256 of its text.
    pub content_hash: String,
    /// Name of the token.
    pub by: String,
    /// What was said.
    pub note: String,
    /// Errors that were accepted.
    pub accepted_errors: u32,
    /// When.
    pub at: DateTimeUtc,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The latest decision, if it speaks of the newest revision.
    #[must_use]
    pub fn review(&self) -> Option<&Decision> {
        self.decisions.0.last().filter(|decision| Some(decision.revision_id) == self.head_revision_id)
    }
}

/// What to list.
#[derive(Clone, Copy, Debug, Default)]
pub struct Page {
    /// Only of this workspace.
    pub workspace: Option<WorkspaceId>,
    /// Only of this task.
    pub task: Option<TaskId>,
    /// Only archived ones, or only others; `None`: both.
    pub archived: Option<bool>,
    /// At most so many.
    pub limit: u64,
    /// Older than this one.
    pub before: Option<PlanId>,
}

/// A page of plans, the newest first, and whether there are more.
///
/// # Errors
/// Storage errors.
pub async fn list(db: &impl ConnectionTrait, access: &Access, page: &Page) -> Result<(Vec<Model>, bool)> {
    let mut query = Entity::find().filter(access.condition(Column::WorkspaceId));
    if let Some(workspace) = page.workspace {
        query = query.filter(Column::WorkspaceId.eq(workspace));
    }
    if let Some(task) = page.task {
        query = query.filter(Column::TaskId.eq(task));
    }
    match page.archived {
        Some(true) => query = query.filter(Column::ArchivedAt.is_not_null()),
        Some(false) => query = query.filter(Column::ArchivedAt.is_null()),
        None => {}
    }
    if let Some(before) = page.before {
        query = query.filter(Column::Id.lt(before));
    }
    let rows = query.order_by_desc(Column::Id).limit(page.limit + 1).all(db).await?;
    Ok(cut(rows, page.limit))
}

/// One plan.
///
/// # Errors
/// `NotFound`.
pub async fn get(db: &impl ConnectionTrait, access: &Access, id: PlanId) -> Result<Model> {
    Entity::find_by_id(id)
        .filter(access.condition(Column::WorkspaceId))
        .one(db)
        .await?
        .ok_or(Error::NotFound(Noun::Plan))
}

/// Reads a plan for a change and keeps others from changing it until the
/// transaction ends.
///
/// # Errors
/// `NotFound`.
pub async fn lock(tx: &Tx, access: &Access, id: PlanId) -> Result<Model> {
    Entity::find_by_id(id)
        .filter(access.condition(Column::WorkspaceId))
        .lock_exclusive()
        .one(tx)
        .await?
        .ok_or(Error::NotFound(Noun::Plan))
}

/// The plan that a request began.
///
/// # Errors
/// Storage errors.
pub async fn by_request(db: &impl ConnectionTrait, task: TaskId, request_id: &str) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::TaskId.eq(task))
        .filter(Column::RequestId.eq(request_id))
        .one(db)
        .await?)
}

/// How many plans a task has.
///
/// # Errors
/// Storage errors.
pub async fn count_of(db: &impl ConnectionTrait, task: TaskId) -> Result<u64> {
    Ok(Entity::find().filter(Column::TaskId.eq(task)).count(db).await?)
}

/// Stores a new plan.
///
/// # Errors
/// Storage errors.
pub async fn insert(tx: &Tx, plan: &Model) -> Result<()> {
    Entity::insert(plan.clone().into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes a locked plan back.
///
/// # Errors
/// Storage errors.
pub async fn save(tx: &Tx, plan: &mut Model) -> Result<()> {
    plan.change += 1;
    plan.updated_at = crate::clock::now();
    Entity::update(plan.clone().into_active_model().reset_all()).exec(tx).await?;
    Ok(())
}
