//! Limits and walls: sizes, other workspaces, hostile documents.

use super::desk::{PLAN, Planner, Shop, hash, planning};
use banto_integration_tests::{Answer as _, upstream::Upstream};
use banto_proto::v1::{
    CreateTokenRequest, DiffRevisionsRequest, GetRevisionRequest, ListPlansRequest, OpenWorkspaceRequest,
    TokenScope,
};
use tonic::Code;

#[tokio::test]
async fn a_plan_of_a_megabyte_is_saved_read_checked_and_compared() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    let (_banto, planner) = planning(&shop, &upstream).await;
    let plan = planner.generated("one").await;
    let filler: String = (0..20_000).map(|line| format!("let line_{line} = a < b && c; // 番頭\n")).collect();
    let large = PLAN.replace("pub struct Ledger;", &filler);
    assert!(large.len() > 700_000, "{}", large.len());
    let saved = planner.save(&plan.plan_id, 1, &large).await.granted().revision.expect("a revision");
    assert_eq!(planner.open(&plan.plan_id).await.text, large);
    assert!(planner.check(&plan.plan_id, &large).await.is_empty());
    let request =
        DiffRevisionsRequest { from_revision_id: plan.head_revision_id, to_revision_id: saved.revision_id };
    let diff = planner.caller.plans().diff_revisions(request).await.granted();
    assert_eq!((diff.added_lines, diff.removed_lines), (20_001, 1));
    planner.approve(&plan.plan_id, 0).await.granted();
}

#[tokio::test]
async fn hostile_documents_cost_nothing_and_expand_to_nothing() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    let (banto, planner) = planning(&shop, &upstream).await;
    let plan = planner.generated("one").await;
    let before = banto.resident_kib();
    let bomb = "<!DOCTYPE lolz [<!ENTITY a \"aaaaaaaaaa\">".to_owned()
        + &(0..20)
            .map(|level| format!("<!ENTITY b{level} \"&a;&a;&a;&a;&a;&a;&a;&a;\">"))
            .collect::<String>()
        + "]><implementation_plan><steps><plan_step number=\"1\"><title>&b19;</title></plan_step></steps></implementation_plan>";
    let external = "<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><implementation_plan>&x;</implementation_plan>";
    let deep = "<a>".repeat(200_000);
    let open = "<operation ".repeat(100_000);
    for hostile in [bomb.as_str(), external, &deep, &open, "]]>]]>", "<![CDATA[", "<!--"] {
        let findings = planner.check(&plan.plan_id, hostile).await;
        assert!(!findings.is_empty() && findings.len() <= 1_001, "{}", findings.len());
        let saved = planner.save(&plan.plan_id, 0, hostile).await.granted();
        let exported = planner.open(&plan.plan_id).await.text;
        assert_eq!(hash(&exported), saved.revision.expect("a revision").content_hash, "kept as it is");
        assert!(!exported.contains("root:"));
    }
    let grown = banto.resident_kib().saturating_sub(before);
    assert!(grown < 80 * 1024, "{grown} KiB");
}

#[tokio::test]
async fn plans_of_another_workspace_are_not_there() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    let (banto, planner) = planning(&shop, &upstream).await;
    let plan = planner.generated("one").await;
    let other = Shop::new();
    let open =
        OpenWorkspaceRequest { path: other.path().to_string_lossy().into_owned(), ..Default::default() };
    let workspace =
        planner.caller.workspaces().open_workspace(open).await.granted().workspace.expect("a workspace");
    let request = CreateTokenRequest {
        name: "guest".into(),
        scope: TokenScope::Review.into(),
        workspace_ids: vec![workspace.workspace_id],
        ..Default::default()
    };
    let secret = planner.caller.settings().create_token(request).await.granted().secret;
    let guest = Planner { caller: banto.caller(&secret), ..planner.clone() };
    let mut plans = guest.caller.plans();
    let get = banto_proto::v1::GetPlanRequest { plan_id: plan.plan_id.clone() };
    plans.get_plan(get).await.refused().is(Code::NotFound, "PLAN_NOT_FOUND");
    let revision = GetRevisionRequest { revision_id: plan.head_revision_id.clone() };
    plans.get_revision(revision).await.refused().is(Code::NotFound, "REVISION_NOT_FOUND");
    assert!(plans.list_plans(ListPlansRequest::default()).await.granted().plans.is_empty());
    guest.save(&plan.plan_id, 0, PLAN).await.refused().is(Code::NotFound, "PLAN_NOT_FOUND");
    let diff = DiffRevisionsRequest {
        from_revision_id: plan.head_revision_id.clone(),
        to_revision_id: plan.head_revision_id.clone(),
    };
    plans.diff_revisions(diff).await.refused().is(Code::NotFound, "REVISION_NOT_FOUND");
    guest
        .caller
        .audit()
        .list_entries(banto_proto::v1::ListEntriesRequest::default())
        .await
        .refused()
        .is(Code::PermissionDenied, "SCOPE_DENIED");
}
