//! A place of a text, in the text that it became.

use crate::{blocks::blocks, lines::floor_char};
use imara_diff::{InternedInput, TokenSource};
use std::{ops::Range, slice};

/// Blocks that are compared word by word, in bytes of both sides. Larger ones are taken
/// for another text.
const LARGEST_BLOCK: usize = 256 * 1024;

/// Where a range of an old text lies in a new one, by what both have in common. None:
/// less than half of it is left.
#[must_use]
pub fn carry(old: &str, new: &str, range: Range<usize>) -> Option<Range<usize>> {
    let start = floor_char(old, range.start);
    let end = floor_char(old, range.end).max(start);
    let kept = kept(old, new);
    let left: usize =
        kept.iter().map(|same| same.old.end.min(end).saturating_sub(same.old.start.max(start))).sum();
    if start < end && left * 2 < end - start {
        return None;
    }
    let from =
        place(
            &kept,
            start,
            new.len(),
            |gap| if gap.old.start >= start { gap.new.start } else { gap.new.end },
        );
    let to = if start == end {
        from
    } else {
        // The last byte and not the one behind it: what comes directly behind the range
        // is no part of it.
        place(&kept, end - 1, new.len() + 1, |gap| {
            if gap.old.end <= end { gap.new.end } else { gap.new.start }.wrapping_sub(1)
        })
        .wrapping_add(1)
    };
    Some(from..to.max(from))
}

/// What two texts have in common: as long in one as in the other.
struct Same {
    old: Range<usize>,
    new: Range<usize>,
}

/// Where a byte is: shifted with what it lies in, or what is made of the gap.
fn place(kept: &[Same], byte: usize, end: usize, in_gap: impl Fn(&Same) -> usize) -> usize {
    let after = kept.partition_point(|same| same.old.end <= byte);
    match kept.get(after) {
        Some(same) if same.old.start <= byte => same.new.start + (byte - same.old.start),
        next => {
            let before = after.checked_sub(1).map(|at| &kept[at]);
            let starts = before.map_or((0, 0), |same| (same.old.end, same.new.end));
            let ends = next.map_or((usize::MAX, end), |same| (same.old.start, same.new.start));
            in_gap(&Same { old: starts.0..ends.0, new: starts.1..ends.1 })
        }
    }
}

/// What is in both texts, in its order: lines, and words in lines that differ.
fn kept(old: &str, new: &str) -> Vec<Same> {
    let input = InternedInput::new(old, new);
    let lines = blocks(&input);
    let old_at = offsets(old.split_inclusive('\n'));
    let new_at = offsets(new.split_inclusive('\n'));
    let mut kept = Vec::new();
    let (mut old_done, mut new_done) = (0, 0);
    for block in &lines {
        let old_block = old_at[block.before.start as usize]..old_at[block.before.end as usize];
        let new_block = new_at[block.after.start as usize]..new_at[block.after.end as usize];
        push(&mut kept, old_done..old_block.start, new_done);
        (old_done, new_done) = (old_block.end, new_block.end);
        if !old_block.is_empty()
            && !new_block.is_empty()
            && old_block.len() + new_block.len() <= LARGEST_BLOCK
        {
            words(&mut kept, old, new, old_block, new_block);
        }
    }
    push(&mut kept, old_done..old.len(), new_done);
    kept
}

fn push(kept: &mut Vec<Same>, old: Range<usize>, new: usize) {
    if old.is_empty() {
        return;
    }
    match kept.last_mut() {
        Some(last) if last.old.end == old.start && last.new.end == new => {
            last.old.end = old.end;
            last.new.end += old.len();
        }
        _ => kept.push(Same { new: new..new + old.len(), old }),
    }
}

fn words(kept: &mut Vec<Same>, old: &str, new: &str, old_block: Range<usize>, new_block: Range<usize>) {
    let old_words = split(&old[old_block.clone()]);
    let new_words = split(&new[new_block.clone()]);
    let old_at = offsets(old_words.iter().copied());
    let new_at = offsets(new_words.iter().copied());
    let input = InternedInput::new(Words(&old_words), Words(&new_words));
    let (mut old_done, mut new_done) = (0, 0);
    let mut same = |until: usize, from: usize, new_from: usize| {
        let range = old_block.start + old_at[from]..old_block.start + old_at[until];
        push(kept, range, new_block.start + new_at[new_from]);
    };
    for block in blocks(&input) {
        same(block.before.start as usize, old_done, new_done);
        (old_done, new_done) = (block.before.end as usize, block.after.end as usize);
    }
    same(old_words.len(), old_done, new_done);
}

/// Where each part begins, and where the last one ends.
fn offsets<'a>(parts: impl Iterator<Item = &'a str>) -> Vec<usize> {
    let mut at = 0;
    let mut offsets = vec![0];
    offsets.extend(parts.map(|part| {
        at += part.len();
        at
    }));
    offsets
}

/// Runs of letters and digits, and every other character by itself. Where words are not
/// parted by spaces, each character is one.
fn split(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    let is_of_a_word = |character: char| character.is_ascii_alphanumeric() || character == '_';
    for (at, character) in text.char_indices() {
        let previous = text[start..at].chars().next_back();
        if at > start && !(is_of_a_word(character) && previous.is_some_and(is_of_a_word)) {
            words.push(&text[start..at]);
            start = at;
        }
    }
    if start < text.len() {
        words.push(&text[start..]);
    }
    words
}

struct Words<'a, 'b>(&'b [&'a str]);

impl<'a, 'b> TokenSource for Words<'a, 'b> {
    type Token = &'a str;
    type Tokenizer = std::iter::Copied<slice::Iter<'b, &'a str>>;

    fn tokenize(&self) -> Self::Tokenizer {
        self.0.iter().copied()
    }

    fn estimate_tokens(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn carried<'a>(old: &str, new: &'a str, quote: &str) -> Option<&'a str> {
        let start = old.find(quote).unwrap();
        carry(old, new, start..start + quote.len()).map(|range| &new[range])
    }

    #[test]
    fn a_place_goes_with_its_text() {
        let old = "one\ntry three times then stop\nlast\n";
        assert_eq!(
            carried(old, "zero\none\ntry three times then stop\nlast\n", "three times"),
            Some("three times")
        );
        assert_eq!(
            carried(old, "one\nnow try five times then stop\n", "try three times"),
            Some("try five times")
        );
        assert_eq!(
            carried(old, "one\ntry five times then stop\n", "three times then"),
            Some("five times then")
        );
        assert_eq!(carried(old, "one\nlast\n", "three times"), None);
        assert_eq!(carried(old, "", "three"), None);
        assert_eq!(carried(old, old, old), Some(old));
        assert_eq!(carried("日本語の計画", "新しい日本語の計画だ", "日本語の計画"), Some("日本語の計画"));
        assert_eq!(carry("abc", "x abc", 1..1), Some(3..3));
        assert_eq!(carry("abc", "", 3..9), Some(0..0));
    }
}
