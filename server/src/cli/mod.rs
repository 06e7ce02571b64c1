//! The command line: `banto serve`, the commands that are clients of a running
//! server, and those that need none. Clients speak the generated types, like any
//! other client.

mod audit;
mod chat;
mod connect;
mod doctor;
mod eval;
mod exit;
mod files;
mod find;
mod jobs;
mod json;
mod output;
mod plan;
mod safe_text;
mod serve;
mod table;
mod task;
mod token;
mod workers;
mod workspace;

use crate::config::Environment;
use clap::{Parser, Subcommand};
use exit::Failure;
use std::process::ExitCode;

/// A self-hosted control plane for AI workers.
///
/// Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by the server, 4 no
/// server, or it went away for longer than 5 s.
#[derive(Parser)]
#[command(name = "banto", version, propagate_version = true)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the server
    Serve(Box<crate::config::ServeFlags>),
    /// Sends a message to the Companion and prints its reply as it is written
    Chat(chat::ChatArgs),
    /// Lists workers
    Workers(workers::WorkersArgs),
    /// Lists, opens and closes workspaces, and says whom their contents may be sent to
    Workspace(workspace::WorkspaceArgs),
    /// Lists and prints the files of a workspace
    Files(files::FilesArgs),
    /// Writes tasks, finds the files that matter for them, and decides about those
    Task(task::TaskArgs),
    /// Writes, checks, merges, reviews, exports and verifies plans
    Plan(plan::PlanArgs),
    /// Lists, verifies and exports the record of who did what
    Audit(audit::AuditArgs),
    /// Lists jobs, or shows one with the exact prompt that was sent
    Jobs(jobs::JobsArgs),
    /// Ranks the files of a repository that matter for a task; needs no server
    Find(find::FindArgs),
    /// Measures the ranking on past commits; needs no server
    Eval(eval::EvalArgs),
    /// Says what works, what is missing, and how to mend it
    Doctor(doctor::DoctorArgs),
    /// Prints the owner's access token, or makes, lists and revokes others
    Token(token::TokenArgs),
}

/// Runs the process from its arguments to its exit code.
#[must_use]
pub fn main() -> ExitCode {
    let command = CommandLine::parse().command;
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Failure::Failed(format!("the runtime did not start: {error}")).report(),
    };
    let environment = Environment::of_process();
    match runtime.block_on(run(command, &environment)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

async fn run(command: Command, environment: &Environment) -> Result<(), Failure> {
    match command {
        Command::Serve(flags) => serve::run(&flags, environment).await,
        Command::Chat(args) => chat::run(args, environment).await,
        Command::Workers(args) => workers::run(args, environment).await,
        Command::Workspace(args) => workspace::run(args, environment).await,
        Command::Files(args) => files::run(args, environment).await,
        Command::Task(args) => task::run(args, environment).await,
        Command::Plan(args) => plan::run(args, environment).await,
        Command::Audit(args) => audit::run(args, environment).await,
        Command::Jobs(args) => jobs::run(args, environment).await,
        Command::Find(args) => find::run(&args, environment),
        Command::Eval(args) => eval::run(&args, environment),
        Command::Doctor(args) => doctor::run(args, environment).await,
        Command::Token(args) => token::run(args, environment).await,
    }
}

#[cfg(test)]
mod tests {
    use super::CommandLine;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }
}
