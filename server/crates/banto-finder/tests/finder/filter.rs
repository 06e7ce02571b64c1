//! Files by groups of patterns.

use crate::house::House;
use banto_finder::{Error, Field, Filter, Filtered, Finder, LONGEST_PATTERN, PatternGroup};
use std::{
    fs,
    path::Path,
    sync::{Arc, atomic::AtomicBool},
    time::{Duration, Instant},
};

fn group(path: &str, content: &str, negative_path: &str) -> PatternGroup {
    PatternGroup {
        title: String::new(),
        path: path.to_owned(),
        content: content.to_owned(),
        negative_path: negative_path.to_owned(),
    }
}

fn filtered(folder: &Path, groups: &[PatternGroup]) -> Filtered {
    let (filter, bad) = Filter::new(groups);
    assert_eq!(bad, []);
    let mut finder = Finder::open(folder, None).expect("a folder");
    let tree = finder.tree(None).expect("a tree");
    finder.filter(&tree, &filter).expect("matches")
}

fn matches(filtered: &Filtered) -> Vec<(&str, &[usize])> {
    filtered.matches.iter().map(|it| (it.path.as_str(), it.groups.as_slice())).collect()
}

#[test]
fn t05_all_patterns_of_a_group_must_match_and_any_group_is_enough() {
    let house = House::small();
    let found = filtered(
        house.path(),
        &[
            group(r"\.rs$", "RETRY_stream", ""),
            group(r"\.rs$", "retry_stream", "^tests/"),
            group("readme", "", ""),
            group("", "nowhere to be found", ""),
            group("", r"^pub struct row;$", ""),
        ],
    );
    assert_eq!(
        matches(&found),
        [
            ("README.md", &[2][..]),
            ("src/feed/watch.rs", &[0, 1]),
            ("src/store.rs", &[4]),
            ("tests/feed.rs", &[0]),
        ]
    );
    assert_eq!((found.counts, found.searched), (vec![2, 1, 1, 0, 1], 4));
}

#[test]
fn t05_patterns_are_for_the_path_from_the_top() {
    let folder = tempfile::tempdir().expect("a folder");
    let checkout = folder.path().join("tests").join("src").join("house");
    fs::create_dir_all(checkout.join("src")).expect("a folder");
    fs::write(checkout.join("src").join("feed.rs"), "fn feed() {}\n").expect("written");
    fs::write(checkout.join("build.rs"), "fn main() {}\n").expect("written");
    let found = filtered(&checkout, &[group("^src/", "", ""), group(r"\.rs$", "", "(^|/)tests/")]);
    assert_eq!(matches(&found), [("build.rs", &[1][..]), ("src/feed.rs", &[0, 1])]);
}

#[test]
fn t05_a_bad_pattern_leaves_its_group_out_and_no_other() {
    let long = "a".repeat(LONGEST_PATTERN + 1);
    let (filter, bad) = Filter::new(&[
        group("(", "x", ""),
        group("", "a(?=b)", ""),
        group("", "(a{1000}){1000}", ""),
        group("", r"(a)\1", ""),
        group(&long, "", ""),
        group("", "", r"\.md$"),
        group("readme", "", "["),
        group("readme", "", ""),
    ]);
    let told: Vec<_> = bad.iter().map(|it| (it.group, it.field)).collect();
    assert_eq!(
        told,
        [
            (0, Field::Path),
            (1, Field::Content),
            (2, Field::Content),
            (3, Field::Content),
            (4, Field::Path),
            (5, Field::Group),
            (6, Field::NegativePath),
        ]
    );
    assert!(bad.iter().all(|it| !it.why.is_empty() && !it.why.contains('\n')), "{bad:?}");
    assert!(bad[2].why.contains("memory") && bad[1].why.contains("look-around"), "{bad:?}");
    let house = House::small();
    let mut finder = Finder::open(house.path(), None).expect("a folder");
    let tree = finder.tree(None).expect("a tree");
    let found = finder.filter(&tree, &filter).expect("matches");
    assert_eq!(matches(&found), [("README.md", &[7][..])]);
    assert_eq!(found.counts, [0, 0, 0, 0, 0, 0, 0, 1]);
}

#[test]
fn t05_a_hostile_pattern_takes_linear_time() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("long.txt"), "a".repeat(1024 * 1024 - 1) + "!").expect("written");
    let started = Instant::now();
    let found = filtered(folder.path(), &[group("", "^(a+)+$", ""), group("", "(a|a)*b", "")]);
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    assert_eq!(found.matches, []);
}

#[test]
fn what_is_no_text_matches_by_its_path_alone() {
    let house = House::odd();
    let found = filtered(house.path(), &[group("", "insert|photo", ""), group(r"\.(bin|sql)$", "", "")]);
    assert_eq!(matches(&found), [("big.sql", &[1][..]), ("photo.bin", &[1])]);
    // A line ends before a carriage return, too.
    assert_eq!(filtered(house.path(), &[group("crlf", "invoices = 1$", "")]).counts, [1]);
}

#[test]
fn t09_no_match_is_lost_among_100_000_files() {
    let house = House::of_many(100_000, |at| {
        let text = if at % 1000 == 7 { format!("needle {at}") } else { format!("straw {at}") };
        (format!("part{}/folder{}/file{at}.txt", at % 10, at % 331), text)
    });
    let groups = [group("", "^needle", ""), group(r"/file\d*99\.txt$", "", "^part[0-4]/")];
    let found = filtered(house.path(), &groups);
    assert_eq!((found.searched, &found.counts), (100_000, &vec![100, 1000]));
    assert_eq!(found.matches.len(), 1100);

    let mut finder = Finder::open(house.path(), None).expect("a folder");
    let tree = finder.tree(None).expect("a tree");
    finder.stop_at(Arc::new(AtomicBool::new(true)));
    let started = Instant::now();
    let (filter, _) = Filter::new(&groups);
    assert!(matches!(finder.filter(&tree, &filter), Err(Error::Stopped)));
    assert!(matches!(finder.search(&tree, "needle"), Err(Error::Stopped)));
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
}
