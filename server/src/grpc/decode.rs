//! Messages become typed values, once, or a refusal that names the field.

use crate::{
    companion::Target,
    error::{Error, Result},
    feed::Cursor,
    id::{ConversationId, RuntimeId, WorkerId, WorkspaceId},
    input,
    run::RunState,
    store::{conversation::Settings, job::JobType, token::Scope, workflow::Mode},
};
use banto_proto::v1 as pb;
use chrono::{DateTime, Utc};
use std::str::FromStr;

/// Longest slug of a runtime.
const MAX_SLUG: usize = 64;

pub(super) fn id<T: FromStr>(field: &'static str, text: &str) -> Result<T> {
    text.parse().map_err(|_| Error::invalid(field, "must be a UUID"))
}

pub(super) fn optional_id<T: FromStr>(field: &'static str, text: &str) -> Result<Option<T>> {
    if text.is_empty() { Ok(None) } else { id(field, text).map(Some) }
}

pub(super) fn workspace(text: &str) -> Result<Option<WorkspaceId>> {
    optional_id("workspace_id", text)
}

pub(super) fn runtime(text: &str) -> Result<RuntimeId> {
    let is_slug = (1..=MAX_SLUG).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if text.contains('@') {
        return Err(Error::invalid(
            "runtime_id",
            "a display_ref is for reading; the key is (runtime_id, worker_id)",
        ));
    }
    if !is_slug {
        return Err(Error::invalid("runtime_id", "must be a slug such as `backend-internal`"));
    }
    Ok(RuntimeId::from_slug(text))
}

pub(super) fn worker(text: &str) -> Result<WorkerId> {
    if text.contains('@') {
        return Err(Error::invalid(
            "worker_id",
            "a display_ref is for reading; the key is (runtime_id, worker_id)",
        ));
    }
    id("worker_id", text)
}

pub(super) fn target(workspace_id: &str, conversation_id: &str) -> Result<Target> {
    Ok(match optional_id::<ConversationId>("conversation_id", conversation_id)? {
        Some(id) => Target::Conversation(id),
        None => Target::Latest(workspace(workspace_id)?),
    })
}

pub(super) fn cursor(after_sequence: u64, epoch: &str) -> Result<Option<Cursor>> {
    match (after_sequence, optional_id("epoch", epoch)?) {
        (0, _) => Ok(None),
        (_, None) => Err(Error::invalid("epoch", "must come with `after_sequence`")),
        (after, Some(epoch)) => {
            Ok(Some(Cursor { epoch, after_sequence: sequence("after_sequence", after)? }))
        }
    }
}

pub(super) fn sequence(field: &'static str, number: u64) -> Result<i64> {
    i64::try_from(number).map_err(|_| Error::invalid(field, "is too large"))
}

pub(super) fn version(number: u64) -> Result<Option<i64>> {
    Ok((number != 0).then_some(sequence("expected_version", number)?))
}

pub(super) fn page_size(asked: u32, usual: u64, most: u64) -> Result<u64> {
    match u64::from(asked) {
        0 => Ok(usual),
        size if size <= most => Ok(size),
        _ => Err(Error::invalid("page_size", format!("must be 1 to {most}"))),
    }
}

pub(super) fn settings(settings: Option<pb::ConversationSettings>) -> Result<Option<Settings>> {
    settings
        .map(|settings| {
            Ok(Settings {
                provider_id: input::line("settings.provider_id", &settings.provider_id, MAX_SLUG)?,
                model: input::line("settings.model", &settings.model, input::MAX_TITLE)?,
                language: input::language("settings.language", &settings.language)?,
                instructions: input::instructions("settings.instructions", &settings.instructions)?,
            })
        })
        .transpose()
}

/// A place in a list that is ordered by time, then id.
pub(super) fn time_token<T: FromStr>(token: &str) -> Result<Option<(DateTime<Utc>, T)>> {
    if token.is_empty() {
        return Ok(None);
    }
    let parsed = token.split_once('.').and_then(|(nanos, id)| {
        let at = DateTime::from_timestamp_nanos(nanos.parse().ok()?);
        Some((at, id.parse().ok()?))
    });
    parsed.map(Some).ok_or_else(|| Error::invalid("page_token", "was not made by this list"))
}

pub(super) fn write_time_token(at: DateTime<Utc>, id: impl ToString) -> String {
    format!("{}.{}", at.timestamp_nanos_opt().unwrap_or_default(), id.to_string())
}

pub(super) fn run_state(state: i32) -> Result<Option<RunState>> {
    Ok(match pb::RunState::try_from(state).map_err(|_| Error::invalid("state", "is unknown"))? {
        pb::RunState::Unspecified => None,
        pb::RunState::Queued => Some(RunState::Queued),
        pb::RunState::Running => Some(RunState::Running),
        pb::RunState::Completed => Some(RunState::Completed),
        pb::RunState::Cancelled => Some(RunState::Cancelled),
        pb::RunState::TimedOut => Some(RunState::TimedOut),
        pb::RunState::ProviderFailed => Some(RunState::ProviderFailed),
        pb::RunState::Failed => Some(RunState::Failed),
        pb::RunState::Interrupted => Some(RunState::Interrupted),
    })
}

pub(super) fn job_type(job_type: i32) -> Result<Option<JobType>> {
    Ok(match pb::JobType::try_from(job_type).map_err(|_| Error::invalid("job_type", "is unknown"))? {
        pb::JobType::Unspecified => None,
        pb::JobType::CompanionTurn => Some(JobType::CompanionTurn),
        pb::JobType::TextImprovement => Some(JobType::TextImprovement),
        pb::JobType::RootFolderSelection => Some(JobType::RootFolderSelection),
        pb::JobType::RegexFileFilter => Some(JobType::RegexFileFilter),
        pb::JobType::FileRelevanceAssessment => Some(JobType::FileRelevanceAssessment),
        pb::JobType::ExtendedPathFinder => Some(JobType::ExtendedPathFinder),
        pb::JobType::ImplementationPlan => Some(JobType::ImplementationPlan),
        pb::JobType::ImplementationPlanMerge => Some(JobType::ImplementationPlanMerge),
    })
}

pub(super) fn finder_mode(field: &'static str, mode: i32) -> Result<Option<Mode>> {
    Ok(match pb::FinderMode::try_from(mode).map_err(|_| Error::invalid(field, "is unknown"))? {
        pb::FinderMode::Unspecified => None,
        pb::FinderMode::Engine => Some(Mode::Engine),
        pb::FinderMode::Assisted => Some(Mode::Assisted),
        pb::FinderMode::Model => Some(Mode::Model),
    })
}

pub(super) fn scope(scope: i32) -> Result<Scope> {
    match pb::TokenScope::try_from(scope) {
        Ok(pb::TokenScope::Read) => Ok(Scope::Read),
        Ok(pb::TokenScope::Chat) => Ok(Scope::Chat),
        Ok(pb::TokenScope::Review) => Ok(Scope::Review),
        Ok(pb::TokenScope::All) => Ok(Scope::All),
        Ok(pb::TokenScope::Unspecified) | Err(_) => Err(Error::invalid("scope", "must be one of the scopes")),
    }
}
