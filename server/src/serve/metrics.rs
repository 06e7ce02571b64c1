//! `/metrics` for Prometheus. Behind a token like everything else: what a server
//! does is nobody's business without one.

use crate::{
    access::{Credential, Tokens},
    job::Jobs,
};
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::get,
};
use futures::StreamExt as _;
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, info::Info},
    registry::Registry,
};
use std::sync::Arc;

/// Media type of the OpenMetrics text format.
const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct JobLabels {
    job_type: String,
    state: String,
}

/// The figures of the server.
#[derive(Clone, Debug)]
pub(super) struct Metrics {
    registry: Arc<Registry>,
    ended: Family<JobLabels, Counter>,
    running: Gauge,
}

impl Metrics {
    pub fn new(build: &str) -> Self {
        let mut registry = Registry::with_prefix("banto");
        let (ended, running) = (Family::default(), Gauge::default());
        registry.register("jobs", "Jobs that ended, by type and state", Family::clone(&ended));
        registry.register("jobs_running", "Jobs that run on this server", Gauge::clone(&running));
        registry.register("build", "Version and build", Info::new([("build", build.to_owned())]));
        Self { registry: Arc::new(registry), ended, running }
    }

    /// Counts jobs until the list ends.
    pub async fn count(self, jobs: Jobs) {
        let nothing = || Box::pin(async { Ok(()) });
        let here = Some(jobs.server());
        let mut changes = Box::pin(jobs.watchable().watch(nothing, move |job| job.server_id == here));
        while let Some(change) = changes.next().await {
            let Ok(crate::feed::ListUpdate::Changed(job)) = change else { continue };
            if job.state.is_terminal() {
                use sea_orm::ActiveEnum as _;
                let labels = JobLabels { job_type: job.job_type.to_value(), state: job.state.to_value() };
                self.ended.get_or_create(&labels).inc();
                self.running.dec();
            } else if job.version == 1 {
                self.running.inc();
            }
        }
    }

    pub fn router(self, tokens: Tokens) -> Router {
        Router::new().route("/metrics", get(scrape)).with_state((self, tokens))
    }
}

async fn scrape(State((metrics, tokens)): State<(Metrics, Tokens)>, headers: HeaderMap) -> Response {
    let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some(Credential::Bearer(secret)) = header.and_then(Credential::parse) else {
        return (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Bearer")]).into_response();
    };
    if tokens.authenticate(secret).await.is_err() {
        return (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Bearer")]).into_response();
    }
    let mut text = String::new();
    match encode(&mut text, &metrics.registry) {
        Ok(()) => ([(header::CONTENT_TYPE, MEDIA_TYPE)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
