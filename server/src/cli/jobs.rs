//! `banto jobs`.

use super::{
    connect::{Client, ServerFlags},
    exit::Failure,
    output::{self, Output},
    safe_text,
    table::{self, Field, Tone},
};
use crate::config::Environment;
use banto_proto::v1::{Attempt, GetJobRequest, GetJobResponse, Job, ListJobsRequest, RunState, Usage};
use chrono::{DateTime, Local};
use clap::Args;
use prost_types::Timestamp;
use std::fmt::Write as _;

/// Largest page that the API gives.
const PAGE: usize = 200;

#[derive(Args)]
pub(super) struct JobsArgs {
    /// Shows this job, with the exact prompt that was sent and the response
    #[arg(value_name = "ID")]
    job: Option<String>,
    /// At most so many, the newest first
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    /// Only jobs of this workspace
    #[arg(long, value_name = "ID")]
    workspace: Option<String>,
    /// Only jobs that worked for this conversation
    #[arg(long, value_name = "ID")]
    conversation: Option<String>,
    /// Prints one JSON object a line (banto.v1.Job; with an id banto.v1.GetJobResponse)
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerFlags,
}

pub(super) async fn run(args: JobsArgs, environment: &Environment) -> Result<(), Failure> {
    let client = args.server.connect(environment).await?;
    let out = Output::of_process(environment);
    if let Some(job_id) = args.job {
        let response = client.jobs().get_job(GetJobRequest { job_id }).await?.into_inner();
        if args.json {
            return output::print_json(&response);
        }
        let text = detail(&response);
        return output::print(&if out.terminal { safe_text::lines(&text) } else { text });
    }
    let wanted = ListJobsRequest {
        workspace_id: args.workspace.unwrap_or_default(),
        conversation_id: args.conversation.unwrap_or_default(),
        ..ListJobsRequest::default()
    };
    let jobs = newest(&client, args.limit as usize, wanted).await?;
    if args.json {
        return jobs.iter().try_for_each(output::print_json);
    }
    let headings = ["JOB ID", "TYPE", "STATE", "MODEL", "CREATED", "TOOK", "TOKENS", "COST", "NOTE"];
    table::print(out, &headings, jobs.iter().map(row).collect())
}

async fn newest(client: &Client, limit: usize, wanted: ListJobsRequest) -> Result<Vec<Job>, Failure> {
    let mut jobs = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListJobsRequest {
            page_size: u32::try_from((limit - jobs.len()).min(PAGE)).unwrap_or(0),
            page_token,
            ..wanted.clone()
        };
        let page = client.jobs().list_jobs(request).await?.into_inner();
        jobs.extend(page.jobs);
        jobs.truncate(limit);
        page_token = page.next_page_token;
        if jobs.len() == limit || page_token.is_empty() {
            return Ok(jobs);
        }
    }
}

fn row(job: &Job) -> Vec<Field> {
    let tone = match job.state() {
        RunState::Completed => Tone::Good,
        RunState::Unspecified | RunState::Queued | RunState::Running => Tone::Plain,
        RunState::Cancelled | RunState::Interrupted => Tone::Warning,
        RunState::TimedOut | RunState::ProviderFailed | RunState::Failed => Tone::Bad,
    };
    let usage = job.usage.unwrap_or_default();
    vec![
        job.job_id.as_str().into(),
        kind(job).into(),
        Field::new(state(job), tone),
        model(job).into(),
        job.created_at.as_ref().map(when).unwrap_or_default().into(),
        took(job).into(),
        tokens(&usage).into(),
        cost(&usage).into(),
        job.failure.as_ref().map(|failure| failure.message.clone()).unwrap_or_default().into(),
    ]
}

fn kind(job: &Job) -> String {
    job.job_type().as_str_name().trim_start_matches("JOB_TYPE_").to_lowercase()
}

fn state(job: &Job) -> &'static str {
    job.state().as_str_name().trim_start_matches("RUN_STATE_")
}

fn model(job: &Job) -> String {
    match (job.provider_id.as_str(), job.model.as_str()) {
        ("", "") => "none".to_owned(),
        (provider, model) => format!("{provider} {model}").trim().to_owned(),
    }
}

/// In the time zone of whoever reads it.
fn when(at: &Timestamp) -> String {
    let nanos = u32::try_from(at.nanos).unwrap_or(0);
    let Some(at) = DateTime::from_timestamp(at.seconds, nanos) else { return String::new() };
    at.with_timezone(&Local).format("%Y-%m-%d %H:%M:%S").to_string()
}

fn took(job: &Job) -> String {
    let (Some(start), Some(end)) = (job.started_at.or(job.created_at), job.ended_at) else {
        return String::new();
    };
    let millis = (end.seconds - start.seconds) * 1_000 + i64::from(end.nanos - start.nanos) / 1_000_000;
    format!("{}.{} s", millis / 1_000, millis % 1_000 / 100)
}

