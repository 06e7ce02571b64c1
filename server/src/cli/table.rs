//! Tables: with lines and colours for a person, plain columns for a pipe.

use super::{exit::Failure, output, output::Output, safe_text};
use comfy_table::{Attribute, Cell, Color, ContentArrangement, LineStyle, Table, TableStyle, presets};

/// A line below the headings, and none elsewhere.
const UNDERLINED: TableStyle = TableStyle::new().header_separator(LineStyle::new('─', '─', '─', '─'));

/// What a cell says about its row.
#[derive(Clone, Copy)]
pub(super) enum Tone {
    Plain,
    Good,
    Warning,
    Bad,
}

/// Text of a cell with its tone.
pub(super) struct Field {
    text: String,
    tone: Tone,
}

impl Field {
    pub fn new(text: impl Into<String>, tone: Tone) -> Self {
        Self { text: text.into(), tone }
    }
}

impl<T: Into<String>> From<T> for Field {
    fn from(text: T) -> Self {
        Self::new(text, Tone::Plain)
    }
}

/// Prints rows below their headings.
pub(super) fn print(out: Output, headings: &[&str], rows: Vec<Vec<Field>>) -> Result<(), Failure> {
    output::print(&render(out, headings, rows))
}

fn render(out: Output, headings: &[&str], rows: Vec<Vec<Field>>) -> String {
    let mut table = Table::new();
    if out.terminal {
        table.load_style(UNDERLINED);
        table.set_content_arrangement(ContentArrangement::Dynamic);
    } else {
        table.load_style(presets::NOTHING);
        table.force_no_tty();
    }
    if out.colour {
        table.enforce_styling();
    }
    let cell = |field: Field, bold: bool| {
        let cell = Cell::new(safe_text::line(&field.text));
        if !out.colour {
            return cell;
        }
        let cell = if bold { cell.add_attribute(Attribute::Bold) } else { cell };
        match field.tone {
            Tone::Plain => cell,
            Tone::Good => cell.fg(Color::Green),
            Tone::Warning => cell.fg(Color::Yellow),
            Tone::Bad => cell.fg(Color::Red),
        }
    };
    table.set_header(headings.iter().map(|heading| cell(Field::from(*heading), true)));
    for row in rows {
        table.add_row(row.into_iter().map(|field| cell(field, false)));
    }
    let text = table.to_string();
    if out.terminal {
        return text;
    }
    // The preset pads every cell; a pipe wants neither margin.
    text.lines().map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::{Field, Tone, render};
    use crate::cli::output::Output;

    #[test]
    fn a_pipe_gets_plain_columns_without_escapes() {
        let out = Output { terminal: false, colour: false };
        let rows = vec![
            vec![Field::from("a\u{1b}[1m\nb"), Field::new("READY", Tone::Good)],
            vec![Field::from("世界"), Field::from("x".repeat(300))],
        ];
        let text = render(out, &["NAME", "STATE"], rows);
        assert_eq!(text, format!("NAME  STATE\na b   READY\n世界  {}", "x".repeat(300)));
    }

    #[test]
    fn colour_is_a_choice_of_its_own() {
        let rows = || vec![vec![Field::new("READY", Tone::Good)]];
        let plain = render(Output { terminal: true, colour: false }, &["STATE"], rows());
        assert!(!plain.contains('\u{1b}'), "{plain}");
        let coloured = render(Output { terminal: true, colour: true }, &["STATE"], rows());
        assert!(coloured.contains('\u{1b}'), "{coloured}");
    }
}
