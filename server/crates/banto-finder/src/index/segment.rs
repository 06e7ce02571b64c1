//! One file of entries: a mark, the table of keys with places and checksums, the
//! checksum of the table, then the values.

use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

const MARK: &[u8; 8] = b"bantoidx";
/// The mark, the length of the table, and its checksum.
const HEAD: usize = 16;

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Place {
    start: u32,
    length: u32,
    checksum: u32,
}

/// A file that was read, with its table checked.
#[derive(Debug)]
pub(super) struct Segment {
    path: PathBuf,
    bytes: Vec<u8>,
    table: BTreeMap<Vec<u8>, Place>,
    values: usize,
}

impl Segment {
    pub fn open(path: PathBuf) -> Option<Self> {
        let bytes = fs::read(&path).ok()?;
        Self::new(path, bytes)
    }

    pub fn new(path: PathBuf, bytes: Vec<u8>) -> Option<Self> {
        let head = bytes.get(..HEAD)?;
        let number = |at: usize| Some(u32::from_le_bytes(head.get(at..at + 4)?.try_into().ok()?));
        let values = HEAD.checked_add(number(8)? as usize)?;
        let table = bytes.get(HEAD..values)?;
        if !head.starts_with(MARK) || number(12)? != crc32fast::hash(table) {
            return None;
        }
        let table = postcard::from_bytes(table).ok()?;
        Some(Self { path, bytes, table, values })
    }

    /// The value of a key, if its bytes are those that were written.
    pub fn get(&self, key: &[u8]) -> Option<&[u8]> {
        self.value(*self.table.get(key)?)
    }

    fn value(&self, place: Place) -> Option<&[u8]> {
        let start = self.values.checked_add(place.start as usize)?;
        let value = self.bytes.get(start..start.checked_add(place.length as usize)?)?;
        (crc32fast::hash(value) == place.checksum).then_some(value)
    }

    pub fn entries(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.table.iter().filter_map(|(key, place)| Some((key.as_slice(), self.value(*place)?)))
    }

    pub fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Another process may have removed it already.
    pub fn remove(self) {
        let _ = fs::remove_file(self.path);
    }
}

/// The bytes of a file with these entries. What would not fit the 32 bits of a
/// place is left out; the cache starts again long before.
pub(super) fn encode(entries: &BTreeMap<&[u8], &[u8]>) -> Vec<u8> {
    let mut table = BTreeMap::new();
    let mut values = Vec::new();
    for (key, value) in entries {
        let (Ok(start), Ok(length)) = (u32::try_from(values.len()), u32::try_from(value.len())) else {
            break;
        };
        table.insert(*key, Place { start, length, checksum: crc32fast::hash(value) });
        values.extend_from_slice(value);
    }
    let table = postcard::to_stdvec(&table).unwrap_or_default();
    let length = u32::try_from(table.len()).unwrap_or_default();
    let checksum = crc32fast::hash(&table);
    [MARK.as_slice(), &length.to_le_bytes(), &checksum.to_le_bytes(), &table, &values].concat()
}
