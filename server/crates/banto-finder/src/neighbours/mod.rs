//! Files beside given ones, each with the edges that lead there.

mod definitions;
mod tests_of;

use crate::{
    rank::{changed_with, imports},
    reasons::Reason,
    search::{Search, round},
    text::Terms,
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// More edges of one file than these tell nothing new.
const MOST_REASONS: usize = 6;
/// How much each kind of edge says, between a file that has no other of its kind and
/// the given one. A file with many edges of a kind says less with each.
const TEST: f64 = 0.5;
const IMPORT: f64 = 0.4;
const DEFINITION: f64 = 0.4;
const CHANGED: f64 = 0.9;
/// How much of its strength a neighbour has that the task says nothing about.
const BY_EDGES: f64 = 0.4;

/// A file beside given ones.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Neighbour {
    /// From the root of the tree.
    pub path: String,
    /// 0 to 1: what its edges say together, lowered where the task says nothing
    /// about the file. Comparable within one search only.
    pub strength: f64,
    /// Its edges to the given files, the strongest first: `imports`, `imported_by`,
    /// `uses`, `defines`, `test_of`, `tested_by`, `changed_with`.
    pub reasons: Vec<Reason>,
}

/// An edge from a file to a given one.
struct Edge {
    file: usize,
    strength: f64,
    reason: Reason,
}

/// The neighbours of files, by their places in the snapshot; the nearest first.
pub(crate) fn neighbours(search: &Search, given: &BTreeSet<usize>, terms: &mut Terms) -> Vec<Neighbour> {
    let snapshot = &search.snapshot;
    let path = |file: usize| snapshot.files.get(file).map(|it| it.path().to_owned()).unwrap_or_default();
    let mut edges = Vec::new();
    for from in given {
        for (file, share, commits) in changed_with(snapshot, *from) {
            let reason = Reason::ChangedWith { path: path(*from), commits };
            edges.push(Edge { file, strength: CHANGED * share, reason });
        }
    }
    let imports = imports(snapshot, &given.iter().copied().collect::<Vec<_>>());
    let mut taken: BTreeMap<usize, u32> = BTreeMap::new();
    let mut takers: BTreeMap<usize, u32> = BTreeMap::new();
    for (from, to) in &imports {
        *taken.entry(*from).or_default() += 1;
        *takers.entry(*to).or_default() += 1;
    }
    for (from, to) in imports {
        if given.contains(&from) {
            let strength = IMPORT * among(taken.get(&from));
            edges.push(Edge { file: to, strength, reason: Reason::ImportedBy { path: path(from) } });
        }
        if given.contains(&to) {
            let strength = IMPORT * among(takers.get(&to));
            edges.push(Edge { file: from, strength, reason: Reason::Imports { path: path(to) } });
        }
    }
    for (test, subject) in tests_of::pairs(snapshot) {
        if given.contains(&subject) {
            edges.push(Edge { file: test, strength: TEST, reason: Reason::TestOf { path: path(subject) } });
        }
        if given.contains(&test) {
            edges.push(Edge { file: subject, strength: TEST, reason: Reason::TestedBy { path: path(test) } });
        }
    }
    edges.extend(definitions::edges(search, given, terms));
    let mut by_file: BTreeMap<usize, Vec<Edge>> = BTreeMap::new();
    for edge in edges.into_iter().filter(|it| !given.contains(&it.file)) {
        by_file.entry(edge.file).or_default().push(edge);
    }
    let neighbour = |(file, mut edges): (usize, Vec<Edge>)| {
        // Equals stay in the order of their kinds.
        edges.sort_by(|one, other| other.strength.total_cmp(&one.strength));
        edges.truncate(MOST_REASONS);
        let none = edges.iter().map(|it| 1.0 - it.strength).product::<f64>();
        let by_task = BY_EDGES + (1.0 - BY_EDGES) * search.relevance(file);
        let strength = round((1.0 - none) * by_task);
        Neighbour { path: path(file), strength, reasons: edges.into_iter().map(|it| it.reason).collect() }
    };
    let mut found: Vec<_> = by_file.into_iter().map(neighbour).collect();
    found.sort_by(|one, other| other.strength.total_cmp(&one.strength).then(one.path.cmp(&other.path)));
    found
}

/// How much one of several edges of the same kind says.
fn among(number: Option<&u32>) -> f64 {
    1.0 / (1.0 + f64::from(number.copied().unwrap_or(1).max(1)).ln())
}
