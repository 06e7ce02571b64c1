//! The flags of `banto serve`.

use super::{LogFormat, keys};
use crate::secret::Secret;
use clap::Args;
use figment::value::{Dict, Value};
use std::{convert::Infallible, net::SocketAddr, path::PathBuf};

/// One flag for each setting that is a single value or a list; what has a table
/// of its own is set in `banto.toml` or by a variable.
#[derive(Args, Clone, Debug, Default)]
pub struct ServeFlags {
    /// Address and port to listen on; port 0 picks one [default: 127.0.0.1:7310]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
    /// Directory that everything is kept in [default: the platform's]
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Folder to open as a workspace, which becomes the default one [default at the first start: the git repository around the current directory]
    #[arg(long, value_name = "DIR")]
    pub workspace: Option<PathBuf>,
    /// PostgreSQL instead of SQLite; others can read a password given here in the list of processes
    #[arg(long, value_name = "URL", value_parser = secret)]
    pub database_url: Option<Secret>,
    /// Configuration file [default: banto/banto.toml in the configuration directory]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Prompt resources that replace the built-in ones of the same name
    #[arg(long, value_name = "DIR")]
    pub prompts_dir: Option<PathBuf>,
    /// Key of the audit log, which servers of one database share [default: audit.key in the data directory]
    #[arg(long, value_name = "FILE")]
    pub audit_key_file: Option<PathBuf>,
    /// Listen without TLS on an address that other machines reach: for use behind a proxy
    #[arg(long, num_args = 0..=1, default_missing_value = "true", require_equals = true, value_name = "BOOL")]
    pub allow_insecure_bind: Option<bool>,
    /// PEM certificate chain; needs --tls-key
    #[arg(long, value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,
    /// PEM private key; needs --tls-cert
    #[arg(long, value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// Further values of Host that are served, separated by commas
    #[arg(long, value_name = "HOST", value_delimiter = ',')]
    pub allowed_hosts: Option<Vec<String>>,
    /// Further values of Origin that may call, separated by commas
    #[arg(long, value_name = "ORIGIN", value_delimiter = ',')]
    pub allowed_origins: Option<Vec<String>>,
    /// What to log, such as `warn` or `info,banto_server=debug` [default: info, with less from libraries]
    #[arg(long, value_name = "DIRECTIVES")]
    pub log: Option<String>,
    /// Form of log lines [default: text]
    #[arg(long, value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,
    /// Whether to look for Ollama on this machine when nothing is configured [default: true]
    #[arg(long, value_name = "BOOL")]
    pub discovery: Option<bool>,
    /// How long a silent server still owns its turns, in milliseconds [default: 15000]
    #[arg(long, value_name = "MS")]
    pub lease_ms: Option<u64>,
}

/// A parser that never fails, so that clap never quotes the value in an error.
#[expect(clippy::unnecessary_wraps, reason = "clap asks for a result")]
fn secret(text: &str) -> Result<Secret, Infallible> {
    Ok(Secret::new(text.to_owned()))
}

impl ServeFlags {
    /// The flags that were given, by key.
    pub(super) fn values(&self) -> Dict {
        // Taken apart without `..`: a flag that is forgotten here does not compile.
        let Self {
            listen,
            data_dir,
            workspace,
            database_url,
            config: _,
            prompts_dir,
            audit_key_file,
            allow_insecure_bind,
            tls_cert,
            tls_key,
            allowed_hosts,
            allowed_origins,
            log,
            log_format,
            discovery,
            lease_ms,
        } = self;
        let text = |value: String| Value::from(value);
        let path = |value: &PathBuf| Value::from(value.to_string_lossy().into_owned());
        [
            ("listen", listen.map(|value| text(value.to_string()))),
            ("data_dir", data_dir.as_ref().map(path)),
            ("workspace", workspace.as_ref().map(path)),
            ("database_url", database_url.as_ref().map(|value| text(value.expose().to_owned()))),
            ("prompts_dir", prompts_dir.as_ref().map(path)),
            ("audit_key_file", audit_key_file.as_ref().map(path)),
            ("allow_insecure_bind", allow_insecure_bind.map(Value::from)),
            ("tls_cert", tls_cert.as_ref().map(path)),
            ("tls_key", tls_key.as_ref().map(path)),
            ("allowed_hosts", allowed_hosts.clone().map(Value::from)),
            ("allowed_origins", allowed_origins.clone().map(Value::from)),
            ("log", log.clone().map(text)),
            ("log_format", log_format.map(|value| text(value.name().to_owned()))),
            ("discovery", discovery.map(Value::from)),
            ("lease_ms", lease_ms.map(Value::from)),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?)))
        .collect()
    }
}

/// The flag that sets a key.
pub(super) fn flag_of(key: &str) -> String {
    format!("--{}", key.split('.').next().unwrap_or(key).replace('_', "-"))
}

/// The variable that sets a key.
pub(super) fn variable_of(key: &str) -> String {
    format!("{}{}", keys::PREFIX, key.replace('.', "__").to_uppercase())
}
