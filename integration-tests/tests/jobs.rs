//! Jobs: the model calls that turns make, as they can be read back.

use banto_integration_tests::{
    Answer as _, Banto, eventually, next,
    sql::Sql,
    upstream::{Script, Upstream},
    within,
};
use banto_proto::v1::{
    CancelJobRequest, GetJobRequest, JobType, ListJobsRequest, RunState, WatchJobsRequest, jobs_update,
};
use sha2::{Digest as _, Sha256};
use tonic::Code;

#[tokio::test]
async fn a_job_tells_exactly_what_was_sent_and_answered() {
    let upstream = Upstream::start().await;
    upstream.push(Script::openai().text("Forty-two.").usage(20, 4).done());
    let banto = Banto::with(&upstream).await;
    let turn = banto.chat().await.ask("What is six times seven?").await.turn;

    let request = GetJobRequest { job_id: turn.job_id.clone() };
    let answer = banto.owner().jobs().get_job(request).await.granted();
    let job = answer.job.expect("the job");
    assert_eq!((job.state(), job.job_type()), (RunState::Completed, JobType::CompanionTurn));
    assert_eq!((job.turn_id, job.usage, job.prompts), (turn.turn_id, turn.usage, turn.prompts));
    assert_eq!(answer.response, "Forty-two.");
    assert!(!answer.prompt_expired);

    let sent = upstream.request(0).await.json();
    let sent = sent["messages"].as_array().expect("messages").iter();
    let sent: Vec<_> = sent.map(|message| (message["role"].as_str(), message["content"].as_str())).collect();
    let recorded = answer.prompt.iter().map(|part| (Some(part.role.as_str()), Some(part.text.as_str())));
    assert_eq!(recorded.collect::<Vec<_>>(), sent);
    for part in answer.prompt {
        assert_eq!(hex::encode(Sha256::digest(part.text)), part.digest);
    }
}

#[tokio::test]
async fn cancelling_a_job_cancels_its_turn() {
    let upstream = Upstream::start().await;
    upstream.push(Script::openai().text("so far").hang());
    let banto = Banto::with(&upstream).await;
    let chat = banto.chat().await;
    let mut watch = chat.watch().await;
    let accepted = chat.send("hello").await;
    watch.until_text("so far").await;

    let job_id = accepted.0.turn.clone().expect("the turn").job_id;
    let cancel = async || {
        let request = CancelJobRequest { job_id: job_id.clone() };
        banto.owner().jobs().cancel_job(request).await.granted()
    };
    let answer = cancel().await;
    assert!(answer.cancelled);
    assert_eq!(answer.job.expect("the job").state(), RunState::Cancelled);
    assert_eq!(watch.until_turn_ended(accepted.turn_id()).await.state(), RunState::Cancelled);
    within("the upstream is hung up on", upstream.request(0).await.client_closed()).await;
    assert!(!cancel().await.cancelled, "it had ended before");
}

#[tokio::test]
async fn jobs_are_listed_by_state_and_page() {
    let upstream = Upstream::start().await;
    let banto = Banto::with(&upstream).await;
    let chat = banto.chat().await;
    for number in 0..5 {
        chat.ask(&format!("message {number}")).await;
    }
    upstream.push(Script::status(401).error("no"));
    let failed = chat.ask("refused").await.turn;

    let list = async |request: ListJobsRequest| banto.owner().jobs().list_jobs(request).await.granted();
    let all = list(ListJobsRequest::default()).await.jobs;
    assert_eq!(all.len(), 6);
    assert_eq!(all[0].job_id, failed.job_id, "the newest first");
    let request = ListJobsRequest { state: RunState::ProviderFailed.into(), ..Default::default() };
    assert_eq!(list(request).await.jobs, all[..1]);

    let other = banto.chat().await.ask("elsewhere").await.turn;
    let request = ListJobsRequest { conversation_id: chat.conversation_id.clone(), ..Default::default() };
    assert_eq!(list(request).await.jobs, all, "none of another conversation");
    let all = list(ListJobsRequest::default()).await.jobs;
    assert_eq!((all.len(), &all[0].job_id), (7, &other.job_id));

    let (mut paged, mut page_token) = (Vec::new(), String::new());
    loop {
        let page = list(ListJobsRequest { page_size: 4, page_token, ..Default::default() }).await;
        paged.extend(page.jobs);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(paged, all);
}

#[tokio::test]
async fn a_watch_of_the_jobs_sees_each_to_its_end() {
    let upstream = Upstream::start().await;
    let banto = Banto::with(&upstream).await;
    let mut watch = banto.owner().jobs().watch_jobs(WatchJobsRequest::default()).await.granted();
    let first = next(&mut watch).await.update.and_then(|update| update.kind);
    assert!(matches!(first, Some(jobs_update::Kind::Snapshot(snapshot)) if snapshot.jobs.is_empty()));

    let turn = banto.chat().await.ask("hello").await.turn;
    let (mut version, mut state) = (0, RunState::Unspecified);
    while state != RunState::Completed {
        if let Some(jobs_update::Kind::Upserted(job)) = next(&mut watch).await.update.and_then(|it| it.kind) {
            assert_eq!(job.job_id, turn.job_id);
            assert!(job.version > version, "versions rise");
            (version, state) = (job.version, job.state());
        }
    }
}

#[tokio::test]
async fn an_unknown_job_is_typed() {
    let banto = Banto::guide().await;
    let request = GetJobRequest { job_id: uuid::Uuid::now_v7().to_string() };
    banto.owner().jobs().get_job(request).await.refused().is(Code::NotFound, "JOB_NOT_FOUND");
    let request = CancelJobRequest { job_id: "not an id".into() };
    banto.owner().jobs().cancel_job(request).await.refused().blames("job_id");
}

#[tokio::test]
async fn prompts_are_kept_as_long_as_they_should_be() {
    let upstream = Upstream::start().await;
    let mut banto = Banto::with(&upstream).await;
    let chat = banto.chat().await;
    let old = chat.ask("the old one").await.turn;
    let new = chat.ask("the new one").await.turn;
    let job = async |banto: &Banto, job_id: &str| {
        banto.owner().jobs().get_job(GetJobRequest { job_id: job_id.into() }).await.granted()
    };
    let (whole, kept) = (job(&banto, &old.job_id).await, job(&banto, &new.job_id).await);
    assert!(!whole.prompt.is_empty() && !whole.prompt_expired);

    banto.terminate().await;
    let database = Sql::of(&banto).await;
    let first = "(SELECT job_id FROM turns ORDER BY created_at LIMIT 1)";
    let aged = "UPDATE jobs SET ended_at = '2001-01-01 00:00:00+00:00'";
    assert_eq!(database.run(&format!("{aged} WHERE id = {first}")).await, 1);
    database.close().await;
    banto.restart().await;

    let expired = async || {
        let job = job(&banto, &old.job_id).await;
        job.prompt_expired.then_some(job)
    };
    let expired = eventually("the old prompt is removed", expired).await;
    assert!(expired.prompt.is_empty(), "{:?}", expired.prompt);
    assert_eq!((&expired.response, expired.job.expect("it").usage), (&whole.response, old.usage));
    let after = job(&banto, &new.job_id).await;
    assert_eq!((after.prompt, after.prompt_expired), (kept.prompt, false), "what both used is still there");
    let chat = banto.owner().conversation(&chat.conversation_id);
    assert_eq!(chat.texts().await.len(), 4, "a prompt is not the conversation");
    let printed = banto.command(["jobs", &old.job_id]).output().await;
    assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
    assert!(String::from_utf8_lossy(&printed.stdout).contains("no longer kept"));
}
