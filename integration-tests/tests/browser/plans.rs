//! Plans, from a task to what became of them.

use super::browse;
use crate::desk::{PLAN, Planner, REFUND, hash, told, writes};
use banto_integration_tests::{
    Answer as _, Banto, eventually,
    shop::{Shop, large_plan},
    sql::Sql,
    upstream::{Gate, Script, Upstream},
};
use banto_proto::v1::{
    AddCommentRequest, GetRevisionRequest, ListPlansRequest, Plan, PlanComment, PlanReview,
    RequestChangesRequest, ResolveCommentRequest, SaveTemplateRequest, TextAnchor,
};
use serde_json::json;

/// The page with the plans of the planner's task.
fn plans_of(planner: &Planner) -> String {
    format!("/tasks/{}/plans", planner.task)
}

fn page_of(plan: &Plan) -> String {
    format!("/plans/{}", plan.plan_id)
}

/// [`PLAN`] to the end of its first step's operations, and the rest.
fn halves() -> (&'static str, &'static str) {
    PLAN.split_at(PLAN.find("      <bash_commands>").expect("commands"))
}

/// The only plan that there is.
async fn only_plan(planner: &Planner) -> Plan {
    let request = ListPlansRequest { task_id: planner.task.clone(), ..Default::default() };
    let mut plans = planner.caller.plans().list_plans(request).await.granted().plans;
    assert_eq!(plans.len(), 1);
    plans.remove(0)
}

/// [`PLAN`] with a path that is not there, but whose name is.
fn broken() -> String {
    PLAN.replace("tests/refund.rs", "src/receipt.rs")
}

/// [`PLAN`] as a model writes it after two comments.
fn answered() -> String {
    let answers = "<sources><answer comment=\"C1\" addressed=\"yes\">There is a third test.</answer>\
                   <answer comment=\"C2\" addressed=\"no\">It is exact.</answer></sources>";
    PLAN.replace("  <steps>", &format!("  {answers}\n  <steps>"))
        .replace("refunded once", "refunded at most once")
}

/// [`PLAN`] as a model makes it of two.
fn merged() -> String {
    let sources = "<sources><source id=\"A\">The ledger.</source><source id=\"B\">The words.</source>\
                   <conflict step=\"1\" sources=\"A:1 B:1\">Whether there is a ledger: there is.</conflict></sources>";
    PLAN.replace("  <steps>", &format!("  {sources}\n  <steps>"))
        .replace("<plan_step number=\"1\">", "<plan_step number=\"1\" sources=\"A:1 B:1\">")
}

#[tokio::test]
async fn task_to_approved_plan() {
    let (shop, upstream, gate) = (Shop::new(), Upstream::start().await, Gate::new());
    let (begin, rest) = halves();
    upstream.push(Script::openai().text(begin).pause(&gate).text(rest).usage(1_000, 200).done());
    let banto = shop.with(&upstream).await;
    let planner = Planner::of(&banto).await;
    browse("taskToApprovedPlan", &banto.ready_link, async |step| {
        match step {
            "the task" => return plans_of(&planner),
            "open the gate" => gate.open(),
            "the newest text is not approved" => {
                let plan = only_plan(&planner).await;
                assert_eq!((plan.version, plan.review()), (3, PlanReview::Open));
                let approved = PLAN.replace("refunded once", "refunded at most once");
                let decision = plan.decision.expect("a decision");
                assert_eq!(
                    (decision.content_hash, decision.review),
                    (hash(&approved), PlanReview::Approved.into())
                );
                let newest = planner.open(&plan.plan_id).await.text;
                assert_eq!(newest, approved.replace("Keep it small.", "Keep it smaller."));
            }
            other => panic!("an unknown step: {other}"),
        }
        String::new()
    })
    .await;
    assert_eq!(upstream.requests().await.len(), 1);
}

