//! Runtimes and workers: who they are, what they can do and what they may do.

use crate::{
    access::Principal,
    error::{Error, Result},
    feed::List,
    id::{RuntimeId, TurnId, WorkerId, WorkspaceId},
    provider::{Provider, Providers},
    run::FailureKind,
    store::{
        Access, Store, audit, conversation, preferences, runtime, runtime::RuntimeKind, turn::AnswerSource,
        worker, workspace,
    },
};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
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

/// Who answers a message.
#[derive(Clone, Debug)]
pub enum Answerer {
    /// A model of a provider.
    Model {
        /// The provider.
        provider: Provider,
        /// The model; `None`: ask the provider for its first.
        model: Option<String>,
    },
    /// The guide.
    Guide,
}

/// The registry. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Registry {
    store: Store,
    providers: Providers,
    workers: List<WorkerView>,
    runtimes: List<RuntimeView>,
    /// Versions rise over restarts too, because they begin at the clock.
    version: Arc<AtomicU64>,
    learned: Arc<Mutex<Learned>>,
}

/// What is known of providers only since they were asked.
#[derive(Debug, Default)]
struct Learned {
    /// Why a provider's credential was refused.
    refused: HashMap<String, String>,
    /// The first model of a provider that has no configured one.
    first_model: HashMap<String, String>,
}

impl Registry {
    /// Registers the runtime and a Companion for each workspace.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn start(store: Store, providers: Providers, stop: CancellationToken) -> Result<Self> {
        let runtime = RuntimeId::from_slug(BACKEND_INTERNAL);
        runtime::ensure(&store, runtime.clone(), RuntimeKind::BackendInternal, "Banto server").await?;
        for workspace in workspace::all(store.read(), &Access::All).await? {
            worker::ensure(&store, &runtime, workspace.id, COMPANION_NAME, COMPANION_REF).await?;
        }
        let clock = u64::try_from(chrono::Utc::now().timestamp_micros()).unwrap_or_default();
        Ok(Self {
            store,
            providers,
            workers: List::new(stop.clone()),
            runtimes: List::new(stop),
            version: Arc::new(AtomicU64::new(clock)),
            learned: Arc::default(),
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
        let version = self.next_version();
        let workers = worker::list(self.store.read(), access, None, None).await?;
        let rows = runtime::all(self.store.read()).await?;
        Ok(rows.into_iter().map(|row| runtime_view(row, &workers, version)).collect())
    }

    /// One runtime.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn runtime(&self, access: &Access, id: &RuntimeId) -> Result<RuntimeView> {
        let version = self.next_version();
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
        let row = worker::get(&tx, &by.access, runtime, id).await?;
        worker::set_stopped(&tx, id, stopped).await?;
        let action = if stopped { "worker.stop" } else { "worker.restart" };
        audit::append(&tx, &by.name, action, &id.to_string(), serde_json::json!({})).await?;
        tx.commit().await?;
        if !stopped {
            self.check_companion_provider(row.workspace_id).await;
        }
        self.refresh(id);
        self.worker(&by.access, runtime, id).await
    }

    /// Tells watchers how a worker is now, off the path of whoever changed it.
    pub fn refresh(&self, id: WorkerId) {
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

    /// Asks the Companions' provider whether it takes the credential, and which
    /// model it has where none is configured. Off the path of the start: a slow
    /// provider delays nothing.
    pub async fn learn_providers(self) {
        let workspaces = workspace::all(self.store.read(), &Access::All).await.unwrap_or_default();
        for workspace in workspaces {
            self.check_companion_provider(workspace.id).await;
            if let Ok(view) = self.companion(workspace.id).await {
                self.refresh(view.row.id);
            }
        }
    }

    async fn check_companion_provider(&self, _workspace: WorkspaceId) {
        self.learned().refused.clear();
        let Ok(preferences) = preferences::get(self.store.read()).await else { return };
        let nothing_chosen = conversation::Settings::default();
        let Ok(Answerer::Model { provider, model }) = self.answerer(&preferences.body, &nothing_chosen)
        else {
            return;
        };
        let _ = self.check(&provider).await;
        if model.is_none() {
            let _ = self.model_of(&provider).await;
        }
    }

    /// Asks a provider whether it answers, and remembers a refused credential.
    ///
    /// # Errors
    /// What the provider's answer amounts to.
    pub async fn check(&self, provider: &Provider) -> Result<crate::provider::Check, crate::run::Failure> {
        let id = provider.info().id;
        let checked = provider.check().await;
        let mut learned = self.learned();
        match &checked {
            Err(failure) if failure.kind == FailureKind::Auth => {
                learned.refused.insert(id, failure.message.clone());
            }
            _ => {
                learned.refused.remove(&id);
            }
        }
        checked
    }

    /// Who answers, by the settings of a conversation, then the preferences.
    ///
    /// # Errors
    /// `CompanionUnavailable` when what is configured cannot be used.
    pub fn answerer(
        &self,
        preferences: &preferences::Preferences,
        settings: &conversation::Settings,
    ) -> Result<Answerer> {
        let unavailable = |cause: String| Error::CompanionUnavailable { cause };
        let own_choice = !settings.provider_id.is_empty();
        let chosen = if own_choice { &settings.provider_id } else { &preferences.companion_provider_id };
        let provider = if chosen.is_empty() {
            let known = self.providers.list();
            let Some(first) = known.first() else { return Ok(Answerer::Guide) };
            let usable = known.iter().find(|info| info.failure.is_none()).unwrap_or(first);
            self.providers.get(&usable.id)
        } else {
            self.providers.get(chosen)
        };
        let provider =
            provider.ok_or_else(|| unavailable(format!("the provider {chosen} is not configured")))?.clone();
        let info = provider.info();
        if let Some(failure) = info.failure {
            return Err(unavailable(failure.message));
        }
        if let Some(cause) = self.learned().refused.get(&info.id) {
            return Err(unavailable(cause.clone()));
        }
        let preferred = if own_choice { "" } else { preferences.companion_model.as_str() };
        let model = [settings.model.as_str(), preferred]
            .into_iter()
            .find(|model| !model.is_empty())
            .map(str::to_owned)
            .or(info.default_model)
            .or_else(|| self.learned().first_model.get(&info.id).cloned());
        Ok(Answerer::Model { provider, model })
    }

    /// The first model of a provider that has no configured one.
    ///
    /// # Errors
    /// `CompanionUnavailable` when the provider names none.
    pub async fn model_of(&self, provider: &Provider) -> Result<String> {
        let id = provider.info().id;
        let models = provider.models().await.map_err(|failure| Error::CompanionUnavailable {
            cause: format!("no model is configured and {id} does not list any: {}", failure.message),
        })?;
        let first = models.into_iter().next().ok_or_else(|| Error::CompanionUnavailable {
            cause: format!("no model is configured and {id} offers none"),
        })?;
        self.learned().first_model.insert(id, first.id.clone());
        Ok(first.id)
    }

    async fn view(&self, row: worker::Model) -> Result<WorkerView> {
        // Taken before anything is read: what is read is at least that new.
        let version = self.next_version();
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

    fn next_version(&self) -> u64 {
        self.version.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn learned(&self) -> std::sync::MutexGuard<'_, Learned> {
        self.learned.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn runtime_view(row: runtime::Model, workers: &[worker::Model], version: u64) -> RuntimeView {
    let workers = workers.iter().filter(|worker| worker.runtime_id == row.id).count();
    RuntimeView { row, capabilities: Capabilities::default(), workers, version }
}
