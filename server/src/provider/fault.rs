//! What went wrong in an attempt, while its message may still hold secrets.

use super::redact::Redactor;
use crate::run::{Failure, FailureKind};
use std::{error::Error, iter, time::Duration};

/// A failure before redaction. It is the only type here that carries a
/// provider's own words, and the only way out of it is [`Fault::redact`].
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub(super) struct Fault {
    pub(super) kind: FailureKind,
    /// Whether the same request may succeed later.
    pub(super) retryable: bool,
    /// The pause that the provider asked for.
    pub(super) retry_after: Option<Duration>,
    message: String,
}

impl Fault {
    pub(super) fn new(kind: FailureKind, retryable: bool, message: impl Into<String>) -> Self {
        Self { kind, retryable, retry_after: None, message: message.into() }
    }

    pub(super) fn malformed(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Malformed, false, message)
    }

    /// The model asked for a tool, though none was offered.
    pub(super) fn tool_call() -> Self {
        Self::malformed("the model asked for a tool")
    }

    /// The provider or the model withheld the answer.
    pub(super) fn withheld(reason: &str) -> Self {
        Self::new(FailureKind::ContentFilter, false, format!("the provider withheld the answer: {reason}"))
    }

    /// The connection ended before the answer was whole.
    pub(super) fn cut() -> Self {
        Self::new(FailureKind::Network, true, "the connection was cut before the answer was whole")
    }

    pub(super) fn turn_timeout() -> Self {
        Self::new(FailureKind::TurnTimeout, true, "the whole turn took too long")
    }

    pub(super) fn first_byte_timeout() -> Self {
        Self::new(FailureKind::FirstByteTimeout, true, "the provider did not begin to answer in time")
    }

    pub(super) fn idle_timeout() -> Self {
        Self::new(FailureKind::IdleTimeout, true, "the provider fell silent in the middle of its answer")
    }

    /// A request that got no status.
    pub(super) fn transport(error: &reqwest::Error) -> Self {
        if !error.is_connect() {
            return Self::cut();
        }
        if error.is_timeout() {
            return Self::new(FailureKind::ConnectTimeout, true, "no connection to the provider in time");
        }
        // The outer errors repeat the URL; the innermost says what happened,
        // such as "Connection refused" or "invalid peer certificate".
        let source = iter::successors(error.source(), |error| (*error).source()).last();
        let cause = source.map(|error| format!(": {error}")).unwrap_or_default();
        Self::new(FailureKind::Network, true, format!("no connection to the provider{cause}"))
    }

    /// Whether another attempt is worth its cost. A failure can be retryable
    /// for a person and still not be tried again here: after a silence or a
    /// spent turn, the time is gone.
    pub(super) fn deserves_retry(&self) -> bool {
        self.retryable
            && matches!(
                self.kind,
                FailureKind::RateLimited
                    | FailureKind::Overloaded
                    | FailureKind::Network
                    | FailureKind::ConnectTimeout
                    | FailureKind::FirstByteTimeout
            )
    }

    /// The failure, safe to store and to show. Secrets go before the message is
    /// cut to its length: half a key matches nothing any more.
    pub(super) fn redact(self, redactor: &Redactor) -> Failure {
        Failure::new(self.kind, self.retryable, redactor.redact(&self.message))
    }
}
