//! The provider room against a scripted upstream, over real HTTP.

use banto_integration_tests::upstream::{
    DEFAULT_REPLY, Format, Gate, Outcome::Served, Script, StalledPort, Upstream,
};
use banto_server::{
    config::{Config, PriceConfig, ProviderConfig, Timeouts, WireFormat},
    provider::{Call, CallEvent, Message, Origin, Provider, Providers, Request, Role},
    run::{Failure, FailureKind, Usage},
    secret::Secret,
};
use futures::FutureExt;
use serde_json::json;
use std::time::Duration;
use tokio::time::Instant;

/// Must be found nowhere but in the headers of a request.
const KEY: &str = "canary-key-0451";
const HEADER: &str = "canary-header-0452";

const FORMATS: [(WireFormat, Format); 3] = [
    (WireFormat::OpenaiChat, Format::Openai),
    (WireFormat::Anthropic, Format::Anthropic),
    (WireFormat::Gemini, Format::Gemini),
];

/// Long enough never to be reached; tests set those that they mean.
const PATIENT: Timeouts = Timeouts {
    connect_ms: 20_000,
    first_byte_ms: 20_000,
    idle_ms: 20_000,
    turn_ms: 20_000,
    retry_base_ms: 1,
};

/// A timeout that is meant to be reached.
const SHORT: u64 = 60;

fn config(base_url: String, wire_format: WireFormat, timeouts: Timeouts) -> Config {
    let provider = ProviderConfig {
        id: "scripted".to_owned(),
        wire_format,
        base_url: Some(base_url),
        api_key_env: Some("SCRIPTED_KEY".to_owned()),
        api_key: None,
        model: Some("test-model".to_owned()),
        context_window: Some(32_000),
        headers: [("x-extra".to_owned(), Secret::new(HEADER.to_owned()))].into(),
    };
    Config { providers: vec![provider], timeouts, ..Config::default() }
}

fn env(name: &str) -> Option<String> {
    (name == "SCRIPTED_KEY").then(|| KEY.to_owned())
}

async fn provider_at(base_url: String, format: WireFormat, timeouts: Timeouts) -> Provider {
    let providers =
        Providers::discover(&config(base_url, format, timeouts), &env).await.expect("valid settings");
    providers.get("scripted").expect("the one provider").clone()
}

fn request() -> Request {
    Request {
        model: "test-model".to_owned(),
        system: "Be brief.".to_owned(),
        messages: vec![
            Message { role: Role::User, text: "Hi".to_owned() },
            Message { role: Role::Assistant, text: "Hello".to_owned() },
            Message { role: Role::User, text: "How are you?".to_owned() },
        ],
        max_output_tokens: Some(100),
    }
}

/// What a call came to.
#[derive(Debug, Default)]
struct Outcome {
    text: String,
    texts: usize,
    attempts: u32,
    pauses: Vec<Duration>,
    usage: Usage,
    failure: Option<Failure>,
}

impl Outcome {
    fn kind(&self) -> Option<FailureKind> {
        self.failure.as_ref().map(|failure| failure.kind)
    }
}

/// Reads a call to its end and checks what holds for every one of them.
async fn outcome(call: Call) -> Outcome {
    tokio::time::timeout(Duration::from_secs(30), read_to_end(call)).await.expect("an end of the call")
}

async fn read_to_end(mut call: Call) -> Outcome {
    let mut outcome = Outcome::default();
    let mut last_failure = None;
    loop {
        let event = call.next().await;
        let shown = format!("{event:?}");
        assert!(!shown.contains(KEY) && !shown.contains(HEADER), "{shown}");
        match event.clone() {
            CallEvent::AttemptStarted { number } => {
                outcome.attempts += 1;
                assert_eq!(number, outcome.attempts);
            }
            CallEvent::AttemptFailed { number, failure, retry_after } => {
                assert_eq!(number, outcome.attempts);
                outcome.pauses.extend(retry_after);
                last_failure = Some((failure, retry_after));
            }
            CallEvent::Text(text) => {
                assert!(!text.is_empty());
                outcome.text += &text;
                outcome.texts += 1;
            }
            CallEvent::Completed { usage } => outcome.usage = usage,
            CallEvent::Failed { failure, usage } => {
                if outcome.attempts > 0 {
                    assert_eq!(
                        last_failure,
                        Some((failure.clone(), None)),
                        "the last attempt failed for good"
                    );
                }
                outcome.usage = usage;
                outcome.failure = Some(failure);
            }
        }
        if matches!(event, CallEvent::Completed { .. } | CallEvent::Failed { .. }) {
            assert_eq!(call.next().await, event, "the end is the end");
            return outcome;
        }
    }
}

