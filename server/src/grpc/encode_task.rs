//! Tasks and their files become messages.

use super::encode::{count, failure, run_state, time, usage};
use crate::{
    run::RunState,
    store::{
        task,
        task_file::{Reason, ReasonKind, Source},
        task_version::{Cause, Choice, History, Model as Version},
        workflow::{self, Mode},
        workflow_event::{self, Body},
        workflow_stage::{
            Artifact, AssessedFile, Dropped, ExtendedFile, FilteredFiles, RelevantFiles, SelectedRoots,
            Stage, StageKind, VerifiedPaths,
        },
    },
    task::File,
};
use banto_proto::v1 as pb;

/// Characters of a description in a list.
const SHOWN_IN_LIST: usize = 500;
/// Paths of a second stage that are sent.
const SHOWN_PATHS: usize = 10_000;

fn text(id: Option<impl ToString>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}

fn unsigned(count: i32) -> u32 {
    u32::try_from(count).unwrap_or_default()
}

pub(super) fn task(row: task::Model) -> pb::Task {
    pb::Task {
        task_id: row.id.to_string(),
        workspace_id: row.workspace_id.to_string(),
        title: row.title,
        description: row.description,
        description_version: count(row.description_version),
        can_undo: row.undo_description.is_some(),
        can_redo: row.redo_description.is_some(),
        files_version: count(row.files_version),
        files_can_undo: row.undo_files.is_some(),
        files_can_redo: row.redo_files.is_some(),
        file_count: unsigned(row.file_count),
        file_tokens: count(row.file_tokens),
        active_workflow_id: text(row.active_workflow_id),
        latest_workflow_id: text(row.latest_workflow_id),
        from_conversation_id: text(row.from_conversation_id),
        cloned_from_task_id: text(row.cloned_from_task_id),
        usage: Some(usage(row.usage)),
        revision: count(row.revision),
        archived_at: row.archived_at.map(time),
        created_at: Some(time(row.created_at)),
        updated_at: Some(time(row.updated_at)),
        title_is_set: row.title_is_set,
    }
}

/// A task for a list, where whole descriptions would be too much.
pub(super) fn listed_task(mut row: task::Model) -> pb::Task {
    if let Some((end, _)) = row.description.char_indices().nth(SHOWN_IN_LIST) {
        row.description.truncate(end);
    }
    task(row)
}

pub(super) fn choice(choice: Option<Choice>) -> pb::FileChoice {
    match choice {
        None => pb::FileChoice::Unspecified,
        Some(Choice::Included) => pb::FileChoice::Included,
        Some(Choice::Excluded) => pb::FileChoice::Excluded,
        Some(Choice::Pinned) => pb::FileChoice::Pinned,
    }
}

fn reason(reason: Reason) -> pb::FileReason {
    let kind = match reason.kind {
        ReasonKind::Named => pb::ReasonKind::Named,
        ReasonKind::Path => pb::ReasonKind::Path,
        ReasonKind::Symbol => pb::ReasonKind::Symbol,
        ReasonKind::Lines => pb::ReasonKind::Lines,
        ReasonKind::Commit => pb::ReasonKind::Commit,
        ReasonKind::ImportedBy => pb::ReasonKind::ImportedBy,
        ReasonKind::Imports => pb::ReasonKind::Imports,
        ReasonKind::ChangedWith => pb::ReasonKind::ChangedWith,
        ReasonKind::TestOf => pb::ReasonKind::TestOf,
        ReasonKind::Pattern => pb::ReasonKind::Pattern,
        ReasonKind::Model => pb::ReasonKind::Model,
        ReasonKind::Definition => pb::ReasonKind::Definition,
    };
    pb::FileReason {
        kind: kind.into(),
        text: reason.text,
        terms: reason.terms,
        lines: reason.lines.map(|(first_line, last_line)| pb::LineRange { first_line, last_line }),
        symbol: reason.symbol,
        other_path: reason.other_path,
        commit: reason.commit,
    }
}

