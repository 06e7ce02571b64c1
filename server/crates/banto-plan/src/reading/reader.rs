//! The walk through a text: which element is open, and what comes next.

use super::{
    MAX_DEPTH, Parsed, StepOutline,
    draft::Draft,
    form,
    leaf::{End, Exhausted, Leaf},
    scan::{self, Look},
    tag::{self, Extent, Progress, Tag},
    value::{self, CDATA_END, CDATA_START},
};
use crate::{
    print::LAYOUT,
    problem::{Fix, ProblemCode},
    vocabulary::Element,
};
use std::ops::Range;

/// An element that is open.
#[derive(Clone, Debug)]
struct Open {
    node: Node,
    name: Range<usize>,
    tag: Range<usize>,
    /// The elements that were seen in it, by their places in the table.
    seen: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Node {
    Known(Element),
    /// What stands in it is read as if it were not there.
    Unknown,
    /// Nothing in it is read.
    Ignored,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Before,
    Inside,
    After,
}

/// Whether there is more to be done with what is there.
#[derive(PartialEq, Eq)]
enum Next {
    Again,
    Wait,
}

#[derive(Debug, Default)]
pub(crate) struct Reader {
    /// What lies before was read for good.
    at: usize,
    /// What lies before holds none of what is looked for.
    scanned: usize,
    tag: Progress,
    phase: Phase,
    stack: Vec<Open>,
    /// Open elements beyond the limit.
    too_deep: usize,
    leaf: Option<Leaf>,
    exhausted: Exhausted,
    /// The text ends within a tag or a text.
    is_cut: bool,
    draft: Draft,
}

impl Reader {
    pub(crate) fn outline(&self) -> &[StepOutline] {
        &self.draft.outline
    }

    /// Reads on, as far as the text decides it. `text` is all that has arrived.
    pub(crate) fn run(&mut self, text: &str, at_end: bool) {
        while self.step(text, at_end) == Next::Again {}
        if self.draft.in_step
            && let Some(outline) = self.draft.outline.last_mut()
        {
            outline.range.end = self.at;
        }
    }

    pub(crate) fn finish(self, text: &str, is_too_large: bool) -> Parsed {
        let root = self.draft.spans.root.clone();
        let is_complete = self.phase == Phase::After;
        let open = self.stack.iter().map(|open| open.node);
        let closes: Option<Vec<Element>> =
            (!self.is_cut && self.phase == Phase::Inside && self.too_deep == 0)
                .then(|| {
                    open.map(|node| match node {
                        Node::Known(element @ (Element::Plan | Element::Steps)) => Some(element),
                        _ => None,
                    })
                    .collect()
                })
                .flatten();
        form::finish(self.draft, text, &form::Ending { root, is_complete, is_too_large, closes })
    }

    fn step(&mut self, text: &str, at_end: bool) -> Next {
        match self.phase {
            Phase::Before => self.before(text),
            Phase::Inside if self.leaf.is_some() => self.text(text, at_end),
            Phase::Inside => self.markup(text, at_end),
            Phase::After => Next::Wait,
        }
    }

    fn before(&mut self, text: &str) -> Next {
        let mark = "<implementation_plan";
        let bytes = text.as_bytes();
        match scan::mark(bytes, self.scanned, mark) {
            Some(at) => {
                match scan::opening(&bytes[at..], Element::Plan.name()) {
                    Look::Yes(_) => {
                        self.phase = Phase::Inside;
                        (self.at, self.scanned) = (at, at);
                    }
                    Look::No => self.scanned = at + 1,
                    Look::More => {
                        self.scanned = at;
                        return Next::Wait;
                    }
                }
                Next::Again
            }
            None => {
                self.scanned = self.scanned.max(bytes.len().saturating_sub(mark.len() - 1));
                Next::Wait
            }
        }
    }

    /// Reads what stands between elements, up to and with the next mark.
    fn markup(&mut self, text: &str, at_end: bool) -> Next {
        let bytes = text.as_bytes();
        // At a mark that is not read yet, `scanned` is how far its end was looked for.
        let from = if bytes.get(self.at) == Some(&b'<') { self.at } else { self.scanned.max(self.at) };
        let Some(mark) = scan::byte(bytes, from, b'<') else {
            self.scanned = bytes.len();
            if at_end {
                self.stray(text, self.at..bytes.len());
                self.at = bytes.len();
            }
            return Next::Wait;
        };
        if mark > self.at {
            self.stray(text, self.at..mark);
            (self.at, self.scanned) = (mark, mark);
        }
        match bytes.get(mark + 1) {
            None if at_end => self.cut_off(bytes.len()),
            None => Next::Wait,
            Some(b'?') => self.section(text, "<?", "?>", at_end),
            Some(b'!') => self.declaration(text, at_end),
            Some(b'/' | b'_' | b':' | b'a'..=b'z' | b'A'..=b'Z' | 0x80..) => self.tag(text, at_end),
            Some(_) => {
                self.stray(text, mark..mark + 1);
                self.go(mark + 1)
            }
        }
    }

