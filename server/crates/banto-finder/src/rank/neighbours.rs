//! Files that the first ones import, are imported by, or were changed with. They
//! are put among places 11 to 30 and never before: a neighbour of a good file is
//! often worth a look, and seldom worth the place of a file that answers by itself.

use super::Ranked;
use crate::snapshot::{File, Snapshot};
use std::collections::{BTreeMap, BTreeSet};

/// The places that no neighbour takes.
const HEAD: usize = 10;
/// Neighbours stand before this place.
const END: usize = 30;
/// Every so many places from the eleventh on, one is a neighbour's.
const EVERY: usize = 6;
/// A commit of more files couples none of them.
const WIDEST: usize = 12;

/// Why a file stands beside another.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Edge {
    /// The place of the other file in the snapshot.
    pub from: usize,
    pub relation: Relation,
}

/// What two files have to do with each other.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Relation {
    /// The file of the first places imports this one.
    ImportedBy,
    /// This file imports the one of the first places.
    Imports,
    /// Past commits changed both.
    ChangedWith { commits: u32 },
}

pub(super) fn append(snapshot: &Snapshot, ranked: &mut Vec<Ranked>) {
    if ranked.len() <= HEAD + 1 {
        return;
    }
    let head: Vec<_> = ranked.iter().take(HEAD).map(|it| it.file).collect();
    let near = nearest(snapshot, &head);
    let mut rest: Vec<_> = ranked.split_off(HEAD).into_iter().map(Some).collect();
    let places: BTreeMap<_, _> =
        rest.iter().enumerate().filter_map(|(at, it)| Some((it.as_ref()?.file, at))).collect();
    let mut near = near.into_iter();
    let mut next = 0;
    while ranked.len() < END.min(HEAD + rest.len()) {
        let turn = (ranked.len() - HEAD) % EVERY == EVERY - 1;
        let neighbour = if turn {
            near.by_ref().find_map(|(file, edge)| {
                // One that stands so high already has its place by itself.
                let taken = rest.get_mut(*places.get(&file)?)?.take()?;
                Some(Ranked { edge: Some(edge), ..taken })
            })
        } else {
            None
        };
        let mut own = || {
            while next < rest.len() {
                next += 1;
                if let Some(found) = rest.get_mut(next - 1).and_then(Option::take) {
                    return Some(found);
                }
            }
            None
        };
        let Some(mut it) = neighbour.or_else(&mut own) else { break };
        // A list never rises.
        let above = ranked.last().map_or(f64::MAX, |it| it.score);
        it.score = if it.edge.is_some() { above } else { it.score.min(above) };
        ranked.push(it);
    }
    ranked.extend(rest.into_iter().flatten());
}

/// The neighbours of the first files, the strongest first.
fn nearest(snapshot: &Snapshot, head: &[usize]) -> Vec<(usize, Edge)> {
    let mut best: BTreeMap<usize, (f64, Edge)> = BTreeMap::new();
    let mut offer = |file: usize, strength: f64, edge: Edge| {
        let stronger = best.get(&file).is_none_or(|it| strength > it.0);
        if stronger && !head.contains(&file) {
            best.insert(file, (strength, edge));
        }
    };
    for (place, from) in (0u32..).zip(head.iter().copied()) {
        let closeness = 1.0 - 0.05 * f64::from(place);
        for (file, share, commits) in changed_with(snapshot, from) {
            offer(file, closeness * share, Edge { from, relation: Relation::ChangedWith { commits } });
        }
    }
    for (from, to) in imports(snapshot, head) {
        let closeness =
            |file| head.iter().position(|it| *it == file).map(|it| 0.3 * (1.0 - 0.05 * it as f64));
        match (closeness(from), closeness(to)) {
            (Some(strength), None) => offer(to, strength, Edge { from, relation: Relation::ImportedBy }),
            (None, Some(strength)) => {
                offer(from, strength * 0.8, Edge { from: to, relation: Relation::Imports });
            }
            _ => {}
        }
    }
    let mut near: Vec<_> = best.into_iter().collect();
    near.sort_by(|one, other| other.1.0.total_cmp(&one.1.0).then(one.0.cmp(&other.0)));
    near.into_iter().map(|(file, (_, edge))| (file, edge)).collect()
}

