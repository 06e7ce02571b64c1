//! `banto task`.

pub(super) mod find;

use super::{
    connect::{Client, ServerFlags},
    exit::Failure,
    output::{self, Output},
    safe_text,
    table::{self, Field, Tone},
    workspace,
};
use crate::config::Environment;
use banto_proto::v1::{
    ArchiveTaskRequest, CreateTaskRequest, FileChoice, FileDecision, FileSource, GetJobRequest,
    GetTaskRequest, GetTaskResponse, ImproveTextRequest, ListTasksRequest, RunState, SelectFilesRequest,
    Task, TaskFile, UpdateTaskRequest, WatchJobsRequest,
};
use clap::{Args, Subcommand};
use std::io::Read as _;

/// Largest page that the API gives.
const PAGE: u32 = 200;

#[derive(Args)]
pub(super) struct TaskArgs {
    #[command(subcommand)]
    command: TaskCommand,
}

#[derive(Subcommand)]
enum TaskCommand {
    /// Lists tasks, the most recently changed first
    Ls(ListArgs),
    /// Creates a task and prints its id
    New(NewArgs),
    /// Shows a task and its files
    Show(OneArgs),
    /// Replaces what a task says; the former text stays in its history
    Edit(EditArgs),
    /// Finds the files that matter for a task
    Find(find::FindArgs),
    /// Lists the files of a task, or decides about them
    Files(FilesArgs),
    /// Has a model write a task better, and prints that; nothing is changed
    Improve(ImproveArgs),
    /// Archives a task, or brings it back
    Archive(ArchiveArgs),
}

#[derive(Args)]
struct Common {
    /// Prints one JSON object a line (banto.v1.Task, TaskFile or Workflow)
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerFlags,
}

