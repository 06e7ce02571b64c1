//! The log of a plan. A row names what changed; the content is that of the rows it
//! names, so the log repeats no text.

use super::{Access, Tx, plan, plan_comment, plan_revision};
use crate::{
    error::{Error, Noun, Result},
    id::{CommentId, PlanId, RevisionId},
    run::RunState,
};
use sea_orm::{ActiveValue::Set, DeriveActiveEnum, QueryOrder, QuerySelect, entity::prelude::*};
use std::{collections::HashMap, sync::Arc};

/// An entry of the log.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "plan_events")]
pub struct Model {
    /// Whose log it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub plan_id: PlanId,
    /// Its place; contiguous from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub sequence: i64,
    /// What happened.
    pub kind: Kind,
    /// The revision that it speaks of.
    pub revision_id: Option<RevisionId>,
    /// The comment that it speaks of.
    pub comment_id: Option<CommentId>,
    /// When it was committed.
    pub occurred_at: DateTimeUtc,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(24))", rename_all = "snake_case")]
pub enum Kind {
    /// A revision was begun.
    RevisionStarted,
    /// A revision ended, or was saved.
    RevisionEnded,
    /// Title, archive mark or decision changed.
    Changed,
    /// A comment is new or changed.
    CommentChanged,
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
    /// The plan.
    pub plan: plan::Model,
    /// What happened.
    pub body: Body,
}

/// What happened, with its content.
#[derive(Clone, Debug)]
pub enum Body {
    /// A revision was begun.
    RevisionStarted(plan_revision::Model),
    /// A revision ended. The text of one that was written piece by piece; of one
    /// that was saved at once it is empty here.
    RevisionEnded(plan_revision::Model, String),
    /// Title, archive mark or decision changed.
    Changed,
    /// A comment is new or changed.
    CommentChanged(plan_comment::Model),
}

/// Appends to the log of a locked plan and writes the plan back.
///
/// # Errors
/// Storage errors.
pub async fn append(tx: &Tx, plan: &mut plan::Model, body: Body) -> Result<Event> {
    plan.head_sequence += 1;
    let (kind, revision_id, comment_id) = match &body {
        Body::RevisionStarted(revision) => (Kind::RevisionStarted, Some(revision.id), None),
        Body::RevisionEnded(revision, _) => (Kind::RevisionEnded, Some(revision.id), None),
        Body::Changed => (Kind::Changed, None, None),
        Body::CommentChanged(comment) => (Kind::CommentChanged, None, Some(comment.id)),
    };
    let occurred_at = crate::clock::now();
    let row = ActiveModel {
        plan_id: Set(plan.id),
        sequence: Set(plan.head_sequence),
        kind: Set(kind),
        revision_id: Set(revision_id),
        comment_id: Set(comment_id),
        occurred_at: Set(occurred_at),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    plan::save(tx, plan).await?;
    Ok(Event { sequence: plan.head_sequence, occurred_at, plan: plan.clone(), body })
}

/// The events after a sequence, oldest first, at most `limit`.
///
/// # Errors
/// Storage errors.
pub async fn after(
    db: &impl ConnectionTrait,
    id: PlanId,
    sequence: i64,
    limit: u64,
) -> Result<Vec<Arc<Event>>> {
    let rows = Entity::find()
        .filter(Column::PlanId.eq(id))
        .filter(Column::Sequence.gt(sequence))
        .order_by_asc(Column::Sequence)
        .limit(limit)
        .all(db)
        .await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let plan = plan::get(db, &Access::All, id).await?;
    let revisions = rows.iter().filter_map(|row| row.revision_id).collect();
    let revisions: HashMap<_, _> = plan_revision::by_ids(db, revisions)
        .await?
        .into_iter()
        .map(|revision| (revision.id, revision))
        .collect();
    let comments = rows.iter().filter_map(|row| row.comment_id).collect();
    let comments: HashMap<_, _> =
        plan_comment::by_ids(db, comments).await?.into_iter().map(|comment| (comment.id, comment)).collect();
    let mut events = Vec::with_capacity(rows.len());
    for row in rows {
        let revision = || {
            let found = row.revision_id.and_then(|id| revisions.get(&id));
            found.cloned().ok_or(Error::NotFound(Noun::Revision))
        };
        let body = match row.kind {
            Kind::RevisionStarted => Body::RevisionStarted(revision()?),
            Kind::RevisionEnded => {
                let revision = revision()?;
                let text = if revision.began > 0 && revision.state != RunState::Running {
                    plan_revision::text(db, &revision).await?
                } else {
                    String::new()
                };
                Body::RevisionEnded(revision, text)
            }
            Kind::Changed => Body::Changed,
            Kind::CommentChanged => {
                let found = row.comment_id.and_then(|id| comments.get(&id));
                Body::CommentChanged(found.cloned().ok_or(Error::NotFound(Noun::Comment))?)
            }
        };
        let (sequence, occurred_at) = (row.sequence, row.occurred_at);
        events.push(Arc::new(Event { sequence, occurred_at, plan: plan.clone(), body }));
    }
    Ok(events)
}
