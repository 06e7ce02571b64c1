//! The finder with a model.

use super::desk::{REFUND, Shop, Writer, answer, artifact, clever, stage_of, states, told};
use banto_integration_tests::{
    Answer as _,
    upstream::{Script, Upstream},
};
use banto_proto::v1::{
    FailureKind, FileSource, FinderMode, GetJobRequest, GrantProviderRequest, ReasonKind, RunState,
    StageKind, StartFileFinderRequest, stage_artifact::Kind,
};
use serde_json::json;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tonic::Code;

#[tokio::test]
async fn a_model_judges_what_the_engine_found() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    upstream.set_handler(clever);
    let banto = shop.with(&upstream).await;
    let writer = Writer::of(&banto);
    let task = writer.task(REFUND).await;
    let ended = writer.found(&task.task_id, FinderMode::Unspecified).await;
    assert_eq!((ended.state(), ended.mode()), (RunState::Completed, FinderMode::Assisted), "{ended:#?}");
    let Kind::RelevantFiles(relevant) = artifact(&ended, StageKind::FileRelevanceAssessment) else {
        panic!()
    };
    let refund = relevant.files.iter().find(|file| file.path == "src/payment/refund.rs").expect("it");
    assert_eq!((refund.model_score, refund.relevant), (Some(0.95), true));
    assert_eq!(refund.reasons[0].kind(), ReasonKind::Model);
    let files = writer.get(&task.task_id).await.1;
    let extended = files.iter().find(|file| file.path == "docs/payments.md").expect("the model named it");
    assert_eq!(extended.source(), FileSource::Extended);
    assert!(!files.iter().any(|file| file.path == "src/cart.rs"), "the model rejected it: {files:#?}");
}

#[tokio::test]
async fn t15_jobs_hold_what_was_sent_and_totals_add_up() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    upstream.set_handler(clever);
    let price = "[[prices]]\nprovider = \"openai\"\nmodel = \"test-model\"\ninput = 10.0\n\
                 output = 20.0\nas_of = 2026-11-01";
    let banto = shop.builder().provider("openai", &upstream.base_url()).tables(price).start().await;
    let writer = Writer::of(&banto);
    let task = writer.task(REFUND).await;
    let ended = writer.found(&task.task_id, FinderMode::Assisted).await;
    assert_eq!(ended.state(), RunState::Completed, "{ended:#?}");
    let jobs = writer.jobs(&ended.workflow_id).await;
    let requests = upstream.requests().await;
    assert_eq!(jobs.len(), requests.len());
    let sent: Vec<_> = requests.iter().map(told).collect();
    for job in &jobs {
        let request = GetJobRequest { job_id: job.job_id.clone() };
        let stored = writer.0.jobs().get_job(request).await.granted();
        let text: Vec<_> = stored.prompt.iter().map(|part| part.text.as_str()).collect();
        assert!(sent.contains(&text.join("\n")), "each job has the request that was sent");
        assert!(!stored.response.is_empty() && job.task_id == task.task_id);
    }
    let number = jobs.len() as u64;
    let cost = number * (100 * 10_000 + 20 * 20_000);
    let of_stages: u64 = ended.stages.iter().filter_map(|stage| stage.usage.as_ref()?.cost_nano_usd).sum();
    let of_task = writer.get(&task.task_id).await.0.usage.and_then(|usage| usage.cost_nano_usd);
    let of_workflow = ended.usage.and_then(|usage| usage.cost_nano_usd);
    assert_eq!((of_stages, of_workflow, of_task), (cost, Some(cost), Some(cost)));
    let named: usize = ended.stages.iter().map(|stage| stage.job_ids.len()).sum();
    assert_eq!(named, jobs.len());
}

#[tokio::test]
async fn t07_paths_that_a_model_makes_up_are_rejected_with_the_reason() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    std::os::unix::fs::symlink("/etc", shop.path().join("src/etc")).expect("a link");
    upstream.set_handler(|exchange| match stage_of(exchange) {
        StageKind::RootFolderSelection => answer(&json!({"folders": ["src/nowhere", "/etc", "../.."]})),
        StageKind::ExtendedPathFinder => answer(&json!({"files": [
            {"path": "/etc/passwd", "relevance": 90, "reason": "secrets"},
            {"path": "../outside.rs", "relevance": 90, "reason": "near"},
            {"path": "src/etc/passwd", "relevance": 90, "reason": "by a link"},
            {"path": "src/invented.rs", "relevance": 90, "reason": "made up"},
            {"path": "src/stock.rs", "relevance": 90, "reason": "real"},
        ]})),
        StageKind::FileRelevanceAssessment => answer(&json!({"files": [
            {"path": "src/payment/refund.rs", "relevance": 90, "reason": "it"},
            {"path": "src/imaginary.rs", "relevance": 99, "reason": "no"},
        ]})),
        _ => clever(exchange),
    });
    let banto = shop.with(&upstream).await;
    let writer = Writer::of(&banto);
    let task = writer.task(REFUND).await;
    let ended = writer.found(&task.task_id, FinderMode::Assisted).await;
    assert_eq!(ended.state(), RunState::Completed, "{ended:#?}");
    let Kind::SelectedRoots(roots) = artifact(&ended, StageKind::RootFolderSelection) else { panic!() };
    assert_eq!((roots.dropped.len(), roots.fell_back, roots.roots[0].path.as_str()), (3, true, "."));
    let Kind::RelevantFiles(relevant) = artifact(&ended, StageKind::FileRelevanceAssessment) else {
        panic!()
    };
    assert_eq!(relevant.dropped[0].what, "src/imaginary.rs");
    let Kind::VerifiedPaths(verified) = artifact(&ended, StageKind::ExtendedPathFinder) else { panic!() };
    let dropped: Vec<_> = verified.dropped.iter().map(|it| (it.what.as_str(), it.why.as_str())).collect();
    assert_eq!(
        dropped,
        [
            ("/etc/passwd", "it leads out of the workspace"),
            ("../outside.rs", "it leads out of the workspace"),
            ("src/etc/passwd", "a link there leads out of the workspace"),
            ("src/invented.rs", "there is no such file in the workspace"),
        ]
    );
    assert!(writer.counted(&task.task_id).await.contains(&"src/stock.rs".to_owned()));
}

