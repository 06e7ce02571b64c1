//! `banto workers`.

use super::{
    connect::ServerFlags,
    exit::Failure,
    output::{self, Output},
    table::{self, Field, Tone},
};
use crate::config::Environment;
use banto_proto::v1::{AnswerSource, ListWorkersRequest, WorkerInfo, WorkerState};
use clap::Args;

#[derive(Args)]
pub(super) struct WorkersArgs {
    /// Only workers of this runtime
    #[arg(long, value_name = "ID")]
    runtime: Option<String>,
    /// Only workers of this workspace
    #[arg(long, value_name = "ID")]
    workspace: Option<String>,
    /// Prints one JSON object a line (banto.v1.WorkerInfo)
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerFlags,
}

pub(super) async fn run(args: WorkersArgs, environment: &Environment) -> Result<(), Failure> {
    let client = args.server.connect(environment).await?;
    let request = ListWorkersRequest {
        runtime_id: args.runtime.unwrap_or_default(),
        workspace_id: args.workspace.unwrap_or_default(),
    };
    let workers = client.worker().list_workers(request).await?.into_inner().workers;
    if args.json {
        return workers.iter().try_for_each(output::print_json);
    }
    let headings = ["WORKER", "STATE", "ANSWERS BY", "RUNNING", "WORKER ID", "NOTE"];
    table::print(Output::of_process(environment), &headings, workers.iter().map(row).collect())
}

fn row(worker: &WorkerInfo) -> Vec<Field> {
    let tone = match worker.state() {
        WorkerState::Ready | WorkerState::Busy => Tone::Good,
        WorkerState::Stopped => Tone::Warning,
        WorkerState::Unavailable => Tone::Bad,
        WorkerState::Unspecified => Tone::Plain,
    };
    let state = worker.state().as_str_name().trim_start_matches("WORKER_STATE_");
    let answers_by = match worker.answer_source() {
        AnswerSource::Guide => "the guide".to_owned(),
        _ => format!("{} {}", worker.provider_id, worker.model).trim().to_owned(),
    };
    let note = match &worker.last_error {
        _ if !worker.cause.is_empty() => worker.cause.clone(),
        Some(failure) => format!("last failure: {}", failure.message),
        None => String::new(),
    };
    vec![
        worker.display_ref.as_str().into(),
        Field::new(state, tone),
        answers_by.into(),
        worker.active_turn_ids.len().to_string().into(),
        worker.worker_id.as_str().into(),
        note.into(),
    ]
}
