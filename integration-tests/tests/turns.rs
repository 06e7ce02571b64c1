//! One turn at a time: sending, sending twice, cancelling, and what is refused
//! before anything is stored.

use banto_integration_tests::{
    Answer as _, Banto, Companion, Watch, next,
    upstream::{Gate, Outcome, Script, Upstream},
    within,
};
use banto_proto::v1::{
    CancelOutcome, MessageRole, RunState, TranscriptItem, conversation_event, conversation_update,
    converse_response,
};
use futures::future::join_all;
use tonic::Code;

#[tokio::test]
async fn a_message_is_answered_by_the_model() {
    let upstream = Upstream::start().await;
    upstream.push(Script::openai().texts(["Good ", "day."]).usage(12, 3).done());
    let banto = Banto::with(&upstream).await;
    let chat = banto.chat().await;
    let reply = chat.ask("hello").await;
    assert_eq!((reply.turn.state(), reply.text.as_str()), (RunState::Completed, "Good day."));
    assert_eq!(reply.turn.attempts.len(), 1);
    assert!(reply.turn.ended_at.is_some() && reply.turn.failure.is_none());

    let items = chat.transcript().await.items;
    let said = |item: &TranscriptItem| (item.role(), item.text.clone(), item.state());
    assert_eq!(
        items.iter().map(said).collect::<Vec<_>>(),
        [
            (MessageRole::User, "hello".into(), RunState::Completed),
            (MessageRole::Assistant, "Good day.".into(), RunState::Completed)
        ]
    );
}

#[tokio::test]
async fn converse_streams_the_turn_from_acceptance_to_its_end() {
    let upstream = Upstream::start().await;
    upstream.push(Script::openai().texts(["one ", "two ", "three"]).done());
    let banto = Banto::with(&upstream).await;
    let mut stream = banto.chat().await.converse("count").await;
    let Some(converse_response::Kind::Accepted(accepted)) = next(&mut stream).await.kind else {
        panic!("the acceptance comes first")
    };
    let (mut text, mut ended) = (String::new(), None);
    while let Some(response) = within("the stream", stream.message()).await.expect("no error") {
        assert_eq!(ended, None, "nothing follows the end");
        let Some(converse_response::Kind::Update(update)) = response.kind else { panic!("accepted twice") };
        match update.kind {
            Some(conversation_update::Kind::Delta(delta)) => {
                text.truncate(usize::try_from(delta.offset).expect("an offset"));
                text.push_str(&delta.text);
            }
            Some(conversation_update::Kind::Event(event)) => {
                if let Some(conversation_event::Kind::TurnEnded(end)) = event.kind {
                    ended = Some(end);
                }
            }
            _ => {}
        }
    }
    let turn = ended.expect("the end").turn.expect("the turn");
    assert_eq!((turn.state(), text.as_str()), (RunState::Completed, "one two three"));
    assert_eq!(turn.turn_id, accepted.turn.expect("the turn").turn_id);
}

#[tokio::test]
async fn of_fifty_parallel_sends_one_is_accepted() {
    let upstream = Upstream::start().await;
    let gate = Gate::new();
    upstream.push(Script::openai().text("thinking").pause(&gate).done());
    let banto = Banto::with(&upstream).await;
    let chat = banto.chat().await;
    let sends = (0..50).map(|number| chat.try_send(chat.message(&format!("message {number}"))));
    let (accepted, refused): (Vec<_>, Vec<_>) = join_all(sends).await.into_iter().partition(Result::is_ok);
    let accepted: Vec<_> = accepted.into_iter().flatten().collect();
    let [winner] = accepted.as_slice() else { panic!("one is accepted, not {}", accepted.len()) };
    let active = &winner.turn.as_ref().expect("the turn").turn_id;
    assert_eq!(refused.len(), 49);
    for refusal in refused {
        let refusal = refusal.refused().is(Code::FailedPrecondition, "TURN_IN_PROGRESS");
        refusal.says("active_turn_id", active);
    }

    // All else answers while the turn runs.
    assert_eq!(banto.owner().companion_worker().await.active_turn_ids, [active.as_str()]);
    let transcript = chat.transcript().await;
    assert_eq!(transcript.items.len(), 2);
    assert_eq!(&transcript.conversation.expect("it").active_turn_id, active);
    let (outcome, turn) = chat.cancel(active).await;
    assert_eq!((outcome, turn.state()), (CancelOutcome::Cancelled, RunState::Cancelled));
    assert_eq!(upstream.requests().await.len(), 1);
}

