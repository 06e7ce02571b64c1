//! A plan as a whole. It knows no places in a text, so that what is printed and read
//! again is the same plan.

use crate::step::Step;
use std::{collections::BTreeSet, fmt};

/// What an agent is to do, step by step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Plan {
    /// What applies to every step.
    pub agent_instructions: Option<String>,
    /// The plans that this one was merged from. Empty in a plan that was not merged.
    pub sources: Vec<Source>,
    /// What the sources disagree about.
    pub conflicts: Vec<Conflict>,
    /// What was made of the comments that this plan was revised for.
    pub answers: Vec<Answer>,
    /// In the order in which they are to be done.
    pub steps: Vec<Step>,
}

/// A plan that was merged into this one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Source {
    /// Short, without white space: `A`.
    pub label: String,
    /// What this plan contributes. May be empty.
    pub note: String,
}

/// Something that sources disagree about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Conflict {
    /// The step of this plan that it is about, by its number. None: the whole plan.
    pub step: Option<u32>,
    /// The steps that disagree.
    pub sources: Vec<StepRef>,
    /// What they disagree about, and what was chosen.
    pub text: String,
}

/// What was made of a comment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Answer {
    /// The comment, as its author was shown it: `C1`. Without white space.
    pub comment: String,
    /// Whether the plan follows it.
    pub addressed: bool,
    /// What was changed, or why nothing was. May be empty.
    pub text: String,
}

/// A step of a source, written `A:2`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepRef {
    /// The label of a [`Source`].
    pub label: String,
    /// The number of a step in that plan.
    pub step: u32,
}

impl fmt::Display for StepRef {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.label, self.step)
    }
}

impl Plan {
    /// Every path that an operation names, the sources of moves among them: what facts
    /// are needed about.
    #[must_use]
    pub fn paths(&self) -> BTreeSet<&str> {
        self.operations()
            .flat_map(|operation| [Some(operation.path.as_str()), operation.from.as_deref()])
            .flatten()
            .filter(|path| !path.is_empty())
            .collect()
    }

    /// The paths of operations that name symbols: whose symbols are needed as facts.
    #[must_use]
    pub fn paths_with_symbols(&self) -> BTreeSet<&str> {
        self.operations()
            .filter(|operation| !operation.symbols.is_empty())
            .map(|operation| operation.from.as_deref().unwrap_or(&operation.path))
            .filter(|path| !path.is_empty())
            .collect()
    }

    fn operations(&self) -> impl Iterator<Item = &crate::step::Operation> {
        self.steps.iter().flat_map(|step| &step.operations)
    }
}
