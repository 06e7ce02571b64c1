//! The choices of the server's people.

use crate::{
    access::Principal,
    error::{Error, Result},
    registry::Registry,
    store::{
        Access, Store, audit,
        preferences::{self, Preferences},
        worker,
    },
};

/// The choices as they are now.
///
/// # Errors
/// Storage errors.
pub async fn get(store: &Store) -> Result<preferences::Model> {
    preferences::get(store.read()).await
}

/// Replaces the choices and tells watchers what the workers are now.
///
/// # Errors
/// `VersionConflict` when the caller saw an old version; `ScopeDenied` for one who
/// may see some workspaces only, for the choices are those of all.
pub async fn replace(
    store: &Store,
    registry: &Registry,
    by: &Principal,
    body: Preferences,
    expected_version: Option<i64>,
) -> Result<preferences::Model> {
    if by.access != Access::All {
        return Err(Error::ScopeDenied);
    }
    let tx = store.begin().await?;
    let row = preferences::replace(&tx, body, expected_version).await?;
    let detail = serde_json::json!({"version": row.version});
    audit::append(&tx, &by.name, "preferences.update", "preferences", detail).await?;
    tx.commit().await?;
    for worker in worker::list(store.read(), &Access::All, None, None).await? {
        registry.refresh(worker.id);
    }
    Ok(row)
}
