//! Gemini generateContent.

use super::{End, Post, Reply, count, json, said};
use crate::{
    provider::{Model, Request, Role, fault::Fault, refusal, sse::Event},
    run::{FailureKind, Usage},
};
use serde_json::{Value, json};

pub(super) fn post(request: &Request) -> Post {
    let contents = request.spoken().map(|message| {
        let role = match message.role {
            Role::User => "user",
            Role::Assistant => "model",
        };
        json!({ "role": role, "parts": [{ "text": message.text }] })
    });
    let mut body = json!({ "contents": contents.collect::<Vec<_>>() });
    if !request.system.is_empty() {
        body["systemInstruction"] = json!({ "parts": [{ "text": request.system }] });
    }
    if let Some(limit) = request.max_output_tokens {
        body["generationConfig"] = json!({ "maxOutputTokens": limit });
    }
    let model = request.model.strip_prefix("models/").unwrap_or(&request.model);
    Post {
        path: vec!["models".to_owned(), format!("{model}:streamGenerateContent")],
        query: Some("alt=sse"),
        body,
    }
}

pub(super) fn read(event: &Event, reply: &mut Reply) -> Result<(), Fault> {
    let chunk = json(event)?;
    if !chunk["error"].is_null() {
        return Err(refusal::in_stream(&chunk));
    }
    if chunk["usageMetadata"].is_object() {
        reply.usage = usage(&chunk["usageMetadata"]);
    }
    if let Some(reason) = said(&chunk["promptFeedback"], "blockReason") {
        return Err(Fault::withheld(reason));
    }
    let candidate = &chunk["candidates"][0];
    for part in candidate["content"]["parts"].as_array().into_iter().flatten() {
        if part["functionCall"].is_object() {
            return Err(Fault::tool_call());
        }
        if part["thought"] != true {
            reply.text.push_str(part["text"].as_str().unwrap_or_default());
        }
    }
    match said(candidate, "finishReason") {
        None => Ok(()),
        Some("STOP" | "MAX_TOKENS") => {
            reply.end = End::Finished;
            Ok(())
        }
        Some("MALFORMED_FUNCTION_CALL" | "UNEXPECTED_TOOL_CALL" | "TOO_MANY_TOOL_CALLS") => {
            Err(Fault::tool_call())
        }
        Some("OTHER" | "FINISH_REASON_UNSPECIFIED") => {
            Err(Fault::new(FailureKind::Overloaded, true, "the provider stopped without saying why"))
        }
        // SAFETY, RECITATION, BLOCKLIST, PROHIBITED_CONTENT, SPII, LANGUAGE, …:
        // every other reason takes the rest of the answer away.
        Some(reason) => Err(Fault::withheld(reason)),
    }
}

/// The prompt's count includes what the cache served; thoughts are output, but
/// counted apart. A count of zero is left out of the message.
fn usage(usage: &Value) -> Usage {
    let cached = count(usage, &["cachedContentTokenCount"]);
    let written = count(usage, &["candidatesTokenCount"]);
    let thoughts = count(usage, &["thoughtsTokenCount"]);
    Usage {
        input_tokens: count(usage, &["promptTokenCount"]).map(|all| all.saturating_sub(cached.unwrap_or(0))),
        cache_read_tokens: cached,
        cache_write_tokens: None,
        output_tokens: written
            .or(thoughts)
            .map(|_| written.unwrap_or(0).saturating_add(thoughts.unwrap_or(0))),
        cost_nano_usd: None,
    }
}

/// Only models that write text; the list also has those that embed.
pub(super) fn model(row: &Value) -> Option<Model> {
    let methods = row["supportedGenerationMethods"].as_array();
    if methods.is_some_and(|methods| !methods.contains(&json!("generateContent"))) {
        return None;
    }
    let name = said(row, "name")?;
    let id = name.strip_prefix("models/").unwrap_or(name).to_owned();
    Some(Model { id, context_window: count(row, &["inputTokenLimit"]) })
}

#[cfg(test)]
mod tests {
    use super::{super::testing, *};
    use crate::config::WireFormat;

    fn read_all(events: &[(&str, Value)]) -> (Reply, Result<(), Fault>) {
        testing::read_all(WireFormat::Gemini, events)
    }

    fn part(part: Value) -> (&'static str, Value) {
        ("", json!({ "candidates": [{ "content": { "role": "model", "parts": [part] } }] }))
    }

    fn finish(reason: &str) -> (&'static str, Value) {
        ("", json!({ "candidates": [{ "finishReason": reason }] }))
    }

    #[test]
    fn reads_a_whole_answer() {
        let early = json!({ "promptTokenCount": 100, "candidatesTokenCount": 1 });
        let last = json!({ "promptTokenCount": 100, "cachedContentTokenCount": 64,
            "candidatesTokenCount": 12, "thoughtsTokenCount": 8, "totalTokenCount": 120 });
        let (reply, result) = read_all(&[
            part(json!({ "text": "hm", "thought": true })),
            (
                "",
                json!({ "candidates": [{ "content": { "parts": [{ "text": "Hel" }] } }], "usageMetadata": early }),
            ),
            part(json!({ "text": "lo" })),
            ("", json!({ "candidates": [{ "finishReason": "STOP" }], "usageMetadata": last })),
        ]);
        assert_eq!(result, Ok(()));
        let usage = testing::usage([Some(36), Some(64), None, Some(20)]);
        assert_eq!(reply, Reply { text: "Hello".to_owned(), usage, end: End::Finished });
    }

    #[test]
    fn leaves_unknown_usage_unknown() {
        let (reply, result) = read_all(&[part(json!({ "text": "x" })), finish("MAX_TOKENS")]);
        assert_eq!((result, reply.end, reply.usage), (Ok(()), End::Finished, Usage::default()));
        let (reply, _) = read_all(&[("", json!({ "usageMetadata": { "promptTokenCount": 3 } }))]);
        assert_eq!(reply.usage, testing::usage([Some(3), None, None, None]));
    }

    #[test]
    fn ends_with_a_fault() {
        for (event, kind) in [
            (part(json!({ "functionCall": { "name": "f" } })), FailureKind::Malformed),
            (finish("UNEXPECTED_TOOL_CALL"), FailureKind::Malformed),
            (finish("SAFETY"), FailureKind::ContentFilter),
            (finish("RECITATION"), FailureKind::ContentFilter),
            (finish("OTHER"), FailureKind::Overloaded),
            (("", json!({ "promptFeedback": { "blockReason": "SAFETY" } })), FailureKind::ContentFilter),
            (("", json!({ "error": { "code": 503, "status": "UNAVAILABLE" } })), FailureKind::Overloaded),
            (("", json!("<html>")), FailureKind::Malformed),
        ] {
            let (reply, result) = read_all(&[part(json!({ "text": "kept" })), event]);
            assert_eq!(result.map_err(|fault| fault.kind), Err(kind));
            assert_eq!(reply.text, "kept");
        }
    }

    #[test]
    fn names_the_model_in_the_path() {
        let request = Request { model: "models/gemini-x".to_owned(), ..Request::default() };
        assert_eq!(post(&request).path, ["models", "gemini-x:streamGenerateContent"]);
    }
}
