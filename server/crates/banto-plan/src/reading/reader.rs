//! The walk through a text: which element is open, and what comes next.

mod nesting;
mod texts;

use super::{
    Parsed, StepOutline,
    draft::Draft,
    form,
    leaf::{Exhausted, Leaf},
    scan::{self, Look},
    tag::{self, Extent, Progress, Tag},
    value::{CDATA_END, CDATA_START},
};
use crate::{
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
                self.stray(text, self.at..bytes.len(), false);
                self.at = bytes.len();
            }
            return Next::Wait;
        };
        if mark > self.at {
            self.stray(text, self.at..mark, false);
            (self.at, self.scanned) = (mark, mark);
        }
        match bytes.get(mark + 1) {
            None if at_end => self.cut_off(bytes.len()),
            None => Next::Wait,
            Some(b'?') => self.section(text, "<?", "?>", at_end),
            Some(b'!') => self.declaration(text, at_end),
            Some(b'/' | b'_' | b':' | b'a'..=b'z' | b'A'..=b'Z' | 0x80..) => self.tag(text, at_end),
            Some(_) => {
                self.stray(text, mark..mark + 1, false);
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
                self.stray(text, inside..end, true);
            }
            let inner = &text[inside..end];
            let wrong = match opens {
                "<!" => {
                    Some((ProblemCode::Declaration, "A plan declares nothing; what stands here is not read."))
                }
                "<!--" if !tag::is_comment(inner) => {
                    Some((ProblemCode::MalformedTag, "There is no -- within a comment."))
                }
                "<?" if !tag::is_instruction(inner) => {
                    Some((ProblemCode::MalformedTag, "This stands before the document, or nowhere."))
                }
                _ => None,
            };
            if let Some((code, message)) = wrong {
                let place = start..end + closes.len();
                let fix = Fix { label: "Remove it".into(), range: place.clone(), replacement: String::new() };
                self.draft.report(code, place, message, Some(fix));
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
        let mut is_loose = false;
        let end = match tag::extent(bytes, start, &mut self.tag, at_end) {
            Extent::Whole(end) => end,
            Extent::Open if at_end => return self.cut_off(bytes.len()),
            Extent::Open => return Next::Wait,
            Extent::Loose(end) => {
                is_loose = true;
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
            let mut tag = Tag::read(text, start..end);
            if is_loose {
                tag.faults.clear();
            }
            self.opening_tag(text, tag);
        }
        self.go(end)
    }
}