#[tokio::test]
async fn plan_interrupted() {
    let (shop, upstream, gate) = (Shop::new(), Upstream::start().await, Gate::new());
    upstream.push(Script::openai().text(halves().0).pause(&gate).done());
    let mut banto = shop.with(&upstream).await;
    let (link, planner) = (banto.ready_link.clone(), Planner::of(&banto).await);
    browse("planInterrupted", &link, async |step| {
        match step {
            "the task" => return plans_of(&planner),
            "restart the server" => {
                // A group is committed a moment after it is shown.
                let sql = Sql::of(&banto).await;
                eventually("the checkpoint", async || {
                    (sql.number("SELECT COUNT(*) FROM text_chunks").await > 0).then_some(())
                })
                .await;
                sql.close().await;
                banto.kill().await;
                banto.restart().await;
            }
            "the model was asked once" => assert_eq!(upstream.requests().await.len(), 1),
            other => panic!("an unknown step: {other}"),
        }
        String::new()
    })
    .await;
}

#[tokio::test]
async fn brief_to_approved_plan() {
    let shop = Shop::new();
    let banto = shop.builder().start().await;
    let task = REFUND.replace("\n\n", ": ");
    browse("briefToApprovedPlan", &banto.ready_link, async |_| task.clone()).await;
}

#[tokio::test]
async fn plan_comments() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    upstream.set_handler(writes(PLAN));
    let banto = shop.with(&upstream).await;
    let planner = Planner::of(&banto).await;
    let plan = planner.generated("one").await;
    upstream.set_handler(writes(&answered()));
    browse("planComments", &banto.ready_link, async |step| match step {
        "the plan" => page_of(&plan),
        "the comments were sent" => {
            let sent = told(&upstream.request(1).await);
            assert!(sent.contains("Is it enough?") && sent.contains("Say it exactly"), "{sent}");
            String::new()
        }
        other => panic!("an unknown step: {other}"),
    })
    .await;
}

#[tokio::test]
async fn plan_problems_and_conflict() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    upstream.set_handler(writes(&broken()));
    let banto = shop.with(&upstream).await;
    let planner = Planner::of(&banto).await;
    let plan = planner.generated("one").await;
    let theirs = PLAN.replace("Keep it small.", "Keep it theirs.");
    browse("planProblemsAndConflict", &banto.ready_link, async |step| {
        match step {
            "the plan" => return page_of(&plan),
            "somebody else saves" => {
                planner.save(&plan.plan_id, 2, &theirs).await.granted();
            }
            "mine is the newest and theirs is kept" => {
                let open = planner.open(&plan.plan_id).await;
                let revision = open.revision.expect("a revision");
                assert_eq!((revision.number, revision.message.as_str()), (4, "My words"));
                let mended = broken().replace("src/receipt.rs", "src/payment/receipt.rs");
                assert_eq!(open.text, mended.replace("Keep it small.", "Keep it mine. 番頭"));
                let parent = GetRevisionRequest { revision_id: revision.parent_revision_id };
                assert_eq!(planner.caller.plans().get_revision(parent).await.granted().text, theirs);
            }
            other => panic!("an unknown step: {other}"),
        }
        String::new()
    })
    .await;
}

#[tokio::test]
async fn plan_compare_merge_export() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    let other = PLAN.replace("Remember refunds", "Write refunds down").replace("番頭", "");
    for text in [PLAN, &other, &merged()] {
        upstream.push(Script::openai().text(text).usage(1_000, 200).done());
    }
    let banto = shop.with(&upstream).await;
    let planner = Planner::of(&banto).await;
    browse("planCompareMergeExport", &banto.ready_link, async |step| {
        match step {
            "the task" => return plans_of(&planner),
            "half of the work is done" => work_on(&shop),
            other => panic!("an unknown step: {other}"),
        }
        String::new()
    })
    .await;
}

/// Does what the first step of [`PLAN`] says, and something else.
fn work_on(shop: &Shop) {
    shop.write("src/payment/ledger.rs", "pub struct Ledger;\n");
    let refund = std::fs::read_to_string(shop.path().join("src/payment/refund.rs")).expect("a file");
    shop.write(
        "src/payment/refund.rs",
        refund.replace("gateway.credit(order)", "order > 0 && gateway.credit(order)"),
    );
    shop.write("README.md", "# Shop\n\nSells tea.\nAnd coffee.\n");
}

