//! `banto plan check`.

use super::{Common, Named, named};
use crate::{
    cli::{exit::Failure, output, safe_text},
    config::Environment,
    grpc::plan_findings,
    plan::check_in,
};
use banto_proto::v1::{CheckPlanRequest, FindingSeverity, PlanFinding};
use clap::Args;
use std::path::PathBuf;

#[derive(Args)]
pub(super) struct CheckArgs {
    /// A file, which is checked here; `-` reads standard input; or a plan of the server
    #[arg(value_name = "FILE|ID")]
    plan: String,
    /// Folder or repository that a file is checked against
    #[arg(long, value_name = "DIR", default_value = ".")]
    repo: PathBuf,
    /// Commit that a file was planned on; what changed since is told
    #[arg(long, value_name = "COMMIT")]
    base: Option<String>,
    /// Fails for warnings too
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    common: Common,
}

pub(super) async fn run(args: CheckArgs, environment: &Environment) -> Result<(), Failure> {
    let (name, findings) = match named(&args.plan)? {
        Named::Id(plan_id) => {
            let client = args.common.server.connect(environment).await?;
            let request = CheckPlanRequest { plan_id: plan_id.clone(), ..CheckPlanRequest::default() };
            (plan_id, client.plans().check_plan(request).await?.into_inner().findings)
        }
        Named::File { name, text } => {
            let checked = check_in(&args.repo, args.base.as_deref(), &text)
                .map_err(|error| Failure::Usage(format!("{}: {error}", args.repo.display())))?;
            (name, plan_findings(checked))
        }
    };
    if args.common.json {
        findings.iter().try_for_each(output::print_json)?;
    } else {
        findings.iter().try_for_each(|finding| output::print(&line(&name, finding)))?;
    }
    let errors = findings.iter().filter(|finding| finding.severity() == FindingSeverity::Error).count();
    match (errors, findings.len()) {
        (0, 0) => Ok(()),
        (0, _) if !args.strict => Ok(()),
        (errors, all) => {
            let warnings = all.saturating_sub(errors);
            Err(Failure::Failed(format!("{} and {}", counted(errors, "error"), counted(warnings, "warning"))))
        }
    }
}

/// A number and its noun.
pub(super) fn counted(number: usize, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{ending}")
}

/// As compilers write it, so that editors and log viewers link to the place.
fn line(name: &str, finding: &PlanFinding) -> String {
    let severity = if finding.severity() == FindingSeverity::Error { "error" } else { "warning" };
    let message = safe_text::line(&finding.message);
    format!("{name}:{}:{}: {severity}: {message} [{}]", finding.line, finding.column, finding.code)
}
