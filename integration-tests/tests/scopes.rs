//! What a token may do and where: every method by scope, one workspace of two,
//! and an end that takes open streams with it.

use banto_integration_tests::{
    Answer as _, Banto, Caller, Refusal, feed, next,
    raw::{Call, Protocol, methods},
    sql::Sql,
    upstream::{Gate, Script, Upstream},
    within,
};
use banto_proto::v1::{
    CancelJobRequest, CancelTurnRequest, CreateConversationRequest, CreateTokenRequest, GetCompanionRequest,
    GetJobRequest, GetPreferencesRequest, GetTranscriptRequest, GetWorkerRequest, JobsSubject,
    ListConversationsRequest, ListJobsRequest, ListTokensRequest, ListWorkersRequest, RegenerateTurnRequest,
    RenderPromptRequest, RevokeTokenRequest, SearchMessagesRequest, SendMessageRequest, StopWorkerRequest,
    TokenScope, UpdateConversationRequest, UpdatePreferencesRequest, WatchJobsRequest, WorkersSubject,
    jobs_update, subject::Subject as Of, subject_update, workers_update,
};
use std::time::{Duration, Instant};
use tonic::Code;

/// The least scope that a method is for, told by its name alone.
fn least(service: &str, method: &str) -> TokenScope {
    let reads = [
        "List",
        "Get",
        "Watch",
        "Search",
        "Check",
        "Render",
        "Read",
        "UpdateWatch",
        "Estimate",
        "Diff",
        "Export",
        "Verify",
    ];
    match service {
        "banto.v1.AuditLog" => TokenScope::Review,
        "banto.v1.Plans" if method == "ApprovePlan" || method == "RejectPlan" => TokenScope::Review,
        _ if method.ends_with("Template") => TokenScope::Chat,
        _ if reads.iter().any(|verb| method.starts_with(verb)) => TokenScope::Read,
        "banto.v1.CompanionConversation"
        | "banto.v1.Jobs"
        | "banto.v1.Tasks"
        | "banto.v1.Workflows"
        | "banto.v1.Plans" => TokenScope::Chat,
        _ => TokenScope::All,
    }
}

#[tokio::test]
async fn every_method_is_for_its_scope_and_those_above() {
    let banto = Banto::guide().await;
    for scope in [TokenScope::Read, TokenScope::Chat, TokenScope::Review, TokenScope::All] {
        let (_, secret) = banto.owner().create_token("walker", scope).await;
        for method in methods() {
            let least = least(method.parent_service().full_name(), method.name());
            for protocol in [Protocol::Grpc, Protocol::Web] {
                let answered = Call::new(protocol, &banto.url, &method).token(&secret).send().await;
                let denied = answered.code == Some(Code::PermissionDenied);
                assert_eq!(denied, scope < least, "{} with {scope:?}: {answered:?}", method.full_name());
            }
        }
    }
}

const SECOND: &str = "0198c0de-0000-7000-8000-000000000002";

/// A server with two workspaces, and someone who may do everything in the first.
async fn two_workspaces(upstream: &Upstream) -> (Banto, String, Caller) {
    let mut banto = Banto::with(upstream).await;
    banto.terminate().await;
    let database = Sql::of(&banto).await;
    let id = SECOND.replace('-', "");
    let second = format!("SELECT x'{id}', 'second', roots, FALSE, created_at FROM workspaces");
    database.run(&format!("INSERT INTO workspaces (id, name, roots, is_default, created_at) {second}")).await;
    database.close().await;
    banto.restart().await;
    let first = banto.owner().companion_worker().await.workspace_id;
    assert_ne!(first, SECOND);
    let request = CreateTokenRequest {
        name: "limited".into(),
        scope: TokenScope::All.into(),
        workspace_ids: vec![first.clone()],
        ..Default::default()
    };
    let secret = banto.owner().settings().create_token(request).await.granted().secret;
    let limited = banto.caller(&secret);
    (banto, first, limited)
}

fn not_found(refusal: Refusal, noun: &str) {
    refusal.is(Code::NotFound, &format!("{noun}_NOT_FOUND"));
}

