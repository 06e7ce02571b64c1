//! Every way in which a model call goes wrong: the turn ends once, in the right
//! state and kind, with what text there was, and the next one works.

use banto_integration_tests::{
    Banto,
    upstream::{Script, StalledPort, Upstream},
};
use banto_proto::v1::{
    FailureKind::{self, *},
    RunState::{self, *},
    Turn, conversation_event,
};
use serde_json::json;
use std::time::Duration;

/// What a turn must come to when each of its requests is answered by a script.
struct Fault {
    name: &'static str,
    script: Script,
    ends: (RunState, FailureKind),
    attempts: usize,
    keeps: &'static str,
}

fn fault(
    name: &'static str,
    script: Script,
    ends: (RunState, FailureKind),
    attempts: usize,
    keeps: &'static str,
) -> Fault {
    Fault { name, script, ends, attempts, keeps }
}

fn refused(status: u16) -> Script {
    Script::status(status).header("retry-after", "0").error("no")
}

fn faults() -> Vec<Fault> {
    let part = || Script::openai().text("part");
    vec![
        fault("401", refused(401), (ProviderFailed, Auth), 1, ""),
        fault("403", refused(403), (ProviderFailed, Auth), 1, ""),
        fault("404", refused(404), (ProviderFailed, Rejected), 1, ""),
        fault("429", refused(429), (ProviderFailed, RateLimited), 4, ""),
        fault("500", refused(500), (ProviderFailed, Overloaded), 4, ""),
        fault("529", refused(529), (ProviderFailed, Overloaded), 4, ""),
        fault("no answer at all", Script::hang_up(), (ProviderFailed, Network), 4, ""),
        fault(
            "a context too long",
            Script::status(400).error_of("context_length_exceeded", "maximum context length is 10 tokens"),
            (ProviderFailed, ContextLength),
            1,
            "",
        ),
        fault("a filter", part().finish("content_filter").done(), (ProviderFailed, ContentFilter), 1, "part"),
        fault("a cut", part().cut(), (ProviderFailed, Network), 1, "part"),
        fault("no terminator", part(), (ProviderFailed, Network), 1, "part"),
        fault("bad JSON", part().data("{\"choices\": oops"), (ProviderFailed, Malformed), 1, "part"),
        fault("bad UTF-8", part().raw(b"data: \xff\xfe\n\n"), (ProviderFailed, Malformed), 1, "part"),
        fault("a 10 MB line", part().long_line(10 << 20), (ProviderFailed, Malformed), 1, "part"),
        fault(
            "a tool call",
            part().tool_call("shell", json!({ "command": "id" })).finish("tool_calls").done(),
            (ProviderFailed, Malformed),
            1,
            "part",
        ),
        fault("silence in mid-stream", part().hang(), (TimedOut, IdleTimeout), 1, "part"),
        fault(
            "a byte a second",
            part().drip(":", Duration::from_secs(1)),
            (TimedOut, IdleTimeout),
            1,
            "part",
        ),
        fault(
            "a slow drip",
            part().drip(": still here\n\n", Duration::from_millis(100)),
            (TimedOut, TurnTimeout),
            1,
            "part",
        ),
    ]
}

/// Sends a message, waits for its end and fails unless it ended exactly once.
async fn outcome(banto: &Banto) -> (Turn, String) {
    let chat = banto.chat().await;
    let mut watch = chat.watch().await;
    let accepted = chat.send("hello").await;
    let turn = watch.until_turn_ended(accepted.turn_id()).await;
    let text = watch.view.last_text().to_owned();
    let transcript = chat.transcript().await;
    assert_eq!(transcript.turns, std::slice::from_ref(&turn), "the transcript tells the same");
    assert_eq!(transcript.items[1].text, text);

    // A later event proves that no second end was on its way.
    chat.rename("afterwards").await;
    watch.until("the new title", |watch| watch.view.title == "afterwards").await;
    assert_eq!(watch.ends(), 1);
    (turn, text)
}

#[tokio::test]
async fn each_fault_ends_the_turn_in_its_own_way() {
    let upstream = Upstream::start().await;
    let builder = Banto::builder().provider("openai", &upstream.base_url());
    let banto = builder.set("timeouts.idle_ms", 400).set("timeouts.turn_ms", 6_000).start().await;
    for Fault { name, script, ends: (state, kind), attempts, keeps } in faults() {
        upstream.set_handler(move |_| script.clone());
        let before = upstream.requests().await.len();
        let (turn, text) = outcome(&banto).await;
        let failure = turn.failure.clone().unwrap_or_default();
        assert_eq!((turn.state(), failure.kind()), (state, kind), "{name}: {failure:?}");
        assert_eq!(text, keeps, "{name}: partial text is kept");
        assert_eq!(turn.attempts.len(), attempts, "{name}: {:?}", turn.attempts);
        assert_eq!(upstream.requests().await.len() - before, attempts, "{name}: requests");
        match kind {
            Auth | Rejected | ContextLength => assert!(!failure.retryable, "{name}: a retry is in vain"),
            Malformed | ContentFilter => {}
            _ => assert!(failure.retryable, "{name}: a retry may help"),
        }
        assert!(!failure.message.is_empty() && failure.message.chars().count() <= 500, "{name}");
        let last = turn.attempts.last().and_then(|attempt| attempt.failure.clone());
        assert_eq!(last, Some(failure), "{name}: the last attempt says the same");

        upstream.set_handler(|_| Script::openai().text("fine").done());
        let (turn, text) = outcome(&banto).await;
        assert_eq!((turn.state(), text.as_str()), (Completed, "fine"), "after {name}");
    }
}

