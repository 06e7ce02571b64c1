//! Revisions: saved, compared, gone back to; fifty editors at once.

use super::desk::{PLAN, Shop, hash, planning};
use banto_integration_tests::{Answer as _, sql::Sql, upstream::Upstream};
use banto_proto::v1::{
    DiffLineKind, DiffRevisionsRequest, GetRevisionRequest, ListRevisionsRequest, PartChange,
    RevertPlanRequest, RevisionAuthor, SaveRevisionRequest, UpdatePlanRequest,
};
use tonic::Code;

#[tokio::test]
async fn a_revision_is_added_and_none_is_changed() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    let (mut banto, planner) = planning(&shop, &upstream).await;
    let plan = planner.generated("one").await;
    let edited = PLAN.replace("refunded once", "refunded at most once");
    let request = SaveRevisionRequest {
        plan_id: plan.plan_id.clone(),
        expected_version: 1,
        text: edited.clone(),
        message: "Say it exactly".into(),
        request_id: "save".into(),
    };
    let saved = planner.caller.plans().save_revision(request.clone()).await.granted();
    let revision = saved.revision.expect("a revision");
    assert_eq!(
        (revision.number, revision.author(), revision.message.as_str()),
        (2, RevisionAuthor::Person, "Say it exactly")
    );
    assert_eq!(revision.content_hash, hash(&edited));
    assert_eq!(revision.parent_revision_id, plan.head_revision_id);
    // The same request, and the same text, are no further revision.
    let again = planner.caller.plans().save_revision(request.clone()).await.granted();
    assert_eq!(again.revision.map(|revision| revision.number), Some(2));
    let other = SaveRevisionRequest { text: PLAN.into(), ..request };
    planner
        .caller
        .plans()
        .save_revision(other)
        .await
        .refused()
        .is(Code::InvalidArgument, "INVALID_INPUT")
        .blames("request_id");
    assert_eq!(
        planner.save(&plan.plan_id, 2, &edited).await.granted().plan.map(|plan| plan.version),
        Some(2)
    );
    let old = planner.save(&plan.plan_id, 1, "<x/>").await.refused();
    old.is(Code::Aborted, "VERSION_CONFLICT").says("current_version", "2");
    for text in [String::new(), "a\0b".to_owned(), "x".repeat((2 << 20) + 1)] {
        planner
            .save(&plan.plan_id, 2, &text)
            .await
            .refused()
            .is(Code::InvalidArgument, "INVALID_INPUT")
            .blames("text");
    }

    banto.kill().await;
    banto.restart().await;
    let planner = planner.at(&banto);
    let revert = RevertPlanRequest {
        plan_id: plan.plan_id.clone(),
        expected_version: 2,
        revision_id: plan.head_revision_id.clone(),
    };
    let back = planner.caller.plans().revert_plan(revert).await.granted().revision.expect("a revision");
    assert_eq!((back.number, back.author()), (3, RevisionAuthor::Restore));
    assert_eq!(back.restored_revision_id, plan.head_revision_id);
    assert_eq!(planner.open(&plan.plan_id).await.text, PLAN);
    let request = ListRevisionsRequest { plan_id: plan.plan_id.clone(), page_size: 2, ..Default::default() };
    let page = planner.caller.plans().list_revisions(request.clone()).await.granted();
    assert_eq!(page.revisions.iter().map(|revision| revision.number).collect::<Vec<_>>(), [3, 2]);
    let next = ListRevisionsRequest { page_token: page.next_page_token, ..request };
    let page = planner.caller.plans().list_revisions(next).await.granted();
    assert_eq!(page.revisions.iter().map(|revision| revision.number).collect::<Vec<_>>(), [1]);
    let one = GetRevisionRequest { revision_id: page.revisions[0].revision_id.clone() };
    assert_eq!(planner.caller.plans().get_revision(one).await.granted().text, PLAN);
    let rename =
        UpdatePlanRequest { plan_id: plan.plan_id.clone(), title: Some("Once".into()), archived: Some(true) };
    let renamed = planner.caller.plans().update_plan(rename).await.granted().plan.expect("a plan");
    assert!(renamed.title == "Once" && renamed.archived_at.is_some());
}

#[tokio::test]
async fn revisions_are_compared_by_lines_and_by_structure() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    let (_banto, planner) = planning(&shop, &upstream).await;
    let plan = planner.generated("one").await;
    let edited = PLAN
        .replace("An order is refunded once. 番頭", "An order is refunded once, 番頭.")
        .replace("<operation type=\"create\" path=\"src/payment/ledger.rs\">", "<operation type=\"create\" path=\"src/payment/book.rs\">")
        .replace("  </steps>", "    <plan_step number=\"3\">\n      <title>Tell</title>\n      <description>Docs.</description>\n    </plan_step>\n  </steps>");
    let saved = planner.save(&plan.plan_id, 1, &edited).await.granted().revision.expect("a revision");
    let request = DiffRevisionsRequest {
        from_revision_id: plan.head_revision_id.clone(),
        to_revision_id: saved.revision_id.clone(),
    };
    let diff = planner.caller.plans().diff_revisions(request.clone()).await.granted();
    assert_eq!((diff.added_lines, diff.removed_lines, diff.truncated), (6, 2, false));
    let lines: Vec<_> = diff.hunks.iter().flat_map(|hunk| &hunk.lines).collect();
    let added: String = lines
        .iter()
        .filter(|line| line.kind() != DiffLineKind::Removed)
        .map(|line| line.text.as_str())
        .collect();
    assert!(added.contains("refunded once, 番頭.") && added.contains("<title>Tell</title>"));
    let steps: Vec<_> =
        diff.steps.iter().map(|step| (step.change(), step.old_number, step.new_number)).collect();
    assert_eq!(steps, [(PartChange::Changed, 1, 1), (PartChange::Added, 0, 3)], "{:#?}", diff.steps);
    assert!(diff.steps[0].fields.contains(&"description".to_owned()));
    let same = DiffRevisionsRequest { to_revision_id: plan.head_revision_id.clone(), ..request };
    let same = planner.caller.plans().diff_revisions(same).await.granted();
    assert!(same.hunks.is_empty() && same.steps.is_empty());
}

#[tokio::test]
async fn of_fifty_editors_one_wins_each_version() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    let (banto, planner) = planning(&shop, &upstream).await;
    let plan = planner.generated("one").await;
    let edits = (0..50).map(|editor| {
        let (planner, id) = (planner.at(&banto), plan.plan_id.clone());
        async move {
            let mut version = 1;
            loop {
                let text = format!("{PLAN}<!-- editor {editor} -->\n");
                match planner.save(&id, version, &text).await {
                    Ok(saved) => return saved.revision.expect("a revision").number,
                    Err(refusal) => {
                        refusal.is(Code::Aborted, "VERSION_CONFLICT");
                        version = planner.plan(&id).await.version;
                    }
                }
            }
        }
    });
    let mut numbers = futures::future::join_all(edits).await;
    numbers.sort_unstable();
    assert_eq!(numbers, (2..=51).collect::<Vec<_>>(), "no edit is lost and none is there twice");
    let sql = Sql::of(&banto).await;
    assert_eq!(
        sql.number("SELECT COUNT(DISTINCT parent_id) FROM plan_revisions").await,
        50,
        "a chain, not a tree"
    );
    sql.close().await;
}
