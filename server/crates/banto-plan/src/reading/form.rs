//! What can be said of the form when the whole was read.

use super::{
    MAX_BYTES, Parsed,
    draft::Draft,
    scan,
    tag::{is_comment, is_instruction},
    value,
};
use crate::{
    print::LAYOUT,
    problem::{Fix, ProblemCode},
    step::OperationKind,
    vocabulary::Element,
};
use std::{collections::BTreeSet, ops::Range};

/// How the text ended.
pub(crate) struct Ending {
    pub root: Option<Range<usize>>,
    pub is_complete: bool,
    pub is_too_large: bool,
    /// What is open, where nothing is open but lists that can simply be closed.
    pub closes: Option<Vec<Element>>,
}

pub(crate) fn finish(mut draft: Draft, text: &str, ending: &Ending) -> Parsed {
    around(&mut draft, text, ending);
    if ending.is_too_large {
        let message = format!("The text is longer than {MAX_BYTES} bytes; what is beyond was not read.");
        draft.report_at(ProblemCode::TooLarge, text.len()..text.len(), None, message, None);
    } else if ending.root.is_some() && !ending.is_complete {
        let end = text.len();
        let fix = ending.closes.as_ref().map(|open| Fix {
            label: "Close the document".to_owned(),
            range: end..end,
            replacement: open.iter().rev().map(|element| format!("</{}>", element.name())).collect(),
        });
        let message = "The text ends before the document does.";
        draft.report_at(ProblemCode::CutOff, end..end, None, message, fix);
    }
    if let (true, Some(root), true) = (ending.is_complete, &ending.root, draft.plan.steps.is_empty()) {
        draft.report_at(ProblemCode::NoSteps, root.clone(), None, "The plan has no steps.", None);
    }
    steps(&mut draft);
    sources(&mut draft);
    close_spans(&mut draft, text.len(), ending.is_complete);
    characters(&mut draft, text);
    let Draft { plan, spans, mut problems, .. } = draft;
    problems.sort_by_key(|problem| problem.place.start);
    Parsed { plan, spans, problems, is_complete: ending.is_complete }
}

/// Looks at what stands before and after the document.
fn around(draft: &mut Draft, text: &str, ending: &Ending) {
    let Some(root) = &ending.root else {
        let message = "There is no <implementation_plan> in the text.";
        draft.report_at(ProblemCode::NoRoot, 0..text.len(), None, message, None);
        return;
    };
    let mut at = 0;
    while let Some(end) = prolog_end(text, at, root.start) {
        at = end;
    }
    let before = value::trimmed(text, at..root.start, false);
    if !before.is_empty() {
        let fix = Some(Fix { label: "Remove it".into(), range: before.clone(), replacement: String::new() });
        let words = text[before.clone()].to_ascii_uppercase();
        if words.contains("<!DOCTYPE") || words.contains("<!ENTITY") {
            let message = "A plan declares nothing; what stands here is not read.";
            draft.report_at(ProblemCode::Declaration, before, None, message, fix);
        } else {
            let message = "Something stands before the document.";
            draft.report_at(ProblemCode::TextBeforeRoot, before, None, message, fix);
        }
    }
    if ending.is_complete {
        let after = value::trimmed(text, root.end..text.len(), false);
        if !after.is_empty() {
            let fix =
                Some(Fix { label: "Remove it".into(), range: after.clone(), replacement: String::new() });
            let message = "Something stands after the document.";
            draft.report_at(ProblemCode::TextAfterRoot, after, None, message, fix);
        }
    }
}

/// Behind white space, a byte order mark, an instruction or a comment.
fn prolog_end(text: &str, at: usize, limit: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let rest = &bytes[at..limit];
    let spaces = rest.iter().take_while(|byte| scan::is_space(**byte)).count();
    if spaces > 0 {
        return Some(at + spaces);
    }
    for (opens, closes) in [("\u{feff}", ""), ("<?", "?>"), ("<!--", "-->")] {
        if rest.starts_with(opens.as_bytes()) {
            let inside = at + opens.len();
            let end = scan::mark(&bytes[..limit], inside, closes)?;
            let inner = &text[inside..end];
            let is_first = at == 0 || text[..at] == *"\u{feff}";
            let is_sound = match opens {
                "<?" => is_instruction(inner) || (is_first && inner.starts_with("xml ")),
                "<!--" => is_comment(inner),
                _ => is_first,
            };
            return is_sound.then_some(end + closes.len());
        }
    }
    None
}

