//! A plan for people who read Markdown.

use crate::{
    plan::{Plan, StepRef},
    step::{Operation, OperationKind, Step},
};
use std::fmt::Write;

/// A plan as Markdown. Titles, paths and names are shown to the letter; descriptions
/// and other texts are Markdown of their author's, and a fence that is left open in one
/// is closed behind it.
#[must_use]
pub fn markdown(plan: &Plan) -> String {
    let mut page = String::from("# Implementation plan\n");
    if let Some(text) = &plan.agent_instructions {
        block(&mut page, text);
    }
    if !plan.sources.is_empty() || !plan.conflicts.is_empty() {
        page.push_str("\n## Sources\n\n");
        for source in &plan.sources {
            let _ = writeln!(page, "- **{}** {}", line(&source.label), line(&source.note));
        }
        for conflict in &plan.conflicts {
            let step = conflict.step.map_or_else(|| "whole plan".to_owned(), |step| format!("step {step}"));
            let sources = references(&conflict.sources);
            let _ = writeln!(page, "- Conflict, {step}{sources}: {}", line(&conflict.text));
        }
    }
    for step in &plan.steps {
        push_step(&mut page, step);
    }
    page
}

fn push_step(page: &mut String, step: &Step) {
    let _ = write!(page, "\n## {}. {}\n", step.number, line(&step.title));
    block(page, &step.description);
    if let Some(confidence) = step.confidence {
        let _ = write!(page, "\n**Confidence:** {}\n", confidence.as_str());
    }
    if !step.sources.is_empty() {
        let _ = write!(page, "\n**From:**{}\n", references(&step.sources));
    }
    if !step.assumptions.is_empty() {
        page.push_str("\n**Assumptions**\n\n");
        for text in &step.assumptions {
            let _ = writeln!(page, "- {}", line(text));
        }
    }
    for operation in &step.operations {
        push_operation(page, operation);
    }
    for (title, commands) in [("Run", &step.bash_commands), ("Explore", &step.exploration_commands)] {
        if !commands.is_empty() {
            let _ = write!(page, "\n**{title}**\n");
            fenced(page, "sh", &commands.join("\n"));
        }
    }
}

fn push_operation(page: &mut String, operation: &Operation) {
    let word = match operation.kind {
        OperationKind::Modify => "Modify",
        OperationKind::Create => "Create",
        OperationKind::Delete => "Delete",
        OperationKind::Move => "Move",
    };
    let from = operation.from.as_ref().map(|from| format!("{} to ", code(from))).unwrap_or_default();
    let _ = write!(page, "\n### {word} {from}{}\n", code(&operation.path));
    if !operation.symbols.is_empty() {
        let symbols: Vec<String> = operation.symbols.iter().map(|symbol| code(symbol)).collect();
        let _ = write!(page, "\n**Symbols:** {}\n", symbols.join(", "));
    }
    if let Some(changes) = &operation.changes {
        fenced(page, language(&operation.path), changes);
    }
    for (title, text) in [("Validation", &operation.validation), ("Evidence", &operation.evidence)] {
        if let Some(text) = text {
            let _ = write!(page, "\n**{title}**\n");
            block(page, text);
        }
    }
}

fn references(sources: &[StepRef]) -> String {
    sources.iter().map(|source| format!(" {}", code(&source.to_string()))).collect()
}

/// The end of the file's name, which most readers of Markdown know as a language.
fn language(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    let end = name.rsplit_once('.').map_or("", |(_, end)| end);
    if end.bytes().all(|byte| byte.is_ascii_alphanumeric()) { end } else { "" }
}

/// Text in one line, with nothing in it that Markdown would read.
fn line(text: &str) -> String {
    let mut out = String::new();
    for (place, word) in text.split_whitespace().enumerate() {
        if place > 0 {
            out.push(' ');
        }
        for character in word.chars() {
            if matches!(
                character,
                '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&' | '!' | '$'
            ) {
                out.push('\\');
            }
            out.push(character);
        }
    }
    out
}

/// Text as code within a line.
fn code(text: &str) -> String {
    let text = text.replace(['\n', '\r'], " ");
    let mark = "`".repeat(longest_run(&text) + 1);
    let pad =
        if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) || text.is_empty() { " " } else { "" };
    format!("{mark}{pad}{text}{pad}{mark}")
}

/// Text between fences that are longer than any run of backticks in it.
fn fenced(page: &mut String, language: &str, text: &str) {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    let text = text.strip_prefix('\n').unwrap_or(text);
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    let _ = write!(page, "\n{fence}{language}\n{text}{end}{fence}\n");
}

fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or(0)
}

fn block(page: &mut String, text: &str) {
    let text = text.trim_end();
    if text.is_empty() {
        return;
    }
    let _ = write!(page, "\n{text}\n");
    if let Some(fence) = open_fence(text) {
        let _ = writeln!(page, "{fence}");
    }
}

/// The fence that a text leaves open.
fn open_fence(text: &str) -> Option<String> {
    let mut open: Option<&str> = None;
    for line in text.lines() {
        let line = line.trim_start();
        let Some(mark) = line.chars().next().filter(|mark| matches!(mark, '`' | '~')) else { continue };
        let run = line.len() - line.trim_start_matches(mark).len();
        let fence = &line[..run];
        match open {
            None if run >= 3 => open = Some(fence),
            Some(first) if first.starts_with(mark) && run >= first.len() && line[run..].trim().is_empty() => {
                open = None;
            }
            _ => {}
        }
    }
    open.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        let mut page = String::new();
        fenced(&mut page, "md", "````\nx\n````");
        assert_eq!(page, "\n`````md\n````\nx\n````\n`````\n");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(line("a\n# *b*"), "a \\# \\*b\\*");
        assert_eq!(open_fence("x\n```rust\ny").as_deref(), Some("```"));
        assert_eq!(open_fence("x\n```rust\ny\n```"), None);
        assert_eq!((language("src/a.rs"), language("Makefile")), ("rs", ""));
    }
}
