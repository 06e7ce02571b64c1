//! Where several servers share a database, each follows what the others write.

use super::Feed;
use crate::{error::Result, store::conversation};
use std::{collections::HashMap, time::Duration};

/// How often the heads of the watched conversations are read.
const INTERVAL: Duration = Duration::from_millis(500);

impl Feed {
    /// Follows the other servers of a shared database until the feed stops.
    pub async fn follow(self) {
        let mut interval = tokio::time::interval(INTERVAL);
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = interval.tick() => {}
                () = self.stop.cancelled() => return,
            }
            if let Err(error) = self.read_heads().await {
                tracing::debug!(%error, "the heads of the watched conversations could not be read");
            }
        }
    }

    async fn read_heads(&self) -> Result<()> {
        let topics = self.all_live();
        let ids = topics.iter().map(|topic| topic.id()).collect();
        let heads: HashMap<_, _> = conversation::heads(self.store.read(), ids).await?.into_iter().collect();
        for topic in topics {
            match heads.get(&topic.id()) {
                Some(head) => topic.advance(*head),
                None => topic.delete(),
            }
        }
        Ok(())
    }
}
