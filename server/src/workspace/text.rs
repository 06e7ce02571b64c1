//! The bytes of a file as text: which encoding they are in, and the lines that are
//! asked for. Memory does not grow with the file.

use crate::error::{Error, Result};
use chardetng::EncodingDetector;
use encoding_rs::{CoderResult, Decoder, UTF_8, UTF_16BE, UTF_16LE};
use sha2::{Digest as _, Sha256};
use std::io::{Read, Seek};

/// Most text of an answer, in bytes.
pub(super) const MOST_TEXT: usize = 1 << 20;
/// Bytes in which a NUL means that a file is not text; the rule of git.
pub(super) const HEAD: usize = 8_000;
/// Larger files have no digest.
const LARGEST_DIGEST: u64 = 64 << 20;
/// Bytes that are read at once.
const CHUNK: usize = 64 << 10;

/// How bytes became text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// UTF-16, by its byte order mark.
    Utf16,
    /// Another, detected; it may be wrong in places.
    Legacy,
}

/// Which lines are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lines {
    /// The first, counted from 1.
    pub first: u32,
    /// Most of them; `None`: all that fit.
    pub most: Option<u32>,
}

/// A part of a file as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The text, with its line ends as they are; empty when it is not text.
    pub text: String,
    /// Whether lines follow. A single line that does not fit is cut, and then what
    /// follows it is the rest of that line.
    pub truncated: bool,
    /// How bytes became text; `None`: they are not text.
    pub encoding: Option<Encoding>,
    /// SHA-256 of all bytes; `None`: there are too many.
    pub sha256: Option<String>,
    /// The first bytes.
    pub head: Vec<u8>,
}

