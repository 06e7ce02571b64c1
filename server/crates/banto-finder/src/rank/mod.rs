//! Orders the files of a snapshot for a task.

mod fields;
mod neighbours;
mod signals;
mod weights;

pub(crate) use fields::{best_chunk, term_weights};
pub(crate) use neighbours::{Edge, Relation, changed_with, imports, stem};
pub use signals::{NAMES, SIGNALS};
pub(crate) use signals::{Signals, signals};
pub(crate) use weights::WEIGHTS;

use crate::{error::Error, snapshot::Snapshot, stop::Stop, task::Task};

/// A file by its place in the snapshot.
#[derive(Clone, Debug)]
pub(crate) struct Ranked {
    pub file: usize,
    pub score: f64,
    /// Why a neighbour of the first files stands here.
    pub edge: Option<Edge>,
}

/// All files, the best first; equal scores by path.
pub(crate) fn rank(snapshot: &Snapshot, task: &Task, stop: &Stop) -> Result<Vec<Ranked>, Error> {
    let scored = signals(snapshot, task, stop)?.into_iter().enumerate();
    let mut ranked: Vec<_> =
        scored.map(|(file, signals)| Ranked { file, score: score(&signals, &WEIGHTS), edge: None }).collect();
    // Files are sorted by path, so their place decides between equals.
    ranked.sort_by(|one, other| other.score.total_cmp(&one.score).then(one.file.cmp(&other.file)));
    neighbours::append(snapshot, &mut ranked);
    Ok(ranked)
}

/// The weighted sum, always in the same order.
pub(crate) fn score(signals: &Signals, weights: &Signals) -> f64 {
    signals.iter().zip(weights).map(|(signal, weight)| signal * weight).sum()
}
