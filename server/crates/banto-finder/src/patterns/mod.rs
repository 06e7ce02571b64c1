//! Patterns that find the files of a task, made from its terms: the fewest that
//! together hold the files that rank first and not much besides.

mod write;

use crate::{kind::Kind, search::Search, text::Term};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Of a task's terms those that say most are tried, and pairs of the first.
const MOST_TERMS: usize = 40;
const PAIRED: usize = 10;
/// What a group may match besides, as a part of the tree; in a small tree so many
/// files anyway.
const WIDEST: f64 = 0.15;
const NARROW: usize = 20;
/// A word that this part of the tree has is found everywhere, also beside others.
const USUAL: f64 = 0.4;
/// How many more files a group may match for nothing.
const FREE: f64 = 5.0;
/// The last group names so many files at most.
const MOST_NAMED: usize = 40;

/// A task that names a longer path means something else.
const LONGEST_PATH: usize = 500;

/// Patterns that a file must match, all that are not empty: see
/// [`Filter`](crate::Filter).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatternGroup {
    /// What it is after, for people.
    pub title: String,
    /// For the path from the root of the tree. Empty: any.
    pub path: String,
    /// For the content. Empty: any.
    pub content: String,
    /// For paths that must not match. Empty: none.
    pub negative_path: String,
}

/// A group that can be taken, with the files that it matches as far as terms tell.
struct Candidate {
    group: PatternGroup,
    files: BTreeSet<usize>,
    /// Whether the task names this outright.
    named: bool,
}

pub(crate) fn patterns(search: &Search, limit: usize) -> Vec<PatternGroup> {
    let needed = search.needed();
    let mut open: BTreeSet<usize> = needed.iter().copied().collect();
    let mut candidates = candidates(search);
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    let mut groups = Vec::new();
    // One is kept for what no term finds.
    while groups.len() + 1 < limit && !open.is_empty() {
        let gain = |it: &Candidate| {
            let new: f64 = it.files.intersection(&open).map(|it| search.relevance(*it)).sum();
            let more = it.files.difference(&taken).count() as f64;
            let named = if it.named { 4.0 } else { 1.0 };
            named * new / (FREE + more)
        };
        let best = candidates.iter().enumerate().map(|(at, it)| (gain(it), at));
        // Of equals the first, which the task insists on most.
        let best = best
            .filter(|it| it.0 > 0.0)
            .max_by(|one, other| one.0.total_cmp(&other.0).then(other.1.cmp(&one.1)));
        let Some((_, at)) = best else { break };
        let candidate = candidates.remove(at);
        open.retain(|it| !candidate.files.contains(it));
        taken.extend(&candidate.files);
        groups.push(candidate.group);
    }
    let rest: Vec<_> = needed.iter().filter(|it| open.contains(it)).take(MOST_NAMED).collect();
    if groups.len() < limit && !rest.is_empty() {
        let paths = rest.iter().filter_map(|it| Some(search.snapshot.files.get(**it)?.path()));
        groups.push(write::files(paths));
    }
    let written = |it: &&usize| search.snapshot.files.get(**it).is_some_and(|it| it.kind == Kind::Generated);
    if !needed.iter().any(|it| written(&it)) && !search.task.asks.contains(&Kind::Generated) {
        for group in &mut groups {
            write::GENERATED.clone_into(&mut group.negative_path);
        }
    }
    groups
}

fn candidates(search: &Search) -> Vec<Candidate> {
    let files = &search.snapshot.files;
    let with = |has: &dyn Fn(&crate::snapshot::File) -> bool| -> BTreeSet<usize> {
        files.iter().enumerate().filter(|it| has(it.1)).map(|it| it.0).collect()
    };
    let mut found = Vec::new();
    for path in search.task.paths.iter().filter(|it| it.len() <= LONGEST_PATH) {
        let files = with(&|it| it.path().to_lowercase().contains(path));
        found.push(Candidate { group: write::path(path), files, named: true });
    }
    let mut terms: Vec<_> = search.task.wanted.iter().zip(&search.weights).collect();
    terms.sort_by(|one, other| other.1.total_cmp(one.1));
    terms.truncate(MOST_TERMS);
    let in_path = |term: Term| with(&|it| it.name_terms.contains(&term) || it.folder_terms.contains(&term));
    let usual = NARROW.max((files.len() as f64 * USUAL) as usize);
    let in_content = |term: Term| {
        let found = with(&|it| !it.features.blocks_with(term).is_empty());
        if found.len() > usual { BTreeSet::new() } else { found }
    };
    let sets: Vec<_> =
        terms.iter().map(|(wanted, _)| (*wanted, in_path(wanted.term), in_content(wanted.term))).collect();
    for (wanted, paths, contents) in &sets {
        let named = wanted.joined;
        found.push(Candidate { group: write::in_path(wanted), files: paths.clone(), named });
        // Few letters say little by themselves.
        if write::is_short(wanted) {
            continue;
        }
        found.push(Candidate { group: write::in_content(wanted), files: contents.clone(), named });
    }
    for (at, (one, paths, contents)) in sets.iter().take(PAIRED).enumerate() {
        for (place, (other, others_paths, others)) in sets.iter().take(PAIRED).enumerate() {
            if place != at {
                let files = paths.intersection(others).copied().collect();
                found.push(Candidate { group: write::path_and_content(one, other), files, named: false });
            }
            if place > at {
                let both = contents.intersection(others).copied().collect();
                found.push(Candidate { group: write::both(one, other), files: both, named: false });
                let both = paths.intersection(others_paths).copied().collect();
                found.push(Candidate { group: write::both_in_path(one, other), files: both, named: false });
            }
        }
    }
    let widest = NARROW.max((files.len() as f64 * WIDEST) as usize);
    found.retain(|it| !it.files.is_empty() && it.files.len() <= widest);
    found
}
