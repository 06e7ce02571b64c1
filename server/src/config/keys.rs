//! Every key that can be set: what a value must be, in words, and whether it is
//! a secret. The messages, the variables and the documentation's test use it; a
//! test holds it against the structs.

/// What all variables of the settings begin with.
pub(super) const PREFIX: &str = "BANTO_";

/// Variables that begin alike and are no settings: those of client commands, the
/// one that names the file, and those of tests, which a release does not read.
pub(super) const OTHER_VARIABLES: [&str; 5] =
    ["BANTO_SERVER", "BANTO_TOKEN", "BANTO_CONFIG", "BANTO_FAIL_POINT", "BANTO_CLOCK"];

/// Providers that are found without a row in the file.
pub(super) const KNOWN_PROVIDERS: [&str; 5] = ["openai", "anthropic", "gemini", "openrouter", "ollama"];

/// What a variable's text is turned into, and how a file's text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    /// Relative to the file that it stands in, or to the current directory.
    Path,
    Number,
    Boolean,
    /// In a variable: separated by commas.
    Texts,
    /// In a variable: a TOML array of inline tables.
    Tables,
}

/// A key. `*` in its path stands for any index or name.
#[derive(Debug)]
pub(super) struct Key {
    pub path: &'static str,
    pub kind: Kind,
    pub secret: bool,
    /// What a value must be, so that "expected …" is a sentence.
    pub expected: &'static str,
}

const fn key(path: &'static str, kind: Kind, expected: &'static str) -> Key {
    Key { path, kind, secret: false, expected }
}

const fn secret(path: &'static str, expected: &'static str) -> Key {
    Key { path, kind: Kind::Text, secret: true, expected }
}

const TIMEOUT: &str = "milliseconds, 1 to 86400000";
const PRICE: &str = "US dollars for a million tokens, 0 or more";

pub(super) const KEYS: &[Key] = &[
    key("listen", Kind::Text, "an IP address and a port, such as \"127.0.0.1:7310\""),
    key("data_dir", Kind::Path, "the path of a directory"),
    key("workspace", Kind::Path, "the path of a directory"),
    secret("database_url", "text that begins with postgres:// or postgresql://"),
    key("prompts_dir", Kind::Path, "the path of a directory"),
    key("audit_key_file", Kind::Path, "the path of a file"),
    key("allow_insecure_bind", Kind::Boolean, "true or false"),
    key("tls_cert", Kind::Path, "the path of a PEM file"),
    key("tls_key", Kind::Path, "the path of a PEM file"),
    key("allowed_hosts", Kind::Texts, "a list of names, each `name` or `name:port`"),
    key("allowed_origins", Kind::Texts, "a list of origins, each `scheme://host` or `scheme://host:port`"),
    key("log", Kind::Text, "directives such as \"info\" or \"info,banto_server=debug\""),
    key("log_format", Kind::Text, "\"text\" or \"json\""),
    key("discovery", Kind::Boolean, "true or false"),
    key("lease_ms", Kind::Number, "milliseconds, 1000 to 300000"),
    key("providers", Kind::Tables, "a list of tables, one [[providers]] for each provider"),
    key("providers.*.id", Kind::Text, "a slug: 1 to 64 of a-z, 0-9 and hyphen, such as \"openai\""),
    key("providers.*.wire_format", Kind::Text, "\"openai_chat\", \"anthropic\" or \"gemini\""),
    key("providers.*.base_url", Kind::Text, "an http:// or https:// address"),
    key("providers.*.api_key_env", Kind::Text, "the name of an environment variable"),
    secret("providers.*.api_key", "text"),
    key("providers.*.model", Kind::Text, "the id of a model"),
    key("providers.*.context_window", Kind::Number, "a number of tokens, 1 or more"),
    key("providers.*.headers", Kind::Tables, "a table of names and texts"),
    secret("providers.*.headers.*", "text"),
    key("prices", Kind::Tables, "a list of tables, one [[prices]] for each model"),
    key("prices.*.provider", Kind::Text, "the id of a provider"),
    key("prices.*.model", Kind::Text, "the id of a model"),
    key("prices.*.input", Kind::Number, PRICE),
    key("prices.*.output", Kind::Number, PRICE),
    key("prices.*.cache_read", Kind::Number, PRICE),
    key("prices.*.cache_write", Kind::Number, PRICE),
    key("prices.*.as_of", Kind::Text, "a day, such as 2026-11-01"),
    key("timeouts.connect_ms", Kind::Number, TIMEOUT),
    key("timeouts.first_byte_ms", Kind::Number, TIMEOUT),
    key("timeouts.idle_ms", Kind::Number, TIMEOUT),
    key("timeouts.turn_ms", Kind::Number, TIMEOUT),
    key("timeouts.stage_ms", Kind::Number, TIMEOUT),
    key("timeouts.retry_base_ms", Kind::Number, TIMEOUT),
    key("limits.concurrent_turns", Kind::Number, "a number, 1 or more"),
    key("limits.connections_per_address", Kind::Number, "a number, 1 or more"),
    key("limits.sends_per_minute", Kind::Number, "a number, 1 or more"),
    key("limits.context_tokens", Kind::Number, "a number of tokens, 1 or more"),
    key("limits.reply_tokens", Kind::Number, "a number of tokens, 1 or more"),
    key("limits.plan_tokens", Kind::Number, "a number of tokens, 1 or more"),
];

/// Whether a written path, such as `providers.0.id`, is one of this pattern.
fn matches(pattern: &str, path: &[&str]) -> bool {
    let mut segments = path.iter();
    pattern.split('.').all(|part| segments.next().is_some_and(|segment| part == "*" || part == *segment))
        && segments.next().is_none()
}

/// The key at a path.
pub(super) fn find(path: &[&str]) -> Option<&'static Key> {
    KEYS.iter().find(|key| matches(key.path, path))
}

/// Whether a secret is kept at, above or below a path: nothing that was written
/// there may be quoted.
pub(super) fn is_secret(path: &[&str]) -> bool {
    KEYS.iter().filter(|key| key.secret).any(|key| {
        let parts: Vec<_> = key.path.split('.').collect();
        let shared = parts.len().min(path.len());
        parts[..shared].iter().zip(path).all(|(part, segment)| *part == "*" || part == segment)
    })
}

/// The names that may stand below a path.
pub(super) fn names_below(path: &[&str]) -> Vec<&'static str> {
    let mut names: Vec<_> = KEYS
        .iter()
        .filter_map(|key| {
            let parts: Vec<_> = key.path.split('.').collect();
            let name = *parts.get(path.len())?;
            parts.iter().zip(path).all(|(part, segment)| *part == "*" || part == segment).then_some(name)
        })
        .collect();
    names.dedup();
    names
}
