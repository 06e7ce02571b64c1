//! Programs that Banto calls, and how to come by them.

use super::Finding;
use std::{process::Stdio, time::Duration};
use tokio::{process::Command, time::timeout};

pub(super) async fn examine() -> Vec<Finding> {
    vec![
        tool("git", "--version", "file finding and plans need it: install git").await,
        tool("ffmpeg", "-version", "voice and video capture need it: install ffmpeg").await,
    ]
}

async fn tool(name: &str, version: &str, mend: &str) -> Finding {
    let run = Command::new(name).arg(version).stdin(Stdio::null()).kill_on_drop(true).output();
    match timeout(Duration::from_secs(5), run).await {
        Ok(Ok(output)) if output.status.success() => {
            let text = String::from_utf8_lossy(&output.stdout);
            Finding::ok(name, text.lines().next().unwrap_or_default())
        }
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => {
            Finding::missing(name, "it is not installed, or not in PATH", mend)
        }
        Ok(Ok(output)) => Finding::broken(name, format!("it ended with {}", output.status), mend),
        Ok(Err(error)) => Finding::broken(name, error.to_string(), mend),
        Err(_) => Finding::broken(name, "it does not answer", mend),
    }
}

#[cfg(test)]
mod tests {
    use super::tool;
    use crate::cli::doctor::State;

    #[tokio::test]
    async fn a_program_that_is_not_there_is_missing() {
        assert_eq!(tool("no-such-program-anywhere", "--version", "").await.state, State::Missing);
        assert_eq!(tool("false", "--version", "").await.state, State::Broken);
    }
}
