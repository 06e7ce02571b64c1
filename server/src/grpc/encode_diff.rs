//! Differences become messages: of revisions, and of a plan and what was done.

use crate::plan::{Compared, Diff, FileChange, Verified};
use banto_plan::{ChangeKind, Hunk, LineKind, OperationDiff, OperationField, StepDiff, StepField, Verdict};
use banto_proto::v1 as pb;

/// Bytes of lines that a difference of revisions shows.
const SHOWN_DIFF: usize = 3 * 1024 * 1024;
/// Bytes of lines that are shown of one changed file.
const SHOWN_FILE: usize = 64 * 1024;

/// As many hunks as fit, and whether some were left out.
fn hunks(hunks: Vec<Hunk>, most: usize) -> (Vec<pb::DiffHunk>, bool) {
    let (mut shown, mut bytes) = (Vec::new(), 0);
    for hunk in hunks {
        bytes += hunk.lines.iter().map(|line| line.text.len() + 4).sum::<usize>();
        if bytes > most {
            return (shown, true);
        }
        shown.push(pb::DiffHunk {
            old_line: hunk.old_start,
            new_line: hunk.new_start,
            lines: hunk
                .lines
                .into_iter()
                .map(|line| {
                    let kind = match line.kind {
                        LineKind::Context => pb::DiffLineKind::Same,
                        LineKind::Removed => pb::DiffLineKind::Removed,
                        LineKind::Added => pb::DiffLineKind::Added,
                    };
                    pb::DiffLine { kind: kind.into(), text: line.text }
                })
                .collect(),
        });
    }
    (shown, false)
}

fn part_change(old: Option<usize>, new: Option<usize>, has_fields: bool) -> pb::PartChange {
    match (old, new) {
        (None, _) => pb::PartChange::Added,
        (_, None) => pb::PartChange::Removed,
        (Some(_), Some(_)) if has_fields => pb::PartChange::Changed,
        (Some(_), Some(_)) => pb::PartChange::Moved,
    }
}

pub(super) fn compared(compared: Diff) -> pb::DiffRevisionsResponse {
    let Diff { old, new, structure, .. } = &compared;
    let fields = [
        ("agent_instructions", structure.agent_instructions),
        ("sources", structure.sources),
        ("conflicts", structure.conflicts),
    ];
    let changed = structure.steps.iter().filter(|step| !step.is_unchanged());
    let steps = changed.map(|step| step_diff(step, old, new)).collect();
    let (shown, truncated) = hunks(compared.hunks, SHOWN_DIFF);
    pb::DiffRevisionsResponse {
        hunks: shown,
        truncated,
        steps,
        fields: fields.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name.to_owned()).collect(),
        added_lines: compared.added,
        removed_lines: compared.removed,
    }
}

fn step_diff(step: &StepDiff, old: &banto_plan::Plan, new: &banto_plan::Plan) -> pb::StepDiff {
    let before = step.old.and_then(|at| old.steps.get(at));
    let after = step.new.and_then(|at| new.steps.get(at));
    let fields = step.fields.iter().map(|field| step_field(*field).to_owned());
    let operations = step.operations.iter().map(|operation| operation_diff(operation, before, after));
    pb::StepDiff {
        change: part_change(step.old, step.new, !step.fields.is_empty()).into(),
        old_number: before.map(|step| step.number).unwrap_or_default(),
        new_number: after.map(|step| step.number).unwrap_or_default(),
        title: after.or(before).map(|step| step.title.clone()).unwrap_or_default(),
        fields: fields.collect(),
        operations: operations.collect(),
    }
}

fn operation_diff(
    operation: &OperationDiff,
    before: Option<&banto_plan::Step>,
    after: Option<&banto_plan::Step>,
) -> pb::OperationDiff {
    let old = operation.old.and_then(|at| before?.operations.get(at));
    let new = operation.new.and_then(|at| after?.operations.get(at));
    let shown = new.or(old);
    pb::OperationDiff {
        change: part_change(operation.old, operation.new, !operation.fields.is_empty()).into(),
        path: shown.map(|shown| shown.path.clone()).unwrap_or_default(),
        r#type: shown.map(|shown| shown.kind.as_str().to_owned()).unwrap_or_default(),
        fields: operation.fields.iter().map(|field| operation_field(*field).to_owned()).collect(),
    }
}

fn step_field(field: StepField) -> &'static str {
    match field {
        StepField::Number => "number",
        StepField::Title => "title",
        StepField::Description => "description",
        StepField::Confidence => "confidence",
        StepField::Assumptions => "assumptions",
        StepField::Operations => "file_operations",
        StepField::BashCommands => "bash_commands",
        StepField::ExplorationCommands => "exploration_commands",
        StepField::Sources => "sources",
    }
}

fn operation_field(field: OperationField) -> &'static str {
    match field {
        OperationField::Kind => "type",
        OperationField::Path => "path",
        OperationField::From => "from",
        OperationField::Symbols => "symbols",
        OperationField::Changes => "changes",
        OperationField::Validation => "validation",
        OperationField::Evidence => "evidence",
    }
}

fn verdict(verdict: Verdict) -> pb::OutcomeState {
    match verdict {
        Verdict::Done => pb::OutcomeState::Done,
        Verdict::Partly => pb::OutcomeState::Partly,
        Verdict::Missing => pb::OutcomeState::Missing,
        Verdict::NotApplicable => pb::OutcomeState::NothingToCheck,
    }
}

pub(super) fn verified(verified: Verified) -> pb::VerifyOutcomeResponse {
    pb::VerifyOutcomeResponse { revision_id: verified.revision.id.to_string(), ..outcome(verified.found) }
}

/// What became of a plan; whose it is, the caller adds.
#[must_use]
pub fn outcome(found: Compared) -> pb::VerifyOutcomeResponse {
    let Compared { plan, outcome, changes } = found;
    let unplanned: Vec<String> = outcome.unplanned.iter().map(|change| change.path.clone()).collect();
    let state = verdict(outcome.verdict());
    let steps = plan.steps.into_iter().zip(outcome.steps).map(|(step, outcome)| {
        let operations = step.operations.into_iter().zip(outcome.operations);
        pb::StepOutcome {
            number: outcome.number,
            title: step.title,
            state: verdict(outcome.verdict).into(),
            operations: operations
                .map(|(operation, outcome)| pb::OperationOutcome {
                    r#type: operation.kind.as_str().to_owned(),
                    path: operation.path,
                    state: verdict(outcome.verdict).into(),
                    why: outcome.reason.unwrap_or_default(),
                })
                .collect(),
        }
    });
    pb::VerifyOutcomeResponse {
        revision_id: String::new(),
        steps: steps.collect(),
        changes: changes.into_iter().map(file_change).collect(),
        unplanned_paths: unplanned,
        state: state.into(),
    }
}

fn file_change(file: FileChange) -> pb::FileChange {
    let (kind, from) = match file.change.kind {
        ChangeKind::Added => ("added", String::new()),
        ChangeKind::Modified => ("modified", String::new()),
        ChangeKind::Deleted => ("deleted", String::new()),
        ChangeKind::Moved { from } => ("moved", from),
    };
    let (shown, cut) = hunks(file.hunks, SHOWN_FILE);
    pb::FileChange {
        path: file.change.path,
        from,
        kind: kind.to_owned(),
        added_lines: file.change.added_lines,
        removed_lines: file.change.removed_lines,
        hunks: shown,
        truncated: cut || file.is_binary,
    }
}
