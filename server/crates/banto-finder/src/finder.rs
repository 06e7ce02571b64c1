//! The surface: a repository or a folder, opened for searches.

use crate::{
    error::Error,
    filter::{Filter, Filtered, filter},
    index::Index,
    kind::Kind,
    reasons::Reason,
    search::Search,
    snapshot::{Known, Snapshot},
    stop::Stop,
    task::Task,
    text::Terms,
    tree::{Content, Entry, Repository, Stats, Tree},
};
use serde::Serialize;
use std::{
    fs,
    path::{Path, PathBuf},
    rc::Rc,
    sync::{Arc, atomic::AtomicBool},
};

/// Features of contents that no tree of late has are forgotten when there are more
/// of them than this.
const MOST_FORMER: usize = 50_000;

/// A repository or a plain folder, opened for searches. It belongs to one thread.
pub struct Finder {
    root: PathBuf,
    pub(crate) repository: Option<Rc<Repository>>,
    index: Index,
    stats: Stats,
    pub(crate) terms: Terms,
    known: Known,
    /// What the latest search saw: most searches are of the same tree.
    latest: Option<Rc<Snapshot>>,
    stop: Stop,
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
        let cache = cache.map(|it| it.join(name));
        let stats = cache.as_ref().map_or_else(Stats::default, |it| Stats::open(it, &root));
        let index = cache.map_or_else(Index::in_memory, Index::open);
        Ok(Self {
            root,
            repository: repository.map(Rc::new),
            index,
            stats,
            terms: Terms::new(),
            known: Known::new(),
            latest: None,
            stop: Stop::default(),
        })
    }

    /// From now on, `tree`, `search`, `find` and `filter` end with
    /// [`Error::Stopped`] soon after the flag is raised, until another flag is given.
    /// What was worked out until then is kept, so that the next attempt is shorter.
    pub fn stop_at(&mut self, flag: Arc<AtomicBool>) {
        self.stop = Stop::at(flag);
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
    pub fn tree(&mut self, revision: Option<&str>) -> Result<Tree, Error> {
        match (&self.repository, revision) {
            (Some(repository), Some(revision)) => Tree::of_commit(repository, revision),
            (Some(repository), None) if repository.top().is_none() => Tree::of_commit(repository, "HEAD"),
            (None, Some(_)) => Err(Error::NoRepository(self.root.clone())),
            (repository, None) => {
                Tree::of_folder(&self.root, repository.as_deref(), &mut self.stats, &self.stop)
            }
        }
    }

    /// What a file of a tree has in it; none where the tree has no such path. For a
    /// tree of a folder that is what the file has now.
    #[must_use]
    pub fn read(&self, tree: &Tree, path: &str) -> Option<Content> {
        tree.entry(path).map(|it| it.read(self.repository.as_deref()))
    }

    /// How many bytes a file has; none where a partial clone left it out.
    #[must_use]
    pub fn size(&self, entry: &Entry) -> Option<u64> {
        entry.size(self.repository.as_deref())
    }

    /// Ranks the files of a tree for a task.
    ///
    /// # Errors
    ///
    /// [`Error::Stopped`] and no other.
    pub fn search(&mut self, tree: &Tree, task: &str) -> Result<Search, Error> {
        let snapshot = self.snapshot(tree)?;
        let task = Task::new(task, &mut self.terms);
        Search::new(snapshot, task, self.repository.clone(), &self.stop)
    }

    /// The files of a tree that matter for a task, the best first.
    ///
    /// # Errors
    ///
    /// [`Error::Stopped`] and no other.
    pub fn find(&mut self, tree: &Tree, task: &str, limit: usize) -> Result<Vec<Found>, Error> {
        let search = self.search(tree, task)?;
        let found = search.ranked().iter().take(limit).map(|it| Found {
            path: it.path.clone(),
            score: it.score,
            kind: it.kind,
            reasons: search.reasons(&it.path),
        });
        Ok(found.collect())
    }

    /// The files of a tree that match a filter.
    ///
    /// # Errors
    ///
    /// [`Error::Stopped`] and no other.
    pub fn filter(&self, tree: &Tree, by: &Filter) -> Result<Filtered, Error> {
        filter(tree, by, self.repository.as_deref(), &self.stop)
    }

    pub(crate) fn snapshot(&mut self, tree: &Tree) -> Result<Rc<Snapshot>, Error> {
        if let Some(latest) = self.latest.as_ref().filter(|it| it.is_of(tree)) {
            return Ok(Rc::clone(latest));
        }
        if self.known.len() > tree.entries.len() + MOST_FORMER {
            self.known.retain(|_, features| Rc::strong_count(features) > 1);
        }
        let repository = self.repository.as_deref();
        let (index, terms, known) = (&mut self.index, &mut self.terms, &mut self.known);
        let snapshot = Snapshot::new(tree, repository, index, terms, known, &self.stop);
        self.index.save();
        let snapshot = Rc::new(snapshot?);
        self.latest = Some(Rc::clone(&snapshot));
        Ok(snapshot)
    }
}
