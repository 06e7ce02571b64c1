//! Limits of sends, of turns at once and of money: typed, with a word on when to
//! try again, and nothing is stored or sent.

use banto_integration_tests::{
    Answer as _, Banto, Companion, Refusal,
    banto::MODEL,
    upstream::{Gate, Script, Upstream},
};
use banto_proto::v1::{
    GetPreferencesRequest, ListJobsRequest, Preferences, RunState, TokenScope, UpdatePreferencesRequest,
};
use std::time::Duration;
use tonic::Code;

/// Fails unless `chat` refuses a message for a limit and is as it was before.
async fn limited(banto: &Banto, chat: &Companion) -> Refusal {
    let jobs = async || banto.owner().jobs().list_jobs(ListJobsRequest::default()).await.granted().jobs;
    let before = (chat.watch().await.view, jobs().await);
    let refusal = chat.try_send(chat.message("one too many")).await.refused();
    let refusal = refusal.is(Code::ResourceExhausted, "LIMIT_EXCEEDED");
    assert_eq!((chat.watch().await.view, jobs().await), before, "nothing is stored");
    refusal
}

#[tokio::test]
async fn sends_of_one_token_are_limited_by_the_minute() {
    let banto = Banto::builder().set("limits.sends_per_minute", 3).start().await;
    let chat = banto.chat().await;
    let first = chat.send_as("first", "hello").await;
    chat.outcome(&first).await;
    chat.ask("hello").await;
    let last = chat.ask("hello").await.turn;
    let refusal = limited(&banto, &chat).await;
    assert_eq!(refusal.retry_after, Some(Duration::from_secs(20)), "a third of a minute");
    assert!(chat.send_as("first", "hello").await.0.replayed, "what was accepted stays answered");
    let again = banto_proto::v1::RegenerateTurnRequest { turn_id: last.turn_id, request_id: "r".into() };
    let refusal = chat.caller.conversations().regenerate_turn(again).await.refused();
    refusal.is(Code::ResourceExhausted, "LIMIT_EXCEEDED");

    let (_, secret) = banto.owner().create_token("other", TokenScope::Chat).await;
    let other = banto.caller(&secret);
    other.conversation(&chat.conversation_id).ask("another token has its own limit").await;
}

#[tokio::test]
async fn turns_that_run_at_once_are_limited() {
    let upstream = Upstream::start().await;
    let builder = Banto::builder().provider("openai", &upstream.base_url());
    let banto = builder.set("limits.concurrent_turns", 2).start().await;
    let gate = Gate::new();
    let (one, two, three) = (banto.chat().await, banto.chat().await, banto.chat().await);
    upstream.push(Script::openai().text("one").pause(&gate).done());
    upstream.push(Script::openai().text("two").pause(&gate).done());
    let (first, second) = (one.send("hello").await, two.send("hello").await);
    upstream.request(1).await;
    let refusal = limited(&banto, &three).await;
    assert!(refusal.retry_after.is_some(), "a turn may end soon: {refusal:?}");
    assert_eq!(upstream.requests().await.len(), 2);

    // A cancelled turn makes room, and so does one that ends.
    two.cancel(second.turn_id()).await;
    two.outcome(&second).await;
    let next = banto_integration_tests::eventually("room for a turn", async || {
        three.try_send(three.message_as("next", "hello")).await.ok()
    });
    assert!(!next.await.replayed);
    gate.open();
    assert_eq!(one.outcome(&first).await.turn.state(), RunState::Completed);
    let mut watch = three.watch().await;
    watch.until("the end", |watch| watch.view.active_turn_id.is_empty()).await;
    assert_eq!(one.ask("and again").await.turn.state(), RunState::Completed);
}

#[tokio::test]
async fn the_daily_spend_is_limited() {
    let upstream = Upstream::start().await;
    let price = format!(
        "[[prices]]\nprovider = \"openai\"\nmodel = \"{MODEL}\"\ninput = 1.0\noutput = 1.0\n\
         as_of = \"2026-11-01\""
    );
    let builder = Banto::builder().provider("openai", &upstream.base_url());
    let mut banto = builder.tables(&price).start().await;
    let limit = async |banto: &Banto, daily_spend_limit_nano_usd| {
        let settings = || banto.owner().settings();
        let now = settings().get_preferences(GetPreferencesRequest {}).await.granted().preferences;
        let preferences = Preferences { daily_spend_limit_nano_usd, ..now.expect("them") };
        let request = UpdatePreferencesRequest { preferences: Some(preferences), expected_version: 0 };
        settings().update_preferences(request).await.granted();
    };
    limit(&banto, Some(1_000_000)).await;
    upstream.push(Script::openai().text("dear").usage(1_000, 1_000).done());
    let chat = banto.chat().await;
    let spent = chat.ask("spend").await.turn.usage.unwrap_or_default().cost_nano_usd;
    assert_eq!(spent, Some(2_000_000));
    let refusal = limited(&banto, &chat).await;
    assert_eq!(refusal.retry_after, None, "a retry in a moment would not help: {refusal:?}");
    limited(&banto, &banto.chat().await).await;
    chat.delete().await.granted();
    limited(&banto, &banto.chat().await).await;

    banto.kill().await;
    banto.restart().await;
    limited(&banto, &banto.chat().await).await;
    assert_eq!(upstream.requests().await.len(), 1);
    limit(&banto, None).await;
    banto.chat().await.ask("more").await;
}
