//! `banto plan verify`.

use super::{Common, Named, named};
use crate::{
    cli::{exit::Failure, output, safe_text},
    config::Environment,
    grpc::plan_outcome,
    plan::verify_in,
};
use banto_proto::v1::{OutcomeState, VerifyOutcomeRequest, VerifyOutcomeResponse};
use clap::Args;
use std::path::PathBuf;

#[derive(Args)]
pub(super) struct VerifyArgs {
    /// A file, which is compared here and needs --from; or a plan of the server
    #[arg(value_name = "FILE|ID")]
    plan: String,
    /// Repository that a file is compared with
    #[arg(long, value_name = "DIR", default_value = ".")]
    repo: PathBuf,
    /// Commit before the work [default: the one that the plan was made on]
    #[arg(long, value_name = "COMMIT")]
    from: Option<String>,
    /// Commit after the work [default: the files as they are]
    #[arg(long, value_name = "COMMIT")]
    to: Option<String>,
    #[command(flatten)]
    common: Common,
}

pub(super) async fn run(args: VerifyArgs, environment: &Environment) -> Result<(), Failure> {
    let outcome = match named(&args.plan)? {
        Named::Id(plan_id) => {
            let client = args.common.server.connect(environment).await?;
            let request = VerifyOutcomeRequest {
                plan_id,
                revision_id: String::new(),
                from_commit: args.from.unwrap_or_default(),
                to_commit: args.to.unwrap_or_default(),
            };
            client.plans().verify_outcome(request).await?.into_inner()
        }
        Named::File { text, .. } => {
            let from = args.from.ok_or_else(|| {
                Failure::Usage("a file does not say what it was planned on: name it with --from".to_owned())
            })?;
            let found = verify_in(&args.repo, &from, args.to.as_deref(), &text)
                .map_err(|error| Failure::Usage(format!("{}: {error}", args.repo.display())))?;
            plan_outcome(found)
        }
    };
    if args.common.json {
        output::print_json(&outcome)?;
    } else {
        tell(&outcome)?;
    }
    match outcome.state() {
        OutcomeState::Done | OutcomeState::NothingToCheck => Ok(()),
        state => Err(Failure::Failed(format!("the plan is {}", word(state)))),
    }
}

fn tell(outcome: &VerifyOutcomeResponse) -> Result<(), Failure> {
    for step in &outcome.steps {
        output::print(&format!("{} {} {}", step.number, word(step.state()), safe_text::line(&step.title)))?;
        for operation in &step.operations {
            let why = if operation.why.is_empty() { String::new() } else { format!(": {}", operation.why) };
            let what = format!("{} {}{why}", operation.r#type, operation.path);
            output::print(&format!("  {} {}", word(operation.state()), safe_text::line(&what)))?;
        }
    }
    outcome
        .unplanned_paths
        .iter()
        .try_for_each(|path| output::print(&format!("unplanned {}", safe_text::line(path))))
}

fn word(state: OutcomeState) -> &'static str {
    match state {
        OutcomeState::Done => "done",
        OutcomeState::Partly => "partly done",
        OutcomeState::Missing => "not done",
        OutcomeState::NothingToCheck | OutcomeState::Unspecified => "nothing to check",
    }
}
