//! `banto.v1.Feed`: many subjects on one stream.

use super::{
    caller, companion_conversation, decode, encode, jobs, plans, runtime_registry,
    stream::{Answers, HEARTBEAT, guarded},
    tasks, worker, workflows, workspaces,
};
use crate::{
    access::Principal,
    companion::Companion,
    error::{Error, Noun, Result as Domain},
    id::WatchId,
    job::Jobs,
    plan::Plans,
    registry::Registry,
    store::Access,
    task::Tasks,
    workflow::Workflows,
    workspace::Workspaces,
};
use banto_proto::v1::{self as pb, subject, subject_update::Kind};
use futures::{Stream, StreamExt as _, stream::BoxStream};
use prost::Message as _;
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::mpsc;
use tokio_stream::StreamMap;
use tonic::{Request, Response, Status};

/// Most subjects of one stream.
const MAX_SUBJECTS: usize = 64;
/// Updates of a stream that may wait; more make UpdateWatch wait.
const COMMANDS: usize = 16;

/// The service.
#[derive(Debug)]
pub(super) struct FeedService {
    pub registry: Registry,
    pub companion: Companion,
    pub jobs: Jobs,
    pub tasks: Tasks,
    pub workflows: Workflows,
    pub plans: Plans,
    pub workspaces: Workspaces,
    pub build: String,
    pub open: Arc<Mutex<HashMap<WatchId, Handle>>>,
}

/// How UpdateWatch reaches an open stream.
#[derive(Debug)]
pub(super) struct Handle {
    /// The caller's token: a watch id is no authority by itself.
    owner: Option<crate::id::TokenId>,
    commands: mpsc::Sender<Command>,
}

#[derive(Debug)]
struct Command {
    add: Vec<Added>,
    remove: Vec<String>,
    acknowledge: Vec<pb::Acknowledgement>,
}

/// A subject that was checked at the door.
struct Added {
    id: String,
    credit: u64,
    updates: BoxStream<'static, Domain<Kind>>,
}

impl std::fmt::Debug for Added {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Added").field("id", &self.id).finish_non_exhaustive()
    }
}

/// An open stream.
struct Watching {
    id: WatchId,
    open: Arc<Mutex<HashMap<WatchId, Handle>>>,
    commands: mpsc::Receiver<Command>,
    subjects: StreamMap<String, BoxStream<'static, Domain<Kind>>>,
    /// Subjects that are over their credit.
    paused: HashMap<String, BoxStream<'static, Domain<Kind>>>,
    accounts: HashMap<String, Account>,
    ready: VecDeque<pb::WatchResponse>,
}

/// Bytes of a subject.
#[derive(Debug, Default)]
struct Account {
    credit: u64,
    sent: u64,
    acknowledged: u64,
}

impl Account {
    fn is_over(&self) -> bool {
        self.credit > 0 && self.sent.saturating_sub(self.acknowledged) >= self.credit
    }
}

impl FeedService {
    /// A subject that cannot be watched fails on the stream, alone: a page must not
    /// lose the others to one bad address.
    fn subject(&self, access: &Access, subject: pb::Subject) -> Domain<Added> {
        let id = crate::input::required_client_id("subject_id", &subject.subject_id)?;
        let credit = u64::from(subject.credit_bytes);
        let updates = self
            .updates(access.clone(), subject.subject)
            .unwrap_or_else(|error| futures::stream::iter([Err(error)]).boxed());
        Ok(Added { id, credit, updates })
    }