    fn go(&mut self, at: usize) -> Next {
        (self.at, self.scanned) = (at, at);
        Next::Again
    }

    fn cut_off(&mut self, end: usize) -> Next {
        self.is_cut = true;
        (self.at, self.scanned) = (end, end);
        Next::Wait
    }

    fn declaration(&mut self, text: &str, at_end: bool) -> Next {
        let rest = &text.as_bytes()[self.at..];
        let comment = scan::literal(rest, b"<!--").settled(at_end);
        let cdata = scan::literal(rest, CDATA_START.as_bytes()).settled(at_end);
        match (comment, cdata) {
            (Look::Yes(_), _) => self.section(text, "<!--", "-->", at_end),
            (_, Look::Yes(_)) => self.section(text, CDATA_START, CDATA_END, at_end),
            (Look::More, _) | (_, Look::More) => Next::Wait,
            _ => self.section(text, "<!", ">", at_end),
        }
    }

    /// Reads a comment, an instruction, a declaration, or CDATA between elements. What a
    /// declaration holds in brackets is read as more of them.
    fn section(&mut self, text: &str, opens: &str, closes: &str, at_end: bool) -> Next {
        let start = self.at;
        let inside = start + opens.len();
        let from = self.scanned.max(inside);
        let is_exhausted = match opens {
            CDATA_START => &mut self.exhausted.sections,
            "<?" => &mut self.exhausted.instructions,
            "<!" => &mut self.exhausted.declarations,
            _ => &mut self.exhausted.comments,
        };
        let found = (!*is_exhausted).then(|| scan::mark(text.as_bytes(), from, closes)).flatten();
        if let Some(end) = found {
            if opens == CDATA_START {
                self.stray(text, inside..end);
            }
            if opens == "<!" {
                let place = start..end + closes.len();
                let fix = Fix { label: "Remove it".into(), range: place.clone(), replacement: String::new() };
                let message = "A plan declares nothing; what stands here is not read.";
                self.draft.report(ProblemCode::Declaration, place, message, Some(fix));
            }
            return self.go(end + closes.len());
        }
        if !at_end {
            self.scanned = from.max(text.len().saturating_sub(closes.len() - 1));
            return Next::Wait;
        }
        *is_exhausted = true;
        let code = match opens {
            CDATA_START => ProblemCode::UnterminatedCdata,
            "<!" => ProblemCode::Declaration,
            _ => ProblemCode::MalformedTag,
        };
        let place = start..inside.min(text.len());
        self.draft.report(code, place.clone(), format!("{opens} is not closed by {closes}."), None);
        self.go(place.end)
    }

    fn tag(&mut self, text: &str, at_end: bool) -> Next {
        let bytes = text.as_bytes();
        let start = self.at;
        let end = match tag::extent(bytes, start, &mut self.tag, at_end) {
            Extent::Whole(end) => end,
            Extent::Open if at_end => return self.cut_off(bytes.len()),
            Extent::Open => return Next::Wait,
            Extent::Loose(end) => {
                let message = "The quotes of this tag are not in order.";
                self.draft.report(ProblemCode::MalformedTag, start..end, message, None);
                end
            }
            Extent::Broken(end) => {
                let message = "This tag does not end with >.";
                self.draft.report(ProblemCode::MalformedTag, start..end, message, None);
                return self.go(end);
            }
        };
        if bytes[start + 1] == b'/' {
            self.closing_tag(text, start..end);
        } else {
            self.opening_tag(text, Tag::read(text, start..end));
        }
        self.go(end)
    }

    fn opening_tag(&mut self, text: &str, tag: Tag) {
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

    fn closing_tag(&mut self, text: &str, range: Range<usize>) {
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return;
        }
        let name = text[range.start + 2..range.end - 1].trim_matches(LAYOUT);
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

    fn known(&self) -> impl Iterator<Item = Element> {
        self.stack.iter().rev().filter_map(|open| match open.node {
            Node::Known(element) => Some(element),
            _ => None,
        })
    }

    fn open_text(&mut self, text: &str, element: Element, tag: Tag) {
        self.draft.attributes(text, element, &tag);
        match element {
            Element::Source => self.draft.source(text, &tag),
            Element::Conflict => self.draft.conflict(text, &tag),
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

    fn text(&mut self, text: &str, at_end: bool) -> Next {
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
            let has_marks = || meaning.text.contains(['<', '&', '\n']);
            if is_code && meaning.has_bare_text && !self.is_cut && has_marks() {
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

    /// Takes text between elements: an assumption, or nothing.
    fn stray(&mut self, text: &str, range: Range<usize>) {
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
        let assumption = self.draft.value(text, &place);
        if let Some(step) = self.draft.plan.steps.last_mut() {
            step.assumptions.push(assumption);
        }
    }
}
