//! Words of a text as they are compared: identifiers in their parts and in one
//! piece, stems in place of endings, pairs of characters where a script has no
//! spaces.

use rust_stemmers::{Algorithm, Stemmer};
use std::collections::HashMap;

/// A word as it is compared. Sixty-four bits tell every two words of a repository
/// apart, and take less room than the words.
pub(crate) type Term = u64;

/// Longer runs are data, not words.
const LONGEST: usize = 64;

/// Turns text into terms. It remembers the words that it has met, because stemming
/// is most of the work and most words come again.
pub(crate) struct Terms {
    stemmer: Stemmer,
    known: HashMap<String, Option<Term>>,
}

impl Terms {
    pub fn new() -> Self {
        Self { stemmer: Stemmer::create(Algorithm::English), known: HashMap::new() }
    }

    /// Calls `found` with each term, and with the byte at which its word begins.
    pub fn each(&mut self, text: &str, mut found: impl FnMut(usize, Term)) {
        words(text, |at, word, form| {
            if let Some(term) = self.term(word, form) {
                found(at, term);
            }
        });
    }

    /// The terms, each with how it can be shown: the stem, or the joined form.
    pub fn shown(&mut self, text: &str) -> Vec<Shown> {
        let mut terms = Vec::new();
        words(text, |_, word, form| {
            if let Some(term) = self.term(word, form) {
                let (shown, word) = (self.written(word, form), word.to_owned());
                terms.push(Shown { term, shown, word });
            }
        });
        terms
    }

    pub fn set(&mut self, text: &str) -> Vec<Term> {
        let mut terms = Vec::new();
        self.each(text, |_, term| terms.push(term));
        terms
    }

    fn term(&mut self, word: &str, form: Form) -> Option<Term> {
        if form == Form::Joined || form == Form::Pair {
            return Some(hash(&lowered(word)));
        }
        if let Some(term) = self.known.get(word) {
            return *term;
        }
        let lower = lowered(word);
        let few = lower.chars().count() < 2;
        let term = (!few && !STOP_WORDS.contains(&lower.as_str())).then(|| hash(&self.stemmer.stem(&lower)));
        self.known.insert(word.to_owned(), term);
        term
    }

    fn written(&self, word: &str, form: Form) -> String {
        let lower = lowered(word);
        if form == Form::Part { self.stemmer.stem(&lower).into_owned() } else { lower }
    }
}

/// A term as a person meets it.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub term: Term,
    /// The stem, or the joined form.
    pub shown: String,
    /// As the text has it.
    pub word: String,
}

/// The parts of an identifier, lowered: `sendMessage` has two.
pub(crate) fn parts(word: &str) -> Vec<String> {
    let mut parts = Vec::new();
    words(word, |_, part, form| {
        if form == Form::Part {
            parts.push(lowered(part));
        }
    });
    parts
}

/// What a piece of a word is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Form {
    /// A word, or a part of an identifier: stemmed.
    Part,
    /// An identifier of several parts in one piece.
    Joined,
    /// Two characters of a script without spaces.
    Pair,
}

