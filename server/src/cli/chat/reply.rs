//! Reduces the updates of a conversation to the text of one reply, so that what
//! was printed is never printed again and nothing is left out, however often
//! the stream breaks.

use banto_proto::v1::{
    ConversationEvent, ConversationSnapshot, ConversationUpdate, Delta, RunState, SendMessageResponse,
    TranscriptItem, Turn, TurnEnded, conversation_event, conversation_update,
};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// Something new to print.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    /// The next bytes of the reply.
    Text {
        /// Where they begin.
        offset: u64,
        /// The bytes.
        text: String,
    },
    /// A durable event of the turn.
    Event(Box<ConversationEvent>),
}

/// How what was printed compares with what the server keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// The same.
    Whole,
    /// Only so many bytes: the last ones were in flight when the server died.
    First(u64),
    /// Something else.
    Differs,
}

/// The turn is over.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ending {
    /// The event; its sequence is 0 where only a snapshot told of the end.
    pub ended: TurnEnded,
    /// What the server keeps.
    pub kept: Kept,
}

/// Where to resume the watch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cursor {
    /// Epoch of the log.
    pub epoch: String,
    /// The last event that was seen.
    pub sequence: u64,
}

/// One reply, as far as it has come.
#[derive(Debug)]
pub(super) struct Reply {
    pub conversation_id: String,
    pub turn_id: String,
    pub message_id: String,
    /// Sequence of the message that is answered; the reply's item follows it.
    pub asked_at: u64,
    cursor: Cursor,
    text: String,
    /// Text past a gap, by offset, until what is between has come.
    ahead: BTreeMap<usize, String>,
    /// The end, held back until the text before it is whole.
    held: Option<ConversationEvent>,
    /// A snapshot was too short to hold the reply.
    unseen: bool,
    diverged: bool,
    gone: bool,
    ending: Option<Ending>,
}

impl Reply {
    /// The reply to a message that was accepted. `None`: the answer lacks what
    /// every server sends.
    pub fn accepted(response: &SendMessageResponse) -> Option<Self> {
        let conversation = response.conversation.as_ref()?;
        let asked_at = response.message.as_ref()?.sequence;
        let turn = response.turn.as_ref()?;
        Some(Self {
            conversation_id: conversation.conversation_id.clone(),
            turn_id: turn.turn_id.clone(),
            message_id: turn.assistant_message_id.clone(),
            asked_at,
            // Not the head: the answer to a resent message may be younger than
            // the turn's first events.
            cursor: Cursor { epoch: conversation.epoch.clone(), sequence: asked_at },
            text: String::new(),
            ahead: BTreeMap::new(),
            held: None,
            unseen: false,
            diverged: false,
            gone: false,
            ending: None,
        })
    }

    /// Where a new watch has to begin.
    pub fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    /// Whether text is missing that only the transcript still has.
    pub fn lacks_text(&self) -> bool {
        self.ending.is_none() && (self.unseen || self.held.is_some() || !self.ahead.is_empty())
    }

    /// Whether the end is known and waits for the text before it.
    pub fn end_is_held(&self) -> bool {
        self.held.is_some()
    }

    /// The end, once everything before it has been given out.
    pub fn ending(&self) -> Option<&Ending> {
        self.ending.as_ref()
    }

    /// Whether the conversation was deleted meanwhile.
    pub fn is_gone(&self) -> bool {
        self.gone
    }

    /// Takes an update and gives out what is new.
    pub fn apply(&mut self, update: ConversationUpdate) -> Vec<Piece> {
        use conversation_update::Kind;
        let mut pieces = Vec::new();
        match update.kind {
            Some(Kind::Snapshot(snapshot)) => self.take_snapshot(snapshot, &mut pieces),
            Some(Kind::Event(event)) => self.take_event(event, &mut pieces),
            Some(Kind::Delta(delta)) => self.take_delta(delta, &mut pieces),
            // A stream that breaks before the snapshot must not resume.
            Some(Kind::Reset(_)) => self.cursor = Cursor::default(),
            Some(Kind::Deleted(_)) => self.gone = true,
            Some(Kind::Heartbeat(_)) | None => {}
        }
        pieces
    }

    /// Takes the transcript's form of the reply and gives out what is new.
    pub fn apply_transcript(&mut self, items: Vec<TranscriptItem>, turns: Vec<Turn>) -> Vec<Piece> {
        let mut pieces = Vec::new();
        self.unseen = false;
        self.take_items(items, turns, &mut pieces);
        if self.held.is_some() {
            // The transcript of an ended turn is all there is.
            self.finish(&mut pieces);
        }
        pieces
    }

    fn take_snapshot(&mut self, snapshot: ConversationSnapshot, pieces: &mut Vec<Piece>) {
        self.cursor.epoch = snapshot.epoch;
        if !snapshot.resumed {
            self.cursor.sequence = snapshot.head_sequence;
            self.unseen = !snapshot.items.iter().any(|item| item.message_id == self.message_id);
            if !self.unseen {
                self.take_items(snapshot.items, snapshot.turns, pieces);
            }
        }
    }

