//! Where a text ends.

use super::{
    scan::{self, Look},
    value::{CDATA_END, CDATA_START},
};
use crate::vocabulary::{Content, Element};
use std::ops::Range;

/// White space that is looked over to see what follows, in bytes.
const LONGEST_LOOK: usize = 256;

/// A text that is being read.
#[derive(Debug)]
pub(crate) struct Leaf {
    pub element: Element,
    /// What it stands in, and what that stands in.
    pub parent: Option<Element>,
    pub grandparent: Option<Element>,
    /// Its opening tag.
    pub tag: Range<usize>,
    /// The first byte that was not looked at.
    at: usize,
    /// Behind the start of a CDATA section that is open.
    section: Option<usize>,
    /// A `<` outside CDATA was seen.
    pub is_raw: bool,
    /// Where a CDATA section begins that is not closed in the whole rest.
    pub unterminated: Option<usize>,
    /// A CDATA section was seen.
    has_section: bool,
    /// Closing tags that were not taken, because of what follows them, each with whether
    /// the text before it is raw.
    first: Option<(Range<usize>, bool)>,
    last: Option<(Range<usize>, bool)>,
}

/// What is known of marks of which none is left in the text, so that no text is
/// searched twice for them.
#[derive(Debug, Default)]
pub(crate) struct Exhausted {
    pub sections: bool,
    pub code_ends: bool,
    pub comments: bool,
    pub instructions: bool,
    pub declarations: bool,
}

/// Where a text ends.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Not in what is there.
    Wait,
    /// Its content ends here, and its closing tag there.
    Closed(usize, usize),
    /// Its content ends here, without a closing tag.
    Unclosed(usize),
    /// The document ends before it does.
    CutOff,
}

impl Leaf {
    pub(crate) fn new(
        element: Element,
        parent: Option<Element>,
        grandparent: Option<Element>,
        tag: Range<usize>,
    ) -> Self {
        Self {
            element,
            parent,
            grandparent,
            at: tag.end,
            tag,
            section: None,
            is_raw: false,
            unterminated: None,
            has_section: false,
            first: None,
            last: None,
        }
    }

    /// Goes on to look for the end.
    pub(crate) fn end(&mut self, bytes: &[u8], exhausted: &mut Exhausted, at_end: bool) -> End {
        loop {
            if let Some(inside) = self.section {
                match scan::mark(bytes, self.at, CDATA_END) {
                    Some(found) => {
                        self.at = found + CDATA_END.len();
                        self.section = None;
                    }
                    None if at_end => {
                        exhausted.sections = true;
                        self.section = None;
                        self.unterminated = Some(inside - CDATA_START.len());
                        self.at = inside;
                    }
                    None => {
                        self.at = self.at.max(bytes.len().saturating_sub(CDATA_END.len() - 1));
                        return End::Wait;
                    }
                }
                continue;
            }
            let Some(found) = scan::byte(bytes, self.at, b'<') else {
                self.at = bytes.len();
                return if at_end { self.at_the_end(exhausted) } else { End::Wait };
            };
            self.at = found;
            match self.mark(bytes, exhausted, at_end) {
                Some(end) => return end,
                None => continue,
            }
        }
    }

