//! The finder without a model.

use super::desk::{REFUND, Shop, Writer, artifact, states};
use banto_integration_tests::{Answer as _, Banto};
use banto_proto::v1::{
    FinderMode, ListWorkflowsRequest, ReasonKind, RetryWorkflowRequest, RunState, StageKind,
    StartFileFinderRequest, stage_artifact::Kind, workflow_event,
};
use prost::Message as _;
use tonic::Code;

#[tokio::test]
async fn files_are_found_without_a_model_and_say_why() {
    let shop = Shop::new();
    let banto = shop.builder().start().await;
    let writer = Writer::of(&banto);
    let task = writer.task(REFUND).await;
    let ended = writer.found(&task.task_id, FinderMode::Unspecified).await;
    assert_eq!((ended.state(), ended.mode()), (RunState::Completed, FinderMode::Engine), "{ended:?}");
    assert_eq!(ended.mode_reason, "no model is configured");
    assert_eq!(states(&ended), [RunState::Completed; 4]);
    let (task, files) = writer.get(&task.task_id).await;
    assert_eq!(files[0].path, "src/payment/refund.rs", "{files:#?}");
    assert_eq!(task.file_count as usize, files.len());
    assert_eq!(task.file_tokens, files.iter().map(|file| file.tokens).sum::<u64>());
    let symbol =
        files[0].reasons.iter().find(|reason| reason.kind() == ReasonKind::Symbol).expect("a symbol");
    assert_eq!(
        (symbol.symbol.as_str(), symbol.lines.map(|lines| lines.first_line)),
        ("refund_payment", Some(4))
    );
    assert!(task.active_workflow_id.is_empty() && task.latest_workflow_id == ended.workflow_id);
    assert!(ended.usage.is_none() && writer.jobs(&ended.workflow_id).await.is_empty());
}

#[tokio::test]
async fn the_log_is_contiguous_and_ends_once() {
    let shop = Shop::new();
    let banto = shop.builder().start().await;
    let writer = Writer::of(&banto);
    let task = writer.task(REFUND).await;
    let ended = writer.found(&task.task_id, FinderMode::Engine).await;
    let events = writer.events(&ended).await;
    let sequences: Vec<_> = events.iter().map(|event| event.sequence).collect();
    assert_eq!(sequences, (2..=ended.head_sequence).collect::<Vec<_>>());
    let kinds: Vec<_> = events
        .iter()
        .map(|event| match event.kind.as_ref().expect("a kind") {
            workflow_event::Kind::StageStarted(_) => "started",
            workflow_event::Kind::StageEnded(_) => "ended",
            workflow_event::Kind::Completed(_) => "completed",
        })
        .collect();
    assert_eq!(
        kinds,
        ["ended", "started", "ended", "started", "ended", "started", "ended", "completed"],
        "the first start was the first event"
    );
}

#[tokio::test]
async fn t02_the_engine_gives_the_same_bytes_twice() {
    let shop = Shop::new();
    let banto = shop.builder().start().await;
    let writer = Writer::of(&banto);
    let mut runs = Vec::new();
    for _ in 0..2 {
        let task = writer.task(REFUND).await;
        let ended = writer.found(&task.task_id, FinderMode::Engine).await;
        let artifacts: Vec<_> = ended
            .stages
            .iter()
            .map(|stage| stage.artifact.as_ref().expect("an artifact").encode_to_vec())
            .collect();
        let files: Vec<_> =
            writer.get(&task.task_id).await.1.into_iter().map(|file| (file.path, file.score)).collect();
        runs.push((artifacts, files));
    }
    assert_eq!(runs[0], runs[1]);
}

#[tokio::test]
async fn nothing_found_says_what_to_do() {
    let shop = Shop::new();
    let banto = shop.builder().start().await;
    let writer = Writer::of(&banto);
    let task = writer.task("zyxwvut qqqq").await;
    let ended = writer.found(&task.task_id, FinderMode::Engine).await;
    assert_eq!(ended.state(), RunState::Completed);
    assert!(ended.message.contains("No file was found"), "{ended:#?}");
    assert!(writer.get(&task.task_id).await.1.is_empty());
}

#[tokio::test]
async fn a_retry_takes_over_the_stages_before() {
    let shop = Shop::new();
    let banto = shop.builder().start().await;
    let writer = Writer::of(&banto);
    let task = writer.task(REFUND).await;
    let first = writer.found(&task.task_id, FinderMode::Engine).await;
    let request = RetryWorkflowRequest {
        workflow_id: first.workflow_id.clone(),
        from_stage: StageKind::FileRelevanceAssessment.into(),
        request_id: "again".into(),
    };
    let again = writer.0.workflows().retry_workflow(request.clone()).await.granted().workflow.expect("it");
    let same = writer.0.workflows().retry_workflow(request).await.granted().workflow.expect("it");
    assert_eq!(same.workflow_id, again.workflow_id, "the same request is the same workflow");
    let ended = writer.ended(&again.workflow_id).await;
    assert_eq!(
        (ended.state(), ended.retry_of_workflow_id.as_str()),
        (RunState::Completed, &*first.workflow_id)
    );
    let reused: Vec<_> = ended.stages.iter().map(|stage| !stage.reused_from_workflow_id.is_empty()).collect();
    assert_eq!(reused, [true, true, false, false]);
    let pages = async |page_token: String| {
        let request = ListWorkflowsRequest {
            task_id: task.task_id.clone(),
            page_size: 1,
            page_token,
            ..Default::default()
        };
        writer.0.workflows().list_workflows(request).await.granted()
    };
    let newest = pages(String::new()).await;
    let older = pages(newest.next_page_token).await;
    let listed: Vec<_> = newest.workflows.iter().chain(&older.workflows).map(|it| &it.workflow_id).collect();
    assert_eq!(listed, [&ended.workflow_id, &first.workflow_id], "the newest first");
    let Kind::FilteredFiles(filtered) = artifact(&ended, StageKind::RegexFileFilter) else { panic!("files") };
    assert!(filtered.total > 0 && ended.added_count == 0, "nothing new was found");
}

#[tokio::test]
async fn what_cannot_be_started_is_refused() {
    let banto = Banto::guide().await;
    let writer = Writer::of(&banto);
    let start = async |task_id: &str, mode: FinderMode| {
        let request =
            StartFileFinderRequest { task_id: task_id.into(), mode: mode.into(), ..Default::default() };
        writer.try_find(request).await.refused()
    };
    let empty = writer.task("").await;
    let _ = start(&empty.task_id, FinderMode::Engine).await.blames("task_id");
    let task = writer.task(REFUND).await;
    let _ = start(&task.task_id, FinderMode::Engine).await.is(Code::FailedPrecondition, "WORKSPACE_EMPTY");
    let shop = Shop::new();
    let banto = shop.builder().start().await;
    let writer = Writer::of(&banto);
    let task = writer.task(REFUND).await;
    let request = StartFileFinderRequest {
        task_id: task.task_id.clone(),
        mode: FinderMode::Assisted.into(),
        ..Default::default()
    };
    let _ = writer.try_find(request).await.refused().is(Code::FailedPrecondition, "MODEL_REQUIRED");
    let many = StartFileFinderRequest { task_id: task.task_id, max_relevant: 201, ..Default::default() };
    let _ = writer.try_find(many).await.refused().blames("max_relevant");
}
