//! The console in a real Chromium, before the real binary. Each test plays the
//! model and the server for the scenario of the same name in
//! `browser/scenarios`. Wants the console to be built.

mod access;
mod accessibility;
mod chat;
mod connection;
#[path = "../plans/desk.rs"]
#[expect(dead_code, reason = "the tests of plans use more of it")]
mod desk;
mod drafts;
mod frame;
mod keyboard;
mod pages;
mod performance;
mod phone;
mod plans;
mod preferences;
mod tasks;

use banto_integration_tests::Answer as _;
use banto_integration_tests::{
    Banto, StepAnswer,
    upstream::{Script, Upstream},
    within,
};
use banto_proto::v1::{ListJobsRequest, TokenScope};
use std::time::Duration;
use uuid::Uuid;

/// Longer than any scenario takes on a machine that is busy with others.
const LIMIT: Duration = Duration::from_secs(120);

/// Runs a scenario; `perform` does each step that it asks for.
async fn browse<A: StepAnswer>(scenario: &str, link: &str, perform: impl AsyncFnMut(&str) -> A) {
    banto_integration_tests::browse(scenario, link, LIMIT, perform).await;
}

async fn without_steps(step: &str) {
    panic!("nothing was prepared for the step {step:?}")
}

async fn hung_up_on(upstream: &Upstream) {
    within("the upstream is hung up on", last_request(upstream).await.client_closed()).await;
}

/// The latest call of the model.
async fn last_request(upstream: &Upstream) -> banto_integration_tests::upstream::Exchange {
    upstream.requests().await.pop().expect("a call of the model")
}

/// The secret of a new token that may do everything.
async fn token(banto: &Banto) -> String {
    banto.owner().create_token("a browser", TokenScope::All).await.1
}

/// The pages that are not conversations, as JSON.
async fn paths(banto: &Banto) -> String {
    let worker = banto.owner().companion_worker().await;
    let jobs = banto.owner().jobs().list_jobs(ListJobsRequest::default()).await.granted().jobs;
    let nobody = Uuid::nil();
    let mut paths: Vec<String> = [
        "/",
        "/runtimes",
        "/jobs",
        "/docs",
        "/docs/access",
        "/welcome",
        "/settings/providers",
        "/settings/companion",
        "/settings/spending",
        "/settings/tokens",
        "/settings/retention",
        "/settings/appearance",
        "/settings/shortcuts",
        &format!("/jobs/{nobody}"),
        &format!("/c/{nobody}"),
        "/missing",
    ]
    .map(String::from)
    .into();
    paths.push(format!("/runtimes/{}/{}", worker.runtime_id, worker.worker_id));
    paths.extend(jobs.first().map(|job| format!("/jobs/{}", job.job_id)));
    serde_json::json!(paths).to_string()
}

/// A reply with everything that Markdown has here, some of it wider than a phone.
fn rich_text() -> String {
    let wide = "abcdefghijklmnopqrstuvwxyz".repeat(8);
    format!(
        "# A heading\n\nSome **bold** and *slanted* text with `code`, a [link](https://example.com/a) \
         and one that is long: https://example.com/{wide}\n\n## Another\n\n- one\n- two\n  - inner\n\n\
         1. first\n2. second\n\n> A quotation\n\n```rust\nfn main() {{ println!(\"{wide}\"); }}\n```\n\n\
         | Column | Another | Third | Fourth | Fifth | Sixth |\n|---|---|--:|---|---|---|\n\
         | {wide} | b | 1 | c | d | e |\n| f | g | 2 | h | i | j |\n\n---\n\n$E = mc^2$ and {wide}\n\n"
    )
}

fn says(text: &str) -> Script {
    Script::openai().text(text).usage(12, 34).done()
}
