//! The command line as scripts use it: output, JSON and exit codes.

use banto_integration_tests::{
    Banto, Command, eventually,
    upstream::{Gate, Script, Upstream},
    within,
};
use banto_proto::v1::StopWorkerRequest;
use serde_json::Value;
use std::process::Output;

#[track_caller]
fn ended(output: &Output, code: i32) -> String {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "stdout: {out}\nstderr: {err}");
    if code == 0 { out.into_owned() } else { err.into_owned() }
}

fn json_lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

#[tokio::test]
async fn chat_prints_the_reply() {
    let upstream = Upstream::start().await;
    let banto = Banto::with(&upstream).await;
    upstream.push(Script::openai().texts(["Good ", "day."]).done());
    let output = banto.command(["chat", "hello"]).output().await;
    assert_eq!(ended(&output, 0), "Good day.\n");

    upstream.push(Script::openai().text("Again.").done());
    let output = banto.command(["chat", "-"]).output_of("from standard input\n").await;
    assert_eq!(ended(&output, 0), "Again.\n");
    assert_eq!(banto.companion().texts().await, ["hello", "Good day.", "from standard input", "Again."]);

    ended(&banto.command(["chat", "--new", "elsewhere"]).output().await, 0);
    assert_eq!(banto.companion().texts().await.len(), 2, "a new conversation");
    let first = banto.chat().await.conversation_id;
    ended(&banto.command(["chat", "--conversation", &first, "here"]).output().await, 0);
    assert_eq!(banto.owner().conversation(&first).texts().await[0], "here");
}

#[tokio::test]
async fn chat_prints_events_as_json() {
    let upstream = Upstream::start().await;
    let banto = Banto::with(&upstream).await;
    let lines = json_lines(&ended(&banto.command(["chat", "--json", "hello"]).output().await, 0));
    assert!(lines[0]["accepted"]["turn"]["turnId"].is_string(), "{}", lines[0]);
    let end = &lines[lines.len() - 1]["update"]["event"]["turnEnded"];
    assert_eq!(end["turn"]["state"], "RUN_STATE_COMPLETED");
    assert_eq!(end["turn"]["usage"]["inputTokens"], "7", "64-bit numbers are strings in Protobuf's JSON");
}

#[tokio::test]
async fn a_command_finds_the_server_of_its_data_directory() {
    let banto = Banto::guide().await;
    let command = |arguments: &[&str]| {
        Command::new(banto.home()).arguments(arguments).arguments(["--data-dir".as_ref(), banto.data_dir()])
    };
    assert!(ended(&command(&["workers"]).output().await, 0).contains("companion@backend-internal"));
    assert_eq!(ended(&command(&["token"]).output().await, 0).trim(), banto.token, "the token alone");
}

#[tokio::test]
async fn workers_and_jobs_are_listed() {
    let upstream = Upstream::start().await;
    let banto = Banto::with(&upstream).await;
    let turn = banto.chat().await.ask("hello").await.turn;
    let table = ended(&banto.command(["workers"]).output().await, 0);
    assert!(table.contains("companion@backend-internal") && table.contains("READY"), "{table}");
    let workers = json_lines(&ended(&banto.command(["workers", "--json"]).output().await, 0));
    assert_eq!((workers.len(), workers[0]["runtimeId"].as_str()), (1, Some("backend-internal")));

    let jobs = json_lines(&ended(&banto.command(["jobs", "--json"]).output().await, 0));
    assert_eq!((jobs.len(), jobs[0]["jobId"].as_str()), (1, Some(turn.job_id.as_str())));
    let table = ended(&banto.command(["jobs"]).output().await, 0);
    assert!(table.contains(&turn.job_id) && table.contains("COMPLETED"), "{table}");
}

#[tokio::test]
async fn doctor_says_what_works() {
    let upstream = Upstream::start().await;
    let banto = Banto::with(&upstream).await;
    let command = |arguments: &[&str]| {
        let command = banto.command(["doctor"]).arguments(arguments);
        let command = command.arguments(["--data-dir".as_ref(), banto.data_dir()]);
        command.arguments(["--config".as_ref(), banto.home().join("banto.toml").as_path()])
    };
    let report = ended(&command(&[]).output().await, 0).to_lowercase();
    for part in ["database", "openai", "ffmpeg", "git"] {
        assert!(report.contains(part), "{part}: {report}");
    }
    assert!(!json_lines(&ended(&command(&["--json"]).output().await, 0)).is_empty());
}