/// What one script does to a call in OpenAI's format.
async fn run(script: Script, timeouts: Timeouts) -> Outcome {
    let upstream = Upstream::start().await;
    upstream.push(script);
    let provider = provider_at(upstream.base_url(), WireFormat::OpenaiChat, timeouts).await;
    outcome(provider.call(request())).await
}

/// Reads up to and with the first text.
async fn first_text(call: &mut Call) -> String {
    loop {
        match call.next().await {
            CallEvent::Text(text) => return text,
            CallEvent::AttemptStarted { .. } => {}
            other => panic!("no text but {other:?}"),
        }
    }
}

// Whole answers

#[tokio::test]
async fn text_is_whole_wherever_bytes_are_divided() {
    let texts = ["Hel", "lo, 番", "頭", " 🦀\n\n", "data: x", "\"\\ é"];
    for (wire_format, format) in FORMATS {
        let upstream = Upstream::start().await;
        let provider = provider_at(upstream.base_url(), wire_format, PATIENT).await;
        let script = || Script::of(format).texts(texts).usage(36, 20).cache(64, 8).done();
        let length: usize = {
            upstream.push(script());
            outcome(provider.call(request())).await;
            upstream.request(0).await.writes().iter().map(|write| write.length).sum()
        };
        let divided = (1..length).step_by(3).map(|position| script().split_at([position, position + 7]));
        for script in divided.chain([script().split_every_byte()]) {
            upstream.push(script);
            let outcome = outcome(provider.call(request())).await;
            assert_eq!((outcome.text, outcome.failure), (texts.concat(), None), "{format:?}");
            assert_eq!(outcome.usage.output_tokens, Some(20));
        }
    }
}

#[tokio::test]
async fn usage_is_the_same_in_every_format() {
    for (wire_format, format) in FORMATS {
        let upstream = Upstream::start().await;
        let provider = provider_at(upstream.base_url(), wire_format, PATIENT).await;
        upstream.push(Script::of(format).text("x").usage(36, 20).cache(64, 8).done());
        let usage = outcome(provider.call(request())).await.usage;
        let expected = Usage {
            input_tokens: Some(36),
            cache_read_tokens: Some(64),
            // Only one of the formats counts them.
            cache_write_tokens: (format == Format::Anthropic).then_some(8),
            output_tokens: Some(20),
            cost_nano_usd: None,
        };
        assert_eq!(usage, expected, "{format:?}");
        upstream.push(Script::of(format).text("x").done());
        assert_eq!(outcome(provider.call(request())).await.usage, Usage::default(), "{format:?}");
    }
}

#[tokio::test]
async fn text_comes_out_before_the_next_is_written() {
    for (wire_format, format) in FORMATS {
        let upstream = Upstream::start().await;
        let provider = provider_at(upstream.base_url(), wire_format, PATIENT).await;
        let gates = [Gate::new(), Gate::new()];
        upstream.push(Script::of(format).text("one").pause(&gates[0]).text("two").pause(&gates[1]).done());
        let mut call = provider.call(request());
        assert_eq!(first_text(&mut call).await, "one");
        gates[0].open();
        assert_eq!(first_text(&mut call).await, "two");
        gates[1].open();
        assert!(matches!(call.next().await, CallEvent::Completed { .. }));
    }
}

