//! The one place where the rooms are wired together, and the life of the server:
//! open, repair, serve, drain.

mod accept;
mod console;
mod dispatch;
mod drain;
mod guard;
mod metrics;
mod peers;
mod place;
mod port;
mod workspace;

use crate::{
    access::Tokens,
    companion::{self, Companion, Parts},
    config::{Config, LogFormat},
    feed::{Feed, Peers},
    grpc::{self, Rooms},
    id::ServerId,
    job::Jobs,
    plan::{self, Plans},
    prompt::Prompts,
    provider::Providers,
    registry::Registry,
    store::{self, Checkpoints, Location, OpenError, Store, Writing, notice::Notice, server},
    task::{self, Tasks},
    workflow::{self, Workflows},
    workspace::Workspaces,
};
use place::Place;
use std::{
    fmt,
    io::{IsTerminal as _, Write as _},
    net::SocketAddr,
    time::Duration,
};
use tokio::{net::TcpListener, signal};
use tokio_util::sync::CancellationToken;
use tonic_health::ServingStatus;

/// How long running turns may go on after a signal, before they are interrupted.
const GRACE: Duration = Duration::from_secs(5);
/// How long interrupted turns may take to be recorded.
const RECORDING: Duration = Duration::from_secs(2);
/// How long connections may take to end.
const CLOSING: Duration = Duration::from_secs(1);
/// Why the server did not start, or stopped. The text names no path.
#[derive(Debug)]
pub enum StartError {
    /// The data directory cannot be used.
    DataDirectory(String),
    /// Another server holds it.
    InUse,
    /// The key of the audit log cannot be used.
    AuditKey(String),
    /// The database.
    Database(OpenError),
    /// A certificate or key.
    Tls(String),
    /// A setting that was only now found to be wrong.
    Setting(crate::error::Error),
    /// The address.
    Listen(SocketAddr, std::io::ErrorKind),
    /// A fault while serving.
    Serving(String),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DataDirectory(why) => write!(f, "the data directory cannot be used: {why}"),
            Self::InUse => f.write_str("another server uses this data directory"),
            Self::AuditKey(why) => write!(f, "the key of the audit log cannot be used: {why}"),
            Self::Database(error) => error.fmt(f),
            Self::Tls(why) => write!(f, "tls_cert and tls_key cannot be used: {why}"),
            Self::Setting(error) => error.fmt(f),
            Self::Listen(address, why) => write!(f, "cannot listen on {address}: {why}"),
            Self::Serving(why) => write!(f, "the server failed: {why}"),
        }
    }
}

impl std::error::Error for StartError {}

impl From<OpenError> for StartError {
    fn from(error: OpenError) -> Self {
        Self::Database(error)
    }
}

impl From<crate::error::Error> for StartError {
    fn from(error: crate::error::Error) -> Self {
        Self::Setting(error)
    }
}

