//! Cancelling, in each stage.

use super::desk::{REFUND, Shop, Writer, answer, clever, stage_of};
use banto_integration_tests::{
    Answer as _,
    upstream::{Gate, Script, Upstream},
};
use banto_proto::v1::{
    CancelOutcome, CancelWorkflowRequest, FailureKind, FinderMode, RunState, StageKind,
    StartFileFinderRequest,
};
use std::time::{Duration, Instant};
use tonic::Code;

const STAGES: [StageKind; 4] = [
    StageKind::RootFolderSelection,
    StageKind::RegexFileFilter,
    StageKind::FileRelevanceAssessment,
    StageKind::ExtendedPathFinder,
];

#[tokio::test]
async fn t10_cancelling_in_any_stage_aborts_the_call_within_a_second() {
    for wanted in STAGES {
        let (shop, upstream) = (Shop::new(), Upstream::start().await);
        let gate = Gate::new();
        let held = gate.clone();
        upstream.set_handler(move |exchange| {
            if stage_of(exchange) == wanted {
                return Script::openai().text("{").usage(7, 1).pause(&held).done();
            }
            clever(exchange)
        });
        let banto = shop.with(&upstream).await;
        let writer = Writer::of(&banto);
        let task = writer.task(REFUND).await;
        let started = writer.find(&task.task_id, FinderMode::Assisted).await;
        gate.reached().await;
        let calls = upstream.requests().await;
        let begun = Instant::now();
        let request = CancelWorkflowRequest { workflow_id: started.workflow_id.clone() };
        let answered = writer.0.workflows().cancel_workflow(request.clone()).await.granted();
        assert!(begun.elapsed() < Duration::from_secs(1), "{wanted:?}: {:?}", begun.elapsed());
        assert_eq!(answered.outcome(), CancelOutcome::Cancelled);
        let workflow = answered.workflow.expect("it");
        assert_eq!(workflow.state(), RunState::Cancelled, "{wanted:?}");
        calls.last().expect("a call").client_closed().await;
        assert!(begun.elapsed() < Duration::from_secs(1), "{wanted:?}: {:?}", begun.elapsed());
        let again = writer.0.workflows().cancel_workflow(request).await.granted();
        assert_eq!(again.outcome(), CancelOutcome::AlreadyEnded);
        let jobs = writer.jobs(&started.workflow_id).await;
        assert!(jobs.iter().all(|job| job.ended_at.is_some()), "{wanted:?}: {jobs:#?}");
        // What was spent before stays counted, and the task is free again.
        let spent = workflow.usage.unwrap_or_default().input_tokens.unwrap_or_default();
        let place = STAGES.iter().position(|stage| *stage == wanted).unwrap_or_default() as u64;
        assert!(spent >= place * 100, "{wanted:?}: {spent}");
        assert!(writer.get(&task.task_id).await.1.is_empty(), "nothing was applied");
        let next = writer.found(&task.task_id, FinderMode::Engine).await;
        assert_eq!(next.state(), RunState::Completed);
    }
}

#[tokio::test]
async fn one_workflow_runs_for_a_task() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    let gate = Gate::new();
    let held = gate.clone();
    upstream.set_handler(move |_| Script::openai().pause(&held).text("{}").done());
    let banto = shop.with(&upstream).await;
    let writer = Writer::of(&banto);
    let task = writer.task(REFUND).await;
    let request = StartFileFinderRequest {
        task_id: task.task_id.clone(),
        mode: FinderMode::Assisted.into(),
        request_id: "find".into(),
        ..Default::default()
    };
    let started = writer.try_find(request.clone()).await.granted();
    assert_eq!(writer.try_find(request.clone()).await.granted().workflow_id, started.workflow_id);
    let other = StartFileFinderRequest { request_id: "other".into(), ..request };
    let refused = writer.try_find(other).await.refused().is(Code::FailedPrecondition, "WORKFLOW_IN_PROGRESS");
    assert_eq!(refused.metadata["active_workflow_id"], started.workflow_id);
}

#[tokio::test]
async fn timeouts_are_honoured() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    upstream.set_handler(|_| Script::openai().text("{").hang());
    let builder = shop.builder().provider("openai", &upstream.base_url());
    let banto = builder.set("timeouts.stage_ms", 300).start().await;
    let writer = Writer::of(&banto);
    let task = writer.task(REFUND).await;
    let ended = writer.found(&task.task_id, FinderMode::Assisted).await;
    let failure = ended.failure.clone().expect("a reason");
    assert_eq!(
        (ended.state(), failure.kind()),
        (RunState::TimedOut, FailureKind::StageTimeout),
        "{ended:#?}"
    );
    assert!(writer.jobs(&ended.workflow_id).await.iter().all(|job| job.state() == RunState::Cancelled));
    upstream.set_handler(|exchange| match stage_of(exchange) {
        StageKind::RootFolderSelection => answer(&serde_json::json!({"folders": ["src"]})),
        _ => Script::openai().text("{").hang(),
    });
    let banto =
        shop.builder().provider("openai", &upstream.base_url()).set("timeouts.idle_ms", 200).start().await;
    let writer = Writer::of(&banto);
    let task = writer.task(REFUND).await;
    let ended = writer.found(&task.task_id, FinderMode::Assisted).await;
    assert_eq!(ended.failure.expect("a reason").kind(), FailureKind::IdleTimeout);
}
