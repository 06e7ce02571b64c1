//! The choices of the server's people, and the retention that follows from them.

use crate::{
    access::Principal,
    error::{Error, Result},
    registry::Registry,
    store::{
        Access, Store, audit,
        preferences::{self, Preferences},
        prompt_part, removal, worker,
    },
};
use chrono::TimeDelta;
use std::time::Duration;

/// How often what is past its retention time is removed.
const RETENTION_INTERVAL: Duration = Duration::from_secs(60 * 60);

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

/// Removes what is past its retention time, once an hour, until it is dropped.
pub async fn retain(store: Store) {
    let mut interval = tokio::time::interval(RETENTION_INTERVAL);
    loop {
        interval.tick().await;
        if let Err(error) = prune(&store).await {
            tracing::warn!(%error, "what is past its retention time could not be removed yet");
        }
    }
}

async fn prune(store: &Store) -> Result<()> {
    let preferences = get(store).await?.body;
    let before = |days: u32| crate::clock::now() - TimeDelta::days(i64::from(days));
    let tx = store.begin().await?;
    removal::events(&tx, before(preferences.event_retention_days)).await?;
    prompt_part::prune(&tx, before(preferences.prompt_retention_days)).await?;
    tx.commit().await?;
    Ok(())
}
