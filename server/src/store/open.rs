//! Opening the database: refuse what is damaged or newer than this binary before
//! anything is written, then migrate.

use super::{Store, wal};
use crate::secret::Secret;
use banto_migration::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, Statement,
    TransactionTrait as _,
    sqlx::{
        Connection as _, Error as SqlxError, SqliteConnection,
        sqlite::{SqliteJournalMode, SqliteSynchronous},
    },
};
use std::{
    fmt,
    path::{Path, PathBuf},
    time::Duration,
};

/// How long a statement waits for a lock that another process holds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Read connections of SQLite; each is a thread.
const SQLITE_READERS: u32 = 4;
/// Connections to PostgreSQL.
const POSTGRES_CONNECTIONS: u32 = 16;

/// Where the database is.
#[derive(Clone, Debug)]
pub enum Location {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL URL.
    Postgres(Secret),
}

/// Why the database cannot be used. The text names no path and no password.
#[derive(Debug)]
pub enum OpenError {
    /// It does not answer.
    Unreachable(String),
    /// Its pages do not fit together.
    Damaged(String),
    /// A newer Banto has changed its schema.
    Newer(String),
    /// A migration failed.
    Migration(String),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(why) => write!(f, "the database does not answer: {why}"),
            Self::Damaged(why) => {
                write!(f, "the database is damaged ({why}); it was left as it is: restore a backup")
            }
            Self::Newer(version) => write!(
                f,
                "the database was written by a newer Banto (it has the change {version}); it was left as it is"
            ),
            Self::Migration(why) => write!(f, "the database could not be brought up to date: {why}"),
        }
    }
}

impl std::error::Error for OpenError {}

impl Store {
    /// Opens the database and brings its schema up to date.
    ///
    /// # Errors
    /// An [`OpenError`]; the database was not changed unless it is `Migration`.
    pub async fn open(location: &Location) -> Result<Self, OpenError> {
        let store = match location {
            Location::Sqlite(file) => {
                if file.exists() {
                    wal::check(file).map_err(OpenError::Damaged)?;
                    inspect(file).await?;
                }
                let write = sqlite(file, 1, false).await.map_err(unreachable)?;
                Migrator::up(&write, None).await.map_err(migration)?;
                let read = sqlite(file, SQLITE_READERS, true).await.map_err(unreachable)?;
                // Used all at once, so that all are open before the first request.
                let readers = (0..SQLITE_READERS).map(|_| read.begin());
                futures::future::try_join_all(readers).await.map_err(unreachable)?;
                Self { write, read, seal: None }
            }
            Location::Postgres(url) => {
                let connection = postgres(url).await.map_err(unreachable)?;
                let store = Self { write: connection.clone(), read: connection, seal: None };
                let _alone =
                    store.alone().await.map_err(|error| OpenError::Unreachable(error.to_string()))?;
                refuse_newer(&store.write).await?;
                Migrator::up(&store.write, None).await.map_err(migration)?;
                store
            }
        };
        Ok(store)
    }
}

fn unreachable(error: DbErr) -> OpenError {
    OpenError::Unreachable(error.to_string())
}

fn migration(error: DbErr) -> OpenError {
    OpenError::Migration(error.to_string())
}

async fn sqlite(file: &Path, connections: u32, query_only: bool) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new("sqlite::memory:");
    let file = file.to_owned();
    options
        .max_connections(connections)
        // All are open from the start and stay so: a server that runs out of file
        // descriptors can still read and write what it has.
        .min_connections(connections)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(BUSY_TIMEOUT)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_pool_opts(|pool| pool.after_release(|connection, _| Box::pin(is_clean(connection))))
        .map_sqlx_sqlite_opts(move |sqlite| {
            let sqlite = sqlite
                .in_memory(false)
                .shared_cache(false)
                .filename(&file)
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                // FULL syncs the log at every commit: what was acknowledged
                // survives a power cut too.
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(BUSY_TIMEOUT);
            if query_only { sqlite.pragma("query_only", "on") } else { sqlite }
        });
    Database::connect(options).await
}

/// Whether a connection that comes back has left its transaction. SQLite may have
/// rolled one back by itself, as it does when the disk is full; the rollback that
/// follows then fails, and the driver goes on counting. What it takes for the next
/// transaction would be a savepoint in one that nobody commits: acknowledged, and
/// lost. Such a connection is closed, and another takes its place.
async fn is_clean(connection: &mut SqliteConnection) -> Result<bool, SqlxError> {
    // The rollback of a dropped transaction is under way; this comes after it.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

/// Reads an existing file without the right to write to it.
async fn inspect(file: &Path) -> Result<(), OpenError> {
    let mut options = ConnectOptions::new("sqlite::memory:");
    let file = file.to_owned();
    options.max_connections(1).sqlx_logging(false).map_sqlx_sqlite_opts(move |sqlite| {
        sqlite.in_memory(false).shared_cache(false).filename(&file).create_if_missing(false).read_only(true)
    });
    let damaged = |error: DbErr| OpenError::Damaged(error.to_string());
    let connection = Database::connect(options).await.map_err(damaged)?;
    let check = Statement::from_string(DbBackend::Sqlite, "PRAGMA quick_check(1)");
    let verdict: String = connection
        .query_one_raw(check)
        .await
        .map_err(damaged)?
        .ok_or_else(|| OpenError::Damaged("the integrity check said nothing".to_owned()))?
        .try_get_by_index(0)
        .map_err(damaged)?;
    if verdict != "ok" {
        return Err(OpenError::Damaged(verdict));
    }
    refuse_newer(&connection).await?;
    connection.close().await.map_err(damaged)
}

async fn refuse_newer(connection: &DatabaseConnection) -> Result<(), OpenError> {
    let applied =
        Statement::from_string(connection.get_database_backend(), "SELECT version FROM seaql_migrations");
    // No such table: nothing was migrated yet.
    let Ok(rows) = connection.query_all_raw(applied).await else { return Ok(()) };
    let known: Vec<String> =
        Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect();
    for row in rows {
        let version: String = row.try_get_by_index(0).map_err(unreachable)?;
        if !known.contains(&version) {
            return Err(OpenError::Newer(version));
        }
    }
    Ok(())
}

async fn postgres(url: &Secret) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url.expose());
    options
        .max_connections(POSTGRES_CONNECTIONS)
        .min_connections(1)
        .acquire_timeout(BUSY_TIMEOUT)
        .connect_timeout(BUSY_TIMEOUT)
        .sqlx_logging(false)
        .set_application_name("banto");
    Database::connect(options).await
}

#[cfg(test)]
mod tests {
    use super::{Location, Store};
    use crate::store::workspace;
    use sea_orm::ConnectionTrait as _;

    #[tokio::test]
    async fn a_transaction_that_sqlite_ended_by_itself_spoils_none_after_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&Location::Sqlite(folder.path().join("banto.db"))).await.expect("a store");
        let ended = store.begin().await.expect("a transaction");
        // As SQLite does when the disk is full.
        ended.execute_unprepared("ROLLBACK").await.expect("it ends");
        drop(ended);
        // One that is given up would then leave its own open.
        drop(store.begin().await.expect("a transaction"));
        workspace::ensure_default(&store, "shop", None).await.expect("it is acknowledged");
        let seen =
            workspace::all(store.read(), &crate::store::Access::All).await.expect("another connection");
        assert_eq!(seen.len(), 1, "what was acknowledged is there for others");
    }
}
