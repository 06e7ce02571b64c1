use banto_plan::{
    Answer, Confidence, Conflict, Operation, OperationKind, Parser, Plan, Source, Step, StepRef, carry,
    markdown, parse, print, structural_diff, text_diff,
};
use proptest::{collection::vec, option, prelude::*, sample::select};

/// Text with everything in it that is hard to write down as XML.
fn text() -> impl Strategy<Value = String> {
    let pieces = [
        "a",
        "word",
        " ",
        "  ",
        "\n",
        "\r",
        "\r\n",
        "\t",
        "<",
        ">",
        "&",
        "&amp;",
        "&#60;",
        "\"",
        "'",
        "]]>",
        "]]",
        "]",
        "<![CDATA[",
        "</changes>",
        "</title>",
        "</operation>",
        "<!--",
        "-->",
        "<?",
        "日本語",
        "🙂",
        "\u{85}",
        "\u{2028}",
        "\u{feff}",
        "\u{3000}",
    ];
    vec(select(pieces.to_vec()), 0..8).prop_map(|pieces| pieces.concat())
}

fn word() -> impl Strategy<Value = String> {
    select(vec!["a", "Queue::push", "x<T>", "\"q\"", "é&b", "日本", "'"]).prop_map(str::to_owned)
}

fn reference() -> impl Strategy<Value = StepRef> {
    (select(vec!["A", "B:b", "Ü<"]), any::<u32>())
        .prop_map(|(label, step)| StepRef { label: label.into(), step })
}

prop_compose! {
    fn operation()(
        kind in select(OperationKind::ALL.to_vec()), path in text(), from in option::of(text()),
        symbols in vec(word(), 0..3), changes in option::of(text()), validation in option::of(text()),
        evidence in option::of(text()),
    ) -> Operation {
        Operation { kind, path, from, symbols, changes, validation, evidence }
    }
}

prop_compose! {
    fn step()(
        number in any::<u32>(), title in text(), description in text(),
        confidence in option::of(select(Confidence::ALL.to_vec())), assumptions in vec(text(), 0..3),
        operations in vec(operation(), 0..3), bash_commands in vec(text(), 0..3),
        exploration_commands in vec(text(), 0..2), sources in vec(reference(), 0..3),
    ) -> Step {
        Step {
            number, title, description, confidence, assumptions, operations, bash_commands, exploration_commands,
            sources,
        }
    }
}

prop_compose! {
    pub fn plan()(
        agent_instructions in option::of(text()),
        sources in vec((word(), text()).prop_map(|(label, note)| Source { label, note }), 0..3),
        conflicts in vec((option::of(any::<u32>()), vec(reference(), 0..2), text())
            .prop_map(|(step, sources, text)| Conflict { step, sources, text }), 0..2),
        answers in vec((word(), any::<bool>(), text())
            .prop_map(|(comment, addressed, text)| Answer { comment, addressed, text }), 0..2),
        steps in vec(step(), 0..4),
    ) -> Plan {
        Plan { agent_instructions, sources, conflicts, answers, steps }
    }
}

/// A plan without problems.
pub fn sound() -> impl Strategy<Value = Plan> {
    (plan(), step()).prop_map(|(mut plan, step)| {
        plan.steps.push(step);
        plan.sources =
            ["A", "B:b", "Ü<"].map(|label| Source { label: label.into(), note: label.into() }).into();
        for conflict in &mut plan.conflicts {
            conflict.step = Some(1);
        }
        for (number, step) in (1..).zip(&mut plan.steps) {
            step.number = number;
            step.title.insert(0, 't');
            step.description.insert(0, 'd');
            for operation in &mut step.operations {
                operation.path.insert(0, 'p');
                operation.changes.get_or_insert_default();
                operation.from = (operation.kind == OperationKind::Move).then(|| "from".to_owned());
            }
        }
        plan
    })
}

/// A document with one thing that an author of XML gets wrong, or nothing.
pub fn nearly_sound() -> impl Strategy<Value = String> {
    let marks = [
        "",
        "<",
        ">",
        "&",
        "&x;",
        "\"",
        "'",
        "]]>",
        "]]",
        "<![CDATA[",
        "<!-- -->",
        "<!-- -- -->",
        "<?x?>",
        "<?xml?>",
        "/",
        " ",
        "a",
        " a=\"b\"",
        "</title>",
        "<title>",
        "<title/>",
        "</changes>",
        "\u{1}",
        "\u{ffff}",
        "&#0;",
        "=",
        "<changes/>",
        "<x:y/>",
        "\n",
        ";",
    ];
    (sound(), any::<prop::sample::Index>(), 0usize..3, select(marks.to_vec())).prop_map(
        |(plan, place, length, mark)| {
            let mut text = print(&plan);
            let characters: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let start = place.index(characters.len());
            let end = (start + length).min(characters.len() - 1);
            text.replace_range(characters[start]..characters[end], mark);
            text
        },
    )
}

