//! Runtimes, workers and jobs.

use super::{browse, hung_up_on, says, without_steps};
use banto_integration_tests::{
    Answer as _, Banto,
    upstream::{Gate, Script, Upstream},
};
use banto_proto::v1::{RestartWorkerRequest, StopWorkerRequest, WorkerState};

#[tokio::test]
async fn runtimes() {
    let (upstream, gate) = (Upstream::start().await, Gate::new());
    upstream.push(Script::openai().text("half ").pause(&gate).text("and whole").done());
    let banto = Banto::with(&upstream).await;
    let owner = banto.owner();
    let worker = owner.companion_worker().await;
    let (runtime_id, worker_id) = (worker.runtime_id, worker.worker_id);
    browse("runtimes", &banto.ready_link, async |step| {
        let (runtime_id, worker_id) = (runtime_id.clone(), worker_id.clone());
        match step {
            "stop the worker" => {
                let request = StopWorkerRequest { runtime_id, worker_id };
                drop(owner.workers().stop_worker(request).await.granted());
            }
            "restart the worker" => {
                let request = RestartWorkerRequest { runtime_id, worker_id };
                drop(owner.workers().restart_worker(request).await.granted());
            }
            "begin a reply" => drop(banto.companion().send("Hello").await),
            "open the gate" => gate.open(),
            _ => assert_eq!(owner.companion_worker().await.state(), WorkerState::Stopped),
        }
    })
    .await;
}

#[tokio::test]
async fn jobs() {
    let upstream = Upstream::start().await;
    upstream.push(says("These ones."));
    upstream.push(Script::openai().text("so far").hang());
    let banto = Banto::with(&upstream).await;
    browse("jobs", &banto.ready_link, async |step| match step {
        "the model was hung up on" => {
            hung_up_on(&upstream).await;
            String::new()
        }
        _ => upstream.request(0).await.json()["messages"].to_string(),
    })
    .await;
}

#[tokio::test]
async fn nowhere() {
    let banto = Banto::guide().await;
    browse("nowhere", &banto.ready_link, without_steps).await;
}
