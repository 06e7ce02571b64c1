//! Revisions of plans. One that has ended never changes, and its text is kept
//! apart, because lists do not want it.

use super::{Access, Tx, cut, plan::Shape, text_chunk};
use crate::{
    error::{Error, Noun, Result},
    id::{CommentId, JobId, PlanId, RevisionId, WorkspaceId},
    run::{Failure, RunState, Usage},
};
use sea_orm::{
    ActiveValue::Set, DeriveActiveEnum, FromJsonQueryResult, IntoActiveModel, QueryOrder, QuerySelect,
    entity::prelude::*,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A revision.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "plan_revisions")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RevisionId,
    /// Whose it is.
    pub workspace_id: WorkspaceId,
    /// The plan.
    pub plan_id: PlanId,
    /// Its number in the plan, from 1.
    pub number: i64,
    /// The revision that it was made from.
    pub parent_id: Option<RevisionId>,
    /// Who wrote it.
    pub author: Author,
    /// Name of the token that saved it, or asked for it.
    pub by: String,
    /// What was changed.
    #[sea_orm(column_type = "Text")]
    pub message: String,
    /// Where its writing stands.
    pub state: RunState,
    /// Why its writing failed.
    pub failure: Option<Failure>,
    /// The job that wrote it.
    pub job_id: Option<JobId>,
    /// The revision whose text it has.
    pub restored_id: Option<RevisionId>,
    /// SHA-256 of its text, lower-case hexadecimal; empty while it is written.
    pub content_hash: String,
    /// Length of its text.
    pub size_bytes: i64,
    /// What its text has.
    pub shape: Shape,
    /// Tokens and cost of its writing.
    pub usage: Option<Usage>,
    /// The comments that it was asked to address.
    pub asked: Asked,
    /// Sequence of the event that began it.
    pub began: i64,
    /// The client's id of the request that made it.
    pub request_id: Option<String>,
    /// When it was begun.
    pub created_at: DateTimeUtc,
    /// When it ended.
    pub ended_at: Option<DateTimeUtc>,
}

/// Who wrote a revision. See `banto.v1.RevisionAuthor`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
pub enum Author {
    /// A person.
    Person,
    /// A model, from the task.
    Model,
    /// The finder, from its evidence.
    Finder,
    /// A model, from other plans.
    Merge,
    /// A model, from comments.
    Changes,
    /// A person went back.
    Restore,
}

/// Comments, in the order in which a model was shown them: the first is C1.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Asked(pub Vec<CommentId>);

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The hash that names a text.
#[must_use]
pub fn hash(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

/// One revision.
///
/// # Errors
/// `NotFound`.
pub async fn get(db: &impl ConnectionTrait, access: &Access, id: RevisionId) -> Result<Model> {
    Entity::find_by_id(id)
        .filter(access.condition(Column::WorkspaceId))
        .one(db)
        .await?
        .ok_or(Error::NotFound(Noun::Revision))
}

/// Several revisions, in any order.
///
/// # Errors
/// Storage errors.
pub async fn by_ids(db: &impl ConnectionTrait, ids: Vec<RevisionId>) -> Result<Vec<Model>> {
    Ok(Entity::find().filter(Column::Id.is_in(ids)).all(db).await?)
}

/// A page of the revisions of a plan, the newest first, and whether there are more.
///
/// # Errors
/// Storage errors.
pub async fn list(
    db: &impl ConnectionTrait,
    plan: PlanId,
    before: Option<i64>,
    limit: u64,
) -> Result<(Vec<Model>, bool)> {
    let mut query = Entity::find().filter(Column::PlanId.eq(plan));
    if let Some(before) = before {
        query = query.filter(Column::Number.lt(before));
    }
    let rows = query.order_by_desc(Column::Number).limit(limit + 1).all(db).await?;
    Ok(cut(rows, limit))
}

/// The revision that a request made.
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

/// The revision that a job writes, or wrote.
///
/// # Errors
/// Storage errors.
pub async fn of_job(db: &impl ConnectionTrait, job: JobId) -> Result<Option<Model>> {
    Ok(Entity::find().filter(Column::JobId.eq(job)).one(db).await?)
}

/// The text of a revision; so far, while it is written.
///
/// # Errors
/// Storage errors.
pub async fn text(db: &impl ConnectionTrait, revision: &Model) -> Result<String> {
    if revision.state == RunState::Running {
        return text_chunk::joined(db, revision.id).await;
    }
    let row = text::Entity::find_by_id(revision.id).one(db).await?;
    Ok(row.map(|row| row.text).unwrap_or_default())
}

/// Stores a new revision; its text where it has ended.
///
/// # Errors
/// Storage errors.
pub async fn insert(tx: &Tx, revision: &Model, text: Option<&str>) -> Result<()> {
    Entity::insert(revision.clone().into_active_model()).exec_without_returning(tx).await?;
    match text {
        Some(text) => put_text(tx, revision.id, text).await,
        None => Ok(()),
    }
}

/// Ends the writing of a revision: its whole text, and everything that its row says
/// of it.
///
/// # Errors
/// Storage errors.
pub async fn finish(tx: &Tx, revision: &Model, text: &str) -> Result<()> {
    Entity::update(revision.clone().into_active_model().reset_all()).exec(tx).await?;
    put_text(tx, revision.id, text).await?;
    text_chunk::delete(tx, revision.id).await
}

/// Which of these revisions are still being written. They stay so until the
/// transaction ends.
///
/// # Errors
/// Storage errors.
pub(super) async fn still_running(tx: &Tx, ids: Vec<RevisionId>) -> Result<Vec<RevisionId>> {
    if ids.is_empty() {
        return Ok(ids);
    }
    Ok(Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Id.is_in(ids))
        .filter(Column::State.eq(RunState::Running))
        .lock_shared()
        .into_tuple()
        .all(tx)
        .await?)
}

async fn put_text(tx: &Tx, revision_id: RevisionId, text: &str) -> Result<()> {
    let row = text::ActiveModel { revision_id: Set(revision_id), text: Set(text.to_owned()) };
    text::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Texts of revisions that have ended.
mod text {
    use super::RevisionId;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "plan_texts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub revision_id: RevisionId,
        #[sea_orm(column_type = "Text")]
        pub text: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
