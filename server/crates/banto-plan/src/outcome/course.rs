//! Where the file of an operation was before the plan, and where it is after it.

use crate::step::{Operation, OperationKind};
use std::collections::{BTreeMap, BTreeSet};

/// The course of the file that an operation is about.
#[derive(Clone, Debug, Default)]
pub(super) struct Course<'a> {
    /// Its path before the plan; of a file that the plan writes, where it wrote it.
    pub origin: &'a str,
    /// Its path after the plan. None: a later operation deletes it.
    pub end: Option<&'a str>,
    /// The plan writes it.
    pub was_created: bool,
    /// The plan writes it in the place of one that it removed.
    pub was_replaced: bool,
    /// A later operation puts another file in its first place.
    pub is_written_again: bool,
}

/// Follows each operation's file back and forth.
pub(super) fn courses<'a>(operations: &[&'a Operation]) -> Vec<Course<'a>> {
    let mut courses: Vec<Course<'a>> = vec![Course::default(); operations.len()];
    // Where the file that is now at a path began, and whether the plan wrote it.
    let mut began: BTreeMap<&str, Option<(&'a str, bool)>> = BTreeMap::new();
    for (operation, course) in operations.iter().zip(&mut courses) {
        let path = operation.path.as_str();
        let before = began.get(path).copied();
        let now = |path: &'a str| match began.get(path).copied().flatten() {
            Some((origin, was_created)) => (origin, was_created),
            None => (path, false),
        };
        match operation.kind {
            OperationKind::Modify => (course.origin, course.was_created) = now(path),
            OperationKind::Delete => {
                (course.origin, course.was_created) = now(path);
                began.insert(path, None);
            }
            OperationKind::Create => {
                (course.origin, course.was_created) = (path, true);
                course.was_replaced = before == Some(None);
                began.insert(path, Some((path, true)));
            }
            OperationKind::Move => {
                let from = operation.from.as_deref().unwrap_or_default();
                (course.origin, course.was_created) = now(from);
                let origin = (course.origin, course.was_created);
                began.insert(from, None);
                began.insert(path, Some(origin));
            }
        }
    }
    // Where the file that is now at a path ends, backwards. A path that is not listed
    // is its own end.
    let mut ends: BTreeMap<&str, Option<&'a str>> = BTreeMap::new();
    let mut written: BTreeSet<&str> = BTreeSet::new();
    for (operation, course) in operations.iter().zip(&mut courses).rev() {
        let path = operation.path.as_str();
        let end = ends.get(path).copied().unwrap_or(Some(path));
        course.end = end;
        course.is_written_again = written.contains(course.origin);
        match operation.kind {
            OperationKind::Modify => {}
            OperationKind::Delete => {
                ends.insert(path, None);
            }
            OperationKind::Create => {
                // What was here before ends where it was removed, further up.
                ends.remove(path);
                written.insert(path);
            }
            OperationKind::Move => {
                ends.remove(path);
                written.insert(path);
                ends.insert(operation.from.as_deref().unwrap_or_default(), end);
            }
        }
    }
    courses
}
