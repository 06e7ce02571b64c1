//! A conversation as a client sees it.

use banto_proto::v1::{
    ConversationEvent, ConversationSnapshot, ConversationUpdate, Delta, MessageRole, RunState,
    TranscriptItem, Turn, TurnEnded, TurnStarted, conversation_event, conversation_update,
};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// The state that a client builds up from a watch. It applies each update as
/// the contract says and fails the test on a gap, a double or a wrong text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// The epoch of the log, for resuming.
    pub epoch: String,
    /// The newest event that was applied, for resuming.
    pub head_sequence: u64,
    /// Title of the conversation.
    pub title: String,
    /// The running turn; empty without one.
    pub active_turn_id: String,
    /// The items, oldest first.
    pub items: Vec<TranscriptItem>,
    /// The turns by id.
    pub turns: BTreeMap<String, Turn>,
    /// Whether the conversation was deleted.
    pub deleted: bool,
}

impl View {
    /// Applies one update.
    pub fn apply(&mut self, update: &ConversationUpdate) {
        match update.kind.as_ref().expect("an update has a kind") {
            conversation_update::Kind::Snapshot(snapshot) => self.begin(snapshot),
            conversation_update::Kind::Event(event) => self.advance(event),
            conversation_update::Kind::Delta(delta) => self.write(delta),
            conversation_update::Kind::Reset(_) => *self = Self::default(),
            conversation_update::Kind::Heartbeat(_) => {}
            conversation_update::Kind::Deleted(_) => self.deleted = true,
        }
    }

    /// The turn with this id.
    #[must_use]
    pub fn turn(&self, turn_id: &str) -> Option<&Turn> {
        self.turns.get(turn_id)
    }

    /// The reply of a turn.
    #[must_use]
    pub fn reply(&self, turn_id: &str) -> Option<&TranscriptItem> {
        self.items.iter().find(|item| item.turn_id == turn_id && item.role() == MessageRole::Assistant)
    }

    /// The text of the newest item.
    #[must_use]
    pub fn last_text(&self) -> &str {
        self.items.last().map_or("", |item| &item.text)
    }

    fn begin(&mut self, snapshot: &ConversationSnapshot) {
        let conversation = snapshot.conversation.as_ref().expect("a snapshot has its conversation");
        if snapshot.resumed {
            assert_eq!(snapshot.epoch, self.epoch, "resumed in another epoch");
            assert!(snapshot.items.is_empty() && snapshot.turns.is_empty(), "a resumed view stays");
            return;
        }
        *self = Self {
            epoch: snapshot.epoch.clone(),
            head_sequence: snapshot.head_sequence,
            title: conversation.title.clone(),
            active_turn_id: conversation.active_turn_id.clone(),
            items: snapshot.items.clone(),
            turns: snapshot.turns.iter().map(|turn| (turn.turn_id.clone(), turn.clone())).collect(),
            deleted: false,
        };
    }

    fn advance(&mut self, event: &ConversationEvent) {
        assert_eq!(event.sequence, self.head_sequence + 1, "a gap or a double in the log: {event:?}");
        self.head_sequence = event.sequence;
        match event.kind.as_ref().expect("an event has a kind") {
            conversation_event::Kind::MessageAdded(added) => {
                let item = added.item.clone().expect("the message");
                assert_eq!(item.sequence, event.sequence, "an item's place is its event's");
                self.items.push(item);
            }
            conversation_event::Kind::TurnStarted(started) => self.turn_started(event.sequence, started),
            conversation_event::Kind::TurnRetried(retried) => {
                let turn = self.turns.get_mut(&retried.turn_id).expect("a known turn retries");
                let attempt = retried.attempt.clone().expect("the attempt");
                turn.attempts.retain(|other| other.number != attempt.number);
                turn.attempts.push(attempt);
            }
            conversation_event::Kind::TurnEnded(ended) => self.turn_ended(ended),
            conversation_event::Kind::Changed(changed) => {
                self.title = changed.conversation.as_ref().expect("the conversation").title.clone();
            }
        }
    }