    /// Decides about the `<` at `self.at`. None: it is part of the text, or opens CDATA.
    fn mark(&mut self, bytes: &[u8], exhausted: &Exhausted, at_end: bool) -> Option<End> {
        let at = self.at;
        let rest = &bytes[at..];
        let is_code = self.element.rule().content == Content::Code;
        let is_plain = !self.is_raw && self.unterminated.is_none();
        let settled = |look: Look| look.settled(at_end);
        let section = if is_plain { settled(scan::literal(rest, CDATA_START.as_bytes())) } else { Look::No };
        if let Look::Yes(length) = section {
            if exhausted.sections {
                self.unterminated = Some(at);
            } else {
                self.section = Some(at + length);
                self.has_section = true;
            }
            self.at += length;
            return None;
        }
        let own = settled(scan::closing(rest, self.element.name()));
        if let Look::Yes(length) = own {
            let tag = at..at + length;
            let is_bare = || bytes[self.tag.end..at].iter().any(|byte| !scan::is_space(*byte));
            let is_sure = !is_code || exhausted.code_ends;
            let follows = if is_sure || (is_plain && (self.has_section || !is_bare())) {
                Look::Yes(0)
            } else {
                follows(&bytes[tag.end..], self.parent, self.element, at_end)
            };
            match follows {
                Look::Yes(_) => return Some(End::Closed(tag.start, tag.end)),
                Look::More => return Some(End::Wait),
                Look::No => {
                    self.first.get_or_insert_with(|| (tag.clone(), self.is_raw));
                    self.last = Some((tag, self.is_raw));
                    self.is_raw |= self.unterminated.is_none();
                }
            }
            self.at += 1;
            return None;
        }
        let parent = self.parent.map_or(Look::No, |parent| settled(scan::closing(rest, parent.name())));
        if let (Look::Yes(length), Some(parent)) = (parent, self.parent) {
            let follows = if is_code && !exhausted.code_ends {
                follows(&bytes[at + length..], self.grandparent, parent, at_end)
            } else {
                Look::Yes(0)
            };
            match (follows, self.last.take()) {
                (Look::Yes(_), Some(last)) => return Some(self.closed(last)),
                (Look::Yes(_), None) => return Some(End::Unclosed(at)),
                (Look::More, last) => {
                    self.last = last;
                    return Some(End::Wait);
                }
                (Look::No, last) => self.last = last,
            }
        }
        let mut sibling = Look::No;
        if self.element.rule().content == Content::Line && self.unterminated.is_none() {
            let siblings = self.parent.into_iter().flat_map(Element::children);
            let others = siblings.filter(|other| *other != self.element);
            sibling = settled(scan::any(others.map(|other| scan::opening(rest, other.name()))));
            if let Look::Yes(_) = sibling {
                return Some(End::Unclosed(at));
            }
        }
        if [section, own, parent, sibling].contains(&Look::More) {
            return Some(End::Wait);
        }
        self.is_raw |= self.unterminated.is_none();
        self.at += 1;
        None
    }

    /// Ends at a closing tag that was not taken at first.
    fn closed(&mut self, (tag, is_raw): (Range<usize>, bool)) -> End {
        self.is_raw = is_raw;
        End::Closed(tag.start, tag.end)
    }

    fn at_the_end(&mut self, exhausted: &mut Exhausted) -> End {
        match self.first.take() {
            Some(first) => {
                exhausted.code_ends = true;
                self.closed(first)
            }
            None => End::CutOff,
        }
    }
}

/// Whether what comes is what may stand behind `element` in `parent`.
fn follows(rest: &[u8], parent: Option<Element>, element: Element, at_end: bool) -> Look {
    let gap = rest.iter().take(LONGEST_LOOK).take_while(|byte| scan::is_space(**byte)).count();
    scan::looked(gap);
    if gap == LONGEST_LOOK {
        return Look::Yes(0);
    }
    let rest = &rest[gap..];
    if rest.is_empty() {
        return if at_end { Look::Yes(0) } else { Look::More };
    }
    let Some(parent) = parent else { return Look::Yes(0) };
    let repeats = element.rule().repeats;
    let siblings = parent.children().filter(|other| repeats || *other != element);
    let looks = siblings.map(|other| scan::opening(rest, other.name()));
    // What stands in a step may lack the list around it, and then the step ends.
    let outer = if parent == Element::Operations { Some(Element::Step) } else { None };
    let ends = [Some(parent), outer].into_iter().flatten().map(|parent| scan::closing(rest, parent.name()));
    scan::any(looks.chain(ends)).settled(at_end)
}
