//! What a call answered, as a test would say it.

use std::{collections::HashMap, time::Duration};
use tonic::{Code, Response, Status};
use tonic_types::StatusExt as _;

/// A typed refusal: the status with its `google.rpc` details taken apart.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The gRPC status code.
    pub code: Code,
    /// `ErrorInfo.reason`; empty without one.
    pub reason: String,
    /// `ErrorInfo.domain`; empty without one.
    pub domain: String,
    /// `ErrorInfo.metadata`.
    pub metadata: HashMap<String, String>,
    /// Names of the fields of `BadRequest`.
    pub fields: Vec<String>,
    /// `RetryInfo.retry_delay`: when a retry may help.
    pub retry_after: Option<Duration>,
    /// The sentence for people.
    pub message: String,
}

impl From<Status> for Refusal {
    fn from(status: Status) -> Self {
        let info = status.get_details_error_info();
        let fields = status.get_details_bad_request().map(|bad| bad.field_violations).unwrap_or_default();
        let retry_after = status.get_details_retry_info().and_then(|retry| retry.retry_delay);
        let (reason, domain, metadata) =
            info.map(|info| (info.reason, info.domain, info.metadata)).unwrap_or_default();
        Self {
            code: status.code(),
            reason,
            domain,
            metadata,
            fields: fields.into_iter().map(|violation| violation.field).collect(),
            retry_after,
            message: status.message().to_owned(),
        }
    }
}

impl Refusal {
    /// Fails unless code and reason are these and the domain is Banto's.
    #[track_caller]
    pub fn is(self, code: Code, reason: &str) -> Self {
        assert_eq!((self.code, self.reason.as_str()), (code, reason), "another refusal: {self:?}");
        assert_eq!(self.domain, "banto.v1", "{self:?}");
        self
    }

    /// Fails unless `field`, and no other, is what is wrong.
    #[track_caller]
    pub fn blames(self, field: &str) -> Self {
        let refusal = self.is(Code::InvalidArgument, "INVALID_INPUT");
        assert_eq!(refusal.fields, [field], "{refusal:?}");
        refusal
    }

    /// Fails unless a key of the reason's metadata has this value.
    #[track_caller]
    pub fn says(self, key: &str, value: &str) -> Self {
        assert_eq!(self.metadata.get(key).map(String::as_str), Some(value), "{self:?}");
        self
    }
}

/// The answer to a call.
pub trait Answer<T> {
    /// The message of an accepted call; fails when it was refused.
    fn granted(self) -> T;
    /// The refusal; fails when the call was accepted.
    fn refused(self) -> Refusal;
}

impl<T: std::fmt::Debug> Answer<T> for Result<Response<T>, Status> {
    #[track_caller]
    fn granted(self) -> T {
        match self {
            Ok(response) => response.into_inner(),
            Err(status) => panic!("refused: {:?}", Refusal::from(status)),
        }
    }

    #[track_caller]
    fn refused(self) -> Refusal {
        match self {
            Ok(response) => panic!("should have been refused: {:?}", response.into_inner()),
            Err(status) => status.into(),
        }
    }
}

impl<T: std::fmt::Debug> Answer<T> for Result<T, Refusal> {
    #[track_caller]
    fn granted(self) -> T {
        self.unwrap_or_else(|refusal| panic!("refused: {refusal:?}"))
    }

    #[track_caller]
    fn refused(self) -> Refusal {
        self.expect_err("should have been refused")
    }
}
