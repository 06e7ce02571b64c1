use crate::reading::{codes, modify, step};
use banto_plan::{
    MAX_BYTES, MAX_OPERATIONS, MAX_PROBLEMS, MAX_STEPS, OperationKind, Parser, ProblemCode as P, parse,
};

/// Documents with one thing wrong, and what it is.
fn broken() -> Vec<(P, String)> {
    let good = step("");
    let merged = |sources: &str, step: &str| {
        format!(
            "<implementation_plan><sources>{sources}</sources><steps><plan_step number=\"1\" {step}><title>A</title><description>B</description></plan_step></steps></implementation_plan>"
        )
    };
    let numbered = |first: &str, second: &str| {
        format!(
            "<implementation_plan><steps><plan_step {first} title=\"a\"><description>B</description></plan_step><plan_step {second} title=\"b\"><description>B</description></plan_step></steps></implementation_plan>"
        )
    };
    let operation = |tag: &str| step(&format!("<file_operations>{tag}</file_operations>"));
    vec![
        (P::NoRoot, "I cannot do that.".into()),
        (P::TextBeforeRoot, format!("Here it is:\n```xml\n{good}")),
        (P::TextAfterRoot, format!("{good}\n```\n")),
        (P::CutOff, good.replace("</steps></implementation_plan>", "")),
        (P::CutOff, good[..good.len() / 2].into()),
        (P::Declaration, format!("<!DOCTYPE implementation_plan [<!ENTITY a \"b\">]>{good}")),
        (P::Declaration, step("<!ENTITY a \"b\">")),
        (
            P::MalformedTag,
            step("<file_operations><operation type=\"delete\" path=\"a\" path=\"b\"/></file_operations>"),
        ),
        (P::UnclosedElement, step("<bash_commands><command>x</command>")),
        (P::UnclosedElement, step("<assumptions><assumption>x</assumptions>")),
        (P::UnclosedElement, good.replace("</title>", "")),
        (P::UnexpectedClosingTag, step("</notes>")),
        (P::UnterminatedCdata, modify("<changes><![CDATA[a < b</changes>")),
        (P::ControlCharacter, step("<confidence>high</confidence>").replace('B', "B\u{1}\u{2}")),
        (P::UnknownElement, step("<notes>x</notes>")),
        (P::MisplacedElement, step("<changes>x</changes>")),
        (P::MisplacedElement, step("<operation type=\"delete\" path=\"a\"/>")),
        (P::DuplicateElement, step("<title>again</title>")),
        (P::DuplicateElement, step("").replace("\"1\"", "\"1\" title=\"t\"")),
        (P::UnknownAttribute, good.replace("number=", "priority='9' number=")),
        (P::StrayText, step("and then")),
        (P::UndefinedEntity, good.replace('B', "B &nbsp; &#1;").replace(" &#1;", "")),
        (P::UndefinedEntity, good.replace('B', "this && that").replace("&&", "&")),
        (P::RawMarkup, good.replace('B', "Vec<T> is")),
        (P::RawMarkup, good.replace("<title>A</title>", "").replace("\"1\"", "\"1\" title=\"Vec<T>\"")),
        (P::CodeNotInCdata, modify("<changes>a &lt; b\nc</changes>")),
        (P::CodeNotInCdata, modify("<changes>a ]]> < b</changes>")),
        (P::RawMarkup, good.replace('B', "a ]]> b")),
        (P::CodeNotInCdata, modify("<changes><![CDATA[a]]> b ]]></changes>")),
        (P::NoSteps, "<implementation_plan><steps></steps></implementation_plan>".into()),
        (P::NoSteps, "<implementation_plan/>".into()),
        (P::MissingTitle, good.replace("<title>A</title>", "")),
        (P::EmptyStep, good.replace("<description>B</description>", "")),
        (P::MissingNumber, numbered("", "number=\"2\"")),
        (P::MissingNumber, numbered("number=\"one\"", "number=\"2\"")),
        (P::DuplicateNumber, numbered("number=\"1\"", "number=\"1\"")),
        (P::NumberOutOfOrder, numbered("number=\"1\"", "number=\"3\"")),
        (P::InvalidConfidence, step("<confidence>High</confidence>")),
        (P::InvalidConfidence, step("<confidence>95%</confidence>")),
        (P::MissingType, operation("<operation path=\"a\"><changes>b</changes></operation>")),
        (P::MissingType, operation("<operation from=\"a\" path=\"b\"/>")),
        (P::UnknownType, operation("<operation type=\"rename\" from=\"a\" path=\"b\"/>")),
        (P::UnknownType, operation("<operation type=\"ponder\" path=\"b\"><changes>b</changes></operation>")),
        (P::MissingPath, operation("<operation type=\"delete\"/>")),
        (P::MissingFrom, operation("<operation type=\"move\" path=\"b\"/>")),
        (P::UnexpectedFrom, operation("<operation type=\"delete\" from=\"a\" path=\"b\"/>")),
        (P::MissingChanges, modify("")),
        (P::BadLabel, merged("<source id=\"the first\"/>", "")),
        (P::BadLabel, merged("<answer comment=\"the first\" addressed=\"yes\"/>", "")),
        (P::DuplicateLabel, merged("<source id=\"A\"/><source id=\"A\"/>", "")),
        (P::BadStepRef, merged("<source id=\"A\"/>", "sources=\"A1\"")),
        (P::UnknownLabel, merged("<source id=\"A\"/>", "sources=\"B:1\"")),
        (P::ConflictWithoutStep, merged("<source id=\"A\"/><conflict sources=\"A:1\">c</conflict>", "")),
        (P::UnknownStep, merged("<source id=\"A\"/><conflict step=\"7\" sources=\"A:1\">c</conflict>", "")),
        (P::InvalidAddressed, merged("<answer comment=\"C1\" addressed=\"'yes\"/>", "")),
        (P::InvalidAddressed, merged("<answer comment=\"C1\"/>", "")),
    ]
}

