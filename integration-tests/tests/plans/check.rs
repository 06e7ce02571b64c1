//! The check, each of its kinds against a repository that violates it.

use super::desk::{PLAN, Planner, Shop, planning};
use banto_integration_tests::{Answer as _, upstream::Upstream};
use banto_proto::v1::{CheckPlanRequest, FindingSeverity, PlanFinding};
use std::{fs, os::unix::fs::symlink};
use tonic::Code;

/// A plan with these operations, each in a step of its own.
fn plan_of(operations: &[&str]) -> String {
    let steps: Vec<String> = operations
        .iter()
        .enumerate()
        .map(|(at, operation)| {
            format!(
                "<plan_step number=\"{}\"><title>Step</title><description>So.</description><file_operations>{operation}</file_operations></plan_step>",
                at + 1
            )
        })
        .collect();
    format!("<implementation_plan><steps>{}</steps></implementation_plan>", steps.concat())
}

fn modify(path: &str) -> String {
    format!("<operation type=\"modify\" path=\"{path}\"><changes><![CDATA[x]]></changes></operation>")
}

fn codes(findings: &[PlanFinding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.code.as_str()).collect()
}

async fn found(planner: &Planner, plan: &str, operations: &[&str]) -> Vec<PlanFinding> {
    planner.check(plan, &plan_of(operations)).await
}

#[tokio::test]
async fn each_thing_that_a_repository_contradicts_is_found_and_named() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    let (_banto, planner) = planning(&shop, &upstream).await;
    let outside = tempfile_of("secret of another house");
    symlink(outside.path(), shop.path().join("src/leak.rs")).expect("a link");
    let id = planner.generated("one").await.plan_id;
    assert!(planner.check(&id, PLAN).await.is_empty());

    let cases: [(&str, Vec<&str>); 10] = [
        ("modify", vec!["file_missing"]),
        ("delete", vec!["file_missing"]),
        ("exists", vec!["file_exists"]),
        ("symbol", vec!["symbol_missing"]),
        ("folder", vec!["path_is_folder"]),
        ("above", vec!["path_outside"]),
        ("absolute", vec!["path_outside"]),
        ("link", vec!["path_outside"]),
        ("secret", vec!["secret_path"]),
        ("moved", vec!["file_missing"]),
    ];
    let operation = |name: &str| {
        match name {
        "modify" => modify("src/pay/gateway.rs"),
        "delete" => "<operation type=\"delete\" path=\"src/gone.rs\"/>".to_owned(),
        "exists" => "<operation type=\"create\" path=\"src/cart.rs\"><changes>x</changes></operation>".replace(">x<", "><![CDATA[x]]><"),
        "symbol" => "<operation type=\"modify\" path=\"src/cart.rs\" symbols=\"Cart::add Cart::remove\"><changes><![CDATA[x]]></changes></operation>".to_owned(),
        "folder" => modify("src/payment"),
        "above" => modify("../shop/src/cart.rs"),
        "absolute" => modify("/etc/passwd"),
        "link" => modify("src/leak.rs"),
        "secret" => modify(".env"),
        _ => "<operation type=\"move\" from=\"src/none.rs\" path=\"src/new.rs\"/>".to_owned(),
    }
    };
    for (name, expected) in cases {
        let text = operation(name);
        let findings = found(&planner, &id, &[&text]).await;
        assert_eq!(codes(&findings), expected, "{name}: {findings:#?}");
        let finding = &findings[0];
        assert_eq!((finding.step, finding.line), (1, 1), "{name}");
        assert!(finding.end > finding.start && finding.column > 1, "{name}: {finding:?}");
    }

    // An evident mistake has a fix, and with it the finding is gone.
    let text = plan_of(&[&modify("src/pay/gateway.rs")]);
    let finding = planner.check(&id, &text).await.remove(0);
    let fix = finding.fix.clone().expect("a file of that name is there");
    assert_eq!(fix.replacement, "src/payment/gateway.rs");
    let (start, end) = (fix.start as usize, fix.end as usize);
    let mended = [&text[..start], &fix.replacement, &text[end..]].concat();
    assert!(planner.check(&id, &mended).await.is_empty());
    assert_eq!(finding.severity(), FindingSeverity::Error);
}