pub(super) fn task_file(file: File) -> pb::TaskFile {
    let File { row, choice: decided } = file;
    let source = match row.source {
        None => pb::FileSource::Unspecified,
        Some(Source::Relevant) => pb::FileSource::Relevant,
        Some(Source::Extended) => pb::FileSource::Extended,
    };
    pb::TaskFile {
        path: row.path,
        choice: choice(decided).into(),
        source: source.into(),
        score: row.score,
        reasons: row.reasons.0.into_iter().map(reason).collect(),
        tokens: count(row.tokens),
        size_bytes: count(row.size_bytes),
        workflow_id: text(row.workflow_id),
        looks_secret: row.looks_secret,
    }
}

pub(super) fn version(row: Version) -> crate::error::Result<pb::TaskVersion> {
    let cause = match row.cause {
        Cause::Created => pb::TaskVersionCause::Created,
        Cause::Edited => pb::TaskVersionCause::Edited,
        Cause::Improved => pb::TaskVersionCause::Improved,
        Cause::Undone => pb::TaskVersionCause::Undone,
        Cause::Redone => pb::TaskVersionCause::Redone,
        Cause::Reverted => pb::TaskVersionCause::Reverted,
    };
    let (description, decisions) = match row.history {
        History::Description => (row.body, Vec::new()),
        History::Files => {
            let decision = |(path, decided)| pb::FileDecision { path, choice: choice(Some(decided)).into() };
            (String::new(), row.decisions()?.into_iter().map(decision).collect())
        }
    };
    Ok(pb::TaskVersion {
        version: count(row.version),
        author: row.author,
        cause: cause.into(),
        restored_version: row.restored.map(count).unwrap_or_default(),
        job_id: text(row.job_id),
        description,
        decisions,
        created_at: Some(time(row.created_at)),
    })
}

pub(super) fn stage_kind(kind: StageKind) -> pb::StageKind {
    match kind {
        StageKind::RootFolderSelection => pb::StageKind::RootFolderSelection,
        StageKind::RegexFileFilter => pb::StageKind::RegexFileFilter,
        StageKind::FileRelevanceAssessment => pb::StageKind::FileRelevanceAssessment,
        StageKind::ExtendedPathFinder => pb::StageKind::ExtendedPathFinder,
    }
}

pub(super) fn stage(stage: Stage) -> pb::WorkflowStage {
    let Stage { row, usage: used, jobs } = stage;
    pb::WorkflowStage {
        kind: stage_kind(row.kind).into(),
        state: run_state(row.state).into(),
        attempt: unsigned(row.attempt),
        done: 0,
        total: 0,
        result_count: unsigned(row.result_count),
        failure: row.failure.map(failure),
        usage: used.map(usage),
        job_ids: jobs.iter().map(ToString::to_string).collect(),
        artifact: None,
        reused_from_workflow_id: text(row.reused_from),
        started_at: row.started_at.map(time),
        ended_at: row.ended_at.map(time),
    }
}

fn dropped(dropped: Vec<Dropped>) -> Vec<pb::Dropped> {
    dropped.into_iter().map(|Dropped { what, why }| pb::Dropped { what, why }).collect()
}

fn reasons(reasons: Vec<Reason>) -> Vec<pb::FileReason> {
    reasons.into_iter().map(reason).collect()
}

