//! Idle watchers of one conversation: what each costs, and how long one event
//! takes to reach the last.

use crate::{
    figures::{Sample, memory, round},
    upstream::now,
};
use banto_integration_tests::{Banto, Caller, Companion};
use banto_proto::v1::{
    WatchConversationRequest, WatchConversationResponse, conversation_event, conversation_update::Kind,
};
use prost::Message as _;
use serde_json::{Value, json};
use std::{io, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::mpsc,
};

/// Streams on one HTTP/2 connection; the server allows 100.
const STREAMS: usize = 100;
/// How often all are told of something.
const EVENTS: usize = 5;
/// How long the server rests before its memory is read.
const REST: Duration = Duration::from_secs(2);
/// Watchers that connect at once.
const AT_ONCE: usize = 64;

/// How the watchers are connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// gRPC, up to 100 streams a connection.
    SharedHttp2,
    /// gRPC-Web over HTTP/1.1, a connection each.
    WebHttp1,
}

impl Wire {
    /// Its name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::SharedHttp2 => "gRPC, shared HTTP/2",
            Self::WebHttp1 => "gRPC-Web, HTTP/1.1",
        }
    }
}

/// The figures of one crowd.
#[derive(Debug)]
pub struct Row {
    wire: Wire,
    watchers: usize,
    kib_each: Option<f64>,
    /// Each watcher's time, over all events.
    received: Sample,
    /// The last watcher's time of each event.
    last: Sample,
}

/// Measures one crowd on a server of its own.
pub async fn measure(wire: Wire, watchers: usize) -> Row {
    let banto = Banto::builder().set("limits.connections_per_address", watchers + 100).start().await;
    // On a connection of its own: those of the watchers are full.
    let chat = banto.caller(&banto.token).companion().another().await;
    let (sender, mut news) = mpsc::channel(2 * watchers);
    // The first watcher brings what the server makes once.
    spawn(wire, &banto, &banto.owner(), &chat, &sender).await;
    announce(&chat, &mut news, 1, 0).await;
    tokio::time::sleep(REST).await;
    let before = memory(banto.pid());
    let mut caller = banto.owner();
    for begun in (1..watchers).step_by(AT_ONCE) {
        let count = AT_ONCE.min(watchers - begun);
        let opened = (begun..begun + count).map(|at| {
            if at % STREAMS == 0 {
                caller = banto.caller(&banto.token);
            }
            spawn(wire, &banto, &caller.clone(), &chat, &sender)
        });
        futures::future::join_all(opened.collect::<Vec<_>>()).await;
    }
    tokio::time::sleep(REST).await;
    let after = memory(banto.pid());
    let (mut received, mut last) = (Vec::new(), Vec::new());
    for event in 1..=EVENTS {
        let mut times = announce(&chat, &mut news, watchers, event).await;
        last.extend(times.iter().max());
        received.append(&mut times);
    }
    let grown = before.zip(after).map(|((before, _), (after, _))| after.saturating_sub(before));
    Row {
        wire,
        watchers,
        kib_each: grown.map(|kib| round(kib as f64 / (watchers - 1) as f64)),
        received: Sample::new(received),
        last: Sample::new(last),
    }
}

fn title(event: usize) -> String {
    format!("Event number {event}.")
}

/// Renames the conversation; returns how long each watcher waited for it.
async fn announce(
    chat: &Companion,
    news: &mut mpsc::Receiver<(String, u64)>,
    watchers: usize,
    event: usize,
) -> Vec<u64> {
    let (title, begun) = (title(event), now());
    let renamed = chat.rename(&title);
    let collected = async {
        let mut times = Vec::with_capacity(watchers);
        while times.len() < watchers {
            let (heard, at) = news.recv().await.expect("the watchers live");
            if heard == title {
                times.push(at - begun);
            }
        }
        times
    };
    tokio::join!(renamed, collected).1
}

/// Opens a watch, waits for its snapshot, and has it report titles for ever.
fn spawn(
    wire: Wire,
    banto: &Banto,
    caller: &Caller,
    chat: &Companion,
    news: &mpsc::Sender<(String, u64)>,
) -> impl Future<Output = ()> + use<> {
    let request =
        WatchConversationRequest { conversation_id: chat.conversation_id.clone(), ..Default::default() };
    let (caller, news) = (caller.clone(), news.clone());
    let (url, token) = (banto.url.clone(), banto.token.clone());
    async move {
        match wire {
            Wire::SharedHttp2 => {
                let mut client = caller.conversations();
                let mut stream = client.watch_conversation(request).await.expect("a watch").into_inner();
                stream.message().await.expect("a snapshot");
                tokio::spawn(async move {
                    while let Ok(Some(update)) = stream.message().await {
                        report(update, &news);
                    }
                });
            }
            Wire::WebHttp1 => {
                let mut web = Web::open(&url, &token, &request).await.expect("a watch");
                web.next().await.expect("a snapshot");
                tokio::spawn(async move {
                    while let Ok(update) = web.next().await {
                        report(update, &news);
                    }
                });
            }
        }
    }
}

