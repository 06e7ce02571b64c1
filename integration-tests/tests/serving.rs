//! One port for everything: gRPC, gRPC-Web, health, reflection, metrics and the
//! console; and the settings that a server starts with.

use banto_integration_tests::{
    Answer as _, Banto, Builder, eventually, next,
    raw::{Call, Protocol, browserless, methods},
};
use banto_proto::v1::{GetTranscriptRequest, ListRuntimesRequest, WatchRuntimesRequest};
use flate2::{Compression, write::GzEncoder};
use http::StatusCode;
use prost_reflect::prost::Message as _;
use reqwest::Response;
use std::{collections::BTreeSet, io::Write as _};
use tonic::{Code, Request, transport::Channel};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

async fn get(banto: &Banto, path: &str, headers: &[(&str, &str)]) -> Response {
    let request = browserless().get(format!("{}{path}", banto.url));
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.send().await.expect("an answer")
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[tokio::test]
async fn the_console_is_served_with_a_fallback_for_deep_links() {
    let banto = Banto::guide().await;
    let index = get(&banto, "/", &[]).await;
    assert_eq!(index.status(), StatusCode::OK);
    assert!(header(&index, "content-type").starts_with("text/html"));
    let policy = header(&index, "content-security-policy").to_owned();
    assert!(
        policy.contains("img-src 'self' data: blob:") && policy.contains("connect-src 'self'"),
        "{policy}"
    );
    let scripts = policy.split(';').find(|directive| directive.trim().starts_with("script-src"));
    let scripts = scripts.or_else(|| policy.split(';').find(|it| it.trim().starts_with("default-src")));
    assert!(!scripts.expect("a policy for scripts").contains("unsafe"), "{policy}");
    assert_eq!(header(&index, "referrer-policy"), "no-referrer");
    assert_eq!(header(&index, "x-content-type-options"), "nosniff");

    let index_headers = index.headers().clone();
    let page = index.text().await.expect("a page");
    let deep = get(&banto, "/conversations/0198c0de", &[("accept", "text/html")]).await;
    assert_eq!(deep.status(), StatusCode::OK);
    assert_eq!(deep.text().await.expect("a page"), page);
    for path in ["/assets/missing.js", "/assets/missing", "/missing.json"] {
        let missing = get(&banto, path, &[]).await;
        assert_eq!(missing.status(), StatusCode::NOT_FOUND, "{path}: a missing file is not the page");
    }
    // How an open page learns that the server has another console.
    let build = get(&banto, "/build.json", &[]).await;
    assert_eq!(build.status(), StatusCode::OK);
    for answer in [&index_headers, build.headers()] {
        assert_eq!(answer.get("cache-control").expect("a lifetime"), "no-cache");
    }
    assert!(build.text().await.expect("a body").contains("\"build\""));
    for path in ["/../Cargo.toml", "/%2e%2e/Cargo.toml", "/assets/..%2f..%2fCargo.toml"] {
        let body = get(&banto, path, &[]).await.text().await.expect("a body");
        assert!(!body.contains("[package]"), "{path}");
    }
}

#[tokio::test]
async fn the_console_is_cached_by_etag_and_compressed() {
    let banto = Banto::guide().await;
    let page = get(&banto, "/", &[]).await;
    let etag = header(&page, "etag").to_owned();
    assert!(!etag.is_empty());
    let again = get(&banto, "/", &[("if-none-match", &etag)]).await;
    assert_eq!((again.status(), header(&again, "etag")), (StatusCode::NOT_MODIFIED, etag.as_str()));
    let other = get(&banto, "/", &[("if-none-match", "\"another\"")]).await;
    assert_eq!(other.status(), StatusCode::OK);

    let page = page.text().await.expect("a page");
    let is_script = |part: &&str| part.contains("assets/") && part.ends_with(".js");
    let (mut plain_size, mut packed_size) = (0, 0);
    for script in page.split('"').filter(is_script) {
        let script = format!("/{}", script.trim_start_matches(['.', '/']));
        let plain = get(&banto, &script, &[]).await;
        let packed = get(&banto, &script, &[("accept-encoding", "gzip")]).await;
        assert_eq!(header(&packed, "content-encoding"), "gzip");
        assert!(header(&plain, "cache-control").contains("immutable"), "its name changes with its content");
        plain_size += plain.bytes().await.expect("a body").len();
        packed_size += packed.bytes().await.expect("a body").len();
    }
    assert!(packed_size > 0 && packed_size < plain_size / 2, "{packed_size} of {plain_size} bytes");
}

#[tokio::test]
async fn metrics_want_a_token() {
    let banto = Banto::guide().await;
    banto.chat().await.ask("hello").await;
    assert_eq!(get(&banto, "/metrics", &[]).await.status(), StatusCode::UNAUTHORIZED);
    let bearer = format!("Bearer {}", banto.token);
    let metrics = get(&banto, "/metrics", &[("authorization", &bearer)]).await;
    assert_eq!(metrics.status(), StatusCode::OK);
    let text = metrics.text().await.expect("metrics");
    assert!(text.contains("# TYPE ") && text.contains("banto_"), "{text}");
}

fn with_token<T>(message: T, banto: &Banto) -> Request<T> {
    let mut request = Request::new(message);
    let bearer = format!("Bearer {}", banto.token).parse().expect("a header value");
    request.metadata_mut().insert("authorization", bearer);
    request
}

async fn channel(banto: &Banto) -> Channel {
    Channel::from_shared(banto.url.clone()).expect("an address").connect().await.expect("a connection")
}

#[tokio::test]
async fn health_is_serving_for_the_server_and_each_service_without_a_token() {
    let banto = Banto::guide().await;
    let mut health = HealthClient::new(channel(&banto).await);
    for service in ["", "banto.v1.CompanionConversation", "banto.v1.Feed"] {
        let request = HealthCheckRequest { service: service.into() };
        assert_eq!(health.check(request).await.granted().status(), ServingStatus::Serving, "{service}");
    }
}

/// The names of all services, as reflection of one version tells them.
macro_rules! reflected {
    ($version:ident, $banto:expr) => {{
        use tonic_reflection::pb::$version::{
            ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
            server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
        };
        let ask = ServerReflectionRequest {
            host: String::new(),
            message_request: Some(MessageRequest::ListServices(String::new())),
        };
        let mut client = ServerReflectionClient::new(channel($banto).await);
        let request = with_token(tokio_stream::iter([ask]), $banto);
        let mut answers = client.server_reflection_info(request).await.granted();
        match next(&mut answers).await.message_response {
            Some(MessageResponse::ListServicesResponse(list)) => {
                list.service.into_iter().map(|service| service.name).collect::<BTreeSet<_>>()
            }
            other => panic!("a list of services, not {other:?}"),
        }
    }};
}

#[tokio::test]
async fn reflection_tells_every_service_in_both_versions() {
    let banto = Banto::guide().await;
    let ours: BTreeSet<_> =
        methods().iter().map(|method| method.parent_service().full_name().to_owned()).collect();
    let (new, old) = (reflected!(v1, &banto), reflected!(v1alpha, &banto));
    assert!(new.is_superset(&ours), "{new:?}");
    assert!(old.is_superset(&ours), "{old:?}");
}

#[tokio::test]
async fn grpc_web_speaks_binary_and_text() {
    let banto = Banto::guide().await;
    let expected = banto.owner().registry().list_runtimes(ListRuntimesRequest {}).await.granted();
    let method = |name: &str| methods().into_iter().find(|method| method.name() == name).expect("the method");
    for protocol in Protocol::ALL {
        let call = Call::new(protocol, &banto.url, &method("ListRuntimes")).token(&banto.token);
        let answered = call.send().await;
        assert_eq!((answered.http, answered.code), (200, Some(Code::Ok)), "{protocol:?}");
        assert_eq!(answered.message, expected.encode_to_vec(), "{protocol:?}");

        let watch = Call::new(protocol, &banto.url, &method("WatchRuntimes")).token(&banto.token);
        let watched = watch.message(WatchRuntimesRequest {}.encode_to_vec()).send().await;
        assert_eq!(watched.code, Some(Code::Ok), "{protocol:?}: a stream's first message comes at once");
        assert!(!watched.message.is_empty());
    }
}

#[tokio::test]
async fn packed_requests_are_taken_and_answers_are_plain() {
    let banto = Banto::guide().await;
    let chat = banto.chat().await;
    let method = |name: &str| methods().into_iter().find(|method| method.name() == name).expect("the method");
    for protocol in [Protocol::Grpc, Protocol::Web] {
        let message = chat.message(&"very much the same ".repeat(200)).encode_to_vec();
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(&message).expect("it is packed");
        let call = Call::new(protocol, &banto.url, &method("SendMessage")).token(&banto.token);
        let answered = call.packed(gzip.finish().expect("it is packed")).send().await;
        assert_eq!(answered.code, Some(Code::Ok), "{protocol:?}: {answered:?}");
        let mut watch = chat.watch().await;
        watch.until("the end", |watch| watch.view.active_turn_id.is_empty()).await;

        // Answers are plain, also for those who can read gzip: a stream would be
        // packed token by token.
        let message =
            GetTranscriptRequest { conversation_id: chat.conversation_id.clone(), ..Default::default() };
        let call = Call::new(protocol, &banto.url, &method("GetTranscript")).token(&banto.token);
        let call = call.message(message.encode_to_vec());
        let plain = call.send().await.message;
        assert_eq!(call.header("grpc-accept-encoding", "gzip").send().await.message, plain, "{protocol:?}");
    }
}

#[tokio::test]
async fn a_browser_of_an_allowed_origin_may_call() {
    let origin = "https://console.example";
    let banto = Banto::builder().set("allowed_origins", format!("[{origin:?}]")).start().await;
    let url = format!("{}/banto.v1.RuntimeRegistry/ListRuntimes", banto.url);
    let preflight = |origin: &'static str| {
        let request = browserless().request(http::Method::OPTIONS, &url).header("origin", origin);
        let request = request.header("access-control-request-method", "POST");
        request.header("access-control-request-headers", "authorization,content-type,x-grpc-web").send()
    };
    let allowed = preflight("https://console.example").await.expect("an answer");
    assert_eq!(header(&allowed, "access-control-allow-origin"), origin);
    let foreign = preflight("https://evil.example").await.expect("an answer");
    assert_eq!(header(&foreign, "access-control-allow-origin"), "");
}

