//! A provider of models that does what a test tells it to: a real HTTP server
//! that speaks OpenAI Chat Completions, Anthropic Messages and Gemini, on one
//! port, told apart by path and headers.
//!
//! ```no_run
//! # use banto_integration_tests::upstream::{Gate, Script, Upstream};
//! # async fn example() {
//! let upstream = Upstream::start().await;
//! let gate = Gate::new();
//! upstream.push(Script::openai().text("Hel").pause(&gate).text("lo").usage(5, 2).done());
//! // … point a provider at upstream.base_url() and start a call …
//! gate.reached().await; // "Hel" was written
//! gate.open();
//! let request = upstream.request(0).await;
//! assert!(request.json().get("tools").is_none());
//! # }
//! ```

mod connection;
mod exchange;
mod flag;
mod format;
mod script;
mod stall;

pub use exchange::{Exchange, Outcome, Write};
pub use flag::Gate;
pub use script::{Format, Script};
pub use stall::StalledPort;

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

/// What the upstream answers when nothing else was asked of it.
pub const DEFAULT_REPLY: &str = "Hello from the upstream.";

/// A scripted provider on a port of its own. It ends when it is dropped.
#[derive(Debug)]
pub struct Upstream {
    address: SocketAddr,
    server: Arc<Server>,
    accepting: JoinHandle<()>,
}

type Handler = Box<dyn Fn(&Exchange) -> Script + Send + Sync>;

/// What connections share.
struct Server {
    plan: Mutex<Plan>,
    /// Every request so far, in the order of arrival.
    exchanges: watch::Sender<Vec<Exchange>>,
    connections: watch::Sender<usize>,
}

#[derive(Default)]
struct Plan {
    calls: VecDeque<Script>,
    listings: VecDeque<Script>,
    handler: Option<Handler>,
    models: Vec<(String, Option<u64>)>,
}

impl Upstream {
    /// Starts one on a free port of this machine.
    ///
    /// # Panics
    ///
    /// When no port can be had.
    pub async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = listener.local_addr().expect("the port just bound");
        let plan = Plan { models: vec![("test-model".to_owned(), Some(32_000))], ..Plan::default() };
        let server = Arc::new(Server {
            plan: Mutex::new(plan),
            exchanges: watch::Sender::new(Vec::new()),
            connections: watch::Sender::new(0),
        });
        let accepting = tokio::spawn(accept(listener, server.clone()));
        Self { address, server, accepting }
    }

    /// The base URL to configure, for each of the formats.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Its address.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers the next call that has no script yet with this one. With an empty
    /// queue the handler answers, and without one [`DEFAULT_REPLY`].
    pub fn push(&self, script: Script) {
        self.server.plan().calls.push_back(script);
    }

    /// Answers the next request for the list of models with this script.
    pub fn push_listing(&self, script: Script) {
        self.server.plan().listings.push_back(script);
    }

    /// Answers calls when the queue is empty.
    pub fn set_handler(&self, handler: impl Fn(&Exchange) -> Script + Send + Sync + 'static) {
        self.server.plan().handler = Some(Box::new(handler));
    }

    /// Sets the models that it lists, each with its context window.
    pub fn set_models<'a>(&self, models: impl IntoIterator<Item = (&'a str, Option<u64>)>) {
        self.server.plan().models = models.into_iter().map(|(id, window)| (id.to_owned(), window)).collect();
    }

    /// The calls of a model so far, in the order of their arrival.
    pub async fn requests(&self) -> Vec<Exchange> {
        self.server.recorded(false)
    }

    /// The requests for the list of models so far.
    pub async fn listings(&self) -> Vec<Exchange> {
        self.server.recorded(true)
    }

    /// Waits for the call with this index, the first being 0.
    ///
    /// # Panics
    ///
    /// When it has not come after 30 s.
    pub async fn request(&self, index: usize) -> Exchange {
        let mut exchanges = self.server.exchanges.subscribe();
        let calls = |all: &Vec<Exchange>| all.iter().filter(|exchange| !exchange.is_listing()).count();
        let arrival = exchanges.wait_for(|all| calls(all) > index);
        drop(flag::expect("a request", arrival).await.expect("the sender lives in self"));
        self.server.recorded(false).swap_remove(index)
    }

    /// Waits until so many connections are open.
    ///
    /// # Panics
    ///
    /// When there are not so many after 30 s.
    pub async fn until_connections(&self, count: usize) {
        let mut connections = self.server.connections.subscribe();
        let change = connections.wait_for(|open| *open == count);
        drop(flag::expect("connections to open or close", change).await.expect("the sender lives in self"));
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Server {
    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records the request and decides on its answer.
    fn script_for(&self, exchange: &Exchange) -> Script {
        let script = {
            let mut plan = self.plan();
            let queued =
                if exchange.is_listing() { plan.listings.pop_front() } else { plan.calls.pop_front() };
            match (queued, &plan.handler) {
                (Some(script), _) => script,
                (None, _) if exchange.is_listing() => {
                    Script::status(200).json(&format::listing(exchange.format(), &plan.models))
                }
                (None, Some(handler)) => handler(exchange),
                (None, None) => Script::stream().text(DEFAULT_REPLY).usage(7, 5).done(),
            }
        };
        self.exchanges.send_modify(|exchanges| exchanges.push(exchange.clone()));
        script
    }

    fn recorded(&self, listings: bool) -> Vec<Exchange> {
        let exchanges = self.exchanges.borrow();
        exchanges.iter().filter(|exchange| exchange.is_listing() == listings).cloned().collect()
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("connections", &*self.connections.borrow()).finish_non_exhaustive()
    }
}

async fn accept(listener: TcpListener, server: Arc<Server>) {
    // Dropping the set ends the connections together with the upstream.
    let mut serving = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let server = server.clone();
        serving.spawn(async move {
            server.connections.send_modify(|open| *open += 1);
            connection::serve(stream, server.clone()).await;
            server.connections.send_modify(|open| *open -= 1);
        });
        // Forgets connections that have ended.
        while serving.try_join_next().is_some() {}
    }
}