#[test]
fn each_problem_is_found_alone() {
    for (code, text) in broken() {
        assert_eq!(codes(&text), [code], "{text}");
    }
}

#[test]
fn a_fix_removes_its_problem_and_makes_no_other() {
    let mut fixed = 0;
    for (code, text) in broken() {
        let before = parse(&text);
        if let Some(fix) = &before.problems[0].fix {
            let after = fix.apply(&text).unwrap();
            assert_eq!(codes(&after), [], "{code}: {after}");
            fixed += 1;
            // A fix of how something is written leaves what it says.
            if matches!(code, P::CodeNotInCdata | P::RawMarkup | P::UndefinedEntity | P::UnclosedElement) {
                assert_eq!(parse(&after).plan, before.plan, "{after}");
            }
        }
    }
    assert!(fixed > 20, "{fixed}");
}

#[test]
fn what_was_evidently_meant_is_taken() {
    let operation = |text: &str| parse(text).plan.steps[0].operations[0].clone();
    assert_eq!(operation(&step("<operation type=\"delete\" path=\"a\"/>")).kind, OperationKind::Delete);
    let loose = step("<file_operations><operation type=\"edit\" path='a'/></file_operations>");
    assert_eq!(operation(&loose).kind, OperationKind::Modify);
    let quotes = step(
        "<file_operations><operation type=\"delete path=\"a\"/><operation type=\"delete\" path=\"b\"/></file_operations>",
    );
    assert!(codes(&quotes).contains(&P::MalformedTag));
    assert_eq!(parse(&quotes).plan.steps[0].operations[1].path, "b");
    // A step that is not closed does not take the next one with it.
    let open = "<implementation_plan><steps><plan_step number=\"1\"><title>a</title><description>d<plan_step number=\"2\"><title>b</title></plan_step></steps></implementation_plan>";
    assert!(!parse(open).problems.is_empty());
    let open = "<implementation_plan><steps><plan_step number=\"1\"><title>a</title><plan_step number=\"2\"><title>b</title></plan_step></steps></implementation_plan>";
    assert_eq!(parse(open).plan.steps.len(), 2);
    let spoken_of = format!("Here is the <implementation_plan> you want:\n{}", step(""));
    assert_eq!(codes(&spoken_of), [P::TextBeforeRoot]);
    assert_eq!(parse(&spoken_of).plan, parse(&step("")).plan);
}

