//! Runtimes and workers: who is there, how they are named, and what Stop and
//! Restart do to them.

use banto_integration_tests::{
    Answer as _, Banto, Caller, next,
    sql::Sql,
    upstream::{Gate, Script, Upstream},
};
use banto_proto::v1::{
    AnswerSource, Capabilities, GetRuntimeRequest, GetWorkerRequest, ListRuntimesRequest, ListWorkersRequest,
    RestartWorkerRequest, RunState, RuntimeKind, StopWorkerRequest, WatchRuntimesRequest,
    WatchWorkersRequest, WorkerInfo, WorkerState, runtimes_update, workers_update,
};
use tonic::Code;

async fn workers(caller: &Caller) -> Vec<WorkerInfo> {
    caller.workers().list_workers(ListWorkersRequest::default()).await.granted().workers
}

async fn stop(caller: &Caller) -> WorkerInfo {
    let WorkerInfo { runtime_id, worker_id, .. } = caller.companion_worker().await;
    let request = StopWorkerRequest { runtime_id, worker_id };
    caller.workers().stop_worker(request).await.granted().worker.expect("the worker")
}

async fn restart(caller: &Caller) -> WorkerInfo {
    let WorkerInfo { runtime_id, worker_id, .. } = caller.companion_worker().await;
    let request = RestartWorkerRequest { runtime_id, worker_id };
    caller.workers().restart_worker(request).await.granted().worker.expect("the worker")
}

#[tokio::test]
async fn the_runtime_is_backend_internal_and_can_do_nothing() {
    let banto = Banto::guide().await;
    let owner = banto.owner();
    let runtimes = owner.registry().list_runtimes(ListRuntimesRequest {}).await.granted().runtimes;
    let [runtime] = runtimes.as_slice() else { panic!("one runtime, not {runtimes:?}") };
    assert_eq!(runtime.runtime_id, "backend-internal");
    assert_eq!(runtime.kind(), RuntimeKind::BackendInternal);
    assert_eq!(runtime.capabilities, Some(Capabilities::default()), "all four are false");
    assert_eq!(runtime.worker_count, 1);

    let request = GetRuntimeRequest { runtime_id: "backend-internal".into() };
    assert_eq!(owner.registry().get_runtime(request).await.granted().runtime.as_ref(), Some(runtime));

    let mut watch = owner.registry().watch_runtimes(WatchRuntimesRequest {}).await.granted();
    let Some(runtimes_update::Kind::Snapshot(snapshot)) =
        next(&mut watch).await.update.and_then(|it| it.kind)
    else {
        panic!("a watch begins with a snapshot")
    };
    assert_eq!(snapshot.runtimes, runtimes);
}

#[tokio::test]
async fn the_companion_is_one_and_the_same_after_two_restarts() {
    let mut banto = Banto::guide().await;
    let listed = workers(&banto.owner()).await;
    let [companion] = listed.as_slice() else { panic!("one worker, not {listed:?}") };
    assert_eq!(companion.runtime_id, "backend-internal");
    assert_eq!(companion.display_ref, "companion@backend-internal");
    assert_eq!(companion.capabilities, Some(Capabilities::default()));
    assert_eq!(companion.state(), WorkerState::Ready);
    assert_eq!(companion.answer_source(), AnswerSource::Guide, "no model is configured");
    assert_eq!(banto.owner().companion_worker().await, *companion);

    banto.terminate().await;
    banto.restart().await;
    assert_eq!(workers(&banto.owner()).await[0].worker_id, companion.worker_id);
    banto.kill().await;
    banto.restart().await;
    assert_eq!(workers(&banto.owner()).await[0].worker_id, companion.worker_id);
}

#[tokio::test]
async fn each_wrong_key_is_an_error_of_its_own() {
    let mut banto = Banto::guide().await;
    // A second runtime, so that the right worker can be asked for in the wrong place.
    let database = Sql::of(&banto).await;
    banto.terminate().await;
    database
        .run("INSERT INTO runtimes (id, kind, display_name) SELECT 'elsewhere', kind, 'Elsewhere' FROM runtimes")
        .await;
    database.close().await;
    banto.restart().await;

    let owner = banto.owner();
    let worker_id = owner.companion_worker().await.worker_id;
    let get = async |runtime_id: &str, worker_id: &str| {
        let request = GetWorkerRequest { runtime_id: runtime_id.into(), worker_id: worker_id.into() };
        owner.workers().get_worker(request).await
    };
    assert_eq!(get("backend-internal", &worker_id).await.granted().worker.expect("it").worker_id, worker_id);
    get("nowhere", &worker_id).await.refused().is(Code::NotFound, "RUNTIME_NOT_FOUND");
    get("elsewhere", &worker_id).await.refused().is(Code::NotFound, "WORKER_NOT_FOUND");
    let unknown = uuid::Uuid::now_v7().to_string();
    get("backend-internal", &unknown).await.refused().is(Code::NotFound, "WORKER_NOT_FOUND");
    get("backend-internal", "companion@backend-internal").await.refused().blames("worker_id");
    get("companion@backend-internal", &worker_id).await.refused().blames("runtime_id");
    get("backend-internal", "").await.refused().blames("worker_id");

    let request = GetRuntimeRequest { runtime_id: "nowhere".into() };
    owner.registry().get_runtime(request).await.refused().is(Code::NotFound, "RUNTIME_NOT_FOUND");
}

