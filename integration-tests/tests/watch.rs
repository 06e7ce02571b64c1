//! Watching a conversation: cut and resumed anywhere, pruned, by two at once,
//! and many subjects on one stream.

use banto_integration_tests::{
    Answer as _, Banto, Companion, View, Watch, eventually, feed,
    sql::Sql,
    upstream::{Gate, Script, Upstream},
};
use banto_proto::v1::{
    Acknowledgement, ConversationsSubject, ResetReason, RunState, Subject, UpdateWatchRequest,
    WorkersSubject, conversations_update, subject, subject_update,
};
use tonic::Code;

/// A turn with everything: a retry, text in pieces, and a second answer.
async fn eventful(chat: &Companion, upstream: &Upstream) -> Watch {
    let mut watch = chat.watch().await;
    upstream.push(Script::status(429).header("retry-after", "0").error("slow down"));
    upstream.push(Script::openai().texts(["The ", "first ", "ans", "wer, 一番。"]).usage(9, 4).done());
    let first = chat.send("Tell me").await;
    watch.until_turn_ended(first.turn_id()).await;
    upstream.push(Script::openai().texts(["The ", "second."]).done());
    let second = chat.regenerate(first.turn_id()).await;
    watch.until_turn_ended(&second.turn_id).await;
    upstream.push(Script::openai().text("half").cut());
    let third = chat.send("And then?").await;
    watch.until_turn_ended(third.turn_id()).await;
    watch
}

/// The view that a watch had after its first `count` updates.
fn view_after(watch: &Watch, count: usize) -> View {
    let mut view = View::default();
    watch.updates[..count].iter().for_each(|(_, update)| view.apply(update));
    view
}

#[tokio::test]
async fn a_watch_resumes_from_every_point_of_a_recorded_turn() {
    let upstream = Upstream::start().await;
    let mut banto = Banto::with(&upstream).await;
    let chat = banto.chat().await;
    let recorded = eventful(&chat, &upstream).await;
    let whole = recorded.view.clone();
    assert_eq!(chat.watch().await.view, whole, "a snapshot is what the events add up to");

    for restarted in [false, true] {
        if restarted {
            banto.kill().await;
            banto.restart().await;
        }
        let chat = banto.owner().conversation(&chat.conversation_id);
        for count in 1..=recorded.updates.len() {
            let mut watch = chat.resume(view_after(&recorded, count)).await;
            watch.until("the newest event", |watch| watch.view.head_sequence == whole.head_sequence).await;
            assert_eq!(watch.view, whole, "resumed after {count} updates, restarted: {restarted}");
            assert!(watch.resets().is_empty() && watch.resumed(), "the cursor was good");
        }
    }
}

#[tokio::test]
async fn a_watch_that_is_cut_after_each_update_misses_nothing() {
    let upstream = Upstream::start().await;
    let gates: Vec<_> = (0..6).map(|_| Gate::new()).collect();
    let script = gates.iter().enumerate().fold(Script::openai(), |script, (number, gate)| {
        script.text(format!("piece {number}, ")).pause(gate)
    });
    upstream.push(script.done());
    let banto = Banto::with(&upstream).await;
    let chat = banto.chat().await;
    let mut steady = chat.watch().await;
    let mut view = chat.watch().await.view;
    let accepted = chat.send("hello").await;
    for (number, gate) in gates.iter().enumerate() {
        let text = format!("piece {number}, ");
        let mut cut = chat.resume(view).await;
        cut.until_text(&text).await;
        view = cut.view;
        gate.open();
    }
    let mut cut = chat.resume(view).await;
    cut.until_turn_ended(accepted.turn_id()).await;
    steady.until_turn_ended(accepted.turn_id()).await;
    assert_eq!(cut.view, steady.view);
}

