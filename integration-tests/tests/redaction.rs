//! What must stay inside: keys, tokens, passwords and paths. A run through all
//! faults, then a look at every byte that came out of it.

use banto_integration_tests::{
    Answer as _, Banto,
    banto::CANARY_KEY,
    raw::browserless,
    upstream::{Script, Upstream},
};
use banto_proto::v1::{
    CheckProviderRequest, CreateConversationRequest, GetJobRequest, GetTranscriptRequest, ListJobsRequest,
    ListModelsRequest, ListProvidersRequest, ListTokensRequest, ListWorkersRequest, SearchMessagesRequest,
};
use std::{fs, path::Path};
use tonic::Code;

/// What providers say about a request, with all that they saw of it.
fn indiscreet() -> Vec<Script> {
    let words = format!("Incorrect API key provided: {CANARY_KEY}. Header: Bearer {CANARY_KEY}");
    let failing = [400, 401, 403, 404, 429, 500, 529];
    let statuses = failing.map(|status| Script::status(status).header("retry-after", "0").error(&words));
    let mut scripts = Vec::from(statuses);
    scripts.extend([
        Script::status(500).raw(words.as_bytes()),
        Script::status(302)
            .header("location", &format!("http://127.0.0.1:9/?key={CANARY_KEY}"))
            .error("moved"),
        Script::openai().text("part").data(&format!("{{\"error\": {{\"message\": \"{words}\"}}}}")),
        Script::openai().text("part").data(&format!("{{ broken {words}")),
        Script::openai().text("part").raw(words.as_bytes()).cut(),
        Script::openai().text("part").tool_call("shell", serde_json::json!({ "key": words })).done(),
        Script::openai().text("part").cut(),
        Script::openai().text("part").hang(),
        Script::silence(),
        Script::hang_up(),
    ]);
    scripts
}

/// The text of everything that a client can see of a server.
async fn seen(banto: &Banto, conversations: &[String]) -> String {
    let owner = banto.owner();
    let mut seen = String::new();
    let mut note = |answer: &dyn std::fmt::Debug| seen.push_str(&format!("{answer:?}\n"));
    note(&owner.workers().list_workers(ListWorkersRequest::default()).await);
    note(&owner.settings().list_providers(ListProvidersRequest {}).await);
    note(&owner.settings().list_tokens(ListTokensRequest {}).await);
    let provider_id = || "openai".to_owned();
    note(&owner.settings().check_provider(CheckProviderRequest { provider_id: provider_id() }).await);
    note(&owner.settings().list_models(ListModelsRequest { provider_id: provider_id() }).await);
    let search = SearchMessagesRequest { query: "sk-canary".into(), ..Default::default() };
    note(&owner.conversations().search_messages(search).await);
    for id in conversations {
        let request = GetTranscriptRequest { conversation_id: id.clone(), ..Default::default() };
        note(&owner.conversations().get_transcript(request).await);
        note(&owner.conversation(id).watch().await);
    }
    let jobs =
        owner.jobs().list_jobs(ListJobsRequest { page_size: 200, ..Default::default() }).await.granted().jobs;
    for job in jobs {
        note(&owner.jobs().get_job(GetJobRequest { job_id: job.job_id }).await);
    }
    let metrics = browserless().get(format!("{}/metrics", banto.url)).bearer_auth(&banto.token).send();
    note(&metrics.await.expect("metrics").text().await);
    seen
}

/// Every file below a folder but those that hold a secret by design.
fn stored(folder: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            bytes.extend(stored(&path));
        } else if path.file_name().is_none_or(|name| name != "token") {
            bytes.extend(fs::read(path).expect("a file"));
        }
    }
    bytes
}

fn holds(haystack: &[u8], needle: &str) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle.as_bytes())
}

