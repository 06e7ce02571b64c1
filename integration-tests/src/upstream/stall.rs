//! A port that takes no connection.

use std::{net::SocketAddr, time::Duration};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// A port of this machine whose queue of connections is full, so that another
/// one neither succeeds nor is refused: what a connect timeout is for.
#[derive(Debug)]
pub struct StalledPort {
    address: SocketAddr,
    _listener: TcpListener,
    _queued: Vec<TcpStream>,
}

impl StalledPort {
    /// Fills the queue of a fresh port.
    ///
    /// # Panics
    ///
    /// When no port can be had.
    pub async fn start() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a free port");
        let listener = socket.listen(1).expect("a listening socket");
        let address = listener.local_addr().expect("the port just bound");
        let mut queued = Vec::new();
        // Nothing accepts, so the queue is full when a connection hangs. On the
        // loopback one that does not hang takes microseconds.
        while let Ok(stream) =
            tokio::time::timeout(Duration::from_millis(300), TcpStream::connect(address)).await
        {
            queued.push(stream.expect("room in the queue"));
        }
        Self { address, _listener: listener, _queued: queued }
    }

    /// The base URL to configure.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }
}
