//! The wire formats as their providers write them.

use super::{
    Gate,
    script::{Counts, Format, Step},
};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// A step whose text has become bytes.
pub(super) enum Act {
    Write(Vec<u8>),
    Pause(Gate),
    Delay(Duration),
    Forever { bytes: Vec<u8>, every: Duration },
    Hang,
    Cut,
}

/// Turns the steps of a script into bytes of a format.
pub(super) fn acts(steps: &[Step], format: Format, counts: Counts) -> Vec<Act> {
    let mut writer = Writer { format, counts, opened: false };
    steps.iter().map(|step| writer.act(step)).collect()
}

struct Writer {
    format: Format,
    counts: Counts,
    /// Anthropic opens its stream with events of its own, once.
    opened: bool,
}

impl Writer {
    fn act(&mut self, step: &Step) -> Act {
        match step {
            Step::Text(text) => self.write(self.text(text)),
            Step::ToolCall { name, arguments } => self.write(self.tool_call(name, arguments)),
            Step::Finish(reason) => self.write(self.finish(reason)),
            Step::Terminator => self.write(self.terminator()),
            Step::Raw(bytes) => Act::Write(bytes.clone()),
            Step::Gate(gate) => Act::Pause(gate.clone()),
            Step::Delay(time) => Act::Delay(*time),
            Step::Forever { bytes, every } => Act::Forever { bytes: bytes.clone(), every: *every },
            Step::Flood(text) => Act::Forever { bytes: self.text(text).into(), every: Duration::ZERO },
            Step::Hang => Act::Hang,
            Step::Cut => Act::Cut,
        }
    }

    fn write(&mut self, events: String) -> Act {
        let opening = if self.opened { String::new() } else { self.opening() };
        self.opened = true;
        Act::Write((opening + &events).into())
    }

    fn opening(&self) -> String {
        if self.format != Format::Anthropic {
            return String::new();
        }
        let usage = counts([
            ("input_tokens", self.counts.input),
            ("cache_read_input_tokens", self.counts.cache_read),
            ("cache_creation_input_tokens", self.counts.cache_write),
            // What Anthropic says here is not the final count.
            ("output_tokens", self.counts.output.map(|_| 1)),
        ]);
        let mut message = json!({ "id": "msg_1", "type": "message", "role": "assistant", "content": [] });
        if let Some(usage) = usage {
            message["usage"] = usage;
        }
        named(json!({ "type": "message_start", "message": message }))
            + &named(json!({ "type": "content_block_start", "index": 0,
                "content_block": { "type": "text", "text": "" } }))
            + &named(json!({ "type": "ping" }))
    }

    fn text(&self, text: &str) -> String {
        match self.format {
            Format::Openai => data(openai(json!({ "content": text }), Value::Null)),
            Format::Anthropic => named(json!({ "type": "content_block_delta", "index": 0,
                "delta": { "type": "text_delta", "text": text } })),
            Format::Gemini => data(gemini(json!({ "text": text }))),
        }
    }

    fn tool_call(&self, name: &str, arguments: &Value) -> String {
        match self.format {
            Format::Openai => {
                let call = json!({ "index": 0, "id": "call_1", "type": "function",
                    "function": { "name": name, "arguments": arguments.to_string() } });
                data(openai(json!({ "tool_calls": [call] }), Value::Null))
            }
            Format::Anthropic => {
                named(json!({ "type": "content_block_start", "index": 1,
                    "content_block": { "type": "tool_use", "id": "toolu_1", "name": name, "input": {} } }))
                    + &named(json!({ "type": "content_block_delta", "index": 1,
                        "delta": { "type": "input_json_delta", "partial_json": arguments.to_string() } }))
            }
            Format::Gemini => data(gemini(json!({ "functionCall": { "name": name, "args": arguments } }))),
        }
    }

