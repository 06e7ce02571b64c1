//! The surface: a repository or a folder, opened for searches.

use crate::{
    error::Error,
    index::Index,
    kind::Kind,
    rank,
    reasons::{Reason, Reasons},
    snapshot::{Known, Snapshot},
    task::Task,
    text::Terms,
    tree::{Repository, Tree},
};
use serde::Serialize;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A repository or a plain folder, opened for searches.
pub struct Finder {
    root: PathBuf,
    pub(crate) repository: Option<Repository>,
    index: Index,
    pub(crate) terms: Terms,
    known: Known,
}

/// A file that matters.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Found {
    /// From the root of the tree.
    pub path: String,
    /// Higher is better; comparable within one search only.
    pub score: f64,
    /// What the file is for.
    pub kind: Kind,
    /// Facts that speak for it.
    pub reasons: Vec<Reason>,
}

impl Finder {
    /// Opens the repository that a folder lies in, from its top; or the folder
    /// itself where there is no repository. `cache` is the folder that keeps what
    /// was worked out, without it nothing is kept.
    ///
    /// # Errors
    ///
    /// When the folder or its repository cannot be read.
    pub fn open(folder: &Path, cache: Option<&Path>) -> Result<Self, Error> {
        let unreadable = |source| Error::NotAFolder { path: folder.to_path_buf(), source };
        let root = folder.canonicalize().map_err(unreadable)?;
        fs::read_dir(&root).map_err(unreadable)?;
        let repository = Repository::around(&root)?;
        let root = repository.as_ref().and_then(Repository::top).unwrap_or(root);
        let place = repository.as_ref().map_or_else(|| root.clone(), Repository::common_dir);
        let name = format!("{:016x}", crate::text::hash(&place.to_string_lossy()));
        let index = cache.map_or_else(Index::in_memory, |cache| Index::open(cache.join(name)));
        Ok(Self { root, repository, index, terms: Terms::new(), known: Known::new() })
    }

    /// The folder that paths begin at.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The files of a commit; without one those of the working tree, or of the
    /// newest commit where there is no working tree.
    ///
    /// # Errors
    ///
    /// When there is no such commit.
    pub fn tree(&self, revision: Option<&str>) -> Result<Tree, Error> {
        match (&self.repository, revision) {
            (Some(repository), Some(revision)) => Tree::of_commit(repository, revision),
            (Some(repository), None) if repository.top().is_none() => Tree::of_commit(repository, "HEAD"),
            (None, Some(_)) => Err(Error::NoRepository(self.root.clone())),
            (repository, None) => Tree::of_folder(&self.root, repository.as_ref()),
        }
    }

    pub(crate) fn snapshot(&mut self, tree: &Tree) -> Snapshot {
        let snapshot =
            Snapshot::new(tree, self.repository.as_ref(), &mut self.index, &mut self.terms, &mut self.known);
        self.index.save();
        snapshot
    }

    /// The files of a tree that matter for a task, the best first.
    pub fn find(&mut self, tree: &Tree, task: &str, limit: usize) -> Vec<Found> {
        let snapshot = self.snapshot(tree);
        let task = Task::new(task, &mut self.terms);
        let ranked = rank::rank(&snapshot, &task);
        let reasons = Reasons::new(&snapshot, &task);
        let found = ranked.iter().take(limit).filter_map(|it| {
            let file = snapshot.files.get(it.file)?;
            let content = file.entry.read(self.repository.as_ref());
            Some(Found {
                path: file.path().to_owned(),
                // What lies beyond is the noise of the processor.
                score: (it.score * 1e6).round() / 1e6,
                kind: file.kind,
                reasons: reasons.of(it, &content, &mut self.terms),
            })
        });
        found.collect()
    }
}
