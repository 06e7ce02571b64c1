//! The real `banto chat` against a scripted server.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod command;
mod fake;

use banto_proto::v1::RunState;
use command::Chat;
use fake::{Fake, Step, accepted, delta, ended, resumed, started};
use std::time::Instant;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

const WHOLE: &str = "Grüß Gott, 世界!";

#[test]
fn the_reply_is_printed_and_nothing_else() {
    let fake = Fake::start(vec![vec![
        accepted(),
        started(6),
        delta(0, "Grüß Gott"),
        delta("Grüß Gott".len(), ", 世界!"),
        ended(7, RunState::Completed, WHOLE),
    ]]);
    let done = Chat::at(&fake, &["hello"]).run();
    assert_eq!((done.code, done.out.as_str(), done.err.as_str()), (0, "Grüß Gott, 世界!\n", ""));
    assert!(fake.log()[1].starts_with("converse c hello "), "{:?}", fake.log());
}

#[test]
fn as_json_each_event_is_a_line() {
    let fake = Fake::start(vec![vec![
        accepted(),
        started(6),
        delta(0, "ab"),
        delta(1, "bc"),
        ended(7, RunState::Completed, "abc"),
    ]]);
    let done = Chat::at(&fake, &["hello", "--json"]).run();
    assert_eq!(done.code, 0);
    let lines: Vec<serde_json::Value> =
        done.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 5, "{}", done.out);
    assert_eq!(lines[0]["accepted"]["turn"]["turnId"], "t");
    assert_eq!(lines[1]["update"]["event"]["sequence"], "6");
    assert_eq!(
        lines[3]["update"]["delta"],
        serde_json::json!({ "blockId": "m", "offset": "2", "text": "c" })
    );
    assert_eq!(lines[4]["update"]["event"]["turnEnded"]["turn"]["state"], "RUN_STATE_COMPLETED");
}

#[test]
fn text_on_standard_input_loses_only_its_last_line_feed() {
    let fake = Fake::start(vec![vec![accepted(), ended(6, RunState::Completed, "")]]);
    let done = Chat::at(&fake, &["-"]).input("two\nlines\n").run();
    assert_eq!((done.code, done.out.as_str()), (0, ""));
    assert!(fake.log()[1].starts_with("converse c two\nlines "), "{:?}", fake.log());
}

#[test]
fn a_server_that_comes_back_elsewhere_is_followed_without_a_lost_or_doubled_byte() {
    let first = Fake::start(vec![vec![accepted(), started(6), delta(0, "Grüß G"), Step::Hang]]);
    let chat = Chat::at(&first, &["hello"]).start();
    chat.wait_for_output("Grüß G");
    drop(first);
    let second = Fake::start(vec![vec![
        resumed(),
        delta(0, "Grüß Gott"),
        delta("Grüß Gott".len(), ", 世界!"),
        ended(7, RunState::Completed, WHOLE),
    ]]);
    let done = chat.moved_to(&second).finish();
    assert_eq!((done.code, done.out.as_str()), (0, "Grüß Gott, 世界!\n"));
    assert_eq!(second.log(), ["watch c 6 e"]);
}

#[test]
fn a_turn_that_lost_bytes_in_a_crash_says_so() {
    let first = Fake::start(vec![vec![accepted(), delta(0, "abcdef"), Step::Hang]]);
    let chat = Chat::at(&first, &["hello"]).start();
    chat.wait_for_output("abcdef");
    drop(first);
    let second = Fake::start(vec![vec![resumed(), ended(7, RunState::Interrupted, "abcd")]]);
    let done = chat.moved_to(&second).finish();
    assert_eq!((done.code, done.out.as_str()), (1, "abcdef\n"));
    assert!(done.err.contains("INTERRUPTED\nthe server kept the first 4 bytes"), "{}", done.err);
}

#[test]
fn a_message_of_unknown_outcome_is_sent_again_under_the_same_id() {
    let broken = || Step::Fail(Status::unavailable("shutting down"));
    let fake = Fake::start(vec![
        vec![broken()],
        vec![broken()],
        vec![accepted(), delta(0, "ok"), ended(7, RunState::Completed, "ok")],
    ]);
    let done = Chat::at(&fake, &["hello"]).run();
    assert_eq!((done.code, done.out.as_str()), (0, "ok\n"));
    let mut sent: Vec<_> = fake.log().into_iter().filter(|line| line.starts_with("converse")).collect();
    assert_eq!(sent.len(), 3);
    sent.dedup();
    assert_eq!(sent.len(), 1, "{sent:?}");
}

#[test]
fn a_stream_that_breaks_again_and_again_still_gives_the_whole_text() {
    let broken = || Step::Fail(Status::unavailable("proxy"));
    let mut scripts = vec![vec![accepted(), started(6), broken()]];
    let starts: Vec<_> = WHOLE.char_indices().map(|(index, _)| index).collect();
    for pair in starts.windows(2) {
        scripts.push(vec![
            resumed(),
            delta(0, &WHOLE[..pair[1]]),
            delta(pair[0], &WHOLE[pair[0]..pair[1]]),
            broken(),
        ]);
    }
    scripts.push(vec![resumed(), delta(0, WHOLE), ended(7, RunState::Completed, WHOLE)]);
    let done = Chat::at(&Fake::start(scripts), &["hello"]).run();
    assert_eq!((done.code, done.out.as_str()), (0, "Grüß Gott, 世界!\n"));
}

