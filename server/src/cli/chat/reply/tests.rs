//! The reducer against everything that a breaking stream can do.
use super::*;
use banto_proto::v1::{
    Conversation, ConversationDeleted, MessageAdded, Reset, TurnStarted,
    conversation_event::Kind as Happened, conversation_update::Kind,
};

const WHOLE: &str = "Grüß Gott, 世界!";

fn reply() -> Reply {
    let response = SendMessageResponse {
        conversation: Some(Conversation {
            conversation_id: "c".into(),
            epoch: "e1".into(),
            head_sequence: 6,
            ..Default::default()
        }),
        message: Some(TranscriptItem { message_id: "asked".into(), sequence: 5, ..Default::default() }),
        turn: Some(turn(RunState::Running)),
        replayed: false,
    };
    Reply::accepted(&response).unwrap()
}

fn turn(state: RunState) -> Turn {
    Turn { turn_id: "t".into(), assistant_message_id: "m".into(), state: state.into(), ..Default::default() }
}

fn update(kind: Kind) -> ConversationUpdate {
    ConversationUpdate { kind: Some(kind) }
}

fn delta(offset: u64, text: &str) -> ConversationUpdate {
    update(Kind::Delta(Delta { block_id: "m".into(), offset, text: text.into() }))
}

fn event(sequence: u64, kind: Happened) -> ConversationUpdate {
    update(Kind::Event(ConversationEvent { sequence, occurred_at: None, kind: Some(kind) }))
}

fn ended(sequence: u64, state: RunState, text: &str) -> ConversationUpdate {
    let ended = TurnEnded {
        turn: Some(turn(state)),
        text_length: text.len() as u64,
        text_sha256: digest(text),
        citations: Vec::new(),
    };
    event(sequence, Happened::TurnEnded(ended))
}

fn item(text: &str) -> TranscriptItem {
    TranscriptItem { message_id: "m".into(), turn_id: "t".into(), text: text.into(), ..Default::default() }
}

fn snapshot(epoch: &str, head: u64, state: RunState, text: &str) -> ConversationUpdate {
    update(Kind::Snapshot(ConversationSnapshot {
        epoch: epoch.into(),
        head_sequence: head,
        items: vec![TranscriptItem { message_id: "asked".into(), ..Default::default() }, item(text)],
        turns: vec![turn(state)],
        ..Default::default()
    }))
}

fn resumed(head: u64) -> ConversationUpdate {
    update(Kind::Snapshot(ConversationSnapshot {
        epoch: "e1".into(),
        head_sequence: head,
        resumed: true,
        ..Default::default()
    }))
}

/// What is printed for some updates. Offsets must be contiguous.
fn printed(reply: &mut Reply, updates: Vec<ConversationUpdate>) -> String {
    let mut text = reply.text.clone();
    let start = text.len();
    for update in updates {
        take(&mut text, reply.apply(update));
    }
    text[start..].to_owned()
}

fn take(all: &mut String, pieces: Vec<Piece>) {
    for piece in pieces {
        if let Piece::Text { offset, text } = piece {
            assert_eq!(offset, all.len() as u64);
            all.push_str(&text);
        }
    }
}

#[test]
fn deltas_are_printed_as_they_come_and_the_end_is_checked() {
    let mut reply = reply();
    let cut = "Grüß".len();
    let text = printed(
        &mut reply,
        vec![delta(0, "Grüß"), delta(cut as u64, &WHOLE[cut..]), ended(7, RunState::Completed, WHOLE)],
    );
    assert_eq!(text, WHOLE);
    assert_eq!(reply.ending().unwrap().kept, Kept::Whole);
    assert_eq!(*reply.cursor(), Cursor { epoch: "e1".into(), sequence: 7 });
}

#[test]
fn deltas_that_overlap_add_only_what_is_new() {
    let mut reply = reply();
    let text = printed(&mut reply, vec![delta(0, "abc"), delta(0, "abc"), delta(1, "bcde"), delta(2, "c")]);
    assert_eq!(text, "abcde");
    printed(&mut reply, vec![ended(7, RunState::Completed, "abcde")]);
    assert_eq!(reply.ending().unwrap().kept, Kept::Whole);
}

