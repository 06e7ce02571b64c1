//! What goes to a model and what comes back: bytes, prompts, history, usage.

use banto_integration_tests::{
    Answer as _, Banto, Builder, Companion,
    banto::MODEL,
    upstream::{Exchange, Format, Script, Upstream},
};
use banto_proto::v1::{
    AnswerSource, FailureKind, GetPreferencesRequest, ListPromptsRequest, Preferences, RenderPromptRequest,
    RunState, UpdatePreferencesRequest, Usage, conversation_update::Kind,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// The names that the configuration has for the wire formats.
const FORMATS: [(&str, Format); 3] =
    [("openai", Format::Openai), ("anthropic", Format::Anthropic), ("gemini", Format::Gemini)];

fn with(name: &str, upstream: &Upstream) -> Builder {
    Banto::builder().provider(name, &upstream.base_url())
}

/// The system prompt of a request and its messages as `(role, text)`.
fn prompt(exchange: &Exchange) -> (String, Vec<(String, String)>) {
    let body = exchange.json();
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        parts => parts.as_array().into_iter().flatten().filter_map(|part| part["text"].as_str()).collect(),
    };
    let (system, messages, content) = match exchange.format() {
        Format::Openai => (None, "messages", "content"),
        Format::Anthropic => (Some(text(&body["system"])), "messages", "content"),
        Format::Gemini => {
            let system = body.get("systemInstruction").or_else(|| body.get("system_instruction"));
            (system.map(|system| text(&system["parts"])), "contents", "parts")
        }
    };
    let messages = body[messages].as_array().expect("messages").iter();
    let mut messages: Vec<_> = messages
        .map(|message| (message["role"].as_str().unwrap_or_default().to_owned(), text(&message[content])))
        .collect();
    let system = system.unwrap_or_else(|| {
        let (role, text) = messages.remove(0);
        assert_eq!(role, "system");
        text
    });
    (system, messages)
}

#[tokio::test]
async fn the_committed_text_is_the_deltas_byte_for_byte() {
    let pieces = ["日本語、", "emoji 👩‍👩‍👧‍👦 ", "e\u{301} and ", "\"quotes\" \\ and\nlines\t", "𝄞"];
    for (name, format) in FORMATS {
        let upstream = Upstream::start().await;
        let banto = with(name, &upstream).start().await;
        for script in [
            Script::of(format).texts(pieces).done(),
            Script::of(format).texts(pieces).done().split_every_byte(),
            Script::of(format).texts(pieces).done().split_at((7..4_000).step_by(11)),
        ] {
            upstream.push(script);
            let chat = banto.chat().await;
            let mut watch = chat.watch().await;
            let accepted = chat.send("speak").await;
            let turn = watch.until_turn_ended(accepted.turn_id()).await;
            assert_eq!(turn.state(), RunState::Completed, "{name}: {turn:?}");
            let mut concatenated = String::new();
            for (_, update) in &watch.updates {
                if let Some(Kind::Delta(delta)) = &update.kind {
                    assert_eq!(delta.offset as usize, concatenated.len(), "{name}: deltas follow each other");
                    concatenated += &delta.text;
                }
            }
            assert_eq!(concatenated, pieces.concat(), "{name}");
            assert_eq!(chat.texts().await[1], concatenated, "{name}");
        }
    }
}

#[tokio::test]
async fn a_request_has_the_visible_conversation_and_no_tools() {
    for (name, format) in FORMATS {
        let upstream = Upstream::start().await;
        let banto = with(name, &upstream).start().await;
        let chat = banto.chat().await;
        upstream.push(Script::of(format).text("I am well.").done());
        chat.ask("How are you?").await;
        chat.ask("What did I ask?").await;

        let exchange = upstream.request(1).await;
        assert_eq!(exchange.format(), format);
        let (system, messages) = prompt(&exchange);
        assert!(system.contains("Banto") && system.contains("default"), "the workspace is named: {system}");
        let reply = if format == Format::Gemini { "model" } else { "assistant" };
        let expected = [("user", "How are you?"), (reply, "I am well."), ("user", "What did I ask?")];
        let messages: Vec<_> = messages.iter().map(|(role, text)| (role.as_str(), text.as_str())).collect();
        assert_eq!(messages, expected, "{name}");
        for field in ["tools", "tool_choice", "tool_config", "toolConfig", "functions"] {
            assert_eq!(exchange.json().get(field), None, "{name}: {field}");
        }
        let asks_for_the_model = exchange.json()["model"] == MODEL || exchange.target().contains(MODEL);
        assert!(asks_for_the_model, "{name}: {}", exchange.target());
    }
}

