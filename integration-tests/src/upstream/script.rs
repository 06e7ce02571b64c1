//! What the upstream answers with, step by step.

use super::Gate;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::Value;
use std::time::Duration;

/// A wire format of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// OpenAI Chat Completions.
    Openai,
    /// Anthropic Messages.
    Anthropic,
    /// Gemini generateContent.
    Gemini,
}

/// The counts that an answer reports. What is `None` is left out of it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) input: Option<u64>,
    pub(super) output: Option<u64>,
    pub(super) cache_read: Option<u64>,
    pub(super) cache_write: Option<u64>,
}

/// One step of an answer's body.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Text(String),
    ToolCall { name: String, arguments: Value },
    Finish(String),
    Terminator,
    Raw(Vec<u8>),
    Gate(Gate),
    Delay(Duration),
    Forever { bytes: Vec<u8>, every: Duration },
    Flood(String),
    Hang,
    Cut,
}

/// Where the body's bytes are divided into writes.
#[derive(Clone, Debug)]
pub(super) enum Division {
    /// One write for each step.
    Steps,
    /// Also before each of these positions of the body.
    At(Vec<usize>),
    /// One write for each byte.
    EveryByte,
}

/// An answer to one request.
///
/// A script is a status, headers and steps. The steps run in order; after the
/// last one the answer is closed properly and the connection can be used again.
/// So a stream without a terminator is one that simply lacks [`done`].
///
/// ```
/// # use banto_integration_tests::upstream::{Gate, Script};
/// let gate = Gate::new();
/// let slow = Script::openai().text("Hel").pause(&gate).text("lo").usage(5, 2).done();
/// let busy = Script::status(429).header("retry-after", "1").error("slow down");
/// let cut = Script::anthropic().text("Hel").cut();
/// ```
///
/// [`done`]: Script::done
#[derive(Clone, Debug)]
pub struct Script {
    pub(super) format: Option<Format>,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) before_head: Vec<Step>,
    pub(super) steps: Vec<Step>,
    pub(super) counts: Counts,
    pub(super) division: Division,
}

