//! What people write, checked once at the door.

use crate::error::{Error, Result};

/// Longest message, in characters.
pub const MAX_MESSAGE: usize = 32_000;
/// Longest title, in characters.
pub const MAX_TITLE: usize = 200;
/// Longest description of a task, in characters.
pub const MAX_DOCUMENT: usize = 100_000;
/// Longest instructions, in characters.
pub const MAX_INSTRUCTIONS: usize = 8_000;
/// Longest id that a client chooses, in characters.
pub const MAX_CLIENT_ID: usize = 64;
/// Longest search or filter, in characters.
pub const MAX_QUERY: usize = 200;
/// Longest language tag, in characters (RFC 5646 asks for room for 35).
const MAX_LANGUAGE: usize = 35;
/// Characters of a message that become the title of a new conversation.
const TITLE_FROM_MESSAGE: usize = 60;

/// The text of a message: not blank, not too long, no control characters but tab
/// and line feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageText(String);

impl MessageText {
    /// Checks a text. Line ends become line feeds.
    ///
    /// # Errors
    /// `InvalidInput` naming `text`.
    pub fn parse(text: &str) -> Result<Self> {
        if text.trim().is_empty() {
            return Err(Error::invalid("text", "must not be empty or only white space"));
        }
        self::text("text", text, MAX_MESSAGE).map(Self)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A title for a conversation that begins with this message.
    #[must_use]
    pub fn as_title(&self) -> String {
        let first_line = self.0.trim().lines().next().unwrap_or_default();
        let mut title: String = first_line.chars().take(TITLE_FROM_MESSAGE).collect();
        if first_line.chars().nth(TITLE_FROM_MESSAGE).is_some() {
            title.push('…');
        }
        title
    }
}

/// Checks one line of text with a limit.
///
/// # Errors
/// `InvalidInput` naming the field.
pub fn line(field: &'static str, text: &str, max: usize) -> Result<String> {
    let text = text.trim();
    if text.chars().count() > max {
        return Err(Error::invalid(field, format!("at most {max} characters are taken")));
    }
    if text.chars().any(char::is_control) {
        return Err(Error::invalid(field, "must not hold control characters"));
    }
    Ok(text.to_owned())
}

/// Checks a text of several lines, which may be empty: no control characters but tab
/// and line feed. Line ends become line feeds.
///
/// # Errors
/// `InvalidInput` naming the field.
pub fn text(field: &'static str, text: &str, max: usize) -> Result<String> {
    let text = text.replace("\r\n", "\n");
    let length = text.chars().count();
    if length > max {
        return Err(Error::invalid(field, format!("has {length} characters; at most {max} are taken")));
    }
    if let Some(control) = text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        let code = u32::from(control);
        return Err(Error::invalid(field, format!("holds the control character U+{code:04X}")));
    }
    Ok(text)
}

/// Checks the description of a task.
///
/// # Errors
/// `InvalidInput` naming the field.
pub fn document(field: &'static str, text: &str) -> Result<String> {
    self::text(field, text, MAX_DOCUMENT)
}

/// Checks an id that a client chose; an empty one is `None`.
///
/// # Errors
/// `InvalidInput` naming the field.
pub fn client_id(field: &'static str, id: &str) -> Result<Option<String>> {
    if id.is_empty() {
        return Ok(None);
    }
    if id.chars().count() > MAX_CLIENT_ID || id.chars().any(|c| c.is_control() || c.is_whitespace()) {
        let why = format!("must be 1 to {MAX_CLIENT_ID} characters without white space");
        return Err(Error::invalid(field, why));
    }
    Ok(Some(id.to_owned()))
}

/// Like [`client_id`], for requests that must have one.
///
/// # Errors
/// `InvalidInput` naming the field.
pub fn required_client_id(field: &'static str, id: &str) -> Result<String> {
    client_id(field, id)?.ok_or_else(|| Error::invalid(field, "must not be empty"))
}

/// Checks a language tag by its form (BCP 47); an empty one means no choice.
///
/// # Errors
/// `InvalidInput` naming the field.
pub fn language(field: &'static str, tag: &str) -> Result<String> {
    let well_formed = tag.len() <= MAX_LANGUAGE
        && tag
            .split('-')
            .all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()));
    if tag.is_empty() || well_formed {
        Ok(tag.to_owned())
    } else {
        Err(Error::invalid(field, "must be a BCP 47 language tag such as `ja` or `pt-BR`"))
    }
}

/// Checks instructions: several lines, no control characters but tab and line
/// feed.
///
/// # Errors
/// `InvalidInput` naming the field.
pub fn instructions(field: &'static str, text: &str) -> Result<String> {
    if text.trim().is_empty() {
        return Ok(String::new());
    }
    self::text(field, text, MAX_INSTRUCTIONS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        match MessageText::parse(text) {
            Err(Error::InvalidInput(violations)) => {
                assert_eq!(violations[0].field, "text");
                violations[0].description.clone()
            }
            other => panic!("expected a refusal, got {other:?}"),
        }
    }

    #[test]
    fn a_message_must_say_something() {
        assert!(refusal("").contains("empty"));
        assert!(refusal(" \n\t\u{3000}").contains("empty"));
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert!(MessageText::parse(&"番".repeat(MAX_MESSAGE)).is_ok());
        assert!(refusal(&"番".repeat(MAX_MESSAGE + 1)).contains("32001 characters"));
    }

    #[test]
    fn control_characters_are_named() {
        assert!(refusal("a\u{1b}[31m").contains("U+001B"));
        assert!(refusal("a\0b").contains("U+0000"));
        assert_eq!(MessageText::parse("a\r\n\tb").unwrap_or_else(|e| panic!("{e}")).as_str(), "a\n\tb");
    }

    #[test]
    fn a_long_first_line_is_cut_for_the_title() {
        let text = MessageText::parse(&format!("{}\nmore", "x".repeat(80))).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(text.as_title(), format!("{}…", "x".repeat(60)));
    }

    #[test]
    fn language_tags_are_checked_by_form() {
        assert!(language("language", "").is_ok() && language("language", "zh-Hant-TW").is_ok());
        assert!(language("language", "Japanese please").is_err());
    }
}
