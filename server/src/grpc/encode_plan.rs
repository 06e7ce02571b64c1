//! Plans become messages.

use super::encode::{count, failure, reset, run_state, time, usage};
use crate::{
    feed::{self, PlanSnapshot, Update},
    plan::{Checked, Estimate, Finding, Placed},
    store::{
        plan::{self, Decision, FileShare, Origin, Share},
        plan_comment::{self, State},
        plan_event::{self, Body},
        plan_revision::{self, Author},
        template,
    },
};
use banto_plan::Severity;
use banto_proto::v1 as pb;

fn text(id: Option<impl ToString>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}

pub(super) fn origin(origin: Origin) -> pb::PlanOrigin {
    match origin {
        Origin::Model => pb::PlanOrigin::Model,
        Origin::Brief => pb::PlanOrigin::Brief,
        Origin::Merge => pb::PlanOrigin::Merge,
    }
}

fn decision_review(approved: bool) -> pb::PlanReview {
    if approved { pb::PlanReview::Approved } else { pb::PlanReview::Rejected }
}

pub(super) fn decision(decision: &Decision) -> pb::PlanDecision {
    pb::PlanDecision {
        review: decision_review(decision.approved).into(),
        revision_id: decision.revision_id.to_string(),
        content_hash: decision.content_hash.clone(),
        by: decision.by.clone(),
        note: decision.note.clone(),
        accepted_errors: decision.accepted_errors,
        at: Some(time(decision.at)),
    }
}

pub(super) fn material(file: FileShare) -> pb::PlanMaterial {
    let share = match file.share {
        Share::Whole => pb::MaterialShare::Whole,
        Share::Parts => pb::MaterialShare::Parts,
        Share::Path => pb::MaterialShare::Path,
        Share::Nothing => pb::MaterialShare::Nothing,
    };
    let lines = |(first_line, last_line)| pb::PlanLines { first_line, last_line };
    pb::PlanMaterial {
        path: file.path,
        share: share.into(),
        tokens: file.tokens,
        whole_tokens: file.whole_tokens,
        why: file.why,
        lines: file.lines.into_iter().map(lines).collect(),
    }
}

pub(super) fn plan(row: plan::Model) -> pb::Plan {
    let review = row.review().map_or(pb::PlanReview::Open, |decision| decision_review(decision.approved));
    let base = |base: plan::Base| pb::PlanBase { root: base.root, commit: base.commit, dirty: base.dirty };
    let source = |source: plan::Source| pb::PlanSource {
        label: source.label,
        plan_id: source.plan_id.to_string(),
        revision_id: source.revision_id.to_string(),
        title: source.title,
    };
    pb::Plan {
        plan_id: row.id.to_string(),
        workspace_id: row.workspace_id.to_string(),
        task_id: row.task_id.to_string(),
        title: row.title,
        origin: origin(row.origin).into(),
        origin_reason: row.origin_reason,
        state: run_state(row.state).into(),
        failure: row.failure.map(failure),
        provider_id: row.provider_id.unwrap_or_default(),
        model: row.model.unwrap_or_default(),
        active_revision_id: text(row.active_revision_id),
        active_job_id: text(row.active_job_id),
        head_revision_id: text(row.head_revision_id),
        version: count(row.version),
        review: review.into(),
        decision: row.decisions.0.last().map(decision),
        bases: row.bases.0.into_iter().map(base).collect(),
        merged_from: row.merged_from.0.into_iter().map(source).collect(),
        instructions: row.instructions,
        material: row.material.0.into_iter().map(material).collect(),
        step_count: row.shape.steps,
        operation_count: row.shape.operations,
        error_count: row.shape.errors,
        warning_count: row.shape.warnings,
        open_comment_count: u32::try_from(row.open_comments).unwrap_or_default(),
        usage: row.usage.map(usage),
        change: count(row.change),
        epoch: row.epoch.to_string(),
        head_sequence: count(row.head_sequence),
        archived_at: row.archived_at.map(time),
        created_at: Some(time(row.created_at)),
        updated_at: Some(time(row.updated_at)),
    }
}

pub(super) fn revision(row: plan_revision::Model) -> pb::PlanRevision {
    let author = match row.author {
        Author::Person => pb::RevisionAuthor::Person,
        Author::Model => pb::RevisionAuthor::Model,
        Author::Finder => pb::RevisionAuthor::Finder,
        Author::Merge => pb::RevisionAuthor::Merge,
        Author::Changes => pb::RevisionAuthor::Changes,
        Author::Restore => pb::RevisionAuthor::Restore,
    };
    pb::PlanRevision {
        revision_id: row.id.to_string(),
        plan_id: row.plan_id.to_string(),
        number: count(row.number),
        parent_revision_id: text(row.parent_id),
        author: author.into(),
        by: row.by,
        message: row.message,
        state: run_state(row.state).into(),
        failure: row.failure.map(failure),
        job_id: text(row.job_id),
        restored_revision_id: text(row.restored_id),
        content_hash: row.content_hash,
        size_bytes: count(row.size_bytes),
        step_count: row.shape.steps,
        operation_count: row.shape.operations,
        error_count: row.shape.errors,
        warning_count: row.shape.warnings,
        usage: row.usage.map(usage),
        created_at: Some(time(row.created_at)),
        ended_at: row.ended_at.map(time),
    }
}

