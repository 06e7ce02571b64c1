//! Where several servers share a database, each follows what the others write.

use super::Feed;
use crate::{
    error::{Error, Result},
    id::{ConversationId, MessageId},
    run::RunState,
    store::{Access, conversation, message},
};

impl Feed {
    /// Another server changed a conversation.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn catch_up(&self, id: ConversationId) -> Result<()> {
        let Some(topic) = self.live(id) else { return Ok(()) };
        match conversation::get(self.store.read(), &Access::All, id).await {
            Ok(row) => topic.advance(row.head_sequence, row.active_turn_id.is_some()),
            Err(Error::NotFound(_)) => topic.delete(),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Other servers may have changed any conversation.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn catch_up_all(&self) -> Result<()> {
        for topic in self.all_live() {
            self.catch_up(topic.id()).await?;
        }
        Ok(())
    }

    /// Another server wrote more of a reply.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn read_on(&self, conversation: ConversationId, reply: MessageId) -> Result<()> {
        let Some(topic) = self.live(conversation) else { return Ok(()) };
        let tx = self.store.begin_read().await?;
        let row = match message::get(&tx, reply).await {
            Err(Error::NotFound(_)) => return Ok(()),
            found => found?,
        };
        if row.state == RunState::Running {
            let text = message::text_in_flight(&tx, reply).await?;
            // The event that began the reply has its sequence.
            topic.mirror(reply, row.sequence, text);
        }
        Ok(())
    }
}
