//! One port: calls by their content type, everything else is a page.

use super::drain::Drained;
use axum::Router;
use futures::future::BoxFuture;
use http::{Request, Response, Version, header::CONTENT_TYPE};
use std::{
    convert::Infallible,
    task::{Context, Poll},
};
use tonic::body::Body;
use tower::{Service, util::BoxCloneSyncService};

/// A service of bodies as tonic knows them.
pub(super) type Inner = BoxCloneSyncService<Request<Body>, Response<Body>, Infallible>;

/// Sends a request to the API or to the pages.
#[derive(Clone, Debug)]
pub(super) struct Dispatch {
    api: Inner,
    pages: Inner,
}

impl Dispatch {
    pub fn new(api: Inner, pages: Router) -> Self {
        let pages = tower::ServiceBuilder::new()
            .map_request(|request: Request<Body>| request.map(axum::body::Body::new))
            .map_response(|response: Response<axum::body::Body>| response.map(Body::new))
            .service(pages);
        Self { api, pages: BoxCloneSyncService::new(pages) }
    }
}

impl Service<Request<Body>> for Dispatch {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // Both are routers, which are always ready.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let is_call = request
            .headers()
            .get(CONTENT_TYPE)
            .is_some_and(|value| value.as_bytes().starts_with(b"application/grpc"));
        let service = if is_call { self.api.clone() } else { self.pages.clone() };
        // HTTP/2 resets the one stream instead of the connection.
        let request = match request.version() {
            Version::HTTP_2 => request,
            _ => request.map(|body| Body::new(Drained::new(body))),
        };
        Box::pin(tower::ServiceExt::oneshot(service, request))
    }
}
