//! Tags: how far one goes, and what it says.

use super::{
    MAX_TAG,
    scan::{is_space, looked},
};
use crate::{print::LAYOUT, vocabulary::Attribute};
use quick_xml::events::BytesStart;
use std::ops::Range;

/// How far a tag goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// To here, behind its `>`.
    Whole(usize),
    /// Its quotes are not in order; it is taken to go to its first `>`, behind it.
    Loose(usize),
    /// It does not end before another one begins here.
    Broken(usize),
    /// The text ends within it.
    Open,
}

/// Where the search for the end of a tag is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Progress {
    /// The first byte that was not looked at.
    pub at: usize,
    quote: Option<u8>,
}

/// Finds the end of the tag that begins at a byte.
pub(crate) fn extent(bytes: &[u8], start: usize, progress: &mut Progress, at_end: bool) -> Extent {
    let is_closing = bytes.get(start + 1) == Some(&b'/');
    let mut at = progress.at.max(start + 1);
    let mut quote = progress.quote;
    let found = loop {
        let Some(byte) = bytes.get(at) else {
            if at_end {
                break loose(bytes, start);
            }
            *progress = Progress { at, quote };
            return Extent::Open;
        };
        if at - start > MAX_TAG {
            break loose(bytes, start);
        }
        match (quote, byte) {
            (None, b'>') => break Extent::Whole(at + 1),
            (None, b'<') => break Extent::Broken(at),
            (None, b'"' | b'\'') if !is_closing => quote = Some(*byte),
            (Some(open), byte) if open == *byte => match bytes.get(at + 1) {
                Some(b'>' | b'/') => quote = None,
                Some(next) if is_space(*next) => quote = None,
                // A quote within a value is likelier to be the next value's first.
                Some(_) => break loose(bytes, start),
                None if at_end => quote = None,
                None => {
                    *progress = Progress { at, quote };
                    return Extent::Open;
                }
            },
            _ => {}
        }
        at += 1;
        looked(1);
    };
    *progress = Progress::default();
    found
}

fn loose(bytes: &[u8], start: usize) -> Extent {
    let rest = &bytes[start + 1..];
    match memchr::memchr2(b'<', b'>', &rest[..rest.len().min(MAX_TAG)]) {
        Some(at) if rest[at] == b'>' => Extent::Loose(start + 1 + at + 1),
        Some(at) => Extent::Broken(start + 1 + at),
        None if rest.len() > MAX_TAG => Extent::Broken(start + 1),
        None => Extent::Open,
    }
}

/// A tag that opens an element.
#[derive(Clone, Debug)]
pub(crate) struct Tag {
    pub range: Range<usize>,
    pub name: Range<usize>,
    pub is_empty: bool,
    pub values: Vec<Value>,
    /// Where something in it is not written as XML has it.
    pub faults: Vec<Range<usize>>,
}

/// An attribute as it is written.
#[derive(Clone, Debug)]
pub(crate) struct Value {
    /// None: the table has no such name.
    pub attribute: Option<Attribute>,
    pub name: Range<usize>,
    pub value: Range<usize>,
}

impl Tag {
    /// Reads the tag in `text[range]`, which begins with `<` and ends with `>`.
    pub(crate) fn read(text: &str, range: Range<usize>) -> Self {
        let inner = range.start + 1..range.end - 1;
        let is_empty = text[inner.clone()].ends_with('/');
        let inner = inner.start..inner.end - usize::from(is_empty);
        let content = &text[inner.clone()];
        let name_length = content.bytes().position(is_space).unwrap_or(content.len());
        let name = inner.start..inner.start + name_length;
        let place = |part: &str| {
            // Both lie in `text`: quick-xml borrows from what it is given.
            let start = part.as_ptr() as usize - text.as_ptr() as usize;
            start..start + part.len()
        };
        let mut values = Vec::new();
        let mut faults = Vec::new();
        let tag = BytesStart::from_content(content, name_length);
        for found in tag.attributes() {
            match found {
                Ok(found) => {
                    let std::borrow::Cow::Borrowed(value) = found.value else { continue };
                    let name = found.key.into_inner();
                    values.push(Value {
                        attribute: Attribute::named(name),
                        name: place(name),
                        value: place(value),
                    });
                }
                Err(_) => faults.push(range.clone()),
            }
        }
        Self { range, name, is_empty, values, faults }
    }

    /// Where the value of an attribute stands.
    pub(crate) fn value(&self, attribute: Attribute) -> Option<Range<usize>> {
        self.values.iter().find(|value| value.attribute == Some(attribute)).map(|value| value.value.clone())
    }
}

/// Whether it may stand between `<!--` and `-->`.
pub(crate) fn is_comment(inner: &str) -> bool {
    !inner.contains("--") && !inner.ends_with('-')
}

/// Whether it may stand between `<?` and `?>` within a document: it has a name, and not
/// that of XML itself.
pub(crate) fn is_instruction(inner: &str) -> bool {
    let name = inner.split(LAYOUT).next().unwrap_or_default();
    name.starts_with(char::is_alphabetic) && !name.eq_ignore_ascii_case("xml")
}
