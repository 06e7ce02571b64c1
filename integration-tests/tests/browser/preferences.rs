//! What a person chooses, and what becomes of it.

use super::{browse, last_request, without_steps};
use banto_integration_tests::{
    Answer as _, Banto,
    banto::MODEL,
    upstream::{Script, Upstream},
};
use banto_proto::v1::{
    ConversationSettings, GetPreferencesRequest, Preferences, UpdateConversationRequest,
    UpdatePreferencesRequest,
};

/// One US dollar for a million tokens of each of these models.
fn prices(models: &[&str]) -> String {
    let rows = models.iter().map(|model| {
        format!(
            "[[prices]]\nprovider = \"openai\"\nmodel = \"{model}\"\ninput = 1.0\noutput = 1.0\n\
             as_of = \"2026-11-01\"\n"
        )
    });
    rows.collect()
}

async fn preferences(banto: &Banto) -> Preferences {
    let request = GetPreferencesRequest {};
    banto.owner().settings().get_preferences(request).await.granted().preferences.expect("the preferences")
}

#[tokio::test]
async fn choices() {
    let upstream = Upstream::start().await;
    upstream.push(Script::openai().text("Ships").usage(10_000, 2_000).done());
    upstream.push(Script::openai().text("Locomotives").done());
    let builder = Banto::builder().provider("openai", &upstream.base_url());
    let banto = builder.tables(&prices(&["a-model-of-mine"])).start().await;
    browse("choices", &banto.ready_link, async |step| {
        if step == "nothing was sent" {
            assert_eq!(upstream.requests().await.len(), 0);
            return;
        }
        let (model, subject) = step.split_once(" was told of ").expect("who was told of what");
        let request = last_request(&upstream).await.json();
        assert_eq!(request["model"], model);
        let system = request["messages"][0].to_string();
        for other in ["boats", "trains"] {
            assert_eq!(system.contains(&format!("Speak of {other}.")), other == subject, "{system}");
        }
    })
    .await;
}

#[tokio::test]
async fn spending() {
    let upstream = Upstream::start().await;
    upstream.push(Script::openai().text("Dear").usage(1_000, 1_000).done());
    upstream.push(Script::openai().text("Cheap").usage(1, 1).done());
    let builder = Banto::builder().provider("openai", &upstream.base_url());
    let banto = builder.tables(&prices(&[MODEL])).start().await;
    browse("spending", &banto.ready_link, without_steps).await;
    assert_eq!(upstream.requests().await.len(), 2, "the refused message cost nothing");
}

#[tokio::test]
async fn choices_contested() {
    let upstream = Upstream::start().await;
    upstream.push(Script::openai().text("Ships").done());
    let banto = Banto::with(&upstream).await;
    let chat = banto.companion();
    browse("choicesContested", &banto.ready_link, async |step| {
        let conversation_id = chat.transcript().await.conversation.expect("it").conversation_id;
        let model = if step == "the model is set back" { String::new() } else { "theirs".to_owned() };
        let settings = Some(ConversationSettings { model, ..Default::default() });
        let request = UpdateConversationRequest { conversation_id, settings, ..Default::default() };
        banto.owner().conversations().update_conversation(request).await.granted();
    })
    .await;
}

#[tokio::test]
async fn full_context() {
    let upstream = Upstream::start().await;
    for number in 1..=3 {
        upstream.push(Script::openai().text(format!("reply {number}")).done());
    }
    let builder = Banto::builder().provider("openai", &upstream.base_url());
    let banto = builder.set("limits.context_tokens", 1_100).start().await;
    browse("fullContext", &banto.ready_link, without_steps).await;
}

#[tokio::test]
async fn retention() {
    let banto = Banto::guide().await;
    browse("retention", &banto.ready_link, async |step| {
        let now = preferences(&banto).await;
        if step == "what is stored" {
            let conversations = now.conversation_retention_days;
            let conversations = conversations.map_or("for ever".to_owned(), |days| days.to_string());
            return format!("{} {} {conversations}", now.prompt_retention_days, now.event_retention_days);
        }
        let changed = Preferences { prompt_retention_days: 9, event_retention_days: 8, ..now };
        let request = UpdatePreferencesRequest { preferences: Some(changed), expected_version: 0 };
        banto.owner().settings().update_preferences(request).await.granted();
        String::new()
    })
    .await;
}
