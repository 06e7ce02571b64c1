//! The log of a workflow. An event keeps the stage as it was then; the end of the
//! workflow is its row, which does not change any more.

use super::{Tx, workflow, workflow_stage::Stage};
use crate::{error::Result, id::WorkflowId};
use sea_orm::{ActiveValue::Set, FromJsonQueryResult, QueryOrder, QuerySelect, entity::prelude::*};
use serde::{Deserialize, Serialize};

/// An entry of the log.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "workflow_events")]
pub struct Model {
    /// Whose log it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub workflow_id: WorkflowId,
    /// Its place; contiguous from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub sequence: i64,
    /// What happened.
    pub body: Body,
    /// When it was committed.
    pub occurred_at: DateTimeUtc,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// A stage began, for the first time or again.
    StageStarted(Box<Stage>),
    /// A stage ended.
    StageEnded(Box<Stage>),
    /// The workflow is over.
    Completed,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Appends to the log of a locked workflow and moves its head, which the caller
/// writes back with [`workflow::save`].
///
/// # Errors
/// Storage errors.
pub async fn append(tx: &Tx, workflow: &mut workflow::Model, body: Body) -> Result<()> {
    workflow.head_sequence += 1;
    let row = ActiveModel {
        workflow_id: Set(workflow.id),
        sequence: Set(workflow.head_sequence),
        body: Set(body),
        occurred_at: Set(crate::clock::now()),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The events after a sequence, oldest first, at most `limit`.
///
/// # Errors
/// Storage errors.
pub async fn after(
    db: &impl ConnectionTrait,
    workflow: WorkflowId,
    sequence: i64,
    limit: u64,
) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::WorkflowId.eq(workflow))
        .filter(Column::Sequence.gt(sequence))
        .order_by_asc(Column::Sequence)
        .limit(limit)
        .all(db)
        .await?)
}