#[derive(Args)]
struct ListArgs {
    /// Only tasks whose title or description has every word of this
    #[arg(long, value_name = "WORDS", default_value = "", hide_default_value = true)]
    query: String,
    /// Archived tasks instead of the others
    #[arg(long)]
    archived: bool,
    /// The workspace [default: the default one]
    #[arg(long, value_name = "ID|NAME")]
    workspace: Option<String>,
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
struct NewArgs {
    /// What is to be done; `-` reads standard input
    text: String,
    /// Title [default: the first line]
    #[arg(long, default_value = "", hide_default_value = true)]
    title: String,
    /// The workspace [default: the default one]
    #[arg(long, value_name = "ID|NAME")]
    workspace: Option<String>,
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
struct OneArgs {
    /// The task
    #[arg(value_name = "ID")]
    task: String,
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
struct EditArgs {
    /// The task
    #[arg(value_name = "ID")]
    task: String,
    /// What is to be done; `-` reads standard input
    text: String,
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
struct FilesArgs {
    /// The task
    #[arg(value_name = "ID")]
    task: String,
    /// Includes a file
    #[arg(long, value_name = "PATH")]
    include: Vec<String>,
    /// Keeps a file out, whoever finds it
    #[arg(long, value_name = "PATH")]
    exclude: Vec<String>,
    /// Includes a file and puts it first
    #[arg(long, value_name = "PATH")]
    pin: Vec<String>,
    /// Takes the decision about a file back
    #[arg(long, value_name = "PATH")]
    clear: Vec<String>,
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
struct ImproveArgs {
    /// The task
    #[arg(value_name = "ID")]
    task: String,
    /// What to mind
    #[arg(long, default_value = "", hide_default_value = true)]
    instructions: String,
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
struct ArchiveArgs {
    /// The task
    #[arg(value_name = "ID")]
    task: String,
    /// Brings it back
    #[arg(long)]
    undo: bool,
    #[command(flatten)]
    common: Common,
}

pub(super) async fn run(args: TaskArgs, environment: &Environment) -> Result<(), Failure> {
    match args.command {
        TaskCommand::Ls(args) => list(args, environment).await,
        TaskCommand::New(args) => new(args, environment).await,
        TaskCommand::Show(args) => show(args, environment).await,
        TaskCommand::Edit(args) => edit(args, environment).await,
        TaskCommand::Find(args) => find::run(args, environment).await,
        TaskCommand::Files(args) => files(args, environment).await,
        TaskCommand::Improve(args) => improve(args, environment).await,
        TaskCommand::Archive(args) => archive(args, environment).await,
    }
}

/// A text argument; `-` is standard input.
pub(super) fn text_of(text: &str) -> Result<String, Failure> {
    if text != "-" {
        return Ok(text.to_owned());
    }
    let mut read = String::new();
    std::io::stdin()
        .read_to_string(&mut read)
        .map_err(|error| Failure::Failed(format!("standard input cannot be read: {error}")))?;
    Ok(read)
}

fn missing() -> Failure {
    Failure::Failed("the server's answer has no task".to_owned())
}

async fn list(args: ListArgs, environment: &Environment) -> Result<(), Failure> {
    let client = args.common.server.connect(environment).await?;
    let workspace_id = workspace::named(&client, args.workspace.as_deref()).await?;
    let mut tasks = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListTasksRequest {
            workspace_id: workspace_id.clone(),
            query: args.query.clone(),
            archived: args.archived,
            page_size: PAGE,
            page_token,
        };
        let page = client.tasks().list_tasks(request).await?.into_inner();
        tasks.extend(page.tasks);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    if args.common.json {
        return tasks.iter().try_for_each(output::print_json);
    }
    let row = |task: &Task| -> Vec<Field> {
        let note = if task.active_workflow_id.is_empty() { "" } else { "finding files" };
        vec![
            task.title.as_str().into(),
            task.file_count.to_string().into(),
            task.file_tokens.to_string().into(),
            task.task_id.as_str().into(),
            note.into(),
        ]
    };
    let headings = ["TITLE", "FILES", "TOKENS", "TASK ID", "NOTE"];
    table::print(Output::of_process(environment), &headings, tasks.iter().map(row).collect())
}

pub(super) async fn create(
    client: &Client,
    text: &str,
    title: &str,
    workspace: Option<&str>,
) -> Result<Task, Failure> {
    let request = CreateTaskRequest {
        workspace_id: workspace::named(client, workspace).await?,
        description: text_of(text)?,
        title: title.to_owned(),
        request_id: uuid::Uuid::now_v7().to_string(),
        ..CreateTaskRequest::default()
    };
    client.tasks().create_task(request).await?.into_inner().task.ok_or_else(missing)
}

async fn new(args: NewArgs, environment: &Environment) -> Result<(), Failure> {
    let client = args.common.server.connect(environment).await?;
    let task = create(&client, &args.text, &args.title, args.workspace.as_deref()).await?;
    if args.common.json { output::print_json(&task) } else { output::print(&task.task_id) }
}

async fn show(args: OneArgs, environment: &Environment) -> Result<(), Failure> {
    let client = args.common.server.connect(environment).await?;
    let GetTaskResponse { task, files } =
        client.tasks().get_task(GetTaskRequest { task_id: args.task }).await?.into_inner();
    let task = task.ok_or_else(missing)?;
    if args.common.json {
        output::print_json(&task)?;
        return files.iter().try_for_each(output::print_json);
    }
    let out = Output::of_process(environment);
    let text = format!("{}\n\n{}\n", task.title, task.description);
    output::print(&if out.terminal { safe_text::lines(&text) } else { text })?;
    print_files(&files, false, environment)
}

async fn edit(args: EditArgs, environment: &Environment) -> Result<(), Failure> {
    let client = args.common.server.connect(environment).await?;
    let request = UpdateTaskRequest {
        task_id: args.task,
        description: Some(text_of(&args.text)?),
        ..UpdateTaskRequest::default()
    };
    let task = client.tasks().update_task(request).await?.into_inner().task.ok_or_else(missing)?;
    told(&task, args.common.json)
}

fn told(task: &Task, json: bool) -> Result<(), Failure> {
    if json {
        return output::print_json(task);
    }
    let title = safe_text::line(&task.title);
    output::print(&format!("{title}, version {}", task.description_version))
}

async fn files(args: FilesArgs, environment: &Environment) -> Result<(), Failure> {
    let client = args.common.server.connect(environment).await?;
    let choices = [
        (FileChoice::Included, args.include),
        (FileChoice::Excluded, args.exclude),
        (FileChoice::Pinned, args.pin),
        (FileChoice::Unspecified, args.clear),
    ];
    let decisions = choices.into_iter().flat_map(|(choice, paths)| {
        paths.into_iter().map(move |path| FileDecision { path, choice: choice.into() })
    });
    let decisions: Vec<_> = decisions.collect();
    let files = if decisions.is_empty() {
        client.tasks().get_task(GetTaskRequest { task_id: args.task }).await?.into_inner().files
    } else {
        let request = SelectFilesRequest { task_id: args.task, expected_version: None, decisions };
        client.tasks().select_files(request).await?.into_inner().files
    };
    print_files(&files, args.common.json, environment)
}

fn print_files(files: &[TaskFile], json: bool, environment: &Environment) -> Result<(), Failure> {
    if json {
        return files.iter().try_for_each(output::print_json);
    }
    let headings = ["FILE", "SCORE", "TOKENS", "HOW", "BECAUSE"];
    table::print(Output::of_process(environment), &headings, files.iter().map(file_row).collect())
}

fn file_row(file: &TaskFile) -> Vec<Field> {
    let how = match (file.choice(), file.source()) {
        (FileChoice::Excluded, _) => Field::new("excluded", Tone::Warning),
        (FileChoice::Pinned, _) => Field::new("pinned", Tone::Good),
        (FileChoice::Included, FileSource::Unspecified) => Field::new("included", Tone::Good),
        (_, FileSource::Extended) => Field::new("neighbour", Tone::Plain),
        _ => Field::new("relevant", Tone::Good),
    };
    let reasons: Vec<_> = file.reasons.iter().take(2).map(|reason| reason.text.as_str()).collect();
    vec![
        file.path.as_str().into(),
        file.score.map(|score| format!("{score:.2}")).unwrap_or_default().into(),
        file.tokens.to_string().into(),
        how,
        reasons.join("; ").into(),
    ]
}

async fn improve(args: ImproveArgs, environment: &Environment) -> Result<(), Failure> {
    let client = args.common.server.connect(environment).await?;
    // Watched before the job begins: its end cannot fall between.
    let mut watch = client.jobs().watch_jobs(WatchJobsRequest::default()).await?.into_inner();
    let request = ImproveTextRequest {
        task_id: args.task,
        instructions: args.instructions,
        request_id: uuid::Uuid::now_v7().to_string(),
        ..ImproveTextRequest::default()
    };
    let job = client.tasks().improve_text(request).await?.into_inner().job;
    let job_id = job.ok_or_else(|| Failure::Failed("the server's answer has no job".to_owned()))?.job_id;
    let ended = loop {
        let response = client.jobs().get_job(GetJobRequest { job_id: job_id.clone() }).await?.into_inner();
        if response.job.as_ref().is_some_and(|job| job.ended_at.is_some()) {
            break response;
        }
        watch.message().await?;
    };
    if args.common.json {
        output::print_json(&ended)?;
    } else {
        let text = &ended.response;
        let shown =
            if Output::of_process(environment).terminal { safe_text::lines(text) } else { text.clone() };
        output::print(&shown)?;
    }
    match ended.job {
        Some(job) if job.state() == RunState::Completed => Ok(()),
        Some(job) => {
            let why = job.failure.map_or_else(|| format!("the job ended {:?}", job.state), |it| it.message);
            Err(Failure::Failed(why))
        }
        None => Ok(()),
    }
}

async fn archive(args: ArchiveArgs, environment: &Environment) -> Result<(), Failure> {
    let client = args.common.server.connect(environment).await?;
    let request = ArchiveTaskRequest { task_id: args.task, archived: !args.undo };
    let task = client.tasks().archive_task(request).await?.into_inner().task.ok_or_else(missing)?;
    told(&task, args.common.json)
}
