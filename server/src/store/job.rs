//! Jobs: the one lifecycle of every model call and every stage.

use super::{Access, Tx, cut};
use crate::{
    error::{Error, Noun, Result},
    id::{ConversationId, JobId, PlanId, ServerId, TaskId, TurnId, WorkflowId, WorkspaceId},
    run::{Attempt, Failure, PromptRef, RunState, Usage},
};
use sea_orm::{
    DeriveActiveEnum, FromJsonQueryResult, IntoActiveModel, QueryOrder, QuerySelect,
    entity::prelude::*,
    sea_query::{ExprTrait as _, Query},
};
use serde::{Deserialize, Serialize};

/// A job.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "jobs")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: JobId,
    /// Whose it is.
    pub workspace_id: WorkspaceId,
    /// What it does.
    pub job_type: JobType,
    /// Where it stands.
    pub state: RunState,
    /// Conversation that it works for.
    pub conversation_id: Option<ConversationId>,
    /// Turn that it works for.
    pub turn_id: Option<TurnId>,
    /// Task that it works for.
    pub task_id: Option<TaskId>,
    /// Workflow that it works for.
    pub workflow_id: Option<WorkflowId>,
    /// Plan that it works for.
    pub plan_id: Option<PlanId>,
    /// Id that the client chose, where a client asked for the job itself.
    pub request_id: Option<String>,
    /// Provider; `None`: no model is called.
    pub provider_id: Option<String>,
    /// Model; `None`: no model is called.
    pub model: Option<String>,
    /// Prompt resources that its request was rendered from.
    pub prompts: PromptRefs,
    /// Requests that were made.
    pub attempts: Attempts,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// Tokens and cost.
    pub usage: Option<Usage>,
    /// The cost again, where it can be summed.
    pub cost_nano_usd: Option<i64>,
    /// The server that runs it.
    pub server_id: Option<ServerId>,
    /// A caller on another server asked to cancel it.
    pub cancel_requested: bool,
    /// Its exact prompt was removed by the retention time.
    pub prompt_expired: bool,
    /// Rises with each change.
    pub version: i64,
    /// When it was accepted.
    pub created_at: DateTimeUtc,
    /// When it began to run.
    pub started_at: Option<DateTimeUtc>,
    /// When it ended.
    pub ended_at: Option<DateTimeUtc>,
}

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(48))", rename_all = "snake_case")]
pub enum JobType {
    /// Answers a message.
    CompanionTurn,
    /// Improves a text of a task.
    TextImprovement,
    /// Asks which folders to look at.
    RootFolderSelection,
    /// Asks for patterns.
    RegexFileFilter,
    /// Asks how relevant files are.
    FileRelevanceAssessment,
    /// Asks which files are missing.
    ExtendedPathFinder,
    /// Writes a plan, or its next revision.
    ImplementationPlan,
    /// Merges plans.
    ImplementationPlanMerge,
}

/// Prompt resources.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct PromptRefs(pub Vec<PromptRef>);

/// Requests to a provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Attempts(pub Vec<Attempt>);

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// How a job ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// A terminal state.
    pub state: RunState,
    /// Why, where it failed.
    pub failure: Option<Failure>,
    /// What it used.
    pub usage: Usage,
    /// All requests that were made.
    pub attempts: Vec<Attempt>,
}

impl Ended {
    /// The end of a job whose server is gone.
    #[must_use]
    pub fn interrupted(job: &Model) -> Self {
        Self {
            state: RunState::Interrupted,
            failure: None,
            usage: Usage::default(),
            attempts: job.attempts.0.clone(),
        }
    }
}

