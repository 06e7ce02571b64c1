//! Which providers there are: those of the configuration, else those that the
//! environment offers, else an Ollama on this machine.

use super::{Origin, Provider, listing};
use crate::{
    config::{Config, ProviderConfig, WireFormat},
    error::{Error, Result},
    secret::Secret,
};
use futures::future;
use std::{collections::HashSet, time::Duration};
use tokio::time::timeout;

/// How long the start may wait for providers to name their models.
const PROBE_TIME: Duration = Duration::from_millis(200);

/// Where an Ollama listens when nobody has moved it.
const OLLAMA: &str = "127.0.0.1:11434";
const OLLAMA_PORT: u16 = 11_434;

const OPENROUTER: &str = "https://openrouter.ai/api/v1";

/// Longest id of a provider.
const MAX_ID: usize = 64;

/// Reads a variable of the environment.
type Env<'a> = dyn Fn(&str) -> Option<String> + 'a;

pub(super) async fn discover(config: &Config, env: &Env<'_>) -> Result<Vec<Provider>> {
    check_ids(&config.providers)?;
    let (origin, rows) = if config.providers.is_empty() {
        (Origin::Environment, from_environment(env))
    } else {
        (Origin::Configuration, config.providers.clone())
    };
    let read = |name: &str| variable(env, name);
    let mut providers: Vec<_> =
        rows.iter().map(|row| Provider::new(row, origin, &read, config.timeouts)).collect();
    future::join_all(providers.iter_mut().map(choose_model)).await;
    if providers.is_empty() && config.discovery {
        let row = ProviderConfig {
            base_url: Some(format!("http://{OLLAMA}")),
            ..row("ollama", WireFormat::OpenaiChat)
        };
        let mut ollama = Provider::new(&row, Origin::Discovered, &read, config.timeouts);
        choose_model(&mut ollama).await;
        // One without a model could answer nothing.
        providers.extend(Some(ollama).filter(|ollama| ollama.default_model.is_some()));
    }
    Ok(providers)
}

/// A variable that says something. Keys often come with a newline at the end.
fn variable(env: &Env<'_>, name: &str) -> Option<String> {
    env(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

fn check_ids(rows: &[ProviderConfig]) -> Result<()> {
    let mut seen = HashSet::new();
    for row in rows {
        let fits = (1..=MAX_ID).contains(&row.id.len());
        let is_slug = row.id.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter));
        if !fits || !is_slug {
            let what = format!("{:?} is no id: 1 to {MAX_ID} letters, digits, hyphens, dots", row.id);
            return Err(Error::invalid("providers", what));
        }
        if !seen.insert(&row.id) {
            return Err(Error::invalid("providers", format!("there are two with the id {}", row.id)));
        }
    }
    Ok(())
}

fn row(id: &str, wire_format: WireFormat) -> ProviderConfig {
    ProviderConfig {
        id: id.to_owned(),
        wire_format,
        base_url: None,
        api_key_env: None,
        api_key: None,
        model: None,
        context_window: None,
        headers: Default::default(),
    }
}

/// The ecosystem's own variables, in order of preference.
fn from_environment(env: &Env<'_>) -> Vec<ProviderConfig> {
    let get = |name: &str| variable(env, name);
    let mut rows = Vec::new();
    for (id, format, prefix) in [
        ("openai", WireFormat::OpenaiChat, "OPENAI"),
        ("anthropic", WireFormat::Anthropic, "ANTHROPIC"),
        ("gemini", WireFormat::Gemini, "GEMINI"),
        ("openrouter", WireFormat::OpenaiChat, "OPENROUTER"),
    ] {
        let key = get(&format!("{prefix}_API_KEY"));
        let base_url = match id {
            "openai" | "anthropic" => get(&format!("{prefix}_BASE_URL")),
            "openrouter" => Some(OPENROUTER.to_owned()),
            _ => None,
        };
        // A server of one's own may take no key, but then it has an address.
        let has_address = id != "openrouter" && base_url.is_some();
        if key.is_some() || has_address {
            rows.push(ProviderConfig {
                base_url,
                api_key: key.map(Secret::new),
                model: get(&format!("{prefix}_MODEL")),
                ..row(id, format)
            });
        }
    }
    if let Some(host) = get("OLLAMA_HOST") {
        rows.push(ProviderConfig {
            base_url: Some(ollama_url(&host)),
            model: get("OLLAMA_MODEL"),
            ..row("ollama", WireFormat::OpenaiChat)
        });
    }
    rows
}

