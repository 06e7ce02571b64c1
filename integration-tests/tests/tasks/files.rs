//! What a person decides about files.

use super::desk::{REFUND, Shop, Writer};
use banto_integration_tests::Answer as _;
use banto_proto::v1::{
    FileChoice, FinderMode, RevertTaskRequest, RunState, SelectFilesRequest, TaskHistory,
    revert_task_request::To,
};
use tonic::Code;

#[tokio::test]
async fn t14_exclusions_and_pins_survive_further_runs() {
    let shop = Shop::new();
    let banto = shop.builder().start().await;
    let writer = Writer::of(&banto);
    let task = writer.task(REFUND).await;
    let id = task.task_id.as_str();
    // Before the finder has ever run.
    writer.select(id, &[("tests/refund.rs", FileChoice::Excluded)]).await.granted();
    writer.found(id, FinderMode::Engine).await;
    assert!(!writer.counted(id).await.contains(&"tests/refund.rs".to_owned()));
    let choices = [("src/payment/refund.rs", FileChoice::Excluded), ("src/cart.rs", FileChoice::Pinned)];
    let chosen = writer.select(id, &choices).await.granted();
    assert_eq!(chosen.files[0].path, "src/cart.rs", "pinned files stand first");
    for _ in 0..2 {
        let ended = writer.found(id, FinderMode::Engine).await;
        assert_eq!(ended.state(), RunState::Completed);
        let counted = writer.counted(id).await;
        assert_eq!(counted[0], "src/cart.rs");
        assert!(!counted.iter().any(|path| path.ends_with("refund.rs")), "{counted:?}");
    }
    let back = writer.select(id, &[("src/payment/refund.rs", FileChoice::Unspecified)]).await.granted();
    let refund =
        back.files.iter().find(|file| file.path == "src/payment/refund.rs").expect("it was found before");
    assert_eq!(refund.choice(), FileChoice::Unspecified);
}

#[tokio::test]
async fn choices_can_be_undone_and_redone_after_a_restart() {
    let shop = Shop::new();
    let mut banto = shop.builder().start().await;
    let writer = Writer::of(&banto);
    let id = writer.task(REFUND).await.task_id;
    writer.select(&id, &[("src/cart.rs", FileChoice::Included)]).await.granted();
    let both = [("src/cart.rs", FileChoice::Excluded), ("src/stock.rs", FileChoice::Pinned)];
    writer.select(&id, &both).await.granted();
    banto.kill().await;
    banto.restart().await;
    let writer = Writer::of(&banto);
    assert_eq!(writer.counted(&id).await, ["src/stock.rs"]);
    let go = async |to: To| {
        let request = RevertTaskRequest {
            task_id: id.clone(),
            history: TaskHistory::Files.into(),
            to: Some(to),
            ..Default::default()
        };
        writer.0.tasks().revert_task(request).await.granted()
    };
    let undone = go(To::Undo(true)).await;
    assert_eq!(undone.files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), ["src/cart.rs"]);
    let none = go(To::Undo(true)).await;
    assert_eq!((none.files.len(), none.task.expect("a task").files_can_undo), (0, false));
    go(To::Redo(true)).await;
    go(To::Redo(true)).await;
    assert_eq!(writer.counted(&id).await, ["src/stock.rs"]);
}

#[tokio::test]
async fn only_files_of_the_workspace_are_chosen() {
    let shop = Shop::new();
    std::os::unix::fs::symlink("/etc/passwd", shop.path().join("out")).expect("a link");
    let banto = shop.builder().start().await;
    let writer = Writer::of(&banto);
    let id = writer.task(REFUND).await.task_id;
    let choose = async |path: &str| writer.select(&id, &[(path, FileChoice::Included)]).await.refused();
    for outside in ["../secret", "/etc/passwd", "out"] {
        let _ = choose(outside).await.is(Code::PermissionDenied, "PATH_OUTSIDE_WORKSPACE");
    }
    let _ = choose("src/none.rs").await.is(Code::NotFound, "FILE_NOT_FOUND");
    let _ = choose("").await.blames("decisions.path");
    assert!(writer.get(&id).await.1.is_empty(), "a refused choice changes nothing");
    let env = writer.select(&id, &[(".env", FileChoice::Included)]).await.granted();
    assert!(env.files[0].looks_secret);
    let old = SelectFilesRequest { task_id: id.clone(), expected_version: Some(0), ..Default::default() };
    let refused = writer.0.tasks().select_files(old).await.refused().is(Code::Aborted, "VERSION_CONFLICT");
    assert_eq!(refused.metadata["current_version"], "1");
}
