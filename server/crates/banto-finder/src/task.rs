//! A task as it is searched for: its terms with weights, what it names outright,
//! and which kinds of file it asks for.

use crate::{
    history::told,
    kind::Kind,
    text::{Shown, Term, Terms, lowered},
};
use std::collections::{BTreeMap, BTreeSet};

/// A term of a task.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub term: Term,
    pub shown: String,
    /// As the task has it, the first time.
    pub word: String,
    /// How much the task insists on it.
    pub weight: f64,
    pub in_title: bool,
    /// An identifier in one piece.
    pub joined: bool,
}

/// A task, taken apart.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    /// In the order of the text.
    pub wanted: Vec<Wanted>,
    /// Words that look like the path or the name of a file, lowered.
    pub paths: BTreeSet<String>,
    /// Words that look like a name in code, as written.
    pub identifiers: BTreeSet<String>,
    /// Kinds besides source that it speaks of.
    pub asks: BTreeSet<Kind>,
}

impl Task {
    pub fn new(text: &str, terms: &mut Terms) -> Self {
        let text = told(text);
        let (title, rest) = text.split_once('\n').unwrap_or((&text, ""));
        let mut wanted: Vec<Wanted> = Vec::new();
        let mut places = BTreeMap::new();
        for (part, in_title) in [(title, true), (rest, false)] {
            for Shown { term, shown, word } in terms.shown(part) {
                let place = *places.entry(term).or_insert_with(|| {
                    let joined = false;
                    wanted.push(Wanted { term, shown, word, weight: 0.0, in_title, joined });
                    wanted.len() - 1
                });
                if let Some(it) = wanted.get_mut(place) {
                    it.weight += if in_title { 2.0 } else { 1.0 };
                }
            }
        }
        let mut paths = BTreeSet::new();
        let mut identifiers = BTreeSet::new();
        for word in text.split(|it: char| it.is_whitespace() || "`'\"()[]{}<>,;!?*=|".contains(it)) {
            let word = word.trim_matches(['.', ':', '#', '&', '-']);
            if is_path(word) {
                paths.insert(word.trim_start_matches("./").to_lowercase());
            }
            let last = word.rsplit(['.', ':']).next().unwrap_or_default();
            if is_identifier(last) {
                identifiers.insert(last.to_owned());
            }
        }
        for quoted in text.split('`').skip(1).step_by(2).filter(|it| is_name(it)) {
            identifiers.insert(quoted.to_owned());
        }
        for it in &mut wanted {
            it.weight = it.weight / (it.weight + 1.5);
            it.joined = identifiers.iter().any(|name| lowered(name) == it.shown);
        }
        Self { wanted, paths, identifiers, asks: asks(&text) }
    }
}

fn is_path(word: &str) -> bool {
    let name = word.rsplit('/').next().unwrap_or_default();
    let has_ending = name.rsplit_once('.').is_some_and(|(stem, ending)| {
        stem.len() > 1
            && (1..=5).contains(&ending.len())
            && ending.chars().all(|it| it.is_ascii_alphanumeric())
    });
    has_ending && !name.chars().all(|it| it.is_ascii_digit() || it == '.')
        || word.matches('/').count() >= 2 && !word.contains("//")
}

fn is_name(word: &str) -> bool {
    word.len() > 2 && word.chars().all(|it| it.is_alphanumeric() || it == '_')
}

/// A word that nobody writes in prose: with a capital inside, or with underscores.
fn is_identifier(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next();
    is_name(word)
        && !word.chars().all(|it| it.is_uppercase() || it.is_numeric())
        && (word.trim_matches('_').contains('_') || letters.any(char::is_uppercase))
}

fn asks(text: &str) -> BTreeSet<Kind> {
    let lower = text.to_lowercase();
    let words: BTreeSet<_> = lower.split(|it: char| !it.is_alphanumeric()).collect();
    let any = |asked: &[&str]| asked.iter().any(|it| words.contains(it));
    let kinds = [
        (
            Kind::Test,
            any(&["test", "tests", "testing", "benchmark", "benchmarks", "bench", "fixture", "conformance"]),
        ),
        (Kind::Example, any(&["example", "examples", "demo", "sample"])),
        (Kind::Docs, any(&["readme", "docs", "documentation", "changelog", "license", "document"])),
        (
            Kind::Config,
            any(&["ci", "workflow", "dockerfile", "docker", "makefile", "config", "toml", "yaml", "lint"]),
        ),
        (Kind::Generated, any(&["generated", "regenerate", "lockfile", "codegen"])),
    ];
    kinds.into_iter().filter(|it| it.1).map(|it| it.0).collect()
}

#[cfg(test)]
mod tests {
    use super::Task;
    use crate::{kind::Kind, text::Terms};

    #[test]
    fn a_task_is_taken_apart() {
        let text =
            "Fix retry in sendMessage\n\nSee `watch` and src/feed/mod.rs, version 1.2.3; add tests. A retry.";
        let task = Task::new(text, &mut Terms::new());
        let shown: Vec<_> = task.wanted.iter().map(|it| it.shown.as_str()).collect();
        assert_eq!(shown[..4], ["fix", "retri", "send", "messag"]);
        assert!(task.wanted[1].weight > task.wanted[0].weight, "the title's term comes again");
        assert!(task.paths.iter().eq(["src/feed/mod.rs"]), "{:?}", task.paths);
        assert!(task.identifiers.iter().eq(["sendMessage", "watch"]), "{:?}", task.identifiers);
        assert!(task.asks.contains(&Kind::Test) && !task.asks.contains(&Kind::Docs));
    }
}
