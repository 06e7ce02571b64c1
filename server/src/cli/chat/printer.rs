//! Prints the pieces of a reply: its text, or the events as JSON.

use super::reply::Piece;
use crate::cli::{
    exit::Failure,
    json,
    output::Output,
    safe_text::{self, SafeText},
};
use banto_proto::v1::{
    ConversationEvent, ConversationUpdate, ConverseResponse, Delta, SendMessageResponse, conversation_event,
    conversation_update, converse_response,
};
use std::io::{self, IsTerminal as _, Write as _};

pub(super) struct Printer {
    json: bool,
    /// Somebody's terminal must not be steered by what a model writes; a pipe
    /// gets every byte.
    safe: Option<SafeText>,
    /// Whether notes about what goes on would reach a person.
    notes: bool,
    open_line: bool,
}

impl Printer {
    pub fn new(json: bool, out: Output) -> Self {
        let safe = out.terminal.then(SafeText::default);
        Self { json, safe, notes: io::stderr().is_terminal(), open_line: false }
    }

    pub fn accepted(&self, response: SendMessageResponse) -> Result<(), Failure> {
        self.json_line(converse_response::Kind::Accepted(response))
    }

    pub fn piece(&mut self, message_id: &str, piece: Piece) -> Result<(), Failure> {
        match piece {
            Piece::Text { offset, text } if self.json => {
                let delta = Delta { block_id: message_id.to_owned(), offset, text };
                self.update(conversation_update::Kind::Delta(delta))
            }
            Piece::Text { text, .. } => self.text(&text),
            Piece::Event(event) if self.json => self.update(conversation_update::Kind::Event(*event)),
            Piece::Event(event) => self.event(*event),
        }
    }

    /// Says something beside the reply, to a person.
    pub fn note(&mut self, text: &str) -> Result<(), Failure> {
        if self.notes {
            self.end_line()?;
            eprintln!("{}", safe_text::lines(text));
        }
        Ok(())
    }

    /// Ends the last line, so that what follows begins on its own.
    pub fn end_line(&mut self) -> Result<(), Failure> {
        if self.open_line {
            self.write("\n")?;
        }
        Ok(())
    }

    fn event(&mut self, event: ConversationEvent) -> Result<(), Failure> {
        match event.kind {
            Some(conversation_event::Kind::TurnRetried(retried)) => {
                let failure = retried.attempt.and_then(|attempt| attempt.failure).unwrap_or_default();
                self.note(&format!("trying again: {}", failure.message))
            }
            Some(conversation_event::Kind::TurnEnded(ended)) => {
                self.end_line()?;
                for citation in &ended.citations {
                    let source = format!("see {}, {}", citation.document, citation.heading);
                    eprintln!("{}", safe_text::line(&source));
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn text(&mut self, text: &str) -> Result<(), Failure> {
        match &mut self.safe {
            Some(safe) => {
                let shown = safe.clean(text);
                self.write(&shown)
            }
            None => self.write(text),
        }
    }

    fn write(&mut self, text: &str) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        // A reply streams; a buffer would keep its last words back.
        out.flush()?;
        if !text.is_empty() {
            self.open_line = !text.ends_with('\n');
        }
        Ok(())
    }

    fn update(&self, kind: conversation_update::Kind) -> Result<(), Failure> {
        self.json_line(converse_response::Kind::Update(ConversationUpdate { kind: Some(kind) }))
    }

    fn json_line(&self, kind: converse_response::Kind) -> Result<(), Failure> {
        if !self.json {
            return Ok(());
        }
        let line = json::line(&ConverseResponse { kind: Some(kind) })?;
        let mut out = io::stdout().lock();
        writeln!(out, "{line}")?;
        Ok(out.flush()?)
    }
}
