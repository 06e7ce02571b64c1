//! The scripted upstream itself: what other tests take its word for.

use banto_integration_tests::upstream::{Gate, Outcome, Script, Upstream};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

async fn post(upstream: &Upstream, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(upstream.address()).await.expect("a connection");
    let request = format!("POST {path} HTTP/1.1\r\ncontent-length: 2\r\n\r\n{{}}");
    stream.write_all(request.as_bytes()).await.expect("room in the socket");
    stream
}

/// Reads up to and with the text; fails when the connection ends before it.
async fn read_to(stream: &mut TcpStream, text: &str) -> String {
    let mut seen = Vec::new();
    while !String::from_utf8_lossy(&seen).contains(text) {
        let read = stream.read_buf(&mut seen).await.expect("an open connection");
        assert_ne!(read, 0, "ended after {:?}", String::from_utf8_lossy(&seen));
    }
    String::from_utf8(seen).expect("text")
}

#[tokio::test]
async fn answers_by_path_and_keeps_the_connection() {
    let upstream = Upstream::start().await;
    let mut stream = post(&upstream, "/v1/chat/completions").await;
    assert!(read_to(&mut stream, "\r\n0\r\n\r\n").await.contains("data: [DONE]"));
    let again = b"POST /v1/messages HTTP/1.1\r\ncontent-length: 0\r\n\r\n";
    stream.write_all(again).await.expect("room in the socket");
    assert!(read_to(&mut stream, "\r\n0\r\n\r\n").await.contains("message_stop"));
    assert_eq!(upstream.requests().await.len(), 2);
    upstream.until_connections(1).await;
    drop(stream);
    upstream.until_connections(0).await;
}

#[tokio::test]
async fn holds_at_a_gate_and_sees_the_client_leave() {
    let upstream = Upstream::start().await;
    let gate = Gate::new();
    upstream.push(Script::openai().text("one").pause(&gate).text("two").done());
    let mut stream = post(&upstream, "/v1/chat/completions").await;
    gate.reached().await;
    assert!(!read_to(&mut stream, "one").await.contains("two"));
    drop(stream);
    upstream.request(0).await.client_closed().await;
}

#[tokio::test]
async fn cuts_without_closing_the_answer() {
    let upstream = Upstream::start().await;
    upstream.push(Script::anthropic().text("one").split_every_byte().cut());
    let mut stream = post(&upstream, "/v1/messages").await;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an end");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && !answer.ends_with("0\r\n\r\n"));
    let exchange = upstream.request(0).await;
    assert_eq!(exchange.outcome().await, Outcome::Cut);
    assert!(exchange.writes().iter().all(|write| write.length == 1));
}
