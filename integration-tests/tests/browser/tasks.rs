//! From a task to its files.

use super::browse;
use banto_integration_tests::{
    Answer as _, Banto,
    shop::{Shop, clever, stage_of},
    upstream::{Gate, Script, Upstream},
};
use banto_proto::v1::{ListTasksRequest, StageKind, UpdateTaskRequest};

/// A task on one line, as answers to steps are.
fn refund() -> String {
    "refund_payment must not give money back twice for an order".to_owned()
}

/// Another name for this machine, which nobody can know to be this machine.
fn away(upstream: &Upstream) -> String {
    upstream.base_url().replace("127.0.0.1", "0.0.0.0")
}

#[tokio::test]
async fn task_to_files() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    upstream.set_handler(clever);
    let mut banto = shop.with(&upstream).await;
    let link = banto.ready_link.clone();
    browse("taskToFiles", &link, async |step| match step {
        "restart the server" => {
            banto.kill().await;
            banto.restart().await;
        }
        "the engine asked nobody" => assert!(upstream.requests().await.is_empty()),
        "the model was asked in four stages" => {
            let asked = upstream.requests().await;
            let stages = asked.iter().map(stage_of).filter(|stage| *stage != StageKind::Unspecified);
            assert!(stages.count() >= 4);
        }
        other => panic!("an unknown step: {other}"),
    })
    .await;
}

#[tokio::test]
async fn task_conflict() {
    let shop = Shop::new();
    let banto = shop.builder().start().await;
    browse("taskConflict", &banto.ready_link, async |step| {
        let text = step.strip_prefix("somebody else writes ").expect("what is written");
        let listed = banto.owner().tasks().list_tasks(ListTasksRequest::default()).await.granted();
        let task_id = listed.tasks[0].task_id.clone();
        let request = UpdateTaskRequest { task_id, description: Some(text.into()), ..Default::default() };
        banto.owner().tasks().update_task(request).await.granted();
    })
    .await;
}

#[tokio::test]
async fn task_consent() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    upstream.set_handler(clever);
    let banto = shop.builder().provider("openai", &away(&upstream)).start().await;
    browse("taskConsent", &banto.ready_link, async |step| match step {
        "nothing was sent" => assert!(upstream.requests().await.is_empty()),
        "contents were sent" => assert!(!upstream.requests().await.is_empty()),
        other => panic!("an unknown step: {other}"),
    })
    .await;
}

#[tokio::test]
async fn describe_task() {
    let banto = Shop::new().builder().start().await;
    browse("describeTask", &banto.ready_link, super::without_steps).await;
}

#[tokio::test]
async fn find_files() {
    let shop = Shop::new();
    let banto = shop.builder().start().await;
    browse("findFiles", &banto.ready_link, async |step| match step {
        "the task" => refund(),
        "a file that it finds" => "src/payment/refund.rs".to_owned(),
        "a file that it does not find" => ".gitignore".to_owned(),
        other => panic!("an unknown step: {other}"),
    })
    .await;
}

#[tokio::test]
async fn cancel_search() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    upstream.set_handler(|exchange| match stage_of(exchange) {
        StageKind::FileRelevanceAssessment => Script::openai().text("{").hang(),
        _ => clever(exchange),
    });
    let banto = shop.builder().provider("openai", &away(&upstream)).start().await;
    browse("cancelSearch", &banto.ready_link, async |step| {
        match step {
            "the task" => return refund(),
            "nothing was sent" => assert!(upstream.requests().await.is_empty()),
            "the model was hung up on" => super::hung_up_on(&upstream).await,
            other => panic!("an unknown step: {other}"),
        }
        String::new()
    })
    .await;
}

#[tokio::test]
async fn improve_text() {
    let (shop, upstream, gate) = (Shop::new(), Upstream::start().await, Gate::new());
    let held = gate.clone();
    upstream.set_handler(move |_| Script::openai().text("the better ").pause(&held).text("line").done());
    let banto = shop.with(&upstream).await;
    browse("improveText", &banto.ready_link, async |_| gate.open()).await;
}

#[tokio::test]
async fn two_writers() {
    let banto = Shop::new().builder().start().await;
    browse("twoWriters", &banto.ready_link, super::without_steps).await;
}

#[tokio::test]
async fn task_from_message() {
    let upstream = Upstream::start().await;
    upstream.push(super::says("I can only talk."));
    let banto = Banto::with(&upstream).await;
    browse("taskFromMessage", &banto.ready_link, super::without_steps).await;
}

#[tokio::test]
async fn workspaces() {
    let (shop, other) = (Shop::new(), Shop::new());
    let banto = shop.builder().start().await;
    let folder = other.path().to_string_lossy().into_owned();
    browse("workspaces", &banto.ready_link, async |_| folder.clone()).await;
}

#[tokio::test]
async fn accessible_tasks() {
    let shop = Shop::new();
    let banto = shop.builder().start().await;
    browse("accessibleTasks", &banto.ready_link, async |_| refund()).await;
}