#[tokio::test]
async fn a_connection_is_kept_when_its_answer_ends_after_the_terminator() {
    for (wire_format, format) in [FORMATS[0], FORMATS[1]] {
        let upstream = Upstream::start().await;
        let gate = Gate::new();
        upstream.push(Script::of(format).text("x").done().pause(&gate));
        let provider = provider_at(upstream.base_url(), wire_format, PATIENT).await;
        assert_eq!(outcome(provider.call(request())).await.failure, None);
        gate.open();
        assert_eq!(upstream.request(0).await.outcome().await, Served, "{format:?}");
        upstream.until_connections(1).await;
    }
}

#[tokio::test]
async fn text_of_one_write_comes_as_one_event() {
    let body = ["a", "b", "c"].map(|text| {
        let chunk = json!({ "choices": [{ "index": 0, "delta": { "content": text } }] });
        format!("data: {chunk}\n\n")
    });
    let outcome = run(Script::openai().raw(body.concat()).done(), PATIENT).await;
    assert_eq!((outcome.text.as_str(), outcome.texts), ("abc", 1));
}

#[tokio::test]
async fn a_finish_completes_without_a_terminator_where_the_format_allows_it() {
    let outcome = run(Script::openai().text("x").finish("length"), PATIENT).await;
    assert_eq!((outcome.text.as_str(), outcome.failure), ("x", None));
}

#[tokio::test]
async fn requests_have_the_key_in_a_header_and_no_tools() {
    for (wire_format, format) in FORMATS {
        let upstream = Upstream::start().await;
        let provider = provider_at(upstream.base_url(), wire_format, PATIENT).await;
        let reply = outcome(provider.call(request())).await;
        assert_eq!(reply.text, DEFAULT_REPLY);
        let sent = upstream.request(0).await;
        let body = sent.json();
        assert_eq!(sent.format(), format);
        for name in ["tools", "tool_choice", "functions", "toolConfig", "tool_config"] {
            assert!(body.get(name).is_none(), "{body}");
        }
        assert!(!sent.target().contains(KEY) && !body.to_string().contains(KEY));
        assert_eq!(sent.header("x-extra"), Some(HEADER));
        let (path, name, value) = match format {
            Format::Openai => ("/v1/chat/completions", "authorization", format!("Bearer {KEY}")),
            Format::Anthropic => ("/v1/messages", "x-api-key", KEY.to_owned()),
            Format::Gemini => {
                ("/v1/models/test-model:streamGenerateContent?alt=sse", "x-goog-api-key", KEY.to_owned())
            }
        };
        assert_eq!((sent.target(), sent.header(name)), (path, Some(value.as_str())));
        let (system, limit) = match format {
            Format::Openai => (&body["messages"][0]["content"], &body["max_tokens"]),
            Format::Anthropic => (&body["system"], &body["max_tokens"]),
            Format::Gemini => {
                (&body["systemInstruction"]["parts"][0]["text"], &body["generationConfig"]["maxOutputTokens"])
            }
        };
        assert_eq!((system, limit), (&json!("Be brief."), &json!(100)));
    }
}

// Timeouts

#[tokio::test]
async fn no_connection_in_time() {
    let port = StalledPort::start().await;
    let timeouts = Timeouts { connect_ms: SHORT, ..PATIENT };
    let provider = provider_at(port.base_url(), WireFormat::OpenaiChat, timeouts).await;
    let outcome = outcome(provider.call(request())).await;
    assert_eq!((outcome.kind(), outcome.attempts), (Some(FailureKind::ConnectTimeout), 4));
}

#[tokio::test]
async fn no_first_byte_in_time() {
    let timeouts = Timeouts { first_byte_ms: SHORT, ..PATIENT };
    let upstream = Upstream::start().await;
    let provider = provider_at(upstream.base_url(), WireFormat::OpenaiChat, timeouts).await;
    // Before the head, and after it; both are worth another attempt.
    upstream.push(Script::silence());
    upstream.push(Script::openai().hang());
    let result = outcome(provider.call(request())).await;
    assert_eq!((result.text.as_str(), result.attempts), (DEFAULT_REPLY, 3));
    upstream.set_handler(|_| Script::silence());
    let result = outcome(provider.call(request())).await;
    assert_eq!((result.kind(), result.attempts), (Some(FailureKind::FirstByteTimeout), 4));
}

