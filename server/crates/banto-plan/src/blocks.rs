//! Where two lists of lines or words differ, within a bounded time.
//!
//! imara-diff takes time by the square where much differs and little is unique: a
//! minute for a megabyte of lines of two sorts. So long lists are parted first at what
//! is unique in both, and what is still long is compared piece by piece.

use crate::rising::longest_rising;
use imara_diff::{Algorithm, Diff, Hunk, InternedInput, Token};
use std::{hash::Hash, ops::Range};

/// Lists that are compared as one, in tokens of both together: some milliseconds at
/// worst.
const WHOLE: usize = 8_000;
/// The pieces of what is longer and cannot be parted, in tokens of one side.
const PIECE: usize = 500;

/// What differs, in order, as ranges of tokens. What touches is one.
pub(crate) fn blocks<T: AsRef<[u8]> + Eq + Hash>(input: &InternedInput<T>) -> Vec<Hunk> {
    let (old, new) = (input.before.as_slice(), input.after.as_slice());
    let lead = old.iter().zip(new).take_while(|(one, two)| one == two).count();
    let rest = old[lead..].iter().rev().zip(new[lead..].iter().rev());
    let trail = rest.take_while(|(one, two)| one == two).count();
    let differs = (lead..old.len() - trail, lead..new.len() - trail);
    if differs.0.len() + differs.1.len() <= WHOLE {
        let mut diff = Diff::compute(Algorithm::Histogram, input);
        diff.postprocess_lines(input);
        return diff.hunks().collect();
    }
    let mut found = Found { old, new, blocks: Vec::new() };
    let (mut old_at, mut new_at) = (differs.0.start, differs.1.start);
    for (old_place, new_place) in fixed(old, new, &differs) {
        found.part(old_at..old_place, new_at..new_place);
        (old_at, new_at) = (old_place + 1, new_place + 1);
    }
    found.part(old_at..differs.0.end, new_at..differs.1.end);
    found.blocks
}

/// What stands once in each list, as far as it keeps its order.
fn fixed(old: &[Token], new: &[Token], differs: &(Range<usize>, Range<usize>)) -> Vec<(usize, usize)> {
    let highest = old.iter().chain(new).map(|token| token.0 as usize).max().unwrap_or(0);
    // The place of each token, or that there are several.
    let places = |list: &[Token], range: &Range<usize>| {
        let mut places: Vec<Option<usize>> = vec![None; highest + 1];
        let mut several = vec![false; highest + 1];
        for place in range.clone() {
            let token = list[place].0 as usize;
            several[token] |= places[token].replace(place).is_some();
        }
        places.iter().zip(several).map(|(place, several)| place.filter(|_| !several)).collect::<Vec<_>>()
    };
    let (old_places, new_places) = (places(old, &differs.0), places(new, &differs.1));
    let pairs: Vec<(usize, usize)> = differs
        .0
        .clone()
        .filter_map(|place| {
            let token = old[place].0 as usize;
            Some((old_places[token]?, new_places[token]?))
        })
        .collect();
    let rising = longest_rising(&pairs.iter().map(|(_, place)| *place).collect::<Vec<_>>());
    rising.into_iter().map(|at| pairs[at]).collect()
}

struct Found<'a> {
    old: &'a [Token],
    new: &'a [Token],
    blocks: Vec<Hunk>,
}

impl Found<'_> {
    fn part(&mut self, old: Range<usize>, new: Range<usize>) {
        let pieces =
            if old.len() + new.len() <= WHOLE { 1 } else { old.len().max(new.len()).div_ceil(PIECE) };
        let cut = |range: &Range<usize>, piece: usize| range.start + range.len() * piece / pieces;
        for piece in 0..pieces {
            self.piece(cut(&old, piece)..cut(&old, piece + 1), cut(&new, piece)..cut(&new, piece + 1));
        }
    }

    fn piece(&mut self, old: Range<usize>, new: Range<usize>) {
        if old.is_empty() || new.is_empty() {
            return self.push(old, new);
        }
        let mut diff = Diff::default();
        // Not the histogram: its table is as large as the number of all tokens.
        diff.compute_with(Algorithm::Myers, &self.old[old.clone()], &self.new[new.clone()], 0);
        for block in diff.hunks() {
            self.push(
                old.start + block.before.start as usize..old.start + block.before.end as usize,
                new.start + block.after.start as usize..new.start + block.after.end as usize,
            );
        }
    }

    fn push(&mut self, old: Range<usize>, new: Range<usize>) {
        if old.is_empty() && new.is_empty() {
            return;
        }
        let short = |range: Range<usize>| {
            u32::try_from(range.start).unwrap_or(u32::MAX)..u32::try_from(range.end).unwrap_or(u32::MAX)
        };
        let (before, after) = (short(old), short(new));
        match self.blocks.last_mut() {
            Some(last) if last.before.end == before.start && last.after.end == after.start => {
                (last.before.end, last.after.end) = (before.end, after.end);
            }
            _ => self.blocks.push(Hunk { before, after }),
        }
    }
}
