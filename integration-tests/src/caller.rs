//! Someone who calls: a channel and a token.

use crate::{Answer as _, Companion, FeedWatch, PATIENCE};
use banto_proto::v1::{
    CreateTokenRequest, GetCompanionRequest, Subject, TokenScope, WorkerInfo,
    audit_log_client::AuditLogClient, companion_conversation_client::CompanionConversationClient,
    feed_client::FeedClient, jobs_client::JobsClient, plans_client::PlansClient,
    runtime_registry_client::RuntimeRegistryClient, settings_client::SettingsClient,
    tasks_client::TasksClient, worker_client::WorkerClient, workflows_client::WorkflowsClient,
    workspaces_client::WorkspacesClient,
};
use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Certificate, Channel, ClientTlsConfig, Endpoint},
};

/// A page of 10,000 files is longer than what tonic takes by default.
const MAX_FILES_ANSWER: usize = 64 << 20;

/// A channel on which each call carries the caller's token.
pub type Authorized = InterceptedService<Channel, Authorization>;

/// Adds the `authorization` header to each call.
#[derive(Clone, Debug)]
pub struct Authorization(MetadataValue<Ascii>);

impl Interceptor for Authorization {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("authorization", self.0.clone());
        Ok(request)
    }
}

/// Someone with a token. Cheap to clone; clones share one connection.
#[derive(Clone, Debug)]
pub struct Caller {
    channel: Channel,
    authorization: Authorization,
}

impl Caller {
    /// A caller with a connection of its own and any `authorization` header.
    #[must_use]
    pub fn with_authorization(url: &str, authorization: &str) -> Self {
        let endpoint = Endpoint::from_shared(url.to_owned()).expect("the server's address");
        Self {
            channel: endpoint.timeout(PATIENCE).connect_lazy(),
            authorization: Authorization(authorization.parse().expect("a header value")),
        }
    }

    /// A caller whose connection takes 64 KiB that were not read, and no more.
    #[must_use]
    pub fn narrow(url: &str, token: &str) -> Self {
        let endpoint = Endpoint::from_shared(url.to_owned()).expect("the server's address");
        let endpoint = endpoint.initial_stream_window_size(65_535).initial_connection_window_size(65_535);
        Self { channel: endpoint.timeout(PATIENCE).connect_lazy(), ..Self::new(url, token) }
    }

    /// A caller over TLS who trusts this authority, in PEM, and no other.
    #[must_use]
    pub fn trusting(url: &str, token: &str, authority: &str) -> Self {
        let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(authority));
        let endpoint = Endpoint::from_shared(url.to_owned()).expect("the server's address");
        let endpoint = endpoint.tls_config(tls).expect("a certificate in PEM");
        Self { channel: endpoint.timeout(PATIENCE).connect_lazy(), ..Self::new(url, token) }
    }

    /// A caller with a connection of its own.
    #[must_use]
    pub fn new(url: &str, token: &str) -> Self {
        Self::with_authorization(url, &format!("Bearer {token}"))
    }

    fn authorized(&self) -> Authorized {
        InterceptedService::new(self.channel.clone(), self.authorization.clone())
    }

    /// Calls `banto.v1.RuntimeRegistry`.
    #[must_use]
    pub fn registry(&self) -> RuntimeRegistryClient<Authorized> {
        RuntimeRegistryClient::new(self.authorized())
    }

    /// Calls `banto.v1.Worker`.
    #[must_use]
    pub fn workers(&self) -> WorkerClient<Authorized> {
        WorkerClient::new(self.authorized())
    }

    /// Calls `banto.v1.CompanionConversation`.
    #[must_use]
    pub fn conversations(&self) -> CompanionConversationClient<Authorized> {
        CompanionConversationClient::new(self.authorized())
    }

    /// Calls `banto.v1.Feed`.
    #[must_use]
    pub fn feed(&self) -> FeedClient<Authorized> {
        FeedClient::new(self.authorized())
    }

    /// Calls `banto.v1.Jobs`.
    #[must_use]
    pub fn jobs(&self) -> JobsClient<Authorized> {
        JobsClient::new(self.authorized())
    }

    /// Calls `banto.v1.Settings`.
    #[must_use]
    pub fn settings(&self) -> SettingsClient<Authorized> {
        SettingsClient::new(self.authorized())
    }

    /// Calls `banto.v1.Tasks`.
    #[must_use]
    pub fn tasks(&self) -> TasksClient<Authorized> {
        TasksClient::new(self.authorized()).max_decoding_message_size(MAX_FILES_ANSWER)
    }

    /// Calls `banto.v1.Workflows`.
    #[must_use]
    pub fn workflows(&self) -> WorkflowsClient<Authorized> {
        WorkflowsClient::new(self.authorized()).max_decoding_message_size(MAX_FILES_ANSWER)
    }

    /// Calls `banto.v1.Workspaces`.
    #[must_use]
    pub fn workspaces(&self) -> WorkspacesClient<Authorized> {
        WorkspacesClient::new(self.authorized()).max_decoding_message_size(MAX_FILES_ANSWER)
    }

    /// Calls `banto.v1.Plans`.
    #[must_use]
    pub fn plans(&self) -> PlansClient<Authorized> {
        PlansClient::new(self.authorized()).max_decoding_message_size(MAX_FILES_ANSWER)
    }

    /// Calls `banto.v1.AuditLog`.
    #[must_use]
    pub fn audit(&self) -> AuditLogClient<Authorized> {
        AuditLogClient::new(self.authorized())
    }

    /// The latest conversation of the default workspace.
    #[must_use]
    pub fn companion(&self) -> Companion {
        Companion::new(self.clone(), String::new())
    }

    /// A conversation by its id.
    #[must_use]
    pub fn conversation(&self, conversation_id: &str) -> Companion {
        Companion::new(self.clone(), conversation_id.to_owned())
    }

    /// The Companion as a worker.
    pub async fn companion_worker(&self) -> WorkerInfo {
        let response = self.conversations().get_companion(GetCompanionRequest::default()).await.granted();
        response.companion.expect("a Companion")
    }

    /// Opens a feed on several subjects.
    pub async fn watch_subjects(&self, subjects: impl IntoIterator<Item = Subject>) -> FeedWatch {
        FeedWatch::open(self.clone(), subjects.into_iter().collect()).await
    }

    /// Creates a token; returns its id and secret.
    pub async fn create_token(&self, name: &str, scope: TokenScope) -> (String, String) {
        let request = CreateTokenRequest { name: name.into(), scope: scope.into(), ..Default::default() };
        let response = self.settings().create_token(request).await.granted();
        (response.token.expect("a token").token_id, response.secret)
    }
}