#[tokio::test]
async fn silence_in_the_middle() {
    let timeouts = Timeouts { idle_ms: SHORT, ..PATIENT };
    let outcome = run(Script::openai().text("kept").hang(), timeouts).await;
    assert_eq!((outcome.kind(), outcome.attempts), (Some(FailureKind::IdleTimeout), 1));
    assert_eq!(outcome.text, "kept");
}

#[tokio::test]
async fn a_drip_ends_with_the_turn() {
    let timeouts = Timeouts { turn_ms: 4 * SHORT, ..PATIENT };
    let drip = Script::openai().drip(":", Duration::from_millis(5));
    let started = Instant::now();
    let outcome = run(drip, timeouts).await;
    assert_eq!((outcome.kind(), outcome.attempts), (Some(FailureKind::TurnTimeout), 1));
    assert!(started.elapsed() >= Duration::from_millis(4 * SHORT));
}

#[tokio::test]
async fn a_flood_of_nothing_ends_with_the_turn() {
    let timeouts = Timeouts { turn_ms: 4 * SHORT, ..PATIENT };
    let flood = Script::openai().drip(":\n".repeat(4_096), Duration::ZERO);
    assert_eq!(run(flood, timeouts).await.kind(), Some(FailureKind::TurnTimeout));
}

// Refusals

#[tokio::test]
async fn refusals_that_are_not_tried_again() {
    let context = Script::status(400).error_of("context_length_exceeded", "too long");
    for (script, kind) in [
        (Script::status(401).error("no"), FailureKind::Auth),
        (Script::status(403).error("no"), FailureKind::Auth),
        (Script::status(404).error("no such model"), FailureKind::Rejected),
        (Script::status(302).header("location", "http://169.254.169.254/"), FailureKind::Rejected),
        (context, FailureKind::ContextLength),
        (Script::status(429).error_of("insufficient_quota", "pay"), FailureKind::RateLimited),
        (Script::status(200).error("wrong"), FailureKind::Overloaded),
        (Script::status(200).json(&json!({ "choices": [] })), FailureKind::Malformed),
    ] {
        let upstream = Upstream::start().await;
        upstream.push(script.clone());
        let provider = provider_at(upstream.base_url(), WireFormat::OpenaiChat, PATIENT).await;
        let result = outcome(provider.call(request())).await;
        if kind == FailureKind::Overloaded {
            assert_eq!((result.text.as_str(), result.attempts), (DEFAULT_REPLY, 2));
        } else {
            assert_eq!((result.kind(), result.attempts), (Some(kind), 1), "{script:?}");
        }
    }
}

#[tokio::test]
async fn refusals_that_pass() {
    for status in [429, 500, 502, 503, 504, 529] {
        let upstream = Upstream::start().await;
        let provider = provider_at(upstream.base_url(), WireFormat::Anthropic, PATIENT).await;
        upstream.push(Script::status(status).error("busy"));
        upstream.push(Script::status(status).raw("<html>busy</html>"));
        let passed = outcome(provider.call(request())).await;
        assert_eq!((passed.text.as_str(), passed.attempts), (DEFAULT_REPLY, 3), "{status}");
        upstream.set_handler(move |_| Script::status(status).error("busy"));
        let lasting = outcome(provider.call(request())).await;
        let kind = if status == 429 { FailureKind::RateLimited } else { FailureKind::Overloaded };
        assert_eq!((lasting.kind(), lasting.attempts), (Some(kind), 4), "{status}");
    }
}

#[tokio::test]
async fn the_pause_that_was_asked_for_is_made() {
    let upstream = Upstream::start().await;
    let provider = provider_at(upstream.base_url(), WireFormat::OpenaiChat, PATIENT).await;
    upstream.push(Script::status(429).header("retry-after-ms", "150").error("slow down"));
    upstream.push(Script::status(503).header("retry-after", "0").error("slow down"));
    let outcome = outcome(provider.call(request())).await;
    assert_eq!(outcome.attempts, 3);
    assert!(outcome.pauses[0] >= Duration::from_millis(150), "{:?}", outcome.pauses);
    let requests = upstream.requests().await;
    let pause = requests[1].received_at() - requests[0].received_at();
    assert!(pause >= Duration::from_millis(150), "{pause:?}");
}

