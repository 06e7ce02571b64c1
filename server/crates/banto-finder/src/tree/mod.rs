//! A tree of files: what a commit holds, or what lies in a folder now. Both are
//! the same list of paths with the digests of their contents, so that nothing
//! after this room asks where a file came from.

mod commit;
mod repository;
mod stats;
mod working;

pub(crate) use commit::{Change, changes};
pub(crate) use repository::Repository;
pub(crate) use stats::Stats;

use crate::{error::Error, stop::Stop};
use gix::ObjectId;
use std::{
    borrow::Cow,
    fs, io,
    path::{Path, PathBuf},
};

/// Larger files are ranked by their path alone.
pub const LARGEST_TEXT: u64 = 1024 * 1024;

/// The regular files of a commit or of a folder, sorted by path. Symbolic links,
/// submodules and nested repositories are not in it.
#[derive(Debug)]
pub struct Tree {
    pub(crate) entries: Vec<Entry>,
    /// The commit whose ancestors are the history of this tree.
    pub(crate) commit: Option<ObjectId>,
}

/// A regular file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// From the root, with `/` between its parts. Bytes that are not UTF-8 are
    /// shown as U+FFFD.
    pub path: String,
    /// The digest that git gives the content.
    pub(crate) id: ObjectId,
    place: Place,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Object,
    File { path: PathBuf, size: u64 },
}

/// What can be known of a file's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Text. What is not UTF-8 in it is replaced, because the words around it
    /// are still worth finding.
    Text(String),
    /// Not text.
    Binary,
    /// Above [`LARGEST_TEXT`].
    TooLarge,
    /// Gone, forbidden, or left out of a partial clone.
    Missing,
}

impl Tree {
    pub(crate) fn of_commit(repository: &Repository, revision: &str) -> Result<Self, Error> {
        commit::tree(repository, revision)
    }

    pub(crate) fn of_folder(
        root: &Path,
        repository: Option<&Repository>,
        stats: &mut Stats,
        stop: &Stop,
    ) -> Result<Self, Error> {
        working::tree(root, repository, stats, stop)
    }

    /// The files, sorted by path.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The file with a path, if there is one.
    #[must_use]
    pub fn entry(&self, path: &str) -> Option<&Entry> {
        let at = self.entries.binary_search_by(|it| it.path.as_str().cmp(path)).ok()?;
        self.entries.get(at)
    }
}

impl Entry {
    fn new(path: &[u8], id: ObjectId, place: Place) -> Self {
        Self { path: String::from_utf8_lossy(path).into_owned(), id, place }
    }

    /// How many bytes the file has; none where a partial clone left it out.
    pub(crate) fn size(&self, repository: Option<&Repository>) -> Option<u64> {
        match &self.place {
            Place::Object => repository?.size(self.id),
            Place::File { size, .. } => Some(*size),
        }
    }

    pub(crate) fn read(&self, repository: Option<&Repository>) -> Content {
        match &self.place {
            Place::Object => repository.map_or(Content::Missing, |it| it.blob(self.id)),
            Place::File { path, .. } => read_file(path).map_or(Content::Missing, text_of),
        }
    }
}

/// At most one byte more than the largest text, which is enough to see that it is
/// larger.
fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    use io::Read as _;
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(LARGEST_TEXT + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

pub(crate) fn text_of(bytes: Vec<u8>) -> Content {
    if bytes.len() as u64 > LARGEST_TEXT {
        return Content::TooLarge;
    }
    if let [0xFF, 0xFE, rest @ ..] = bytes.as_slice() {
        return utf16(rest, u16::from_le_bytes);
    }
    if let [0xFE, 0xFF, rest @ ..] = bytes.as_slice() {
        return utf16(rest, u16::from_be_bytes);
    }
    // The rule of git, and of most that came after it.
    if bytes.iter().take(8000).any(|byte| *byte == 0) {
        return Content::Binary;
    }
    Content::Text(match String::from_utf8_lossy(&bytes) {
        Cow::Borrowed(text) => text.to_owned(),
        Cow::Owned(text) => text,
    })
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Content {
    let units = bytes.as_chunks::<2>().0.iter().map(|pair| unit(*pair));
    Content::Text(char::decode_utf16(units).map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
}

#[cfg(test)]
mod tests {
    use super::{Content, LARGEST_TEXT, text_of};

    #[test]
    fn bytes_become_text_where_they_can() {
        let text = |it: &str| Content::Text(it.to_owned());
        assert_eq!(text_of(b"plain".to_vec()), text("plain"));
        assert_eq!(text_of(b"caf\xe9 au lait".to_vec()), text("caf\u{fffd} au lait"));
        assert_eq!(text_of(b"\xff\xfea\0b\0".to_vec()), text("ab"));
        assert_eq!(text_of(b"\xfe\xff\0a\0b".to_vec()), text("ab"));
        assert_eq!(text_of(b"ELF\0".to_vec()), Content::Binary);
        assert_eq!(text_of(vec![b'a'; LARGEST_TEXT as usize + 1]), Content::TooLarge);
    }
}