#[test]
fn every_way_of_cutting_and_repeating_gives_the_same_text() {
    let cuts: Vec<usize> = WHOLE.char_indices().map(|(index, _)| index).chain([WHOLE.len()]).collect();
    for &seen in &cuts {
        for &from in cuts.iter().filter(|&&from| from <= seen) {
            let mut reply = reply();
            let mut text = printed(&mut reply, vec![delta(0, &WHOLE[..seen])]);
            text += &printed(
                &mut reply,
                vec![resumed(6), delta(from as u64, &WHOLE[from..]), ended(7, RunState::Completed, WHOLE)],
            );
            assert_eq!(text, WHOLE, "seen {seen}, repeated from {from}");
            assert_eq!(reply.ending().unwrap().kept, Kept::Whole);
        }
    }
}

#[test]
fn a_snapshot_goes_on_where_the_text_stopped() {
    let mut reply = reply();
    let text = printed(
        &mut reply,
        vec![
            delta(0, "abc"),
            update(Kind::Reset(Reset { reason: 0 })),
            snapshot("e2", 40, RunState::Running, "abcdef"),
            event(
                40,
                Happened::TurnStarted(TurnStarted { turn: Some(turn(RunState::Running)), reply: None }),
            ),
            delta(6, "g"),
            ended(41, RunState::Completed, "abcdefg"),
        ],
    );
    assert_eq!(text, "abcdefg");
    assert_eq!(*reply.cursor(), Cursor { epoch: "e2".into(), sequence: 41 });
    assert_eq!(reply.ending().unwrap().kept, Kept::Whole);
}

#[test]
fn a_snapshot_that_is_a_moment_behind_takes_nothing_back() {
    let mut reply = reply();
    let text = printed(
        &mut reply,
        vec![
            delta(0, "abcd"),
            snapshot("e1", 6, RunState::Running, "ab"),
            delta(2, "cde"),
            ended(7, RunState::Completed, "abcde"),
        ],
    );
    assert_eq!(text, "abcde");
    assert_eq!(reply.ending().unwrap().kept, Kept::Whole);
}

#[test]
fn a_snapshot_of_an_ended_turn_is_its_end() {
    let mut reply = reply();
    let text = printed(&mut reply, vec![delta(0, "ab"), snapshot("e2", 9, RunState::Completed, "abcd")]);
    assert_eq!(text, "abcd");
    assert_eq!(reply.ending().unwrap().kept, Kept::Whole);
}

#[test]
fn a_reset_without_its_snapshot_leaves_no_cursor() {
    let mut reply = reply();
    reply.apply(update(Kind::Reset(Reset { reason: 0 })));
    assert_eq!(*reply.cursor(), Cursor::default());
}

#[test]
fn a_gap_waits_for_what_is_between() {
    let mut reply = reply();
    assert_eq!(printed(&mut reply, vec![delta(0, "ab"), delta(4, "ef"), delta(6, "g")]), "ab");
    assert!(reply.lacks_text());
    assert_eq!(printed(&mut reply, vec![delta(2, "cd")]), "cdefg");
    assert!(!reply.lacks_text());
}

#[test]
fn the_transcript_fills_a_gap() {
    let mut reply = reply();
    printed(&mut reply, vec![delta(0, "ab"), delta(5, "fg")]);
    let mut text = "ab".to_owned();
    take(&mut text, reply.apply_transcript(vec![item("abcde")], vec![turn(RunState::Running)]));
    assert_eq!(text, "abcdefg");
    assert!(!reply.lacks_text() && reply.ending().is_none());
}

