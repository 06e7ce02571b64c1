//! What surrounds the pages.

use super::{browse, says, without_steps};
use banto_integration_tests::{
    Answer as _, Banto,
    upstream::{Gate, Script, Upstream},
};
use banto_proto::v1::{ListConversationsRequest, ListRuntimesRequest};

#[tokio::test]
async fn upgraded() {
    let (upstream, gate) = (Upstream::start().await, Gate::new());
    upstream.push(says("Noted"));
    upstream.push(Script::openai().text("half ").pause(&gate).text("and whole").done());
    upstream.push(says("Thought of"));
    let banto = Banto::with(&upstream).await;
    browse("upgraded", &banto.ready_link, async |_| gate.open()).await;
}

#[tokio::test]
async fn palette() {
    let upstream = Upstream::start().await;
    upstream.push(says("Noted"));
    let banto = Banto::with(&upstream).await;
    browse("palette", &banto.ready_link, without_steps).await;
}

#[tokio::test]
async fn appearance() {
    let banto = Banto::guide().await;
    browse("appearance", &banto.ready_link, without_steps).await;
}

#[tokio::test]
async fn tokens() {
    let banto = Banto::guide().await;
    browse("tokens", &banto.ready_link, async |step| {
        let (claim, secret) = step.split_once(": ").expect("a claim on a token");
        let caller = banto.caller(secret);
        let answer = caller.registry().list_runtimes(ListRuntimesRequest::default()).await;
        match claim {
            "this token works" => drop(answer.granted()),
            _ => assert_eq!(answer.expect_err("a refusal").code(), tonic::Code::Unauthenticated),
        }
    })
    .await;
}

#[tokio::test]
async fn providers() {
    let upstream = Upstream::start().await;
    let banto = Banto::with(&upstream).await;
    browse("providers", &banto.ready_link, async |_| {
        upstream.push_listing(Script::status(401).error("no"));
    })
    .await;
}

#[tokio::test]
async fn first_run() {
    let banto = Banto::guide().await;
    browse("firstRun", &banto.ready_link, async |step| {
        let request = ListConversationsRequest::default();
        let begun = banto.owner().conversations().list_conversations(request).await.granted().conversations;
        assert_eq!(begun.len(), usize::from(step != "nobody said anything"));
    })
    .await;
}
