//! What one search tells besides the order.

use crate::{TASK, house::House};
use banto_finder::{Content, Error, Filter, Finder, Folder, Kind, PatternGroup, Search};
use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

fn search(folder: &Path, cache: Option<&Path>, task: &str) -> (Finder, Search) {
    let mut finder = Finder::open(folder, cache).expect("a folder");
    let tree = finder.tree(None).expect("a tree");
    let search = finder.search(&tree, task).expect("ranked");
    (finder, search)
}

/// A tree of several parts, of which one is about feeds.
fn shop() -> House {
    let house = House::empty();
    for at in 0..40 {
        house.write(&format!("web/pages/page{at}.ts"), &format!("export const page{at} = {at};\n"));
        house.write(&format!("server/src/store/row{at}.rs"), &format!("pub struct Row{at};\n"));
        house.write(&format!("tools/gen{at}.py"), &format!("def gen{at}(): pass\n"));
    }
    for name in ["watch", "retry", "wait"] {
        let text = format!("//! The stream of the feed.\npub fn {name}_stream() {{ /* breaks */ }}\n");
        house.write(&format!("server/src/feed/{name}.rs"), &text);
    }
    house.commit("Begin");
    house
}

#[test]
fn t02_everything_that_a_search_tells_is_the_same_again() {
    let house = House::odd();
    let cache = house.beside("cache");
    let all = |cache: Option<&Path>| {
        let (finder, search) = search(house.path(), cache, TASK);
        let near = search.neighbours(&["src/feed/watch.rs"], 20);
        let groups = search.patterns(10);
        drop(finder);
        serde_json::to_string(&(search.ranked(), search.folders(5), groups, near)).expect("JSON")
    };
    let cold = all(None);
    assert_eq!(all(Some(&cache)), cold);
    assert_eq!(all(Some(&cache)), cold, "warm");
    let (mut finder, first) = search(house.path(), Some(&cache), TASK);
    let tree = finder.tree(None).expect("a tree");
    let again = finder.search(&tree, TASK).expect("ranked");
    assert_eq!(again.ranked(), first.ranked(), "of the same process");
}

#[test]
fn relevance_falls_with_the_score_from_one_to_nothing() {
    let house = shop();
    let (_, found) = search(house.path(), None, TASK);
    let ranked = found.ranked();
    assert_eq!((ranked.len(), ranked[0].relevance, ranked[0].kind), (123, 1.0, Kind::Source));
    assert!(ranked.windows(2).all(|it| it[0].relevance >= it[1].relevance && it[0].score >= it[1].score));
    assert!(ranked.last().is_some_and(|it| it.relevance < 0.1), "{:?}", ranked.last());
    let watch = found.file("server/src/feed/watch.rs").expect("it is ranked");
    let size = fs::metadata(house.path().join(&watch.path)).expect("a file").len();
    assert_eq!((watch.size, found.file("absent")), (size, None));
    let (_, nothing) = search(house.path(), None, "zzyzx");
    assert!(nothing.ranked().iter().all(|it| it.relevance == 0.0));
    assert_eq!((nothing.folders(5)[0].path.as_str(), nothing.patterns(5)), (".", vec![]));
}

#[test]
fn folders_reach_down_to_where_the_evidence_is() {
    let house = shop();
    let (_, found) = search(house.path(), None, TASK);
    let folders = found.folders(5);
    assert_eq!(folders[0].path, "server/src/feed", "{folders:?}");
    assert!(folders.iter().map(|it| it.share).sum::<f64>() > 0.9, "{folders:?}");
    let one = found.folders(1);
    assert_eq!(one.len(), 1);
    for (at, one) in folders.iter().enumerate() {
        for other in folders.iter().skip(at + 1) {
            assert!(!one.path.starts_with(&format!("{}/", other.path)), "{folders:?}");
            assert!(!other.path.starts_with(&format!("{}/", one.path)), "{folders:?}");
        }
    }
    let (_, small) = search(House::small().path(), None, TASK);
    assert_eq!(small.folders(5), [Folder { path: ".".to_owned(), share: 1.0, files: 4 }]);
}

#[test]
fn patterns_find_what_ranks_high_and_little_else() {
    let house = shop();
    let (mut finder, found) = search(
        house.path(),
        None,
        "Retry when the stream of `watch_stream` (a+b) breaks in web/pages/page7.ts",
    );
    let groups = found.patterns(8);
    assert!((1..=8).contains(&groups.len()), "{groups:?}");
    let (filter, bad) = Filter::new(&groups);
    assert_eq!(bad, []);
    let tree = finder.tree(None).expect("a tree");
    let matched = finder.filter(&tree, &filter).expect("matches");
    let paths: Vec<_> = matched.matches.iter().map(|it| it.path.as_str()).collect();
    for path in ["server/src/feed/watch.rs", "server/src/feed/retry.rs", "web/pages/page7.ts"] {
        assert!(paths.contains(&path), "{path} is not in {paths:?} by {groups:?}");
    }
    assert!(paths.len() < 40, "{paths:?}");
    assert!(found.patterns(1).len() == 1 && found.patterns(0).is_empty());
    assert!(groups.iter().all(|it: &PatternGroup| !it.title.is_empty()));
}

