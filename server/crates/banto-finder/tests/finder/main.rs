//! Searches of repositories that real git made. The numbers are those of the list
//! of what must be shown.

mod filter;
mod house;
mod neighbours;
mod search;

use banto_finder::{
    Finder, Found, Reason,
    eval::{Case, Laboratory, Summary, interval, read},
};
use house::House;
use std::{fs, path::Path};

fn find_in(folder: &Path, at: Option<&str>, cache: Option<&Path>, task: &str) -> Vec<Found> {
    let mut finder = Finder::open(folder, cache).expect("a folder");
    let tree = finder.tree(at).expect("a tree");
    finder.find(&tree, task, 50).expect("found")
}

fn paths(found: &[Found]) -> Vec<&str> {
    found.iter().map(|it| it.path.as_str()).collect()
}

fn listed(folder: &Path, at: Option<&str>) -> Vec<String> {
    let mut finder = Finder::open(folder, None).expect("a folder");
    finder.tree(at).expect("a tree").entries().iter().map(|it| it.path.clone()).collect()
}

const TASK: &str =
    "Retry when the stream of the feed breaks\n\nThe watcher should wait before it connects again.";

#[test]
fn t01_every_kind_of_file_is_listed_and_ranked() {
    let house = House::odd();
    let listed = listed(house.path(), None);
    let expected = [
        ".gitignore",
        ".gitmodules",
        "README.md",
        "big.sql",
        "crlf.py",
        "ignored-but-tracked.log",
        "latin1.py",
        "photo.bin",
        "src/feed/watch.rs",
        "src/store.rs",
        "tests/feed.rs",
        "untracked.rs",
        "with \"quotes\" and\ttab.rs",
        "日本語.rs",
    ];
    assert_eq!(listed, expected);
    let found = find_in(house.path(), None, None, TASK);
    assert_eq!(found.len(), expected.len(), "every file is ranked");
    assert_eq!(found[0].path, "src/feed/watch.rs");
    for (task, path) in [
        ("count the paragraphs of Überschrift headings", "latin1.py"),
        ("carriage returns in invoices", "crlf.py"),
        ("quoted names", "with \"quotes\" and\ttab.rs"),
        ("再接続の待ち時間を直す", "日本語.rs"),
        ("untracked sketches", "untracked.rs"),
        ("change big.sql", "big.sql"),
        ("what does photo.bin show", "photo.bin"),
        ("tracked logs of the ignored kind", "ignored-but-tracked.log"),
    ] {
        assert_eq!(find_in(house.path(), None, None, task)[0].path, path, "{task}");
    }
}

#[test]
fn t01_worktrees_shallow_clones_empty_repositories_and_plain_folders() {
    let house = House::small();
    let whole = find_in(house.path(), None, None, TASK);

    let worktree = house.beside("worktree");
    house.git(&["worktree", "add", "-q", worktree.to_str().expect("a path"), "HEAD"]);
    assert_eq!(find_in(&worktree, None, None, TASK), whole);

    let shallow = house.beside("shallow");
    house.clone_to(&shallow, &["--depth", "1"]);
    let found = find_in(&shallow, None, None, TASK);
    assert_eq!(found[0].path, "src/feed/watch.rs");
    let commits = found.iter().flat_map(|it| &it.reasons).filter(|it| matches!(it, Reason::Commit { .. }));
    assert_eq!(commits.count(), 0, "what the only commit changed is not known");

    let bare = house.beside("bare");
    house.clone_to(&bare, &["--bare"]);
    assert_eq!(find_in(&bare, None, None, TASK), whole);
    assert_eq!(find_in(&house.path().join("src"), None, None, TASK), whole, "paths begin at the top");

    let empty = House::empty();
    assert_eq!(find_in(empty.path(), None, None, TASK), []);
    assert!(Finder::open(empty.path(), None).expect("a folder").tree(Some("HEAD")).is_err());

    let plain = tempfile::tempdir().expect("a folder");
    fs::write(plain.path().join("watch.py"), "def retry_stream(): pass\n").expect("written");
    fs::write(plain.path().join("other.py"), "def other(): pass\n").expect("written");
    assert_eq!(paths(&find_in(plain.path(), None, None, TASK)), ["watch.py", "other.py"]);
    let mut finder = Finder::open(plain.path(), None).expect("a folder");
    assert!(finder.tree(Some("HEAD")).is_err_and(|it| it.to_string().contains("no git repository")));
    assert!(Finder::open(&plain.path().join("absent"), None).is_err());
}

#[test]
fn t02_the_same_search_gives_the_same_bytes() {
    let house = House::odd();
    let cache = house.beside("cache");
    let json = |cache: Option<&Path>| {
        serde_json::to_string(&find_in(house.path(), None, cache, TASK)).expect("JSON")
    };
    let cold = json(None);
    assert_eq!(json(Some(&cache)), cold);
    assert_eq!(json(Some(&cache)), cold, "warm");
    for entry in fs::read_dir(&cache).expect("a cache").flatten() {
        for file in fs::read_dir(entry.path()).expect("a folder").flatten() {
            let mut bytes = fs::read(file.path()).expect("bytes");
            bytes.iter_mut().step_by(97).for_each(|byte| *byte ^= 0x55);
            fs::write(file.path(), bytes).expect("written");
        }
    }
    assert_eq!(json(Some(&cache)), cold, "damaged");
}