#[tokio::test]
async fn large_plan_is_written_into() {
    let shop = Shop::new();
    let banto = shop.builder().start().await;
    let planner = Planner::of(&banto).await;
    let plan = planner.brief().await;
    let (text, steps) = large_plan();
    assert!(text.len() > 1 << 20, "{}", text.len());
    planner.save(&plan.plan_id, 1, &text).await.granted();
    browse("largePlan", &banto.ready_link, async |step| match step {
        "the plan" => page_of(&plan),
        "how many steps" => steps.to_string(),
        "it ends with what was typed" => {
            let newest = planner.open(&plan.plan_id).await.text;
            assert!(newest == format!("{text}<!-- said at the end -->"), "{}", newest.len());
            String::new()
        }
        other => panic!("an unknown step: {other}"),
    })
    .await;
}

#[tokio::test]
async fn keyboard_plans() {
    let shop = Shop::new();
    let banto = shop.builder().start().await;
    let planner = Planner::of(&banto).await;
    let plan = planner.brief().await;
    let wrong = broken().replace("<title>Test it</title>", "");
    planner.save(&plan.plan_id, 1, &wrong).await.granted();
    browse("keyboardPlans", &banto.ready_link, async |_| page_of(&plan)).await;
}

/// A comment on a passage, or on a step where there is none.
async fn comment(planner: &Planner, plan: &Plan, passage: &str, text: &str) -> PlanComment {
    let anchor = PLAN.find(passage).filter(|_| !passage.is_empty()).map(|start| TextAnchor {
        start: start as u64,
        end: (start + passage.len()) as u64,
        quote: String::new(),
    });
    let step = u32::from(anchor.is_none());
    let request = AddCommentRequest {
        plan_id: plan.plan_id.clone(),
        step,
        anchor,
        text: text.into(),
        ..Default::default()
    };
    planner.caller.plans().add_comment(request).await.granted().comment.expect("a comment")
}

/// One that was argued about, one that is wrong, and one that is being written.
async fn plans_of_all_kinds(banto: &Banto, upstream: &Upstream, shop: &Shop) -> String {
    let planner = Planner::of(banto).await;
    upstream.set_handler(writes(PLAN));
    let first = planner.generated("one").await;
    comment(&planner, &first, "", "Is one test enough?").await;
    comment(&planner, &first, "refunded once", "Say it exactly: at most once.").await;
    let done = comment(&planner, &first, "Keep it small.", "How small?").await;
    let resolve = ResolveCommentRequest { comment_id: done.comment_id, resolved: true };
    planner.caller.plans().resolve_comment(resolve).await.granted();
    planner.approve(&first.plan_id, 0).await.granted();
    upstream.set_handler(writes(&answered()));
    let request =
        RequestChangesRequest { plan_id: first.plan_id.clone(), expected_version: 1, ..Default::default() };
    planner.caller.plans().request_changes(request).await.granted();
    let first = planner.ended(&first.plan_id).await;
    comment(&planner, &first, "", "And a third?").await;
    upstream.set_handler(writes(&broken()));
    let wrong = planner.generated("two").await;
    upstream.set_handler(|_| Script::openai().text(halves().0).hang());
    let running = planner.try_generate(planner.request("three")).await.granted();
    let template = SaveTemplateRequest {
        name: "For Kuma".into(),
        text: "Dear Kuma: {{title}}\n{{plan}}".into(),
        ..Default::default()
    };
    planner.caller.settings().save_template(template).await.granted();
    work_on(shop);
    json!({
        "task": plans_of(&planner),
        "plan": page_of(&first),
        "broken": page_of(&wrong),
        "running": page_of(&running),
        "from": first.head_revision_id,
        "to": wrong.head_revision_id,
    })
    .to_string()
}

/// Plays a scenario that looks at plans of all kinds.
async fn look_at_all(scenario: &str) {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    // One of them is being written all the while.
    let builder = shop.builder().set("timeouts.idle_ms", 600_000);
    let banto = builder.provider("openai", &upstream.base_url()).start().await;
    browse(scenario, &banto.ready_link, async |_| plans_of_all_kinds(&banto, &upstream, &shop).await).await;
}

#[tokio::test]
async fn accessible_plans() {
    look_at_all("accessiblePlans").await;
}

#[tokio::test]
async fn accessible_plans_in_japanese() {
    look_at_all("accessiblePlansInJapanese").await;
}

#[tokio::test]
async fn phone_plans() {
    look_at_all("phonePlans").await;
}
