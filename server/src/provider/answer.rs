//! The answer of one attempt: bytes in, text and an end out.

use super::{
    endpoint::{Endpoint, Prepared, read_body},
    fault::Fault,
    refusal, sse,
    wire::{self, End, Reply},
};
use crate::run::{FailureKind, Usage};
use http::header::CONTENT_TYPE;
use reqwest::Response;
use serde::de::IgnoredAny;
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, timeout, timeout_at};

/// Longest answer, in bytes of text.
pub const MAX_OUTPUT: usize = 1 << 20;

/// How much of an error body is read.
const MAX_ERROR_BODY: usize = 64 << 10;

/// How long an error body is waited for; the status alone says most of it.
const ERROR_BODY_TIME: Duration = Duration::from_secs(5);

/// How long the end of a whole answer is waited for.
const RELEASE_TIME: Duration = Duration::from_secs(1);

/// An answer that has begun. Dropping it closes the connection.
pub(super) struct Answer {
    endpoint: Arc<Endpoint>,
    response: Response,
    decoder: sse::Decoder,
    events: Vec<sse::Event>,
    reply: Reply,
    end: Option<Result<(), Fault>>,
    /// Bytes of text that were given out.
    forwarded: usize,
    /// Until when the first byte must come; `None` once it has.
    first_byte_by: Option<Instant>,
    any_event: bool,
}

/// The next piece of an answer.
pub(super) enum Piece {
    Text(String),
    End(Result<(), Fault>),
}

impl Answer {
    /// Sends the call and reads the answer's head.
    pub(super) async fn open(endpoint: Arc<Endpoint>, call: &Prepared) -> Result<Self, Fault> {
        // Many servers send the head before the model has read the prompt, so
        // the wait for the first byte goes on into the body.
        let wait = endpoint.timeouts.first_byte();
        let first_byte_by = Instant::now().checked_add(wait);
        let mut response =
            timeout(wait, endpoint.post(call)).await.unwrap_or_else(|_| Err(Fault::first_byte_timeout()))?;
        let status = response.status();
        let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let is = |essence: &str| content_type.is_some_and(|value| value.starts_with(essence));
        let is_stream = !is("application/json") && !is("text/html");
        if status.is_success() && is_stream {
            return Ok(Self {
                endpoint,
                response,
                decoder: sse::Decoder::default(),
                events: Vec::new(),
                reply: Reply::default(),
                end: None,
                forwarded: 0,
                first_byte_by,
                any_event: false,
            });
        }
        let deadline = Instant::now() + ERROR_BODY_TIME.min(endpoint.timeouts.idle());
        let body = read_body(&mut response, MAX_ERROR_BODY, deadline).await;
        if !status.is_success() {
            return Err(refusal::of_status(status, response.headers(), &body));
        }
        // Some servers put an error into an answer of status 200.
        let error = serde_json::from_slice::<Value>(&body).ok().filter(|body| !body["error"].is_null());
        Err(error.map_or_else(
            || Fault::malformed("the provider answered without an event stream"),
            |error| refusal::in_stream(&error),
        ))
    }

    /// What the provider has said about usage so far.
    pub(super) fn usage(&self) -> Usage {
        self.reply.usage
    }

    /// Waits for the next text or the end. All text that one read completes
    /// comes as one piece, and before the fault that the same read may hold.
    pub(super) async fn next(&mut self) -> Piece {
        loop {
            if !self.reply.text.is_empty() {
                self.forwarded += self.reply.text.len();
                return Piece::Text(storable(std::mem::take(&mut self.reply.text)));
            }
            if let Some(end) = self.end.take() {
                return Piece::End(end);
            }
            self.read().await;
        }
    }

    /// Gives the connection of a whole answer back for the next call. The last
    /// bytes often come a moment after the terminator, which nobody should wait
    /// for; but a connection whose answer was not read to the end is lost, and
    /// with it the time of another handshake.
    pub(super) fn release(mut self) {
        tokio::spawn(async move {
            let deadline = Instant::now() + RELEASE_TIME;
            read_body(&mut self.response, MAX_ERROR_BODY, deadline).await;
        });
    }

    async fn read(&mut self) {
        let idle = self.endpoint.timeouts.idle();
        let chunk = match self.first_byte_by {
            Some(deadline) => timeout_at(deadline, self.response.chunk()).await,
            None => timeout(idle, self.response.chunk()).await,
        };
        match chunk {
            Ok(Ok(Some(bytes))) => {
                self.first_byte_by = None;
                let fed = self.decoder.feed(&bytes, &mut self.events);
                let end = self.take_events().and_then(|()| fed.map_err(broken));
                self.end = match end {
                    Err(fault) => Some(Err(fault)),
                    Ok(()) => (self.reply.end == End::Closed).then_some(Ok(())),
                };
            }
            Ok(Ok(None)) => self.end = Some(self.finish()),
            Ok(Err(_)) => self.end = Some(Err(Fault::cut())),
            Err(_) if self.first_byte_by.is_some() => self.end = Some(Err(Fault::first_byte_timeout())),
            Err(_) => self.end = Some(Err(Fault::idle_timeout())),
        }
    }

    fn take_events(&mut self) -> Result<(), Fault> {
        for event in self.events.drain(..) {
            self.any_event = true;
            wire::read(self.endpoint.format, &event, &mut self.reply)?;
            let room = MAX_OUTPUT - self.forwarded;
            if self.reply.text.len() > room {
                let end = self.reply.text.floor_char_boundary(room);
                self.reply.text.truncate(end);
                let message = "the answer grew past the output limit of 1 MiB";
                return Err(Fault::new(FailureKind::OutputLimit, false, message));
            }
            if self.reply.end == End::Closed {
                break;
            }
        }
        Ok(())
    }

    /// The connection was closed in order, which not every server does only at
    /// the end of an answer.
    fn finish(&mut self) -> Result<(), Fault> {
        // Half an event is a cut, not a provider that cannot write JSON.
        let whole = |event: &sse::Event| {
            event.data == "[DONE]" || serde_json::from_str::<IgnoredAny>(&event.data).is_ok()
        };
        if self.decoder.finish(&mut self.events).is_err() || !self.events.iter().all(whole) {
            return Err(Fault::cut());
        }
        self.take_events()?;
        match self.reply.end {
            End::Finished | End::Closed => Ok(()),
            End::Open if !self.any_event && self.decoder.saw_strays() => {
                Err(Fault::malformed("the provider's answer is not an event stream"))
            }
            End::Open => Err(Fault::cut()),
        }
    }
}

fn broken(broken: sse::Broken) -> Fault {
    Fault::malformed(match broken {
        sse::Broken::TooLong => "the provider sent a line of more than 1 MiB",
        sse::Broken::InvalidUtf8 => "the provider sent bytes that are not UTF-8",
    })
}

/// A text with U+FFFD for U+0000, which PostgreSQL keeps in no text: the end of an
/// answer that holds one could never be committed.
fn storable(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text }
}
