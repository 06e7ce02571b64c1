//! The log of a conversation. A row names what changed; the content is that of
//! the rows it names, so the log repeats no text.

use super::{Tx, conversation, message, turn};
use crate::{
    error::{Error, Noun, Result},
    id::{ConversationId, MessageId, TurnId},
    run::{Attempt, RunState},
};
use sea_orm::{DeriveActiveEnum, IntoActiveModel, QueryOrder, QuerySelect, entity::prelude::*};
use std::{collections::HashMap, sync::Arc};

/// An entry of the log.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "conversation_events")]
pub struct Model {
    /// Whose log it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub conversation_id: ConversationId,
    /// Its place; contiguous from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub sequence: i64,
    /// What happened.
    pub kind: Kind,
    /// The message that it speaks of.
    pub message_id: Option<MessageId>,
    /// The turn that it speaks of.
    pub turn_id: Option<TurnId>,
    /// The attempt that it speaks of.
    pub attempt: Option<i32>,
    /// When it was committed.
    pub occurred_at: DateTimeUtc,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(24))", rename_all = "snake_case")]
pub enum Kind {
    /// A person's message was added.
    MessageAdded,
    /// A turn began.
    TurnStarted,
    /// An attempt failed, another follows.
    TurnRetried,
    /// A turn ended.
    TurnEnded,
    /// Title, settings or archive mark changed.
    Changed,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// An event with its content, as watchers get it.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its place in the log.
    pub sequence: i64,
    /// When it was committed.
    pub occurred_at: DateTimeUtc,
    /// What happened.
    pub body: Body,
}

/// What happened, with its content.
#[derive(Clone, Debug)]
pub enum Body {
    /// A person's message was added.
    MessageAdded(message::Model),
    /// A turn began.
    TurnStarted {
        /// The turn.
        turn: turn::Turn,
        /// Its reply.
        reply: message::Model,
    },
    /// An attempt failed, another follows.
    TurnRetried {
        /// The turn.
        turn_id: TurnId,
        /// The attempt that failed.
        attempt: Attempt,
    },
    /// A turn ended.
    TurnEnded {
        /// The turn.
        turn: turn::Turn,
        /// Its whole reply.
        reply: message::Model,
    },
    /// Title, settings or archive mark changed.
    Changed(conversation::Model),
}

/// Appends to the log of a locked conversation and moves its head, which the
/// caller writes back with [`conversation::save`].
///
/// # Errors
/// Storage errors.
pub async fn append(tx: &Tx, conversation: &mut conversation::Model, body: Body) -> Result<Event> {
    conversation.head_sequence += 1;
    let (kind, message_id, turn_id, attempt) = match &body {
        Body::MessageAdded(message) => (Kind::MessageAdded, Some(message.id), Some(message.turn_id), None),
        Body::TurnStarted { turn, reply } => (Kind::TurnStarted, Some(reply.id), Some(turn.row.id), None),
        Body::TurnRetried { turn_id, attempt } => {
            (Kind::TurnRetried, None, Some(*turn_id), i32::try_from(attempt.number).ok())
        }
        Body::TurnEnded { turn, reply } => (Kind::TurnEnded, Some(reply.id), Some(turn.row.id), None),
        Body::Changed(_) => (Kind::Changed, None, None, None),
    };
    let row = Model {
        conversation_id: conversation.id,
        sequence: conversation.head_sequence,
        kind,
        message_id,
        turn_id,
        attempt,
        occurred_at: chrono::Utc::now(),
    };
    let event = Event { sequence: row.sequence, occurred_at: row.occurred_at, body };
    Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(event)
}

/// The events after a sequence, oldest first, at most `limit`.
///
/// # Errors
/// Storage errors.
pub async fn after(tx: &Tx, id: ConversationId, sequence: i64, limit: u64) -> Result<Vec<Arc<Event>>> {
    let rows = Entity::find()
        .filter(Column::ConversationId.eq(id))
        .filter(Column::Sequence.gt(sequence))
        .order_by_asc(Column::Sequence)
        .limit(limit)
        .all(tx)
        .await?;
    let messages: HashMap<MessageId, message::Model> =
        message::by_ids(tx, rows.iter().filter_map(|row| row.message_id).collect())
            .await?
            .into_iter()
            .map(|message| (message.id, message))
            .collect();
    let turns = turn::by_ids(tx, rows.iter().filter_map(|row| row.turn_id).collect()).await?;
    let conversation = conversation::get(tx, &super::Access::All, id).await?;
    rows.into_iter()
        .map(|row| {
            let message = || {
                row.message_id.and_then(|id| messages.get(&id)).cloned().ok_or(Error::NotFound(Noun::Message))
            };
            let turn =
                || row.turn_id.and_then(|id| turns.get(&id)).cloned().ok_or(Error::NotFound(Noun::Turn));
            let body = match row.kind {
                Kind::MessageAdded => Body::MessageAdded(message()?),
                Kind::TurnStarted => begun(turn()?, message()?),
                Kind::TurnRetried => {
                    let turn = turn()?;
                    let number = row.attempt.unwrap_or_default();
                    let attempt = turn
                        .job
                        .attempts
                        .0
                        .iter()
                        .find(|attempt| i64::from(attempt.number) == i64::from(number))
                        .cloned()
                        .ok_or_else(|| Error::Internal(format!("attempt {number} is not recorded")))?;
                    Body::TurnRetried { turn_id: turn.row.id, attempt }
                }
                Kind::TurnEnded => Body::TurnEnded { turn: turn()?, reply: message()? },
                Kind::Changed => Body::Changed(conversation.clone()),
            };
            Ok(Arc::new(Event { sequence: row.sequence, occurred_at: row.occurred_at, body }))
        })
        .collect()
}

/// A turn and its reply as they were when the turn began.
fn begun(mut turn: turn::Turn, mut reply: message::Model) -> Body {
    turn.job.state = RunState::Running;
    turn.job.attempts.0.clear();
    turn.job.failure = None;
    turn.job.usage = None;
    turn.job.ended_at = None;
    turn.row.superseded_by = None;
    reply.text.clear();
    reply.state = RunState::Running;
    reply.superseded = false;
    reply.citations.0.clear();
    Body::TurnStarted { turn, reply }
}

pub(super) async fn delete_of(tx: &Tx, conversation: ConversationId) -> Result<()> {
    Entity::delete_many().filter(Column::ConversationId.eq(conversation)).exec(tx).await?;
    Ok(())
}

/// For each conversation with events before a time, the newest of those.
pub(super) async fn newest_before(tx: &Tx, before: DateTimeUtc) -> Result<Vec<(ConversationId, i64)>> {
    Ok(Entity::find()
        .select_only()
        .column(Column::ConversationId)
        .column_as(Column::Sequence.max(), "sequence")
        .filter(Column::OccurredAt.lt(before))
        .group_by(Column::ConversationId)
        .into_tuple()
        .all(tx)
        .await?)
}

pub(super) async fn delete_through(tx: &Tx, id: ConversationId, sequence: i64) -> Result<()> {
    Entity::delete_many()
        .filter(Column::ConversationId.eq(id))
        .filter(Column::Sequence.lte(sequence))
        .exec(tx)
        .await?;
    Ok(())
}
