//! A place of a text that is found again when the text has changed: a quotation with
//! what stands around it, and its position, as the Web Annotation Data Model of the W3C
//! has them (`TextQuoteSelector`, `TextPositionSelector`).

mod fuzzy;

use crate::lines::floor_char;
use std::ops::Range;

/// What is kept of the text on each side, in characters.
const CONTEXT: usize = 32;
/// The most places of a quotation that are compared.
const MOST_PLACES: usize = 10_000;
/// A quotation of so many bytes counts without what stands around it.
const TELLING: usize = 8;

/// A place of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Anchor {
    /// The number of the step that it is in, where that is known, as
    /// [`crate::Spans::step_at`] tells it. Nothing here reads it.
    pub step: Option<u32>,
    /// In bytes of the text that it was made for.
    pub range: Range<usize>,
    /// What stands there.
    pub quote: String,
    /// What stands before it, up to 32 characters.
    pub prefix: String,
    /// What stands behind it, up to 32 characters.
    pub suffix: String,
}

impl Anchor {
    /// An anchor of a range. What does not lie on characters is widened to them.
    #[must_use]
    pub fn new(text: &str, range: Range<usize>) -> Self {
        let start = floor_char(text, range.start);
        let mut end = range.end.clamp(start, text.len());
        while !text.is_char_boundary(end) {
            end += 1;
        }
        let before = text[..start].char_indices().rev().take(CONTEXT).last().map_or(start, |(at, _)| at);
        let after = text[end..].char_indices().nth(CONTEXT).map_or(text.len(), |(at, _)| end + at);
        Self {
            step: None,
            range: start..end,
            quote: text[start..end].to_owned(),
            prefix: text[before..start].to_owned(),
            suffix: text[end..after].to_owned(),
        }
    }

    /// Where it is in a text: where it was, else where the quotation stands with the
    /// most of what stood around it, the nearest first, else where something stands
    /// that differs little. None: it is not there any more.
    #[must_use]
    pub fn locate(&self, text: &str) -> Option<Range<usize>> {
        if self.quote.is_empty() {
            return self.between(text);
        }
        let whole = self.prefix.len() + self.suffix.len();
        let is_here = text.get(self.range.clone()) == Some(self.quote.as_str());
        if is_here && self.context(text, &self.range) * 2 >= whole {
            return Some(self.range.clone());
        }
        let places = memchr::memmem::find_iter(text.as_bytes(), self.quote.as_bytes())
            .take(MOST_PLACES)
            .map(|at| at..at + self.quote.len());
        let best = places
            .chain(is_here.then(|| self.range.clone()))
            .map(|range| (self.context(text, &range), range))
            .max_by_key(|(context, range)| {
                (*context, std::cmp::Reverse(range.start.abs_diff(self.range.start)))
            });
        if let Some((context, range)) = best
            && (self.quote.len() >= TELLING || whole == 0 || context * 2 > whole.min(2 * TELLING))
        {
            return Some(range);
        }
        fuzzy::locate(self, text)
    }

    /// How much of what stood around it stands around a range, in bytes.
    fn context(&self, text: &str, range: &Range<usize>) -> usize {
        let bytes = text.as_bytes();
        let same = |pair: &(&u8, &u8)| pair.0 == pair.1;
        let before = bytes[..range.start].iter().rev().zip(self.prefix.as_bytes().iter().rev());
        let after = bytes[range.end..].iter().zip(self.suffix.as_bytes());
        before.take_while(same).count() + after.take_while(same).count()
    }

    /// The place of an anchor that quotes nothing.
    fn between(&self, text: &str) -> Option<Range<usize>> {
        if self.prefix.is_empty() && self.suffix.is_empty() {
            return text.is_empty().then_some(0..0);
        }
        let around = format!("{}{}", self.prefix, self.suffix);
        memchr::memmem::find_iter(text.as_bytes(), around.as_bytes())
            .take(MOST_PLACES)
            .map(|at| at + self.prefix.len())
            .min_by_key(|at| at.abs_diff(self.range.start))
            .map(|at| at..at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Push retries three times.\nThen it stops and says why.\nPush retries three times.\n";

    fn anchor(text: &str, quote: &str) -> Anchor {
        let start = text.rfind(quote).unwrap();
        Anchor::new(text, start..start + quote.len())
    }

    fn found<'a>(anchor: &Anchor, text: &'a str) -> Option<&'a str> {
        anchor.locate(text).map(|range| &text[range])
    }

    #[test]
    fn it_stays_where_it_was() {
        let anchor = anchor(TEXT, "retries three");
        assert_eq!(anchor.locate(TEXT), Some(anchor.range.clone()));
    }

    #[test]
    fn of_two_places_the_one_with_the_same_neighbours_is_taken() {
        let anchor = anchor(TEXT, "retries three");
        let longer = format!("A first line.\n{TEXT}");
        assert_eq!(anchor.locate(&longer), Some(anchor.range.start + 14..anchor.range.end + 14));
        let first = TEXT.find("retries three").unwrap();
        let without = TEXT.replace("Then it stops and says why.\n", "");
        assert_ne!(anchor.locate(&without).unwrap().start, first);
    }

    #[test]
    fn what_changed_a_little_is_found() {
        let anchor = anchor(TEXT, "Then it stops and says why");
        let changed = "Intro.\nPush retries 3 times.\nThen it stops, and it says why.\n";
        assert_eq!(found(&anchor, changed), Some("Then it stops, and it says why"));
        let long: String = (0..100).map(|word| format!("word{word} ")).collect();
        let long_anchor = Anchor::new(&long, 20..long.len() - 20);
        let edited = format!("x{}", long.replace("word50 ", "other words ").replace("word3 ", "word3, "));
        let place = long_anchor.locate(&edited).unwrap();
        assert!(edited[place.clone()].starts_with("rd3, word4") && place.len() > 600, "{place:?}");
    }

    #[test]
    fn what_is_gone_is_not_found() {
        let anchor = anchor(TEXT, "Then it stops and says why");
        assert_eq!(anchor.locate("Something else entirely, about other things in other words."), None);
        assert_eq!(anchor.locate(""), None);
        let short = Anchor::new("a b c", 2..3);
        assert_eq!(short.locate("xxxxxxxxx b yyyyyyyy"), None);
    }

    #[test]
    fn a_place_between_two_characters_is_found() {
        let anchor = Anchor::new(TEXT, 5..5);
        let longer = format!("日本{TEXT}");
        assert_eq!(anchor.locate(&longer), Some(11..11));
    }
}
