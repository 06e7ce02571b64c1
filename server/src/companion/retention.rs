//! Removing what is past its retention time. Audit entries have none: they are
//! the record that others are checked against, and hold no text of anybody's.

use super::Companion;
use crate::{
    access::Principal,
    error::{Error, Result},
    id::ConversationId,
    store::{Access, audit, conversation, prompt_part, removal},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use std::time::Duration;

/// How often what is past its retention time is removed.
const INTERVAL: Duration = Duration::from_secs(60 * 60);
/// Conversations that are looked for at once.
const BATCH: u64 = 100;

/// Removes what is past its retention time, once an hour, until it is dropped.
pub async fn retain(companion: Companion) {
    let mut interval = tokio::time::interval(INTERVAL);
    loop {
        interval.tick().await;
        if let Err(error) = companion.prune().await {
            tracing::warn!(%error, "what is past its retention time could not be removed yet");
        }
    }
}

impl Companion {
    async fn prune(&self) -> Result<()> {
        let preferences = self.preferences().await?;
        let before = |days: u32| crate::clock::now() - TimeDelta::days(i64::from(days));
        let tx = self.store.begin().await?;
        removal::events(&tx, before(preferences.event_retention_days)).await?;
        prompt_part::prune(&tx, before(preferences.prompt_retention_days)).await?;
        tx.commit().await?;
        if let Some(days) = preferences.conversation_retention_days {
            self.delete_inactive(before(days)).await?;
        }
        Ok(())
    }

    async fn delete_inactive(&self, before: DateTime<Utc>) -> Result<()> {
        loop {
            let inactive = conversation::inactive(self.store.read(), before, BATCH).await?;
            for id in &inactive {
                // One that was deleted meanwhile is what was wanted.
                match self.expire(*id, before).await {
                    Ok(()) | Err(Error::NotFound(_)) => {}
                    Err(error) => return Err(error),
                }
            }
            if inactive.is_empty() {
                return Ok(());
            }
        }
    }

    async fn expire(&self, id: ConversationId, before: DateTime<Utc>) -> Result<()> {
        let tx = self.store.begin().await?;
        let conversation = conversation::lock(&tx, &Access::All, id).await?;
        // Somebody may have come back to it.
        if conversation.updated_at >= before || conversation.active_turn_id.is_some() {
            return Ok(());
        }
        removal::conversation(&tx, id).await?;
        let by = Principal::server();
        audit::append(&tx, &by.name, "conversation.expire", &id.to_string(), json!({})).await?;
        tx.commit().await?;
        self.publish_deleted(conversation.workspace_id, id);
        Ok(())
    }
}
