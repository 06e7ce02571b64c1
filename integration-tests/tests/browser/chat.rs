//! Talking with the Companion.

use super::{browse, hung_up_on, says, without_steps};
use banto_integration_tests::{
    Answer as _, Banto, eventually,
    upstream::{Gate, Script, Upstream},
};
use banto_proto::v1::ListConversationsRequest;

#[tokio::test]
async fn stream() {
    let (upstream, gate) = (Upstream::start().await, Gate::new());
    upstream.push(Script::openai().text("Hello ").pause(&gate).text("world").done());
    let banto = Banto::with(&upstream).await;
    browse("stream", &banto.ready_link, async |_| gate.open()).await;
}

#[tokio::test]
async fn stop() {
    let upstream = Upstream::start().await;
    upstream.push(Script::openai().text("so far").hang());
    upstream.push(Script::openai().text("Of course").done());
    let banto = Banto::with(&upstream).await;
    browse("stop", &banto.ready_link, async |_| hung_up_on(&upstream).await).await;
}

#[tokio::test]
async fn error() {
    let upstream = Upstream::start().await;
    upstream.push(Script::status(401).error("no"));
    upstream.push(Script::openai().text("Second try").done());
    let banto = Banto::with(&upstream).await;
    browse("error", &banto.ready_link, without_steps).await;
}

#[tokio::test]
async fn reload() {
    let (upstream, gate) = (Upstream::start().await, Gate::new());
    upstream.push(Script::openai().text("one ").pause(&gate).text("two").done());
    let banto = Banto::with(&upstream).await;
    browse("reload", &banto.ready_link, async |_| gate.open()).await;
}

#[tokio::test]
async fn restart() {
    let upstream = Upstream::start().await;
    upstream.push(Script::openai().text("before the crash").hang());
    upstream.push(Script::openai().text("Still here").done());
    let mut banto = Banto::with(&upstream).await;
    let link = banto.ready_link.clone();
    browse("restart", &link, async |step| match step {
        "kill the server" => banto.kill().await,
        "start the server" => banto.restart().await,
        _ => without_steps(step).await,
    })
    .await;
}

#[tokio::test]
async fn second_tab() {
    let upstream = Upstream::start().await;
    upstream.push(Script::openai().text("shared").hang());
    upstream.push(Script::openai().text("Alone").done());
    let banto = Banto::with(&upstream).await;
    browse("secondTab", &banto.ready_link, async |_| hung_up_on(&upstream).await).await;
}

#[tokio::test]
async fn composition() {
    let upstream = Upstream::start().await;
    let banto = Banto::with(&upstream).await;
    browse("composition", &banto.ready_link, without_steps).await;
    assert_eq!(upstream.requests().await.len(), 1, "one message was sent");
}

#[tokio::test]
async fn hostile() {
    let upstream = Upstream::start().await;
    let banto = Banto::with(&upstream).await;
    browse("hostile", &banto.ready_link, async |step| {
        let Some(pieces) = step.strip_prefix("the model says ") else { return };
        let pieces: Vec<String> = serde_json::from_str(pieces).expect("the pieces");
        let whole = pieces.join("\n\n") + "\n\nthe end of the attack";
        upstream.push(Script::openai().text(&whole).done());
        let letters: Vec<char> = whole.chars().collect();
        upstream.push(Script::openai().texts(letters.chunks(7).map(String::from_iter)).done());
    })
    .await;
}

#[tokio::test]
async fn unavailable() {
    let keyless = "[[providers]]\nid = \"openai\"\nwire_format = \"openai_chat\"\n\
                   api_key_env = \"KEY_THAT_IS_NOT_SET\"\nmodel = \"gpt-test\"";
    let banto = Banto::builder().tables(keyless).start().await;
    browse("unavailable", &banto.ready_link, without_steps).await;
}

#[tokio::test]
async fn guide() {
    let banto = Banto::guide().await;
    browse("guide", &banto.ready_link, without_steps).await;
}

#[tokio::test]
async fn fork() {
    let upstream = Upstream::start().await;
    for reply in ["Cats it is", "Fish", "All day"] {
        upstream.push(Script::openai().text(reply).done());
    }
    let banto = Banto::with(&upstream).await;
    browse("fork", &banto.ready_link, without_steps).await;
}

#[tokio::test]
async fn regenerate() {
    let upstream = Upstream::start().await;
    upstream.push(Script::openai().text("The first word").done());
    upstream.push(Script::openai().text("The second word").done());
    let banto = Banto::with(&upstream).await;
    browse("regenerate", &banto.ready_link, without_steps).await;
}

#[tokio::test]
async fn attempts() {
    let upstream = Upstream::start().await;
    upstream.push(Script::status(429).header("retry-after", "3").error("slow down"));
    upstream.push(Script::openai().text("At last").done());
    let banto = Banto::with(&upstream).await;
    browse("attempts", &banto.ready_link, without_steps).await;
}

#[tokio::test]
async fn housekeeping() {
    let upstream = Upstream::start().await;
    upstream.push(Script::openai().text("Noted").done());
    let banto = Banto::with(&upstream).await;
    browse("housekeeping", &banto.ready_link, without_steps).await;
}

#[tokio::test]
async fn search() {
    let upstream = Upstream::start().await;
    upstream.set_handler(|_| Script::openai().text("棚の上です").done());
    let banto = Banto::with(&upstream).await;
    browse("search", &banto.ready_link, without_steps).await;
}

#[tokio::test]
async fn announced() {
    let (upstream, gate) = (Upstream::start().await, Gate::new());
    upstream.push(Script::openai().text("Almost ").pause(&gate).text("there").done());
    upstream.push(Script::status(401).error("no"));
    let banto = Banto::with(&upstream).await;
    browse("announced", &banto.ready_link, async |_| gate.open()).await;
}

#[tokio::test]
async fn undo() {
    let upstream = Upstream::start().await;
    upstream.push(says("Noted"));
    let banto = Banto::with(&upstream).await;
    let count = async || {
        let request = ListConversationsRequest::default();
        banto.owner().conversations().list_conversations(request).await.granted().conversations.len()
    };
    browse("undo", &banto.ready_link, async |step| match step {
        "it is there" => assert_eq!(count().await, 1),
        _ => eventually("the conversation is gone", async || (count().await == 0).then_some(())).await,
    })
    .await;
}

#[tokio::test]
async fn links() {
    let upstream = Upstream::start().await;
    upstream.push(says("Look here: [innocent](https://elsewhere.example/with/a/path)"));
    let banto = Banto::with(&upstream).await;
    browse("links", &banto.ready_link, without_steps).await;
}
