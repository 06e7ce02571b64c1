//! What is known of the workspace that a plan is about. Whoever has the workspace
//! collects it for [`crate::Plan::paths`]; nothing here looks at a file.

use std::collections::{BTreeMap, BTreeSet};

/// What is known of the files that a plan names. Of a path that is not listed nothing
/// is known, and nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// By the path as the plan writes it.
    pub files: BTreeMap<String, FileFact>,
    /// For paths that do not exist: files that may be meant, the likeliest first, as
    /// those with the same name. A fix is offered where there is exactly one.
    pub candidates: BTreeMap<String, Vec<String>>,
    /// The commits since the plan was made that changed a file, the newest first.
    pub changed_since: BTreeMap<String, Vec<CommitFact>>,
}

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileFact {
    /// A file.
    File {
        /// The names that it defines. None: its language is not known, or it was not
        /// read, so that no name can be missed.
        symbols: Option<BTreeSet<String>>,
    },
    /// A folder.
    Folder,
    /// Nothing.
    Missing,
    /// It leaves the workspace, or is not a path.
    Outside,
    /// Something that is likely to hold a secret, so it was not read.
    Secret {
        /// Whether it is there.
        exists: bool,
    },
}

/// A commit, as far as people name it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommitFact {
    /// Its hash, whole or short.
    pub id: String,
    /// The first line of its message.
    pub subject: String,
}