/// Runs the server until it is told to stop.
///
/// # Errors
/// When it cannot start.
pub async fn run(config: Config) -> Result<(), StartError> {
    start_log(&config);
    #[cfg(unix)]
    accept::raise_file_limit();
    let place = Place::take(&config)?;
    let tls = port::tls(&config)?;
    let draining = CancellationToken::new();
    let stop = CancellationToken::new();

    let shared = config.database_url.is_some();
    let location = match config.database_url.clone() {
        Some(url) => Location::Postgres(url),
        None => Location::Sqlite(place.database()),
    };
    let store = Store::open(&location).await?;
    let newest = store::audit::newest(store.read()).await?;
    let seal = place.audit_seal(&config, newest.map_or(1, |entry| entry.sequence + 1))?;
    let store = store.sealed(seal);
    let providers = Providers::discover(&config, &|name| std::env::var(name).ok()).await?;
    let prompts = Prompts::load(config.prompts_dir.as_deref())?;
    // Servers that start at once on an empty database make one workspace.
    let alone = store.alone().await?;
    let (name, root) = workspace::first(&config);
    store::workspace::ensure_default(&store, &name, root).await?;

    let lease = Duration::from_millis(config.lease_ms);
    let id = ServerId::new();
    server::register(&store, id, lease).await?;
    let (peers, exchange) = if shared {
        let (peers, exchange) = Peers::of(store.clone(), id);
        (peers, Some(exchange))
    } else {
        (Peers::default(), None)
    };
    let tokens = Tokens::new(store.clone(), peers.clone());
    tokens.install_owner(&place.owner_secret()?, shared).await?;
    let registry = Registry::start(store.clone(), providers.clone(), stop.clone(), peers.clone()).await?;
    drop(alone);
    let jobs = Jobs::new(store.clone(), id, providers.clone(), stop.clone(), peers.clone());
    let feed = Feed::new(store.clone(), stop.clone());
    let told = peers.clone();
    let checkpoints = Checkpoints::start(store.clone(), move |writing| {
        told.tell(match writing {
            Writing::Reply(conversation, reply) => Notice::Text { conversation, reply },
            Writing::Revision(plan, revision) => Notice::Written { plan, revision },
        });
    });
    let workspaces = Workspaces::new(crate::workspace::Parts {
        store: store.clone(),
        registry: registry.clone(),
        providers: providers.clone(),
        peers: peers.clone(),
        stop: stop.clone(),
        cache: config.cache_dir.clone(),
        private: config.data_dir.clone(),
    });
    workspace::open(&config, &workspaces).await;
    let companion = Companion::new(Parts {
        store: store.clone(),
        checkpoints: checkpoints.clone(),
        feed: feed.clone(),
        registry: registry.clone(),
        jobs: jobs.clone(),
        providers: providers.clone(),
        prompts: prompts.clone(),
        limits: config.limits,
        draining: draining.clone(),
        stop: stop.clone(),
        peers: peers.clone(),
    });
    let tasks = Tasks::new(task::Parts {
        store: store.clone(),
        workspaces: workspaces.clone(),
        registry: registry.clone(),
        jobs: jobs.clone(),
        prompts: prompts.clone(),
        reply_tokens: config.limits.reply_tokens,
        stop: stop.clone(),
        peers: peers.clone(),
    });
    let workflows = Workflows::new(workflow::Parts {
        store: store.clone(),
        tasks: tasks.clone(),
        workspaces: workspaces.clone(),
        registry: registry.clone(),
        jobs: jobs.clone(),
        prompts: prompts.clone(),
        limits: workflow::Limits {
            context_tokens: config.limits.context_tokens,
            reply_tokens: config.limits.reply_tokens,
            stage: Duration::from_millis(config.timeouts.stage_ms),
        },
        draining: draining.clone(),
        stop: stop.clone(),
        peers: peers.clone(),
    });
    let plans = Plans::new(plan::Parts {
        store: store.clone(),
        checkpoints,
        feed: Feed::new(store.clone(), stop.clone()),
        tasks: tasks.clone(),
        workspaces: workspaces.clone(),
        registry: registry.clone(),
        jobs: jobs.clone(),
        providers: providers.clone(),
        prompts: prompts.clone(),
        limits: plan::Limits {
            context_tokens: config.limits.context_tokens,
            plan_tokens: config.limits.plan_tokens,
        },
        draining: draining.clone(),
        stop: stop.clone(),
        peers,
    });
    if shared {
        server::remove_expired(&store).await?;
    } else {
        // The lock on the data directory says that nobody else is alive.
        server::remove_others(&store, id).await?;
    }
    let repaired = companion::sweep(&companion).await? + plans.sweep().await? + jobs.sweep().await?;
    if repaired > 0 {
        tracing::info!(repaired, "turns, plans and jobs of a server that is gone were interrupted");
    }
    let taken_up = workflows.recover().await?;
    if taken_up > 0 {
        tracing::info!(taken_up, "workflows of a server that is gone go on");
    }

    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|error| StartError::Listen(config.listen, error.kind()))?;
    let listening = listener.local_addr().map_err(|error| StartError::Listen(config.listen, error.kind()))?;
    let build = console::build();
    let metrics = metrics::Metrics::new(&build);
    let (health, health_service) = tonic_health::server::health_reporter();
    let rooms = Rooms {
        registry: registry.clone(),
        companion: companion.clone(),
        jobs: jobs.clone(),
        workspaces: workspaces.clone(),
        tasks: tasks.clone(),
        workflows: workflows.clone(),
        plans: plans.clone(),
        providers,
        prompts,
        tokens: tokens.clone(),
        store: store.clone(),
        build,
    };
    let api = grpc::routes(rooms, health_service).map_err(|error| StartError::Serving(error.to_string()))?;
    let pages = console::router().merge(metrics.clone().router(tokens.clone()));
    let service = port::service(&config, listening, tokens.clone(), api, pages);

    let mut background = tokio::task::JoinSet::new();
    background.spawn(jobs.clone().hold_lease(lease));
    background.spawn(companion::retain(companion.clone()));
    background.spawn(registry.clone().learn_providers());
    background.spawn(metrics.count(jobs.clone()));
    if let Some(exchange) = exchange {
        let tokens = tokens.clone();
        let audience = peers::Audience {
            feed,
            companion: companion.clone(),
            jobs: jobs.clone(),
            registry,
            tokens,
            workspaces,
            tasks,
            workflows: workflows.clone(),
            plans: plans.clone(),
        };
        background.spawn(exchange.run(async move |notice| audience.hear(notice).await));
        background.spawn(repair_others(store.clone(), companion, jobs.clone(), workflows, plans, lease));
    }

    let url = url(&config, listening);
    place.announce(&url)?;
    for service in grpc::SERVICES {
        health.set_service_status(service, ServingStatus::Serving).await;
    }
    print_link(&url, &tokens);
    tracing::info!(address = %listening, "serving");
    let mut served = tokio::spawn(port::serve(config, tls, listener, service, stop.clone()));

    tokio::select! {
        () = asked_to_stop() => {}
        // Without a signal it ends only when it fails.
        failed = &mut served => {
            return failed.unwrap_or_else(|error| Err(StartError::Serving(error.to_string())));
        }
    }
    tracing::info!("draining");
    draining.cancel();
    for service in grpc::SERVICES {
        health.set_service_status(service, ServingStatus::NotServing).await;
    }
    jobs.drain(GRACE, RECORDING).await;
    stop.cancel();
    let ended = tokio::time::timeout(CLOSING, served).await;
    background.shutdown().await;
    // Others need not wait for the lease.
    let closed = async {
        let _ = server::resign(&store, id).await;
        store.close().await;
    };
    let _ = tokio::time::timeout(RECORDING, closed).await;
    match ended {
        Ok(Ok(result)) => result,
        // A client that does not let go is let go of.
        Ok(Err(_)) | Err(_) => Ok(()),
    }
}

