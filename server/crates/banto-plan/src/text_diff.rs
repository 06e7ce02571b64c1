//! Two texts, line by line.

use crate::blocks::blocks;
use imara_diff::InternedInput;
use std::ops::Range;

/// Lines that are shown around a change.
pub const CONTEXT_LINES: u32 = 3;

/// A place where two texts differ, with the lines around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk {
    /// The first line in the old text, counted from 1. Where it has no line in the old
    /// text, the line before it, as `diff -u` has it.
    pub old_start: u32,
    /// Its lines in the old text.
    pub old_lines: u32,
    /// As `old_start`, in the new text.
    pub new_start: u32,
    /// Its lines in the new text.
    pub new_lines: u32,
    /// The lines, those that were removed before those that came.
    pub lines: Vec<HunkLine>,
}

/// A line of a [`Hunk`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HunkLine {
    /// What happened to it.
    pub kind: LineKind,
    /// With its line feed, where it has one.
    pub text: String,
}

/// What happened to a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LineKind {
    /// It is in both texts.
    Context,
    /// It is in the old text alone.
    Removed,
    /// It is in the new text alone.
    Added,
}

/// Where two texts differ. Empty where they are the same.
///
/// Where much differs, it does not look for the shortest way, so that its time stays near
/// the length of the texts.
#[must_use]
pub fn text_diff(old: &str, new: &str) -> Vec<Hunk> {
    let input = InternedInput::new(old, new);
    let blocks = blocks(&input);
    let (old_lines, new_lines) = (&input.before, &input.after);
    let line = |kind, token| HunkLine { kind, text: input.interner[token].to_owned() };
    let mut hunks = Vec::new();
    let mut rest = blocks.as_slice();
    while let Some(first) = rest.first() {
        // Blocks whose context touches are shown together.
        let together = 1 + rest
            .windows(2)
            .take_while(|pair| pair[1].before.start - pair[0].before.end <= 2 * CONTEXT_LINES)
            .count();
        let (shown, later) = rest.split_at(together);
        rest = later;
        let last = &shown[together - 1];
        let lead = first.before.start.min(CONTEXT_LINES);
        let trail = (length(old_lines) - last.before.end).min(CONTEXT_LINES);
        let before = first.before.start - lead..last.before.end + trail;
        let after = first.after.start - lead..last.after.end + trail;
        let mut lines = Vec::new();
        let mut at = before.start;
        let context = |lines: &mut Vec<HunkLine>, range: Range<u32>| {
            lines.extend(range.map(|place| line(LineKind::Context, old_lines[place as usize])));
        };
        for block in shown {
            context(&mut lines, at..block.before.start);
            lines
                .extend(block.before.clone().map(|place| line(LineKind::Removed, old_lines[place as usize])));
            lines.extend(block.after.clone().map(|place| line(LineKind::Added, new_lines[place as usize])));
            at = block.before.end;
        }
        context(&mut lines, at..before.end);
        let start = |range: &Range<u32>| range.start + u32::from(!range.is_empty());
        hunks.push(Hunk {
            old_start: start(&before),
            old_lines: before.end - before.start,
            new_start: start(&after),
            new_lines: after.end - after.start,
            lines,
        });
    }
    hunks
}

fn length<T>(tokens: &[T]) -> u32 {
    u32::try_from(tokens.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The new text, from the old one and the hunks.
    fn patched(old: &str, hunks: &[Hunk]) -> String {
        let lines: Vec<&str> = old.split_inclusive('\n').collect();
        let mut out = String::new();
        let mut at = 0;
        for hunk in hunks {
            let start = (hunk.old_start - u32::from(hunk.old_lines > 0)) as usize;
            out.extend(lines[at..start].iter().copied());
            out.extend(
                hunk.lines
                    .iter()
                    .filter(|line| line.kind != LineKind::Removed)
                    .map(|line| line.text.as_str()),
            );
            at = start + hunk.old_lines as usize;
        }
        out.extend(lines[at..].iter().copied());
        out
    }

    #[test]
    fn hunks_lead_from_one_text_to_the_other() {
        let old: String = (0..40).map(|line| format!("line {line}\n")).collect();
        let new = old.replace("line 3\n", "").replace("line 20\n", "line 20!\nmore\n") + "end";
        let hunks = text_diff(&old, &new);
        assert_eq!(hunks.len(), 3);
        assert_eq!((hunks[0].old_start, hunks[0].old_lines, hunks[0].new_lines), (1, 7, 6));
        for (old, new) in [(old.as_str(), new.as_str()), ("", "a"), ("a", ""), ("a\n", "a"), ("", "")] {
            assert_eq!(patched(old, &text_diff(old, new)), new);
        }
        assert_eq!(text_diff(&old, &old), []);
    }

    #[test]
    fn long_texts_that_share_little_are_compared_in_pieces() {
        let lines = |step: usize, kinds: usize| -> String {
            (0..30_000).map(|line| format!("{}\n", line * step % 7_919 % kinds)).collect()
        };
        for kinds in [2, 50, 5_000] {
            let (old, new) = (lines(31, kinds), lines(37, kinds) + "unique\n");
            assert_eq!(patched(&old, &text_diff(&old, &new)), new);
        }
        let old: String = (0..30_000).map(|line| format!("line {line}\n")).collect();
        let new = format!("first\n{}last\n", old.replace("line 700\n", "").replace("line 20000\n", "x\ny\n"));
        let hunks = text_diff(&old, &new);
        assert_eq!(hunks.len(), 4);
        assert_eq!(patched(&old, &hunks), new);
    }
}
