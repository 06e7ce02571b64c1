//! Clients that mean harm: giants, bombs, silence and floods of resets. Others
//! are served meanwhile.

use banto_integration_tests::{
    Answer as _, Banto, Caller, eventually,
    raw::{Call, Protocol, methods},
    within,
};
use banto_proto::v1::ListRuntimesRequest;
use flate2::{Compression, write::GzEncoder};
use futures::future::{join_all, poll_fn};
use prost_reflect::MethodDescriptor;
use std::{
    io::Write as _,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tonic::Code;

fn send_message() -> MethodDescriptor {
    methods().into_iter().find(|method| method.name() == "SendMessage").expect("SendMessage")
}

fn address(banto: &Banto) -> &str {
    banto.url.strip_prefix("http://").expect("an address")
}

/// How long a small call takes.
async fn latency(caller: &Caller) -> Duration {
    let begun = Instant::now();
    caller.registry().list_runtimes(ListRuntimesRequest {}).await.granted();
    begun.elapsed()
}

#[tokio::test]
async fn a_giant_request_is_a_typed_error() {
    let banto = Banto::guide().await;
    for protocol in Protocol::ALL {
        let call = Call::new(protocol, &banto.url, &send_message()).token(&banto.token);
        let answered = call.message(vec![b'x'; 5 << 20]).send().await;
        let typed = [Code::OutOfRange, Code::ResourceExhausted, Code::InvalidArgument];
        let refused = answered.http == 413 || answered.code.is_some_and(|code| typed.contains(&code));
        assert!(refused, "{protocol:?}: {answered:?}");
    }
    banto.chat().await;
}

#[tokio::test]
async fn a_packed_bomb_is_refused_before_it_fills_the_memory() {
    let banto = Banto::guide().await;
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..256 {
        gzip.write_all(&vec![0; 1 << 20]).expect("it is packed");
    }
    let bomb = gzip.finish().expect("it is packed");
    let before = banto.resident_kib();
    for protocol in [Protocol::Grpc, Protocol::Web] {
        let call = Call::new(protocol, &banto.url, &send_message()).token(&banto.token);
        let answered = call.packed(bomb.clone()).send().await;
        assert!(answered.http != 200 || answered.code.is_some_and(|code| code != Code::Ok), "{answered:?}");
    }
    let grown = banto.resident_kib().saturating_sub(before);
    assert!(grown < 50 << 10, "it grew by {grown} KiB");
    banto.chat().await;
}

#[tokio::test]
async fn silent_sockets_are_closed_and_delay_nobody() {
    let banto = Banto::guide().await;
    let mut silent = Vec::new();
    for _ in 0..500 {
        silent.push(within("a connection", TcpStream::connect(address(&banto))).await.expect("accepted"));
    }
    let caller = banto.caller(&banto.token);
    let waited = latency(&caller).await;
    assert!(waited < Duration::from_secs(1), "a new client waited {waited:?}");

    let closed = join_all(silent.iter_mut().map(async |socket| {
        let mut byte = [0; 1];
        // A reset is as good an end as a proper close.
        while matches!(socket.read(&mut byte).await, Ok(1..)) {}
    }));
    let closed = tokio::time::timeout(Duration::from_secs(30), closed).await;
    closed.expect("all silent sockets are closed within 30 s");
    let again = async || caller.registry().list_runtimes(ListRuntimesRequest {}).await.ok();
    eventually("an active client is served", again).await;
}

/// Opens streams and resets them at once, over and over, until `enough`.
async fn flood(address: &str, enough: &AtomicBool) -> usize {
    let mut resets = 0;
    while !enough.load(Ordering::Relaxed) {
        let socket = TcpStream::connect(address).await.expect("a connection");
        let (mut sender, connection) = h2::client::handshake(socket).await.expect("HTTP/2");
        let connection = tokio::spawn(connection);
        // The server may hang up on this; then there is another connection.
        while !enough.load(Ordering::Relaxed) && poll_fn(|context| sender.poll_ready(context)).await.is_ok() {
            let request = http::Request::post(format!("http://{address}/banto.v1.Jobs/ListJobs"));
            let request = request.header("content-type", "application/grpc").body(()).expect("a request");
            let Ok((_, mut stream)) = sender.send_request(request, false) else { break };
            stream.send_reset(h2::Reason::CANCEL);
            resets += 1;
            tokio::task::yield_now().await;
        }
        connection.abort();
    }
    resets
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_resets_delays_nobody() {
    let banto = Banto::guide().await;
    let caller = banto.caller(&banto.token);
    latency(&caller).await;
    let enough = AtomicBool::new(false);
    let measured = async {
        let mut latencies = Vec::new();
        for _ in 0..200 {
            latencies.push(latency(&caller).await);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        enough.store(true, Ordering::Relaxed);
        latencies.sort();
        latencies[197]
    };
    let (resets, p99) = tokio::join!(flood(address(&banto), &enough), measured);
    assert!(resets > 1_000, "only {resets} resets");
    // How fast is for the benchmarks; that it answers at all is for here.
    assert!(p99 < Duration::from_secs(5), "p99 {p99:?} beside {resets} resets");
    banto.chat().await;
}

/// An HTTP/2 frame.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a short frame").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// Headers that never end (CVE-2024-27316 and its kin).
#[tokio::test]
async fn a_flood_of_continuations_is_hung_up_on() {
    const HEADERS: u8 = 1;
    const SETTINGS: u8 = 4;
    const CONTINUATION: u8 = 9;
    let banto = Banto::guide().await;
    let before = banto.resident_kib();
    let caller = banto.caller(&banto.token);
    for _ in 0..8 {
        let socket = TcpStream::connect(address(&banto)).await.expect("a connection");
        let (mut answers, mut socket) = socket.into_split();
        // A literal header without indexing: a name of one letter and 100 of value.
        let header = [&[0x00, 1, b'x', 100][..], &[b'y'; 100]].concat();
        let block = header.repeat(150);
        let mut begin = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
        begin.extend(frame(SETTINGS, 0, 0, &[]));
        begin.extend(frame(HEADERS, 0, 1, &header));
        socket.write_all(&begin).await.expect("a beginning");
        let flood = async {
            let more = frame(CONTINUATION, 0, 1, &block);
            let mut sent = 0_usize;
            // As long as the server takes it.
            while socket.write_all(&more).await.is_ok() {
                sent += more.len();
                assert!(sent < 64 << 20, "the server reads headers without end");
            }
        };
        let hung_up = async {
            let mut bytes = [0; 4_096];
            while matches!(answers.read(&mut bytes).await, Ok(1..)) {}
        };
        within("the server hangs up", async { tokio::join!(flood, hung_up) }).await;
        assert!(latency(&caller).await < Duration::from_secs(5));
    }
    let grown = banto.resident_kib().saturating_sub(before);
    assert!(grown < 50 << 10, "it grew by {grown} KiB");
    banto.chat().await;
}
