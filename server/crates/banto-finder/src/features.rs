//! What is known of a content, whatever commit it is in: its terms by blocks of
//! lines, its definitions and its imports.

use crate::{
    kind::says_generated,
    symbols::{Definition, Language},
    text::{Term, Terms},
    tree::Content,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Lines of a block. Two neighbours make a chunk, so that chunks overlap by half
/// and no passage is cut in the middle of every chunk.
pub(crate) const BLOCK: usize = 20;

/// The features of one content.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Features {
    /// Whether it has words at all: a binary or too large file has only its path.
    pub readable: bool,
    /// How many bytes the content has.
    pub size: u64,
    /// It says that a program wrote it.
    pub generated: bool,
    pub lines: u32,
    /// How many terms each block has.
    pub blocks: Vec<u32>,
    body: Postings,
    symbols: Postings,
    /// How many terms the names of definitions have.
    pub symbols_length: u32,
    pub definitions: Vec<Definition>,
    pub imports: Vec<String>,
}

/// Where each term is and how often. The terms are sorted, and their counts lie
/// one after the other, so that a search reads a file's features without building
/// a map of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Postings {
    /// Eight bytes each.
    #[serde(with = "bytes")]
    terms: Vec<u8>,
    /// Where the counts of each term end.
    ends: Vec<u32>,
    /// `(block, count)`.
    counts: Vec<(u16, u16)>,
}

/// Postcard writes a slice of bytes as it is.
mod bytes {
    use serde::{Deserializer, Serializer, de::Visitor};

    pub fn serialize<S: Serializer>(value: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(value)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Vec<u8>;

            fn expecting(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                to.write_str("bytes")
            }

            fn visit_bytes<E>(self, value: &[u8]) -> Result<Vec<u8>, E> {
                Ok(value.to_vec())
            }
        }
        from.deserialize_bytes(Bytes)
    }
}

impl Postings {
    fn new(counts: BTreeMap<Term, BTreeMap<u16, u16>>) -> Self {
        let mut postings = Self::default();
        for (term, blocks) in counts {
            postings.terms.extend_from_slice(&term.to_le_bytes());
            postings.counts.extend(blocks);
            postings.ends.push(u32::try_from(postings.counts.len()).unwrap_or(u32::MAX));
        }
        postings
    }

    fn of(&self, term: Term) -> &[(u16, u16)] {
        let terms = self.terms.as_chunks::<8>().0;
        let Ok(at) = terms.binary_search_by_key(&term, |bytes| Term::from_le_bytes(*bytes)) else {
            return &[];
        };
        let end = |at: usize| self.ends.get(at).map_or(0, |end| *end as usize);
        let start = at.checked_sub(1).map_or(0, end);
        self.counts.get(start..end(at)).unwrap_or_default()
    }
}

impl Features {
    pub fn of(content: &Content, language: Language, terms: &mut Terms) -> Self {
        let Content::Text(text) = content else { return Self::default() };
        let mut found = Self { readable: true, generated: says_generated(text), ..Self::default() };
        let mut body = BTreeMap::new();
        for (line, words) in text.lines().enumerate() {
            let block = u16::try_from(line / BLOCK).unwrap_or(u16::MAX);
            found.lines += 1;
            if line % BLOCK == 0 {
                found.blocks.push(0);
            }
            terms.each(words, |_, term| {
                count(&mut body, term, block);
                if let Some(length) = found.blocks.last_mut() {
                    *length += 1;
                }
            });
        }
        found.body = Postings::new(body);
        // A list that a program wrote defines nothing that a person looks for.
        let symbols = if found.generated { Default::default() } else { language.symbols(text) };
        let mut names = BTreeMap::new();
        for definition in &symbols.definitions {
            terms.each(&definition.name, |_, term| {
                count(&mut names, term, 0);
                found.symbols_length += 1;
            });
        }
        found.symbols = Postings::new(names);
        found.definitions = symbols.definitions;
        found.imports = symbols.imports;
        found
    }

    /// Every term of the content, sorted.
    pub fn terms(&self) -> impl Iterator<Item = Term> {
        self.body.terms.as_chunks::<8>().0.iter().map(|bytes| Term::from_le_bytes(*bytes))
    }

    /// How often each block has a term.
    pub fn blocks_with(&self, term: Term) -> &[(u16, u16)] {
        self.body.of(term)
    }

    /// How often the names of definitions have a term.
    pub fn in_symbols(&self, term: Term) -> u32 {
        self.symbols.of(term).iter().map(|(_, count)| u32::from(*count)).sum()
    }

    pub fn length(&self) -> u32 {
        self.blocks.iter().sum()
    }
}

fn count(counts: &mut BTreeMap<Term, BTreeMap<u16, u16>>, term: Term, block: u16) {
    let count = counts.entry(term).or_default().entry(block).or_default();
    *count = count.saturating_add(1);
}

#[cfg(test)]
mod tests {
    use super::Features;
    use crate::{
        symbols::Language,
        text::{Terms, hash},
        tree::Content,
    };

    fn features(text: &str) -> Features {
        Features::of(&Content::Text(text.to_owned()), Language::Rust, &mut Terms::new())
    }

    #[test]
    fn terms_are_counted_by_blocks_of_lines() {
        let text = format!("fn watch() {{}}\n{}watch(); watch()\n", "\n".repeat(24));
        let found = features(&text);
        assert_eq!(found.blocks_with(hash("watch")), [(0, 1), (1, 2)]);
        assert_eq!(found.blocks_with(hash("absent")), []);
        assert_eq!((found.in_symbols(hash("watch")), found.lines), (1, 26));
        assert_eq!(found.length(), found.blocks.iter().sum::<u32>());
    }

    #[test]
    fn line_ends_change_nothing() {
        assert_eq!(features("fn a_b() {}\nlet c_d;\n"), features("fn a_b() {}\r\nlet c_d;\r\n"));
    }

    #[test]
    fn what_is_written_is_read_back() {
        let found = features("struct Feed { head: u8 }\nuse a::b;");
        let bytes = postcard::to_stdvec(&found).unwrap();
        assert_eq!(postcard::from_bytes::<Features>(&bytes).unwrap(), found);
        assert!(!Features::of(&Content::Binary, Language::Rust, &mut Terms::new()).readable);
    }
}
