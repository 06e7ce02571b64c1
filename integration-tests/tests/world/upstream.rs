//! A model whose answers follow from the question.

use banto_integration_tests::upstream::{Exchange, Script};
use banto_proto::v1::RunState;
use rand::{RngExt as _, rngs::StdRng};
use std::time::Duration;

/// How an answer goes.
const MANNERS: [&str; 6] = ["quick", "quick", "slow", "hanging", "refused", "cut"];

/// A question under this name that will be answered in a random manner.
pub fn question(dice: &mut StdRng, name: &str) -> String {
    format!("{} 質問 {name}", MANNERS[dice.random_range(0..MANNERS.len())])
}

fn pieces(question: &str) -> Vec<String> {
    (0..12).map(|number| format!("{number} 答え to {question}; ")).collect()
}

/// The answer to the request's last message.
pub fn answer(exchange: &Exchange) -> Script {
    let body = exchange.json();
    let messages = body["messages"].as_array().expect("messages");
    let question = messages.last().and_then(|it| it["content"].as_str()).expect("a message");
    let (pieces, script) = (pieces(question), Script::openai());
    match manner(question) {
        "quick" => script.texts(pieces).done(),
        "slow" => pieces
            .into_iter()
            .fold(script, |script, piece| script.text(piece).delay(Duration::from_millis(6)))
            .done(),
        "hanging" => script.texts(&pieces[..3]).hang(),
        "cut" => script.texts(&pieces[..5]).cut(),
        _ => Script::status(400).error("refused"),
    }
}

fn manner(question: &str) -> &str {
    question.split(' ').next().unwrap_or_default()
}

/// Fails unless a reply could have come of the question, having ended so.
pub fn check(question: &str, state: RunState, text: &str) {
    let whole = pieces(question).concat();
    assert!(whole.starts_with(text), "{question:?} was answered {text:?}");
    let possible: &[RunState] = match manner(question) {
        "quick" | "slow" => &[RunState::Completed],
        "hanging" => &[],
        _ => &[RunState::ProviderFailed],
    };
    let at_any_time = [RunState::Cancelled, RunState::Interrupted, RunState::Running];
    assert!(possible.contains(&state) || at_any_time.contains(&state), "{question:?} ended {state:?}");
    if state == RunState::Completed {
        assert_eq!(text, whole, "a completed reply is whole");
    }
}
