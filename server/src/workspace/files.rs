//! The files of a workspace: listed through the finder, read through their root.

use super::{
    Workspaces,
    path::{self, WorkspacePath},
    rooted::Rooted,
    secret,
    text::{self, Encoding, HEAD, Lines},
};
use crate::{
    error::{Error, Noun, Result},
    id::WorkspaceId,
    store::{
        Access,
        workspace::{Model, Roots},
    },
};
use banto_finder::Kind;
use std::{
    collections::HashMap,
    io::Read as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How long the pages after the first are of the same list. A first page is always
/// of the files as they are.
const SAME_LIST: Duration = Duration::from_secs(30);

/// A file of a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEntry {
    /// Path within the workspace.
    pub path: String,
    /// Size in bytes.
    pub size_bytes: u64,
    /// What it is for.
    pub kind: Kind,
    /// Whether it looks like it holds secrets.
    pub looks_secret: bool,
}

impl FileEntry {
    /// A file that is not there now.
    #[must_use]
    pub fn gone(path: &str) -> Self {
        let looks_secret = secret::looks_secret_path(path);
        Self { path: path.to_owned(), size_bytes: 0, kind: Kind::of_path(path), looks_secret }
    }
}

/// Which files are wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Only those below this folder.
    pub folder: Option<WorkspacePath>,
    /// Only those whose path has every word of this, whatever the case.
    pub query: String,
    /// At most so many.
    pub size: usize,
    /// Those after this place, from the former page.
    pub after: Option<Place>,
}

/// A place in the list of files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Which root, counted from 0.
    pub root: usize,
    /// Path within the root.
    pub path: String,
}

/// A page of files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePage {
    /// Ordered by root, then by path.
    pub files: Vec<FileEntry>,
    /// Where the next page begins; `None`: this was the last.
    pub next: Option<Place>,
    /// How many files there are on all pages.
    pub total: usize,
}

/// A part of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileText {
    /// The file.
    pub entry: FileEntry,
    /// Its text; empty when it is not text.
    pub text: String,
    /// The line that the text begins with, counted from 1.
    pub first_line: u32,
    /// Whether lines follow.
    pub truncated: bool,
    /// How bytes became text; `None`: it is not text.
    pub encoding: Option<Encoding>,
    /// SHA-256 of all bytes; `None`: there are too many.
    pub sha256: Option<String>,
}

/// The paths of roots, as later pages see them.
#[derive(Clone, Debug, Default)]
pub(super) struct Lists(Arc<Mutex<HashMap<PathBuf, (Instant, Paths)>>>);

type Paths = Arc<Vec<String>>;

impl Lists {
    fn get(&self, root: &Path) -> Option<Paths> {
        let lists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lists.get(root).filter(|(at, _)| at.elapsed() < SAME_LIST).map(|(_, paths)| paths.clone())
    }

    fn put(&self, root: PathBuf, paths: Paths) {
        let mut lists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lists.retain(|_, (at, _)| at.elapsed() < SAME_LIST);
        lists.insert(root, (Instant::now(), paths));
    }
}

impl Workspaces {
    /// A page of the files of an open workspace. A root that cannot be read has none.
    ///
    /// # Errors
    /// `NotFound` of the workspace; `LimitExceeded` when too much waits for a root.
    pub async fn list_files(
        &self,
        access: &Access,
        id: Option<WorkspaceId>,
        wanted: Wanted,
    ) -> Result<FilePage> {
        let roots = self.row(access, id).await?.open()?.roots;
        let folder = match &wanted.folder {
            // Without roots there are no files, and no folder either.
            Some(folder) => match folder.locate(&roots) {
                Some((root, inner)) => Some((root, inner.to_owned())),
                None => return Ok(FilePage { files: Vec::new(), next: None, total: 0 }),
            },
            None => None,
        };
        let words: Vec<String> = wanted.query.split_whitespace().map(str::to_lowercase).collect();
        let mut places = Vec::new();
        for (root, stored) in roots.0.iter().enumerate() {
            if folder.as_ref().is_some_and(|(only, _)| *only != root) {
                continue;
            }
            let paths = match self.paths(Path::new(&stored.path), wanted.after.is_some()).await {
                Err(Error::NotFound(Noun::Root)) => continue,
                paths => paths?,
            };
            let below = folder.as_ref().map_or("", |(_, inner)| inner.as_str());
            for inner in paths.iter().filter(|inner| is_below(inner, below)) {
                let Some(path) = path::write(&roots, root, inner) else { continue };
                let lower = path.to_lowercase();
                if words.iter().all(|word| lower.contains(word.as_str())) && !self.is_private(stored, inner) {
                    places.push((Place { root, path: inner.clone() }, path));
                }
            }
        }
        let total = places.len();
        if let Some(after) = &wanted.after {
            places.retain(|(place, _)| place > after);
        }
        let more = places.len() > wanted.size;
        places.truncate(wanted.size);
        let next = places.last().filter(|_| more).map(|(place, _)| place.clone());
        let files = blocking(move || entries(&roots, places)).await?;
        Ok(FilePage { files, next, total })
    }

