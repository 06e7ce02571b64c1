//! What a model is shown of a task's files: all of each while there is room; then the
//! largest are cut to the parts that speak for the task; then only paths are left.
//! What was cut is listed.

use crate::{
    run::estimated_tokens,
    store::{
        plan::{FileShare, Share},
        task_version::Choice,
    },
    task::File,
    workspace::Sight,
};
use std::{cmp::Reverse, collections::BTreeMap};

/// Tokens of the tags around a file.
const TAGS: u64 = 64;
/// Lines that are shown around one that matters.
const AROUND: u32 = 20;
/// Lines at the beginning of a file, where it says what it uses.
const OPENING: u32 = 15;
/// Why a file is kept back altogether.
const SECRET: &str = "it looks like it holds secrets";
/// Lines of a file of which no line is known to matter.
const UNKNOWN: u32 = 80;

/// A file of a task as a model is shown it.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    pub share: FileShare,
    /// What is shown; `None`: its path only.
    pub text: Option<String>,
}

/// A file that has a text.
struct Candidate {
    path: String,
    text: String,
    pinned: bool,
    /// Higher is more relevant.
    score: f64,
    lines: Vec<(u32, u32)>,
    cut: Option<(String, Vec<(u32, u32)>)>,
    dropped: bool,
}

/// Chooses what is shown of the files, in their order, within so many tokens.
pub(super) fn choose(files: &[File], sights: &BTreeMap<String, Sight>, room: u64) -> Vec<Shown> {
    let mut candidates = Vec::new();
    let mut absent: BTreeMap<&str, &'static str> = BTreeMap::new();
    for file in files {
        let path = file.row.path.as_str();
        match sights.get(path) {
            Some(Sight::File { text: Some(text), .. }) if !file.row.looks_secret => {
                candidates.push(Candidate {
                    path: path.to_owned(),
                    text: text.clone(),
                    pinned: file.choice == Some(Choice::Pinned),
                    score: file.row.score.unwrap_or(1.0),
                    lines: file.row.reasons.0.iter().filter_map(|reason| reason.lines).collect(),
                    cut: None,
                    dropped: false,
                })
            }
            Some(Sight::File { text: Some(_), .. } | Sight::Secret) => {
                absent.insert(path, SECRET);
            }
            Some(Sight::File { text: None, .. }) => {
                absent.insert(path, "it is not text, or too large");
            }
            Some(Sight::Outside) => {
                absent.insert(path, "it leads out of the workspace");
            }
            Some(Sight::Folder | Sight::Missing) | None => {
                absent.insert(path, "it is not there any more");
            }
        }
    }
    fit(&mut candidates, room);
    let mut chosen: BTreeMap<String, Candidate> =
        candidates.into_iter().map(|candidate| (candidate.path.clone(), candidate)).collect();
    let shown = files.iter().map(|file| match chosen.remove(&file.row.path) {
        Some(candidate) => candidate.shown(),
        None => {
            let why = absent.get(file.row.path.as_str()).copied().unwrap_or_default();
            let whole = u64::try_from(file.row.tokens).unwrap_or_default();
            match why {
                SECRET => hidden(&file.row.path, whole),
                why => path_only(&file.row.path, whole, why),
            }
        }
    });
    shown.collect()
}

fn fit(candidates: &mut [Candidate], room: u64) {
    let sum = |candidates: &[Candidate]| candidates.iter().map(Candidate::tokens).sum::<u64>();
    // The largest first; those that a person pinned after all others.
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_by_key(|at| {
        let candidate = &candidates[*at];
        (candidate.pinned, Reverse(candidate.text.len()))
    });
    for at in order {
        if sum(candidates) <= room {
            return;
        }
        candidates[at].cut();
    }
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_by(|one, other| {
        let (one, other) = (&candidates[*one], &candidates[*other]);
        one.pinned.cmp(&other.pinned).then(one.score.total_cmp(&other.score))
    });
    for at in order {
        if sum(candidates) <= room {
            return;
        }
        candidates[at].dropped = true;
    }
}

impl Candidate {
    fn tokens(&self) -> u64 {
        let shown = match (&self.cut, self.dropped) {
            (_, true) => 0,
            (Some((text, _)), false) => text.len(),
            (None, false) => self.text.len(),
        };
        TAGS + estimated_tokens((shown + self.path.len()) as u64)
    }

