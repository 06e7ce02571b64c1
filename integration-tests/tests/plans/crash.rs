//! kill -9 at every state of writing, saving, merging and approving.

use super::desk::{PLAN, Planner, Shop, hash, planning, writes};
use banto_integration_tests::{Answer as _, upstream::Upstream};
use banto_proto::v1::{
    ApprovePlanRequest, MergePlansRequest, PlanReview, PlanRevisionRef, RunState, SaveRevisionRequest,
    VerifyChainRequest,
};

/// Everything that must hold of a plan after a crash.
async fn is_whole(planner: &Planner, id: &str, point: &str) -> (RunState, String) {
    let shown = planner.open(id).await;
    let plan = shown.plan.expect("a plan");
    assert!(plan.active_revision_id.is_empty() && plan.active_job_id.is_empty(), "{point}: {plan:#?}");
    let state = plan.state();
    assert!(state == RunState::Completed || state == RunState::Interrupted, "{point}: {state:?}");
    if let Some(revision) = &shown.revision {
        assert_eq!(
            (revision.size_bytes, &revision.content_hash),
            (shown.text.len() as u64, &hash(&shown.text)),
            "{point}"
        );
    }
    assert!(PLAN.starts_with(&shown.text), "{point}: {}", shown.text);
    assert_eq!(state == RunState::Completed, shown.text == PLAN, "{point}");
    // The log is contiguous from its beginning.
    let first = super::desk::View { epoch: plan.epoch.clone(), sequence: 0, ..Default::default() };
    let mut view = planner.resume(id, first).await;
    view.until("the snapshot", |view| view.plan.head_sequence == plan.head_sequence).await;
    let chain = planner.caller.audit().verify_chain(VerifyChainRequest::default()).await.granted();
    assert!(chain.intact, "{point}: {chain:?}");
    (state, shown.text)
}

async fn crash_writing_at(point: &str) -> RunState {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    upstream.set_handler(writes(PLAN));
    let builder = shop.builder().provider("openai", &upstream.base_url());
    let mut banto = builder.fail_at(point).start().await;
    let planner = Planner::of(&banto).await;
    // The answer may be lost with the server; what was asked for is not.
    let _ = planner.try_generate(planner.request("one")).await;
    banto.crashed().await;
    banto.restart().await;
    let planner = planner.at(&banto);
    let again = planner.try_generate(planner.request("one")).await.granted();
    let (state, _) = is_whole(&planner, &again.plan_id, point).await;
    assert!(upstream.requests().await.len() <= 1, "{point}: nothing is paid twice by itself");
    let next = planner.generated("two").await;
    assert_eq!(next.state(), RunState::Completed, "{point}: the next one succeeds");
    state
}

#[tokio::test]
async fn a_crash_at_every_state_of_writing() {
    assert_eq!(crash_writing_at("plan.started:abort@1").await, RunState::Interrupted);
    assert_eq!(crash_writing_at("plan.begin:abort@1").await, RunState::Interrupted);
    assert_eq!(crash_writing_at("plan.text:abort@1").await, RunState::Interrupted);
    assert_eq!(crash_writing_at("plan.ending:abort@1").await, RunState::Interrupted);
    assert_eq!(crash_writing_at("plan.ended:abort@1").await, RunState::Completed);
}

#[tokio::test]
async fn a_panic_ends_one_plan_and_not_the_server() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    upstream.set_handler(writes(PLAN));
    let builder = shop.builder().provider("openai", &upstream.base_url());
    let banto = builder.fail_at("plan.text:panic@1").start().await;
    let planner = Planner::of(&banto).await;
    assert_eq!(planner.generated("one").await.state(), RunState::Failed);
    assert_eq!(planner.generated("two").await.state(), RunState::Completed);
}

#[tokio::test]
async fn a_crash_around_saving_and_approving_leaves_all_or_nothing() {
    for (point, happened) in [
        ("plan.saving:abort@1", false),
        ("plan.saved:abort@1", true),
        ("plan.deciding:abort@1", false),
        ("plan.decided:abort@1", true),
    ] {
        let (shop, upstream) = (Shop::new(), Upstream::start().await);
        upstream.set_handler(writes(PLAN));
        let builder = shop.builder().provider("openai", &upstream.base_url());
        let mut banto = builder.fail_at(point).start().await;
        let planner = Planner::of(&banto).await;
        let plan = planner.generated("one").await;
        let edited = PLAN.replace("Keep it small.", "Keep it tiny.");
        let save = SaveRevisionRequest {
            plan_id: plan.plan_id.clone(),
            expected_version: 1,
            text: edited.clone(),
            request_id: "save".into(),
            ..Default::default()
        };
        let approve = ApprovePlanRequest {
            plan_id: plan.plan_id.clone(),
            revision_id: plan.head_revision_id.clone(),
            content_hash: hash(PLAN),
            ..Default::default()
        };
        let saves = point.starts_with("plan.sav");
        if saves {
            let _ = planner.caller.plans().save_revision(save.clone()).await;
        } else {
            let _ = planner.caller.plans().approve_plan(approve.clone()).await;
        }
        banto.crashed().await;
        banto.restart().await;
        let planner = planner.at(&banto);
        let shown = planner.open(&plan.plan_id).await;
        if saves {
            assert_eq!(shown.text == edited, happened, "{point}");
            // Whoever lost the answer asks again with the same id.
            let saved = planner.caller.plans().save_revision(save).await.granted();
            assert_eq!(saved.revision.map(|revision| revision.number), Some(2), "{point}");
        } else {
            let review = shown.plan.expect("a plan").review();
            assert_eq!(review == PlanReview::Approved, happened, "{point}");
            planner.caller.plans().approve_plan(approve).await.granted();
        }
    }
}

#[tokio::test]
async fn a_crash_while_plans_are_merged() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    let (mut banto, planner) = planning(&shop, &upstream).await;
    let (one, two) = (planner.generated("one").await, planner.generated("two").await);
    let source = |id: &str| PlanRevisionRef { plan_id: id.into(), revision_id: String::new() };
    let request = MergePlansRequest {
        sources: vec![source(&one.plan_id), source(&two.plan_id)],
        request_id: "merge".into(),
        ..Default::default()
    };
    banto.kill().await;
    for point in ["plan.started", "plan.text", "plan.ending", "plan.ended"] {
        let url = upstream.base_url();
        let builder = shop.builder().provider("openai", &url).data_dir(banto.data_dir());
        let mut failing = builder.fail_at(&format!("{point}:abort@1")).start().await;
        let request = MergePlansRequest { request_id: point.into(), ..request.clone() };
        let _ = planner.at(&failing).caller.plans().merge_plans(request.clone()).await;
        failing.crashed().await;
        failing.restart().await;
        let planner = planner.at(&failing);
        let merged = planner.caller.plans().merge_plans(request).await.granted().plan.expect("a plan");
        assert_eq!(merged.merged_from.len(), 2, "{point}");
        is_whole(&planner, &merged.plan_id, point).await;
        assert_eq!(planner.open(&one.plan_id).await.text, PLAN, "{point}: sources stay as they are");
        failing.kill().await;
    }
}
