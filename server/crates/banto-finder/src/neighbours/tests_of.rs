//! Which file a test is for, by the conventions of names: `feed_test.go`,
//! `test_feed.py`, `feed.test.ts`, `FeedTest.java`, `feed_spec.rb`, `tests/feed.rs`,
//! `feed/tests.rs`.

use crate::{
    kind::Kind,
    rank::stem,
    snapshot::{File, Snapshot},
    text::lowered,
};
use std::collections::{BTreeMap, HashMap};

/// Marks at the beginning of a test's name, after which another word begins.
const BEFORE: &[&str] = &["test_", "test-", "Test"];
/// Marks at its end, before which another word ends.
const AFTER: &[&str] = &[
    "_unittests",
    "_unittest",
    "_tests",
    "_test",
    "_spec",
    "_bench",
    ".tests",
    ".test",
    ".spec",
    ".bench",
    "-tests",
    "-test",
    "-spec",
    "Tests",
    "Test",
    "Specs",
    "Spec",
    "IT",
];
/// Names that say only that a file is a test: its folder says of what.
const ONLY: &[&str] = &["test", "tests", "spec", "specs"];
/// A name that so many files share tells no subject.
const MOST_SUBJECTS: usize = 4;

/// Tests, each with the file that it tests, by their places in the snapshot.
pub(super) fn pairs(snapshot: &Snapshot) -> Vec<(usize, usize)> {
    let mut subjects: HashMap<String, Vec<usize>> = HashMap::new();
    let mut tests = Vec::new();
    for (place, file) in snapshot.files.iter().enumerate() {
        if let Some(key) = subject(file) {
            tests.push((place, key));
        } else if file.kind == Kind::Source {
            subjects.entry(lowered(stem(file))).or_default().push(place);
        }
    }
    let mut found = Vec::new();
    for (test, key) in tests {
        let Some(of_test) = snapshot.files.get(test).map(File::path) else { continue };
        let candidates = subjects.get(&key).into_iter().flatten();
        let near = candidates.filter_map(|place| {
            let path = snapshot.files.get(*place)?.path();
            let meets =
                family(path) == family(of_test) && (family(path) != "go" || folder(path) == folder(of_test));
            meets.then(|| (shared(path, of_test), *place))
        });
        let near: Vec<_> = near.collect();
        let most = near.iter().map(|it| it.0).max();
        // A header and its source are equally near.
        let nearest: Vec<_> = near.into_iter().filter(|it| Some(it.0) == most).collect();
        if nearest.len() <= MOST_SUBJECTS {
            found.extend(nearest.into_iter().map(|it| (test, it.1)));
        }
    }
    found
}

/// What a test is for, as one word; none where a file is no test.
fn subject(file: &File) -> Option<String> {
    let name = file.name().rsplit_once('.').map_or(file.name(), |it| it.0);
    if ONLY.contains(&name) {
        return file.folder().rsplit('/').find(|it| !ONLY.contains(it)).map(lowered);
    }
    let rest = AFTER.iter().find_map(|mark| {
        let rest = name.strip_suffix(mark)?;
        // `latest` ends like a test, `LatestIT` is one.
        (!rest.is_empty() && !rest.ends_with(char::is_uppercase)).then_some(rest)
    });
    let rest = rest.or_else(|| {
        BEFORE.iter().find_map(|mark| {
            let rest = name.strip_prefix(mark)?;
            (mark.ends_with(['_', '-']) || rest.starts_with(char::is_uppercase)).then_some(rest)
        })
    });
    let by_folder = || (file.kind == Kind::Test).then(|| stem(file));
    rest.or_else(by_folder).map(lowered).filter(|it| !it.is_empty())
}

/// Endings of languages that test each other.
fn family(path: &str) -> &str {
    match path.rsplit_once('.').map_or("", |it| it.1) {
        "ts" | "tsx" | "mts" | "cts" | "js" | "jsx" | "mjs" | "cjs" | "vue" | "svelte" => "js",
        "c" | "h" | "cc" | "cpp" | "cxx" | "hh" | "hpp" | "hxx" => "c",
        "java" | "kt" | "scala" | "groovy" => "java",
        "py" | "pyi" => "py",
        other => other,
    }
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |it| it.0)
}

/// How many folders two paths have in common, wherever these stand: `src/main/shop`
/// is near `src/test/shop`.
fn shared(one: &str, other: &str) -> usize {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for part in folder(one).split('/') {
        *counts.entry(part).or_default() += 1;
    }
    let parts = folder(other).split('/');
    let met = parts.filter(|part| {
        let left = counts.get_mut(*part).filter(|it| **it > 0);
        left.map(|it| *it -= 1).is_some()
    });
    met.count()
}