#[tokio::test]
async fn a_pause_that_outlasts_the_turn_is_not_begun() {
    for pause in ["3600", "99999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"] {
        let script = Script::status(429).header("retry-after", pause).error("tomorrow");
        let outcome = run(script, PATIENT).await;
        assert_eq!((outcome.kind(), outcome.attempts), (Some(FailureKind::RateLimited), 1));
    }
}

#[tokio::test]
async fn nobody_listens() {
    let upstream = Upstream::start().await;
    let base_url = upstream.base_url();
    drop(upstream);
    let provider = provider_at(base_url, WireFormat::OpenaiChat, PATIENT).await;
    let outcome = outcome(provider.call(request())).await;
    assert_eq!((outcome.kind(), outcome.attempts), (Some(FailureKind::Network), 4));
}

// Broken answers

#[tokio::test]
async fn a_cut_is_never_whole() {
    for (wire_format, format) in FORMATS {
        let upstream = Upstream::start().await;
        let provider = provider_at(upstream.base_url(), wire_format, PATIENT).await;
        let stream = || Script::of(format).usage(3, 2);
        // After text: no other attempt, the text stays. In order or not.
        for script in
            [stream().text("kept").cut(), stream().text("kept"), stream().text("kept").raw("data: {\"ca")]
        {
            upstream.push(script);
            let cut = outcome(provider.call(request())).await;
            assert_eq!((cut.kind(), cut.attempts), (Some(FailureKind::Network), 1), "{format:?}");
            assert_eq!(cut.text, "kept");
        }
        // A finish is not whole when what follows it is cut off.
        upstream.push(stream().text("kept").finish("").cut());
        let cut = outcome(provider.call(request())).await;
        assert_eq!(cut.kind(), Some(FailureKind::Network), "{format:?}");
        // Before text: tried again.
        upstream.push(Script::hang_up());
        upstream.push(Script::of(format).cut());
        upstream.push(Script::of(format).raw(": ping\n\n"));
        let tried = outcome(provider.call(request())).await;
        assert_eq!((tried.text.as_str(), tried.attempts), (DEFAULT_REPLY, 4), "{format:?}");
    }
}

#[tokio::test]
async fn answers_that_break_the_format() {
    for (script, text) in [
        (Script::openai().data("{\"choices\": oops}"), ""),
        (Script::openai().text("kept").data("{]"), "kept"),
        (Script::openai().text("kept").raw(b"data: \xff\xfe\n\n".to_vec()), "kept"),
        (Script::openai().text("kept").long_line(10 << 20), "kept"),
        (Script::openai().raw("This is not\nan event stream\n"), ""),
        (Script::openai().text("kept").tool_call("rm", json!({ "path": "/" })).done(), "kept"),
        (Script::openai().text("kept").finish("tool_calls").done(), "kept"),
    ] {
        let outcome = run(script, PATIENT).await;
        let failure = outcome.failure.expect("a failure");
        assert_eq!((failure.kind, failure.retryable), (FailureKind::Malformed, false), "{failure:?}");
        assert_eq!((outcome.text.as_str(), outcome.attempts), (text, 1));
    }
}

#[tokio::test]
async fn a_tool_call_ends_the_call_in_every_format() {
    for (wire_format, format) in FORMATS {
        let upstream = Upstream::start().await;
        let provider = provider_at(upstream.base_url(), wire_format, PATIENT).await;
        upstream.push(Script::of(format).text("kept").tool_call("shell", json!({})).done());
        let outcome = outcome(provider.call(request())).await;
        let expected = Failure::new(FailureKind::Malformed, false, "the model asked for a tool");
        assert_eq!((outcome.failure, outcome.text.as_str()), (Some(expected), "kept"), "{format:?}");
    }
}

