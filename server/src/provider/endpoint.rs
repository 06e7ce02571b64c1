//! Where a provider is and how it is spoken to. Keys live here.

use super::{fault::Fault, redact::Redactor, wire};
use crate::{
    config::{ProviderConfig, Timeouts, WireFormat},
    run::{Failure, FailureKind},
    secret::Secret,
};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Response, Url, redirect::Policy};
use std::{fmt, time::Duration};
use tokio::time::{Instant, timeout_at};

/// How long an unused connection is kept for the next call.
const POOL_IDLE: Duration = Duration::from_secs(90);

/// How often a silent HTTP/2 connection with a call on it is probed, and how
/// long the answer may take.
const HTTP2_PROBE: Duration = Duration::from_secs(20);

/// How a TCP connection is probed while a model thinks.
const TCP_PROBE: Duration = Duration::from_secs(60);

/// A provider that can be asked.
pub(super) struct Endpoint {
    pub(super) format: WireFormat,
    pub(super) timeouts: Timeouts,
    pub(super) redactor: Redactor,
    base: Url,
    headers: HeaderMap,
    client: Client,
}

impl Endpoint {
    /// Prepares a client. Connects to nothing yet.
    pub(super) fn new(
        config: &ProviderConfig,
        key: Option<&Secret>,
        timeouts: Timeouts,
    ) -> Result<Self, Failure> {
        let base = base_url(config)?;
        let headers = headers(config, key)?;
        let mut client = Client::builder()
            .user_agent(concat!("banto/", env!("CARGO_PKG_VERSION")))
            // A redirect would carry the prompt to a place that nobody configured.
            .redirect(Policy::none())
            .referer(false)
            .connect_timeout(timeouts.connect())
            .tcp_nodelay(true)
            .tcp_keepalive(TCP_PROBE)
            .pool_idle_timeout(POOL_IDLE)
            .http2_keep_alive_interval(HTTP2_PROBE)
            .http2_keep_alive_timeout(HTTP2_PROBE);
        // What is on this machine must not travel through a proxy; elsewhere the
        // proxy of the environment may be the only way out.
        if is_local(&base) {
            client = client.no_proxy();
        }
        let client = client.build().map_err(|_| {
            Failure::new(FailureKind::Internal, false, "no HTTP client for this provider could be made")
        })?;
        let redactor = Redactor::new(key.into_iter().chain(config.headers.values()));
        Ok(Self { format: config.wire_format, timeouts, redactor, base, headers, client })
    }

    /// The host, with the port where it is not the scheme's own.
    pub(super) fn host(&self) -> String {
        host(&self.base)
    }

    /// Whether it runs on this machine.
    pub(super) fn is_local(&self) -> bool {
        is_local(&self.base)
    }

    /// Writes a call once, for all attempts.
    pub(super) fn prepare(&self, request: &super::Request) -> Prepared {
        let post = wire::post(self.format, self.base.host_str().unwrap_or_default(), request);
        Prepared { url: self.url(&post.path, post.query), body: post.body.to_string().into() }
    }

    /// Sends a prepared call and waits for the answer's head.
    pub(super) async fn post(&self, prepared: &Prepared) -> Result<Response, Fault> {
        let request = self
            .client
            .post(prepared.url.clone())
            .headers(self.headers.clone())
            .header(http::header::CONTENT_TYPE, "application/json")
            .header(http::header::ACCEPT, "text/event-stream")
            .body(prepared.body.clone());
        request.send().await.map_err(|error| Fault::transport(&error))
    }

    /// Asks for the list of models and waits for the answer's head.
    pub(super) async fn get_models(&self) -> Result<Response, Fault> {
        let url = self.url(&["models".to_owned()], wire::listing_query(self.format));
        let request = self.client.get(url).headers(self.headers.clone());
        request.send().await.map_err(|error| Fault::transport(&error))
    }

    fn url(&self, path: &[String], query: Option<&str>) -> Url {
        let mut url = self.base.clone();
        // Fails only for URLs without a host, which are refused at the start.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url.set_query(query);
        url
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("format", &self.format)
            .field("host", &self.host())
            .finish_non_exhaustive()
    }
}

/// A call that is written and can be sent several times.
pub(super) struct Prepared {
    url: Url,
    body: Bytes,
}

/// Reads a body of at most so many bytes, until the deadline. What came until
/// then is enough to say what went wrong.
pub(super) async fn read_body(response: &mut Response, limit: usize, deadline: Instant) -> Vec<u8> {
    let mut body = Vec::new();
    while body.len() < limit {
        match timeout_at(deadline, response.chunk()).await {
            Ok(Ok(Some(chunk))) => body.extend_from_slice(&chunk),
            _ => break,
        }
    }
    body.truncate(limit);
    body
}

/// Host and port, without path and credentials.
pub(super) fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Whether the host is this machine, by its name or number.
pub(super) fn is_local(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let number = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    number.map_or_else(
        |_| host == "localhost" || host.ends_with(".localhost"),
        |ip| ip.to_canonical().is_loopback(),
    )
}