    /// An empty reason stands for the format's usual one.
    fn finish(&self, reason: &str) -> String {
        let reason = |usual: &str| if reason.is_empty() { usual.to_owned() } else { reason.to_owned() };
        match self.format {
            Format::Openai => data(openai(json!({}), json!(reason("stop")))),
            Format::Anthropic => {
                let mut delta = json!({ "type": "message_delta",
                    "delta": { "stop_reason": reason("end_turn"), "stop_sequence": null } });
                if let Some(output) = self.counts.output {
                    delta["usage"] = json!({ "output_tokens": output });
                }
                named(json!({ "type": "content_block_stop", "index": 0 })) + &named(delta)
            }
            Format::Gemini => {
                let candidate = json!({ "index": 0, "finishReason": reason("STOP"),
                    "content": { "role": "model", "parts": [{ "text": "" }] } });
                let mut chunk = json!({ "candidates": [candidate] });
                let usage = counts([
                    ("promptTokenCount", self.whole_input()),
                    ("cachedContentTokenCount", self.counts.cache_read),
                    ("candidatesTokenCount", self.counts.output),
                ]);
                if let Some(usage) = usage {
                    chunk["usageMetadata"] = usage;
                }
                data(chunk)
            }
        }
    }

    fn terminator(&self) -> String {
        match self.format {
            Format::Openai => {
                let usage = counts([
                    ("prompt_tokens", self.whole_input()),
                    ("completion_tokens", self.counts.output),
                ]);
                let usage = usage.map(|mut usage| {
                    if let Some(read) = self.counts.cache_read {
                        usage["prompt_tokens_details"] = json!({ "cached_tokens": read });
                    }
                    data(json!({ "id": "chatcmpl-1", "object": "chat.completion.chunk", "choices": [],
                        "usage": usage }))
                });
                usage.unwrap_or_default() + "data: [DONE]\n\n"
            }
            Format::Anthropic => named(json!({ "type": "message_stop" })),
            // Gemini has none: the stream just ends.
            Format::Gemini => String::new(),
        }
    }

    /// OpenAI and Gemini count cached tokens as part of the input.
    fn whole_input(&self) -> Option<u64> {
        self.counts.input.map(|input| input + self.counts.cache_read.unwrap_or(0))
    }
}

fn openai(delta: Value, finish_reason: Value) -> Value {
    json!({ "id": "chatcmpl-1", "object": "chat.completion.chunk",
        "choices": [{ "index": 0, "delta": delta, "finish_reason": finish_reason }] })
}

fn gemini(part: Value) -> Value {
    json!({ "candidates": [{ "index": 0, "content": { "role": "model", "parts": [part] } }] })
}

fn data(value: Value) -> String {
    format!("data: {value}\n\n")
}

/// An event that carries its type also as its name.
fn named(value: Value) -> String {
    format!("event: {}\ndata: {value}\n\n", value["type"].as_str().unwrap_or_default())
}

/// The counts that are known, or nothing when none is.
fn counts<const N: usize>(fields: [(&str, Option<u64>); N]) -> Option<Value> {
    let known: Map<_, _> =
        fields.into_iter().filter_map(|(name, count)| Some((name.to_owned(), json!(count?)))).collect();
    (!known.is_empty()).then_some(Value::Object(known))
}

/// The answer to a request for the list of models.
pub(super) fn listing(format: Format, models: &[(String, Option<u64>)]) -> Value {
    let rows: Vec<Value> = models
        .iter()
        .map(|(id, window)| match format {
            Format::Openai => json!({ "id": id, "object": "model", "context_length": window }),
            Format::Anthropic => json!({ "type": "model", "id": id, "max_input_tokens": window }),
            Format::Gemini => json!({ "name": format!("models/{id}"), "inputTokenLimit": window,
                "supportedGenerationMethods": ["generateContent", "countTokens"] }),
        })
        .collect();
    match format {
        Format::Openai => json!({ "object": "list", "data": rows }),
        Format::Anthropic => json!({ "data": rows, "has_more": false }),
        Format::Gemini => json!({ "models": rows }),
    }
}
