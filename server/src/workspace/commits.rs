//! The commits that a workspace stands on, and what happened since one of them.

use super::{Workspaces, files::blocking, path, path::WorkspacePath, rooted::Rooted};
use crate::{
    error::Result,
    id::WorkspaceId,
    store::{Access, workspace::Roots},
};
use banto_finder::{LARGEST_TEXT, Past, Touched};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::Read as _,
    path::Path,
};

/// A commit that a root stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseCommit {
    /// Name of the root; empty: the first.
    pub root: String,
    /// The commit; `None`: no git, or no commit yet.
    pub commit: Option<String>,
    /// Whether one of the files differs from it.
    pub dirty: bool,
}

impl Workspaces {
    /// The commit that each root of an open workspace stands on, and whether any of
    /// these files differs from it.
    ///
    /// # Errors
    /// `NotFound` of the workspace.
    pub async fn bases(&self, id: WorkspaceId, files: Vec<String>) -> Result<Vec<BaseCommit>> {
        let roots = self.row(&Access::All, Some(id)).await?.open()?.roots;
        blocking(move || {
            let bases = roots.0.iter().enumerate().map(|(place, root)| {
                let past = Past::open(Path::new(&root.path)).ok().flatten();
                let commit = past.as_ref().and_then(Past::head);
                let own = within(&roots, place, &files);
                let dirty = match (&past, &commit) {
                    (Some(past), Some(_)) => differs(past, Path::new(&root.path), own.values()),
                    _ => false,
                };
                let name = if place == 0 { String::new() } else { root.name.clone() };
                BaseCommit { root: name, commit, dirty }
            });
            bases.collect()
        })
        .await
    }
}

/// The commits since `bases` that changed one of these files, by path within the
/// workspace, the newest first. A base that is not in its repository any more has
/// none.
pub(crate) fn touched_since(
    roots: &Roots,
    bases: &[(String, String)],
    files: &[String],
) -> BTreeMap<String, Vec<Touched>> {
    let mut found: BTreeMap<String, Vec<Touched>> = BTreeMap::new();
    for (place, root) in roots.0.iter().enumerate() {
        let name = if place == 0 { "" } else { root.name.as_str() };
        let Some((_, base)) = bases.iter().find(|(base_root, _)| base_root == name) else { continue };
        let own: BTreeSet<String> = within(roots, place, files).into_values().collect();
        let Ok(Some(past)) = Past::open(Path::new(&root.path)) else { continue };
        for touched in past.touched(base, &own).unwrap_or_default() {
            if let Some(path) = path::write(roots, place, &touched.path) {
                found.entry(path).or_default().push(touched);
            }
        }
    }
    found
}

/// The files of a root, by path within the workspace, with their paths within it.
fn within(roots: &Roots, place: usize, files: &[String]) -> BTreeMap<String, String> {
    let inner = files.iter().filter_map(|file| {
        let parsed = WorkspacePath::parse("path", file).ok()?;
        let (at, inner) = parsed.locate(roots)?;
        (at == place).then(|| (file.clone(), inner.to_owned()))
    });
    inner.collect()
}

fn differs<'a>(past: &Past, root: &Path, files: impl Iterator<Item = &'a String>) -> bool {
    let Ok(rooted) = Rooted::open(root) else { return false };
    files.into_iter().any(|inner| {
        let read = rooted.file(inner).ok().and_then(|(file, _)| {
            let mut bytes = Vec::new();
            file.take(LARGEST_TEXT).read_to_end(&mut bytes).ok().map(|_| bytes)
        });
        !past.holds(inner, read.as_deref())
    })
}