#[tokio::test]
async fn another_epoch_is_a_reset() {
    let upstream = Upstream::start().await;
    let banto = Banto::with(&upstream).await;
    let chat = banto.chat().await;
    let recorded = eventful(&chat, &upstream).await;
    let elsewhere = View { epoch: uuid::Uuid::now_v7().to_string(), ..view_after(&recorded, 3) };
    let watch = chat.resume(elsewhere).await;
    let reasons: Vec<_> = watch.resets().iter().map(|reset| reset.reason()).collect();
    assert_eq!((reasons, watch.resumed()), (vec![ResetReason::Pruned], false));
    assert_eq!(watch.view, recorded.view);
}

#[tokio::test]
async fn a_pruned_cursor_is_a_reset() {
    let upstream = Upstream::start().await;
    let mut banto = Banto::with(&upstream).await;
    let chat = banto.chat().await;
    let recorded = eventful(&chat, &upstream).await;

    banto.terminate().await;
    let database = Sql::of(&banto).await;
    let aged = database.run("UPDATE conversation_events SET occurred_at = '2001-01-01 00:00:00+00:00'").await;
    database.close().await;
    assert_eq!(aged, recorded.view.head_sequence);
    banto.restart().await;

    let chat = banto.owner().conversation(&chat.conversation_id);
    let watch = eventually("the old events are pruned", async || {
        let watch = chat.resume(view_after(&recorded, 3)).await;
        (!watch.resets().is_empty()).then_some(watch)
    });
    let watch = watch.await;
    assert_eq!(watch.resets()[0].reason(), ResetReason::Pruned);
    let (now, then) = (&watch.view, &recorded.view);
    assert_eq!((&now.items, &now.turns, now.head_sequence), (&then.items, &then.turns, then.head_sequence));
    assert_eq!(chat.ask("still there?").await.turn.state(), RunState::Completed);
}

#[tokio::test]
async fn two_watchers_converge_and_closing_one_cancels_nothing() {
    let upstream = Upstream::start().await;
    let gate = Gate::new();
    upstream.push(Script::openai().text("one ").pause(&gate).text("two").done());
    let banto = Banto::with(&upstream).await;
    let chat = banto.chat().await;
    let (mut early, mut closing) = (chat.watch().await, chat.watch().await);
    let accepted = chat.send("count").await;
    closing.until_text("one ").await;
    drop(closing);
    let mut late = chat.watch().await;
    late.until_text("one ").await;
    gate.open();
    let turn = early.until_turn_ended(accepted.turn_id()).await;
    assert_eq!(turn.state(), RunState::Completed);
    late.until_turn_ended(accepted.turn_id()).await;
    assert_eq!(early.view, late.view);
    assert_eq!(early.view.last_text(), "one two");
}

#[tokio::test]
async fn subjects_come_and_go_on_an_open_stream() {
    let upstream = Upstream::start().await;
    let banto = Banto::with(&upstream).await;
    let (first, second) = (banto.chat().await, banto.chat().await);
    let mut feed = banto.owner().watch_subjects([]).await;

    feed.add(feed::conversation("first", &first.conversation_id)).await;
    feed.until("the first snapshot", |update| update.subject_id == "first").await;
    let turn = first.ask("hello").await.turn;
    let ended =
        |view: &View| view.turn(&turn.turn_id).is_some_and(|turn| turn.state() == RunState::Completed);
    while !ended(&feed.views["first"]) {
        feed.next().await.granted();
    }
    assert_eq!(feed.views["first"], first.watch().await.view);

    feed.remove("first").await;
    first.ask("unheard").await;
    feed.add(feed::conversation("second", &second.conversation_id)).await;
    second.ask("heard").await;
    feed.until("the second one's text", |update| {
        assert_eq!(update.subject_id, "second", "the first was removed");
        matches!(update.kind, Some(subject_update::Kind::Conversation(_)))
    })
    .await;

    feed.add(feed::named("workers", subject::Subject::Workers(WorkersSubject::default()))).await;
    feed.until("the workers", |update| matches!(update.kind, Some(subject_update::Kind::Workers(_)))).await;
}