#[tokio::test]
async fn no_key_and_no_path_leaves_a_run_with_all_faults() {
    let upstream = Upstream::start().await;
    let mut banto = Banto::builder()
        .provider("openai", &upstream.base_url())
        .set("log", "\"info,banto_server=trace\"")
        .set("timeouts.first_byte_ms", 300)
        .set("timeouts.idle_ms", 300)
        .set("timeouts.turn_ms", 3_000)
        .start()
        .await;
    let (mut conversations, mut told) = (Vec::new(), String::new());
    for script in indiscreet() {
        upstream.set_handler(move |_| script.clone());
        let chat = banto.chat().await;
        told.push_str(&format!("{:?}\n", chat.ask("hello").await));
        conversations.push(chat.conversation_id);
    }
    let listing = Script::status(401).error(&format!("the key {CANARY_KEY} is unknown"));
    upstream.push_listing(listing.clone());
    upstream.push_listing(listing);
    told.push_str(&seen(&banto, &conversations).await);

    let refusals = [
        banto.companion().try_send(banto.companion().message("")).await.refused(),
        banto.owner().conversation("../../etc/passwd").delete().await.refused(),
    ];
    let long = CreateConversationRequest { title: "x".repeat(300), ..Default::default() };
    told.push_str(&format!(
        "{refusals:?} {:?}",
        banto.owner().conversations().create_conversation(long).await
    ));
    let doctor = banto.command(["doctor", "--json"]).output().await;
    told.push_str(&String::from_utf8_lossy(&doctor.stderr));

    banto.kill().await;
    banto.restart().await;
    told.push_str(&seen(&banto, &conversations).await);
    banto.terminate().await;
    let (log, disk) = (banto.log(), stored(banto.data_dir()));
    let log: String = log.lines().filter(|line| !line.contains("/#launch=")).collect::<Vec<_>>().join("\n");

    let home = banto.home().display().to_string();
    let data_dir = banto.data_dir().display().to_string();
    for (name, secret) in [
        ("the key", CANARY_KEY),
        ("the owner's token", &banto.token),
        ("a path", &data_dir),
        ("a path", &home),
    ] {
        assert!(!holds(told.as_bytes(), secret), "{name} was told to a client: {}", around(&told, secret));
        assert!(!holds(log.as_bytes(), secret), "{name} is in the log: {}", around(&log, secret));
        assert!(!holds(&disk, secret), "{name} is on the disk");
    }
}

/// A little of the text before and after the first find.
fn around<'a>(text: &'a str, needle: &str) -> &'a str {
    let Some(at) = text.find(needle) else { return "" };
    let (from, to) = (at.saturating_sub(200), (at + needle.len() + 200).min(text.len()));
    text.get(from..to).unwrap_or_default()
}

#[tokio::test]
async fn a_database_password_is_not_in_the_refusal_to_start() {
    let url = "postgres://banto:canary-password@127.0.0.1:9/banto";
    let refused = Banto::builder().database(url).try_start().await.expect_err("no such database");
    assert!(refused.log.contains("database"), "{}", refused.log);
    assert!(!refused.log.contains("canary-password"), "{}", refused.log);
}

#[tokio::test]
async fn a_key_in_the_configuration_is_not_in_the_complaint_about_it() {
    let broken =
        format!("[[providers]]\nid = \"a\"\nwire_format = \"{CANARY_KEY}\"\napi_key = \"{CANARY_KEY}\"");
    let refused = Banto::builder().tables(&broken.replacen(CANARY_KEY, "nonsense", 1)).try_start().await;
    let log = refused.expect_err("a wrong wire format").log;
    assert!(log.contains("wire_format") && !log.contains(CANARY_KEY), "{log}");
}

#[tokio::test]
async fn an_unknown_token_is_not_repeated() {
    let banto = Banto::guide().await;
    let stranger = banto.caller("canary-token-of-a-stranger");
    let refusal = stranger.companion().try_send(stranger.companion().message("hello")).await.refused();
    let refusal = refusal.is(Code::Unauthenticated, "UNAUTHENTICATED");
    assert!(!format!("{refusal:?}{}", banto.log()).contains("canary-token"));
}
