//! The one place where a refusal becomes a gRPC status.

use crate::{
    error::{Error, Noun},
    run::FailureKind,
};
use std::{collections::HashMap, time::Duration};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

/// Domain of all reasons.
pub const DOMAIN: &str = "banto.v1";
/// When to try again where nothing better is known.
const RETRY_SOON: Duration = Duration::from_secs(1);

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        let mut details = ErrorDetails::new();
        let (code, reason, metadata): (Code, String, HashMap<String, String>) = match error {
            Error::CompanionUnavailable { cause } => {
                (Code::Unavailable, "COMPANION_UNAVAILABLE".into(), one("cause", cause))
            }
            Error::TurnInProgress { active_turn_id } => {
                let metadata = one("active_turn_id", active_turn_id.to_string());
                (Code::FailedPrecondition, "TURN_IN_PROGRESS".into(), metadata)
            }
            Error::TurnNotEligible { .. } => {
                (Code::FailedPrecondition, "TURN_NOT_ELIGIBLE".into(), HashMap::new())
            }
            Error::InvalidInput(violations) => {
                for violation in violations {
                    details.add_bad_request_violation(violation.field, violation.description);
                }
                (Code::InvalidArgument, "INVALID_INPUT".into(), HashMap::new())
            }
            Error::NotFound(noun) => (Code::NotFound, not_found(noun), HashMap::new()),
            Error::VersionConflict { current_version } => {
                let metadata = one("current_version", current_version.to_string());
                (Code::Aborted, "VERSION_CONFLICT".into(), metadata)
            }
            Error::Unauthenticated => (Code::Unauthenticated, "UNAUTHENTICATED".into(), HashMap::new()),
            Error::ScopeDenied => (Code::PermissionDenied, "SCOPE_DENIED".into(), HashMap::new()),
            Error::OriginDenied => (Code::PermissionDenied, "ORIGIN_DENIED".into(), HashMap::new()),
            Error::LimitExceeded { retry_after, .. } => {
                if let Some(pause) = retry_after {
                    details.set_retry_info(Some(pause));
                }
                (Code::ResourceExhausted, "LIMIT_EXCEEDED".into(), HashMap::new())
            }
            Error::StorageFull => (Code::ResourceExhausted, "STORAGE_FULL".into(), HashMap::new()),
            Error::StorageUnavailable => {
                details.set_retry_info(Some(RETRY_SOON));
                (Code::Unavailable, "STORAGE_UNAVAILABLE".into(), HashMap::new())
            }
            Error::ProviderUnavailable(failure) => {
                if failure.retryable {
                    details.set_retry_info(Some(RETRY_SOON));
                }
                let kind = one("kind", kind_name(failure.kind).to_owned());
                (Code::Unavailable, "PROVIDER_UNAVAILABLE".into(), kind)
            }
            Error::PromptInvalid { name, .. } => {
                (Code::FailedPrecondition, "PROMPT_INVALID".into(), one("prompt", name))
            }
            Error::ConsentRequired { provider_id } => {
                (Code::FailedPrecondition, "CONSENT_REQUIRED".into(), one("provider_id", provider_id))
            }
            Error::PathOutsideWorkspace => {
                (Code::PermissionDenied, "PATH_OUTSIDE_WORKSPACE".into(), HashMap::new())
            }
            Error::WorkspaceEmpty => (Code::FailedPrecondition, "WORKSPACE_EMPTY".into(), HashMap::new()),
            Error::WorkspaceInUse { .. } => {
                (Code::FailedPrecondition, "WORKSPACE_IN_USE".into(), HashMap::new())
            }
            Error::ModelRequired => (Code::FailedPrecondition, "MODEL_REQUIRED".into(), HashMap::new()),
            Error::WorkflowInProgress { active_workflow_id } => {
                let metadata = one("active_workflow_id", active_workflow_id.to_string());
                (Code::FailedPrecondition, "WORKFLOW_IN_PROGRESS".into(), metadata)
            }
            Error::StageNotReached => (Code::FailedPrecondition, "STAGE_NOT_REACHED".into(), HashMap::new()),
            Error::NothingToRevert => (Code::FailedPrecondition, "NOTHING_TO_REVERT".into(), HashMap::new()),
            Error::NoFiles => (Code::FailedPrecondition, "NO_FILES".into(), HashMap::new()),
            Error::PlanBusy { active_revision_id } => {
                let metadata = one("active_revision_id", active_revision_id.to_string());
                (Code::FailedPrecondition, "PLAN_BUSY".into(), metadata)
            }
            Error::PlanNotSound { errors } => {
                (Code::FailedPrecondition, "PLAN_NOT_SOUND".into(), one("errors", errors.to_string()))
            }
            Error::ShuttingDown => {
                details.set_retry_info(Some(RETRY_SOON));
                (Code::Unavailable, "SHUTTING_DOWN".into(), HashMap::new())
            }
            Error::Internal(why) => {
                tracing::error!(%why, "an internal fault was answered");
                (Code::Internal, "INTERNAL".into(), HashMap::new())
            }
        };
        details.set_error_info(reason, DOMAIN, metadata);
        Self::with_error_details(code, message, details)
    }
}

fn one(key: &str, value: String) -> HashMap<String, String> {
    HashMap::from([(key.to_owned(), value)])
}

fn not_found(noun: Noun) -> String {
    format!("{}_NOT_FOUND", noun.stem())
}

fn kind_name(kind: FailureKind) -> &'static str {
    super::encode::failure_kind(kind).as_str_name()
}
