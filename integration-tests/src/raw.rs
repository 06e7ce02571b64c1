//! HTTP as it is, for what a well-behaved gRPC client would never send.

use crate::within;
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use futures::StreamExt as _;
use prost_reflect::{DescriptorPool, MethodDescriptor};
use reqwest::{Client, RequestBuilder, Response, Version};
use std::net::SocketAddr;
use tonic::Code;

/// A host name that no server of these tests serves, with the server behind it:
/// DNS rebinding.
pub const FOREIGN_HOST: &str = "rebound.example";

/// The protocols that one port speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// gRPC over HTTP/2 without TLS.
    Grpc,
    /// gRPC-Web in binary over HTTP/1.1.
    Web,
    /// gRPC-Web in base64 over HTTP/1.1.
    WebText,
}

impl Protocol {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Grpc, Self::Web, Self::WebText];

    fn content_type(self) -> &'static str {
        match self {
            Self::Grpc => "application/grpc",
            Self::Web => "application/grpc-web+proto",
            Self::WebText => "application/grpc-web-text+proto",
        }
    }

    fn client(self, foreign: SocketAddr) -> Client {
        let builder = Client::builder().no_proxy().resolve(FOREIGN_HOST, foreign);
        let builder = match self {
            Self::Grpc => builder.http2_prior_knowledge(),
            Self::Web | Self::WebText => builder.http1_only(),
        };
        builder.build().expect("an HTTP client")
    }
}

/// A plain HTTP/1.1 client that follows no redirect and unpacks nothing.
#[must_use]
pub fn browserless() -> Client {
    let builder = Client::builder().no_proxy().http1_only().redirect(reqwest::redirect::Policy::none());
    builder.build().expect("an HTTP client")
}

/// One call of one method.
#[derive(Clone, Debug)]
pub struct Call {
    protocol: Protocol,
    address: String,
    path: String,
    headers: Vec<(&'static str, String)>,
    flag: u8,
    message: Vec<u8>,
}

impl Call {
    /// A call with an empty message, which is a message of any type.
    #[must_use]
    pub fn new(protocol: Protocol, url: &str, method: &MethodDescriptor) -> Self {
        let path = format!("{}/{}", method.parent_service().full_name(), method.name());
        Self { protocol, address: url.into(), path, headers: Vec::new(), flag: 0, message: Vec::new() }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Adds the bearer token.
    #[must_use]
    pub fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// Calls the same port under [`FOREIGN_HOST`].
    #[must_use]
    pub fn rebound(mut self) -> Self {
        let (_, port) = self.address.rsplit_once(':').expect("a port");
        self.address = format!("http://{FOREIGN_HOST}:{port}");
        self
    }

    /// Sends this message.
    #[must_use]
    pub fn message(mut self, message: Vec<u8>) -> Self {
        self.message = message;
        self
    }

    /// Sends these bytes as a message that gzip has packed.
    #[must_use]
    pub fn packed(mut self, gzip: Vec<u8>) -> Self {
        self.flag = 1;
        self.message(gzip).header("grpc-encoding", "gzip")
    }

    /// Sends it and reads the answer up to its first message or its status.
    pub async fn send(&self) -> Answered {
        let address = self.address.replace(FOREIGN_HOST, "127.0.0.1");
        let address = address.strip_prefix("http://").and_then(|address| address.parse().ok());
        let client = self.protocol.client(address.expect("an address"));
        let request = client.post(format!("{}/{}", self.address, self.path));
        let request = self.fill(request);
        let response = within(format!("an answer of {}", self.path), request.send()).await;
        self.read(response.unwrap_or_else(|error| panic!("{}: {error:?}", self.path))).await
    }

    fn fill(&self, request: RequestBuilder) -> RequestBuilder {
        let body = frame(self.flag, &self.message);
        let body = if self.protocol == Protocol::WebText { BASE64.encode(body).into() } else { body };
        let request = request.header("content-type", self.protocol.content_type()).header("te", "trailers");
        self.headers.iter().fold(request.body(body), |request, (name, value)| request.header(*name, value))
    }

    async fn read(&self, response: Response) -> Answered {
        let version = if self.protocol == Protocol::Grpc { Version::HTTP_2 } else { Version::HTTP_11 };
        assert_eq!(response.version(), version);
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
        let mut answered = Answered {
            http: response.status().as_u16(),
            content_type: header("content-type").unwrap_or_default().to_owned(),
            code: header("grpc-status").map(code),
            message: Vec::new(),
        };
        if answered.http != 200 || answered.code.is_some() {
            return answered;
        }
        let (mut body, mut bytes) = (response.bytes_stream(), Vec::new());
        while answered.code.is_none() {
            let chunk = within(format!("the body of {}", self.path), body.next()).await;
            let Some(Ok(chunk)) = chunk else { break };
            bytes.extend_from_slice(&chunk);
            let decoded = if self.protocol == Protocol::WebText { unarmour(&bytes) } else { bytes.clone() };
            answered.take(&decoded);
        }
        answered
    }
}

/// What came back.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// The HTTP status.
    pub http: u16,
    /// The media type.
    pub content_type: String,
    /// The gRPC status; OK also when a first message came.
    pub code: Option<Code>,
    /// The first message.
    pub message: Vec<u8>,
}

impl Answered {
    /// Whether Host or Origin were refused, before or inside gRPC.
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        self.http == 403 || self.code == Some(Code::PermissionDenied)
    }

    /// Takes a first message, or a gRPC-Web trailer, out of the body so far.
    fn take(&mut self, body: &[u8]) {
        let Some((&[flag, a, b, c, d], rest)) = body.split_first_chunk::<5>() else { return };
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        let Some(content) = rest.get(..length) else { return };
        if flag & 0x80 == 0 {
            self.message = content.to_vec();
            self.code = Some(Code::Ok);
        } else {
            let trailers = String::from_utf8_lossy(content).to_lowercase();
            self.code = trailers.lines().find_map(|line| line.strip_prefix("grpc-status:")).map(code);
        }
    }
}

/// A message with the five bytes that gRPC puts before it.
fn frame(flag: u8, message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).expect("a length").to_be_bytes();
    [&[flag], &length[..], message].concat()
}

/// Every method of the API, in the descriptor's order.
#[must_use]
pub fn methods() -> Vec<MethodDescriptor> {
    let pool = DescriptorPool::decode(banto_proto::FILE_DESCRIPTOR_SET).expect("the descriptor");
    let ours = pool.services().filter(|service| service.full_name().starts_with("banto."));
    ours.flat_map(|service| service.methods().collect::<Vec<_>>()).collect()
}

fn code(text: &str) -> Code {
    Code::from_bytes(text.trim().as_bytes())
}

/// Undoes base64, whose pieces may each have a padding of their own.
fn unarmour(text: &[u8]) -> Vec<u8> {
    text.chunks_exact(4).filter_map(|group| BASE64.decode(group).ok()).flatten().collect()
}
