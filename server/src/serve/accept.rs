//! Accepting connections: no delay on small writes, a bound for each address, a
//! deadline for the first request, and an accept loop that survives running out of
//! file descriptors.

use futures::{Stream, stream};
use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    time::{Sleep, sleep},
};
use tonic::transport::server::Connected;

/// Time within which a connection must have sent its first whole request.
const FIRST_REQUEST: Duration = Duration::from_secs(15);
/// Pause after the system refused a connection, for example for want of file
/// descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Raises the limit of open files to what the system allows: a connection is one,
/// and the customary 1,024 are soon used up.
#[cfg(unix)]
pub(super) fn raise_file_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current != maximum
        && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })
    {
        tracing::debug!(%error, ?current, "the limit of open files stays as it is");
    }
}

/// Connections by address.
type Counts = Arc<Mutex<HashMap<IpAddr, usize>>>;

/// The connections of a listener; it never ends.
pub(super) fn connections(
    listener: TcpListener,
    per_address: usize,
) -> impl Stream<Item = io::Result<Connection>> {
    let counts = Counts::default();
    stream::unfold((listener, counts), move |(listener, counts)| async move {
        loop {
            match listener.accept().await {
                Ok((socket, peer)) => {
                    if let Some(connection) = Connection::admit(socket, peer, &counts, per_address) {
                        return Some((Ok(connection), (listener, counts)));
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    })
}

/// A connection of a client.
#[derive(Debug)]
pub(super) struct Connection {
    socket: TcpStream,
    peer: Peer,
    deadline: Option<Pin<Box<Sleep>>>,
    _place: Place,
}

/// What a request can learn of its connection.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    served: Arc<AtomicBool>,
}

impl Peer {
    /// Notes that a whole request has arrived.
    pub fn note_request(&self) {
        self.served.store(true, Ordering::Relaxed);
    }
}

/// A connection's place among those of its address.
#[derive(Debug)]
struct Place {
    address: IpAddr,
    counts: Counts,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}

impl Connection {
    fn admit(socket: TcpStream, peer: SocketAddr, counts: &Counts, per_address: usize) -> Option<Self> {
        let address = peer.ip();
        {
            let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
            let count = counts.entry(address).or_default();
            if *count >= per_address {
                return None;
            }
            *count += 1;
        }
        let place = Place { address, counts: counts.clone() };
        // Without it the first token of a reply waits for the client's delayed
        // acknowledgement.
        if let Err(error) = socket.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
        Some(Self {
            socket,
            peer: Peer { served: Arc::default() },
            deadline: Some(Box::pin(sleep(FIRST_REQUEST))),
            _place: place,
        })
    }
}

impl Connected for Connection {
    type ConnectInfo = Peer;

    fn connect_info(&self) -> Peer {
        self.peer.clone()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.peer.served.load(Ordering::Relaxed) {
            self.deadline = None;
        }
        if let Some(deadline) = &mut self.deadline
            && deadline.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Pin::new(&mut self.socket).poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}
