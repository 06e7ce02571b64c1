//! What a file defines and what it imports.

mod grammar;
mod languages;
mod patterns;

use serde::{Deserialize, Serialize};

/// A language with a grammar, or the patterns that serve the rest. It is part of
/// the key of what is known of a content: the same bytes under another name are
/// read by other rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Language {
    Other,
    Rust,
    TypeScript,
    Tsx,
    JavaScript,
    Python,
    Go,
    Java,
    C,
    Cpp,
    CSharp,
    Ruby,
}

/// A name that a file gives to something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Definition {
    pub name: String,
    /// Counted from 1.
    pub line: u32,
}

/// The names that a file gives and takes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Symbols {
    pub definitions: Vec<Definition>,
    /// As they are written: a module path, a file, a header.
    pub imports: Vec<String>,
}

impl Language {
    pub fn of_path(path: &str) -> Self {
        match path.rsplit_once('.').map_or("", |it| it.1) {
            "rs" => Self::Rust,
            "ts" | "mts" | "cts" => Self::TypeScript,
            "tsx" => Self::Tsx,
            "js" | "jsx" | "mjs" | "cjs" => Self::JavaScript,
            "py" | "pyi" => Self::Python,
            "go" => Self::Go,
            "java" => Self::Java,
            "c" | "h" => Self::C,
            "cc" | "cpp" | "cxx" | "hh" | "hpp" | "hxx" | "C" | "H" => Self::Cpp,
            "cs" => Self::CSharp,
            "rb" => Self::Ruby,
            _ => Self::Other,
        }
    }

    pub fn symbols(self, text: &str) -> Symbols {
        let parsed = languages::rules(self).and_then(|rules| grammar::symbols(&rules, text));
        parsed.unwrap_or_else(|| patterns::symbols(text))
    }
}

#[cfg(test)]
mod tests;
