//! Messages: what a conversation shows.

use super::{Tx, cut, text_chunk};
use crate::{
    error::{Error, Noun, Result},
    id::{ConversationId, MessageId, TurnId, WorkspaceId},
    run::RunState,
};
use sea_orm::{
    DeriveActiveEnum, FromJsonQueryResult, IntoActiveModel, QueryOrder, QuerySelect,
    entity::prelude::*,
    sea_query::{ExprTrait as _, LikeExpr, SimpleExpr},
};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

/// One visible message.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "messages")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MessageId,
    /// Whose it is.
    pub workspace_id: WorkspaceId,
    /// Where it stands.
    pub conversation_id: ConversationId,
    /// Sequence of the event that added it.
    pub sequence: i64,
    /// The turn that it belongs to.
    pub turn_id: TurnId,
    /// Who wrote it.
    pub role: Role,
    /// The text; for a running turn it is in the chunks.
    pub text: String,
    /// The text in the form that searches compare.
    pub search_text: String,
    /// State of its turn; COMPLETED for a person's message.
    pub state: RunState,
    /// Another reply took its place.
    pub superseded: bool,
    /// What the guide cites.
    pub citations: Citations,
    /// The client's id, on a person's message.
    pub client_message_id: Option<String>,
    /// When it was added.
    pub created_at: DateTimeUtc,
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
pub enum Role {
    /// A person.
    User,
    /// The Companion.
    Assistant,
}

/// Sections of the documentation that a reply rests on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Citations(pub Vec<Citation>);

/// A section of the documentation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Citation {
    /// File below docs/.
    pub document: String,
    /// Heading of the section.
    pub heading: String,
    /// Anchor of the heading.
    pub anchor: String,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The form in which texts are compared: NFKC, then lower case, so that width,
/// case and compatibility forms do not matter.
#[must_use]
pub fn fold(text: &str) -> String {
    text.nfkc().collect::<String>().to_lowercase()
}

/// `column` contains `text`, taken literally.
pub(super) fn contains(column: impl Into<SimpleExpr>, text: &str) -> SimpleExpr {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    column.into().like(LikeExpr::new(pattern).escape('\\'))
}

/// Stores a new message.
///
/// # Errors
/// Storage errors.
pub async fn insert(tx: &Tx, message: &Model) -> Result<()> {
    Entity::insert(message.clone().into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Stores many new messages.
///
/// # Errors
/// Storage errors.
pub async fn insert_all(tx: &Tx, messages: Vec<Model>) -> Result<()> {
    // PostgreSQL takes 65,535 parameters a statement; a message has 13.
    for batch in messages.chunks(1_000) {
        let rows = batch.iter().cloned().map(IntoActiveModel::into_active_model);
        Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// One message.
///
/// # Errors
/// `NotFound`.
pub async fn get(db: &impl ConnectionTrait, id: MessageId) -> Result<Model> {
    Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound(Noun::Message))
}

/// Several messages, in any order.
///
/// # Errors
/// Storage errors.
pub async fn by_ids(db: &impl ConnectionTrait, ids: Vec<MessageId>) -> Result<Vec<Model>> {
    Ok(Entity::find().filter(Column::Id.is_in(ids)).all(db).await?)
}

/// The newest reply of a conversation.
///
/// # Errors
/// Storage errors.
pub async fn newest_reply(db: &impl ConnectionTrait, conversation: ConversationId) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::ConversationId.eq(conversation))
        .filter(Column::Role.eq(Role::Assistant))
        .order_by_desc(Column::Sequence)
        .one(db)
        .await?)
}

/// The message that a client sent with this id.
///
/// # Errors
/// Storage errors.
pub async fn by_client_id(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    client_message_id: &str,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(Column::ClientMessageId.eq(client_message_id))
        .one(db)
        .await?)
}

/// Where a page of a transcript begins.
#[derive(Clone, Copy, Debug)]
pub enum Cursor {
    /// The newest items.
    Newest,
    /// The nearest before a sequence.
    Before(i64),
    /// The nearest after a sequence.
    After(i64),
}

/// A page of a transcript, oldest first.
#[derive(Clone, Debug)]
pub struct Page {
    /// The messages.
    pub messages: Vec<Model>,
    /// Whether there are older ones.
    pub has_earlier: bool,
    /// Whether there are newer ones.
    pub has_later: bool,
}

/// Bytes of text that a page has at most, unless its one message is longer: a
/// page must fit what clients take, which is 4 MiB in most gRPC libraries.
const PAGE_BYTES: usize = 2 * 1024 * 1024;

