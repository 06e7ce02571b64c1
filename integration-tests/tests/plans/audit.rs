//! The audit log: every action, a chain that shows what was done to it, a head that
//! is kept elsewhere.

use super::desk::{PLAN, Planner, Shop, hash, planning};
use banto_integration_tests::{Answer as _, Banto, sql::Sql, upstream::Upstream};
use banto_proto::v1::{
    AddCommentRequest, AuditEntry, AuditHead, ChainFault, ExportEntriesRequest, ExportPlanRequest,
    ListEntriesRequest, RejectPlanRequest, TokenScope, VerifyChainRequest, VerifyChainResponse,
};
use serde_json::Value;
use tonic::Code;

async fn entries(planner: &Planner, subject: &str) -> Vec<AuditEntry> {
    let request = ListEntriesRequest { subject: subject.into(), page_size: 200, ..Default::default() };
    planner.caller.audit().list_entries(request).await.granted().entries
}

async fn verify(planner: &Planner, head: Option<AuditHead>) -> VerifyChainResponse {
    planner.caller.audit().verify_chain(VerifyChainRequest { head }).await.granted()
}

/// A plan with a past.
async fn reviewed(planner: &Planner) -> String {
    let id = planner.generated("one").await.plan_id;
    let secret_words = format!("{PLAN}<!-- nobody logs this -->");
    planner.save(&id, 1, &secret_words).await.granted();
    let comment =
        AddCommentRequest { plan_id: id.clone(), text: "nobody logs that".into(), ..Default::default() };
    planner.caller.plans().add_comment(comment).await.granted();
    planner.approve(&id, 0).await.granted();
    let plan = planner.plan(&id).await;
    let export = ExportPlanRequest { plan_id: id.clone(), ..Default::default() };
    planner.caller.plans().export_plan(export).await.granted();
    let reject =
        RejectPlanRequest { plan_id: id.clone(), revision_id: plan.head_revision_id, note: "no".into() };
    planner.caller.plans().reject_plan(reject).await.granted();
    id
}

#[tokio::test]
async fn every_action_on_a_plan_is_recorded_with_its_author_and_without_its_words() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    let (banto, planner) = planning(&shop, &upstream).await;
    let id = reviewed(&planner).await;
    let (_, secret) = planner.caller.create_token("reader", TokenScope::Read).await;
    let reader = Planner { caller: banto.caller(&secret), ..planner.clone() };
    reader.open(&id).await;
    reader.open(&id).await;
    let log = entries(&planner, &id).await;
    let mut said: Vec<_> =
        log.iter().rev().map(|entry| (entry.actor.as_str(), entry.action.as_str())).collect();
    said.dedup();
    let by_owner = |action: &'static str| ("owner", action);
    for action in [
        "plan.generate",
        "plan.write",
        "plan.view",
        "plan.edit",
        "plan.comment",
        "plan.approve",
        "plan.export",
        "plan.reject",
    ] {
        assert!(said.contains(&by_owner(action)), "{action}: {said:?}");
    }
    assert_eq!(
        said.iter().filter(|(actor, _)| *actor == "reader").collect::<Vec<_>>(),
        [&("reader", "plan.view")],
        "once for each text"
    );
    let all: String = log.iter().map(|entry| entry.detail_json.as_str()).collect();
    assert!(!all.contains("nobody logs") && !all.contains("Do it."), "{all}");
    let approval = log.iter().find(|entry| entry.action == "plan.approve").expect("an approval");
    let detail: Value = serde_json::from_str(&approval.detail_json).expect("JSON");
    assert_eq!(detail["content_hash"], hash(&format!("{PLAN}<!-- nobody logs this -->")));
    // Only a reviewer of all workspaces reads it.
    let refused = reader.caller.audit().list_entries(ListEntriesRequest::default()).await.refused();
    refused.is(Code::PermissionDenied, "SCOPE_DENIED");
    let prefix = ListEntriesRequest { action_prefix: "plan.app".into(), ..Default::default() };
    let found = planner.caller.audit().list_entries(prefix).await.granted().entries;
    assert_eq!(found.iter().map(|entry| entry.action.as_str()).collect::<Vec<_>>(), ["plan.approve"]);

    // An export is the log, line by line, and every line is JSON.
    let mut export = planner.caller.audit().export_entries(ExportEntriesRequest::default()).await.granted();
    let mut lines = Vec::new();
    while let Some(line) = export.message().await.expect("it goes on") {
        let parsed: Value = serde_json::from_str(&line.json_line).expect("JSON");
        assert_eq!(parsed["hash"], line.entry.expect("an entry").hash);
        lines.push(parsed["sequence"].as_i64().expect("a number"));
    }
    assert_eq!(lines, (1..=lines.len() as i64).collect::<Vec<_>>());
}

