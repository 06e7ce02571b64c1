//! What is known of the files of a task: how they were found, and how large they
//! are. What a person decided about them is in the history of the files.

use super::Tx;
use crate::{
    error::Result,
    id::{TaskId, WorkflowId},
};
use sea_orm::{
    DeriveActiveEnum, FromJsonQueryResult, IntoActiveModel, QueryOrder, entity::prelude::*,
    sea_query::OnConflict,
};
use serde::{Deserialize, Serialize};

/// Rows of one statement; SQLite takes 32,766 values.
const BATCH: usize = 1_000;

/// A file of a task.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "task_files")]
pub struct Model {
    /// Whose it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub task_id: TaskId,
    /// Path within the workspace.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub path: String,
    /// How a workflow found it; `None`: a person chose it.
    pub source: Option<Source>,
    /// How relevant, 0 to 1.
    pub score: Option<f64>,
    /// Why it was found.
    pub reasons: Reasons,
    /// Estimated tokens of its whole text.
    pub tokens: i64,
    /// Size in bytes.
    pub size_bytes: i64,
    /// Whether it looks like it holds secrets.
    pub looks_secret: bool,
    /// The workflow that found it last.
    pub workflow_id: Option<WorkflowId>,
}

/// How a workflow found a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
pub enum Source {
    /// It was judged relevant.
    Relevant,
    /// It is a neighbour of a relevant file.
    Extended,
}

/// Reasons.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Reasons(pub Vec<Reason>);

/// A fact that speaks for a file. See `banto.v1.FileReason`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// What it rests on.
    pub kind: ReasonKind,
    /// One sentence.
    pub text: String,
    /// Terms of the task that were met.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<String>,
    /// First and last line, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<(u32, u32)>,
    /// The symbol.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub symbol: String,
    /// The other file.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub other_path: String,
    /// The commit, abbreviated.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub commit: String,
}

impl Reason {
    /// A reason that names nothing but what it rests on.
    #[must_use]
    pub fn new(kind: ReasonKind, text: String) -> Self {
        Self {
            kind,
            text,
            terms: Vec::new(),
            lines: None,
            symbol: String::new(),
            other_path: String::new(),
            commit: String::new(),
        }
    }
}

/// What a reason rests on. See `banto.v1.ReasonKind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasonKind {
    /// The task names the file.
    Named,
    /// Its path.
    Path,
    /// A symbol that it defines.
    Symbol,
    /// A passage.
    Lines,
    /// A past commit.
    Commit,
    /// Another file imports it.
    ImportedBy,
    /// It imports another file.
    Imports,
    /// It was changed together with another file.
    ChangedWith,
    /// It tests another file, or is tested by it.
    TestOf,
    /// A pattern matched.
    Pattern,
    /// A model says so.
    Model,
    /// A symbol ties it to another file.
    Definition,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The files of a task, ordered by path.
///
/// # Errors
/// Storage errors.
pub async fn of_task(db: &impl ConnectionTrait, task: TaskId) -> Result<Vec<Model>> {
    Ok(Entity::find().filter(Column::TaskId.eq(task)).order_by_asc(Column::Path).all(db).await?)
}

/// Adds files that are not there yet.
///
/// # Errors
/// Storage errors.
pub async fn add(tx: &Tx, files: &[Model]) -> Result<()> {
    for batch in files.chunks(BATCH) {
        let rows = batch.iter().cloned().map(IntoActiveModel::into_active_model);
        let is_there = OnConflict::columns([Column::TaskId, Column::Path]).do_nothing().to_owned();
        Entity::insert_many(rows).on_conflict(is_there).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Adds files, or takes what is newly known of those that are there.
///
/// # Errors
/// Storage errors.
pub async fn put(tx: &Tx, files: &[Model]) -> Result<()> {
    for batch in files.chunks(BATCH) {
        let rows = batch.iter().cloned().map(IntoActiveModel::into_active_model);
        Entity::insert_many(rows)
            .on_conflict(
                OnConflict::columns([Column::TaskId, Column::Path])
                    .update_columns([
                        Column::Source,
                        Column::Score,
                        Column::Reasons,
                        Column::Tokens,
                        Column::SizeBytes,
                        Column::LooksSecret,
                        Column::WorkflowId,
                    ])
                    .to_owned(),
            )
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}