#[tokio::test]
async fn a_token_of_one_workspace_sees_nothing_of_another() {
    let upstream = Upstream::start().await;
    let (banto, first, limited) = two_workspaces(&upstream).await;
    let owner = banto.owner();
    let create = CreateConversationRequest { workspace_id: SECOND.into(), ..Default::default() };
    let theirs = owner.conversations().create_conversation(create.clone()).await.granted();
    let theirs = owner.conversation(&theirs.conversation.expect("it").conversation_id);
    let done = theirs.ask("the hidden recipe").await.turn;
    let gate = Gate::new();
    upstream.push(Script::openai().text("on and ").pause(&gate).text("on").done());
    let running = theirs.send("and another").await;
    gate.reached().await;

    let hidden = limited.conversation(&theirs.conversation_id);
    let client = || limited.conversations();
    not_found(client().create_conversation(create).await.refused(), "WORKSPACE");
    let companion = GetCompanionRequest { workspace_id: SECOND.into() };
    not_found(client().get_companion(companion).await.refused(), "WORKSPACE");
    let list =
        |workspace: &str| ListConversationsRequest { workspace_id: workspace.into(), ..Default::default() };
    not_found(client().list_conversations(list(SECOND)).await.refused(), "WORKSPACE");
    assert!(client().list_conversations(list("")).await.granted().conversations.is_empty());
    let page = GetTranscriptRequest { conversation_id: theirs.conversation_id.clone(), ..Default::default() };
    not_found(client().get_transcript(page).await.refused(), "CONVERSATION");
    let latest = GetTranscriptRequest { workspace_id: SECOND.into(), ..Default::default() };
    not_found(client().get_transcript(latest).await.refused(), "WORKSPACE");
    let latest = SendMessageRequest { workspace_id: SECOND.into(), ..limited.companion().message("hello") };
    not_found(client().send_message(latest).await.refused(), "WORKSPACE");
    not_found(hidden.try_send(hidden.message("hello")).await.refused(), "CONVERSATION");
    not_found(hidden.delete().await.refused(), "CONVERSATION");
    let rename = UpdateConversationRequest { title: Some("mine".into()), ..Default::default() };
    not_found(hidden.update(rename).await.refused(), "CONVERSATION");
    let again = RegenerateTurnRequest { turn_id: done.turn_id.clone(), request_id: "again".into() };
    not_found(client().regenerate_turn(again).await.refused(), "TURN");
    let cancel = CancelTurnRequest { turn_id: running.turn_id().into() };
    not_found(client().cancel_turn(cancel).await.refused(), "TURN");

    let search = SearchMessagesRequest { query: "recipe".into(), ..Default::default() };
    assert!(client().search_messages(search.clone()).await.granted().hits.is_empty());
    let search = SearchMessagesRequest { workspace_id: SECOND.into(), ..search };
    not_found(client().search_messages(search).await.refused(), "WORKSPACE");
    let preview = RenderPromptRequest {
        name: "companion/system".into(),
        conversation_id: theirs.conversation_id.clone(),
        ..Default::default()
    };
    not_found(limited.settings().render_prompt(preview).await.refused(), "CONVERSATION");

    assert!(limited.jobs().list_jobs(ListJobsRequest::default()).await.granted().jobs.is_empty());
    let get = GetJobRequest { job_id: done.job_id.clone() };
    not_found(limited.jobs().get_job(get).await.refused(), "JOB");
    let job_id = running.0.turn.as_ref().expect("the turn").job_id.clone();
    not_found(limited.jobs().cancel_job(CancelJobRequest { job_id }).await.refused(), "JOB");
    let mut jobs = limited.jobs().watch_jobs(WatchJobsRequest::default()).await.granted();
    match next(&mut jobs).await.update.and_then(|update| update.kind) {
        Some(jobs_update::Kind::Snapshot(snapshot)) => assert!(snapshot.jobs.is_empty()),
        other => panic!("a snapshot, not {other:?}"),
    }

    let worker =
        owner.conversations().get_companion(GetCompanionRequest { workspace_id: SECOND.into() }).await;
    let worker = worker.granted().companion.expect("it");
    let workers = limited.workers().list_workers(ListWorkersRequest::default()).await.granted().workers;
    assert_eq!(workers.iter().map(|it| &it.workspace_id).collect::<Vec<_>>(), [&first]);
    let (runtime_id, worker_id) = (worker.runtime_id.clone(), worker.worker_id.clone());
    let get = GetWorkerRequest { runtime_id: runtime_id.clone(), worker_id: worker_id.clone() };
    not_found(limited.workers().get_worker(get).await.refused(), "WORKER");
    let stop = StopWorkerRequest { runtime_id, worker_id };
    not_found(limited.workers().stop_worker(stop).await.refused(), "WORKER");

    // Its own work is not hidden, and the others' goes on.
    limited.companion().ask("what is mine").await;
    assert_eq!(upstream.requests().await.len(), 3, "no refused call reached the model");
    gate.open();
    theirs.outcome(&running).await;
    assert_eq!(theirs.texts().await.len(), 4);
}

