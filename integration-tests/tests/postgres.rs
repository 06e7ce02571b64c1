//! PostgreSQL instead of SQLite: the same promises, and two servers at once.

use banto_integration_tests::{
    Answer as _, Banto, Postgres, eventually,
    feed::named,
    upstream::{Gate, Script, Upstream},
    within,
};
use banto_proto::v1::{
    CancelOutcome, Conversation, ConversationsSubject, Job, JobsSubject, ListWorkersRequest,
    RevokeTokenRequest, RunState, SearchMessagesRequest, SubjectUpdate, TokenScope, TranscriptItem,
    WorkerInfo, WorkerState, WorkersSubject, conversations_update, jobs_update, subject, subject_update,
    workers_update,
};
use futures::future::join_all;
use std::time::Duration;
use tonic::Code;

async fn server(url: &str, upstream: &Upstream) -> Banto {
    let builder = Banto::builder().database(url).set("lease_ms", 1_000);
    builder.provider("openai", &upstream.base_url()).start().await
}

#[tokio::test]
async fn the_companion_is_the_same_after_a_restart() {
    let (postgres, upstream) = (Postgres::shared().await, Upstream::start().await);
    let mut banto = server(&postgres.create_database().await, &upstream).await;
    let worker = banto.owner().companion_worker().await;
    banto.kill().await;
    banto.restart().await;
    let workers = banto.owner().workers().list_workers(ListWorkersRequest::default()).await.granted().workers;
    assert_eq!(workers.iter().map(|worker| &worker.worker_id).collect::<Vec<_>>(), [&worker.worker_id]);
    assert_eq!(workers[0].state(), WorkerState::Ready);
}

#[tokio::test]
async fn a_conversation_is_stored_watched_and_searched() {
    let (postgres, upstream) = (Postgres::shared().await, Upstream::start().await);
    let mut banto = server(&postgres.create_database().await, &upstream).await;
    let chat = banto.chat().await;
    let mut watch = chat.watch().await;
    upstream.push(Script::openai().texts(["東京タワー", " is 333 m high"]).usage(7, 9).done());
    let accepted = chat.send("How high is it?").await;
    let turn = watch.until_turn_ended(accepted.turn_id()).await;
    assert_eq!((turn.state(), watch.view.last_text()), (RunState::Completed, "東京タワー is 333 m high"));
    assert_eq!(chat.watch().await.view, watch.view);

    let request = SearchMessagesRequest { query: "タワー HIGH".into(), ..Default::default() };
    let hits = banto.owner().conversations().search_messages(request).await.granted().hits;
    assert_eq!(
        hits.into_iter().filter_map(|hit| hit.item).map(|item| item.turn_id).collect::<Vec<_>>(),
        [turn.turn_id]
    );

    banto.kill().await;
    banto.restart().await;
    let chat = banto.owner().conversation(&chat.conversation_id);
    let resumed = chat.resume(watch.view.clone()).await;
    assert!(resumed.resumed() && resumed.resets().is_empty());
    assert_eq!(chat.watch().await.view, watch.view);
}

#[tokio::test]
async fn parallel_sends_and_equal_ids_are_one_turn() {
    let (postgres, upstream) = (Postgres::shared().await, Upstream::start().await);
    let banto = server(&postgres.create_database().await, &upstream).await;
    let chat = banto.chat().await;
    let gate = Gate::new();
    upstream.push(Script::openai().text("once").pause(&gate).done());
    let same = (0..50).map(|_| chat.try_send(chat.message_as("same", "hello")));
    let answers: Vec<_> = join_all(same).await.into_iter().map(|answer| answer.granted()).collect();
    assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1);
    let others = (0..50).map(|_| chat.try_send(chat.message("another")));
    for refusal in join_all(others).await {
        refusal.refused().is(Code::FailedPrecondition, "TURN_IN_PROGRESS");
    }
    gate.open();
    let mut watch = chat.watch().await;
    watch.until_turn_ended(&answers[0].turn.as_ref().expect("the turn").turn_id).await;
    assert_eq!(chat.transcript().await.items.len(), 2);
}

#[tokio::test]
async fn a_killed_server_repairs_its_own_turn_when_it_comes_back() {
    let (postgres, upstream) = (Postgres::shared().await, Upstream::start().await);
    let mut banto = server(&postgres.create_database().await, &upstream).await;
    let chat = banto.chat().await;
    upstream.push(Script::openai().text("so far").hang());
    let mut watch = chat.watch().await;
    chat.send("hello").await;
    watch.until_text("so far").await;
    banto.kill().await;
    banto.restart().await;
    let chat = banto.owner().conversation(&chat.conversation_id);
    eventually("the lease of the dead process runs out", async || ended(chat.transcript().await.items)).await;
    assert_eq!(chat.transcript().await.items[1].state(), RunState::Interrupted);
    assert_eq!(chat.ask("again").await.turn.state(), RunState::Completed);
}

