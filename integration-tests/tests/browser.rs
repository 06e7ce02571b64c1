//! The console in a real Chromium, before the real binary. Each test plays the
//! model and the server for the scenario of the same name in
//! `browser/scenarios.mjs`. Wants the console to be built.

use banto_integration_tests::{
    Banto,
    upstream::{Gate, Script, Upstream},
    within,
};
use std::{path::Path, process::Stdio, time::Duration};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    process::Command,
    time::timeout,
};

/// Runs a scenario; `perform` does each step that it asks for.
async fn browse(scenario: &str, link: &str, mut perform: impl AsyncFnMut(&str)) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser/run.mjs");
    let mut node = Command::new("node")
        .arg(script)
        .arg(scenario)
        .env("BANTO_LINK", link)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("Node.js runs");
    let mut done = node.stdin.take().expect("piped");
    let mut steps = BufReader::new(node.stdout.take().expect("piped")).lines();
    let told = async {
        while let Some(step) = steps.next_line().await.expect("a step") {
            perform(&step).await;
            done.write_all(b"done\n").await.expect("the scenario listens");
        }
        drop(done);
        node.wait_with_output().await.expect("the end of the scenario")
    };
    let output = timeout(Duration::from_secs(90), told).await.expect("the scenario ends within 90 s");
    assert!(output.status.success(), "{scenario}:\n{}", String::from_utf8_lossy(&output.stderr));
}

async fn without_steps(step: &str) {
    panic!("nothing was prepared for the step {step:?}")
}

#[tokio::test]
async fn stream() {
    let (upstream, gate) = (Upstream::start().await, Gate::new());
    upstream.push(Script::openai().text("Hello ").pause(&gate).text("world").done());
    let banto = Banto::with(&upstream).await;
    browse("stream", &banto.ready_link, async |_| gate.open()).await;
}

#[tokio::test]
async fn stop() {
    let upstream = Upstream::start().await;
    upstream.push(Script::openai().text("so far").hang());
    upstream.push(Script::openai().text("Of course").done());
    let banto = Banto::with(&upstream).await;
    browse("stop", &banto.ready_link, async |_| hung_up_on(&upstream).await).await;
}

async fn hung_up_on(upstream: &Upstream) {
    within("the upstream is hung up on", upstream.request(0).await.client_closed()).await;
}

#[tokio::test]
async fn error() {
    let upstream = Upstream::start().await;
    upstream.push(Script::status(401).error("no"));
    upstream.push(Script::openai().text("Second try").done());
    let banto = Banto::with(&upstream).await;
    browse("error", &banto.ready_link, without_steps).await;
}

#[tokio::test]
async fn reload() {
    let (upstream, gate) = (Upstream::start().await, Gate::new());
    upstream.push(Script::openai().text("one ").pause(&gate).text("two").done());
    let banto = Banto::with(&upstream).await;
    browse("reload", &banto.ready_link, async |_| gate.open()).await;
}

#[tokio::test]
async fn restart() {
    let upstream = Upstream::start().await;
    upstream.push(Script::openai().text("before the crash").hang());
    upstream.push(Script::openai().text("Still here").done());
    let mut banto = Banto::with(&upstream).await;
    let link = banto.ready_link.clone();
    browse("restart", &link, async |step| match step {
        "kill the server" => banto.kill().await,
        "start the server" => banto.restart().await,
        _ => without_steps(step).await,
    })
    .await;
}

#[tokio::test]
async fn second_tab() {
    let upstream = Upstream::start().await;
    upstream.push(Script::openai().text("shared").hang());
    upstream.push(Script::openai().text("Alone").done());
    let banto = Banto::with(&upstream).await;
    browse("secondTab", &banto.ready_link, async |_| hung_up_on(&upstream).await).await;
}

#[tokio::test]
async fn eight_tabs() {
    let upstream = Upstream::start().await;
    upstream.set_handler(|_| Script::openai().text("Alone").done());
    let banto = Banto::with(&upstream).await;
    browse("eightTabs", &banto.ready_link, without_steps).await;
}

#[tokio::test]
async fn composition() {
    let upstream = Upstream::start().await;
    let banto = Banto::with(&upstream).await;
    browse("composition", &banto.ready_link, without_steps).await;
    assert_eq!(upstream.requests().await.len(), 1, "one message was sent");
}

#[tokio::test]
async fn hostile() {
    let upstream = Upstream::start().await;
    let banto = Banto::with(&upstream).await;
    browse("hostile", &banto.ready_link, async |step| {
        let Some(pieces) = step.strip_prefix("the model says ") else { return };
        let pieces: Vec<String> = serde_json::from_str(pieces).expect("the pieces");
        let whole = pieces.join("\n\n") + "\n\nthe end of the attack";
        upstream.push(Script::openai().text(&whole).done());
        let letters: Vec<char> = whole.chars().collect();
        upstream.push(Script::openai().texts(letters.chunks(7).map(String::from_iter)).done());
    })
    .await;
}

#[tokio::test]
async fn unavailable() {
    let keyless = "[[providers]]\nid = \"openai\"\nwire_format = \"openai_chat\"\n\
                   api_key_env = \"KEY_THAT_IS_NOT_SET\"\nmodel = \"gpt-test\"";
    let banto = Banto::builder().tables(keyless).start().await;
    browse("unavailable", &banto.ready_link, without_steps).await;
}

#[tokio::test]
async fn guide() {
    let banto = Banto::guide().await;
    browse("guide", &banto.ready_link, without_steps).await;
}
