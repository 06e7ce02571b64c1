//! Looking for marks in a text that may go on.

/// What is seen at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// It stands here, and takes so many bytes.
    Yes(usize),
    /// It does not.
    No,
    /// What is there may still become it.
    More,
}

impl Look {
    /// What it is if nothing more comes.
    pub(crate) fn settled(self, at_end: bool) -> Self {
        if at_end && self == Self::More { Self::No } else { self }
    }
}

/// The first of a byte, at or behind a place.
pub(crate) fn byte(bytes: &[u8], from: usize, byte: u8) -> Option<usize> {
    let found = memchr::memchr(byte, bytes.get(from..)?).map(|at| from + at);
    looked(found.map_or(bytes.len(), |at| at + 1) - from);
    found
}

/// The first of a mark, at or behind a place.
pub(crate) fn mark(bytes: &[u8], from: usize, mark: &str) -> Option<usize> {
    let found = memchr::memmem::find(bytes.get(from..)?, mark.as_bytes()).map(|at| from + at);
    looked(found.map_or(bytes.len(), |at| at + mark.len()) - from);
    found
}

/// Counts the bytes that were looked at, where a test wants to know.
pub(crate) fn looked(bytes: usize) {
    #[cfg(test)]
    LOOKED.with(|looked| looked.set(looked.get() + bytes));
    #[cfg(not(test))]
    let _ = bytes;
}

#[cfg(test)]
thread_local! {
    pub(crate) static LOOKED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// White space within a closing tag that is still taken for one, in bytes.
const LONGEST_GAP: usize = 32;

pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Whether a literal stands here.
pub(crate) fn literal(rest: &[u8], word: &[u8]) -> Look {
    looked(1);
    if rest.starts_with(word) {
        Look::Yes(word.len())
    } else if word.starts_with(rest) {
        Look::More
    } else {
        Look::No
    }
}

/// Whether `</name>` stands here.
pub(crate) fn closing(rest: &[u8], name: &str) -> Look {
    match named(rest, b"</", name) {
        Look::Yes(length) => {
            let gap = rest[length..].iter().take(LONGEST_GAP).take_while(|byte| is_space(**byte)).count();
            match rest.get(length + gap) {
                Some(b'>') => Look::Yes(length + gap + 1),
                Some(_) => Look::No,
                None => Look::More,
            }
        }
        other => other,
    }
}

/// Whether `<name` stands here, and the name ends there.
pub(crate) fn opening(rest: &[u8], name: &str) -> Look {
    match named(rest, b"<", name) {
        Look::Yes(length) => match rest.get(length) {
            Some(b'>' | b'/') => Look::Yes(length),
            Some(byte) if is_space(*byte) => Look::Yes(length),
            Some(_) => Look::No,
            None => Look::More,
        },
        other => other,
    }
}

fn named(rest: &[u8], before: &[u8], name: &str) -> Look {
    match literal(rest, before) {
        Look::Yes(start) => match literal(&rest[start..], name.as_bytes()) {
            Look::Yes(length) => Look::Yes(start + length),
            other => other,
        },
        other => other,
    }
}

/// The first of several looks that is not a no.
pub(crate) fn any(looks: impl IntoIterator<Item = Look>) -> Look {
    let mut is_open = false;
    for look in looks {
        match look {
            Look::Yes(_) => return look,
            Look::More => is_open = true,
            Look::No => {}
        }
    }
    if is_open { Look::More } else { Look::No }
}
