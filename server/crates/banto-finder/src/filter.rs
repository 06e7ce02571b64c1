//! Files by regular expressions: groups of patterns that a file must match all of,
//! and the union of the groups' matches.

use crate::{
    error::Error,
    patterns::PatternGroup,
    stop::Stop,
    tree::{Content, Repository, Tree},
};
use regex::{Regex, RegexBuilder};
use std::fmt;

/// Longer patterns are refused, in bytes.
pub const LONGEST_PATTERN: usize = 4000;
/// What a compiled pattern may take, in bytes: `(a{1000}){1000}` would take more.
const LARGEST_PROGRAM: usize = 2 * 1024 * 1024;
/// What the matcher may remember of a text, in bytes.
const LARGEST_CACHE: usize = 4 * 1024 * 1024;

/// A part of a [`PatternGroup`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The whole group: it has neither a path nor a content.
    Group,
    /// Its `path`.
    Path,
    /// Its `content`.
    Content,
    /// Its `negative_path`.
    NegativePath,
}

/// A pattern that cannot be used. Its group is left out as a whole: without one of
/// its patterns it would match what nobody asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadPattern {
    /// The place of the group in what was given.
    pub group: usize,
    /// Which of its patterns.
    pub field: Field,
    /// The pattern.
    pub pattern: String,
    /// What is wrong with it, one sentence.
    pub why: String,
}

/// Groups of patterns, ready to match. Patterns have no look-around and no
/// back-references, so that matching takes linear time; case does not matter. In
/// contents `^` and `$` match at lines.
#[derive(Clone, Debug)]
pub struct Filter {
    /// In the order of what was given; none where a pattern is bad.
    groups: Vec<Option<Group>>,
}

#[derive(Clone, Debug)]
struct Group {
    path: Option<Regex>,
    content: Option<Regex>,
    negative_path: Option<Regex>,
}

/// What matched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filtered {
    /// By path, each file once.
    pub matches: Vec<Matched>,
    /// How many files each group matched, in the order of what was given.
    pub counts: Vec<usize>,
    /// How many files were looked at.
    pub searched: usize,
}

/// A file that at least one group matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matched {
    /// From the root of the tree.
    pub path: String,
    /// The places of the groups, ascending.
    pub groups: Vec<usize>,
}

impl fmt::Display for Field {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::Group => "group",
            Self::Path => "path",
            Self::Content => "content",
            Self::NegativePath => "negative_path",
        })
    }
}

impl Filter {
    /// Compiles groups. Those with a bad pattern are left out and told; the others
    /// go on.
    #[must_use]
    pub fn new(groups: &[PatternGroup]) -> (Self, Vec<BadPattern>) {
        let mut bad = Vec::new();
        let compiled = groups.iter().enumerate().map(|(at, group)| {
            let before = bad.len();
            let mut compile = |field, pattern: &String| {
                let regex = compile(field, pattern).transpose();
                regex.unwrap_or_else(|why| {
                    bad.push(BadPattern { group: at, field, pattern: pattern.clone(), why });
                    None
                })
            };
            let path = compile(Field::Path, &group.path);
            let content = compile(Field::Content, &group.content);
            let negative_path = compile(Field::NegativePath, &group.negative_path);
            if group.path.is_empty() && group.content.is_empty() {
                let why = "it has neither a path nor a content, so every file would match".to_owned();
                bad.push(BadPattern { group: at, field: Field::Group, pattern: String::new(), why });
            }
            (bad.len() == before).then_some(Group { path, content, negative_path })
        });
        let groups = compiled.collect();
        (Self { groups }, bad)
    }
}

fn compile(field: Field, pattern: &str) -> Option<Result<Regex, String>> {
    if pattern.is_empty() {
        return None;
    }
    if pattern.len() > LONGEST_PATTERN {
        return Some(Err(format!("it is longer than {LONGEST_PATTERN} bytes")));
    }
    let of_lines = field == Field::Content;
    let mut builder = RegexBuilder::new(pattern);
    builder.case_insensitive(true).multi_line(of_lines).crlf(of_lines);
    builder.size_limit(LARGEST_PROGRAM).dfa_size_limit(LARGEST_CACHE);
    Some(builder.build().map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "it takes too much memory".to_owned(),
        // The last line says what is wrong, those before it where.
        other => {
            other.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
        }
    }))
}

impl Group {
    fn may_match(&self, path: &str) -> bool {
        self.path.as_ref().is_none_or(|it| it.is_match(path))
            && !self.negative_path.as_ref().is_some_and(|it| it.is_match(path))
    }
}

pub(crate) fn filter(
    tree: &Tree,
    by: &Filter,
    repository: Option<&Repository>,
    stop: &Stop,
) -> Result<Filtered, Error> {
    let mut found = Filtered { counts: vec![0; by.groups.len()], ..Filtered::default() };
    for entry in &tree.entries {
        stop.check()?;
        found.searched += 1;
        // Read for the first group that asks, and once for all of them.
        let mut content = None;
        let mut has = |wanted: &Regex| {
            let content = content.get_or_insert_with(|| entry.read(repository));
            matches!(content, Content::Text(text) if wanted.is_match(text))
        };
        let mut groups = Vec::new();
        for (at, (group, count)) in by.groups.iter().zip(&mut found.counts).enumerate() {
            let Some(group) = group.as_ref().filter(|it| it.may_match(&entry.path)) else { continue };
            if group.content.as_ref().is_none_or(&mut has) {
                *count += 1;
                groups.push(at);
            }
        }
        if !groups.is_empty() {
            found.matches.push(Matched { path: entry.path.clone(), groups });
        }
    }
    Ok(found)
}
