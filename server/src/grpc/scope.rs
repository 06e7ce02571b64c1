//! Which scope each method needs. A test walks the descriptor, so that a new
//! method cannot be forgotten; at run time a forgotten one is refused.

use crate::store::token::Scope;

/// The one method that takes a launch code.
pub(super) const CREATE_TOKEN: &str = "/banto.v1.Settings/CreateToken";
/// Methods that anybody may call: a load balancer has no token.
const OPEN: [&str; 3] =
    ["/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/List", "/grpc.health.v1.Health/Watch"];

/// What a method needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    /// Nothing.
    Nothing,
    /// A token of at least this scope.
    Token(Scope),
}

/// What a method needs; `None`: there is no such method.
pub(super) fn of(path: &str) -> Option<Needs> {
    if OPEN.contains(&path) {
        return Some(Needs::Nothing);
    }
    if path.starts_with("/grpc.reflection.v1.ServerReflection/")
        || path.starts_with("/grpc.reflection.v1alpha.ServerReflection/")
    {
        return Some(Needs::Token(Scope::Read));
    }
    let (service, method) = path.strip_prefix("/banto.v1.")?.split_once('/')?;
    let scope = match (service, method) {
        ("RuntimeRegistry", "ListRuntimes" | "GetRuntime" | "WatchRuntimes")
        | ("Worker", "ListWorkers" | "GetWorker" | "WatchWorkers")
        | (
            "CompanionConversation",
            "GetCompanion" | "ListConversations" | "GetTranscript" | "SearchMessages" | "WatchConversation",
        )
        | ("Jobs", "ListJobs" | "GetJob" | "WatchJobs")
        | ("Feed", "Watch" | "UpdateWatch")
        | ("Workspaces", "ListWorkspaces" | "GetWorkspace" | "ListFiles" | "ReadFile")
        | ("Tasks", "GetTask" | "ListTasks" | "ListTaskVersions" | "WatchTask")
        | ("Workflows", "GetWorkflow" | "ListWorkflows" | "WatchWorkflow")
        | (
            "Settings",
            "ListProviders" | "CheckProvider" | "ListModels" | "ListPrompts" | "RenderPrompt"
            | "GetPreferences" | "ListTokens" | "ListTemplates",
        )
        | (
            "Plans",
            "EstimatePlan" | "GetPlan" | "ListPlans" | "ListRevisions" | "GetRevision" | "DiffRevisions"
            | "CheckPlan" | "ExportPlan" | "VerifyOutcome" | "WatchPlan",
        ) => Scope::Read,
        (
            "CompanionConversation",
            "CreateConversation" | "UpdateConversation" | "DeleteConversation" | "ForkConversation"
            | "SendMessage" | "Converse" | "RegenerateTurn" | "CancelTurn",
        )
        | ("Jobs", "CancelJob")
        | (
            "Tasks",
            "CreateTask" | "UpdateTask" | "RevertTask" | "ArchiveTask" | "ImproveText" | "SelectFiles",
        )
        | ("Workflows", "StartFileFinder" | "CancelWorkflow" | "RetryWorkflow")
        | (
            "Plans",
            "GeneratePlan" | "MergePlans" | "UpdatePlan" | "SaveRevision" | "RevertPlan" | "AddComment"
            | "ResolveComment" | "RequestChanges",
        )
        | ("Settings", "SaveTemplate" | "DeleteTemplate") => Scope::Chat,
        ("Plans", "ApprovePlan" | "RejectPlan")
        | ("AuditLog", "ListEntries" | "VerifyChain" | "ExportEntries") => Scope::Review,
        ("Worker", "StopWorker" | "RestartWorker")
        | ("Workspaces", "OpenWorkspace" | "UpdateWorkspace" | "CloseWorkspace" | "GrantProvider")
        | ("Settings", "UpdatePreferences" | "CreateToken" | "RevokeToken") => Scope::All,
        _ => return None,
    };
    Some(Needs::Token(scope))
}

#[cfg(test)]
mod tests {
    use super::*;
    use prost_reflect::DescriptorPool;

    #[test]
    fn every_method_of_the_api_has_a_scope() {
        let pool = DescriptorPool::decode(banto_proto::FILE_DESCRIPTOR_SET).expect("the descriptor is sound");
        let methods: Vec<String> = pool
            .services()
            .filter(|service| service.parent_file().package_name() == "banto.v1")
            .flat_map(|service| {
                let name = service.full_name().to_owned();
                service.methods().map(move |method| format!("/{name}/{}", method.name())).collect::<Vec<_>>()
            })
            .collect();
        assert!(!methods.is_empty());
        for method in methods {
            assert!(matches!(of(&method), Some(Needs::Token(_))), "{method} has no scope");
        }
    }

    #[test]
    fn an_unknown_method_has_none() {
        assert_eq!(of("/banto.v1.Worker/Explode"), None);
        assert_eq!(of("/other.v1.Worker/GetWorker"), None);
    }
}
