//! Providers as they look without a server. No key leaves this process: whether
//! one is accepted only a running server can say.

use super::Finding;
use crate::config::{Config, Environment, ProviderConfig, WireFormat};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(5);
const OLLAMA: &str = "http://127.0.0.1:11434";

/// A provider that the ecosystem's own variables offer.
struct Offered {
    id: &'static str,
    key: &'static str,
    address: Option<&'static str>,
    standard: &'static str,
}

const OFFERED: [Offered; 4] = [
    Offered {
        id: "openai",
        key: "OPENAI_API_KEY",
        address: Some("OPENAI_BASE_URL"),
        standard: "https://api.openai.com/v1",
    },
    Offered {
        id: "anthropic",
        key: "ANTHROPIC_API_KEY",
        address: Some("ANTHROPIC_BASE_URL"),
        standard: "https://api.anthropic.com",
    },
    Offered {
        id: "gemini",
        key: "GEMINI_API_KEY",
        address: None,
        standard: "https://generativelanguage.googleapis.com",
    },
    Offered {
        id: "openrouter",
        key: "OPENROUTER_API_KEY",
        address: None,
        standard: "https://openrouter.ai/api/v1",
    },
];

pub(super) async fn examine(config: &Config, environment: &Environment) -> Vec<Finding> {
    let mut findings = Vec::new();
    for provider in &config.providers {
        findings.push(configured(provider, environment).await);
    }
    if findings.is_empty() {
        findings = offered(config, environment).await;
    }
    if findings.is_empty() {
        findings.push(Finding::missing(
            "providers",
            "none is configured and none was found; the Companion answers as a guide to Banto",
            "set OPENAI_API_KEY or ANTHROPIC_API_KEY, start Ollama, or add [[providers]] to banto.toml",
        ));
    }
    findings
}

async fn configured(provider: &ProviderConfig, environment: &Environment) -> Finding {
    let check = format!("provider {}", provider.id);
    if let Some(name) = provider.api_key_env.as_deref().filter(|name| environment.text(name).is_none()) {
        return Finding::broken(
            check,
            format!("{name} is not set"),
            format!("set {name} to the provider's key"),
        );
    }
    let standard = match provider.wire_format {
        WireFormat::OpenaiChat => "https://api.openai.com/v1",
        WireFormat::Anthropic => "https://api.anthropic.com",
        WireFormat::Gemini => "https://generativelanguage.googleapis.com",
    };
    reach(check, provider.base_url.as_deref().unwrap_or(standard)).await
}

async fn offered(config: &Config, environment: &Environment) -> Vec<Finding> {
    let mut findings = Vec::new();
    for Offered { id, key, address, standard } in OFFERED {
        let address = address.and_then(|name| environment.text(name));
        // A server of one's own may take no key, but then it has an address.
        if environment.text(key).is_some() || address.is_some() {
            findings.push(reach(format!("provider {id}"), address.unwrap_or(standard)).await);
        }
    }
    match environment.text("OLLAMA_HOST") {
        Some(host) => findings.push(reach("provider ollama".to_owned(), &ollama_address(host)).await),
        None if findings.is_empty() && config.discovery && answers(OLLAMA).await.is_ok() => {
            findings.push(Finding::ok("provider ollama", format!("{OLLAMA} answers")));
        }
        None => {}
    }
    findings
}

/// Ollama's variable may be a host alone, and the address to listen on.
fn ollama_address(host: &str) -> String {
    let address = if host.contains("://") { host.to_owned() } else { format!("http://{host}") };
    let Ok(mut url) = reqwest::Url::parse(&address) else { return address };
    if url.host_str() == Some("0.0.0.0") {
        // Infallible for an address that has a host already.
        let _ = url.set_host(Some("127.0.0.1"));
    }
    if url.port().is_none() && !host.contains("://") {
        let _ = url.set_port(Some(11_434));
    }
    url.to_string()
}

async fn reach(check: String, address: &str) -> Finding {
    let host = reqwest::Url::parse(address).ok().and_then(|url| url.host_str().map(str::to_owned));
    let host = host.unwrap_or_else(|| "its address".to_owned());
    match answers(address).await {
        Ok(()) => Finding::ok(check, format!("{host} answers; a running server also tries the key")),
        Err(why) => Finding::broken(
            check,
            format!("{host} does not answer: {why}"),
            "check its address and the network, or start it",
        ),
    }
}

/// Any answer will do, a refusal too.
async fn answers(address: &str) -> Result<(), &'static str> {
    let client = reqwest::Client::builder().timeout(PATIENCE).build().map_err(|_| "no HTTP client")?;
    match client.get(address).send().await {
        Ok(_) => Ok(()),
        Err(error) if error.is_timeout() => Err("no answer in time"),
        Err(error) if error.is_connect() => Err("no connection"),
        Err(error) if error.is_builder() => Err("the address is malformed"),
        Err(_) => Err("the connection broke"),
    }
}

#[cfg(test)]
mod tests {
    use super::{examine, ollama_address};
    use crate::{
        cli::doctor::State,
        config::{Config, Environment, ProviderConfig, WireFormat},
    };

    #[test]
    fn ollamas_variable_becomes_an_address() {
        assert_eq!(ollama_address("0.0.0.0"), "http://127.0.0.1:11434/");
        assert_eq!(ollama_address("gpu.lan:8080"), "http://gpu.lan:8080/");
        assert_eq!(ollama_address("https://gpu.lan"), "https://gpu.lan/");
    }

    #[tokio::test]
    async fn nothing_configured_is_missing_and_a_key_that_is_not_set_is_broken() {
        let config = Config { discovery: false, ..Config::default() };
        let findings = examine(&config, &Environment::default()).await;
        assert_eq!(findings.iter().map(|finding| finding.state).collect::<Vec<_>>(), [State::Missing]);

        let own = Environment::of(&[("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")]);
        let findings = examine(&config, &own).await;
        assert_eq!((findings[0].check.as_str(), findings[0].state), ("provider openai", State::Broken));

        let provider = ProviderConfig {
            id: "a".into(),
            wire_format: WireFormat::OpenaiChat,
            base_url: Some("http://127.0.0.1:1/v1".into()),
            api_key_env: Some("A_KEY".into()),
            api_key: None,
            model: None,
            context_window: None,
            headers: Default::default(),
        };
        let config = Config { providers: vec![provider], ..config };
        let findings = examine(&config, &Environment::default()).await;
        assert_eq!((findings[0].state, findings[0].detail.as_str()), (State::Broken, "A_KEY is not set"));
        let findings = examine(&config, &Environment::of(&[("A_KEY", "k")])).await;
        assert_eq!(findings[0].detail, "127.0.0.1 does not answer: no connection");
    }
}
