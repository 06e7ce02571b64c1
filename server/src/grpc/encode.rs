//! Rows and views become messages.

use crate::{
    companion::{Found, TranscriptPage},
    feed::{Conversation, ResetReason, Snapshot, Update},
    registry::{BACKEND_INTERNAL, Capabilities, RuntimeView, WorkerState, WorkerView},
    run::{Attempt, Failure, FailureKind, PromptRef, RunState, Usage},
    store::{
        conversation,
        event::{Body, Event},
        job::{self, JobType},
        message::{self, Citation, Role},
        prompt_part,
        runtime::RuntimeKind,
        turn::{AnswerSource, Context, Turn},
        workflow::Mode,
    },
};
use banto_proto::v1 as pb;
use chrono::{DateTime, Utc};
use std::time::Duration;

pub(super) fn time(at: DateTime<Utc>) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: at.timestamp(),
        nanos: i32::try_from(at.timestamp_subsec_nanos()).unwrap_or_default(),
    }
}

pub(super) fn duration(duration: Duration) -> prost_types::Duration {
    prost_types::Duration {
        seconds: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
        nanos: i32::try_from(duration.subsec_nanos()).unwrap_or_default(),
    }
}

pub(super) fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

pub(super) fn heartbeat() -> pb::Heartbeat {
    pb::Heartbeat { at: Some(time(crate::clock::now())) }
}

pub(super) fn run_state(state: RunState) -> pb::RunState {
    match state {
        RunState::Queued => pb::RunState::Queued,
        RunState::Running => pb::RunState::Running,
        RunState::Completed => pb::RunState::Completed,
        RunState::Cancelled => pb::RunState::Cancelled,
        RunState::TimedOut => pb::RunState::TimedOut,
        RunState::ProviderFailed => pb::RunState::ProviderFailed,
        RunState::Failed => pb::RunState::Failed,
        RunState::Interrupted => pb::RunState::Interrupted,
    }
}

pub(super) fn failure_kind(kind: FailureKind) -> pb::FailureKind {
    match kind {
        FailureKind::Auth => pb::FailureKind::Auth,
        FailureKind::RateLimited => pb::FailureKind::RateLimited,
        FailureKind::Overloaded => pb::FailureKind::Overloaded,
        FailureKind::ContextLength => pb::FailureKind::ContextLength,
        FailureKind::ContentFilter => pb::FailureKind::ContentFilter,
        FailureKind::Network => pb::FailureKind::Network,
        FailureKind::Malformed => pb::FailureKind::Malformed,
        FailureKind::Rejected => pb::FailureKind::Rejected,
        FailureKind::ConnectTimeout => pb::FailureKind::ConnectTimeout,
        FailureKind::FirstByteTimeout => pb::FailureKind::FirstByteTimeout,
        FailureKind::IdleTimeout => pb::FailureKind::IdleTimeout,
        FailureKind::TurnTimeout => pb::FailureKind::TurnTimeout,
        FailureKind::Storage => pb::FailureKind::Storage,
        FailureKind::OutputLimit => pb::FailureKind::OutputLimit,
        FailureKind::Internal => pb::FailureKind::Internal,
        FailureKind::Repository => pb::FailureKind::Repository,
        FailureKind::Answer => pb::FailureKind::Answer,
        FailureKind::SpendLimit => pb::FailureKind::SpendLimit,
        FailureKind::StageTimeout => pb::FailureKind::StageTimeout,
        FailureKind::Consent => pb::FailureKind::Consent,
    }
}

pub(super) fn failure(failure: Failure) -> pb::Failure {
    pb::Failure {
        kind: failure_kind(failure.kind).into(),
        retryable: failure.retryable,
        message: failure.message,
    }
}

pub(super) fn usage(usage: Usage) -> pb::Usage {
    let Usage { input_tokens, cache_read_tokens, cache_write_tokens, output_tokens, cost_nano_usd } = usage;
    pb::Usage { input_tokens, cache_read_tokens, cache_write_tokens, output_tokens, cost_nano_usd }
}

