//! What the types cannot say: ranges, forms, and keys that depend on others.

use super::{Config, Limits, PriceConfig, ProviderConfig, Timeouts, keys};
use std::collections::BTreeSet;

/// A key and what is wrong with it.
type Finding = (String, String);

const DAY_MS: u64 = 86_400_000;

/// Everything that is wrong. No message holds a secret.
pub(super) fn check(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    network(config, &mut findings);
    if let Err(error) = tracing_subscriber::EnvFilter::try_new(&config.log) {
        findings.push(expected("log", &format!("found {:?}: {error}", config.log)));
    }
    if !(1_000..=300_000).contains(&config.lease_ms) {
        findings.push(expected("lease_ms", &format!("found {}", config.lease_ms)));
    }
    let url = config.database_url.as_ref().map(|url| url.expose());
    if url.is_some_and(|url| !url.starts_with("postgres://") && !url.starts_with("postgresql://")) {
        findings.push(expected("database_url", "found something else"));
    }
    numbers(config, &mut findings);
    providers(&config.providers, &mut findings);
    prices(&config.prices, &config.providers, &mut findings);
    findings
}

/// A finding in the words of the key's table.
fn expected(key: &str, found: &str) -> Finding {
    let path: Vec<_> = key.split('.').collect();
    let expected = keys::find(&path).map_or("another value", |key| key.expected);
    (key.to_owned(), format!("expected {expected}; {found}"))
}

fn network(config: &Config, findings: &mut Vec<Finding>) {
    match (&config.tls_cert, &config.tls_key) {
        (Some(_), None) => findings.push(("tls_cert".to_owned(), "it needs tls_key beside it".to_owned())),
        (None, Some(_)) => findings.push(("tls_key".to_owned(), "it needs tls_cert beside it".to_owned())),
        (None, None) if !config.listen.ip().is_loopback() && !config.allow_insecure_bind => {
            let message = format!(
                "{} can be reached from other machines, and tokens would cross the network in the clear; \
                 expected a loopback address, or tls_cert and tls_key, or allow_insecure_bind = true \
                 (behind a proxy that ends TLS)",
                config.listen
            );
            findings.push(("listen".to_owned(), message));
        }
        _ => {}
    }
    for (index, host) in config.allowed_hosts.iter().enumerate() {
        if port_of(host).is_none() {
            findings.push(expected_row("allowed_hosts", index, host));
        }
    }
    for (index, origin) in config.allowed_origins.iter().enumerate() {
        if !is_origin(origin) {
            findings.push(expected_row("allowed_origins", index, origin));
        }
    }
}

fn expected_row(key: &str, index: usize, found: &str) -> Finding {
    let (_, message) = expected(key, &format!("found {found:?}"));
    (format!("{key}.{index}"), message)
}

/// The port of `name` or `name:port`, if that is what the text is. `http` alone
/// accepts more: a user, wildcards, a port without digits or past 65535.
fn port_of(text: &str) -> Option<Option<u16>> {
    let authority = text.parse::<http::uri::Authority>().ok()?;
    let host = authority.host();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    let named = !host.is_empty() && (host.chars().all(plain) || host.starts_with('['));
    let port = text.strip_prefix(host)?;
    match port.strip_prefix(':') {
        None => (named && port.is_empty()).then_some(None),
        Some(digits) => named.then(|| digits.parse().ok().map(Some))?,
    }
}

/// Exactly what a browser sends: lower case, no path, no slash at the end, no
/// port that the scheme implies.
fn is_origin(text: &str) -> bool {
    let Some((scheme, authority)) = text.split_once("://") else { return false };
    let scheme_is_plain = scheme.starts_with(|first: char| first.is_ascii_lowercase())
        && scheme.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "+-.".contains(c));
    let implied = match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    };
    let authority_is_plain = !authority.contains(|c: char| c.is_ascii_uppercase())
        && port_of(authority).is_some_and(|port| port.is_none() || port != implied);
    scheme_is_plain && authority_is_plain
}

