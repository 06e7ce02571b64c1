//! Comments on plans.

use super::{Access, Tx};
use crate::{
    error::{Error, Noun, Result},
    id::{CommentId, PlanId, RevisionId, WorkspaceId},
};
use sea_orm::{
    DeriveActiveEnum, FromJsonQueryResult, IntoActiveModel, QueryOrder, QuerySelect, entity::prelude::*,
};
use serde::{Deserialize, Serialize};

/// Most comments of a plan.
pub const MOST_COMMENTS: u64 = 1_000;

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "plan_comments")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CommentId,
    /// Whose it is.
    pub workspace_id: WorkspaceId,
    /// The plan.
    pub plan_id: PlanId,
    /// The revision that it was made on.
    pub revision_id: RevisionId,
    /// Step that it speaks of.
    pub step: Option<i32>,
    /// Passage that it speaks of.
    pub anchor: Option<Anchor>,
    /// What is said.
    #[sea_orm(column_type = "Text")]
    pub text: String,
    /// Name of the token that made it.
    pub by: String,
    /// Where it stands.
    pub state: State,
    /// What the model said to it.
    #[sea_orm(column_type = "Text")]
    pub answer: String,
    /// The revision that answers it.
    pub answered_in: Option<RevisionId>,
    /// Name of the token that closed it.
    pub resolved_by: Option<String>,
    /// The client's id of the request that made it.
    pub request_id: Option<String>,
    /// Rises with each change.
    pub change: i64,
    /// When it was made.
    pub created_at: DateTimeUtc,
}

/// A passage: where it stood, what it said and what stood around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Anchor {
    /// Where it begins, in bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// What it says.
    pub quote: String,
    /// What stands before it.
    pub prefix: String,
    /// What stands behind it.
    pub suffix: String,
}

/// Where a comment stands. See `banto.v1.CommentState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
pub enum State {
    /// Nobody has answered it.
    Open,
    /// A revision addresses it.
    Addressed,
    /// A revision that was asked to does not.
    NotAddressed,
    /// A person closed it.
    Resolved,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// One comment.
///
/// # Errors
/// `NotFound`.
pub async fn get(db: &impl ConnectionTrait, access: &Access, id: CommentId) -> Result<Model> {
    Entity::find_by_id(id)
        .filter(access.condition(Column::WorkspaceId))
        .one(db)
        .await?
        .ok_or(Error::NotFound(Noun::Comment))
}

/// Several comments, in any order.
///
/// # Errors
/// Storage errors.
pub async fn by_ids(db: &impl ConnectionTrait, ids: Vec<CommentId>) -> Result<Vec<Model>> {
    Ok(Entity::find().filter(Column::Id.is_in(ids)).all(db).await?)
}

/// The comments of a plan, oldest first.
///
/// # Errors
/// Storage errors.
pub async fn of_plan(db: &impl ConnectionTrait, plan: PlanId) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::PlanId.eq(plan))
        .order_by_asc(Column::Id)
        .limit(MOST_COMMENTS)
        .all(db)
        .await?)
}

/// How many comments a plan has, and how many of them are not resolved.
///
/// # Errors
/// Storage errors.
pub async fn count_of(db: &impl ConnectionTrait, plan: PlanId) -> Result<(u64, u64)> {
    let all = Entity::find().filter(Column::PlanId.eq(plan));
    let open = all.clone().filter(Column::State.ne(State::Resolved)).count(db).await?;
    Ok((all.count(db).await?, open))
}

/// The comment that a request made.
///
/// # Errors
/// Storage errors.
pub async fn by_request(db: &impl ConnectionTrait, plan: PlanId, request_id: &str) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::PlanId.eq(plan))
        .filter(Column::RequestId.eq(request_id))
        .one(db)
        .await?)
}

/// Stores a new comment.
///
/// # Errors
/// Storage errors.
pub async fn insert(tx: &Tx, comment: &Model) -> Result<()> {
    Entity::insert(comment.clone().into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes a comment of a locked plan back.
///
/// # Errors
/// Storage errors.
pub async fn save(tx: &Tx, comment: &mut Model) -> Result<()> {
    comment.change += 1;
    Entity::update(comment.clone().into_active_model().reset_all()).exec(tx).await?;
    Ok(())
}