#[tokio::test]
async fn a_provider_without_its_key_makes_the_companion_unavailable() {
    let keyless = "[[providers]]\nid = \"openai\"\nwire_format = \"openai_chat\"\n\
                   api_key_env = \"KEY_THAT_IS_NOT_SET\"\nmodel = \"gpt-test\"";
    let banto = Banto::builder().tables(keyless).start().await;
    let companion = banto.owner().companion_worker().await;
    assert_eq!(companion.state(), WorkerState::Unavailable);
    assert!(
        companion.cause.contains("KEY_THAT_IS_NOT_SET"),
        "the cause names what is missing: {companion:?}"
    );

    let chat = banto.chat().await;
    let refusal = chat.try_send(chat.message("hello")).await.refused();
    refusal.is(Code::Unavailable, "COMPANION_UNAVAILABLE").says("cause", &companion.cause);
    assert!(chat.texts().await.is_empty(), "nothing was stored");
}

#[tokio::test]
async fn stop_and_restart_hold_over_a_restart_of_the_server() {
    let mut banto = Banto::guide().await;
    let stopped = stop(&banto.owner()).await;
    assert_eq!(stopped.state(), WorkerState::Stopped);
    assert!(!stopped.cause.is_empty());
    assert_eq!(stop(&banto.owner()).await, stopped, "stopping a stopped worker changes nothing");

    banto.kill().await;
    banto.restart().await;
    assert_eq!(banto.owner().companion_worker().await.state(), WorkerState::Stopped);
    let message = banto.companion().message("hello");
    banto.companion().try_send(message).await.refused().is(Code::Unavailable, "COMPANION_UNAVAILABLE");

    assert_eq!(restart(&banto.owner()).await.state(), WorkerState::Ready);
    banto.kill().await;
    banto.restart().await;
    assert_eq!(banto.owner().companion_worker().await.state(), WorkerState::Ready);
    assert_eq!(banto.companion().ask("What is Banto?").await.turn.state(), RunState::Completed);
}

#[tokio::test]
async fn stopping_cancels_what_runs() {
    let upstream = Upstream::start().await;
    upstream.push(Script::openai().text("so far").hang());
    let banto = Banto::with(&upstream).await;
    let chat = banto.chat().await;
    let mut watch = chat.watch().await;
    let accepted = chat.send("hello").await;
    watch.until_text("so far").await;

    assert_eq!(stop(&banto.owner()).await.state(), WorkerState::Stopped);
    assert_eq!(watch.until_turn_ended(accepted.turn_id()).await.state(), RunState::Cancelled);
    upstream.request(0).await.client_closed().await;
}

#[tokio::test]
async fn a_watch_of_the_workers_sees_ready_busy_ready() {
    let upstream = Upstream::start().await;
    let gate = Gate::new();
    upstream.push(Script::openai().text("well").pause(&gate).done());
    let banto = Banto::with(&upstream).await;
    let mut watch = banto.owner().workers().watch_workers(WatchWorkersRequest::default()).await.granted();
    let mut newest = async || loop {
        match next(&mut watch).await.update.and_then(|update| update.kind) {
            Some(workers_update::Kind::Snapshot(mut snapshot)) => break snapshot.workers.remove(0),
            Some(workers_update::Kind::Upserted(worker)) => break worker,
            _ => {}
        }
    };
    let ready = newest().await;
    assert_eq!((ready.state(), ready.answer_source()), (WorkerState::Ready, AnswerSource::Model));
    assert_eq!((ready.provider_id.as_str(), ready.model.as_str()), ("openai", "test-model"));

    let accepted = banto.companion().send("hello").await;
    let busy = newest().await;
    assert_eq!(busy.state(), WorkerState::Busy);
    assert_eq!(busy.active_turn_ids, [accepted.turn_id()]);
    assert!(busy.version > ready.version);

    gate.open();
    let idle = newest().await;
    assert_eq!((idle.state(), idle.active_turn_ids.len()), (WorkerState::Ready, 0));
    assert!(idle.version > busy.version);
}
