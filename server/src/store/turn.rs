//! Turns: what an exchange is to its conversation. Its lifecycle is that of its
//! job, in [`super::job`].

use super::{Tx, job, message};
use crate::{
    error::{Error, Noun, Result},
    id::{ConversationId, JobId, MessageId, TurnId},
};
use sea_orm::{DeriveActiveEnum, FromJsonQueryResult, IntoActiveModel, entity::prelude::*};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// One exchange.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "turns")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TurnId,
    /// Where it stands.
    pub conversation_id: ConversationId,
    /// Its lifecycle.
    pub job_id: JobId,
    /// The message that it answers.
    pub user_message_id: MessageId,
    /// The reply.
    pub assistant_message_id: MessageId,
    /// Who writes the reply.
    pub answer_source: AnswerSource,
    /// The client's id of the request to answer again.
    pub request_id: Option<String>,
    /// The turn whose reply took the place of this one's.
    pub superseded_by: Option<TurnId>,
    /// How much of the model's window its request fills; `None` for the guide.
    pub context: Option<Context>,
    /// When it was accepted.
    pub created_at: DateTimeUtc,
}

/// Who writes a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
pub enum AnswerSource {
    /// A model.
    Model,
    /// The guide.
    Guide,
}

/// How much of a model's window a request fills. Tokens are estimated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Context {
    /// Tokens of the whole request.
    pub estimated_tokens: u64,
    /// Tokens that it may have.
    pub budget_tokens: u64,
    /// Messages in it.
    pub messages_included: u32,
    /// Earlier messages that did not fit.
    pub messages_left_out: u32,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// A turn with its job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// What it is to its conversation.
    pub row: Model,
    /// Its lifecycle.
    pub job: job::Model,
}

/// Stores a new turn; its job is stored by [`job::insert`].
///
/// # Errors
/// Storage errors.
pub async fn insert(tx: &Tx, turn: &Model) -> Result<()> {
    Entity::insert(turn.clone().into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// One turn.
///
/// # Errors
/// `NotFound`.
pub async fn get(db: &impl ConnectionTrait, id: TurnId) -> Result<Turn> {
    by_ids(db, vec![id]).await?.remove(&id).ok_or(Error::NotFound(Noun::Turn))
}

/// Several turns by their ids.
///
/// # Errors
/// Storage errors.
pub async fn by_ids(db: &impl ConnectionTrait, ids: Vec<TurnId>) -> Result<HashMap<TurnId, Turn>> {
    let rows = Entity::find().filter(Column::Id.is_in(ids)).all(db).await?;
    with_jobs(db, rows).await
}

async fn with_jobs(db: &impl ConnectionTrait, rows: Vec<Model>) -> Result<HashMap<TurnId, Turn>> {
    let mut jobs: HashMap<JobId, job::Model> = job::by_ids(db, rows.iter().map(|row| row.job_id).collect())
        .await?
        .into_iter()
        .map(|job| (job.id, job))
        .collect();
    rows.into_iter()
        .map(|row| {
            let job = jobs.remove(&row.job_id).ok_or(Error::NotFound(Noun::Job))?;
            Ok((row.id, Turn { row, job }))
        })
        .collect()
}

/// The newest turn of a conversation.
///
/// # Errors
/// Storage errors.
pub async fn latest(db: &impl ConnectionTrait, conversation: ConversationId) -> Result<Option<Model>> {
    // By the place of its reply: a clock can be set back.
    let Some(reply) = message::newest_reply(db, conversation).await? else { return Ok(None) };
    Ok(Entity::find_by_id(reply.turn_id).one(db).await?)
}

/// The turn that a request made.
///
/// # Errors
/// Storage errors.
pub async fn by_request(
    db: &impl ConnectionTrait,
    conversation: ConversationId,
    request_id: &str,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::ConversationId.eq(conversation))
        .filter(Column::RequestId.eq(request_id))
        .one(db)
        .await?)
}

/// Remembers which turn took this one's place.
///
/// # Errors
/// Storage errors.
pub async fn supersede(tx: &Tx, id: TurnId, by: TurnId) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::SupersededBy, Expr::value(by))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

pub(super) async fn delete_of(tx: &Tx, conversation: ConversationId) -> Result<()> {
    Entity::delete_many().filter(Column::ConversationId.eq(conversation)).exec(tx).await?;
    Ok(())
}