#[tokio::test]
async fn a_tool_call_ends_the_turn_and_runs_nothing() {
    for (name, format) in FORMATS {
        let upstream = Upstream::start().await;
        let banto = with(name, &upstream).start().await;
        let target = banto.home().join("created-by-a-tool");
        let arguments = json!({ "command": format!("touch {}", target.display()) });
        upstream.push(Script::of(format).text("Let me look. ").tool_call("shell", arguments).done());
        let reply = banto.chat().await.ask("run it").await;
        assert_eq!(reply.turn.state(), RunState::ProviderFailed, "{name}");
        assert_eq!(reply.turn.failure.unwrap_or_default().kind(), FailureKind::Malformed, "{name}");
        assert_eq!(reply.text, "Let me look. ", "{name}");
        assert!(!target.exists());
        assert_eq!(upstream.requests().await.len(), 1, "{name}: no result was sent back");
    }
}

#[tokio::test]
async fn usage_is_the_providers_and_what_is_absent_is_unknown() {
    let priced = |name: &str| {
        format!(
            "[[prices]]\nprovider = \"{name}\"\nmodel = \"{MODEL}\"\ninput = 2.0\noutput = 8.0\n\
             cache_read = 0.5\nas_of = \"2026-11-01\""
        )
    };
    for (name, format) in FORMATS {
        let upstream = Upstream::start().await;
        let banto = with(name, &upstream).tables(&priced(name)).start().await;
        let chat = banto.chat().await;
        upstream.push(Script::of(format).text("a").usage(1_000, 500).done());
        let plain = chat.ask("one").await.turn.usage.expect("usage");
        assert_eq!((plain.input_tokens, plain.output_tokens), (Some(1_000), Some(500)), "{name}");
        assert_eq!(plain.cost_nano_usd, Some(6_000_000), "{name}: 1,000 × 2 $ and 500 × 8 $ a million");

        upstream.push(Script::of(format).text("b").usage(1_000, 500).cache(200, 0).done());
        let cached = chat.ask("two").await.turn.usage.expect("usage");
        assert_eq!((cached.input_tokens, cached.cache_read_tokens), (Some(1_000), Some(200)), "{name}");
        assert_eq!(cached.cost_nano_usd, Some(6_100_000), "{name}: and 200 × 0.50 $ a million");

        let sum = chat.transcript().await.conversation.expect("it").usage.expect("usage");
        assert_eq!((sum.input_tokens, sum.output_tokens), (Some(2_000), Some(1_000)), "{name}");
        assert_eq!(sum.cost_nano_usd, Some(12_100_000), "{name}");

        upstream.push(Script::of(format).text("c").done());
        let silent = banto.chat().await.ask("three").await.turn.usage.unwrap_or_default();
        assert_eq!(silent, Usage::default(), "{name}: nothing is known, not zero");
    }
}

#[tokio::test]
async fn a_model_without_a_price_costs_an_unknown_amount() {
    let upstream = Upstream::start().await;
    let banto = Banto::with(&upstream).await;
    let usage = banto.chat().await.ask("hello").await.turn.usage.expect("usage");
    assert_eq!((usage.input_tokens, usage.output_tokens, usage.cost_nano_usd), (Some(7), Some(5), None));
}

/// Copies the built-in prompts, with a line added to each, into a directory.
fn overridden_prompts(folder: &std::path::Path, line: &str) {
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../prompts");
    let mut folders = vec![source.clone()];
    while let Some(here) = folders.pop() {
        for entry in std::fs::read_dir(here).expect("the prompts") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let target = folder.join(path.strip_prefix(&source).expect("below the source"));
            std::fs::create_dir_all(target.parent().expect("a parent")).expect("a folder");
            let text = std::fs::read_to_string(&path).expect("a prompt");
            std::fs::write(target, format!("{text}\n{line}\n")).expect("the copy");
        }
    }
}

