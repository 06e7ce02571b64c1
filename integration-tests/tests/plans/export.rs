//! Exports: XML, Markdown, what coding agents take, templates.

use super::desk::{PLAN, Shop, hash, planning};
use banto_integration_tests::{Answer as _, upstream::Upstream};
use banto_proto::v1::{
    DeleteTemplateRequest, ExportFormat, ExportPlanRequest, ExportPlanResponse, ListTemplatesRequest,
    SaveTemplateRequest, Template,
};
use tonic::Code;

async fn export(planner: &super::desk::Planner, plan: &str, format: ExportFormat) -> ExportPlanResponse {
    let request = ExportPlanRequest { plan_id: plan.into(), format: format.into(), ..Default::default() };
    planner.caller.plans().export_plan(request).await.granted()
}

#[tokio::test]
async fn each_form_holds_the_plan_and_says_whether_it_is_approved() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    let (_banto, planner) = planning(&shop, &upstream).await;
    let id = planner.generated("one").await.plan_id;
    let xml = export(&planner, &id, ExportFormat::Xml).await;
    assert_eq!((xml.text.as_str(), xml.media_type.as_str()), (PLAN, "application/xml"));
    assert_eq!((xml.file_name.as_str(), xml.content_hash), ("plan-refund-payments-twice-r1.xml", hash(PLAN)));
    assert!(xml.command_line.is_empty() && !xml.approved);
    let markdown = export(&planner, &id, ExportFormat::Markdown).await;
    for part in [
        "Remember refunds",
        "`src/payment/refund.rs`",
        "if refunded.contains(&order) { return false; }",
        "cargo test",
    ] {
        assert!(markdown.text.contains(part), "{part}: {}", markdown.text);
    }
    let agents = [
        (ExportFormat::ClaudeCode, "claude \"$(cat "),
        (ExportFormat::Codex, "codex \"$(cat "),
        (ExportFormat::Cursor, "cursor-agent \"$(cat "),
        (ExportFormat::GeminiCli, "gemini --prompt-interactive \"$(cat "),
        (ExportFormat::Aider, "aider --message-file plan-refund-payments-twice-r1.md src/payment/ledger.rs"),
    ];
    for (format, command) in agents {
        let exported = export(&planner, &id, format).await;
        assert!(exported.command_line.starts_with(command), "{}", exported.command_line);
        assert!(
            exported.text.contains("Nobody has approved this text yet")
                && exported.text.contains("Remember refunds")
        );
    }
    planner.approve(&id, 0).await.granted();
    let exported = export(&planner, &id, ExportFormat::ClaudeCode).await;
    assert!(exported.approved && exported.text.contains("A person has approved exactly this text"));
    let step = ExportPlanRequest {
        plan_id: id.clone(),
        format: ExportFormat::Markdown.into(),
        step: 2,
        ..Default::default()
    };
    let one = planner.caller.plans().export_plan(step.clone()).await.granted().text;
    assert!(one.contains("Test it") && !one.contains("Remember refunds"));
    let none = ExportPlanRequest { step: 9, ..step };
    planner
        .caller
        .plans()
        .export_plan(none)
        .await
        .refused()
        .is(Code::InvalidArgument, "INVALID_INPUT")
        .blames("step");
}

#[tokio::test]
async fn a_template_is_filled_once_and_literally() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    let (mut banto, planner) = planning(&shop, &upstream).await;
    let id = planner.generated("one").await.plan_id;
    let text = "# {{title}} ({{step}})\n{{workspace}}\n{{files}}\n{{plan_xml}}|{{unknown}}|{{ plan }}|$&";
    let request = SaveTemplateRequest { name: "Mine".into(), text: text.into(), ..Default::default() };
    let mut settings = planner.caller.settings();
    let made: Template =
        settings.save_template(request.clone()).await.granted().template.expect("a template");
    settings
        .save_template(request.clone())
        .await
        .refused()
        .is(Code::InvalidArgument, "INVALID_INPUT")
        .blames("name");
    let change =
        SaveTemplateRequest { template_id: made.template_id.clone(), expected_version: 7, ..request.clone() };
    settings.save_template(change.clone()).await.refused().is(Code::Aborted, "VERSION_CONFLICT");
    let changed =
        settings.save_template(SaveTemplateRequest { expected_version: 1, ..change }).await.granted();
    assert_eq!(changed.template.map(|template| template.version), Some(2));
    banto.kill().await;
    banto.restart().await;
    let planner = planner.at(&banto);
    let request = ExportPlanRequest {
        plan_id: id,
        format: ExportFormat::Template.into(),
        template_id: made.template_id.clone(),
        ..Default::default()
    };
    let exported = planner.caller.plans().export_plan(request.clone()).await.granted().text;
    let expected = format!(
        "# Refund payments twice ()\n{}\nsrc/payment/ledger.rs\nsrc/payment/refund.rs\ntests/refund.rs\n{PLAN}|{{{{unknown}}}}|{{{{ plan }}}}|$&",
        shop.path().file_name().expect("a name").to_string_lossy(),
    );
    assert_eq!(exported, expected);
    let mut settings = planner.caller.settings();
    settings.delete_template(DeleteTemplateRequest { template_id: made.template_id }).await.granted();
    assert!(settings.list_templates(ListTemplatesRequest {}).await.granted().templates.is_empty());
    planner.caller.plans().export_plan(request).await.refused().is(Code::NotFound, "TEMPLATE_NOT_FOUND");
}
