//! Reading a document, whole or while it arrives, whatever is wrong with it.
//!
//! How it is read, where XML leaves no doubt as XML is, and where models do otherwise:
//!
//! - Text that is not in CDATA loses the white space at its ends. What is in CDATA or
//!   written as an entity is kept to the letter, also line feeds at the ends of CDATA,
//!   and carriage returns everywhere.
//! - Entities are the five of XML and numbers. Nothing is declared, nothing is put in.
//! - A text that holds a `<` outside CDATA is taken to the letter up to its closing tag,
//!   with nothing resolved.
//! - In `<changes>`, a text that is not in CDATA ends at the `</changes>` that is followed by
//!   what may stand there: a sibling, `</operation>`, or the end. Code that holds
//!   `</changes>` survives so. Where no such place comes before the end of the
//!   operation, the last `</changes>` counts, and where none is in the whole rest, the
//!   first.
//! - A text that is never closed ends at the closing tag of its parent.
//! - An element that is closed by its parent's end or by an element that cannot stand
//!   in it is closed there.
//!
//! What is decided at a byte depends on the text alone, never on where it was cut into
//! pieces: where a decision needs bytes that are not there yet, it waits for them. Each
//! byte is looked at a small, fixed number of times.

mod draft;
mod form;
mod leaf;
mod reader;
mod scan;
mod tag;
mod value;
#[cfg(test)]
mod work;

use crate::{lines::floor_char, plan::Plan, problem::Problem, spans::Spans, step::OperationKind};
use reader::Reader;
use std::ops::Range;

/// The longest document that is read, in bytes. A plan of 500 steps with 8 KB of code
/// each is within it.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;
/// The most steps that are read. Nobody reviews more.
pub const MAX_STEPS: usize = 500;
/// The most operations that are read, of all steps.
pub const MAX_OPERATIONS: usize = 5_000;
/// The most elements within each other; a plan needs seven.
pub const MAX_DEPTH: usize = 64;
/// The most problems that are listed.
pub const MAX_PROBLEMS: usize = 1_000;
/// The longest tag that is read as one, in bytes.
pub const MAX_TAG: usize = 64 * 1024;

/// What was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// The plan, as far as it could be understood.
    pub plan: Plan,
    /// Where its parts stand in the text.
    pub spans: Spans,
    /// What is wrong with its form, in the order of the text.
    pub problems: Vec<Problem>,
    /// Whether the document was closed.
    pub is_complete: bool,
}

/// A step as far as it has arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepOutline {
    /// Its number.
    pub number: u32,
    /// Its title. Empty while it has not arrived.
    pub title: String,
    /// What has begun of its operations.
    pub operations: Vec<OperationOutline>,
    /// Where it stands, up to what has been read where it is not complete.
    pub range: Range<usize>,
    /// Whether it was closed.
    pub is_complete: bool,
}

/// An operation as far as it has arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OperationOutline {
    /// What happens.
    pub kind: OperationKind,
    /// To which file.
    pub path: String,
}

/// Reads a document.
#[must_use]
pub fn parse(text: &str) -> Parsed {
    let kept = &text[..floor_char(text, MAX_BYTES)];
    let mut reader = Reader::default();
    reader.run(kept, true);
    reader.finish(kept, kept.len() < text.len())
}

/// Reads a document while it arrives. Any way to cut a text into pieces gives what
/// [`parse`] gives for the whole.
#[derive(Debug, Default)]
pub struct Parser {
    text: String,
    is_over: bool,
    reader: Reader,
}

impl Parser {
    /// Begins with nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes what comes next. What is beyond [`MAX_BYTES`] is dropped.
    pub fn push(&mut self, text: &str) {
        if self.is_over {
            return;
        }
        let room = floor_char(text, MAX_BYTES - self.text.len());
        self.is_over = room < text.len();
        self.text.push_str(&text[..room]);
        self.reader.run(&self.text, false);
    }

    /// What has arrived.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The steps that have begun.
    #[must_use]
    pub fn outline(&self) -> &[StepOutline] {
        self.reader.outline()
    }

    /// Takes what has arrived as the whole.
    #[must_use]
    pub fn finish(mut self) -> Parsed {
        self.reader.run(&self.text, true);
        self.reader.finish(&self.text, self.is_over)
    }
}
