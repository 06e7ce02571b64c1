//! Calls that are dropped.

use super::*;

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
