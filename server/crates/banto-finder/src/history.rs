//! What past commits say about files: their messages, and which files they changed
//! together. Only ancestors of the commit that is searched are read, the newest
//! ones, and only what this clone has.

use crate::{
    error::Error,
    index::Index,
    stop::Stop,
    text::{Term, Terms},
    tree::{Change, Repository, changes},
};
use gix::{ObjectId, revision::walk::Sorting, traverse::commit::simple::CommitTimeOrder};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// Older commits are not read.
pub(crate) const NEWEST: usize = 5000;
/// A commit that changes more files says nothing about each of them.
const WIDEST: usize = 40;
/// Of longer messages the beginning counts.
const LONGEST_MESSAGE: usize = 4000;

/// What one commit says, whatever is searched.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Record {
    title: String,
    terms: Vec<(Term, u16)>,
    changed: Vec<Changed>,
}

/// A file that a commit wrote, with its former path if the commit moved it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Changed {
    pub path: String,
    pub from: Option<String>,
}

/// A past commit, with its files by their place in the tree that is searched.
#[derive(Clone, Debug)]
pub(crate) struct Commit {
    pub id: ObjectId,
    pub title: String,
    /// Sorted, each with its count.
    pub terms: Vec<(Term, u16)>,
    pub files: Vec<u32>,
}

impl Commit {
    pub fn count(&self, term: Term) -> u32 {
        let at = self.terms.binary_search_by_key(&term, |(term, _)| *term);
        at.ok().and_then(|at| self.terms.get(at)).map_or(0, |(_, count)| u32::from(*count))
    }

    pub fn length(&self) -> u32 {
        self.terms.iter().map(|(_, count)| u32::from(*count)).sum()
    }
}

/// The newest commits that a commit can reach, newest first.
pub(crate) fn commits(
    repository: &Repository,
    from: ObjectId,
    files: &HashMap<&str, u32>,
    index: &mut Index,
    terms: &mut Terms,
    stop: &Stop,
) -> Result<Vec<Commit>, Error> {
    let sorting = Sorting::ByCommitTime(CommitTimeOrder::NewestFirst);
    let Ok(walk) = repository.git.rev_walk([from]).sorting(sorting).all() else { return Ok(Vec::new()) };
    let mut names: HashMap<String, String> = HashMap::new();
    let mut found = Vec::new();
    // A walk ends at the edge of what a shallow clone has.
    for id in walk.map_while(Result::ok).take(NEWEST).map(|it| it.id) {
        stop.check()?;
        let mut key = vec![u8::MAX];
        key.extend_from_slice(id.as_bytes());
        let record = index.get(&key).or_else(|| {
            let record = record(repository, id, terms)?;
            index.put(key, &record);
            Some(record)
        });
        let Some(record) = record else { continue };
        let mut touched = Vec::new();
        for changed in record.changed {
            let now = names.get(&changed.path).cloned().unwrap_or(changed.path);
            touched.extend(files.get(now.as_str()));
            if let Some(from) = changed.from {
                names.insert(from, now);
            }
        }
        touched.sort_unstable();
        touched.dedup();
        if !touched.is_empty() && touched.len() <= WIDEST {
            found.push(Commit { id, title: record.title, terms: record.terms, files: touched });
        }
    }
    Ok(found)
}

/// None where the clone has too little to say what the commit changed; more may be
/// there tomorrow.
fn record(repository: &Repository, id: ObjectId, terms: &mut Terms) -> Option<Record> {
    let commit = repository.git.find_commit(id).ok()?;
    let parents: Vec<_> = commit.parent_ids().map(gix::Id::detach).collect();
    // A merge repeats what its branches say.
    if parents.len() > 1 {
        return Some(Record::default());
    }
    let before = match parents.first() {
        Some(parent) => Some(repository.git.find_commit(*parent).ok()?.tree_id().ok()?.detach()),
        None => None,
    };
    let after = commit.tree_id().ok()?.detach();
    let message = String::from_utf8_lossy(commit.message_raw_sloppy()).into_owned();
    let message = told(&message);
    let mut counts: BTreeMap<Term, u16> = BTreeMap::new();
    terms.each(&message, |_, term| {
        let count = counts.entry(term).or_default();
        *count = count.saturating_add(1);
    });
    let title = message.lines().next().unwrap_or_default().chars().take(120).collect();
    let changed = moved(changes(repository, before, after)?);
    Some(Record { title, terms: counts.into_iter().collect(), changed })
}

