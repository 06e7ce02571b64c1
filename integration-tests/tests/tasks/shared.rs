//! Tasks and workflows on PostgreSQL, alone and where servers share it.

use super::desk::{REFUND, Shop, Writer, clever, stage_of, states};
use banto_integration_tests::{
    Answer as _, Banto, Postgres,
    upstream::{Gate, Script, Upstream},
};
use banto_proto::v1::{
    CancelOutcome, CancelWorkflowRequest, FileChoice, FinderMode, RevertTaskRequest, RunState, StageKind,
    TaskHistory, revert_task_request::To,
};

/// How long a server that is gone keeps what it ran.
const LEASE_MS: u32 = 1_000;

async fn server(shop: &Shop, url: &str, upstream: &Upstream) -> Banto {
    let builder = shop.builder().database(url).provider("openai", &upstream.base_url());
    builder.set("lease_ms", LEASE_MS).start().await
}

/// A model that does not end its third stage before the gate opens.
fn held(upstream: &Upstream) -> Gate {
    let gate = Gate::new();
    let waits = gate.clone();
    upstream.set_handler(move |exchange| match stage_of(exchange) {
        StageKind::FileRelevanceAssessment => Script::openai().text("{").pause(&waits).done(),
        _ => clever(exchange),
    });
    gate
}

#[tokio::test]
async fn a_task_and_its_files_are_kept_on_postgresql() {
    let (shop, upstream, cluster) = (Shop::new(), Upstream::start().await, Postgres::shared().await);
    upstream.set_handler(clever);
    let banto = server(&shop, &cluster.create_database().await, &upstream).await;
    let writer = Writer::of(&banto);
    let id = writer.task(REFUND).await.task_id;
    let ended = writer.found(&id, FinderMode::Assisted).await;
    assert_eq!(states(&ended), [RunState::Completed; 4], "{ended:#?}");
    writer.select(&id, &[("src/cart.rs", FileChoice::Pinned)]).await.granted();
    assert_eq!(writer.counted(&id).await[..2], ["src/cart.rs", "src/payment/refund.rs"]);
    let undo = RevertTaskRequest {
        task_id: id.clone(),
        history: TaskHistory::Files.into(),
        to: Some(To::Undo(true)),
        ..Default::default()
    };
    writer.0.tasks().revert_task(undo).await.granted();
    assert_eq!(writer.counted(&id).await[0], "src/payment/refund.rs");
    assert_eq!(writer.write(&id, "番頭").await.description_version, 2);
}

#[tokio::test]
async fn a_workflow_is_seen_and_cancelled_through_the_other_server() {
    let (shop, upstream, cluster) = (Shop::new(), Upstream::start().await, Postgres::shared().await);
    let gate = held(&upstream);
    let url = cluster.create_database().await;
    let one = server(&shop, &url, &upstream).await;
    let another = server(&shop, &url, &upstream).await;
    let other = Writer::of(&another);
    let id = Writer::of(&one).task(REFUND).await.task_id;
    let started = Writer::of(&one).find(&id, FinderMode::Assisted).await;
    gate.reached().await;
    let third = |state| move |it: &banto_proto::v1::Workflow| it.stages[2].state() == state;
    other.until(&started.workflow_id, third(RunState::Running)).await;
    let request = CancelWorkflowRequest { workflow_id: started.workflow_id.clone() };
    let answer = other.0.workflows().cancel_workflow(request).await.granted();
    assert_eq!(answer.outcome(), CancelOutcome::Requested);
    assert_eq!(other.ended(&started.workflow_id).await.state(), RunState::Cancelled);
}

#[tokio::test]
async fn the_other_server_goes_on_with_what_a_dead_one_ran() {
    let (shop, upstream, cluster) = (Shop::new(), Upstream::start().await, Postgres::shared().await);
    let gate = held(&upstream);
    let url = cluster.create_database().await;
    let mut one = server(&shop, &url, &upstream).await;
    let other = server(&shop, &url, &upstream).await;
    let id = Writer::of(&one).task(REFUND).await.task_id;
    let started = Writer::of(&one).find(&id, FinderMode::Assisted).await;
    gate.reached().await;
    upstream.set_handler(clever);
    one.kill().await;
    let ended = Writer::of(&other).ended(&started.workflow_id).await;
    assert_eq!(ended.state(), RunState::Completed, "{ended:#?}");
    let attempts: Vec<_> = ended.stages.iter().map(|stage| stage.attempt).collect();
    assert_eq!(attempts, [1, 1, 2, 1], "the stages that had ended were not begun again");
    let jobs = Writer::of(&other).jobs(&ended.workflow_id).await;
    assert_eq!(jobs.iter().filter(|job| job.state() == RunState::Interrupted).count(), 1);
}
