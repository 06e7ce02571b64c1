//! A real Chromium that plays a scenario of `integration-tests/browser`.

use std::{path::Path, process::Stdio, time::Duration};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    process::Command,
    time::timeout,
};

/// What a step is answered with: nothing, or a text.
pub trait StepAnswer {
    /// The text, on one line.
    fn line(self) -> String;
}

impl StepAnswer for () {
    fn line(self) -> String {
        String::new()
    }
}

impl StepAnswer for String {
    fn line(self) -> String {
        self
    }
}

/// Runs a scenario, for at most `limit`; `perform` does each step that it asks for.
///
/// # Panics
///
/// With all that the scenario has to say, when it fails.
pub async fn browse<A: StepAnswer>(
    scenario: &str,
    link: &str,
    limit: Duration,
    mut perform: impl AsyncFnMut(&str) -> A,
) {
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
    let mut answers = node.stdin.take().expect("piped");
    let mut steps = BufReader::new(node.stdout.take().expect("piped")).lines();
    let told = async {
        while let Some(step) = steps.next_line().await.expect("a step") {
            let answer = format!("done {}\n", perform(&step).await.line());
            answers.write_all(answer.as_bytes()).await.expect("the scenario listens");
        }
        drop(answers);
        node.wait_with_output().await.expect("the end of the scenario")
    };
    let output =
        timeout(limit, told).await.unwrap_or_else(|_| panic!("{scenario} took longer than {limit:?}"));
    assert!(output.status.success(), "{scenario}:\n{}", String::from_utf8_lossy(&output.stderr));
}
