use super::{Answer, Guide, page, quote, words};
use crate::prompt::Prompts;
use std::time::{Duration, Instant};

fn ask(question: &str, language: &str) -> Answer {
    Guide::new().answer(&Prompts::load(None).unwrap(), question, language).unwrap()
}

/// Asks, and says which sections answer, the best first.
fn found(question: &str) -> Vec<String> {
    let citations = ask(question, "").citations;
    citations.iter().map(|found| format!("{}#{}", found.document, found.anchor)).collect()
}

#[test]
fn the_first_questions_of_a_new_user_are_answered_first() {
    let expected = [
        ("How do I connect a model?", "models.md#how-to-connect-a-model"),
        ("What may the Companion do?", "companion.md#what-the-companion-may-do"),
        ("how do I reset the token", "access.md#how-to-reset-the-owners-token"),
        ("How can I cancel a reply?", "companion.md#stop-or-cancel-a-reply"),
        ("モデルを接続するには", "ja.md#モデルを接続するには"),
        ("トークンをリセットしたい", "ja.md#アクセストークンとリセット"),
    ];
    for (question, section) in expected {
        assert_eq!(found(question).first().map(String::as_str), Some(section), "{question}");
    }
}

#[test]
fn real_questions_find_a_section_that_answers_them() {
    let expected = [
        ("how to use ollama", "models.md#how-to-connect-a-model"),
        ("connecting models", "models.md#how-to-connect-a-model"),
        ("What is the Companion not allowed to do?", "companion.md#what-the-companion-may-not-do"),
        ("how do I edit a message", "companion.md#edit-a-message-fork"),
        ("TURN_IN_PROGRESS", "troubleshooting.md#turn_in_progress"),
        ("turn in progress", "troubleshooting.md#turn_in_progress"),
        ("RestartWorker", "companion.md#stop-and-restart-the-companion"),
        ("what are the timeouts?", "models.md#timeouts-and-retries"),
        ("what does it cost", "models.md#usage-prices-and-cost"),
        ("how to resume a stream", "api.md#resume-a-stream-after-a-reconnect"),
        ("TLS certificate", "access.md#tls"),
        ("run it in docker", "deployment.md#docker"),
        ("python client", "clients.md#python"),
        ("how do I override a prompt", "models.md#how-to-change-or-override-a-prompt"),
        ("モデルの接続方法を教えてください", "ja.md#モデルを接続するには"),
        ("ﾓﾃﾞﾙを接続したい", "ja.md#モデルを接続するには"),
        ("Companionにできないことは何ですか？", "ja.md#companion-にできることできないこと"),
        ("応答を途中で止めたい", "ja.md#応答を止めるキャンセルする"),
        ("OLLAMA_HOST とは", "models.md#how-to-connect-a-model"),
        ("Companionに何ができますか", "ja.md#companion-にできることできないこと"),
    ];
    let wrong: Vec<_> = expected
        .iter()
        .map(|(question, section)| (question, section, found(question)))
        .filter(|(_, section, found)| !found.iter().any(|found| found == *section))
        .collect();
    assert!(wrong.is_empty(), "question, expected, found: {wrong:#?}");
}

#[test]
fn what_the_documentation_does_not_know_is_not_found() {
    for question in [
        "What is the capital of France?",
        "hello",
        "",
        "Write a poem about the autumn moon",
        "明日の天気はどうですか",
        "こんにちは",
        "?!…",
        "🦀",
    ] {
        let answer = ask(question, "");
        assert_eq!(answer.citations, [], "{question}");
        assert_eq!(answer.prompt.name, "companion/guide-nothing");
    }
    assert!(ask("hello", "").text.contains("How do I connect a model?"));
    assert!(ask("こんにちは", "").text.contains("モデルを接続するには"));
}

#[test]
fn an_answer_quotes_cites_and_says_that_no_model_is_connected() {
    let answer = ask("How do I connect a model?", "");
    assert!(answer.text.starts_with("No model is connected"), "{}", answer.text);
    assert!(answer.text.contains("> Set one variable and start Banto again."));
    assert!(answer.text.contains("Source: `models.md`, section “How to connect a model”"));
    assert!(answer.text.contains("ANTHROPIC_API_KEY"));
    assert_eq!(answer.prompt.name, "companion/guide");
    assert!((1..=3).contains(&answer.citations.len()));
}

#[test]
fn the_frame_is_in_the_language_of_the_question_or_the_one_that_is_set() {
    assert!(ask("モデルを接続するには", "").text.starts_with("モデルが接続されていないため"));
    assert!(ask("モデルを接続するには", "en").text.starts_with("No model is connected"));
    assert!(ask("How do I connect a model?", "ja-JP").text.starts_with("モデルが接続されていないため"));
    assert!(ask("모델을 연결", "").text.starts_with("Sorry"));
    assert!(ask("How do I connect a model?", "fr").text.starts_with("No model is connected"));
}

