//! The one port: its limits, its layers, TLS.

use super::{
    StartError, accept,
    dispatch::{self, Dispatch},
    guard::{Allowed, GuardLayer},
};
use crate::{access::Tokens, config::Config, grpc::AuthLayer};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::{
    service::Routes,
    transport::{Identity, Server, ServerTlsConfig},
};
use tonic_web::GrpcWebLayer;
use tower::{ServiceBuilder, util::BoxCloneSyncService};
use tower_http::{
    catch_panic::CatchPanicLayer,
    cors::{AllowHeaders, AllowMethods, AllowOrigin, CorsLayer, ExposeHeaders},
};

/// Streams of one connection.
const MAX_STREAMS: u32 = 100;
/// Streams of one connection that a client may reset before they are accepted
/// (CVE-2023-44487).
const MAX_PENDING_RESETS: usize = 50;
/// Bytes of the headers of a request.
const MAX_HEADERS: u32 = 16 * 1024;
/// How often a silent connection is asked whether it lives, and how long it may
/// take to answer.
const KEEPALIVE: (Duration, Duration) = (Duration::from_secs(20), Duration::from_secs(20));

/// The layers, outermost first: cross-origin answers, the guard, and then by
/// content type the API behind gRPC-Web and authentication, or the pages.
pub(super) fn service(
    config: &Config,
    listening: SocketAddr,
    tokens: Tokens,
    api: Routes,
    pages: axum::Router,
) -> dispatch::Inner {
    let api = ServiceBuilder::new()
        // Authentication is inside, so that its refusals are gRPC-Web answers too.
        .layer(GrpcWebLayer::new())
        .layer(AuthLayer::new(tokens))
        // A bug in one handler is that call's INTERNAL, not a broken connection.
        .map_response(|response: http::Response<_>| response.map(tonic::body::Body::new))
        .layer(CatchPanicLayer::custom(panicked))
        .service(api.prepare());
    let api = BoxCloneSyncService::new(api);
    let allowed = Arc::new(Allowed::new(config, listening));
    let origins = config.allowed_origins.iter().filter_map(|origin| origin.parse().ok());
    let cors = CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_headers(AllowHeaders::mirror_request())
        .allow_methods(AllowMethods::list([http::Method::POST]))
        .expose_headers(ExposeHeaders::list(
            ["grpc-status", "grpc-message", "grpc-status-details-bin"].map(http::HeaderName::from_static),
        ));
    let guarded =
        ServiceBuilder::new().layer(cors).layer(GuardLayer(allowed)).service(Dispatch::new(api, pages));
    BoxCloneSyncService::new(guarded)
}

fn panicked(_: Box<dyn std::any::Any + Send>) -> http::Response<tonic::body::Body> {
    tonic::Status::from(crate::error::Error::Internal("a handler panicked".to_owned())).into_http()
}

pub(super) async fn serve(
    config: Config,
    tls: Option<ServerTlsConfig>,
    listener: TcpListener,
    service: dispatch::Inner,
    stop: CancellationToken,
) -> Result<(), StartError> {
    let failed = |error: tonic::transport::Error| StartError::Serving(error.to_string());
    let mut server = Server::builder()
        .accept_http1(true)
        .max_concurrent_streams(MAX_STREAMS)
        .http2_max_pending_accept_reset_streams(Some(MAX_PENDING_RESETS))
        .http2_max_header_list_size(MAX_HEADERS)
        .http2_keepalive_interval(Some(KEEPALIVE.0))
        .http2_keepalive_timeout(Some(KEEPALIVE.1));
    if let Some(tls) = tls {
        server = server.tls_config(tls).map_err(failed)?;
    }
    let connections = accept::connections(listener, config.limits.connections_per_address);
    let service = ServiceBuilder::new()
        .map_request(|request: http::Request<axum::body::Body>| request.map(tonic::body::Body::new))
        .service(service);
    let router = axum::Router::new().fallback_service(service);
    server
        .add_routes(Routes::from(router))
        .serve_with_incoming_shutdown(connections, stop.cancelled_owned())
        .await
        .map_err(failed)
}

pub(super) fn tls(config: &Config) -> Result<Option<ServerTlsConfig>, StartError> {
    let (Some(cert), Some(key)) = (&config.tls_cert, &config.tls_key) else { return Ok(None) };
    let read = |file: &std::path::Path| {
        std::fs::read(file).map_err(|error| StartError::Tls(error.kind().to_string()))
    };
    let tls = ServerTlsConfig::new().identity(Identity::from_pem(read(cert)?, read(key)?));
    // Found out now, and not when the ready link has been printed.
    match Server::builder().tls_config(tls.clone()) {
        Ok(_) => Ok(Some(tls)),
        Err(error) => Err(StartError::Tls(std::error::Error::source(&error).unwrap_or(&error).to_string())),
    }
}
