//! Why a search cannot be made.

use std::{io, path::PathBuf};

/// Why a tree, its history or a file of cases cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The place that was named is no folder that can be read.
    #[error("{} is not a folder that can be read: {source}", path.display())]
    NotAFolder {
        /// What was named.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A revision was named in a folder that has no repository.
    #[error("{} is in no git repository, so it has no revisions", .0.display())]
    NoRepository(PathBuf),
    /// A revision that the repository does not have.
    #[error("there is no commit {revision:?} here: {reason}")]
    UnknownRevision {
        /// As it was named.
        revision: String,
        /// What git's rules say about it.
        reason: String,
    },
    /// The repository is damaged, or in a form that is not understood.
    #[error("the repository cannot be read: {0}")]
    Repository(String),
    /// It was told to stop before it was done.
    #[error("the search was stopped")]
    Stopped,
    /// A line of a file of cases is not a case.
    #[error("line {line} is not a case: {reason}")]
    Case {
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
}

impl Error {
    pub(crate) fn repository(error: impl std::fmt::Display) -> Self {
        Self::Repository(error.to_string())
    }
}