#[tokio::test]
async fn each_wait_for_an_answer_has_its_timeout() {
    let (upstream, stalled) = (Upstream::start().await, StalledPort::start().await);
    upstream.set_handler(|_| Script::silence());
    let cases = [(stalled.base_url(), ConnectTimeout), (upstream.base_url(), FirstByteTimeout)];
    for (base_url, kind) in cases {
        let builder = Banto::builder().provider("openai", &base_url);
        let banto = builder.set("timeouts.connect_ms", 300).set("timeouts.first_byte_ms", 300).start().await;
        let (turn, text) = outcome(&banto).await;
        assert_eq!((turn.state(), text.as_str()), (TimedOut, ""), "{kind:?}");
        assert_eq!(turn.failure.map(|failure| (failure.kind(), failure.retryable)), Some((kind, true)));
    }
}

#[tokio::test]
async fn a_turn_that_waits_too_long_in_back_off_times_out() {
    let upstream = Upstream::start().await;
    upstream.set_handler(|_| Script::status(429).header("retry-after", "600").error("later"));
    let builder = Banto::builder().provider("openai", &upstream.base_url());
    let banto = builder.set("timeouts.turn_ms", 1_000).start().await;
    let (turn, _) = outcome(&banto).await;
    assert!(
        matches!(turn.state(), TimedOut | ProviderFailed),
        "it ends within its timeout instead of waiting ten minutes: {turn:?}"
    );
    assert_eq!(upstream.requests().await.len(), 1);
}

#[tokio::test]
async fn retry_after_is_honoured_and_every_attempt_is_visible() {
    let upstream = Upstream::start().await;
    upstream.push(Script::status(429).header("retry-after", "1").error("slow down"));
    upstream.push(Script::status(500).error("oops"));
    upstream.push(Script::openai().text("at last").done());
    let banto = Banto::with(&upstream).await;
    let chat = banto.chat().await;
    let mut watch = chat.watch().await;
    let accepted = chat.send("hello").await;
    let turn = watch.until_turn_ended(accepted.turn_id()).await;
    assert_eq!((turn.state(), watch.view.last_text()), (Completed, "at last"));

    let retries = watch.events().filter_map(|event| match &event.kind {
        Some(conversation_event::Kind::TurnRetried(retried)) => retried.attempt.clone(),
        _ => None,
    });
    let retries: Vec<_> = retries.collect();
    assert_eq!(retries.iter().map(|attempt| attempt.number).collect::<Vec<_>>(), [1, 2]);
    let kinds = retries.iter().filter_map(|attempt| Some(attempt.failure.as_ref()?.kind()));
    assert_eq!(kinds.collect::<Vec<_>>(), [RateLimited, Overloaded]);
    assert!(retries.iter().all(|attempt| attempt.retry_after.is_some() && attempt.ended_at.is_some()));
    assert_eq!(turn.attempts.len(), 3);
    assert_eq!(turn.attempts[2].failure, None);

    let (first, second) = (upstream.request(0).await, upstream.request(1).await);
    let pause = second.received_at() - first.received_at();
    assert!(pause >= Duration::from_secs(1), "it came back after {pause:?}");
}

#[tokio::test]
async fn an_endless_answer_stops_at_its_limit() {
    let upstream = Upstream::start().await;
    upstream.push(Script::openai().flood(&"endless ".repeat(100)));
    let banto = Banto::with(&upstream).await;
    let before = banto.resident_kib();
    let (turn, text) = outcome(&banto).await;
    assert_eq!((turn.state(), turn.failure.unwrap_or_default().kind()), (Failed, OutputLimit));
    assert!(text.len() <= 1 << 20 && text.len() > 1 << 19, "{} bytes were kept", text.len());
    upstream.request(0).await.client_closed().await;
    let grown = banto.resident_kib().saturating_sub(before);
    assert!(grown < 50 << 10, "it grew by {grown} KiB");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (upstream, inner) = (Upstream::start().await, Upstream::start().await);
    let location = format!("{}/chat/completions", inner.base_url());
    upstream.set_handler(move |_| Script::status(302).header("location", &location).error("over there"));
    let banto = Banto::with(&upstream).await;
    let (turn, _) = outcome(&banto).await;
    assert_eq!(turn.state(), ProviderFailed);
    assert!(inner.requests().await.is_empty(), "nobody called the inner address");
}
