//! Crashes at the worst moments, and a panic in one turn.

use banto_integration_tests::{
    Answer as _, Banto, eventually,
    upstream::{Script, Upstream},
};
use banto_proto::v1::{FailureKind, RunState, SendMessageResponse};

const WORDS: [&str; 6] = ["one ", "two ", "three ", "four ", "five ", "six."];

async fn server(fail_point: &str) -> (Upstream, Banto) {
    let upstream = Upstream::start().await;
    upstream.set_handler(|_| Script::openai().texts(WORDS).usage(5, 6).done());
    let builder = Banto::builder().provider("openai", &upstream.base_url());
    (upstream, builder.fail_at(fail_point).start().await)
}

/// Crashes at a place, starts again, and says how the message stands: sent once
/// more under the same id.
async fn after_crash(fail_point: &str) -> (Upstream, Banto, SendMessageResponse) {
    let (upstream, mut banto) = server(fail_point).await;
    let chat = banto.chat().await;
    let request = chat.message_as("the-one", "hello");
    // The answer may or may not come before the crash.
    let _ = chat.try_send(request.clone()).await;
    banto.crashed().await;
    banto.restart().await;
    let chat = banto.owner().conversation(&request.conversation_id);
    let replay = chat.try_send(request).await.granted();
    assert!(replay.replayed, "{fail_point}: it was committed before the crash");
    (upstream, banto, replay)
}

#[tokio::test]
async fn a_crash_before_the_end_is_committed_interrupts_the_turn() {
    for fail_point in
        ["send.committed:abort@1", "turn.begin:abort@1", "turn.text:abort@1", "turn.ending:abort@1"]
    {
        let (upstream, banto, replay) = after_crash(fail_point).await;
        let turn = replay.turn.expect("its turn");
        assert_eq!(turn.state(), RunState::Interrupted, "{fail_point}");
        let calls = upstream.requests().await.len();
        assert!(calls <= 1, "{fail_point}: no call was repeated by itself");

        let chat = banto.owner().conversation(&turn.conversation_id);
        let reply = chat.texts().await.pop().expect("a reply");
        assert!(WORDS.concat().starts_with(&reply), "{fail_point}: {reply:?}");
        assert_eq!(chat.ask("next").await.text, WORDS.concat(), "{fail_point}: the next one works");
    }
}

#[tokio::test]
async fn a_crash_after_the_end_is_committed_loses_nothing() {
    let (upstream, banto, replay) = after_crash("turn.ended:abort@1").await;
    let turn = replay.turn.expect("its turn");
    assert_eq!(turn.state(), RunState::Completed);
    assert_eq!(turn.usage.and_then(|usage| usage.output_tokens), Some(6));
    let chat = banto.owner().conversation(&turn.conversation_id);
    assert_eq!(chat.texts().await, ["hello".to_owned(), WORDS.concat()]);
    assert_eq!(upstream.requests().await.len(), 1);
}

#[tokio::test]
async fn a_panic_ends_one_turn_and_nothing_else() {
    let (_upstream, banto) = server("turn.text:panic@1").await;
    let (doomed, other) = (banto.chat().await, banto.chat().await);
    let reply = doomed.ask("hello").await;
    assert_eq!(reply.turn.state(), RunState::Failed);
    assert_eq!(reply.turn.failure.map(|failure| failure.kind()), Some(FailureKind::Internal));
    assert_eq!(other.ask("hello").await.text, WORDS.concat());
    assert_eq!(doomed.ask("again").await.text, WORDS.concat());
    eventually("the log tells of it", async || banto.log().contains("panicked").then_some(())).await;
}
