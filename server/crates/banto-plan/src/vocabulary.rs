//! Every word of the document: its elements, their attributes, and the values that
//! are words. Parser, printer and the test of the schema read this table and no other.

use crate::step::{Confidence, OperationKind};

/// An element of the document, in the order of [`ELEMENTS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Element {
    Plan,
    Instructions,
    Sources,
    Source,
    Conflict,
    Answer,
    Steps,
    Step,
    Title,
    Description,
    Confidence,
    Assumptions,
    Assumption,
    Operations,
    Operation,
    Changes,
    Validation,
    Evidence,
    Bash,
    Exploration,
    Command,
}

/// An attribute of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attribute {
    Number,
    Title,
    Confidence,
    Sources,
    Id,
    Step,
    Kind,
    Path,
    From,
    Symbols,
    Comment,
    Addressed,
}

/// What stands within an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// Elements, and between them white space.
    Elements,
    /// Text of one line. Where it is not closed, a sibling that begins ends it.
    Line,
    /// Text.
    Prose,
    /// Text that is likely to hold markup of its own.
    Code,
}

/// What the document says about an element.
pub(crate) struct Rule {
    pub element: Element,
    pub name: &'static str,
    pub parents: &'static [Element],
    pub content: Content,
    /// Whether one parent may hold several.
    pub repeats: bool,
    pub attributes: &'static [Attribute],
}

const fn rule(
    element: Element,
    name: &'static str,
    parents: &'static [Element],
    content: Content,
    repeats: bool,
    attributes: &'static [Attribute],
) -> Rule {
    Rule { element, name, parents, content, repeats, attributes }
}

use Attribute as A;
use Content::{Code, Elements, Line, Prose};
use Element as E;

/// The elements. A new one is named here, in `implementation_plan.rnc`, and in the
/// printer.
pub(crate) const ELEMENTS: [Rule; 21] = [
    rule(E::Plan, "implementation_plan", &[], Elements, false, &[]),
    rule(E::Instructions, "agent_instructions", &[E::Plan], Prose, false, &[]),
    rule(E::Sources, "sources", &[E::Plan], Elements, false, &[]),
    rule(E::Source, "source", &[E::Sources], Prose, true, &[A::Id]),
    rule(E::Conflict, "conflict", &[E::Sources], Prose, true, &[A::Step, A::Sources]),
    rule(E::Answer, "answer", &[E::Sources], Prose, true, &[A::Comment, A::Addressed]),
    rule(E::Steps, "steps", &[E::Plan], Elements, false, &[]),
    rule(
        E::Step,
        "plan_step",
        &[E::Steps],
        Elements,
        true,
        &[A::Number, A::Title, A::Confidence, A::Sources],
    ),
    rule(E::Title, "title", &[E::Step], Line, false, &[]),
    rule(E::Description, "description", &[E::Step], Prose, false, &[]),
    rule(E::Confidence, "confidence", &[E::Step], Line, false, &[]),
    rule(E::Assumptions, "assumptions", &[E::Step], Elements, false, &[]),
    rule(E::Assumption, "assumption", &[E::Assumptions], Prose, true, &[]),
    rule(E::Operations, "file_operations", &[E::Step], Elements, false, &[]),
    rule(
        E::Operation,
        "operation",
        &[E::Operations],
        Elements,
        true,
        &[A::Kind, A::Path, A::From, A::Symbols],
    ),
    rule(E::Changes, "changes", &[E::Operation], Code, false, &[]),
    rule(E::Validation, "validation", &[E::Operation], Prose, false, &[]),
    rule(E::Evidence, "evidence", &[E::Operation], Prose, false, &[]),
    rule(E::Bash, "bash_commands", &[E::Step], Elements, false, &[]),
    rule(E::Exploration, "exploration_commands", &[E::Step], Elements, false, &[]),
    rule(E::Command, "command", &[E::Bash, E::Exploration], Prose, true, &[]),
];

/// The attributes.
pub(crate) const ATTRIBUTES: [(Attribute, &str); 12] = [
    (A::Number, "number"),
    (A::Title, "title"),
    (A::Confidence, "confidence"),
    (A::Sources, "sources"),
    (A::Id, "id"),
    (A::Step, "step"),
    (A::Kind, "type"),
    (A::Path, "path"),
    (A::From, "from"),
    (A::Symbols, "symbols"),
    (A::Comment, "comment"),
    (A::Addressed, "addressed"),
];

/// The kinds of operations, each with what models write in its place.
pub(crate) const KINDS: [(OperationKind, &str, &[&str]); 4] = [
    (OperationKind::Modify, "modify", &["edit", "update", "change", "patch", "modified"]),
    (OperationKind::Create, "create", &["add", "new", "write", "created"]),
    (OperationKind::Delete, "delete", &["remove", "deleted"]),
    (OperationKind::Move, "move", &["rename", "moved"]),
];