pub(super) fn prompt_ref(prompt: PromptRef) -> pb::PromptRef {
    let PromptRef { name, version, digest } = prompt;
    pb::PromptRef { name, version, digest }
}

fn attempt(attempt: Attempt) -> pb::Attempt {
    pb::Attempt {
        number: attempt.number,
        started_at: Some(time(attempt.started_at)),
        ended_at: attempt.ended_at.map(time),
        failure: attempt.failure.map(failure),
        retry_after: attempt.retry_after_ms.map(|pause| duration(Duration::from_millis(pause))),
    }
}

fn capabilities(capabilities: Capabilities) -> pb::Capabilities {
    let Capabilities { filesystem, shell, git, ticket_mutation } = capabilities;
    pb::Capabilities { filesystem, shell, git, ticket_mutation }
}

pub(super) fn runtime(view: RuntimeView) -> pb::Runtime {
    let kind = match view.row.kind {
        RuntimeKind::BackendInternal => pb::RuntimeKind::BackendInternal,
    };
    pb::Runtime {
        runtime_id: view.row.id.to_string(),
        kind: kind.into(),
        display_name: view.row.display_name,
        capabilities: Some(capabilities(view.capabilities)),
        worker_count: u32::try_from(view.workers).unwrap_or(u32::MAX),
        version: view.version,
    }
}

fn answer_source(source: AnswerSource) -> pb::AnswerSource {
    match source {
        AnswerSource::Model => pb::AnswerSource::Model,
        AnswerSource::Guide => pb::AnswerSource::Guide,
    }
}

pub(super) fn worker(view: WorkerView) -> pb::WorkerInfo {
    let (state, cause) = match view.state {
        WorkerState::Ready => (pb::WorkerState::Ready, String::new()),
        WorkerState::Busy => (pb::WorkerState::Busy, String::new()),
        WorkerState::Stopped => (pb::WorkerState::Stopped, "it was stopped by a person".to_owned()),
        WorkerState::Unavailable(cause) => (pb::WorkerState::Unavailable, cause),
    };
    pb::WorkerInfo {
        runtime_id: view.row.runtime_id.to_string(),
        worker_id: view.row.id.to_string(),
        workspace_id: view.row.workspace_id.to_string(),
        display_name: view.row.display_name,
        display_ref: view.row.display_ref,
        state: state.into(),
        cause,
        capabilities: Some(capabilities(view.capabilities)),
        answer_source: answer_source(view.answer_source).into(),
        provider_id: view.provider_id,
        model: view.model,
        active_turn_ids: view.active_turns.iter().map(ToString::to_string).collect(),
        last_error: view.row.last_error.map(failure),
        version: view.version,
        updated_at: Some(time(view.row.updated_at)),
    }
}

pub(super) fn settings(settings: conversation::Settings) -> pb::ConversationSettings {
    let conversation::Settings { provider_id, model, language, instructions } = settings;
    pb::ConversationSettings { provider_id, model, language, instructions }
}

pub(super) fn conversation(row: conversation::Model) -> pb::Conversation {
    let or_empty = |id: Option<String>| id.unwrap_or_default();
    pb::Conversation {
        conversation_id: row.id.to_string(),
        workspace_id: row.workspace_id.to_string(),
        runtime_id: BACKEND_INTERNAL.to_owned(),
        worker_id: row.worker_id.to_string(),
        title: row.title,
        version: count(row.version),
        epoch: row.epoch.to_string(),
        head_sequence: count(row.head_sequence),
        active_turn_id: or_empty(row.active_turn_id.map(|id| id.to_string())),
        settings: Some(settings(row.settings)),
        usage: Some(usage(row.usage)),
        message_count: count(row.message_count),
        archived_at: row.archived_at.map(time),
        created_at: Some(time(row.created_at)),
        updated_at: Some(time(row.updated_at)),
        forked_from_conversation_id: or_empty(row.forked_from_conversation_id.map(|id| id.to_string())),
        forked_before_message_id: or_empty(row.forked_before_message_id.map(|id| id.to_string())),
    }
}

