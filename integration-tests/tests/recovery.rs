//! What a dead process leaves behind, and how a living one leaves.

use banto_integration_tests::{
    Answer as _, Banto, Companion, Watch, eventually,
    upstream::{Gate, Script, Upstream},
    within,
};
use banto_proto::v1::{MessageRole, RunState};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use rustix::process::Signal;
use std::time::Duration;
use tonic::Code;

/// The reply that is cut short at a random moment.
fn pieces() -> Vec<String> {
    (0..40).map(|number| format!("ピース {number}, ")).collect()
}

fn paced() -> Script {
    pieces()
        .iter()
        .fold(Script::openai(), |script, piece| script.text(piece).delay(Duration::from_millis(8)))
        .done()
}

#[tokio::test]
async fn what_was_acknowledged_survives_kill_9_at_any_moment() {
    let seed = std::env::var("BANTO_TEST_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(7_310);
    println!("BANTO_TEST_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let upstream = Upstream::start().await;
    upstream.set_handler(|_| paced());
    let mut banto = Banto::with(&upstream).await;
    let conversation_id = banto.chat().await.conversation_id;

    for round in 0..20 {
        let chat = banto.owner().conversation(&conversation_id);
        let before = chat.transcript().await.items;
        let (watch, id) = (chat.watch().await, format!("message {round}"));
        let watching = tokio::spawn(until_broken(watch));
        let sending = tokio::spawn({
            let (chat, id) = (chat.clone(), id.clone());
            async move { chat.try_send(chat.message_as(&id, &id)).await }
        });
        // The moment of the fault is what this test is about; nothing waits for it.
        tokio::time::sleep(Duration::from_millis(random.random_range(0..420))).await;
        banto.kill().await;
        let acknowledged =
            within("the answer or the broken connection", sending).await.expect("no panic").ok();
        let watched = within("the broken watch", watching).await.expect("no panic");
        let calls = upstream.requests().await.len();
        banto.restart().await;

        let chat = banto.owner().conversation(&conversation_id);
        let transcript = chat.transcript().await;
        assert_eq!(transcript.items[..before.len()], before, "round {round}: the past stays");
        assert!(transcript.turns.iter().all(|turn| turn.ended_at.is_some()), "round {round}: all have ended");
        let added = &transcript.items[before.len()..];
        if let Some(acknowledged) = &acknowledged {
            assert_eq!(added.first(), acknowledged.message.as_ref(), "round {round}: it was acknowledged");
        }
        if let Some(reply) = added.get(1) {
            assert!(pieces().concat().starts_with(&reply.text), "round {round}: {:?}", reply.text);
            assert!(matches!(reply.state(), RunState::Interrupted | RunState::Completed), "{reply:?}");
        }
        let resumed = chat.resume(watched.view).await;
        settled(resumed, &chat).await;
        assert_eq!(upstream.requests().await.len(), calls, "round {round}: no call was repeated by itself");

        // The same id again is the same message; then the next one works.
        let replay = chat.send_as(&id, &id).await;
        assert_eq!(replay.0.replayed, !added.is_empty(), "round {round}");
        chat.outcome(&replay).await;
        let texts = chat.texts().await;
        assert_eq!(texts.iter().filter(|text| **text == id).count(), 1, "round {round}: it is there once");
    }
    let all = banto.owner().conversation(&conversation_id).transcript().await.items;
    let users = all.iter().filter(|item| item.role() == MessageRole::User).count();
    assert_eq!((users, all.len()), (20, 40));
}

/// Follows a watch until its server is gone.
async fn until_broken(mut watch: Watch) -> Watch {
    while let Ok(true) = watch.step().await {}
    watch
}

/// Goes on until a resumed watch shows what a fresh one does.
async fn settled(mut resumed: Watch, chat: &Companion) {
    let fresh = chat.watch().await.view;
    resumed.until("the newest event", |watch| watch.view.head_sequence == fresh.head_sequence).await;
    assert_eq!(resumed.view, fresh);
    assert!(resumed.resets().is_empty(), "a restart is not a reset");
}

#[tokio::test]
async fn a_crash_interrupts_the_turn_and_keeps_its_text() {
    let upstream = Upstream::start().await;
    upstream.push(Script::openai().text("as far as ").hang());
    let mut banto = Banto::with(&upstream).await;
    let chat = banto.chat().await;
    let mut watch = chat.watch().await;
    let accepted = chat.send_as("crash", "hello").await;
    watch.until_text("as far as ").await;
    // Text in flight is stored in groups, within 50 ms.
    let stored = async || (chat.texts().await.last()? == "as far as ").then_some(());
    eventually("the text is stored", stored).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    banto.kill().await;
    banto.restart().await;

    let chat = banto.owner().conversation(&chat.conversation_id);
    let transcript = chat.transcript().await;
    assert_eq!(
        (transcript.items[1].text.as_str(), transcript.items[1].state()),
        ("as far as ", RunState::Interrupted)
    );
    assert_eq!(transcript.turns[0].turn_id, accepted.turn_id());
    assert!(transcript.turns[0].ended_at.is_some());
    assert!(chat.send_as("crash", "hello").await.0.replayed, "the same id after the crash");
    assert_eq!(upstream.requests().await.len(), 1, "no silent second call");

    let again = chat.regenerate(accepted.turn_id()).await;
    let mut watch = chat.watch().await;
    assert_eq!(watch.until_turn_ended(&again.turn_id).await.state(), RunState::Completed);
}

#[tokio::test]
async fn a_signal_drains_the_server_within_ten_seconds() {
    let upstream = Upstream::start().await;
    let mut banto = Banto::with(&upstream).await;
    for signal in [Signal::TERM, Signal::INT] {
        upstream.push(Script::openai().text("never ").hang());
        let chat = banto.chat().await;
        let mut watch = chat.watch().await;
        chat.send("hello").await;
        watch.until_text("never ").await;
        let ending = tokio::spawn(async move { watch.until_closed().await });

        let ended = banto.end(signal).await;
        assert!(ended.took < Duration::from_secs(10), "it took {:?}", ended.took);
        assert!(ended.status.success(), "{}", ended.status);
        let closed = within("the end of the watch", ending).await.expect("no panic");
        assert_eq!(closed.refused().code, Code::Unavailable, "a client knows that it may come back");
        assert!(!banto.data_dir().join("server.json").exists(), "it no longer says where it is");

        banto.restart().await;
        let chat = banto.owner().conversation(&chat.conversation_id);
        let reply = &chat.transcript().await.items[1];
        assert_eq!((reply.state(), reply.text.as_str()), (RunState::Interrupted, "never "));
    }
}

#[tokio::test]
async fn a_turn_that_is_nearly_done_finishes_while_the_server_drains() {
    let upstream = Upstream::start().await;
    let gate = Gate::new();
    upstream.push(Script::openai().text("nearly ").pause(&gate).text("done").done());
    let mut banto = Banto::with(&upstream).await;
    let chat = banto.chat().await;
    let mut watch = chat.watch().await;
    chat.send("hello").await;
    watch.until_text("nearly ").await;
    let (ended, ()) = tokio::join!(banto.terminate(), async { gate.open() });
    assert!(ended.status.success());
    banto.restart().await;
    let reply = banto.owner().conversation(&chat.conversation_id).transcript().await.items.remove(1);
    let whole = reply.state() == RunState::Completed && reply.text == "nearly done";
    let cut = reply.state() == RunState::Interrupted && "nearly done".starts_with(&reply.text);
    assert!(whole || cut, "one honest end: {reply:?}");
}

#[tokio::test]
async fn one_server_owns_a_data_directory() {
    let mut banto = Banto::guide().await;
    let second = Banto::builder().data_dir(banto.data_dir()).try_start().await.expect_err("a second server");
    assert_eq!(second.status.code(), Some(1));
    assert!(second.log.to_lowercase().contains("another"), "it says why: {}", second.log);
    assert_eq!(banto.chat().await.ask("hello").await.turn.state(), RunState::Completed, "the first goes on");

    banto.kill().await;
    banto.restart().await;
}

#[tokio::test]
async fn memory_returns_after_many_turns() {
    let upstream = Upstream::start().await;
    let banto = Banto::with(&upstream).await;
    let warm = async |turns: usize| {
        for _ in 0..turns {
            let chat = banto.chat().await;
            upstream.push(Script::openai().texts(vec!["some text "; 200]).done());
            chat.ask("hello").await;
            chat.delete().await.granted();
        }
        banto.resident_kib()
    };
    let before = warm(40).await;
    let after = warm(80).await;
    assert!(after < before + before / 10 + 4_096, "from {before} to {after} KiB");
}

#[tokio::test]
async fn a_live_watch_follows_over_a_restart() {
    let upstream = Upstream::start().await;
    let mut banto = Banto::with(&upstream).await;
    let chat = banto.chat().await;
    let mut watch = chat.watch().await;
    let first = chat.send("hello").await;
    watch.until_turn_ended(first.turn_id()).await;
    banto.kill().await;
    assert!(watch.until_closed().await.is_err(), "the stream broke, it did not end");
    banto.restart().await;

    let chat = banto.owner().conversation(&chat.conversation_id);
    let mut watch = chat.resume(watch.view).await;
    assert!(watch.resumed() && watch.resets().is_empty());
    let second = chat.send("again").await;
    watch.until_turn_ended(second.turn_id()).await;
    assert_eq!(watch.view, chat.watch().await.view);
}
