//! A plan against what is known of the workspace.
//!
//! The operations are gone through in their order, and what each leaves is remembered:
//! a file that an earlier step writes is there for a later one.

mod symbols;

use crate::{
    facts::{CommitFact, Facts, FileFact},
    print,
    problem::{Fix, Problem, ProblemCode},
    reading::Parsed,
    spans::OperationSpan,
    step::{Operation, OperationKind, Step},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};
use symbols::Symbols;
pub(crate) use symbols::last_part;

/// Commits that a message names; of more it gives the number.
const COMMITS_NAMED: usize = 3;

/// Everything that is wrong with a plan: the problems of its form, and those that facts
/// show, in the order of the text.
#[must_use]
pub fn check(parsed: &Parsed, facts: &Facts) -> Vec<Problem> {
    let mut check = Check {
        facts,
        files: BTreeMap::new(),
        symbols: Symbols::default(),
        drifted: BTreeSet::new(),
        step: 0,
        problems: parsed.problems.clone(),
    };
    for (step, spans) in parsed.plan.steps.iter().zip(&parsed.spans.steps) {
        check.step(step, &spans.operations);
    }
    check.problems.sort_by_key(|problem| problem.place.start);
    check.problems
}

struct Check<'a> {
    facts: &'a Facts,
    /// What the operations so far left, by path.
    files: BTreeMap<&'a str, Left<'a>>,
    symbols: Symbols<'a>,
    /// Paths of which it was said that they changed.
    drifted: BTreeSet<&'a str>,
    /// The number of the step that is looked at.
    step: u32,
    problems: Vec<Problem>,
}

/// What operations left at a path.
#[derive(Clone, Copy)]
struct Left<'a> {
    /// The last step that touched it.
    step: u32,
    state: State<'a>,
}

#[derive(Clone, Copy)]
enum State<'a> {
    /// A file that was there and is.
    Kept,
    /// A file that was written.
    Written,
    /// A file that came from another path.
    Moved(&'a str),
    Deleted,
    MovedAway,
}

/// Whether there is a file.
#[derive(PartialEq, Eq)]
enum There {
    Yes,
    No,
    /// Nothing is known, or it was said already what is wrong.
    Unknown,
}

impl<'a> Check<'a> {
    fn step(&mut self, step: &'a Step, spans: &[OperationSpan]) {
        self.step = step.number;
        for (operation, span) in step.operations.iter().zip(spans) {
            let path = operation.path.as_str();
            let at = span.path.clone().unwrap_or_else(|| span.tag.clone());
            match operation.kind {
                OperationKind::Modify | OperationKind::Delete => {
                    self.used(path, &at, span.path.is_some());
                    self.named(operation, path, span);
                    let state = match (operation.kind, self.files.get(path).map(|left| left.state)) {
                        (OperationKind::Delete, _) => State::Deleted,
                        (_, Some(state @ (State::Written | State::Moved(_)))) => state,
                        _ => State::Kept,
                    };
                    self.leave(path, state);
                }
                OperationKind::Create => {
                    self.written(path, &at, span.kind.clone());
                    self.leave(path, State::Written);
                }
                OperationKind::Move => {
                    let from = operation.from.as_deref().unwrap_or_default();
                    let from_at = span.from.clone().unwrap_or_else(|| span.tag.clone());
                    self.used(from, &from_at, span.from.is_some());
                    self.named(operation, from, span);
                    let origin = match self.files.get(from).map(|left| left.state) {
                        Some(State::Moved(origin)) => origin,
                        _ => from,
                    };
                    self.leave(from, State::MovedAway);
                    self.written(path, &at, None);
                    self.leave(path, State::Moved(origin));
                }
            }
            if let Some(changes) = &operation.changes {
                self.symbols.adds(path, changes);
            }
        }
    }

    fn leave(&mut self, path: &'a str, state: State<'a>) {
        if !path.is_empty() {
            self.files.insert(path, Left { step: self.step, state });
        }
    }

