//! Puts the caller into each request, or answers for the service.

use super::scope::{self, CREATE_TOKEN, Needs};
use crate::{
    access::{Credential, Principal, Tokens},
    error::{Error, Result},
};
use futures::future::BoxFuture;
use http::{HeaderValue, Request, Response, header::AUTHORIZATION};
use std::task::{Context, Poll};
use tonic::{Status, body::Body};
use tower::{Layer, Service};

/// Checks the credential of every call.
#[derive(Clone, Debug)]
pub struct AuthLayer(Tokens);

impl AuthLayer {
    /// Checks credentials against these tokens.
    #[must_use]
    pub fn new(tokens: Tokens) -> Self {
        Self(tokens)
    }
}

impl<S> Layer<S> for AuthLayer {
    type Service = Auth<S>;

    fn layer(&self, inner: S) -> Auth<S> {
        Auth { inner, tokens: self.0.clone() }
    }
}

/// A service behind [`AuthLayer`].
#[derive(Clone, Debug)]
pub struct Auth<S> {
    inner: S,
    tokens: Tokens,
}

impl<S, B, R> Service<Request<B>> for Auth<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
    Response<R>: From<Response<Body>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<S::Response, S::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        // The clone is not ready, the original is.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let tokens = self.tokens.clone();
        Box::pin(async move {
            let header = request.headers().get(AUTHORIZATION).cloned();
            let path = request.uri().path().to_owned();
            match authorize(&tokens, &path, header.as_ref()).await {
                Ok(caller) => {
                    if let Some(caller) = caller {
                        request.extensions_mut().insert(caller);
                    }
                    inner.call(request).await.map(typed_limit)
                }
                Err(error) => Ok(Status::from(error).into_http::<Body>().into()),
            }
        })
    }
}

/// tonic answers a message beyond the limit with a bare OUT_OF_RANGE, which the
/// services themselves never use.
fn typed_limit<R>(response: Response<R>) -> Response<R>
where
    Response<R>: From<Response<Body>>,
{
    let too_large = response.headers().get("grpc-status").is_some_and(|code| code == "11");
    if !too_large {
        return response;
    }
    let what = format!("a request has at most {} bytes", super::MAX_REQUEST);
    Status::from(Error::LimitExceeded { what, retry_after: None }).into_http::<Body>().into()
}

async fn authorize(tokens: &Tokens, path: &str, header: Option<&HeaderValue>) -> Result<Option<Principal>> {
    let needs = scope::of(path);
    if needs == Some(Needs::Nothing) {
        return Ok(None);
    }
    let header = header.and_then(|value| value.to_str().ok());
    let caller = match header.and_then(Credential::parse).ok_or(Error::Unauthenticated)? {
        Credential::Bearer(secret) => tokens.authenticate(secret).await?,
        Credential::Launch(code) if path == CREATE_TOKEN => tokens.redeem(code)?,
        Credential::Launch(_) => return Err(Error::Unauthenticated),
    };
    match needs {
        Some(Needs::Token(scope)) if caller.scope < scope => Err(Error::ScopeDenied),
        // An unknown method: the router says UNIMPLEMENTED.
        _ => Ok(Some(caller)),
    }
}
