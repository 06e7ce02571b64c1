//! Whether SQLite's write-ahead log still holds what was committed to it.
//!
//! SQLite takes the frames of the log up to the first that is torn, and drops the
//! rest without a word. After a crash that is right: the rest was never committed.
//! It also hides a log that was cut or damaged later. The index beside it
//! (`-shm`) tells the two apart: it counts the frames that were committed, and is
//! written only after the log was synced. It is there after a crash and gone after
//! a proper end; a backup without it is taken as it is.
//!
//! Formats: <https://www.sqlite.org/walformat.html>.

use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::{Path, PathBuf},
};

const LOG_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// Of the two copies of the index's header and what the checkpoints did.
const INDEX_HEADER: usize = 48;
const INDEX_BEGIN: usize = 2 * INDEX_HEADER + 4;
const INDEX_VERSION: u32 = 3_007_000;

/// What the index says of the log.
#[derive(Debug)]
struct Index {
    /// Names this use of the log, as the log's own header does.
    salts: [u8; 8],
    /// Frames up to the last commit.
    committed: u32,
    /// Of these, frames that are in the database by now.
    copied: u32,
}

/// Checks the log of a database that nobody has open.
///
/// # Errors
/// What is wrong with it, for people.
pub(super) fn check(database: &Path) -> Result<(), String> {
    let unreadable = |error: io::Error| format!("its log cannot be read: {}", error.kind());
    let Some(index) = index(&beside(database, "-shm")).map_err(unreadable)? else { return Ok(()) };
    let found = match File::open(beside(database, "-wal")) {
        Ok(log) => valid_frames(BufReader::new(log), &index).map_err(unreadable)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(unreadable(error)),
    };
    match found {
        Some(Log::Other) => Ok(()),
        Some(Log::Valid(frames)) if frames >= index.committed => Ok(()),
        // Without a log nothing is read from it, so all may be in the database.
        None if index.copied >= index.committed => Ok(()),
        Some(Log::Valid(frames)) => {
            Err(format!("its log holds {frames} of {} committed frames", index.committed))
        }
        None => Err(format!("its log with {} committed frames is gone", index.committed)),
    }
}

fn beside(database: &Path, suffix: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// `None`: there is no index, or it was torn and says nothing.
fn index(file: &Path) -> io::Result<Option<Index>> {
    let mut begin = [0; INDEX_BEGIN];
    match File::open(file).and_then(|mut file| file.read_exact(&mut begin)) {
        Ok(()) => {}
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    }
    // In the byte order of the machine.
    let number = |at: usize| u32::from_ne_bytes(bytes(&begin, at));
    let (first, second) = begin[..2 * INDEX_HEADER].split_at(INDEX_HEADER);
    let initialised = first[12] == 1;
    if first != second || number(0) != INDEX_VERSION || !initialised {
        return Ok(None);
    }
    Ok(Some(Index { salts: bytes(&begin, 32), committed: number(16), copied: number(2 * INDEX_HEADER) }))
}

enum Log {
    /// It was begun anew since the index was written.
    Other,
    /// So many frames from its beginning are as they were written.
    Valid(u32),
}

/// `None`: it has no whole header.
fn valid_frames(mut log: impl Read, index: &Index) -> io::Result<Option<Log>> {
    let mut header = [0; LOG_HEADER];
    if !fill(&mut log, &mut header)? {
        return Ok(None);
    }
    if header[16..24] != index.salts {
        return Ok(Some(Log::Other));
    }
    let big_endian = header[3] & 1 == 1;
    let mut checksum = Checksum { sums: [0, 0], big_endian };
    checksum.add(&header[..24]);
    if !checksum.is(&header[24..32]) {
        return Ok(Some(Log::Valid(0)));
    }
    let page = u32::from_be_bytes(bytes(&header, 8)) as usize;
    let mut frame = vec![0; FRAME_HEADER + page];
    let mut frames = 0;
    while frames < index.committed && fill(&mut log, &mut frame)? {
        checksum.add(&frame[..8]);
        checksum.add(&frame[FRAME_HEADER..]);
        if frame[8..16] != index.salts || !checksum.is(&frame[16..24]) {
            break;
        }
        frames += 1;
    }
    Ok(Some(Log::Valid(frames)))
}

/// Whether there was enough to fill it.
fn fill(log: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match log.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

/// The running checksum over the log.
struct Checksum {
    sums: [u32; 2],
    big_endian: bool,
}

impl Checksum {
    fn add(&mut self, data: &[u8]) {
        for pair in data.chunks_exact(8) {
            let word = |at: usize| {
                let word = bytes(pair, at);
                if self.big_endian { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) }
            };
            let (first, second) = (word(0), word(4));
            self.sums[0] = self.sums[0].wrapping_add(first).wrapping_add(self.sums[1]);
            self.sums[1] = self.sums[1].wrapping_add(second).wrapping_add(self.sums[0]);
        }
    }

    fn is(&self, stored: &[u8]) -> bool {
        stored[..4] == self.sums[0].to_be_bytes() && stored[4..] == self.sums[1].to_be_bytes()
    }
}

fn bytes<const N: usize>(data: &[u8], at: usize) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.copy_from_slice(&data[at..at + N]);
    bytes
}
