//! `banto chat`: sends one message and prints the reply, across broken streams
//! and restarts of the server.

mod printer;
mod reply;
mod session;

use super::{connect::ServerFlags, exit::Failure, output::Output};
use crate::config::Environment;
use banto_proto::v1::{FailureKind, RunState};
use clap::Args;
use reply::{Ending, Kept};
use std::io::Read as _;

#[derive(Args, Debug)]
pub(super) struct ChatArgs {
    /// What to say; `-` reads it from standard input
    text: String,
    /// Begins a new conversation instead of going on with the latest one
    #[arg(long, conflicts_with = "conversation")]
    new: bool,
    /// Goes on with this conversation
    #[arg(long, value_name = "ID")]
    conversation: Option<String>,
    /// The workspace to talk in [default: the server's default one]
    #[arg(long, value_name = "ID")]
    workspace: Option<String>,
    /// Prints what happens as one JSON object a line (banto.v1.ConverseResponse)
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerFlags,
}

pub(super) async fn run(args: ChatArgs, environment: &Environment) -> Result<(), Failure> {
    let text = match args.text.as_str() {
        "-" => read_stdin()?,
        _ => args.text.clone(),
    };
    let printer = printer::Printer::new(args.json, Output::of_process(environment));
    let ending = session::Session::new(&args, text, environment, printer).run().await?;
    judge(&ending)
}

/// Reads all of standard input. The line feed that ends the last line belongs to
/// the shell, not to the message.
fn read_stdin() -> Result<String, Failure> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| Failure::Usage(format!("standard input cannot be read as UTF-8 text: {error}")))?;
    let text = text.replace("\r\n", "\n");
    Ok(text.strip_suffix('\n').unwrap_or(&text).to_owned())
}

/// Says how a turn ended, if it did not end well.
fn judge(ending: &Ending) -> Result<(), Failure> {
    let turn = ending.ended.turn.clone().unwrap_or_default();
    if turn.state() == RunState::Completed && ending.kept == Kept::Whole {
        return Ok(());
    }
    let mut text = match turn.state() {
        RunState::Completed => "the turn completed".to_owned(),
        state => format!("the turn ended as {}", plain(state.as_str_name(), "RUN_STATE_")),
    };
    if let Some(failure) = &turn.failure {
        if failure.kind() != FailureKind::Unspecified {
            text += &format!(" ({})", plain(failure.kind().as_str_name(), "FAILURE_KIND_"));
        }
        text += &format!(": {}", failure.message);
        if failure.retryable {
            text += "\nsending it again may help";
        }
    }
    match ending.kept {
        Kept::Whole => {}
        Kept::First(bytes) => {
            text += &format!("\nthe server kept the first {bytes} bytes of what was printed")
        }
        Kept::Differs => {
            text += &format!(
                "\nwhat was printed is not what the server keeps; `banto jobs {}` shows that",
                turn.job_id
            );
        }
    }
    Err(Failure::Failed(text))
}

fn plain<'a>(name: &'a str, prefix: &str) -> &'a str {
    name.strip_prefix(prefix).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::{Ending, Failure, Kept, judge};
    use banto_proto::v1::{self, FailureKind, RunState};

    fn verdict(state: RunState, failure: Option<v1::Failure>, kept: Kept) -> Option<String> {
        let turn = v1::Turn { state: state.into(), failure, job_id: "j".into(), ..Default::default() };
        let ended = v1::TurnEnded { turn: Some(turn), ..Default::default() };
        match judge(&Ending { ended, kept }) {
            Ok(()) => None,
            Err(Failure::Failed(text)) => Some(text),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn only_a_whole_completed_turn_is_a_success() {
        assert_eq!(verdict(RunState::Completed, None, Kept::Whole), None);
        assert_eq!(
            verdict(RunState::Cancelled, None, Kept::Whole).as_deref(),
            Some("the turn ended as CANCELLED")
        );
        let failure = v1::Failure {
            kind: FailureKind::IdleTimeout.into(),
            retryable: true,
            message: "Silence for 60 s.".into(),
        };
        assert_eq!(
            verdict(RunState::TimedOut, Some(failure), Kept::First(4)).as_deref(),
            Some(
                "the turn ended as TIMED_OUT (IDLE_TIMEOUT): Silence for 60 s.\nsending it again may help\n\
                 the server kept the first 4 bytes of what was printed"
            )
        );
        assert!(verdict(RunState::Completed, None, Kept::Differs).is_some());
    }
}
