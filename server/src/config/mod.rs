//! The settings of `banto serve`: `banto.toml`, then `BANTO_*`, then flags, in
//! rising order. A wrong key or value is an error that names it.

mod check;
mod environment;
mod error;
mod flags;
mod keys;
mod layers;
mod load;
#[cfg(test)]
mod tests;

pub use environment::Environment;
pub use error::{ConfigError, Origin, Problem};
pub use flags::ServeFlags;
pub use load::{data_dir, find_file};

use crate::secret::Secret;
use serde::Deserialize;
use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, time::Duration};

/// All settings, after defaults.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Address and port to listen on; port 0 picks one.
    pub listen: SocketAddr,
    /// Where everything is kept. Only one server uses it at a time.
    pub data_dir: PathBuf,
    /// Folder that is opened as a workspace. `None`: the first start takes the git
    /// repository that it was started in, else makes an empty one called `default`.
    pub workspace: Option<PathBuf>,
    /// Whether a flag of this start names `workspace`.
    #[serde(skip)]
    pub workspace_is_flag: bool,
    /// Folder for what can be worked out again; `banto find` uses it too. `None`:
    /// nothing is kept.
    #[serde(skip)]
    pub cache_dir: Option<PathBuf>,
    /// PostgreSQL, as `postgres://…`. `None`: SQLite in the data directory.
    pub database_url: Option<Secret>,
    /// Prompt resources that replace the built-in ones of the same name.
    pub prompts_dir: Option<PathBuf>,
    /// Key of the audit log. Servers that share a database share it. `None`:
    /// `audit.key` in the data directory.
    pub audit_key_file: Option<PathBuf>,
    /// Listen on an address that other machines reach, without TLS. For a server
    /// behind a proxy that ends TLS.
    pub allow_insecure_bind: bool,
    /// PEM certificate chain. Needs `tls_key`.
    pub tls_cert: Option<PathBuf>,
    /// PEM private key. Needs `tls_cert`.
    pub tls_key: Option<PathBuf>,
    /// Further values of `Host` (`name` or `name:port`) that are served.
    pub allowed_hosts: Vec<String>,
    /// Further values of `Origin` (`scheme://host[:port]`) that may call.
    pub allowed_origins: Vec<String>,
    /// Directives of `tracing-subscriber`, such as `info` or `banto_server=debug`.
    pub log: String,
    /// Form of log lines.
    pub log_format: LogFormat,
    /// Look for Ollama on its standard port when nothing is configured.
    pub discovery: bool,
    /// Providers, in order of preference.
    pub providers: Vec<ProviderConfig>,
    /// What models cost. Models that are not listed have an unknown price.
    pub prices: Vec<PriceConfig>,
    /// The four timeouts of a model call.
    pub timeouts: Timeouts,
    /// Limits that protect the server and the purse.
    pub limits: Limits,
    /// How long a server that stopped renewing its lease still owns its turns,
    /// in milliseconds. 1,000 to 300,000.
    pub lease_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 7310)),
            data_dir: PathBuf::new(),
            workspace: None,
            workspace_is_flag: false,
            cache_dir: None,
            database_url: None,
            prompts_dir: None,
            audit_key_file: None,
            allow_insecure_bind: false,
            tls_cert: None,
            tls_key: None,
            allowed_hosts: Vec::new(),
            allowed_origins: Vec::new(),
            log: "info,h2=error,sea_orm_migration=warn,sqlx=warn".to_owned(),
            log_format: LogFormat::Text,
            discovery: true,
            providers: Vec::new(),
            prices: Vec::new(),
            timeouts: Timeouts::default(),
            limits: Limits::default(),
            lease_ms: 15_000,
        }
    }
}

/// Form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl LogFormat {
    /// As it is written in the settings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
        }
    }
}

/// The wire format that a provider speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WireFormat {
    /// OpenAI Chat Completions and everything compatible.
    OpenaiChat,
    /// Anthropic Messages.
    Anthropic,
    /// Gemini generateContent.
    Gemini,
}

