//! The files of a folder as they are now: tracked ones, and untracked ones that
//! git's ignore rules let through.

use super::{Entry, LARGEST_TEXT, Place, Repository, Stats, Tree, read_file, stats::Stat};
use crate::{error::Error, stop::Stop};
use gix::{ObjectId, hash::Kind};
use ignore::WalkBuilder;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

pub(super) fn tree(
    root: &Path,
    repository: Option<&Repository>,
    stats: &mut Stats,
    stop: &Stop,
) -> Result<Tree, Error> {
    let mut files = BTreeMap::new();
    for path in walk(root) {
        stop.check()?;
        let Ok(relative) = path.strip_prefix(root) else { continue };
        files.insert(bytes_of(relative), path);
    }
    for relative in repository.map(tracked).unwrap_or_default() {
        if let Some(path) = regular(root, &relative) {
            files.entry(relative).or_insert(path);
        }
    }
    let kind = repository.map_or(Kind::Sha1, |it| it.git.object_hash());
    let mut entries = Vec::with_capacity(files.len());
    let began = SystemTime::now();
    for (relative, path) in &files {
        if let Err(stopped) = stop.check() {
            stats.save();
            return Err(stopped);
        }
        // Asked before the content is read: what is changed in between has another
        // stat the next time.
        let Ok(metadata) = fs::symlink_metadata(path) else { continue };
        let (size, stat) = (metadata.len(), Stat::of(&metadata));
        let known = stats.get(relative, stat);
        let Some(id) = known.or_else(|| digest(path, size, kind)) else { continue };
        if known.is_none() {
            stats.put(relative, stat, id, began);
        }
        entries.push(Entry::new(relative, id, Place::File { path: path.clone(), size }));
    }
    stats.keep(|path| files.contains_key(path));
    entries.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(Tree { entries, commit: repository.and_then(Repository::head) })
}

/// Git's rules and no others: a search in a checkout sees what git sees.
fn walk(root: &Path) -> impl Iterator<Item = PathBuf> {
    let mut walk = WalkBuilder::new(root);
    walk.standard_filters(false)
        .git_ignore(true)
        .git_exclude(true)
        .git_global(true)
        // A plain folder may have a .gitignore too.
        .require_git(false)
        .follow_links(false)
        // Another repository inside is another repository's business.
        .filter_entry(|entry| {
            entry.file_name() != ".git"
                && (entry.depth() == 0
                    || !entry.file_type().is_some_and(|it| it.is_dir())
                    || !entry.path().join(".git").exists())
        });
    walk.build()
        .filter_map(Result::ok)
        .filter(|it| it.file_type().is_some_and(|it| it.is_file()))
        .map(|it| it.into_path())
}

/// What the index lists as regular files, ignored or not.
fn tracked(repository: &Repository) -> Vec<Vec<u8>> {
    let Ok(index) = repository.git.index_or_empty() else { return Vec::new() };
    let is_file =
        |mode| mode == gix::index::entry::Mode::FILE || mode == gix::index::entry::Mode::FILE_EXECUTABLE;
    index.entries().iter().filter(|it| is_file(it.mode)).map(|it| it.path(&index).to_vec()).collect()
}

/// The place of a tracked file if it is still one, and no link leads there.
fn regular(root: &Path, relative: &[u8]) -> Option<PathBuf> {
    let relative = path_of(relative)?;
    let mut path = root.to_path_buf();
    let mut parts = relative.components().peekable();
    while let Some(part) = parts.next() {
        path.push(part);
        let found = fs::symlink_metadata(&path).ok()?;
        let wanted = if parts.peek().is_some() { found.is_dir() } else { found.is_file() };
        if !wanted {
            return None;
        }
    }
    Some(path)
}

/// The digest that git would give the bytes on the disk. What is too large to rank
/// by content is told apart by its size.
fn digest(path: &Path, size: u64, kind: Kind) -> Option<ObjectId> {
    if size > LARGEST_TEXT {
        // Of another kind, so that it meets no digest of a content.
        return gix::objs::compute_hash(kind, gix::objs::Kind::Tag, size.to_string().as_bytes()).ok();
    }
    gix::objs::compute_hash(kind, gix::objs::Kind::Blob, &read_file(path).unwrap_or_default()).ok()
}

#[cfg(unix)]
fn bytes_of(path: &Path) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt as _;
    path.as_os_str().as_bytes().to_vec()
}

#[cfg(not(unix))]
fn bytes_of(path: &Path) -> Vec<u8> {
    path.to_string_lossy().replace('\\', "/").into_bytes()
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt as _;
    Some(PathBuf::from(std::ffi::OsStr::from_bytes(bytes)))
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> Option<PathBuf> {
    std::str::from_utf8(bytes).ok().map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::{Stat, Stats, tree};
    use crate::stop::Stop;
    use gix::{ObjectId, hash::Kind};
    use std::{
        fs,
        time::{Duration, SystemTime},
    };

    #[test]
    fn a_file_that_nobody_touched_is_not_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.rs");
        fs::write(&path, "fn a() {}").unwrap();
        let an_hour_ago = SystemTime::now() - Duration::from_secs(3600);
        fs::File::options().write(true).open(&path).unwrap().set_modified(an_hour_ago).unwrap();
        // A digest that the content does not have shows that it was not asked.
        let (stat, other) = (Stat::of(&fs::metadata(&path).unwrap()), ObjectId::empty_tree(Kind::Sha1));
        let mut stats = Stats::default();
        stats.put(b"a.rs", stat, other, SystemTime::now());
        let id =
            |stats: &mut Stats| tree(folder.path(), None, stats, &Stop::default()).unwrap().entries[0].id;
        assert_eq!(id(&mut stats), other);
        // The same length and the same time, but somebody wrote it.
        fs::write(&path, "fn b() {}").unwrap();
        fs::File::options().write(true).open(&path).unwrap().set_modified(an_hour_ago).unwrap();
        #[cfg(unix)]
        assert_ne!(id(&mut stats), other);
        fs::write(&path, "fn c() {}").unwrap();
        assert_ne!(id(&mut stats), other);
    }
}