#[tokio::test]
async fn t08_a_task_arrives_unchanged_whatever_is_in_it() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    upstream.set_handler(clever);
    let banto = shop.with(&upstream).await;
    let writer = Writer::of(&banto);
    let text = "Refund </task> $& $1 {{mark}} {{{x}}} \\{{y}} <material-1> & \"quotes\" refund_payment";
    shop.write("src/payment/refund.rs", format!("// {text}\npub fn refund_payment() {{}}\n"));
    let task = writer.task(text).await;
    let ended = writer.found(&task.task_id, FinderMode::Assisted).await;
    assert_eq!(ended.state(), RunState::Completed, "{ended:#?}");
    let requests = upstream.requests().await;
    assert!(requests.iter().all(|exchange| told(exchange).contains(text)));
    let judged = requests.iter().filter(|exchange| stage_of(exchange) == StageKind::FileRelevanceAssessment);
    let content = format!("// {text}\n");
    assert!(
        judged.into_iter().any(|exchange| told(exchange).contains(&content)),
        "contents are unchanged too"
    );
}

#[tokio::test]
async fn t13_consent_is_asked_before_any_content_leaves() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    upstream.set_handler(clever);
    // Another name for this machine, which nobody can know to be this machine.
    let away = upstream.base_url().replace("127.0.0.1", "0.0.0.0");
    let banto = shop.builder().provider("openai", &away).start().await;
    let writer = Writer::of(&banto);
    let task = writer.task(REFUND).await;
    for mode in [FinderMode::Assisted, FinderMode::Model] {
        let request =
            StartFileFinderRequest { task_id: task.task_id.clone(), mode: mode.into(), ..Default::default() };
        let refused = writer.try_find(request).await.refused();
        let refused = refused.is(Code::FailedPrecondition, "CONSENT_REQUIRED");
        assert_eq!(refused.metadata["provider_id"], "openai");
    }
    let alone = writer.found(&task.task_id, FinderMode::Unspecified).await;
    assert_eq!(alone.mode(), FinderMode::Engine);
    assert!(alone.mode_reason.contains("openai"), "{}", alone.mode_reason);
    let asked = upstream.requests().await;
    assert!(asked.is_empty(), "nothing was sent");

    let grant = GrantProviderRequest { provider_id: "openai".into(), ..Default::default() };
    writer.0.workspaces().grant_provider(grant).await.granted();
    let judged = writer.found(&task.task_id, FinderMode::Unspecified).await;
    assert_eq!((judged.mode(), judged.state()), (FinderMode::Assisted, RunState::Completed), "{judged:#?}");
}

#[tokio::test]
async fn t13_files_that_look_like_secrets_never_leave() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    upstream.set_handler(clever);
    let words = "refund_payment gives money back twice for an order\n";
    let key = ["-----BEGIN ", "PRIVATE KEY-----\ncanary-of-a-key\n"].concat();
    shop.write("src/payment/key.rs", format!("// {words}// {key}"));
    shop.write("src/payment/.env", format!("# {words}BANK=canary-of-the-bank\n"));
    let banto = shop.with(&upstream).await;
    let writer = Writer::of(&banto);
    for mode in [FinderMode::Assisted, FinderMode::Model] {
        let task = writer.task(REFUND).await;
        let ended = writer.found(&task.task_id, mode).await;
        assert_eq!(ended.state(), RunState::Completed, "{ended:#?}");
        let files = writer.get(&task.task_id).await.1;
        let secrets =
            files.iter().filter(|file| file.path.ends_with("key.rs") || file.path.ends_with(".env"));
        assert!(secrets.into_iter().all(|file| file.looks_secret));
    }
    for exchange in upstream.requests().await {
        let told = told(&exchange);
        assert!(!told.contains("canary-of"), "{told}");
        assert!(!told.contains(".env"), "not even its name: {told}");
    }
}

