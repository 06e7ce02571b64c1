//! What the disk said of each file of a working tree when its content was last read,
//! so that a file that nobody touched is not read again. A cache: what is damaged or
//! missing costs time and nothing else.

use gix::ObjectId;
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    fs::{self, Metadata},
    io::Write as _,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Part of the name of the file, so that another version of the rules never reads
/// what an older one found.
const VERSION: &str = "1";
/// A file that was changed so shortly before it was read may be changed once more
/// without another time: clocks of file systems are as coarse as this. Git has the
/// same rule.
const RACY: Duration = Duration::from_secs(2);

/// What tells a changed file from an unchanged one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stat {
    size: u64,
    /// Nanoseconds since 1970.
    modified: i128,
    /// The same for the last change of any kind, which nobody can set back; 0 where
    /// the system does not say.
    changed: i128,
    inode: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Known {
    stat: Stat,
    id: Vec<u8>,
}

/// Digests of files by their paths from the root.
#[derive(Debug, Default)]
pub(crate) struct Stats {
    file: Option<PathBuf>,
    known: HashMap<Vec<u8>, Known>,
    /// Whether the file has something else.
    changed: bool,
}

impl Stat {
    #[cfg(unix)]
    pub fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        let nanoseconds = |seconds: i64, rest: i64| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
        Self {
            size: metadata.len(),
            modified: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
            changed: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
            inode: metadata.ino(),
        }
    }

    #[cfg(not(unix))]
    pub fn of(metadata: &Metadata) -> Self {
        // A time that is not known is one that is always racy.
        let modified = metadata.modified().map_or(i128::MAX, since_1970);
        Self { size: metadata.len(), modified, changed: 0, inode: 0 }
    }
}

fn since_1970(time: SystemTime) -> i128 {
    let after = time.duration_since(UNIX_EPOCH).map(|it| it.as_nanos());
    after.map_or(0, |it| i128::try_from(it).unwrap_or(i128::MAX))
}

impl Stats {
    /// What is kept of a working tree in a folder.
    pub fn open(folder: &Path, root: &Path) -> Self {
        let name = format!("stat-{VERSION}-{:016x}.bin", crate::text::hash(&root.to_string_lossy()));
        let file = folder.join(name);
        let known = fs::read(&file).ok().and_then(|it| decode(&it)).unwrap_or_default();
        Self { file: Some(file), known, changed: false }
    }

    /// The digest of a file that is as it was.
    pub(super) fn get(&self, path: &[u8], stat: Stat) -> Option<ObjectId> {
        let known = self.known.get(path).filter(|it| it.stat == stat)?;
        ObjectId::try_from(known.id.as_slice()).ok()
    }

    /// Remembers a digest of a content that was read after `began`.
    pub(super) fn put(&mut self, path: &[u8], stat: Stat, id: ObjectId, began: SystemTime) {
        let racy = since_1970(began - RACY) <= stat.modified;
        if racy {
            self.changed |= self.known.remove(path).is_some();
        } else {
            self.changed = true;
            self.known.insert(path.to_vec(), Known { stat, id: id.as_bytes().to_vec() });
        }
    }

    /// Forgets the files that are gone, and keeps the rest. That it cannot be kept
    /// is no failure.
    pub(super) fn keep(&mut self, is_there: impl Fn(&[u8]) -> bool) {
        let before = self.known.len();
        self.known.retain(|path, _| is_there(path));
        if self.changed || self.known.len() < before {
            self.save();
        }
    }

    /// Written beside its place and then moved there.
    pub(super) fn save(&mut self) {
        self.changed = false;
        let Some((file, folder)) = self.file.as_ref().and_then(|it| Some((it, it.parent()?))) else { return };
        let Ok(entries) = postcard::to_stdvec(&self.known) else { return };
        let written = fs::create_dir_all(folder).and_then(|()| {
            let mut to = tempfile::NamedTempFile::new_in(folder)?;
            to.write_all(&crc32fast::hash(&entries).to_le_bytes())?;
            to.write_all(&entries)?;
            to.persist(file).map_err(|error| error.error)
        });
        drop(written);
    }
}

fn decode(bytes: &[u8]) -> Option<HashMap<Vec<u8>, Known>> {
    let (checksum, entries) = bytes.split_first_chunk()?;
    let whole = u32::from_le_bytes(*checksum) == crc32fast::hash(entries);
    whole.then(|| postcard::from_bytes(entries).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::{RACY, Stat, Stats};
    use gix::{ObjectId, hash::Kind};
    use std::{
        fs,
        time::{Duration, SystemTime, UNIX_EPOCH},
    };

    const WHEN: i128 = 1_000_000_000_000;
    const STAT: Stat = Stat { size: 3, modified: WHEN, changed: WHEN, inode: 7 };

    fn at(nanoseconds: i128) -> SystemTime {
        UNIX_EPOCH + Duration::from_nanos(u64::try_from(nanoseconds).unwrap())
    }

    #[test]
    fn a_digest_holds_until_something_changes() {
        let folder = tempfile::tempdir().unwrap();
        let id = ObjectId::empty_blob(Kind::Sha1);
        let mut stats = Stats::open(folder.path(), folder.path());
        stats.put(b"a", STAT, id, at(WHEN) + RACY + Duration::from_nanos(1));
        stats.put(b"gone", STAT, id, at(2 * WHEN));
        stats.put(b"racy", STAT, id, at(WHEN) + RACY);
        stats.keep(|path| path != b"gone");
        let stats = Stats::open(folder.path(), folder.path());
        assert_eq!(stats.get(b"a", STAT), Some(id));
        assert_eq!((stats.get(b"gone", STAT), stats.get(b"racy", STAT)), (None, None));
        for other in [
            Stat { size: 4, ..STAT },
            Stat { modified: WHEN + 1, ..STAT },
            Stat { changed: WHEN + 1, ..STAT },
            Stat { inode: 8, ..STAT },
        ] {
            assert_eq!(stats.get(b"a", other), None);
        }
    }

    #[test]
    fn a_damaged_file_tells_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut stats = Stats::open(folder.path(), folder.path());
        stats.put(b"a", STAT, ObjectId::empty_blob(Kind::Sha1), at(2 * WHEN));
        stats.keep(|_| true);
        let file = fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
        let whole = fs::read(&file).unwrap();
        for place in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[place] ^= 0x20;
            fs::write(&file, &bytes).unwrap();
            assert_eq!(Stats::open(folder.path(), folder.path()).get(b"a", STAT), None, "byte {place}");
        }
    }
}
