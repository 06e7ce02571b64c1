//! A step of a plan, and what it does to files.

use crate::{plan::StepRef, vocabulary};

/// A part of the work that can be understood, done and seen to be right by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Step {
    /// Counted from 1 in a plan without problems.
    pub number: u32,
    /// One line.
    pub title: String,
    /// What is to be done, and why. May be empty.
    pub description: String,
    /// How sure its author is.
    pub confidence: Option<Confidence>,
    /// What was taken to be so without having been looked at.
    pub assumptions: Vec<String>,
    /// What happens to files, in order.
    pub operations: Vec<Operation>,
    /// What is to be run when the files are done. Never run by Banto.
    pub bash_commands: Vec<String>,
    /// What finds out more before the work. Never run by Banto.
    pub exploration_commands: Vec<String>,
    /// The steps that it was merged from.
    pub sources: Vec<StepRef>,
}

/// What happens to one file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Operation {
    /// What kind of thing happens.
    pub kind: OperationKind,
    /// The file, from the root of the workspace, with `/`. Of a move: where it goes.
    pub path: String,
    /// Where a moved file comes from.
    pub from: Option<String>,
    /// Names of what is touched within the file. None of them holds white space.
    pub symbols: Vec<String>,
    /// Code, or what to change in words.
    pub changes: Option<String>,
    /// How to see that it is right.
    pub validation: Option<String>,
    /// What in the file shows that this is the place.
    pub evidence: Option<String>,
}

/// What happens to a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OperationKind {
    /// A file that exists gets another content.
    #[default]
    Modify,
    /// A file that does not exist is written.
    Create,
    /// A file that exists is removed.
    Delete,
    /// A file that exists goes to another path.
    Move,
}

impl OperationKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Modify, Self::Create, Self::Delete, Self::Move];

    /// The word in the document.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        vocabulary::kind_word(self)
    }
}

/// How sure the author of a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// It will not be as the step says without luck.
    Low,
    /// Something is open.
    Medium,
    /// The author has seen what the step needs.
    High,
}

impl Confidence {
    /// All grades.
    pub const ALL: [Self; 3] = [Self::Low, Self::Medium, Self::High];

    /// The word in the document.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        vocabulary::confidence_word(self)
    }
}
