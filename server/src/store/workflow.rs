//! Workflows. Whoever changes one locks its row first, so that its log is
//! contiguous, and only the server that runs it writes.

use super::{Access, Tx, cut, workflow_stage};
use crate::{
    error::{Error, Noun, Result},
    id::{Epoch, ServerId, TaskId, WorkflowId, WorkspaceId},
    run::{Failure, RunState},
};
use sea_orm::{
    DeriveActiveEnum, IntoActiveModel, QueryOrder, QuerySelect, entity::prelude::*, sea_query::Query,
};
use serde::{Deserialize, Serialize};

/// A run of the file finder.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "workflows")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WorkflowId,
    /// Whose it is.
    pub workspace_id: WorkspaceId,
    /// The task.
    pub task_id: TaskId,
    /// Version of the description that it works for.
    pub description_version: i64,
    /// Where it stands.
    pub state: RunState,
    /// Who judges.
    pub mode: Mode,
    /// Why, where nobody asked for it.
    pub mode_reason: String,
    /// Provider; `None`: no model is called.
    pub provider_id: Option<String>,
    /// Model; `None`: no model is called.
    pub model: Option<String>,
    /// Most files to call relevant.
    pub max_relevant: i32,
    /// Most neighbours to add.
    pub max_extended: i32,
    /// Files that it added to the task.
    pub added_count: i32,
    /// What to do, where it found nothing.
    #[sea_orm(column_type = "Text")]
    pub message: String,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// The workflow that this one goes on from.
    pub retry_of: Option<WorkflowId>,
    /// The client's id of the request that started it.
    pub request_id: Option<String>,
    /// Names the log.
    pub epoch: Epoch,
    /// Sequence of the newest event.
    pub head_sequence: i64,
    /// The server that runs it.
    pub server_id: Option<ServerId>,
    /// A caller asked to cancel it.
    pub cancel_requested: bool,
    /// When it was accepted.
    pub created_at: DateTimeUtc,
    /// When it ended.
    pub ended_at: Option<DateTimeUtc>,
}

/// Who judges. See `banto.v1.FinderMode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
pub enum Mode {
    /// The local engine alone.
    Engine,
    /// The engine finds, a model judges.
    Assisted,
    /// A model decides each stage.
    Model,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What to list.
#[derive(Clone, Copy, Debug, Default)]
pub struct Page {
    /// Only of this workspace.
    pub workspace: Option<WorkspaceId>,
    /// Only of this task.
    pub task: Option<TaskId>,
    /// At most so many.
    pub limit: u64,
    /// Older than this one.
    pub before: Option<WorkflowId>,
}

/// A page of workflows, the newest first, and whether there are more.
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
    if let Some(before) = page.before {
        query = query.filter(Column::Id.lt(before));
    }
    let rows = query.order_by_desc(Column::Id).limit(page.limit + 1).all(db).await?;
    Ok(cut(rows, page.limit))
}

/// One workflow.
///
/// # Errors
/// `NotFound`.
pub async fn get(db: &impl ConnectionTrait, access: &Access, id: WorkflowId) -> Result<Model> {
    Entity::find_by_id(id)
        .filter(access.condition(Column::WorkspaceId))
        .one(db)
        .await?
        .ok_or(Error::NotFound(Noun::Workflow))
}

/// Reads a workflow for a change and keeps others from changing it until the
/// transaction ends.
///
/// # Errors
/// `NotFound`.
pub async fn lock(tx: &Tx, access: &Access, id: WorkflowId) -> Result<Model> {
    Entity::find_by_id(id)
        .filter(access.condition(Column::WorkspaceId))
        .lock_exclusive()
        .one(tx)
        .await?
        .ok_or(Error::NotFound(Noun::Workflow))
}

/// The workflow that a request started.
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

/// Running workflows whose server is gone.
///
/// # Errors
/// Storage errors.
pub async fn orphans(db: &impl ConnectionTrait) -> Result<Vec<Model>> {
    let alive = Query::select().column(super::server::Column::Id).from(super::server::Entity).to_owned();
    Ok(Entity::find()
        .filter(Column::State.eq(RunState::Running))
        .filter(Column::ServerId.not_in_subquery(alive))
        .order_by_asc(Column::Id)
        .all(db)
        .await?)
}

/// Whether anything runs in a workspace.
///
/// # Errors
/// Storage errors.
pub async fn runs_in(db: &impl ConnectionTrait, workspace: WorkspaceId) -> Result<bool> {
    let running = Entity::find()
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(Column::State.eq(RunState::Running))
        .count(db)
        .await?;
    Ok(running > 0)
}

/// Stores a new workflow with its stages.
///
/// # Errors
/// Storage errors.
pub async fn insert(tx: &Tx, workflow: &Model, stages: &[workflow_stage::Model]) -> Result<()> {
    Entity::insert(workflow.clone().into_active_model()).exec_without_returning(tx).await?;
    let rows = stages.iter().cloned().map(IntoActiveModel::into_active_model);
    workflow_stage::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes a locked workflow back.
///
/// # Errors
/// Storage errors.
pub async fn save(tx: &Tx, workflow: &Model) -> Result<()> {
    Entity::update(workflow.clone().into_active_model().reset_all()).exec(tx).await?;
    Ok(())
}
