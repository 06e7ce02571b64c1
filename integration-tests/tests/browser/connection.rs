//! The network between the console and the server.

use super::{browse, says, without_steps};
use banto_integration_tests::{
    Banto,
    upstream::{Gate, Script, Upstream},
};

#[tokio::test]
async fn ten_tabs() {
    let upstream = Upstream::start().await;
    upstream.set_handler(|_| says("Alone"));
    let banto = Banto::with(&upstream).await;
    browse("tenTabs", &banto.ready_link, without_steps).await;
}

#[tokio::test]
async fn offline() {
    let (upstream, gate) = (Upstream::start().await, Gate::new());
    upstream.push(Script::openai().text("before ").pause(&gate).text("and after").done());
    upstream.push(says("From daylight"));
    let banto = Banto::with(&upstream).await;
    browse("offline", &banto.ready_link, async |_| {
        let mut watch = banto.companion().watch().await;
        let turn = banto.companion().transcript().await.turns.pop().expect("the turn");
        gate.open();
        watch.until_turn_ended(&turn.turn_id).await;
    })
    .await;
}

#[tokio::test]
async fn send_offline() {
    let upstream = Upstream::start().await;
    upstream.push(says("Yes"));
    upstream.push(says("Heard you"));
    let banto = Banto::with(&upstream).await;
    browse("sendOffline", &banto.ready_link, without_steps).await;
    assert_eq!(upstream.requests().await.len(), 2, "the message was answered once");
}
