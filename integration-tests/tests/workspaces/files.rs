//! Files are listed and read, and nothing outside their roots.

use super::desk::{Clerk, Folders, text};
use banto_integration_tests::{Answer as _, Banto};
use banto_proto::v1::{FileEncoding, FileKind, ListFilesRequest, ReadFileRequest, UpdateWorkspaceRequest};
use sha2::{Digest as _, Sha256};
use std::{fs, os::unix::fs::symlink, path::PathBuf};
use tonic::Code;

#[tokio::test]
async fn t01_a_repository_with_everything_awkward_is_listed_and_read() {
    let (banto, folders) = (Banto::guide().await, Folders::new());
    let clerk = Clerk(banto.owner());
    let repository = folders.repository();
    let large = "a line of a large file\n".repeat(60 * 1024 * 1024 / 23);
    folders.write("shop/large.txt", &large);
    // A folder within it means its top.
    let workspace = clerk.open(&repository.join("src")).await;
    let id = workspace.workspace_id.as_str();
    assert_eq!((workspace.name.as_str(), workspace.is_default), ("shop", false));
    let [root] = workspace.roots.as_slice() else { panic!("one root, not {workspace:?}") };
    assert!(root.git && root.problem.is_empty(), "{root:?}");
    assert_eq!((root.name.as_str(), root.branch.as_str(), root.head_commit.len()), ("shop", "main", 40));
    assert!(!format!("{workspace:?}").contains(&text(folders.0.path())), "no answer holds a path");

    let wanted = [
        ".env",
        ".gitignore",
        ".gitmodules",
        "caf\u{fffd}.txt",
        "crlf.txt",
        "deploy.txt",
        "large.txt",
        "logo.png",
        "new.rs",
        "qu\"o te\\d\n.txt",
        "sjis.txt",
        "src/main.rs",
        "tests/buy.rs",
        "utf16.txt",
        "番頭/帳簿.txt",
    ];
    assert_eq!(clerk.paths(id).await, wanted);
    let files = clerk.files(id).await;
    let file = |path: &str| files.iter().find(|file| file.path == path).expect("a file");
    assert_eq!((file("src/main.rs").kind(), file("src/main.rs").size_bytes), (FileKind::Source, 34));
    assert_eq!(file("tests/buy.rs").kind(), FileKind::Test);
    assert_eq!(file("large.txt").size_bytes, large.len() as u64);
    let secret: Vec<_> =
        files.iter().filter(|file| file.looks_secret).map(|file| file.path.as_str()).collect();
    assert_eq!(secret, [".env", "deploy.txt"]);

    let read = clerk.read(id, "src/main.rs").await;
    assert_eq!(read.text, "fn main() {\n    println!(\"hi\");\n}\n");
    assert_eq!(read.sha256, hex::encode(Sha256::digest(&read.text)));
    assert_eq!((read.encoding(), read.first_line, read.truncated), (FileEncoding::Utf8, 1, false));
    assert_eq!(read.file.as_ref(), Some(file("src/main.rs")));
    let read = clerk.read(id, "sjis.txt").await;
    assert!(read.text.starts_with("番頭は店の主人") && read.encoding() == FileEncoding::Legacy);
    let read = clerk.read(id, "utf16.txt").await;
    assert_eq!((read.text.as_str(), read.encoding()), ("hi\n", FileEncoding::Utf16));
    let read = clerk.read(id, "logo.png").await;
    assert!(read.binary && read.text.is_empty() && read.encoding() == FileEncoding::Unspecified);
    for (path, content) in [
        ("crlf.txt", "one\r\ntwo\r\n"),
        ("caf\u{fffd}.txt", "coffee"),
        ("qu\"o te\\d\n.txt", "quoted"),
        ("番頭/帳簿.txt", "帳簿\n"),
        // Ignored, but beneath the root.
        ("target/out", "built"),
    ] {
        assert_eq!(clerk.read(id, path).await.text, content, "{path}");
    }

    let before = banto.resident_kib();
    let read = clerk.read(id, "large.txt").await;
    assert!(read.truncated && read.text.len() <= 1 << 20 && read.text.ends_with('\n'));
    assert_eq!(read.sha256, hex::encode(Sha256::digest(&large)));
    let middle = ReadFileRequest {
        workspace_id: id.into(),
        path: "large.txt".into(),
        first_line: 2_000_000,
        max_lines: 2,
    };
    let read = clerk.0.workspaces().read_file(middle).await.granted();
    assert_eq!((read.text.lines().count(), read.first_line, read.truncated), (2, 2_000_000, true));
    assert!(banto.resident_kib() < before + 30 * 1024, "{before} KiB became {}", banto.resident_kib());
}

