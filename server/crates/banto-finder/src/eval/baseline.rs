//! Plain BM25 over paths and contents: what the finder is measured against.

use crate::{
    text::hash,
    tree::{Content, Entry, Repository, Tree},
};
use gix::ObjectId;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    rc::Rc,
};

const K1: f64 = 1.2;
const B: f64 = 0.75;

/// Words of contents that were read before.
#[derive(Default)]
pub(crate) struct Baseline {
    known: HashMap<ObjectId, Rc<BTreeMap<u64, u32>>>,
}

impl Baseline {
    /// The places of a tree's files, the best first; equal scores by path.
    pub fn rank(&mut self, tree: &Tree, repository: Option<&Repository>, task: &str) -> Vec<usize> {
        let texts: Vec<_> = tree.entries().iter().map(|it| self.text(it, repository)).collect();
        let paths: Vec<_> = tree.entries().iter().map(|it| counts(&it.path)).collect();
        let lengths: Vec<f64> = texts.iter().zip(&paths).map(|it| length(it.0) + length(it.1)).collect();
        let number = texts.len() as f64;
        let average = (lengths.iter().sum::<f64>() / number.max(1.0)).max(1.0);
        let mut scores = vec![0.0; texts.len()];
        let wanted: BTreeSet<_> = words(task).collect();
        for word in wanted {
            let count = |at: usize| {
                let of =
                    |it: Option<&BTreeMap<u64, u32>>| it.and_then(|it| it.get(&word)).copied().unwrap_or(0);
                f64::from(of(texts.get(at).map(Rc::as_ref)) + of(paths.get(at)))
            };
            let with = (0..texts.len()).filter(|at| count(*at) > 0.0).count() as f64;
            let rarity = (1.0 + (number - with + 0.5) / (with + 0.5)).ln();
            for ((at, score), length) in scores.iter_mut().enumerate().zip(&lengths) {
                let count = count(at);
                *score += rarity * count * (K1 + 1.0) / (count + K1 * (1.0 - B + B * length / average));
            }
        }
        let mut ranked: Vec<_> = (0..texts.len()).collect();
        let score = |at: &usize| scores.get(*at).copied().unwrap_or_default();
        ranked.sort_by(|one, other| score(other).total_cmp(&score(one)).then(one.cmp(other)));
        ranked
    }

    fn text(&mut self, entry: &Entry, repository: Option<&Repository>) -> Rc<BTreeMap<u64, u32>> {
        let read = || match entry.read(repository) {
            Content::Text(text) => Rc::new(counts(&text)),
            _ => Rc::default(),
        };
        Rc::clone(self.known.entry(entry.id).or_insert_with(read))
    }
}

fn words(text: &str) -> impl Iterator<Item = u64> {
    let words = text.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty());
    words.map(|it| hash(&it.to_lowercase()))
}

fn counts(text: &str) -> BTreeMap<u64, u32> {
    let mut counts = BTreeMap::new();
    for word in words(text) {
        *counts.entry(word).or_default() += 1;
    }
    counts
}

fn length(counts: &BTreeMap<u64, u32>) -> f64 {
    counts.values().map(|it| f64::from(*it)).sum()
}
