//! How good the finder is, measured on tasks whose files are known.

mod baseline;
mod cases;
mod measures;
mod mine;
mod summary;

pub use cases::{Case, read};
pub use measures::{Measures, interval};
pub use summary::{Comparison, Summary};

use crate::{error::Error, finder::Finder, rank, stop::Stop, task::Task};
use baseline::Baseline;
use serde::Serialize;

/// How one task was answered.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// The task and its files.
    #[serde(flatten)]
    pub case: Case,
    /// How many files the tree has.
    pub files: usize,
    /// The place of each file that matters, in the order of `gold`, from 1; null
    /// where the tree does not have it.
    pub places: Vec<Option<usize>>,
    /// The same by plain BM25.
    pub plain_places: Vec<Option<usize>>,
    /// How good the answer is.
    pub measures: Measures,
    /// How good that of plain BM25 is.
    pub plain: Measures,
}

/// What is known of each file for one case: what the weights are learned from.
#[derive(Clone, Debug)]
pub struct Observation {
    /// The signals of each file.
    pub signals: Vec<[f64; rank::SIGNALS]>,
    /// Places of the files that matter.
    pub gold: Vec<usize>,
    /// Places of all files in the order of plain BM25.
    pub plain: Vec<usize>,
    /// Places of all files in the finder's order.
    pub ranked: Vec<usize>,
    paths: Vec<String>,
}

/// A finder under measurement.
pub struct Laboratory<'a> {
    finder: &'a mut Finder,
    baseline: Baseline,
}

impl<'a> Laboratory<'a> {
    /// Measures a finder.
    pub fn new(finder: &'a mut Finder) -> Self {
        Self { finder, baseline: Baseline::default() }
    }

    /// Fair cases from the repository's own history, newest first.
    ///
    /// # Errors
    ///
    /// When there is no repository, or its history cannot be read.
    pub fn mine(&self, limit: usize) -> Result<Vec<Case>, Error> {
        match &self.finder.repository {
            Some(repository) => mine::cases(repository, limit),
            None => Err(Error::NoRepository(self.finder.root().to_path_buf())),
        }
    }

    /// Answers a case as of the commit before the one that did the task.
    ///
    /// # Errors
    ///
    /// When the repository does not have that commit.
    pub fn answer(&mut self, case: &Case) -> Result<Outcome, Error> {
        let seen = self.observe(case)?;
        let places = |order: &[usize]| -> Vec<Option<usize>> {
            let place = |path: &String| {
                let file = seen.paths.iter().position(|it| it == path)?;
                Some(order.iter().position(|it| *it == file)? + 1)
            };
            case.gold.iter().map(place).collect()
        };
        let measures = |places: &[Option<usize>]| {
            let mut found: Vec<_> = places.iter().flatten().copied().collect();
            found.sort_unstable();
            Measures::of(&found, places.len())
        };
        let (places, plain_places) = (places(&seen.ranked), places(&seen.plain));
        Ok(Outcome {
            measures: measures(&places),
            plain: measures(&plain_places),
            case: case.clone(),
            files: seen.paths.len(),
            places,
            plain_places,
        })
    }

    /// What is known of each file as of the commit before the one that did the task.
    ///
    /// # Errors
    ///
    /// When the repository does not have that commit.
    pub fn observe(&mut self, case: &Case) -> Result<Observation, Error> {
        let tree = self.finder.tree(Some(&case.parent))?;
        let snapshot = self.finder.snapshot(&tree)?;
        let task = Task::new(&case.task, &mut self.finder.terms);
        let plain = self.baseline.rank(&tree, self.finder.repository.as_deref(), &case.task);
        let ranked = rank::rank(&snapshot, &task, &Stop::default())?.into_iter().map(|it| it.file).collect();
        let paths: Vec<_> = snapshot.files.iter().map(|it| it.path().to_owned()).collect();
        let gold = (0..).zip(&paths).filter(|it| case.gold.contains(it.1)).map(|it| it.0).collect();
        Ok(Observation {
            signals: rank::signals(&snapshot, &task, &Stop::default())?,
            gold,
            plain,
            ranked,
            paths,
        })
    }
}