/// What reading all the bytes once tells.
struct Scan {
    head: Vec<u8>,
    sha256: Option<String>,
    encoding: Option<(Encoding, &'static encoding_rs::Encoding)>,
}

/// Reads lines of a file of a size.
///
/// # Errors
/// `Internal` when the disk does not give the bytes.
pub(super) fn read(mut file: impl Read + Seek, size: u64, lines: Lines) -> Result<Text> {
    let failed = |error: std::io::Error| Error::Internal(format!("a file could not be read: {error}"));
    let Scan { head, sha256, encoding } = scan(&mut file, size).map_err(failed)?;
    let Some((encoding, coding)) = encoding else {
        return Ok(Text { text: String::new(), truncated: false, encoding: None, sha256, head });
    };
    file.rewind().map_err(failed)?;
    let (text, truncated) = decode(file, coding.new_decoder(), lines).map_err(failed)?;
    Ok(Text { text, truncated, encoding: Some(encoding), sha256, head })
}

fn scan(file: &mut impl Read, size: u64) -> std::io::Result<Scan> {
    // Of a file that is too large for a digest the beginning must do.
    let limit = if size <= LARGEST_DIGEST { LARGEST_DIGEST + 1 } else { LARGEST_DIGEST };
    let mut hasher = Sha256::new();
    let (mut head, mut utf8) = (Vec::new(), Utf8::default());
    let mut detector = EncodingDetector::new();
    let mut chunk = vec![0; CHUNK];
    let mut read = 0_u64;
    loop {
        let length = fill(file, &mut chunk)?;
        let bytes = &chunk[..length];
        if read == 0 {
            head.extend_from_slice(&bytes[..length.min(HEAD)]);
        }
        hasher.update(bytes);
        utf8.push(bytes);
        // It costs more than all the rest, and most files never need it.
        if !utf8.valid {
            detector.feed(bytes, false);
        }
        read += length as u64;
        if length < CHUNK || read >= limit {
            break;
        }
    }
    detector.feed(&[], true);
    let sha256 = (size.max(read) <= LARGEST_DIGEST).then(|| hex::encode(hasher.finalize()));
    let encoding = match head.as_slice() {
        [0xFF, 0xFE, ..] => Some((Encoding::Utf16, UTF_16LE)),
        [0xFE, 0xFF, ..] => Some((Encoding::Utf16, UTF_16BE)),
        bytes if bytes.contains(&0) => None,
        _ if utf8.is_text(read >= limit) => Some((Encoding::Utf8, UTF_8)),
        _ => Some((Encoding::Legacy, detector.guess(None, false))),
    };
    Ok(Scan { head, sha256, encoding })
}

/// Fills a buffer as far as the file goes.
fn fill(file: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match file.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

/// Whether bytes that arrive in pieces are UTF-8.
struct Utf8 {
    valid: bool,
    /// The beginning of a character whose rest has not arrived.
    open: Vec<u8>,
}

impl Default for Utf8 {
    fn default() -> Self {
        Self { valid: true, open: Vec::new() }
    }
}

impl Utf8 {
    fn push(&mut self, mut bytes: &[u8]) {
        while self.valid && !self.open.is_empty() {
            let Some((first, rest)) = bytes.split_first() else { return };
            self.open.push(*first);
            bytes = rest;
            match std::str::from_utf8(&self.open) {
                Ok(_) => self.open.clear(),
                Err(error) => self.valid = error.error_len().is_none(),
            }
        }
        if self.valid
            && let Err(error) = std::str::from_utf8(bytes)
        {
            self.valid = error.error_len().is_none();
            self.open = bytes[error.valid_up_to()..].to_vec();
        }
    }

    /// `cut`: the last character may be unfinished because the reading stopped.
    fn is_text(&self, cut: bool) -> bool {
        self.valid && (cut || self.open.is_empty())
    }
}

fn decode(mut file: impl Read, mut decoder: Decoder, lines: Lines) -> std::io::Result<(String, bool)> {
    let mut window = Window::new(lines);
    let mut chunk = vec![0; CHUNK];
    let mut text = String::with_capacity(CHUNK * 2);
    loop {
        let length = fill(&mut file, &mut chunk)?;
        let last = length < CHUNK;
        let mut bytes = &chunk[..length];
        loop {
            let (result, read, _) = decoder.decode_to_string(bytes, &mut text, last);
            bytes = &bytes[read..];
            if !window.push(&text) {
                return Ok((window.text, window.truncated));
            }
            text.clear();
            if result == CoderResult::InputEmpty {
                break;
            }
        }
        if last {
            return Ok((window.text, window.truncated));
        }
    }
}

/// The wanted lines of a text that arrives in pieces.
struct Window {
    lines: Lines,
    /// The line that the next piece begins in, counted from 1.
    line: u64,
    text: String,
    /// Where the last whole line of `text` ends.
    whole: usize,
    truncated: bool,
}

impl Window {
    fn new(lines: Lines) -> Self {
        Self { lines, line: 1, text: String::new(), whole: 0, truncated: false }
    }

    /// Takes a piece, and says whether it wants another.
    fn push(&mut self, piece: &str) -> bool {
        let first = u64::from(self.lines.first.max(1));
        let end = self.lines.most.map_or(u64::MAX, |most| first + u64::from(most));
        for part in piece.split_inclusive('\n') {
            if self.line >= end {
                self.truncated = true;
                return false;
            }
            if self.line >= first {
                self.text.push_str(part);
                if self.text.len() > MOST_TEXT {
                    self.cut();
                    return false;
                }
            }
            if part.ends_with('\n') {
                self.line += 1;
                self.whole = self.text.len();
            }
        }
        true
    }

    fn cut(&mut self) {
        let at = if self.whole > 0 { self.whole } else { self.text.floor_char_boundary(MOST_TEXT) };
        self.text.truncate(at);
        self.truncated = true;
    }
}

#[cfg(test)]
mod tests {
    use super::{CHUNK, Encoding, Lines, MOST_TEXT, Text, read};
    use std::io::Cursor;

    const ALL: Lines = Lines { first: 1, most: None };

    fn text(bytes: &[u8], lines: Lines) -> Text {
        read(Cursor::new(bytes), bytes.len() as u64, lines).expect("it is read")
    }

    #[test]
    fn encodings_are_told_apart() {
        let seen = |bytes: &[u8]| {
            let text = text(bytes, ALL);
            (text.text, text.encoding)
        };
        assert_eq!(seen(b""), (String::new(), Some(Encoding::Utf8)));
        assert_eq!(seen("Grüße, 番頭".as_bytes()), ("Grüße, 番頭".to_owned(), Some(Encoding::Utf8)));
        assert_eq!(seen(b"\xef\xbb\xbfa"), ("a".to_owned(), Some(Encoding::Utf8)));
        assert_eq!(seen(b"\xff\xfea\0\x6a\x75"), ("a番".to_owned(), Some(Encoding::Utf16)));
        assert_eq!(seen(b"\xfe\xff\0a\x75\x6a"), ("a番".to_owned(), Some(Encoding::Utf16)));
        assert_eq!(seen(b"ELF\0\x01"), (String::new(), None));
        let japanese = "番頭は店の主人に代わって店を切り盛りする。".repeat(3);
        for coding in [encoding_rs::SHIFT_JIS, encoding_rs::EUC_JP] {
            let (bytes, _, _) = coding.encode(&japanese);
            assert_eq!(seen(&bytes), (japanese.clone(), Some(Encoding::Legacy)), "{}", coding.name());
        }
        let french = "Le café où l'été s'achève, à côté de la forêt";
        let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(french);
        assert_eq!(seen(&bytes), (french.to_owned(), Some(Encoding::Legacy)));
    }

    #[test]
    fn a_character_may_lie_across_two_reads() {
        for before in CHUNK - 3..=CHUNK {
            let wanted = format!("{}番\n", "x".repeat(before));
            let seen = text(wanted.as_bytes(), ALL);
            assert!(seen.text == wanted && seen.encoding == Some(Encoding::Utf8), "{before}");
            // Cut off in the middle it is not UTF-8.
            let cut = &wanted.as_bytes()[..before + 2];
            assert_eq!(text(cut, ALL).encoding, Some(Encoding::Legacy), "{before}");
        }
    }

    #[test]
    fn a_late_byte_that_is_not_utf8_counts() {
        let mut bytes = vec![b'a'; CHUNK * 3];
        bytes.extend(b" caf\xe9 ");
        let seen = text(&bytes, ALL);
        assert_eq!(seen.encoding, Some(Encoding::Legacy));
        assert!(seen.text.ends_with(" café "), "{}", &seen.text[seen.text.len() - 20..]);
    }

    #[test]
    fn lines_are_counted_from_one_and_kept_as_they_are() {
        let seen = |first, most| {
            let text = text(b"a\r\nb\nc", Lines { first, most });
            (text.text, text.truncated)
        };
        assert_eq!(seen(0, None), ("a\r\nb\nc".to_owned(), false));
        assert_eq!(seen(2, Some(1)), ("b\n".to_owned(), true));
        assert_eq!(seen(2, Some(2)), ("b\nc".to_owned(), false));
        assert_eq!(seen(3, None), ("c".to_owned(), false));
        assert_eq!(seen(9, None), (String::new(), false));
        assert!(!text(b"a\n", Lines { first: 1, most: Some(1) }).truncated);
    }

    #[test]
    fn what_does_not_fit_is_cut_after_a_whole_line() {
        let line = format!("{}\n", "番".repeat(100));
        let seen = text(line.repeat(5_000).as_bytes(), ALL);
        assert!(seen.truncated && seen.text.len() <= MOST_TEXT && seen.text.len() + line.len() > MOST_TEXT);
        assert!(seen.text.ends_with('\n'));
        let fits = "x\n".repeat(MOST_TEXT / 2);
        assert!(!text(fits.as_bytes(), ALL).truncated);
        // A single line is cut after a whole character.
        let seen = text("番".repeat(MOST_TEXT).as_bytes(), ALL);
        assert!(seen.truncated && seen.text.len() > MOST_TEXT - 3 && seen.text.chars().all(|c| c == '番'));
    }

    #[test]
    fn the_digest_is_of_the_bytes() {
        let seen = text(b"\xef\xbb\xbfabc", ALL).sha256.expect("it is small");
        assert_eq!(seen, hex::encode(<sha2::Sha256 as sha2::Digest>::digest(b"\xef\xbb\xbfabc")));
    }
}