    fn turn_started(&mut self, sequence: u64, started: &TurnStarted) {
        let turn = started.turn.clone().expect("the turn");
        let reply = started.reply.clone().expect("its reply");
        assert_eq!(self.active_turn_id, "", "two turns at once");
        assert_eq!((reply.sequence, reply.text.as_str()), (sequence, ""), "a reply begins empty");
        for former in self.turns.values_mut().filter(|it| it.user_message_id == turn.user_message_id) {
            // A log that is read later knows already what came of it.
            if former.superseded_by.is_empty() {
                former.superseded_by.clone_from(&turn.turn_id);
            }
            let of_former = |item: &&mut TranscriptItem| item.message_id == former.assistant_message_id;
            self.items.iter_mut().filter(of_former).for_each(|item| item.superseded = true);
        }
        self.active_turn_id.clone_from(&turn.turn_id);
        self.items.push(reply);
        self.turns.insert(turn.turn_id.clone(), turn);
    }

    fn write(&mut self, delta: &Delta) {
        let block = self.items.iter_mut().find(|item| item.message_id == delta.block_id);
        let block = block.unwrap_or_else(|| panic!("text for an unknown block: {delta:?}"));
        let offset = usize::try_from(delta.offset).expect("an offset");
        assert!(offset <= block.text.len(), "a gap in the text at byte {}: {delta:?}", block.text.len());
        if block.state() == RunState::Running {
            block.text.truncate(offset);
            block.text.push_str(&delta.text);
        } else {
            assert!(
                block.text[offset..].starts_with(&delta.text),
                "text after the end of its turn: {delta:?}"
            );
        }
    }

    fn turn_ended(&mut self, ended: &TurnEnded) {
        let turn = ended.turn.clone().expect("the turn");
        assert_eq!(self.active_turn_id, turn.turn_id, "a turn that does not run has ended");
        let state = turn.state();
        assert!(is_terminal(state), "a turn ended in {state:?}");
        let reply = self.items.iter_mut().find(|item| item.message_id == turn.assistant_message_id);
        let reply = reply.expect("the reply of an ended turn");
        let length = usize::try_from(ended.text_length).expect("a length");
        if state == RunState::Interrupted {
            // What the dead process had sent and not stored is cut back.
            reply.text.truncate(length);
        }
        assert_eq!(reply.text.len(), length, "length of the reply {:?}", reply.text);
        assert_eq!(hex::encode(Sha256::digest(&reply.text)), ended.text_sha256, "hash of the reply");
        reply.set_state(state);
        reply.citations.clone_from(&ended.citations);
        self.active_turn_id.clear();
        self.turns.insert(turn.turn_id.clone(), turn);
    }
}

/// Whether a run in this state has ended.
#[must_use]
pub fn is_terminal(state: RunState) -> bool {
    !matches!(state, RunState::Unspecified | RunState::Queued | RunState::Running)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn running() -> View {
        let mut reply = TranscriptItem { message_id: "reply".into(), ..Default::default() };
        reply.set_state(RunState::Running);
        View { head_sequence: 2, items: vec![reply], ..Default::default() }
    }

    fn delta(offset: u64, text: &str) -> ConversationUpdate {
        let delta = Delta { block_id: "reply".into(), offset, text: text.into() };
        ConversationUpdate { kind: Some(conversation_update::Kind::Delta(delta)) }
    }

    #[test]
    fn a_delta_may_come_twice_or_overlap() {
        let mut view = running();
        for update in [delta(0, "あい"), delta(0, "あい"), delta(3, "いう")] {
            view.apply(&update);
        }
        assert_eq!(view.last_text(), "あいう");
    }

    #[test]
    #[should_panic(expected = "a gap in the text")]
    fn a_missing_delta_is_noticed() {
        running().apply(&delta(1, "late"));
    }

    #[test]
    #[should_panic(expected = "a gap or a double")]
    fn a_repeated_event_is_noticed() {
        let event = ConversationEvent { sequence: 2, ..Default::default() };
        running().apply(&ConversationUpdate { kind: Some(conversation_update::Kind::Event(event)) });
    }
}
