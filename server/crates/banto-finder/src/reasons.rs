//! Why a file was found, in facts that a person can look up.

use crate::{
    features::BLOCK,
    rank::{Ranked, Relation, best_chunk},
    snapshot::{File, Snapshot},
    task::Task,
    text::{Term, Terms},
    tree::Content,
};
use serde::Serialize;
use std::{collections::BTreeSet, fmt};

/// A fact that speaks for a file. The terms are those of the task, as they are
/// compared: stems, or identifiers in one piece.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Reason {
    /// The task names the file.
    Named,
    /// Its path has terms of the task.
    Path {
        /// The terms.
        terms: Vec<String>,
    },
    /// It defines something whose name has terms of the task.
    Symbol {
        /// The name.
        name: String,
        /// Where, counted from 1.
        line: u32,
        /// The terms.
        terms: Vec<String>,
    },
    /// The passage that has most of the task.
    Lines {
        /// The first line, counted from 1.
        from: u32,
        /// The last line.
        to: u32,
        /// The line in it that has most of the task.
        line: u32,
        /// What that line says.
        text: String,
        /// The terms of the passage.
        terms: Vec<String>,
    },
    /// A past commit with terms of the task changed it.
    Commit {
        /// The beginning of its digest.
        hash: String,
        /// The first line of its message.
        title: String,
        /// The terms.
        terms: Vec<String>,
    },
    /// Another file imports it. In a list of ranked files the other is one of the
    /// first, among neighbours one of the given: so in all that follows.
    ImportedBy {
        /// The other file.
        path: String,
    },
    /// It imports another file.
    Imports {
        /// The other file.
        path: String,
    },
    /// Past commits changed it together with another file.
    ChangedWith {
        /// The other file.
        path: String,
        /// How many commits.
        commits: u32,
    },
    /// By its name it is a test of another file.
    TestOf {
        /// The other file.
        path: String,
    },
    /// By its name another file is a test of it.
    TestedBy {
        /// The other file.
        path: String,
    },
    /// It has a name that another file defines, and few others.
    Uses {
        /// The name.
        name: String,
        /// The other file.
        path: String,
    },
    /// It defines a name, as few others do, that another file has.
    Defines {
        /// The name.
        name: String,
        /// The other file.
        path: String,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let join = |terms: &[String]| terms.join(", ");
        match self {
            Self::Named => write!(to, "the task names it"),
            Self::Path { terms } => write!(to, "path has {}", join(terms)),
            Self::Symbol { name, line, terms } => write!(to, "line {line} defines {name} ({})", join(terms)),
            Self::Lines { from, to: end, terms, .. } => {
                write!(to, "lines {from} to {end} have {}", join(terms))
            }
            Self::Commit { hash, title, terms } => write!(to, "{hash} {title:?} ({})", join(terms)),
            Self::ImportedBy { path } => write!(to, "imported by {path}"),
            Self::Imports { path } => write!(to, "imports {path}"),
            Self::ChangedWith { path, commits } => write!(to, "changed with {path} in {commits} commits"),
            Self::TestOf { path } => write!(to, "a test of {path}"),
            Self::TestedBy { path } => write!(to, "tested by {path}"),
            Self::Uses { name, path } => write!(to, "uses {name} of {path}"),
            Self::Defines { name, path } => write!(to, "defines {name} for {path}"),
        }
    }
}

/// More names of one file than these tell nothing new.
const SYMBOLS: usize = 3;
const COMMITS: usize = 2;
const LONGEST_LINE: usize = 160;

/// Finds reasons for the files of one search.
pub(crate) struct Reasons<'a> {
    snapshot: &'a Snapshot,
    task: &'a Task,
    /// How rare each term of the task is in this tree.
    weights: Vec<(Term, f64)>,
}

impl<'a> Reasons<'a> {
    /// `weights` are those of the task's terms in this tree.
    pub fn new(snapshot: &'a Snapshot, task: &'a Task, weights: &[f64]) -> Self {
        let terms = task.wanted.iter().map(|it| it.term);
        Self { snapshot, task, weights: terms.zip(weights.iter().copied()).collect() }
    }

