//! Answers that are whole: their text, their usage and when it comes.

use super::*;

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
        // Time for a client that would not read on to hang up.
        tokio::time::sleep(Duration::from_millis(100)).await;
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