/// What a walk says after somebody changed the database behind the server's back.
async fn tampered(
    banto: &mut Banto,
    planner: &Planner,
    sql: &str,
    head: Option<AuditHead>,
) -> (bool, ChainFault, u64) {
    let database = Sql::of(banto).await;
    assert!(database.run(sql).await > 0, "{sql}");
    database.close().await;
    let found = verify(planner, head).await;
    (found.intact, found.fault(), found.fault_sequence)
}

#[tokio::test]
async fn the_chain_shows_what_was_removed_altered_reordered_or_cut() {
    let cases = [
        ("DELETE FROM audit_entries WHERE sequence = 4", ChainFault::Missing, 4),
        ("UPDATE audit_entries SET actor = 'somebody' WHERE sequence = 4", ChainFault::Altered, 4),
        (
            "UPDATE audit_entries SET detail = '{}' WHERE sequence = 5 AND detail != '{}'",
            ChainFault::Altered,
            5,
        ),
        // Two change places: each still has its contents, and neither its hash.
        (
            "UPDATE audit_entries SET sequence = CASE sequence WHEN 4 THEN -5 ELSE -4 END WHERE sequence IN (4, 5)",
            ChainFault::Missing,
            0,
        ),
        ("UPDATE audit_entries SET seal = '00' WHERE sequence = 4", ChainFault::WrongSeal, 4),
        ("UPDATE audit_entries SET seal = '', key_id = '' WHERE sequence = 4", ChainFault::WrongSeal, 4),
    ];
    for (sql, fault, at) in cases {
        let (shop, upstream) = (Shop::new(), Upstream::start().await);
        let (mut banto, planner) = planning(&shop, &upstream).await;
        reviewed(&planner).await;
        let before = verify(&planner, None).await;
        assert!(before.intact && before.unsealed == 0 && before.checked > 5, "{before:?}");
        let (intact, found, place) = tampered(&mut banto, &planner, sql, None).await;
        assert!(!intact, "{sql}");
        if at > 0 {
            assert_eq!((found, place), (fault, at), "{sql}");
        }
    }
}

#[tokio::test]
async fn a_head_that_was_kept_shows_that_the_end_was_cut_off_or_written_anew() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    let (mut banto, planner) = planning(&shop, &upstream).await;
    reviewed(&planner).await;
    let head = verify(&planner, None).await.head.expect("a head");
    assert!(verify(&planner, Some(head.clone())).await.intact);
    planner.brief().await;
    assert!(verify(&planner, Some(head.clone())).await.intact, "what came later does not matter");
    let cut = format!("DELETE FROM audit_entries WHERE sequence > {}", head.sequence - 2);
    // The chain alone is sound; only the head that was kept tells.
    let (intact, fault, at) = tampered(&mut banto, &planner, &cut, Some(head.clone())).await;
    assert_eq!((intact, fault, at), (false, ChainFault::Truncated, head.sequence));
    assert!(verify(&planner, None).await.intact);
    planner.brief().await;
    for number in 0..3 {
        let request = banto_proto::v1::GeneratePlanRequest {
            origin: banto_proto::v1::PlanOrigin::Brief.into(),
            ..planner.request(&format!("again-{number}"))
        };
        planner.try_generate(request).await.granted();
    }
    let found = verify(&planner, Some(head.clone())).await;
    assert_eq!(
        (found.intact, found.fault(), found.fault_sequence),
        (false, ChainFault::OtherHead, head.sequence)
    );
}

#[tokio::test]
async fn the_key_is_not_in_the_database_and_another_key_seals_nothing_for_us() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    let (mut banto, planner) = planning(&shop, &upstream).await;
    reviewed(&planner).await;
    let file = banto.data_dir().join("audit.key");
    let key: Value = serde_json::from_str(&banto.read("audit.key")).expect("JSON");
    let key = key["key"].as_str().expect("a key").to_owned();
    banto.kill().await;
    let database = std::fs::read(banto.data_dir().join("banto.db")).expect("the database");
    assert!(!database.windows(key.len()).any(|window| window == key.as_bytes()));
    // Another key: what the former one sealed cannot be looked at, and that is said.
    std::fs::remove_file(&file).expect("the key");
    banto.restart().await;
    let planner = planner.at(&banto);
    let found = verify(&planner, None).await;
    assert!(found.intact && found.unsealed == found.checked, "{found:?}");
    planner.brief().await;
    let found = verify(&planner, None).await;
    assert!(found.intact && found.unsealed < found.checked, "{found:?}");
    banto.kill().await;
    std::fs::write(&file, "{\"key\": \"short\", \"since\": 1}").expect("the key");
    banto.restart_refused().await;
}