fn numbers(config: &Config, findings: &mut Vec<Finding>) {
    let Timeouts { connect_ms, first_byte_ms, idle_ms, turn_ms, stage_ms, retry_base_ms } = config.timeouts;
    for (key, value) in [
        ("timeouts.connect_ms", connect_ms),
        ("timeouts.first_byte_ms", first_byte_ms),
        ("timeouts.idle_ms", idle_ms),
        ("timeouts.turn_ms", turn_ms),
        ("timeouts.stage_ms", stage_ms),
        ("timeouts.retry_base_ms", retry_base_ms),
    ] {
        if !(1..=DAY_MS).contains(&value) {
            findings.push(expected(key, &format!("found {value}")));
        }
    }
    let Limits {
        concurrent_turns,
        connections_per_address,
        sends_per_minute,
        context_tokens,
        reply_tokens,
        plan_tokens,
    } = config.limits;
    for (key, is_zero) in [
        ("limits.concurrent_turns", concurrent_turns == 0),
        ("limits.connections_per_address", connections_per_address == 0),
        ("limits.sends_per_minute", sends_per_minute == 0),
        ("limits.context_tokens", context_tokens == 0),
        ("limits.reply_tokens", reply_tokens == 0),
        ("limits.plan_tokens", plan_tokens == 0),
    ] {
        if is_zero {
            findings.push(expected(key, "found 0"));
        }
    }
}

fn is_slug(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn providers(providers: &[ProviderConfig], findings: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for (index, provider) in providers.iter().enumerate() {
        let ProviderConfig {
            id,
            wire_format: _,
            base_url,
            api_key_env,
            api_key,
            model,
            context_window,
            headers,
        } = provider;
        let key = |name: &str| format!("providers.{index}.{name}");
        if !is_slug(id) {
            findings.push(expected(&key("id"), &format!("found {id:?}")));
        }
        if !seen.insert(id) {
            findings.push((key("id"), format!("another provider is called {id:?} already; ids are unique")));
        }
        // Not quoted: people put user names and passwords into addresses.
        if base_url.as_deref().is_some_and(|url| !is_http_url(url)) {
            findings.push(expected(&key("base_url"), "found something else"));
        }
        if api_key_env.as_deref().is_some_and(|name| name.is_empty() || name.contains(['=', '\0'])) {
            findings.push(expected(&key("api_key_env"), "found none"));
        }
        if api_key_env.is_some() && api_key.is_some() {
            findings.push((key("api_key"), "there is api_key_env too; expected one of the two".to_owned()));
        }
        if api_key.as_ref().is_some_and(|secret| secret.expose().trim().is_empty()) {
            findings
                .push((key("api_key"), "it is empty; leave it out if the provider takes no key".to_owned()));
        }
        if model.as_deref().is_some_and(|model| model.trim().is_empty()) {
            findings.push(expected(&key("model"), "found none"));
        }
        if *context_window == Some(0) {
            findings.push(expected(&key("context_window"), "found 0"));
        }
        for (name, value) in headers {
            let header = format!("{}.{name}", key("headers"));
            if name.parse::<http::HeaderName>().is_err() {
                findings.push((header, "this is no name of an HTTP header".to_owned()));
            } else if http::HeaderValue::from_str(value.expose()).is_err() {
                findings.push((header, "the value cannot be part of an HTTP header".to_owned()));
            }
        }
    }
}

fn is_http_url(text: &str) -> bool {
    reqwest::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

fn prices(prices: &[PriceConfig], providers: &[ProviderConfig], findings: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for (index, price) in prices.iter().enumerate() {
        let PriceConfig { provider, model, input, output, cache_read, cache_write, as_of: _ } = price;
        let key = |name: &str| format!("prices.{index}.{name}");
        let configured: Vec<_> = providers.iter().map(|provider| provider.id.as_str()).collect();
        if !configured.contains(&provider.as_str()) && !keys::KNOWN_PROVIDERS.contains(&provider.as_str()) {
            let known: Vec<_> = configured.into_iter().chain(keys::KNOWN_PROVIDERS).collect();
            let message = format!(
                "there is no provider {provider:?}; expected the id of a [[providers]] row or a known one: {}",
                known.join(", ")
            );
            findings.push((key("provider"), message));
        }
        if !seen.insert((provider, model)) {
            findings.push((key("model"), format!("{provider} {model} has a price already")));
        }
        for (name, value) in [
            ("input", Some(*input)),
            ("output", Some(*output)),
            ("cache_read", *cache_read),
            ("cache_write", *cache_write),
        ] {
            if let Some(value) = value.filter(|value| !value.is_finite() || *value < 0.0) {
                findings.push(expected(&key(name), &format!("found {value}")));
            }
        }
    }
}