/// The configured URL with the version segment that its format ends with.
pub(super) fn base_url(config: &ProviderConfig) -> Result<Url, Failure> {
    let unusable = |why: &str| Failure::new(FailureKind::Rejected, false, format!("base_url {why}"));
    let text = config.base_url.as_deref().unwrap_or(wire::public_endpoint(config.wire_format));
    let mut url = Url::parse(text.trim()).map_err(|_| unusable("is not a URL"))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(unusable("must begin with http:// or https:// and name a host"));
    }
    // They would end up in logs and in the list of providers.
    if !url.username().is_empty() || url.password().is_some() {
        return Err(unusable("must not hold credentials; use api_key_env or headers"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(unusable("must not have a query or a fragment"));
    }
    let (version, always) = wire::version(config.wire_format);
    let path = url.path().trim_end_matches('/').to_owned();
    let complete = if always { path.ends_with(&format!("/{version}")) } else { !path.is_empty() };
    url.set_path(&if complete { path } else { format!("{path}/{version}") });
    Ok(url)
}

fn headers(config: &ProviderConfig, key: Option<&Secret>) -> Result<HeaderMap, Failure> {
    let mut headers = HeaderMap::new();
    for (name, value) in wire::fixed_headers(config.wire_format) {
        headers.insert(*name, HeaderValue::from_static(value));
    }
    if let Some(key) = key {
        let (name, before) = wire::key_header(config.wire_format);
        let value = sensitive(&format!("{before}{}", key.expose())).ok_or_else(|| {
            Failure::new(FailureKind::Auth, false, "the key has characters that cannot be sent")
        })?;
        headers.insert(name, value);
    }
    for (name, value) in &config.headers {
        let unusable = || {
            let message = format!("the header {name:?} has characters that cannot be sent");
            Failure::new(FailureKind::Auth, false, message)
        };
        let value = sensitive(value.expose()).ok_or_else(unusable)?;
        headers.insert(HeaderName::try_from(name).map_err(|_| unusable())?, value);
    }
    Ok(headers)
}

/// A header value that `Debug` does not show and HTTP/2 does not index.
fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text.trim()).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(wire_format: WireFormat, base_url: &str) -> ProviderConfig {
        ProviderConfig {
            id: "p".to_owned(),
            wire_format,
            base_url: Some(base_url.to_owned()),
            api_key_env: None,
            api_key: None,
            model: None,
            context_window: None,
            headers: Default::default(),
        }
    }

    #[test]
    fn completes_base_urls() {
        for (format, given, expected) in [
            (WireFormat::OpenaiChat, "http://h:1", "http://h:1/v1"),
            (WireFormat::OpenaiChat, "http://h/v1/", "http://h/v1"),
            (WireFormat::OpenaiChat, "https://h/api/openai", "https://h/api/openai"),
            (WireFormat::Anthropic, "https://h", "https://h/v1"),
            (WireFormat::Anthropic, "https://h/anthropic/", "https://h/anthropic/v1"),
            (WireFormat::Anthropic, "https://h/v1", "https://h/v1"),
            (WireFormat::Gemini, "https://h", "https://h/v1beta"),
            (WireFormat::Gemini, "https://h/v1", "https://h/v1"),
        ] {
            let url = base_url(&config(format, given)).expect("a usable URL");
            assert_eq!(url.as_str(), expected);
        }
    }

    #[test]
    fn refuses_base_urls_without_repeating_them() {
        for given in ["", "h:80", "ftp://h", "https://me:canary@h", "https://h/?key=canary", "canary"] {
            let failure = base_url(&config(WireFormat::OpenaiChat, given)).expect_err(given);
            assert!(!failure.message.contains("canary"), "{failure:?}");
        }
    }

    #[test]
    fn knows_this_machine() {
        let local = |url| is_local(&Url::parse(url).expect("a URL"));
        for url in [
            "http://localhost",
            "http://a.localhost",
            "http://127.9.9.9:1",
            "http://[::1]:2",
            "http://[::ffff:127.0.0.1]",
        ] {
            assert!(local(url), "{url}");
        }
        for url in [
            "http://localhost.example",
            "http://10.0.0.1",
            "http://[2001:db8::1]",
            "http://127.0.0.1.example",
        ] {
            assert!(!local(url), "{url}");
        }
    }

    #[test]
    fn keeps_a_model_within_its_segment() {
        let endpoint = Endpoint::new(&config(WireFormat::Gemini, "http://h"), None, Timeouts::default());
        let request = super::super::Request { model: "a/../b?c#d".to_owned(), ..Default::default() };
        let url = endpoint.expect("a usable URL").prepare(&request).url;
        assert_eq!(url.as_str(), "http://h/v1beta/models/a%2F..%2Fb%3Fc%23d:streamGenerateContent?alt=sse");
    }
}