#[tokio::test]
async fn unknown_events_are_skipped() {
    let script = Script::anthropic()
        .event("surprise", &json!({ "type": "surprise", "text": "no" }))
        .raw(": comment\nid: 7\nretry: 1\n\n")
        .text("yes")
        .done();
    let upstream = Upstream::start().await;
    upstream.push(script);
    let provider = provider_at(upstream.base_url(), WireFormat::Anthropic, PATIENT).await;
    let outcome = outcome(provider.call(request())).await;
    assert_eq!((outcome.text.as_str(), outcome.failure), ("yes", None));
}

#[tokio::test]
async fn an_error_in_the_stream_is_tried_again_only_before_text() {
    let upstream = Upstream::start().await;
    let provider = provider_at(upstream.base_url(), WireFormat::Anthropic, PATIENT).await;
    let error = json!({ "type": "error", "error": { "type": "overloaded_error", "message": "Overloaded" } });
    upstream.push(Script::anthropic().event("error", &error));
    let tried = outcome(provider.call(request())).await;
    assert_eq!((tried.text.as_str(), tried.attempts), (DEFAULT_REPLY, 2));
    upstream.push(Script::anthropic().text("kept").event("error", &error));
    let ended = outcome(provider.call(request())).await;
    assert_eq!((ended.kind(), ended.attempts), (Some(FailureKind::Overloaded), 1));
    assert_eq!(ended.text, "kept");
}

#[tokio::test]
async fn an_answer_without_end_reaches_the_limit() {
    let outcome = run(Script::openai().flood(&"番頭".repeat(1_000)), PATIENT).await;
    assert_eq!(outcome.kind(), Some(FailureKind::OutputLimit));
    let limit = banto_server::provider::MAX_OUTPUT;
    assert!((limit - 2..=limit).contains(&outcome.text.len()), "{}", outcome.text.len());
}

// Cancelling

#[tokio::test]
async fn dropping_a_call_before_the_first_byte_closes_its_connection() {
    for gate_in_head in [true, false] {
        let upstream = Upstream::start().await;
        let gate = Gate::new();
        let script = Script::openai();
        upstream.push(if gate_in_head { script.pause_before_head(&gate) } else { script.pause(&gate) });
        let provider = provider_at(upstream.base_url(), WireFormat::OpenaiChat, PATIENT).await;
        let mut call = provider.call(request());
        call.next().await;
        tokio::select! {
            event = call.next() => panic!("{event:?}"),
            () = gate.reached() => {}
        }
        drop(call);
        upstream.request(0).await.client_closed().await;
        upstream.until_connections(0).await;
    }
}

#[tokio::test]
async fn dropping_a_call_in_the_middle_closes_its_connection() {
    let gate = Gate::new();
    for script in [Script::openai().text("x").pause(&gate), Script::openai().flood("x")] {
        let upstream = Upstream::start().await;
        upstream.push(script);
        let provider = provider_at(upstream.base_url(), WireFormat::OpenaiChat, PATIENT).await;
        let mut call = provider.call(request());
        first_text(&mut call).await;
        drop(call);
        upstream.request(0).await.client_closed().await;
        upstream.until_connections(0).await;
    }
}

#[tokio::test]
async fn dropping_a_call_in_a_pause_ends_it() {
    let upstream = Upstream::start().await;
    // The body of the refusal never ends, so its connection cannot be kept.
    upstream.push(Script::status(503).header("retry-after", "10").error("busy").hang());
    let timeouts = Timeouts { idle_ms: SHORT, ..PATIENT };
    let provider = provider_at(upstream.base_url(), WireFormat::OpenaiChat, timeouts).await;
    let mut call = provider.call(request());
    call.next().await;
    let failed = call.next().await;
    assert!(matches!(failed, CallEvent::AttemptFailed { retry_after: Some(_), .. }), "{failed:?}");
    assert!(call.next().now_or_never().is_none(), "it pauses");
    drop(call);
    upstream.request(0).await.client_closed().await;
    upstream.until_connections(0).await;
    assert_eq!(upstream.requests().await.len(), 1);
}