    fn take_items(&mut self, items: Vec<TranscriptItem>, turns: Vec<Turn>, pieces: &mut Vec<Piece>) {
        let item = items.into_iter().find(|item| item.message_id == self.message_id);
        let turn = turns.into_iter().find(|turn| turn.turn_id == self.turn_id);
        let whole = item.map(|item| item.text);
        if let Some(text) = &whole {
            match text.strip_prefix(self.text.as_str()) {
                Some(rest) => self.append(rest, pieces),
                // While the turn runs, the database may be a moment behind.
                None => self.diverged |= !self.text.starts_with(text.as_str()),
            }
            self.append_ahead(pieces);
        }
        let ended = |turn: &Turn| turn.state() as i32 >= RunState::Completed as i32;
        let (None, Some(turn)) = (&self.held, turn.filter(ended)) else { return };
        let ended = match &whole {
            Some(text) => TurnEnded {
                turn: Some(turn),
                text_length: text.len() as u64,
                text_sha256: digest(text),
                citations: Vec::new(),
            },
            // No text is as long as this one, so the two will differ.
            None => TurnEnded { turn: Some(turn), text_length: u64::MAX, ..TurnEnded::default() },
        };
        let event = ConversationEvent {
            kind: Some(conversation_event::Kind::TurnEnded(ended)),
            ..ConversationEvent::default()
        };
        self.hold(event, pieces);
    }

    fn take_event(&mut self, event: ConversationEvent, pieces: &mut Vec<Piece>) {
        use conversation_event::Kind;
        if event.sequence <= self.cursor.sequence {
            return;
        }
        self.cursor.sequence = event.sequence;
        let turn_id = match &event.kind {
            Some(Kind::MessageAdded(added)) => added.item.as_ref().map(|item| &item.turn_id),
            Some(Kind::TurnStarted(started)) => started.turn.as_ref().map(|turn| &turn.turn_id),
            Some(Kind::TurnRetried(retried)) => Some(&retried.turn_id),
            Some(Kind::TurnEnded(ended)) => ended.turn.as_ref().map(|turn| &turn.turn_id),
            Some(Kind::Changed(_)) | None => None,
        };
        if turn_id != Some(&self.turn_id) {
            return;
        }
        if matches!(event.kind, Some(Kind::TurnEnded(_))) {
            self.hold(event, pieces);
        } else {
            pieces.push(Piece::Event(Box::new(event)));
        }
    }

    fn take_delta(&mut self, delta: Delta, pieces: &mut Vec<Piece>) {
        let Ok(offset) = usize::try_from(delta.offset) else { return };
        if delta.block_id != self.message_id || self.ending.is_some() {
            return;
        }
        if offset > self.text.len() {
            self.ahead.insert(offset, delta.text);
            return;
        }
        self.overlay(offset, &delta.text, pieces);
        self.append_ahead(pieces);
    }

    /// Takes text that begins at or before the end of what there is.
    fn overlay(&mut self, offset: usize, text: &str, pieces: &mut Vec<Piece>) {
        let known = self.text.len() - offset;
        if known >= text.len() {
            self.diverged |= self.text.as_bytes()[offset..offset + text.len()] != *text.as_bytes();
            return;
        }
        self.diverged |= self.text.as_bytes()[offset..] != text.as_bytes()[..known];
        match text.get(known..) {
            Some(rest) => self.append(rest, pieces),
            // Not between two characters, so the text is another one.
            None => self.diverged = true,
        }
    }

    fn append_ahead(&mut self, pieces: &mut Vec<Piece>) {
        while let Some(entry) = self.ahead.first_entry()
            && *entry.key() <= self.text.len()
        {
            let (offset, text) = entry.remove_entry();
            self.overlay(offset, &text, pieces);
        }
        if self.held.is_some() {
            self.finish_if_whole(pieces);
        }
    }

    fn append(&mut self, text: &str, pieces: &mut Vec<Piece>) {
        if !text.is_empty() {
            pieces.push(Piece::Text { offset: self.text.len() as u64, text: text.to_owned() });
            self.text.push_str(text);
        }
    }

    fn hold(&mut self, event: ConversationEvent, pieces: &mut Vec<Piece>) {
        if self.ending.is_none() && self.held.is_none() {
            self.held = Some(event);
            self.finish_if_whole(pieces);
        }
    }

    fn finish_if_whole(&mut self, pieces: &mut Vec<Piece>) {
        let length = match self.held.as_ref().and_then(|event| event.kind.as_ref()) {
            Some(conversation_event::Kind::TurnEnded(ended)) => ended.text_length,
            _ => return,
        };
        if self.text.len() as u64 >= length {
            self.finish(pieces);
        }
    }

    fn finish(&mut self, pieces: &mut Vec<Piece>) {
        let Some(event) = self.held.take() else { return };
        let Some(conversation_event::Kind::TurnEnded(ended)) = event.kind.clone() else { return };
        let printed = self.text.len() as u64;
        let prefix = usize::try_from(ended.text_length).ok().and_then(|length| self.text.get(..length));
        let same =
            prefix.is_some_and(|text| ended.text_sha256.is_empty() || digest(text) == ended.text_sha256);
        let kept = match same && !self.diverged {
            true if ended.text_length == printed => Kept::Whole,
            true => Kept::First(ended.text_length),
            false => Kept::Differs,
        };
        self.ending = Some(Ending { ended, kept });
        pieces.push(Piece::Event(Box::new(event)));
    }
}

fn digest(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

#[cfg(test)]
mod tests;