/// Whether a comment was followed.
pub(crate) const ADDRESSED: [(bool, &str); 2] = [(true, "yes"), (false, "no")];

/// The grades of confidence.
pub(crate) const CONFIDENCES: [(Confidence, &str); 3] =
    [(Confidence::Low, "low"), (Confidence::Medium, "medium"), (Confidence::High, "high")];

impl Element {
    pub(crate) fn rule(self) -> &'static Rule {
        &ELEMENTS[self as usize]
    }

    pub(crate) fn name(self) -> &'static str {
        self.rule().name
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        ELEMENTS.iter().find(|rule| rule.name == name).map(|rule| rule.element)
    }

    /// What may stand in this element.
    pub(crate) fn children(self) -> impl Iterator<Item = Self> {
        ELEMENTS.iter().filter(move |rule| rule.parents.contains(&self)).map(|rule| rule.element)
    }

    pub(crate) fn is_text(self) -> bool {
        self.rule().content != Content::Elements
    }
}

impl Attribute {
    pub(crate) fn name(self) -> &'static str {
        ATTRIBUTES[self as usize].1
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        ATTRIBUTES.iter().find(|(_, word)| *word == name).map(|(attribute, _)| *attribute)
    }
}

pub(crate) fn kind_word(kind: OperationKind) -> &'static str {
    KINDS.iter().find(|(known, ..)| *known == kind).map_or("", |(_, word, _)| word)
}

pub(crate) fn kind(word: &str) -> Option<OperationKind> {
    KINDS.iter().find(|(_, known, _)| *known == word).map(|(kind, ..)| *kind)
}

/// What was evidently meant by a word that is none of the kinds.
pub(crate) fn kind_meant(word: &str) -> Option<OperationKind> {
    let word = word.trim().to_ascii_lowercase();
    KINDS.iter().find(|(_, known, others)| *known == word || others.contains(&&*word)).map(|(kind, ..)| *kind)
}

pub(crate) fn addressed_word(addressed: bool) -> &'static str {
    ADDRESSED.iter().find(|(known, _)| *known == addressed).map_or("", |(_, word)| word)
}

pub(crate) fn addressed(word: &str) -> Option<bool> {
    ADDRESSED.iter().find(|(_, known)| *known == word).map(|(addressed, _)| *addressed)
}

/// What was evidently meant by a word that is neither of the two.
pub(crate) fn addressed_meant(word: &str) -> Option<bool> {
    match word.trim().to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        word => addressed(word),
    }
}

pub(crate) fn confidence_word(confidence: Confidence) -> &'static str {
    CONFIDENCES.iter().find(|(known, _)| *known == confidence).map_or("", |(_, word)| word)
}

pub(crate) fn confidence(word: &str) -> Option<Confidence> {
    CONFIDENCES.iter().find(|(_, known)| *known == word).map(|(confidence, _)| *confidence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_tables_stand_in_the_order_of_their_names() {
        for (place, rule) in ELEMENTS.iter().enumerate() {
            assert_eq!(rule.element as usize, place, "{}", rule.name);
        }
        for (place, (attribute, name)) in ATTRIBUTES.iter().enumerate() {
            assert_eq!(*attribute as usize, place, "{name}");
        }
    }

    #[test]
    fn the_schema_has_the_same_words() {
        let schema: String = include_str!("../implementation_plan.rnc")
            .lines()
            .filter(|line| !line.starts_with('#'))
            .flat_map(|line| [line, " "])
            .collect();
        let words: Vec<&str> =
            schema.split([' ', '(', ')', ',', '?', '*', '+']).filter(|word| !word.is_empty()).collect();
        let named = |kind: &str| -> BTreeSet<&str> {
            words.windows(2).filter(|pair| pair[0] == kind).map(|pair| pair[1]).collect()
        };
        assert_eq!(named("element"), ELEMENTS.iter().map(|rule| rule.name).collect());
        assert_eq!(named("attribute"), ATTRIBUTES.iter().map(|(_, name)| *name).collect());
        let quoted: BTreeSet<&str> =
            words.iter().filter_map(|word| word.strip_prefix('"')?.strip_suffix('"')).collect();
        let known = KINDS.iter().map(|(_, word, _)| *word).chain(CONFIDENCES.iter().map(|(_, word)| *word));
        let values: BTreeSet<&str> = known.collect();
        assert!(values.is_subset(&quoted), "{quoted:?}");
    }

    #[test]
    fn every_kind_and_grade_has_a_word() {
        for kind_of in OperationKind::ALL {
            assert_eq!(kind(kind_of.as_str()), Some(kind_of));
        }
        for grade in Confidence::ALL {
            assert_eq!(confidence(grade.as_str()), Some(grade));
        }
    }
}
