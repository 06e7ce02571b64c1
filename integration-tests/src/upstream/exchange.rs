//! What the upstream saw and did: one [`Exchange`] for each request.

use super::{
    Format,
    flag::{self, Flag},
};
use http::{HeaderMap, Method};
use serde_json::Value;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

/// How an exchange ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The script ran to its end and the answer was closed properly.
    Served,
    /// The script cut the connection.
    Cut,
    /// The client closed the connection before the script's end.
    ClientClosed,
}

/// A write to the socket.
#[derive(Clone, Copy, Debug)]
pub struct Write {
    /// When it was handed to the kernel.
    pub at: Instant,
    /// Bytes of the body that had been written before it.
    pub offset: usize,
    /// Bytes of the body in it.
    pub length: usize,
}

/// A recorded request and what became of its answer. Clones share the record.
#[derive(Clone, Debug)]
pub struct Exchange(Arc<Record>);

#[derive(Debug)]
struct Record {
    method: Method,
    target: String,
    headers: HeaderMap,
    body: Vec<u8>,
    received_at: Instant,
    progress: Mutex<Progress>,
    ended: Flag,
}

#[derive(Debug, Default)]
struct Progress {
    writes: Vec<Write>,
    outcome: Option<Outcome>,
}

impl Exchange {
    pub(super) fn new(method: Method, target: String, headers: HeaderMap, body: Vec<u8>) -> Self {
        Self(Arc::new(Record {
            method,
            target,
            headers,
            body,
            received_at: Instant::now(),
            progress: Mutex::default(),
            ended: Flag::new(),
        }))
    }

    /// The request's method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.0.method
    }

    /// Path and query as they were sent.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.0.target
    }

    /// The path without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.0.target.split('?').next().unwrap_or_default()
    }

    /// All request headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// One request header as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.0.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The request's body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.0.body
    }

    /// The request's body as JSON; `Null` when it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.0.body).unwrap_or(Value::Null)
    }

    /// When the request had arrived as a whole.
    #[must_use]
    pub fn received_at(&self) -> Instant {
        self.0.received_at
    }

    /// The writes of the answer's body so far, with their times.
    #[must_use]
    pub fn writes(&self) -> Vec<Write> {
        self.progress(|progress| progress.writes.clone())
    }

    /// Waits for the exchange's end.
    ///
    /// # Panics
    ///
    /// When it has not ended after 30 s.
    pub async fn outcome(&self) -> Outcome {
        flag::expect("the end of an exchange", self.0.ended.raised()).await;
        self.progress(|progress| progress.outcome).unwrap_or(Outcome::Served)
    }

    /// Waits until the client has closed the connection.
    ///
    /// # Panics
    ///
    /// When the script ended first, because then nobody will ever know.
    pub async fn client_closed(&self) {
        assert_eq!(self.outcome().await, Outcome::ClientClosed, "the answer ended before the client left");
    }

    /// The wire format that the request is in, by its path and headers.
    #[must_use]
    pub fn format(&self) -> Format {
        let has = |name| self.0.headers.contains_key(name);
        if self.path().ends_with("/messages") || has("anthropic-version") {
            Format::Anthropic
        } else if self.path().contains(":streamGenerateContent") || has("x-goog-api-key") {
            Format::Gemini
        } else {
            Format::Openai
        }
    }

    /// Whether the request asks for the list of models.
    #[must_use]
    pub fn is_listing(&self) -> bool {
        self.0.method == Method::GET
    }

    pub(super) fn wrote(&self, length: usize) {
        self.progress(|progress| {
            let offset = progress.writes.last().map_or(0, |write| write.offset + write.length);
            progress.writes.push(Write { at: Instant::now(), offset, length });
        });
    }

    pub(super) fn end(&self, outcome: Outcome) {
        self.progress(|progress| progress.outcome = Some(outcome));
        self.0.ended.raise();
    }

    fn progress<T>(&self, with: impl FnOnce(&mut Progress) -> T) -> T {
        with(&mut self.0.progress.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
