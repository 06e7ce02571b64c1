//! `banto plan "text"` and `banto plan merge`: the text of the plan on standard output
//! as it is written, everything else on standard error.

use super::{Common, check::counted, missing};
use crate::{
    cli::{
        connect::Client,
        exit::Failure,
        output, safe_text,
        task::{
            create,
            find::{Mode, follow, state},
        },
    },
    config::Environment,
};
use banto_proto::v1::{
    CancelJobRequest, CancelWorkflowRequest, FinderMode, GeneratePlanRequest, GetPlanRequest,
    GrantProviderRequest, MergePlansRequest, OpenWorkspaceRequest, Plan, PlanOrigin, PlanRevisionRef,
    PlanUpdate, RunState, StartFileFinderRequest, WatchPlanRequest, plan_event, plan_update::Kind,
};
use clap::Args;
use std::path::PathBuf;

#[derive(Args)]
pub(super) struct WriteArgs {
    /// What is to be done; `-` reads standard input
    text: Option<String>,
    /// Folder or repository that it is to be done in; it is opened as a workspace
    #[arg(long, value_name = "DIR", default_value = ".")]
    repo: PathBuf,
    /// Who judges which files matter [default: as in the preferences]
    #[arg(long)]
    mode: Option<Mode>,
    /// Provider [default: as in the preferences]
    #[arg(long, value_name = "PROVIDER", default_value = "", hide_default_value = true)]
    provider: String,
    /// Model [default: as in the preferences]
    #[arg(long, value_name = "MODEL", default_value = "", hide_default_value = true)]
    model: String,
    /// No model: a brief from what the search found
    #[arg(long, conflicts_with_all = ["provider", "model"])]
    brief: bool,
    /// What to mind
    #[arg(long, default_value = "", hide_default_value = true)]
    instructions: String,
    /// Sends the list of the files too
    #[arg(long)]
    tree: bool,
    /// Lets the workspace's contents be sent to this provider, from now on
    #[arg(long, value_name = "PROVIDER")]
    allow: Option<String>,
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
pub(super) struct MergeArgs {
    /// The plans
    #[arg(value_name = "ID", num_args = 2..=8, required = true)]
    plans: Vec<String>,
    /// What to mind
    #[arg(long, default_value = "", hide_default_value = true)]
    instructions: String,
    /// Provider [default: as in the preferences]
    #[arg(long, value_name = "PROVIDER", default_value = "", hide_default_value = true)]
    provider: String,
    /// Model [default: as in the preferences]
    #[arg(long, value_name = "MODEL", default_value = "", hide_default_value = true)]
    model: String,
    #[command(flatten)]
    common: Common,
}

pub(super) async fn run(args: WriteArgs, environment: &Environment) -> Result<(), Failure> {
    let text = args.text.filter(|text| !text.trim().is_empty());
    let text =
        text.ok_or_else(|| Failure::Usage("say what is to be planned, or name a command".to_owned()))?;
    let client = args.common.server.connect(environment).await?;
    let json = args.common.json;
    let path = std::path::absolute(&args.repo)
        .map_err(|error| Failure::Usage(format!("{}: {error}", args.repo.display())))?
        .into_os_string()
        .into_string()
        .map_err(|_| Failure::Usage("the path is not UTF-8".to_owned()))?;
    let open = OpenWorkspaceRequest { path, name: String::new() };
    let workspace = client.workspaces().open_workspace(open).await?.into_inner().workspace;
    let workspace_id = workspace.map(|workspace| workspace.workspace_id).ok_or_else(missing)?;
    if let Some(provider_id) = args.allow {
        let request = GrantProviderRequest { workspace_id: workspace_id.clone(), provider_id, revoke: false };
        client.workspaces().grant_provider(request).await?;
    }
    let task = create(&client, &text, "", Some(&workspace_id)).await?;
    eprintln!("task {}", task.task_id);
    find(&client, &task.task_id, args.mode, json).await?;
    let request = GeneratePlanRequest {
        task_id: task.task_id,
        origin: if args.brief { PlanOrigin::Brief } else { PlanOrigin::Unspecified }.into(),
        provider_id: args.provider,
        model: args.model,
        instructions: args.instructions,
        include_tree: args.tree,
        request_id: uuid::Uuid::now_v7().to_string(),
    };
    let plan = client.plans().generate_plan(request).await?.into_inner().plan.ok_or_else(missing)?;
    written(&client, &plan, json).await
}

pub(super) async fn merge(args: MergeArgs, environment: &Environment) -> Result<(), Failure> {
    let client = args.common.server.connect(environment).await?;
    let source = |plan_id| PlanRevisionRef { plan_id, revision_id: String::new() };
    let request = MergePlansRequest {
        sources: args.plans.into_iter().map(source).collect(),
        instructions: args.instructions,
        provider_id: args.provider,
        model: args.model,
        request_id: uuid::Uuid::now_v7().to_string(),
    };
    let plan = client.plans().merge_plans(request).await?.into_inner().plan.ok_or_else(missing)?;
    written(&client, &plan, args.common.json).await
}

async fn find(client: &Client, task_id: &str, mode: Option<Mode>, json: bool) -> Result<(), Failure> {
    let request = StartFileFinderRequest {
        task_id: task_id.to_owned(),
        mode: mode.map_or(FinderMode::Unspecified, FinderMode::from).into(),
        request_id: uuid::Uuid::now_v7().to_string(),
        ..StartFileFinderRequest::default()
    };
    let started = client.workflows().start_file_finder(request).await?.into_inner().workflow;
    let started = started.ok_or_else(|| Failure::Failed("the server's answer has no workflow".to_owned()))?;
    let workflow_id = started.workflow_id.clone();
    let ended = tokio::select! {
        ended = follow(client, &started, json) => ended?,
        // What costs money is not left running behind the back of whoever asked.
        _ = tokio::signal::ctrl_c() => {
            client.workflows().cancel_workflow(CancelWorkflowRequest { workflow_id }).await?;
            return Err(Failure::Failed("cancelled".to_owned()));
        }
    };
    if ended.state() == RunState::Completed {
        return Ok(());
    }
    let why = ended.failure.map_or_else(|| format!("it ended {}", state(ended.state)), |it| it.message);
    Err(Failure::Failed(format!("finding files: {why}")))
}

/// Prints a plan as it is written, and fails unless it is whole.
async fn written(client: &Client, plan: &Plan, json: bool) -> Result<(), Failure> {
    let by =
        if plan.model.is_empty() { String::new() } else { format!(" by {}", safe_text::line(&plan.model)) };
    eprintln!("plan {}{by}", plan.plan_id);
    if !plan.origin_reason.is_empty() {
        eprintln!("a brief, because {}", safe_text::line(&plan.origin_reason));
    }
    let ended = tokio::select! {
        ended = stream(client, plan, json) => ended?,
        _ = tokio::signal::ctrl_c() => {
            let shown = client.plans().get_plan(GetPlanRequest { plan_id: plan.plan_id.clone() }).await?;
            let job_id = shown.into_inner().plan.map(|plan| plan.active_job_id).unwrap_or_default();
            if !job_id.is_empty() {
                client.jobs().cancel_job(CancelJobRequest { job_id }).await?;
            }
            return Err(Failure::Failed("cancelled; what was written is kept".to_owned()));
        }
    };
    if ended.error_count + ended.warning_count > 0 {
        let (errors, warnings) = (ended.error_count as usize, ended.warning_count as usize);
        eprintln!("the check finds {} and {}", counted(errors, "error"), counted(warnings, "warning"));
    }
    match ended.failure {
        _ if ended.state() == RunState::Completed => Ok(()),
        Some(failure) => Err(Failure::Failed(failure.message)),
        None => Err(Failure::Failed(format!("it ended {}", state(ended.state)))),
    }
}

async fn stream(client: &Client, plan: &Plan, json: bool) -> Result<Plan, Failure> {
    let request = WatchPlanRequest { plan_id: plan.plan_id.clone(), ..WatchPlanRequest::default() };
    let mut watch = client.plans().watch_plan(request).await?.into_inner();
    let mut printed = 0;
    while let Some(answer) = watch.message().await? {
        let Some(update) = answer.update else { continue };
        if json && !matches!(update.kind, Some(Kind::Heartbeat(_))) {
            output::print_json::<PlanUpdate>(&update)?;
        }
        let ended = match update.kind {
            Some(Kind::Snapshot(snapshot)) => {
                if !json {
                    printed += more(&snapshot.active_text, 0, printed)?;
                }
                snapshot.plan.filter(|plan| plan.active_revision_id.is_empty())
            }
            Some(Kind::Delta(delta)) => {
                if !json {
                    printed +=
                        more(&delta.text, usize::try_from(delta.offset).unwrap_or(usize::MAX), printed)?;
                }
                None
            }
            Some(Kind::Event(event)) => match event.kind {
                Some(plan_event::Kind::RevisionEnded(ended)) => {
                    ended.plan.filter(|plan| plan.active_revision_id.is_empty())
                }
                _ => None,
            },
            _ => None,
        };
        if let Some(ended) = ended {
            // What was whole before anybody watched, such as a brief.
            if printed == 0 && !json {
                let request = GetPlanRequest { plan_id: plan.plan_id.clone() };
                output::write(&client.plans().get_plan(request).await?.into_inner().text)?;
            }
            return Ok(ended);
        }
    }
    Err(Failure::Away("the server ended the stream".to_owned()))
}

/// Prints what of a piece at an offset was not printed yet; says how much that was.
fn more(text: &str, offset: usize, printed: usize) -> Result<usize, Failure> {
    let new = printed.checked_sub(offset).and_then(|known| text.get(known..)).unwrap_or_default();
    output::write(new)?;
    Ok(new.len())
}
