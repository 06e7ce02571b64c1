//! What looks like a secret: by the name of a file, or by what is written in it.
//! Such a file is never sent to a provider. Rather one too many than one too few,
//! but a file that only speaks of secrets is no secret.

use regex::{Regex, RegexSet};
use std::sync::LazyLock;

/// Endings of keys, certificates with keys, and their stores.
const ENDINGS: [&str; 13] = [
    ".pem",
    ".key",
    ".p12",
    ".pfx",
    ".jks",
    ".keystore",
    ".ppk",
    ".kdbx",
    ".tfstate",
    ".tfstate.backup",
    ".tfvars",
    ".ovpn",
    ".p8",
];
/// Whole names.
const NAMES: [&str; 29] = [
    ".netrc",
    "_netrc",
    ".npmrc",
    ".pypirc",
    ".git-credentials",
    ".htpasswd",
    ".pgpass",
    ".my.cnf",
    ".dockercfg",
    ".vault-token",
    ".terraformrc",
    ".s3cfg",
    ".boto",
    ".envrc",
    "credentials",
    "credentials.json",
    "credentials.toml",
    "credentials.yml",
    "credentials.yaml",
    "credentials.ini",
    "credentials.xml",
    "kubeconfig",
    "service-account.json",
    "service_account.json",
    "serviceaccount.json",
    "master.key",
    "id.key",
    "token.json",
    ".secret",
];
/// Stems that hold secrets whatever the ending: `secrets.yaml`.
const STEMS: [&str; 2] = ["secrets", "secret"];
/// Endings that such a stem has where the file is data, not code that deals with
/// secrets.
const DATA_ENDINGS: [&str; 12] =
    ["yaml", "yml", "json", "json5", "toml", "ini", "env", "txt", "properties", "xml", "conf", "enc"];
/// Private keys of SSH; the public ones end with `.pub`.
const SSH_KEYS: [&str; 6] = ["id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "id_ecdsa_sk", "id_ed25519_sk"];
/// Folder and name together.
const PLACES: [&str; 8] = [
    ".aws/credentials",
    ".aws/config",
    ".kube/config",
    ".docker/config.json",
    ".cargo/credentials.toml",
    ".config/gh/hosts.yml",
    ".gnupg/secring.gpg",
    "gcloud/application_default_credentials.json",
];
/// What a template's name has, and a file with real values has not.
const TEMPLATE_ENDINGS: [&str; 7] =
    [".example", ".sample", ".template", ".tmpl", ".dist", ".defaults", ".schema"];

/// Marks of secrets in a text. Each is so long, or so particular, that prose and
/// code do not have it by chance.
static MARKS: LazyLock<RegexSet> = LazyLock::new(|| {
    let marks = [
        r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----",
        r"PuTTY-User-Key-File-\d",
        // Amazon's key ids, of people and of roles.
        r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b",
        r"\bgh[pousr]_[A-Za-z0-9]{36,}\b",
        r"\bgithub_pat_[A-Za-z0-9_]{60,}\b",
        r"\bglpat-[A-Za-z0-9_-]{20,}",
        r"\bsk-(?:proj-|svcacct-|ant-(?:api|admin)\d\d-|or-v1-)[A-Za-z0-9_-]{20,}",
        r"\bsk-[A-Za-z0-9]{40,}\b",
        r"\b[rs]k_live_[A-Za-z0-9]{20,}\b",
        r"\bxox[abeoprs]-[A-Za-z0-9-]{20,}",
        r"\bxapp-\d-[A-Z0-9]+-\d+-[a-f0-9]{30,}",
        r"\bAIza[A-Za-z0-9_-]{35}",
        r"\bya29\.[A-Za-z0-9_-]{40,}",
        r"\bnpm_[A-Za-z0-9]{36}\b",
        r"\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}",
        r"\bdop_v1_[a-f0-9]{64}\b",
        r"\bhf_[A-Za-z0-9]{34,}\b",
        r"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}",
        r"\bbanto_[a-f0-9]{64}\b",
        r"\bAGE-SECRET-KEY-1[A-Z0-9]{58}\b",
    ];
    RegexSet::new(marks).expect("the marks are sound")
});

/// A value of Amazon's secret key beside its name.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)aws_?secret_?access_?key["']?\s*[:=]\s*["']?[A-Za-z0-9/+]{40}\b"#)
        .expect("the mark is sound")
});

/// Whether a file looks like it holds secrets, by its path within a workspace.
#[must_use]
pub fn looks_secret_path(path: &str) -> bool {
    let path = path.to_lowercase();
    let name = path.rsplit('/').next().unwrap_or(&path);
    let is_template = TEMPLATE_ENDINGS.iter().any(|ending| name.ends_with(ending));
    if is_template {
        return false;
    }
    if name == ".env" || name.starts_with(".env.") || name.ends_with(".env") {
        // `.env.example.local` and the like are nobody's templates.
        return true;
    }
    if NAMES.contains(&name) || SSH_KEYS.contains(&name) {
        return true;
    }
    // `id_rsa.old` is a key, and `id_rsa.pub` is not.
    if SSH_KEYS.iter().any(|key| name.strip_prefix(key).is_some_and(|rest| rest.starts_with('.')))
        && !name.ends_with(".pub")
    {
        return true;
    }
    if ENDINGS.iter().any(|ending| name.len() > ending.len() && name.ends_with(ending)) {
        return true;
    }
    if let Some((stem, ending)) = name.split_once('.')
        && STEMS.contains(&stem)
        && ending.split('.').next_back().is_some_and(|last| DATA_ENDINGS.contains(&last))
    {
        return true;
    }
    PLACES.iter().any(|place| path == *place || path.ends_with(&format!("/{place}")))
}

