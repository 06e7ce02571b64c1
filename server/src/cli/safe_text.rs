//! Keeps text that others wrote from steering the reader's terminal.

/// Removes escape sequences and control characters from text that arrives in
/// pieces. Line feeds and tabs stay.
#[derive(Default)]
pub(super) struct SafeText {
    state: State,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Ground,
    /// After ESC.
    Escape,
    /// After ESC and an intermediate such as `(`; one more character follows.
    Charset,
    /// Inside CSI; ends with a letter or one of `@[\]^_{|}~` and the grave accent.
    Control,
    /// Inside OSC, DCS, PM, APC or SOS; ends with BEL or ST.
    Payload,
    /// Inside such a payload, after ESC.
    PayloadEscape,
}

impl SafeText {
    /// The part of a piece that may be shown.
    pub fn clean(&mut self, piece: &str) -> String {
        piece.chars().filter(|&c| self.shows(c)).collect()
    }

    fn shows(&mut self, c: char) -> bool {
        // A line feed ends every sequence, so that one left open by malice or by
        // accident hides no more than its own line.
        if c == '\n' {
            self.state = State::Ground;
            return true;
        }
        self.state = match (self.state, c) {
            (State::Payload, '\u{1b}') => State::PayloadEscape,
            (State::Payload, '\u{7}' | '\u{9c}') | (State::PayloadEscape, '\\') => State::Ground,
            (State::Payload, _) => State::Payload,
            (_, '\u{1b}') => State::Escape,
            (State::Escape | State::PayloadEscape, '[') | (_, '\u{9b}') => State::Control,
            (State::Escape | State::PayloadEscape, ']' | 'P' | '^' | '_' | 'X')
            | (_, '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}') => State::Payload,
            (State::Escape | State::PayloadEscape, ' '..='/') => State::Charset,
            (State::Escape | State::PayloadEscape, '0'..='~') | (State::Charset, ' '..='~') => State::Ground,
            (State::Control, ' '..='?') => State::Control,
            (State::Control, '@'..='~') => State::Ground,
            (_, c) => {
                self.state = State::Ground;
                return c == '\t' || !c.is_control();
            }
        };
        false
    }
}

/// Text of several lines that may be shown.
pub(super) fn lines(text: &str) -> String {
    SafeText::default().clean(text)
}

/// Text that may be shown in one line.
pub(super) fn line(text: &str) -> String {
    lines(&text.replace(['\n', '\t', '\r'], " "))
}

#[cfg(test)]
mod tests {
    use super::{SafeText, line, lines};

    #[test]
    fn plain_text_stays_as_it_is() {
        let text = "Grüße, 世界 🏮\n\tfn main() { a[0] }\n";
        assert_eq!(lines(text), text);
    }

    #[test]
    fn sequences_and_control_characters_go() {
        assert_eq!(lines("a\u{1b}[31mred\u{1b}[0m b"), "ared b");
        assert_eq!(lines("a\u{1b}]0;title\u{7}b\u{1b}]8;;http://x\u{1b}\\c"), "abc");
        assert_eq!(lines("a\u{1b}(0b\u{1b}cd\u{9b}2Je\u{9d}x\u{9c}f"), "abdef");
        assert_eq!(lines("a\rb\u{8}c\u{0}d\u{7f}e\u{85}f"), "abcdef");
        assert_eq!(lines("a\u{1b}Pq#0\u{1b}\\b"), "ab");
    }

    #[test]
    fn an_open_sequence_hides_no_more_than_its_line() {
        assert_eq!(lines("a\u{1b}]0;hidden\nshown"), "a\nshown");
        assert_eq!(lines("a\u{1b}[3世界"), "a世界");
    }

    #[test]
    fn sequences_may_be_cut_anywhere() {
        let text = "a\u{1b}[1;31mb\u{1b}]0;t\u{1b}\\c\u{1b}(Bd";
        let whole = lines(text);
        for cut in text.char_indices().map(|(index, _)| index) {
            let mut safe = SafeText::default();
            assert_eq!(safe.clean(&text[..cut]) + &safe.clean(&text[cut..]), whole, "cut at {cut}");
        }
    }

    #[test]
    fn a_line_is_one_line() {
        assert_eq!(line("a\nb\tc\u{1b}[1m"), "a b c");
    }
}
