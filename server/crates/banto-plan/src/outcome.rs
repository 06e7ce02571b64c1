//! What a plan asked for against what was done.
//!
//! Changes are known from the first state of the workspace to the last, so what several
//! operations do to one file is followed to its end: a file that one step writes and a
//! later one moves is expected where it was moved to.

mod course;

use crate::{
    plan::Plan,
    step::{Operation, OperationKind},
};
use course::Course;
use std::collections::{BTreeMap, BTreeSet};

/// What happened to a file, from before the work to after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The file, from the root of the workspace. Of a move: where it went.
    pub path: String,
    /// What happened.
    pub kind: ChangeKind,
    /// Lines that came.
    pub added_lines: u32,
    /// Lines that went.
    pub removed_lines: u32,
    /// The names in the file within which lines differ. None: its language is not known.
    pub touched_symbols: Option<BTreeSet<String>>,
}

/// What happened to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// It was not there before.
    Added,
    /// It has another content.
    Modified,
    /// It is not there any more.
    Deleted,
    /// It has another path, and perhaps another content.
    Moved {
        /// Where it was.
        from: String,
    },
}

/// What became of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// One for each step, in the order of the plan.
    pub steps: Vec<StepOutcome>,
    /// What happened to files that the plan does not name.
    pub unplanned: Vec<Change>,
}

impl Outcome {
    /// Done where every operation is and nothing else changed; missing where nothing
    /// of it is done; else partly.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let verdicts = || self.steps.iter().flat_map(|step| &step.operations).map(|it| it.verdict);
        if verdicts().next().is_none() {
            Verdict::NotApplicable
        } else if verdicts().all(|verdict| verdict == Verdict::Done) && self.unplanned.is_empty() {
            Verdict::Done
        } else if verdicts().all(|verdict| verdict == Verdict::Missing) {
            Verdict::Missing
        } else {
            Verdict::Partly
        }
    }
}

/// What became of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepOutcome {
    /// Its number.
    pub number: u32,
    /// Done or missing where all its operations are, else partly.
    pub verdict: Verdict,
    /// One for each operation.
    pub operations: Vec<OperationOutcome>,
}

/// What became of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationOutcome {
    /// Whether it was done.
    pub verdict: Verdict,
    /// Why it is not simply done, in one sentence.
    pub reason: Option<String>,
}

/// Whether something was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// As far as files show it.
    Done,
    /// Something of it, or something like it.
    Partly,
    /// Nothing of it.
    Missing,
    /// A step without operations: files cannot show it.
    NotApplicable,
}

/// Compares a plan with what happened.
#[must_use]
pub fn outcome(plan: &Plan, changes: &[Change]) -> Outcome {
    let operations: Vec<&Operation> = plan.steps.iter().flat_map(|step| &step.operations).collect();
    let courses = course::courses(&operations);
    let done = Done::new(changes);
    let mut judged = operations.iter().zip(&courses).map(|(operation, course)| done.judge(operation, course));
    let steps = plan
        .steps
        .iter()
        .map(|step| {
            let operations: Vec<OperationOutcome> = judged.by_ref().take(step.operations.len()).collect();
            StepOutcome { number: step.number, verdict: together(&operations), operations }
        })
        .collect();
    let named = plan.paths();
    let unplanned = changes
        .iter()
        .filter(|change| !named.contains(change.path.as_str()))
        .filter(|change| !matches!(&change.kind, ChangeKind::Moved { from } if named.contains(from.as_str())))
        .cloned()
        .collect();
    Outcome { steps, unplanned }
}

fn together(operations: &[OperationOutcome]) -> Verdict {
    let all = |verdict| operations.iter().all(|operation| operation.verdict == verdict);
    match operations {
        [] => Verdict::NotApplicable,
        _ if all(Verdict::Done) => Verdict::Done,
        _ if all(Verdict::Missing) => Verdict::Missing,
        _ => Verdict::Partly,
    }
}

/// The changes, by where files are and where they were.
struct Done<'a> {
    at: BTreeMap<&'a str, &'a Change>,
    moved_from: BTreeMap<&'a str, &'a Change>,
}

type Judged = (Verdict, Option<String>);

const DONE: Judged = (Verdict::Done, None);

fn partly(reason: String) -> Judged {
    (Verdict::Partly, Some(reason))
}

fn missing(reason: String) -> Judged {
    (Verdict::Missing, Some(reason))
}

impl<'a> Done<'a> {
    fn new(changes: &'a [Change]) -> Self {
        let at = changes.iter().map(|change| (change.path.as_str(), change)).collect();
        let moved_from = changes.iter().filter_map(|change| match &change.kind {
            ChangeKind::Moved { from } => Some((from.as_str(), change)),
            _ => None,
        });
        Self { at, moved_from: moved_from.collect() }
    }

