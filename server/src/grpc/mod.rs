//! The API's edge: decode, one call, encode. Nothing else knows the wire.

mod audit_log;
mod auth;
mod companion_conversation;
mod decode;
mod encode;
mod encode_diff;
mod encode_plan;
mod encode_task;
mod feed;
mod jobs;
mod plans;
mod runtime_registry;
mod scope;
mod settings;
mod status;
mod stream;
mod tasks;
mod worker;
mod workflows;
mod workspaces;

use crate::{
    access::{Principal, Tokens},
    audit::AuditLog,
    companion::Companion,
    error::Error,
    job::Jobs,
    plan::Plans,
    prompt::Prompts,
    provider::Providers,
    registry::Registry,
    store::Store,
    task::Tasks,
    workflow::Workflows,
    workspace::Workspaces,
};
use banto_proto::v1 as pb;
use std::sync::{Arc, Mutex};
use tonic::{Request, service::Routes};

pub use auth::AuthLayer;
pub use encode_diff::outcome as plan_outcome;
pub use encode_plan::findings as plan_findings;

/// Largest request, in bytes.
const MAX_REQUEST: usize = 1024 * 1024;
/// Largest request that brings a plan, in bytes.
const MAX_PLAN_REQUEST: usize = 3 * 1024 * 1024;
/// Largest response, in bytes: a page of 500 messages may be long.
const MAX_RESPONSE: usize = 64 * 1024 * 1024;

/// The services, as health checks name them; the empty name is the server.
pub const SERVICES: [&str; 12] = [
    "",
    pb::runtime_registry_server::SERVICE_NAME,
    pb::worker_server::SERVICE_NAME,
    pb::companion_conversation_server::SERVICE_NAME,
    pb::jobs_server::SERVICE_NAME,
    pb::feed_server::SERVICE_NAME,
    pb::settings_server::SERVICE_NAME,
    pb::workspaces_server::SERVICE_NAME,
    pb::tasks_server::SERVICE_NAME,
    pb::workflows_server::SERVICE_NAME,
    pb::plans_server::SERVICE_NAME,
    pb::audit_log_server::SERVICE_NAME,
];

/// What the services call.
#[derive(Clone, Debug)]
pub struct Rooms {
    /// Runtimes and workers.
    pub registry: Registry,
    /// Conversations.
    pub companion: Companion,
    /// Jobs.
    pub jobs: Jobs,
    /// Workspaces and their files.
    pub workspaces: Workspaces,
    /// Tasks.
    pub tasks: Tasks,
    /// Workflows.
    pub workflows: Workflows,
    /// Plans.
    pub plans: Plans,
    /// Models.
    pub providers: Providers,
    /// Prompt resources.
    pub prompts: Prompts,
    /// Access.
    pub tokens: Tokens,
    /// The database, for preferences.
    pub store: Store,
    /// Version and build of this server; a console of another build reloads
    /// itself.
    pub build: String,
}

/// All services: the API, reflection and health.
///
/// # Errors
/// When the descriptor that was compiled in is not sound.
pub fn routes(
    rooms: Rooms,
    health: tonic_health::pb::health_server::HealthServer<impl tonic_health::pb::health_server::Health>,
) -> Result<Routes, tonic_reflection::server::Error> {
    let Rooms {
        registry,
        companion,
        jobs,
        workspaces,
        tasks,
        workflows,
        plans,
        providers,
        prompts,
        tokens,
        store,
        build,
    } = rooms;
    let reflection = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(banto_proto::FILE_DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    let mut routes = Routes::builder();
    macro_rules! serve {
        ($server:path, $service:expr) => {
            serve!($server, $service, MAX_REQUEST)
        };
        ($server:path, $service:expr, $largest:expr) => {
            routes.add_service(
                <$server>::new($service)
                    .max_decoding_message_size($largest)
                    .max_encoding_message_size(MAX_RESPONSE)
                    // Answers are not compressed: a stream's would be, message by message, for
                    // every client that can read gzip, and tokens are too short for it.
                    .accept_compressed(tonic::codec::CompressionEncoding::Gzip),
            );
        };
    }
    serve!(
        pb::runtime_registry_server::RuntimeRegistryServer<_>,
        runtime_registry::RuntimeRegistryService(registry.clone())
    );
    serve!(
        pb::worker_server::WorkerServer<_>,
        worker::WorkerService { registry: registry.clone(), companion: companion.clone() }
    );
    serve!(
        pb::companion_conversation_server::CompanionConversationServer<_>,
        companion_conversation::CompanionConversationService(companion.clone())
    );
    serve!(pb::jobs_server::JobsServer<_>, jobs::JobsService(jobs.clone()));
    serve!(pb::tasks_server::TasksServer<_>, tasks::TasksService(tasks.clone()));
    serve!(pb::workflows_server::WorkflowsServer<_>, workflows::WorkflowsService(workflows.clone()));
    // The text of a plan may have 2 MiB.
    serve!(pb::plans_server::PlansServer<_>, plans::PlansService(plans.clone()), MAX_PLAN_REQUEST);
    serve!(pb::audit_log_server::AuditLogServer<_>, audit_log::AuditLogService(AuditLog::new(store.clone())));
    serve!(
        pb::feed_server::FeedServer<_>,
        feed::FeedService {
            registry: registry.clone(),
            companion: companion.clone(),
            jobs,
            tasks,
            workflows,
            plans: plans.clone(),
            workspaces: workspaces.clone(),
            build,
            open: Arc::new(Mutex::default()),
        }
    );
    serve!(
        pb::settings_server::SettingsServer<_>,
        settings::SettingsService { store, registry, companion, plans, providers, prompts, tokens }
    );
    serve!(pb::workspaces_server::WorkspacesServer<_>, workspaces::WorkspacesService(workspaces));
    routes.add_service(reflection().build_v1()?);
    routes.add_service(reflection().build_v1alpha()?);
    routes.add_service(health);
    Ok(routes.routes())
}

/// Who calls; put there by [`AuthLayer`].
fn caller<T>(request: &Request<T>) -> Result<Principal, Error> {
    request.extensions().get::<Principal>().cloned().ok_or(Error::Unauthenticated)
}
