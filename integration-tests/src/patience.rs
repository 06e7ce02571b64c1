//! Waiting with an end.

use std::{fmt::Display, panic::Location, time::Duration};

/// Longest wait for anything that the server should do at once or soon.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Awaits `future` for at most [`PATIENCE`]; fails with the name of what did
/// not happen and the line that waited for it.
#[track_caller]
pub fn within<F: Future>(what: impl Display, future: F) -> impl Future<Output = F::Output> {
    let at = Location::caller();
    async move {
        match tokio::time::timeout(PATIENCE, future).await {
            Ok(output) => output,
            Err(_) => panic!("{at}: waited {PATIENCE:?} in vain: {what}"),
        }
    }
}

/// Asks `question` again and again until it answers with something, for at most
/// [`PATIENCE`]. For what the server does not announce.
#[track_caller]
pub fn eventually<T, F>(what: impl Display, mut question: F) -> impl Future<Output = T>
where
    F: AsyncFnMut() -> Option<T>,
{
    within(what, async move {
        loop {
            if let Some(answer) = question().await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
}

/// The next message of a stream that stays open.
#[track_caller]
pub fn next<T>(stream: &mut tonic::Streaming<T>) -> impl Future<Output = T> {
    let message = within(std::any::type_name::<T>(), stream.message());
    async move { message.await.expect("the stream goes on").expect("the stream stays open") }
}
