//! Several providers: which of them answers, by order, preference and
//! conversation, and what happens when it cannot.

use banto_integration_tests::{
    Answer as _, Banto, Companion, Refusal,
    banto::{CANARY_KEY, MODEL},
    eventually,
    upstream::{Script, Upstream},
};
use banto_proto::v1::{
    AnswerSource, ConversationSettings, GetPreferencesRequest, Preferences, UpdateConversationRequest,
    UpdatePreferencesRequest, WorkerState,
};
use tonic::Code;

/// A provider in OpenAI's format with a default model named after it.
fn row(id: &str, upstream: &Upstream) -> String {
    format!(
        "[[providers]]\nid = \"{id}\"\nwire_format = \"openai_chat\"\nbase_url = \"{}\"\n\
         api_key = \"{CANARY_KEY}\"\nmodel = \"model-of-{id}\"",
        upstream.base_url()
    )
}

/// A provider whose key is nowhere.
const KEYLESS: &str = "[[providers]]\nid = \"keyless\"\nwire_format = \"anthropic\"\n\
                       api_key_env = \"NO_SUCH_KEY_IS_SET\"\nmodel = \"m\"";

async fn prefer(banto: &Banto, provider_id: &str, model: &str) {
    let settings = || banto.owner().settings();
    let now = settings().get_preferences(GetPreferencesRequest {}).await.granted().preferences;
    let preferences = Preferences {
        companion_provider_id: provider_id.into(),
        companion_model: model.into(),
        ..now.expect("the preferences")
    };
    let request = UpdatePreferencesRequest { preferences: Some(preferences), expected_version: 0 };
    settings().update_preferences(request).await.granted();
}

async fn choose(chat: &Companion, provider_id: &str, model: &str) {
    let settings =
        ConversationSettings { provider_id: provider_id.into(), model: model.into(), ..Default::default() };
    let request = UpdateConversationRequest { settings: Some(settings), ..Default::default() };
    chat.update(request).await.granted();
}

/// Asks, and says which provider and model answered.
async fn asked(chat: &Companion) -> (String, String) {
    let turn = chat.ask("who are you?").await.turn;
    assert_eq!(turn.answer_source(), AnswerSource::Model);
    (turn.provider_id, turn.model)
}

async fn unavailable(chat: &Companion) -> Refusal {
    let refusal = chat.try_send(chat.message("hello")).await.refused();
    let refusal = refusal.is(Code::Unavailable, "COMPANION_UNAVAILABLE");
    assert!(chat.texts().await.is_empty(), "nothing is stored");
    refusal
}

fn pair(provider_id: &str, model: &str) -> (String, String) {
    (provider_id.into(), model.into())
}

