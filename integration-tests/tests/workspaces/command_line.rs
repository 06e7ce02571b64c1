//! `banto workspace` and `banto files`.

use super::desk::{Folders, text};
use banto_integration_tests::{Banto, upstream::Upstream};
use serde_json::Value;
use std::process::Output;

#[track_caller]
fn ended(output: &Output, code: i32) -> String {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "stdout: {out}\nstderr: {err}");
    if code == 0 { out.into_owned() } else { err.into_owned() }
}

#[tokio::test]
async fn the_command_line_opens_lists_and_reads() {
    let (upstream, folders) = (Upstream::start().await, Folders::new());
    let banto = Banto::with(&upstream).await;
    let repository = folders.repository();
    let run = async |arguments: &[&str]| banto.command(arguments).output().await;
    let json = |text: &str| -> Vec<Value> {
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    };
    let opened = ended(&run(&["workspace", "open", &text(&repository), "--json"]).await, 0);
    let opened = json(&opened);
    let id = opened[0]["workspaceId"].as_str().expect("an id");
    let listed = ended(&run(&["workspace", "ls"]).await, 0);
    assert!(listed.contains("shop (main)") && listed.contains("default"), "{listed}");
    assert_eq!(json(&ended(&run(&["workspace", "ls", "--json"]).await, 0)).len(), 2);

    let files = ended(&run(&["files", "ls", "--workspace", "shop"]).await, 0);
    assert!(files.contains("src/main.rs") && files.contains("looks secret"), "{files}");
    let files = ended(&run(&["files", "ls", "--workspace", id, "--json", "src"]).await, 0);
    assert_eq!(json(&files)[0]["path"], "src/main.rs");
    let files = ended(&run(&["files", "ls", "--workspace", "shop", "--query", "BUY", "--json"]).await, 0);
    assert_eq!(json(&files)[0]["kind"], "FILE_KIND_TEST");
    let cat = async |path: &str| run(&["files", "cat", path, "--workspace", "shop"]).await;
    assert_eq!(ended(&cat("crlf.txt").await, 0), "one\r\ntwo\r\n");
    assert!(ended(&cat("sjis.txt").await, 0).starts_with("番頭は店の主人"));
    let long = "0123456789\n".repeat(250_000);
    folders.write("shop/long.txt", &long);
    assert!(ended(&cat("long.txt").await, 0) == long, "read in parts");
    assert!(ended(&cat("logo.png").await, 1).contains("not text"));
    assert!(ended(&cat("none").await, 3).contains("FILE_NOT_FOUND"));
    assert!(ended(&cat("../outside.txt").await, 3).contains("PATH_OUTSIDE_WORKSPACE"));
    assert!(ended(&run(&["files", "ls", "--workspace", "nowhere"]).await, 2).contains("nowhere"));

    let granted = ended(&run(&["workspace", "grant", "openai", "--workspace", "shop"]).await, 0);
    assert!(granted.contains("openai"), "{granted}");
    let revoke = ["workspace", "grant", "openai", "--workspace", "shop", "--revoke", "--json"];
    assert!(json(&ended(&run(&revoke).await, 0))[0]["grants"].is_null());
    ended(&run(&["workspace", "close", "shop"]).await, 0);
    assert!(!ended(&run(&["workspace", "ls"]).await, 0).contains("shop"));
    assert!(ended(&run(&["workspace", "ls", "--all"]).await, 0).contains("closed"));
    assert!(ended(&run(&["workspace", "close", "default"]).await, 3).contains("WORKSPACE_IN_USE"));
}
