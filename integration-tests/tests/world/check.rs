//! What must be so after each operation.

use super::{Chat, World, upstream};
use banto_integration_tests::{Companion, eventually, within};
use banto_proto::v1::{
    GetTranscriptRequest, GetTranscriptResponse, MessageRole, RunState, SendMessageResponse, TranscriptItem,
};
use std::time::{Duration, Instant};

async fn transcript(chat: &Companion) -> GetTranscriptResponse {
    chat.page(GetTranscriptRequest { page_size: 500, ..Default::default() }).await
}

impl World {
    /// Compares the conversations that the last operation touched with the model.
    pub async fn check(&mut self) {
        let all = match self.touched {
            Some(index) => index..index + 1,
            None => 0..self.chats.len(),
        };
        for index in all {
            let chat = self.handle(index);
            let now = transcript(&chat).await;
            self.compare(index, &now);
            self.follow(index, &chat, &now).await;
        }
    }

    fn compare(&mut self, index: usize, now: &GetTranscriptResponse) {
        let chat = &self.chats[index];
        let conversation = now.conversation.as_ref().expect("the conversation");
        assert_eq!(conversation.message_count, now.items.len() as u64);
        assert!(chat.title.as_ref().is_none_or(|title| *title == conversation.title), "the title is kept");
        let users = now.items.iter().filter(|item| item.role() == MessageRole::User);
        let users: Vec<_> = users.map(|item| (&item.message_id, &item.text)).collect();
        let acknowledged: Vec<_> = chat.messages.iter().map(|it| (&it.id, &it.text)).collect();
        assert_eq!(users, acknowledged, "every acknowledged message once, in order, and no other");

        let expected: Vec<_> = chat.messages.iter().flat_map(|it| &it.turns).collect();
        let replies: Vec<_> = now.items.iter().filter(|it| it.role() == MessageRole::Assistant).collect();
        assert_eq!(
            replies.iter().map(|it| &it.turn_id).collect::<Vec<_>>(),
            expected,
            "a reply for each turn"
        );
        let latest = expected.last().map_or("", |turn_id| turn_id.as_str());
        for message in &chat.messages {
            for (position, turn_id) in message.turns.iter().enumerate() {
                let reply = replies.iter().find(|it| it.turn_id == *turn_id).expect("it was just found");
                assert_eq!(reply.superseded, position + 1 < message.turns.len(), "{reply:?}");
                upstream::check(&message.text, reply.state(), &reply.text);
                let turn = now.turns.iter().find(|turn| turn.turn_id == *turn_id).expect("the turn");
                assert_eq!(turn.state(), reply.state());
                let running = reply.state() == RunState::Running;
                assert!(!running || conversation.active_turn_id == *turn_id, "it runs without an owner");
                assert!(!running || turn_id == latest, "an old turn runs");
                if !running {
                    let end = (reply.state(), reply.text.clone());
                    let before = self.ended.entry(turn_id.clone()).or_insert_with(|| end.clone());
                    assert_eq!(*before, end, "an end never changes");
                }
            }
        }
    }

    /// Goes on with what the watcher has seen, which checks the sequence, and
    /// compares it with what there is.
    async fn follow(&mut self, index: usize, chat: &Companion, now: &GetTranscriptResponse) {
        let head = now.conversation.as_ref().expect("the conversation").head_sequence;
        let known = self.chats[index].view.head_sequence > 0;
        let mut watch = chat.resume(self.chats[index].view.clone()).await;
        assert!(watch.resets().is_empty() && watch.resumed() == known, "every cursor is good");
        watch.until("the newest event", |watch| watch.view.head_sequence >= head).await;
        let settled = watch.view.head_sequence == head && watch.view.active_turn_id.is_empty();
        if settled {
            let plain = |items: &[TranscriptItem]| {
                let items = items.iter().map(|it| (it.message_id.clone(), it.text.clone(), it.state()));
                items.collect::<Vec<_>>()
            };
            let (seen, there) = (plain(&watch.view.items), plain(&now.items));
            // A snapshot begins with the newest items only.
            assert!(there.ends_with(&seen), "a watcher sees what is stored: {seen:?}\n{there:?}");
        }
        self.chats[index].view = watch.view;
    }

    /// After a restart no turn runs, but one that was begun since.
    pub(super) async fn all_came_to_an_end(&mut self, begun_since: &SendMessageResponse) {
        let since = begun_since.turn.as_ref().map_or("", |turn| turn.turn_id.as_str());
        for index in 0..self.chats.len() {
            let now = transcript(&self.handle(index)).await;
            let running = now.turns.iter().find(|turn| turn.ended_at.is_none());
            assert!(running.is_none_or(|turn| turn.turn_id == since), "{running:?} runs after a restart");
        }
        self.touched = None;
    }

    /// Everything comes to rest, and the next request works.
    pub async fn finish(&mut self) {
        for index in 0..self.chats.len() {
            let chat = self.handle(index);
            let idle = async || {
                let active = transcript(&chat).await.conversation?.active_turn_id;
                if active.is_empty() {
                    return Some(());
                }
                chat.cancel(&active).await;
                None
            };
            eventually("an idle conversation", idle).await;
            let begun = Instant::now();
            let last = within("the next reply", chat.ask("quick and last")).await;
            assert_eq!(last.turn.state(), RunState::Completed);
            assert!(begun.elapsed() < Duration::from_secs(5), "it took {:?}", begun.elapsed());
            let Chat { id, .. } = &self.chats[index];
            println!("{id}: {} messages", self.chats[index].messages.len() + 1);
        }
        let calls = self.upstream.requests().await.len();
        assert!(calls <= self.begun + self.chats.len(), "{calls} calls for {} turns", self.begun);
    }
}
