use banto_plan::{Parser, ProblemCode, parse, print};

pub fn codes(text: &str) -> Vec<ProblemCode> {
    parse(text).problems.iter().map(|problem| problem.code).collect()
}

/// A document with one step that holds what is given.
pub fn step(inside: &str) -> String {
    format!(
        "<implementation_plan><steps><plan_step number=\"1\"><title>A</title><description>B</description>{inside}</plan_step></steps></implementation_plan>"
    )
}

pub fn modify(inside: &str) -> String {
    step(&format!(
        "<file_operations><operation type=\"modify\" path=\"a.rs\">{inside}</operation></file_operations>"
    ))
}

pub const WHOLE: &str = r#"<?xml version="1.0"?>
<implementation_plan>
  <agent_instructions>Keep it &lt;small&gt;.</agent_instructions>
  <sources>
    <source id="A">the queue</source>
    <source id="B"/>
    <conflict step="2" sources="A:1 B:3">which lock</conflict>
  </sources>
  <steps>
    <plan_step number="1" sources="A:1 B:2">
      <title>Retry</title>
      <description>
        Try again.
      </description>
      <confidence>high</confidence>
      <assumptions><assumption>It is idempotent.</assumption></assumptions>
      <file_operations>
        <operation type="modify" path="src/queue.rs" symbols="Queue::push retry">
          <changes><![CDATA[if a < b && c {
}
]]></changes>
          <validation>cargo test</validation>
          <evidence>fn push</evidence>
        </operation>
        <operation type="move" from="a.rs" path="b.rs"/>
      </file_operations>
      <bash_commands><command>cargo test</command></bash_commands>
      <exploration_commands><command>rg push src</command></exploration_commands>
    </plan_step>
    <plan_step number="2" title="Done" confidence="low"><description>x</description>
      <assumptions>as plain text</assumptions></plan_step>
  </steps>
</implementation_plan>
"#;

#[test]
fn a_whole_plan_is_read_without_problems() {
    let parsed = parse(WHOLE);
    assert_eq!(parsed.problems, []);
    assert!(parsed.is_complete);
    let [first, second] = parsed.plan.steps.as_slice() else { panic!("two steps") };
    assert_eq!(first.description, "Try again.");
    assert_eq!(first.operations[0].changes.as_deref(), Some("if a < b && c {\n}\n"));
    assert_eq!(first.operations[0].symbols, ["Queue::push", "retry"]);
    assert_eq!(first.operations[1].from.as_deref(), Some("a.rs"));
    assert_eq!(first.exploration_commands, ["rg push src"]);
    assert_eq!(
        (second.title.as_str(), second.assumptions.as_slice()),
        ("Done", &["as plain text".into()][..])
    );
    assert_eq!(parsed.plan.agent_instructions.as_deref(), Some("Keep it <small>."));
    assert_eq!(parse(&print(&parsed.plan)).plan, parsed.plan);
    let step_of = |word: &str| parsed.spans.step_at(WHOLE.find(word).unwrap());
    assert_eq!([step_of("agent_"), step_of("Retry"), step_of("\"Done\"")], [None, Some(0), Some(1)]);
    let title = parsed.spans.steps[0].title.clone().unwrap();
    assert_eq!(&WHOLE[title], "Retry");
    assert_eq!(&WHOLE[parsed.spans.steps[0].operations[0].path.clone().unwrap()], "src/queue.rs");
    assert!(WHOLE[parsed.spans.steps[1].whole.clone()].ends_with("</assumptions></plan_step>"));
}

#[test]
fn every_beginning_read_in_pieces_is_read_as_at_once() {
    for end in (0..=WHOLE.len()).filter(|end| WHOLE.is_char_boundary(*end)) {
        let text = &WHOLE[..end];
        let mut parser = Parser::new();
        text.char_indices().for_each(|(at, character)| parser.push(&text[at..at + character.len_utf8()]));
        assert_eq!(parser.finish(), parse(text), "{text}");
    }
}

#[test]
fn raw_code_is_kept_and_reported() {
    let text = modify("<changes>\n    let v: Vec<u8> = a && b; // </changes> here\n</changes>");
    let parsed = parse(&text);
    assert_eq!(
        parsed.plan.steps[0].operations[0].changes.as_deref(),
        Some("    let v: Vec<u8> = a && b; // </changes> here")
    );
    assert_eq!(codes(&text), [ProblemCode::CodeNotInCdata]);
}

#[test]
fn the_outline_grows_with_the_text() {
    let mut parser = Parser::new();
    parser.push("Here it is:\n<implementation_plan><steps><plan_step number=\"1\">");
    assert_eq!((parser.outline()[0].number, parser.outline()[0].title.as_str()), (1, ""));
    parser.push("<title>Retry</title>");
    assert_eq!(parser.outline()[0].title, "Retry");
    parser.push("<file_operations><operation type=\"create\" path=\"a.rs\"><changes><![CDATA[fn a() {");
    assert_eq!(parser.outline()[0].operations[0].path, "a.rs");
    assert!(!parser.outline()[0].is_complete);
    parser.push("}]]></changes></operation></file_operations></plan_step>");
    assert!(parser.outline()[0].is_complete);
    let end = parser.text().len();
    assert_eq!(parser.outline()[0].range.end, end);
    parser.push("<plan_step number=\"2\"");
    assert_eq!(parser.outline().len(), 1);
}