#[test]
fn t03_a_commit_is_searched_like_its_checkout() {
    let house = House::small();
    let (first, cache) = (house.commits().remove(0), house.beside("cache"));
    let checkout = house.beside("checkout");
    house.clone_to(&checkout, &[]);
    house.git_in(&checkout, &["checkout", "-q", &first]);
    let expected = find_in(&checkout, None, None, TASK);
    assert_eq!(find_in(house.path(), Some(&first), None, TASK), expected);
    // An index that was warmed by later commits changes nothing.
    for revision in house.commits().iter().rev() {
        find_in(house.path(), Some(revision), Some(&cache), "anything at all");
    }
    assert_eq!(find_in(house.path(), Some(&first), Some(&cache), TASK), expected);
    assert_ne!(paths(&find_in(house.path(), None, Some(&cache), TASK)), paths(&expected));
}

#[test]
fn t04_history_after_the_commit_is_never_used() {
    let house = House::small();
    let first = house.commits().remove(0);
    let before = find_in(house.path(), Some(&first), None, TASK);
    house.write("src/store.rs", "// later\n");
    house.commit("Retry when the stream of the feed breaks, in the store");
    assert_eq!(find_in(house.path(), Some(&first), None, TASK), before);
    let now = find_in(house.path(), None, None, TASK);
    let store = now.iter().find(|it| it.path == "src/store.rs").expect("it is listed");
    let is_commit =
        |it: &Reason| matches!(it, Reason::Commit { title, .. } if title.ends_with("in the store"));
    assert!(store.reasons.iter().any(is_commit), "{store:?}");
}

#[test]
fn reasons_can_be_looked_up() {
    let house = House::small();
    let found = find_in(house.path(), None, None, "Let the watcher retry_stream in src/feed/watch.rs");
    let first = &found[0];
    assert_eq!((first.path.as_str(), &first.reasons[0]), ("src/feed/watch.rs", &Reason::Named));
    let text = fs::read_to_string(house.path().join(&first.path)).expect("a text");
    let line = |number: u32| text.lines().nth(number as usize - 1).expect("the line");
    let mut seen = 0;
    for reason in &first.reasons {
        match reason {
            Reason::Symbol { name, line: number, .. } => assert!(line(*number).contains(name.as_str())),
            Reason::Lines { line: number, text, .. } => assert_eq!(line(*number).trim(), text),
            Reason::Commit { hash, title, .. } => {
                assert_eq!(&house.git(&["log", "-1", "--format=%s", hash]), title);
            }
            _ => continue,
        }
        seen += 1;
    }
    assert!(seen >= 3, "{:?}", first.reasons);
}

#[test]
fn kinds_stand_below_source_unless_they_are_asked_for() {
    let house = House::small();
    let place = |task: &str, path: &str| {
        let found = find_in(house.path(), None, None, task);
        found.iter().position(|it| it.path == path).expect("it is listed")
    };
    assert!(place("retry the stream", "src/feed/watch.rs") < place("retry the stream", "tests/feed.rs"));
    let asked = "the test of retry_stream does not wait";
    assert!(place(asked, "tests/feed.rs") < 3);
}

#[test]
fn accuracy_is_measured_on_the_repositorys_own_history() {
    let house = House::small();
    house.write("src/store.rs", "pub fn keep(row: u8) {}\n");
    house.commit("Keep rows for longer than a day");
    house.write("src/store.rs", "pub fn keep(row: u16) {}\n");
    house.commit("Bump the version of everything");
    let mut finder = Finder::open(house.path(), None).expect("a repository");
    let mut laboratory = Laboratory::new(&mut finder);
    let cases = laboratory.mine(100).expect("cases");
    assert_eq!(
        cases.iter().map(|it| it.gold.concat()).collect::<Vec<_>>(),
        ["src/store.rs", "src/feed/watch.rs"],
        "{cases:?}"
    );
    let outcome = laboratory.answer(&cases[0]).expect("an answer");
    assert_eq!(outcome.places.len(), 1);
    let json = serde_json::to_string(&outcome).expect("JSON");
    assert_eq!(read(&json).expect("an outcome is a case again"), cases[..1]);
    let program = Case { author_kind: Some("ai".to_owned()), ..cases[0].clone() };
    let outcomes = [outcome, laboratory.answer(&program).expect("an answer")];
    let summary = Summary::of(&outcomes);
    assert_eq!((summary.all.cases, summary.left_out), (1, 1));
    assert_eq!(summary.all.interval, interval(&[summary.all.gain_recall_10]));
}