#[test]
fn an_end_without_its_text_waits_for_the_transcript() {
    let mut reply = reply();
    assert_eq!(printed(&mut reply, vec![delta(0, "ab"), ended(7, RunState::Completed, "abcd")]), "ab");
    assert!(reply.end_is_held() && reply.lacks_text() && reply.ending().is_none());
    let pieces = reply.apply_transcript(vec![item("abcd")], vec![turn(RunState::Completed)]);
    assert_eq!(pieces[0], Piece::Text { offset: 2, text: "cd".into() });
    assert!(matches!(&pieces[1], Piece::Event(event) if event.sequence == 7));
    assert_eq!((pieces.len(), reply.ending().unwrap().kept), (2, Kept::Whole));
}

#[test]
fn a_transcript_that_never_has_the_text_still_ends() {
    let mut reply = reply();
    printed(&mut reply, vec![ended(7, RunState::Completed, "abcd")]);
    reply.apply_transcript(Vec::new(), Vec::new());
    assert_eq!(reply.ending().unwrap().kept, Kept::Differs);
}

#[test]
fn a_snapshot_too_short_for_the_reply_asks_for_the_transcript() {
    let mut reply = reply();
    let empty = ConversationSnapshot { epoch: "e2".into(), head_sequence: 900, ..Default::default() };
    printed(&mut reply, vec![delta(0, "ab"), update(Kind::Snapshot(empty))]);
    assert!(reply.lacks_text());
    let mut text = "ab".to_owned();
    take(&mut text, reply.apply_transcript(vec![item("abcd")], vec![turn(RunState::Completed)]));
    assert_eq!((text.as_str(), reply.ending().unwrap().kept), ("abcd", Kept::Whole));
}

#[test]
fn after_a_crash_the_server_may_keep_less() {
    let mut reply = reply();
    let text =
        printed(&mut reply, vec![delta(0, "abcdef"), resumed(7), ended(7, RunState::Interrupted, "abcd")]);
    assert_eq!(text, "abcdef");
    assert_eq!(reply.ending().unwrap().kept, Kept::First(4));
}

#[test]
fn other_text_than_was_printed_is_noticed() {
    let mut one = reply();
    printed(&mut one, vec![delta(0, "abc"), delta(0, "axcd"), ended(7, RunState::Completed, "abcd")]);
    assert_eq!(one.ending().unwrap().kept, Kept::Differs);
    let mut other = reply();
    printed(&mut other, vec![delta(0, "ü"), delta(1, "xyz"), snapshot("e", 7, RunState::Completed, "u")]);
    assert_eq!(other.ending().unwrap().kept, Kept::Differs);
}

#[test]
fn other_turns_and_other_messages_do_not_matter() {
    let mut reply = reply();
    let other = Delta { block_id: "other".into(), offset: 0, text: "no".into() };
    let mut other_turn = turn(RunState::Completed);
    other_turn.turn_id = "other".into();
    let pieces: Vec<_> = [
        update(Kind::Delta(other)),
        event(7, Happened::MessageAdded(MessageAdded { item: Some(TranscriptItem::default()) })),
        event(8, Happened::TurnEnded(TurnEnded { turn: Some(other_turn), ..Default::default() })),
    ]
    .into_iter()
    .flat_map(|update| reply.apply(update))
    .collect();
    assert_eq!(pieces, []);
    assert_eq!((reply.cursor().sequence, reply.ending()), (8, None));
}

#[test]
fn an_event_is_given_out_once() {
    let mut reply = reply();
    let started =
        || event(6, Happened::TurnStarted(TurnStarted { turn: Some(turn(RunState::Running)), reply: None }));
    assert_eq!(reply.apply(started()).len(), 1);
    assert_eq!(reply.apply(started()), []);
    assert_eq!(reply.apply(ended(7, RunState::Cancelled, "")).len(), 1);
    assert_eq!(reply.apply(ended(8, RunState::Cancelled, "")), []);
}

#[test]
fn a_deleted_conversation_is_gone() {
    let mut reply = reply();
    reply.apply(update(Kind::Deleted(ConversationDeleted {})));
    assert!(reply.is_gone());
}

#[test]
fn an_answer_without_a_turn_is_no_reply() {
    assert!(Reply::accepted(&SendMessageResponse::default()).is_none());
}
