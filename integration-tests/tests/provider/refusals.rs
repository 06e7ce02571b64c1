//! Providers that refuse, and what is tried again.

use super::*;

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
