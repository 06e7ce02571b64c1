//! What was worked out before, by the digest of what it was worked out from. It is
//! a cache and nothing else: every answer can be had without it, an entry that is
//! damaged is worked out again, and nobody minds when the folder is removed.

mod segment;

use segment::Segment;
use serde::{Serialize, de::DeserializeOwned};
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

/// Part of the name of each file, so that another version of the rules never reads
/// what an older one found.
const VERSION: &str = "2";
/// More files than these are written into one.
const MOST_SEGMENTS: usize = 8;
/// Above this the cache starts again with what the present search needs.
const LARGEST: u64 = 1024 * 1024 * 1024;

/// Entries on disk, and those that this process has added.
#[derive(Debug, Default)]
pub(crate) struct Index {
    folder: Option<PathBuf>,
    segments: Vec<Segment>,
    added: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl Index {
    /// Opens the entries below a folder. What cannot be read is left out.
    pub fn open(folder: PathBuf) -> Self {
        let mut segments: Vec<_> = files(&folder).into_iter().filter_map(Segment::open).collect();
        if segments.iter().map(Segment::size).sum::<u64>() > LARGEST {
            for segment in segments.drain(..) {
                segment.remove();
            }
        }
        Self { folder: Some(folder), segments, added: BTreeMap::new() }
    }

    /// Entries that go with the process.
    pub fn in_memory() -> Self {
        Self::default()
    }

    pub fn get<T: DeserializeOwned>(&self, key: &[u8]) -> Option<T> {
        let bytes = self.added.get(key).map(Vec::as_slice);
        let bytes = bytes.or_else(|| self.segments.iter().find_map(|it| it.get(key)))?;
        postcard::from_bytes(bytes).ok()
    }

    pub fn put<T: Serialize>(&mut self, key: Vec<u8>, value: &T) {
        if let (Some(_), Ok(bytes)) = (&self.folder, postcard::to_stdvec(value)) {
            self.added.insert(key, bytes);
        }
    }

    /// Keeps what was added. That it cannot be kept (a full or read-only disk)
    /// costs time and nothing else, so it is no failure.
    pub fn save(&mut self) {
        let Some(folder) = self.folder.clone() else { return };
        if self.added.is_empty() {
            return;
        }
        let merges = self.segments.len() >= MOST_SEGMENTS;
        let mut entries: BTreeMap<&[u8], &[u8]> = BTreeMap::new();
        if merges {
            entries.extend(self.segments.iter().flat_map(Segment::entries));
        }
        entries.extend(self.added.iter().map(|(key, value)| (key.as_slice(), value.as_slice())));
        let written = write(&folder, &entries);
        if let Ok(Some(segment)) = written {
            if merges {
                for old in self.segments.drain(..).filter(|old| old.path() != segment.path()) {
                    old.remove();
                }
            }
            self.segments.push(segment);
            self.added.clear();
        }
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let names = entries.filter_map(|it| Some(it.ok()?.path()));
    let is_ours = |path: &PathBuf| {
        path.file_name()
            .and_then(|it| it.to_str())
            .is_some_and(|it| it.starts_with(&format!("index-{VERSION}-")) && it.ends_with(".bin"))
    };
    let mut files: Vec<_> = names.filter(is_ours).collect();
    files.sort();
    files
}

/// Written beside its place and then moved there: a reader sees a whole file or
/// none, and two writers do not meet.
fn write(folder: &Path, entries: &BTreeMap<&[u8], &[u8]>) -> io::Result<Option<Segment>> {
    fs::create_dir_all(folder)?;
    let bytes = segment::encode(entries);
    let name = format!("index-{VERSION}-{:08x}-{:x}.bin", crc32fast::hash(&bytes), bytes.len());
    let path = folder.join(name);
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    io::Write::write_all(&mut file, &bytes)?;
    file.persist(&path).map_err(|error| error.error)?;
    Ok(Segment::new(path, bytes))
}

#[cfg(test)]
mod tests {
    use super::{Index, MOST_SEGMENTS, files};
    use std::fs;

    #[test]
    fn entries_outlive_the_process_and_are_merged() {
        let folder = tempfile::tempdir().unwrap();
        for round in 0..MOST_SEGMENTS as u8 + 3 {
            let mut index = Index::open(folder.path().to_path_buf());
            index.put(vec![round], &u32::from(round));
            index.save();
        }
        let index = Index::open(folder.path().to_path_buf());
        for round in 0..MOST_SEGMENTS as u8 + 3 {
            assert_eq!(index.get::<u32>(&[round]), Some(u32::from(round)));
        }
        assert_eq!(index.get::<u32>(&[200]), None);
        assert!(files(folder.path()).len() <= MOST_SEGMENTS);
    }

    #[test]
    fn a_damaged_entry_is_no_entry() {
        let folder = tempfile::tempdir().unwrap();
        let mut index = Index::open(folder.path().to_path_buf());
        index.put(vec![1], &"one".to_owned());
        index.put(vec![2], &"two".to_owned());
        index.save();
        let path = files(folder.path()).remove(0);
        let whole = fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x20;
            fs::write(&path, &bytes).unwrap();
            let index = Index::open(folder.path().to_path_buf());
            for (key, value) in [(1, "one"), (2, "two")] {
                let found = index.get::<String>(&[key]);
                assert!(found.is_none() || found.as_deref() == Some(value), "byte {at}");
            }
            fs::write(&path, &whole[..at]).unwrap();
            let cut = Index::open(folder.path().to_path_buf()).get::<String>(&[1]);
            assert!(cut.is_none() || cut.as_deref() == Some("one"), "cut at {at}");
        }
    }

    #[test]
    fn without_a_folder_nothing_is_kept() {
        let mut index = Index::in_memory();
        index.put(vec![1], &1u32);
        index.save();
        assert_eq!(index.get::<u32>(&[1]), None);
    }
}
