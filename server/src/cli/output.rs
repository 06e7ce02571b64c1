//! What standard output is, and the one place that writes whole lines to it.

use super::{exit::Failure, json};
use crate::config::Environment;
use std::io::{self, IsTerminal as _, Write as _};

/// Standard output of this process.
#[derive(Clone, Copy)]
pub(super) struct Output {
    /// Somebody looks at it.
    pub terminal: bool,
    /// It may be coloured.
    pub colour: bool,
}

impl Output {
    pub fn of_process(environment: &Environment) -> Self {
        let terminal = io::stdout().is_terminal();
        let plain = environment.text("NO_COLOR").is_some() || environment.text("TERM") == Some("dumb");
        Self { terminal, colour: terminal && !plain }
    }
}

/// Writes text, and a line feed if it does not end with one.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    if !text.ends_with('\n') {
        out.write_all(b"\n")?;
    }
    Ok(out.flush()?)
}

/// Writes text as it is.
pub(super) fn write(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// Writes a message as one line of JSON.
pub(super) fn print_json<M: json::Named>(message: &M) -> Result<(), Failure> {
    print(&json::line(message)?)
}