#[tokio::test]
async fn a_changed_prompt_resource_changes_the_next_request() {
    let upstream = Upstream::start().await;
    let banto = Banto::with(&upstream).await;
    let built_in = banto.chat().await.ask("hello").await.turn.prompts;

    let folder = tempfile::tempdir().expect("a folder");
    overridden_prompts(folder.path(), "Mention the weather in Kyoto.");
    let prompts_dir = format!("{:?}", folder.path().display().to_string());
    let banto = with("openai", &upstream).set("prompts_dir", prompts_dir).start().await;
    let turn = banto.chat().await.ask("hello").await.turn;
    let (system, _) = prompt(&upstream.request(1).await);
    assert!(system.contains("Mention the weather in Kyoto."), "{system}");
    assert_eq!(turn.prompts[0].name, built_in[0].name);
    assert_ne!(turn.prompts[0].digest, built_in[0].digest, "the turn records which text it was");

    let owner = banto.owner();
    let prompts = owner.settings().list_prompts(ListPromptsRequest {}).await.granted().prompts;
    let used = prompts.iter().find(|prompt| prompt.r#ref.as_ref() == Some(&turn.prompts[0])).expect("listed");
    assert!(used.overridden && used.template.contains("Kyoto"));
    let request = RenderPromptRequest { name: turn.prompts[0].name.clone(), ..Default::default() };
    let rendered = owner.settings().render_prompt(request).await.granted();
    assert_eq!(rendered.text, system, "the preview is what is sent");
    let file = folder.path().join(format!("{}.hbs", turn.prompts[0].name));
    if let Ok(bytes) = std::fs::read(file) {
        assert_eq!(hex::encode(Sha256::digest(bytes)), turn.prompts[0].digest);
    }
}

#[tokio::test]
async fn language_and_instructions_are_settings() {
    let upstream = Upstream::start().await;
    let banto = Banto::with(&upstream).await;
    let settings = || banto.owner().settings();
    let now = settings().get_preferences(GetPreferencesRequest {}).await.granted().preferences.expect("them");
    let preferences = Preferences {
        companion_model: "another-model".into(),
        companion_language: "ja".into(),
        companion_instructions: "Answer as a carpenter.".into(),
        ..now
    };
    let request = UpdatePreferencesRequest { preferences: Some(preferences), expected_version: now.version };
    settings().update_preferences(request.clone()).await.granted();
    let refusal = settings().update_preferences(request).await.refused();
    refusal
        .is(tonic::Code::Aborted, "VERSION_CONFLICT")
        .says("current_version", &(now.version + 1).to_string());

    let turn = banto.chat().await.ask("hello").await.turn;
    assert_eq!(turn.model, "another-model");
    let exchange = upstream.request(0).await;
    assert_eq!(exchange.json()["model"], "another-model");
    let (system, _) = prompt(&exchange);
    assert!(system.contains("Answer as a carpenter."), "{system}");
    assert!(system.contains("ja") || system.contains("Japanese"), "{system}");
}

#[tokio::test]
async fn superseded_and_guided_replies_never_reach_a_model() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut guide = Banto::builder().data_dir(folder.path()).start().await;
    let chat = guide.chat().await;
    let guided = chat.ask("How do I configure a provider?").await;
    assert_eq!(guided.turn.answer_source(), AnswerSource::Guide);
    assert!(!guided.text.is_empty() && guided.turn.attempts.is_empty());
    assert!(!chat.transcript().await.items[1].citations.is_empty(), "the guide cites its sections");
    guide.terminate().await;

    let upstream = Upstream::start().await;
    let banto = with("openai", &upstream).data_dir(folder.path()).start().await;
    let chat: Companion = banto.owner().conversation(&chat.conversation_id);
    upstream.push(Script::openai().text("FIRST DRAFT").done());
    let drafted = chat.ask("write").await;
    let again = chat.regenerate(&drafted.turn.turn_id).await;
    let mut watch = chat.watch().await;
    watch.until_turn_ended(&again.turn_id).await;
    chat.ask("go on").await;

    for index in [1, 2] {
        let body = upstream.request(index).await.json().to_string();
        assert!(!body.contains("FIRST DRAFT"), "a superseded reply was sent: {body}");
        let guided = json!(guided.text).to_string();
        assert!(!body.contains(guided.trim_matches('"')), "the guide's words were sent: {body}");
    }
}