    /// Reads lines of a file of an open workspace.
    ///
    /// # Errors
    /// `NotFound` of the workspace, its root or the file; `WorkspaceEmpty`;
    /// `PathOutsideWorkspace` when a link leads out.
    pub async fn read_file(
        &self,
        access: &Access,
        id: Option<WorkspaceId>,
        path: WorkspacePath,
        lines: Lines,
    ) -> Result<FileText> {
        let row = self.row(access, id).await?.open()?;
        let (root, inner) = self.place(&row, &path)?;
        blocking(move || {
            let (file, size) = Rooted::open(&root)?.file(&inner)?;
            let read = text::read(file, size, lines)?;
            Ok(FileText {
                entry: entry(path.as_str().to_owned(), size, &read.head),
                text: read.text,
                first_line: lines.first.max(1),
                truncated: read.truncated,
                encoding: read.encoding,
                sha256: read.sha256,
            })
        })
        .await?
    }

    /// What a file of an open workspace is.
    ///
    /// # Errors
    /// As for [`Workspaces::read_file`].
    pub async fn entry(&self, access: &Access, id: WorkspaceId, path: &WorkspacePath) -> Result<FileEntry> {
        let row = self.row(access, Some(id)).await?.open()?;
        let (root, inner) = self.place(&row, path)?;
        let path = path.as_str().to_owned();
        blocking(move || {
            let (head, size) = head(&Rooted::open(&root)?, &inner)?;
            Ok(entry(path, size, &head))
        })
        .await?
    }

    /// The paths of all files of an open workspace, as a list of late saw them. A root
    /// that cannot be read has none.
    ///
    /// # Errors
    /// `NotFound` of the workspace; `LimitExceeded` when too much waits for a root.
    pub async fn all_paths(&self, id: WorkspaceId) -> Result<Vec<String>> {
        let roots = self.row(&Access::All, Some(id)).await?.open()?.roots;
        let mut all = Vec::new();
        for (root, stored) in roots.0.iter().enumerate() {
            let paths = match self.paths(Path::new(&stored.path), true).await {
                Err(Error::NotFound(Noun::Root)) => continue,
                paths => paths?,
            };
            let own = paths.iter().filter(|inner| !self.is_private(stored, inner));
            all.extend(own.filter_map(|inner| path::write(&roots, root, inner)));
        }
        Ok(all)
    }

    /// The root of a file and its path within it.
    fn place(&self, row: &Model, path: &WorkspacePath) -> Result<(PathBuf, String)> {
        let (root, inner) = path.locate(&row.roots).ok_or(Error::WorkspaceEmpty)?;
        let root = row.roots.0.get(root).ok_or(Error::NotFound(Noun::Root))?;
        if self.is_private(root, inner) {
            return Err(Error::NotFound(Noun::File));
        }
        Ok((PathBuf::from(&root.path), inner.to_owned()))
    }

    /// The paths of the files of a root, sorted.
    async fn paths(&self, root: &Path, may_be_older: bool) -> Result<Paths> {
        if may_be_older && let Some(known) = self.lists.get(root) {
            return Ok(known);
        }
        let place = root.to_path_buf();
        let listed = self.engine.run(root, move |finder| {
            // Where a repository was made around the root later on, its top is above.
            let inner = place.strip_prefix(finder.root()).map(|inner| inner.to_string_lossy().into_owned());
            let below = inner.unwrap_or_default();
            let cut = if below.is_empty() { 0 } else { below.len() + 1 };
            finder.tree(None).map(|tree| {
                let mine = tree.entries().iter().filter(|entry| is_below(&entry.path, &below));
                mine.map(|entry| entry.path[cut..].to_owned()).collect::<Vec<_>>()
            })
        });
        let paths = Arc::new(listed.await?.map_err(|error| {
            tracing::warn!(%error, "the files of a workspace cannot be listed");
            Error::NotFound(Noun::Root)
        })?);
        self.lists.put(root.to_path_buf(), paths.clone());
        Ok(paths)
    }
}

fn is_below(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

fn entries(roots: &Roots, places: Vec<(Place, String)>) -> Vec<FileEntry> {
    let mut opened: HashMap<usize, Option<Rooted>> = HashMap::new();
    let listed = places.into_iter().map(|(place, path)| {
        let stored = roots.0.get(place.root);
        let root = opened
            .entry(place.root)
            .or_insert_with(|| stored.and_then(|root| Rooted::open(Path::new(&root.path)).ok()));
        // What cannot be opened is still a file that is there.
        let found = root.as_ref().and_then(|root| head(root, &place.path).ok());
        let (head, size) = found.unwrap_or_default();
        entry(path, size, &head)
    });
    listed.collect()
}

fn head(root: &Rooted, path: &str) -> Result<(Vec<u8>, u64)> {
    let (file, size) = root.file(path)?;
    let mut head = Vec::new();
    file.take(HEAD as u64).read_to_end(&mut head).map_err(|_| Error::NotFound(Noun::File))?;
    Ok((head, size))
}

fn entry(path: String, size_bytes: u64, head: &[u8]) -> FileEntry {
    let looks_secret = secret::looks_secret_path(&path) || secret::looks_secret_head(head);
    FileEntry { kind: Kind::of_path(&path), path, size_bytes, looks_secret }
}

/// Runs what waits for the disk where it holds nobody up.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Error::Internal(format!("work on the disk did not end: {error}")))
}
