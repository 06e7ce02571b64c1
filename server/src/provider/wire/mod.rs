//! The wire formats. Each knows how a request is written, how the events of an
//! answer are read, and how models are listed; none of them touches a socket.

mod anthropic;
mod gemini;
mod openai;

use super::{Model, Request, fault::Fault, sse::Event};
use crate::{config::WireFormat, run::Usage};
use serde_json::Value;

/// Where one asks, and with what.
pub(super) struct Post {
    /// Segments to append to the path of the base URL.
    pub(super) path: Vec<String>,
    /// `alt=sse` where the format wants it.
    pub(super) query: Option<&'static str>,
    pub(super) body: Value,
}

/// What an answer has said so far.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Reply {
    /// Text that was not forwarded yet.
    pub(super) text: String,
    pub(super) usage: Usage,
    pub(super) end: End,
}

/// How far an answer is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum End {
    /// More text may come.
    #[default]
    Open,
    /// The model has said why it stopped. Usage may follow; the end of the
    /// connection completes the answer.
    Finished,
    /// Nothing follows.
    Closed,
}

/// Writes a request.
pub(super) fn post(format: WireFormat, host: &str, request: &Request) -> Post {
    match format {
        WireFormat::OpenaiChat => openai::post(host, request),
        WireFormat::Anthropic => anthropic::post(request),
        WireFormat::Gemini => gemini::post(request),
    }
}

/// Adds an event to the reply.
pub(super) fn read(format: WireFormat, event: &Event, reply: &mut Reply) -> Result<(), Fault> {
    match format {
        WireFormat::OpenaiChat => openai::read(event, reply),
        WireFormat::Anthropic => anthropic::read(event, reply),
        WireFormat::Gemini => gemini::read(event, reply),
    }
}

/// The public endpoint.
pub(super) fn public_endpoint(format: WireFormat) -> &'static str {
    match format {
        WireFormat::OpenaiChat => "https://api.openai.com/v1",
        WireFormat::Anthropic => "https://api.anthropic.com/v1",
        WireFormat::Gemini => "https://generativelanguage.googleapis.com/v1beta",
    }
}

/// The segment for the version that a base URL ends with, and whether one with
/// another path ends with it too: Anthropic's own variable leaves it out.
pub(super) fn version(format: WireFormat) -> (&'static str, bool) {
    match format {
        WireFormat::OpenaiChat => ("v1", false),
        WireFormat::Anthropic => ("v1", true),
        WireFormat::Gemini => ("v1beta", false),
    }
}

/// The header that carries the key, and what stands before the key in it.
pub(super) fn key_header(format: WireFormat) -> (&'static str, &'static str) {
    match format {
        WireFormat::OpenaiChat => ("authorization", "Bearer "),
        WireFormat::Anthropic => ("x-api-key", ""),
        // In the header and never in the URL, which ends up in logs.
        WireFormat::Gemini => ("x-goog-api-key", ""),
    }
}

/// Headers that each request of the format has.
pub(super) fn fixed_headers(format: WireFormat) -> &'static [(&'static str, &'static str)] {
    match format {
        WireFormat::Anthropic => &[("anthropic-version", "2023-06-01")],
        WireFormat::OpenaiChat | WireFormat::Gemini => &[],
    }
}

/// The query that asks for as many models as possible on one page.
pub(super) fn listing_query(format: WireFormat) -> Option<&'static str> {
    match format {
        WireFormat::OpenaiChat => None,
        WireFormat::Anthropic => Some("limit=1000"),
        WireFormat::Gemini => Some("pageSize=1000"),
    }
}

/// Reads a list of models, in the provider's order. `None`: it is none.
pub(super) fn models(format: WireFormat, body: &Value) -> Option<Vec<Model>> {
    let rows = match format {
        WireFormat::OpenaiChat | WireFormat::Anthropic => &body["data"],
        WireFormat::Gemini => &body["models"],
    };
    let model = match format {
        WireFormat::OpenaiChat => openai::model,
        WireFormat::Anthropic => anthropic::model,
        WireFormat::Gemini => gemini::model,
    };
    Some(rows.as_array()?.iter().filter_map(model).collect())
}

/// The data of an event as JSON.
fn json(event: &Event) -> Result<Value, Fault> {
    serde_json::from_str(&event.data)
        .map_err(|_| Fault::malformed("the provider sent an event that is not JSON"))
}

/// The first of the fields that holds a count.
fn count(object: &Value, names: &[&str]) -> Option<u64> {
    names.iter().find_map(|name| object[name].as_u64())
}

/// A field that says something: a string that is not empty.
fn said<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object[name].as_str().filter(|text| !text.is_empty())
}

#[cfg(test)]
mod testing {
    use super::*;

    /// Reads events given as (name, data) until the first fault.
    pub(super) fn read_all(format: WireFormat, events: &[(&str, Value)]) -> (Reply, Result<(), Fault>) {
        let mut reply = Reply::default();
        let result = events.iter().try_for_each(|(name, data)| {
            // A string stands for data that is not JSON, such as `[DONE]`.
            let data = data.as_str().map_or_else(|| data.to_string(), str::to_owned);
            read(format, &Event { name: (*name).to_owned(), data }, &mut reply)
        });
        (reply, result)
    }

    /// Input, cache read, cache write, output.
    pub(super) fn usage(counts: [Option<u64>; 4]) -> Usage {
        let [input_tokens, cache_read_tokens, cache_write_tokens, output_tokens] = counts;
        Usage { input_tokens, cache_read_tokens, cache_write_tokens, output_tokens, cost_nano_usd: None }
    }
}
