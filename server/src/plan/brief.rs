//! A plan without a model: the finder's evidence in the form of a plan. It says where
//! to look and why, never what to write.

use crate::{
    error::Result,
    prompt::Prompts,
    store::{
        task,
        task_file::{ReasonKind, Source},
    },
    task::File,
    workspace::Sight,
};
use banto_plan::{Confidence, Operation, OperationKind, Plan, Step};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;

/// Steps for files that were judged relevant; further ones share the last.
const MOST_STEPS: usize = 30;
/// Symbols that an operation names.
const MOST_SYMBOLS: usize = 8;

#[derive(Serialize)]
struct Place {
    lines: Option<String>,
    symbols: Option<String>,
}

/// Fills a plan. Files that are not there, or that look secret, are in no operation.
pub(super) fn write(
    prompts: &Prompts,
    task: &task::Model,
    files: &[File],
    sights: &BTreeMap<String, Sight>,
) -> Result<Plan> {
    let text =
        |name: &str, data: serde_json::Value| -> Result<String> { Ok(prompts.render(name, &data)?.text) };
    let present: Vec<(&File, &str)> = files
        .iter()
        .filter_map(|file| match sights.get(&file.row.path) {
            Some(Sight::File { text, .. }) => Some((file, text.as_deref().unwrap_or_default())),
            _ => None,
        })
        .collect();
    let (around, relevant): (Vec<_>, Vec<_>) =
        present.iter().partition(|(file, _)| file.row.source == Some(Source::Extended));
    let mut steps = vec![Step {
        number: 1,
        title: title(&task.title),
        description: text("plan/brief-read", json!({ "count": present.len() }))?,
        confidence: None,
        exploration_commands: explorations(&present),
        ..Step::default()
    }];
    for chunk in chunks(&relevant) {
        let path = &chunk[0].0.row.path;
        steps.push(Step {
            number: number(&steps),
            title: path.clone(),
            description: text("plan/brief-change", json!({ "path": path }))?,
            confidence: Some(confidence(chunk[0].0)),
            operations: operations(prompts, chunk)?,
            bash_commands: Vec::new(),
            ..Step::default()
        });
    }
    if !around.is_empty() {
        let operations = operations(prompts, &around)?;
        steps.push(Step {
            number: number(&steps),
            title: paths(&around),
            description: text("plan/brief-around", json!({}))?,
            confidence: Some(Confidence::Low),
            operations,
            ..Step::default()
        });
    }
    let agent_instructions = Some(text("plan/brief", json!({}))?);
    Ok(Plan { agent_instructions, steps, ..Plan::default() })
}

/// One file a step, and the rest in the last.
fn chunks<'a, 'b>(relevant: &'b [(&'a File, &'a str)]) -> impl Iterator<Item = &'b [(&'a File, &'a str)]> {
    let (single, rest) = relevant.split_at(relevant.len().min(MOST_STEPS - 1));
    single.chunks(1).chain((!rest.is_empty()).then_some(rest))
}

fn number(steps: &[Step]) -> u32 {
    u32::try_from(steps.len() + 1).unwrap_or(u32::MAX)
}

/// The first line of a title, as one line.
fn title(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() { "…".to_owned() } else { line }
}

/// The first paths, as a title.
fn paths(files: &[(&File, &str)]) -> String {
    let shown: Vec<&str> = files.iter().take(2).map(|(file, _)| file.row.path.as_str()).collect();
    let more = if files.len() > shown.len() { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

fn confidence(file: &File) -> Confidence {
    match file.row.score {
        Some(score) if score >= 0.6 => Confidence::High,
        Some(score) if score >= 0.3 => Confidence::Medium,
        Some(_) => Confidence::Low,
        // A person chose it.
        None => Confidence::High,
    }
}

fn operations(prompts: &Prompts, files: &[(&File, &str)]) -> Result<Vec<Operation>> {
    files.iter().map(|(file, text)| operation(prompts, file, text)).collect()
}

fn operation(prompts: &Prompts, file: &File, text: &str) -> Result<Operation> {
    let row = &file.row;
    let known = banto_finder::symbols(&row.path, text);
    let mut symbols: Vec<String> = Vec::new();
    for reason in &row.reasons.0 {
        // Only what the file has: the check must find nothing.
        let is_there = known.as_ref().is_some_and(|known| known.iter().any(|it| it.name == reason.symbol));
        if is_there && !symbols.contains(&reason.symbol) && symbols.len() < MOST_SYMBOLS {
            symbols.push(reason.symbol.clone());
        }
    }
    let ranges = row.reasons.0.iter().filter_map(|reason| reason.lines);
    let mut ranges: Vec<String> = ranges
        .map(|(first, last)| if first == last { first.to_string() } else { format!("{first}-{last}") })
        .collect();
    ranges.dedup();
    let listed = |words: &[String]| Some(words.join(", ")).filter(|words| !words.is_empty());
    let place = Place { lines: listed(&ranges), symbols: listed(&symbols) };
    let changes = prompts.render("plan/brief-place", &place)?.text;
    let mut evidence: Vec<&str> = row.reasons.0.iter().map(|reason| reason.text.as_str()).collect();
    if evidence.is_empty() {
        evidence.push("a person chose it");
    }
    Ok(Operation {
        kind: OperationKind::Modify,
        path: row.path.clone(),
        symbols,
        changes: Some(changes),
        evidence: Some(evidence.join("\n")),
        ..Operation::default()
    })
}

/// What looks at the files and at the commits that speak for them.
fn explorations(present: &[(&File, &str)]) -> Vec<String> {
    let mut commands: Vec<String> = present
        .iter()
        .take(MOST_STEPS)
        .map(|(file, _)| format!("cat -- {}", quoted(&file.row.path)))
        .collect();
    let reasons = present.iter().flat_map(|(file, _)| &file.row.reasons.0);
    for reason in reasons.filter(|reason| reason.kind == ReasonKind::Commit && !reason.commit.is_empty()) {
        let command = format!("git show --stat {}", reason.commit);
        if !commands.contains(&command) && commands.len() < 2 * MOST_STEPS {
            commands.push(command);
        }
    }
    commands
}

/// A word for a POSIX shell.
pub(super) fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-+@:,%=".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
