//! The check, and the comparison after the work, for a folder of this machine: what a
//! command needs that has a plan in a file and no server.

use super::{
    check::{Checked, gather, propose},
    outcome::{Compared, changed_files},
};
use crate::{
    error::{Error, Noun, Result},
    store::{
        plan::{Base, Bases},
        workspace::{Root, Roots},
    },
    workspace::Ground,
};
use banto_finder::Finder;
use std::path::Path;

/// Checks a text against a folder. `base` is the commit that the plan was made on;
/// without it nothing is said of drift.
///
/// # Errors
/// `NotFound` of the root.
pub fn check_in(folder: &Path, base: Option<&str>, text: &str) -> Result<Checked> {
    let mut finder = open(folder)?;
    let roots = roots(finder.root());
    let base = base.map(|commit| Base { root: String::new(), commit: commit.to_owned(), dirty: false });
    let parsed = banto_plan::parse(text);
    let mut facts = gather(&roots, None, &Bases(base.into_iter().collect()), &parsed);
    if let Ok(tree) = finder.tree(None) {
        let all: Vec<String> = tree.entries().iter().map(|entry| entry.path.clone()).collect();
        propose(&mut facts, &all);
    }
    Ok(Checked::new(text, &parsed, &facts))
}

/// Compares a text with what happened in a folder since a commit, or up to another.
///
/// # Errors
/// `NotFound` of the root, or of a commit.
pub fn verify_in(folder: &Path, from: &str, to: Option<&str>, text: &str) -> Result<Compared> {
    let mut finder = open(folder)?;
    let ground = Ground::alone(roots(finder.root()));
    let changes = changed_files(&mut finder, &ground, from, to)?;
    Ok(Compared::new(text, changes))
}

fn open(folder: &Path) -> Result<Finder> {
    Finder::open(folder, None).map_err(|error| {
        tracing::debug!(%error, "a folder cannot be opened");
        Error::NotFound(Noun::Root)
    })
}

fn roots(folder: &Path) -> Roots {
    Roots(vec![Root::named(folder.to_string_lossy().into_owned(), |_| false)])
}
