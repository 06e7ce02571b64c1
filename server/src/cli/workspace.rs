//! `banto workspace`, and how other commands name a workspace.

use super::{
    connect::{Client, ServerFlags},
    exit::Failure,
    output::{self, Output},
    table::{self, Field, Tone},
};
use crate::config::Environment;
use banto_proto::v1::{
    CloseWorkspaceRequest, GrantProviderRequest, ListWorkspacesRequest, OpenWorkspaceRequest, Root, Workspace,
};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Digits of a commit that people read.
const SHORT_COMMIT: usize = 9;

#[derive(Args)]
pub(super) struct WorkspaceArgs {
    #[command(subcommand)]
    command: WorkspaceCommand,
}

#[derive(Subcommand)]
enum WorkspaceCommand {
    /// Lists workspaces, the default one first
    Ls(ListArgs),
    /// Opens a folder of the server's machine, or a git repository, as a workspace
    Open(OpenArgs),
    /// Closes a workspace; its tasks and conversations stay, and opening its folder brings it back
    Close(CloseArgs),
    /// Lets contents of a workspace be sent to a provider, or takes that back
    Grant(GrantArgs),
}

#[derive(Args)]
struct Common {
    /// Prints one JSON object a line (banto.v1.Workspace)
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerFlags,
}

#[derive(Args)]
struct ListArgs {
    /// Closed ones too
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
struct OpenArgs {
    /// The folder; of one inside a git working tree the top of that tree is opened
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// Name for people [default: the name of the folder]
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
struct CloseArgs {
    /// The workspace
    #[arg(value_name = "ID|NAME")]
    workspace: String,
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
struct GrantArgs {
    /// The provider
    #[arg(value_name = "PROVIDER")]
    provider: String,
    /// The workspace [default: the default one]
    #[arg(long, value_name = "ID|NAME")]
    workspace: Option<String>,
    /// Takes the grant back; what was sent is sent
    #[arg(long)]
    revoke: bool,
    #[command(flatten)]
    common: Common,
}

pub(super) async fn run(args: WorkspaceArgs, environment: &Environment) -> Result<(), Failure> {
    let common = match &args.command {
        WorkspaceCommand::Ls(args) => &args.common,
        WorkspaceCommand::Open(args) => &args.common,
        WorkspaceCommand::Close(args) => &args.common,
        WorkspaceCommand::Grant(args) => &args.common,
    };
    let (client, json) = (common.server.connect(environment).await?, common.json);
    let workspaces = match args.command {
        WorkspaceCommand::Ls(args) => {
            let request = ListWorkspacesRequest { include_closed: args.all };
            client.workspaces().list_workspaces(request).await?.into_inner().workspaces
        }
        WorkspaceCommand::Open(args) => {
            let path = std::path::absolute(&args.path)
                .map_err(|error| Failure::Usage(format!("{}: {error}", args.path.display())))?;
            let path = path
                .into_os_string()
                .into_string()
                .map_err(|_| Failure::Usage("the path is not UTF-8".to_owned()))?;
            let request = OpenWorkspaceRequest { path, name: args.name.unwrap_or_default() };
            client.workspaces().open_workspace(request).await?.into_inner().workspace.into_iter().collect()
        }
        WorkspaceCommand::Close(args) => {
            let workspace_id = named(&client, Some(&args.workspace)).await?;
            let request = CloseWorkspaceRequest { workspace_id };
            client.workspaces().close_workspace(request).await?.into_inner().workspace.into_iter().collect()
        }
        WorkspaceCommand::Grant(args) => {
            let workspace_id = named(&client, args.workspace.as_deref()).await?;
            let request =
                GrantProviderRequest { workspace_id, provider_id: args.provider, revoke: args.revoke };
            client.workspaces().grant_provider(request).await?.into_inner().workspace.into_iter().collect()
        }
    };
    if json {
        return workspaces.iter().try_for_each(output::print_json);
    }
    let headings = ["NAME", "STATE", "ROOTS", "MAY BE SENT TO", "WORKSPACE ID", "NOTE"];
    table::print(Output::of_process(environment), &headings, workspaces.iter().map(row).collect())
}

/// The id of a workspace that was named by its id or by its name; empty: the default
/// one.
pub(super) async fn named(client: &Client, name: Option<&str>) -> Result<String, Failure> {
    let Some(name) = name else { return Ok(String::new()) };
    if name.parse::<uuid::Uuid>().is_ok() {
        return Ok(name.to_owned());
    }
    let request = ListWorkspacesRequest::default();
    let open = client.workspaces().list_workspaces(request).await?.into_inner().workspaces;
    let found = open.into_iter().find(|workspace| workspace.name == name);
    let found = found.ok_or_else(|| Failure::Usage(format!("no open workspace is called {name:?}")))?;
    Ok(found.workspace_id)
}

fn row(workspace: &Workspace) -> Vec<Field> {
    let state = match workspace {
        Workspace { closed_at: Some(_), .. } => Field::new("closed", Tone::Warning),
        Workspace { is_default: true, .. } => Field::new("default", Tone::Good),
        _ => Field::new("open", Tone::Plain),
    };
    let join = |parts: Vec<String>| parts.join(", ");
    let granted = workspace.grants.iter().map(|grant| grant.provider_id.clone()).collect();
    let problems = workspace.roots.iter().filter(|root| !root.problem.is_empty());
    let problems: Vec<_> = problems.map(|root| format!("{}: {}", root.name, root.problem)).collect();
    vec![
        workspace.name.as_str().into(),
        state,
        join(workspace.roots.iter().map(root).collect()).into(),
        join(granted).into(),
        workspace.workspace_id.as_str().into(),
        Field::new(join(problems), Tone::Bad),
    ]
}

fn root(root: &Root) -> String {
    let commit: String = root.head_commit.chars().take(SHORT_COMMIT).collect();
    let head = if root.branch.is_empty() { commit } else { root.branch.clone() };
    if head.is_empty() { root.name.clone() } else { format!("{} ({head})", root.name) }
}
