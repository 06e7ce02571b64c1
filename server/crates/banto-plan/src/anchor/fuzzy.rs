//! A quotation in a text that has changed it a little.
//!
//! Where the quotation is cut into pieces, fewer changes than pieces leave one of them
//! whole. Where a piece stands, the quotation is compared with what lies around it. The
//! work is bounded: so many pieces, so many places of each, so long a quotation.

use super::Anchor;
use std::ops::Range;

/// The pieces that a quotation is cut into.
const PIECES: usize = 8;
/// The shortest piece that is looked for, in bytes.
const SHORTEST_PIECE: usize = 4;
/// The places of each piece that are compared, the nearest ones.
const PLACES: usize = 6;
/// The places of each piece that the nearest ones are chosen from.
const MOST_PLACES: usize = 1_000;
/// The longest quotation that is compared as a whole, in characters. Of a longer one the
/// two ends are found, each of half this length.
const LONGEST: usize = 256;
/// The changes that are allowed: one for so many characters.
const CHARACTERS_FOR_A_CHANGE: usize = 4;

/// Where something like the quotation stands.
pub(super) fn locate(anchor: &Anchor, text: &str) -> Option<Range<usize>> {
    let quote: Vec<char> = anchor.quote.chars().collect();
    if quote.len() <= LONGEST {
        return nearest(&anchor.quote, text, anchor.range.start);
    }
    let head: String = quote[..LONGEST / 2].iter().collect();
    let tail: String = quote[quote.len() - LONGEST / 2..].iter().collect();
    let start = nearest(&head, text, anchor.range.start)?.start;
    let expected = start + anchor.quote.len() - tail.len();
    let end = nearest(&tail, text, expected)?.end;
    let length = end.checked_sub(start)?;
    (length >= anchor.quote.len() / 2 && length <= anchor.quote.len() * 2).then_some(start..end)
}

fn nearest(quote: &str, text: &str, expected: usize) -> Option<Range<usize>> {
    let characters: Vec<char> = quote.chars().collect();
    let allowed = characters.len() / CHARACTERS_FOR_A_CHANGE;
    let mut starts: Vec<usize> = pieces(quote)
        .flat_map(|piece| {
            let found = memchr::memmem::find_iter(text.as_bytes(), &quote.as_bytes()[piece.clone()]);
            let mut starts: Vec<usize> =
                found.take(MOST_PLACES).map(|at| at.saturating_sub(piece.start)).collect();
            starts.sort_by_key(|start| start.abs_diff(expected));
            starts.truncate(PLACES);
            starts
        })
        .collect();
    starts.sort_unstable();
    starts.dedup();
    starts
        .into_iter()
        .filter_map(|start| {
            let (changes, range) = compare(&characters, text, start, allowed)?;
            Some((changes, range.start.abs_diff(expected), range))
        })
        .min_by_key(|(changes, distance, _)| (*changes, *distance))
        .map(|(.., range)| range)
}

/// Pieces of the quotation, cut at characters.
fn pieces(quote: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let length = (quote.len() / PIECES).max(SHORTEST_PIECE);
    let mut start = 0;
    std::iter::from_fn(move || {
        let mut end = start + length;
        while end < quote.len() && !quote.is_char_boundary(end) {
            end += 1;
        }
        let piece = (end <= quote.len()).then_some(start..end);
        start = end;
        piece
    })
}

/// The part of the text near a byte that differs least from the quotation, where that is
/// little enough: Sellers' algorithm, the distance of edits with both ends of the text
/// free.
fn compare(quote: &[char], text: &str, near: usize, allowed: usize) -> Option<(usize, Range<usize>)> {
    let before = crate::lines::floor_char(text, near.saturating_sub(allowed * 4));
    let slack = 2 * allowed;
    let window: Vec<(usize, char)> =
        text[before..].char_indices().take(quote.len() + 2 * slack + allowed * 4).collect();
    // For each beginning of the quotation: the changes, and where the part begins.
    let mut row: Vec<(usize, usize)> = (0..=quote.len()).map(|changes| (changes, 0)).collect();
    let mut best: Option<(usize, usize, usize)> = None;
    for (place, (_, character)) in window.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = (0, place + 1);
        for at in 1..row.len() {
            let above = row[at];
            let same = (diagonal.0 + usize::from(quote[at - 1] != *character), diagonal.1);
            let skipped = (above.0 + 1, above.1);
            let missing = (row[at - 1].0 + 1, row[at - 1].1);
            row[at] = same.min(skipped).min(missing);
            diagonal = above;
        }
        let (changes, start) = row[quote.len()];
        if changes <= allowed && best.is_none_or(|best| changes < best.0) {
            best = Some((changes, start, place + 1));
        }
    }
    let (changes, start, end) = best?;
    let byte = |place: usize| match window.get(place) {
        Some((at, _)) => before + at,
        None => before + window.last().map_or(0, |(at, character)| at + character.len_utf8()),
    };
    (start < end).then(|| (changes, byte(start)..byte(end)))
}
