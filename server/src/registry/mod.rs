//! Runtimes and workers: who they are, what they can do and what they may do.

mod answerer;

pub use answerer::{Answerer, ChosenModel};

use crate::{
    access::Principal,
    error::{Error, Result},
    feed::{List, Peers},
    id::{RuntimeId, TurnId, WorkerId, WorkspaceId},
    provider::Providers,
    store::{
        Access, Store, audit, conversation, notice::Notice, preferences, runtime, runtime::RuntimeKind,
        turn::AnswerSource, worker, workspace,
    },
};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};
use tokio_util::sync::CancellationToken;

/// The runtime inside the server.
pub const BACKEND_INTERNAL: &str = "backend-internal";
/// Name of a Companion.
pub const COMPANION_NAME: &str = "Companion";
const COMPANION_REF: &str = "companion@backend-internal";

/// What workers may do to the world. There is no code behind any of these for a
/// Companion, so they are not settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// Read or write files.
    pub filesystem: bool,
    /// Run commands.
    pub shell: bool,
    /// Change a git repository.
    pub git: bool,
    /// Change tickets.
    pub ticket_mutation: bool,
}

/// A runtime as callers see it.
#[derive(Clone, Debug)]
pub struct RuntimeView {
    /// Its row.
    pub row: runtime::Model,
    /// What its workers may do.
    pub capabilities: Capabilities,
    /// Workers that the caller may see.
    pub workers: usize,
    /// Rises with each change.
    pub version: u64,
}

/// What a worker can do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkerState {
    /// Takes work.
    Ready,
    /// Takes work, and has a turn running.
    Busy,
    /// Stopped by a person.
    Stopped,
    /// Cannot work, for this cause.
    Unavailable(String),
}

/// A worker as callers see it.
#[derive(Clone, Debug)]
pub struct WorkerView {
    /// Its row.
    pub row: worker::Model,
    /// What it can do now.
    pub state: WorkerState,
    /// What it may do.
    pub capabilities: Capabilities,
    /// Who writes its replies.
    pub answer_source: AnswerSource,
    /// Provider; empty for the guide.
    pub provider_id: String,
    /// Model; empty for the guide, or not known yet.
    pub model: String,
    /// Turns that run now.
    pub active_turns: Vec<TurnId>,
    /// Rises with each change.
    pub version: u64,
}

/// The registry. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Registry {
    store: Store,
    providers: Providers,
    workers: List<WorkerView>,
    runtimes: List<RuntimeView>,
    /// Begins at the latest change in microseconds, so that versions rise over
    /// restarts too, and stay where nothing changed.
    version: Arc<AtomicU64>,
    learned: Arc<Mutex<answerer::Learned>>,
    peers: Peers,
}

