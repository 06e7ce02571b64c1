//! What every run (a turn, a job, a stage) has in common: its state, why it
//! failed, what it used and which prompts it was made from.

use chrono::{DateTime, Utc};
use sea_orm::{DeriveActiveEnum, EnumIter, FromJsonQueryResult, prelude::StringLen};
use serde::{Deserialize, Serialize};

/// Where a run stands. See `banto.v1.RunState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(24))", rename_all = "snake_case")]
pub enum RunState {
    /// Accepted, waiting.
    Queued,
    /// Owned by exactly one server.
    Running,
    /// Ended with its whole result.
    Completed,
    /// Ended by a caller.
    Cancelled,
    /// Ended by one of the four timeouts.
    TimedOut,
    /// Ended by the provider.
    ProviderFailed,
    /// Ended by a fault of Banto itself.
    Failed,
    /// Its process died.
    Interrupted,
}

impl RunState {
    /// Whether the run has ended, for good.
    #[must_use]
    pub fn is_terminal(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}

/// Why a run failed. See `banto.v1.FailureKind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The provider refused the credential.
    Auth,
    /// The provider asks for fewer requests.
    RateLimited,
    /// The provider is overloaded or broken.
    Overloaded,
    /// The request is longer than the model's window.
    ContextLength,
    /// The provider withheld the answer.
    ContentFilter,
    /// The connection failed or was cut.
    Network,
    /// The answer broke the wire format, or asked for a tool.
    Malformed,
    /// The provider refused the request itself.
    Rejected,
    /// No connection in time.
    ConnectTimeout,
    /// No first byte in time.
    FirstByteTimeout,
    /// Silence for too long.
    IdleTimeout,
    /// The whole turn took too long.
    TurnTimeout,
    /// The database could not record the run.
    Storage,
    /// The answer grew past the output limit.
    OutputLimit,
    /// A fault of Banto.
    Internal,
    /// The repository or folder could not be read.
    Repository,
    /// The model's answer does not have the structure that was asked for.
    Answer,
    /// A spend limit was reached before the next call.
    SpendLimit,
    /// A stage took longer than its timeout.
    StageTimeout,
    /// Nobody allows any more that contents go to the provider.
    Consent,
}

impl FailureKind {
    /// The terminal state that a run with this failure ends in.
    #[must_use]
    pub fn run_state(self) -> RunState {
        match self {
            Self::ConnectTimeout
            | Self::FirstByteTimeout
            | Self::IdleTimeout
            | Self::TurnTimeout
            | Self::StageTimeout => RunState::TimedOut,
            Self::Storage
            | Self::OutputLimit
            | Self::Internal
            | Self::Repository
            | Self::Answer
            | Self::SpendLimit
            | Self::Consent => RunState::Failed,
            Self::Auth
            | Self::RateLimited
            | Self::Overloaded
            | Self::ContextLength
            | Self::ContentFilter
            | Self::Network
            | Self::Malformed
            | Self::Rejected => RunState::ProviderFailed,
        }
    }
}

/// Why a run failed, in words that are safe to store and to show: no key, no
/// path, no raw provider body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Failure {
    /// The machine-readable reason.
    pub kind: FailureKind,
    /// Whether the same request may succeed later without a change.
    pub retryable: bool,
    /// One sentence, at most [`Failure::MAX_MESSAGE`] characters.
    pub message: String,
}

impl Failure {
    /// Longest message, in characters.
    pub const MAX_MESSAGE: usize = 500;

    /// A failure with its message cut to the limit.
    #[must_use]
    pub fn new(kind: FailureKind, retryable: bool, message: impl AsRef<str>) -> Self {
        let message = message.as_ref().chars().take(Self::MAX_MESSAGE).collect();
        Self { kind, retryable, message }
    }
}

/// Tokens and money of a run. `None` is unknown, which is not zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Usage {
    /// Input tokens, without those from the provider's cache.
    pub input_tokens: Option<u64>,
    /// Input tokens served from the provider's cache.
    pub cache_read_tokens: Option<u64>,
    /// Input tokens written to the provider's cache.
    pub cache_write_tokens: Option<u64>,
    /// Output tokens, reasoning included.
    pub output_tokens: Option<u64>,
    /// Cost in billionths of a US dollar.
    pub cost_nano_usd: Option<u64>,
}

impl Usage {
    /// Adds what is known; a count that nobody knew stays unknown.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let add = |a: Option<u64>, b: Option<u64>| match (a, b) {
            (None, None) => None,
            (a, b) => Some(a.unwrap_or_default() + b.unwrap_or_default()),
        };
        Self {
            input_tokens: add(self.input_tokens, other.input_tokens),
            cache_read_tokens: add(self.cache_read_tokens, other.cache_read_tokens),
            cache_write_tokens: add(self.cache_write_tokens, other.cache_write_tokens),
            output_tokens: add(self.output_tokens, other.output_tokens),
            cost_nano_usd: add(self.cost_nano_usd, other.cost_nano_usd),
        }
    }
}

/// Bytes of UTF-8 that count as a token. Real tokenizers give about 4 for English
/// and 3 for Japanese; counting too many tokens only sends less.
const BYTES_PER_TOKEN: u64 = 3;

/// Tokens of a text with so many bytes, estimated a little too high.
#[must_use]
pub fn estimated_tokens(bytes: u64) -> u64 {
    bytes.div_ceil(BYTES_PER_TOKEN)
}

/// A prompt resource that a request was rendered from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptRef {
    /// Name, such as `companion/system`.
    pub name: String,
    /// Version from its front matter.
    pub version: u32,
    /// SHA-256 of its bytes, lower-case hexadecimal.
    pub digest: String,
}

/// One HTTP request to a provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// 1 for the first.
    pub number: u32,
    /// When the request was sent.
    pub started_at: DateTime<Utc>,
    /// When it ended; `None`: it is under way.
    pub ended_at: Option<DateTime<Utc>>,
    /// Why it failed; `None`: it did not.
    pub failure: Option<Failure>,
    /// Pause before the next attempt, in milliseconds; `None`: there is none.
    pub retry_after_ms: Option<u64>,
}