/// One provider of models.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderConfig {
    /// Slug; the price table and the API name the provider by it.
    pub id: String,
    /// What it speaks.
    pub wire_format: WireFormat,
    /// Where it is; `None`: the wire format's public endpoint.
    #[serde(default)]
    pub base_url: Option<String>,
    /// Environment variable that holds its key. `None` with no `api_key`: it
    /// takes none.
    #[serde(default)]
    pub api_key_env: Option<String>,
    /// The key itself, for a file that only its owner can read.
    #[serde(default)]
    pub api_key: Option<Secret>,
    /// Model that is used when none is chosen.
    #[serde(default)]
    pub model: Option<String>,
    /// Context window of its models in tokens, where the provider does not say.
    #[serde(default)]
    pub context_window: Option<u64>,
    /// Further request headers.
    #[serde(default)]
    pub headers: BTreeMap<String, Secret>,
}

/// What a model costs, in US dollars for a million tokens.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceConfig {
    /// Slug of the provider.
    pub provider: String,
    /// Id of the model, exactly.
    pub model: String,
    /// Input tokens.
    pub input: f64,
    /// Output tokens.
    pub output: f64,
    /// Input tokens from the provider's cache. `None`: as `input`.
    #[serde(default)]
    pub cache_read: Option<f64>,
    /// Input tokens written to the provider's cache. `None`: as `input`.
    #[serde(default)]
    pub cache_write: Option<f64>,
    /// Day of the price, ISO 8601.
    pub as_of: chrono::NaiveDate,
}

/// The four timeouts of a model call and its pauses, in milliseconds.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Timeouts {
    /// Until the connection stands.
    pub connect_ms: u64,
    /// From the request to the first byte of the answer.
    pub first_byte_ms: u64,
    /// Between two bytes of the answer.
    pub idle_ms: u64,
    /// For the whole turn, retries included.
    pub turn_ms: u64,
    /// For a stage of a workflow, all its calls included.
    pub stage_ms: u64,
    /// Bound of the random pause before the second attempt; it doubles with
    /// each further one, up to 8 s.
    pub retry_base_ms: u64,
}

/// Bound of the pause before the second attempt, unless it is configured.
const RETRY_BASE_MS: u64 = 500;

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect_ms: 10_000,
            first_byte_ms: 120_000,
            idle_ms: 60_000,
            turn_ms: 900_000,
            stage_ms: 1_800_000,
            retry_base_ms: RETRY_BASE_MS,
        }
    }
}

impl Timeouts {
    /// Until the connection stands.
    #[must_use]
    pub fn connect(&self) -> Duration {
        Duration::from_millis(self.connect_ms)
    }

    /// From the request to the first byte of the answer.
    #[must_use]
    pub fn first_byte(&self) -> Duration {
        Duration::from_millis(self.first_byte_ms)
    }

    /// Between two bytes of the answer.
    #[must_use]
    pub fn idle(&self) -> Duration {
        Duration::from_millis(self.idle_ms)
    }

    /// For the whole turn.
    #[must_use]
    pub fn turn(&self) -> Duration {
        Duration::from_millis(self.turn_ms)
    }
}

/// Limits that protect the server and the purse.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Most turns that run at once; more are refused with LIMIT_EXCEEDED.
    pub concurrent_turns: usize,
    /// Most connections from one address.
    pub connections_per_address: usize,
    /// Most messages that one token may send in a minute.
    pub sends_per_minute: u32,
    /// Most tokens of history and prompt that are sent to a model whose context
    /// window is unknown.
    pub context_tokens: u64,
    /// Most tokens that a model is asked to write.
    pub reply_tokens: u64,
    /// Most tokens that a model is asked to write for a plan.
    pub plan_tokens: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            concurrent_turns: 512,
            connections_per_address: 4_096,
            sends_per_minute: 600,
            context_tokens: 16_000,
            reply_tokens: 4_096,
            plan_tokens: 16_384,
        }
    }
}
