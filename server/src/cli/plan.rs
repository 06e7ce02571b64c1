//! `banto plan`.

mod check;
mod export;
mod review;
mod verify;
mod write;

use super::{connect::ServerFlags, exit::Failure};
use crate::config::Environment;
use clap::{Args, Subcommand};
use std::{fs, io::Read as _, path::PathBuf};

/// `banto plan "text"` writes one; the commands do the rest.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct PlanArgs {
    #[command(subcommand)]
    command: Option<PlanCommand>,
    #[command(flatten)]
    write: write::WriteArgs,
}

#[derive(Subcommand)]
enum PlanCommand {
    /// Lists plans, the newest first
    Ls(review::ListArgs),
    /// Prints the text of a plan
    Show(review::ShowArgs),
    /// Saves a file as the next revision of a plan
    Save(review::SaveArgs),
    /// Approves exactly the text that a plan has now
    Approve(review::ApproveArgs),
    /// Rejects the text that a plan has now, or takes its approval back
    Reject(review::RejectArgs),
    /// Checks a plan; a file needs no server
    Check(check::CheckArgs),
    /// Has a model merge plans, and prints the text as it is written
    Merge(write::MergeArgs),
    /// Prints a plan in the form that people or coding agents take
    Export(export::ExportArgs),
    /// Compares a plan with what was done; a file needs no server
    Verify(verify::VerifyArgs),
}

#[derive(Args)]
struct Common {
    /// Prints one JSON object a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerFlags,
}

pub(super) async fn run(args: PlanArgs, environment: &Environment) -> Result<(), Failure> {
    let Some(command) = args.command else { return write::run(args.write, environment).await };
    match command {
        PlanCommand::Ls(args) => review::list(args, environment).await,
        PlanCommand::Show(args) => review::show(args, environment).await,
        PlanCommand::Save(args) => review::save(args, environment).await,
        PlanCommand::Approve(args) => review::approve(args, environment).await,
        PlanCommand::Reject(args) => review::reject(args, environment).await,
        PlanCommand::Check(args) => check::run(args, environment).await,
        PlanCommand::Merge(args) => write::merge(args, environment).await,
        PlanCommand::Export(args) => export::run(args, environment).await,
        PlanCommand::Verify(args) => verify::run(args, environment).await,
    }
}

/// A plan in a file, or one of a server.
enum Named {
    File { name: String, text: String },
    Id(String),
}

/// A file that is there, `-`, or the id of a plan.
fn named(text: &str) -> Result<Named, Failure> {
    if text == "-" {
        let mut read = String::new();
        std::io::stdin()
            .read_to_string(&mut read)
            .map_err(|error| Failure::Failed(format!("standard input cannot be read: {error}")))?;
        return Ok(Named::File { name: "-".to_owned(), text: read });
    }
    if text.parse::<uuid::Uuid>().is_ok() {
        return Ok(Named::Id(text.to_owned()));
    }
    let read = fs::read_to_string(PathBuf::from(text))
        .map_err(|error| Failure::Usage(format!("{text} is no plan's id, and no file to read: {error}")))?;
    Ok(Named::File { name: text.to_owned(), text: read })
}

fn missing() -> Failure {
    Failure::Failed("the server's answer has no plan".to_owned())
}
