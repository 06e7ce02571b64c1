//! Names within files.

use std::collections::{BTreeMap, BTreeSet};

/// The last parts of the names of files, and the words that operations bring.
#[derive(Default)]
pub(crate) struct Symbols<'a> {
    last_parts: BTreeMap<&'a str, BTreeSet<&'a str>>,
    added: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

impl<'a> Symbols<'a> {
    /// Whether a file defines a name. `Queue::push` is found as `push` as well, because
    /// languages differ in what they count to a name.
    pub(crate) fn has(&mut self, path: &'a str, known: &'a BTreeSet<String>, symbol: &str) -> bool {
        known.contains(symbol)
            || self
                .last_parts
                .entry(path)
                .or_insert_with(|| known.iter().map(|name| last_part(name)).collect())
                .contains(last_part(symbol))
    }

    /// Remembers the words of what is written into a file.
    pub(crate) fn adds(&mut self, path: &'a str, changes: &'a str) {
        self.added.entry(path).or_default().extend(words(changes));
    }

    /// Whether an earlier operation brings a name into a file.
    pub(crate) fn was_added(&self, path: &str, symbol: &str) -> bool {
        self.added.get(path).is_some_and(|words| words.contains(last_part(symbol)))
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !is_of_a_name(character)).filter(|word| !word.is_empty())
}

/// The name without what it lies in and without its arguments.
pub(crate) fn last_part(symbol: &str) -> &str {
    let end = symbol.find(['(', '<']).filter(|end| *end > 0).unwrap_or(symbol.len());
    let name = &symbol[..end];
    let name = name.trim_end_matches(|character| !is_of_a_name(character));
    let last = name.rsplit(|character| !is_of_a_name(character)).next().unwrap_or(name);
    if last.is_empty() { symbol } else { last }
}

fn is_of_a_name(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '$' | '?' | '!')
}

#[cfg(test)]
mod tests {
    use super::last_part;

    #[test]
    fn the_last_part_is_what_the_language_calls_it() {
        for (symbol, last) in [
            ("push", "push"),
            ("Queue::push", "push"),
            ("queue.push()", "push"),
            ("Queue#push!", "push!"),
            ("Vec<T>", "Vec"),
            ("Queue::push<T>(x)", "push"),
            ("operator+", "operator"),
            ("+", "+"),
        ] {
            assert_eq!(last_part(symbol), last);
        }
    }
}