#[tokio::test]
async fn a_call_does_nothing_until_it_is_awaited_and_survives_impatience() {
    let upstream = Upstream::start().await;
    let gate = Gate::new();
    upstream.push(Script::openai().text("one").pause(&gate).text("two").done());
    let provider = provider_at(upstream.base_url(), WireFormat::OpenaiChat, PATIENT).await;
    drop(provider.call(request()));
    let mut call = provider.call(request());
    let mut text = String::new();
    // Each wait is given up as soon as it has to wait.
    loop {
        match call.next().now_or_never() {
            None => tokio::task::yield_now().await,
            Some(CallEvent::Text(more)) => text += &more,
            Some(CallEvent::AttemptStarted { number }) => assert_eq!(number, 1),
            Some(CallEvent::Completed { .. }) => break,
            Some(other) => panic!("{other:?}"),
        }
        if text == "one" {
            gate.open();
        }
    }
    assert_eq!((text.as_str(), upstream.requests().await.len()), ("onetwo", 1));
}

// Providers

#[tokio::test]
async fn secrets_are_shown_nowhere() {
    let upstream = Upstream::start().await;
    let config = config(upstream.base_url(), WireFormat::OpenaiChat, PATIENT);
    let providers = Providers::discover(&config, &env).await.expect("valid settings");
    let provider = providers.get("scripted").expect("the one provider");
    let call = provider.call(request());
    let shown = format!("{config:?} {providers:?} {:?} {provider:?} {call:?}", providers.list());
    assert!(!shown.contains(KEY) && !shown.contains(HEADER), "{shown}");
    let echo = format!(
        "Incorrect key {KEY}, header {HEADER}, sk-proj-other123, Bearer {KEY}, at https://u:{KEY}@h/p?key={KEY}"
    );
    // `outcome` looks for the two in every event.
    for status in [400, 401, 429, 500] {
        upstream.set_handler({
            let echo = echo.clone();
            move |_| Script::status(status).error(&echo)
        });
        let failure = outcome(provider.call(request())).await.failure.expect("a failure");
        assert!(failure.message.contains("Incorrect key [redacted]"), "{failure:?}");
        assert!(!failure.message.contains("other123"), "{failure:?}");
    }
    // A key that the cut to the longest message divides.
    upstream.set_handler(|_| Script::status(400).error(&format!("{}{KEY}", "x ".repeat(222))));
    let failure = outcome(provider.call(request())).await.failure.expect("a failure");
    assert!(!failure.message.contains("canary"), "{failure:?}");
    upstream.push_listing(Script::status(401).error(&echo));
    let failure = provider.models().await.expect_err("a refusal");
    assert!(failure.kind == FailureKind::Auth && !failure.message.contains(KEY), "{failure:?}");
}

#[tokio::test]
async fn models_are_listed_in_every_format() {
    for (wire_format, format) in FORMATS {
        let upstream = Upstream::start().await;
        upstream.set_models([("beta", None), ("alpha", Some(8_000))]);
        let provider = provider_at(upstream.base_url(), wire_format, PATIENT).await;
        let models = provider.models().await.expect("a list");
        let rows: Vec<_> = models.iter().map(|model| (model.id.as_str(), model.context_window)).collect();
        assert_eq!(rows, [("alpha", Some(8_000)), ("beta", None)], "{format:?}");
        let listing = &upstream.listings().await[0];
        assert_eq!((listing.path(), listing.format()), ("/v1/models", format));
        assert_eq!(provider.check().await.expect("an answer").models, 2);
    }
}

#[tokio::test]
async fn a_check_says_why_not() {
    let upstream = Upstream::start().await;
    let provider = provider_at(upstream.base_url(), WireFormat::OpenaiChat, PATIENT).await;
    for (script, kind) in [
        (Script::status(401).error("no"), FailureKind::Auth),
        (Script::status(500).error("no"), FailureKind::Overloaded),
        (Script::status(200).raw("<html>"), FailureKind::Malformed),
        (Script::hang_up(), FailureKind::Network),
    ] {
        upstream.push_listing(script);
        assert_eq!(provider.check().await.map_err(|failure| failure.kind), Err(kind));
    }
}

