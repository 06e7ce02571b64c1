//! The schema beside the code says what the code does. Documents go through a strict
//! parser of XML first, which is not the one under test.

use banto_plan::{Plan, parse, print};
use proptest::prelude::*;
use relax_ng::{
    Content, DatatypeRegistry, Element, ExpandedName, ResolveError, Schema, SchemaResolver, SchemaSource,
    SchemaSyntax,
};

const SCHEMA: &str = include_str!("../../implementation_plan.rnc");

struct NoOther;

impl SchemaResolver for NoOther {
    fn resolve(&self, href: &str, _base: &str) -> Result<SchemaSource, ResolveError> {
        Err(ResolveError::new(format!("the schema names {href}")))
    }
}

fn schema() -> Schema {
    let source = SchemaSource::new(SCHEMA, "memory:/implementation_plan.rnc", SchemaSyntax::Compact);
    Schema::compile(&source, &NoOther).expect("the schema is one")
}

struct Node<'a, 'b>(roxmltree::Node<'a, 'b>);

impl Element for Node<'_, '_> {
    type Location = usize;

    fn name(&self) -> ExpandedName {
        ExpandedName::new(self.0.tag_name().namespace(), self.0.tag_name().name())
    }

    fn attributes(&self) -> impl Iterator<Item = (ExpandedName, String)> {
        self.0
            .attributes()
            .map(|found| (ExpandedName::new(found.namespace(), found.name()), found.value().to_owned()))
    }

    fn children(&self) -> impl Iterator<Item = Content<Self>> {
        self.0.children().filter_map(|child| match child.text() {
            Some(text) if child.is_text() => Some(Content::Text(text.to_owned())),
            _ => child.is_element().then_some(Content::Element(Node(child))),
        })
    }
}

/// What the schema has against a document.
fn errors(schema: &Schema, text: &str) -> Vec<String> {
    let document = match roxmltree::Document::parse(text) {
        Ok(document) => document,
        Err(error) => return vec![error.to_string()],
    };
    let found = schema.validate(&DatatypeRegistry::new(), &Node(document.root_element()));
    found.expect("known datatypes").iter().map(|error| format!("{error:?}")).collect()
}

/// Attributes and elements that are not allowed, missing, or have another value.
const REFUSED: [&str; 14] = [
    "<plan/>",
    "<implementation_plan/>",
    "<implementation_plan><steps/></implementation_plan>",
    r#"<implementation_plan><steps><plan_step number="1"/></steps></implementation_plan>"#,
    r#"<implementation_plan><steps><plan_step number="x" title="t"/></steps></implementation_plan>"#,
    r#"<implementation_plan><steps><plan_step number="1" title="t" at="x"/></steps></implementation_plan>"#,
    r#"<implementation_plan><steps><plan_step number="1" title="t"><x/></plan_step></steps></implementation_plan>"#,
    r#"<implementation_plan><steps><plan_step number="1" title="t"><confidence>sure</confidence></plan_step></steps></implementation_plan>"#,
    r#"<implementation_plan><steps><plan_step number="1" title="t"><title>t</title></plan_step></steps></implementation_plan>"#,
    r#"<implementation_plan><steps><plan_step number="1" title="t" sources="A2"/></steps></implementation_plan>"#,
    r#"<implementation_plan><steps><plan_step number="1" title="t"><file_operations><operation type="edit" path="a"><changes/></operation></file_operations></plan_step></steps></implementation_plan>"#,
    r#"<implementation_plan><steps><plan_step number="1" title="t"><file_operations><operation type="modify" path="a"/></file_operations></plan_step></steps></implementation_plan>"#,
    r#"<implementation_plan><steps><plan_step number="1" title="t"><file_operations><operation type="move" path="a"/></file_operations></plan_step></steps></implementation_plan>"#,
    r#"<implementation_plan><steps><plan_step number="1" title="t"><file_operations><operation type="delete" path=""/></file_operations></plan_step></steps></implementation_plan>"#,
];

#[test]
fn what_the_schema_refuses_is_a_problem() {
    let schema = schema();
    for text in REFUSED {
        assert_ne!(errors(&schema, text), [""; 0], "{text}");
        assert_ne!(parse(text).problems, [], "{text}");
    }
}

#[test]
fn a_document_of_people_is_one_of_the_schema() {
    let schema = schema();
    assert_eq!(errors(&schema, crate::reading::WHOLE), [""; 0]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn a_sound_plan_is_printed_as_the_schema_has_it(plan in crate::properties::sound()) {
        let text = print(&plan);
        prop_assert_eq!(parse(&text).problems, []);
        prop_assert_eq!(errors(&schema(), &text), [""; 0], "{}", text);
    }

    #[test]
    fn any_plan_is_printed_as_xml(plan in crate::properties::plan()) {
        same_texts(&plan, &print(&plan));
    }

    #[test]
    fn what_a_strict_parser_or_the_schema_refuses_is_a_problem(text in crate::properties::nearly_sound()) {
        if parse(&text).problems.is_empty() {
            prop_assert_eq!(errors(&schema(), &text), [""; 0], "{}", text);
        }
    }
}

/// A strict parser reads the same texts. It makes line feeds of carriage returns in
/// CDATA, as XML has it.
fn same_texts(plan: &Plan, text: &str) {
    let document = roxmltree::Document::parse(text).expect("it is XML");
    let texts = |name: &str| -> Vec<String> {
        let nodes = document.descendants().filter(|node| node.has_tag_name(name));
        nodes.map(|node| node.text().unwrap_or_default().to_owned()).collect()
    };
    let steps = plan.steps.iter();
    assert_eq!(texts("title"), steps.clone().map(|step| step.title.clone()).collect::<Vec<_>>());
    assert_eq!(texts("description"), steps.clone().map(|step| step.description.clone()).collect::<Vec<_>>());
    let changes = steps.flat_map(|step| &step.operations).filter_map(|operation| operation.changes.as_ref());
    let changes: Vec<String> =
        changes.map(|changes| changes.replace("\r\n", "\n").replace('\r', "\n")).collect();
    assert_eq!(texts("changes"), changes);
}
