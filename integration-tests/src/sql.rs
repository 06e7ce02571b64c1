//! The database behind the server's back.

use crate::Banto;
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, Statement};
use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

/// One connection to a database that a server uses.
#[derive(Debug)]
pub struct Sql(DatabaseConnection);

impl Sql {
    /// Connects to a URL.
    pub async fn connect(url: &str) -> Self {
        Self::try_connect(url).await.unwrap_or_else(|error| panic!("{url}: {error}"))
    }

    pub(crate) async fn try_connect(url: &str) -> Result<Self, sea_orm::DbErr> {
        let mut options = ConnectOptions::new(url);
        options.max_connections(1).sqlx_logging(false);
        Database::connect(options).await.map(Self)
    }

    /// Opens the SQLite file of a server.
    pub async fn of(banto: &Banto) -> Self {
        Self::connect(&format!("sqlite://{}?mode=rw", sqlite_file(banto.data_dir()).display())).await
    }

    /// Runs a statement; returns how many rows it changed.
    pub async fn run(&self, sql: &str) -> u64 {
        let result = self.0.execute_unprepared(sql).await;
        result.unwrap_or_else(|error| panic!("{sql}: {error}")).rows_affected()
    }

    /// The number in the first row and column of a query.
    pub async fn number(&self, sql: &str) -> i64 {
        let statement = Statement::from_string(self.0.get_database_backend(), sql);
        let row = self.0.query_one_raw(statement).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        row.and_then(|row| row.try_get_by_index(0).ok()).unwrap_or_else(|| panic!("{sql}: no number"))
    }

    /// The columns of a table of SQLite.
    pub async fn columns(&self, table: &str) -> Vec<String> {
        let sql = format!("SELECT name FROM pragma_table_info('{table}')");
        let statement = Statement::from_string(self.0.get_database_backend(), &sql);
        let rows = self.0.query_all_raw(statement).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        rows.iter().map(|row| row.try_get_by_index(0).expect("a name")).collect()
    }

    /// Ends the connection, and with it whatever it locks.
    pub async fn close(self) {
        self.0.close().await.expect("the connection closes");
    }
}

/// The SQLite file in a data directory, found by its first bytes.
#[must_use]
pub fn sqlite_file(data_dir: &Path) -> PathBuf {
    let is_database = |path: &PathBuf| {
        let mut magic = [0; 16];
        File::open(path).and_then(|mut file| file.read_exact(&mut magic)).is_ok()
            && &magic == b"SQLite format 3\0"
    };
    let files = std::fs::read_dir(data_dir).expect("the data directory");
    let mut files = files.map(|entry| entry.expect("an entry").path());
    files.find(is_database).expect("a SQLite file in the data directory")
}
