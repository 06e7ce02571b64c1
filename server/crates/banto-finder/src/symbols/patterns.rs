//! Definitions and imports line by line, for languages without a grammar here. A
//! name that is missed costs a little rank; the text is searched in any case.

use super::{Definition, Symbols};
use regex::Regex;
use std::sync::LazyLock;

/// A keyword that most languages put before a name that they define.
static DEFINITION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let before = r"^\s{0,12}(?:(?:export|public|private|protected|internal|static|final|abstract|open|override|async|pub|data|sealed|local|inline|default|partial|create)\s+)*";
    let keyword = r"(?i:function|func|fun|fn|def|defp|defmodule|class|interface|trait|struct|enum|object|protocol|extension|module|namespace|package|type|typedef|record|message|service|rpc|union|macro|table|view|procedure|resource|variable|output|let|val|const|sub)";
    Regex::new(&format!(r"{before}{keyword}\s+(?:self\.)?([A-Za-z_][\w.]*)")).ok()
});
/// `name() {` of shells, and `# Heading` of prose.
static BARE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^(?:([A-Za-z_][\w-]*)\s*\(\)\s*\{|\[([\w.-]+)\]\s*$)").ok());
static IMPORT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"^\s*(?:import|from|require|require_relative|include|use|using|source|load|#include|@import)\b[\s(]+["'<]?([\w./:@\\-]+)"#).ok()
});

/// Beyond these a file is a list, not code.
const MOST: usize = 2000;

pub(super) fn symbols(text: &str) -> Symbols {
    let mut found = Symbols::default();
    let (Some(definition), Some(bare), Some(import)) = (&*DEFINITION, &*BARE, &*IMPORT) else { return found };
    for (line, content) in (1..).zip(text.lines()) {
        if content.len() > 400 || found.definitions.len() >= MOST {
            continue;
        }
        if let Some(what) = import.captures(content).and_then(|it| it.get(1)) {
            found.imports.push(what.as_str().to_owned());
        } else if let Some(name) = name(definition, content).or_else(|| name(bare, content)) {
            found.definitions.push(Definition { name, line });
        }
    }
    found
}

fn name(pattern: &Regex, line: &str) -> Option<String> {
    let captures = pattern.captures(line)?;
    captures.iter().skip(1).flatten().next().map(|it| it.as_str().to_owned())
}