/// Input and output. An unknown count is a question mark, not a nought.
fn tokens(usage: &Usage) -> String {
    let inputs = [usage.input_tokens, usage.cache_read_tokens, usage.cache_write_tokens];
    let input = inputs.iter().flatten().copied().reduce(|sum, count| sum.saturating_add(count));
    match (input, usage.output_tokens) {
        (None, None) => String::new(),
        (input, output) => {
            let number = |count: Option<u64>| count.map_or_else(|| "?".to_owned(), |count| count.to_string());
            format!("{} + {}", number(input), number(output))
        }
    }
}

fn cost(usage: &Usage) -> String {
    let Some(nano) = usage.cost_nano_usd else { return String::new() };
    // To the millionth of a dollar, rounded up: a cost is never shown as none.
    let micro = nano.div_ceil(1_000);
    format!("${}.{:06}", micro / 1_000_000, micro % 1_000_000)
}

fn detail(response: &GetJobResponse) -> String {
    let job = response.job.clone().unwrap_or_default();
    let usage = job.usage.unwrap_or_default();
    let mut text = String::new();
    let mut fact = |name: &str, value: String| {
        if !value.is_empty() {
            let _ = writeln!(text, "{name:<14}{value}");
        }
    };
    fact("job", job.job_id.clone());
    fact("type", kind(&job));
    fact("state", state(&job).to_owned());
    if let Some(failure) = &job.failure {
        let kind = failure.kind().as_str_name().trim_start_matches("FAILURE_KIND_");
        let again = if failure.retryable { "; sending it again may help" } else { "" };
        fact("failure", format!("{kind}: {}{again}", failure.message));
    }
    fact("model", model(&job));
    fact("workspace", job.workspace_id.clone());
    fact("conversation", job.conversation_id.clone());
    fact("turn", job.turn_id.clone());
    fact("created", job.created_at.as_ref().map(when).unwrap_or_default());
    fact("took", took(&job));
    fact("tokens", tokens(&usage));
    fact("cost", cost(&usage));
    for prompt in &job.prompts {
        fact("prompt", format!("{} v{} {}", prompt.name, prompt.version, prompt.digest));
    }
    for attempt in &job.attempts {
        fact("attempt", self::attempt(attempt));
    }
    for part in &response.prompt {
        let _ = write!(text, "\n--- sent as {}\n{}\n", part.role, part.text.trim_end_matches('\n'));
    }
    if response.prompt_expired {
        text.push_str("\n--- what was sent is no longer kept: its retention time is over\n");
    }
    if !response.response.is_empty() {
        let _ = write!(text, "\n--- response\n{}\n", response.response.trim_end_matches('\n'));
    }
    text
}

fn attempt(attempt: &Attempt) -> String {
    let outcome = match (&attempt.failure, &attempt.ended_at) {
        (Some(failure), _) => failure.message.as_str(),
        (None, Some(_)) => "answered",
        (None, None) => "under way",
    };
    let start = attempt.started_at.as_ref().map(when).unwrap_or_default();
    format!("{} at {start}: {outcome}", attempt.number)
}

#[cfg(test)]
mod tests {
    use super::{cost, detail, tokens};
    use banto_proto::v1::{GetJobResponse, Job, PromptPart, RunState, Usage};

    #[test]
    fn unknown_is_not_zero() {
        assert_eq!((tokens(&Usage::default()).as_str(), cost(&Usage::default()).as_str()), ("", ""));
        let usage = Usage { input_tokens: Some(7), cache_read_tokens: Some(3), ..Usage::default() };
        assert_eq!(tokens(&usage), "10 + ?");
        assert_eq!(cost(&Usage { cost_nano_usd: Some(0), ..usage }), "$0.000000");
        assert_eq!(cost(&Usage { cost_nano_usd: Some(1), ..usage }), "$0.000001");
        assert_eq!(cost(&Usage { cost_nano_usd: Some(12_345_678_000), ..usage }), "$12.345678");
    }

    #[test]
    fn a_job_is_shown_with_what_was_sent() {
        let part = |role: &str, text: &str| PromptPart {
            role: role.into(),
            text: text.into(),
            digest: String::new(),
        };
        let response = GetJobResponse {
            job: Some(Job { job_id: "j".into(), state: RunState::Completed.into(), ..Job::default() }),
            prompt: vec![part("system", "You are.\n"), part("user", "Hi")],
            response: "Hello".into(),
            prompt_expired: false,
        };
        let text = detail(&response);
        assert!(text.starts_with("job           j\n"), "{text}");
        assert!(
            text.ends_with("\n--- sent as system\nYou are.\n\n--- sent as user\nHi\n\n--- response\nHello\n"),
            "{text}"
        );
    }
}