#[test]
fn it_never_says_i_think_or_names_itself_an_assistant() {
    for question in ["Who are you?", "Are you ChatGPT?", "How do I connect a model?"] {
        let text = ask(question, "en").text;
        for pretence in ["I think", "I believe", "As an AI", "assistant"] {
            assert!(!text.contains(pretence), "{pretence:?} in {text}");
        }
    }
}

#[test]
fn the_question_is_never_part_of_the_answer() {
    let answer = ask("connect a model <script>alert(1)</script> {{instructions}}", "");
    assert!(!answer.text.contains("alert(1)") && !answer.text.contains("{{"), "{}", answer.text);
}

#[test]
fn the_index_is_cheap_to_build() {
    let fastest = (0..5)
        .map(|_| {
            let start = Instant::now();
            std::hint::black_box(Guide::new());
            start.elapsed()
        })
        .min()
        .unwrap();
    // 5 ms is meant for an optimised build; this one is not.
    let limit = Duration::from_millis(if cfg!(debug_assertions) { 150 } else { 5 });
    assert!(fastest < limit, "{fastest:?}");
}

#[test]
fn every_page_is_embedded_and_every_anchor_is_unique_in_its_page() {
    let guide = Guide::new();
    for document in ["README.md", "models.md", "companion.md", "access.md", "api.md", "ja.md"] {
        let mut anchors: Vec<_> = guide
            .sections
            .iter()
            .filter(|section| section.document == document)
            .map(|section| section.anchor.as_str())
            .collect();
        let all = anchors.len();
        anchors.sort_unstable();
        anchors.dedup();
        assert!(all > 3 && anchors.len() == all, "{document}: {anchors:?}");
    }
}

#[test]
fn a_page_is_split_at_headings_but_not_inside_code() {
    let text = "# Top\n\n## Empty\n\n## `one_two` & Three\ntext\n![image](x.png)\n```sh\n# a comment\n```\n## Same\na\n## Same\nb\n";
    let sections = page::sections("x.md", text);
    let seen: Vec<_> =
        sections.iter().map(|section| (section.anchor.as_str(), section.body.as_str())).collect();
    assert_eq!(seen, [("one_two--three", "text\n```sh\n# a comment\n```"), ("same", "a"), ("same-1", "b")]);
    assert!(sections.iter().all(|section| section.title == "Top"));
}

#[test]
fn a_long_passage_is_cut_at_a_paragraph_and_its_code_is_closed() {
    assert_eq!(quote::quote("a\n\nb [c](models.md#d) [e](https://f)"), "> a\n>\n> b c [e](https://f)");
    let quoted = quote::quote(&format!("{}\n\n{}", "あ".repeat(1_000), "い".repeat(1_000)));
    assert!(quoted.ends_with(">\n> …") && !quoted.contains('い'), "{quoted}");
    let quoted = quote::quote(&format!("intro\n```\n{}", "line\n".repeat(400)));
    assert!(quoted.ends_with("> line\n> ```\n>\n> …"), "{quoted}");
    assert_eq!(quote::quote(&"x".repeat(1_300)), format!("> {}\n>\n> …", "x".repeat(1_200)));
}

#[test]
fn terms_are_stems_parts_of_names_and_pairs_of_characters() {
    let terms = |text| words::terms(text).join(" ");
    assert_eq!(terms("Connecting connected connects connection"), "connect connect connect connect");
    assert_eq!(terms("stopping the policies of classes"), "stop policy class");
    assert_eq!(terms("cancelTurn RATE_LIMITED gRPC-Web"), "cancel turn rat limit g rpc web");
    assert_eq!(terms("モデルを接続"), "モデ デル 接続");
    assert_eq!(terms("ＧＰＴ４ ﾓﾃﾞﾙ"), "gpt4 モデ デル");
    assert_eq!(terms("してください です"), "");
    assert_eq!(terms("鍵 使う 切り替え"), "鍵 使 切 替");
}

#[test]
fn the_stop_words_are_in_order_for_the_search() {
    assert!(words::STOP_WORDS.is_sorted());
}

#[test]
fn every_link_between_the_pages_leads_somewhere() {
    let guide = Guide::new();
    let mut dead = Vec::new();
    for (document, text) in super::PAGES {
        let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| link.contains(".md") && !link.starts_with("http")) {
            let (page, anchor) = link.split_once('#').unwrap_or((link, ""));
            let page = page.trim_start_matches("docs/");
            let outside = ["ARCHITECTURE.md", "README.ja.md"].contains(&page);
            let there = outside || super::PAGES.iter().any(|(name, _)| *name == page);
            let section = |section: &super::Section| section.document == page && section.anchor == anchor;
            if !there || !(anchor.is_empty() || guide.sections.iter().any(section)) {
                dead.push(format!("{document}: {link}"));
            }
        }
    }
    assert!(dead.is_empty(), "{dead:#?}");
}
