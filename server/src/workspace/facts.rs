//! What the disk says about a root.

use crate::{
    error::{Error, Result},
    store::workspace::Root,
};
use banto_finder::Finder;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Longest path of a root, in bytes.
const MAX_PATH: usize = 4_096;
/// Folders in which the system shows itself as files.
const SYSTEM: [&str; 3] = ["/proc", "/sys", "/dev"];

/// A root as callers see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootView {
    /// Its name.
    pub name: String,
    /// Whether it is a git repository.
    pub git: bool,
    /// Commit that is checked out; `None`: there is none.
    pub head_commit: Option<String>,
    /// Branch that is checked out; `None`: no git, or a detached head.
    pub branch: Option<String>,
    /// Why it cannot be read now.
    pub problem: Option<String>,
}

/// Looks at a root.
pub(super) fn look(root: &Root) -> RootView {
    let mut view = RootView {
        name: root.name.clone(),
        git: false,
        head_commit: None,
        branch: None,
        problem: fs::read_dir(&root.path).err().map(|error| unreadable(&error).to_owned()),
    };
    if view.problem.is_some() {
        return view;
    }
    match gix::discover(&root.path) {
        Ok(repository) => {
            view.git = true;
            view.head_commit = repository.head_id().ok().map(|id| id.to_string());
            let branch = repository.head_name().ok().flatten();
            view.branch = branch.map(|name| name.shorten().to_string());
        }
        Err(_) if !Path::new(&root.path).join(".git").exists() => {}
        Err(_) => {
            view.git = true;
            view.problem = Some("its git repository cannot be read".to_owned());
        }
    }
    view
}

/// The folder that a caller means: of one inside a git working tree the top.
///
/// # Errors
/// `InvalidInput` when it is no folder that the server can read, or none that it
/// should.
pub(super) fn folder(field: &'static str, path: &str, private: &Path) -> Result<PathBuf> {
    let wrong = |why: &str| Error::invalid(field, why);
    if path.is_empty() || path.len() > MAX_PATH || path.contains('\0') {
        return Err(Error::invalid(field, format!("must be 1 to {MAX_PATH} bytes without U+0000")));
    }
    if !Path::new(path).is_absolute() {
        return Err(wrong("must be an absolute path of the server"));
    }
    let folder = fs::canonicalize(path).map_err(|error| wrong(unreadable(&error)))?;
    fs::read_dir(&folder).map_err(|error| wrong(unreadable(&error)))?;
    if gix::discover(&folder).is_ok_and(|repository| repository.workdir().is_none()) {
        return Err(wrong("is a git repository without a working tree"));
    }
    let finder = Finder::open(&folder, None).map_err(|error| {
        tracing::debug!(%error, "a folder was not opened as a workspace");
        wrong("its git repository cannot be read")
    })?;
    let top = fs::canonicalize(finder.root()).map_err(|error| wrong(unreadable(&error)))?;
    let is_system = top.parent().is_none() || SYSTEM.iter().any(|system| top.starts_with(system));
    if is_system || top.starts_with(private) {
        return Err(wrong("is a folder of the system or of Banto itself"));
    }
    if top.to_str().is_none() {
        return Err(wrong("has a name that is not UTF-8"));
    }
    Ok(top)
}

fn unreadable(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such folder",
        io::ErrorKind::NotADirectory => "it is not a folder",
        io::ErrorKind::PermissionDenied => "the server may not read the folder",
        _ => "the folder cannot be read",
    }
}