fn citations(citations: Vec<Citation>) -> Vec<pb::Citation> {
    citations
        .into_iter()
        .map(|Citation { document, heading, anchor }| pb::Citation { document, heading, anchor })
        .collect()
}

pub(super) fn item(message: message::Model) -> pb::TranscriptItem {
    let role = match message.role {
        Role::User => pb::MessageRole::User,
        Role::Assistant => pb::MessageRole::Assistant,
    };
    pb::TranscriptItem {
        message_id: message.id.to_string(),
        sequence: count(message.sequence),
        turn_id: message.turn_id.to_string(),
        role: role.into(),
        text: message.text,
        state: run_state(message.state).into(),
        created_at: Some(time(message.created_at)),
        superseded: message.superseded,
        citations: citations(message.citations.0),
    }
}

pub(super) fn turn(turn: Turn) -> pb::Turn {
    let Turn { row, job } = turn;
    pb::Turn {
        turn_id: row.id.to_string(),
        conversation_id: row.conversation_id.to_string(),
        job_id: row.job_id.to_string(),
        state: run_state(job.state).into(),
        user_message_id: row.user_message_id.to_string(),
        assistant_message_id: row.assistant_message_id.to_string(),
        answer_source: answer_source(row.answer_source).into(),
        provider_id: job.provider_id.unwrap_or_default(),
        model: job.model.unwrap_or_default(),
        prompts: job.prompts.0.into_iter().map(prompt_ref).collect(),
        attempts: job.attempts.0.into_iter().map(attempt).collect(),
        failure: job.failure.map(failure),
        usage: job.usage.map(usage),
        created_at: Some(time(row.created_at)),
        ended_at: job.ended_at.map(time),
        superseded_by: row.superseded_by.map(|id| id.to_string()).unwrap_or_default(),
        context: row.context.map(context),
    }
}

fn context(context: Context) -> pb::TurnContext {
    let Context { estimated_tokens, budget_tokens, messages_included, messages_left_out } = context;
    pb::TurnContext { estimated_tokens, budget_tokens, messages_included, messages_left_out }
}

pub(super) fn event(event: &Event) -> pb::ConversationEvent {
    use pb::conversation_event::Kind;
    let kind = match event.body.clone() {
        Body::MessageAdded(message) => Kind::MessageAdded(pb::MessageAdded { item: Some(item(message)) }),
        Body::TurnStarted { turn: started, reply } => {
            Kind::TurnStarted(pb::TurnStarted { turn: Some(turn(started)), reply: Some(item(reply)) })
        }
        Body::TurnRetried { turn_id, attempt: failed } => Kind::TurnRetried(pb::TurnRetried {
            turn_id: turn_id.to_string(),
            attempt: Some(attempt(failed)),
        }),
        Body::TurnEnded { turn: ended, reply } => Kind::TurnEnded(pb::TurnEnded {
            turn: Some(turn(ended)),
            text_length: reply.text.len() as u64,
            text_sha256: prompt_part::digest(&reply.text),
            citations: citations(reply.citations.0),
        }),
        Body::Changed(row) => {
            Kind::Changed(pb::ConversationChanged { conversation: Some(conversation(row)) })
        }
    };
    pb::ConversationEvent {
        sequence: count(event.sequence),
        occurred_at: Some(time(event.occurred_at)),
        kind: Some(kind),
    }
}

fn snapshot(snapshot: Snapshot) -> pb::ConversationSnapshot {
    let Snapshot { resumed, conversation: row, items, turns, has_earlier } = snapshot;
    pb::ConversationSnapshot {
        epoch: row.epoch.to_string(),
        head_sequence: count(row.head_sequence),
        resumed,
        conversation: Some(conversation(row)),
        items: items.into_iter().map(item).collect(),
        turns: turns.into_iter().map(turn).collect(),
        has_earlier,
    }
}

