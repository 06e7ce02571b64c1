//! Tasks as things: created, copied, changed, taken back, archived.

use super::{
    Destination, Tasks, first_line,
    history::{self, New, append, go},
};
use crate::{
    access::Principal,
    error::{Error, Noun, Result},
    id::{ConversationId, JobId, TaskId, WorkspaceId},
    run::Usage,
    store::{
        Tx, audit, conversation, task, task_file,
        task_version::{self, Cause, History},
        workspace,
    },
};
use serde_json::json;

/// What a new task starts with.
#[derive(Clone, Debug, Default)]
pub struct NewTask {
    /// Whose it is; `None`: the default workspace's, or that of the copied task.
    pub workspace: Option<WorkspaceId>,
    /// What is to be done.
    pub description: String,
    /// Its title; empty: the first line.
    pub title: String,
    /// The client's id of the request.
    pub request_id: Option<String>,
    /// Conversation that it is made from.
    pub from_conversation: Option<ConversationId>,
    /// Task to copy.
    pub clone_of: Option<TaskId>,
}

/// What to change; `None`: leave it.
#[derive(Clone, Debug, Default)]
pub struct UpdatedTask {
    /// The version of the description that the caller saw.
    pub expected_version: Option<i64>,
    /// The title; empty: follow the first line again.
    pub title: Option<String>,
    /// The description.
    pub description: Option<String>,
    /// The job that wrote it.
    pub from_job: Option<JobId>,
}

impl Tasks {
    /// Creates a task; the same request twice creates one.
    ///
    /// # Errors
    /// `NotFound` for the workspace, the conversation or the task to copy;
    /// `InvalidInput` where the id was used for another task.
    pub async fn create(&self, by: &Principal, new: NewTask) -> Result<task::Model> {
        let original = match new.clone_of {
            Some(id) => Some(self.get(&by.access, id).await?),
            None => None,
        };
        if let Some(id) = new.from_conversation {
            conversation::get(self.store.read(), &by.access, id).await?;
        }
        let workspace = new.workspace.or(original.as_ref().map(|task| task.workspace_id));
        let workspace = self.workspaces.row(&by.access, workspace).await?.open()?;
        let tx = self.store.begin().await?;
        if let Some(id) = &new.request_id {
            // The same request at the same time waits here.
            workspace::lock(&tx, workspace.id).await?;
            if let Some(created) = task::by_request(&tx, workspace.id, id).await? {
                return same(&tx, created, &new).await;
            }
        }
        let task = insert(&tx, &by.name, workspace.id, new, original).await?;
        audit::append(&tx, &by.name, "task.create", &task.id.to_string(), json!({})).await?;
        tx.commit().await?;
        self.publish(task.clone());
        Ok(task)
    }

    /// Changes title or description.
    ///
    /// # Errors
    /// `VersionConflict` when the caller saw an old version; `NotFound` for the job.
    pub async fn update(&self, by: &Principal, id: TaskId, change: UpdatedTask) -> Result<task::Model> {
        if let Some(job) = change.from_job
            && self.jobs.get(&by.access, job).await?.task_id != Some(id)
        {
            return Err(Error::NotFound(Noun::Job));
        }
        let tx = self.store.begin().await?;
        let mut task = task::lock(&tx, &by.access, id).await?;
        history::expect(&task, History::Description, change.expected_version)?;
        let description = change.description.filter(|text| *text != task.description);
        let unchanged = description.is_none() && change.title.is_none();
        if unchanged {
            return Ok(task);
        }
        if let Some(text) = description {
            let cause = if change.from_job.is_some() { Cause::Improved } else { Cause::Edited };
            let new = New {
                history: History::Description,
                author: &by.name,
                cause,
                job_id: change.from_job,
                body: text.clone(),
            };
            append(&tx, &mut task, new).await?;
            task.description = text;
        }
        if let Some(title) = change.title {
            task.title_is_set = !title.is_empty();
            task.title = title;
        }
        follow_first_line(&mut task);
        let task = task::save(&tx, task).await?;
        let detail = json!({"version": task.description_version});
        audit::append(&tx, &by.name, "task.update", &id.to_string(), detail).await?;
        tx.commit().await?;
        self.publish(task.clone());
        Ok(task)
    }

