//! Models behind HTTP: wire formats, attempts, timeouts, redaction. This room
//! is the only holder of keys, and everything that leaves it is free of them.
//!
//! A [`Call`] is read from the outside in: `call` makes attempts, `answer`
//! reads the answer of one, `sse` turns its bytes into events, and `wire`
//! knows what they mean in each format.

mod answer;
mod call;
mod discovery;
mod endpoint;
mod fault;
mod listing;
mod price;
mod redact;
mod refusal;
mod request;
mod sse;
mod wire;

pub use answer::MAX_OUTPUT;
pub use call::{Call, CallEvent, MAX_ATTEMPTS};
pub use listing::{Check, Model};
pub use price::Price;
pub use request::{Message, Request, Role};

use crate::{
    config::{Config, ProviderConfig, Timeouts, WireFormat},
    error::Result,
    run::{Failure, FailureKind, Usage},
    secret::Secret,
};
use endpoint::Endpoint;
use std::{collections::HashMap, sync::Arc, time::Instant};

/// The providers of this server. Clones share them.
#[derive(Clone, Debug)]
pub struct Providers(Arc<Known>);

#[derive(Debug)]
struct Known {
    /// In order of preference.
    providers: Vec<Provider>,
    /// By provider and model.
    prices: HashMap<(String, String), Price>,
}

/// What may be known about a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderInfo {
    /// Slug.
    pub id: String,
    /// What it speaks.
    pub wire_format: WireFormat,
    /// Host of its endpoint, with a port that is not the scheme's own. Empty
    /// when its URL is unusable.
    pub host: String,
    /// Whether it runs on this machine, so that nothing leaves it.
    pub local: bool,
    /// Where its settings came from.
    pub origin: Origin,
    /// Model that is used when none is chosen.
    pub default_model: Option<String>,
    /// Why it cannot be used. `None`: nothing is known against it.
    pub failure: Option<Failure>,
    /// Context window of its models in tokens, as configured.
    pub context_window: Option<u64>,
}

/// Where a provider's settings came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A row of `banto.toml`.
    Configuration,
    /// Variables of the environment.
    Environment,
    /// It answered on its standard port on this machine.
    Discovered,
}

impl Providers {
    /// Takes the providers of the configuration; if there are none, those of the
    /// environment; if there are none either, an Ollama that answers on this
    /// machine. A provider that cannot be used is kept with its failure. This
    /// waits for at most 200 ms, and only where a default model is unknown.
    ///
    /// # Errors
    ///
    /// [`crate::error::Error::InvalidInput`] for ids that are malformed or
    /// doubled and for prices that are none.
    pub async fn discover(config: &Config, env: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        let mut rows: Vec<_> = config.prices.iter().collect();
        // Of several prices the newest stays.
        rows.sort_by_key(|row| row.as_of);
        let prices = rows
            .into_iter()
            .map(|row| Ok(((row.provider.clone(), row.model.clone()), Price::new(row)?)))
            .collect::<Result<_>>()?;
        let providers = discovery::discover(config, env).await?;
        Ok(Self(Arc::new(Known { providers, prices })))
    }

    /// All of them, in order of preference.
    #[must_use]
    pub fn list(&self) -> Vec<ProviderInfo> {
        self.0.providers.iter().map(Provider::info).collect()
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Provider> {
        self.0.providers.iter().find(|provider| provider.id == id)
    }

    /// What a model costs. `None`: unknown.
    #[must_use]
    pub fn price(&self, provider: &str, model: &str) -> Option<Price> {
        self.0.prices.get(&(provider.to_owned(), model.to_owned())).copied()
    }

    /// The cost of a call in billionths of a US dollar. `None`: the price or a
    /// count that it needs is unknown.
    #[must_use]
    pub fn cost(&self, provider: &str, model: &str, usage: &Usage) -> Option<u64> {
        self.price(provider, model)?.cost(usage)
    }
}

/// A provider, usable or not. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Provider {
    id: String,
    wire_format: WireFormat,
    origin: Origin,
    default_model: Option<String>,
    context_window: Option<u64>,
    endpoint: Result<Arc<Endpoint>, Failure>,
}

impl Provider {
    /// Reads a row. What is wrong with it becomes the provider's failure.
    fn new(
        row: &ProviderConfig,
        origin: Origin,
        env: &dyn Fn(&str) -> Option<String>,
        timeouts: Timeouts,
    ) -> Self {
        let endpoint = key(row, env).and_then(|key| Endpoint::new(row, key.as_ref(), timeouts));
        Self {
            id: row.id.clone(),
            wire_format: row.wire_format,
            origin,
            default_model: row.model.clone(),
            context_window: row.context_window,
            endpoint: endpoint.map(Arc::new),
        }
    }

    /// What may be known about it.
    #[must_use]
    pub fn info(&self) -> ProviderInfo {
        let endpoint = self.endpoint.as_ref();
        ProviderInfo {
            id: self.id.clone(),
            wire_format: self.wire_format,
            host: endpoint.map(|endpoint| endpoint.host()).unwrap_or_default(),
            local: endpoint.is_ok_and(|endpoint| endpoint.is_local()),
            origin: self.origin,
            default_model: self.default_model.clone(),
            failure: endpoint.err().cloned(),
            context_window: self.context_window,
        }
    }

    /// Prepares a call. Nothing is sent before [`Call::next`] is awaited.
    #[must_use]
    pub fn call(&self, request: Request) -> Call {
        Call::new(self.endpoint.clone(), &request)
    }

    /// Asks which models it offers, ordered by id.
    ///
    /// # Errors
    ///
    /// Why it did not say.
    pub async fn models(&self) -> Result<Vec<Model>, Failure> {
        let endpoint = self.endpoint.as_ref().map_err(Clone::clone)?;
        let models = listing::fetch(endpoint).await;
        let mut models = models.map_err(|fault| fault.redact(&endpoint.redactor))?;
        models.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(models)
    }

    /// Asks whether it answers and accepts the key.
    ///
    /// # Errors
    ///
    /// Why it does not.
    pub async fn check(&self) -> Result<Check, Failure> {
        let start = Instant::now();
        let models = self.models().await?.len();
        Ok(Check { latency: start.elapsed(), models })
    }
}

/// The key of a row. Naming one that is not there is a fault; naming none means
/// that none is needed.
fn key(row: &ProviderConfig, env: &dyn Fn(&str) -> Option<String>) -> Result<Option<Secret>, Failure> {
    let missing = |what: String| Failure::new(FailureKind::Auth, false, what);
    match (&row.api_key, &row.api_key_env) {
        (Some(key), _) => match key.expose().trim() {
            "" => Err(missing("api_key is empty".to_owned())),
            key => Ok(Some(Secret::new(key.to_owned()))),
        },
        (None, Some(name)) => match env(name) {
            None => Err(missing(format!("the environment variable {name}, which holds the key, is not set"))),
            Some(key) => Ok(Some(Secret::new(key))),
        },
        (None, None) => Ok(None),
    }
}