    fn updates(
        &self,
        access: Access,
        subject: Option<subject::Subject>,
    ) -> Domain<BoxStream<'static, Domain<Kind>>> {
        Ok(match subject.ok_or_else(|| Error::invalid("subject", "must not be absent"))? {
            subject::Subject::Runtimes(pb::RuntimesSubject {}) => {
                runtime_registry::watch(&self.registry, access).map(|u| u.map(Kind::Runtimes)).boxed()
            }
            subject::Subject::Workers(workers) => {
                let workspace = decode::workspace(&workers.workspace_id)?;
                worker::watch(&self.registry, access, workspace).map(|u| u.map(Kind::Workers)).boxed()
            }
            subject::Subject::Jobs(wanted) => {
                let workspace = decode::workspace(&wanted.workspace_id)?;
                jobs::watch(&self.jobs, access, workspace).map(|u| u.map(Kind::Jobs)).boxed()
            }
            subject::Subject::Conversations(wanted) => {
                let workspace = decode::workspace(&wanted.workspace_id)?;
                companion_conversation::watch_list(&self.companion, access, workspace)
                    .map(|u| u.map(Kind::Conversations))
                    .boxed()
            }
            subject::Subject::Conversation(wanted) => {
                let target = decode::target("", &wanted.conversation_id)?;
                let cursor = decode::cursor(wanted.after_sequence, &wanted.epoch)?;
                companion_conversation::watch(&self.companion, access, target, cursor)
                    .map(|u| u.map(Kind::Conversation))
                    .boxed()
            }
            subject::Subject::Workspaces(pb::WorkspacesSubject {}) => {
                workspaces::watch(&self.workspaces, access).map(|u| u.map(Kind::Workspaces)).boxed()
            }
            subject::Subject::Tasks(wanted) => {
                let workspace = decode::workspace(&wanted.workspace_id)?;
                tasks::watch_list(&self.tasks, access, workspace).map(|u| u.map(Kind::Tasks)).boxed()
            }
            subject::Subject::Task(wanted) => {
                let id = decode::id("task_id", &wanted.task_id)?;
                tasks::watch(&self.tasks, access, id).map(|u| u.map(Kind::Task)).boxed()
            }
            subject::Subject::Workflow(wanted) => {
                let id = decode::id("workflow_id", &wanted.workflow_id)?;
                let cursor = decode::cursor(wanted.after_sequence, &wanted.epoch)?;
                workflows::watch(&self.workflows, access, id, cursor).map(|u| u.map(Kind::Workflow)).boxed()
            }
            subject::Subject::Plans(wanted) => {
                let task = decode::id("task_id", &wanted.task_id)?;
                plans::watch_list(&self.plans, access, task).map(|u| u.map(Kind::Plans)).boxed()
            }
            subject::Subject::Plan(wanted) => {
                let id = decode::id("plan_id", &wanted.plan_id)?;
                let cursor = decode::cursor(wanted.after_sequence, &wanted.epoch)?;
                plans::watch(&self.plans, &access, id, cursor).map(|u| u.map(Kind::Plan)).boxed()
            }
        })
    }

    fn subjects(&self, caller: &Principal, subjects: Vec<pb::Subject>) -> Domain<Vec<Added>> {
        if subjects.len() > MAX_SUBJECTS {
            return Err(Error::invalid("subjects", format!("at most {MAX_SUBJECTS} are taken")));
        }
        subjects.into_iter().map(|subject| self.subject(&caller.access, subject)).collect()
    }

    fn open(&self) -> MutexGuard<'_, HashMap<WatchId, Handle>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watching {
    async fn next(&mut self) -> Option<Result<pb::WatchResponse, Status>> {
        loop {
            if let Some(ready) = self.ready.pop_front() {
                return Some(Ok(ready));
            }
            tokio::select! {
                biased;
                Some(command) = self.commands.recv() => self.apply(command),
                Some((id, update)) = self.subjects.next(), if !self.subjects.is_empty() => match update {
                    Err(Error::ShuttingDown) => return Some(Err(Error::ShuttingDown.into())),
                    Err(error) => {
                        self.remove(&id);
                        self.ready.push_back(failed(id, error));
                    }
                    Ok(kind) => {
                        let update = self.account(id, kind);
                        self.ready.push_back(update);
                    }
                },
                else => std::future::pending().await,
            }
        }
    }

    fn account(&mut self, id: String, kind: Kind) -> pb::WatchResponse {
        let mut update = pb::SubjectUpdate { subject_id: id.clone(), sent_bytes: 0, kind: Some(kind) };
        let account = self.accounts.entry(id.clone()).or_default();
        account.sent += update.encoded_len() as u64;
        update.sent_bytes = account.sent;
        if account.is_over()
            && let Some(paused) = self.subjects.remove(&id)
        {
            self.paused.insert(id, paused);
        }
        pb::WatchResponse { kind: Some(pb::watch_response::Kind::Update(update)) }
    }

    fn apply(&mut self, command: Command) {
        for id in &command.remove {
            self.remove(id);
        }
        for added in command.add {
            self.add(added);
        }
        for acknowledged in command.acknowledge {
            let Some(account) = self.accounts.get_mut(&acknowledged.subject_id) else { continue };
            account.acknowledged = account.acknowledged.max(acknowledged.received_bytes);
            if !account.is_over()
                && let Some(stream) = self.paused.remove(&acknowledged.subject_id)
            {
                self.subjects.insert(acknowledged.subject_id, stream);
            }
        }
    }

    fn add(&mut self, added: Added) {
        self.remove(&added.id);
        if self.accounts.len() >= MAX_SUBJECTS {
            let error = Error::LimitExceeded {
                what: format!("a stream has at most {MAX_SUBJECTS} subjects"),
                retry_after: None,
            };
            self.ready.push_back(failed(added.id, error));
            return;
        }
        self.accounts.insert(added.id.clone(), Account { credit: added.credit, ..Account::default() });
        self.subjects.insert(added.id, added.updates);
    }

    fn remove(&mut self, id: &str) {
        self.subjects.remove(id);
        self.paused.remove(id);
        self.accounts.remove(id);
    }

    fn into_stream(self) -> impl Stream<Item = Result<pb::WatchResponse, Status>> + Send + 'static {
        futures::stream::unfold(self, |mut watching| async move {
            watching.next().await.map(|update| (update, watching))
        })
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