#[tokio::test]
async fn repositories_of_every_form_are_opened() {
    let (banto, folders) = (Banto::guide().await, Folders::new());
    let clerk = Clerk(banto.owner());
    folders.repository();
    folders.git("shop", &["worktree", "add", "-q", "../tree", "-b", "side"]);
    folders.git(".", &["clone", "-q", "--depth", "1", "--no-local", "shop", "shallow"]);
    folders.git("empty", &["init", "-q"]);
    folders.write("plain/a.txt", "a");
    folders.write("plain/b.log", "b");
    folders.write("plain/.gitignore", "*.log");
    folders.git("bare", &["init", "-q", "--bare"]);

    let tree = clerk.open(&folders.path("tree")).await;
    assert_eq!((tree.roots[0].branch.as_str(), tree.roots[0].git), ("side", true));
    assert!(clerk.paths(&tree.workspace_id).await.contains(&"src/main.rs".to_owned()));
    clerk.try_read(&tree.workspace_id, ".git").await.refused().is(Code::NotFound, "FILE_NOT_FOUND");

    let shallow = clerk.open(&folders.path("shallow")).await;
    assert_eq!(shallow.roots[0].head_commit.len(), 40);
    assert_eq!(clerk.read(&shallow.workspace_id, "crlf.txt").await.text, "one\r\ntwo\r\n");

    let empty = clerk.open(&folders.path("empty")).await;
    let root = &empty.roots[0];
    assert!(root.git && root.head_commit.is_empty() && root.branch == "main", "{root:?}");
    assert!(clerk.files(&empty.workspace_id).await.is_empty());

    let plain = clerk.open(&folders.path("plain")).await;
    assert!(!plain.roots[0].git && plain.roots[0].branch.is_empty());
    assert_eq!(clerk.paths(&plain.workspace_id).await, [".gitignore", "a.txt"]);

    let sub = clerk.open(&folders.path("shop/sub")).await;
    assert_eq!(
        (sub.name.as_str(), clerk.paths(&sub.workspace_id).await.as_slice()),
        ("sub", ["lib.rs".to_owned()].as_slice())
    );

    for (path, name) in [
        (folders.path("bare"), ""),
        (folders.path("none"), ""),
        (folders.path("plain/a.txt"), ""),
        (PathBuf::from("relative"), ""),
        (PathBuf::from("/"), ""),
        (PathBuf::from("/proc/self"), ""),
        (banto.data_dir().to_owned(), ""),
        (PathBuf::from(format!("/{}", "x".repeat(5_000))), ""),
        (PathBuf::from("/tmp\0/x"), ""),
    ] {
        clerk.try_open(&path, name).await.refused().blames("path");
    }

    // What is gone is said to be, and comes back.
    fs::rename(folders.path("plain"), folders.path("moved")).expect("a move");
    let gone = clerk.get(&plain.workspace_id).await;
    assert!(gone.roots[0].problem.contains("no such folder"), "{gone:?}");
    assert!(clerk.files(&plain.workspace_id).await.is_empty());
    let read = clerk.try_read(&plain.workspace_id, "a.txt").await;
    read.refused().is(Code::NotFound, "ROOT_NOT_FOUND");
    fs::rename(folders.path("moved"), folders.path("plain")).expect("a move");
    assert_eq!(clerk.read(&plain.workspace_id, "a.txt").await.text, "a");
}

