//! Quotes a passage as Markdown, cut to a readable length.

/// Longest quote, in characters.
const LONGEST: usize = 1_200;

/// The passage as a block quote. What is too long ends at a paragraph, or at a
/// line, and says so with an ellipsis.
pub(super) fn quote(body: &str) -> String {
    let body = without_page_links(body);
    let (text, cut) = shorten(&body);
    let mut lines: Vec<&str> = text.lines().collect();
    if lines.iter().filter(|line| line.trim_start().starts_with("```")).count() % 2 == 1 {
        lines.push("```");
    }
    if cut {
        lines.extend(["", "…"]);
    }
    let quoted: Vec<_> =
        lines.iter().map(|line| if line.is_empty() { ">".to_owned() } else { format!("> {line}") }).collect();
    quoted.join("\n")
}

fn shorten(body: &str) -> (&str, bool) {
    let Some((end, _)) = body.char_indices().nth(LONGEST) else { return (body, false) };
    let head = &body[..end];
    let cut = head.rfind("\n\n").filter(|at| *at > end / 2).or_else(|| head.rfind('\n')).unwrap_or(end);
    (head[..cut].trim_end(), true)
}

/// Links to other pages lead nowhere from a conversation: their words remain.
fn without_page_links(body: &str) -> String {
    let mut text = String::with_capacity(body.len());
    let mut rest = body;
    while let Some((before, words, target, after)) = next_link(rest) {
        text.push_str(before);
        if target.starts_with("http") {
            text.push_str(&rest[before.len()..rest.len() - after.len()]);
        } else {
            text.push_str(words);
        }
        rest = after;
    }
    text + rest
}

/// The text before the next `[words](target)`, its parts, and the text after it.
fn next_link(text: &str) -> Option<(&str, &str, &str, &str)> {
    let middle = text.find("](")?;
    let start = text[..middle].rfind('[')?;
    let end = middle + text[middle..].find(')')?;
    Some((&text[..start], &text[start + 1..middle], &text[middle + 2..end], &text[end + 1..]))
}
