//! `banto.v1.Tasks`.

use super::{
    caller, decode, encode, encode_task,
    stream::{Answers, guarded},
};
use crate::{
    error::{Error, Result as Domain},
    feed::ListUpdate,
    id::{TaskId, WorkspaceId},
    input,
    store::{
        Access, task,
        task_version::{Choice, History},
    },
    task::{Destination, Improvement, NewTask, Tasks, UpdatedTask},
    workspace::WorkspacePath,
};
use banto_proto::v1::{self as pb, revert_task_request::To, task_update, tasks_update};
use futures::{Stream, StreamExt as _, stream};
use tonic::{Request, Response, Status};

/// Tasks of a snapshot of the list.
const SNAPSHOT_TASKS: u64 = 100;
/// Most decisions of a call.
const MAX_DECISIONS: usize = 10_000;
/// Longest instructions for an improvement, in characters.
const MAX_INSTRUCTIONS: usize = 2_000;

/// The service.
#[derive(Debug)]
pub(super) struct TasksService(pub Tasks);

/// Watches the newest tasks of a workspace that are not archived.
pub(super) fn watch_list(
    tasks: &Tasks,
    access: Access,
    workspace: Option<WorkspaceId>,
) -> impl Stream<Item = Domain<pb::TasksUpdate>> + Send + 'static {
    let tasks = tasks.clone();
    let resolved = Box::pin(async move {
        let workspace = tasks.workspace(&access, workspace).await;
        (tasks, access, workspace)
    });
    stream::once(resolved).flat_map(|(tasks, access, workspace)| {
        let workspace = match workspace {
            Ok(workspace) => workspace,
            Err(error) => return stream::iter([Err(error)]).right_stream(),
        };
        let list = tasks.watchable().clone();
        let snapshot = move || {
            let (reader, access) = (tasks.clone(), access.clone());
            Box::pin(async move {
                let page = task::Page { limit: SNAPSHOT_TASKS, ..task::Page::default() };
                Ok(reader.page(&access, Some(workspace), &page).await?.0)
            })
        };
        list.watch(snapshot, move |task: &task::Model| task.workspace_id == workspace)
            .map(|update| {
                use tasks_update::Kind;
                update.map(|update| match update {
                    ListUpdate::Snapshot(rows) => {
                        let tasks = rows.into_iter().map(encode_task::listed_task).collect();
                        pb::TasksUpdate { kind: Some(Kind::Snapshot(pb::TasksSnapshot { tasks })) }
                    }
                    ListUpdate::Changed(row) => {
                        let task = encode_task::listed_task((*row).clone());
                        pb::TasksUpdate { kind: Some(Kind::Upserted(task)) }
                    }
                })
            })
            .left_stream()
    })
}

/// Watches one task.
pub(super) fn watch(
    tasks: &Tasks,
    access: Access,
    id: TaskId,
) -> impl Stream<Item = Domain<pb::TaskUpdate>> + Send + 'static {
    let reader = tasks.clone();
    let snapshot = move || {
        let (reader, access) = (reader.clone(), access.clone());
        Box::pin(async move { reader.get(&access, id).await })
    };
    tasks.watchable().watch(snapshot, move |task: &task::Model| task.id == id).map(|update| {
        update.map(|update| {
            let task = match update {
                ListUpdate::Snapshot(row) => encode_task::task(row),
                ListUpdate::Changed(row) => encode_task::task((*row).clone()),
            };
            pb::TaskUpdate { kind: Some(task_update::Kind::Upserted(task)) }
        })
    })
}

fn history(history: i32) -> Domain<History> {
    match pb::TaskHistory::try_from(history) {
        Ok(pb::TaskHistory::Unspecified) => Ok(History::Description),
        Ok(pb::TaskHistory::Files) => Ok(History::Files),
        Err(_) => Err(Error::invalid("history", "is unknown")),
    }
}

fn decision(decision: &pb::FileDecision) -> Domain<(WorkspacePath, Option<Choice>)> {
    let choice = match pb::FileChoice::try_from(decision.choice) {
        Ok(pb::FileChoice::Unspecified) => None,
        Ok(pb::FileChoice::Included) => Some(Choice::Included),
        Ok(pb::FileChoice::Excluded) => Some(Choice::Excluded),
        Ok(pb::FileChoice::Pinned) => Some(Choice::Pinned),
        Err(_) => return Err(Error::invalid("decisions.choice", "is unknown")),
    };
    Ok((WorkspacePath::parse("decisions.path", &decision.path)?, choice))
}