#[tokio::test]
async fn a_subject_that_fails_leaves_the_others_alone() {
    let banto = Banto::guide().await;
    let chat = banto.chat().await;
    let nowhere = uuid::Uuid::now_v7().to_string();
    let subjects = [feed::conversation("good", &chat.conversation_id), feed::conversation("bad", &nowhere)];
    let mut feed = banto.owner().watch_subjects(subjects).await;
    let update = feed.until("the failure", |update| update.subject_id == "bad").await;
    let Some(subject_update::Kind::Failed(failure)) = update.kind else {
        panic!("a failure, not {update:?}")
    };
    assert_eq!((failure.code, failure.reason.as_str()), (Code::NotFound as u32, "CONVERSATION_NOT_FOUND"));
    let turn = chat.ask("hello").await.turn;
    while feed.views.get("good").and_then(|view| view.turn(&turn.turn_id)).is_none() {
        feed.next().await.granted();
    }
}

#[tokio::test]
async fn a_subject_without_credit_pauses_and_catches_up() {
    let upstream = Upstream::start().await;
    let banto = Banto::with(&upstream).await;
    let chat = banto.chat().await;
    let credit_bytes = 4_096;
    let subject = Subject { credit_bytes, ..feed::conversation("chat", &chat.conversation_id) };
    let other = banto.chat().await;
    let subjects = [subject, feed::conversation("other", &other.conversation_id)];
    let mut feed = banto.owner().watch_subjects(subjects).await;

    upstream.push(Script::openai().texts(vec!["sixteen letters "; 2_000]).done());
    let turn = chat.ask("talk").await.turn;
    let marker = other.ask("marker").await.turn;
    let mut sent = 0;
    while feed.views.get("other").and_then(|view| view.turn(&marker.turn_id)).is_none() {
        let update = feed.next().await.granted();
        if update.subject_id == "chat" {
            sent = update.sent_bytes;
        }
    }
    assert!(sent <= 2 * u64::from(credit_bytes), "it stopped near its credit, after {sent} bytes");

    while feed.views["chat"].turn(&turn.turn_id).is_none_or(|turn| turn.state() != RunState::Completed) {
        let acknowledge = vec![Acknowledgement { subject_id: "chat".into(), received_bytes: sent }];
        feed.update(UpdateWatchRequest { acknowledge, ..Default::default() }).await.granted();
        let update = feed.until("more of the chat", |update| update.subject_id == "chat").await;
        sent = update.sent_bytes;
    }
    assert_eq!(feed.views["chat"], chat.watch().await.view);
}

#[tokio::test]
async fn the_list_of_conversations_is_a_subject() {
    let banto = Banto::guide().await;
    let subject = subject::Subject::Conversations(ConversationsSubject::default());
    let mut feed = banto.owner().watch_subjects([feed::named("list", subject)]).await;
    feed.until("the list", |update| matches!(update.kind, Some(subject_update::Kind::Conversations(_))))
        .await;
    let chat = banto.chat().await;
    let mut until = async |what: &str, wanted: &dyn Fn(&conversations_update::Kind) -> bool| {
        let is_it = |update: &_| match update {
            banto_proto::v1::SubjectUpdate {
                kind: Some(subject_update::Kind::Conversations(change)),
                ..
            } => change.kind.as_ref().is_some_and(wanted),
            _ => false,
        };
        feed.until(what, is_it).await;
    };
    use conversations_update::Kind::{DeletedConversationId, Upserted};
    let id = chat.conversation_id.clone();
    until("the new one", &|kind| matches!(kind, Upserted(it) if it.conversation_id == id)).await;
    chat.rename("A title").await;
    until("its title", &|kind| matches!(kind, Upserted(it) if it.title == "A title")).await;
    chat.delete().await.granted();
    until("its end", &|kind| matches!(kind, DeletedConversationId(it) if *it == id)).await;
}

#[tokio::test]
async fn an_unknown_watch_is_typed() {
    let banto = Banto::guide().await;
    let request = UpdateWatchRequest { watch_id: uuid::Uuid::now_v7().to_string(), ..Default::default() };
    let refusal = banto.owner().feed().update_watch(request).await.refused();
    refusal.is(Code::NotFound, "WATCH_NOT_FOUND");
}