    /// Keeps the lines that matter and what stands around them.
    fn cut(&mut self) {
        let lines: Vec<&str> = self.text.split_inclusive('\n').collect();
        let last = u32::try_from(lines.len()).unwrap_or(u32::MAX);
        let mut wanted: Vec<(u32, u32)> = match self.lines.as_slice() {
            [] => vec![(1, UNKNOWN)],
            known => known
                .iter()
                .map(|(first, end)| (first.saturating_sub(AROUND).max(1), end.saturating_add(AROUND)))
                .chain([(1, OPENING)])
                .collect(),
        };
        wanted.sort_unstable();
        let mut kept: Vec<(u32, u32)> = Vec::new();
        for (first, end) in wanted {
            let end = end.min(last);
            match kept.last_mut() {
                Some(before) if first <= before.1.saturating_add(1) => before.1 = before.1.max(end),
                _ if first <= end => kept.push((first, end)),
                _ => {}
            }
        }
        if kept == [(1, last)] {
            return;
        }
        let part = |(first, end): &(u32, u32)| {
            let range = *first as usize - 1..(*end as usize).min(lines.len());
            lines.get(range).map(<[&str]>::concat).unwrap_or_default()
        };
        let text = kept.iter().map(part).collect::<Vec<_>>().join("\n…\n");
        if text.len() < self.text.len() {
            self.cut = Some((text, kept));
        }
    }

    fn shown(self) -> Shown {
        let tokens = self.tokens();
        let whole_tokens = estimated_tokens(self.text.len() as u64);
        if self.dropped {
            return path_only(&self.path, whole_tokens, "there was no room for it");
        }
        let share = |share, why: &str, lines| FileShare {
            path: self.path.clone(),
            share,
            tokens,
            whole_tokens,
            why: why.to_owned(),
            lines,
        };
        match self.cut {
            Some((text, lines)) => {
                let share = share(Share::Parts, "there was no room for all of it", lines);
                Shown { share, text: Some(text) }
            }
            None => Shown { share: share(Share::Whole, "", Vec::new()), text: Some(self.text) },
        }
    }
}

/// A file of which not even the path is told.
fn hidden(path: &str, whole_tokens: u64) -> Shown {
    let path = path.to_owned();
    let why = SECRET.to_owned();
    let share = FileShare { path, share: Share::Nothing, tokens: 0, whole_tokens, why, lines: Vec::new() };
    Shown { share, text: None }
}

fn path_only(path: &str, whole_tokens: u64, why: &str) -> Shown {
    let share = FileShare {
        path: path.to_owned(),
        share: Share::Path,
        tokens: TAGS + estimated_tokens(path.len() as u64),
        whole_tokens,
        why: why.to_owned(),
        lines: Vec::new(),
    };
    Shown { share, text: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        id::TaskId,
        store::task_file::{Reason, ReasonKind, Source},
        task::file_row,
        workspace::FileEntry,
    };

    fn file(path: &str, lines: Option<(u32, u32)>, choice: Option<Choice>) -> File {
        let mut row = file_row(TaskId::new(), FileEntry::gone(path), None);
        row.source = Some(Source::Relevant);
        row.score = Some(0.5);
        let mut reason = Reason::new(ReasonKind::Lines, String::new());
        reason.lines = lines;
        row.reasons.0.push(reason);
        File { row, choice }
    }

    fn sights(files: &[(&str, usize)]) -> BTreeMap<String, Sight> {
        let sight = |lines: usize| {
            let text: String = (1..=lines).map(|line| format!("line {line}\n")).collect();
            Sight::File { size_bytes: text.len() as u64, text: Some(text) }
        };
        files.iter().map(|(path, lines)| ((*path).to_owned(), sight(*lines))).collect()
    }

    #[test]
    fn the_largest_is_cut_first_and_what_is_pinned_last() {
        let files = [
            file("small.rs", Some((3, 4)), None),
            file("large.rs", Some((500, 501)), None),
            file("pinned.rs", Some((1, 1)), Some(Choice::Pinned)),
        ];
        let sights = sights(&[("small.rs", 50), ("large.rs", 1_000), ("pinned.rs", 2_000)]);
        let shares = |room| -> Vec<Share> {
            choose(&files, &sights, room).into_iter().map(|shown| shown.share.share).collect()
        };
        assert_eq!(shares(1_000_000), [Share::Whole, Share::Whole, Share::Whole]);
        assert_eq!(shares(8_000), [Share::Whole, Share::Parts, Share::Whole]);
        let shown = choose(&files, &sights, 8_000);
        assert_eq!(shown[1].share.lines, [(1, 15), (480, 521)]);
        let text = shown[1].text.as_deref().unwrap_or_default();
        assert!(text.contains("line 500\n") && text.contains("\n…\n") && !text.contains("line 300\n"));
        assert_eq!(shares(100), [Share::Path, Share::Path, Share::Path]);
    }

    #[test]
    fn of_what_is_secret_nothing_is_told_and_of_what_is_gone_the_path() {
        let files = [file(".env", None, None), file("gone.rs", None, None)];
        let sights = BTreeMap::from([(".env".to_owned(), Sight::Secret)]);
        let shown = choose(&files, &sights, 1_000);
        let shares: Vec<_> = shown.iter().map(|shown| (shown.share.share, shown.text.is_none())).collect();
        assert_eq!(shares, [(Share::Nothing, true), (Share::Path, true)]);
        assert_eq!(shown[0].share.why, SECRET);
    }
}
