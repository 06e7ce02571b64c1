//! The model's window: what is sent fits it, the newest whole exchanges first.

use banto_integration_tests::{
    Banto, Companion,
    banto::{CANARY_KEY, MODEL},
    eventually,
    upstream::{Exchange, Script, Upstream},
};
use banto_proto::v1::RunState;

/// A server whose provider takes so many tokens, of which 1,000 are for the reply.
async fn server(upstream: &Upstream, window: u64) -> Banto {
    let provider = format!(
        "[[providers]]\nid = \"openai\"\nwire_format = \"openai_chat\"\nbase_url = \"{}\"\n\
         api_key = \"{CANARY_KEY}\"\nmodel = \"{MODEL}\"\ncontext_window = {window}",
        upstream.base_url()
    );
    Banto::builder().tables(&provider).set("limits.reply_tokens", 1_000).start().await
}

/// The system prompt of a request and the texts after it, as role and text.
fn sent(exchange: &Exchange) -> (String, Vec<(String, String)>) {
    let body = exchange.json();
    let text = |message: &serde_json::Value, key: &str| message[key].as_str().expect("a text").to_owned();
    let messages = body["messages"].as_array().expect("messages").iter();
    let mut messages: Vec<_> = messages.map(|it| (text(it, "role"), text(it, "content"))).collect();
    let (role, system) = messages.remove(0);
    assert_eq!(role, "system");
    (system, messages)
}

/// A message of 1,000 bytes that says which it is: at most 500 tokens, at least 200.
fn long(name: &str) -> String {
    format!("{name:<1000}")
}

async fn converse(chat: &Companion, upstream: &Upstream, count: usize) {
    for number in 0..count {
        upstream.push(Script::openai().text(long(&format!("answer {number}"))).done());
        chat.ask(&long(&format!("question {number}"))).await;
    }
}

#[tokio::test]
async fn only_the_newest_whole_exchanges_that_fit_are_sent() {
    let upstream = Upstream::start().await;
    let banto = server(&upstream, 6_000).await;
    let chat = banto.chat().await;
    converse(&chat, &upstream, 20).await;
    chat.ask("the newest").await;

    let (system, messages) = sent(&upstream.request(20).await);
    assert!(system.contains("Banto"), "the system prompt is never cut: {system}");
    let bytes = system.len() + messages.iter().map(|(_, text)| text.len()).sum::<usize>();
    assert!(bytes.div_ceil(4) + 1_000 <= 6_000, "{bytes} bytes do not fit 6,000 tokens with the reply");
    assert!(messages.len() >= 9, "the window is used: {} messages", messages.len());
    assert_eq!(messages.len() % 2, 1, "whole exchanges and the new message");
    let context = chat.transcript().await.turns.pop().and_then(|turn| turn.context).expect("its context");
    assert_eq!(context.messages_included as usize, messages.len());
    assert_eq!((context.messages_included + context.messages_left_out) as usize, 41);
    assert_eq!(context.budget_tokens, 5_000, "the window without the reply");
    let estimated = bytes.div_ceil(3) as u64;
    assert!((estimated..=context.budget_tokens).contains(&context.estimated_tokens), "{context:?}");
    let first = 20 - messages.len() / 2;
    let mut expected = Vec::new();
    for number in first..20 {
        expected.push(("user".to_owned(), long(&format!("question {number}"))));
        expected.push(("assistant".to_owned(), long(&format!("answer {number}"))));
    }
    expected.push(("user".to_owned(), "the newest".to_owned()));
    let trimmed = |all: &[(String, String)]| {
        all.iter().map(|(role, text)| (role.clone(), text.trim_end().to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(trimmed(&messages), trimmed(&expected));
    let view = chat.watch().await.view;
    assert_eq!(view.items.len(), 42, "the transcript keeps what the model no longer sees");
}

#[tokio::test]
async fn a_message_that_fills_the_window_goes_alone_and_the_next_has_history_again() {
    let upstream = Upstream::start().await;
    let banto = server(&upstream, 6_000).await;
    let chat = banto.chat().await;
    converse(&chat, &upstream, 2).await;
    let giant = "x".repeat(30_000);
    assert_eq!(chat.ask(&giant).await.turn.state(), RunState::Completed, "the provider decides");
    let (_, messages) = sent(&upstream.request(2).await);
    assert_eq!(messages, [("user".to_owned(), giant)]);

    // What does not fit is not skipped for something older: there is no gap.
    chat.ask("after it").await;
    let (_, messages) = sent(&upstream.request(3).await);
    assert_eq!(messages, [("user".to_owned(), "after it".to_owned())]);
    chat.ask("and after that").await;
    let (_, messages) = sent(&upstream.request(4).await);
    assert_eq!(messages.len(), 3);
}

#[tokio::test]
async fn an_unknown_window_has_a_limit_of_its_own() {
    let upstream = Upstream::start().await;
    let builder = Banto::builder().provider("openai", &upstream.base_url());
    let banto = builder.set("limits.context_tokens", 3_000).start().await;
    let chat = banto.chat().await;
    converse(&chat, &upstream, 12).await;
    let (system, messages) = sent(&upstream.request(11).await);
    let bytes = system.len() + messages.iter().map(|(_, text)| text.len()).sum::<usize>();
    assert!(bytes.div_ceil(4) <= 3_000, "{bytes} bytes");
    assert!(messages.len() >= 3 && messages.len() < 23, "{}", messages.len());
}

#[tokio::test]
async fn a_reply_that_was_cut_short_is_marked() {
    let upstream = Upstream::start().await;
    let mut banto = server(&upstream, 30_000).await;
    let chat = banto.chat().await;
    let mut watch = chat.watch().await;
    upstream.push(Script::openai().text("until here").hang());
    let cancelled = chat.send("one").await;
    watch.until_text("until here").await;
    chat.cancel(cancelled.turn_id()).await;
    watch.until_turn_ended(cancelled.turn_id()).await;
    upstream.push(Script::openai().text("before the crash").hang());
    let interrupted = chat.send("two").await;
    watch.until_text("before the crash").await;
    let stored = async || (chat.texts().await.last()? == "before the crash").then_some(());
    eventually("the text is stored", stored).await;
    banto.kill().await;
    banto.restart().await;

    let chat = banto.owner().conversation(&chat.conversation_id);
    assert_eq!(chat.outcome(&interrupted).await.turn.state(), RunState::Interrupted);
    let kept = chat.texts().await[3].clone();
    assert!("before the crash".starts_with(&kept), "{kept}");
    let reply = chat.ask("three").await;
    let (_, messages) = sent(&upstream.request(2).await);
    let roles: Vec<_> = messages.iter().map(|(role, _)| role.as_str()).collect();
    assert_eq!(roles, ["user", "assistant", "user", "assistant", "user"]);
    let partial = |index: usize, text: &str, state: &str| {
        let said = &messages[index].1;
        assert!(said.starts_with(text) && said.contains(state) && said.contains("incomplete"), "{said}");
    };
    partial(1, "until here", "cancelled");
    partial(3, &kept, "interrupted");
    let names: Vec<_> = reply.turn.prompts.iter().map(|prompt| prompt.name.as_str()).collect();
    assert!(names.contains(&"companion/interrupted"), "the mark is a recorded prompt: {names:?}");
    assert_eq!(chat.texts().await[1], "until here", "the mark is for the model only");
}
