//! Two plans, step by step. Steps are known again by what they say and touch, not by
//! their numbers, because a step that is put in front renumbers all others.

mod likeness;

use crate::{
    plan::Plan,
    rising::longest_rising,
    step::{Operation, Step},
};
use std::collections::{BTreeMap, BTreeSet};

/// How two plans differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanDiff {
    /// Whether the instructions differ.
    pub agent_instructions: bool,
    /// Whether the sources differ.
    pub sources: bool,
    /// Whether the conflicts differ.
    pub conflicts: bool,
    /// Every step of either plan: in the order of the new one, and those that were
    /// removed where they were.
    pub steps: Vec<StepDiff>,
}

/// What became of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepDiff {
    /// Its place in the old plan, counted from 0. None: it was added.
    pub old: Option<usize>,
    /// Its place in the new plan, counted from 0. None: it was removed.
    pub new: Option<usize>,
    /// Whether it stands in another order to the steps that are in both plans.
    pub is_moved: bool,
    /// What differs in it. Empty where it was added or removed.
    pub fields: Vec<StepField>,
    /// What became of its operations that differ. Empty where it was added or removed.
    pub operations: Vec<OperationDiff>,
}

/// What became of an operation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OperationDiff {
    /// Its place in the old step, counted from 0. None: it was added.
    pub old: Option<usize>,
    /// Its place in the new step, counted from 0. None: it was removed.
    pub new: Option<usize>,
    /// Whether it stands in another order to those that are in both steps.
    pub is_moved: bool,
    /// What differs in it.
    pub fields: Vec<OperationField>,
}

/// A part of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepField {
    /// It was renumbered.
    Number,
    /// Its title.
    Title,
    /// Its description.
    Description,
    /// Its confidence.
    Confidence,
    /// Its assumptions.
    Assumptions,
    /// Its operations; [`StepDiff::operations`] says how.
    Operations,
    /// Its commands.
    BashCommands,
    /// What explores before it.
    ExplorationCommands,
    /// What it was merged from.
    Sources,
}

/// A part of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OperationField {
    /// What happens.
    Kind,
    /// To which file.
    Path,
    /// Where it comes from.
    From,
    /// Its symbols.
    Symbols,
    /// Its changes.
    Changes,
    /// Its validation.
    Validation,
    /// Its evidence.
    Evidence,
}

impl PlanDiff {
    /// Whether the plans are the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.agent_instructions
            && !self.sources
            && !self.conflicts
            && self.steps.iter().all(StepDiff::is_unchanged)
    }
}

impl StepDiff {
    /// Whether the step is in both plans as it was, in the same order to the others.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.old.is_some() && self.new.is_some() && !self.is_moved && self.fields.is_empty()
    }
}

/// How two plans differ.
#[must_use]
pub fn structural_diff(old: &Plan, new: &Plan) -> PlanDiff {
    let pairs = likeness::pairs(&old.steps, &new.steps);
    let steps = in_order(old.steps.len(), new.steps.len(), &pairs)
        .into_iter()
        .map(|(before, after, is_moved)| match (before, after) {
            (Some(from), Some(to)) => {
                let operations = operations(&old.steps[from].operations, &new.steps[to].operations);
                let fields = step_fields(&old.steps[from], &new.steps[to]);
                StepDiff { old: before, new: after, is_moved, fields, operations }
            }
            _ => StepDiff { old: before, new: after, ..StepDiff::default() },
        })
        .collect();
    PlanDiff {
        agent_instructions: old.agent_instructions != new.agent_instructions,
        sources: old.sources != new.sources,
        conflicts: old.conflicts != new.conflicts,
        steps,
    }
}

fn step_fields(old: &Step, new: &Step) -> Vec<StepField> {
    [
        (StepField::Number, old.number != new.number),
        (StepField::Title, old.title != new.title),
        (StepField::Description, old.description != new.description),
        (StepField::Confidence, old.confidence != new.confidence),
        (StepField::Assumptions, old.assumptions != new.assumptions),
        (StepField::Operations, old.operations != new.operations),
        (StepField::BashCommands, old.bash_commands != new.bash_commands),
        (StepField::ExplorationCommands, old.exploration_commands != new.exploration_commands),
        (StepField::Sources, old.sources != new.sources),
    ]
    .into_iter()
    .filter_map(|(field, differs)| differs.then_some(field))
    .collect()
}

fn operations(old: &[Operation], new: &[Operation]) -> Vec<OperationDiff> {
    if old == new {
        return Vec::new();
    }
    let pairs = likeness::operation_pairs(old, new);
    in_order(old.len(), new.len(), &pairs)
        .into_iter()
        .filter_map(|(before, after, is_moved)| {
            let fields = match (before, after) {
                (Some(from), Some(to)) => operation_fields(&old[from], &new[to]),
                _ => Vec::new(),
            };
            let differs = before.is_none() || after.is_none() || is_moved || !fields.is_empty();
            differs.then_some(OperationDiff { old: before, new: after, is_moved, fields })
        })
        .collect()
}

fn operation_fields(old: &Operation, new: &Operation) -> Vec<OperationField> {
    [
        (OperationField::Kind, old.kind != new.kind),
        (OperationField::Path, old.path != new.path),
        (OperationField::From, old.from != new.from),
        (OperationField::Symbols, old.symbols != new.symbols),
        (OperationField::Changes, old.changes != new.changes),
        (OperationField::Validation, old.validation != new.validation),
        (OperationField::Evidence, old.evidence != new.evidence),
    ]
    .into_iter()
    .filter_map(|(field, differs)| differs.then_some(field))
    .collect()
}

type Placed = (Option<usize>, Option<usize>, bool);

/// Everything of both sides in the order of the new one, what was removed where it was,
/// and whether it was moved. `pairs` gives the new place of an old one.
fn in_order(old: usize, new: usize, pairs: &BTreeMap<usize, usize>) -> Vec<Placed> {
    let mut old_of = vec![None; new];
    for (from, to) in pairs {
        old_of[*to] = Some(*from);
    }
    let paired: Vec<usize> = old_of.iter().filter_map(|from| *from).collect();
    // As few as possible count as moved.
    let kept: BTreeSet<usize> = longest_rising(&paired).into_iter().map(|place| paired[place]).collect();
    let mut placed = Vec::new();
    let mut removed = (0..old).filter(|from| !pairs.contains_key(from)).peekable();
    for (to, from) in old_of.into_iter().enumerate() {
        let is_moved = from.is_some_and(|from| !kept.contains(&from));
        if let Some(from) = from.filter(|_| !is_moved) {
            while let Some(gone) = removed.next_if(|gone| *gone < from) {
                placed.push((Some(gone), None, false));
            }
        }
        placed.push((from, Some(to), is_moved));
    }
    placed.extend(removed.map(|gone| (Some(gone), None, false)));
    placed
}
