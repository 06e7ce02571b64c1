//! What is to be done, in words, and its history.

use super::desk::{REFUND, Shop, Writer};
use banto_integration_tests::{Answer as _, Banto, within};
use banto_proto::v1::{
    ArchiveTaskRequest, CreateTaskRequest, ListTaskVersionsRequest, ListTasksRequest, RevertTaskRequest,
    Task, TaskVersion, TaskVersionCause, UpdateTaskRequest, WatchTaskRequest, revert_task_request::To,
    task_update,
};
use futures::future::join_all;
use std::collections::BTreeSet;
use tonic::Code;

async fn revert(writer: &Writer, id: &str, to: To) -> Task {
    let request = RevertTaskRequest { task_id: id.into(), to: Some(to), ..Default::default() };
    writer.0.tasks().revert_task(request).await.granted().task.expect("a task")
}

async fn versions(writer: &Writer, id: &str) -> Vec<TaskVersion> {
    let request = ListTaskVersionsRequest { task_id: id.into(), ..Default::default() };
    writer.0.tasks().list_task_versions(request).await.granted().versions
}

#[tokio::test]
async fn a_task_is_written_and_its_title_follows_its_first_line() {
    let banto = Banto::guide().await;
    let writer = Writer::of(&banto);
    let task = writer.task("# Sell coffee too\n\nBeans.").await;
    assert_eq!(
        (task.title.as_str(), task.description_version, task.title_is_set),
        ("Sell coffee too", 1, false)
    );
    let task = writer.write(&task.task_id, "Sell cocoa").await;
    assert_eq!((task.title.as_str(), task.description_version), ("Sell cocoa", 2));
    let named = UpdateTaskRequest {
        task_id: task.task_id.clone(),
        title: Some("Drinks".into()),
        ..Default::default()
    };
    let task = writer.update(named).await.granted();
    assert_eq!((task.title.as_str(), task.description_version, task.title_is_set), ("Drinks", 2, true));
    let same = writer.write(&task.task_id, "Sell cocoa").await;
    assert_eq!((same.description_version, same.revision), (2, task.revision), "the same text is no version");
}

#[tokio::test]
async fn undo_and_redo_work_after_a_restart() {
    let mut banto = Banto::guide().await;
    let id = Writer::of(&banto).task("one").await.task_id;
    for text in ["two", "three"] {
        Writer::of(&banto).write(&id, text).await;
    }
    let undone = revert(&Writer::of(&banto), &id, To::Undo(true)).await;
    assert_eq!((undone.description.as_str(), undone.can_undo, undone.can_redo), ("two", true, true));
    banto.kill().await;
    banto.restart().await;
    let writer = Writer::of(&banto);
    let undone = revert(&writer, &id, To::Undo(true)).await;
    assert_eq!((undone.description.as_str(), undone.can_undo, undone.can_redo), ("one", false, true));
    let refused = RevertTaskRequest { task_id: id.clone(), to: Some(To::Undo(true)), ..Default::default() };
    let refused = writer.0.tasks().revert_task(refused).await.refused();
    let _ = refused.is(Code::FailedPrecondition, "NOTHING_TO_REVERT");
    assert_eq!(revert(&writer, &id, To::Redo(true)).await.description, "two");
    assert_eq!(revert(&writer, &id, To::Redo(true)).await.description, "three");
    assert_eq!(revert(&writer, &id, To::Undo(true)).await.description, "two");
    // A new text ends what could be redone, and loses nothing.
    assert!(!writer.write(&id, "four").await.can_redo);
    assert_eq!(revert(&writer, &id, To::Version(3)).await.description, "three");
    let causes: Vec<_> =
        versions(&writer, &id).await.into_iter().map(|it| (it.cause(), it.restored_version)).collect();
    use TaskVersionCause::{Created, Edited, Redone, Reverted, Undone};
    let expected = [
        (Reverted, 3),
        (Edited, 0),
        (Undone, 2),
        (Redone, 3),
        (Redone, 2),
        (Undone, 1),
        (Undone, 2),
        (Edited, 0),
        (Edited, 0),
        (Created, 0),
    ];
    assert_eq!(causes, expected);
}

