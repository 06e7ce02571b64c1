//! What a merged plan says of those that it was made from.

use super::Draft;
use crate::{
    plan::{Answer, Conflict, Source, StepRef},
    problem::{Fix, ProblemCode},
    reading::tag::Tag,
    vocabulary::{self, Attribute},
};
use std::ops::Range;

/// What parts references to steps. Some models write commas.
const BETWEEN_REFERENCES: [char; 5] = [' ', '\t', '\r', '\n', ','];

impl Draft {
    pub(crate) fn step_refs(&mut self, text: &str, range: &Range<usize>, step: Option<u32>) -> Vec<StepRef> {
        let words = self.value(text, range);
        let mut found = Vec::new();
        for word in words.split(BETWEEN_REFERENCES).filter(|word| !word.is_empty()) {
            let parts = word.rsplit_once(':').filter(|(label, _)| !label.is_empty());
            match parts.and_then(|(label, number)| Some((label, number.parse::<u32>().ok()?))) {
                Some((label, number)) => {
                    let reference = StepRef { label: label.to_owned(), step: number };
                    self.references.push((range.clone(), reference.clone(), step));
                    found.push(reference);
                }
                None => {
                    let message = format!("{word:?} is not a label and the number of a step, as A:2.");
                    self.report_at(ProblemCode::BadStepRef, range.clone(), step, message, None);
                }
            }
        }
        found
    }

    /// Begins a source. Its text comes when it is closed.
    pub(crate) fn source(&mut self, text: &str, tag: &Tag) {
        let range = tag.value(Attribute::Id);
        let label = range.as_ref().map(|range| self.value(text, range)).unwrap_or_default();
        let place = range.unwrap_or_else(|| tag.range.clone());
        if label.is_empty() || label.contains(BETWEEN_REFERENCES) {
            let message = "A source has a short label without spaces and commas, as A.";
            self.report(ProblemCode::BadLabel, place, message, None);
        } else {
            self.labels.push((place, label.clone()));
        }
        self.plan.sources.push(Source { label, note: String::new() });
        self.spans.sources.push(tag.range.clone());
    }

    /// Begins a conflict. Its text comes when it is closed.
    pub(crate) fn conflict(&mut self, text: &str, tag: &Tag) {
        let range = tag.value(Attribute::Step);
        let step = range.as_ref().and_then(|range| text[range.clone()].trim().parse::<u32>().ok());
        match (step, range) {
            (Some(step), Some(range)) => self.conflict_steps.push((range, step)),
            _ => {
                let message = "The conflict does not say which step it is about.";
                self.report(ProblemCode::ConflictWithoutStep, tag.range.clone(), message, None);
            }
        }
        let sources = tag.value(Attribute::Sources).map(|range| self.step_refs(text, &range, step));
        self.plan.conflicts.push(Conflict {
            step,
            sources: sources.unwrap_or_default(),
            text: String::new(),
        });
        self.spans.conflicts.push(tag.range.clone());
    }

    /// Begins an answer. Its text comes when it is closed.
    pub(crate) fn answer(&mut self, text: &str, tag: &Tag) {
        let range = tag.value(Attribute::Comment);
        let comment = range.as_ref().map(|range| self.value(text, range)).unwrap_or_default();
        if comment.is_empty() || comment.contains(BETWEEN_REFERENCES) {
            let message = "An answer names its comment without spaces and commas, as C1.";
            self.report(ProblemCode::BadLabel, range.unwrap_or_else(|| tag.range.clone()), message, None);
        }
        let addressed = self.addressed(text, tag);
        self.plan.answers.push(Answer { comment, addressed, text: String::new() });
    }

    /// Whether an answer says that its comment was followed; where it says nothing that
    /// is understood, it was not.
    fn addressed(&mut self, text: &str, tag: &Tag) -> bool {
        let Some(range) = tag.value(Attribute::Addressed) else {
            let message = "The answer does not say whether the comment was followed.";
            self.report(ProblemCode::InvalidAddressed, tag.range.clone(), message, None);
            return false;
        };
        let word = self.value(text, &range);
        if let Some(addressed) = vocabulary::addressed(&word) {
            return addressed;
        }
        let meant = vocabulary::addressed_meant(&word);
        let fix = meant.map(vocabulary::addressed_word).map(|known| Fix {
            label: format!("Write {known}"),
            range: range.clone(),
            replacement: known.to_owned(),
        });
        let message = format!("{word:?} is not yes or no.");
        self.report(ProblemCode::InvalidAddressed, range, message, fix);
        meant.unwrap_or_default()
    }
}
