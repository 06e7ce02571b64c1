//! What is durable. One noun a file: its row, its states and its queries. A
//! change of a row and the event that tells of it are one transaction.

pub mod audit;
mod checkpoint;
pub mod conversation;
pub mod event;
pub mod job;
pub mod message;
mod open;
pub mod preferences;
pub mod prompt_part;
pub mod runtime;
pub mod server;
pub mod token;
pub mod turn;
pub mod worker;
pub mod workspace;

use crate::{error::Result, id::WorkspaceId};
use sea_orm::{
    ColumnTrait, Condition, DatabaseConnection, DatabaseTransaction, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};

pub use checkpoint::{Checkpoints, Chunk};
pub use open::{Location, OpenError};

/// A transaction; dropped without `commit`, it never happened.
pub type Tx = DatabaseTransaction;

/// The database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    /// For SQLite a single connection: writers queue here, where waiting is
    /// fair, and not in the database, where it is an error.
    write: DatabaseConnection,
    read: DatabaseConnection,
}

impl Store {
    /// For queries outside a transaction.
    #[must_use]
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// Begins a transaction that may write.
    ///
    /// # Errors
    /// `StorageUnavailable` when the database stays locked or out of reach for
    /// longer than its busy timeout.
    pub async fn begin(&self) -> Result<Tx> {
        // IMMEDIATE takes SQLite's write lock now: a transaction that reads first
        // and then fails to get the lock would have to start over.
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.write.begin_with_options(options).await?)
    }

    /// Begins a transaction that sees one state of the database.
    ///
    /// # Errors
    /// As for [`Store::begin`].
    pub async fn begin_read(&self) -> Result<Tx> {
        let isolation = (self.read.get_database_backend() == sea_orm::DbBackend::Postgres)
            .then_some(sea_orm::IsolationLevel::RepeatableRead);
        let options = TransactionOptions { isolation_level: isolation, ..TransactionOptions::default() };
        Ok(self.read.begin_with_options(options).await?)
    }
}

/// The workspaces that a caller may see; part of every query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// All.
    All,
    /// These.
    Only(Vec<WorkspaceId>),
}

impl Access {
    /// Whether the caller may see a workspace.
    #[must_use]
    pub fn allows(&self, workspace: WorkspaceId) -> bool {
        match self {
            Self::All => true,
            Self::Only(allowed) => allowed.contains(&workspace),
        }
    }

    fn condition(&self, workspace_id: impl ColumnTrait) -> Condition {
        match self {
            Self::All => Condition::all(),
            Self::Only(allowed) => Condition::all().add(workspace_id.is_in(allowed.iter().copied())),
        }
    }
}

/// At most so many rows, and whether there were more.
fn cut<T>(mut rows: Vec<T>, limit: u64) -> (Vec<T>, bool) {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    (rows, more)
}
