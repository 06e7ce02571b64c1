//! `banto find` and `banto eval` as scripts use them. No server runs.

use serde_json::Value;
use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Output, Stdio},
};

fn banto(cache: &Path, arguments: &[&str]) -> Output {
    banto_with(cache, arguments, "")
}

fn banto_with(cache: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_banto"))
        .args(arguments)
        .env("XDG_CACHE_HOME", cache)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("banto starts");
    // It may have refused before it reads.
    let _ = child.stdin.take().expect("its input").write_all(input.as_bytes());
    child.wait_with_output().expect("banto ends")
}

fn lines(output: &Output) -> Vec<Value> {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn git(folder: &Path, arguments: &[&str]) {
    let status = Command::new("git")
        .args(["-c", "user.name=A", "-c", "user.email=a@example.com"])
        .args(arguments)
        .current_dir(folder)
        .status();
    assert!(status.expect("git").success(), "{arguments:?}");
}

#[test]
fn find_and_eval_need_no_server() {
    let (house, cache) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let repo = house.path().to_str().expect("a path");
    git(house.path(), &["init", "-q"]);
    fs::write(house.path().join("watch.rs"), "fn retry_stream() {}\n").expect("written");
    fs::write(house.path().join("store.rs"), "fn keep() {}\n").expect("written");
    git(house.path(), &["add", "-A"]);
    git(house.path(), &["commit", "-q", "-m", "Begin"]);
    fs::write(house.path().join("watch.rs"), "fn retry_stream() { wait(); }\n").expect("written");
    git(house.path(), &["commit", "-q", "-a", "-m", "Wait before the stream connects again"]);

    let task = "retry the stream";
    let found = lines(&banto(cache.path(), &["find", "--repo", repo, "--json", task]));
    assert_eq!(found.len(), 2);
    let keys: Vec<_> = found[0].as_object().expect("an object").keys().map(String::as_str).collect();
    let mut sorted = keys.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, ["kind", "path", "reasons", "score"]);
    assert_eq!((&found[0]["path"], &found[0]["kind"]), (&"watch.rs".into(), &"source".into()));
    let symbol = found[0]["reasons"].as_array().expect("reasons").iter().find(|it| it["type"] == "symbol");
    assert_eq!(symbol.expect("a symbol")["line"], 1);
    let piped = banto_with(cache.path(), &["find", "--repo", repo, "--json", "-"], task);
    assert_eq!(lines(&piped), found);
    let one = ["find", "--repo", repo, "--at", "HEAD~1", "--limit", "1", "--json", task];
    assert_eq!(lines(&banto(cache.path(), &one)).len(), 1);
    let table = banto(cache.path(), &["find", "--repo", repo, task]);
    assert!(String::from_utf8_lossy(&table.stdout).contains("line 1 defines retry_stream"));

    let measured = lines(&banto(cache.path(), &["eval", "--repo", repo, "--json"]));
    assert_eq!(measured.len(), 2, "one case, then the summary: {measured:?}");
    assert_eq!(measured[0]["places"], serde_json::json!([1]));
    assert_eq!(measured[1]["summary"]["all"]["cases"], 1);
    let cases = house.path().join("cases.jsonl");
    fs::write(&cases, format!("{}\n", measured[0])).expect("written");
    let again = ["eval", "--repo", repo, "--json", "--cases", cases.to_str().expect("a path")];
    assert_eq!(lines(&banto(cache.path(), &again)), measured);
    let table = banto(cache.path(), &["eval", "--repo", repo]);
    assert!(String::from_utf8_lossy(&table.stdout).contains("recall@10 is "));
}

#[test]
fn wrong_usage_is_told_apart() {
    let (folder, cache) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let repo = folder.path().to_str().expect("a path");
    for wrong in [
        ["find", "--repo", "/no/such/folder", "task"].as_slice(),
        &["find", "--repo", repo, "--at", "HEAD", "task"],
        &["find", "--repo", repo, " "],
        &["find", "--repo", repo, "--limit", "0", "task"],
        &["eval", "--repo", repo],
        &["eval", "--repo", repo, "--cases", "/no/such/file"],
    ] {
        assert_eq!(banto(cache.path(), wrong).status.code(), Some(2), "{wrong:?}");
    }
    assert!(lines(&banto(cache.path(), &["find", "--repo", repo, "--json", "task"])).is_empty());
}