#[test]
fn raw_code_that_closes_its_own_tag_survives() {
    let code = "let end = \"</changes>\"; // a < b\nlet also = \"</operation>\";";
    for behind in ["", "\n<validation>v</validation>", "<evidence>e</evidence>", "  \n"] {
        let text = modify(&format!("<changes>{code}</changes>{behind}"));
        let parsed = parse(&text);
        assert_eq!(parsed.plan.steps[0].operations[0].changes.as_deref(), Some(code), "{text}");
        assert!(parsed.is_complete);
    }
    let never = modify("<changes>a < b</changes> and <notes/>");
    assert_eq!(parse(&never).plan.steps[0].operations.len(), 1);
}

#[test]
fn limits_hold() {
    let many =
        "<plan_step number=\"1\" title=\"t\"><description>d</description></plan_step>".repeat(MAX_STEPS + 2);
    let parsed = parse(&format!("<implementation_plan><steps>{many}</steps></implementation_plan>"));
    assert_eq!(parsed.plan.steps.len(), MAX_STEPS);
    assert_eq!(parsed.problems.iter().filter(|problem| problem.code == P::TooManySteps).count(), 1);
    let many = "<operation type=\"delete\" path=\"a\"/>".repeat(MAX_OPERATIONS + 2);
    let parsed = parse(&step(&format!("<file_operations>{many}</file_operations>")));
    assert_eq!(parsed.plan.steps[0].operations.len(), MAX_OPERATIONS);
    assert_eq!(parsed.problems.len(), 1);
    let parsed = parse(&step(&"<x/>".repeat(MAX_PROBLEMS * 2)));
    assert_eq!(parsed.problems.len(), MAX_PROBLEMS + 1);
    let parsed = parse(&good_of(MAX_BYTES + 1));
    assert_eq!((parsed.problems[0].code, parsed.is_complete), (P::TooLarge, false));
    let text = good_of(MAX_BYTES + 10);
    let mut parser = Parser::new();
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let end = rest.char_indices().nth(70_001).map_or(rest.len(), |(at, _)| at);
        parser.push(&rest[..end]);
        rest = &rest[end..];
    }
    assert_eq!(parser.finish(), parse(&text));
}

fn good_of(length: usize) -> String {
    let text = step("");
    text.replace('B', &"日".repeat(length / 3))
}

#[test]
fn hostile_documents_are_read_like_others() {
    let deep = step(&("<a>".repeat(100_000) + &"</a>".repeat(100_000)));
    assert!(parse(&deep).is_complete);
    assert!(codes(&deep).contains(&P::TooDeep));
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\"><!ENTITY c SYSTEM \"file:///etc/passwd\">]>";
    let parsed = parse(&format!("{bomb}{}", step("").replace('B', "&b;&c;")));
    assert_eq!(parsed.plan.steps[0].description, "&b;&c;");
    let found: Vec<P> = parsed.problems.iter().map(|problem| problem.code).collect();
    assert_eq!(found, [P::Declaration, P::UndefinedEntity, P::UndefinedEntity]);
    let long = step(&format!("<operation path=\"{}", "a".repeat(1_000_000)));
    assert!(!parse(&long).problems.is_empty());
    let long = step(&format!("<{}>", "a".repeat(1_000_000)));
    assert!(!parse(&long).problems.is_empty());
    for mark in ["<", "\0", "&", "<![CDATA[", "<!--", "]]>", "<implementation_plan>", "\u{feff}"] {
        let _ = parse(&mark.repeat(100_000));
    }
}