impl Script {
    fn new(format: Option<Format>, status: StatusCode, content_type: &'static str) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        Self {
            format,
            status,
            headers,
            before_head: Vec::new(),
            steps: Vec::new(),
            counts: Counts::default(),
            division: Division::Steps,
        }
    }

    /// A stream in the format that the request is in.
    #[must_use]
    pub fn stream() -> Self {
        Self::new(None, StatusCode::OK, "text/event-stream")
    }

    /// A stream in the given format.
    #[must_use]
    pub fn of(format: Format) -> Self {
        Self { format: Some(format), ..Self::stream() }
    }

    /// A stream in OpenAI's format.
    #[must_use]
    pub fn openai() -> Self {
        Self::of(Format::Openai)
    }

    /// A stream in Anthropic's format.
    #[must_use]
    pub fn anthropic() -> Self {
        Self::of(Format::Anthropic)
    }

    /// A stream in Gemini's format.
    #[must_use]
    pub fn gemini() -> Self {
        Self::of(Format::Gemini)
    }

    /// An answer that is no stream. Fill it with [`error`](Self::error),
    /// [`json`](Self::json) or [`raw`](Self::raw).
    ///
    /// # Panics
    ///
    /// When the status is not one of HTTP.
    #[must_use]
    pub fn status(status: u16) -> Self {
        let status = StatusCode::from_u16(status).expect("a status of HTTP");
        Self::new(None, status, "application/json")
    }

    /// Takes the request and never answers, not even with a status.
    #[must_use]
    pub fn silence() -> Self {
        let mut script = Self::stream();
        script.before_head.push(Step::Hang);
        script
    }

    /// Takes the request and cuts the connection before the status.
    #[must_use]
    pub fn hang_up() -> Self {
        let mut script = Self::stream();
        script.before_head.push(Step::Cut);
        script
    }

    /// Sets a response header, such as `retry-after`.
    ///
    /// # Panics
    ///
    /// When name or value cannot be sent.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::try_from(name).expect("a header name");
        self.headers.insert(name, HeaderValue::from_str(value).expect("a header value"));
        self
    }

    /// Adds an error body in the request's own form. `Script::error_of` also
    /// sets its type and code.
    #[must_use]
    pub fn error(self, message: &str) -> Self {
        self.json(&serde_json::json!({ "error": { "message": message, "type": "error", "code": null } }))
    }

    /// Adds an error body with a code, which stands for `type`, `code` and
    /// `status` at once.
    #[must_use]
    pub fn error_of(self, code: &str, message: &str) -> Self {
        self.json(&serde_json::json!({ "type": "error",
            "error": { "message": message, "type": code, "code": code, "status": code } }))
    }

    /// Adds a JSON body.
    #[must_use]
    pub fn json(self, value: &Value) -> Self {
        self.raw(value.to_string())
    }

    /// Waits for the gate before the status is sent.
    #[must_use]
    pub fn pause_before_head(mut self, gate: &Gate) -> Self {
        self.before_head.push(Step::Gate(gate.clone()));
        self
    }

    /// Adds one event with text.
    #[must_use]
    pub fn text(self, text: impl Into<String>) -> Self {
        self.step(Step::Text(text.into()))
    }

    /// Adds one event with each of the texts.
    #[must_use]
    pub fn texts<T: Into<String>>(self, texts: impl IntoIterator<Item = T>) -> Self {
        texts.into_iter().fold(self, Script::text)
    }

    /// Adds events that call a tool.
    #[must_use]
    pub fn tool_call(self, name: &str, arguments: Value) -> Self {
        self.step(Step::ToolCall { name: name.to_owned(), arguments })
    }

    /// Sets the token counts that the stream reports. `input` is without what
    /// came from a cache. Without this the stream says nothing about usage.
    #[must_use]
    pub fn usage(mut self, input: u64, output: u64) -> Self {
        self.counts.input = Some(input);
        self.counts.output = Some(output);
        self
    }

    /// Sets the counts of input tokens read from and written to the provider's
    /// cache. OpenAI and Gemini have no count of writes and ignore it.
    #[must_use]
    pub fn cache(mut self, read: u64, written: u64) -> Self {
        self.counts.cache_read = Some(read);
        self.counts.cache_write = Some(written);
        self
    }

    /// Adds the event that says why the model stopped, in the format's own word,
    /// such as `length`, `refusal` or `SAFETY`, but no terminator.
    #[must_use]
    pub fn finish(self, reason: &str) -> Self {
        self.step(Step::Finish(reason.to_owned()))
    }

    /// Ends the stream as the format wants it: a finish (unless there is one),
    /// the usage and the terminator.
    #[must_use]
    pub fn done(self) -> Self {
        let finished = self.steps.iter().any(|step| matches!(step, Step::Finish(_)));
        // An empty reason stands for the format's usual one.
        let script = if finished { self } else { self.finish("") };
        script.step(Step::Terminator)
    }

    /// Adds bytes as they are.
    #[must_use]
    pub fn raw(self, bytes: impl Into<Vec<u8>>) -> Self {
        self.step(Step::Raw(bytes.into()))
    }

    /// Adds one event with the data, as it is.
    #[must_use]
    pub fn data(self, data: &str) -> Self {
        self.raw(format!("data: {data}\n\n"))
    }

    /// Adds one event with a name and data, as Anthropic sends them.
    #[must_use]
    pub fn event(self, name: &str, data: &Value) -> Self {
        self.raw(format!("event: {name}\ndata: {data}\n\n"))
    }

    /// Adds a line of so many bytes that does not end within them.
    #[must_use]
    pub fn long_line(self, bytes: usize) -> Self {
        let mut line = b"data: ".to_vec();
        line.resize(bytes, b'x');
        self.raw(line)
    }

    /// Stops until the gate is opened.
    #[must_use]
    pub fn pause(self, gate: &Gate) -> Self {
        self.step(Step::Gate(gate.clone()))
    }

    /// Waits for a time, for benchmarks and pacing; tests use [`pause`](Self::pause).
    #[must_use]
    pub fn delay(self, time: Duration) -> Self {
        self.step(Step::Delay(time))
    }

    /// Writes the bytes again and again, for ever.
    #[must_use]
    pub fn drip(self, bytes: impl Into<Vec<u8>>, every: Duration) -> Self {
        self.step(Step::Forever { bytes: bytes.into(), every })
    }

    /// Sends events with the text as fast as they are taken, for ever.
    #[must_use]
    pub fn flood(self, text: &str) -> Self {
        self.step(Step::Flood(text.to_owned()))
    }

    /// Says nothing more, but keeps the connection.
    #[must_use]
    pub fn hang(self) -> Self {
        self.step(Step::Hang)
    }

    /// Cuts the connection without closing the answer properly.
    #[must_use]
    pub fn cut(self) -> Self {
        self.step(Step::Cut)
    }

    /// Divides the body into writes before the given positions, whatever they
    /// hit: an event, a line or a character.
    #[must_use]
    pub fn split_at(mut self, positions: impl IntoIterator<Item = usize>) -> Self {
        self.division = Division::At(positions.into_iter().collect());
        self
    }

    /// Writes each byte of the body by itself.
    #[must_use]
    pub fn split_every_byte(mut self) -> Self {
        self.division = Division::EveryByte;
        self
    }

    fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }
}