/// A page of a transcript: at most `limit` messages, fewer where they are long.
///
/// # Errors
/// Storage errors.
pub async fn page(
    db: &impl ConnectionTrait,
    conversation: ConversationId,
    cursor: Cursor,
    limit: u64,
) -> Result<Page> {
    let mut page = span(db, conversation, cursor, limit).await?;
    let mut room = PAGE_BYTES;
    let mut fits = |message: &Model| {
        let fits = message.text.len() <= room;
        room = room.saturating_sub(message.text.len());
        fits
    };
    match cursor {
        // The nearest to the cursor stay.
        Cursor::After(_) => {
            let keep = page.messages.iter().take_while(|message| fits(message)).count().max(1);
            page.has_later |= keep < page.messages.len();
            page.messages.truncate(keep);
        }
        Cursor::Newest | Cursor::Before(_) => {
            let keep = page.messages.iter().rev().take_while(|message| fits(message)).count().max(1);
            let surplus = page.messages.len().saturating_sub(keep);
            page.has_earlier |= surplus > 0;
            page.messages.drain(..surplus);
        }
    }
    Ok(page)
}

/// A part of a transcript, whatever its size.
///
/// # Errors
/// Storage errors.
pub async fn span(
    db: &impl ConnectionTrait,
    conversation: ConversationId,
    cursor: Cursor,
    limit: u64,
) -> Result<Page> {
    let all = Entity::find().filter(Column::ConversationId.eq(conversation));
    let query = match cursor {
        Cursor::Newest => all.order_by_desc(Column::Sequence),
        Cursor::Before(sequence) => all.filter(Column::Sequence.lt(sequence)).order_by_desc(Column::Sequence),
        Cursor::After(sequence) => all.filter(Column::Sequence.gt(sequence)).order_by_asc(Column::Sequence),
    };
    let (mut messages, more) = cut(query.limit(limit + 1).all(db).await?, limit);
    Ok(match cursor {
        Cursor::Newest => {
            messages.reverse();
            Page { messages, has_earlier: more, has_later: false }
        }
        Cursor::Before(sequence) => {
            messages.reverse();
            let later = exists(db, conversation, Column::Sequence.gte(sequence)).await?;
            Page { messages, has_earlier: more, has_later: later }
        }
        Cursor::After(sequence) => {
            let earlier = exists(db, conversation, Column::Sequence.lte(sequence)).await?;
            Page { messages, has_earlier: earlier, has_later: more }
        }
    })
}

/// How many messages of a conversation are before a sequence.
///
/// # Errors
/// Storage errors.
pub async fn count_before(
    db: &impl ConnectionTrait,
    conversation: ConversationId,
    sequence: i64,
) -> Result<u32> {
    let count = Entity::find()
        .filter(Column::ConversationId.eq(conversation))
        .filter(Column::Sequence.lt(sequence))
        .count(db)
        .await?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

async fn exists(
    db: &impl ConnectionTrait,
    conversation: ConversationId,
    condition: SimpleExpr,
) -> Result<bool> {
    let found = Entity::find()
        .filter(Column::ConversationId.eq(conversation))
        .filter(condition)
        .limit(1)
        .one(db)
        .await?;
    Ok(found.is_some())
}

/// Messages that contain every term, newest first, and whether there are more.
/// The terms are folded by [`fold`].
///
/// # Errors
/// Storage errors.
pub async fn search(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    conversation: Option<ConversationId>,
    terms: &[String],
    limit: u64,
    before: Option<MessageId>,
) -> Result<(Vec<Model>, bool)> {
    let mut query = Entity::find().filter(Column::WorkspaceId.eq(workspace));
    for term in terms {
        query = query.filter(contains(Column::SearchText.into_expr(), term));
    }
    if let Some(conversation) = conversation {
        query = query.filter(Column::ConversationId.eq(conversation));
    }
    if let Some(before) = before {
        query = query.filter(Column::Id.lt(before));
    }
    let rows = query.order_by_desc(Column::Id).limit(limit + 1).all(db).await?;
    Ok(cut(rows, limit))
}

/// Ends the reply of a turn: its whole text, its state and its citations.
///
/// # Errors
/// Storage errors.
pub async fn finish(tx: &Tx, reply: &Model) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Text, Expr::value(reply.text.as_str()))
        .col_expr(Column::SearchText, Expr::value(reply.search_text.as_str()))
        .col_expr(Column::State, Expr::value(reply.state))
        .col_expr(Column::Citations, Expr::value(reply.citations.clone()))
        .filter(Column::Id.eq(reply.id))
        .exec(tx)
        .await?;
    text_chunk::delete(tx, reply.id).await?;
    Ok(())
}

/// Which of these replies are still being written. They stay so until the
/// transaction ends.
///
/// # Errors
/// Storage errors.
pub(super) async fn still_running(tx: &Tx, ids: Vec<MessageId>) -> Result<Vec<MessageId>> {
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

/// Marks a reply whose place another one took.
///
/// # Errors
/// Storage errors.
pub async fn supersede(tx: &Tx, id: MessageId) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Superseded, Expr::value(true))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

pub(super) async fn delete_of(tx: &Tx, conversation: ConversationId) -> Result<()> {
    Entity::delete_many().filter(Column::ConversationId.eq(conversation)).exec(tx).await?;
    Ok(())
}
