//! A clock that is set an hour forward and back while the server runs.

use banto_integration_tests::{
    Answer as _, Banto, eventually,
    upstream::{Gate, Script, Upstream},
};
use banto_proto::v1::{
    CreateTokenRequest, GetPreferencesRequest, GetTranscriptRequest, ListRuntimesRequest, Preferences,
    RunState, TokenScope, UpdatePreferencesRequest,
};
use std::time::{Duration, Instant};
use tonic::Code;

const HOUR: i64 = 3_600;

#[tokio::test]
async fn the_order_is_that_of_sending() {
    let upstream = Upstream::start().await;
    let mut banto = Banto::builder().provider("openai", &upstream.base_url()).with_clock().start().await;
    let chat = banto.chat().await;
    let mut watch = chat.watch().await;
    for (number, seconds) in [0, HOUR, -HOUR, 0, HOUR, -HOUR].into_iter().enumerate() {
        banto.set_clock(seconds);
        let text = format!("question {number}");
        let reply = chat.ask(&text).await;
        watch.until_turn_ended(&reply.turn.turn_id).await;
        let again = chat.regenerate(&reply.turn.turn_id).await;
        watch.until_turn_ended(&again.turn_id).await;
    }
    assert!(watch.resets().is_empty(), "no gap and no jump in the log: {:?}", watch.resets());
    let items = chat.transcript().await.items;
    assert!(items.is_sorted_by(|a, b| a.sequence < b.sequence));
    let asked: Vec<_> = items.iter().filter(|item| item.text.starts_with("question")).collect();
    assert!((0..).zip(&asked).all(|(number, item)| item.text == format!("question {number}")), "{asked:?}");
    assert_eq!(asked.len(), 6);

    // The same again from the database alone, and for one who resumes from there.
    banto.kill().await;
    banto.restart().await;
    let chat = banto.owner().conversation(&chat.conversation_id);
    assert_eq!(chat.transcript().await.items, items);
    let resumed = chat.resume(watch.view.clone()).await;
    assert!(resumed.resumed() && resumed.resets().is_empty());
}

#[tokio::test]
async fn no_deadline_comes_sooner_or_later() {
    let (upstream, gate) = (Upstream::start().await, Gate::new());
    let builder = Banto::builder().provider("openai", &upstream.base_url()).with_clock();
    let banto = builder.set("timeouts.turn_ms", 60_000).set("timeouts.idle_ms", 2_000).start().await;
    let chat = banto.chat().await;
    let mut watch = chat.watch().await;

    upstream.push(Script::openai().text("before ").pause(&gate).text("and after").done());
    let accepted = chat.send("go on").await;
    watch.until_text("before ").await;
    banto.set_clock(HOUR);
    gate.open();
    let turn = watch.until_turn_ended(accepted.turn_id()).await;
    assert_eq!((turn.state(), watch.view.last_text()), (RunState::Completed, "before and after"));

    upstream.push(Script::openai().text("then silence").hang());
    let accepted = chat.send("and now?").await;
    watch.until_text("then silence").await;
    let begun = Instant::now();
    banto.set_clock(-HOUR);
    assert_eq!(watch.until_turn_ended(accepted.turn_id()).await.state(), RunState::TimedOut);
    assert!(begun.elapsed() < Duration::from_secs(15), "it took {:?}", begun.elapsed());
}

#[tokio::test]
async fn a_token_expires_by_the_clock() {
    let banto = Banto::builder().with_clock().start().await;
    let request = CreateTokenRequest {
        name: "for half an hour".into(),
        scope: TokenScope::Read.into(),
        lifetime: Some(prost_types::Duration { seconds: HOUR / 2, nanos: 0 }),
        ..Default::default()
    };
    let secret = banto.owner().settings().create_token(request).await.granted().secret;
    let list = async || banto.caller(&secret).registry().list_runtimes(ListRuntimesRequest {}).await;
    list().await.granted();
    banto.set_clock(HOUR);
    list().await.refused().is(Code::Unauthenticated, "UNAUTHENTICATED");
    banto.set_clock(0);
    list().await.granted();
}

#[tokio::test]
async fn a_conversation_that_nobody_uses_goes_after_its_time() {
    let mut banto = Banto::builder().with_clock().start().await;
    let (old, used) = (banto.chat().await, banto.chat().await);
    for chat in [&old, &used] {
        chat.ask("hello").await;
    }
    let mut settings = banto.owner().settings();
    let now = settings.get_preferences(GetPreferencesRequest {}).await.granted().preferences.expect("they");
    let wanted = Preferences { conversation_retention_days: Some(30), ..now };
    let request = UpdatePreferencesRequest { preferences: Some(wanted), expected_version: 0 };
    settings.update_preferences(request).await.granted();

    banto.set_clock(29 * 24 * HOUR);
    used.ask("still here").await;
    banto.set_clock(31 * 24 * HOUR);
    // It looks when it starts, and every hour.
    banto.terminate().await;
    banto.restart().await;
    let [old, used] = [old, used].map(|chat| banto.owner().conversation(&chat.conversation_id));
    let gone = async || {
        let request =
            GetTranscriptRequest { conversation_id: old.conversation_id.clone(), ..Default::default() };
        banto.owner().conversations().get_transcript(request).await.err()
    };
    let refusal = eventually("it is deleted", gone).await;
    assert_eq!(refusal.code(), Code::NotFound);
    assert_eq!(used.texts().await.len(), 4, "the one in use is kept whole");
}
