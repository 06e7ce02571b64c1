//! Plans on PostgreSQL, alone and where servers share it.

use super::desk::{PLAN, Planner, Shop, writes};
use banto_integration_tests::{
    Answer as _, Banto, Postgres, eventually,
    upstream::{Gate, Script, Upstream},
};
use banto_proto::v1::{CancelJobRequest, PlanReview, RunState, VerifyChainRequest};

/// How long a server that is gone keeps what it ran.
const LEASE_MS: u32 = 1_000;

async fn server(shop: &Shop, url: &str, upstream: &Upstream) -> Banto {
    let builder = shop.builder().database(url).provider("openai", &upstream.base_url());
    builder.set("lease_ms", LEASE_MS).start().await
}

#[tokio::test]
async fn a_plan_is_written_edited_and_approved_on_postgresql() {
    let (shop, upstream, cluster) = (Shop::new(), Upstream::start().await, Postgres::shared().await);
    upstream.set_handler(writes(PLAN));
    let mut banto = server(&shop, &cluster.create_database().await, &upstream).await;
    let planner = Planner::of(&banto).await;
    let plan = planner.generated("one").await;
    assert_eq!(planner.open(&plan.plan_id).await.text, PLAN);
    let edited = PLAN.replace("Keep it small.", "番頭 🙂");
    planner.save(&plan.plan_id, 1, &edited).await.granted();
    planner.approve(&plan.plan_id, 0).await.granted();
    banto.kill().await;
    banto.restart().await;
    let planner = planner.at(&banto);
    let shown = planner.open(&plan.plan_id).await;
    assert_eq!((shown.text, shown.plan.map(|plan| plan.review())), (edited, Some(PlanReview::Approved)));
    let chain = planner.caller.audit().verify_chain(VerifyChainRequest::default()).await.granted();
    assert!(chain.intact && chain.unsealed == 0, "{chain:?}");
}

#[tokio::test]
async fn a_plan_is_seen_live_and_cancelled_through_the_other_server() {
    let (shop, upstream, cluster) = (Shop::new(), Upstream::start().await, Postgres::shared().await);
    let gate = Gate::new();
    upstream.push(Script::openai().text(&PLAN[..150]).pause(&gate).done());
    let url = cluster.create_database().await;
    let one = server(&shop, &url, &upstream).await;
    let another = server(&shop, &url, &upstream).await;
    let planner = Planner::of(&one).await;
    let far = planner.at(&another);
    let plan = planner.try_generate(planner.request("one")).await.granted();
    let mut watched = far.watch(&plan.plan_id).await;
    watched.until_text(&PLAN[..150]).await;
    let job_id = far.plan(&plan.plan_id).await.active_job_id;
    far.caller.jobs().cancel_job(CancelJobRequest { job_id }).await.granted();
    watched.until_ended().await;
    assert_eq!((watched.plan.state(), watched.written.as_str()), (RunState::Cancelled, &PLAN[..150]));
}

#[tokio::test]
async fn a_plan_of_a_server_that_is_gone_is_ended_by_another() {
    let (shop, upstream, cluster) = (Shop::new(), Upstream::start().await, Postgres::shared().await);
    let gate = Gate::new();
    upstream.push(Script::openai().text(&PLAN[..150]).pause(&gate).done());
    let url = cluster.create_database().await;
    let mut one = server(&shop, &url, &upstream).await;
    let another = server(&shop, &url, &upstream).await;
    let planner = Planner::of(&one).await;
    let far = planner.at(&another);
    let plan = planner.try_generate(planner.request("one")).await.granted();
    let mut watched = far.watch(&plan.plan_id).await;
    watched.until_text(&PLAN[..150]).await;
    one.kill().await;
    let ended = eventually("the end by another server", async || {
        let plan = far.plan(&plan.plan_id).await;
        plan.active_revision_id.is_empty().then_some(plan)
    })
    .await;
    assert_eq!(ended.state(), RunState::Interrupted);
    assert_eq!(far.open(&plan.plan_id).await.text, PLAN[..150]);
}
