//! The histories of a task: its description, and what a person decided about its
//! files. A version never changes, so undo and redo are versions too, and each
//! says where the next undo and redo lead.

use super::{Tx, cut};
use crate::{
    error::{Error, Noun, Result},
    id::{JobId, TaskId},
};
use sea_orm::{DeriveActiveEnum, IntoActiveModel, QueryOrder, QuerySelect, entity::prelude::*};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A version.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "task_versions")]
pub struct Model {
    /// Whose it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub task_id: TaskId,
    /// Which history.
    #[sea_orm(primary_key, auto_increment = false)]
    pub history: History,
    /// Its number, contiguous from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i64,
    /// Name of the token that made it.
    pub author: String,
    /// Why it came to be.
    pub cause: Cause,
    /// The version whose contents it has, where it is not its own.
    pub restored: Option<i64>,
    /// The version that undoing leads to.
    pub undo_to: Option<i64>,
    /// The version that redoing leads to.
    pub redo_to: Option<i64>,
    /// The job that wrote it.
    pub job_id: Option<JobId>,
    /// The description, or the decisions as JSON.
    pub body: String,
    /// When it was made.
    pub created_at: DateTimeUtc,
}

/// Which history of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
pub enum History {
    /// Its description.
    Description,
    /// What a person decided about its files.
    Files,
}

/// Why a version came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
pub enum Cause {
    /// The task was created with it.
    Created,
    /// A person changed it.
    Edited,
    /// A person applied an improved text.
    Improved,
    /// A step was undone.
    Undone,
    /// A step was redone.
    Redone,
    /// A person went back to a version.
    Reverted,
}

/// What a person decided about a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// It counts.
    Included,
    /// It does not count.
    Excluded,
    /// It counts, and stands first.
    Pinned,
}

/// All decisions about a task's files, by path.
pub type Decisions = BTreeMap<String, Choice>;

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The decisions of a version of the files' history.
    ///
    /// # Errors
    /// `Internal` when they were stored wrongly.
    pub fn decisions(&self) -> Result<Decisions> {
        serde_json::from_str(&self.body)
            .map_err(|error| Error::Internal(format!("the decisions of a task cannot be read: {error}")))
    }
}

/// Stores a version.
///
/// # Errors
/// Storage errors.
pub async fn insert(tx: &Tx, version: &Model) -> Result<()> {
    Entity::insert(version.clone().into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// One version.
///
/// # Errors
/// `NotFound`.
pub async fn get(db: &impl ConnectionTrait, task: TaskId, history: History, version: i64) -> Result<Model> {
    Entity::find_by_id((task, history, version)).one(db).await?.ok_or(Error::NotFound(Noun::TaskVersion))
}

/// The decisions of a version; version 0 has none.
///
/// # Errors
/// `NotFound`.
pub async fn decisions(db: &impl ConnectionTrait, task: TaskId, version: i64) -> Result<Decisions> {
    if version == 0 {
        return Ok(Decisions::new());
    }
    get(db, task, History::Files, version).await?.decisions()
}

/// A page of versions, the newest first, and whether there are older ones.
///
/// # Errors
/// Storage errors.
pub async fn list(
    db: &impl ConnectionTrait,
    task: TaskId,
    history: History,
    before: Option<i64>,
    limit: u64,
) -> Result<(Vec<Model>, bool)> {
    let mut query = Entity::find().filter(Column::TaskId.eq(task)).filter(Column::History.eq(history));
    if let Some(before) = before {
        query = query.filter(Column::Version.lt(before));
    }
    let rows = query.order_by_desc(Column::Version).limit(limit + 1).all(db).await?;
    Ok(cut(rows, limit))
}