fn destination(to: Option<To>) -> Domain<Destination> {
    match to {
        Some(To::Version(version)) => Ok(Destination::Version(decode::sequence("version", version)?)),
        Some(To::Undo(true)) => Ok(Destination::Undo),
        Some(To::Redo(true)) => Ok(Destination::Redo),
        Some(To::Undo(false) | To::Redo(false)) | None => {
            Err(Error::invalid("to", "must say where: a version, undo or redo"))
        }
    }
}

impl TasksService {
    async fn files(&self, access: &Access, id: TaskId) -> Domain<(pb::Task, Vec<pb::TaskFile>)> {
        let (task, files) = self.0.with_files(access, id).await?;
        Ok((encode_task::task(task), files.into_iter().map(encode_task::task_file).collect()))
    }
}

#[tonic::async_trait]
impl pb::tasks_server::Tasks for TasksService {
    async fn create_task(
        &self,
        request: Request<pb::CreateTaskRequest>,
    ) -> Result<Response<pb::CreateTaskResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let new = NewTask {
            workspace: decode::workspace(&asked.workspace_id)?,
            description: input::document("description", &asked.description)?,
            title: input::line("title", &asked.title, input::MAX_TITLE)?,
            request_id: input::client_id("request_id", &asked.request_id)?,
            from_conversation: decode::optional_id("from_conversation_id", &asked.from_conversation_id)?,
            clone_of: decode::optional_id("clone_task_id", &asked.clone_task_id)?,
        };
        let task = self.0.create(&caller, new).await?;
        Ok(Response::new(pb::CreateTaskResponse { task: Some(encode_task::task(task)) }))
    }

    async fn get_task(
        &self,
        request: Request<pb::GetTaskRequest>,
    ) -> Result<Response<pb::GetTaskResponse>, Status> {
        let caller = caller(&request)?;
        let id = decode::id("task_id", &request.into_inner().task_id)?;
        let (task, files) = self.files(&caller.access, id).await?;
        Ok(Response::new(pb::GetTaskResponse { task: Some(task), files }))
    }

    async fn list_tasks(
        &self,
        request: Request<pb::ListTasksRequest>,
    ) -> Result<Response<pb::ListTasksResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let query = input::line("query", &asked.query, input::MAX_QUERY)?;
        let page = task::Page {
            words: task::words(&query),
            archived: asked.archived,
            limit: decode::page_size(asked.page_size, 50, 200)?,
            before: decode::time_token(&asked.page_token)?,
        };
        let workspace = decode::workspace(&asked.workspace_id)?;
        let (rows, more) = self.0.page(&caller.access, workspace, &page).await?;
        let next = rows.last().filter(|_| more).map(|row| decode::write_time_token(row.updated_at, row.id));
        Ok(Response::new(pb::ListTasksResponse {
            tasks: rows.into_iter().map(encode_task::listed_task).collect(),
            next_page_token: next.unwrap_or_default(),
        }))
    }

    async fn update_task(
        &self,
        request: Request<pb::UpdateTaskRequest>,
    ) -> Result<Response<pb::UpdateTaskResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let change = UpdatedTask {
            expected_version: decode::version(asked.expected_version)?,
            title: asked.title.map(|title| input::line("title", &title, input::MAX_TITLE)).transpose()?,
            description: asked.description.map(|text| input::document("description", &text)).transpose()?,
            from_job: decode::optional_id("from_job_id", &asked.from_job_id)?,
        };
        let task = self.0.update(&caller, decode::id("task_id", &asked.task_id)?, change).await?;
        Ok(Response::new(pb::UpdateTaskResponse { task: Some(encode_task::task(task)) }))
    }

    async fn list_task_versions(
        &self,
        request: Request<pb::ListTaskVersionsRequest>,
    ) -> Result<Response<pb::ListTaskVersionsResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let id = decode::id("task_id", &asked.task_id)?;
        let before = match asked.before_version {
            0 => None,
            before => Some(decode::sequence("before_version", before)?),
        };
        let limit = decode::page_size(asked.page_size, 50, 200)?;
        let history = history(asked.history)?;
        let (rows, has_earlier) = self.0.versions(&caller.access, id, history, before, limit).await?;
        let versions = rows.into_iter().map(encode_task::version).collect::<Domain<_>>()?;
        Ok(Response::new(pb::ListTaskVersionsResponse { versions, has_earlier }))
    }

    async fn revert_task(
        &self,
        request: Request<pb::RevertTaskRequest>,
    ) -> Result<Response<pb::RevertTaskResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let id = decode::id("task_id", &asked.task_id)?;
        let (history, to) = (history(asked.history)?, destination(asked.to)?);
        let expected = decode::version(asked.expected_version)?;
        let task = self.0.revert(&caller, id, history, expected, to).await?;
        let response = match history {
            History::Description => {
                pb::RevertTaskResponse { task: Some(encode_task::task(task)), files: Vec::new() }
            }
            History::Files => {
                let (task, files) = self.files(&caller.access, id).await?;
                pb::RevertTaskResponse { task: Some(task), files }
            }
        };
        Ok(Response::new(response))
    }

    async fn archive_task(
        &self,
        request: Request<pb::ArchiveTaskRequest>,
    ) -> Result<Response<pb::ArchiveTaskResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let id = decode::id("task_id", &asked.task_id)?;
        let task = self.0.archive(&caller, id, asked.archived).await?;
        Ok(Response::new(pb::ArchiveTaskResponse { task: Some(encode_task::task(task)) }))
    }

    async fn improve_text(
        &self,
        request: Request<pb::ImproveTextRequest>,
    ) -> Result<Response<pb::ImproveTextResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let place = |field, at: u64| usize::try_from(at).map_err(|_| Error::invalid(field, "is too large"));
        let wanted = Improvement {
            expected_version: decode::version(asked.expected_version)?,
            start: place("start", asked.start)?,
            end: (asked.end > 0).then(|| place("end", asked.end)).transpose()?,
            instructions: input::text("instructions", &asked.instructions, MAX_INSTRUCTIONS)?,
            provider_id: input::line("provider_id", &asked.provider_id, input::MAX_TITLE)?,
            model: input::line("model", &asked.model, input::MAX_TITLE)?,
            request_id: input::client_id("request_id", &asked.request_id)?,
        };
        let job = self.0.improve(&caller, decode::id("task_id", &asked.task_id)?, wanted).await?;
        Ok(Response::new(pb::ImproveTextResponse { job: Some(encode::job(job)) }))
    }

    async fn select_files(
        &self,
        request: Request<pb::SelectFilesRequest>,
    ) -> Result<Response<pb::SelectFilesResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let id = decode::id("task_id", &asked.task_id)?;
        if asked.decisions.len() > MAX_DECISIONS {
            return Err(Error::invalid("decisions", format!("at most {MAX_DECISIONS} are taken")).into());
        }
        let expected =
            asked.expected_version.map(|it| decode::sequence("expected_version", it)).transpose()?;
        let decisions = asked.decisions.iter().map(decision).collect::<Domain<_>>()?;
        self.0.select(&caller, id, expected, decisions).await?;
        let (task, files) = self.files(&caller.access, id).await?;
        Ok(Response::new(pb::SelectFilesResponse { task: Some(task), files }))
    }

    type WatchTaskStream = Answers<pb::WatchTaskResponse>;

    async fn watch_task(
        &self,
        request: Request<pb::WatchTaskRequest>,
    ) -> Result<Response<Self::WatchTaskStream>, Status> {
        let caller = caller(&request)?;
        let id = decode::id("task_id", &request.into_inner().task_id)?;
        let updates = watch(&self.0, caller.access.clone(), id).map(|update| {
            update.map(|update| pb::WatchTaskResponse { update: Some(update) }).map_err(Status::from)
        });
        let heartbeat = || pb::WatchTaskResponse {
            update: Some(pb::TaskUpdate { kind: Some(task_update::Kind::Heartbeat(encode::heartbeat())) }),
        };
        Ok(Response::new(guarded(&caller, heartbeat, updates)))
    }
}
