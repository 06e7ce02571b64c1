//! Removing what spans several nouns: a conversation with everything in it, and
//! the log up to a time.

use super::{Tx, conversation, event, message, turn};
use crate::{error::Result, id::ConversationId};
use sea_orm::prelude::DateTimeUtc;

/// Deletes a locked conversation with everything in it. Its jobs stay: they are
/// the record of what was spent.
///
/// # Errors
/// Storage errors.
pub async fn conversation(tx: &Tx, id: ConversationId) -> Result<()> {
    event::delete_of(tx, id).await?;
    turn::delete_of(tx, id).await?;
    message::delete_of(tx, id).await?;
    conversation::delete(tx, id).await
}

/// Prunes the logs of conversations up to a time. Messages and turns stay.
///
/// # Errors
/// Storage errors.
pub async fn events(tx: &Tx, before: DateTimeUtc) -> Result<()> {
    for (id, sequence) in event::newest_before(tx, before).await? {
        conversation::set_pruned(tx, id, sequence).await?;
        event::delete_through(tx, id, sequence).await?;
    }
    Ok(())
}