/// `OLLAMA_HOST` as Ollama's own clients read it: scheme and port may be left
/// out, and an address to listen on everywhere means this machine.
fn ollama_url(host: &str) -> String {
    let (scheme, rest) = host.split_once("://").unwrap_or(("http", host));
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (name, port) = match authority.rsplit_once(':') {
        // The colons of a bare IPv6 address are no port's.
        Some((name, port)) if !port.contains(']') && (!name.contains(':') || name.ends_with(']')) => {
            (name, Some(port))
        }
        _ => (authority, None),
    };
    let name = match name {
        "" | "0.0.0.0" => "127.0.0.1".to_owned(),
        "[::]" | "::" => "[::1]".to_owned(),
        bare if bare.contains(':') && !bare.starts_with('[') => format!("[{bare}]"),
        name => name.to_owned(),
    };
    let port = match (port, host.contains("://")) {
        (Some(port), _) => format!(":{port}"),
        (None, true) => String::new(),
        (None, false) => format!(":{OLLAMA_PORT}"),
    };
    format!("{scheme}://{name}{port}/{path}")
}

/// Models of public endpoints that answer well, fast and for little money, for
/// those who have set nothing but a key.
fn well_known_model(host: &str) -> Option<&'static str> {
    match host {
        "api.openai.com" => Some("gpt-5-mini"),
        "api.anthropic.com" => Some("claude-sonnet-4-5"),
        "generativelanguage.googleapis.com" => Some("gemini-2.5-flash"),
        "openrouter.ai" => Some("openrouter/auto"),
        _ => None,
    }
}

/// Settles the default model of a provider that has none configured: the
/// well-known one of its host, else the first that it lists in time.
async fn choose_model(provider: &mut Provider) {
    let Ok(endpoint) = &provider.endpoint else { return };
    if provider.default_model.is_some() {
        return;
    }
    provider.default_model = match well_known_model(&endpoint.host()) {
        Some(model) => Some(model.to_owned()),
        None => match timeout(PROBE_TIME, listing::fetch(endpoint)).await {
            Ok(Ok(models)) => models.into_iter().map(|model| model.id).find(|id| !id.contains("embed")),
            _ => None,
        },
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_ollama_host_as_ollama_does() {
        for (given, expected) in [
            ("127.0.0.1", "http://127.0.0.1:11434/"),
            ("0.0.0.0:8000", "http://127.0.0.1:8000/"),
            (":8000", "http://127.0.0.1:8000/"),
            ("http://box", "http://box/"),
            ("https://box:1/path", "https://box:1/path"),
            ("box.example", "http://box.example:11434/"),
            ("[::]:8000", "http://[::1]:8000/"),
            ("::1", "http://[::1]:11434/"),
            ("[::1]", "http://[::1]:11434/"),
        ] {
            assert_eq!(ollama_url(given), expected);
        }
    }

    #[test]
    fn takes_what_the_environment_offers() {
        let ids = |variables: &[(&str, &str)]| {
            let env = |name: &str| {
                variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
            };
            from_environment(&env).into_iter().map(|row| row.id).collect::<Vec<_>>()
        };
        assert_eq!(ids(&[]), Vec::<String>::new());
        assert_eq!(ids(&[("OPENAI_API_KEY", " \n"), ("GEMINI_API_KEY", "k")]), ["gemini"]);
        assert_eq!(ids(&[("OPENAI_BASE_URL", "http://localhost:1/v1")]), ["openai"]);
        let all = [
            ("OLLAMA_HOST", "localhost"),
            ("OPENROUTER_API_KEY", "k"),
            ("ANTHROPIC_API_KEY", "k"),
            ("OPENAI_API_KEY", "k"),
        ];
        assert_eq!(ids(&all), ["openai", "anthropic", "openrouter", "ollama"]);
    }
}
