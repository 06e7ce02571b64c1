//! After the work: the tree, or a range of commits, beside the operations.

use super::desk::{PLAN, Planner, Shop, planning};
use banto_integration_tests::{Answer as _, upstream::Upstream};
use banto_proto::v1::{OutcomeState, VerifyOutcomeRequest, VerifyOutcomeResponse};
use tonic::Code;

async fn verify(planner: &Planner, plan: &str) -> VerifyOutcomeResponse {
    let request = VerifyOutcomeRequest { plan_id: plan.into(), ..Default::default() };
    planner.caller.plans().verify_outcome(request).await.granted()
}

fn states(outcome: &VerifyOutcomeResponse) -> Vec<Vec<OutcomeState>> {
    outcome.steps.iter().map(|step| step.operations.iter().map(|it| it.state()).collect()).collect()
}

#[tokio::test]
async fn what_was_done_partly_done_left_out_and_added_is_told_apart() {
    use OutcomeState::{Done, Missing, Partly};
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    let (_banto, planner) = planning(&shop, &upstream).await;
    let id = planner.generated("one").await.plan_id;
    planner.approve(&id, 0).await.granted();
    let nothing = verify(&planner, &id).await;
    assert_eq!((nothing.state(), states(&nothing)), (Missing, vec![vec![Missing, Missing], vec![Missing]]));
    assert!(nothing.changes.is_empty());

    // In the working tree, not committed: one operation, and something else.
    shop.write("src/payment/refund.rs", "use super::gateway::Gateway;\n\n/// Gives money back.\npub fn refund_payment(gateway: &Gateway, order: u64) -> bool {\n    order != 7 && gateway.credit(order)\n}\n");
    shop.write("src/cart.rs", "// gone\n");
    let some = verify(&planner, &id).await;
    assert_eq!(
        (some.state(), states(&some)),
        (Partly, vec![vec![Done, Missing], vec![Missing]]),
        "{some:#?}"
    );
    assert_eq!(some.unplanned_paths, ["src/cart.rs"]);
    let change = some.changes.iter().find(|change| change.path == "src/payment/refund.rs").expect("a change");
    assert_eq!((change.kind.as_str(), change.added_lines, change.removed_lines), ("modified", 1, 1));
    assert!(change.hunks[0].lines.iter().any(|line| line.text.contains("order != 7")));

    // Another symbol than the plan names is only a part.
    shop.git(&["checkout", "-q", "--", "src/cart.rs", "src/payment/refund.rs"]);
    shop.write("src/payment/refund.rs", "use super::gateway::Gateway;\n\n/// Gives money back.\npub fn refund_payment(gateway: &Gateway, order: u64) -> bool {\n    gateway.credit(order)\n}\n\npub fn other() -> u8 {\n    1\n}\n");
    assert_eq!(states(&verify(&planner, &id).await)[0][0], Partly);

    // All of it, committed, and then looked at as a range.
    shop.write("src/payment/refund.rs", "pub fn refund_payment(order: u64) -> bool {\n    order > 1\n}\n");
    shop.write("src/payment/ledger.rs", "pub struct Ledger;\n");
    shop.write("tests/refund.rs", "#[test]\nfn only_once() {}\n");
    shop.commit("Refund once");
    let all = verify(&planner, &id).await;
    assert_eq!((all.state(), states(&all)), (Done, vec![vec![Done, Done], vec![Done]]), "{all:#?}");
    shop.write("README.md", "# Later\n");
    shop.commit("Something else");
    let range =
        VerifyOutcomeRequest { plan_id: id.clone(), to_commit: "HEAD~1".into(), ..Default::default() };
    let range = planner.caller.plans().verify_outcome(range).await.granted();
    assert_eq!(range.state(), Done, "what came later is not in the range: {:?}", range.unplanned_paths);
    let unknown =
        VerifyOutcomeRequest { plan_id: id.clone(), from_commit: "nonsense".into(), ..Default::default() };
    planner.caller.plans().verify_outcome(unknown).await.refused().is(Code::NotFound, "COMMIT_NOT_FOUND");

    // A move whose source is still there is half a move.
    let moving = PLAN.replace(
        "<operation type=\"modify\" path=\"tests/refund.rs\">",
        "<operation type=\"move\" from=\"docs/payments.md\" path=\"docs/money.md\">",
    );
    let second = planner.generated("two").await;
    planner.save(&second.plan_id, 1, &moving).await.granted();
    let text = std::fs::read_to_string(shop.path().join("docs/payments.md")).expect("a file");
    shop.write("docs/money.md", &text);
    assert_eq!(states(&verify(&planner, &second.plan_id).await)[1][0], Partly);
    shop.git(&["rm", "-q", "docs/payments.md"]);
    let moved = verify(&planner, &second.plan_id).await;
    assert_eq!(states(&moved)[1][0], Done, "{moved:#?}");
    assert!(moved.changes.iter().any(|change| change.kind == "moved" && change.from == "docs/payments.md"));
}
