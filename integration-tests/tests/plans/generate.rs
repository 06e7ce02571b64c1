//! Plans by a model of each wire format, and without one.

use super::desk::{PLAN, Planner, REFUND, Shop, hash, planning, told, writes};
use banto_integration_tests::{
    Answer as _,
    upstream::{Format, Script, Upstream},
};
use banto_proto::v1::{
    EstimatePlanRequest, FailureKind, FileChoice, FileDecision, FinderMode, GeneratePlanRequest,
    GetJobRequest, GetTaskRequest, JobType, ListPlansRequest, MaterialShare, PlanOrigin, PlanReview,
    RevisionAuthor, RunState, SelectFilesRequest, StartFileFinderRequest, UpdatePreferencesRequest,
};
use tonic::Code;

#[tokio::test]
async fn a_model_writes_a_plan_and_all_of_it_is_kept() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    let (mut banto, planner) = planning(&shop, &upstream).await;
    let request = GeneratePlanRequest {
        instructions: "Mind $& and {{task}}.".into(),
        include_tree: true,
        ..planner.request("one")
    };
    let begun = planner.try_generate(request.clone()).await.granted();
    let plan = planner.ended(&begun.plan_id).await;
    assert_eq!(
        (plan.state(), plan.origin(), plan.review()),
        (RunState::Completed, PlanOrigin::Model, PlanReview::Open)
    );
    assert_eq!((plan.step_count, plan.operation_count, plan.error_count, plan.version), (2, 3, 0, 1));
    assert_eq!(plan.title, "Refund payments twice");
    assert_eq!(plan.bases.len(), 1);
    assert_eq!((plan.bases[0].commit.len(), plan.bases[0].dirty), (40, false));
    let shown = planner.open(&plan.plan_id).await;
    assert_eq!(shown.text, PLAN, "byte for byte");
    let revision = shown.revision.expect("a revision");
    assert_eq!((revision.author(), revision.number), (RevisionAuthor::Model, 1));
    assert_eq!((revision.content_hash, revision.size_bytes), (hash(PLAN), PLAN.len() as u64));

    // What was sent: the task, the files with their contents, the list of files.
    let sent = told(&upstream.request(0).await);
    for part in [REFUND, "pub fn refund_payment", "a_refund_is_given", "src/cart.rs", "Mind $& and {{task}}."]
    {
        assert!(sent.contains(part), "{part}: {sent}");
    }
    assert!(!sent.contains("canary-of-the-bank") && !sent.contains("pub struct Cart"), "{sent}");
    let shares: Vec<_> = plan.material.iter().map(|file| (file.path.as_str(), file.share())).collect();
    assert_eq!(
        shares,
        [("src/payment/refund.rs", MaterialShare::Whole), ("tests/refund.rs", MaterialShare::Whole)]
    );

    // The job has the exact prompt, the response and the cost; the task counts it.
    let job =
        planner.caller.jobs().get_job(GetJobRequest { job_id: revision.job_id.clone() }).await.granted();
    let row = job.job.expect("a job");
    assert_eq!((row.job_type(), row.plan_id.as_str()), (JobType::ImplementationPlan, plan.plan_id.as_str()));
    assert_eq!(job.response, PLAN);
    assert!(job.prompt.iter().all(|part| sent.contains(&part.text)));
    assert_eq!(plan.usage.and_then(|usage| usage.output_tokens), Some(200));
    let task =
        planner.caller.tasks().get_task(GetTaskRequest { task_id: planner.task.clone() }).await.granted();
    assert_eq!(task.task.and_then(|task| task.usage).and_then(|usage| usage.input_tokens), Some(1_000));

    // The same request is the same plan, also after kill -9.
    banto.kill().await;
    banto.restart().await;
    let planner = planner.at(&banto);
    assert_eq!(planner.try_generate(request).await.granted().plan_id, plan.plan_id);
    assert_eq!(planner.open(&plan.plan_id).await.text, PLAN);
    assert_eq!(upstream.requests().await.len(), 1);
}

#[tokio::test]
async fn every_wire_format_writes_the_same_plan() {
    let shop = Shop::new();
    for (id, format) in
        [("openai", Format::Openai), ("anthropic", Format::Anthropic), ("gemini", Format::Gemini)]
    {
        let upstream = Upstream::start().await;
        upstream.set_handler(move |_| {
            // Cut at places that mean nothing to XML.
            let pieces = PLAN.char_indices().step_by(7).map(|(at, _)| at).collect::<Vec<_>>();
            let ends = pieces.iter().skip(1).copied().chain([PLAN.len()]);
            let texts: Vec<&str> = pieces.iter().zip(ends).map(|(from, to)| &PLAN[*from..to]).collect();
            Script::of(format).texts(texts).usage(10, 20).done().split_every_byte()
        });
        let banto = shop.builder().provider(id, &upstream.base_url()).start().await;
        let planner = Planner::of(&banto).await;
        let plan = planner.generated("one").await;
        assert_eq!(plan.state(), RunState::Completed, "{id}: {plan:#?}");
        assert_eq!(planner.open(&plan.plan_id).await.text, PLAN, "{id}");
    }
}

