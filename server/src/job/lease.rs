//! The lease that a server holds on what it runs.

use super::{Jobs, Stop};
use crate::store::{job, server};
use std::time::Duration;

impl Jobs {
    /// Renews this server's lease, and carries out what other servers asked of its
    /// jobs, until it is dropped.
    pub async fn hold_lease(self, lease: Duration) {
        let mut interval = tokio::time::interval(lease / 3);
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            interval.tick().await;
            match server::renew(&self.store, self.server, lease).await {
                Ok(true) => {}
                Ok(false) => {
                    // Another server took this one for dead and has ended its jobs.
                    // Their ends cannot be committed here any more; the calls need
                    // not go on.
                    tracing::error!("the lease was lost; what ran here was interrupted by another server");
                    self.stop_all(Stop::ShutDown);
                    if let Err(error) = server::register(&self.store, self.server, lease).await {
                        tracing::warn!(%error, "the lease could not be taken again yet");
                    }
                }
                Err(error) => tracing::warn!(%error, "the lease could not be renewed yet"),
            }
            match job::to_cancel(self.store.read(), self.server).await {
                Ok(jobs) => {
                    let live = self.live();
                    for stop in jobs.iter().filter_map(|id| live.get(id)) {
                        stop.send_if_modified(|stop| stop.is_none() && stop.replace(Stop::Cancel).is_none());
                    }
                }
                Err(error) => tracing::debug!(%error, "requests to cancel could not be read"),
            }
        }
    }
}
