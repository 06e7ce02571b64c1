//! The implementation plan: an XML document that a model writes and people edit.
//!
//! It is read while it arrives, checked by itself and against what is known of the
//! workspace, printed, compared with an earlier plan, and with what was done in the
//! end. Nothing here reaches a file, a network or a database; facts are given.

mod anchor;
mod blocks;
mod carry;
mod check;
mod facts;
mod lines;
mod markdown;
mod outcome;
mod plan;
mod print;
mod problem;
mod reading;
mod rising;
mod spans;
mod step;
mod structural_diff;
mod text_diff;
mod vocabulary;

pub use anchor::Anchor;
pub use carry::carry;
pub use check::check;
pub use facts::{CommitFact, Facts, FileFact};
pub use lines::{Lines, Position};
pub use markdown::markdown;
pub use outcome::{Change, ChangeKind, OperationOutcome, Outcome, StepOutcome, Verdict, outcome};
pub use plan::{Answer, Conflict, Plan, Source, StepRef};
pub use print::print;
pub use problem::{Fix, Problem, ProblemCode, Severity};
pub use reading::{
    MAX_BYTES, MAX_DEPTH, MAX_OPERATIONS, MAX_PROBLEMS, MAX_STEPS, MAX_TAG, OperationOutline, Parsed, Parser,
    StepOutline, parse,
};
pub use spans::{OperationSpan, Spans, StepSpan};
pub use step::{Confidence, Operation, OperationKind, Step};
pub use structural_diff::{OperationDiff, OperationField, PlanDiff, StepDiff, StepField, structural_diff};
pub use text_diff::{CONTEXT_LINES, Hunk, HunkLine, LineKind, text_diff};