fn report(update: WatchConversationResponse, news: &mpsc::Sender<(String, u64)>) {
    let at = now();
    if let Some(Kind::Event(event)) = update.update.and_then(|update| update.kind)
        && let Some(conversation_event::Kind::Changed(changed)) = event.kind
    {
        // Nobody listens any more when the crowd is sent home.
        let _ = news.try_send((changed.conversation.unwrap_or_default().title, at));
    }
}

/// A gRPC-Web stream on a connection of its own, as a browser has it.
struct Web {
    socket: TcpStream,
    /// Bytes of the connection.
    raw: Vec<u8>,
    /// Bytes of the body.
    body: Vec<u8>,
}

impl Web {
    async fn open(url: &str, token: &str, request: &WatchConversationRequest) -> io::Result<Self> {
        let host = url.trim_start_matches("http://");
        let mut socket = TcpStream::connect(host).await?;
        let message = request.encode_to_vec();
        let head = format!(
            "POST /banto.v1.CompanionConversation/WatchConversation HTTP/1.1\r\nhost: {host}\r\n\
             content-type: application/grpc-web+proto\r\nx-grpc-web: 1\r\nauthorization: Bearer {token}\r\n\
             content-length: {}\r\n\r\n",
            message.len() + 5
        );
        let mut bytes = head.into_bytes();
        bytes.push(0);
        bytes.extend_from_slice(&u32::try_from(message.len()).expect("a length").to_be_bytes());
        bytes.extend_from_slice(&message);
        socket.write_all(&bytes).await?;
        let mut web = Self { socket, raw: Vec::new(), body: Vec::new() };
        let head = loop {
            if let Some(end) = find(&web.raw, b"\r\n\r\n") {
                break web.raw.drain(..end + 4).collect::<Vec<_>>();
            }
            web.fill().await?;
        };
        assert!(head.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&head));
        Ok(web)
    }

    async fn next(&mut self) -> io::Result<WatchConversationResponse> {
        loop {
            if let Some(message) = self.message() {
                return WatchConversationResponse::decode(message.as_slice()).map_err(io::Error::other);
            }
            while !self.unchunk() {
                self.fill().await?;
            }
        }
    }

    async fn fill(&mut self) -> io::Result<()> {
        let read = self.socket.read_buf(&mut self.raw).await?;
        if read == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    }

    /// Moves one chunk from the connection's bytes to the body's, if it is whole.
    fn unchunk(&mut self) -> bool {
        let Some(line) = find(&self.raw, b"\r\n") else { return false };
        let digits = str::from_utf8(&self.raw[..line]).expect("a chunk's length");
        let length = usize::from_str_radix(digits, 16).expect("a chunk's length");
        let (begin, end) = (line + 2, line + 2 + length);
        if self.raw.len() < end + 2 {
            return false;
        }
        self.body.extend_from_slice(&self.raw[begin..end]);
        self.raw.drain(..end + 2);
        true
    }

    /// Takes one message out of the body, if it is whole.
    fn message(&mut self) -> Option<Vec<u8>> {
        let length = self.body.get(1..5)?.try_into().ok().map(u32::from_be_bytes)?;
        let end = 5 + usize::try_from(length).ok()?;
        let message = self.body.get(5..end)?.to_vec();
        self.body.drain(..end);
        Some(message)
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

impl Row {
    /// The names of the columns.
    pub const COLUMNS: [&str; 6] =
        ["idle watchers", "count", "KiB each", "event p50", "to the last", "to the last, worst"];

    /// The row of the table, in milliseconds.
    pub fn cells(&self) -> Vec<String> {
        let ms = |value: f64| format!("{value:.1}");
        vec![
            self.wire.name().to_owned(),
            self.watchers.to_string(),
            self.kib_each.map_or_else(|| "?".to_owned(), ms),
            ms(self.received.p50()),
            ms(self.last.p50()),
            ms(self.last.at(1.0)),
        ]
    }

    /// The row of the JSON file.
    pub fn json(&self) -> Value {
        json!({
            "wire": self.wire.name(),
            "watchers": self.watchers,
            "kib_each": self.kib_each,
            "event_to_each": self.received.json(),
            "event_to_last": self.last.json(),
        })
    }
}
