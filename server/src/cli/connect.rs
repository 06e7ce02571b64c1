//! Finds the server and the token, and connects.

use super::exit::Failure;
use crate::{
    config::{self, Environment},
    secret::Secret,
};
use banto_proto::v1::{
    audit_log_client::AuditLogClient, companion_conversation_client::CompanionConversationClient,
    jobs_client::JobsClient, plans_client::PlansClient, settings_client::SettingsClient,
    tasks_client::TasksClient, worker_client::WorkerClient, workflows_client::WorkflowsClient,
    workspaces_client::WorkspacesClient,
};
use clap::Args;
use serde::Deserialize;
use std::{
    convert::Infallible,
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};
use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Certificate, Channel, ClientTlsConfig, Endpoint},
};

/// How long a server may be away before a command gives it up.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Largest message taken: a snapshot holds up to 100 replies of up to 1 MiB.
const MAX_MESSAGE: usize = 128 << 20;

/// Which server to talk to, and as whom.
#[derive(Args, Clone, Debug)]
pub(super) struct ServerFlags {
    /// The server, such as http://127.0.0.1:7310 [default: BANTO_SERVER, else the one that runs on the data directory]
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
    /// Access token [default: BANTO_TOKEN, else the owner's in the data directory]
    #[arg(long, value_name = "TOKEN", value_parser = secret)]
    pub token: Option<Secret>,
    /// Data directory of a server on this machine [default: BANTO_DATA_DIR, else as for `banto serve`]
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Configuration file that names the data directory [default: as for `banto serve`]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// PEM certificate of an authority to trust besides the usual ones
    #[arg(long, value_name = "FILE")]
    pub tls_ca: Option<PathBuf>,
}

/// Never fails, so that clap never quotes the token in an error.
#[expect(clippy::unnecessary_wraps, reason = "clap asks for a result")]
fn secret(text: &str) -> Result<Secret, Infallible> {
    Ok(Secret::new(text.to_owned()))
}

/// What a running server leaves in its data directory.
#[derive(Debug, Deserialize)]
pub(super) struct ServerFile {
    /// Where it listens, in a form that can be connected to.
    pub url: String,
    /// Its process.
    pub pid: Option<u32>,
}

impl ServerFile {
    /// Reads `server.json`. `None`: no server runs on the directory.
    pub fn read(data_dir: &Path) -> Result<Option<Self>, Failure> {
        let path = data_dir.join("server.json");
        let Some(text) = read_if_there(&path)? else { return Ok(None) };
        serde_json::from_str(&text)
            .map(Some)
            .map_err(|error| Failure::Failed(format!("{} cannot be understood: {error}", path.display())))
    }
}

/// Reads the owner's token. `None`: no server has run on the directory yet.
pub(super) fn owner_token(data_dir: &Path) -> Result<Option<Secret>, Failure> {
    let text = read_if_there(&data_dir.join("token"))?;
    Ok(text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).map(Secret::new))
}

fn read_if_there(path: &Path) -> Result<Option<String>, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(Failure::Failed(format!("{} cannot be read: {error}", path.display()))),
    }
}

/// A server and the token for it.
#[derive(Debug)]
pub(super) struct Target {
    pub url: String,
    token: Option<Secret>,
    tls_ca: Option<PathBuf>,
}

impl ServerFlags {
    /// The data directory that these flags and the environment mean.
    pub fn data_dir(&self, environment: &Environment) -> Result<PathBuf, Failure> {
        Ok(config::data_dir(self.data_dir.as_deref(), self.config.as_deref(), environment)?)
    }

    /// The server that was named, by a flag or by `BANTO_SERVER`.
    pub fn named_server<'a>(&'a self, environment: &'a Environment) -> Option<&'a str> {
        self.server.as_deref().or_else(|| environment.text("BANTO_SERVER"))
    }

    /// The server to talk to. Read anew for each connection: a server that was
    /// restarted may listen elsewhere.
    pub fn target(&self, environment: &Environment) -> Result<Target, Failure> {
        let token = || {
            self.token.clone().or_else(|| environment.text("BANTO_TOKEN").map(|t| Secret::new(t.to_owned())))
        };
        let tls_ca = self.tls_ca.clone();
        if let Some(url) = self.named_server(environment) {
            let token = match token() {
                Some(token) => Some(token),
                None => self.token_for(url, environment)?,
            };
            return Ok(Target { url: url.to_owned(), token, tls_ca });
        }
        let data_dir = self.data_dir(environment)?;
        let Some(server) = ServerFile::read(&data_dir)? else {
            return Err(Failure::Away(format!(
                "no server runs on {}; start one with `banto serve`, or name one with --server",
                data_dir.display()
            )));
        };
        let token = match token() {
            Some(token) => Some(token),
            None => owner_token(&data_dir)?,
        };
        Ok(Target { url: server.url, token, tls_ca })
    }

