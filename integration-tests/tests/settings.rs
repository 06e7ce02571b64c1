//! Providers, models, prompts and preferences.

use banto_integration_tests::{
    Answer as _, Banto,
    banto::MODEL,
    upstream::{Script, Upstream},
};
use banto_proto::v1::{
    CheckProviderRequest, ConversationSettings, FailureKind, GetPreferencesRequest, ListModelsRequest,
    ListPromptsRequest, ListProvidersRequest, Preferences, ProviderOrigin, RenderPromptRequest,
    UpdateConversationRequest, UpdatePreferencesRequest, WireFormat,
};
use tonic::Code;

async fn preferences(banto: &Banto) -> Preferences {
    let request = GetPreferencesRequest {};
    banto.owner().settings().get_preferences(request).await.granted().preferences.expect("the preferences")
}

async fn prefer(
    banto: &Banto,
    preferences: Preferences,
) -> Result<Preferences, banto_integration_tests::Refusal> {
    let request = UpdatePreferencesRequest { preferences: Some(preferences), expected_version: 0 };
    let response = banto.owner().settings().update_preferences(request).await?.into_inner();
    Ok(response.preferences.expect("the preferences"))
}

#[tokio::test]
async fn providers_are_listed_and_checked() {
    let (upstream, gone) = (Upstream::start().await, "http://127.0.0.1:9/v1");
    let builder = Banto::builder().provider("openai", &upstream.base_url());
    let banto = builder.provider("anthropic", gone).start().await;
    let settings = || banto.owner().settings();
    let providers = settings().list_providers(ListProvidersRequest {}).await.granted().providers;
    let names: Vec<_> = providers.iter().map(|it| (it.provider_id.as_str(), it.wire_format())).collect();
    assert_eq!(names, [("openai", WireFormat::OpenaiChat), ("anthropic", WireFormat::Anthropic)]);
    assert_eq!((providers[0].origin(), providers[0].local), (ProviderOrigin::Configuration, true));
    assert_eq!(providers[0].default_model, MODEL);
    assert!(providers[0].host.starts_with("127.0.0.1") && !providers[0].host.contains('/'));

    let check = async |provider_id: &str| {
        let request = CheckProviderRequest { provider_id: provider_id.into() };
        settings().check_provider(request).await
    };
    upstream.set_models([("a", Some(8_000)), ("b", None)]);
    let good = check("openai").await.granted();
    assert_eq!((good.usable, good.model_count), (true, 2));
    assert!(good.latency.is_some());
    let bad = check("anthropic").await.granted();
    assert_eq!(
        (bad.usable, bad.provider.and_then(|it| it.failure).unwrap_or_default().kind()),
        (false, FailureKind::Network)
    );
    upstream.push_listing(Script::status(401).error("no"));
    let refused = check("openai").await.granted();
    assert_eq!(refused.provider.and_then(|it| it.failure).unwrap_or_default().kind(), FailureKind::Auth);
    check("nobody").await.refused().is(Code::NotFound, "PROVIDER_NOT_FOUND");

    let list = async |provider_id: &str| {
        let request = ListModelsRequest { provider_id: provider_id.into() };
        settings().list_models(request).await
    };
    let models = list("openai").await.granted().models;
    let models: Vec<_> = models.iter().map(|model| (model.model_id.as_str(), model.context_window)).collect();
    assert_eq!(models, [("a", Some(8_000)), ("b", None)]);
    list("anthropic").await.refused().is(Code::Unavailable, "PROVIDER_UNAVAILABLE");
}

#[tokio::test]
async fn the_environment_is_a_provider() {
    let upstream = Upstream::start().await;
    let builder = Banto::builder().env("OPENAI_API_KEY", "sk-from-the-environment");
    let banto = builder.env("OPENAI_BASE_URL", &upstream.base_url()).start().await;
    let providers =
        banto.owner().settings().list_providers(ListProvidersRequest {}).await.granted().providers;
    assert_eq!(providers[0].origin(), ProviderOrigin::Environment);
    banto.chat().await.ask("hello").await;
    let authorization = upstream.request(0).await;
    assert_eq!(authorization.header("authorization"), Some("Bearer sk-from-the-environment"));
}

