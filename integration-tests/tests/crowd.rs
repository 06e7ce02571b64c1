//! Many clients, dead ones among them: idle watchers, peers that went away
//! without a word, and a server that runs out of file descriptors.

use banto_integration_tests::{Answer as _, Banto, Caller, Watch, eventually, within};
use banto_proto::v1::ListRuntimesRequest;
use futures::future::join_all;
use std::time::{Duration, Instant};
use tokio::{
    io::{DuplexStream, copy, duplex, sink, split},
    net::TcpStream,
};

/// Watchers on one connection, of the 100 streams that it may have.
const PER_CONNECTION: usize = 90;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_idle_watchers_hear_of_an_event_and_cost_little() {
    let banto = Banto::guide().await;
    let chat = banto.chat().await;
    chat.ask("hello").await;
    let before = banto.resident_kib();
    let mut watches = Vec::new();
    while watches.len() < 10_000 {
        // Each has a connection of its own.
        let theirs = banto.caller(&banto.token).conversation(&chat.conversation_id);
        watches.extend(join_all((0..PER_CONNECTION).map(|_| theirs.watch())).await);
    }
    let each = banto.resident_kib().saturating_sub(before) / watches.len() as u64;
    assert!(each < 64, "{each} KiB for each watcher");

    let renamed = chat.rename("heard by all").await;
    let heard = |watch: &Watch| watch.view.title == "heard by all";
    join_all(watches.iter_mut().map(|watch| watch.until("the new title", heard))).await;
    assert!(watches.iter().all(|watch| watch.view.head_sequence == renamed.head_sequence));
    drop(watches);
    assert_eq!(chat.ask("and now?").await.turn.failure, None);
}

/// A server's socket behind a pipe that can be cut from the outside.
async fn piped(banto: &Banto) -> (DuplexStream, TcpStream, DuplexStream) {
    let address = banto.url.strip_prefix("http://").expect("an address");
    let socket = within("a connection", TcpStream::connect(address)).await.expect("accepted");
    let (client, pipe) = duplex(1 << 16);
    (client, socket, pipe)
}

#[tokio::test]
async fn a_peer_that_stopped_answering_is_let_go() {
    let banto = Banto::guide().await;
    let conversation_id = banto.chat().await.conversation_id;
    let (client, mut socket, pipe) = piped(&banto).await;
    let (mut sender, connection) = h2::client::handshake(client).await.expect("HTTP/2");
    let driving = tokio::spawn(connection);
    let path = format!("{}/banto.v1.CompanionConversation/WatchConversation", banto.url);
    let request = http::Request::post(path)
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("authorization", format!("Bearer {}", banto.token))
        .body(())
        .expect("a request");
    let (answer, mut body) = sender.send_request(request, false).expect("a stream");
    body.send_data(vec![0; 5].into(), true).expect("an empty message");
    let mut stream = {
        let (mut from_server, mut to_server) = socket.split();
        let (mut from_client, mut to_client) = split(pipe);
        let opened = async {
            let response = answer.await.expect("an answer");
            assert_eq!(response.status(), 200);
            let mut stream = response.into_body();
            let first = stream.data().await.expect("a snapshot").expect("its bytes");
            assert!(!first.is_empty());
            stream
        };
        let carrying = async {
            tokio::join!(copy(&mut from_server, &mut to_client), copy(&mut from_client, &mut to_server))
        };
        within("an open watch", async {
            tokio::select! {
                stream = opened => stream,
                _ = carrying => panic!("the connection ended"),
            }
        })
        .await
    };

    // From here on the client is frozen: its kernel takes bytes, and nobody answers.
    let frozen = Instant::now();
    let ended = tokio::time::timeout(Duration::from_secs(50), copy(&mut socket, &mut sink())).await;
    let lived = frozen.elapsed();
    assert!(ended.is_ok(), "a frozen peer was still served after {lived:?}");
    assert!(lived > Duration::from_secs(15), "a peer that is slow for a moment is kept: {lived:?}");
    driving.abort();
    let left = within("the end of the client's stream", stream.data()).await;
    assert!(left.is_none_or(|bytes| bytes.is_err()));
    banto.owner().conversation(&conversation_id).ask("is anybody there?").await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn running_out_of_file_descriptors_passes() {
    use rustix::process::{Resource, Rlimit, prlimit};
    let banto = Banto::guide().await;
    let chat = banto.chat().await;
    chat.ask("hello").await;
    let open =
        std::fs::read_dir(format!("/proc/{}/fd", banto.pid().as_raw_nonzero())).expect("/proc").count();
    let few = Rlimit { current: Some(open as u64 + 8), maximum: Some(open as u64 + 8) };
    prlimit(Some(banto.pid()), Resource::Nofile, few).expect("a limit");

    let address = banto.url.strip_prefix("http://").expect("an address");
    let mut crowd = Vec::new();
    for _ in 0..40 {
        // The kernel queues what the server cannot accept.
        crowd.push(within("a queued connection", TcpStream::connect(address)).await.expect("queued"));
    }
    let said = async || banto.log().contains("could not be accepted").then_some(());
    eventually("the server says that it cannot accept", said).await;
    chat.ask("those who are in are served").await;
    drop(crowd);
    let begun = Instant::now();
    let newcomer: Caller = banto.caller(&banto.token);
    let accepted = newcomer.registry().list_runtimes(ListRuntimesRequest {}).await;
    accepted.granted();
    assert!(begun.elapsed() < Duration::from_secs(5), "it took {:?}", begun.elapsed());
}
