//! Tasks: what is to be done, in words, and the files that matter for it. Both
//! have a history in which nothing is overwritten.

mod edit;
mod files;
mod history;
mod improve;

pub use edit::{NewTask, UpdatedTask};
pub use files::{File, add_found, merge, row as file_row};
pub use history::{Destination, first_line};
pub use improve::Improvement;

use crate::{
    error::Result,
    feed::{List, Peers},
    id::{TaskId, WorkspaceId},
    job::Jobs,
    prompt::Prompts,
    registry::Registry,
    store::{
        Access, Store,
        notice::Notice,
        task, task_file,
        task_version::{self, History},
    },
    workspace::Workspaces,
};
use tokio_util::sync::CancellationToken;

/// The tasks. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Tasks {
    store: Store,
    workspaces: Workspaces,
    registry: Registry,
    jobs: Jobs,
    prompts: Prompts,
    reply_tokens: u64,
    peers: Peers,
    list: List<task::Model>,
}

/// What tasks are made from.
#[derive(Debug)]
pub struct Parts {
    /// The database.
    pub store: Store,
    /// Where their files are.
    pub workspaces: Workspaces,
    /// Which model answers.
    pub registry: Registry,
    /// What asks it.
    pub jobs: Jobs,
    /// What it is asked with.
    pub prompts: Prompts,
    /// Most tokens of an answer.
    pub reply_tokens: u64,
    /// Ends the watches.
    pub stop: CancellationToken,
    /// Other servers.
    pub peers: Peers,
}

impl Tasks {
    /// The tasks of a database.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let Parts { store, workspaces, registry, jobs, prompts, reply_tokens, stop, peers } = parts;
        Self { store, workspaces, registry, jobs, prompts, reply_tokens, peers, list: List::new(stop) }
    }

    /// The watchable list.
    #[must_use]
    pub fn watchable(&self) -> &List<task::Model> {
        &self.list
    }

    /// One task.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn get(&self, access: &Access, id: TaskId) -> Result<task::Model> {
        task::get(self.store.read(), access, id).await
    }

    /// One task with its files, the pinned ones first, then by score.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn with_files(&self, access: &Access, id: TaskId) -> Result<(task::Model, Vec<File>)> {
        let tx = self.store.begin_read().await?;
        let task = task::get(&tx, access, id).await?;
        let decisions = task_version::decisions(&tx, id, task.files_version).await?;
        Ok((task, merge(task_file::of_task(&tx, id).await?, &decisions)))
    }

    /// The workspace that a request means.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn workspace(&self, access: &Access, id: Option<WorkspaceId>) -> Result<WorkspaceId> {
        Ok(self.workspaces.row(access, id).await?.id)
    }

    /// A page of tasks, the most recently changed first, and whether there are
    /// more.
    ///
    /// # Errors
    /// `NotFound` for the workspace.
    pub async fn page(
        &self,
        access: &Access,
        workspace: Option<WorkspaceId>,
        page: &task::Page,
    ) -> Result<(Vec<task::Model>, bool)> {
        let workspace = self.workspace(access, workspace).await?;
        task::list(self.store.read(), workspace, page).await
    }

    /// A page of versions, the newest first, and whether there are older ones.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn versions(
        &self,
        access: &Access,
        id: TaskId,
        history: History,
        before: Option<i64>,
        limit: u64,
    ) -> Result<(Vec<task_version::Model>, bool)> {
        self.get(access, id).await?;
        task_version::list(self.store.read(), id, history, before, limit).await
    }

    /// Tells watchers of a committed change.
    pub fn publish(&self, task: task::Model) {
        self.peers.tell(Notice::Task(task.id));
        self.list.publish(task);
    }

    /// Another server changed a task.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn changed_elsewhere(&self, id: TaskId) -> Result<()> {
        self.list.publish(self.get(&Access::All, id).await?);
        Ok(())
    }
}
