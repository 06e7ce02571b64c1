//! A database that is locked, full, damaged or from the future.

use banto_integration_tests::{
    Answer as _, Banto,
    sql::{Sql, sqlite_file},
    upstream::{Gate, Script, Upstream},
};
use banto_proto::v1::{CreateConversationRequest, ListConversationsRequest, RunState};
use sha2::{Digest as _, Sha256};
use std::{
    fs::{self, File},
    io::{Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tonic::Code;

#[tokio::test]
async fn a_locked_database_refuses_sends_and_answers_reads() {
    let mut banto = Banto::guide().await;
    let chat = banto.chat().await;
    chat.ask("before").await;
    let intruder = Sql::of(&banto).await;
    intruder.run("BEGIN IMMEDIATE").await;

    let begun = Instant::now();
    let (refusal, transcript) = tokio::join!(chat.try_send(chat.message_as("locked", "during")), async {
        let transcript = chat.transcript().await;
        assert!(begun.elapsed() < Duration::from_secs(2), "reads go on");
        transcript
    });
    refusal.refused().is(Code::Unavailable, "STORAGE_UNAVAILABLE");
    assert!(begun.elapsed() < Duration::from_secs(10), "the wait is bounded");
    assert_eq!(chat.transcript().await, transcript, "nothing was stored");

    intruder.run("ROLLBACK").await;
    let accepted = chat.send_as("locked", "during").await;
    assert!(!accepted.0.replayed, "the refused message was never accepted");
    assert_eq!(chat.outcome(&accepted).await.turn.state(), RunState::Completed);

    let live = chat.transcript().await.items;
    banto.kill().await;
    banto.restart().await;
    let stored = banto.owner().conversation(&chat.conversation_id).transcript().await.items;
    assert_eq!(stored, live, "memory equals disk");
}

#[tokio::test]
async fn a_turn_outlives_a_lock_that_is_longer_than_any_wait() {
    let upstream = Upstream::start().await;
    let gate = Gate::new();
    upstream.push(Script::openai().text("one ").pause(&gate).text("two").done());
    let banto = Banto::with(&upstream).await;
    let chat = banto.chat().await;
    let mut watch = chat.watch().await;
    let accepted = chat.send("count").await;
    watch.until_text("one ").await;

    let intruder = Sql::of(&banto).await;
    intruder.run("BEGIN IMMEDIATE").await;
    gate.open();
    watch.until_text("two").await;
    // Longer than SQLite's own wait for a lock.
    tokio::time::sleep(Duration::from_secs(7)).await;
    intruder.run("ROLLBACK").await;

    let turn = watch.until_turn_ended(accepted.turn_id()).await;
    assert!(matches!(turn.state(), RunState::Completed | RunState::Failed), "one honest end: {turn:?}");
    assert_eq!(watch.view, chat.watch().await.view, "what was shown is what is stored");
    assert_eq!(chat.ask("next").await.turn.state(), RunState::Completed);
}

/// A small file system of its own; unmounted when dropped.
struct SmallDisk {
    folder: TempDir,
    filler: PathBuf,
}

impl SmallDisk {
    /// `None`, with a line that says so, where this process may not mount.
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let mounted = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=8m", "tmpfs"])
            .arg(folder.path())
            .output();
        if !mounted.is_ok_and(|output| output.status.success()) {
            println!("skipped: a full disk needs a small tmpfs, and this user may not mount one");
            return None;
        }
        let filler = folder.path().join("filler");
        Some(Self { folder, filler })
    }

    fn fill(&self) {
        let mut file = File::create(&self.filler).expect("the filler");
        let block = [0; 4_096];
        while file.write_all(&block).is_ok() {}
        while file.write_all(&block[..1]).is_ok() {}
    }

    fn free(&self) {
        fs::remove_file(&self.filler).expect("the filler goes");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("--lazy").arg(self.folder.path()).status();
    }
}

#[tokio::test]
async fn a_full_disk_refuses_and_recovers_without_a_restart() {
    let Some(disk) = SmallDisk::mount() else { return };
    let mut banto = Banto::builder().data_dir(&disk.folder.path().join("data")).start().await;
    let chat = banto.chat().await;
    chat.ask("before").await;
    disk.fill();

    // What room the files already have may be used up first.
    let mut acknowledged = 1;
    let refusal = loop {
        let request = CreateConversationRequest { title: "x".repeat(200), ..Default::default() };
        match banto.owner().conversations().create_conversation(request).await {
            Ok(_) => acknowledged += 1,
            Err(status) => break banto_integration_tests::Refusal::from(status),
        }
        assert!(acknowledged < 10_000, "the disk is full, and yet it stores");
    };
    refusal.is(Code::ResourceExhausted, "STORAGE_FULL");
    let refusal = chat.try_send(chat.message_as("full", "during")).await.refused();
    refusal.is(Code::ResourceExhausted, "STORAGE_FULL");
    assert_eq!(chat.texts().await.len(), 2, "reads go on, and nothing was stored");

    disk.free();
    let accepted = chat.send_as("full", "during").await;
    assert!(!accepted.0.replayed);
    assert_eq!(chat.outcome(&accepted).await.turn.state(), RunState::Completed);

    let live = chat.transcript().await.items;
    banto.kill().await;
    banto.restart().await;
    assert_eq!(banto.owner().conversation(&chat.conversation_id).transcript().await.items, live);
    let mut listed = 0;
    let mut page_token = String::new();
    loop {
        let request = ListConversationsRequest { page_size: 200, page_token, ..Default::default() };
        let page = banto.owner().conversations().list_conversations(request).await.granted();
        listed += page.conversations.len();
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(listed, acknowledged, "what was acknowledged is there, and no more");
}

fn digest(path: &Path) -> Vec<u8> {
    Sha256::digest(fs::read(path).expect("the database")).to_vec()
}

#[tokio::test]
async fn a_damaged_database_is_refused_and_left_alone() {
    let mut banto = Banto::guide().await;
    banto.chat().await.ask("hello").await;
    banto.terminate().await;
    let path = sqlite_file(banto.data_dir());
    let mut file = File::options().write(true).open(&path).expect("the database");
    file.seek(SeekFrom::Start(4_096)).expect("its second page");
    file.write_all(&[0xa5; 3 * 4_096]).expect("three flipped pages");
    drop(file);
    let damaged = digest(&path);

    let refused = banto.restart_refused().await;
    assert_eq!(refused.status.code(), Some(1));
    assert!(refused.log.contains("damaged"), "it says why: {}", refused.log);
    assert_eq!(digest(&path), damaged, "the file is untouched");
}

/// Kills a server whose log holds what it acknowledged, and harms that log.
async fn killed_with_a_log(harm: impl FnOnce(&Path)) -> (Banto, PathBuf) {
    let mut banto = Banto::guide().await;
    banto.chat().await.ask("hello").await;
    banto.kill().await;
    let log = sqlite_file(banto.data_dir()).with_extension("db-wal");
    harm(&log);
    (banto, log)
}

#[tokio::test]
async fn a_log_that_lost_what_was_acknowledged_is_refused_and_left_alone() {
    let cut = |log: &Path| {
        let file = File::options().write(true).open(log).expect("the log");
        let length = file.metadata().expect("its length").len();
        file.set_len(length / 2).expect("a cut");
    };
    let flip = |log: &Path| {
        let mut file = File::options().write(true).open(log).expect("the log");
        let length = file.metadata().expect("its length").len();
        file.seek(SeekFrom::Start(length / 2)).expect("its middle");
        file.write_all(&[0xa5; 64]).expect("flipped bytes");
    };
    let empty = |log: &Path| File::create(log).map(drop).expect("an empty log");
    for (name, harm) in [("cut", cut as fn(&Path)), ("flipped", flip), ("emptied", empty)] {
        let (mut banto, log) = killed_with_a_log(harm).await;
        let files = [sqlite_file(banto.data_dir()), log];
        let before = files.each_ref().map(|file| digest(file));
        let refused = banto.restart_refused().await;
        assert_eq!(refused.status.code(), Some(1));
        assert!(refused.log.contains("damaged"), "{name}: it says why: {}", refused.log);
        assert_eq!(files.each_ref().map(|file| digest(file)), before, "{name}: the files are untouched");
    }
}

#[tokio::test]
async fn a_torn_frame_at_the_end_of_the_log_was_never_acknowledged() {
    let torn = |log: &Path| {
        let mut file = File::options().append(true).open(log).expect("the log");
        file.write_all(&[0x5a; 1_000]).expect("a part of a frame");
    };
    let (mut banto, _) = killed_with_a_log(torn).await;
    banto.restart().await;
    assert_eq!(banto.companion().texts().await.len(), 2);
}

#[tokio::test]
async fn a_database_from_the_future_is_refused_and_left_alone() {
    let mut banto = Banto::guide().await;
    let database = Sql::of(&banto).await;
    database
        .run("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20991231_000001_future', 0)")
        .await;
    banto.terminate().await;
    // The last one to leave folds the log into the file.
    database.run("PRAGMA wal_checkpoint(TRUNCATE)").await;
    database.close().await;
    let path = sqlite_file(banto.data_dir());
    let before = digest(&path);

    let refused = banto.restart_refused().await;
    assert_eq!(refused.status.code(), Some(1));
    assert!(refused.log.contains("newer"), "it says why: {}", refused.log);
    assert_eq!(digest(&path), before, "the file is untouched");
}
