//! Anthropic Messages.

use super::{End, Post, Reply, count, json, said};
use crate::provider::{Model, Request, Role, fault::Fault, refusal, sse::Event};
use serde_json::{Value, json};

/// The format has no request without a limit.
const DEFAULT_MAX_TOKENS: u64 = 4_096;

pub(super) fn post(request: &Request) -> Post {
    let messages = request.spoken().map(|message| {
        let role = match message.role {
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        json!({ "role": role, "content": message.text })
    });
    let mut body = json!({
        "model": request.model,
        "messages": messages.collect::<Vec<_>>(),
        "max_tokens": request.max_output_tokens.unwrap_or(DEFAULT_MAX_TOKENS),
        "stream": true,
    });
    if !request.system.is_empty() {
        body["system"] = request.system.as_str().into();
    }
    Post { path: vec!["messages".to_owned()], query: None, body }
}

pub(super) fn read(event: &Event, reply: &mut Reply) -> Result<(), Fault> {
    let data = json(event)?;
    match data["type"].as_str().unwrap_or(&event.name) {
        "message_start" => {
            take_input(&data["message"]["usage"], reply);
            Ok(())
        }
        "content_block_start" => take_block(&data["content_block"], reply),
        "content_block_delta" => take_delta(&data["delta"], reply),
        "message_delta" => {
            let usage = &data["usage"];
            take_input(usage, reply);
            // The count in `message_start` is only the first few tokens.
            reply.usage.output_tokens = count(usage, &["output_tokens"]).or(reply.usage.output_tokens);
            match data["delta"]["stop_reason"].as_str() {
                Some("tool_use") => Err(Fault::tool_call()),
                Some(reason @ "refusal") => Err(Fault::withheld(reason)),
                // `max_tokens` included: the text is what the limit allowed.
                _ => Ok(()),
            }
        }
        "message_stop" => {
            reply.end = End::Closed;
            Ok(())
        }
        "error" => Err(refusal::in_stream(&data)),
        // `ping`, `content_block_stop`, and what may be added later.
        _ => Ok(()),
    }
}

/// These counts already exclude each other. A later event may correct them.
fn take_input(usage: &Value, reply: &mut Reply) {
    let counts = &mut reply.usage;
    counts.input_tokens = count(usage, &["input_tokens"]).or(counts.input_tokens);
    counts.cache_read_tokens = count(usage, &["cache_read_input_tokens"]).or(counts.cache_read_tokens);
    counts.cache_write_tokens = count(usage, &["cache_creation_input_tokens"]).or(counts.cache_write_tokens);
}

fn take_block(block: &Value, reply: &mut Reply) -> Result<(), Fault> {
    let kind = block["type"].as_str().unwrap_or_default();
    if kind.ends_with("tool_use") {
        return Err(Fault::tool_call());
    }
    if kind == "text" {
        reply.text.push_str(block["text"].as_str().unwrap_or_default());
    }
    Ok(())
}

fn take_delta(delta: &Value, reply: &mut Reply) -> Result<(), Fault> {
    match delta["type"].as_str() {
        Some("text_delta") => reply.text.push_str(delta["text"].as_str().unwrap_or_default()),
        Some("input_json_delta") => return Err(Fault::tool_call()),
        // Thinking, signatures and citations are not the answer.
        _ => {}
    }
    Ok(())
}

pub(super) fn model(row: &Value) -> Option<Model> {
    Some(Model { id: said(row, "id")?.to_owned(), context_window: count(row, &["max_input_tokens"]) })
}

#[cfg(test)]
mod tests {
    use super::{super::testing, *};
    use crate::{
        config::WireFormat,
        run::{FailureKind, Usage},
    };

    fn read_all(events: &[(&str, Value)]) -> (Reply, Result<(), Fault>) {
        testing::read_all(WireFormat::Anthropic, events)
    }

    fn start(usage: Value) -> (&'static str, Value) {
        ("message_start", json!({ "type": "message_start", "message": { "id": "m", "usage": usage } }))
    }

    fn text(text: &str) -> (&'static str, Value) {
        let delta = json!({ "type": "text_delta", "text": text });
        ("content_block_delta", json!({ "type": "content_block_delta", "index": 0, "delta": delta }))
    }

    fn stop(reason: &str) -> (&'static str, Value) {
        let data = json!({ "type": "message_delta", "delta": { "stop_reason": reason },
            "usage": { "output_tokens": 20 } });
        ("message_delta", data)
    }

    #[test]
    fn reads_a_whole_answer() {
        let thinking = json!({ "type": "thinking_delta", "thinking": "hm" });
        let (reply, result) = read_all(&[
            start(json!({ "input_tokens": 36, "cache_read_input_tokens": 64,
                "cache_creation_input_tokens": 8, "output_tokens": 1 })),
            ("ping", json!({ "type": "ping" })),
            ("content_block_delta", json!({ "type": "content_block_delta", "delta": thinking })),
            (
                "content_block_start",
                json!({ "type": "content_block_start",
                "content_block": { "type": "text", "text": "" } }),
            ),
            text("Hel"),
            text("lo"),
            ("surprise", json!({ "type": "surprise" })),
            stop("end_turn"),
            ("message_stop", json!({ "type": "message_stop" })),
        ]);
        assert_eq!(result, Ok(()));
        let usage = testing::usage([Some(36), Some(64), Some(8), Some(20)]);
        assert_eq!(reply, Reply { text: "Hello".to_owned(), usage, end: End::Closed });
    }

    #[test]
    fn knows_no_output_before_the_end() {
        let (reply, _) = read_all(&[start(json!({ "input_tokens": 3, "output_tokens": 1 })), text("x")]);
        assert_eq!(reply.usage, testing::usage([Some(3), None, None, None]));
        let (reply, _) = read_all(&[start(Value::Null), text("x")]);
        assert_eq!((reply.usage, reply.end), (Usage::default(), End::Open));
    }

    #[test]
    fn is_not_over_before_message_stop() {
        for reason in ["end_turn", "max_tokens", "stop_sequence"] {
            let (reply, result) = read_all(&[text("x"), stop(reason)]);
            assert_eq!((result, reply.end), (Ok(()), End::Open), "{reason}");
        }
    }

    #[test]
    fn ends_with_a_fault() {
        let tool = json!({ "type": "tool_use", "name": "f" });
        let input = json!({ "type": "input_json_delta", "partial_json": "{" });
        let overloaded = json!({ "type": "overloaded_error", "message": "Overloaded" });
        for (event, kind) in [
            (("", json!({ "type": "content_block_start", "content_block": tool })), FailureKind::Malformed),
            (("", json!({ "type": "content_block_delta", "delta": input })), FailureKind::Malformed),
            (stop("tool_use"), FailureKind::Malformed),
            (stop("refusal"), FailureKind::ContentFilter),
            (("error", json!({ "type": "error", "error": overloaded })), FailureKind::Overloaded),
            (("ping", json!("{")), FailureKind::Malformed),
        ] {
            let (reply, result) = read_all(&[text("kept"), event]);
            assert_eq!(result.map_err(|fault| fault.kind), Err(kind));
            assert_eq!(reply.text, "kept");
        }
    }
}