#[tokio::test]
async fn no_path_leads_out() {
    let (banto, folders) = (Banto::guide().await, Folders::new());
    let clerk = Clerk(banto.owner());
    let id = clerk.open(&folders.repository()).await.workspace_id;
    symlink("/proc/self/environ", folders.path("shop/environ")).expect("a link");
    symlink("/proc/self/root", folders.path("shop/magic")).expect("a link");
    let outside = [
        "../outside.txt",
        "src/../../outside.txt",
        "/etc/passwd",
        "//etc/passwd",
        "/proc/self/environ",
        "..",
        "\\etc",
        "C:\\x",
        "..\\outside.txt",
        "out",
        "up/outside.txt",
        "environ",
        "magic/etc/passwd",
    ];
    for path in outside {
        let refused = clerk.try_read(&id, path).await.refused();
        let refused = refused.is(Code::PermissionDenied, "PATH_OUTSIDE_WORKSPACE");
        assert!(!format!("{refused:?}").contains("outside.txt"), "{refused:?}");
    }
    for path in ["", "a//b", "./src", "src/", "src\0", &"x/".repeat(4_000)] {
        clerk.try_read(&id, path).await.refused().blames("path");
    }
    for path in [
        "%2e%2e/outside.txt",
        "src%2fmain.rs",
        "none",
        "src",
        "in",
        ".git/config",
        ".git/HEAD",
        ".GIT/config",
        "sub/.git",
        "src/main.rs/x",
        "@lib/lib.rs",
        "~",
        "$HOME",
    ] {
        clerk.try_read(&id, path).await.refused().is(Code::NotFound, "FILE_NOT_FOUND");
    }
    let folder = |folder: &str| ListFilesRequest {
        workspace_id: id.clone(),
        folder: folder.into(),
        ..Default::default()
    };
    for path in ["..", "/etc", "/"] {
        clerk.page(folder(path)).await.refused().is(Code::PermissionDenied, "PATH_OUTSIDE_WORKSPACE");
    }
    assert!(clerk.page(folder("up")).await.granted().files.is_empty(), "a link is no folder");

    // A pipe holds nobody, and the server's own data is nobody's.
    std::process::Command::new("mkfifo").arg(folders.path("shop/pipe")).status().expect("mkfifo");
    clerk.try_read(&id, "pipe").await.refused().is(Code::NotFound, "FILE_NOT_FOUND");
    let home = clerk.open(banto.home()).await.workspace_id;
    fs::write(banto.home().join("note.txt"), "n").expect("a file");
    assert_eq!(clerk.read(&home, "note.txt").await.text, "n");
    for path in ["data/token", "data/server.json", "data/banto.db"] {
        clerk.try_read(&home, path).await.refused().is(Code::NotFound, "FILE_NOT_FOUND");
    }
    let listed = clerk.paths(&home).await;
    assert!(listed.contains(&"note.txt".to_owned()) && !listed.iter().any(|it| it.starts_with("data/")));
}

