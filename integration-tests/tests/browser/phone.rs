//! Narrow and quiet.

use super::{browse, paths, rich_text, says};
use banto_integration_tests::{
    Banto,
    upstream::{Gate, Script, Upstream},
};

#[tokio::test]
async fn phone() {
    let upstream = Upstream::start().await;
    upstream.push(says(&(rich_text() + "The end of wide things")));
    let banto = Banto::with(&upstream).await;
    browse("phone", &banto.ready_link, async |_| paths(&banto).await).await;
}

#[tokio::test]
async fn reduced_motion() {
    let (upstream, gate) = (Upstream::start().await, Gate::new());
    upstream.push(Script::openai().text("one ").pause(&gate).text("two").done());
    let banto = Banto::with(&upstream).await;
    browse("reducedMotion", &banto.ready_link, async |_| gate.open()).await;
}
