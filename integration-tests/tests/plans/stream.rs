//! Live text: at once, from any place, after a reload, a restart and a cancellation.

use super::desk::{PLAN, Planner, Shop, View, planning, writes};
use banto_integration_tests::{
    Answer as _,
    feed::named,
    upstream::{Gate, Script, Upstream},
};
use banto_proto::v1::{
    CancelJobRequest, FailureKind, GetJobRequest, PlanSubject, PlansSubject, RunState, plan_update,
    plans_update, subject, subject_update::Kind,
};

#[tokio::test]
async fn text_arrives_as_it_is_written_and_a_reader_can_come_back_at_every_piece() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    // Each piece waits until it was seen.
    let pieces: Vec<&str> = PLAN.split_inclusive("\n").collect();
    let gates: Vec<Gate> = pieces.iter().map(|_| Gate::new()).collect();
    let script = pieces
        .iter()
        .zip(&gates)
        .fold(Script::openai(), |script, (piece, gate)| script.text(*piece).pause(gate));
    upstream.push(script.usage(1, 1).done());
    let banto = shop.with(&upstream).await;
    let planner = Planner::of(&banto).await;
    let plan = planner.try_generate(planner.request("one")).await.granted();
    let mut watched = planner.watch(&plan.plan_id).await;
    let mut so_far = String::new();
    for (piece, gate) in pieces.iter().zip(&gates) {
        so_far.push_str(piece);
        let expected = so_far.clone();
        watched
            .until("the piece", |view| view.writing.as_ref().is_some_and(|(_, text)| *text == expected))
            .await;
        // One that comes only now sees the same, and so does one that comes back.
        let mut late = planner.watch(&plan.plan_id).await;
        late.until("all so far", |view| view.writing.as_ref().is_some_and(|(_, text)| *text == expected))
            .await;
        let before = View {
            epoch: late.epoch.clone(),
            sequence: late.sequence,
            writing: late.writing.clone(),
            ..View::default()
        };
        let mut back = planner.resume(&plan.plan_id, before).await;
        back.until("the view again", |view| view.resumed).await;
        gate.open();
    }
    watched.until_ended().await;
    assert_eq!(watched.written, PLAN);
    assert_eq!(watched.resets, 0);
    // From the beginning of the log it is the same.
    let first = View { epoch: watched.epoch.clone(), sequence: 1, ..View::default() };
    let first = View { writing: Some((watched.revisions[0].revision_id.clone(), String::new())), ..first };
    let mut again = planner.resume(&plan.plan_id, first).await;
    again.until_ended().await;
    assert_eq!(again.written, PLAN);
}

#[tokio::test]
async fn a_cancelled_plan_keeps_its_text_and_the_connection_is_closed() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    let gate = Gate::new();
    let half = &PLAN[..200];
    upstream.push(Script::openai().text(half).pause(&gate).done());
    let banto = shop.with(&upstream).await;
    let planner = Planner::of(&banto).await;
    let plan = planner.try_generate(planner.request("one")).await.granted();
    let mut watched = planner.watch(&plan.plan_id).await;
    watched.until_text(half).await;
    let job_id = planner.plan(&plan.plan_id).await.active_job_id;
    assert_eq!(
        planner
            .caller
            .jobs()
            .get_job(GetJobRequest { job_id: job_id.clone() })
            .await
            .granted()
            .job
            .map(|job| job.state()),
        Some(RunState::Running)
    );
    let cancelled = planner.caller.jobs().cancel_job(CancelJobRequest { job_id }).await.granted();
    assert!(cancelled.cancelled);
    upstream.until_connections(0).await;
    watched.until_ended().await;
    assert_eq!(watched.plan.state(), RunState::Cancelled);
    assert_eq!(watched.written, half);
    assert_eq!(planner.open(&plan.plan_id).await.text, half);
}

#[tokio::test]
async fn a_crash_in_the_middle_leaves_what_was_durable() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    let gate = Gate::new();
    let (first, rest) = PLAN.split_at(300);
    upstream.push(Script::openai().text(first).pause(&gate).text(rest).done());
    let mut banto = shop.with(&upstream).await;
    let planner = Planner::of(&banto).await;
    let plan = planner.try_generate(planner.request("one")).await.granted();
    let mut watched = planner.watch(&plan.plan_id).await;
    watched.until_text(first).await;
    // A group is committed after some 40 ms; the test waits for the row.
    let sql = banto_integration_tests::sql::Sql::of(&banto).await;
    banto_integration_tests::eventually("the checkpoint", async || {
        (sql.number("SELECT COUNT(*) FROM text_chunks").await > 0).then_some(())
    })
    .await;
    sql.close().await;
    banto.kill().await;
    banto.restart().await;
    let planner = planner.at(&banto);
    let shown = planner.open(&plan.plan_id).await;
    let row = shown.plan.expect("a plan");
    assert_eq!((row.state(), row.active_revision_id.as_str()), (RunState::Interrupted, ""));
    assert_eq!(shown.text, first);
    // The client that watched comes back and cuts its text to what is durable.
    let mut back = planner.resume(&plan.plan_id, watched.kept()).await;
    back.until_ended().await;
    assert_eq!(back.written, first);
    assert_eq!(upstream.requests().await.len(), 1, "nothing is asked again by itself");
    let saved = planner.save(&plan.plan_id, row.version, PLAN).await.granted();
    assert_eq!(saved.plan.map(|plan| plan.version), Some(2));
}

