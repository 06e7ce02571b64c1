//! Listing, reading, saving, approving and rejecting plans.

use super::{Common, missing};
use crate::{
    cli::{
        exit::Failure,
        output::{self, Output},
        safe_text,
        table::{self, Field, Tone},
        task::{find::state, text_of},
    },
    config::Environment,
};
use banto_proto::v1::{
    ApprovePlanRequest, FindingSeverity, GetPlanRequest, GetRevisionRequest, ListPlansRequest, Plan,
    PlanReview, RejectPlanRequest, SaveRevisionRequest,
};
use clap::Args;
use std::fs;

/// Largest page that the API gives.
const PAGE: u32 = 200;

#[derive(Args)]
pub(super) struct ListArgs {
    /// Only plans of this task
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    task: String,
    /// Archived plans instead of the others
    #[arg(long)]
    archived: bool,
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
pub(super) struct ShowArgs {
    /// The plan
    #[arg(value_name = "ID")]
    plan: String,
    /// This revision instead of the newest
    #[arg(long, value_name = "ID")]
    revision: Option<String>,
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
pub(super) struct SaveArgs {
    /// The plan
    #[arg(value_name = "ID")]
    plan: String,
    /// The file; `-` reads standard input
    file: String,
    /// What was changed
    #[arg(long, default_value = "", hide_default_value = true)]
    message: String,
    /// Version of the plan that was edited; an older one is refused [default: any]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    expected_version: u64,
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
pub(super) struct ApproveArgs {
    /// The plan
    #[arg(value_name = "ID")]
    plan: String,
    /// SHA-256 of the text that was read; another text is refused [default: the text as it is now]
    #[arg(long, value_name = "HASH")]
    hash: Option<String>,
    /// What to say
    #[arg(long, default_value = "", hide_default_value = true)]
    note: String,
    /// Errors of the check that are accepted, exactly as many as there are
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    accept_errors: u32,
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
pub(super) struct RejectArgs {
    /// The plan
    #[arg(value_name = "ID")]
    plan: String,
    /// Why
    #[arg(long, default_value = "", hide_default_value = true)]
    note: String,
    #[command(flatten)]
    common: Common,
}

pub(super) async fn list(args: ListArgs, environment: &Environment) -> Result<(), Failure> {
    let client = args.common.server.connect(environment).await?;
    let mut plans = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListPlansRequest {
            workspace_id: String::new(),
            task_id: args.task.clone(),
            archived: args.archived,
            page_size: PAGE,
            page_token,
        };
        let page = client.plans().list_plans(request).await?.into_inner();
        plans.extend(page.plans);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    if args.common.json {
        return plans.iter().try_for_each(output::print_json);
    }
    let headings = ["TITLE", "STATE", "REVIEW", "STEPS", "ERRORS", "BY", "PLAN ID"];
    table::print(Output::of_process(environment), &headings, plans.iter().map(row).collect())
}

fn row(plan: &Plan) -> Vec<Field> {
    let review = match plan.review() {
        PlanReview::Approved => Field::new("approved", Tone::Good),
        PlanReview::Rejected => Field::new("rejected", Tone::Bad),
        PlanReview::Open | PlanReview::Unspecified => Field::new("open", Tone::Plain),
    };
    let errors =
        Field::new(plan.error_count.to_string(), if plan.error_count > 0 { Tone::Bad } else { Tone::Plain });
    vec![
        plan.title.as_str().into(),
        state(plan.state).into(),
        review,
        plan.step_count.to_string().into(),
        errors,
        if plan.model.is_empty() { "brief" } else { plan.model.as_str() }.into(),
        plan.plan_id.as_str().into(),
    ]
}

pub(super) async fn show(args: ShowArgs, environment: &Environment) -> Result<(), Failure> {
    let client = args.common.server.connect(environment).await?;
    let (plan, revision, text) = match args.revision {
        Some(revision_id) => {
            let shown = client.plans().get_revision(GetRevisionRequest { revision_id }).await?.into_inner();
            (None, shown.revision, shown.text)
        }
        None => {
            let shown = client.plans().get_plan(GetPlanRequest { plan_id: args.plan }).await?.into_inner();
            (shown.plan, shown.revision, shown.text)
        }
    };
    if args.common.json {
        plan.iter().try_for_each(output::print_json)?;
        return revision.iter().try_for_each(output::print_json);
    }
    let terminal = Output::of_process(environment).terminal;
    output::write(&if terminal { safe_text::lines(&text) } else { text })
}

pub(super) async fn save(args: SaveArgs, environment: &Environment) -> Result<(), Failure> {
    let client = args.common.server.connect(environment).await?;
    let text = match args.file.as_str() {
        "-" => text_of("-")?,
        file => fs::read_to_string(file).map_err(|error| Failure::Usage(format!("{file}: {error}")))?,
    };
    let request = SaveRevisionRequest {
        plan_id: args.plan,
        expected_version: args.expected_version,
        text,
        message: args.message,
        request_id: uuid::Uuid::now_v7().to_string(),
    };
    let saved = client.plans().save_revision(request).await?.into_inner();
    let revision = saved.revision.ok_or_else(missing)?;
    if args.common.json {
        return output::print_json(&revision);
    }
    for finding in &saved.findings {
        let severity = if finding.severity() == FindingSeverity::Error { "error" } else { "warning" };
        eprintln!("{}:{}: {severity}: {}", finding.line, finding.column, safe_text::line(&finding.message));
    }
    output::print(&format!("revision {} {}", revision.number, revision.content_hash))
}

pub(super) async fn approve(args: ApproveArgs, environment: &Environment) -> Result<(), Failure> {
    let client = args.common.server.connect(environment).await?;
    let shown = client.plans().get_plan(GetPlanRequest { plan_id: args.plan.clone() }).await?.into_inner();
    let revision = shown.revision.ok_or_else(missing)?;
    let request = ApprovePlanRequest {
        plan_id: args.plan,
        revision_id: revision.revision_id,
        content_hash: args.hash.unwrap_or(revision.content_hash),
        note: args.note,
        accepted_errors: args.accept_errors,
    };
    let plan = client.plans().approve_plan(request).await?.into_inner().plan.ok_or_else(missing)?;
    told(&plan, "approved", args.common.json)
}

pub(super) async fn reject(args: RejectArgs, environment: &Environment) -> Result<(), Failure> {
    let client = args.common.server.connect(environment).await?;
    let shown = client.plans().get_plan(GetPlanRequest { plan_id: args.plan.clone() }).await?.into_inner();
    let revision_id = shown.revision.ok_or_else(missing)?.revision_id;
    let request = RejectPlanRequest { plan_id: args.plan, revision_id, note: args.note };
    let plan = client.plans().reject_plan(request).await?.into_inner().plan.ok_or_else(missing)?;
    told(&plan, "rejected", args.common.json)
}

fn told(plan: &Plan, what: &str, json: bool) -> Result<(), Failure> {
    if json {
        return output::print_json(plan);
    }
    let hash = plan.decision.as_ref().map(|decision| decision.content_hash.as_str()).unwrap_or_default();
    output::print(&format!("{what} version {} {hash}", plan.version))
}
