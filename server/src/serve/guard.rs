//! Host and Origin, checked exactly on every call. A page of another origin can
//! reach a loopback port, and so can one whose name was rebound to it; neither
//! gets an answer.

use super::accept::Peer;
use crate::{config::Config, error::Error};
use futures::future::BoxFuture;
use http::{
    HeaderMap, Request, Response, StatusCode,
    header::{HOST, ORIGIN},
};
use std::{
    collections::HashSet,
    net::SocketAddr,
    sync::Arc,
    task::{Context, Poll},
};
use tonic::{Status, body::Body, transport::server::TlsConnectInfo};
use tower::{Layer, Service};

/// What may be called, and from where.
#[derive(Debug)]
pub(super) struct Allowed {
    hosts: HashSet<String>,
    origins: HashSet<String>,
}

impl Allowed {
    /// The names of a server that listens on an address, and what the settings add.
    pub fn new(config: &Config, listening: SocketAddr) -> Self {
        let scheme = scheme(config);
        let port = listening.port();
        let mut names = vec![match listening {
            SocketAddr::V4(address) => address.ip().to_string(),
            SocketAddr::V6(address) => format!("[{}]", address.ip()),
        }];
        if listening.ip().is_loopback() || listening.ip().is_unspecified() {
            names.extend(["localhost", "127.0.0.1", "[::1]"].map(str::to_owned));
        }
        names.extend(config.allowed_hosts.iter().map(|host| host.to_ascii_lowercase()));
        let mut hosts = HashSet::new();
        for name in names {
            let has_port = name.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
            if has_port {
                hosts.insert(name);
                continue;
            }
            // Clients leave the scheme's own port out.
            if (scheme == "http" && port == 80)
                || (scheme == "https" && port == 443)
                || names_a_proxy(config, &name)
            {
                hosts.insert(name.clone());
            }
            hosts.insert(format!("{name}:{port}"));
        }
        let mut origins: HashSet<String> = hosts.iter().map(|host| format!("{scheme}://{host}")).collect();
        origins.extend(config.allowed_origins.iter().cloned());
        Self { hosts, origins }
    }

    fn admits<B>(&self, request: &Request<B>) -> bool {
        let authority = request.uri().authority().map(|authority| authority.as_str().to_owned());
        let headers = request.headers();
        let host_header = text(headers, HOST);
        // HTTP/2 has the authority, HTTP/1.1 the header; what is there must fit.
        let mut named = [authority, host_header].into_iter().flatten().peekable();
        let host_is_ours =
            named.peek().is_some() && named.all(|host| self.hosts.contains(&host.to_ascii_lowercase()));
        let origin_is_ours = !headers.contains_key(ORIGIN)
            || text(headers, ORIGIN).is_some_and(|origin| self.origins.contains(&origin));
        host_is_ours && origin_is_ours
    }
}

/// A host that was allowed by name, without a port, is that of a proxy.
fn names_a_proxy(config: &Config, name: &str) -> bool {
    config.allowed_hosts.iter().any(|host| host.eq_ignore_ascii_case(name))
}

/// Scheme of the server's own addresses.
pub(super) fn scheme(config: &Config) -> &'static str {
    if config.tls_cert.is_some() { "https" } else { "http" }
}

/// The only value of a header; two values are none.
fn text(headers: &HeaderMap, name: http::HeaderName) -> Option<String> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then(|| value.to_owned())
}

/// Refuses what is not allowed.
#[derive(Clone, Debug)]
pub(super) struct GuardLayer(pub Arc<Allowed>);

impl<S> Layer<S> for GuardLayer {
    type Service = Guard<S>;

    fn layer(&self, inner: S) -> Guard<S> {
        Guard { inner, allowed: self.0.clone() }
    }
}

/// A service behind [`GuardLayer`].
#[derive(Clone, Debug)]
pub(super) struct Guard<S> {
    inner: S,
    allowed: Arc<Allowed>,
}

impl<S, B> Service<Request<B>> for Guard<S>
where
    S: Service<Request<B>, Response = Response<Body>>,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Self::Response, S::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let extensions = request.extensions();
        let peer = extensions
            .get::<Peer>()
            .or_else(|| extensions.get::<TlsConnectInfo<Peer>>().map(TlsConnectInfo::get_ref));
        if let Some(peer) = peer {
            peer.note_request();
        }
        if self.allowed.admits(&request) {
            return Box::pin(self.inner.call(request));
        }
        // A gRPC status for clients that read one, and an HTTP status for all.
        let mut refusal = Status::from(Error::OriginDenied).into_http();
        *refusal.status_mut() = StatusCode::FORBIDDEN;
        Box::pin(async move { Ok(refusal) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(config: Config) -> Allowed {
        Allowed::new(&config, SocketAddr::from(([127, 0, 0, 1], 7310)))
    }

    fn request(host: &str, origin: Option<&str>) -> Request<()> {
        let mut request = Request::builder().uri("/").header(HOST, host);
        if let Some(origin) = origin {
            request = request.header(ORIGIN, origin);
        }
        request.body(()).expect("a request")
    }

    #[test]
    fn only_the_servers_own_names_are_served() {
        let allowed = allowed(Config::default());
        for host in ["127.0.0.1:7310", "localhost:7310", "LOCALHOST:7310", "[::1]:7310"] {
            assert!(allowed.admits(&request(host, None)), "{host}");
        }
        for host in [
            "evil.example",
            "evil.example:7310",
            "localhost",
            "localhost:80",
            "127.0.0.1:7310.evil.example",
            "",
        ] {
            assert!(!allowed.admits(&request(host, None)), "{host}");
        }
    }

    #[test]
    fn an_origin_must_fit_to_the_letter() {
        let allowed = allowed(Config::default());
        assert!(allowed.admits(&request("localhost:7310", Some("http://localhost:7310"))));
        for origin in [
            "null",
            "https://localhost:7310",
            "http://localhost",
            "http://localhost:7311",
            "http://localhost:7310.evil.example",
        ] {
            assert!(!allowed.admits(&request("localhost:7310", Some(origin))), "{origin}");
        }
    }

    #[test]
    fn a_host_can_be_added_with_and_without_port() {
        let config = Config {
            allowed_hosts: vec!["banto.example".into(), "b.example:8443".into()],
            ..Config::default()
        };
        let allowed = allowed(config);
        for host in ["banto.example", "banto.example:7310", "b.example:8443"] {
            assert!(allowed.admits(&request(host, None)), "{host}");
        }
        assert!(!allowed.admits(&request("b.example", None)));
    }

    #[test]
    fn two_origins_are_none() {
        let mut twice = request("localhost:7310", Some("http://localhost:7310"));
        twice.headers_mut().append(ORIGIN, http::HeaderValue::from_static("http://localhost:7310"));
        assert!(!allowed(Config::default()).admits(&twice));
    }
}
