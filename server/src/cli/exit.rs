//! How a command can end other than well, and the exit code and the words for
//! each way. Scripts rely on the codes.

use super::safe_text;
use crate::config::ConfigError;
use std::{fmt::Write as _, io, process::ExitCode};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub(super) enum Failure {
    /// It was tried and failed: code 1.
    Failed(String),
    /// The command line or the settings are wrong: code 2, as clap's own.
    Usage(String),
    /// The server refused: code 3.
    Refused(Box<Status>),
    /// There is no server, or it went away: code 4.
    Away(String),
    /// Nobody reads the output any more, as in `banto jobs | head`. Not worth
    /// a word: code 0.
    PipeClosed,
}

impl Failure {
    /// Says it on standard error and gives the exit code.
    pub fn report(self) -> ExitCode {
        let (code, text) = match self {
            Self::Failed(text) => (1, text),
            Self::Usage(text) => (2, text),
            Self::Refused(status) => (3, refusal(&status)),
            Self::Away(text) => (4, text),
            Self::PipeClosed => return ExitCode::SUCCESS,
        };
        eprintln!("{}", safe_text::lines(&text));
        ExitCode::from(code)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Usage(error.to_string())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::PipeClosed,
            _ => Self::Failed(format!("the output cannot be written: {error}")),
        }
    }
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        if is_away(&status) {
            Self::Away(format!("the server went away: {}", status.message()))
        } else {
            Self::Refused(Box::new(status))
        }
    }
}

/// Whether a status says that the server, or the way to it, is gone for now. A
/// refusal of Banto's carries a reason; what breaks in between carries none.
pub(super) fn is_away(status: &Status) -> bool {
    match status.get_details_error_info() {
        Some(info) => status.code() == Code::Unavailable && info.reason == "SHUTTING_DOWN",
        None => match status.code() {
            Code::Unavailable => true,
            // Only a transport below tonic gives these a cause.
            Code::Unknown | Code::Internal | Code::Cancelled => std::error::Error::source(status).is_some(),
            _ => false,
        },
    }
}

/// `REASON: message`, then a line for each wrong field and each further fact that
/// the message does not say already.
fn refusal(status: &Status) -> String {
    let info = status.get_details_error_info();
    let reason = match &info {
        Some(info) => info.reason.clone(),
        None => code_name(status.code()).to_owned(),
    };
    let mut text = format!("{reason}: {}", status.message());
    let violations = status.get_details_bad_request().map(|bad| bad.field_violations).unwrap_or_default();
    for violation in violations.iter().filter(|one| !status.message().contains(&one.description)) {
        let _ = write!(text, "\n  {}: {}", violation.field, violation.description);
    }
    let mut facts: Vec<_> = info.map(|info| info.metadata.into_iter().collect()).unwrap_or_default();
    facts.sort();
    for (name, value) in facts.iter().filter(|(_, value)| !status.message().contains(value.as_str())) {
        let _ = write!(text, "\n  {name} = {value}");
    }
    if let Some(delay) = status.get_details_retry_info().and_then(|info| info.retry_delay) {
        let _ = write!(text, "\n  a retry may help in {} s", delay.as_secs().max(1));
    }
    text
}

fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

#[cfg(test)]
mod tests {
    use super::{Failure, is_away, refusal};
    use tonic::{Code, Status};
    use tonic_types::{ErrorDetails, StatusExt as _};

    fn with_reason(code: Code, reason: &str, message: &str) -> Status {
        let details =
            ErrorDetails::with_error_info(reason, "banto.v1", [("active_turn_id".into(), "t1".into())]);
        Status::with_error_details(code, message, details)
    }

    #[test]
    fn a_refusal_names_the_reason_the_fields_and_the_facts() {
        let mut details = ErrorDetails::with_bad_request_violation("text", "it is empty");
        details.set_error_info("INVALID_INPUT", "banto.v1", []);
        let status = Status::with_error_details(Code::InvalidArgument, "invalid input", details);
        assert_eq!(refusal(&status), "INVALID_INPUT: invalid input\n  text: it is empty");
        let status = Status::from(crate::error::Error::invalid("text", "it is empty"));
        assert_eq!(refusal(&status), "INVALID_INPUT: invalid input; text: it is empty");
        let status = with_reason(Code::FailedPrecondition, "TURN_IN_PROGRESS", "a turn is running");
        assert_eq!(refusal(&status), "TURN_IN_PROGRESS: a turn is running\n  active_turn_id = t1");
        assert_eq!(refusal(&Status::permission_denied("no")), "PERMISSION_DENIED: no");
    }

    #[test]
    fn unavailable_with_a_reason_is_a_refusal_unless_the_server_is_going() {
        assert!(is_away(&Status::unavailable("connection refused")));
        assert!(is_away(&with_reason(Code::Unavailable, "SHUTTING_DOWN", "bye")));
        assert!(!is_away(&with_reason(Code::Unavailable, "COMPANION_UNAVAILABLE", "no key")));
        assert!(!is_away(&Status::internal("said by the server")));
        assert!(is_away(&Status::from_error(Box::new(std::io::Error::other("reset")))));
        assert!(matches!(Failure::from(Status::not_found("x")), Failure::Refused(_)));
    }
}