/// Whether a text holds a private key or a token that is known by its form.
#[must_use]
pub fn looks_secret_content(text: &str) -> bool {
    MARKS.is_match(text) || NAMED.is_match(text)
}

/// As [`looks_secret_content`], for the first bytes of a file.
pub(super) fn looks_secret_head(head: &[u8]) -> bool {
    looks_secret_content(&String::from_utf8_lossy(head))
}

#[cfg(test)]
mod tests {
    use super::{looks_secret_content, looks_secret_path};

    #[test]
    fn names_of_secrets() {
        for path in [
            ".env",
            "api/.env",
            ".env.local",
            ".env.production",
            ".ENV",
            "prod.env",
            "certs/server.pem",
            "tls.key",
            "a.p12",
            "a.PFX",
            "release.jks",
            "debug.keystore",
            "id_rsa",
            "keys/id_ed25519",
            "id_rsa.old",
            ".netrc",
            ".npmrc",
            ".pypirc",
            ".git-credentials",
            "credentials",
            "x/credentials.json",
            "secrets.yaml",
            "config/secrets.yml",
            "secret.json",
            "secrets.prod.toml",
            "kubeconfig",
            ".kube/config",
            ".aws/credentials",
            "home/.aws/credentials",
            "terraform.tfstate",
            "prod.tfvars",
            ".htpasswd",
            ".docker/config.json",
            "@lib/.env",
            "config/master.key",
        ] {
            assert!(looks_secret_path(path), "{path}");
        }
    }

    #[test]
    fn names_that_only_speak_of_secrets() {
        for path in [
            ".env.example",
            ".env.sample",
            "api/.env.template",
            "src/secret.rs",
            "src/secrets.rs",
            "secrets/mod.rs",
            "docs/secrets.md",
            "environment.ts",
            "src/env.rs",
            "id_rsa.pub",
            "keyboard.rs",
            "monkey",
            "src/credentials.rs",
            "credentials_test.go",
            "package.json",
            "config",
            "aws/config.rs",
            "keys.ts",
            "token.rs",
            "secrets.example",
            "secrets.yaml.example",
            "key",
            "config/docker/config.json",
            ".envoy/x.yaml",
            "environments/dev.yaml",
        ] {
            assert!(!looks_secret_path(path), "{path}");
        }
    }

    /// Written in pieces, so that this file is not one of those that it speaks of.
    fn join(parts: &[&str]) -> String {
        parts.concat()
    }

    #[test]
    fn contents_that_are_secrets() {
        let letters = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOP";
        for text in [
            join(&["-----BEGIN ", "PRIVATE KEY-----\nMIIE"]),
            join(&["x\n-----BEGIN OPENSSH ", "PRIVATE KEY-----"]),
            join(&["-----BEGIN RSA ", "PRIVATE KEY-----"]),
            join(&["-----BEGIN PGP ", "PRIVATE KEY BLOCK-----"]),
            join(&["key = AKIA", "IOSFODNN7EXAMPLE"]),
            join(&["token: ghp_", &letters[..36]]),
            join(&["github_pat_", &letters[..22], "_", &letters[..40]]),
            join(&["sk-proj-", &letters[..40]]),
            join(&["OPENAI_API_KEY=sk-", &letters[..48]]),
            join(&["sk-ant-api03-", &letters[..40]]),
            join(&["xoxb-", "123456789012-123456789012-abcdef"]),
            join(&["AIza", "SyA1234567890abcdefghijklmnopqrstuv"]),
            join(&["sk_live_", &letters[..24]]),
            join(&["glpat-", &letters[..20]]),
            join(&["banto_", &"0123456789abcdef".repeat(4)]),
            join(&["aws_secret_access_key = ", "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEYab"]),
        ] {
            assert!(looks_secret_content(&text), "{text}");
        }
    }

    #[test]
    fn contents_that_are_not() {
        for text in [
            "",
            "let token = std::env::var(\"GITHUB_TOKEN\")?;",
            "-----BEGIN CERTIFICATE-----",
            "-----BEGIN PUBLIC KEY-----",
            "a private key begins with BEGIN PRIVATE KEY",
            "sk-learn and task-sk-1, mask-abcdef",
            "ghp_ is the prefix of a token; sk-... too; AKIA... as well",
            "sk-placeholder",
            "class AIzaSomething",
            "aws_secret_access_key = os.environ[\"AWS_SECRET\"]",
            "xoxb-your-token",
        ] {
            assert!(!looks_secret_content(text), "{text}");
        }
    }
}