impl Registry {
    /// Registers the runtime and a Companion for each workspace.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn start(
        store: Store,
        providers: Providers,
        stop: CancellationToken,
        peers: Peers,
    ) -> Result<Self> {
        let runtime = RuntimeId::from_slug(BACKEND_INTERNAL);
        runtime::ensure(&store, runtime.clone(), RuntimeKind::BackendInternal, "Banto server").await?;
        for workspace in workspace::all(store.read(), &Access::All).await? {
            worker::ensure(&store, &runtime, workspace.id, COMPANION_NAME, COMPANION_REF).await?;
        }
        let workers = worker::list(store.read(), &Access::All, None, None).await?;
        let latest = workers.iter().map(|worker| worker.updated_at.timestamp_micros()).max();
        let version = latest.and_then(|at| u64::try_from(at).ok()).unwrap_or_default();
        Ok(Self {
            store,
            providers,
            workers: List::new(stop.clone()),
            runtimes: List::new(stop),
            version: Arc::new(AtomicU64::new(version)),
            learned: Arc::default(),
            peers,
        })
    }

    /// The watchable list of workers.
    #[must_use]
    pub fn worker_list(&self) -> &List<WorkerView> {
        &self.workers
    }

    /// The watchable list of runtimes.
    #[must_use]
    pub fn runtime_list(&self) -> &List<RuntimeView> {
        &self.runtimes
    }

    /// All runtimes.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn runtimes(&self, access: &Access) -> Result<Vec<RuntimeView>> {
        let version = self.version();
        let workers = worker::list(self.store.read(), access, None, None).await?;
        let rows = runtime::all(self.store.read()).await?;
        Ok(rows.into_iter().map(|row| runtime_view(row, &workers, version)).collect())
    }

    /// One runtime.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn runtime(&self, access: &Access, id: &RuntimeId) -> Result<RuntimeView> {
        let version = self.version();
        let row = runtime::get(self.store.read(), id).await?;
        let workers = worker::list(self.store.read(), access, Some(id), None).await?;
        Ok(runtime_view(row, &workers, version))
    }

    /// Workers, by runtime and id.
    ///
    /// # Errors
    /// `NotFound` for an unknown runtime.
    pub async fn workers(
        &self,
        access: &Access,
        runtime: Option<&RuntimeId>,
        workspace: Option<WorkspaceId>,
    ) -> Result<Vec<WorkerView>> {
        if let Some(runtime) = runtime {
            runtime::get(self.store.read(), runtime).await?;
        }
        let rows = worker::list(self.store.read(), access, runtime, workspace).await?;
        let mut views = Vec::with_capacity(rows.len());
        for row in rows {
            views.push(self.view(row).await?);
        }
        Ok(views)
    }

    /// One worker by its whole key.
    ///
    /// # Errors
    /// `NotFound`, of the runtime or of the worker.
    pub async fn worker(&self, access: &Access, runtime: &RuntimeId, id: WorkerId) -> Result<WorkerView> {
        runtime::get(self.store.read(), runtime).await?;
        let row = worker::get(self.store.read(), access, runtime, id).await?;
        self.view(row).await
    }

    /// The Companion of a workspace.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn companion(&self, workspace: WorkspaceId) -> Result<WorkerView> {
        let runtime = RuntimeId::from_slug(BACKEND_INTERNAL);
        let row = worker::companion(self.store.read(), &runtime, workspace).await?;
        self.view(row).await
    }

    /// Registers the Companion of a workspace that is new, and tells watchers.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn add_companion(&self, workspace: WorkspaceId) -> Result<()> {
        let runtime = RuntimeId::from_slug(BACKEND_INTERNAL);
        worker::ensure(&self.store, &runtime, workspace, COMPANION_NAME, COMPANION_REF).await?;
        let companion = worker::companion(self.store.read(), &runtime, workspace).await?;
        self.refresh(companion.id);
        // A runtime says how many workers it has.
        self.runtimes.start_over();
        Ok(())
    }

    /// Stops a worker for good, or lets it serve again. The turns of a stopped
    /// worker are the caller's to cancel.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn set_stopped(
        &self,
        by: &Principal,
        runtime: &RuntimeId,
        id: WorkerId,
        stopped: bool,
    ) -> Result<WorkerView> {
        runtime::get(self.store.read(), runtime).await?;
        let tx = self.store.begin().await?;
        if worker::get(&tx, &by.access, runtime, id).await?.stopped && stopped {
            drop(tx);
            return self.worker(&by.access, runtime, id).await;
        }
        worker::set_stopped(&tx, id, stopped).await?;
        let action = if stopped { "worker.stop" } else { "worker.restart" };
        audit::append(&tx, &by.name, action, &id.to_string(), serde_json::json!({})).await?;
        tx.commit().await?;
        if !stopped {
            self.check_companion_provider().await;
        }
        self.refresh(id);
        self.worker(&by.access, runtime, id).await
    }

    /// Tells watchers how a worker is now, off the path of whoever changed it.
    pub fn refresh(&self, id: WorkerId) {
        self.peers.tell(Notice::Worker(id));
        self.changed_elsewhere(id);
    }

    /// Tells watchers how a worker is now that another server changed.
    pub fn changed_elsewhere(&self, id: WorkerId) {
        self.version.fetch_add(1, Ordering::Relaxed);
        if !self.workers.is_watched() {
            return;
        }
        let registry = self.clone();
        tokio::spawn(async move {
            let view = async { registry.view(worker::by_id(registry.store.read(), id).await?).await };
            match view.await {
                Ok(view) => registry.workers.publish(view),
                Err(error) => tracing::warn!(%error, "watchers were not told of a worker's change"),
            }
        });
    }

    async fn view(&self, row: worker::Model) -> Result<WorkerView> {
        // Taken before anything is read: what is read is at least that new.
        let version = self.version();
        let preferences = preferences::get(self.store.read()).await?.body;
        let active_turns = conversation::active_turns(self.store.read(), row.id).await?;
        let answerer = self.answerer(&preferences, &conversation::Settings::default());
        let state = match &answerer {
            _ if row.stopped => WorkerState::Stopped,
            Err(Error::CompanionUnavailable { cause }) => WorkerState::Unavailable(cause.clone()),
            _ if active_turns.is_empty() => WorkerState::Ready,
            _ => WorkerState::Busy,
        };
        let (answer_source, provider_id, model) = match answerer {
            Ok(Answerer::Guide) => (AnswerSource::Guide, String::new(), String::new()),
            Ok(Answerer::Model { provider, model }) => {
                (AnswerSource::Model, provider.info().id, model.unwrap_or_default())
            }
            Err(_) => (AnswerSource::Model, preferences.companion_provider_id, preferences.companion_model),
        };
        Ok(WorkerView {
            row,
            state,
            capabilities: Capabilities::default(),
            answer_source,
            provider_id,
            model,
            active_turns,
            version,
        })
    }

    fn version(&self) -> u64 {
        self.version.load(Ordering::Relaxed)
    }
}

fn runtime_view(row: runtime::Model, workers: &[worker::Model], version: u64) -> RuntimeView {
    let workers = workers.iter().filter(|worker| worker.runtime_id == row.id).count();
    RuntimeView { row, capabilities: Capabilities::default(), workers, version }
}
