//! `banto audit`.

use super::{
    connect::ServerFlags,
    exit::Failure,
    output::{self, Output},
    table::{self, Field},
};
use crate::config::Environment;
use banto_proto::v1::{
    AuditEntry, AuditHead, ChainFault, ExportEntriesRequest, ListEntriesRequest, VerifyChainRequest,
};
use clap::{Args, Subcommand};
use serde::Deserialize;
use std::{fs, path::PathBuf};

#[derive(Args)]
pub(super) struct AuditArgs {
    #[command(subcommand)]
    command: AuditCommand,
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Lists the newest entries
    Ls(ListArgs),
    /// Walks the chain of entries, and compares it with a head that was kept
    Verify(VerifyArgs),
    /// Prints the end of the chain, to be kept elsewhere
    Head(Common),
    /// Prints all entries, the oldest first, one JSON object a line
    Export(ExportArgs),
}

#[derive(Args)]
struct Common {
    /// Prints one JSON object a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerFlags,
}

#[derive(Args)]
struct ListArgs {
    /// Only entries about this id
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    subject: String,
    /// Only actions that begin with this, such as `plan.`
    #[arg(long, value_name = "PREFIX", default_value = "", hide_default_value = true)]
    action: String,
    /// Entries to print
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
    limit: u32,
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
struct VerifyArgs {
    /// A head that `banto audit head` printed
    #[arg(long, value_name = "FILE")]
    head: Option<PathBuf>,
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
struct ExportArgs {
    /// Only entries after this one
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    after: u64,
    #[command(flatten)]
    server: ServerFlags,
}

/// A head as it was printed; Protobuf's JSON has large numbers as texts.
#[derive(Deserialize)]
struct Kept {
    sequence: Number,
    hash: String,
    #[serde(default)]
    seal: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Number(u64),
    Text(String),
}

pub(super) async fn run(args: AuditArgs, environment: &Environment) -> Result<(), Failure> {
    match args.command {
        AuditCommand::Ls(args) => list(args, environment).await,
        AuditCommand::Verify(args) => verify(args, environment).await,
        AuditCommand::Head(args) => {
            let client = args.server.connect(environment).await?;
            let request = ListEntriesRequest { page_size: 1, ..ListEntriesRequest::default() };
            let head = client.audit().list_entries(request).await?.into_inner().head;
            output::print_json(&head.unwrap_or_default())
        }
        AuditCommand::Export(args) => {
            let client = args.server.connect(environment).await?;
            let request = ExportEntriesRequest { after_sequence: args.after };
            let mut entries = client.audit().export_entries(request).await?.into_inner();
            while let Some(entry) = entries.message().await? {
                output::print(&entry.json_line)?;
            }
            Ok(())
        }
    }
}

async fn list(args: ListArgs, environment: &Environment) -> Result<(), Failure> {
    let client = args.common.server.connect(environment).await?;
    let request = ListEntriesRequest {
        subject: args.subject,
        action_prefix: args.action,
        page_size: args.limit,
        page_token: String::new(),
    };
    let entries = client.audit().list_entries(request).await?.into_inner().entries;
    if args.common.json {
        return entries.iter().try_for_each(output::print_json);
    }
    let row = |entry: &AuditEntry| -> Vec<Field> {
        let at = entry.occurred_at.as_ref().and_then(|at| {
            chrono::DateTime::from_timestamp(at.seconds, u32::try_from(at.nanos).unwrap_or_default())
        });
        vec![
            entry.sequence.to_string().into(),
            at.map(|at| at.format("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default().into(),
            entry.actor.as_str().into(),
            entry.action.as_str().into(),
            entry.subject.as_str().into(),
        ]
    };
    let headings = ["#", "WHEN (UTC)", "WHO", "WHAT", "ID"];
    table::print(Output::of_process(environment), &headings, entries.iter().map(row).collect())
}

async fn verify(args: VerifyArgs, environment: &Environment) -> Result<(), Failure> {
    let head = args.head.map(kept).transpose()?;
    let client = args.common.server.connect(environment).await?;
    let found = client.audit().verify_chain(VerifyChainRequest { head }).await?.into_inner();
    if args.common.json {
        output::print_json(&found)?;
    } else {
        output::print(&match found.unsealed {
            0 => format!("{} entries, all sealed by this server's key", found.checked),
            unsealed => format!(
                "{} entries; {unsealed} of them are not sealed by this server's key, and anybody who can write \
                 the database can have made them",
                found.checked
            ),
        })?;
    }
    let what = match found.fault() {
        ChainFault::Unspecified => return Ok(()),
        ChainFault::Missing => "is missing",
        ChainFault::Altered => "was altered",
        ChainFault::BrokenLink => "does not follow the one before it",
        ChainFault::WrongSeal => "has a wrong seal",
        ChainFault::Truncated => "is not there any more: the log was cut off",
        ChainFault::OtherHead => "is not the one that was kept",
    };
    Err(Failure::Failed(format!("the log is not intact: entry {} {what}", found.fault_sequence)))
}

fn kept(file: PathBuf) -> Result<AuditHead, Failure> {
    let wrong = |why: String| Failure::Usage(format!("{}: {why}", file.display()));
    let text = fs::read_to_string(&file).map_err(|error| wrong(error.to_string()))?;
    let kept: Kept = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    let sequence = match kept.sequence {
        Number::Number(number) => number,
        Number::Text(text) => text.parse().map_err(|_| wrong("its sequence is no number".to_owned()))?,
    };
    Ok(AuditHead { sequence, hash: kept.hash, seal: kept.seal })
}