fn ended(items: Vec<TranscriptItem>) -> Option<()> {
    (items.last()?.state() != RunState::Running).then_some(())
}

#[tokio::test]
async fn two_servers_leave_each_other_alone_while_both_live() {
    let (postgres, upstream) = (Postgres::shared().await, Upstream::start().await);
    let url = postgres.create_database().await;
    let mut first = server(&url, &upstream).await;
    let chat = first.chat().await;
    let gate = Gate::new();
    upstream.push(Script::openai().text("from the first ").pause(&gate).text("to the end").done());
    let mut watch = chat.watch().await;
    let accepted = chat.send("hello").await;
    watch.until_text("from the first ").await;

    // It starts, and repairs, while the other one's turn runs.
    let second = server(&url, &upstream).await;
    let elsewhere = second.owner().conversation(&chat.conversation_id);
    let refusal = elsewhere.try_send(elsewhere.message("me, too")).await.refused();
    refusal.is(Code::FailedPrecondition, "TURN_IN_PROGRESS").says("active_turn_id", accepted.turn_id());
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(elsewhere.transcript().await.items[1].state(), RunState::Running, "four leases later");
    gate.open();
    let turn = watch.until_turn_ended(accepted.turn_id()).await;
    assert_eq!((turn.state(), watch.view.last_text()), (RunState::Completed, "from the first to the end"));
    eventually("the other server shows the end", async || ended(elsewhere.transcript().await.items)).await;
    assert_eq!(elsewhere.watch().await.view, watch.view);

    // A dead server's turn ends after its lease, by the one that lives.
    upstream.push(Script::openai().text("cut off").hang());
    let orphan = chat.send("and again").await;
    watch.until_text("cut off").await;
    first.kill().await;
    eventually("the orphan ends", async || ended(elsewhere.transcript().await.items)).await;
    let transcript = elsewhere.transcript().await;
    let turn = transcript.turns.iter().find(|turn| turn.turn_id == orphan.turn_id()).expect("the orphan");
    assert_eq!(turn.state(), RunState::Interrupted);
    assert_eq!(elsewhere.ask("still here?").await.turn.state(), RunState::Completed);

    first.restart().await;
    let back = first.owner().conversation(&chat.conversation_id);
    assert_eq!(back.watch().await.view, elsewhere.watch().await.view);
}

#[tokio::test]
async fn servers_that_start_at_once_on_an_empty_database_set_it_up_once() {
    let (postgres, upstream) = (Postgres::shared().await, Upstream::start().await);
    let url = postgres.create_database().await;
    let servers = join_all((0..4).map(|_| server(&url, &upstream))).await;
    let mut workers = Vec::new();
    for banto in &servers {
        workers.extend(
            banto.owner().workers().list_workers(ListWorkersRequest::default()).await.granted().workers,
        );
    }
    assert_eq!(workers.len(), 4, "each server lists one Companion");
    assert!(workers.iter().all(|worker| worker.worker_id == workers[0].worker_id), "{workers:?}");
}

#[tokio::test]
async fn what_one_server_does_is_seen_live_on_the_other() {
    let (postgres, upstream) = (Postgres::shared().await, Upstream::start().await);
    let url = postgres.create_database().await;
    let (first, second) = (server(&url, &upstream).await, server(&url, &upstream).await);
    let chat = first.chat().await;
    let gate = Gate::new();
    upstream.push(Script::openai().text("as it is written ").pause(&gate).text("to the end").done());

    let elsewhere = second.owner().conversation(&chat.conversation_id);
    let mut watch = elsewhere.watch().await;
    let subjects = [
        named("jobs", subject::Subject::Jobs(JobsSubject::default())),
        named("workers", subject::Subject::Workers(WorkersSubject::default())),
        named("conversations", subject::Subject::Conversations(ConversationsSubject::default())),
    ];
    let mut lists = second.owner().watch_subjects(subjects).await;
    let accepted = chat.send("hello").await;
    watch.until_text("as it is written ").await;
    let running = |job: &Job| job.turn_id == accepted.turn_id() && job.state() == RunState::Running;
    let busy = |worker: &WorkerInfo| worker.state() == WorkerState::Busy;
    lists.until("the running job", |update| jobs_of(update).iter().any(running)).await;
    lists.until("the busy worker", |update| workers_of(update).iter().any(busy)).await;

    gate.open();
    let turn = watch.until_turn_ended(accepted.turn_id()).await;
    assert_eq!((turn.state(), watch.view.last_text()), (RunState::Completed, "as it is written to the end"));
    assert!(watch.resets().is_empty());
    let done = |job: &Job| job.turn_id == accepted.turn_id() && job.state() == RunState::Completed;
    lists.until("the job that is done", |update| jobs_of(update).iter().any(done)).await;

    let (token_id, secret) = first.owner().create_token("laptop", TokenScope::Read).await;
    let mut theirs = second.caller(&secret).conversation(&chat.conversation_id).watch().await;
    first.owner().settings().revoke_token(RevokeTokenRequest { token_id }).await.granted();
    assert!(theirs.until_closed().await.is_err(), "a revoked token's streams end everywhere");

    let other = first.chat().await;
    other.rename("made elsewhere").await;
    let made = |conversation: &Conversation| conversation.title == "made elsewhere";
    lists.until("the new conversation", |update| conversations_of(update).iter().any(made)).await;
    chat.delete().await.granted();
    lists
        .until("the deletion", |update| {
            let Some(subject_update::Kind::Conversations(change)) = &update.kind else { return false };
            let Some(conversations_update::Kind::DeletedConversationId(id)) = &change.kind else {
                return false;
            };
            *id == chat.conversation_id
        })
        .await;
    within("the watch ends", watch.until_closed()).await.ok();
}

