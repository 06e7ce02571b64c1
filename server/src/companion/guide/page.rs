//! Splits a Markdown page at its headings.

use std::collections::HashMap;

/// A heading and what stands below it, up to the next heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) document: &'static str,
    /// Title of the page; found by, not shown.
    pub(super) title: String,
    pub(super) heading: String,
    pub(super) anchor: String,
    pub(super) body: String,
}

/// The sections of a page that have a body.
pub(super) fn sections(document: &'static str, text: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut anchors = HashMap::new();
    let mut fence: Option<&str> = None;
    for line in text.lines() {
        let mark = fence_mark(line);
        let heading = if fence.is_none() { heading(line) } else { None };
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if mark.starts_with(open) => fence = None,
            _ => {}
        }
        if let Some(heading) = heading {
            let title = sections.first().map_or_else(|| heading.clone(), |first| first.title.clone());
            let anchor = anchor(&heading, &mut anchors);
            sections.push(Section { document, title, heading, anchor, body: String::new() });
        } else if let Some(section) = sections.last_mut() {
            section.body.push_str(line);
            section.body.push('\n');
        }
    }
    for section in &mut sections {
        section.body = without_images(&section.body).trim().to_owned();
    }
    sections.retain(|section| !section.body.is_empty());
    sections
}

fn heading(line: &str) -> Option<String> {
    let level = line.bytes().take_while(|byte| *byte == b'#').count();
    let text = line.get(level..)?.strip_prefix(' ')?;
    (1..=4).contains(&level).then(|| text.trim().replace(['`', '*'], ""))
}

fn fence_mark(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let length = line.bytes().take_while(|byte| *byte == b'`').count();
    if length >= 3 { line.get(..length) } else { None }
}

/// An image of the page would be a dead link in an answer.
fn without_images(body: &str) -> String {
    body.lines().filter(|line| !line.trim_start().starts_with("![")).flat_map(|line| [line, "\n"]).collect()
}

/// The anchor that Markdown renderers give a heading: lower case, letters,
/// digits, `-` and `_` kept, spaces turned into `-`, a number where it repeats.
fn anchor(heading: &str, taken: &mut HashMap<String, usize>) -> String {
    let anchor: String = heading
        .to_lowercase()
        .chars()
        .filter_map(|character| match character {
            ' ' => Some('-'),
            '-' | '_' => Some(character),
            _ if character.is_alphanumeric() => Some(character),
            _ => None,
        })
        .collect();
    let times = taken.entry(anchor.clone()).or_default();
    *times += 1;
    if *times == 1 { anchor } else { format!("{anchor}-{}", *times - 1) }
}
