//! The models that a provider offers, which is also how one learns whether it
//! answers and accepts the key.

use super::{
    endpoint::{Endpoint, read_body},
    fault::Fault,
    refusal, wire,
};
use serde_json::Value;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Longest list in bytes; that of OpenRouter has more than half a megabyte.
const MAX_BODY: usize = 8 << 20;

/// Longest wait for the list. Nobody stands at a page for longer.
const MAX_TIME: Duration = Duration::from_secs(15);

/// A model of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// The provider's id.
    pub id: String,
    /// Largest request and answer together in tokens, where the provider says so.
    pub context_window: Option<u64>,
}

/// A provider that answered and accepted the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Check {
    /// Time until the whole answer.
    pub latency: Duration,
    /// Models that it offers.
    pub models: usize,
}

/// Asks for the models, in the provider's own order.
pub(super) async fn fetch(endpoint: &Endpoint) -> Result<Vec<Model>, Fault> {
    let deadline = Instant::now() + MAX_TIME.min(endpoint.timeouts.first_byte());
    let late = |_| Err(Fault::first_byte_timeout());
    let mut response = timeout_at(deadline, endpoint.get_models()).await.unwrap_or_else(late)?;
    let status = response.status();
    let body = read_body(&mut response, MAX_BODY, deadline).await;
    if !status.is_success() {
        return Err(refusal::of_status(status, response.headers(), &body));
    }
    serde_json::from_slice::<Value>(&body)
        .ok()
        .and_then(|body| wire::models(endpoint.format, &body))
        .ok_or_else(|| Fault::malformed("the provider's list of models cannot be read"))
}
