//! What commits did to files since one of them. It needs no index, so it can be
//! asked beside a search.

use crate::{
    error::Error,
    tree::{Repository, changes},
};
use gix::{ObjectId, revision::walk::Sorting, traverse::commit::simple::CommitTimeOrder};
use std::{collections::BTreeSet, path::Path};

/// Commits that are looked at, the newest first.
const NEWEST: usize = 2_000;
/// Characters of a subject.
const SUBJECT: usize = 120;

/// The commits of a repository.
#[derive(Debug)]
pub struct Past {
    repository: Repository,
    /// The folder that paths begin at, below the top of the repository.
    below: String,
}

/// A commit that changed a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touched {
    /// The file.
    pub path: String,
    /// The commit, whole.
    pub commit: String,
    /// The first line of its message, at most 120 characters.
    pub subject: String,
}

impl Past {
    /// The repository that a folder lies in; none where there is none.
    ///
    /// # Errors
    ///
    /// When there is one that cannot be read.
    pub fn open(folder: &Path) -> Result<Option<Self>, Error> {
        let Some(repository) = Repository::around(folder)? else { return Ok(None) };
        let top = repository.top().and_then(|top| top.canonicalize().ok());
        let folder = folder.canonicalize().ok();
        let below = match (top, folder) {
            (Some(top), Some(folder)) => {
                folder.strip_prefix(top).ok().map(|below| below.to_string_lossy().into_owned())
            }
            _ => None,
        };
        Ok(Some(Self { repository, below: below.unwrap_or_default() }))
    }

    /// The commit that is checked out; none before the first one.
    #[must_use]
    pub fn head(&self) -> Option<String> {
        self.repository.head().map(|id| id.to_string())
    }

    /// The whole name of a commit.
    ///
    /// # Errors
    ///
    /// When there is no such commit.
    pub fn commit(&self, revision: &str) -> Result<String, Error> {
        Ok(self.repository.commit(revision)?.to_string())
    }

    /// Whether the commit that is checked out has a file with exactly these bytes;
    /// none: whether it has no such file.
    #[must_use]
    pub fn holds(&self, path: &str, bytes: Option<&[u8]>) -> bool {
        let path = if self.below.is_empty() { path.to_owned() } else { format!("{}/{path}", self.below) };
        let committed = self.repository.head().and_then(|head| {
            let tree = self.repository.git.find_commit(head).ok()?.tree().ok()?;
            Some(tree.lookup_entry_by_path(&path).ok()??.object_id())
        });
        let kind = self.repository.git.object_hash();
        let is = bytes.and_then(|bytes| gix::objs::compute_hash(kind, gix::objs::Kind::Blob, bytes).ok());
        committed == is
    }

    /// The commits since `base` that changed one of these files, the newest first.
    /// None of them where the files are as they were then.
    ///
    /// # Errors
    ///
    /// When there is no such commit.
    pub fn touched(&self, base: &str, paths: &BTreeSet<String>) -> Result<Vec<Touched>, Error> {
        let base = self.repository.commit(base)?;
        let Some(head) = self.repository.head().filter(|head| *head != base) else { return Ok(Vec::new()) };
        let wanted = |path: &str| {
            let inner = match self.below.as_str() {
                "" => Some(path),
                below => path.strip_prefix(below).and_then(|rest| rest.strip_prefix('/')),
            };
            inner.filter(|inner| paths.contains(*inner)).map(str::to_owned)
        };
        let between = changes(&self.repository, Some(self.tree(base)?), self.tree(head)?);
        let differing: BTreeSet<String> =
            between.unwrap_or_default().iter().filter_map(|change| wanted(&change.path)).collect();
        if differing.is_empty() {
            return Ok(Vec::new());
        }
        let sorting = Sorting::ByCommitTime(CommitTimeOrder::NewestFirst);
        let walk = self.repository.git.rev_walk([head]).with_hidden([base]).sorting(sorting).all();
        let walk = walk.map_err(Error::repository)?;
        let mut touched = Vec::new();
        // A walk ends at the edge of what a shallow clone has.
        for id in walk.map_while(Result::ok).take(NEWEST).map(|it| it.id) {
            let Ok(commit) = self.repository.git.find_commit(id) else { continue };
            let parents: Vec<_> = commit.parent_ids().map(gix::Id::detach).collect();
            // A merge repeats what its branches say.
            let before = match parents.as_slice() {
                [] => None,
                [parent] => Some(self.tree(*parent)?),
                _ => continue,
            };
            let message = commit.message_raw_sloppy().to_string();
            let subject: String = message.lines().next().unwrap_or_default().chars().take(SUBJECT).collect();
            for change in changes(&self.repository, before, self.tree(id)?).unwrap_or_default() {
                if let Some(path) = wanted(&change.path).filter(|path| differing.contains(path)) {
                    touched.push(Touched { path, commit: id.to_string(), subject: subject.clone() });
                }
            }
        }
        Ok(touched)
    }

    fn tree(&self, commit: ObjectId) -> Result<ObjectId, Error> {
        let found = self.repository.git.find_commit(commit).map_err(Error::repository)?;
        Ok(found.tree_id().map_err(Error::repository)?.detach())
    }
}