#[test]
fn text_that_no_stream_brings_comes_from_the_transcript() {
    let fake = Fake::start(vec![vec![accepted(), delta(0, "ab"), ended(7, RunState::Completed, "abcd")]]);
    fake.set_transcript("abcd");
    let done = Chat::at(&fake, &["hello"]).run();
    assert_eq!((done.code, done.out.as_str()), (0, "abcd\n"));
}

#[test]
fn a_server_that_stays_away_is_given_up_after_five_seconds() {
    let fake = Fake::start(vec![vec![accepted(), delta(0, "ab"), Step::Hang]]);
    let chat = Chat::at(&fake, &["hello"]).start();
    chat.wait_for_output("ab");
    drop(fake);
    let since = Instant::now();
    let done = chat.finish();
    let waited = since.elapsed();
    assert_eq!((done.code, done.out.as_str()), (4, "ab\n"));
    assert!((5..8).contains(&waited.as_secs()), "{waited:?}");
    assert!(done.err.contains("the message was accepted, in conversation c, turn t"), "{}", done.err);
}

#[test]
fn a_refusal_is_code_3_with_its_reason_and_fields() {
    let mut details = ErrorDetails::with_bad_request_violation("text", "it is empty");
    details.set_error_info("INVALID_INPUT", "banto.v1", []);
    let status = Status::with_error_details(Code::InvalidArgument, "invalid input", details);
    let done = Chat::at(&Fake::start(vec![vec![Step::Fail(status)]]), &[""]).run();
    assert_eq!((done.code, done.out.as_str()), (3, ""));
    assert_eq!(done.err, "INVALID_INPUT: invalid input\n  text: it is empty\n");

    let details = ErrorDetails::with_error_info(
        "COMPANION_UNAVAILABLE",
        "banto.v1",
        [("cause".into(), "no key".into())],
    );
    let status =
        Status::with_error_details(Code::Unavailable, "the Companion is unavailable: no key", details);
    let done = Chat::at(&Fake::start(vec![vec![Step::Fail(status)]]), &["hello"]).run();
    assert_eq!(
        (done.code, done.err.as_str()),
        (3, "COMPANION_UNAVAILABLE: the Companion is unavailable: no key\n")
    );
}

#[test]
fn a_turn_that_fails_is_code_1() {
    let fake = Fake::start(vec![vec![accepted(), delta(0, "ab"), ended(7, RunState::TimedOut, "ab")]]);
    let done = Chat::at(&fake, &["hello"]).run();
    assert_eq!(
        (done.code, done.out.as_str(), done.err.as_str()),
        (1, "ab\n", "the turn ended as TIMED_OUT\n")
    );
}

#[cfg(unix)]
#[test]
fn ctrl_c_cancels_the_turn() {
    let fake = Fake::start(vec![vec![
        accepted(),
        delta(0, "ab"),
        Step::UntilCancelled,
        ended(7, RunState::Cancelled, "ab"),
    ]]);
    let chat = Chat::at(&fake, &["hello"]).start();
    chat.wait_for_output("ab");
    chat.interrupt();
    let done = chat.finish();
    assert_eq!(
        (done.code, done.out.as_str(), done.err.as_str()),
        (1, "ab\n", "the turn ended as CANCELLED\n")
    );
    assert!(fake.log().contains(&"cancel t".to_owned()));
}

#[test]
fn a_pipe_gets_every_byte_of_the_text() {
    let text = "a\u{1b}[31mb\u{7}\r\n";
    let fake = Fake::start(vec![vec![accepted(), delta(0, text), ended(7, RunState::Completed, text)]]);
    assert_eq!(Chat::at(&fake, &["hello"]).run().out, text);
}

#[test]
fn a_new_conversation_is_made_first_and_a_named_one_is_used() {
    let script = || vec![vec![accepted(), ended(7, RunState::Completed, "")]];
    let fake = Fake::start(script());
    assert_eq!(Chat::at(&fake, &["hello", "--new"]).run().code, 0);
    assert!(fake.log()[0].starts_with("create ") && fake.log()[1].starts_with("converse new hello "));
    let fake = Fake::start(script());
    assert_eq!(Chat::at(&fake, &["hello", "--conversation", "x"]).run().code, 0);
    assert!(fake.log()[0].starts_with("converse x hello "));
}

#[test]
fn without_a_server_it_is_code_4_and_with_wrong_flags_2() {
    assert_eq!(Chat::without_a_server(&["hello"]).run().code, 4);
    assert_eq!(Chat::without_a_server(&["hello", "--new", "--conversation", "x"]).run().code, 2);
    assert_eq!(Chat::without_a_server(&[]).run().code, 2);
}
