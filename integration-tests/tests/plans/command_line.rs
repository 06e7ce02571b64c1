//! `banto plan` and `banto audit`.

use super::desk::{PLAN, Planner, Shop, hash, writes};
use banto_integration_tests::{
    Command, Shell,
    shop::{clever, stage_of},
    upstream::{Script, Upstream},
};
use banto_proto::v1::StageKind;
use serde_json::Value;
use std::fs;

#[tokio::test]
async fn a_plan_goes_from_words_to_xml_and_to_an_approval() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    upstream.set_handler(|exchange| match stage_of(exchange) {
        StageKind::Unspecified => writes(PLAN)(exchange),
        _ => clever(exchange),
    });
    let banto = shop.builder().provider("openai", &upstream.base_url()).start().await;
    let shell = Shell(&banto);
    let repo = shop.path();
    let repo = repo.to_str().expect("UTF-8");
    let (xml, told) =
        shell.run(&["plan", "Refund payments twice", "--repo", repo, "--mode", "engine"], 0).await;
    assert_eq!(xml, PLAN, "standard output is the plan, byte for byte");
    assert!(told.contains("mode engine") && told.contains("plan ") && told.contains("test-model"), "{told}");
    let plans = shell.json(&["plan", "ls", "--json"]).await;
    let id = plans[0]["planId"].as_str().expect("an id");
    assert_eq!(plans[0]["review"], "PLAN_REVIEW_OPEN");
    assert_eq!(shell.run(&["plan", "show", id], 0).await.0, PLAN);

    // Saved, checked, approved: three commands.
    let file = shop.path().join("target/plan.xml");
    fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    fs::write(&file, PLAN.replace("Keep it small.", "Keep it tiny.")).expect("a file");
    let name = file.to_str().expect("UTF-8");
    let (saved, _) =
        shell.run(&["plan", "save", id, name, "--message", "smaller", "--expected-version", "1"], 0).await;
    let edited = hash(&PLAN.replace("Keep it small.", "Keep it tiny."));
    assert_eq!(saved.trim(), format!("revision 2 {edited}"));
    let (_, conflict) = shell.run(&["plan", "save", id, name, "--expected-version", "1"], 3).await;
    assert!(conflict.contains("VERSION_CONFLICT"), "{conflict}");
    shell.run(&["plan", "check", id], 0).await;
    let (_, refused) = shell.run(&["plan", "approve", id, "--hash", &hash(PLAN)], 3).await;
    assert!(refused.contains("VERSION_CONFLICT"), "another text than that which was read: {refused}");
    let (approved, _) = shell.run(&["plan", "approve", id, "--note", "go"], 0).await;
    assert!(approved.contains(&edited), "{approved}");
    let (exported, command) = shell.run(&["plan", "export", id, "--format", "claude-code"], 0).await;
    assert!(
        exported.contains("A person has approved exactly this text") && command.contains("claude "),
        "{command}"
    );
    let out = shop.path().join("target/out.xml");
    shell.run(&["plan", "export", id, "-o", out.to_str().expect("UTF-8")], 0).await;
    assert_eq!(hash(&fs::read_to_string(&out).expect("a file")), edited);
    let (_, wrong) = shell.run(&["plan", "export", id, "--template", "none"], 2).await;
    assert!(wrong.contains("no template"), "{wrong}");
    let (outcome, failed) = shell.run(&["plan", "verify", id], 1).await;
    assert!(outcome.contains("not done modify src/payment/refund.rs"), "{outcome}");
    assert_eq!(failed.trim(), "the plan is not done");
    shell.run(&["plan", "reject", id, "--note", "no"], 0).await;

    // A second one as events; then both are merged.
    let events =
        shell.json(&["plan", "Refund payments once", "--repo", repo, "--mode", "engine", "--json"]).await;
    assert_eq!(events[0]["mode"], "FINDER_MODE_ENGINE");
    let deltas: String = events.iter().filter_map(|event| event["delta"]["text"].as_str()).collect();
    let started =
        events.iter().find_map(|event| event["snapshot"]["activeText"].as_str()).unwrap_or_default();
    assert!(format!("{started}{deltas}") == PLAN || deltas == PLAN, "{events:#?}");
    let second = shell.json(&["plan", "ls", "--json"]).await[0]["planId"].as_str().expect("an id").to_owned();
    let (merged, _) = shell.run(&["plan", "merge", id, &second], 0).await;
    assert_eq!(merged, PLAN);
    // What is no plan fails.
    upstream.set_handler(|exchange| match stage_of(exchange) {
        StageKind::Unspecified => Script::openai().text("No.").done(),
        _ => clever(exchange),
    });
    let (text, failed) = shell.run(&["plan", "Refund payments", "--repo", repo, "--mode", "engine"], 1).await;
    assert!(text == "No." && failed.contains("no whole plan"), "{text} {failed}");
    let (brief, _) =
        shell.run(&["plan", "Refund payments", "--repo", repo, "--mode", "engine", "--brief"], 0).await;
    assert!(brief.contains("<evidence>"), "{brief}");
}

