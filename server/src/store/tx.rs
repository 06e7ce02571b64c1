//! A transaction. It carries the seal of the audit log, so that whoever appends to
//! it needs no key.

use super::seal::Seal;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement};
use std::sync::Arc;

/// A transaction; dropped without `commit`, it never happened.
#[derive(Debug)]
pub struct Tx {
    inner: DatabaseTransaction,
    seal: Option<Arc<Seal>>,
}

impl Tx {
    pub(super) fn new(inner: DatabaseTransaction, seal: Option<Arc<Seal>>) -> Self {
        Self { inner, seal }
    }

    /// Makes it happen.
    ///
    /// # Errors
    /// What the database says; then it is unknown whether it happened.
    pub async fn commit(self) -> Result<(), DbErr> {
        self.inner.commit().await
    }

    pub(super) fn seal(&self) -> Option<&Seal> {
        self.seal.as_deref()
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Tx {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.inner.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.inner.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.inner.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.inner.query_all_raw(statement).await
    }

    fn support_returning(&self) -> bool {
        self.inner.support_returning()
    }
}
