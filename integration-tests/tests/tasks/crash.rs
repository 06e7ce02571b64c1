//! kill -9 at every boundary of a stage and inside each.

use super::desk::{REFUND, Shop, Writer, clever, stage_of, states};
use banto_integration_tests::upstream::Upstream;
use banto_proto::v1::{CreateTaskRequest, FinderMode, RunState, StageKind, StartFileFinderRequest};

async fn crash_at(point: &str) {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    upstream.set_handler(clever);
    let builder = shop.builder().provider("openai", &upstream.base_url());
    let mut banto = builder.fail_at(point).start().await;
    let writer = Writer::of(&banto);
    let create = CreateTaskRequest { description: REFUND.into(), ..Default::default() };
    let task = writer.create(create).await.expect("a task").task_id;
    let request = StartFileFinderRequest {
        task_id: task.clone(),
        mode: FinderMode::Assisted.into(),
        request_id: "find".into(),
        ..Default::default()
    };
    // The answer may be lost with the server; what was asked for is not.
    let _ = writer.try_find(request.clone()).await;
    banto.crashed().await;
    banto.restart().await;
    let writer = Writer::of(&banto);
    let again = writer.try_find(request).await.expect("the same request is the same workflow");
    let ended = writer.ended(&again.workflow_id).await;
    assert_eq!(
        (ended.state(), states(&ended)),
        (RunState::Completed, vec![RunState::Completed; 4]),
        "{point}"
    );
    let events = writer.events(&ended).await;
    let sequences: Vec<_> = events.iter().map(|event| event.sequence).collect();
    assert_eq!(sequences, (2..=ended.head_sequence).collect::<Vec<_>>(), "{point}: no gap, no double");
    // Each stage was asked about once, and the one that crashed at most twice.
    let asked = upstream.requests().await;
    let count = |kind| asked.iter().filter(|exchange| stage_of(exchange) == kind).count();
    let all: Vec<_> = (1..=4).map(|number| count(StageKind::try_from(number).expect("a stage"))).collect();
    assert!(all.iter().all(|count| (1..=2).contains(count)), "{point}: {all:?}");
    assert!(all.iter().sum::<usize>() <= 5, "{point}: what was done is not done again: {all:?}");
    let jobs = writer.jobs(&ended.workflow_id).await;
    assert!(jobs.iter().all(|job| job.ended_at.is_some()), "{point}");
    let (task, files) = writer.get(&task).await;
    assert!(task.active_workflow_id.is_empty() && ended.added_count as usize == files.len(), "{point}");
    assert_eq!(files[0].path, "src/payment/refund.rs", "{point}");
}

#[tokio::test]
async fn t09_a_crash_before_the_answer_to_the_start() {
    crash_at("workflow.started:abort@1").await;
}

#[tokio::test]
async fn t09_a_crash_at_the_beginning_of_each_stage() {
    for stage in 1..=4 {
        crash_at(&format!("stage{stage}.begun:abort@1")).await;
    }
}

#[tokio::test]
async fn t09_a_crash_inside_each_stage() {
    for text in 1..=4 {
        crash_at(&format!("call.text:abort@{text}")).await;
    }
}

#[tokio::test]
async fn t09_a_crash_after_each_stage_before_it_is_kept() {
    for stage in 1..=4 {
        crash_at(&format!("stage{stage}.over:abort@1")).await;
    }
}

#[tokio::test]
async fn t09_a_crash_around_each_commit() {
    for step in 1..=4 {
        crash_at(&format!("workflow.committing:abort@{step}")).await;
        crash_at(&format!("workflow.committed:abort@{step}")).await;
    }
}

#[tokio::test]
async fn a_panic_ends_one_workflow_and_not_the_server() {
    let shop = Shop::new();
    let banto = shop.builder().fail_at("stage2.begun:panic@1").start().await;
    let writer = Writer::of(&banto);
    let task = writer.task(REFUND).await;
    let ended = writer.found(&task.task_id, FinderMode::Engine).await;
    assert_eq!(ended.state(), RunState::Failed);
    let next = writer.found(&task.task_id, FinderMode::Engine).await;
    assert_eq!(next.state(), RunState::Completed);
}

#[tokio::test]
async fn a_workflow_goes_on_after_a_planned_stop() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    let gate = banto_integration_tests::upstream::Gate::new();
    let held = gate.clone();
    upstream.set_handler(move |exchange| match stage_of(exchange) {
        StageKind::FileRelevanceAssessment => {
            banto_integration_tests::upstream::Script::openai().text("{").pause(&held).done()
        }
        _ => clever(exchange),
    });
    let mut banto = shop.with(&upstream).await;
    let task = Writer::of(&banto).task(REFUND).await;
    let started = Writer::of(&banto).find(&task.task_id, FinderMode::Assisted).await;
    gate.reached().await;
    let ended = banto.terminate().await;
    assert!(ended.status.success());
    upstream.set_handler(clever);
    banto.restart().await;
    let ended = Writer::of(&banto).ended(&started.workflow_id).await;
    assert_eq!(ended.state(), RunState::Completed, "{ended:#?}");
    let attempts: Vec<_> = ended.stages.iter().map(|stage| stage.attempt).collect();
    assert_eq!(attempts, [1, 1, 2, 1]);
}
