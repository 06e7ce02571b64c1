//! What is durable. One noun a file: its row, its states and its queries. A
//! change of a row and the event that tells of it are one transaction.

pub mod audit;
mod checkpoint;
pub mod conversation;
pub mod event;
pub mod grant;
pub mod job;
pub mod job_response;
pub mod message;
pub mod notice;
mod open;
pub mod plan;
pub mod plan_comment;
pub mod plan_event;
pub mod plan_revision;
pub mod preferences;
pub mod prompt_part;
pub mod removal;
mod root;
pub mod runtime;
mod seal;
pub mod server;
pub mod task;
pub mod task_file;
pub mod task_version;
pub mod template;
pub mod text_chunk;
pub mod token;
pub mod turn;
mod tx;
mod wal;
pub mod worker;
pub mod workflow;
pub mod workflow_event;
pub mod workflow_stage;
pub mod workspace;

use crate::{error::Result, id::WorkspaceId};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait as _, DatabaseConnection, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use std::sync::Arc;

pub use checkpoint::{Checkpoints, Chunk, Writing};
pub use open::{Location, OpenError};
pub use seal::Seal;
pub use tx::Tx;

/// Names the advisory lock of PostgreSQL that is held while a server sets the
/// database up; another than that of the audit log.
const SET_UP_LOCK: i64 = 0x62_61_6e_74_6f_73;

/// The database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    /// For SQLite a single connection: writers queue here, where waiting is
    /// fair, and not in the database, where it is an error.
    write: DatabaseConnection,
    read: DatabaseConnection,
    /// Seals what is appended to the audit log.
    seal: Option<Arc<Seal>>,
}

impl Store {
    /// The same database, whose audit log is sealed from now on.
    #[must_use]
    pub fn sealed(self, seal: Seal) -> Self {
        Self { seal: Some(Arc::new(seal)), ..self }
    }

    /// The seal of the audit log.
    #[must_use]
    pub fn seal(&self) -> Option<&Seal> {
        self.seal.as_deref()
    }

    /// For queries outside a transaction.
    #[must_use]
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// Closes the connections; SQLite folds its log into the file.
    pub async fn close(self) {
        for connection in [self.read, self.write] {
            if let Err(error) = connection.close().await {
                tracing::debug!(%error, "a connection to the database did not close");
            }
        }
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
        Ok(Tx::new(self.write.begin_with_options(options).await?, self.seal.clone()))
    }

    /// Waits until no other server of a shared database sets it up, and keeps others
    /// from it until the answer is dropped. Of SQLite there is one server anyway.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn alone(&self) -> Result<Option<Tx>> {
        if self.write.get_database_backend() != sea_orm::DbBackend::Postgres {
            return Ok(None);
        }
        let tx = Tx::new(self.write.begin().await?, self.seal.clone());
        tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({SET_UP_LOCK})")).await?;
        Ok(Some(tx))
    }

    /// Begins a transaction that sees one state of the database.
    ///
    /// # Errors
    /// As for [`Store::begin`].
    pub async fn begin_read(&self) -> Result<Tx> {
        let isolation = (self.read.get_database_backend() == sea_orm::DbBackend::Postgres)
            .then_some(sea_orm::IsolationLevel::RepeatableRead);
        let options = TransactionOptions { isolation_level: isolation, ..TransactionOptions::default() };
        Ok(Tx::new(self.read.begin_with_options(options).await?, None))
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
