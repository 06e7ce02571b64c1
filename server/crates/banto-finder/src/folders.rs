//! The folders that hold the files that matter.

use crate::search::{NOISE, Scored, round};
use serde::Serialize;
use std::collections::BTreeMap;

/// So many first files must lie in the folders.
const FIRST: usize = 30;
/// And so much of the evidence.
const MOST: f64 = 0.9;
/// A tree of so few files is looked at as a whole.
const SMALL: usize = 60;
/// A folder of so few files is not taken apart.
const SMALL_FOLDER: usize = 12;
/// A folder is taken apart where that leaves out this part of its files at least.
const WORTH: f64 = 0.3;

/// A folder to look at.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Folder {
    /// From the root of the tree; `.` is the whole of it.
    pub path: String,
    /// Which part of the evidence lies below it, 0 to 1: the sum of the relevance of
    /// its files against that of all, without noise.
    pub share: f64,
    /// How many files lie below it.
    pub files: usize,
}

/// What lies below a folder.
#[derive(Default)]
struct Below {
    files: usize,
    evidence: f64,
    needed: usize,
    /// Needed files that lie in the folder itself.
    own: usize,
}

/// How many of the first files cannot be done without.
pub(crate) fn needed(scored: &[Scored]) -> usize {
    let total: f64 = scored.iter().map(evidence).sum();
    let first = scored.iter().take(FIRST).take_while(|it| it.relevance >= NOISE).count();
    let mut sum = 0.0;
    let most = scored.iter().take_while(|it| {
        let before = sum;
        sum += evidence(it);
        total > 0.0 && before < MOST * total
    });
    first.max(most.count())
}

fn evidence(scored: &Scored) -> f64 {
    if scored.relevance >= NOISE { scored.relevance } else { 0.0 }
}

/// The folders above a path, the root first, without a slash at their end.
fn above(path: &str) -> impl Iterator<Item = &str> {
    let slashes = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
    std::iter::once("").chain(slashes)
}

pub(crate) fn folders(scored: &[Scored], limit: usize) -> Vec<Folder> {
    let needed = needed(scored);
    let mut below: BTreeMap<&str, Below> = BTreeMap::new();
    for (place, it) in scored.iter().enumerate() {
        let is_needed = usize::from(place < needed);
        let mut last = None;
        for folder in above(&it.path) {
            let folder = below.entry(folder).or_default();
            folder.files += 1;
            folder.evidence += evidence(it);
            folder.needed += is_needed;
            last = Some(folder);
        }
        if let Some(folder) = last {
            folder.own += is_needed;
        }
    }
    let mut chosen = vec![""];
    if needed > 0 && scored.len() > SMALL {
        while let Some((at, children)) = step(&below, &chosen, limit) {
            chosen.splice(at..=at, children);
        }
    }
    let total = below.get("").map_or(0.0, |it| it.evidence).max(f64::MIN_POSITIVE);
    let folder = |path: &str| {
        let found = below.get(path)?;
        let path = if path.is_empty() { "." } else { path };
        Some(Folder { path: path.to_owned(), share: round(found.evidence / total), files: found.files })
    };
    let mut folders: Vec<_> = chosen.into_iter().filter_map(folder).collect();
    folders.sort_by(|one, other| other.share.total_cmp(&one.share).then(one.path.cmp(&other.path)));
    folders
}

/// The next folder to replace by those in it: the one that leaves out most files.
fn step<'a>(
    below: &BTreeMap<&'a str, Below>,
    chosen: &[&'a str],
    limit: usize,
) -> Option<(usize, Vec<&'a str>)> {
    let steps = chosen.iter().enumerate().filter_map(|(at, folder)| {
        let own = below.get(folder)?;
        // Nobody else would hold its own files.
        if own.own > 0 || own.files <= SMALL_FOLDER {
            return None;
        }
        let children: Vec<_> = children(below, folder).collect();
        let kept: usize = children.iter().filter_map(|it| below.get(it)).map(|it| it.files).sum();
        let spared = own.files - kept;
        let worth = children.len() == 1 || spared as f64 >= WORTH * own.files as f64;
        (worth && chosen.len() - 1 + children.len() <= limit).then_some((spared, at, children))
    });
    steps.max_by_key(|it| (it.0, std::cmp::Reverse(it.1))).map(|it| (it.1, it.2))
}

/// The folders right inside a folder that hold a needed file.
fn children<'a>(below: &BTreeMap<&'a str, Below>, folder: &str) -> impl Iterator<Item = &'a str> {
    let start = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let inside = below.iter().filter(move |(path, it)| {
        let rest = path.strip_prefix(start.as_str()).filter(|it| !it.is_empty() && !it.contains('/'));
        rest.is_some() && it.needed > 0
    });
    inside.map(|it| *it.0)
}
