//! The domain's refusals: what went wrong *before* a command was accepted.
//! What fails afterwards is a [`Failure`] of the run, not an error.

use crate::{
    id::{RevisionId, TurnId, WorkflowId},
    run::Failure,
};
use std::{fmt, time::Duration};

/// The result of a domain operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Something that can be missing. Its name is the stem of the stable reason:
/// `RUNTIME` becomes `RUNTIME_NOT_FOUND`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noun {
    /// A workspace.
    Workspace,
    /// A runtime.
    Runtime,
    /// A worker.
    Worker,
    /// A conversation.
    Conversation,
    /// A message.
    Message,
    /// A turn.
    Turn,
    /// A job.
    Job,
    /// A provider.
    Provider,
    /// A prompt resource.
    Prompt,
    /// An access token.
    Token,
    /// An open feed stream.
    Watch,
    /// A task.
    Task,
    /// A version of a task.
    TaskVersion,
    /// A workflow.
    Workflow,
    /// A file of a workspace.
    File,
    /// A root of a workspace.
    Root,
    /// A plan.
    Plan,
    /// A revision of a plan.
    Revision,
    /// A comment on a plan.
    Comment,
    /// A template of exports.
    Template,
    /// A commit of a repository.
    Commit,
}

impl Noun {
    /// The noun in upper case, as in reasons.
    #[must_use]
    pub fn stem(self) -> &'static str {
        match self {
            Self::Workspace => "WORKSPACE",
            Self::Runtime => "RUNTIME",
            Self::Worker => "WORKER",
            Self::Conversation => "CONVERSATION",
            Self::Message => "MESSAGE",
            Self::Turn => "TURN",
            Self::Job => "JOB",
            Self::Provider => "PROVIDER",
            Self::Prompt => "PROMPT",
            Self::Token => "TOKEN",
            Self::Watch => "WATCH",
            Self::Task => "TASK",
            Self::TaskVersion => "TASK_VERSION",
            Self::Workflow => "WORKFLOW",
            Self::File => "FILE",
            Self::Root => "ROOT",
            Self::Plan => "PLAN",
            Self::Revision => "REVISION",
            Self::Comment => "COMMENT",
            Self::Template => "TEMPLATE",
            Self::Commit => "COMMIT",
        }
    }
}

/// A field of a request that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Name of the field as in the proto.
    pub field: &'static str,
    /// What is wrong, one sentence.
    pub description: String,
}

