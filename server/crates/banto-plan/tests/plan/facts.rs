use banto_plan::{CommitFact, Facts, FileFact, Problem, ProblemCode, check, parse};

/// A plan whose steps hold one operation each.
fn plan(operations: &[&str]) -> String {
    let steps: Vec<String> = operations
        .iter()
        .enumerate()
        .map(|(at, operation)| {
            format!(
                "<plan_step number=\"{}\"><title>t</title><description>d</description><file_operations>{}</file_operations></plan_step>",
                at + 1,
                if operation.ends_with("/>") {
                    (*operation).to_owned()
                } else {
                    format!("{operation}<changes><![CDATA[fn fresh() {{}}]]></changes></operation>")
                }
            )
        })
        .collect();
    format!("<implementation_plan><steps>{}</steps></implementation_plan>", steps.join(""))
}

fn facts() -> Facts {
    let symbols = ["Queue::push", "retry"].map(str::to_owned).into();
    let files = [
        ("src/queue.rs", FileFact::File { symbols: Some(symbols) }),
        ("src/main.rs", FileFact::File { symbols: None }),
        ("src", FileFact::Folder),
        ("new.rs", FileFact::Missing),
        ("lib/queue.rs", FileFact::Missing),
        ("../x", FileFact::Outside),
        (".env", FileFact::Secret { exists: true }),
    ];
    Facts { files: files.map(|(path, fact)| (path.to_owned(), fact)).into(), ..Facts::default() }
}

fn problems(operations: &[&str], facts: &Facts) -> Vec<Problem> {
    check(&parse(&plan(operations)), facts)
}

fn codes(operations: &[&str]) -> Vec<(u32, ProblemCode)> {
    problems(operations, &facts()).iter().map(|problem| (problem.step.unwrap_or(0), problem.code)).collect()
}

const MODIFY: &str = r#"<operation type="modify" path="src/queue.rs">"#;
const DELETE: &str = r#"<operation type="delete" path="src/queue.rs"/>"#;
const CREATE: &str = r#"<operation type="create" path="new.rs">"#;
const MODIFY_NEW: &str = r#"<operation type="modify" path="new.rs">"#;

#[test]
fn what_exists_is_compared_in_the_order_of_the_steps() {
    assert_eq!(codes(&[MODIFY]), []);
    assert_eq!(codes(&[MODIFY_NEW]), [(1, ProblemCode::FileMissing)]);
    assert_eq!(codes(&[CREATE, MODIFY_NEW, MODIFY_NEW]), []);
    assert_eq!(codes(&[MODIFY_NEW, CREATE]), [(1, ProblemCode::FileMissing), (2, ProblemCode::FileExists)]);
    assert_eq!(codes(&[DELETE, MODIFY]), [(2, ProblemCode::FileGone)]);
    assert_eq!(codes(&[MODIFY, MODIFY]), [(2, ProblemCode::SameFile)]);
    let create_again = r#"<operation type="create" path="src/queue.rs">"#;
    assert_eq!(codes(&[create_again]), [(1, ProblemCode::FileExists)]);
    assert_eq!(codes(&[DELETE, create_again]), []);
    let moved = r#"<operation type="move" from="src/queue.rs" path="new.rs"/>"#;
    assert_eq!(codes(&[moved, MODIFY_NEW]), []);
    assert_eq!(codes(&[moved, MODIFY]), [(2, ProblemCode::FileGone)]);
    assert_eq!(codes(&[CREATE, moved]), [(2, ProblemCode::FileExists)]);
}

#[test]
fn paths_that_are_no_files_of_the_workspace_are_said() {
    let modify = |path: &str| format!("<operation type=\"modify\" path=\"{path}\">");
    assert_eq!(codes(&[&modify("src")]), [(1, ProblemCode::PathIsFolder)]);
    assert_eq!(codes(&[&modify("../x")]), [(1, ProblemCode::PathOutside)]);
    assert_eq!(codes(&[&modify(".env")]), [(1, ProblemCode::SecretPath)]);
    assert_eq!(codes(&[&modify("nobody/asked")]), []);
}

#[test]
fn symbols_are_found_by_their_last_part() {
    let naming =
        |symbols: &str| format!("<operation type=\"modify\" path=\"src/queue.rs\" symbols=\"{symbols}\">");
    assert_eq!(codes(&[&naming("Queue::push push retry self.retry()")]), []);
    assert_eq!(codes(&[&naming("Queue::pop")]), [(1, ProblemCode::SymbolMissing)]);
    // A step may use what an earlier one brought.
    assert_eq!(codes(&[MODIFY, &naming("fresh")]), [(2, ProblemCode::SameFile)]);
    assert_eq!(codes(&[r#"<operation type="modify" path="src/main.rs" symbols="any">"#]), []);
    let moved = r#"<operation type="move" from="src/queue.rs" path="new.rs"/>"#;
    let named = r#"<operation type="modify" path="new.rs" symbols="retry gone">"#;
    assert_eq!(codes(&[moved, named]), [(2, ProblemCode::SymbolMissing)]);
}

#[test]
fn fixes_remove_what_they_are_for() {
    let mut facts = facts();
    facts.candidates.insert("lib/queue.rs".into(), vec!["src/queue.rs".into()]);
    for operation in [
        r#"<operation type="modify" path="lib/queue.rs">"#,
        r#"<operation type='modify' path='lib/queue.rs'>"#,
        r#"<operation type="create" path="src/queue.rs">"#,
    ] {
        let text = plan(&[operation]);
        let found = check(&parse(&text), &facts);
        let fixed = found[0].fix.as_ref().unwrap().apply(&text).unwrap();
        assert_eq!(check(&parse(&fixed), &facts), [], "{fixed}");
    }
}

#[test]
fn what_changed_since_is_named_once() {
    let mut facts = facts();
    let commit = |id: u32| CommitFact { id: format!("{id:040}"), subject: format!("change {id}") };
    facts.changed_since.insert("src/queue.rs".into(), (0..5).map(commit).collect());
    let found = problems(&[MODIFY, DELETE], &facts);
    let drift: Vec<&Problem> =
        found.iter().filter(|problem| problem.code == ProblemCode::FileChanged).collect();
    assert_eq!(drift.len(), 1);
    assert!(
        drift[0].message.contains("change 0") && drift[0].message.ends_with("and 2 more."),
        "{}",
        drift[0].message
    );
}

#[test]
fn a_plan_names_what_it_needs() {
    let parsed = parse(&plan(&[MODIFY, r#"<operation type="move" from="a" path="b" symbols="x"/>"#]));
    assert_eq!(parsed.plan.paths().into_iter().collect::<Vec<_>>(), ["a", "b", "src/queue.rs"]);
    assert_eq!(parsed.plan.paths_with_symbols().into_iter().collect::<Vec<_>>(), ["a"]);
}
