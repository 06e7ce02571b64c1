//! What every server stream has: a sign of life after silence, and an end when its
//! token is no longer good.

use crate::{access::Principal, error::Error};
use futures::{Stream, StreamExt as _, stream::BoxStream};
use std::time::Duration;
use tokio::time::Instant;
use tonic::Status;

/// Silence after which a heartbeat is sent.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(15);

/// A response stream.
pub(super) type Answers<T> = BoxStream<'static, Result<T, Status>>;

pub(super) fn guarded<T: Send + 'static>(
    caller: &Principal,
    heartbeat: fn() -> T,
    stream: impl Stream<Item = Result<T, Status>> + Send + 'static,
) -> Answers<T> {
    let revoked = caller.revoked.clone().cancelled_owned();
    let expiry =
        caller.expires_at.map(|at| Instant::now() + (at - chrono::Utc::now()).to_std().unwrap_or_default());
    let state = (Box::pin(stream), Box::pin(revoked), Box::pin(tokio::time::sleep(HEARTBEAT)), false);
    futures::stream::unfold(state, move |(mut stream, mut revoked, mut silence, over)| async move {
        if over {
            return None;
        }
        silence.as_mut().reset(Instant::now() + HEARTBEAT);
        let expired = async {
            match expiry {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        let (item, over) = tokio::select! {
            biased;
            () = &mut revoked => (Err(Error::Unauthenticated.into()), true),
            () = expired => (Err(Error::Unauthenticated.into()), true),
            item = stream.next() => match item {
                Some(item) => { let failed = item.is_err(); (item, failed) }
                None => return None,
            },
            () = &mut silence => (Ok(heartbeat()), false),
        };
        Some((item, (stream, revoked, silence, over)))
    })
    .boxed()
}
