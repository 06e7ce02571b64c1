//! Where the parts of a plan stand in its text, in bytes.

use std::ops::Range;

/// Where the parts of a plan stand. Steps and operations have the places that they
/// have in the [`crate::Plan`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spans {
    /// From the opening tag of the document to its closing one, or to the end.
    pub root: Option<Range<usize>>,
    /// The text of the instructions, without its tags.
    pub agent_instructions: Option<Range<usize>>,
    /// One for each step.
    pub steps: Vec<StepSpan>,
    /// One for each source, with its tags.
    pub sources: Vec<Range<usize>>,
    /// One for each conflict, with its tags.
    pub conflicts: Vec<Range<usize>>,
}

impl Spans {
    /// The place in the plan of the step that a byte lies in, counted from 0. None: it
    /// lies in no step.
    #[must_use]
    pub fn step_at(&self, byte: usize) -> Option<usize> {
        let place = self.steps.partition_point(|step| step.whole.start <= byte).checked_sub(1)?;
        (byte < self.steps[place].whole.end).then_some(place)
    }
}

/// Where a step stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepSpan {
    /// With its tags.
    pub whole: Range<usize>,
    /// Its opening tag.
    pub tag: Range<usize>,
    /// The value of its number.
    pub number: Option<Range<usize>>,
    /// Its title, without tags or quotes.
    pub title: Option<Range<usize>>,
    /// Its description, without tags.
    pub description: Option<Range<usize>>,
    /// One for each operation.
    pub operations: Vec<OperationSpan>,
}

/// Where an operation stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OperationSpan {
    /// With its tags.
    pub whole: Range<usize>,
    /// Its opening tag.
    pub tag: Range<usize>,
    /// The value of its type.
    pub kind: Option<Range<usize>>,
    /// The value of its path.
    pub path: Option<Range<usize>>,
    /// The value of where it comes from.
    pub from: Option<Range<usize>>,
    /// The value of its symbols.
    pub symbols: Option<Range<usize>>,
    /// Its changes, without their tags; with the marks of CDATA.
    pub changes: Option<Range<usize>>,
}
