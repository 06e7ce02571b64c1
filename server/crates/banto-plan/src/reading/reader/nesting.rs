//! Which element stands in which: what a tag opens and closes.

use super::{Node, Open, Phase, Reader};
use crate::{
    print::LAYOUT,
    problem::{Fix, ProblemCode},
    reading::{MAX_DEPTH, draft::Draft, tag::Tag},
    vocabulary::{Attribute, Element},
};
use std::ops::Range;

impl Reader {
    pub(super) fn opening_tag(&mut self, text: &str, tag: Tag) {
        if self.too_deep > 0 || self.stack.len() >= MAX_DEPTH {
            self.too_deep += usize::from(!tag.is_empty);
            let message = format!("Elements lie deeper in each other than {MAX_DEPTH}; these are not read.");
            self.draft.report_once(ProblemCode::TooDeep, tag.range, message);
            return;
        }
        if self.stack.last().is_some_and(|open| open.node == Node::Ignored) {
            return self.push(Node::Ignored, &tag);
        }
        let name = &text[tag.name.clone()];
        let Some(element) = Element::named(name) else {
            let message = format!("A plan has no element <{name}>.");
            self.draft.report(ProblemCode::UnknownElement, tag.range.clone(), message, None);
            return self.push(Node::Unknown, &tag);
        };
        if element == Element::Plan {
            return self.root(text, &tag);
        }
        if !self.make_room(text, element, &tag) {
            let message = format!("<{name}> has no meaning here; it is not read.");
            self.draft.report(ProblemCode::MisplacedElement, tag.range.clone(), message, None);
            return self.push(Node::Ignored, &tag);
        }
        if let Some(parent) = self.stack.iter_mut().rev().find(|open| matches!(open.node, Node::Known(_))) {
            let bit = 1 << element as u32;
            let is_second = parent.seen & bit != 0;
            parent.seen |= bit;
            if is_second && !element.rule().repeats {
                let message = format!("There is another <{name}> here.");
                self.draft.report(ProblemCode::DuplicateElement, tag.range.clone(), message, None);
                if element.is_text() {
                    return self.push(Node::Ignored, &tag);
                }
            }
        }
        if element.is_text() {
            return self.open_text(text, element, tag);
        }
        let is_read = self.draft.open(text, element, &tag);
        let end = tag.range.end;
        self.push(if is_read { Node::Known(element) } else { Node::Ignored }, &tag);
        if let Some(open) = self.stack.last_mut().filter(|open| open.node == Node::Known(Element::Step)) {
            // What the tag says as an attribute is not said again as an element.
            let said = [(Attribute::Title, Element::Title), (Attribute::Confidence, Element::Confidence)];
            for (_, child) in
                said.iter().filter(|(name, _)| tag.value(*name).is_some_and(|at| !at.is_empty()))
            {
                open.seen |= 1 << *child as u32;
            }
        }
        if tag.is_empty && is_read {
            self.draft.close(element, end);
        }
    }

    fn push(&mut self, node: Node, tag: &Tag) {
        if !tag.is_empty {
            self.stack.push(Open { node, name: tag.name.clone(), tag: tag.range.clone(), seen: 0 });
        }
    }

    fn root(&mut self, text: &str, tag: &Tag) {
        let is_again = !self.stack.is_empty();
        if is_again && !self.draft.is_blank() {
            let message = "A plan does not stand in a plan; what is in it is read as part of this one.";
            self.draft.report(ProblemCode::MisplacedElement, tag.range.clone(), message, None);
            return self.push(Node::Unknown, tag);
        }
        // A plan that begins again before it said anything was only spoken of before.
        self.stack.clear();
        self.draft = Draft::default();
        self.draft.open(text, Element::Plan, tag);
        if tag.is_empty {
            self.draft.close(Element::Plan, tag.range.end);
            self.phase = Phase::After;
        }
        self.push(Node::Known(Element::Plan), tag);
    }

    /// Closes what has to be closed before an element can stand here. False: there is
    /// no place for it.
    fn make_room(&mut self, text: &str, element: Element, tag: &Tag) -> bool {
        let holds = |parent: Element| self.stack.iter().rposition(|open| open.node == Node::Known(parent));
        let parents = element.rule().parents;
        if let Some(place) = parents.iter().filter_map(|parent| holds(*parent)).max() {
            self.close_above(text, place, tag.range.start);
            return true;
        }
        // The list around it is missing, and there is only one that it can be.
        let [parent] = parents else { return false };
        let Some(place) = parent.rule().parents.iter().filter_map(|outer| holds(*outer)).max() else {
            return false;
        };
        self.close_above(text, place, tag.range.start);
        if *parent == Element::Step || *parent == Element::Operation {
            return false;
        }
        let message = format!("<{}> stands in <{}>.", element.name(), parent.name());
        self.draft.report(ProblemCode::MisplacedElement, tag.range.clone(), message, None);
        true
    }

    /// Closes what is open within `place`, unless all of it is unknown.
    fn close_above(&mut self, text: &str, place: usize, at: usize) {
        if self.stack[place + 1..].iter().any(|open| matches!(open.node, Node::Known(_))) {
            while self.stack.len() > place + 1 {
                self.close_unclosed(text, at);
            }
        }
    }

    fn close_unclosed(&mut self, text: &str, at: usize) {
        let Some(open) = self.stack.pop() else { return };
        let name = &text[open.name.clone()];
        let fix = Fix { label: format!("Close <{name}>"), range: at..at, replacement: format!("</{name}>") };
        let message = format!("<{name}> is not closed.");
        self.draft.report(ProblemCode::UnclosedElement, open.tag, message, Some(fix));
        if let Node::Known(element) = open.node {
            self.draft.close(element, at);
        }
    }

    pub(super) fn closing_tag(&mut self, text: &str, range: Range<usize>) {
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return;
        }
        let written = &text[range.start + 2..range.end - 1];
        let name = written.trim_matches(LAYOUT);
        if written.starts_with(LAYOUT) {
            let fix =
                Fix { label: "Close it".into(), range: range.clone(), replacement: format!("</{name}>") };
            let message = "No white space stands before the name in a tag.";
            self.draft.report(ProblemCode::MalformedTag, range.clone(), message, Some(fix));
        }
        let Some(place) = self.stack.iter().rposition(|open| &text[open.name.clone()] == name) else {
            let fix = Fix { label: "Remove it".into(), range: range.clone(), replacement: String::new() };
            let message = format!("</{name}> closes nothing.");
            self.draft.report(ProblemCode::UnexpectedClosingTag, range, message, Some(fix));
            return;
        };
        while self.stack.len() > place + 1 {
            self.close_unclosed(text, range.start);
        }
        if let Some(Open { node: Node::Known(element), .. }) = self.stack.pop() {
            self.draft.close(element, range.end);
            if element == Element::Plan {
                self.phase = Phase::After;
            }
        }
    }

    pub(super) fn known(&self) -> impl Iterator<Item = Element> {
        self.stack.iter().rev().filter_map(|open| match open.node {
            Node::Known(element) => Some(element),
            _ => None,
        })
    }
}