/// The letters and digits of a word, lowered.
pub(crate) fn lowered(word: &str) -> String {
    word.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// FNV-1a, with a last step that spreads short words over all bits.
pub(crate) fn hash(word: &str) -> Term {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    let hash = word.bytes().fold(0xcbf2_9ce4_8422_2325, step);
    (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Han, kana and hangul: scripts whose words are not parted by spaces, or whose
/// endings no English stemmer knows.
fn is_east_asian(letter: char) -> bool {
    matches!(u32::from(letter),
        0x3005..=0x3007 | 0x3040..=0x30ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xac00..=0xd7af | 0xf900..=0xfaff | 0xff66..=0xff9f | 0x20000..=0x323af)
}

/// Cuts a text into identifiers, and these into parts.
fn words(text: &str, mut found: impl FnMut(usize, &str, Form)) {
    let mut letters = text.char_indices().peekable();
    while let Some((start, letter)) = letters.next() {
        if is_east_asian(letter) {
            let mut end = start + letter.len_utf8();
            while let Some((at, _)) = letters.next_if(|(_, it)| is_east_asian(*it)) {
                end = at + text[at..].chars().next().map_or(1, char::len_utf8);
            }
            pairs(start, &text[start..end], &mut found);
        } else if is_of_identifier(letter) {
            let mut end = start + letter.len_utf8();
            while let Some((at, next)) = letters.peek().copied() {
                let goes_on = is_of_identifier(next)
                    || (next == '-' && text[at + 1..].chars().next().is_some_and(char::is_alphabetic));
                if !goes_on || is_east_asian(next) {
                    break;
                }
                end = at + next.len_utf8();
                letters.next();
            }
            identifier(start, &text[start..end], &mut found);
        }
    }
}

fn is_of_identifier(letter: char) -> bool {
    letter == '_' || (letter.is_alphanumeric() && !is_east_asian(letter))
}

fn pairs(start: usize, run: &str, found: &mut impl FnMut(usize, &str, Form)) {
    let bounds: Vec<_> = run.char_indices().map(|(at, _)| at).chain([run.len()]).collect();
    if bounds.len() == 2 {
        return found(start, run, Form::Pair);
    }
    for ends in bounds.windows(3) {
        found(start + ends[0], &run[ends[0]..ends[2]], Form::Pair);
    }
}

fn identifier(start: usize, word: &str, found: &mut impl FnMut(usize, &str, Form)) {
    if word.len() > LONGEST {
        return;
    }
    let mut parts = 0;
    let mut begin = 0;
    let letters: Vec<_> = word.char_indices().collect();
    for (place, (at, letter)) in letters.iter().copied().enumerate() {
        let next = letters.get(place + 1).map(|it| it.1);
        let ends_here = next.is_none_or(|next| {
            !next.is_alphanumeric()
                || (letter.is_lowercase() && next.is_uppercase())
                || letter.is_numeric() != next.is_numeric()
                // The last capital of HTTPServer begins the next word.
                || (letter.is_uppercase()
                    && next.is_uppercase()
                    && letters.get(place + 2).is_some_and(|it| it.1.is_lowercase()))
        });
        if !letter.is_alphanumeric() {
            begin = at + letter.len_utf8();
        } else if ends_here {
            let end = at + letter.len_utf8();
            found(start + begin, &word[begin..end], Form::Part);
            (begin, parts) = (end, parts + 1);
        }
    }
    if parts > 1 {
        found(start, word, Form::Joined);
    }
}

/// Words that say nothing about a place in a source tree.
const STOP_WORDS: &[&str] = &[
    "a", "about", "after", "all", "also", "an", "and", "any", "are", "as", "at", "be", "because", "been",
    "before", "both", "but", "by", "can", "could", "did", "do", "does", "doesn", "don", "each", "for",
    "from", "had", "has", "have", "how", "if", "in", "into", "is", "isn", "it", "its", "just", "may", "more",
    "most", "no", "nor", "not", "now", "of", "on", "only", "or", "other", "our", "out", "over", "same",
    "should", "so", "some", "such", "than", "that", "the", "their", "them", "then", "there", "these", "they",
    "this", "those", "to", "too", "up", "use", "very", "was", "we", "were", "what", "when", "where", "which",
    "while", "who", "why", "will", "with", "would", "you", "your",
];

#[cfg(test)]
mod tests {
    use super::{Terms, hash};

    fn shown(text: &str) -> Vec<String> {
        Terms::new().shown(text).into_iter().map(|it| it.shown).collect()
    }

    #[test]
    fn identifiers_are_split_and_kept() {
        assert_eq!(shown("sendMessages"), ["send", "messag", "sendmessages"]);
        assert_eq!(shown("HTTPServer2_main"), ["http", "server", "main", "httpserver2main"]);
        assert_eq!(shown("retry-after: waiting"), ["retri", "retryafter", "wait"]);
        assert_eq!(shown("a - b, the café"), ["café"]);
        assert_eq!(shown("send_message"), ["send", "messag", "sendmessage"]);
    }

    #[test]
    fn japanese_is_cut_into_pairs() {
        assert_eq!(shown("検索結果をCache化"), ["検索", "索結", "結果", "果を", "cach", "化"]);
    }

    #[test]
    fn the_same_word_is_the_same_term_in_each_style() {
        let mut terms = Terms::new();
        let joined = terms.set("sendMessage").pop();
        assert_eq!(terms.set("send_message").pop(), joined);
        assert_eq!(terms.set("send-message").pop(), joined);
        assert_eq!(joined, Some(hash("sendmessage")));
        assert!(terms.set(&"x".repeat(65)).is_empty());
    }

    #[test]
    fn a_term_knows_where_its_word_begins() {
        let mut found = Vec::new();
        Terms::new().each("é fileName", |at, _| found.push(at));
        assert_eq!(found, [3, 7, 3]);
    }
}
