//! Texts: what they mean, and where they belong.

use super::{Next, Node, Reader};
use crate::{
    problem::{Fix, ProblemCode},
    reading::{
        leaf::{End, Leaf},
        tag::Tag,
        value::{self, CDATA_END, CDATA_START},
    },
    vocabulary::Element,
};
use std::ops::Range;

impl Reader {
    pub(super) fn open_text(&mut self, text: &str, element: Element, tag: Tag) {
        self.draft.attributes(text, element, &tag);
        match element {
            Element::Source => self.draft.source(text, &tag),
            Element::Conflict => self.draft.conflict(text, &tag),
            Element::Answer => self.draft.answer(text, &tag),
            _ => {}
        }
        if tag.is_empty {
            let end = tag.range.end;
            return self.take(element, end..end, String::new(), end);
        }
        let mut known = self.known();
        let (parent, grandparent) = (known.next(), known.next());
        drop(known);
        self.leaf = Some(Leaf::new(element, parent, grandparent, tag.range));
    }

    pub(super) fn text(&mut self, text: &str, at_end: bool) -> Next {
        let Some(mut leaf) = self.leaf.take() else { return Next::Again };
        let (content_end, end) = match leaf.end(text.as_bytes(), &mut self.exhausted, at_end) {
            End::Wait => {
                self.leaf = Some(leaf);
                return Next::Wait;
            }
            End::Closed(content_end, end) => (content_end, end),
            End::Unclosed(at) => {
                let name = leaf.element.name();
                let fix = Fix {
                    label: format!("Close <{name}>"),
                    range: at..at,
                    replacement: format!("</{name}>"),
                };
                let message = format!("<{name}> is not closed.");
                self.draft.report(ProblemCode::UnclosedElement, leaf.tag.clone(), message, Some(fix));
                (at, at)
            }
            End::CutOff => {
                self.is_cut = true;
                (text.len(), text.len())
            }
        };
        let content = leaf.tag.end..content_end;
        let is_code = leaf.element == Element::Changes;
        if let Some(start) = leaf.unterminated.filter(|_| !self.is_cut) {
            let fix = Fix {
                label: format!("Write {CDATA_END}"),
                range: content_end..content_end,
                replacement: CDATA_END.to_owned(),
            };
            let place = start..start + CDATA_START.len();
            let message = format!("{CDATA_START} is not closed by {CDATA_END}.");
            self.draft.report(ProblemCode::UnterminatedCdata, place, message, Some(fix));
        }
        let meant = if leaf.is_raw {
            let place = value::trimmed(text, content.clone(), is_code);
            let meant = text[place.clone()].to_owned();
            if !self.is_cut {
                self.draft.bare(leaf.element, place, &meant);
            }
            meant
        } else {
            let meaning = value::meaning(text, content.clone(), is_code);
            let is_code_in_the_open = is_code
                && meaning.has_bare_text
                && (meaning.has_section || meaning.text.contains(['<', '&', '\n']));
            if !self.is_cut && (is_code_in_the_open || meaning.has_bare_end) {
                self.draft.bare(leaf.element, content.clone(), &meaning.text);
            } else {
                self.draft.unknown_entities(meaning.unknown);
            }
            meaning.text
        };
        self.take(leaf.element, content, meant, end);
        self.go(end)
    }

    /// Puts a text where it belongs.
    fn take(&mut self, element: Element, content: Range<usize>, meant: String, end: usize) {
        let list = self.known().next();
        let plan = &mut self.draft.plan;
        match element {
            Element::Instructions => {
                plan.agent_instructions = Some(meant);
                self.draft.spans.agent_instructions = Some(content);
                return;
            }
            Element::Source => {
                if let (Some(source), Some(span)) =
                    (plan.sources.last_mut(), self.draft.spans.sources.last_mut())
                {
                    source.note = meant;
                    span.end = end;
                }
                return;
            }
            Element::Conflict => {
                if let (Some(conflict), Some(span)) =
                    (plan.conflicts.last_mut(), self.draft.spans.conflicts.last_mut())
                {
                    conflict.text = meant;
                    span.end = end;
                }
                return;
            }
            Element::Answer => {
                if let Some(answer) = plan.answers.last_mut() {
                    answer.text = meant;
                }
                return;
            }
            Element::Confidence => {
                let number = plan.steps.last().map(|step| step.number);
                let confidence = self.draft.confidence(&meant, content, number);
                if let Some(step) = self.draft.plan.steps.last_mut() {
                    step.confidence = confidence;
                }
                return;
            }
            _ => {}
        }
        let (Some(step), Some(span)) = (plan.steps.last_mut(), self.draft.spans.steps.last_mut()) else {
            return;
        };
        match element {
            Element::Title => {
                if let Some(outline) = self.draft.outline.last_mut() {
                    outline.title.clone_from(&meant);
                }
                (step.title, span.title) = (meant, Some(content));
            }
            Element::Description => (step.description, span.description) = (meant, Some(content)),
            Element::Assumption => step.assumptions.push(meant),
            Element::Command if list == Some(Element::Exploration) => step.exploration_commands.push(meant),
            Element::Command => step.bash_commands.push(meant),
            _ => {
                let (Some(operation), Some(span)) = (step.operations.last_mut(), span.operations.last_mut())
                else {
                    return;
                };
                match element {
                    Element::Changes => (operation.changes, span.changes) = (Some(meant), Some(content)),
                    Element::Validation => operation.validation = Some(meant),
                    Element::Evidence => operation.evidence = Some(meant),
                    _ => {}
                }
            }
        }
    }

    /// Takes text between elements: an assumption, or nothing. `is_literal` is what was in
    /// CDATA.
    pub(super) fn stray(&mut self, text: &str, range: Range<usize>, is_literal: bool) {
        let place = value::trimmed(text, range, false);
        if place.is_empty()
            || self.stack.last().is_none_or(|open| open.node != Node::Known(Element::Assumptions))
        {
            let is_read = self.stack.last().is_some_and(|open| matches!(open.node, Node::Known(_)));
            if !place.is_empty() && is_read && self.too_deep == 0 {
                let message = "No text stands here; it is not read.";
                self.draft.stray(place, message);
            }
            return;
        }
        let written = &text[place.clone()];
        let assumption = if is_literal {
            written.to_owned()
        } else if written.contains('<') || written.contains(CDATA_END) {
            self.draft.bare(Element::Assumption, place, written);
            written.to_owned()
        } else {
            self.draft.value(text, &place)
        };
        if let Some(step) = self.draft.plan.steps.last_mut() {
            step.assumptions.push(assumption);
        }
    }
}
