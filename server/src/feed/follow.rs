//! Where several servers share a database, each follows what the others write.

use super::{Feed, subject::Subject};
use crate::{
    error::{Error, Result},
    id::BlockId,
    store::Access,
};

impl<S: Subject> Feed<S> {
    /// Another server changed a subject.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn catch_up(&self, id: S::Id) -> Result<()> {
        let Some(topic) = self.live(id) else { return Ok(()) };
        let tx = self.store.begin_read().await?;
        match S::row(&tx, &Access::All, id).await {
            Ok(row) => {
                let log = S::log(&row);
                topic.advance(log.head, log.is_writing);
            }
            Err(Error::NotFound(_)) => topic.delete(),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Other servers may have changed any subject.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn catch_up_all(&self) -> Result<()> {
        for topic in self.all_live() {
            self.catch_up(topic.id()).await?;
        }
        Ok(())
    }

    /// Another server wrote more of a text.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn read_on(&self, id: S::Id, block: impl Into<BlockId>) -> Result<()> {
        let Some(topic) = self.live(id) else { return Ok(()) };
        let block = block.into();
        let tx = self.store.begin_read().await?;
        if let Some(written) = S::written(&tx, block).await? {
            topic.mirror(block, written.began, written.text);
        }
        Ok(())
    }
}