/// A document to which something was done.
pub fn damaged() -> impl Strategy<Value = String> {
    let marks = [
        "",
        "<",
        ">",
        "&",
        "\"",
        "'",
        "]]>",
        "<![CDATA[",
        "<!--",
        "-->",
        "<!DOCTYPE x [",
        "<?",
        "?>",
        "\0",
        "/",
        "</changes>",
        "</operation>",
        "</title>",
        "</plan_step>",
        "<plan_step number=\"1\">",
        "<title>",
        "<x>",
        "<changes>",
        "<operation type=\"modify\" path=\"a\">",
        "</implementation_plan>",
        "<implementation_plan>",
        "日",
    ];
    let damage = (any::<prop::sample::Index>(), 0usize..40, select(marks.to_vec()));
    (plan(), vec(damage, 0..6)).prop_map(|(plan, damages)| {
        let mut text = print(&plan);
        for (place, length, mark) in damages {
            let characters: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let start = place.index(characters.len());
            let end = (start + length).min(characters.len() - 1);
            text.replace_range(characters[start]..characters[end], mark);
        }
        text
    })
}

fn in_pieces(text: &str, lengths: &[usize]) -> Parser {
    let mut parser = Parser::new();
    let mut rest = text;
    let mut lengths = lengths.iter().cycle();
    while !rest.is_empty() {
        let length = *lengths.next().unwrap_or(&1);
        let end = rest.char_indices().nth(length).map_or(rest.len(), |(at, _)| at);
        parser.push(&rest[..end]);
        rest = &rest[end..];
    }
    parser
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn what_is_printed_and_read_is_the_same_plan(plan in plan()) {
        let text = print(&plan);
        let parsed = parse(&text);
        prop_assert_eq!(&parsed.plan, &plan, "{}", text);
        prop_assert!(parsed.is_complete);
        prop_assert_eq!(print(&parsed.plan), text);
    }

    #[test]
    fn pieces_are_read_as_the_whole(text in damaged(), lengths in vec(1usize..9, 1..5)) {
        prop_assert_eq!(in_pieces(&text, &lengths).finish(), parse(&text), "{}", text);
    }

    #[test]
    fn nothing_makes_it_panic(text in any::<String>()) {
        let parsed = parse(&text);
        prop_assert!(!parsed.is_complete);
        let _ = (print(&parsed.plan), markdown(&parsed.plan));
    }

    #[test]
    fn places_lie_in_the_text(text in damaged()) {
        let parsed = parse(&text);
        let steps = parsed.spans.steps.iter();
        let operations = steps.clone().flat_map(|step| &step.operations);
        let places = parsed.problems.iter().map(|problem| problem.place.clone())
            .chain(parsed.problems.iter().filter_map(|problem| Some(problem.fix.as_ref()?.range.clone())))
            .chain(steps.map(|step| step.whole.clone()))
            .chain(operations.map(|operation| operation.whole.clone()));
        for place in places {
            prop_assert!(text.get(place.clone()).is_some(), "{:?} in {}", place, text);
        }
        prop_assert_eq!(parsed.plan.steps.len(), parsed.spans.steps.len());
    }

    #[test]
    fn the_outline_shows_what_was_read(text in damaged()) {
        let mut parser = Parser::new();
        parser.push(&text);
        let outline = parser.outline().to_vec();
        let parsed = parser.finish();
        for (early, late) in outline.iter().zip(&parsed.plan.steps) {
            prop_assert_eq!(early.number, late.number);
            prop_assert!(early.operations.len() <= late.operations.len());
        }
    }

    #[test]
    fn a_plan_does_not_differ_from_itself(one in plan(), two in plan()) {
        prop_assert!(structural_diff(&one, &one).is_empty());
        let diff = structural_diff(&one, &two);
        let old = diff.steps.iter().filter(|step| step.old.is_some()).count();
        let new = diff.steps.iter().filter(|step| step.new.is_some()).count();
        prop_assert_eq!((old, new), (one.steps.len(), two.steps.len()));
        prop_assert_eq!(text_diff(&print(&one), &print(&two)).is_empty(), one == two);
    }

    #[test]
    fn a_place_is_carried_into_the_text(old in damaged(), new in damaged(), at in any::<(u16, u16)>()) {
        let start = usize::from(at.0) % (old.len() + 1);
        if let Some(place) = carry(&old, &new, start..start + usize::from(at.1 % 200)) {
            prop_assert!(new.get(place.clone()).is_some(), "{:?}", place);
        }
        let anchor = banto_plan::Anchor::new(&old, start..start + usize::from(at.1 % 200));
        prop_assert_eq!(anchor.locate(&old), Some(anchor.range.clone()));
        if let Some(place) = anchor.locate(&new) {
            prop_assert!(new.get(place.clone()).is_some(), "{:?}", place);
        }
    }
}