    /// The owner's token, for a server that was named without one. Given only to
    /// the server that runs on the data directory, or when the directory was
    /// named too: the token opens everything, and must not go to a stranger.
    fn token_for(&self, url: &str, environment: &Environment) -> Result<Option<Secret>, Failure> {
        let Ok(data_dir) = self.data_dir(environment) else { return Ok(None) };
        let same = |server: &ServerFile| server.url.trim_end_matches('/') == url.trim_end_matches('/');
        if self.data_dir.is_some() || ServerFile::read(&data_dir)?.as_ref().is_some_and(same) {
            return owner_token(&data_dir);
        }
        Ok(None)
    }

    /// Connects to the server that these flags mean.
    pub async fn connect(&self, environment: &Environment) -> Result<Client, Failure> {
        self.target(environment)?.connect().await
    }
}

impl Target {
    async fn connect(&self) -> Result<Client, Failure> {
        let bearer = Bearer::new(self.token.as_ref())?;
        let endpoint = self.endpoint()?;
        let channel = endpoint.connect().await.map_err(|error| {
            Failure::Away(format!("no server answers at {}: {}", self.url, root_cause(&error)))
        })?;
        Ok(Client { channel, bearer })
    }

    fn endpoint(&self) -> Result<Endpoint, Failure> {
        let wrong = || {
            Failure::Usage(format!(
                "{:?} is no server; expected http://HOST:PORT or https://HOST:PORT",
                self.url
            ))
        };
        let endpoint = Endpoint::from_shared(self.url.clone()).map_err(|_| wrong())?;
        let scheme = endpoint.uri().scheme_str().map(str::to_owned);
        // The pings notice a server that is frozen or cut off without a word.
        let endpoint = endpoint
            .connect_timeout(Duration::from_secs(2))
            .http2_keep_alive_interval(Duration::from_secs(2))
            .keep_alive_timeout(Duration::from_secs(3))
            .tcp_nodelay(true);
        match scheme.as_deref() {
            Some("http") => Ok(endpoint),
            Some("https") => self.with_tls(endpoint),
            _ => Err(wrong()),
        }
    }