#[tokio::test]
async fn a_file_is_checked_and_verified_without_a_server() {
    let shop = Shop::new();
    let home = tempfile::tempdir().expect("a home");
    let run = async |arguments: &[&str], code: i32| {
        let output = Command::new(home.path()).arguments(arguments).output().await;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{arguments:?}\nstdout: {out}\nstderr: {err}");
        out
    };
    let repo = shop.path();
    let repo = repo.to_str().expect("UTF-8");
    let plan = home.path().join("plan.xml");
    let name = plan.to_str().expect("UTF-8");
    fs::write(&plan, PLAN).expect("a file");
    assert_eq!(run(&["plan", "check", name, "--repo", repo], 0).await, "");
    assert!(run(&["plan", "verify", name, "--repo", repo, "--from", "HEAD"], 1).await.contains("not done"));
    shop.write("tests/refund.rs", "// another\n");
    shop.commit("Another test");
    let drift = run(&["plan", "check", name, "--repo", repo, "--base", "HEAD~1"], 0).await;
    assert!(drift.contains("Another test") && drift.contains("[file_changed]"), "{drift}");
    run(&["plan", "check", name, "--repo", repo, "--base", "HEAD~1", "--strict"], 1).await;
    fs::write(&plan, PLAN.replace("tests/refund.rs", "test/refund.rs")).expect("a file");
    let found = run(&["plan", "check", name, "--repo", repo], 1).await;
    let place = format!("{name}:");
    assert!(
        found.starts_with(&place) && found.contains(": error: ") && found.contains("[file_missing]"),
        "{found}"
    );
    let json = run(&["plan", "check", name, "--repo", repo, "--json"], 1).await;
    let json: Value = serde_json::from_str(json.lines().next().expect("a line")).expect("JSON");
    assert_eq!(
        (json["code"].as_str(), json["severity"].as_str()),
        (Some("file_missing"), Some("FINDING_SEVERITY_ERROR"))
    );
    run(&["plan", "check", "no such file", "--repo", repo], 2).await;
    run(&["plan", "check", name, "--repo", "/no/such/folder"], 2).await;
    run(&["plan", "verify", name, "--repo", repo], 2).await;
    run(&["plan"], 2).await;

    fs::write(&plan, PLAN).expect("a file");
    for (path, text) in [
        ("src/payment/refund.rs", "pub fn refund_payment(order: u64) -> bool {\n    order > 1\n}\n"),
        ("src/payment/ledger.rs", "pub struct Ledger;\n"),
        ("tests/refund.rs", "#[test]\nfn only_once() {}\n"),
    ] {
        shop.write(path, text);
    }
    shop.commit("Refund once");
    let done = run(&["plan", "verify", name, "--repo", repo, "--from", "HEAD~1", "--to", "HEAD"], 0).await;
    assert!(done.contains("done modify tests/refund.rs"), "{done}");
}

#[tokio::test]
async fn the_audit_log_is_listed_exported_and_verified() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    upstream.set_handler(writes(PLAN));
    let banto = shop.with(&upstream).await;
    let planner = Planner::of(&banto).await;
    let plan = planner.generated("one").await;
    let shell = Shell(&banto);
    let (listed, _) = shell.run(&["audit", "ls", "--subject", &plan.plan_id], 0).await;
    assert!(listed.contains("plan.generate") && listed.contains("owner"), "{listed}");
    let (head, _) = shell.run(&["audit", "head"], 0).await;
    let file = banto.home().join("head.json");
    fs::write(&file, &head).expect("a file");
    let file = file.to_str().expect("UTF-8");
    shell.run(&["audit", "verify", "--head", file], 0).await;
    let lines = shell.json(&["audit", "export"]).await;
    assert_eq!(
        lines.last().map(|line| line["hash"].clone()),
        serde_json::from_str::<Value>(&head).ok().map(|head| head["hash"].clone())
    );
    let sql = banto_integration_tests::sql::Sql::of(&banto).await;
    sql.run("UPDATE audit_entries SET actor = 'nobody' WHERE sequence = 2").await;
    sql.close().await;
    let (_, failed) = shell.run(&["audit", "verify", "--head", file], 1).await;
    assert!(failed.contains("entry 2 was altered"), "{failed}");
}
