//! Conversations. Whoever changes one locks its row first, so that sequences are
//! contiguous and at most one turn is active.

use super::{Access, Tx, cut, message};
use crate::{
    error::{Error, Noun, Result},
    id::{ConversationId, Epoch, MessageId, TurnId, WorkerId, WorkspaceId},
    run::Usage,
};
use sea_orm::{
    Condition, FromJsonQueryResult, IntoActiveModel, QueryOrder, QuerySelect, entity::prelude::*,
    sea_query::Func,
};
use serde::{Deserialize, Serialize};

/// A conversation without its items.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "conversations")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ConversationId,
    /// Whose it is.
    pub workspace_id: WorkspaceId,
    /// The Companion that it is with.
    pub worker_id: WorkerId,
    /// Title; empty until the first message names it.
    pub title: String,
    /// What differs from the preferences.
    pub settings: Settings,
    /// Rises with each change by a person.
    pub version: i64,
    /// Names the log.
    pub epoch: Epoch,
    /// Sequence of the newest event.
    pub head_sequence: i64,
    /// Sequence of the newest event that was pruned; 0: none.
    pub pruned_sequence: i64,
    /// The running turn.
    pub active_turn_id: Option<TurnId>,
    /// Sum over all turns.
    pub usage: Usage,
    /// Messages, superseded ones included.
    pub message_count: i64,
    /// The client's id of the request that created it.
    pub request_id: Option<String>,
    /// Where it was forked from.
    pub forked_from_conversation_id: Option<ConversationId>,
    /// Before which message it was forked.
    pub forked_before_message_id: Option<MessageId>,
    /// When it was archived.
    pub archived_at: Option<DateTimeUtc>,
    /// When it was created.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

/// Choices of a conversation; an empty text means: as in the preferences.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Settings {
    /// Provider.
    pub provider_id: String,
    /// Model.
    pub model: String,
    /// Language, BCP 47.
    pub language: String,
    /// Added to the system prompt.
    pub instructions: String,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// A conversation without a message.
    #[must_use]
    pub fn empty(workspace_id: WorkspaceId, worker_id: WorkerId, title: String, settings: Settings) -> Self {
        let now = crate::clock::now();
        Self {
            id: ConversationId::new(),
            workspace_id,
            worker_id,
            title,
            settings,
            version: 1,
            epoch: Epoch::new(),
            head_sequence: 0,
            pruned_sequence: 0,
            active_turn_id: None,
            usage: Usage::default(),
            message_count: 0,
            request_id: None,
            forked_from_conversation_id: None,
            forked_before_message_id: None,
            archived_at: None,
            created_at: now,
            updated_at: now,
        }
    }
}

/// One page of the list.
#[derive(Clone, Debug)]
pub struct Page {
    /// Archived ones instead of the others.
    pub archived: bool,
    /// Only titles that contain this.
    pub title_contains: String,
    /// At most so many.
    pub limit: u64,
    /// After this one in the order of the list.
    pub after: Option<(DateTimeUtc, ConversationId)>,
}

/// A page of conversations, the most recently used first, and whether there are
/// more.
///
/// # Errors
/// Storage errors.
pub async fn list(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    page: &Page,
) -> Result<(Vec<Model>, bool)> {
    let mut query = Entity::find().filter(Column::WorkspaceId.eq(workspace)).filter(if page.archived {
        Column::ArchivedAt.is_not_null()
    } else {
        Column::ArchivedAt.is_null()
    });
    if !page.title_contains.is_empty() {
        // SQLite's LIKE ignores the case of ASCII letters, PostgreSQL's does not.
        let lower = Func::lower(Column::Title.into_expr());
        let title = Condition::any()
            .add(message::contains(Column::Title.into_expr(), &page.title_contains))
            .add(message::contains(lower, &page.title_contains.to_lowercase()));
        query = query.filter(title);
    }
    if let Some((updated_at, id)) = page.after {
        query = query.filter(
            Condition::any()
                .add(Column::UpdatedAt.lt(updated_at))
                .add(Condition::all().add(Column::UpdatedAt.eq(updated_at)).add(Column::Id.lt(id))),
        );
    }
    let rows = query
        .order_by_desc(Column::UpdatedAt)
        .order_by_desc(Column::Id)
        .limit(page.limit + 1)
        .all(db)
        .await?;
    Ok(cut(rows, page.limit))
}

/// One conversation.
///
/// # Errors
/// `NotFound`.
pub async fn get(db: &impl ConnectionTrait, access: &Access, id: ConversationId) -> Result<Model> {
    Entity::find_by_id(id)
        .filter(access.condition(Column::WorkspaceId))
        .one(db)
        .await?
        .ok_or(Error::NotFound(Noun::Conversation))
}

/// The most recently used conversation of a workspace.
///
/// # Errors
/// Storage errors.
pub async fn latest(db: &impl ConnectionTrait, workspace: WorkspaceId) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(Column::ArchivedAt.is_null())
        .order_by_desc(Column::UpdatedAt)
        .order_by_desc(Column::Id)
        .one(db)
        .await?)
}

/// The conversation that a request created.
///
/// # Errors
/// Storage errors.
pub async fn by_request(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    request_id: &str,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(Column::RequestId.eq(request_id))
        .one(db)
        .await?)
}

/// Conversations that did not change since a time and have no running turn, at
/// most `limit`.
///
/// # Errors
/// Storage errors.
pub async fn inactive(
    db: &impl ConnectionTrait,
    before: DateTimeUtc,
    limit: u64,
) -> Result<Vec<ConversationId>> {
    Ok(Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::UpdatedAt.lt(before))
        .filter(Column::ActiveTurnId.is_null())
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?)
}

/// Turns that run now for a worker, newest first, at most 100.
///
/// # Errors
/// Storage errors.
pub async fn active_turns(db: &impl ConnectionTrait, worker: WorkerId) -> Result<Vec<TurnId>> {
    let mut turns: Vec<TurnId> = Entity::find()
        .filter(Column::WorkerId.eq(worker))
        .filter(Column::ActiveTurnId.is_not_null())
        .limit(100)
        .all(db)
        .await?
        .into_iter()
        .filter_map(|conversation| conversation.active_turn_id)
        .collect();
    turns.sort_unstable_by(|a, b| b.cmp(a));
    Ok(turns)
}

/// Reads a conversation for a change and keeps others from changing it until the
/// transaction ends.
///
/// # Errors
/// `NotFound`.
pub async fn lock(tx: &Tx, access: &Access, id: ConversationId) -> Result<Model> {
    Entity::find_by_id(id)
        .filter(access.condition(Column::WorkspaceId))
        .lock_exclusive()
        .one(tx)
        .await?
        .ok_or(Error::NotFound(Noun::Conversation))
}

/// Stores a new conversation.
///
/// # Errors
/// Storage errors.
pub async fn insert(tx: &Tx, conversation: &Model) -> Result<()> {
    Entity::insert(conversation.clone().into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes a locked conversation back.
///
/// # Errors
/// Storage errors.
pub async fn save(tx: &Tx, conversation: &Model) -> Result<()> {
    let row = conversation.clone().into_active_model().reset_all();
    Entity::update(row).exec(tx).await?;
    Ok(())
}

pub(super) async fn delete(tx: &Tx, id: ConversationId) -> Result<()> {
    Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

pub(super) async fn set_pruned(tx: &Tx, id: ConversationId, sequence: i64) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::PrunedSequence, Expr::value(sequence))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}