#[tokio::test]
async fn the_list_of_files_is_paged_and_filtered() {
    let (banto, folders) = (Banto::guide().await, Folders::new());
    let clerk = Clerk(banto.owner());
    for number in 0..25 {
        folders.write(&format!("shop/src/file-{number:02}.rs"), "x");
    }
    folders.write("shop/Docs/Guide.md", "x");
    let id = clerk.open(&folders.path("shop")).await.workspace_id;
    let request = ListFilesRequest { workspace_id: id.clone(), page_size: 10, ..Default::default() };
    let (mut seen, mut token) = (Vec::new(), String::new());
    loop {
        let page = clerk.page(ListFilesRequest { page_token: token, ..request.clone() }).await.granted();
        assert_eq!(page.total, 26);
        seen.extend(page.files.into_iter().map(|file| file.path));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(seen.len(), 26);
    assert!(seen.is_sorted() && seen.first().is_some_and(|first| first == "Docs/Guide.md"));

    let found = async |folder: &str, query: &str| {
        let (folder, query) = (folder.into(), query.into());
        clerk.page(ListFilesRequest { folder, query, ..request.clone() }).await.granted().total
    };
    assert_eq!(found("src", "").await, 25);
    assert_eq!(found("src/", "").await, 25);
    assert_eq!(found("sr", "").await, 0);
    assert_eq!(found("", "GUIDE docs").await, 1);
    assert_eq!(found("src", "file 07").await, 1);
    assert_eq!(found("", "nothing").await, 0);
    let wrong = ListFilesRequest { page_size: 10_001, ..request.clone() };
    clerk.page(wrong).await.refused().blames("page_size");
    let wrong = ListFilesRequest { page_token: "x".into(), ..request.clone() };
    clerk.page(wrong).await.refused().blames("page_token");
    let wrong = ListFilesRequest { query: "x".repeat(201), ..request.clone() };
    clerk.page(wrong).await.refused().blames("query");
    // A first page is of the files as they are.
    folders.write("shop/src/later.rs", "x");
    assert_eq!(clerk.page(request).await.granted().total, 27);
}

#[tokio::test]
async fn further_roots_have_a_prefix() {
    let (banto, folders) = (Banto::guide().await, Folders::new());
    let clerk = Clerk(banto.owner());
    folders.write("shop/a.rs", "shop");
    folders.write("shop/@types/t.ts", "types");
    folders.write("one/lib/a.rs", "one");
    folders.write("two/lib/a.rs", "two");
    folders.write("types/a.rs", "types");
    let id = clerk.open(&folders.path("shop")).await.workspace_id;
    let add = |paths: &[&str]| UpdateWorkspaceRequest {
        add_root_paths: paths.iter().map(|path| text(&folders.path(path))).collect(),
        ..Default::default()
    };
    let joined = clerk.update(&id, add(&["one/lib", "two/lib", "types", "one/lib"])).await.granted();
    let names: Vec<_> = joined.roots.iter().map(|root| root.name.as_str()).collect();
    assert_eq!((names.as_slice(), joined.version), (["shop", "lib", "lib-2", "types-2"].as_slice(), 2));
    let paths = ["@types/t.ts", "a.rs", "@lib/a.rs", "@lib-2/a.rs", "@types-2/a.rs"];
    assert_eq!(clerk.paths(&id).await, paths);
    for (path, content) in paths.iter().zip(["types", "shop", "one", "two", "types"]) {
        assert_eq!(clerk.read(&id, path).await.text, content, "{path}");
    }
    let leaves = clerk.try_read(&id, "@lib/../../two/lib/a.rs").await.refused();
    leaves.is(Code::PermissionDenied, "PATH_OUTSIDE_WORKSPACE");
    let only = ListFilesRequest { workspace_id: id.clone(), folder: "@lib-2".into(), ..Default::default() };
    assert_eq!(clerk.page(only).await.granted().total, 1);

    let remove = |names: &[&str]| UpdateWorkspaceRequest {
        remove_root_names: names.iter().map(ToString::to_string).collect(),
        ..Default::default()
    };
    clerk.update(&id, remove(&["shop"])).await.refused().blames("remove_root_names");
    clerk.update(&id, remove(&["none"])).await.refused().is(Code::NotFound, "ROOT_NOT_FOUND");
    let left = clerk.update(&id, remove(&["lib", "types-2"])).await.granted();
    assert_eq!((left.roots.len(), left.version), (2, 3));
    clerk.try_read(&id, "@lib/a.rs").await.refused().is(Code::NotFound, "FILE_NOT_FOUND");
    let none = clerk.update(&id, remove(&["shop", "lib-2"])).await.granted();
    assert!(none.roots.is_empty() && clerk.files(&id).await.is_empty());
    clerk.try_read(&id, "a.rs").await.refused().is(Code::FailedPrecondition, "WORKSPACE_EMPTY");

    let many: Vec<_> = (0..17).map(|number| format!("many/{number}")).collect();
    many.iter().for_each(|name| folders.write(&format!("{name}/a"), "a"));
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    clerk.update(&id, add(&many)).await.refused().blames("add_root_paths");
    assert_eq!(clerk.update(&id, add(&many[..16])).await.granted().roots.len(), 16);
    clerk.update(&id, add(&many)).await.refused().blames("add_root_paths");
}
