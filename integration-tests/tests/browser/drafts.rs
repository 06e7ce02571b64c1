//! What is written and not yet sent.

use super::{browse, says, without_steps};
use banto_integration_tests::{Banto, upstream::Upstream};

async fn listener() -> Upstream {
    let upstream = Upstream::start().await;
    upstream.set_handler(|_| says("Noted"));
    upstream
}

#[tokio::test]
async fn drafts() {
    let upstream = listener().await;
    let banto = Banto::with(&upstream).await;
    browse("drafts", &banto.ready_link, without_steps).await;
}

#[tokio::test]
async fn refused_send() {
    let upstream = listener().await;
    let builder = Banto::builder().provider("openai", &upstream.base_url());
    let mut banto = builder.set("limits.sends_per_minute", 1).start().await;
    let link = banto.ready_link.clone();
    // A server that has just started has not counted anything yet.
    browse("refusedSend", &link, async |_| {
        banto.kill().await;
        banto.restart().await;
    })
    .await;
    assert_eq!(upstream.requests().await.len(), 2, "the refused message was answered once");
}

#[tokio::test]
async fn enter_key() {
    let upstream = listener().await;
    let banto = Banto::with(&upstream).await;
    browse("enterKey", &banto.ready_link, without_steps).await;
}