#[tokio::test]
async fn what_is_cut_off_or_no_plan_is_kept_and_never_completed() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    let banto = shop.with(&upstream).await;
    let planner = Planner::of(&banto).await;
    let half = &PLAN[..PLAN.find("<bash_commands>").expect("there")];
    let cases = [
        ("cut", Script::openai().text(half).cut(), half, RunState::ProviderFailed, FailureKind::Network),
        ("half", Script::openai().text(half).usage(1, 1).done(), half, RunState::Failed, FailureKind::Answer),
        (
            "prose",
            Script::openai().text("I can't.").done(),
            "I can't.",
            RunState::Failed,
            FailureKind::Answer,
        ),
        ("nothing", Script::openai().done(), "", RunState::Failed, FailureKind::Answer),
        ("refused", Script::status(401).error("no"), "", RunState::ProviderFailed, FailureKind::Auth),
    ];
    for (name, script, text, state, kind) in cases {
        upstream.push(script);
        let plan = planner.generated(name).await;
        assert_eq!(
            (plan.state(), plan.failure.as_ref().map(|failure| failure.kind())),
            (state, Some(kind)),
            "{name}"
        );
        let shown = planner.open(&plan.plan_id).await;
        assert_eq!(shown.text, text, "{name}");
        if text.is_empty() {
            assert!(plan.head_revision_id.is_empty(), "{name}: there is nothing to show");
            continue;
        }
        assert!(plan.error_count > 0, "{name}: {plan:#?}");
        let refused = planner.approve(&plan.plan_id, 0).await.refused();
        refused.is(Code::FailedPrecondition, "PLAN_NOT_SOUND");
        // By hand it becomes a plan.
        let saved = planner.save(&plan.plan_id, plan.version, PLAN).await.granted();
        assert!(saved.findings.is_empty(), "{name}: {:?}", saved.findings);
        planner.approve(&plan.plan_id, 0).await.granted();
    }
}

#[tokio::test]
async fn without_a_model_there_is_a_brief_that_the_check_passes() {
    let shop = Shop::new();
    let banto = shop.builder().start().await;
    let planner = Planner::with(&banto, &["docs/payments.md"]).await;
    let find = StartFileFinderRequest {
        task_id: planner.task.clone(),
        mode: FinderMode::Engine.into(),
        ..Default::default()
    };
    let mut task = planner.caller.tasks();
    planner.caller.workflows().start_file_finder(find).await.granted();
    banto_integration_tests::eventually("the files", async || {
        let request = GetTaskRequest { task_id: planner.task.clone() };
        let task = task.get_task(request).await.granted().task.expect("a task");
        (task.active_workflow_id.is_empty() && task.file_count > 1).then_some(())
    })
    .await;
    // Nobody said whether a model writes it.
    let plan = planner.try_generate(planner.request("one")).await.granted();
    assert_eq!(
        (plan.origin(), plan.state(), plan.error_count, plan.warning_count),
        (PlanOrigin::Brief, RunState::Completed, 0, 0)
    );
    let shown = planner.open(&plan.plan_id).await;
    assert_eq!(shown.revision.expect("a revision").author(), RevisionAuthor::Finder);
    let document = &shown.text;
    for part in [
        "src/payment/refund.rs",
        "symbols=\"refund_payment",
        "tests/refund.rs",
        "<evidence>",
        "a person chose it",
    ] {
        assert!(document.contains(part), "{part}: {document}");
    }
    assert_eq!(document.matches("<operation ").count(), document.matches("<evidence>").count());
    assert!(planner.check(&plan.plan_id, document).await.is_empty());
    planner.approve(&plan.plan_id, 0).await.granted();
    let asks = GeneratePlanRequest { origin: PlanOrigin::Model.into(), ..planner.request("two") };
    planner.try_generate(asks).await.refused().is(Code::FailedPrecondition, "MODEL_REQUIRED");
}