#[tokio::test]
async fn a_feed_shows_one_workspace_only() {
    let upstream = Upstream::start().await;
    let (banto, first, limited) = two_workspaces(&upstream).await;
    let create = CreateConversationRequest { workspace_id: SECOND.into(), ..Default::default() };
    let theirs = banto.owner().conversations().create_conversation(create).await.granted();
    let theirs = banto.owner().conversation(&theirs.conversation.expect("it").conversation_id);
    let mut watched = limited
        .watch_subjects([
            feed::named("workers", Of::Workers(WorkersSubject::default())),
            feed::named("jobs", Of::Jobs(JobsSubject::default())),
            feed::conversation("hidden", &theirs.conversation_id),
        ])
        .await;
    theirs.ask("hidden").await;
    let own = limited.companion().another().await;
    own.ask("own").await;
    let ended = |update: &banto_proto::v1::SubjectUpdate| match &update.kind {
        Some(subject_update::Kind::Jobs(jobs)) => match &jobs.kind {
            Some(jobs_update::Kind::Upserted(job)) => {
                assert_eq!(job.workspace_id, first);
                job.ended_at.is_some()
            }
            _ => false,
        },
        Some(subject_update::Kind::Workers(workers)) => {
            if let Some(workers_update::Kind::Upserted(worker)) = &workers.kind {
                assert_eq!(worker.workspace_id, first);
            }
            false
        }
        Some(subject_update::Kind::Conversation(_)) => panic!("a hidden conversation: {update:?}"),
        _ => false,
    };
    let last = watched.until("the end of the own job", ended).await;
    assert_eq!(last.subject_id, "jobs");
}

#[tokio::test]
async fn a_token_of_one_workspace_makes_and_ends_no_wider_one() {
    let upstream = Upstream::start().await;
    let (banto, first, limited) = two_workspaces(&upstream).await;
    let create = async |workspaces: &[&str]| {
        let request = CreateTokenRequest {
            name: "child".into(),
            scope: TokenScope::All.into(),
            workspace_ids: workspaces.iter().map(|&id| id.to_owned()).collect(),
            ..Default::default()
        };
        limited.settings().create_token(request).await
    };
    create(&[SECOND]).await.refused().is(Code::PermissionDenied, "SCOPE_DENIED");
    create(&[&first, SECOND]).await.refused().is(Code::PermissionDenied, "SCOPE_DENIED");
    let child = create(&[]).await.granted();
    let child_token = child.token.expect("it");
    assert_eq!(child_token.workspace_ids, [first.as_str()], "no list means the creator's");
    not_found(
        banto
            .caller(&child.secret)
            .conversations()
            .list_conversations(ListConversationsRequest {
                workspace_id: SECOND.into(),
                ..Default::default()
            })
            .await
            .refused(),
        "WORKSPACE",
    );

    let (wider, _) = banto.owner().create_token("wider", TokenScope::Read).await;
    let listed = limited.settings().list_tokens(ListTokensRequest {}).await.granted().tokens;
    assert!(listed.iter().all(|token| token.workspace_ids == [first.as_str()]), "{listed:?}");
    let revoke = async |token_id: &str| {
        limited.settings().revoke_token(RevokeTokenRequest { token_id: token_id.into() }).await
    };
    not_found(revoke(&wider).await.refused(), "TOKEN");
    revoke(&child_token.token_id).await.granted();

    let preferences = limited.settings().get_preferences(GetPreferencesRequest {}).await.granted();
    let request = UpdatePreferencesRequest { preferences: preferences.preferences, expected_version: 0 };
    let refusal = limited.settings().update_preferences(request).await.refused();
    refusal.is(Code::PermissionDenied, "SCOPE_DENIED");
}

#[tokio::test]
async fn an_expired_token_ends_its_streams_and_opens_no_more() {
    let banto = Banto::guide().await;
    let (_, secret) = banto.owner().create_token("passing", TokenScope::Chat).await;
    let database = Sql::of(&banto).await;
    // The shortest lifetime that can be asked for is a minute.
    let soon = "strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now', '+2 seconds')";
    let begun = Instant::now();
    database.run(&format!("UPDATE tokens SET expires_at = {soon} WHERE name = 'passing'")).await;
    let passing = banto.caller(&secret);
    let chat = passing.companion().another().await;
    let mut feed = passing.watch_subjects([feed::conversation("chat", &chat.conversation_id)]).await;
    let mut watch = chat.watch().await;
    let refusal = within("the end of the watch", watch.until_closed()).await.refused();
    refusal.is(Code::Unauthenticated, "UNAUTHENTICATED");
    let lived = begun.elapsed();
    assert!(lived > Duration::from_millis(1_900) && lived < Duration::from_secs(4), "it lived {lived:?}");
    let refusal = within("the end of the feed", async {
        loop {
            if let Err(refusal) = feed.next().await {
                return refusal;
            }
        }
    });
    refusal.await.is(Code::Unauthenticated, "UNAUTHENTICATED");
    let refusal = passing.conversations().list_conversations(ListConversationsRequest::default()).await;
    refusal.refused().is(Code::Unauthenticated, "UNAUTHENTICATED");
}
