//! Tasks. Whoever changes one locks its row first, so that its histories are
//! contiguous and at most one workflow is active.

use super::{
    Access, Tx, cut,
    message::{contains, fold},
};
use crate::{
    error::{Error, Noun, Result},
    id::{ConversationId, TaskId, WorkflowId, WorkspaceId},
    run::Usage,
};
use sea_orm::{Condition, IntoActiveModel, QueryOrder, QuerySelect, entity::prelude::*};

/// A task with the newest state of both its histories.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tasks")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TaskId,
    /// Whose it is.
    pub workspace_id: WorkspaceId,
    /// Title.
    pub title: String,
    /// Whether a person set the title; else it follows the first line.
    pub title_is_set: bool,
    /// What is to be done.
    pub description: String,
    /// Title and description, folded for a search.
    pub search_text: String,
    /// Newest version of the description; 1 at first.
    pub description_version: i64,
    /// Newest version of the choice of files; 0: none.
    pub files_version: i64,
    /// Version that undoing the description leads to.
    pub undo_description: Option<i64>,
    /// Version that redoing the description leads to.
    pub redo_description: Option<i64>,
    /// Version that undoing the choice of files leads to.
    pub undo_files: Option<i64>,
    /// Version that redoing the choice of files leads to.
    pub redo_files: Option<i64>,
    /// Files that count.
    pub file_count: i32,
    /// Their tokens, estimated.
    pub file_tokens: i64,
    /// The workflow that runs for it.
    pub active_workflow_id: Option<WorkflowId>,
    /// The workflow that was started last.
    pub latest_workflow_id: Option<WorkflowId>,
    /// Conversation that it was made from.
    pub from_conversation_id: Option<ConversationId>,
    /// Task that it was copied from.
    pub cloned_from_task_id: Option<TaskId>,
    /// Sum over its model calls.
    pub usage: Usage,
    /// The client's id of the request that created it.
    pub request_id: Option<String>,
    /// Rises with each change.
    pub revision: i64,
    /// When it was archived.
    pub archived_at: Option<DateTimeUtc>,
    /// When it was created.
    pub created_at: DateTimeUtc,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What to list.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Only tasks that contain each of these words, folded.
    pub words: Vec<String>,
    /// Archived ones instead of the others.
    pub archived: bool,
    /// At most so many.
    pub limit: u64,
    /// Older than this one.
    pub before: Option<(DateTimeUtc, TaskId)>,
}

/// A page of tasks, the most recently changed first, and whether there are more.
///
/// # Errors
/// Storage errors.
pub async fn list(
    db: &impl ConnectionTrait,
    workspace: WorkspaceId,
    page: &Page,
) -> Result<(Vec<Model>, bool)> {
    let mut query = Entity::find().filter(Column::WorkspaceId.eq(workspace));
    query = if page.archived {
        query.filter(Column::ArchivedAt.is_not_null())
    } else {
        query.filter(Column::ArchivedAt.is_null())
    };
    for word in &page.words {
        query = query.filter(contains(Expr::col(Column::SearchText), word));
    }
    if let Some((at, id)) = page.before {
        let same_time = Condition::all().add(Column::UpdatedAt.eq(at)).add(Column::Id.lt(id));
        query = query.filter(Condition::any().add(Column::UpdatedAt.lt(at)).add(same_time));
    }
    let rows = query
        .order_by_desc(Column::UpdatedAt)
        .order_by_desc(Column::Id)
        .limit(page.limit + 1)
        .all(db)
        .await?;
    Ok(cut(rows, page.limit))
}

/// One task.
///
/// # Errors
/// `NotFound`.
pub async fn get(db: &impl ConnectionTrait, access: &Access, id: TaskId) -> Result<Model> {
    Entity::find_by_id(id)
        .filter(access.condition(Column::WorkspaceId))
        .one(db)
        .await?
        .ok_or(Error::NotFound(Noun::Task))
}

/// Reads a task for a change and keeps others from changing it until the
/// transaction ends.
///
/// # Errors
/// `NotFound`.
pub async fn lock(tx: &Tx, access: &Access, id: TaskId) -> Result<Model> {
    Entity::find_by_id(id)
        .filter(access.condition(Column::WorkspaceId))
        .lock_exclusive()
        .one(tx)
        .await?
        .ok_or(Error::NotFound(Noun::Task))
}

/// The task that a request created.
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

/// Stores a new task.
///
/// # Errors
/// Storage errors.
pub async fn insert(tx: &Tx, mut task: Model) -> Result<Model> {
    task.search_text = searched(&task);
    Entity::insert(task.clone().into_active_model()).exec_without_returning(tx).await?;
    Ok(task)
}

/// Writes a locked task back; its revision rises.
///
/// # Errors
/// Storage errors.
pub async fn save(tx: &Tx, mut task: Model) -> Result<Model> {
    task.search_text = searched(&task);
    task.revision += 1;
    task.updated_at = crate::clock::now();
    Entity::update(task.clone().into_active_model().reset_all()).exec(tx).await?;
    Ok(task)
}

/// The words of a search, as tasks are compared.
#[must_use]
pub fn words(query: &str) -> Vec<String> {
    fold(query).split_whitespace().map(str::to_owned).collect()
}

fn searched(task: &Model) -> String {
    fold(&format!("{}\n{}", task.title, task.description))
}