#[tokio::test]
async fn several_drafts_stand_side_by_side_and_what_is_asked_is_told_first() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    upstream.set_handler(writes(PLAN));
    let prices = "[[prices]]\nprovider = \"openai\"\nmodel = \"test-model\"\ninput = 1.0\noutput = 2.0\nas_of = \"2026-11-01\"\n";
    let banto = shop.builder().tables(prices).provider("openai", &upstream.base_url()).start().await;
    let planner = Planner::of(&banto).await;
    let request = EstimatePlanRequest { task_id: planner.task.clone(), ..Default::default() };
    let estimate = planner.caller.plans().estimate_plan(request).await.granted();
    assert_eq!((estimate.origin(), estimate.model.as_str()), (PlanOrigin::Model, "test-model"));
    assert!(estimate.input_tokens > 500 && estimate.output_tokens == 16_384 && !estimate.needs_consent);
    assert_eq!(estimate.input_nano_usd, Some(estimate.input_tokens * 1_000));
    assert_eq!(estimate.output_nano_usd, Some(16_384 * 2_000));
    assert_eq!(estimate.material.len(), 2);
    assert!(upstream.requests().await.is_empty(), "nothing was sent");

    let one = planner.generated("one").await;
    let two = planner.generated("two").await;
    assert_ne!(one.plan_id, two.plan_id);
    let sent = upstream.request(0).await;
    let bytes: usize = told(&sent).len();
    assert!(estimate.input_tokens >= bytes as u64 / 3, "{} for {bytes} bytes", estimate.input_tokens);
    let request = ListPlansRequest { task_id: planner.task.clone(), ..Default::default() };
    let listed = planner.caller.plans().list_plans(request).await.granted().plans;
    assert_eq!(listed.iter().map(|plan| &plan.plan_id).collect::<Vec<_>>(), [&two.plan_id, &one.plan_id]);
}

#[tokio::test]
async fn what_does_not_fit_is_cut_and_listed() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    upstream.set_handler(writes(PLAN));
    let long: String = (0..4_000).map(|line| format!("fn function_{line}() {{}}\n")).collect();
    shop.write("src/long.rs", &long);
    shop.commit("Add a long file");
    let builder = shop.builder().set("limits.context_tokens", 6_000);
    let banto = builder.provider("openai", &upstream.base_url()).start().await;
    let planner = Planner::with(&banto, &["src/long.rs", "src/payment/refund.rs", ".env"]).await;
    let plan = planner.generated("one").await;
    let shares: Vec<_> =
        plan.material.iter().map(|file| (file.path.as_str(), file.share(), file.why.as_str())).collect();
    assert_eq!(
        shares,
        [
            (".env", MaterialShare::Nothing, "it looks like it holds secrets"),
            ("src/long.rs", MaterialShare::Parts, "there was no room for all of it"),
            ("src/payment/refund.rs", MaterialShare::Whole, ""),
        ]
    );
    let sent = told(&upstream.request(0).await);
    assert!(sent.contains("fn function_3()") && !sent.contains("fn function_3000()"));
    assert!(!sent.contains("canary-of-the-bank") && !sent.contains(".env"), "not even its path");
    assert!(sent.len() / 3 < 6_000, "{}", sent.len());
}

#[tokio::test]
async fn consent_spending_and_an_empty_task_are_asked_before_anything_is_sent() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    upstream.set_handler(writes(PLAN));
    let prices = "[[prices]]\nprovider = \"openai\"\nmodel = \"test-model\"\ninput = 1000.0\noutput = 1000.0\nas_of = \"2026-11-01\"\n";
    let banto = shop.builder().tables(prices).provider("openai", &upstream.base_url()).start().await;
    let planner = Planner::of(&banto).await;
    let empty = Planner::with(&banto, &[]).await;
    empty.try_generate(empty.request("one")).await.refused().is(Code::FailedPrecondition, "NO_FILES");
    planner.generated("one").await;
    let mut settings = planner.caller.settings();
    let current = settings.get_preferences(banto_proto::v1::GetPreferencesRequest {}).await.granted();
    let mut preferences = current.preferences.expect("preferences");
    preferences.task_spend_limit_nano_usd = Some(1);
    let update = UpdatePreferencesRequest { preferences: Some(preferences), ..Default::default() };
    settings.update_preferences(update).await.granted();
    let refused = planner.try_generate(planner.request("two")).await.refused();
    refused.is(Code::ResourceExhausted, "LIMIT_EXCEEDED");
    assert_eq!(upstream.requests().await.len(), 1);
    // A brief costs nothing.
    assert_eq!(planner.brief().await.state(), RunState::Completed);
    let none = FileDecision { path: "src/payment/refund.rs".into(), choice: FileChoice::Excluded.into() };
    let request =
        SelectFilesRequest { task_id: planner.task.clone(), decisions: vec![none], ..Default::default() };
    planner.caller.tasks().select_files(request).await.granted();
    let brief = GeneratePlanRequest { origin: PlanOrigin::Brief.into(), ..planner.request("three") };
    let brief = planner.try_generate(brief).await.granted();
    assert!(!planner.open(&brief.plan_id).await.text.contains("src/payment/refund.rs"));
}
