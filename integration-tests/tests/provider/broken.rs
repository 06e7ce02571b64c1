//! Answers that are cut, garbled or without end.

use super::*;

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
