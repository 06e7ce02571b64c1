//! A lean provider of models. One thread writes the tokens of all answers at
//! their times and puts the time of writing into each, so that whoever reads a
//! token knows how long it travelled.

use std::{
    io::{ErrorKind, Write as _},
    net::{SocketAddr, TcpStream as Socket},
    sync::{Arc, OnceLock},
    thread,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    sync::{mpsc, oneshot},
};

/// Tokens of an answer.
pub const TOKENS: usize = 64;
/// Time between two tokens of a paced answer.
pub const PACE: Duration = Duration::from_millis(10);
/// The model that it offers.
pub const MODEL: &str = "bench-model";
/// Length of a token: a time as sixteen hexadecimal digits, and a space.
const TOKEN: usize = 17;

/// How the tokens of an answer are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One every [`PACE`].
    Paced,
    /// All with one write.
    Burst,
}

impl Shape {
    /// Its name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Paced => "paced",
            Self::Burst => "burst",
        }
    }
}

/// Nanoseconds since the benchmark began.
pub fn now() -> u64 {
    static BEGUN: OnceLock<Instant> = OnceLock::new();
    u64::try_from(BEGUN.get_or_init(Instant::now).elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// The times at which the tokens of a text were written.
pub fn stamps(text: &str) -> impl Iterator<Item = u64> {
    assert_eq!(text.len() % TOKEN, 0, "not whole tokens: {text:?}");
    text.as_bytes().chunks(TOKEN).map(|token| {
        let digits = str::from_utf8(&token[..TOKEN - 1]).expect("ASCII");
        u64::from_str_radix(digits, 16).expect("a time")
    })
}

/// A request that waits for its answer.
#[derive(Debug)]
pub struct Call {
    socket: Arc<Socket>,
    answered: oneshot::Sender<()>,
}

/// The provider. It accepts as long as the runtime lives.
#[derive(Debug)]
pub struct Upstream {
    address: SocketAddr,
    calls: mpsc::Receiver<Call>,
}

impl Upstream {
    /// Listens on a free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let (sender, calls) = mpsc::channel(1_024);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let sender = sender.clone();
                tokio::spawn(async move {
                    // A client that goes away ends its connection and nothing else.
                    let _ = serve(stream, sender).await;
                });
            }
        });
        Self { address, calls }
    }

    /// Where it is, with the version segment.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Waits until so many requests have arrived.
    pub async fn collect(&mut self, count: usize) -> Vec<Call> {
        let mut calls = Vec::with_capacity(count);
        while calls.len() < count {
            calls.push(self.calls.recv().await.expect("the upstream runs"));
        }
        calls
    }
}

/// Answers all requests at once. Their phases are spread over one [`PACE`], as
/// answers that have nothing to do with each other are.
pub async fn answer(calls: Vec<Call>, shape: Shape) {
    let written = tokio::task::spawn_blocking(move || write_all(calls, shape));
    written.await.expect("the writer does not panic");
}

fn write_all(calls: Vec<Call>, shape: Shape) {
    let phase = PACE / u32::try_from(calls.len()).expect("a count");
    let begun = Instant::now() + PACE;
    let mut buffer = Vec::with_capacity(16 * 1024);
    let steps = match shape {
        Shape::Paced => TOKENS + 1,
        Shape::Burst => 1,
    };
    for step in 0..steps {
        let mut due = begun + PACE * u32::try_from(step).expect("a count");
        for call in &calls {
            rest(due.saturating_duration_since(Instant::now()));
            due += phase;
            buffer.clear();
            if step == 0 {
                buffer.extend_from_slice(HEAD.as_bytes());
            }
            match shape {
                Shape::Paced if step < TOKENS => token(&mut buffer),
                Shape::Paced => end(&mut buffer),
                Shape::Burst => {
                    (0..TOKENS).for_each(|_| token(&mut buffer));
                    end(&mut buffer);
                }
            }
            write(&call.socket, &buffer);
        }
    }
    for call in calls {
        let _ = call.answered.send(());
    }
}

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

fn token(buffer: &mut Vec<u8>) {
    let choice = format!(r#"{{"index":0,"delta":{{"content":"{:016x} "}},"finish_reason":null}}"#, now());
    event(buffer, &format!(r#"{{"id":"1","object":"chat.completion.chunk","choices":[{choice}]}}"#));
}

fn end(buffer: &mut Vec<u8>) {
    event(buffer, r#"{"id":"1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#);
    let usage = format!(r#"{{"prompt_tokens":100,"completion_tokens":{TOKENS}}}"#);
    event(buffer, &format!(r#"{{"id":"1","choices":[],"usage":{usage}}}"#));
    event(buffer, "[DONE]");
    buffer.extend_from_slice(b"0\r\n\r\n");
}

/// One server-sent event as one chunk.
fn event(buffer: &mut Vec<u8>, data: &str) {
    let length = "data: ".len() + data.len() + 2;
    write!(buffer, "{length:x}\r\ndata: {data}\n\n\r\n").expect("memory");
}

/// The writer is a thread of its own and no task waits behind it; the timers of
/// the runtime are too coarse for it.
#[expect(clippy::disallowed_methods)]
fn rest(time: Duration) {
    thread::sleep(time);
}

fn write(socket: &Socket, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        let mut writer = socket;
        match writer.write(bytes) {
            Ok(written) => bytes = &bytes[written..],
            // The socket does not block. A reader this far behind is measured as such.
            Err(error) if error.kind() == ErrorKind::WouldBlock => rest(Duration::from_micros(100)),
            Err(error) => panic!("the reader of an answer went away: {error}"),
        }
    }
}

async fn serve(stream: TcpStream, calls: mpsc::Sender<Call>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let stream = stream.into_std()?;
    let writer = Arc::new(stream.try_clone()?);
    let mut reader = BufReader::new(TcpStream::from_std(stream)?);
    loop {
        let (mut request, mut length) = (String::new(), 0);
        if reader.read_line(&mut request).await? == 0 {
            return Ok(());
        }
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).await?;
            match header.trim_end().split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.trim().parse().unwrap_or(0);
                }
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).await?;
        if request.starts_with("POST") {
            let (answered, whole) = oneshot::channel();
            let _ = calls.send(Call { socket: writer.clone(), answered }).await;
            let _ = whole.await;
        } else {
            let models = format!(r#"{{"object":"list","data":[{{"id":"{MODEL}"}}]}}"#);
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ";
            let answer = format!("{head}{}\r\n\r\n{models}", models.len());
            reader.write_all(answer.as_bytes()).await?;
        }
    }
}