/// A message without what is said of people, links and tools.
pub(crate) fn told(message: &str) -> String {
    let is_trailer = |line: &str| {
        let name = line.split_once(": ").map_or("", |it| it.0);
        !name.is_empty()
            && name.contains('-')
            && name.ends_with("-by")
            && name.chars().all(|it| it.is_ascii_alphabetic() || it == '-')
    };
    let lines = message.trim().lines().filter(|line| !is_trailer(line));
    let words = |line: &str| {
        let words = line.split(' ').filter(|word| !word.contains("://"));
        words.collect::<Vec<_>>().join(" ")
    };
    let mut text = lines.map(words).collect::<Vec<_>>().join("\n");
    let end = text.char_indices().map(|it| it.0).find(|at| *at >= LONGEST_MESSAGE);
    text.truncate(end.unwrap_or(text.len()));
    text
}

/// Pairs what a commit removed with what it added: the same content, or the same
/// name in another folder.
pub(crate) fn moved(changes: Vec<Change>) -> Vec<Changed> {
    let mut gone: Vec<_> = changes.iter().filter(|it| it.after.is_none()).collect();
    let mut found: Vec<Changed> = Vec::new();
    let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let new: Vec<_> = changes.iter().filter(|it| it.before.is_none()).collect();
    let mut unmatched = Vec::new();
    for new in new {
        match gone.iter().position(|it| it.before == new.after) {
            Some(at) => {
                found.push(Changed { path: new.path.clone(), from: Some(gone.remove(at).path.clone()) })
            }
            None => unmatched.push(new),
        }
    }
    for new in unmatched {
        let same: Vec<_> = (0..gone.len()).filter(|at| name(&gone[*at].path) == name(&new.path)).collect();
        let from = if let [at] = same.as_slice() { Some(gone.remove(*at).path.clone()) } else { None };
        found.push(Changed { path: new.path.clone(), from });
    }
    let kept = changes.iter().filter(|it| it.before.is_some() && it.after.is_some());
    found.extend(kept.map(|it| Changed { path: it.path.clone(), from: None }));
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

#[cfg(test)]
mod tests {
    use super::{moved, told};
    use crate::tree::Change;
    use gix::ObjectId;

    fn id(byte: u8) -> Option<ObjectId> {
        Some(ObjectId::from_bytes_or_panic(&[byte; 20]))
    }

    #[test]
    fn moves_are_seen() {
        let change = |path: &str, before, after| Change { path: path.to_owned(), before, after };
        let changes = vec![
            change("a/x.rs", id(1), None),
            change("a/y.rs", id(2), None),
            change("b/renamed.rs", None, id(1)),
            change("b/y.rs", None, id(3)),
            change("c.rs", id(4), id(5)),
            change("d.rs", None, id(6)),
        ];
        let found: Vec<_> = moved(changes).into_iter().map(|it| (it.path, it.from)).collect();
        let of = |path: &str, from: Option<&str>| (path.to_owned(), from.map(str::to_owned));
        assert_eq!(
            found,
            [
                of("b/renamed.rs", Some("a/x.rs")),
                of("b/y.rs", Some("a/y.rs")),
                of("c.rs", None),
                of("d.rs", None)
            ]
        );
    }

    #[test]
    fn trailers_and_links_say_nothing() {
        let message = "Fix the feed\n\nSee https://example.com/1 for more.\n\nSigned-off-by: A <a@b>\n";
        assert_eq!(told(message), "Fix the feed\n\nSee for more.\n");
    }
}
