//! Which providers there are, what may be known of them, and what must not be.

use super::*;

#[tokio::test]
async fn secrets_are_shown_nowhere() {
    let upstream = Upstream::start().await;
    let config = config(upstream.base_url(), WireFormat::OpenaiChat, PATIENT);
    let providers = Providers::discover(&config, &env).await.expect("valid settings");
    let provider = providers.get("scripted").expect("the one provider");
    let call = provider.call(request());
    let shown = format!("{config:?} {providers:?} {:?} {provider:?} {call:?}", providers.list());
    assert!(!shown.contains(KEY) && !shown.contains(HEADER), "{shown}");
    let echo = format!(
        "Incorrect key {KEY}, header {HEADER}, sk-proj-other123, Bearer {KEY}, at https://u:{KEY}@h/p?key={KEY}"
    );
    // `outcome` looks for the two in every event.
    for status in [400, 401, 429, 500] {
        upstream.set_handler({
            let echo = echo.clone();
            move |_| Script::status(status).error(&echo)
        });
        let failure = outcome(provider.call(request())).await.failure.expect("a failure");
        assert!(failure.message.contains("Incorrect key [redacted]"), "{failure:?}");
        assert!(!failure.message.contains("other123"), "{failure:?}");
    }
    // A key that the cut to the longest message divides.
    upstream.set_handler(|_| Script::status(400).error(&format!("{}{KEY}", "x ".repeat(222))));
    let failure = outcome(provider.call(request())).await.failure.expect("a failure");
    assert!(!failure.message.contains("canary"), "{failure:?}");
    upstream.push_listing(Script::status(401).error(&echo));
    let failure = provider.models().await.expect_err("a refusal");
    assert!(failure.kind == FailureKind::Auth && !failure.message.contains(KEY), "{failure:?}");
}

#[tokio::test]
async fn models_are_listed_in_every_format() {
    for (wire_format, format) in FORMATS {
        let upstream = Upstream::start().await;
        upstream.set_models([("beta", None), ("alpha", Some(8_000))]);
        let provider = provider_at(upstream.base_url(), wire_format, PATIENT).await;
        let models = provider.models().await.expect("a list");
        let rows: Vec<_> = models.iter().map(|model| (model.id.as_str(), model.context_window)).collect();
        assert_eq!(rows, [("alpha", Some(8_000)), ("beta", None)], "{format:?}");
        let listing = &upstream.listings().await[0];
        assert_eq!((listing.path(), listing.format()), ("/v1/models", format));
        assert_eq!(provider.check().await.expect("an answer").models, 2);
    }
}

#[tokio::test]
async fn a_check_says_why_not() {
    let upstream = Upstream::start().await;
    let provider = provider_at(upstream.base_url(), WireFormat::OpenaiChat, PATIENT).await;
    for (script, kind) in [
        (Script::status(401).error("no"), FailureKind::Auth),
        (Script::status(500).error("no"), FailureKind::Overloaded),
        (Script::status(200).raw("<html>"), FailureKind::Malformed),
        (Script::hang_up(), FailureKind::Network),
    ] {
        upstream.push_listing(script);
        assert_eq!(provider.check().await.map_err(|failure| failure.kind), Err(kind));
    }
}

#[tokio::test]
async fn what_cannot_be_used_is_kept_with_its_reason() {
    let mut config = config("http://127.0.0.1:9".to_owned(), WireFormat::OpenaiChat, PATIENT);
    let row = config.providers[0].clone();
    let named = |id: &str, row: ProviderConfig| ProviderConfig { id: id.to_owned(), ..row };
    config.providers = vec![
        named("no-key", ProviderConfig { api_key_env: Some("UNSET".to_owned()), ..row.clone() }),
        named("no-url", ProviderConfig { base_url: Some("nonsense".to_owned()), ..row.clone() }),
        named("bad-key", ProviderConfig { api_key: Some(Secret::new("a\nb".to_owned())), ..row.clone() }),
        named("fine", row),
    ];
    let providers = Providers::discover(&config, &env).await.expect("a start in spite of them");
    let kinds: Vec<_> =
        providers.list().into_iter().map(|info| info.failure.map(|failure| failure.kind)).collect();
    let (auth, rejected) = (Some(FailureKind::Auth), Some(FailureKind::Rejected));
    assert_eq!(kinds, [auth, rejected, auth, None]);
    let unusable = providers.get("no-key").expect("the first");
    let result = outcome(unusable.call(request())).await;
    assert_eq!((result.kind(), result.attempts), (auth, 0));
    assert!(unusable.check().await.is_err());
    config.providers[0].id = "fine".to_owned();
    assert!(Providers::discover(&config, &env).await.is_err(), "an id twice");
}

#[tokio::test]
async fn the_environment_is_read_when_nothing_is_configured() {
    let upstream = Upstream::start().await;
    upstream.set_models([("embed-1", None), ("chat-1", None)]);
    let base_url = upstream.base_url();
    let env = |name: &str| match name {
        "OPENAI_BASE_URL" => Some(base_url.clone()),
        "ANTHROPIC_API_KEY" => Some(KEY.to_owned()),
        _ => None,
    };
    let config = Config { timeouts: PATIENT, ..Config::default() };
    let providers = Providers::discover(&config, &env).await.expect("valid settings");
    let list = providers.list();
    let ids: Vec<_> = list.iter().map(|info| (info.id.as_str(), info.local, info.origin)).collect();
    assert_eq!(ids, [("openai", true, Origin::Environment), ("anthropic", false, Origin::Environment)]);
    assert_eq!(list[0].host, upstream.address().to_string());
    assert_eq!(list[0].default_model.as_deref(), Some("chat-1"));
    assert_eq!(list[1].host, "api.anthropic.com");
    let openai = providers.get("openai").expect("the first");
    assert_eq!(outcome(openai.call(request())).await.text, DEFAULT_REPLY);
    assert_eq!(upstream.request(0).await.header("authorization"), None);
}

#[tokio::test]
async fn a_silent_server_does_not_hold_up_the_start() {
    let upstream = Upstream::start().await;
    upstream.push_listing(Script::silence());
    let mut config = config(upstream.base_url(), WireFormat::OpenaiChat, PATIENT);
    config.providers[0].model = None;
    let started = Instant::now();
    let providers = Providers::discover(&config, &env).await.expect("valid settings");
    // The patience of this test's settings would be 20 s.
    assert!(started.elapsed() < Duration::from_secs(5));
    assert_eq!(providers.list()[0].default_model, None);
}

#[tokio::test]
async fn the_newest_price_counts() {
    let upstream = Upstream::start().await;
    let mut config = config(upstream.base_url(), WireFormat::OpenaiChat, PATIENT);
    let price = |input, day: &str| PriceConfig {
        provider: "scripted".to_owned(),
        model: "test-model".to_owned(),
        input,
        output: 0.0,
        cache_read: None,
        cache_write: None,
        as_of: day.parse().expect("a day"),
    };
    config.prices = vec![price(2.0, "2026-06-01"), price(1.0, "2026-01-01")];
    let providers = Providers::discover(&config, &env).await.expect("valid settings");
    let usage = Usage { input_tokens: Some(1), output_tokens: Some(1), ..Usage::default() };
    assert_eq!(providers.cost("scripted", "test-model", &usage), Some(2_000));
    assert_eq!(providers.cost("scripted", "other", &usage), None);
    assert_eq!(providers.cost("scripted", "test-model", &Usage::default()), None);
}