#[tokio::test]
async fn the_first_answers_unless_preferences_or_the_conversation_say_otherwise() {
    let (one, two) = (Upstream::start().await, Upstream::start().await);
    let builder = Banto::builder().tables(&row("one", &one)).tables(&row("two", &two));
    let banto = builder.start().await;
    let (chat, own) = (banto.chat().await, banto.chat().await);
    assert_eq!(asked(&chat).await, pair("one", "model-of-one"));

    prefer(&banto, "two", "").await;
    assert_eq!(asked(&chat).await, pair("two", "model-of-two"));
    let worker = banto.owner().companion_worker().await;
    assert_eq!((worker.provider_id, worker.model), pair("two", "model-of-two"));
    prefer(&banto, "two", "preferred").await;
    assert_eq!(asked(&chat).await, pair("two", "preferred"));

    choose(&own, "one", "").await;
    assert_eq!(asked(&own).await, pair("one", "model-of-one"), "a model goes with its provider");
    choose(&own, "one", "chosen").await;
    assert_eq!(asked(&own).await, pair("one", "chosen"));
    choose(&own, "", "chosen").await;
    assert_eq!(asked(&own).await, pair("two", "chosen"), "another model of the preferred provider");
    choose(&own, "", "").await;
    assert_eq!(asked(&own).await, pair("two", "preferred"));
    assert_eq!(asked(&chat).await, pair("two", "preferred"), "other conversations stay");

    let models = async |upstream: &Upstream| {
        let requests = upstream.requests().await;
        requests
            .iter()
            .map(|it| it.json()["model"].as_str().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(models(&one).await, ["model-of-one", "model-of-one", "chosen"]);
    assert_eq!(models(&two).await, ["model-of-two", "preferred", "chosen", "preferred", "preferred"]);
}

#[tokio::test]
async fn one_without_its_key_is_passed_over_unless_it_was_chosen() {
    let upstream = Upstream::start().await;
    let banto = Banto::builder().tables(KEYLESS).tables(&row("spare", &upstream)).start().await;
    let worker = banto.owner().companion_worker().await;
    assert_eq!((worker.state(), worker.provider_id.as_str()), (WorkerState::Ready, "spare"));
    let chat = banto.chat().await;
    assert_eq!(asked(&chat).await, pair("spare", "model-of-spare"));

    let fresh = banto.chat().await;
    prefer(&banto, "keyless", "").await;
    let refusal = unavailable(&fresh).await;
    assert!(refusal.metadata["cause"].contains("NO_SUCH_KEY_IS_SET"), "{refusal:?}");
    assert_eq!(banto.owner().companion_worker().await.state(), WorkerState::Unavailable);
    choose(&fresh, "spare", "").await;
    assert_eq!(asked(&fresh).await, pair("spare", "model-of-spare"), "this conversation chose another");
}

#[tokio::test]
async fn an_unknown_provider_is_no_reason_for_another_answer() {
    let upstream = Upstream::start().await;
    let banto = Banto::builder().tables(&row("one", &upstream)).start().await;
    prefer(&banto, "nobody", "").await;
    let chat = banto.chat().await;
    let refusal = unavailable(&chat).await;
    assert!(refusal.metadata["cause"].contains("nobody"), "{refusal:?}");
    let worker = banto.owner().companion_worker().await;
    assert!(worker.state() == WorkerState::Unavailable && worker.cause.contains("nobody"), "{worker:?}");
    choose(&chat, "gone", "").await;
    assert!(unavailable(&chat).await.metadata["cause"].contains("gone"));
    prefer(&banto, "", "").await;
    assert!(unavailable(&chat).await.metadata["cause"].contains("gone"), "the conversation still says so");
    choose(&chat, "", "").await;
    assert_eq!(asked(&chat).await, pair("one", "model-of-one"));
    assert_eq!(banto.owner().companion_worker().await.state(), WorkerState::Ready);
    assert_eq!(upstream.requests().await.len(), 1);
}

#[tokio::test]
async fn a_provider_that_fails_a_turn_is_not_replaced_behind_ones_back() {
    let (one, two) = (Upstream::start().await, Upstream::start().await);
    let banto = Banto::builder().tables(&row("one", &one)).tables(&row("two", &two)).start().await;
    let chat = banto.chat().await;
    one.push(Script::status(400).error("it cannot"));
    let turn = chat.ask("hello").await.turn;
    assert_eq!((turn.provider_id.as_str(), turn.failure.is_some()), ("one", true));
    assert!(two.requests().await.is_empty(), "another provider costs other money");
    assert_eq!(asked(&chat).await.0, "one");
}

#[tokio::test]
async fn without_a_configured_model_the_providers_first_is_used() {
    let upstream = Upstream::start().await;
    upstream.set_models([("listed-first", None), (MODEL, None)]);
    let named = row("one", &upstream);
    let (unnamed, _) = named.rsplit_once("\nmodel").expect("the model");
    let banto = Banto::builder().tables(unnamed).start().await;
    assert_eq!(asked(&banto.chat().await).await, pair("one", "listed-first"));
    let known = async || {
        let worker = banto.owner().companion_worker().await;
        (worker.model == "listed-first").then_some(())
    };
    eventually("the worker's model", known).await;
}