    /// A file that has to be there.
    fn used(&mut self, path: &'a str, at: &Range<usize>, is_written: bool) {
        if path.is_empty() {
            return;
        }
        if let Some(Left { step, state }) = self.files.get(path).copied() {
            let what = match state {
                State::Deleted => "deletes",
                State::MovedAway => "moves away",
                State::Written | State::Moved(_) => return,
                State::Kept => {
                    if step != self.step {
                        let message = format!("Step {step} changes {path} as well.");
                        self.report(ProblemCode::SameFile, at.clone(), message, None);
                    }
                    return;
                }
            };
            let message = format!("Step {step} {what} {path}, so it is not there any more.");
            self.report(ProblemCode::FileGone, at.clone(), message, None);
            return;
        }
        if self.fact(path, at) == There::No {
            let candidates = self.facts.candidates.get(path).map_or(&[][..], Vec::as_slice);
            let fix = match candidates {
                [only] if is_written => Some(Fix {
                    label: format!("Write {only}"),
                    range: at.clone(),
                    replacement: print::value(only),
                }),
                _ => None,
            };
            let message = match candidates {
                [] => format!("There is no file {path}."),
                [first, ..] => format!("There is no file {path}; is it {first}?"),
            };
            self.report(ProblemCode::FileMissing, at.clone(), message, fix);
        }
        self.drift(path, at);
    }

    /// A file that must not be there.
    fn written(&mut self, path: &'a str, at: &Range<usize>, kind: Option<Range<usize>>) {
        if path.is_empty() {
            return;
        }
        let modify = OperationKind::Modify.as_str();
        let fix = kind.map(|range| Fix {
            label: format!("Make it a {modify}"),
            range,
            replacement: modify.to_owned(),
        });
        match self.files.get(path).copied() {
            Some(Left { state: State::Deleted | State::MovedAway, .. }) => {}
            Some(Left { step, .. }) => {
                let message = format!("There is a file {path} since step {step}.");
                self.report(ProblemCode::FileExists, at.clone(), message, fix);
            }
            None => {
                if self.fact(path, at) == There::Yes {
                    self.report(ProblemCode::FileExists, at.clone(), format!("There is a file {path}."), fix);
                    self.drift(path, at);
                }
            }
        }
    }

    /// What the workspace has at a path. Says what holds for every operation.
    fn fact(&mut self, path: &str, at: &Range<usize>) -> There {
        match self.facts.files.get(path) {
            Some(FileFact::File { .. }) => There::Yes,
            Some(FileFact::Missing) => There::No,
            Some(FileFact::Folder) => {
                let message = format!("{path} is a folder; operations are about files.");
                self.report(ProblemCode::PathIsFolder, at.clone(), message, None);
                There::Unknown
            }
            Some(FileFact::Outside) => {
                let message = format!("{path:?} is not a path within the workspace.");
                self.report(ProblemCode::PathOutside, at.clone(), message, None);
                There::Unknown
            }
            Some(FileFact::Secret { exists }) => {
                let there = if *exists { There::Yes } else { There::No };
                let message = format!("{path} is likely to hold a secret.");
                self.report(ProblemCode::SecretPath, at.clone(), message, None);
                there
            }
            None => There::Unknown,
        }
    }

    /// Says once of each file that it changed since the plan was made.
    fn drift(&mut self, path: &'a str, at: &Range<usize>) {
        let commits = self.facts.changed_since.get(path).map_or(&[][..], Vec::as_slice);
        if commits.is_empty() || !self.drifted.insert(path) {
            return;
        }
        let named: Vec<String> = commits
            .iter()
            .take(COMMITS_NAMED)
            .map(|CommitFact { id, subject }| format!("{} {subject}", id.get(..10).unwrap_or(id)))
            .collect();
        let more = match commits.len().saturating_sub(COMMITS_NAMED) {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        let message = format!("{path} was changed since the plan was made: {}{more}.", named.join(", "));
        self.report(ProblemCode::FileChanged, at.clone(), message, None);
    }

    /// The symbols that an operation names, in the file as it was before the plan.
    fn named(&mut self, operation: &'a Operation, path: &'a str, span: &OperationSpan) {
        let origin = match self.files.get(path).map(|left| left.state) {
            Some(State::Moved(origin)) => origin,
            Some(State::Written) => return,
            _ => path,
        };
        let Some(FileFact::File { symbols: Some(known) }) = self.facts.files.get(origin) else { return };
        for symbol in &operation.symbols {
            if !self.symbols.has(origin, known, symbol)
                && ![path, origin].iter().any(|path| self.symbols.was_added(path, symbol))
            {
                let at = span.symbols.clone().unwrap_or_else(|| span.tag.clone());
                let message = format!("{origin} defines no {symbol}.");
                self.report(ProblemCode::SymbolMissing, at, message, None);
            }
        }
    }

    fn report(&mut self, code: ProblemCode, place: Range<usize>, message: String, fix: Option<Fix>) {
        let step = Some(self.step);
        self.problems.push(Problem { severity: code.severity(), code, place, step, message, fix });
    }
}
