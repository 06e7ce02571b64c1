//! The running server, and what it knows about its providers.

use super::{Finding, State};
use crate::{
    cli::{
        connect::{Client, PATIENCE, ServerFile, ServerFlags},
        exit::Failure,
    },
    config::Environment,
};
use banto_proto::v1::{
    CheckProviderRequest, ListProvidersRequest, ListWorkersRequest, Provider, ProviderOrigin, WorkerState,
};
use std::{future::Future, time::Duration};
use tokio::time::timeout;
use tonic::{Response, Status};
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus};

/// Time for a provider's answer, retries included.
const PROVIDER_PATIENCE: Duration = Duration::from_secs(30);

/// What is known of the server, and a client if it can be used.
pub(super) async fn examine(
    flags: &ServerFlags,
    environment: &Environment,
) -> (Vec<Finding>, Option<Client>) {
    let target = match flags.target(environment) {
        Ok(target) => target,
        Err(Failure::Away(_)) => {
            return (
                vec![Finding::missing("server", "none runs here", "start one with `banto serve`")],
                None,
            );
        }
        Err(failure) => {
            return (vec![Finding::broken("server", words(failure), "see `banto serve --help`")], None);
        }
    };
    let client = match timeout(PATIENCE, flags.connect(environment)).await {
        Ok(Ok(client)) => client,
        Ok(Err(failure)) => return (vec![unreachable(flags, environment, words(failure))], None),
        Err(_) => return (vec![unreachable(flags, environment, "no answer in time".to_owned())], None),
    };
    let url = target.url;
    match asked(client.health().check(HealthCheckRequest::default())).await {
        Ok(health) if health.status() == ServingStatus::Serving => {}
        Ok(_) => {
            let mend = "wait if it is just starting or stopping; its log says more";
            return (vec![Finding::broken("server", format!("{url} does not serve now"), mend)], None);
        }
        Err(failure) => return (vec![unreachable(flags, environment, words(failure))], None),
    }
    // The health service asks for no token; this does.
    match asked(client.worker().list_workers(ListWorkersRequest::default())).await {
        Ok(response) => {
            let mut findings = vec![Finding::ok("server", format!("{url} serves"))];
            for worker in response.workers {
                let check = format!("worker {}", worker.display_ref);
                findings.push(match worker.state() {
                    WorkerState::Unavailable => {
                        Finding::broken(check, worker.cause, "mend its provider, then restart the worker")
                    }
                    WorkerState::Stopped => Finding::missing(check, "stopped", "restart the worker"),
                    state => Finding::ok(check, state.as_str_name().trim_start_matches("WORKER_STATE_")),
                });
            }
            (findings, Some(client))
        }
        Err(failure) => {
            let mend = "name a token with --token or BANTO_TOKEN, or the server's --data-dir";
            (vec![Finding::broken("server", words(failure), mend)], None)
        }
    }
}

fn unreachable(flags: &ServerFlags, environment: &Environment, why: String) -> Finding {
    if flags.named_server(environment).is_some() {
        return Finding::broken("server", why, "start it, or correct --server or BANTO_SERVER");
    }
    let file =
        flags.data_dir(environment).ok().and_then(|directory| ServerFile::read(&directory).ok().flatten());
    let pid = file.and_then(|file| file.pid).map(|pid| format!(" (process {pid})")).unwrap_or_default();
    Finding::broken(
        "server",
        format!("server.json names one{pid}, but {why}"),
        "if that process is gone, `banto serve` starts anew and puts this right",
    )
}

/// What the server says of its providers.
pub(super) async fn providers(client: &Client) -> Vec<Finding> {
    let providers = match asked(client.settings().list_providers(ListProvidersRequest {})).await {
        Ok(response) => response.providers,
        Err(failure) => return vec![Finding::broken("providers", words(failure), "")],
    };
    if providers.is_empty() {
        return vec![Finding::missing(
            "providers",
            "none is configured and none was found; the Companion answers as a guide to Banto",
            "set OPENAI_API_KEY or ANTHROPIC_API_KEY, start Ollama, or add [[providers]] to banto.toml; \
             then restart the server",
        )];
    }
    let mut findings = Vec::new();
    for provider in providers {
        findings.push(check(client, provider).await);
    }
    findings
}

async fn check(client: &Client, provider: Provider) -> Finding {
    let name = format!("provider {}", provider.provider_id);
    let origin = match provider.origin() {
        ProviderOrigin::Configuration => "configured",
        ProviderOrigin::Environment => "from the environment",
        ProviderOrigin::Discovered => "discovered",
        ProviderOrigin::Unspecified => "known",
    };
    let request = CheckProviderRequest { provider_id: provider.provider_id.clone() };
    let answer = timeout(PROVIDER_PATIENCE, client.settings().check_provider(request)).await;
    match answer {
        Ok(Ok(response)) => {
            let response = response.into_inner();
            if response.usable {
                let models = response.model_count;
                return Finding::ok(
                    name,
                    format!("{origin}; {} answers with {models} models", provider.host),
                );
            }
            let failure = response.provider.and_then(|provider| provider.failure).or(provider.failure);
            let why = failure.map_or_else(|| "it does not answer".to_owned(), |failure| failure.message);
            Finding::broken(
                name,
                format!("{origin}; {}: {why}", provider.host),
                "check its key, its address and the network",
            )
        }
        Ok(Err(status)) => known(name, origin, provider, words(status.into())),
        Err(_) => known(name, origin, provider, "no answer in time".to_owned()),
    }
}

/// A token of a small scope may not ask; what is known already has to do.
fn known(check: String, origin: &str, provider: Provider, why: String) -> Finding {
    let (state, detail) = match provider.failure {
        Some(failure) => (State::Broken, failure.message),
        None => (State::Missing, format!("{origin}; not tried: {why}")),
    };
    Finding { check, state, detail, mend: "use a token of scope all".to_owned() }
}

async fn asked<T>(call: impl Future<Output = Result<Response<T>, Status>>) -> Result<T, Failure> {
    match timeout(PATIENCE, call).await {
        Ok(answer) => Ok(answer?.into_inner()),
        Err(_) => Err(Failure::Away("no answer in time".to_owned())),
    }
}

fn words(failure: Failure) -> String {
    match failure {
        Failure::Failed(text) | Failure::Usage(text) | Failure::Away(text) => text,
        Failure::Refused(status) => status.message().to_owned(),
        Failure::PipeClosed => "the output is closed".to_owned(),
    }
}
