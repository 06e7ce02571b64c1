//! The provider room against a scripted upstream, over real HTTP.

mod answers;
mod broken;
mod cancelling;
mod discovery;
mod refusals;
mod timeouts;

use banto_integration_tests::upstream::{
    DEFAULT_REPLY, Format, Gate, Outcome::Served, Script, StalledPort, Upstream,
};
use banto_server::{
    config::{Config, PriceConfig, ProviderConfig, Timeouts, WireFormat},
    provider::{Call, CallEvent, Message, Origin, Provider, Providers, Request, Role},
    run::{Failure, FailureKind, Usage},
    secret::Secret,
};
use futures::FutureExt;
use serde_json::json;
use std::time::Duration;
use tokio::time::Instant;

/// Must be found nowhere but in the headers of a request.
const KEY: &str = "canary-key-0451";
const HEADER: &str = "canary-header-0452";

const FORMATS: [(WireFormat, Format); 3] = [
    (WireFormat::OpenaiChat, Format::Openai),
    (WireFormat::Anthropic, Format::Anthropic),
    (WireFormat::Gemini, Format::Gemini),
];

/// Long enough never to be reached; tests set those that they mean.
const PATIENT: Timeouts = Timeouts {
    connect_ms: 20_000,
    first_byte_ms: 20_000,
    idle_ms: 20_000,
    turn_ms: 20_000,
    stage_ms: 20_000,
    retry_base_ms: 1,
};

/// A timeout that is meant to be reached.
const SHORT: u64 = 60;

fn config(base_url: String, wire_format: WireFormat, timeouts: Timeouts) -> Config {
    let provider = ProviderConfig {
        id: "scripted".to_owned(),
        wire_format,
        base_url: Some(base_url),
        api_key_env: Some("SCRIPTED_KEY".to_owned()),
        api_key: None,
        model: Some("test-model".to_owned()),
        context_window: Some(32_000),
        headers: [("x-extra".to_owned(), Secret::new(HEADER.to_owned()))].into(),
    };
    Config { providers: vec![provider], timeouts, ..Config::default() }
}

fn env(name: &str) -> Option<String> {
    (name == "SCRIPTED_KEY").then(|| KEY.to_owned())
}

async fn provider_at(base_url: String, format: WireFormat, timeouts: Timeouts) -> Provider {
    let providers =
        Providers::discover(&config(base_url, format, timeouts), &env).await.expect("valid settings");
    providers.get("scripted").expect("the one provider").clone()
}

fn request() -> Request {
    Request {
        model: "test-model".to_owned(),
        system: "Be brief.".to_owned(),
        messages: vec![
            Message { role: Role::User, text: "Hi".to_owned() },
            Message { role: Role::Assistant, text: "Hello".to_owned() },
            Message { role: Role::User, text: "How are you?".to_owned() },
        ],
        max_output_tokens: Some(100),
    }
}

/// What a call came to.
#[derive(Debug, Default)]
struct Outcome {
    text: String,
    texts: usize,
    attempts: u32,
    pauses: Vec<Duration>,
    usage: Usage,
    failure: Option<Failure>,
}

impl Outcome {
    fn kind(&self) -> Option<FailureKind> {
        self.failure.as_ref().map(|failure| failure.kind)
    }
}

/// Reads a call to its end and checks what holds for every one of them.
async fn outcome(call: Call) -> Outcome {
    tokio::time::timeout(Duration::from_secs(30), read_to_end(call)).await.expect("an end of the call")
}

async fn read_to_end(mut call: Call) -> Outcome {
    let mut outcome = Outcome::default();
    let mut last_failure = None;
    loop {
        let event = call.next().await;
        let shown = format!("{event:?}");
        assert!(!shown.contains(KEY) && !shown.contains(HEADER), "{shown}");
        match event.clone() {
            CallEvent::AttemptStarted { number } => {
                outcome.attempts += 1;
                assert_eq!(number, outcome.attempts);
            }
            CallEvent::AttemptFailed { number, failure, retry_after } => {
                assert_eq!(number, outcome.attempts);
                outcome.pauses.extend(retry_after);
                last_failure = Some((failure, retry_after));
            }
            CallEvent::Text(text) => {
                assert!(!text.is_empty());
                outcome.text += &text;
                outcome.texts += 1;
            }
            CallEvent::Completed { usage } => outcome.usage = usage,
            CallEvent::Failed { failure, usage } => {
                if outcome.attempts > 0 {
                    assert_eq!(
                        last_failure,
                        Some((failure.clone(), None)),
                        "the last attempt failed for good"
                    );
                }
                outcome.usage = usage;
                outcome.failure = Some(failure);
            }
        }
        if matches!(event, CallEvent::Completed { .. } | CallEvent::Failed { .. }) {
            assert_eq!(call.next().await, event, "the end is the end");
            return outcome;
        }
    }
}

/// What one script does to a call in OpenAI's format.
async fn run(script: Script, timeouts: Timeouts) -> Outcome {
    let upstream = Upstream::start().await;
    upstream.push(script);
    let provider = provider_at(upstream.base_url(), WireFormat::OpenaiChat, timeouts).await;
    outcome(provider.call(request())).await
}

/// Reads up to and with the first text.
async fn first_text(call: &mut Call) -> String {
    loop {
        match call.next().await {
            CallEvent::Text(text) => return text,
            CallEvent::AttemptStarted { .. } => {}
            other => panic!("no text but {other:?}"),
        }
    }
}
