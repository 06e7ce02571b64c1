//! Comments: on a step or a passage, carried along, answered by the next revision.

use super::desk::{PLAN, Shop, planning, told};
use banto_integration_tests::{
    Answer as _, Refusal,
    upstream::{Script, Upstream},
};
use banto_proto::v1::{
    AddCommentRequest, CommentState, PlanComment, RequestChangesRequest, ResolveCommentRequest,
    RevisionAuthor, RunState, TextAnchor,
};
use tonic::Code;

async fn add(planner: &super::desk::Planner, request: AddCommentRequest) -> Result<PlanComment, Refusal> {
    Ok(planner.caller.plans().add_comment(request).await?.into_inner().comment.expect("a comment"))
}

fn on(plan: &str, text: &str, passage: &str) -> AddCommentRequest {
    let start = text.find(passage).expect("there");
    AddCommentRequest {
        plan_id: plan.into(),
        anchor: Some(TextAnchor {
            start: start as u64,
            end: (start + passage.len()) as u64,
            quote: String::new(),
        }),
        text: format!("What of {passage}?"),
        ..Default::default()
    }
}

fn shown<'a>(text: &'a str, comment: &PlanComment) -> Option<&'a str> {
    let place = comment.place.as_ref()?;
    text.get(place.start as usize..place.end as usize)
}

#[tokio::test]
async fn comments_stay_with_what_they_speak_of() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    let (mut banto, planner) = planning(&shop, &upstream).await;
    let id = planner.generated("one").await.plan_id;
    let passage = add(&planner, on(&id, PLAN, "番頭")).await.granted();
    assert_eq!(passage.anchor.as_ref().map(|anchor| anchor.quote.as_str()), Some("番頭"));
    let gone = add(&planner, on(&id, PLAN, "pub struct Ledger;")).await.granted();
    let step = AddCommentRequest {
        plan_id: id.clone(),
        step: 2,
        text: "Is it enough?".into(),
        request_id: "c".into(),
        ..Default::default()
    };
    let step = {
        let first = add(&planner, step.clone()).await.granted();
        assert_eq!(add(&planner, step).await.granted().comment_id, first.comment_id);
        first
    };
    let whole =
        AddCommentRequest { plan_id: id.clone(), text: "All in all: good.".into(), ..Default::default() };
    let whole = add(&planner, whole).await.granted();
    assert_eq!(planner.plan(&id).await.open_comment_count, 4);

    // Half of the plan moves, and the passage and the title change a little.
    let edited = PLAN
        .replace("<agent_instructions>Keep it small.</agent_instructions>", "<agent_instructions>Keep it small, and mind every case that the bank knows of.\nAll of them.</agent_instructions>")
        .replace("An order is refunded once. 番頭", "An order is refunded once, said 番頭")
        .replace("<title>Test it</title>", "<title>Test it twice</title>")
        .replace("<![CDATA[pub struct Ledger;]]>", "<![CDATA[nothing here]]>");
    planner.save(&id, 1, &edited).await.granted();
    banto.kill().await;
    banto.restart().await;
    let planner = planner.at(&banto);
    let open = planner.open(&id).await;
    let find = |wanted: &PlanComment| {
        let found = open.comments.iter().find(|comment| comment.comment_id == wanted.comment_id);
        found.cloned().expect("a comment")
    };
    assert_eq!(shown(&open.text, &find(&passage)), Some("番頭"));
    assert!(
        shown(&open.text, &find(&step)).is_some_and(|title| title.starts_with("Test it")),
        "{:?}",
        find(&step)
    );
    assert_eq!(find(&gone).place, None, "what is gone has no place, and the comment is still there");
    assert_eq!(find(&whole).place, None);

    let refused = AddCommentRequest {
        anchor: Some(TextAnchor { start: 5, end: 5, quote: String::new() }),
        ..on(&id, PLAN, "番頭")
    };
    add(&planner, refused).await.refused().is(Code::InvalidArgument, "INVALID_INPUT").blames("anchor.end");
    let inside = edited.find("番").expect("there") as u64 + 1;
    let refused = AddCommentRequest {
        anchor: Some(TextAnchor { start: inside, end: inside + 5, quote: String::new() }),
        ..on(&id, PLAN, "番頭")
    };
    add(&planner, refused).await.refused().is(Code::InvalidArgument, "INVALID_INPUT").blames("anchor");
    let refused = AddCommentRequest { step: 9, anchor: None, ..on(&id, PLAN, "番頭") };
    add(&planner, refused).await.refused().is(Code::InvalidArgument, "INVALID_INPUT").blames("step");
}

