//! Definitions and imports from a syntax tree, by the kinds of its nodes.

use super::{Definition, Symbols};
use std::ops::ControlFlow;
use tree_sitter::{Node, ParseOptions, Parser};

/// What to look for in the trees of one grammar.
pub(super) struct Rules {
    pub grammar: tree_sitter::Language,
    /// Nodes that define something, each with the field that holds its name.
    pub definitions: &'static [(&'static str, &'static str)],
    /// Nodes that define something only at the top of a file: elsewhere they are
    /// local variables.
    pub at_top: &'static [(&'static str, &'static str)],
    /// How deep below the root "the top" reaches.
    pub top: usize,
    /// Nodes that import something, each with the field that says what; an empty
    /// field means the whole node.
    pub imports: &'static [(&'static str, &'static str)],
}

/// Longer texts are read by patterns: names are then worth less than the time.
const LONGEST: usize = 512 * 1024;
/// Deeper nests are data.
const DEEPEST: usize = 200;
/// A grammar that has asked so often whether to go on is lost in a text of another
/// language. It is counted and not timed, so that two searches never differ.
const STUCK: u32 = 2_000_000;

pub(super) fn symbols(rules: &Rules, text: &str) -> Option<Symbols> {
    if text.len() > LONGEST {
        return None;
    }
    let mut parser = Parser::new();
    parser.set_language(&rules.grammar).ok()?;
    let mut asked = 0;
    let mut give_up = |_: &tree_sitter::ParseState| {
        asked += 1;
        if asked > STUCK { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let options = ParseOptions::new().progress_callback(&mut give_up);
    let bytes = text.as_bytes();
    let mut from = |at: usize, _| bytes.get(at..).unwrap_or_default();
    let tree = parser.parse_with_options(&mut from, None, Some(options))?;
    let mut found = Symbols::default();
    let mut cursor = tree.walk();
    let mut depth = 0;
    loop {
        visit(rules, cursor.node(), depth, text, &mut found);
        if depth < DEEPEST && cursor.goto_first_child() {
            depth += 1;
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return Some(found);
            }
            depth -= 1;
        }
    }
}

fn visit(rules: &Rules, node: Node<'_>, depth: usize, text: &str, found: &mut Symbols) {
    if !node.is_named() {
        return;
    }
    let field = |table: &[(&'static str, &'static str)]| {
        table.iter().find(|(kind, _)| *kind == node.kind()).map(|(_, field)| *field)
    };
    let named =
        field(rules.definitions).or_else(|| if depth <= rules.top { field(rules.at_top) } else { None });
    // `struct pool *p` speaks of what is defined elsewhere.
    let mentions = node.kind().ends_with("_specifier") && node.child_by_field_name("body").is_none();
    let named = named.filter(|_| !mentions);
    if let Some(name) = named.and_then(|field| node.child_by_field_name(field)).and_then(innermost_name) {
        let name = text.get(name.byte_range()).unwrap_or_default();
        if !name.is_empty() && name.len() <= 128 {
            let line = u32::try_from(node.start_position().row + 1).unwrap_or(u32::MAX);
            found.definitions.push(Definition { name: name.to_owned(), line });
        }
    }
    if let Some(field) = field(rules.imports) {
        let what = if field.is_empty() { Some(node) } else { node.child_by_field_name(field) };
        let what = what.and_then(|it| text.get(it.byte_range())).unwrap_or_default();
        let what = what.trim_matches(['"', '\'', '`', '<', '>', ' ', ';']);
        if !what.is_empty() && what.len() <= 512 {
            found.imports.push(what.to_owned());
        }
    }
}

/// C and C++ wrap the name of a function in declarators.
fn innermost_name(mut node: Node<'_>) -> Option<Node<'_>> {
    for _ in 0..8 {
        match node.child_by_field_name("declarator").or_else(|| node.child_by_field_name("name")) {
            Some(inner) => node = inner,
            None => break,
        }
    }
    let is_name =
        node.kind().ends_with("identifier") || matches!(node.kind(), "constant" | "identifier" | "name");
    (is_name || node.named_child_count() == 0).then_some(node)
}