    pub fn of(&self, ranked: &Ranked, content: &Content, terms: &mut Terms) -> Vec<Reason> {
        let Some(file) = self.snapshot.files.get(ranked.file) else { return Vec::new() };
        let mut found = Vec::new();
        let path = file.path().to_lowercase();
        if self.task.paths.iter().any(|it| path == *it || path.ends_with(&format!("/{it}"))) {
            found.push(Reason::Named);
        }
        found.extend(self.edge(ranked));
        let in_path: BTreeSet<_> = file.folder_terms.iter().chain(&file.name_terms).copied().collect();
        let met = self.shown(&in_path);
        if !met.is_empty() {
            found.push(Reason::Path { terms: met });
        }
        found.extend(self.symbols(file, terms));
        found.extend(self.lines(file, content, terms));
        found.extend(self.commits(file));
        found
    }

    /// The terms of the task among others, in the order of the task.
    fn shown(&self, terms: &BTreeSet<Term>) -> Vec<String> {
        let met = self.task.wanted.iter().filter(|it| terms.contains(&it.term));
        met.map(|it| it.shown.clone()).collect()
    }

    fn weight(&self, terms: &BTreeSet<Term>) -> f64 {
        self.weights.iter().filter(|it| terms.contains(&it.0)).map(|it| it.1).sum()
    }

    fn edge(&self, ranked: &Ranked) -> Option<Reason> {
        let edge = ranked.edge.as_ref()?;
        let path = self.snapshot.files.get(edge.from)?.path().to_owned();
        Some(match edge.relation {
            Relation::ImportedBy => Reason::ImportedBy { path },
            Relation::Imports => Reason::Imports { path },
            Relation::ChangedWith { commits } => Reason::ChangedWith { path, commits },
        })
    }

    fn symbols(&self, file: &File, terms: &mut Terms) -> Vec<Reason> {
        let mut met = Vec::new();
        for definition in &file.features.definitions {
            let set = terms.set(&definition.name).into_iter().collect();
            let weight = self.weight(&set);
            if weight > 0.0
                && !met.iter().any(|(_, _, it): &(f64, BTreeSet<Term>, &crate::symbols::Definition)| {
                    it.name == definition.name
                })
            {
                met.push((weight, set, definition));
            }
        }
        // Equals stay in the order of their lines.
        met.sort_by(|one, other| other.0.total_cmp(&one.0));
        let reason = |(_, set, it): (f64, BTreeSet<Term>, &crate::symbols::Definition)| Reason::Symbol {
            name: it.name.clone(),
            line: it.line,
            terms: self.shown(&set),
        };
        met.into_iter().take(SYMBOLS).map(reason).collect()
    }

    fn lines(&self, file: &File, content: &Content, terms: &mut Terms) -> Option<Reason> {
        let Content::Text(text) = content else { return None };
        let average = f64::from(file.features.length()) / file.features.blocks.len().max(1) as f64 * 2.0;
        let (block, _) = best_chunk(&file.features, &self.weights, average)?;
        let start = block * BLOCK;
        let mut all = BTreeSet::new();
        let mut best: Option<(f64, usize, &str)> = None;
        let (mut first, mut last) = (None, start);
        for (number, line) in text.lines().enumerate().skip(start).take(2 * BLOCK) {
            let set: BTreeSet<_> = terms.set(line).into_iter().collect();
            let weight = self.weight(&set);
            if weight > 0.0 {
                first = first.or(Some(number));
                last = number;
                if best.is_none_or(|it| weight > it.0) {
                    best = Some((weight, number, line));
                }
            }
            all.extend(set);
        }
        let (_, line, words) = best?;
        let number = |line: usize| u32::try_from(line + 1).unwrap_or(u32::MAX);
        Some(Reason::Lines {
            from: number(first?),
            to: number(last),
            line: number(line),
            text: words.trim().chars().take(LONGEST_LINE).collect(),
            terms: self.shown(&all),
        })
    }

    fn commits(&self, file: &File) -> Vec<Reason> {
        let of_file = file.commits.iter().filter_map(|it| self.snapshot.commits.get(*it as usize));
        let mut met: Vec<_> = of_file
            .map(|commit| {
                let set: BTreeSet<_> = commit.terms.iter().map(|it| it.0).collect();
                (self.weight(&set), set, commit)
            })
            .filter(|it| it.0 > 0.0)
            .collect();
        met.sort_by(|one, other| other.0.total_cmp(&one.0));
        let reason = |(_, set, commit): (f64, BTreeSet<Term>, &crate::history::Commit)| Reason::Commit {
            hash: commit.id.to_hex_with_len(10).to_string(),
            title: commit.title.clone(),
            terms: self.shown(&set),
        };
        met.into_iter().take(COMMITS).map(reason).collect()
    }
}