fn failed(subject_id: String, error: Error) -> pb::WatchResponse {
    use tonic_types::StatusExt as _;
    let status = Status::from(error);
    let reason = status.get_details_error_info().map(|info| info.reason).unwrap_or_default();
    let failure = pb::SubjectFailure {
        code: i32::from(status.code()).unsigned_abs(),
        reason,
        message: status.message().to_owned(),
    };
    let update = pb::SubjectUpdate { subject_id, sent_bytes: 0, kind: Some(Kind::Failed(failure)) };
    pb::WatchResponse { kind: Some(pb::watch_response::Kind::Update(update)) }
}

#[tonic::async_trait]
impl pb::feed_server::Feed for FeedService {
    type WatchStream = Answers<pb::WatchResponse>;

    async fn watch(&self, request: Request<pb::WatchRequest>) -> Result<Response<Self::WatchStream>, Status> {
        let caller = caller(&request)?;
        let subjects = self.subjects(&caller, request.into_inner().subjects)?;
        let id = WatchId::new();
        let (sender, commands) = mpsc::channel(COMMANDS);
        self.open().insert(id, Handle { owner: caller.token_id, commands: sender });
        let started = pb::WatchStarted {
            watch_id: id.to_string(),
            heartbeat_interval: Some(encode::duration(HEARTBEAT)),
            server_build: self.build.clone(),
        };
        let mut watching = Watching {
            id,
            open: self.open.clone(),
            commands,
            subjects: StreamMap::new(),
            paused: HashMap::new(),
            accounts: HashMap::new(),
            ready: VecDeque::from([pb::WatchResponse {
                kind: Some(pb::watch_response::Kind::Started(started)),
            }]),
        };
        for subject in subjects {
            watching.add(subject);
        }
        let heartbeat =
            || pb::WatchResponse { kind: Some(pb::watch_response::Kind::Heartbeat(encode::heartbeat())) };
        Ok(Response::new(guarded(&caller, heartbeat, watching.into_stream())))
    }

    async fn update_watch(
        &self,
        request: Request<pb::UpdateWatchRequest>,
    ) -> Result<Response<pb::UpdateWatchResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let id: WatchId = decode::id("watch_id", &asked.watch_id)?;
        let commands = match self.open().get(&id) {
            None => return Err(Error::NotFound(Noun::Watch).into()),
            Some(handle) if handle.owner != caller.token_id => return Err(Error::ScopeDenied.into()),
            Some(handle) => handle.commands.clone(),
        };
        let command = Command {
            add: self.subjects(&caller, asked.add)?,
            remove: asked.remove_subject_ids,
            acknowledge: asked.acknowledge,
        };
        commands.send(command).await.map_err(|_| Error::NotFound(Noun::Watch))?;
        Ok(Response::new(pb::UpdateWatchResponse {}))
    }
}
