//! Takes secrets out of the words of providers, who like to repeat them.

use crate::secret::Secret;
use reqwest::Url;

const REDACTED: &str = "[redacted]";

/// Shortest secret that is searched for; a shorter one would hit plain words.
const MIN_SECRET: usize = 4;

/// Longest stretch of letters and digits that is taken for a word.
const MAX_WORD: usize = 23;

/// How the keys of well-known providers begin.
const KEY_PREFIXES: [&str; 13] =
    ["sk-", "sk_", "pk-", "rk-", "AIza", "AKIA", "gsk_", "hf_", "xai-", "ghp_", "glpat-", "pplx-", "eyJ"];

/// Names whose value is a secret wherever they stand: `api_key=…`.
const SECRET_NAMES: [&str; 5] = ["key", "token", "secret", "password", "signature"];

/// Knows a provider's secrets and what those of others look like.
#[derive(Clone, Debug, Default)]
pub(super) struct Redactor {
    secrets: Vec<Secret>,
}

impl Redactor {
    /// Redacts these values, and each word of them: of `Bearer abc` also `abc`.
    pub(super) fn new<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        let mut secrets: Vec<&str> = secrets
            .into_iter()
            .flat_map(|secret| {
                let whole = secret.expose();
                std::iter::once(whole).chain(whole.split_whitespace())
            })
            .filter(|secret| secret.len() >= MIN_SECRET && !is_scheme(secret))
            .collect();
        // The longest first, so that a secret within another leaves no rest of it.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.dedup();
        Self { secrets: secrets.into_iter().map(|secret| Secret::new(secret.to_owned())).collect() }
    }

    /// The text in one line without secrets.
    pub(super) fn redact(&self, text: &str) -> String {
        let known =
            self.secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.expose(), REDACTED));
        let mut words: Vec<String> = Vec::new();
        let mut after_scheme = false;
        for word in known.split(|letter: char| letter.is_whitespace() || letter.is_control()) {
            if word.is_empty() {
                continue;
            }
            words.push(match word {
                _ if after_scheme => REDACTED.to_owned(),
                _ if word.contains("://") => redact_runs(&redact_url(word)),
                _ => redact_runs(word),
            });
            after_scheme = is_scheme(word.trim_matches(|letter: char| !letter.is_alphanumeric()));
        }
        words.join(" ")
    }
}

fn is_scheme(word: &str) -> bool {
    word.eq_ignore_ascii_case("bearer") || word.eq_ignore_ascii_case("basic")
}

/// Removes what a URL can carry besides its place: user, password, query.
fn redact_url(word: &str) -> String {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "-._~:/?#[]@!$&*+,;=%".contains(letter);
    // The scheme's letters begin the URL; quotes or brackets may stand before.
    let scheme = word.find("://").unwrap_or_default();
    let start = word[..scheme]
        .rfind(|letter: char| !letter.is_ascii_alphanumeric())
        .map_or(0, |at| at + word[at..].chars().next().map_or(1, char::len_utf8));
    let end = word[start..].find(|letter| !is_part(letter)).map_or(word.len(), |length| start + length);
    let Ok(mut url) = Url::parse(&word[start..end]) else { return "[url]".to_owned() };
    url.set_query(None);
    url.set_fragment(None);
    // Both fail only for URLs that have neither.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    format!("{}{}{}", &word[..start], url, redact_tail(&word[end..]))
}

/// What follows a URL in the same word may hold another one.
fn redact_tail(tail: &str) -> String {
    if tail.contains("://") { "[url]".to_owned() } else { tail.to_owned() }
}

/// Replaces each run of a key's letters that looks like one.
fn redact_runs(word: &str) -> String {
    let in_run = |letter: char| letter.is_ascii_alphanumeric() || "-_*".contains(letter);
    let mut redacted = String::with_capacity(word.len());
    let mut rest = word;
    while let Some(start) = rest.find(in_run) {
        let end = rest[start..].find(|letter| !in_run(letter)).map_or(rest.len(), |length| start + length);
        let run = &rest[start..end];
        redacted.push_str(&rest[..start]);
        let named = redacted.strip_suffix('=').is_some_and(names_secret);
        redacted.push_str(if named || looks_like_key(run) { REDACTED } else { run });
        rest = &rest[end..];
    }
    redacted + rest
}

fn names_secret(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    SECRET_NAMES.iter().any(|name| text.ends_with(name))
}

fn looks_like_key(run: &str) -> bool {
    let prefixed = KEY_PREFIXES.iter().any(|prefix| run.starts_with(prefix) && run.len() > prefix.len() + 3);
    let masked = run.contains("***");
    let random = run.split(['-', '_', '*']).any(|part| {
        part.len() > MAX_WORD
            && part.contains(|letter: char| letter.is_ascii_digit())
            && part.contains(|letter: char| letter.is_ascii_alphabetic())
    });
    prefixed || masked || random
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redact(text: &str) -> String {
        Redactor::new(&[Secret::new("Bearer canary-1".to_owned()), Secret::new("it".to_owned())]).redact(text)
    }

    #[test]
    fn removes_known_secrets_anywhere() {
        assert_eq!(
            redact("bad key 'canary-1', sent as Bearer canary-1."),
            "bad key '[redacted]', sent as [redacted]."
        );
        assert_eq!(redact("xcanary-1y"), "x[redacted]y");
        assert_eq!(redact("it is too short to hide"), "it is too short to hide");
    }

    #[test]
    fn removes_what_looks_like_a_key() {
        for (text, expected) in [
            ("Incorrect API key provided: sk-proj-abc123.", "Incorrect API key provided: [redacted]."),
            ("key:AIzaSyD-abcdefg", "key:[redacted]"),
            ("authorization: bearer abc", "authorization: bearer [redacted]"),
            ("mine********abcd is wrong", "[redacted] is wrong"),
            ("?api_key=short&x=1", "?api_key=[redacted]&x=1"),
            ("4f8e2a6b9c1d3e5f7a9b1c3d5e7f9a1b", "[redacted]"),
        ] {
            assert_eq!(redact(text), expected);
        }
    }

    #[test]
    fn keeps_what_helps() {
        for text in [
            "The model `claude-3-5-sonnet-20241022` does not exist",
            "Rate limit reached for gpt-5-mini on tokens per min (TPM): Limit 200000",
            "model 'qwen2.5-coder:7b-instruct-q4_K_M' not found",
            "risk-free task",
        ] {
            assert_eq!(redact(text), text);
        }
    }

    #[test]
    fn strips_urls() {
        assert_eq!(
            redact("see \"https://me:pw@host.example/path?key=1#top\" or <http://h/?x>"),
            "see \"https://host.example/path\" or <http://h/>"
        );
        assert_eq!(redact("http://[ broken"), "[url] broken");
    }

    #[test]
    fn makes_one_line() {
        assert_eq!(redact("a\n\n b\u{1b}[31m\tc"), "a b [31m c");
    }
}