#[tokio::test]
async fn a_failed_turn_is_exit_code_1() {
    let upstream = Upstream::start().await;
    upstream.push(Script::openai().text("only a ").cut());
    let banto = Banto::with(&upstream).await;
    let output = banto.command(["chat", "hello"]).output().await;
    let error = ended(&output, 1);
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("only a "), "what there was is printed");
    assert!(error.contains("PROVIDER_FAILED") && error.contains("NETWORK"), "{error}");
}

#[tokio::test]
async fn wrong_usage_is_exit_code_2() {
    let banto = Banto::guide().await;
    ended(&banto.command(["chat"]).output().await, 2);
    ended(&banto.command(["chat", "--no-such-flag", "hello"]).output().await, 2);
    ended(&banto.command(["no-such-command"]).output().await, 2);
}

#[tokio::test]
async fn a_refusal_is_exit_code_3() {
    let banto = Banto::guide().await;
    let error = ended(&banto.command(["workers"]).env("BANTO_TOKEN", "wrong").output().await, 3);
    assert!(error.contains("UNAUTHENTICATED"), "{error}");
    let error = ended(&banto.command(["chat", " "]).output().await, 3);
    assert!(error.contains("INVALID_INPUT") && error.contains("text"), "{error}");

    let worker = banto.owner().companion_worker().await;
    let request = StopWorkerRequest { runtime_id: worker.runtime_id, worker_id: worker.worker_id };
    banto.owner().workers().stop_worker(request).await.expect("stopped");
    let error = ended(&banto.command(["chat", "hello"]).output().await, 3);
    assert!(error.contains("COMPANION_UNAVAILABLE"), "{error}");
}

#[tokio::test]
async fn no_server_is_exit_code_4() {
    let mut banto = Banto::guide().await;
    banto.terminate().await;
    ended(&banto.command(["workers"]).output().await, 4);
    let nobody = tempfile::tempdir().expect("a folder");
    let command = Command::new(banto.home()).arguments(["workers", "--data-dir"]).arguments([nobody.path()]);
    ended(&command.output().await, 4);
}

#[tokio::test]
async fn chat_follows_its_turn_over_a_restart() {
    let (upstream, gate) = (Upstream::start().await, Gate::new());
    upstream.push(Script::openai().text("before ").pause(&gate).done());
    let mut banto = Banto::with(&upstream).await;
    let chat = banto.command(["chat", "hello"]).spawn();
    within("the model call", gate.reached()).await;
    eventually("the text is stored", async || {
        (banto.companion().texts().await.last()? == "before ").then_some(())
    })
    .await;
    banto.kill().await;
    banto.restart().await;
    let output = within("the end of the command", chat.wait_with_output()).await.expect("its output");
    let error = ended(&output, 1);
    assert!(error.contains("INTERRUPTED"), "{error}");
}

#[tokio::test]
async fn chat_gives_up_on_a_server_that_stays_away() {
    let upstream = Upstream::start().await;
    upstream.push(Script::openai().text("before ").hang());
    let mut banto = Banto::with(&upstream).await;
    let chat = banto.command(["chat", "hello"]).spawn();
    within("the model call", upstream.request(0)).await;
    banto.kill().await;
    let output = within("the end of the command", chat.wait_with_output()).await.expect("its output");
    ended(&output, 4);
}

#[tokio::test]
async fn tokens_are_made_listed_and_revoked() {
    let banto = Banto::guide().await;
    let run = async |arguments: &[&str]| ended(&banto.command(arguments).output().await, 0);
    let secret = run(&["token", "create", "laptop", "--scope", "read"]).await;
    assert_eq!(secret.lines().count(), 1, "the secret alone: {secret}");
    let workers = async || banto.command(["workers"]).env("BANTO_TOKEN", secret.trim()).output().await;
    ended(&workers().await, 0);

    let tokens = json_lines(&run(&["token", "ls", "--json"]).await);
    let laptop = tokens.iter().find(|token| token["name"] == "laptop").expect("it is listed");
    run(&["token", "revoke", laptop["tokenId"].as_str().expect("an id")]).await;
    ended(&workers().await, 3);
}
