//! Running servers and their leases. A job carries the id of the server that
//! runs it; only when that server's lease is over may another end the job.

use super::Store;
use crate::{error::Result, id::ServerId};
use sea_orm::{
    ActiveValue::Set,
    DbBackend,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait as _, SimpleExpr},
};
use std::time::Duration;

/// A server.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "servers")]
pub struct Model {
    /// New at every start.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ServerId,
    /// Until when it owns what it runs: milliseconds since 1970 on the
    /// database's clock.
    pub lease_until_ms: i64,
    /// When it started.
    pub started_at: DateTimeUtc,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The database's own clock, so that servers whose clocks differ agree on who is
/// alive.
fn now_ms(backend: DbBackend) -> SimpleExpr {
    match backend {
        DbBackend::Postgres => Expr::cust("(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint"),
        _ => Expr::cust("CAST(unixepoch('subsec') * 1000 AS INTEGER)"),
    }
}

fn lease_end(backend: DbBackend, lease: Duration) -> SimpleExpr {
    now_ms(backend).add(i64::try_from(lease.as_millis()).unwrap_or(i64::MAX))
}

/// Registers a server with its first lease.
///
/// # Errors
/// Storage errors.
pub async fn register(store: &Store, id: ServerId, lease: Duration) -> Result<()> {
    let row = ActiveModel { id: Set(id), lease_until_ms: Set(0), started_at: Set(crate::clock::now()) };
    Entity::insert(row).exec_without_returning(&store.write).await?;
    renew(store, id, lease).await?;
    Ok(())
}

/// Renews a lease. `false`: the server was declared dead meanwhile.
///
/// # Errors
/// Storage errors.
pub async fn renew(store: &Store, id: ServerId, lease: Duration) -> Result<bool> {
    let backend = store.write.get_database_backend();
    let renewed = Entity::update_many()
        .col_expr(Column::LeaseUntilMs, lease_end(backend, lease))
        .filter(Column::Id.eq(id))
        .exec(&store.write)
        .await?;
    Ok(renewed.rows_affected == 1)
}

/// Ends the lease of a server that stops, so that nobody waits for it.
///
/// # Errors
/// Storage errors.
pub async fn resign(store: &Store, id: ServerId) -> Result<()> {
    Entity::delete_by_id(id).exec(&store.write).await?;
    Ok(())
}

/// Removes servers whose lease is over; what they ran has no owner then.
///
/// # Errors
/// Storage errors.
pub async fn remove_expired(store: &Store) -> Result<()> {
    let backend = store.write.get_database_backend();
    Entity::delete_many()
        .filter(Expr::col(Column::LeaseUntilMs).lt(now_ms(backend)))
        .exec(&store.write)
        .await?;
    Ok(())
}

/// Removes all servers but one: for a database that is held by a file lock, where
/// every other server is known to be dead.
///
/// # Errors
/// Storage errors.
pub async fn remove_others(store: &Store, id: ServerId) -> Result<()> {
    Entity::delete_many().filter(Column::Id.ne(id)).exec(&store.write).await?;
    Ok(())
}
