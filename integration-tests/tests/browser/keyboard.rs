//! The chat page without a mouse.

use super::{browse, hung_up_on, says, token, without_steps};
use banto_integration_tests::{
    Banto,
    upstream::{Script, Upstream},
};

#[tokio::test]
async fn keyboard() {
    let upstream = Upstream::start().await;
    upstream.push(says("Hello"));
    upstream.push(Script::openai().text("so far").hang());
    upstream.push(says("Retried"));
    upstream.push(says("Regenerated"));
    upstream.push(says("Branched"));
    let banto = Banto::with(&upstream).await;
    browse("keyboard", &banto.ready_link, async |step| match step {
        "a token" => token(&banto).await,
        _ => {
            hung_up_on(&upstream).await;
            String::new()
        }
    })
    .await;
}

#[tokio::test]
async fn keyboard_list() {
    let upstream = Upstream::start().await;
    upstream.set_handler(|_| says("Hello"));
    let banto = Banto::with(&upstream).await;
    browse("keyboardList", &banto.ready_link, without_steps).await;
}
