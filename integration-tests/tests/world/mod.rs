//! A server, what was done to it, and what must therefore be so.

mod check;
mod upstream;

use banto_integration_tests::{Answer as _, Banto, Companion, Refusal, View, upstream::Upstream};
use banto_proto::v1::{CancelOutcome, MessageRole, RegenerateTurnRequest, RunState, SendMessageResponse};
use rand::{RngExt as _, rngs::StdRng};
use std::{collections::BTreeMap, time::Duration};
use tonic::Code;

/// A server and the model of it.
pub struct World {
    upstream: Upstream,
    banto: Banto,
    chats: Vec<Chat>,
    /// How turns ended that were seen to end; that never changes.
    ended: BTreeMap<String, (RunState, String)>,
    /// Turns that were begun, so many calls may have been made.
    begun: usize,
    names: u32,
    /// The conversation of the last operation, or all.
    touched: Option<usize>,
}

/// A conversation.
#[derive(Clone, Default)]
struct Chat {
    id: String,
    /// Its title, once it was given one.
    title: Option<String>,
    messages: Vec<Message>,
    /// What a watcher has seen so far.
    view: View,
}

/// An acknowledged message and the turns that answer it, the last one valid.
#[derive(Clone)]
struct Message {
    id: String,
    client_id: Option<String>,
    text: String,
    turns: Vec<String>,
}

impl World {
    pub async fn new() -> Self {
        let upstream = Upstream::start().await;
        upstream.set_handler(upstream::answer);
        let banto = Banto::with(&upstream).await;
        let ended = BTreeMap::new();
        let mut world = Self { upstream, banto, chats: Vec::new(), ended, begun: 0, names: 0, touched: None };
        world.create().await;
        world
    }

    fn name(&mut self) -> String {
        self.names += 1;
        format!("message-{}", self.names)
    }

    fn handle(&self, index: usize) -> Companion {
        self.banto.owner().conversation(&self.chats[index].id)
    }

    fn any(&mut self, dice: &mut StdRng) -> usize {
        let index = dice.random_range(0..self.chats.len());
        self.touched = Some(index);
        index
    }

    /// Notes a message that was accepted.
    fn accepted(&mut self, index: usize, client_id: &str, text: &str, answer: &SendMessageResponse) {
        let turn = answer.turn.as_ref().expect("the turn").turn_id.clone();
        let id = answer.message.as_ref().expect("the message").message_id.clone();
        let message = Message { id, client_id: Some(client_id.into()), text: text.into(), turns: vec![turn] };
        self.chats[index].messages.push(message);
        self.begun += 1;
    }

    /// A refusal because of a running turn must name the latest one.
    fn busy(&self, index: usize, refusal: Refusal) {
        let turns = self.chats[index].messages.last().map(|message| &message.turns);
        let latest = turns.and_then(|turns| turns.last()).expect("a turn runs, so there is one");
        assert!(!self.ended.contains_key(latest), "{latest} was seen to end: {refusal:?}");
        refusal.is(Code::FailedPrecondition, "TURN_IN_PROGRESS").says("active_turn_id", latest);
    }

    pub async fn create(&mut self) {
        println!("create");
        let id = self.banto.chat().await.conversation_id;
        self.chats.push(Chat { id, ..Chat::default() });
        self.touched = Some(self.chats.len() - 1);
    }

    pub async fn send(&mut self, dice: &mut StdRng) {
        let (index, client_id) = (self.any(dice), self.name());
        let text = upstream::question(dice, &client_id);
        println!("send {text:?} in {index}");
        let chat = self.handle(index);
        match chat.try_send(chat.message_as(&client_id, &text)).await {
            Ok(answer) => {
                assert!(!answer.replayed);
                self.accepted(index, &client_id, &text, &answer);
            }
            Err(refusal) => self.busy(index, refusal),
        }
    }

    pub async fn send_again(&mut self, dice: &mut StdRng) {
        let index = self.any(dice);
        let Some((message, client_id)) = self.acknowledged(index, dice) else { return println!("nothing") };
        println!("send {client_id} again in {index}");
        let answer = self.handle(index).send_as(&client_id, &message.text).await.0;
        assert!(answer.replayed, "{client_id} was sent twice");
        assert_eq!(answer.message.expect("the message").message_id, message.id);
        assert_eq!(answer.turn.expect("the turn").turn_id, message.turns[0]);
    }

    pub async fn reuse_an_id(&mut self, dice: &mut StdRng) {
        let index = self.any(dice);
        let Some((_, client_id)) = self.acknowledged(index, dice) else { return println!("nothing") };
        println!("another text as {client_id} in {index}");
        let chat = self.handle(index);
        let refusal = chat.try_send(chat.message_as(&client_id, "another text")).await.refused();
        refusal.blames("client_message_id");
    }

    fn acknowledged(&self, index: usize, dice: &mut StdRng) -> Option<(Message, String)> {
        let own = self.chats[index].messages.iter();
        let own: Vec<_> = own.filter_map(|it| Some((it.clone(), it.client_id.clone()?))).collect();
        (!own.is_empty()).then(|| own[dice.random_range(0..own.len())].clone())
    }

    pub async fn cancel(&mut self, dice: &mut StdRng) {
        let index = self.any(dice);
        let turns: Vec<_> = self.chats[index].messages.iter().flat_map(|it| it.turns.clone()).collect();
        let Some(latest) = turns.last() else { return println!("nothing") };
        let stale = dice.random_bool(0.2);
        let turn_id = if stale { &turns[dice.random_range(0..turns.len())] } else { latest };
        println!("cancel {turn_id} in {index}");
        let (outcome, turn) = self.handle(index).cancel(turn_id).await;
        assert_ne!(turn.state(), RunState::Running);
        match self.ended.get(turn_id) {
            Some((state, _)) => {
                assert_eq!((outcome, turn.state()), (CancelOutcome::AlreadyEnded, *state));
            }
            None if outcome == CancelOutcome::Cancelled => assert_eq!(turn.state(), RunState::Cancelled),
            None => assert_eq!(outcome, CancelOutcome::AlreadyEnded),
        }
    }