#[tokio::test]
async fn conversations_run_side_by_side() {
    let upstream = Upstream::start().await;
    let gate = Gate::new();
    upstream.push(Script::openai().text("first").pause(&gate).done());
    let banto = Banto::with(&upstream).await;
    let (first, second) = (banto.chat().await, banto.chat().await);
    let waiting = first.send("wait").await;
    gate.reached().await;
    assert_eq!(second.ask("hello").await.turn.state(), RunState::Completed);
    gate.open();
    assert_eq!(first.outcome(&waiting).await.text, "first");
}

#[tokio::test]
async fn one_client_message_id_is_one_message() {
    let upstream = Upstream::start().await;
    let banto = Banto::with(&upstream).await;
    let chat = banto.chat().await;
    let sends = (0..100).map(|_| chat.try_send(chat.message_as("once", "hello")));
    let answers: Vec<_> = join_all(sends).await.into_iter().map(|answer| answer.granted()).collect();
    let turn_ids = answers.iter().map(|answer| &answer.turn.as_ref().expect("the turn").turn_id);
    assert_eq!(turn_ids.collect::<std::collections::BTreeSet<_>>().len(), 1, "one turn");
    assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1, "one is not a replay");

    let later = chat.send_as("once", "hello").await;
    assert!(later.0.replayed);
    assert_eq!(
        Some(later.message_id()),
        answers[0].message.as_ref().map(|message| message.message_id.as_str())
    );
    chat.try_send(chat.message_as("once", "something else")).await.refused().blames("client_message_id");

    chat.outcome(&later).await;
    assert_eq!(chat.transcript().await.items.len(), 2);
    assert_eq!(upstream.requests().await.len(), 1, "one model call");
}

/// Cancels the running turn and proves that it ended once, as CANCELLED, and
/// that the next message is answered.
async fn cancel_and_go_on(chat: &Companion, watch: &mut Watch, turn_id: &str) {
    let (outcome, turn) = chat.cancel(turn_id).await;
    assert_eq!((outcome, turn.state()), (CancelOutcome::Cancelled, RunState::Cancelled));
    assert_eq!(watch.until_turn_ended(turn_id).await.state(), RunState::Cancelled);
    let (outcome, turn) = chat.cancel(turn_id).await;
    assert_eq!((outcome, turn.state()), (CancelOutcome::AlreadyEnded, RunState::Cancelled));

    let next = chat.send("and now?").await;
    assert_eq!(watch.until_turn_ended(next.turn_id()).await.state(), RunState::Completed);
    assert_eq!(watch.ends(), 2, "each turn ended once");
}

#[tokio::test]
async fn cancelling_before_the_first_byte_closes_the_connection() {
    let upstream = Upstream::start().await;
    upstream.push(Script::silence());
    let banto = Banto::with(&upstream).await;
    let chat = banto.chat().await;
    let mut watch = chat.watch().await;
    let turn = chat.send("hello").await;
    let exchange = within("the model call", upstream.request(0)).await;
    cancel_and_go_on(&chat, &mut watch, turn.turn_id()).await;
    within("the upstream is hung up on", exchange.client_closed()).await;
}

#[tokio::test]
async fn cancelling_in_mid_stream_keeps_what_there_is() {
    let upstream = Upstream::start().await;
    upstream.push(Script::openai().text("half a ").hang());
    let banto = Banto::with(&upstream).await;
    let chat = banto.chat().await;
    let mut watch = chat.watch().await;
    let turn = chat.send("hello").await;
    watch.until_text("half a ").await;
    cancel_and_go_on(&chat, &mut watch, turn.turn_id()).await;
    within("the upstream is hung up on", upstream.request(0).await.client_closed()).await;

    let reply = &chat.transcript().await.items[1];
    assert_eq!((reply.text.as_str(), reply.state()), ("half a ", RunState::Cancelled));
    // The model is told what it had said, in the next request.
    assert!(upstream.request(1).await.json().to_string().contains("half a "));
}

