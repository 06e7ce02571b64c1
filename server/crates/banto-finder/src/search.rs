//! One search: the files of a tree in their order for a task, and what else can be
//! told of them. It ranks once; the rest is worked out when it is asked for.

use crate::{
    error::Error,
    folders::{self, Folder},
    kind::Kind,
    neighbours::{self, Neighbour},
    patterns::{self, PatternGroup},
    rank::{self, Ranked, term_weights},
    reasons::{Reason, Reasons},
    snapshot::Snapshot,
    stop::Stop,
    task::Task,
    text::Terms,
    tree::{Content, Repository},
};
use serde::Serialize;
use std::{cell::RefCell, rc::Rc};

/// How far a score may lie below the best until its relevance is a third. The
/// weights were learned as those of a choice among files, in which a difference of
/// scores is the logarithm of a ratio of chances.
const SCALE: f64 = 2.0;
/// What is less relevant is noise.
pub(crate) const NOISE: f64 = 0.03;

/// The files of a tree, ranked for a task. It belongs to the thread of its finder,
/// and keeps what it was made from, so that later searches do not disturb it.
pub struct Search {
    pub(crate) snapshot: Rc<Snapshot>,
    pub(crate) task: Task,
    /// How much each term of the task tells one file from the others.
    pub(crate) weights: Vec<f64>,
    repository: Option<Rc<Repository>>,
    ranked: Vec<Ranked>,
    scored: Vec<Scored>,
    /// For each file of the snapshot its place in the order.
    places: Vec<usize>,
    terms: RefCell<Terms>,
}

/// A file and how well it answers the task.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scored {
    /// From the root of the tree.
    pub path: String,
    /// Higher is better; comparable within one search only.
    pub score: f64,
    /// 0 to 1, with the order of the scores: `exp((score - best) / 2)`, so that the
    /// best file has 1. All have 0 when no file has a term of the task. Comparable
    /// within one search only.
    pub relevance: f64,
    /// What the file is for.
    pub kind: Kind,
    /// How many bytes it has; 0 where a partial clone left it out.
    pub size: u64,
}

impl Search {
    pub(crate) fn new(
        snapshot: Rc<Snapshot>,
        task: Task,
        repository: Option<Rc<Repository>>,
        stop: &Stop,
    ) -> Result<Self, Error> {
        let ranked = rank::rank(&snapshot, &task, stop)?;
        let weights = term_weights(&snapshot, &task);
        let best = ranked.first().map_or(0.0, |it| it.score);
        let speaks = is_met(&snapshot, &task);
        let scored = ranked.iter().filter_map(|it| {
            let file = snapshot.files.get(it.file)?;
            let relevance = if speaks { ((it.score - best) / SCALE).exp().min(1.0) } else { 0.0 };
            Some(Scored {
                path: file.path().to_owned(),
                score: round(it.score),
                relevance: round(relevance),
                kind: file.kind,
                size: file.features.size,
            })
        });
        let scored = scored.collect();
        let mut places = vec![0; snapshot.files.len()];
        for (place, it) in ranked.iter().enumerate() {
            if let Some(of_file) = places.get_mut(it.file) {
                *of_file = place;
            }
        }
        let terms = RefCell::new(Terms::new());
        Ok(Self { snapshot, task, weights, repository, ranked, scored, places, terms })
    }

    /// Every file, the best first.
    #[must_use]
    pub fn ranked(&self) -> &[Scored] {
        &self.scored
    }

    /// The file with a path; none where the tree has no such path.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<&Scored> {
        self.scored.get(self.place(path)?)
    }

    /// The folders to look at, the one with most evidence first: at most `limit`,
    /// none inside another. Together they hold the first thirty files, as far as
    /// these are above the noise, and nine tenths of the evidence at least. A small
    /// tree, and one whose evidence lies everywhere, is looked at as a whole, which
    /// is the folder `.`.
    #[must_use]
    pub fn folders(&self, limit: usize) -> Vec<Folder> {
        folders::folders(&self.scored, limit)
    }

    /// Patterns whose matches, taken together, hold the first thirty files, as far
    /// as these are above the noise, and few others: at most `limit` groups.
    #[must_use]
    pub fn patterns(&self, limit: usize) -> Vec<PatternGroup> {
        patterns::patterns(self, limit)
    }

    /// Facts that speak for a file, as [`Finder::find`](crate::Finder::find) gives
    /// them. Empty where the tree has no such path. Reads the file.
    #[must_use]
    pub fn reasons(&self, path: &str) -> Vec<Reason> {
        let Some(ranked) = self.place(path).and_then(|it| self.ranked.get(it)) else { return Vec::new() };
        let reasons = Reasons::new(&self.snapshot, &self.task, &self.weights);
        reasons.of(ranked, &self.content(ranked.file), &mut self.terms.borrow_mut())
    }

    /// Files beside the given ones, the nearest first: along imports and
    /// definitions in both directions, from tests to what they test and back, and
    /// files that past commits changed together. Paths that the tree does not have
    /// are passed over. Reads files, at most some hundred.
    #[must_use]
    pub fn neighbours(&self, paths: &[impl AsRef<str>], limit: usize) -> Vec<Neighbour> {
        let given = paths.iter().filter_map(|it| self.snapshot.place(it.as_ref())).collect();
        let mut found = neighbours::neighbours(self, &given, &mut self.terms.borrow_mut());
        found.truncate(limit);
        found
    }

    fn place(&self, path: &str) -> Option<usize> {
        self.places.get(self.snapshot.place(path)?).copied()
    }

    /// The relevance of a file by its place in the snapshot.
    pub(crate) fn relevance(&self, file: usize) -> f64 {
        let scored = self.places.get(file).and_then(|it| self.scored.get(*it));
        scored.map_or(0.0, |it| it.relevance)
    }

    /// The places in the snapshot of the files that cannot be done without, the
    /// best first.
    pub(crate) fn needed(&self) -> Vec<usize> {
        let needed = folders::needed(&self.scored);
        self.ranked.iter().take(needed).map(|it| it.file).collect()
    }

    /// What a file has in it, by its place in the snapshot.
    pub(crate) fn content(&self, file: usize) -> Content {
        let file = self.snapshot.files.get(file);
        file.map_or(Content::Missing, |it| it.entry.read(self.repository.as_deref()))
    }
}

/// Whether any file or commit has a term of the task, or a name from it.
fn is_met(snapshot: &Snapshot, task: &Task) -> bool {
    let has = |terms: &[crate::text::Term]| task.wanted.iter().any(|it| terms.contains(&it.term));
    let in_body = |file: &crate::snapshot::File| {
        task.wanted.iter().any(|it| !file.features.blocks_with(it.term).is_empty())
    };
    snapshot.files.iter().any(|it| has(&it.name_terms) || has(&it.folder_terms) || in_body(it))
        || snapshot.commits.iter().any(|commit| task.wanted.iter().any(|it| commit.count(it.term) > 0))
}

/// What lies beyond is the noise of the processor.
pub(crate) fn round(it: f64) -> f64 {
    (it * 1e6).round() / 1e6
}