    fn with_tls(&self, endpoint: Endpoint) -> Result<Endpoint, Failure> {
        let mut tls = ClientTlsConfig::new();
        if let Some(path) = &self.tls_ca {
            let wrong = |why: String| Failure::Usage(format!("--tls-ca: {} {why}", path.display()));
            let pem = fs::read_to_string(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
            // Without this, a key given by mistake would be passed over in silence.
            if !pem.contains("-----BEGIN CERTIFICATE-----") {
                return Err(wrong("holds no PEM certificate".to_owned()));
            }
            tls = tls.ca_certificate(Certificate::from_pem(pem));
        }
        // A machine without any certificates of its own still has the built-in ones.
        endpoint
            .clone()
            .tls_config(tls.clone().with_enabled_roots())
            .or_else(|_| endpoint.tls_config(tls.with_webpki_roots()))
            .map_err(|error| Failure::Usage(format!("--tls-ca: {}", root_cause(&error))))
    }
}

/// The innermost cause says what happened; the outer ones say "transport error".
fn root_cause(error: &tonic::transport::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// A connection; each service's client is made of it.
#[derive(Clone)]
pub(super) struct Client {
    channel: Channel,
    bearer: Bearer,
}

/// What the generated clients run on.
pub(super) type Wire = InterceptedService<Channel, Bearer>;

impl Client {
    fn wire(&self) -> Wire {
        InterceptedService::new(self.channel.clone(), self.bearer.clone())
    }

    pub fn conversation(&self) -> CompanionConversationClient<Wire> {
        CompanionConversationClient::new(self.wire()).max_decoding_message_size(MAX_MESSAGE)
    }

    pub fn jobs(&self) -> JobsClient<Wire> {
        JobsClient::new(self.wire()).max_decoding_message_size(MAX_MESSAGE)
    }

    pub fn settings(&self) -> SettingsClient<Wire> {
        SettingsClient::new(self.wire())
    }

    pub fn worker(&self) -> WorkerClient<Wire> {
        WorkerClient::new(self.wire()).max_decoding_message_size(MAX_MESSAGE)
    }

    pub fn workspaces(&self) -> WorkspacesClient<Wire> {
        WorkspacesClient::new(self.wire()).max_decoding_message_size(MAX_MESSAGE)
    }

    pub fn tasks(&self) -> TasksClient<Wire> {
        TasksClient::new(self.wire()).max_decoding_message_size(MAX_MESSAGE)
    }

    pub fn plans(&self) -> PlansClient<Wire> {
        PlansClient::new(self.wire())
            .max_decoding_message_size(MAX_MESSAGE)
            .max_encoding_message_size(MAX_MESSAGE)
    }

    pub fn audit(&self) -> AuditLogClient<Wire> {
        AuditLogClient::new(self.wire())
    }

    pub fn workflows(&self) -> WorkflowsClient<Wire> {
        WorkflowsClient::new(self.wire()).max_decoding_message_size(MAX_MESSAGE)
    }

    pub fn health(&self) -> tonic_health::pb::health_client::HealthClient<Wire> {
        tonic_health::pb::health_client::HealthClient::new(self.wire())
    }
}

/// Puts the token on every call.
#[derive(Clone)]
pub(super) struct Bearer(Option<MetadataValue<Ascii>>);

impl Bearer {
    fn new(token: Option<&Secret>) -> Result<Self, Failure> {
        let Some(token) = token else { return Ok(Self(None)) };
        let mut value: MetadataValue<Ascii> = format!("Bearer {}", token.expose())
            .parse()
            .map_err(|_| Failure::Usage("the token holds characters that no token has".to_owned()))?;
        value.set_sensitive(true);
        Ok(Self(Some(value)))
    }
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(value) = &self.0 {
            request.metadata_mut().insert("authorization", value.clone());
        }
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use super::{Failure, ServerFlags, Target};
    use crate::config::Environment;
    use std::{fs, path::Path};

    fn flags() -> ServerFlags {
        ServerFlags { server: None, token: None, data_dir: None, config: None, tls_ca: None }
    }

    fn directory() -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("server.json"), r#"{"url":"http://127.0.0.1:7","pid":1,"new":[]}"#)
            .unwrap();
        fs::write(directory.path().join("token"), "owner\n").unwrap();
        directory
    }

    fn seen(flags: &ServerFlags, variables: &[(&str, &str)], data_dir: &Path) -> (String, Option<String>) {
        let data_dir = data_dir.display().to_string();
        let environment = Environment::of(&[&[("BANTO_DATA_DIR", data_dir.as_str())], variables].concat());
        let Target { url, token, .. } = flags.target(&environment).unwrap();
        (url, token.map(|token| token.expose().to_owned()))
    }

    #[test]
    fn the_running_server_is_found_in_the_data_directory() {
        let directory = directory();
        let local = "http://127.0.0.1:7".to_owned();
        assert_eq!(seen(&flags(), &[], directory.path()), (local.clone(), Some("owner".into())));
        assert_eq!(seen(&flags(), &[("BANTO_TOKEN", "t")], directory.path()), (local, Some("t".into())));
    }

    #[test]
    fn the_owners_token_goes_to_no_other_server() {
        let directory = directory();
        let remote = ("BANTO_SERVER", "https://elsewhere");
        assert_eq!(seen(&flags(), &[remote], directory.path()), ("https://elsewhere".into(), None));
        let same = ("BANTO_SERVER", "http://127.0.0.1:7/");
        assert_eq!(seen(&flags(), &[same], directory.path()).1, Some("owner".into()));
        let named = ServerFlags { data_dir: Some(directory.path().to_owned()), ..flags() };
        assert_eq!(seen(&named, &[remote], directory.path()).1, Some("owner".into()));
        let flag = ServerFlags { server: Some("http://flag".into()), ..flags() };
        assert_eq!(
            seen(&flag, &[remote, ("BANTO_TOKEN", "t")], directory.path()),
            ("http://flag".into(), Some("t".into()))
        );
    }

    #[test]
    fn without_a_server_the_command_ends_with_code_4() {
        let directory = tempfile::tempdir().unwrap();
        let flags = ServerFlags { data_dir: Some(directory.path().join("none")), ..flags() };
        assert!(matches!(flags.target(&Environment::default()), Err(Failure::Away(_))));
    }

    #[tokio::test]
    async fn a_wrong_address_is_wrong_usage_and_a_dead_one_is_no_server() {
        let connect = async |url: &str| {
            let flags = ServerFlags { server: Some(url.to_owned()), ..flags() };
            flags.connect(&Environment::of(&[("HOME", "/nonexistent")])).await.err().unwrap()
        };
        assert!(matches!(connect("127.0.0.1:7310").await, Failure::Usage(_)));
        assert!(matches!(connect("ftp://x").await, Failure::Usage(_)));
        assert!(matches!(connect("http://127.0.0.1:1").await, Failure::Away(_)));
    }
}
