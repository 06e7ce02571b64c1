//! What differs between two trees, with the contents of both.

use crate::{
    finder::Finder,
    history::moved,
    symbols::Language,
    tree::{Change, Content, Tree},
};
use std::collections::HashMap;

/// A file that differs between two trees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Its path; of a deleted file the former one.
    pub path: String,
    /// Its path before, if it moved.
    pub from: Option<String>,
    /// What it had in it; none: it was not there.
    pub before: Option<Content>,
    /// What it has in it; none: it is not there.
    pub after: Option<Content>,
}

/// A name that a file gives to something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// The name, without its qualifiers.
    pub name: String,
    /// The line of its definition, counted from 1.
    pub line: u32,
}

/// The names that a file gives, in the order of their lines; none where nothing is
/// known of its language.
#[must_use]
pub fn symbols(path: &str, text: &str) -> Option<Vec<Symbol>> {
    let language = Language::of_path(path);
    if language == Language::Other {
        return None;
    }
    let found = language.symbols(text).definitions.into_iter();
    let mut symbols: Vec<_> = found.map(|it| Symbol { name: it.name, line: it.line }).collect();
    symbols.sort_by_key(|symbol| symbol.line);
    Some(symbols)
}

impl Finder {
    /// The files that differ between two trees of this finder, by path. A file that
    /// went elsewhere is one of them, not two, where its content is the same, or its
    /// name and nobody else's.
    #[must_use]
    pub fn compare(&self, old: &Tree, new: &Tree) -> Vec<Changed> {
        let before: HashMap<_, _> = old.entries.iter().map(|it| (it.path.as_str(), it)).collect();
        let after: HashMap<_, _> = new.entries.iter().map(|it| (it.path.as_str(), it)).collect();
        let gone = old.entries.iter().filter(|it| !after.contains_key(it.path.as_str()));
        let gone = gone.map(|it| Change { path: it.path.clone(), before: Some(it.id), after: None });
        let kept = new.entries.iter().filter_map(|it| {
            let was = before.get(it.path.as_str()).map(|was| was.id);
            (was != Some(it.id)).then(|| Change { path: it.path.clone(), before: was, after: Some(it.id) })
        });
        let changes: Vec<_> = gone.chain(kept).collect();
        let lost: Vec<_> = changes.iter().filter(|it| it.after.is_none()).map(|it| it.path.clone()).collect();
        let repository = self.repository.as_deref();
        let mut found = Vec::new();
        let mut taken = Vec::new();
        for moved in moved(changes) {
            let former = moved.from.as_deref().unwrap_or(&moved.path);
            taken.extend(moved.from.clone());
            found.push(Changed {
                before: before.get(former).map(|it| it.read(repository)),
                after: after.get(moved.path.as_str()).map(|it| it.read(repository)),
                path: moved.path,
                from: moved.from,
            });
        }
        // `moved` speaks of what a commit wrote; what is gone for good is added here.
        for path in lost.into_iter().filter(|path| !taken.contains(path)) {
            let before = before.get(path.as_str()).map(|it| it.read(repository));
            found.push(Changed { path, from: None, before, after: None });
        }
        found.sort_by(|one, other| one.path.cmp(&other.path));
        found
    }
}