pub(super) fn reset(reason: ResetReason) -> pb::Reset {
    let reason = match reason {
        ResetReason::Pruned => pb::ResetReason::Pruned,
        ResetReason::SlowReader => pb::ResetReason::SlowReader,
    };
    pb::Reset { reason: reason.into() }
}

pub(super) fn update(update: Update<Conversation>) -> pb::ConversationUpdate {
    use pb::conversation_update::Kind;
    let kind = match update {
        Update::Snapshot(taken) => Kind::Snapshot(snapshot(*taken)),
        Update::Event(happened) => Kind::Event(event(&happened)),
        Update::Delta { block_id, offset, text } => {
            Kind::Delta(pb::Delta { block_id: block_id.to_string(), offset: offset as u64, text })
        }
        Update::Reset(reason) => Kind::Reset(reset(reason)),
        Update::Deleted => Kind::Deleted(pb::ConversationDeleted {}),
    };
    pb::ConversationUpdate { kind: Some(kind) }
}

pub(super) fn transcript(page: TranscriptPage) -> pb::GetTranscriptResponse {
    pb::GetTranscriptResponse {
        conversation: Some(conversation(page.conversation)),
        items: page.page.messages.into_iter().map(item).collect(),
        turns: page.turns.into_iter().map(turn).collect(),
        has_earlier: page.page.has_earlier,
        has_later: page.page.has_later,
    }
}

pub(super) fn hit(found: Found) -> pb::MessageHit {
    pb::MessageHit {
        conversation_id: found.message.conversation_id.to_string(),
        conversation_title: found.title,
        item: Some(item(found.message)),
        snippet: found.snippet,
    }
}

pub(super) fn job(row: job::Model) -> pb::Job {
    let job_type = match row.job_type {
        JobType::CompanionTurn => pb::JobType::CompanionTurn,
        JobType::TextImprovement => pb::JobType::TextImprovement,
        JobType::RootFolderSelection => pb::JobType::RootFolderSelection,
        JobType::RegexFileFilter => pb::JobType::RegexFileFilter,
        JobType::FileRelevanceAssessment => pb::JobType::FileRelevanceAssessment,
        JobType::ExtendedPathFinder => pb::JobType::ExtendedPathFinder,
        JobType::ImplementationPlan => pb::JobType::ImplementationPlan,
        JobType::ImplementationPlanMerge => pb::JobType::ImplementationPlanMerge,
    };
    pb::Job {
        job_id: row.id.to_string(),
        workspace_id: row.workspace_id.to_string(),
        job_type: job_type.into(),
        state: run_state(row.state).into(),
        conversation_id: row.conversation_id.map(|id| id.to_string()).unwrap_or_default(),
        turn_id: row.turn_id.map(|id| id.to_string()).unwrap_or_default(),
        provider_id: row.provider_id.unwrap_or_default(),
        model: row.model.unwrap_or_default(),
        attempts: row.attempts.0.into_iter().map(attempt).collect(),
        failure: row.failure.map(failure),
        usage: row.usage.map(usage),
        prompts: row.prompts.0.into_iter().map(prompt_ref).collect(),
        created_at: Some(time(row.created_at)),
        started_at: row.started_at.map(time),
        ended_at: row.ended_at.map(time),
        version: count(row.version),
        task_id: row.task_id.map(|id| id.to_string()).unwrap_or_default(),
        workflow_id: row.workflow_id.map(|id| id.to_string()).unwrap_or_default(),
        plan_id: row.plan_id.map(|id| id.to_string()).unwrap_or_default(),
    }
}

pub(super) fn finder_mode(mode: Option<Mode>) -> pb::FinderMode {
    match mode {
        None => pb::FinderMode::Unspecified,
        Some(Mode::Engine) => pb::FinderMode::Engine,
        Some(Mode::Assisted) => pb::FinderMode::Assisted,
        Some(Mode::Model) => pb::FinderMode::Model,
    }
}

pub(super) fn prompt_part(part: prompt_part::Part) -> pb::PromptPart {
    let prompt_part::Part { role, text, digest } = part;
    pb::PromptPart { role, text, digest }
}