    fn judge(&self, operation: &Operation, course: &Course<'_>) -> OperationOutcome {
        let (verdict, reason) = match operation.kind {
            OperationKind::Create => self.created(course),
            OperationKind::Modify => self.modified(operation, course),
            OperationKind::Delete => self.deleted(course),
            OperationKind::Move => self.moved(course),
        };
        OperationOutcome { verdict, reason }
    }

    fn kind(&self, path: &str) -> Option<&'a ChangeKind> {
        self.at.get(path).map(|change| &change.kind)
    }

    /// Whether a file that was there before is at its old place no more.
    fn is_gone(&self, path: &str) -> bool {
        self.moved_from.contains_key(path) || self.kind(path) == Some(&ChangeKind::Deleted)
    }

    fn created(&self, course: &Course<'_>) -> Judged {
        let Some(end) = course.end else {
            // A later step removes it, so that nothing is left to be seen.
            return DONE;
        };
        match self.kind(end) {
            Some(ChangeKind::Added | ChangeKind::Moved { .. }) => DONE,
            Some(ChangeKind::Modified) if course.was_replaced => DONE,
            Some(ChangeKind::Modified) => partly(format!("{end} was there before and was changed.")),
            Some(ChangeKind::Deleted) => missing(format!("{end} was deleted.")),
            None => missing(format!("{end} was not written.")),
        }
    }

    fn modified(&self, operation: &Operation, course: &Course<'_>) -> Judged {
        let Some(end) = course.end else { return DONE };
        let change = self.at.get(end).or_else(|| self.moved_from.get(course.origin));
        let Some(change) = change else {
            return match self.at.get(course.origin).filter(|change| change.kind == ChangeKind::Modified) {
                Some(change) => symbols(operation, change),
                None => missing(format!("{end} was not changed.")),
            };
        };
        match &change.kind {
            ChangeKind::Deleted => missing(format!("{end} was deleted.")),
            ChangeKind::Moved { .. } if change.added_lines + change.removed_lines == 0 => {
                missing(format!("{} was moved and not changed.", change.path))
            }
            ChangeKind::Moved { .. } | ChangeKind::Modified => symbols(operation, change),
            ChangeKind::Added => DONE,
        }
    }

    fn deleted(&self, course: &Course<'_>) -> Judged {
        let origin = course.origin;
        if course.was_created {
            return match self.kind(origin) {
                Some(ChangeKind::Added) => missing(format!("{origin} is there.")),
                _ => DONE,
            };
        }
        if let Some(moved) = self.moved_from.get(origin) {
            return partly(format!("{origin} was moved to {} instead.", moved.path));
        }
        match self.kind(origin) {
            Some(ChangeKind::Deleted) => DONE,
            Some(_) if course.is_written_again => DONE,
            _ => missing(format!("{origin} is still there.")),
        }
    }

    fn moved(&self, course: &Course<'_>) -> Judged {
        let origin = course.origin;
        let Some(end) = course.end else {
            // A later step deletes what was moved: only its first place tells.
            return if self.is_gone(origin) || course.was_created {
                DONE
            } else {
                missing(format!("{origin} is still there."))
            };
        };
        let is_there = matches!(
            self.kind(end),
            Some(ChangeKind::Added | ChangeKind::Moved { .. } | ChangeKind::Modified)
        );
        let is_gone = if course.was_created {
            self.kind(origin) != Some(&ChangeKind::Added)
        } else {
            course.is_written_again || self.is_gone(origin)
        };
        match (is_there, is_gone) {
            (true, true) => DONE,
            (true, false) => partly(format!("{end} was written, and {origin} is still there.")),
            (false, _) => match (self.moved_from.get(origin), self.kind(origin)) {
                (Some(other), _) => partly(format!("{origin} was moved to {} instead.", other.path)),
                (None, Some(ChangeKind::Deleted)) => {
                    partly(format!("{origin} is gone, and {end} was not written."))
                }
                _ => missing(format!("{origin} was not moved.")),
            },
        }
    }
}

/// Whether what was to be touched in a file was.
fn symbols(operation: &Operation, change: &Change) -> Judged {
    let Some(touched) = &change.touched_symbols else { return DONE };
    let touched: BTreeSet<&str> = touched.iter().map(|symbol| crate::check::last_part(symbol)).collect();
    let untouched: Vec<&str> = operation
        .symbols
        .iter()
        .map(String::as_str)
        .filter(|symbol| !touched.contains(crate::check::last_part(symbol)))
        .collect();
    if untouched.is_empty() {
        return DONE;
    }
    partly(format!("{} was changed, but not {}.", change.path, untouched.join(", ")))
}