fn artifact(artifact: Artifact) -> pb::StageArtifact {
    use pb::stage_artifact::Kind;
    let kind = match artifact {
        Artifact::SelectedRoots(SelectedRoots { roots, dropped: aside, fell_back }) => {
            let root = |root: crate::store::workflow_stage::SelectedRoot| pb::SelectedRoot {
                path: root.path,
                share: root.share,
                file_count: root.file_count,
            };
            let roots = roots.into_iter().map(root).collect();
            Kind::SelectedRoots(pb::SelectedRoots { roots, dropped: dropped(aside), fell_back })
        }
        Artifact::FilteredFiles(FilteredFiles { groups, dropped: aside, files, searched }) => {
            let total = files.len() as u64;
            let paths = files.into_iter().take(SHOWN_PATHS).map(|file| file.path).collect();
            let group = |group: crate::store::workflow_stage::PatternGroup| pb::PatternGroup {
                title: group.title,
                path: group.path,
                content: group.content,
                negative_path: group.negative_path,
                match_count: group.match_count,
            };
            let groups = groups.into_iter().map(group).collect();
            Kind::FilteredFiles(pb::FilteredFiles { groups, dropped: dropped(aside), paths, total, searched })
        }
        Artifact::RelevantFiles(RelevantFiles { files, dropped: aside, not_assessed }) => {
            let file = |file: AssessedFile| pb::AssessedFile {
                path: file.path,
                score: file.score,
                engine_score: file.engine_score,
                model_score: file.model_score,
                relevant: file.relevant,
                reasons: reasons(file.reasons),
            };
            let files = files.into_iter().map(file).collect();
            Kind::RelevantFiles(pb::RelevantFiles { files, dropped: dropped(aside), not_assessed })
        }
        Artifact::VerifiedPaths(VerifiedPaths { files, dropped: aside }) => {
            let file = |file: ExtendedFile| pb::ExtendedFile {
                path: file.path,
                score: file.score,
                reasons: reasons(file.reasons),
            };
            let files = files.into_iter().map(file).collect();
            Kind::VerifiedPaths(pb::VerifiedPaths { files, dropped: dropped(aside) })
        }
    };
    pb::StageArtifact { kind: Some(kind) }
}

fn finder_mode(mode: Mode) -> pb::FinderMode {
    super::encode::finder_mode(Some(mode))
}

pub(super) fn workflow(row: workflow::Model, stages: Vec<Stage>) -> pb::Workflow {
    let used = stages.iter().filter_map(|stage| stage.usage).reduce(crate::run::Usage::plus);
    pb::Workflow {
        workflow_id: row.id.to_string(),
        workspace_id: row.workspace_id.to_string(),
        task_id: row.task_id.to_string(),
        description_version: count(row.description_version),
        state: run_state(row.state).into(),
        mode: finder_mode(row.mode).into(),
        mode_reason: row.mode_reason,
        provider_id: row.provider_id.unwrap_or_default(),
        model: row.model.unwrap_or_default(),
        stages: stages.into_iter().map(stage).collect(),
        added_count: unsigned(row.added_count),
        message: row.message,
        failure: row.failure.map(failure),
        usage: used.map(usage),
        retry_of_workflow_id: text(row.retry_of),
        epoch: row.epoch.to_string(),
        head_sequence: count(row.head_sequence),
        created_at: Some(time(row.created_at)),
        ended_at: row.ended_at.map(time),
    }
}

/// A workflow with what its completed stages left.
pub(super) fn whole_workflow(
    row: workflow::Model,
    stages: Vec<Stage>,
    artifacts: Vec<(i32, Artifact)>,
) -> pb::Workflow {
    let done: Vec<i32> = stages
        .iter()
        .filter(|stage| stage.row.state == RunState::Completed)
        .map(|stage| stage.row.position)
        .collect();
    let mut message = workflow(row, stages);
    for (position, left) in artifacts.into_iter().filter(|(position, _)| done.contains(position)) {
        let place = usize::try_from(position).unwrap_or(usize::MAX);
        if let Some(stage) = message.stages.get_mut(place) {
            stage.artifact = Some(artifact(left));
        }
    }
    message
}

pub(super) fn workflow_event(
    event: workflow_event::Model,
    whole: Option<(workflow::Model, Vec<Stage>)>,
) -> pb::WorkflowEvent {
    use pb::workflow_event::Kind;
    let kind = match event.body {
        Body::StageStarted(started) => Kind::StageStarted(pb::StageStarted { stage: Some(stage(*started)) }),
        Body::StageEnded(ended) => Kind::StageEnded(pb::StageEnded { stage: Some(stage(*ended)) }),
        Body::Completed => Kind::Completed(pb::WorkflowCompleted {
            workflow: whole.map(|(row, stages)| workflow(row, stages)),
        }),
    };
    pb::WorkflowEvent {
        sequence: count(event.sequence),
        occurred_at: Some(time(event.occurred_at)),
        kind: Some(kind),
    }
}