/// The files that at least two commits changed together with a file: which part of
/// its commits, and how many.
pub(crate) fn changed_with(snapshot: &Snapshot, from: usize) -> Vec<(usize, f64, u32)> {
    let Some(file) = snapshot.files.get(from) else { return Vec::new() };
    let mut counts: BTreeMap<u32, u32> = BTreeMap::new();
    let commits = file.commits.iter().filter_map(|it| snapshot.commits.get(*it as usize));
    for commit in commits.filter(|it| it.files.len() <= WIDEST) {
        for other in commit.files.iter().filter(|it| **it as usize != from) {
            *counts.entry(*other).or_default() += 1;
        }
    }
    // Of two or three commits a half says little.
    let all = file.commits.len() as f64 + 3.0;
    let often = counts.into_iter().filter(|it| it.1 > 1);
    often.map(|(other, count)| (other as usize, f64::from(count) / all, count)).collect()
}

/// Files whose folder is what is imported.
const FOLDERS_OWN: &[&str] = &["mod", "index", "__init__", "lib", "main"];

/// What other files call a file: its name without endings, or that of its folder.
pub(crate) fn stem(file: &File) -> &str {
    let stem = file.name().split('.').next().unwrap_or_default();
    if FOLDERS_OWN.contains(&stem) { file.folder().rsplit('/').next().unwrap_or_default() } else { stem }
}

/// Pairs of a file and one that it imports, where one of them is in the head.
pub(crate) fn imports(snapshot: &Snapshot, head: &[usize]) -> BTreeSet<(usize, usize)> {
    let mut named: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, file) in snapshot.files.iter().enumerate().filter(|it| it.1.features.readable) {
        named.entry(stem(file)).or_default().push(place);
    }
    let wanted: BTreeSet<_> = head.iter().filter_map(|it| Some(stem(snapshot.files.get(*it)?))).collect();
    let mut found = BTreeSet::new();
    for (from, file) in snapshot.files.iter().enumerate() {
        let in_head = head.contains(&from);
        for import in &file.features.imports {
            let parts: Vec<_> = parts(import).collect();
            if in_head || parts.iter().any(|it| wanted.contains(it)) {
                let to =
                    parts.iter().rev().find_map(|part| resolve(snapshot, file, &parts, named.get(part)?));
                found.extend(to.filter(|to| *to != from).map(|to| (from, to)));
            }
        }
    }
    found
}

fn parts(import: &str) -> impl Iterator<Item = &str> {
    let parts = import.split(|it: char| !it.is_alphanumeric() && it != '_' && it != '-');
    parts.filter(|it| it.len() > 1 && !["crate", "super", "self", "use", "import", "from", "as"].contains(it))
}

/// The file that an import most likely means: of the same language, with most of
/// the parts in its path, and nearest to the file that imports it.
fn resolve(snapshot: &Snapshot, from: &File, parts: &[&str], candidates: &[usize]) -> Option<usize> {
    let ending = |path: &str| path.rsplit_once('.').map_or(String::new(), |it| it.1.replace('x', ""));
    let near = |path: &str| path.split('/').zip(from.path().split('/')).take_while(|(a, b)| a == b).count();
    let scored = candidates.iter().filter_map(|place| {
        let path = snapshot.files.get(*place)?.path();
        let met = path.split(['/', '.']).filter(|it| parts.contains(it)).count();
        (ending(path) == ending(from.path())).then_some((met, near(path), *place))
    });
    scored.max_by_key(|(met, near, place)| (*met, *near, std::cmp::Reverse(*place))).map(|it| it.2)
}
