//! The plan while it is read, with its places and problems.

mod merged;
mod operations;

use super::{
    MAX_OPERATIONS, MAX_PROBLEMS, MAX_STEPS, StepOutline,
    tag::{Tag, Value},
    value,
};
use crate::{
    plan::{Plan, StepRef},
    print,
    problem::{Fix, Problem, ProblemCode},
    spans::{Spans, StepSpan},
    step::Step,
    vocabulary::{self, Attribute, Element},
};
use std::{collections::BTreeSet, ops::Range};

#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub plan: Plan,
    pub spans: Spans,
    pub outline: Vec<StepOutline>,
    pub problems: Vec<Problem>,
    pub operations: usize,
    /// Whether the last step is still open.
    pub in_step: bool,
    /// Places of references, to be compared with the sources when all are known.
    pub references: Vec<(Range<usize>, StepRef, Option<u32>)>,
    /// Places of the labels of sources.
    pub labels: Vec<(Range<usize>, String)>,
    /// Places of the steps that conflicts are about.
    pub conflict_steps: Vec<(Range<usize>, u32)>,
    /// What is said once.
    reported: BTreeSet<ProblemCode>,
}

impl Draft {
    pub(crate) fn report(
        &mut self,
        code: ProblemCode,
        place: Range<usize>,
        message: impl Into<String>,
        fix: Option<Fix>,
    ) {
        let step = self.in_step.then(|| self.plan.steps.last().map(|step| step.number)).flatten();
        self.report_at(code, place, step, message, fix);
    }

    pub(crate) fn report_at(
        &mut self,
        code: ProblemCode,
        place: Range<usize>,
        step: Option<u32>,
        message: impl Into<String>,
        fix: Option<Fix>,
    ) {
        if self.problems.len() > MAX_PROBLEMS {
            return;
        }
        let (code, message, fix) = if self.problems.len() == MAX_PROBLEMS {
            (ProblemCode::TooManyProblems, "There are more problems; they are not listed.".to_owned(), None)
        } else {
            (code, message.into(), fix)
        };
        self.problems.push(Problem { severity: code.severity(), code, place, step, message, fix });
    }

    /// Whether nothing of a plan was read.
    pub(crate) fn is_blank(&self) -> bool {
        self.plan == Plan::default()
    }

    /// Begins an element that holds elements. False: the limit is reached, and it is
    /// not read.
    pub(crate) fn open(&mut self, text: &str, element: Element, tag: &Tag) -> bool {
        self.attributes(text, element, tag);
        match element {
            Element::Plan => self.spans.root = Some(tag.range.start..tag.range.end),
            Element::Step if self.plan.steps.len() >= MAX_STEPS => {
                let message = format!("The plan has more than {MAX_STEPS} steps; this one is not read.");
                self.report_once(ProblemCode::TooManySteps, tag.range.clone(), message);
                return false;
            }
            Element::Step => self.step(text, tag),
            Element::Operation if self.operations >= MAX_OPERATIONS => {
                let message =
                    format!("The plan has more than {MAX_OPERATIONS} operations; this one is not read.");
                self.report_once(ProblemCode::TooManyOperations, tag.range.clone(), message);
                return false;
            }
            Element::Operation => self.operation(text, tag),
            _ => {}
        }
        true
    }

    pub(crate) fn report_once(&mut self, code: ProblemCode, place: Range<usize>, message: impl Into<String>) {
        if self.reported.insert(code) {
            self.report(code, place, message, None);
        }
    }

    /// Ends an element that holds elements.
    pub(crate) fn close(&mut self, element: Element, end: usize) {
        match element {
            Element::Plan => {
                if let Some(root) = &mut self.spans.root {
                    root.end = end;
                }
            }
            Element::Step => {
                if let (Some(span), Some(outline)) = (self.spans.steps.last_mut(), self.outline.last_mut()) {
                    span.whole.end = end;
                    outline.range.end = end;
                    outline.is_complete = true;
                }
                self.in_step = false;
            }
            Element::Operation => {
                if let Some(span) = self.spans.steps.last_mut().and_then(|step| step.operations.last_mut()) {
                    span.whole.end = end;
                }
            }
            _ => {}
        }
    }

    fn step(&mut self, text: &str, tag: &Tag) {
        let place = u32::try_from(self.plan.steps.len() + 1).unwrap_or(u32::MAX);
        let number_at = tag.value(Attribute::Number);
        let number = number_at.as_ref().and_then(|range| text[range.clone()].trim().parse::<u32>().ok());
        let mut step = Step { number: number.unwrap_or(place), ..Step::default() };
        let mut span = StepSpan {
            whole: tag.range.start..0,
            tag: tag.range.clone(),
            number: number_at.clone(),
            ..StepSpan::default()
        };
        self.in_step = false;
        if number.is_none() {
            let fix = match number_at {
                Some(range) => {
                    Fix { label: format!("Number it {place}"), range, replacement: place.to_string() }
                }
                None => Fix {
                    label: format!("Number it {place}"),
                    range: tag.name.end..tag.name.end,
                    replacement: format!(" {}=\"{place}\"", Attribute::Number.name()),
                },
            };
            let message = "The step has no number; its place in the plan is taken.";
            self.report_at(ProblemCode::MissingNumber, tag.range.clone(), Some(place), message, Some(fix));
        }
        if let Some(range) = tag.value(Attribute::Title) {
            step.title = self.value(text, &range);
            span.title = Some(range);
        }
        let number = step.number;
        if let Some(range) = tag.value(Attribute::Confidence) {
            let word = self.value(text, &range);
            step.confidence = self.confidence(&word, range, Some(number));
        }
        if let Some(range) = tag.value(Attribute::Sources) {
            step.sources = self.step_refs(text, &range, Some(number));
        }
        self.outline.push(StepOutline {
            number,
            title: step.title.clone(),
            range: tag.range.clone(),
            ..StepOutline::default()
        });
        self.plan.steps.push(step);
        self.spans.steps.push(span);
        self.in_step = true;
    }