#[tokio::test]
async fn wrong_settings_are_named() {
    let refused = async |builder: Builder| {
        let refused = builder.try_start().await.expect_err("wrong settings");
        (refused.status.code(), refused.log)
    };
    let (code, log) = refused(Banto::builder().set("lisen", "\"127.0.0.1:0\"")).await;
    assert!(code != Some(0) && log.contains("lisen"), "{log}");
    let (_, log) = refused(Banto::builder().set("timeouts.idle_ms", "\"soon\"")).await;
    assert!(log.contains("idle_ms"), "{log}");
    let (_, log) = refused(Banto::builder().env("BANTO_LEASE_MS", "often")).await;
    assert!(log.to_lowercase().contains("lease_ms"), "{log}");
    let (code, log) = refused(Banto::builder().flag("--no-such-flag")).await;
    assert!(code == Some(2) && log.contains("--no-such-flag"), "{log}");
}

/// Whether a server writes its log as JSON.
async fn logs_json(builder: Builder) -> bool {
    let banto = builder.start().await;
    banto.chat().await.ask("Say something that is logged").await;
    let line = async || banto.log().lines().find(|line| !line.contains("/#launch=")).map(str::to_owned);
    eventually("a line of the log", line).await.starts_with('{')
}

#[tokio::test]
async fn flags_go_over_the_environment_over_the_file() {
    let file = || Banto::builder().set("log_format", "\"json\"");
    assert!(!logs_json(Banto::builder()).await, "text by default");
    assert!(logs_json(file()).await, "as the file says");
    let environment = || file().env("BANTO_LOG_FORMAT", "text");
    assert!(!logs_json(environment()).await, "the environment goes over the file");
    assert!(logs_json(environment().flag("--log-format=json")).await, "a flag goes over both");
}
