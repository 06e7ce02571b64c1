//! The four timeouts.

use super::*;

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