    /// Reports what is wrong with the attributes of a tag.
    pub(crate) fn attributes(&mut self, text: &str, element: Element, tag: &Tag) {
        for fault in &tag.faults {
            let message = format!("The attributes of <{}> are not written as XML has it.", element.name());
            self.report(ProblemCode::MalformedTag, fault.clone(), message, None);
        }
        for value in &tag.values {
            if !value.attribute.is_some_and(|attribute| element.rule().attributes.contains(&attribute)) {
                let name = &text[value.name.clone()];
                let message = format!("<{}> has no attribute {name:?}; it is not read.", element.name());
                let fix = removed(text, value);
                let place = value.name.clone();
                self.report(ProblemCode::UnknownAttribute, place, message, Some(fix));
            } else if text[value.value.clone()].contains('<') {
                let fix = Fix {
                    label: "Write &lt;".to_owned(),
                    range: value.value.clone(),
                    replacement: text[value.value.clone()].replace('<', "&lt;"),
                };
                let message = "A < in an attribute is written &lt;.";
                self.report(ProblemCode::RawMarkup, value.value.clone(), message, Some(fix));
            }
        }
    }

    /// The value of an attribute, with its entities put in.
    pub(crate) fn value(&mut self, text: &str, range: &Range<usize>) -> String {
        let mut out = String::new();
        let mut unknown = Vec::new();
        value::resolve(text, range.clone(), &mut out, &mut unknown);
        self.unknown_entities(unknown);
        out
    }

    pub(crate) fn unknown_entities(&mut self, places: Vec<Range<usize>>) {
        for place in places {
            let fix = Fix { label: "Write &amp;".into(), range: place.clone(), replacement: "&amp;".into() };
            let message = "This & begins no entity that is known; it is taken as it is written.";
            self.report(ProblemCode::UndefinedEntity, place, message, Some(fix));
        }
    }

    pub(crate) fn confidence(
        &mut self,
        word: &str,
        place: Range<usize>,
        step: Option<u32>,
    ) -> Option<crate::step::Confidence> {
        let known = vocabulary::confidence(word);
        if known.is_some() {
            return known;
        }
        let meant = vocabulary::confidence(&word.trim().to_ascii_lowercase());
        let fix = meant.map(|meant| Fix {
            label: format!("Write {}", meant.as_str()),
            range: place.clone(),
            replacement: meant.as_str().to_owned(),
        });
        let message = format!("{word:?} is not high, medium or low.");
        self.report_at(ProblemCode::InvalidConfidence, place, step, message, fix);
        meant
    }

    /// Reports text that is not read, once for pieces that touch.
    pub(crate) fn stray(&mut self, place: Range<usize>, message: &str) {
        match self.problems.last_mut() {
            Some(last) if last.code == ProblemCode::StrayText && last.place.end == place.start => {
                last.place.end = place.end;
            }
            _ => self.report(ProblemCode::StrayText, place, message, None),
        }
    }

    /// Reports code outside CDATA, or markup in a text.
    pub(crate) fn bare(&mut self, element: Element, place: Range<usize>, meant: &str) {
        let mut replacement = String::new();
        if element == Element::Changes {
            print::cdata(&mut replacement, meant);
            let fix = Fix { label: "Put it in CDATA".to_owned(), range: place.clone(), replacement };
            let message = "Code stands in <![CDATA[…]]>, so that nothing in it is taken for markup.";
            self.report(ProblemCode::CodeNotInCdata, place, message, Some(fix));
        } else {
            print::escape_text(&mut replacement, meant);
            let fix = Fix { label: "Write it as text".to_owned(), range: place.clone(), replacement };
            let message = "In a text < is written &lt; and ]]> is written ]]&gt;; it is taken as it stands.";
            self.report(ProblemCode::RawMarkup, place, message, Some(fix));
        }
    }
}

fn removed(text: &str, value: &Value) -> Fix {
    // From the white space before the name to the quote behind the value.
    let before = text[..value.name.start].trim_end_matches(print::LAYOUT).len();
    let quoted = text[value.value.end..].starts_with(['"', '\'']);
    let end = value.value.end + usize::from(quoted);
    Fix { label: "Remove it".to_owned(), range: before..end, replacement: String::new() }
}