#[test]
fn reasons_of_a_file_are_those_that_find_gives() {
    let house = House::small();
    let (mut finder, found) = search(house.path(), None, TASK);
    let tree = finder.tree(None).expect("a tree");
    for file in finder.find(&tree, TASK, 10).expect("found") {
        assert_eq!(found.reasons(&file.path), file.reasons);
        assert_eq!(found.file(&file.path).map(|it| it.score), Some(file.score));
    }
    assert_eq!(found.reasons("absent.rs"), []);
}

#[test]
fn contents_are_read_by_their_path() {
    let house = House::odd();
    let mut finder = Finder::open(house.path(), None).expect("a folder");
    for at in [None, Some("HEAD")] {
        let tree = finder.tree(at).expect("a tree");
        let read = |path: &str| finder.read(&tree, path);
        assert!(
            matches!(read("src/store.rs"), Some(Content::Text(text)) if text.starts_with("pub struct Row;"))
        );
        assert_eq!((read("photo.bin"), read("big.sql")), (Some(Content::Binary), Some(Content::TooLarge)));
        assert_eq!((read("link.rs"), read("../outside.rs"), read("src")), (None, None, None));
        let entry = tree.entry("photo.bin").expect("it is listed");
        assert_eq!(finder.size(entry), Some(6));
    }
}

#[test]
fn t06_a_partial_clone_is_searched_with_what_it_has() {
    let house = House::small();
    house.git(&["config", "uploadpack.allowFilter", "true"]);
    let partial = house.beside("partial");
    house.clone_to(&partial, &["--filter=blob:none", "--no-checkout"]);
    // Whoever would fetch finds nothing there any more.
    fs::rename(house.path(), house.beside("gone")).expect("moved");
    let missing = || house.git_in(&partial, &["rev-list", "--objects", "--all", "--missing=print"]);
    let before = missing();
    assert!(before.lines().filter(|it| it.starts_with('?')).count() >= 4, "{before}");

    let mut finder = Finder::open(&partial, None).expect("a repository");
    let tree = finder.tree(Some("HEAD")).expect("a tree");
    let search = finder.search(&tree, "wait longer in the watch of the feed").expect("ranked");
    let paths: Vec<_> = search.ranked().iter().map(|it| it.path.as_str()).collect();
    assert_eq!(paths.len(), 4);
    assert_eq!(paths[0], "src/feed/watch.rs");
    assert_eq!(finder.read(&tree, "src/store.rs"), Some(Content::Missing));
    let found = search.folders(5).len() + search.patterns(5).len() + search.neighbours(&paths[..1], 5).len();
    assert!(found > 0);
    let (filter, _) = Filter::new(&[PatternGroup { path: "store".to_owned(), ..PatternGroup::default() }]);
    assert_eq!(finder.filter(&tree, &filter).expect("matches").counts, [1]);
    assert_eq!(missing(), before, "nothing was fetched");
}

#[test]
fn a_process_sees_what_was_edited_since_its_last_search() {
    let house = House::small();
    let cache = house.beside("cache");
    let mut finder = Finder::open(house.path(), Some(&cache)).expect("a folder");
    let first = |finder: &mut Finder| {
        let tree = finder.tree(None).expect("a tree");
        finder.find(&tree, "count the invoices", 1).expect("found").remove(0)
    };
    let before = first(&mut finder);
    // As many bytes as before, at the same moment as far as coarse clocks tell.
    let text = fs::read_to_string(house.path().join("src/store.rs")).expect("a text");
    house.write("src/store.rs", &format!("{:<1$}", "fn count_invoices() {}", text.len()));
    let after = first(&mut finder);
    assert_eq!(after.path, "src/store.rs");
    assert_ne!(before, after);
    let mut other = Finder::open(house.path(), Some(&cache)).expect("a folder");
    assert_eq!(first(&mut other), after, "another process, with the same cache");
}

#[test]
fn a_stopped_finder_goes_on_with_another_flag() {
    let house = House::small();
    let mut finder = Finder::open(house.path(), None).expect("a folder");
    let flag = Arc::new(AtomicBool::new(false));
    finder.stop_at(Arc::clone(&flag));
    let tree = finder.tree(None).expect("a tree");
    assert!(finder.search(&tree, TASK).is_ok(), "nobody has raised it");
    flag.store(true, Ordering::Relaxed);
    assert!(matches!(finder.tree(None), Err(Error::Stopped)));
    assert!(matches!(finder.search(&tree, TASK), Err(Error::Stopped)));
    assert!(matches!(finder.find(&tree, TASK, 1), Err(Error::Stopped)));
    finder.stop_at(Arc::default());
    assert_eq!(finder.find(&tree, TASK, 1).expect("found")[0].path, "src/feed/watch.rs");
}