pub(super) fn comment(row: plan_comment::Model) -> pb::PlanComment {
    let state = match row.state {
        State::Open => pb::CommentState::Open,
        State::Addressed => pb::CommentState::Addressed,
        State::NotAddressed => pb::CommentState::NotAddressed,
        State::Resolved => pb::CommentState::Resolved,
    };
    pb::PlanComment {
        comment_id: row.id.to_string(),
        plan_id: row.plan_id.to_string(),
        revision_id: row.revision_id.to_string(),
        step: row.step.and_then(|step| u32::try_from(step).ok()).unwrap_or_default(),
        anchor: row.anchor.map(|anchor| pb::TextAnchor {
            start: anchor.start as u64,
            end: anchor.end as u64,
            quote: anchor.quote,
        }),
        text: row.text,
        by: row.by,
        state: state.into(),
        answer: row.answer,
        answered_in_revision_id: text(row.answered_in),
        resolved_by: row.resolved_by.unwrap_or_default(),
        place: None,
        created_at: Some(time(row.created_at)),
        change: count(row.change),
    }
}

pub(super) fn placed(placed: Placed) -> pb::PlanComment {
    let place = placed.place.map(|range| pb::TextAnchor {
        start: range.start as u64,
        end: range.end as u64,
        quote: String::new(),
    });
    pb::PlanComment { place, ..comment(placed.comment) }
}

/// What the check found.
#[must_use]
pub fn findings(checked: Checked) -> Vec<pb::PlanFinding> {
    checked.findings.into_iter().map(finding).collect()
}

fn finding(finding: Finding) -> pb::PlanFinding {
    let Finding { problem, position, path } = finding;
    let severity = match problem.severity {
        Severity::Error => pb::FindingSeverity::Error,
        Severity::Warning => pb::FindingSeverity::Warning,
    };
    pb::PlanFinding {
        severity: severity.into(),
        code: problem.code.as_str().to_owned(),
        message: problem.message,
        step: problem.step.unwrap_or_default(),
        path: path.unwrap_or_default(),
        start: problem.place.start as u64,
        end: problem.place.end as u64,
        line: position.line,
        column: position.column,
        fix: problem.fix.map(|fix| pb::FindingFix {
            label: fix.label,
            start: fix.range.start as u64,
            end: fix.range.end as u64,
            replacement: fix.replacement,
        }),
    }
}

pub(super) fn estimate(estimate: Estimate) -> pb::EstimatePlanResponse {
    let info = estimate.model.as_ref().map(|model| model.provider.info());
    pb::EstimatePlanResponse {
        origin: origin(estimate.origin).into(),
        provider_id: info.map(|info| info.id).unwrap_or_default(),
        window_tokens: estimate.model.as_ref().and_then(|model| model.window).unwrap_or_default(),
        model: estimate.model.map(|model| model.id).unwrap_or_default(),
        input_tokens: estimate.input_tokens,
        output_tokens: estimate.output_tokens,
        input_nano_usd: estimate.input_nano_usd,
        output_nano_usd: estimate.output_nano_usd,
        needs_consent: estimate.needs_consent,
        material: estimate.material.into_iter().map(material).collect(),
    }
}

pub(super) fn template(row: template::Model) -> pb::Template {
    pb::Template {
        template_id: row.id.to_string(),
        name: row.name,
        text: row.text,
        version: count(row.version),
        updated_at: Some(time(row.updated_at)),
    }
}

fn snapshot(taken: PlanSnapshot) -> pb::PlanSnapshot {
    let (active, active_text) = taken.active.unzip();
    pb::PlanSnapshot {
        plan: Some(plan(taken.plan)),
        resumed: taken.resumed,
        active_revision: active.map(revision),
        active_text: active_text.unwrap_or_default(),
        revisions: taken.revisions.into_iter().map(revision).collect(),
        comments: taken.comments.into_iter().map(comment).collect(),
    }
}

fn event(event: &plan_event::Event) -> pb::PlanEvent {
    use pb::plan_event::Kind;
    let plan = || Some(plan(event.plan.clone()));
    let kind = match &event.body {
        Body::RevisionStarted(row) => {
            Kind::RevisionStarted(pb::RevisionStarted { plan: plan(), revision: Some(revision(row.clone())) })
        }
        Body::RevisionEnded(row, _) => {
            Kind::RevisionEnded(pb::RevisionEnded { plan: plan(), revision: Some(revision(row.clone())) })
        }
        Body::Changed => Kind::Changed(pb::PlanChanged { plan: plan() }),
        Body::CommentChanged(row) => {
            Kind::CommentChanged(pb::CommentChanged { plan: plan(), comment: Some(comment(row.clone())) })
        }
    };
    pb::PlanEvent {
        sequence: count(event.sequence),
        occurred_at: Some(time(event.occurred_at)),
        kind: Some(kind),
    }
}

pub(super) fn update(update: Update<feed::Plan>) -> pb::PlanUpdate {
    use pb::plan_update::Kind;
    let kind = match update {
        Update::Snapshot(taken) => Kind::Snapshot(snapshot(*taken)),
        Update::Event(happened) => Kind::Event(event(&happened)),
        Update::Delta { block_id, offset, text } => {
            Kind::Delta(pb::Delta { block_id: block_id.to_string(), offset: offset as u64, text })
        }
        Update::Reset(reason) => Kind::Reset(reset(reason)),
        // Plans are archived, not deleted.
        Update::Deleted => Kind::Reset(reset(feed::ResetReason::Pruned)),
    };
    pb::PlanUpdate { kind: Some(kind) }
}

pub(super) fn checked(checked: Checked) -> pb::CheckPlanResponse {
    let (step_count, operation_count) = (checked.steps, checked.operations);
    pb::CheckPlanResponse { findings: findings(checked), step_count, operation_count }
}
