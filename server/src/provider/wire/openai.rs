//! OpenAI Chat Completions, and what compatible servers make of it.

use super::{End, Post, Reply, count, json, said};
use crate::{
    provider::{Model, Request, Role, fault::Fault, refusal, sse::Event},
    run::Usage,
};
use serde_json::{Value, json};

/// The one host that has renamed `max_tokens`; others know the old name.
const OPENAI_HOST: &str = "api.openai.com";

pub(super) fn post(host: &str, request: &Request) -> Post {
    let system = (!request.system.is_empty()).then(|| json!({ "role": "system", "content": request.system }));
    let messages = request.spoken().map(|message| {
        let role = match message.role {
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        json!({ "role": role, "content": message.text })
    });
    let mut body = json!({
        "model": request.model,
        "messages": system.into_iter().chain(messages).collect::<Vec<_>>(),
        "stream": true,
        "stream_options": { "include_usage": true },
    });
    if let Some(limit) = request.max_output_tokens {
        let name = if host == OPENAI_HOST { "max_completion_tokens" } else { "max_tokens" };
        body[name] = limit.into();
    }
    Post { path: vec!["chat".to_owned(), "completions".to_owned()], query: None, body }
}

pub(super) fn read(event: &Event, reply: &mut Reply) -> Result<(), Fault> {
    if event.data == "[DONE]" {
        reply.end = End::Closed;
        return Ok(());
    }
    let chunk = json(event)?;
    if !chunk["error"].is_null() {
        return Err(refusal::in_stream(&chunk));
    }
    if chunk["usage"].is_object() {
        reply.usage = usage(&chunk["usage"]);
    }
    // The last chunk has no choices, only usage; only one choice is asked for.
    let choice = &chunk["choices"][0];
    let delta = &choice["delta"];
    let calls_tool = |calls: &Value| calls.as_array().is_some_and(|calls| !calls.is_empty());
    if calls_tool(&delta["tool_calls"]) || delta["function_call"].is_object() {
        return Err(Fault::tool_call());
    }
    push_content(&delta["content"], &mut reply.text);
    if said(delta, "refusal").is_some() {
        return Err(Fault::withheld("the model refused"));
    }
    match said(choice, "finish_reason") {
        None => Ok(()),
        Some("tool_calls" | "function_call") => Err(Fault::tool_call()),
        Some(reason @ ("content_filter" | "refusal")) => Err(Fault::withheld(reason)),
        Some("error") => Err(refusal::in_stream(choice)),
        // `stop` and `length`, and words of compatible servers for the same.
        Some(_) => {
            reply.end = End::Finished;
            Ok(())
        }
    }
}

/// Content is a string, or in some servers a list of parts of which only those
/// of type `text` are the answer.
fn push_content(content: &Value, text: &mut String) {
    if let Some(content) = content.as_str() {
        text.push_str(content);
    }
    for part in content.as_array().into_iter().flatten().filter(|part| part["type"] == "text") {
        text.push_str(part["text"].as_str().unwrap_or_default());
    }
}

/// `prompt_tokens` includes what the cache served and took in.
fn usage(usage: &Value) -> Usage {
    let details = &usage["prompt_tokens_details"];
    let read = count(details, &["cached_tokens"]).or_else(|| count(usage, &["prompt_cache_hit_tokens"]));
    let written = count(details, &["cache_write_tokens"]);
    let cached = read.unwrap_or(0).saturating_add(written.unwrap_or(0));
    Usage {
        input_tokens: count(usage, &["prompt_tokens"]).map(|all| all.saturating_sub(cached)),
        cache_read_tokens: read,
        cache_write_tokens: written,
        output_tokens: count(usage, &["completion_tokens"]),
        cost_nano_usd: None,
    }
}

/// The window has a name of its own in each server: OpenRouter, vLLM, Groq,
/// Mistral and LM Studio.
pub(super) fn model(row: &Value) -> Option<Model> {
    let names = ["context_length", "max_model_len", "context_window", "max_context_length"];
    Some(Model { id: said(row, "id")?.to_owned(), context_window: count(row, &names) })
}

#[cfg(test)]
mod tests {
    use super::{super::testing, *};
    use crate::{config::WireFormat, provider::Message, run::FailureKind};

    fn delta(delta: Value) -> (&'static str, Value) {
        ("", json!({ "choices": [{ "index": 0, "delta": delta, "finish_reason": null }], "usage": null }))
    }

    fn finish(reason: &str) -> (&'static str, Value) {
        ("", json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": reason }] }))
    }

    fn read_all(events: &[(&str, Value)]) -> (Reply, Result<(), Fault>) {
        testing::read_all(WireFormat::OpenaiChat, events)
    }

    #[test]
    fn reads_a_whole_answer() {
        let usage = json!({ "prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120,
            "prompt_tokens_details": { "cached_tokens": 64 },
            "completion_tokens_details": { "reasoning_tokens": 12 } });
        let (reply, result) = read_all(&[
            delta(json!({ "role": "assistant", "content": "" })),
            delta(json!({ "content": null, "reasoning_content": "hm", "tool_calls": [] })),
            delta(json!({ "content": "Hel" })),
            delta(
                json!({ "content": [{ "type": "thinking", "thinking": [] }, { "type": "text", "text": "lo" }] }),
            ),
            finish("stop"),
            ("", json!({ "choices": [], "usage": usage })),
            ("", json!("[DONE]")),
        ]);
        assert_eq!(result, Ok(()));
        let usage = testing::usage([Some(36), Some(64), None, Some(20)]);
        assert_eq!(reply, Reply { text: "Hello".to_owned(), usage, end: End::Closed });
    }

    #[test]
    fn takes_a_finish_for_an_end_and_absent_usage_for_unknown() {
        for reason in ["stop", "length", "eos"] {
            let (reply, result) = read_all(&[delta(json!({ "content": "x" })), finish(reason)]);
            assert_eq!((result, reply.end, reply.usage), (Ok(()), End::Finished, Usage::default()));
        }
        assert_eq!(read_all(&[finish("")]).0.end, End::Open);
    }

    #[test]
    fn ends_with_a_fault() {
        for (event, kind) in [
            (delta(json!({ "tool_calls": [{ "index": 0 }] })), FailureKind::Malformed),
            (delta(json!({ "function_call": { "name": "f" } })), FailureKind::Malformed),
            (finish("tool_calls"), FailureKind::Malformed),
            (finish("content_filter"), FailureKind::ContentFilter),
            (delta(json!({ "refusal": "No." })), FailureKind::ContentFilter),
            (("", json!({ "error": { "code": 529, "message": "busy" } })), FailureKind::Overloaded),
            (("", json!("{\"choices\":")), FailureKind::Malformed),
        ] {
            let (reply, result) = read_all(&[delta(json!({ "content": "kept" })), event]);
            assert_eq!(result.map_err(|fault| fault.kind), Err(kind));
            assert_eq!(reply.text, "kept");
        }
    }

    #[test]
    fn writes_the_limit_under_the_name_that_the_host_knows() {
        let request = Request {
            model: "m".to_owned(),
            system: "Be brief.".to_owned(),
            messages: vec![
                Message { role: Role::User, text: "Hi".to_owned() },
                Message { role: Role::Assistant, text: " ".to_owned() },
            ],
            max_output_tokens: Some(9),
        };
        let body = post("localhost", &request).body;
        assert_eq!(
            body,
            json!({ "model": "m", "stream": true, "stream_options": { "include_usage": true }, "max_tokens": 9,
                "messages": [{ "role": "system", "content": "Be brief." }, { "role": "user", "content": "Hi" }] })
        );
        let body = post(OPENAI_HOST, &request).body;
        assert_eq!((&body["max_completion_tokens"], &body["max_tokens"]), (&json!(9), &Value::Null));
    }
}