#[tokio::test]
async fn steps_are_read_in_their_order() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    let (_banto, planner) = planning(&shop, &upstream).await;
    let id = planner.generated("one").await.plan_id;
    let create =
        "<operation type=\"create\" path=\"src/new.rs\"><changes><![CDATA[x]]></changes></operation>";
    let delete = "<operation type=\"delete\" path=\"src/cart.rs\"/>";
    let used = found(&planner, &id, &[create, &modify("src/new.rs")]).await;
    assert!(used.iter().all(|finding| finding.severity() == FindingSeverity::Warning), "{used:#?}");
    let gone = found(&planner, &id, &[delete, &modify("src/cart.rs")]).await;
    assert!(codes(&gone).contains(&"file_gone"), "{gone:#?}");
    let twice = found(&planner, &id, &[&modify("src/cart.rs"), &modify("src/cart.rs")]).await;
    assert_eq!(codes(&twice), ["same_file"], "{twice:#?}");
}

#[tokio::test]
async fn what_others_committed_since_is_told() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    let (banto, planner) = planning(&shop, &upstream).await;
    let plan = planner.generated("one").await;
    shop.write("src/stock.rs", "pub fn in_stock(_: u64) -> bool { false }\n");
    shop.commit("Sell nothing");
    assert!(planner.check(&plan.plan_id, PLAN).await.is_empty(), "another file");
    shop.write("tests/refund.rs", "// now empty\n");
    shop.commit("Forget the test of refunds");
    let findings = planner.check(&plan.plan_id, PLAN).await;
    assert_eq!(codes(&findings), ["file_changed"], "{findings:#?}");
    assert!(findings[0].message.contains("Forget the test of refunds"), "{}", findings[0].message);
    assert_eq!((findings[0].path.as_str(), findings[0].step), ("tests/refund.rs", 2));
    // It is a warning: somebody who saw it may approve.
    planner.approve(&plan.plan_id, 0).await.granted();
    // Without git there is no base, and nothing to compare with.
    drop(banto);
    fs::remove_dir_all(shop.path().join(".git")).expect("git's folder");
    let banto = shop.builder().provider("openai", &upstream.base_url()).start().await;
    let planner = Planner::of(&banto).await;
    let plan = planner.generated("two").await;
    assert_eq!(plan.bases[0].commit, "");
    assert_eq!(plan.error_count, 0, "{plan:#?}");
}

#[tokio::test]
async fn form_is_judged_with_lines_and_columns() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    let (_banto, planner) = planning(&shop, &upstream).await;
    let id = planner.generated("one").await.plan_id;
    let fenced = format!("Here it is:\n```xml\n{PLAN}```\n");
    let findings = planner.check(&id, &fenced).await;
    assert_eq!(codes(&findings), ["text_before_root", "text_after_root"], "{findings:#?}");
    assert!(findings.iter().all(|finding| finding.severity() == FindingSeverity::Warning));
    let raw = PLAN.replace("<![CDATA[if refunded", "if refunded").replace("{{plan}}\n]]>", "{{plan}}\n");
    let findings = planner.check(&id, &raw).await;
    assert_eq!(codes(&findings), ["code_not_in_cdata"], "{findings:#?}");
    assert_eq!((findings[0].line, findings[0].column), (10, 20));
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>".to_owned() + PLAN;
    assert!(codes(&planner.check(&id, &bomb).await).contains(&"declaration"));
    for broken in
        ["no plan at all", "<implementation_plan>", "<implementation_plan><steps></implementation_plan>"]
    {
        let findings = planner.check(&id, broken).await;
        assert!(findings.iter().any(|finding| finding.severity() == FindingSeverity::Error), "{broken}");
    }
    let long =
        CheckPlanRequest { plan_id: id.clone(), text: "x".repeat((2 << 20) + 1), ..Default::default() };
    let refused = planner.caller.plans().check_plan(long).await.refused();
    refused.is(Code::InvalidArgument, "INVALID_INPUT").blames("text");
}

fn tempfile_of(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(file.path(), text).expect("its text");
    file
}
