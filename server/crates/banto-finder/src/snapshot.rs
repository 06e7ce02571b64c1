//! A tree with all that is known of its files: what a search ranks.

use crate::{
    error::Error,
    features::Features,
    history::{self, Commit},
    index::Index,
    kind::Kind,
    stop::Stop,
    symbols::Language,
    text::{Term, Terms},
    tree::{Content, Entry, Repository, Tree},
};
use gix::ObjectId;
use std::{collections::HashMap, rc::Rc};

/// Features that this process has read already, by their keys in the index.
pub(crate) type Known = HashMap<Vec<u8>, Rc<Features>>;

/// A file of the tree.
pub(crate) struct File {
    pub entry: Entry,
    pub kind: Kind,
    pub features: Rc<Features>,
    pub folder_terms: Vec<Term>,
    pub name_terms: Vec<Term>,
    /// Places in [`Snapshot::commits`], newest first.
    pub commits: Vec<u32>,
    /// Its content could not be read.
    missing: bool,
}

/// A tree, its files' features, and its history.
pub(crate) struct Snapshot {
    /// Sorted by path.
    pub files: Vec<File>,
    pub commits: Vec<Commit>,
    commit: Option<ObjectId>,
    /// A content could not be read, and perhaps can be tomorrow.
    incomplete: bool,
}

impl File {
    pub fn path(&self) -> &str {
        &self.entry.path
    }

    pub fn name(&self) -> &str {
        self.path().rsplit('/').next().unwrap_or_default()
    }

    pub fn folder(&self) -> &str {
        self.path().rsplit_once('/').map_or("", |it| it.0)
    }
}

impl Snapshot {
    pub fn new(
        tree: &Tree,
        repository: Option<&Repository>,
        index: &mut Index,
        terms: &mut Terms,
        known: &mut Known,
        stop: &Stop,
    ) -> Result<Self, Error> {
        let mut files = Vec::with_capacity(tree.entries.len());
        let mut incomplete = false;
        for entry in &tree.entries {
            stop.check()?;
            let file = file(entry, repository, index, terms, known);
            incomplete |= file.missing;
            files.push(file);
        }
        let places = (0..).zip(&files).map(|(place, file)| (file.entry.path.as_str(), place)).collect();
        let commits = match (repository, tree.commit) {
            (Some(repository), Some(from)) => {
                history::commits(repository, from, &places, index, terms, stop)?
            }
            _ => Vec::new(),
        };
        for (place, commit) in (0..).zip(&commits) {
            for file in &commit.files {
                if let Some(file) = files.get_mut(*file as usize) {
                    file.commits.push(place);
                }
            }
        }
        Ok(Self { files, commits, commit: tree.commit, incomplete })
    }

    /// Whether it says of a tree what a new one would say.
    pub fn is_of(&self, tree: &Tree) -> bool {
        let same = || self.files.iter().map(|it| &it.entry).eq(&tree.entries);
        !self.incomplete && self.commit == tree.commit && self.files.len() == tree.entries.len() && same()
    }

    /// The place of a file.
    pub fn place(&self, path: &str) -> Option<usize> {
        self.files.binary_search_by(|it| it.path().cmp(path)).ok()
    }
}

fn file(
    entry: &Entry,
    repository: Option<&Repository>,
    index: &mut Index,
    terms: &mut Terms,
    known: &mut Known,
) -> File {
    let language = Language::of_path(&entry.path);
    let mut key = vec![language as u8];
    key.extend_from_slice(entry.id.as_bytes());
    let mut missing = false;
    let features = known.get(&key).cloned().unwrap_or_else(|| {
        let features = index.get(&key).unwrap_or_else(|| {
            let content = entry.read(repository);
            let size = entry.size(repository).unwrap_or_default();
            let mut features = Features::of(&content, language, terms);
            features.size = size;
            // What is missing now may be there tomorrow.
            missing = content == Content::Missing;
            if !missing {
                index.put(key.clone(), &features);
            }
            features
        });
        let features = Rc::new(features);
        if !missing {
            known.insert(key, Rc::clone(&features));
        }
        features
    });
    let (folder, name) = entry.path.rsplit_once('/').unwrap_or(("", &entry.path));
    let stem = name.rsplit_once('.').map_or(name, |it| it.0);
    File {
        kind: Kind::of(&entry.path, features.generated),
        features,
        missing,
        folder_terms: terms.set(folder),
        name_terms: terms.set(stem),
        commits: Vec::new(),
        entry: entry.clone(),
    }
}