#[tokio::test]
async fn t11_a_stage_that_fails_once_is_begun_again() {
    for broken in ["nonsense", "cut"] {
        let (shop, upstream) = (Shop::new(), Upstream::start().await);
        let asked = Arc::new(AtomicUsize::new(0));
        upstream.set_handler(move |exchange| {
            let first = stage_of(exchange) == StageKind::FileRelevanceAssessment
                && asked.fetch_add(1, Ordering::Relaxed) == 0;
            match (first, broken) {
                (true, "nonsense") => Script::openai().text("I would rather not.").usage(1, 1).done(),
                (true, _) => Script::openai().text("{\"files\": [").cut(),
                _ => clever(exchange),
            }
        });
        let banto = shop.with(&upstream).await;
        let writer = Writer::of(&banto);
        let task = writer.task(REFUND).await;
        let ended = writer.found(&task.task_id, FinderMode::Assisted).await;
        assert_eq!(ended.state(), RunState::Completed, "{broken}: {ended:#?}");
        let attempts: Vec<_> = ended.stages.iter().map(|stage| stage.attempt).collect();
        assert_eq!(attempts, [1, 1, 2, 1], "{broken}");
    }
}

#[tokio::test]
async fn t11_a_stage_that_always_fails_ends_the_workflow_with_its_reason() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    upstream.set_handler(|exchange| match stage_of(exchange) {
        StageKind::RegexFileFilter => Script::openai().text("{\"groups\": \"many\"}").done(),
        _ => clever(exchange),
    });
    let banto = shop.with(&upstream).await;
    let writer = Writer::of(&banto);
    let task = writer.task(REFUND).await;
    let ended = writer.found(&task.task_id, FinderMode::Assisted).await;
    let failure = ended.failure.clone().expect("a reason");
    assert_eq!((ended.state(), failure.kind()), (RunState::Failed, FailureKind::Answer), "{ended:#?}");
    assert_eq!(states(&ended)[..3], [RunState::Completed, RunState::Failed, RunState::Queued]);
    assert_eq!(ended.stages[1].attempt, 3);
    assert!(writer.get(&task.task_id).await.0.active_workflow_id.is_empty());
    // A key that is refused will be refused again: nothing is tried twice.
    upstream.set_handler(|_| Script::status(401).error("no"));
    let ended = writer.found(&task.task_id, FinderMode::Assisted).await;
    let failure = ended.failure.expect("a reason");
    assert_eq!((ended.state.try_into(), failure.kind()), (Ok(RunState::ProviderFailed), FailureKind::Auth));
    assert_eq!(ended.stages[0].attempt, 1);
}

#[tokio::test]
async fn a_bad_pattern_of_a_model_is_reported_and_skipped() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    upstream.set_handler(|exchange| match stage_of(exchange) {
        StageKind::RegexFileFilter => answer(&json!({"groups": [
            {"title": "broken", "path": "(unclosed"},
            {"title": "huge", "path": "(a{1000}){1000}"},
            {"title": "good", "path": "^src/stock"},
        ]})),
        _ => clever(exchange),
    });
    let banto = shop.with(&upstream).await;
    let writer = Writer::of(&banto);
    let task = writer.task(REFUND).await;
    let ended = writer.found(&task.task_id, FinderMode::Model).await;
    assert_eq!(ended.state(), RunState::Completed, "{ended:#?}");
    let Kind::FilteredFiles(filtered) = artifact(&ended, StageKind::RegexFileFilter) else { panic!() };
    assert_eq!(filtered.dropped.len(), 2, "{filtered:#?}");
    assert_eq!(filtered.paths, ["src/stock.rs"]);
    assert_eq!((filtered.groups.len(), filtered.groups[0].match_count), (1, 1));
}

#[tokio::test]
async fn t06_no_request_exceeds_the_window() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    upstream.set_handler(|exchange| match stage_of(exchange) {
        StageKind::RegexFileFilter => answer(&json!({"groups": [{"title": "all", "path": "payment"}]})),
        _ => clever(exchange),
    });
    let line = "pub fn refund_payment_twice(order: u64) -> bool { order > 0 }\n";
    shop.write("src/payment/giant.rs", line.repeat(6_000));
    for number in 0..60 {
        shop.write(&format!("src/payment/many/refund{number}.rs"), line.repeat(40));
    }
    let banto = shop
        .builder()
        .provider("openai", &upstream.base_url())
        .set("limits.context_tokens", 4_000)
        .set("limits.reply_tokens", 500)
        .start()
        .await;
    let writer = Writer::of(&banto);
    for mode in [FinderMode::Assisted, FinderMode::Model] {
        let task = writer.task(REFUND).await;
        let ended = writer.found(&task.task_id, mode).await;
        assert_eq!(ended.state(), RunState::Completed, "{ended:#?}");
    }
    let requests = upstream.requests().await;
    assert!(requests.len() > 60, "the giant file came in parts: {}", requests.len());
    for exchange in requests {
        let tokens = told(&exchange).len().div_ceil(3);
        assert!(tokens <= 4_000, "{tokens} tokens in {:?}", stage_of(&exchange));
    }
}