    pub async fn regenerate(&mut self, dice: &mut StdRng) {
        let index = self.any(dice);
        let turns: Vec<_> = self.chats[index].messages.iter().flat_map(|it| it.turns.clone()).collect();
        let Some(latest) = turns.last().cloned() else { return println!("nothing") };
        let stale = dice.random_bool(0.3);
        let turn_id = if stale { turns[dice.random_range(0..turns.len())].clone() } else { latest.clone() };
        println!("regenerate {turn_id} in {index}");
        let request = RegenerateTurnRequest { turn_id: turn_id.clone(), request_id: self.name() };
        match self.banto.owner().conversations().regenerate_turn(request).await {
            Ok(answer) => {
                assert_eq!(turn_id, latest, "only the latest can be answered again");
                let turn = answer.into_inner().turn.expect("the turn").turn_id;
                let message = self.chats[index].messages.last_mut().expect("the message of that turn");
                message.turns.push(turn);
                self.begun += 1;
            }
            Err(status) => {
                let refusal = Refusal::from(status);
                if refusal.reason == "TURN_NOT_ELIGIBLE" {
                    assert_ne!(turn_id, latest, "{refusal:?}");
                } else {
                    self.busy(index, refusal);
                }
            }
        }
    }

    pub async fn rename(&mut self, dice: &mut StdRng) {
        let (index, title) = (self.any(dice), self.name());
        println!("rename {index} to {title}");
        self.handle(index).rename(&title).await;
        self.chats[index].title = Some(title);
    }

    pub async fn fork(&mut self, dice: &mut StdRng) {
        let index = self.any(dice);
        let messages = &self.chats[index].messages;
        if messages.is_empty() || self.chats.len() > 8 {
            return println!("nothing");
        }
        let before = dice.random_range(0..messages.len());
        println!("fork {index} before message {before}");
        let original = self.chats[index].clone();
        let id = self.handle(index).fork(&original.messages[before].id).await.conversation_id;
        let items = self.banto.owner().conversation(&id).transcript().await.items;
        let mut fork = Chat { id, title: original.title, ..Chat::default() };
        for (pair, message) in items.chunks(2).zip(&original.messages[..before]) {
            assert_eq!((pair[0].role(), pair[1].role()), (MessageRole::User, MessageRole::Assistant));
            let valid = message.turns.last().expect("a turn");
            assert_eq!(pair[1].text, self.ended[valid].1, "the copy of the valid reply");
            fork.messages.push(Message {
                id: pair[0].message_id.clone(),
                client_id: None,
                text: message.text.clone(),
                turns: vec![pair[1].turn_id.clone()],
            });
        }
        assert_eq!(items.len(), before * 2, "everything before that message and nothing else");
        self.chats.push(fork);
        self.touched = None;
    }

    pub async fn delete(&mut self, dice: &mut StdRng) {
        let index = self.any(dice);
        println!("delete {index}");
        match self.handle(index).delete().await {
            Ok(()) => {
                let gone = self.handle(index);
                let refusal = gone.try_send(gone.message("hello")).await.refused();
                refusal.is(Code::NotFound, "CONVERSATION_NOT_FOUND");
                self.chats.remove(index);
                self.touched = None;
                if self.chats.is_empty() {
                    self.create().await;
                }
            }
            Err(refusal) => self.busy(index, refusal),
        }
    }

    /// Time for turns to go on; nothing waits for it.
    pub async fn wait(&mut self, dice: &mut StdRng) {
        println!("wait");
        self.touched = None;
        tokio::time::sleep(Duration::from_millis(dice.random_range(0..100))).await;
    }

    pub async fn restart(&mut self, dice: &mut StdRng) {
        // A hanging turn holds a polite end up for 5 s, so most ends are not polite.
        if self.chats.iter().all(|chat| chat.view.active_turn_id.is_empty()) && dice.random_bool(0.7) {
            println!("terminate");
            assert!(self.banto.terminate().await.status.success());
        } else {
            println!("kill");
            self.banto.kill().await;
        }
        self.come_back().await;
    }

    pub async fn crash_in_a_send(&mut self, dice: &mut StdRng) {
        let (index, client_id) = (self.any(dice), self.name());
        let text = upstream::question(dice, &client_id);
        println!("crash while {text:?} is sent in {index}");
        let chat = self.handle(index);
        let message = chat.message_as(&client_id, &text);
        let sending = tokio::spawn({
            let (chat, message) = (chat.clone(), message.clone());
            async move { chat.try_send(message).await }
        });
        // The moment of the fault is what this is about.
        tokio::time::sleep(Duration::from_micros(dice.random_range(0..30_000))).await;
        self.banto.kill().await;
        let acknowledged = sending.await.expect("no panic");
        self.banto.restart().await;
        let chat = self.handle(index);
        let again = chat.try_send(message).await.granted();
        if let Ok(acknowledged) = acknowledged {
            assert_eq!((&again.message, again.replayed), (&acknowledged.message, true));
        }
        self.accepted(index, &client_id, &text, &again);
        self.all_came_to_an_end(&again).await;
    }

    async fn come_back(&mut self) {
        self.banto.restart().await;
        self.all_came_to_an_end(&SendMessageResponse::default()).await;
    }
}
