//! Where several servers share a database, each tells the others what it changed.

use crate::{
    error::Result,
    id::ServerId,
    store::{
        Store,
        notice::{MOST_NOTICES, Notice},
    },
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::sync::mpsc;

/// Notices that may wait for the database.
const QUEUE: usize = 4_096;
/// Pause after the database could not be reached.
const RETRY_PAUSE: Duration = Duration::from_millis(500);

/// Tells the other servers; where there are none, nobody. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Peers(Option<Outgoing>);

#[derive(Clone, Debug)]
struct Outgoing {
    notices: mpsc::Sender<Notice>,
    lost: Arc<AtomicBool>,
}

/// The way to the other servers and back.
#[derive(Debug)]
pub struct Exchange {
    store: Store,
    server: ServerId,
    notices: mpsc::Receiver<Notice>,
    lost: Arc<AtomicBool>,
}

impl Peers {
    /// The other servers of a shared database.
    #[must_use]
    pub fn of(store: Store, server: ServerId) -> (Self, Exchange) {
        let (sender, notices) = mpsc::channel(QUEUE);
        let lost = Arc::<AtomicBool>::default();
        let exchange = Exchange { store, server, notices, lost: lost.clone() };
        (Self(Some(Outgoing { notices: sender, lost })), exchange)
    }

    /// Tells them of a committed change, off the path of whoever made it.
    pub fn tell(&self, notice: Notice) {
        if let Some(outgoing) = &self.0
            && outgoing.notices.try_send(notice).is_err()
        {
            outgoing.lost.store(true, Ordering::Relaxed);
        }
    }
}

impl Exchange {
    /// Tells and hears until it is dropped.
    pub async fn run(self, heard: impl AsyncFn(Notice) -> Result<()>) {
        let Self { store, server, notices, lost } = self;
        tokio::join!(tell(store.clone(), server, notices, lost), hear(store, server, heard));
    }
}

async fn tell(store: Store, server: ServerId, mut queue: mpsc::Receiver<Notice>, lost: Arc<AtomicBool>) {
    let mut notices = Vec::with_capacity(MOST_NOTICES);
    while queue.recv_many(&mut notices, MOST_NOTICES).await > 0 {
        // Text is told of with every checkpoint; once is enough.
        notices.dedup();
        if lost.swap(false, Ordering::Relaxed) {
            notices = vec![Notice::Anything];
        }
        while let Err(error) = store.notify(server, notices.clone()).await {
            tracing::debug!(%error, "other servers could not be told yet");
            tokio::time::sleep(RETRY_PAUSE).await;
        }
        notices.clear();
    }
}

async fn hear(store: Store, server: ServerId, heard: impl AsyncFn(Notice) -> Result<()>) {
    loop {
        let failed = async {
            let mut listener = store.listen(server).await?;
            heard(Notice::Anything).await?;
            loop {
                for notice in listener.hear().await? {
                    heard(notice).await?;
                }
            }
        };
        let error: Result<()> = failed.await;
        if let Err(error) = error {
            tracing::debug!(%error, "other servers cannot be heard");
        }
        tokio::time::sleep(RETRY_PAUSE).await;
    }
}