#[tokio::test]
async fn a_model_answers_comments_with_a_linked_revision() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    let (_banto, planner) = planning(&shop, &upstream).await;
    let id = planner.generated("one").await.plan_id;
    let first = add(&planner, on(&id, PLAN, "refunded once")).await.granted();
    let second = add(&planner, on(&id, PLAN, "cargo test refund")).await.granted();
    let third = add(&planner, on(&id, PLAN, "Keep it small.")).await.granted();
    let closed = add(&planner, on(&id, PLAN, "Test it")).await.granted();
    let resolve = ResolveCommentRequest { comment_id: closed.comment_id.clone(), resolved: true };
    let resolved =
        planner.caller.plans().resolve_comment(resolve).await.granted().comment.expect("a comment");
    assert_eq!((resolved.state(), resolved.resolved_by.as_str()), (CommentState::Resolved, "owner"));

    let answers = "<sources><answer comment=\"C1\" addressed=\"yes\">Said exactly.</answer><answer comment=\"C2\" addressed=\"no\">It is right: $&amp;.</answer></sources>";
    let revised = PLAN
        .replace("  <steps>", &format!("  {answers}\n  <steps>"))
        .replace("refunded once", "refunded at most once");
    let reply = revised.clone();
    upstream.set_handler(move |_| Script::openai().text(reply.clone()).usage(50, 60).done());
    let request = RequestChangesRequest {
        plan_id: id.clone(),
        expected_version: 1,
        instructions: "Nothing else.".into(),
        ..Default::default()
    };
    let begun = planner.caller.plans().request_changes(request).await.granted().revision.expect("a revision");
    let plan = planner.ended(&id).await;
    assert_eq!(
        (plan.state(), plan.version, plan.head_revision_id.as_str()),
        (RunState::Completed, 2, begun.revision_id.as_str())
    );
    let open = planner.open(&id).await;
    assert_eq!(open.text, revised);
    assert_eq!(open.revision.map(|revision| revision.author()), Some(RevisionAuthor::Changes));
    let state = |wanted: &PlanComment| {
        let found =
            open.comments.iter().find(|comment| comment.comment_id == wanted.comment_id).expect("a comment");
        (found.state(), found.answer.as_str(), found.answered_in_revision_id == begun.revision_id)
    };
    assert_eq!(state(&first), (CommentState::Addressed, "Said exactly.", true));
    assert_eq!(state(&second), (CommentState::NotAddressed, "It is right: $&.", true));
    assert_eq!(state(&third), (CommentState::NotAddressed, "", true), "no answer is no yes");
    assert_eq!(state(&closed), (CommentState::Resolved, "", false), "it was not asked");
    let sent = told(&upstream.request(1).await);
    for part in ["What of refunded once?", "What of cargo test refund?", "Nothing else.", PLAN.trim()] {
        assert!(sent.contains(part), "{part}");
    }
    assert!(!sent.contains("What of Test it?"));

    // An opened comment waits again; what the check found can be sent too.
    let reopen = ResolveCommentRequest { comment_id: closed.comment_id.clone(), resolved: false };
    planner.caller.plans().resolve_comment(reopen).await.granted();
    let broken = revised.replace("tests/refund.rs", "tests/refunds.rs");
    planner.save(&id, 2, &broken).await.granted();
    let request = RequestChangesRequest {
        plan_id: id.clone(),
        comment_ids: vec![closed.comment_id.clone()],
        include_findings: true,
        ..Default::default()
    };
    planner.caller.plans().request_changes(request).await.granted();
    planner.ended(&id).await;
    let sent = told(&upstream.request(2).await);
    assert!(sent.contains("What of Test it?") && sent.contains("tests/refunds.rs"), "{sent}");
    assert!(!sent.contains("What of refunded once?"));
    let nothing = RequestChangesRequest { plan_id: planner.brief().await.plan_id, ..Default::default() };
    planner
        .caller
        .plans()
        .request_changes(nothing)
        .await
        .refused()
        .is(Code::InvalidArgument, "INVALID_INPUT");
}
