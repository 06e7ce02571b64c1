//! `banto task find`: the stages on standard error as they go, the files at the end.

use super::{Common, create, missing, print_files};
use crate::{
    cli::{connect::Client, exit::Failure, output, safe_text},
    config::Environment,
};
use banto_proto::v1::{
    CancelWorkflowRequest, FinderMode, GetTaskRequest, GrantProviderRequest, RunState, StageKind,
    StartFileFinderRequest, WatchWorkflowRequest, Workflow, WorkflowStage, workflow_event, workflow_update,
};
use clap::{Args, ValueEnum};

#[derive(Args)]
pub(in crate::cli) struct FindArgs {
    /// A task, or what is to be done, which makes one; `-` reads standard input
    #[arg(value_name = "ID|TEXT")]
    task: String,
    /// Who judges [default: as in the preferences]
    #[arg(long)]
    mode: Option<Mode>,
    /// Lets the workspace's contents be sent to this provider, from now on
    #[arg(long, value_name = "PROVIDER")]
    allow: Option<String>,
    /// Most files to call relevant
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    limit: u32,
    /// The workspace of a new task [default: the default one]
    #[arg(long, value_name = "ID|NAME")]
    workspace: Option<String>,
    #[command(flatten)]
    common: Common,
}

#[derive(Clone, Copy, ValueEnum)]
pub(in crate::cli) enum Mode {
    /// The local engine alone; nothing is sent
    Engine,
    /// The engine finds, a model judges
    Assisted,
    /// A model decides each stage
    Model,
}

impl From<Mode> for FinderMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Engine => Self::Engine,
            Mode::Assisted => Self::Assisted,
            Mode::Model => Self::Model,
        }
    }
}

pub(in crate::cli) async fn run(args: FindArgs, environment: &Environment) -> Result<(), Failure> {
    let client = args.common.server.connect(environment).await?;
    let task = if args.task.parse::<uuid::Uuid>().is_ok() {
        let request = GetTaskRequest { task_id: args.task };
        client.tasks().get_task(request).await?.into_inner().task.ok_or_else(missing)?
    } else {
        create(&client, &args.task, "", args.workspace.as_deref()).await?
    };
    if let Some(provider_id) = args.allow {
        let workspace_id = task.workspace_id.clone();
        let request = GrantProviderRequest { workspace_id, provider_id, revoke: false };
        client.workspaces().grant_provider(request).await?;
    }
    let request = StartFileFinderRequest {
        task_id: task.task_id.clone(),
        mode: args.mode.map_or(FinderMode::Unspecified, FinderMode::from).into(),
        max_relevant: args.limit,
        request_id: uuid::Uuid::now_v7().to_string(),
        ..StartFileFinderRequest::default()
    };
    let started = client.workflows().start_file_finder(request).await?.into_inner().workflow;
    let started = started.ok_or_else(|| Failure::Failed("the server's answer has no workflow".to_owned()))?;
    let id = started.workflow_id.clone();
    let ended = tokio::select! {
        ended = follow(&client, &started, args.common.json) => ended?,
        // What costs money is not left running behind the back of whoever asked.
        _ = tokio::signal::ctrl_c() => {
            client.workflows().cancel_workflow(CancelWorkflowRequest { workflow_id: id }).await?;
            return Err(Failure::Failed("cancelled".to_owned()));
        }
    };
    if ended.state() != RunState::Completed {
        let why = ended.failure.map_or_else(|| format!("it ended {}", state(ended.state)), |it| it.message);
        return Err(Failure::Failed(why));
    }
    if !ended.message.is_empty() {
        eprintln!("{}", ended.message);
    }
    let request = GetTaskRequest { task_id: task.task_id };
    let files = client.tasks().get_task(request).await?.into_inner().files;
    print_files(&files, args.common.json, environment)
}

/// Tells of each stage until the end. With JSON the whole workflow comes at the end.
pub(in crate::cli) async fn follow(
    client: &Client,
    started: &Workflow,
    json: bool,
) -> Result<Workflow, Failure> {
    if !json {
        let reason = if started.mode_reason.is_empty() {
            String::new()
        } else {
            format!(": {}", safe_text::line(&started.mode_reason))
        };
        let mode = started.mode().as_str_name().trim_start_matches("FINDER_MODE_").to_lowercase();
        eprintln!("mode {mode}{reason}");
    }
    let request = WatchWorkflowRequest {
        workflow_id: started.workflow_id.clone(),
        after_sequence: started.head_sequence,
        epoch: started.epoch.clone(),
    };
    let mut watch = client.workflows().watch_workflow(request).await?.into_inner();
    while let Some(answer) = watch.message().await? {
        use workflow_event::Kind;
        use workflow_update::Kind as Update;
        match answer.update.and_then(|update| update.kind) {
            Some(Update::Event(event)) => match event.kind {
                Some(Kind::StageEnded(ended)) if !json => ended.stage.iter().for_each(tell),
                Some(Kind::Completed(ended)) => {
                    let workflow = ended.workflow.unwrap_or_default();
                    if json {
                        output::print_json(&workflow)?;
                    }
                    return Ok(workflow);
                }
                _ => {}
            },
            Some(Update::Snapshot(snapshot)) => {
                if let Some(workflow) = snapshot.workflow.filter(|it| it.ended_at.is_some()) {
                    return Ok(workflow);
                }
            }
            _ => {}
        }
    }
    Err(Failure::Away("the server ended the stream".to_owned()))
}

fn tell(stage: &WorkflowStage) {
    let (name, results) = match stage.kind() {
        StageKind::RootFolderSelection => ("root folders", "chosen"),
        StageKind::RegexFileFilter => ("patterns", "matching files"),
        StageKind::FileRelevanceAssessment => ("relevance", "relevant files"),
        StageKind::ExtendedPathFinder => ("neighbours", "added"),
        StageKind::Unspecified => ("stage", "results"),
    };
    match &stage.failure {
        Some(failure) => eprintln!("{name}: {}", safe_text::line(&failure.message)),
        None if stage.state() == RunState::Completed => eprintln!("{name}: {} {results}", stage.result_count),
        None => eprintln!("{name}: {}", state(stage.state)),
    }
}

pub(in crate::cli) fn state(state: i32) -> String {
    let name = RunState::try_from(state).unwrap_or_default().as_str_name();
    name.trim_start_matches("RUN_STATE_").to_lowercase()
}
