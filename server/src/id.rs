//! A type for each kind of id. All but the runtime's are UUIDv7, so they sort
//! by the time of their creation.

use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! uuid_ids {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, DeriveValueType)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id of this moment.
            #[must_use]
            #[expect(clippy::new_without_default, reason = "a default id would be a surprise")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl sea_orm::TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                Err(sea_orm::DbErr::ConvertFromU64(stringify!($name)))
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )*};
}

uuid_ids! {
    /// A workspace.
    WorkspaceId,
    /// A worker; unique by itself, but addressed together with its runtime.
    WorkerId,
    /// A conversation.
    ConversationId,
    /// A message of a conversation.
    MessageId,
    /// A turn of a conversation.
    TurnId,
    /// A job.
    JobId,
    /// A task.
    TaskId,
    /// A workflow.
    WorkflowId,
    /// A plan.
    PlanId,
    /// A revision of a plan.
    RevisionId,
    /// A comment on a plan.
    CommentId,
    /// A template that plans are exported with.
    TemplateId,
    /// A text in flight: a message or a revision that is being written.
    BlockId,
    /// The log of a subject; another epoch means another log.
    Epoch,
    /// An access token.
    TokenId,
    /// An open feed stream.
    WatchId,
    /// A running server; holds leases on what it runs.
    ServerId,
}

impl From<MessageId> for BlockId {
    fn from(id: MessageId) -> Self {
        Self(id.0)
    }
}

impl From<BlockId> for MessageId {
    fn from(id: BlockId) -> Self {
        Self(id.0)
    }
}

impl From<BlockId> for RevisionId {
    fn from(id: BlockId) -> Self {
        Self(id.0)
    }
}

impl From<RevisionId> for BlockId {
    fn from(id: RevisionId) -> Self {
        Self(id.0)
    }
}

impl sea_orm::TryFromU64 for RuntimeId {
    fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
        Err(sea_orm::DbErr::ConvertFromU64("RuntimeId"))
    }
}

/// The slug of a runtime, such as `backend-internal`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, DeriveValueType)]
#[serde(transparent)]
pub struct RuntimeId(String);

impl RuntimeId {
    /// Takes what the registry made.
    #[must_use]
    pub fn from_slug(slug: &str) -> Self {
        Self(slug.to_owned())
    }

    /// The slug.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RuntimeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for RuntimeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
