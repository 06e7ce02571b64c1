//! What lies at the paths that a text names, seen without a finder: a few files are
//! opened, nothing is listed, and nobody waits for a search.

use super::{
    Workspaces,
    files::blocking,
    path::WorkspacePath,
    rooted::Rooted,
    secret,
    text::{self, Lines},
};
use crate::{
    error::{Error, Result},
    id::WorkspaceId,
    store::{Access, workspace::Roots},
};
use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};

/// What lies at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    /// A file; its text where it is text, and not secret.
    File {
        /// The text; `None`: it is not text, or too large.
        text: Option<String>,
        /// Size in bytes.
        size_bytes: u64,
    },
    /// A file that looks like it holds secrets.
    Secret,
    /// A folder.
    Folder,
    /// Nothing.
    Missing,
    /// It leads out of the workspace, or is no path.
    Outside,
}

/// Looks at paths within roots.
pub(crate) fn look(roots: &Roots, private: Option<&Path>, paths: Vec<String>) -> BTreeMap<String, Sight> {
    let mut opened: HashMap<usize, Option<Rooted>> = HashMap::new();
    let mut seen = BTreeMap::new();
    for path in paths {
        let sight = one(roots, private, &mut opened, &path);
        seen.insert(path, sight);
    }
    seen
}

fn one(
    roots: &Roots,
    private: Option<&Path>,
    opened: &mut HashMap<usize, Option<Rooted>>,
    path: &str,
) -> Sight {
    let Ok(parsed) = WorkspacePath::parse("path", path) else { return Sight::Outside };
    let Some((place, inner)) = parsed.locate(roots) else { return Sight::Outside };
    let Some(stored) = roots.0.get(place) else { return Sight::Outside };
    if private.is_some_and(|private| Path::new(&stored.path).join(inner).starts_with(private)) {
        return Sight::Outside;
    }
    let root = opened.entry(place).or_insert_with(|| Rooted::open(Path::new(&stored.path)).ok());
    let Some(root) = root else { return Sight::Missing };
    match root.file(inner) {
        Ok(_) if secret::looks_secret_path(path) => Sight::Secret,
        Ok((file, size_bytes)) => match text::read(file, size_bytes, Lines { first: 1, most: None }) {
            Ok(read) if secret::looks_secret_content(&read.text) => Sight::Secret,
            Ok(read) => {
                let text = (read.encoding.is_some() && !read.truncated).then_some(read.text);
                Sight::File { text, size_bytes }
            }
            Err(_) => Sight::File { text: None, size_bytes },
        },
        Err(Error::PathOutsideWorkspace) => Sight::Outside,
        Err(_) if root.is_folder(inner) => Sight::Folder,
        Err(_) => Sight::Missing,
    }
}

impl Workspaces {
    /// What lies at paths within an open workspace.
    ///
    /// # Errors
    /// `NotFound` of the workspace.
    pub async fn look(&self, id: WorkspaceId, paths: Vec<String>) -> Result<BTreeMap<String, Sight>> {
        let roots = self.row(&Access::All, Some(id)).await?.open()?.roots;
        let private = self.private.clone();
        blocking(move || look(&roots, Some(&private), paths)).await
    }
}
