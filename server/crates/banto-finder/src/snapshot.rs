//! A tree with all that is known of its files: what a search ranks.

use crate::{
    features::Features,
    history::{self, Commit},
    index::Index,
    kind::Kind,
    symbols::Language,
    text::{Term, Terms},
    tree::{Content, Entry, Repository, Tree},
};
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
}

/// A tree, its files' features, and its history.
pub(crate) struct Snapshot {
    pub files: Vec<File>,
    pub commits: Vec<Commit>,
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
    ) -> Self {
        let files = tree.entries.iter().map(|entry| file(entry, repository, index, terms, known));
        let mut files: Vec<_> = files.collect();
        let places = (0..).zip(&files).map(|(place, file)| (file.entry.path.as_str(), place)).collect();
        let commits = match (repository, tree.commit) {
            (Some(repository), Some(from)) => history::commits(repository, from, &places, index, terms),
            _ => Vec::new(),
        };
        for (place, commit) in (0..).zip(&commits) {
            for file in &commit.files {
                if let Some(file) = files.get_mut(*file as usize) {
                    file.commits.push(place);
                }
            }
        }
        Self { files, commits }
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
    let features = known.entry(key.clone()).or_insert_with(|| {
        Rc::new(index.get(&key).unwrap_or_else(|| {
            let content = entry.read(repository);
            let features = Features::of(&content, language, terms);
            // What is missing now may be there tomorrow.
            if content != Content::Missing {
                index.put(key, &features);
            }
            features
        }))
    });
    let (folder, name) = entry.path.rsplit_once('/').unwrap_or(("", &entry.path));
    let stem = name.rsplit_once('.').map_or(name, |it| it.0);
    File {
        kind: Kind::of(&entry.path, features.generated),
        features: Rc::clone(features),
        folder_terms: terms.set(folder),
        name_terms: terms.set(stem),
        commits: Vec::new(),
        entry: entry.clone(),
    }
}
