//! The tree of a commit, and what a commit changed, read from git's objects
//! without a checkout.

use super::{Entry, Place, Repository, Tree};
use crate::error::Error;
use gix::{
    ObjectId,
    objs::{TreeRefIter, tree::EntryKind},
};
use std::cmp::Ordering;

pub(super) fn tree(repository: &Repository, revision: &str) -> Result<Tree, Error> {
    let commit = repository.commit(revision)?;
    let root = repository.git.find_commit(commit).and_then(|it| Ok(it.tree_id()?.detach()));
    let root = root.map_err(Error::repository)?;
    let mut entries = Vec::new();
    let mut prefix = Vec::new();
    if !collect(repository, root, &mut prefix, &mut entries) {
        return Err(Error::Repository(format!("the tree of {revision} is not in this clone")));
    }
    entries.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(Tree { entries, commit: Some(commit) })
}

/// No system opens a longer path; one that is made up must not exhaust the stack.
const LONGEST_PATH: usize = 4096;

/// A folder that a partial clone left out is passed over; whether the root was
/// there is the answer.
fn collect(repository: &Repository, id: ObjectId, prefix: &mut Vec<u8>, entries: &mut Vec<Entry>) -> bool {
    let Some(members) = members(repository, id).filter(|_| prefix.len() < LONGEST_PATH) else { return false };
    for member in members {
        let length = prefix.len();
        prefix.extend_from_slice(&member.name);
        match member.kind {
            EntryKind::Tree => {
                prefix.push(b'/');
                collect(repository, member.id, prefix, entries);
            }
            EntryKind::Blob | EntryKind::BlobExecutable => {
                entries.push(Entry::new(prefix, member.id, Place::Object));
            }
            EntryKind::Link | EntryKind::Commit => {}
        }
        prefix.truncate(length);
    }
    true
}

#[derive(Clone)]
struct Member {
    name: Vec<u8>,
    kind: EntryKind,
    id: ObjectId,
}

impl Member {
    /// Git sorts a folder as if its name ended with a slash.
    fn order(&self, other: &Self) -> Ordering {
        let end = |it: &Self| (it.kind == EntryKind::Tree).then_some(b'/');
        self.name.iter().copied().chain(end(self)).cmp(other.name.iter().copied().chain(end(other)))
    }
}

fn members(repository: &Repository, id: ObjectId) -> Option<Vec<Member>> {
    let data = repository.tree_data(id)?;
    let entries = TreeRefIter::from_bytes(&data, id.kind());
    let member = |entry: gix::objs::tree::EntryRef<'_>| Member {
        name: entry.filename.to_vec(),
        kind: entry.mode.kind(),
        id: entry.oid.to_owned(),
    };
    entries.map(|entry| entry.map(member).ok()).collect()
}

/// The files that differ between two trees, as `(path, before, after)`. None where
/// a partial clone misses a part of them.
pub(crate) fn changes(
    repository: &Repository,
    before: Option<ObjectId>,
    after: ObjectId,
) -> Option<Vec<Change>> {
    let mut found = Vec::new();
    compare(repository, before, Some(after), &mut Vec::new(), &mut found)?;
    Some(found)
}

/// A file before and after a commit.
pub(crate) struct Change {
    pub path: String,
    pub before: Option<ObjectId>,
    pub after: Option<ObjectId>,
}

fn compare(
    repository: &Repository,
    before: Option<ObjectId>,
    after: Option<ObjectId>,
    prefix: &mut Vec<u8>,
    found: &mut Vec<Change>,
) -> Option<()> {
    if before == after || prefix.len() > LONGEST_PATH {
        return Some(());
    }
    let read = |id: Option<ObjectId>| id.map_or(Some(Vec::new()), |id| members(repository, id));
    let (old, new) = (read(before)?, read(after)?);
    let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
    loop {
        let order = match (old.peek(), new.peek()) {
            (None, None) => return Some(()),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(one), Some(other)) => one.order(other),
        };
        let one = if order.is_le() { old.next() } else { None };
        let other = if order.is_ge() { new.next() } else { None };
        let Some(name) = one.or(other).map(|it| &it.name) else { return Some(()) };
        let of_kind = |it: Option<&Member>, folder: bool| {
            it.filter(|it| match it.kind {
                EntryKind::Tree => folder,
                EntryKind::Blob | EntryKind::BlobExecutable => !folder,
                EntryKind::Link | EntryKind::Commit => false,
            })
            .map(|it| it.id)
        };
        let length = prefix.len();
        prefix.extend_from_slice(name);
        let (was, is) = (of_kind(one, false), of_kind(other, false));
        if was != is {
            let path = String::from_utf8_lossy(prefix).into_owned();
            found.push(Change { path, before: was, after: is });
        }
        let (was, is) = (of_kind(one, true), of_kind(other, true));
        if was != is {
            prefix.push(b'/');
            compare(repository, was, is, prefix, found)?;
        }
        prefix.truncate(length);
    }
}