#[tokio::test]
async fn what_cannot_be_used_is_kept_with_its_reason() {
    let mut config = config("http://127.0.0.1:9".to_owned(), WireFormat::OpenaiChat, PATIENT);
    let row = config.providers[0].clone();
    let named = |id: &str, row: ProviderConfig| ProviderConfig { id: id.to_owned(), ..row };
    config.providers = vec![
        named("no-key", ProviderConfig { api_key_env: Some("UNSET".to_owned()), ..row.clone() }),
        named("no-url", ProviderConfig { base_url: Some("nonsense".to_owned()), ..row.clone() }),
        named("bad-key", ProviderConfig { api_key: Some(Secret::new("a\nb".to_owned())), ..row.clone() }),
        named("fine", row),
    ];
    let providers = Providers::discover(&config, &env).await.expect("a start in spite of them");
    let kinds: Vec<_> =
        providers.list().into_iter().map(|info| info.failure.map(|failure| failure.kind)).collect();
    let (auth, rejected) = (Some(FailureKind::Auth), Some(FailureKind::Rejected));
    assert_eq!(kinds, [auth, rejected, auth, None]);
    let unusable = providers.get("no-key").expect("the first");
    let result = outcome(unusable.call(request())).await;
    assert_eq!((result.kind(), result.attempts), (auth, 0));
    assert!(unusable.check().await.is_err());
    config.providers[0].id = "fine".to_owned();
    assert!(Providers::discover(&config, &env).await.is_err(), "an id twice");
}

#[tokio::test]
async fn the_environment_is_read_when_nothing_is_configured() {
    let upstream = Upstream::start().await;
    upstream.set_models([("embed-1", None), ("chat-1", None)]);
    let base_url = upstream.base_url();
    let env = |name: &str| match name {
        "OPENAI_BASE_URL" => Some(base_url.clone()),
        "ANTHROPIC_API_KEY" => Some(KEY.to_owned()),
        _ => None,
    };
    let config = Config { timeouts: PATIENT, ..Config::default() };
    let providers = Providers::discover(&config, &env).await.expect("valid settings");
    let list = providers.list();
    let ids: Vec<_> = list.iter().map(|info| (info.id.as_str(), info.local, info.origin)).collect();
    assert_eq!(ids, [("openai", true, Origin::Environment), ("anthropic", false, Origin::Environment)]);
    assert_eq!(list[0].host, upstream.address().to_string());
    assert_eq!(list[0].default_model.as_deref(), Some("chat-1"));
    assert_eq!(list[1].host, "api.anthropic.com");
    let openai = providers.get("openai").expect("the first");
    assert_eq!(outcome(openai.call(request())).await.text, DEFAULT_REPLY);
    assert_eq!(upstream.request(0).await.header("authorization"), None);
}

#[tokio::test]
async fn a_silent_server_does_not_hold_up_the_start() {
    let upstream = Upstream::start().await;
    upstream.push_listing(Script::silence());
    let mut config = config(upstream.base_url(), WireFormat::OpenaiChat, PATIENT);
    config.providers[0].model = None;
    let started = Instant::now();
    let providers = Providers::discover(&config, &env).await.expect("valid settings");
    // The patience of this test's settings would be 20 s.
    assert!(started.elapsed() < Duration::from_secs(5));
    assert_eq!(providers.list()[0].default_model, None);
}

#[tokio::test]
async fn the_newest_price_counts() {
    let upstream = Upstream::start().await;
    let mut config = config(upstream.base_url(), WireFormat::OpenaiChat, PATIENT);
    let price = |input, day: &str| PriceConfig {
        provider: "scripted".to_owned(),
        model: "test-model".to_owned(),
        input,
        output: 0.0,
        cache_read: None,
        cache_write: None,
        as_of: day.parse().expect("a day"),
    };
    config.prices = vec![price(2.0, "2026-06-01"), price(1.0, "2026-01-01")];
    let providers = Providers::discover(&config, &env).await.expect("valid settings");
    let usage = Usage { input_tokens: Some(1), output_tokens: Some(1), ..Usage::default() };
    assert_eq!(providers.cost("scripted", "test-model", &usage), Some(2_000));
    assert_eq!(providers.cost("scripted", "other", &usage), None);
    assert_eq!(providers.cost("scripted", "test-model", &Usage::default()), None);
}