#[tokio::test]
async fn a_retry_is_seen_and_a_limit_ends_it() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    upstream.push(Script::status(429).error("slow down"));
    upstream.push(Script::openai().text(PLAN).usage(1, 1).done());
    upstream.push(Script::openai().flood(&"x".repeat(2_000)));
    let banto = shop.with(&upstream).await;
    let planner = Planner::of(&banto).await;
    let plan = planner.generated("one").await;
    assert_eq!(plan.state(), RunState::Completed);
    let job_id = planner.open(&plan.plan_id).await.revision.expect("a revision").job_id;
    let job = planner.caller.jobs().get_job(GetJobRequest { job_id }).await.granted().job.expect("a job");
    assert_eq!(job.attempts.len(), 2);
    let endless = planner.generated("two").await;
    assert_eq!(endless.failure.map(|failure| failure.kind()), Some(FailureKind::OutputLimit));
    assert!(planner.open(&endless.plan_id).await.text.len() <= 1 << 20);
}

#[tokio::test]
async fn a_list_of_plans_and_a_plan_are_subjects_of_one_stream() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    let (banto, planner) = planning(&shop, &upstream).await;
    let plans = PlansSubject { task_id: planner.task.clone() };
    let mut feed = planner.caller.watch_subjects([named("list", subject::Subject::Plans(plans))]).await;
    feed.until("an empty list", |update| {
        matches!(&update.kind, Some(Kind::Plans(list))
            if matches!(&list.kind, Some(plans_update::Kind::Snapshot(shown)) if shown.plans.is_empty()))
    })
    .await;
    let gate = Gate::new();
    upstream.push(Script::openai().text(&PLAN[..50]).pause(&gate).text(&PLAN[50..]).usage(1, 1).done());
    let plan = planner.try_generate(planner.request("one")).await.granted();
    let subject = PlanSubject { plan_id: plan.plan_id.clone(), ..Default::default() };
    feed.add(named("plan", subject::Subject::Plan(subject))).await;
    feed.until("the text in flight", |update| match &update.kind {
        Some(Kind::Plan(update)) => match &update.kind {
            Some(plan_update::Kind::Snapshot(snapshot)) => snapshot.active_text == PLAN[..50],
            Some(plan_update::Kind::Delta(delta)) => delta.text.ends_with(&PLAN[..50]),
            _ => false,
        },
        _ => false,
    })
    .await;
    gate.open();
    let ended = |state: RunState| {
        move |update: &banto_proto::v1::SubjectUpdate| {
            matches!(&update.kind, Some(Kind::Plans(list))
                if matches!(&list.kind, Some(plans_update::Kind::Upserted(plan)) if plan.state() == state))
        }
    };
    feed.until("the end in the list", ended(RunState::Completed)).await;
    // Another task's plans are not in this list, and an unknown plan fails alone.
    upstream.set_handler(writes(PLAN));
    let other = Planner::of(&banto).await;
    let unknown = PlanSubject { plan_id: other.task.clone(), ..Default::default() };
    feed.add(named("unknown", subject::Subject::Plan(unknown))).await;
    let failed = feed.until("the failure", |update| matches!(update.kind, Some(Kind::Failed(_)))).await;
    assert!(matches!(failed.kind, Some(Kind::Failed(failure)) if failure.reason == "PLAN_NOT_FOUND"));
}

#[tokio::test]
async fn many_plans_stream_at_once_and_do_not_mix() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    upstream.set_handler(|exchange| {
        let told = super::desk::told(exchange);
        let number =
            told.split("number ").nth(1).and_then(|rest| rest.split('.').next()).unwrap_or("?").to_owned();
        let text = PLAN.replace("Keep it small.", &format!("number {number}."));
        let pieces: Vec<String> = text.split_inclusive(' ').map(str::to_owned).collect();
        Script::openai().texts(pieces).usage(1, 1).done()
    });
    let banto = shop.with(&upstream).await;
    let planner = Planner::of(&banto).await;
    let begun = (0..32).map(|number| {
        let planner = planner.clone();
        async move {
            let request = banto_proto::v1::GeneratePlanRequest {
                instructions: format!("number {number}."),
                ..planner.request(&format!("plan-{number}"))
            };
            let plan = planner.try_generate(request).await.granted();
            let plan = planner.ended(&plan.plan_id).await;
            (number, planner.open(&plan.plan_id).await.text, plan.state())
        }
    });
    for (number, text, state) in futures::future::join_all(begun).await {
        assert_eq!(state, RunState::Completed, "{number}");
        assert!(text.contains(&format!("number {number}.")), "{number}: {text}");
    }
}
