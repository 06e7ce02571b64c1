//! Files beside others, by each kind of edge.

use crate::house::House;
use banto_finder::{Finder, Neighbour, Reason};

fn neighbours(house: &House, of: &[&str]) -> Vec<Neighbour> {
    let mut finder = Finder::open(house.path(), None).expect("a repository");
    let tree = finder.tree(None).expect("a tree");
    finder.search(&tree, "something else").expect("ranked").neighbours(of, 50)
}

fn reasons<'a>(found: &'a [Neighbour], path: &str) -> &'a [Reason] {
    found.iter().find(|it| it.path == path).map_or(&[], |it| it.reasons.as_slice())
}

fn has(found: &[Neighbour], path: &str, reason: &Reason) -> bool {
    reasons(found, path).contains(reason)
}

#[test]
fn a_test_is_beside_what_it_tests_in_each_language() {
    for (test, subject) in [
        ("tests/feed.rs", "src/feed.rs"),
        ("src/feed/tests.rs", "src/feed/mod.rs"),
        ("src/feed_test.go", "src/feed.go"),
        ("tests/test_feed.py", "shop/feed.py"),
        ("shop/feed_test.py", "shop/feed.py"),
        ("src/feed.test.ts", "src/feed.ts"),
        ("src/__tests__/feed.tsx", "src/feed.tsx"),
        ("lib/feed.spec.js", "lib/feed.js"),
        ("src/test/java/shop/FeedTest.java", "src/main/java/shop/Feed.java"),
        ("Shop.Tests/FeedTests.cs", "Shop/Feed.cs"),
        ("spec/feed_spec.rb", "lib/feed.rb"),
        ("test/test_feed.c", "src/feed.c"),
        ("src/feed_unittest.cc", "src/feed.cc"),
    ] {
        let house = House::empty();
        house.write(test, "1\n");
        house.write(subject, "2\n");
        house.write(&format!("other/{}", subject.replace("feed", "store").replace("Feed", "Store")), "3\n");
        house.commit("Begin");
        let path = || subject.to_owned();
        let found = neighbours(&house, &[subject]);
        assert!(has(&found, test, &Reason::TestOf { path: path() }), "{test}: {found:?}");
        let found = neighbours(&house, &[test]);
        assert!(has(&found, subject, &Reason::TestedBy { path: test.to_owned() }), "{test}: {found:?}");
        assert_eq!(found.len(), 1, "{test}: {found:?}");
    }
}

#[test]
fn what_only_ends_like_a_test_is_none() {
    let house = House::empty();
    house.write("src/latest.py", "1\n");
    house.write("src/la.py", "2\n");
    house.write("src/Contest.java", "3\n");
    house.write("src/Con.java", "4\n");
    house.commit("Begin");
    assert_eq!(neighbours(&house, &["src/la.py", "src/Con.java"]), []);
}

#[test]
fn imports_lead_both_ways() {
    let house = House::empty();
    house.write("src/feed.rs", "use crate::store::keep;\n");
    house.write("src/store.rs", "pub fn keep() {}\n");
    house.write("src/other.rs", "pub fn other() {}\n");
    house.commit("Begin");
    let (feed, store) = ("src/feed.rs".to_owned(), "src/store.rs".to_owned());
    let found = neighbours(&house, &[&feed]);
    assert!(has(&found, &store, &Reason::ImportedBy { path: feed.clone() }), "{found:?}");
    assert_eq!(found.len(), 1);
    let found = neighbours(&house, &[&store]);
    assert!(has(&found, &feed, &Reason::Imports { path: store.clone() }), "{found:?}");
    assert_eq!(neighbours(&house, &[&store, &feed, "absent.rs"]), [], "the given are no neighbours");
}

#[test]
fn names_lead_from_their_definition_to_their_use_and_back() {
    let house = House::empty();
    house.write("src/codec.go", "package shop\n\nfunc decodeInvoice(b []byte) {}\nfunc run() {}\n");
    house.write("src/upload.go", "package shop\n\nfunc receive(b []byte) { decodeInvoice(b); run() }\n");
    house.write("src/spoken.go", "package shop\n\n// decode Invoice and run\nfunc other() {}\n");
    house.write("NOTES.md", "decodeInvoice is slow\n");
    house.commit("Begin");
    let (codec, upload) = ("src/codec.go".to_owned(), "src/upload.go".to_owned());
    let name = || "decodeInvoice".to_owned();
    let found = neighbours(&house, &[&codec]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].reasons, [Reason::Uses { name: name(), path: codec.clone() }]);
    let found = neighbours(&house, &[&upload]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (found[0].path.as_str(), &found[0].reasons[..]),
        ("src/codec.go", &[Reason::Defines { name: name(), path: upload }][..])
    );
}

#[test]
fn a_name_that_many_files_define_leads_nowhere() {
    let house = House::empty();
    for name in ["a", "b", "c"] {
        house.write(&format!("src/{name}x.py"), "def setup_things(): pass\n");
    }
    house.write("src/user.py", "setup_things()\n");
    house.commit("Begin");
    assert_eq!(neighbours(&house, &["src/user.py"]), []);
}

#[test]
fn edges_of_one_file_are_one_neighbour() {
    let house = House::empty();
    for round in 1..=3 {
        house.write(
            "src/feed.rs",
            &format!("use crate::store::keep_rows;\nfn feed() {{ keep_rows({round}) }}\n"),
        );
        house.write("src/store.rs", &format!("pub fn keep_rows(it: u8) {{}} // {round}\n"));
        house.write("src/clock.rs", "use crate::store;\n");
        house.commit("Keep more rows");
    }
    let found = neighbours(&house, &["src/store.rs"]);
    let path = || "src/store.rs".to_owned();
    let feed = reasons(&found, "src/feed.rs");
    for reason in [
        Reason::Imports { path: path() },
        Reason::Uses { name: "keep_rows".to_owned(), path: path() },
        Reason::ChangedWith { path: path(), commits: 3 },
    ] {
        assert!(feed.contains(&reason), "{reason:?} is not in {feed:?}");
    }
    assert_eq!(found.iter().map(|it| it.path.as_str()).collect::<Vec<_>>(), ["src/feed.rs", "src/clock.rs"]);
    assert!(found.iter().all(|it| it.strength > 0.0 && it.strength <= 1.0), "{found:?}");
    assert!(found[0].strength > found[1].strength, "more edges are nearer");
}
