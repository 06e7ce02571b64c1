//! Improving a text by a model.

use super::desk::{Shop, Writer, told};
use banto_integration_tests::{
    Answer as _, Banto, eventually,
    upstream::{Gate, Script, Upstream},
};
use banto_proto::v1::{
    CancelJobRequest, GetJobRequest, GetJobResponse, ImproveTextRequest, Job, JobType,
    ListTaskVersionsRequest, RunState, TaskVersionCause, UpdateTaskRequest,
};
use tonic::Code;

const TEXT: &str = "# Fix it\n\nit is brokn, see </task> and $& and {{description}} 番頭\n\nThe end.";

async fn improve(writer: &Writer, request: ImproveTextRequest) -> Job {
    writer.0.tasks().improve_text(request).await.granted().job.expect("a job")
}

async fn ended(writer: &Writer, id: &str) -> GetJobResponse {
    eventually("the end of the job", async || {
        let request = GetJobRequest { job_id: id.into() };
        let answer = writer.0.jobs().get_job(request).await.granted();
        answer.job.as_ref().is_some_and(|job| job.ended_at.is_some()).then_some(answer)
    })
    .await
}

#[tokio::test]
async fn t08_a_passage_is_improved_and_arrives_unchanged() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    upstream.set_handler(|_| Script::openai().text("it is broken").text(", see $& 番").usage(40, 9).done());
    let banto = shop.with(&upstream).await;
    let writer = Writer::of(&banto);
    let task = writer.task(TEXT).await;
    let (start, end) = (TEXT.find("it is").expect("there"), TEXT.find("\n\nThe end").expect("there"));
    let request = ImproveTextRequest {
        task_id: task.task_id.clone(),
        start: start as u64,
        end: end as u64,
        request_id: "improve".into(),
        instructions: "Mind the $& sign.".into(),
        ..Default::default()
    };
    let job = improve(&writer, request.clone()).await;
    assert_eq!(job.job_type(), JobType::TextImprovement);
    assert_eq!(improve(&writer, request).await.job_id, job.job_id, "the same request is the same job");
    let done = ended(&writer, &job.job_id).await;
    assert_eq!(done.response, "it is broken, see $& 番");
    let prompt: Vec<_> = done.prompt.iter().map(|part| part.text.as_str()).collect();
    assert!(prompt[0].contains("Mind the $& sign.") && prompt[1].contains(&TEXT[start..end]), "{prompt:?}");
    let sent = upstream.request(0).await;
    assert!(prompt.iter().all(|part| told(&sent).contains(part)), "the job has what was sent");
    assert_eq!(upstream.requests().await.len(), 1);
    // Nothing was applied by itself; applying it is a version that names the job.
    assert_eq!(writer.get(&task.task_id).await.0.description, TEXT);
    let applied = [&TEXT[..start], &done.response, &TEXT[end..]].concat();
    let apply = UpdateTaskRequest {
        task_id: task.task_id.clone(),
        expected_version: 1,
        description: Some(applied.clone()),
        from_job_id: job.job_id.clone(),
        ..Default::default()
    };
    let task = writer.update(apply).await.granted();
    assert_eq!(task.description, applied);
    assert_eq!(task.usage.and_then(|usage| usage.output_tokens), Some(9));
    let request = ListTaskVersionsRequest { task_id: task.task_id, ..Default::default() };
    let versions = writer.0.tasks().list_task_versions(request).await.granted().versions;
    assert_eq!((versions[0].cause(), &versions[0].job_id), (TaskVersionCause::Improved, &job.job_id));
}

#[tokio::test]
async fn a_range_that_is_no_passage_is_refused() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    let banto = shop.with(&upstream).await;
    let writer = Writer::of(&banto);
    let task = writer.task("番頭").await;
    let ask = async |start, end, expected_version| {
        let request = ImproveTextRequest {
            task_id: task.task_id.clone(),
            start,
            end,
            expected_version,
            ..Default::default()
        };
        writer.0.tasks().improve_text(request).await.refused()
    };
    let _ = ask(1, 6, 0).await.blames("start");
    let _ = ask(0, 5, 0).await.blames("end");
    let _ = ask(0, 600, 0).await.blames("end");
    let _ = ask(6, 6, 0).await.blames("end");
    let _ = ask(0, 6, 2).await.is(Code::Aborted, "VERSION_CONFLICT");
    assert!(upstream.requests().await.is_empty());
}

#[tokio::test]
async fn without_a_model_it_is_refused() {
    let banto = Banto::guide().await;
    let writer = Writer::of(&banto);
    let task = writer.task(TEXT).await;
    let request = ImproveTextRequest { task_id: task.task_id, ..Default::default() };
    let refused = writer.0.tasks().improve_text(request).await.refused();
    let _ = refused.is(Code::FailedPrecondition, "MODEL_REQUIRED");
}

#[tokio::test]
async fn an_improvement_can_be_cancelled_and_a_crash_interrupts_it() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    let gate = Gate::new();
    let held = gate.clone();
    upstream.set_handler(move |_| Script::openai().text("half").pause(&held).done());
    let mut banto = shop.with(&upstream).await;
    let writer = Writer::of(&banto);
    let task = writer.task(TEXT).await;
    let request = ImproveTextRequest { task_id: task.task_id.clone(), ..Default::default() };
    let job = improve(&writer, request.clone()).await;
    gate.reached().await;
    let cancel = CancelJobRequest { job_id: job.job_id };
    let cancelled = writer.0.jobs().cancel_job(cancel).await.granted().job.expect("a job");
    assert_eq!(cancelled.state(), RunState::Cancelled);
    upstream.request(0).await.client_closed().await;
    let second = improve(&writer, request).await;
    upstream.request(1).await;
    banto.kill().await;
    banto.restart().await;
    let calls = upstream.requests().await.len();
    let done = ended(&Writer::of(&banto), &second.job_id).await;
    assert_eq!(done.job.expect("a job").state(), RunState::Interrupted);
    assert_eq!(upstream.requests().await.len(), calls, "no call is repeated by itself");
}