#[tokio::test]
async fn t12_two_hundred_edits_at_once_end_in_order_or_are_refused() {
    let banto = Banto::guide().await;
    let writer = Writer::of(&banto);
    let task = writer.task("0").await;
    let edits = (1..=200).map(|number: u32| {
        let (writer, task_id) = (writer.clone(), task.task_id.clone());
        async move {
            // Half of them insist on the version that they saw.
            let expected_version = u64::from(number % 2);
            let description = Some(number.to_string());
            let request = UpdateTaskRequest { task_id, expected_version, description, ..Default::default() };
            (number, writer.update(request).await)
        }
    });
    let outcomes = within("200 edits", join_all(edits)).await;
    let mut accepted = BTreeSet::new();
    for (number, outcome) in outcomes {
        match outcome {
            Ok(task) => assert!(accepted.insert((task.description_version, number)), "{number}"),
            Err(refusal) => {
                assert_eq!(number % 2, 1, "one that takes any version is not refused");
                let _ = refusal.is(Code::Aborted, "VERSION_CONFLICT");
            }
        }
    }
    assert!(accepted.len() >= 100);
    let request = ListTaskVersionsRequest { task_id: task.task_id, page_size: 200, ..Default::default() };
    let stored = writer.0.tasks().list_task_versions(request).await.granted().versions;
    let mut stored: Vec<_> =
        stored.into_iter().map(|it| (it.version, it.description.parse().unwrap_or(0))).collect();
    stored.reverse();
    assert_eq!(stored.remove(0), (1, 0));
    assert_eq!(stored, accepted.into_iter().collect::<Vec<_>>(), "each version is what its edit said");
}

#[tokio::test]
async fn tasks_are_listed_searched_archived_and_copied() {
    let shop = Shop::new();
    let banto = shop.builder().start().await;
    let writer = Writer::of(&banto);
    let tea = writer.task("Brew ＴＥＡ\n\nHot.").await;
    let coffee = writer.task("Brew coffee").await;
    let listed = async |query: &str, archived| {
        let request = ListTasksRequest { query: query.into(), archived, ..Default::default() };
        let tasks = writer.0.tasks().list_tasks(request).await.granted().tasks;
        tasks.into_iter().map(|task| task.title).collect::<Vec<_>>()
    };
    assert_eq!(listed("", false).await, ["Brew coffee", "Brew ＴＥＡ"]);
    assert_eq!(listed("tea brew", false).await, ["Brew ＴＥＡ"], "width and case do not matter");
    let archive = ArchiveTaskRequest { task_id: coffee.task_id.clone(), archived: true };
    writer.0.tasks().archive_task(archive).await.granted();
    assert_eq!(listed("", false).await, ["Brew ＴＥＡ"]);
    assert_eq!(listed("", true).await, ["Brew coffee"]);

    writer.select(&tea.task_id, &[("src/cart.rs", banto_proto::v1::FileChoice::Pinned)]).await.granted();
    let copy = CreateTaskRequest {
        clone_task_id: tea.task_id.clone(),
        request_id: "copy".into(),
        ..Default::default()
    };
    let copied = writer.create(copy.clone()).await.granted();
    assert_eq!((copied.description.as_str(), copied.file_count), ("Brew ＴＥＡ\n\nHot.", 1));
    assert_eq!(
        writer.create(copy).await.granted().task_id,
        copied.task_id,
        "the same request is the same task"
    );
    let other = CreateTaskRequest { request_id: "copy".into(), ..Default::default() };
    let _ = writer.create(other).await.refused().blames("request_id");
}

#[tokio::test]
async fn a_watch_tells_of_each_change() {
    let banto = Banto::guide().await;
    let writer = Writer::of(&banto);
    let task = writer.task(REFUND).await;
    let request = WatchTaskRequest { task_id: task.task_id.clone() };
    let mut watch = writer.0.tasks().watch_task(request).await.granted();
    let mut seen = async || {
        let answer = within("an update", watch.message()).await.expect("it goes on").expect("an update");
        match answer.update.and_then(|update| update.kind) {
            Some(task_update::Kind::Upserted(task)) => task.description_version,
            other => panic!("another update: {other:?}"),
        }
    };
    assert_eq!(seen().await, 1);
    writer.write(&task.task_id, "other").await;
    assert_eq!(seen().await, 2);
}

#[tokio::test]
async fn bad_input_names_its_field() {
    let banto = Banto::guide().await;
    let writer = Writer::of(&banto);
    let create = async |description: String, title: &str| {
        let request = CreateTaskRequest { description, title: title.into(), ..Default::default() };
        writer.create(request).await
    };
    let _ = create("x".repeat(100_001), "").await.refused().blames("description");
    let _ = create("a\0b".into(), "").await.refused().blames("description");
    let _ = create(String::new(), &"x".repeat(201)).await.refused().blames("title");
    create("番".repeat(100_000), "").await.granted();
    let update = UpdateTaskRequest { task_id: "no".into(), ..Default::default() };
    let _ = writer.update(update).await.refused().blames("task_id");
    let unknown = UpdateTaskRequest {
        task_id: "01900000-0000-7000-8000-000000000000".into(),
        title: Some("x".into()),
        ..Default::default()
    };
    let _ = writer.update(unknown).await.refused().is(Code::NotFound, "TASK_NOT_FOUND");
}
