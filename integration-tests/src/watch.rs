//! An open watch of one conversation.

use crate::{Refusal, View, view::is_terminal, within};
use banto_proto::v1::{
    ConversationEvent, ConversationUpdate, Reset, Turn, WatchConversationResponse, conversation_event,
    conversation_update::Kind,
};
use std::time::Instant;
use tonic::Streaming;

/// The stream, what came on it and what it amounts to.
#[derive(Debug)]
pub struct Watch {
    stream: Streaming<WatchConversationResponse>,
    /// All updates but heartbeats, with the time of their arrival.
    pub updates: Vec<(Instant, ConversationUpdate)>,
    /// What a client would show now.
    pub view: View,
}

impl Watch {
    pub(crate) async fn open(stream: Streaming<WatchConversationResponse>, view: View) -> Self {
        let mut watch = Self { stream, updates: Vec::new(), view };
        watch.until("the snapshot", |watch| watch.snapshots() == 1).await;
        watch
    }

    /// Applies the next update; false at the end of the stream.
    pub async fn step(&mut self) -> Result<bool, Refusal> {
        let Some(response) = within("an update of the conversation", self.stream.message()).await? else {
            return Ok(false);
        };
        let update = response.update.expect("an update");
        if !matches!(update.kind, Some(Kind::Heartbeat(_))) {
            self.view.apply(&update);
            self.updates.push((Instant::now(), update));
        }
        Ok(true)
    }

    /// Goes on until `reached` holds.
    pub async fn until(&mut self, what: &str, reached: impl Fn(&Self) -> bool) {
        let mut silent = 0;
        while !reached(self) {
            let before = self.updates.len();
            match self.step().await {
                // A heartbeat is no sign that it will ever come.
                Ok(true) if self.updates.len() == before => {
                    silent += 1;
                    assert!(silent < 2, "waited in vain for {what}: {:#?}", self.view);
                }
                Ok(true) => silent = 0,
                Ok(false) => panic!("the watch ended before {what}"),
                Err(refusal) => panic!("the watch broke before {what}: {refusal:?}"),
            }
        }
    }

    /// Goes on until the turn has ended.
    pub async fn until_turn_ended(&mut self, turn_id: &str) -> Turn {
        let ended = |turn: &Turn| is_terminal(turn.state());
        self.until("the end of the turn", |watch| watch.view.turn(turn_id).is_some_and(ended)).await;
        self.view.turn(turn_id).cloned().expect("it is there")
    }

    /// Goes on until the newest item's text contains `text`.
    pub async fn until_text(&mut self, text: &str) {
        self.until(text, |watch| watch.view.last_text().contains(text)).await;
    }

    /// Goes on to the end of the stream.
    pub async fn until_closed(&mut self) -> Result<(), Refusal> {
        while self.step().await? {}
        Ok(())
    }

    /// Snapshots so far.
    #[must_use]
    pub fn snapshots(&self) -> usize {
        self.kinds().filter(|kind| matches!(kind, Kind::Snapshot(_))).count()
    }

    /// Whether the first snapshot accepted the cursor.
    #[must_use]
    pub fn resumed(&self) -> bool {
        self.kinds().any(|kind| matches!(kind, Kind::Snapshot(snapshot) if snapshot.resumed))
    }

    /// Resets so far.
    #[must_use]
    pub fn resets(&self) -> Vec<Reset> {
        self.kinds()
            .filter_map(|kind| if let Kind::Reset(reset) = kind { Some(*reset) } else { None })
            .collect()
    }

    /// Durable events so far.
    pub fn events(&self) -> impl Iterator<Item = &ConversationEvent> {
        self.kinds().filter_map(|kind| if let Kind::Event(event) = kind { Some(event) } else { None })
    }

    /// How often it saw the end of a turn.
    #[must_use]
    pub fn ends(&self) -> usize {
        self.events()
            .filter(|event| matches!(event.kind, Some(conversation_event::Kind::TurnEnded(_))))
            .count()
    }

    fn kinds(&self) -> impl Iterator<Item = &Kind> {
        self.updates.iter().filter_map(|(_, update)| update.kind.as_ref())
    }
}