/// Repairs what other servers of a shared database leave behind.
async fn repair_others(
    store: Store,
    companion: Companion,
    jobs: Jobs,
    workflows: Workflows,
    plans: Plans,
    lease: Duration,
) {
    let mut interval = tokio::time::interval(lease / 2);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        let repaired = async {
            server::remove_expired(&store).await?;
            companion::sweep(&companion).await?;
            plans.sweep().await?;
            jobs.sweep().await?;
            workflows.recover().await
        };
        if let Err(error) = repaired.await {
            tracing::warn!(%error, "what other servers left could not be repaired yet");
        }
    }
}

fn start_log(config: &Config) {
    let filter = tracing_subscriber::EnvFilter::new(&config.log);
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    // A second server in one process, as tests start it, keeps the first's log.
    let _ = match config.log_format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
}

/// Where this machine reaches the server.
fn url(config: &Config, listening: SocketAddr) -> String {
    let host = match listening {
        _ if listening.ip().is_unspecified() => "127.0.0.1".to_owned(),
        SocketAddr::V4(address) => address.ip().to_string(),
        SocketAddr::V6(address) => format!("[{}]", address.ip()),
    };
    format!("{}://{host}:{}", guard::scheme(config), listening.port())
}

/// The first line on stdout. The code is in the fragment, which browsers send to
/// nobody.
fn print_link(url: &str, tokens: &Tokens) {
    let mut stdout = std::io::stdout().lock();
    // Who started the server may have closed its output; it serves all the same.
    let _ = writeln!(stdout, "{url}/#launch={}", tokens.new_launch_code().expose());
    let _ = stdout.flush();
}

async fn asked_to_stop() {
    #[cfg(unix)]
    {
        let Ok(mut terminated) = signal::unix::signal(signal::unix::SignalKind::terminate()) else {
            let _ = signal::ctrl_c().await;
            return;
        };
        tokio::select! {
            _ = terminated.recv() => {}
            _ = signal::ctrl_c() => {}
        }
    }
    #[cfg(not(unix))]
    let _ = signal::ctrl_c().await;
}
