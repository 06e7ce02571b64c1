//! Groups as they are written.

use super::PatternGroup;
use crate::{filter::LONGEST_PATTERN, task::Wanted, text::parts};
use regex::escape;

/// Paths of files that programs write.
pub(super) const GENERATED: &str =
    r"(^|/)(node_modules|vendor|third_party|dist|generated)/|\.lock$|\.min\.(js|css)$|\.(svg|map|snap)$";
/// Shorter terms are looked for at the beginning of words: elsewhere they are parts
/// of other words.
const SHORT: usize = 3;

pub(super) fn path(path: &str) -> PatternGroup {
    PatternGroup {
        title: format!("{path}, which the task names"),
        path: escape(path),
        ..PatternGroup::default()
    }
}

pub(super) fn in_path(one: &Wanted) -> PatternGroup {
    PatternGroup { title: format!("{} in the path", one.word), path: term(one), ..PatternGroup::default() }
}

pub(super) fn in_content(one: &Wanted) -> PatternGroup {
    PatternGroup {
        title: format!("{} in the content", one.word),
        content: term(one),
        ..PatternGroup::default()
    }
}

pub(super) fn path_and_content(path: &Wanted, content: &Wanted) -> PatternGroup {
    PatternGroup {
        title: format!("{} in the path, {} in the content", path.word, content.word),
        path: term(path),
        content: term(content),
        ..PatternGroup::default()
    }
}

pub(super) fn both(one: &Wanted, other: &Wanted) -> PatternGroup {
    PatternGroup {
        title: format!("{} and {} in the content", one.word, other.word),
        content: in_any_order(&term(one), &term(other)),
        ..PatternGroup::default()
    }
}

pub(super) fn both_in_path(one: &Wanted, other: &Wanted) -> PatternGroup {
    PatternGroup {
        title: format!("{} and {} in the path", one.word, other.word),
        path: in_any_order(&term(one), &term(other)),
        ..PatternGroup::default()
    }
}

/// Files that rank high for what no pattern of a term says: their history, their
/// neighbours.
pub(super) fn files<'a>(paths: impl Iterator<Item = &'a str>) -> PatternGroup {
    let mut length = 0;
    let within = |it: &String| {
        length += it.len() + 1;
        length < LONGEST_PATTERN - 10
    };
    let paths: Vec<_> = paths.map(escape).take_while(within).collect();
    PatternGroup {
        title: "files that past commits and their places speak for".to_owned(),
        path: format!("^(?:{})$", paths.join("|")),
        ..PatternGroup::default()
    }
}

fn in_any_order(one: &str, other: &str) -> String {
    format!("(?s:{one}.*{other}|{other}.*{one})")
}

/// A pattern for all words that are compared as this term, and for some others.
fn term(wanted: &Wanted) -> String {
    let parts = parts(&wanted.word);
    if parts.len() > 1 {
        // In each style: sendMessage, send_message, send-message.
        return parts.iter().map(|it| escape(it)).collect::<Vec<_>>().join("[_-]?");
    }
    let word = wanted.word.to_lowercase();
    let same = word.char_indices().zip(wanted.shown.chars()).take_while(|(one, other)| one.1 == *other);
    let same = same.last().map_or(0, |((at, letter), _)| at + letter.len_utf8());
    let (begin, end) = word.split_at(same);
    let pattern = match wanted.shown.get(same..) {
        // The stem begins the word.
        None | Some("") => escape(begin),
        // It does not: retry and retri.
        Some(stem) => format!("{}(?:{}|{})", escape(begin), escape(stem), escape(end)),
    };
    if !is_short(wanted) {
        return pattern;
    }
    // Words begin after a boundary, or with a capital: `id` is in fileId and in
    // FILE_ID, and not in valid.
    let (upper, capital) = (word.to_uppercase(), capital(&word));
    format!(r"(?:(?:\b|_){pattern}|(?-i:[a-z0-9](?:{upper}|{capital})))")
}

/// Whether a word, or its stem, has few letters.
pub(super) fn is_short(wanted: &Wanted) -> bool {
    wanted.word.is_ascii() && wanted.shown.len() <= SHORT
}

fn capital(word: &str) -> String {
    let (first, rest) = word.split_at(word.len().min(1));
    first.to_uppercase() + rest
}

#[cfg(test)]
mod tests {
    use super::term;
    use crate::{task::Task, text::Terms};

    #[test]
    fn a_term_matches_each_word_that_is_compared_as_it() {
        for (task, same) in [
            ("retry", "Retries retried RETRY"),
            ("hoping", "hope hoping hoped"),
            ("sendMessage", "sendMessage send_message SEND-MESSAGE"),
            ("caches", "cache caching FileCache"),
            ("id", "id ID _id fileId gID"),
            ("検索", "検索"),
        ] {
            let wanted = Task::new(task, &mut Terms::new()).wanted;
            let pattern = term(wanted.last().unwrap());
            let regex = regex::RegexBuilder::new(&pattern).case_insensitive(true).build().unwrap();
            for word in same.split(' ') {
                assert!(regex.is_match(word), "{pattern} does not match {word}");
            }
        }
        let wanted = Task::new("id", &mut Terms::new()).wanted;
        assert!(!regex::Regex::new(&term(&wanted[0])).unwrap().is_match("valid"));
    }
}
