//! The text of a plan, in one form: what is printed and read again is the same plan.

use crate::{
    plan::{Plan, StepRef},
    step::{Operation, Step},
    vocabulary::{self, Attribute, Element},
};
use std::{borrow::Cow, fmt::Write};

/// A plan as a document: two spaces for each level, code in CDATA, entities elsewhere.
///
/// White space at the ends of a text is written as numbers (`&#32;`), because a reader
/// may take bare white space there for layout. Characters that XML does not allow are
/// written as they are; reading them back reports them.
#[must_use]
pub fn print(plan: &Plan) -> String {
    let mut page = Page::default();
    page.open(Element::Plan, &[]);
    if let Some(text) = &plan.agent_instructions {
        page.text(Element::Instructions, &[], text);
    }
    if !(plan.sources.is_empty() && plan.conflicts.is_empty() && plan.answers.is_empty()) {
        page.open(Element::Sources, &[]);
        for source in &plan.sources {
            page.text(Element::Source, &[(Attribute::Id, source.label.as_str().into())], &source.note);
        }
        for conflict in &plan.conflicts {
            let mut attributes = Vec::new();
            if let Some(step) = conflict.step {
                attributes.push((Attribute::Step, step.to_string().into()));
            }
            references(&mut attributes, &conflict.sources);
            page.text(Element::Conflict, &attributes, &conflict.text);
        }
        for answer in &plan.answers {
            let attributes = [
                (Attribute::Comment, answer.comment.as_str().into()),
                (Attribute::Addressed, vocabulary::addressed_word(answer.addressed).into()),
            ];
            page.text(Element::Answer, &attributes, &answer.text);
        }
        page.close(Element::Sources);
    }
    page.open(Element::Steps, &[]);
    for step in &plan.steps {
        page.step(step);
    }
    page.close(Element::Steps);
    page.close(Element::Plan);
    page.out
}

/// White space that a reader may take for layout at the ends of a text.
pub(crate) const LAYOUT: [char; 4] = [' ', '\t', '\r', '\n'];

type Attributes<'a> = Vec<(Attribute, Cow<'a, str>)>;

fn references(attributes: &mut Attributes<'_>, sources: &[StepRef]) {
    if !sources.is_empty() {
        let words: Vec<String> = sources.iter().map(StepRef::to_string).collect();
        attributes.push((Attribute::Sources, words.join(" ").into()));
    }
}

#[derive(Default)]
struct Page {
    out: String,
    depth: usize,
}

impl Page {
    fn step(&mut self, step: &Step) {
        let mut attributes = vec![(Attribute::Number, step.number.to_string().into())];
        references(&mut attributes, &step.sources);
        self.open(Element::Step, &attributes);
        self.text(Element::Title, &[], &step.title);
        self.text(Element::Description, &[], &step.description);
        if let Some(confidence) = step.confidence {
            self.text(Element::Confidence, &[], confidence.as_str());
        }
        self.texts(Element::Assumptions, Element::Assumption, &step.assumptions);
        if !step.operations.is_empty() {
            self.open(Element::Operations, &[]);
            for operation in &step.operations {
                self.operation(operation);
            }
            self.close(Element::Operations);
        }
        self.texts(Element::Bash, Element::Command, &step.bash_commands);
        self.texts(Element::Exploration, Element::Command, &step.exploration_commands);
        self.close(Element::Step);
    }

    fn operation(&mut self, operation: &Operation) {
        let mut attributes: Attributes<'_> = vec![(Attribute::Kind, operation.kind.as_str().into())];
        if let Some(from) = &operation.from {
            attributes.push((Attribute::From, from.into()));
        }
        attributes.push((Attribute::Path, operation.path.as_str().into()));
        if !operation.symbols.is_empty() {
            attributes.push((Attribute::Symbols, operation.symbols.join(" ").into()));
        }
        let texts = [
            (Element::Changes, &operation.changes),
            (Element::Validation, &operation.validation),
            (Element::Evidence, &operation.evidence),
        ];
        if texts.iter().all(|(_, text)| text.is_none()) {
            self.tag(Element::Operation, &attributes);
            self.out.push_str("/>\n");
            return;
        }
        self.open(Element::Operation, &attributes);
        for (element, text) in texts {
            match text {
                Some(code) if element == Element::Changes => {
                    self.tag(element, &[]);
                    self.out.push('>');
                    cdata(&mut self.out, code);
                    let _ = writeln!(self.out, "</{}>", element.name());
                }
                Some(text) => self.text(element, &[], text),
                None => {}
            }
        }
        self.close(Element::Operation);
    }

    fn texts(&mut self, list: Element, item: Element, texts: &[String]) {
        if !texts.is_empty() {
            self.open(list, &[]);
            for text in texts {
                self.text(item, &[], text);
            }
            self.close(list);
        }
    }

    fn text(&mut self, element: Element, attributes: &[(Attribute, Cow<'_, str>)], text: &str) {
        self.tag(element, attributes);
        self.out.push('>');
        escape_text(&mut self.out, text);
        let _ = writeln!(self.out, "</{}>", element.name());
    }

    fn open(&mut self, element: Element, attributes: &[(Attribute, Cow<'_, str>)]) {
        self.tag(element, attributes);
        self.out.push_str(">\n");
        self.depth += 1;
    }

    fn close(&mut self, element: Element) {
        self.depth -= 1;
        self.indent();
        let _ = writeln!(self.out, "</{}>", element.name());
    }

    fn tag(&mut self, element: Element, attributes: &[(Attribute, Cow<'_, str>)]) {
        self.indent();
        self.out.push('<');
        self.out.push_str(element.name());
        for (attribute, value) in attributes {
            let _ = write!(self.out, " {}=\"", attribute.name());
            escape_value(&mut self.out, value);
            self.out.push('"');
        }
    }

    fn indent(&mut self) {
        self.out.extend(std::iter::repeat_n("  ", self.depth));
    }
}

/// Text within CDATA. A `]]>` is cut in two, because it would end the section.
pub(crate) fn cdata(out: &mut String, text: &str) {
    out.push_str("<![CDATA[");
    out.push_str(&text.replace("]]>", "]]]]><![CDATA[>"));
    out.push_str("]]>");
}

pub(crate) fn escape_text(out: &mut String, text: &str) {
    let body = text.trim_start_matches(LAYOUT);
    let start = text.len() - body.len();
    let end = start + body.trim_end_matches(LAYOUT).len();
    for (at, character) in text.char_indices() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // A reader of XML makes a line feed of a bare carriage return.
            '\r' => out.push_str("&#13;"),
            _ if at < start || at >= end => {
                let _ = write!(out, "&#{};", u32::from(character));
            }
            _ => out.push(character),
        }
    }
}

/// A value as it stands between the quotes of an attribute, of either sort.
pub(crate) fn value(text: &str) -> String {
    let mut out = String::new();
    escape_value(&mut out, text);
    out.replace('\'', "&apos;")
}

fn escape_value(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // A reader of XML makes spaces of these where they are bare.
            '\t' | '\n' | '\r' => {
                let _ = write!(out, "&#{};", u32::from(character));
            }
            _ => out.push(character),
        }
    }
}