#[tokio::test]
async fn prompts_are_listed_and_rendered() {
    let banto = Banto::guide().await;
    let settings = || banto.owner().settings();
    let prompts = settings().list_prompts(ListPromptsRequest {}).await.granted().prompts;
    assert!(prompts.is_sorted_by_key(|prompt| prompt.r#ref.as_ref().map(|it| it.name.clone())));
    assert!(prompts.iter().all(|prompt| !prompt.template.is_empty() && !prompt.overridden));
    let render = async |name: &str| {
        let request = RenderPromptRequest { name: name.into(), ..Default::default() };
        settings().render_prompt(request).await
    };
    let system = render("companion/system").await.granted();
    assert!(prompts.iter().any(|prompt| prompt.r#ref == system.r#ref));
    assert!(system.text.contains("default") && !system.text.contains("{{"), "{}", system.text);
    let instructions = "Speak of trains.".to_owned();
    let request = RenderPromptRequest {
        name: "companion/system".into(),
        settings: Some(ConversationSettings { instructions, ..Default::default() }),
        ..Default::default()
    };
    let tried = settings().render_prompt(request).await.granted();
    assert!(tried.text.contains("Speak of trains."), "{}", tried.text);
    assert!(!render("companion/system").await.granted().text.contains("trains"), "it was only tried");
    render("companion/nothing").await.refused().is(Code::NotFound, "PROMPT_NOT_FOUND");
}

#[tokio::test]
async fn a_conversation_has_settings_of_its_own() {
    let upstream = Upstream::start().await;
    let banto = Banto::with(&upstream).await;
    let mut now = preferences(&banto).await;
    now.companion_instructions = "Speak of boats.".into();
    prefer(&banto, now).await.granted();
    let (plain, special) = (banto.chat().await, banto.chat().await);
    let settings = ConversationSettings {
        model: "special".into(),
        instructions: "Speak of trains.".into(),
        ..Default::default()
    };
    let request = UpdateConversationRequest { settings: Some(settings), ..Default::default() };
    special.update(request).await.granted();
    plain.ask("hello").await;
    special.ask("hello").await;
    let (first, second) = (upstream.request(0).await.json(), upstream.request(1).await.json());
    assert_eq!((first["model"].as_str(), second["model"].as_str()), (Some(MODEL), Some("special")));
    assert!(first.to_string().contains("boats") && !second.to_string().contains("boats"));
    assert!(second.to_string().contains("trains"));
}

#[tokio::test]
async fn wrong_preferences_are_refused() {
    let banto = Banto::guide().await;
    let now = preferences(&banto).await;
    let long = Preferences { companion_instructions: "字".repeat(8_001), ..now.clone() };
    let refusal = prefer(&banto, long).await.refused().is(Code::InvalidArgument, "INVALID_INPUT");
    assert!(refusal.fields[0].contains("companion_instructions"), "{refusal:?}");
    let eternal = Preferences { prompt_retention_days: 3_651, ..now.clone() };
    let refusal = prefer(&banto, eternal).await.refused().is(Code::InvalidArgument, "INVALID_INPUT");
    assert!(refusal.fields[0].contains("prompt_retention_days"), "{refusal:?}");
    let never = Preferences { conversation_retention_days: Some(0), ..now.clone() };
    let refusal = prefer(&banto, never).await.refused().is(Code::InvalidArgument, "INVALID_INPUT");
    assert!(refusal.fields[0].contains("conversation_retention_days"), "{refusal:?}");
    assert_eq!(preferences(&banto).await, now);
}

#[tokio::test]
async fn preferences_hold_over_a_restart() {
    let mut banto = Banto::guide().await;
    let mut wanted = preferences(&banto).await;
    wanted.companion_language = "ja".into();
    let stored = prefer(&banto, wanted).await.granted();
    banto.kill().await;
    banto.restart().await;
    assert_eq!(preferences(&banto).await, stored);
    let reply = banto.chat().await.ask("How do I connect a model?").await;
    assert!(
        reply.text.contains("ドキュメント"),
        "the guide answers in the language of the preferences: {}",
        reply.text
    );
}
