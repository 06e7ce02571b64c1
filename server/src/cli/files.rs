//! `banto files`.

use super::{
    connect::{Client, ServerFlags},
    exit::Failure,
    output::{self, Output},
    safe_text::SafeText,
    table::{self, Field, Tone},
    workspace,
};
use crate::config::Environment;
use banto_proto::v1::{FileEntry, ListFilesRequest, ReadFileRequest};
use clap::{Args, Subcommand};

/// Largest page that the API gives.
const PAGE: u32 = 10_000;

#[derive(Args)]
pub(super) struct FilesArgs {
    #[command(subcommand)]
    command: FilesCommand,
}

#[derive(Subcommand)]
enum FilesCommand {
    /// Lists the files of a workspace that git does not ignore
    Ls(ListArgs),
    /// Prints a file as text, whatever its encoding
    Cat(CatArgs),
}

#[derive(Args)]
struct ListArgs {
    /// Only files below this folder
    #[arg(value_name = "FOLDER", default_value = "", hide_default_value = true)]
    folder: String,
    /// Only files whose path has every word of this
    #[arg(long, value_name = "WORDS", default_value = "", hide_default_value = true)]
    query: String,
    /// The workspace [default: the default one]
    #[arg(long, value_name = "ID|NAME")]
    workspace: Option<String>,
    /// Prints one JSON object a line (banto.v1.FileEntry)
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerFlags,
}

#[derive(Args)]
struct CatArgs {
    /// Path within the workspace, as `banto files ls` prints it
    #[arg(value_name = "PATH")]
    path: String,
    /// The workspace [default: the default one]
    #[arg(long, value_name = "ID|NAME")]
    workspace: Option<String>,
    /// Prints one JSON object for each part of the file (banto.v1.ReadFileResponse)
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerFlags,
}

pub(super) async fn run(args: FilesArgs, environment: &Environment) -> Result<(), Failure> {
    match args.command {
        FilesCommand::Ls(args) => list(args, environment).await,
        FilesCommand::Cat(args) => cat(args, environment).await,
    }
}

async fn list(args: ListArgs, environment: &Environment) -> Result<(), Failure> {
    let client = args.server.connect(environment).await?;
    let workspace_id = workspace::named(&client, args.workspace.as_deref()).await?;
    let wanted = ListFilesRequest {
        workspace_id,
        folder: args.folder,
        query: args.query,
        page_size: PAGE,
        page_token: String::new(),
    };
    let files = all(&client, wanted).await?;
    if args.json {
        return files.iter().try_for_each(output::print_json);
    }
    let headings = ["FILE", "BYTES", "KIND", "NOTE"];
    table::print(Output::of_process(environment), &headings, files.iter().map(row).collect())
}

async fn all(client: &Client, wanted: ListFilesRequest) -> Result<Vec<FileEntry>, Failure> {
    let mut files = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListFilesRequest { page_token, ..wanted.clone() };
        let page = client.workspaces().list_files(request).await?.into_inner();
        files.extend(page.files);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(files);
        }
    }
}

fn row(file: &FileEntry) -> Vec<Field> {
    let kind = file.kind().as_str_name().trim_start_matches("FILE_KIND_").to_lowercase();
    let note = if file.looks_secret { "looks secret; never sent" } else { "" };
    vec![
        file.path.as_str().into(),
        file.size_bytes.to_string().into(),
        kind.into(),
        Field::new(note, Tone::Warning),
    ]
}

/// A file may be longer than an answer, so it is read part by part.
async fn cat(args: CatArgs, environment: &Environment) -> Result<(), Failure> {
    let client = args.server.connect(environment).await?;
    let workspace_id = workspace::named(&client, args.workspace.as_deref()).await?;
    let terminal = Output::of_process(environment).terminal;
    let mut safe = SafeText::default();
    let mut first_line = 1;
    loop {
        let request = ReadFileRequest {
            workspace_id: workspace_id.clone(),
            path: args.path.clone(),
            first_line,
            max_lines: 0,
        };
        let part = client.workspaces().read_file(request).await?.into_inner();
        if args.json {
            output::print_json(&part)?;
        } else if part.binary {
            return Err(Failure::Failed(format!("{} is not text", args.path)));
        } else if terminal {
            output::write(&safe.clean(&part.text))?;
        } else {
            output::write(&part.text)?;
        }
        if !part.truncated {
            return Ok(());
        }
        let lines = part.text.bytes().filter(|byte| *byte == b'\n').count();
        if !part.text.ends_with('\n') {
            return Err(Failure::Failed(format!("line {first_line} is longer than 1 MiB and was cut")));
        }
        first_line += u32::try_from(lines).unwrap_or(u32::MAX);
    }
}