fn steps(draft: &mut Draft) {
    let mut seen = BTreeSet::new();
    for at in 0..draft.plan.steps.len() {
        let step = &draft.plan.steps[at];
        let span = &draft.spans.steps[at];
        let (number, expected) = (step.number, u32::try_from(at + 1).unwrap_or(u32::MAX));
        let tag = span.tag.clone();
        let mut found = Vec::new();
        if draft.outline[at].is_complete {
            if step.title.trim_matches(LAYOUT).is_empty() {
                found.push((
                    ProblemCode::MissingTitle,
                    tag.clone(),
                    format!("Step {number} has no title."),
                    None,
                ));
            }
            let is_idle = step.operations.is_empty()
                && step.bash_commands.is_empty()
                && step.exploration_commands.is_empty();
            if is_idle && step.description.trim_matches(LAYOUT).is_empty() {
                let message = format!("Step {number} says nothing and does nothing.");
                found.push((ProblemCode::EmptyStep, tag, message, None));
            }
        }
        for (operation, span) in step.operations.iter().zip(&span.operations) {
            let writes = matches!(operation.kind, OperationKind::Modify | OperationKind::Create);
            if span.whole.end > 0 && writes && operation.changes.is_none() {
                let message = format!("It is not said what is to be in {:?}.", operation.path);
                found.push((ProblemCode::MissingChanges, span.tag.clone(), message, None));
            }
        }
        let is_new = seen.insert(number);
        if let Some(place) = span.number.clone().filter(|_| number != expected) {
            let (code, message) = if is_new {
                let message = format!("Step {number} stands at place {expected} of the plan.");
                (ProblemCode::NumberOutOfOrder, message)
            } else {
                (ProblemCode::DuplicateNumber, format!("There is another step {number}."))
            };
            let label = format!("Number it {expected}");
            let fix = Fix { label, range: place.clone(), replacement: expected.to_string() };
            found.push((code, place, message, Some(fix)));
        }
        for (code, place, message, fix) in found {
            draft.report_at(code, place, Some(number), message, fix);
        }
    }
}

fn sources(draft: &mut Draft) {
    let mut labels = BTreeSet::new();
    for (place, label) in std::mem::take(&mut draft.labels) {
        if labels.contains(&label) {
            let message = format!("There is another source {label:?}.");
            draft.report_at(ProblemCode::DuplicateLabel, place, None, message, None);
        }
        labels.insert(label);
    }
    for (place, reference, step) in std::mem::take(&mut draft.references) {
        if !labels.contains(&reference.label) {
            let message = format!("{reference} names a source that the plan does not list.");
            draft.report_at(ProblemCode::UnknownLabel, place, step, message, None);
        }
    }
    let numbers: BTreeSet<u32> = draft.plan.steps.iter().map(|step| step.number).collect();
    for (place, number) in std::mem::take(&mut draft.conflict_steps) {
        if !numbers.contains(&number) {
            let message = format!("The plan has no step {number}.");
            draft.report_at(ProblemCode::UnknownStep, place, None, message, None);
        }
    }
}

/// Finds characters that XML does not have, as runs.
fn characters(draft: &mut Draft, text: &str) {
    let mut run: Option<Range<usize>> = None;
    let suspects = text.as_bytes().iter().enumerate().filter(|(_, byte)| **byte < b' ' || **byte == 0xef);
    for (at, _) in suspects {
        let Some(character) = text[at..].chars().next().filter(|character| !value::is_allowed(*character))
        else {
            continue;
        };
        let end = at + character.len_utf8();
        match &mut run {
            Some(run) if run.end == at => run.end = end,
            _ => {
                if let Some(run) = run.replace(at..end) {
                    control(draft, run);
                }
            }
        }
    }
    if let Some(run) = run {
        control(draft, run);
    }
}

fn control(draft: &mut Draft, place: Range<usize>) {
    let step = draft.spans.step_at(place.start).map(|at| draft.plan.steps[at].number);
    let fix = Fix { label: "Remove it".into(), range: place.clone(), replacement: String::new() };
    let message = "XML does not allow this character.";
    draft.report_at(ProblemCode::ControlCharacter, place, step, message, Some(fix));
}

/// What was not closed ends with the text.
fn close_spans(draft: &mut Draft, end: usize, is_complete: bool) {
    for step in &mut draft.spans.steps {
        for operation in &mut step.operations {
            if operation.whole.end == 0 {
                operation.whole.end = end;
            }
        }
        if step.whole.end == 0 {
            step.whole.end = end;
        }
    }
    if let Some(root) = &mut draft.spans.root
        && !is_complete
    {
        root.end = end;
    }
}
