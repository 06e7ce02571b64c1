//! Every page and state, checked by axe.

use super::{browse, hung_up_on, paths, rich_text, says};
use banto_integration_tests::{
    Banto,
    upstream::{Script, Upstream},
};

#[tokio::test]
async fn accessible_chat() {
    let upstream = Upstream::start().await;
    upstream.push(says(&(rich_text() + "The end of everything")));
    upstream.push(says("Another end"));
    upstream.push(Script::status(401).error("no"));
    upstream.push(Script::openai().text("so far").hang());
    let banto = Banto::with(&upstream).await;
    browse("accessibleChat", &banto.ready_link, async |_| {
        let turn = banto.companion().transcript().await.turns.pop().expect("a turn");
        banto.companion().cancel(&turn.turn_id).await;
        hung_up_on(&upstream).await;
    })
    .await;
}

#[tokio::test]
async fn accessible_pages() {
    let upstream = Upstream::start().await;
    upstream.push(says("Hello"));
    let banto = Banto::with(&upstream).await;
    browse("accessiblePages", &banto.ready_link, async |_| paths(&banto).await).await;
}