#[tokio::test]
async fn cancelling_in_back_off_makes_no_further_attempt() {
    let upstream = Upstream::start().await;
    upstream.push(Script::status(429).header("retry-after", "600").error("slow down"));
    let banto = Banto::with(&upstream).await;
    let chat = banto.chat().await;
    let mut watch = chat.watch().await;
    let turn = chat.send("hello").await;
    let retried =
        |watch: &Watch| watch.view.turn(turn.turn_id()).is_some_and(|turn| !turn.attempts.is_empty());
    watch.until("the back-off", retried).await;
    assert_eq!(upstream.request(0).await.outcome().await, Outcome::Served);
    cancel_and_go_on(&chat, &mut watch, turn.turn_id()).await;
    assert_eq!(upstream.requests().await.len(), 2, "the cancelled turn's and the next one's");
}

#[tokio::test]
async fn of_cancel_and_finish_exactly_one_wins() {
    let upstream = Upstream::start().await;
    let banto = Banto::with(&upstream).await;
    let chat = banto.chat().await;
    let mut watch = chat.watch().await;
    for round in 0..20 {
        let gate = Gate::new();
        upstream.push(Script::openai().text("done").pause(&gate).done());
        let accepted = chat.send("race").await;
        let written =
            |watch: &Watch| watch.view.reply(accepted.turn_id()).is_some_and(|it| it.text == "done");
        watch.until("the text", written).await;
        let ((outcome, turn), ()) = tokio::join!(chat.cancel(accepted.turn_id()), async {
            // A little later in each round.
            for _ in 0..round * 5 {
                tokio::task::yield_now().await;
            }
            gate.open();
        });
        let state = watch.until_turn_ended(accepted.turn_id()).await.state();
        let expected = match outcome {
            CancelOutcome::AlreadyEnded => RunState::Completed,
            _ => RunState::Cancelled,
        };
        assert_eq!((turn.state(), state), (expected, expected), "round {round}: {outcome:?}");
        assert_eq!(watch.ends(), round + 1, "one end each");
    }
}

#[tokio::test]
async fn a_cancel_for_an_unknown_turn_is_typed() {
    let banto = Banto::guide().await;
    let cancel = async |turn_id: &str| {
        let request = banto_proto::v1::CancelTurnRequest { turn_id: turn_id.into() };
        banto.owner().conversations().cancel_turn(request).await.refused()
    };
    cancel(&uuid::Uuid::now_v7().to_string()).await.is(Code::NotFound, "TURN_NOT_FOUND");
    cancel("not an id").await.blames("turn_id");
}

#[tokio::test]
async fn a_malformed_message_is_refused_and_not_stored() {
    let banto = Banto::guide().await;
    let chat = banto.chat().await;
    let long = "あ".repeat(32_001);
    for text in ["", " \t\n ", "\u{3000}", &long, "bell\u{7}", "nul\0", "carriage\rreturn", "del\u{7f}"] {
        let refusal = chat.try_send(chat.message(text)).await.refused();
        refusal.blames("text");
    }
    for id in [String::new(), "x".repeat(65)] {
        chat.try_send(chat.message_as(&id, "hello")).await.refused().blames("client_message_id");
    }
    let transcript = chat.transcript().await;
    assert!(transcript.items.is_empty());
    let conversation = transcript.conversation.expect("it");
    assert_eq!((conversation.message_count, conversation.head_sequence), (0, 0));

    let longest = chat.ask(&"あ".repeat(32_000)).await;
    assert_eq!(longest.turn.state(), RunState::Completed, "the limit is in characters");
    assert_eq!(chat.ask("a\ttab and\na line").await.turn.state(), RunState::Completed);
}

#[tokio::test]
async fn an_unknown_conversation_is_typed() {
    let banto = Banto::guide().await;
    let nowhere = banto.owner().conversation(&uuid::Uuid::now_v7().to_string());
    nowhere.try_send(nowhere.message("hello")).await.refused().is(Code::NotFound, "CONVERSATION_NOT_FOUND");
    let nonsense = banto.owner().conversation("not an id");
    nonsense.try_send(nonsense.message("hello")).await.refused().blames("conversation_id");
}
