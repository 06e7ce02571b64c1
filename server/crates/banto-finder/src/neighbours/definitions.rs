//! Edges between a file that defines a name and those that have it. Only names that
//! few files define count, and only where the other file has them exactly: terms
//! are compared first, then the text itself.

use super::{DEFINITION, Edge, among};
use crate::{
    kind::Kind,
    reasons::Reason,
    search::Search,
    snapshot::File,
    symbols::Definition,
    text::{Term, Terms},
    tree::Content,
};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// A name that more files define tells none of them.
const MOST_DEFINERS: usize = 2;
/// A name that more files have is a usual word here: at least so many, or this part
/// of the tree.
const MOST_USERS: usize = 12;
const USERS_PART: usize = 50;
/// Shorter names are words.
const SHORTEST: usize = 5;
/// Texts that are read to see whether they have a name exactly.
const MOST_READ: usize = 150;
/// More names between two files than these say nothing new.
const MOST_NAMES: usize = 2;

/// Endings of files that only describe data or pages.
const SCHEMAS: &[&str] =
    &["proto", "graphql", "gql", "thrift", "sql", "html", "htm", "css", "scss", "sass", "less"];

/// The edge that terms speak for.
struct Candidate<'a> {
    neighbour: usize,
    given: usize,
    /// Whether the neighbour is the one that has the name.
    uses: bool,
    name: &'a str,
    strength: f64,
}

pub(super) fn edges(search: &Search, given: &BTreeSet<usize>, terms: &mut Terms) -> Vec<Edge> {
    let mut candidates = candidates(search, given, terms);
    candidates.sort_by(|one, other| {
        let key = |it: &Candidate<'_>| (it.neighbour, it.given, !it.uses);
        other.strength.total_cmp(&one.strength).then(key(one).cmp(&key(other))).then(one.name.cmp(other.name))
    });
    let mut texts: BTreeMap<usize, Content> = BTreeMap::new();
    let mut counts: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    let mut found = Vec::new();
    for it in candidates {
        let (user, definer) = if it.uses { (it.neighbour, it.given) } else { (it.given, it.neighbour) };
        let count = counts.entry((user, definer)).or_default();
        if *count >= MOST_NAMES || (texts.len() >= MOST_READ && !texts.contains_key(&user)) {
            continue;
        }
        let text = texts.entry(user).or_insert_with(|| search.content(user));
        let Content::Text(text) = text else { continue };
        let Some(path) = search.snapshot.files.get(it.given).map(|it| it.path().to_owned()) else { continue };
        if has_word(text, it.name) {
            *count += 1;
            let name = it.name.to_owned();
            let reason = if it.uses { Reason::Uses { name, path } } else { Reason::Defines { name, path } };
            found.push(Edge { file: it.neighbour, strength: it.strength, reason });
        }
    }
    found
}

fn candidates<'a>(search: &'a Search, given: &BTreeSet<usize>, terms: &mut Terms) -> Vec<Candidate<'a>> {
    let files = &search.snapshot.files;
    // What the given files have; what they define is among it.
    let wanted: HashSet<Term> =
        given.iter().filter_map(|it| files.get(*it)).flat_map(|it| it.features.terms()).collect();
    let mut definers: HashMap<Term, Vec<(usize, &str)>> = HashMap::new();
    for (place, file) in files.iter().enumerate().filter(|it| defines(it.1)) {
        for Definition { name, .. } in &file.features.definitions {
            let Some(term) = distinctive(name, terms).filter(|it| wanted.contains(it)) else { continue };
            let of_term = definers.entry(term).or_default();
            if !of_term.iter().any(|it| it.0 == place) {
                of_term.push((place, name));
            }
        }
    }
    let most_users = MOST_USERS.max(files.len() / USERS_PART);
    definers.retain(|_, it| it.len() <= MOST_DEFINERS);
    let mut users: HashMap<Term, Vec<usize>> = HashMap::new();
    for (place, file) in files.iter().enumerate().filter(|it| uses(it.1)) {
        for term in file.features.terms() {
            let Some(definers) = definers.get(&term) else { continue };
            if !definers.iter().any(|it| it.0 == place) {
                users.entry(term).or_default().push(place);
            }
        }
    }
    let mut found = Vec::new();
    for (term, users) in users.iter().filter(|it| it.1.len() <= most_users) {
        let number = u32::try_from(users.len()).unwrap_or(u32::MAX);
        let strength = DEFINITION * among(Some(&number));
        for (definer, name) in definers.get(term).into_iter().flatten() {
            for user in users {
                let edge = |neighbour, given, uses| Candidate { neighbour, given, uses, name, strength };
                match (given.contains(definer), given.contains(user)) {
                    (true, false) => found.push(edge(*user, *definer, true)),
                    (false, true) => found.push(edge(*definer, *user, false)),
                    _ => {}
                }
            }
        }
    }
    found
}

/// Prose and lists speak of names; they neither have nor give them. Schemas give
/// names, and take none from code.
fn uses(file: &File) -> bool {
    let ending = file.name().rsplit_once('.').map_or("", |it| it.1);
    matches!(file.kind, Kind::Source | Kind::Test | Kind::Example) && !SCHEMAS.contains(&ending)
}

fn defines(file: &File) -> bool {
    matches!(file.kind, Kind::Source | Kind::Test)
}

/// The term of a name that is no usual word: of several parts, or with a capital at
/// its beginning.
fn distinctive(name: &str, terms: &mut Terms) -> Option<Term> {
    let is_name = name.len() >= SHORTEST && name.chars().all(|it| it.is_alphanumeric() || it == '_');
    if !is_name || name.starts_with("__") {
        return None;
    }
    let all = terms.set(name);
    let is_type = name.starts_with(char::is_uppercase) && name.chars().any(char::is_lowercase);
    if all.len() > 1 || is_type { all.last().copied() } else { None }
}

/// Whether a text has a name as a whole word.
fn has_word(text: &str, name: &str) -> bool {
    let is_part = |it: char| it.is_alphanumeric() || it == '_';
    text.match_indices(name).any(|(at, _)| {
        let before = text.get(..at).and_then(|it| it.chars().next_back());
        let after = text.get(at + name.len()..).and_then(|it| it.chars().next());
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}
