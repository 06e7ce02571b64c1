//! Approval: of one text, by a name, void after one byte changes.

use super::desk::{PLAN, Shop, hash, planning};
use banto_integration_tests::{
    Answer as _,
    upstream::{Gate, Script, Upstream},
};
use banto_proto::v1::{
    ApprovePlanRequest, ExportPlanRequest, PlanReview, RejectPlanRequest, RequestChangesRequest, TokenScope,
};
use tonic::Code;

#[tokio::test]
async fn an_approval_is_bound_to_every_byte() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    let (mut banto, planner) = planning(&shop, &upstream).await;
    let plan = planner.generated("one").await;
    let approved = planner.approve(&plan.plan_id, 0).await.granted();
    let decision = approved.decision.clone().expect("a decision");
    assert_eq!(
        (approved.review(), decision.by.as_str(), decision.note.as_str()),
        (PlanReview::Approved, "owner", "Do it.")
    );
    assert_eq!(
        (decision.revision_id.as_str(), decision.content_hash),
        (plan.head_revision_id.as_str(), hash(PLAN))
    );
    banto.kill().await;
    banto.restart().await;
    let planner = planner.at(&banto);
    assert_eq!(planner.plan(&plan.plan_id).await.review(), PlanReview::Approved);
    let export = ExportPlanRequest { plan_id: plan.plan_id.clone(), ..Default::default() };
    assert!(planner.caller.plans().export_plan(export.clone()).await.granted().approved);

    let saved = planner.save(&plan.plan_id, 1, &format!("{PLAN} ")).await.granted();
    let edited = saved.plan.expect("a plan");
    assert_eq!(edited.review(), PlanReview::Open, "one byte more is another text");
    assert_eq!(edited.decision.map(|decision| decision.revision_id), Some(plan.head_revision_id.clone()));
    assert!(!planner.caller.plans().export_plan(export.clone()).await.granted().approved);
    let former = ExportPlanRequest { revision_id: plan.head_revision_id.clone(), ..export };
    assert!(planner.caller.plans().export_plan(former).await.granted().approved, "that text still is");

    // Only what is shown can be approved, and only by its own hash.
    let request = ApprovePlanRequest {
        plan_id: plan.plan_id.clone(),
        revision_id: plan.head_revision_id.clone(),
        content_hash: hash(PLAN),
        ..Default::default()
    };
    planner
        .caller
        .plans()
        .approve_plan(request.clone())
        .await
        .refused()
        .is(Code::Aborted, "VERSION_CONFLICT");
    let head = saved.revision.expect("a revision").revision_id;
    let wrong = ApprovePlanRequest { revision_id: head.clone(), ..request.clone() };
    planner.caller.plans().approve_plan(wrong).await.refused().is(Code::Aborted, "VERSION_CONFLICT");
    let malformed = ApprovePlanRequest { content_hash: "abc".into(), ..request };
    planner
        .caller
        .plans()
        .approve_plan(malformed)
        .await
        .refused()
        .is(Code::InvalidArgument, "INVALID_INPUT")
        .blames("content_hash");

    planner.approve(&plan.plan_id, 0).await.granted();
    let reject = RejectPlanRequest { plan_id: plan.plan_id.clone(), revision_id: head, note: "No.".into() };
    let rejected = planner.caller.plans().reject_plan(reject).await.granted().plan.expect("a plan");
    assert_eq!(rejected.review(), PlanReview::Rejected);
    let all = planner.open(&plan.plan_id).await.decisions;
    let kinds: Vec<_> = all.iter().map(|decision| decision.review()).collect();
    assert_eq!(kinds, [PlanReview::Approved, PlanReview::Approved, PlanReview::Rejected]);
}

#[tokio::test]
async fn errors_are_accepted_one_by_one_or_not_at_all() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    let (_banto, planner) = planning(&shop, &upstream).await;
    let plan = planner.generated("one").await;
    // Somebody deletes the test after the plan was checked: approval looks again.
    shop.git(&["rm", "-q", "tests/refund.rs"]);
    let refused = planner.approve(&plan.plan_id, 0).await.refused();
    refused.is(Code::FailedPrecondition, "PLAN_NOT_SOUND").says("errors", "1");
    planner.approve(&plan.plan_id, 2).await.refused().is(Code::FailedPrecondition, "PLAN_NOT_SOUND");
    let approved = planner.approve(&plan.plan_id, 1).await.granted();
    assert_eq!(approved.decision.map(|decision| decision.accepted_errors), Some(1));
}

#[tokio::test]
async fn while_a_model_writes_nothing_is_approved_and_a_persons_text_stays_the_newest() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    let (_banto, planner) = planning(&shop, &upstream).await;
    let plan = planner.generated("one").await;
    let gate = Gate::new();
    upstream.push(Script::openai().text(&PLAN[..100]).pause(&gate).text(&PLAN[100..]).usage(1, 1).done());
    let request = RequestChangesRequest {
        plan_id: plan.plan_id.clone(),
        instructions: "Better.".into(),
        request_id: "change".into(),
        ..Default::default()
    };
    let begun = planner.caller.plans().request_changes(request.clone()).await.granted();
    let again = planner.caller.plans().request_changes(request.clone()).await.granted();
    assert_eq!(begun.revision, again.revision, "the same request is the same revision");
    let other = RequestChangesRequest { request_id: "other".into(), ..request };
    planner.caller.plans().request_changes(other).await.refused().is(Code::FailedPrecondition, "PLAN_BUSY");
    planner.approve(&plan.plan_id, 0).await.refused().is(Code::FailedPrecondition, "PLAN_BUSY");
    let mine = PLAN.replace("Keep it small.", "Keep it very small.");
    let saved = planner.save(&plan.plan_id, 1, &mine).await.granted();
    assert_eq!(saved.revision.map(|revision| revision.number), Some(3));
    gate.open();
    let ended = planner.ended(&plan.plan_id).await;
    assert_eq!(ended.version, 3, "what a person saved meanwhile is not overwritten");
    assert_eq!(planner.open(&plan.plan_id).await.text, mine);
}

#[tokio::test]
async fn of_two_who_decide_at_once_each_is_recorded_and_one_is_last() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    let (banto, planner) = planning(&shop, &upstream).await;
    let plan = planner.generated("one").await;
    let (_, secret) = planner.caller.create_token("reviewer", TokenScope::Review).await;
    let reviewer = super::desk::Planner { caller: banto.caller(&secret), ..planner.clone() };
    let reject = RejectPlanRequest {
        plan_id: plan.plan_id.clone(),
        revision_id: plan.head_revision_id.clone(),
        note: String::new(),
    };
    let mut rejecting = reviewer.caller.plans();
    let (one, other) = tokio::join!(planner.approve(&plan.plan_id, 0), rejecting.reject_plan(reject));
    one.granted();
    other.granted();
    let shown = planner.open(&plan.plan_id).await;
    let by: std::collections::BTreeSet<_> =
        shown.decisions.iter().map(|decision| decision.by.as_str()).collect();
    assert_eq!(by, ["owner", "reviewer"].into());
    let last = shown.decisions.last().expect("a decision").review();
    assert_eq!(shown.plan.expect("a plan").review(), last);
    // Who may only chat may not decide.
    let (_, secret) = planner.caller.create_token("writer", TokenScope::Chat).await;
    let writer = super::desk::Planner { caller: banto.caller(&secret), ..planner.clone() };
    writer.save(&plan.plan_id, 0, "<x/>").await.granted();
    writer.approve(&plan.plan_id, 0).await.refused().is(Code::PermissionDenied, "SCOPE_DENIED");
}
