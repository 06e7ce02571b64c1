//! What holds on any machine: how much is drawn and fetched, and that nothing jumps.

use super::{browse, rich_text, says, without_steps};
use banto_integration_tests::{
    Banto, lengthen,
    upstream::{Gate, Script, Upstream},
};
use std::time::Duration;

#[tokio::test]
async fn steady() {
    let upstream = Upstream::start().await;
    let text: Vec<char> = rich_text().chars().collect();
    let tokens: Vec<String> = text.chunks(4).map(String::from_iter).collect();
    let mut script = Script::openai();
    // Some for each frame of a display, as a fast model would.
    for (index, token) in tokens.iter().cycle().take(4_999).enumerate() {
        script = script.text(token);
        if index % 20 == 19 {
            script = script.delay(Duration::from_millis(16));
        }
    }
    upstream.push(script.text("\n\nThe last of five thousand").done());
    let banto = Banto::with(&upstream).await;
    browse("steady", &banto.ready_link, without_steps).await;
}

#[tokio::test]
async fn follow() {
    let (upstream, gate) = (Upstream::start().await, Gate::new());
    let chapters = |range: std::ops::RangeInclusive<u32>| {
        range.map(|chapter| {
            format!("## chapter {chapter}\n\nWhat happened in it, at some length.\n\n- and a list\n\n")
        })
    };
    let mut script = Script::openai().texts(chapters(1..=40)).pause(&gate);
    for chapter in chapters(41..=80) {
        script = script.text(chapter).delay(Duration::from_millis(16));
    }
    upstream.push(script.done());
    let banto = Banto::with(&upstream).await;
    browse("follow", &banto.ready_link, async |_| gate.open()).await;
}

#[tokio::test]
async fn long_conversation() {
    let upstream = Upstream::start().await;
    upstream.push(says("Answer 1."));
    upstream.push(says(&(rich_text() + "\n\nAnswer {n}.")));
    let banto = Banto::with(&upstream).await;
    let messages: u32 = 10_000;
    browse("longConversation", &banto.ready_link, async |_| {
        let chat = banto.chat().await;
        for text in ["Question 1.", "Question {n}."] {
            chat.ask(text).await;
        }
        lengthen(&banto, &chat, messages / 2).await;
        serde_json::json!({ "path": format!("/c/{}", chat.conversation_id), "messages": messages })
            .to_string()
    })
    .await;
}