/// Why a command was refused.
#[derive(Debug)]
pub enum Error {
    /// The Companion is stopped, or its configured model is unusable.
    CompanionUnavailable {
        /// Why, one sentence.
        cause: String,
    },
    /// A turn of the conversation is running.
    TurnInProgress {
        /// That turn.
        active_turn_id: TurnId,
    },
    /// The turn is not in a state that allows the operation.
    TurnNotEligible {
        /// Why, one sentence.
        why: &'static str,
    },
    /// Fields are empty, too long or malformed.
    InvalidInput(Vec<Violation>),
    /// There is no such thing, or the caller may not see it.
    NotFound(Noun),
    /// The caller edits an old version.
    VersionConflict {
        /// The version that is current.
        current_version: u64,
    },
    /// There is no credential, or a bad one.
    Unauthenticated,
    /// The credential does not allow this.
    ScopeDenied,
    /// The call came from a foreign page, or for a foreign host.
    OriginDenied,
    /// A size, rate, count or spend limit is reached.
    LimitExceeded {
        /// Which, one sentence.
        what: String,
        /// When a retry may help.
        retry_after: Option<Duration>,
    },
    /// The disk is full.
    StorageFull,
    /// The database is locked or out of reach; a retry may help.
    StorageUnavailable,
    /// The provider did not answer a question about itself.
    ProviderUnavailable(Failure),
    /// A prompt resource cannot be used: its override is broken.
    PromptInvalid {
        /// Name of the resource, never a path.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// Contents of a workspace would go to a provider that nobody allowed.
    ConsentRequired {
        /// The provider.
        provider_id: String,
    },
    /// A path leads out of its workspace.
    PathOutsideWorkspace,
    /// The workspace has no folder that could be read.
    WorkspaceEmpty,
    /// The workspace cannot be closed now.
    WorkspaceInUse {
        /// Why, one sentence.
        why: &'static str,
    },
    /// What was asked for needs a model, and none is configured.
    ModelRequired,
    /// A workflow runs for the task.
    WorkflowInProgress {
        /// That workflow.
        active_workflow_id: WorkflowId,
    },
    /// A stage cannot be retried, because one before it left nothing.
    StageNotReached,
    /// There is no step to undo or to redo.
    NothingToRevert,
    /// The task has no file that a plan could be made for.
    NoFiles,
    /// A model writes the plan.
    PlanBusy {
        /// The revision that is being written.
        active_revision_id: RevisionId,
    },
    /// The check found errors that nobody accepted.
    PlanNotSound {
        /// How many.
        errors: u32,
    },
    /// The server is shutting down.
    ShuttingDown,
    /// A fault of Banto. The text is for the log only.
    Internal(String),
}

impl Error {
    /// One field is wrong.
    pub fn invalid(field: &'static str, description: impl Into<String>) -> Self {
        Self::InvalidInput(vec![Violation { field, description: description.into() }])
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CompanionUnavailable { cause } => write!(f, "the Companion is unavailable: {cause}"),
            Self::TurnInProgress { .. } => f.write_str("a turn of this conversation is running"),
            Self::TurnNotEligible { why } => f.write_str(why),
            Self::InvalidInput(violations) => {
                f.write_str("invalid input")?;
                violations
                    .iter()
                    .try_for_each(|violation| write!(f, "; {}: {}", violation.field, violation.description))
            }
            Self::NotFound(noun) => write!(f, "{} not found", noun.stem().to_lowercase()),
            Self::VersionConflict { current_version } => {
                write!(f, "someone else changed it; the current version is {current_version}")
            }
            Self::Unauthenticated => f.write_str("a valid access token is needed"),
            Self::ScopeDenied => f.write_str("the access token does not allow this"),
            Self::OriginDenied => f.write_str("calls from this origin or to this host name are not allowed"),
            Self::LimitExceeded { what, .. } => f.write_str(what),
            Self::StorageFull => f.write_str("the disk is full; nothing was stored"),
            Self::StorageUnavailable => {
                f.write_str("the database is busy or out of reach; nothing was stored")
            }
            Self::ProviderUnavailable(failure) => f.write_str(&failure.message),
            Self::PromptInvalid { name, why } => {
                write!(f, "the prompt resource {name} cannot be used: {why}")
            }
            Self::ConsentRequired { provider_id } => {
                write!(f, "nobody has allowed to send contents of this workspace to {provider_id}")
            }
            Self::PathOutsideWorkspace => f.write_str("the path leads out of the workspace"),
            Self::WorkspaceEmpty => f.write_str("the workspace has no folder yet"),
            Self::WorkspaceInUse { why } => f.write_str(why),
            Self::ModelRequired => f.write_str("this needs a model, and none is configured"),
            Self::WorkflowInProgress { .. } => f.write_str("a workflow of this task is running"),
            Self::StageNotReached => f.write_str("an earlier stage left nothing to go on from"),
            Self::NothingToRevert => f.write_str("there is no step to go to"),
            Self::NoFiles => f.write_str("the task has no file yet; find or include some first"),
            Self::PlanBusy { .. } => f.write_str("a model writes this plan"),
            Self::PlanNotSound { errors } => {
                write!(f, "the check finds errors in the plan ({errors}); mend or accept them")
            }
            Self::ShuttingDown => f.write_str("the server is shutting down"),
            Self::Internal(_) => f.write_str("an internal fault; the server's log has the details"),
        }
    }
}

impl std::error::Error for Error {}

impl From<sea_orm::DbErr> for Error {
    /// Sorts what the database says into: full, out of reach for now, and faults
    /// of ours.
    fn from(error: sea_orm::DbErr) -> Self {
        // Drivers tell these apart in words only: SQLite has its result codes'
        // fixed English texts, PostgreSQL its SQLSTATE classes 53 and 57.
        let text = error.to_string();
        let says = |needles: &[&str]| needles.iter().any(|needle| text.contains(needle));
        if says(&["database or disk is full", "No space left on device", "53100"]) {
            return Self::StorageFull;
        }
        let unreachable = matches!(error, sea_orm::DbErr::Conn(_) | sea_orm::DbErr::ConnectionAcquire(_))
            || says(&[
                "database is locked",
                "database table is locked",
                "unable to open database file",
                "disk I/O error",
                "Connection refused",
                "Connection reset",
                "connection closed",
                "Broken pipe",
                "terminating connection",
                "the database system is",
                "error communicating with database",
                "expected to read",
            ]);
        if unreachable {
            tracing::warn!(error = %text, "the database did not answer");
            return Self::StorageUnavailable;
        }
        tracing::error!(error = %text, "a query failed");
        Self::Internal(text)
    }
}

impl<E: fmt::Display + fmt::Debug + Into<Error>> From<sea_orm::TransactionError<E>> for Error {
    fn from(error: sea_orm::TransactionError<E>) -> Self {
        match error {
            sea_orm::TransactionError::Connection(error) => error.into(),
            sea_orm::TransactionError::Transaction(error) => error.into(),
        }
    }
}