/// Stores a new job.
///
/// # Errors
/// Storage errors.
pub async fn insert(tx: &Tx, job: &Model) -> Result<()> {
    Entity::insert(job.clone().into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// One job.
///
/// # Errors
/// `NotFound`.
pub async fn get(db: &impl ConnectionTrait, access: &Access, id: JobId) -> Result<Model> {
    Entity::find_by_id(id)
        .filter(access.condition(Column::WorkspaceId))
        .one(db)
        .await?
        .ok_or(Error::NotFound(Noun::Job))
}

/// Several jobs, in any order.
///
/// # Errors
/// Storage errors.
pub async fn by_ids(db: &impl ConnectionTrait, ids: Vec<JobId>) -> Result<Vec<Model>> {
    Ok(Entity::find().filter(Column::Id.is_in(ids)).all(db).await?)
}

/// The jobs of a workflow, the oldest first.
///
/// # Errors
/// Storage errors.
pub async fn of_workflow(db: &impl ConnectionTrait, workflow: WorkflowId) -> Result<Vec<Model>> {
    Ok(Entity::find().filter(Column::WorkflowId.eq(workflow)).order_by_asc(Column::Id).all(db).await?)
}

/// The job that a client asked for.
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

/// What to list.
#[derive(Clone, Copy, Debug, Default)]
pub struct Page {
    /// Only of this workspace.
    pub workspace: Option<WorkspaceId>,
    /// Only in this state.
    pub state: Option<RunState>,
    /// Only of this type.
    pub job_type: Option<JobType>,
    /// Only of this conversation.
    pub conversation: Option<ConversationId>,
    /// Only of this task.
    pub task: Option<TaskId>,
    /// Only of this workflow.
    pub workflow: Option<WorkflowId>,
    /// Only of this plan.
    pub plan: Option<PlanId>,
    /// At most so many.
    pub limit: u64,
    /// Older than this one.
    pub before: Option<JobId>,
}

/// A page of jobs, the newest first, and whether there are more.
///
/// # Errors
/// Storage errors.
pub async fn list(db: &impl ConnectionTrait, access: &Access, page: &Page) -> Result<(Vec<Model>, bool)> {
    let mut query = Entity::find().filter(access.condition(Column::WorkspaceId));
    if let Some(workspace) = page.workspace {
        query = query.filter(Column::WorkspaceId.eq(workspace));
    }
    if let Some(state) = page.state {
        query = query.filter(Column::State.eq(state));
    }
    if let Some(job_type) = page.job_type {
        query = query.filter(Column::JobType.eq(job_type));
    }
    if let Some(conversation) = page.conversation {
        query = query.filter(Column::ConversationId.eq(conversation));
    }
    if let Some(task) = page.task {
        query = query.filter(Column::TaskId.eq(task));
    }
    if let Some(workflow) = page.workflow {
        query = query.filter(Column::WorkflowId.eq(workflow));
    }
    if let Some(plan) = page.plan {
        query = query.filter(Column::PlanId.eq(plan));
    }
    if let Some(before) = page.before {
        query = query.filter(Column::Id.lt(before));
    }
    let rows = query.order_by_desc(Column::Id).limit(page.limit + 1).all(db).await?;
    Ok(cut(rows, page.limit))
}

/// Ends a running job. `None`: it had ended already, or another server has taken
/// it over; then nothing was changed.
///
/// # Errors
/// Storage errors.
pub async fn finish(tx: &Tx, id: JobId, owner: Option<ServerId>, ended: &Ended) -> Result<Option<Model>> {
    let mut update = Entity::update_many()
        .col_expr(Column::State, Expr::value(ended.state))
        .col_expr(Column::Failure, Expr::value(ended.failure.clone()))
        .col_expr(Column::Usage, Expr::value(Some(ended.usage)))
        .col_expr(
            Column::CostNanoUsd,
            Expr::value(ended.usage.cost_nano_usd.and_then(|cost| i64::try_from(cost).ok())),
        )
        .col_expr(Column::Attempts, Expr::value(Attempts(ended.attempts.clone())))
        .col_expr(Column::EndedAt, Expr::value(Some(crate::clock::now())))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::Id.eq(id))
        .filter(Column::State.is_in([RunState::Queued, RunState::Running]));
    // The owner is the fence: one whose lease was over finds its job taken.
    if let Some(owner) = owner {
        update = update.filter(Column::ServerId.eq(owner));
    }
    if update.exec(tx).await?.rows_affected == 0 {
        return Ok(None);
    }
    Ok(Entity::find_by_id(id).one(tx).await?)
}

/// Records the requests that were made so far.
///
/// # Errors
/// Storage errors.
pub async fn record_attempts(tx: &Tx, id: JobId, attempts: &[Attempt]) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Attempts, Expr::value(Attempts(attempts.to_vec())))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Asks the server that runs a job to cancel it.
///
/// # Errors
/// Storage errors.
pub async fn request_cancel(tx: &Tx, id: JobId) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::CancelRequested, Expr::value(true))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Jobs of a server that others asked to cancel.
///
/// # Errors
/// Storage errors.
pub async fn to_cancel(db: &impl ConnectionTrait, owner: ServerId) -> Result<Vec<JobId>> {
    Ok(Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::ServerId.eq(owner))
        .filter(Column::State.eq(RunState::Running))
        .filter(Column::CancelRequested.eq(true))
        .into_tuple()
        .all(db)
        .await?)
}

/// Running jobs whose server is gone.
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

/// What was spent since a time, in billionths of a US dollar. Unknown costs count
/// as nothing.
///
/// # Errors
/// Storage errors.
pub async fn spent_since(db: &impl ConnectionTrait, since: DateTimeUtc) -> Result<u64> {
    // The sum of a PostgreSQL bigint is numeric; a cast serves both databases.
    let sum: Option<Option<i64>> = Entity::find()
        .select_only()
        .column_as(Expr::cust("CAST(SUM(cost_nano_usd) AS bigint)"), "spent")
        .filter(Column::CreatedAt.gte(since))
        .into_tuple()
        .one(db)
        .await?;
    Ok(sum.flatten().and_then(|sum| u64::try_from(sum).ok()).unwrap_or_default())
}