fn jobs_of(update: &SubjectUpdate) -> &[Job] {
    let Some(subject_update::Kind::Jobs(change)) = &update.kind else { return &[] };
    match &change.kind {
        Some(jobs_update::Kind::Snapshot(snapshot)) => &snapshot.jobs,
        Some(jobs_update::Kind::Upserted(job)) => std::slice::from_ref(job),
        _ => &[],
    }
}

fn workers_of(update: &SubjectUpdate) -> &[WorkerInfo] {
    let Some(subject_update::Kind::Workers(change)) = &update.kind else { return &[] };
    match &change.kind {
        Some(workers_update::Kind::Snapshot(snapshot)) => &snapshot.workers,
        Some(workers_update::Kind::Upserted(worker)) => std::slice::from_ref(worker),
        _ => &[],
    }
}

fn conversations_of(update: &SubjectUpdate) -> &[Conversation] {
    let Some(subject_update::Kind::Conversations(change)) = &update.kind else { return &[] };
    match &change.kind {
        Some(conversations_update::Kind::Snapshot(snapshot)) => &snapshot.conversations,
        Some(conversations_update::Kind::Upserted(conversation)) => std::slice::from_ref(conversation),
        _ => &[],
    }
}

#[tokio::test]
async fn a_turn_is_cancelled_through_the_other_server() {
    let (postgres, upstream) = (Postgres::shared().await, Upstream::start().await);
    let url = postgres.create_database().await;
    let (first, second) = (server(&url, &upstream).await, server(&url, &upstream).await);
    let chat = first.chat().await;
    upstream.push(Script::openai().text("so far").hang());
    let mut watch = chat.watch().await;
    let accepted = chat.send("hello").await;
    watch.until_text("so far").await;
    let (outcome, _) = second.owner().conversation(&chat.conversation_id).cancel(accepted.turn_id()).await;
    assert!(matches!(outcome, CancelOutcome::Requested | CancelOutcome::Cancelled), "{outcome:?}");
    assert_eq!(watch.until_turn_ended(accepted.turn_id()).await.state(), RunState::Cancelled);
    within("the upstream is hung up on", upstream.request(0).await.client_closed()).await;
}

#[tokio::test]
async fn a_database_that_crashes_settles_by_the_message_id() {
    let (postgres, upstream) = (Postgres::start().await, Upstream::start().await);
    let banto = server(&postgres.create_database().await, &upstream).await;
    let chat = banto.chat().await;
    for round in 0..4 {
        let id = format!("message-{round}");
        let send = async || chat.try_send(chat.message_as(&id, &id)).await;
        let (first, ()) = tokio::join!(send(), postgres.crash_and_restart());
        let accepted = eventually("the message is accepted", async || send().await.ok()).await;
        if let Ok(first) = first {
            assert!(accepted.replayed, "it was acknowledged before the crash");
            assert_eq!(
                accepted.turn.as_ref().map(|it| &it.turn_id),
                first.turn.as_ref().map(|it| &it.turn_id)
            );
        }
        eventually("the turn ends", async || ended(chat.transcript().await.items)).await;
        let texts = chat.texts().await;
        assert_eq!(texts.iter().filter(|text| **text == id).count(), 1, "round {round}: {texts:?}");
    }
    assert_eq!(chat.ask("and now?").await.turn.state(), RunState::Completed);
}

#[tokio::test]
async fn an_answer_with_a_character_that_the_database_cannot_hold_ends_like_any_other() {
    let (postgres, upstream) = (Postgres::shared().await, Upstream::start().await);
    let banto = server(&postgres.create_database().await, &upstream).await;
    upstream.push(Script::openai().texts(["tea\0", "\0time"]).done());
    let reply = banto.chat().await.ask("When?").await;
    assert_eq!((reply.turn.state(), reply.text.as_str()), (RunState::Completed, "tea\u{fffd}\u{fffd}time"));
}