    /// Goes somewhere in one of the histories.
    ///
    /// # Errors
    /// `VersionConflict` when the caller saw an old version; `NotFound` for the
    /// version; `NothingToRevert`.
    pub async fn revert(
        &self,
        by: &Principal,
        id: TaskId,
        history: History,
        expected_version: Option<i64>,
        to: Destination,
    ) -> Result<task::Model> {
        let tx = self.store.begin().await?;
        let mut task = task::lock(&tx, &by.access, id).await?;
        history::expect(&task, history, expected_version)?;
        let body = go(&tx, &mut task, history, &by.name, to).await?;
        match history {
            History::Description => {
                task.description = body;
                follow_first_line(&mut task);
            }
            History::Files => super::files::recount(&tx, &mut task).await?,
        }
        let task = task::save(&tx, task).await?;
        audit::append(&tx, &by.name, "task.revert", &id.to_string(), json!({})).await?;
        tx.commit().await?;
        self.publish(task.clone());
        Ok(task)
    }

    /// Archives a task, or brings it back.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn archive(&self, by: &Principal, id: TaskId, archived: bool) -> Result<task::Model> {
        let tx = self.store.begin().await?;
        let mut task = task::lock(&tx, &by.access, id).await?;
        if task.archived_at.is_some() == archived {
            return Ok(task);
        }
        task.archived_at = archived.then(crate::clock::now);
        let task = task::save(&tx, task).await?;
        let action = if archived { "task.archive" } else { "task.unarchive" };
        audit::append(&tx, &by.name, action, &id.to_string(), json!({})).await?;
        tx.commit().await?;
        self.publish(task.clone());
        Ok(task)
    }
}

async fn same(tx: &Tx, created: task::Model, new: &NewTask) -> Result<task::Model> {
    let first = task_version::get(tx, created.id, History::Description, 1).await?.body;
    let copied = new.clone_of.is_some() && new.description.is_empty();
    let other = created.cloned_from_task_id != new.clone_of
        || created.from_conversation_id != new.from_conversation
        || (!copied && first != new.description);
    if other {
        return Err(Error::invalid("request_id", "was used for another task"));
    }
    Ok(created)
}

async fn insert(
    tx: &Tx,
    author: &str,
    workspace_id: WorkspaceId,
    new: NewTask,
    original: Option<task::Model>,
) -> Result<task::Model> {
    let now = crate::clock::now();
    let mut task = task::Model {
        id: TaskId::new(),
        workspace_id,
        title_is_set: !new.title.is_empty(),
        title: new.title,
        description: new.description,
        search_text: String::new(),
        description_version: 0,
        files_version: 0,
        undo_description: None,
        redo_description: None,
        undo_files: None,
        redo_files: None,
        file_count: 0,
        file_tokens: 0,
        active_workflow_id: None,
        latest_workflow_id: None,
        from_conversation_id: new.from_conversation,
        cloned_from_task_id: new.clone_of,
        usage: Usage::default(),
        request_id: new.request_id,
        revision: 1,
        archived_at: None,
        created_at: now,
        updated_at: now,
    };
    if let Some(original) = &original {
        if task.description.is_empty() {
            task.description.clone_from(&original.description);
            task.title_is_set |= original.title_is_set;
            if task.title.is_empty() && original.title_is_set {
                task.title.clone_from(&original.title);
            }
        }
        // Paths of one workspace mean nothing in another.
        if original.workspace_id == workspace_id {
            copy_files(tx, author, original, &mut task).await?;
        }
    }
    let new = New {
        history: History::Description,
        author,
        cause: Cause::Created,
        job_id: None,
        body: task.description.clone(),
    };
    append(tx, &mut task, new).await?;
    follow_first_line(&mut task);
    task::insert(tx, task).await
}

async fn copy_files(tx: &Tx, author: &str, original: &task::Model, task: &mut task::Model) -> Result<()> {
    let files = task_file::of_task(tx, original.id).await?;
    let files: Vec<_> = files.into_iter().map(|file| task_file::Model { task_id: task.id, ..file }).collect();
    task_file::put(tx, &files).await?;
    if original.files_version > 0 {
        let newest = task_version::get(tx, original.id, History::Files, original.files_version).await?;
        let new =
            New { history: History::Files, author, cause: Cause::Created, job_id: None, body: newest.body };
        append(tx, task, new).await?;
    }
    task.file_count = original.file_count;
    task.file_tokens = original.file_tokens;
    Ok(())
}

fn follow_first_line(task: &mut task::Model) {
    if !task.title_is_set {
        task.title = first_line(&task.description);
    }
}
