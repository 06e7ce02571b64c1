//! Reads what a refused HTTP/1.1 request still sends. Without it the connection is
//! closed under a client that is still writing, which then sees a broken pipe and
//! never the answer.

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

/// Bytes that are read of what nobody wants; more, and the client is cut off.
const MOST: usize = 16 * 1024 * 1024;
/// Time for them.
const LONGEST: Duration = Duration::from_secs(5);

/// A request's body that is read to its end even when it is dropped before.
pub(super) struct Drained<B: Body<Data = Bytes> + Unpin + Send + 'static>(Option<B>);

impl<B: Body<Data = Bytes> + Unpin + Send + 'static> Drained<B> {
    pub fn new(body: B) -> Self {
        Self(Some(body))
    }
}

impl<B: Body<Data = Bytes> + Unpin + Send + 'static> Body for Drained<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let Some(body) = &mut self.0 else { return Poll::Ready(None) };
        let polled = Pin::new(body).poll_frame(cx);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.0 = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.0.as_ref().map(Body::size_hint).unwrap_or_default()
    }
}

impl<B: Body<Data = Bytes> + Unpin + Send + 'static> Drop for Drained<B> {
    fn drop(&mut self) {
        let Some(mut body) = self.0.take().filter(|body| !body.is_end_stream()) else { return };
        // Outside a runtime there is no connection either.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(async move {
            let mut left = MOST;
            let rest = std::future::poll_fn(|cx| {
                loop {
                    match Pin::new(&mut body).poll_frame(cx) {
                        Poll::Pending => return Poll::Pending,
                        Poll::Ready(None | Some(Err(_))) => return Poll::Ready(()),
                        Poll::Ready(Some(Ok(frame))) => {
                            let length = frame.data_ref().map_or(0, Bytes::len);
                            match left.checked_sub(length) {
                                Some(rest) => left = rest,
                                None => return Poll::Ready(()),
                            }
                        }
                    }
                }
            });
            let _ = tokio::time::timeout(LONGEST, rest).await;
        });
    }
}
