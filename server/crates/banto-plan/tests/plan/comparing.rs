use banto_plan::{
    Change, ChangeKind, Operation, OperationField, OperationKind, Plan, Step, StepField, Verdict, outcome,
    structural_diff,
};

fn operation(kind: OperationKind, path: &str) -> Operation {
    Operation { kind, path: path.into(), changes: Some("x".into()), ..Operation::default() }
}

fn moves(from: &str, path: &str) -> Operation {
    Operation { from: Some(from.into()), ..operation(OperationKind::Move, path) }
}

fn step(number: u32, title: &str, operations: Vec<Operation>) -> Step {
    Step {
        number,
        title: title.into(),
        description: format!("What {title} is about"),
        operations,
        ..Step::default()
    }
}

fn plan(steps: Vec<Step>) -> Plan {
    Plan { steps, ..Plan::default() }
}

fn old() -> Plan {
    plan(vec![
        step(1, "Bound the queue", vec![operation(OperationKind::Modify, "src/queue.rs")]),
        step(2, "Tell why a push failed", vec![operation(OperationKind::Create, "src/error.rs")]),
        step(3, "Write it down", vec![operation(OperationKind::Modify, "docs/queue.md")]),
    ])
}

fn pairs(old: &Plan, new: &Plan) -> Vec<(Option<usize>, Option<usize>, bool)> {
    structural_diff(old, new).steps.iter().map(|step| (step.old, step.new, step.is_moved)).collect()
}

#[test]
fn a_step_in_front_renumbers_the_others_and_changes_nothing_else() {
    let mut new = old();
    new.steps.insert(0, step(0, "Measure first", vec![operation(OperationKind::Create, "benches/queue.rs")]));
    (1..).zip(&mut new.steps).for_each(|(number, step)| step.number = number);
    let diff = structural_diff(&old(), &new);
    assert_eq!(pairs(&old(), &new)[0], (None, Some(0), false));
    for (place, step) in diff.steps[1..].iter().enumerate() {
        assert_eq!((step.old, step.new, step.is_moved), (Some(place), Some(place + 1), false));
        assert_eq!(step.fields, [StepField::Number]);
    }
}

#[test]
fn steps_are_known_again_by_what_they_touch() {
    let mut new = old();
    new.steps[0].title = "Limit how long the queue gets".into();
    new.steps[0].operations[0].changes = Some("other".into());
    new.steps.remove(1);
    let diff = structural_diff(&old(), &new);
    assert_eq!(
        pairs(&old(), &new),
        [(Some(0), Some(0), false), (Some(1), None, false), (Some(2), Some(1), false)]
    );
    assert_eq!(diff.steps[0].fields, [StepField::Title, StepField::Operations]);
    assert_eq!(diff.steps[0].operations[0].fields, [OperationField::Changes]);
    assert!(diff.steps[2].is_unchanged());
}

#[test]
fn of_two_that_changed_places_one_was_moved() {
    let mut new = old();
    new.steps.swap(0, 2);
    assert_eq!(pairs(&old(), &new).iter().filter(|pair| pair.2).count(), 2);
    let mut new = old();
    new.steps.rotate_left(1);
    assert_eq!(
        pairs(&old(), &new),
        [(Some(1), Some(0), false), (Some(2), Some(1), false), (Some(0), Some(2), true)]
    );
}

#[test]
fn operations_come_and_go() {
    let mut new = old();
    new.steps[0].operations = vec![
        operation(OperationKind::Create, "src/limit.rs"),
        operation(OperationKind::Delete, "src/queue.rs"),
        operation(OperationKind::Modify, "src/b.rs"),
    ];
    let diff = structural_diff(&old(), &new);
    let found: Vec<_> =
        diff.steps[0].operations.iter().map(|operation| (operation.old, operation.new)).collect();
    assert_eq!(found, [(None, Some(0)), (Some(0), Some(1)), (None, Some(2))]);
    assert_eq!(diff.steps[0].operations[1].fields, [OperationField::Kind]);
}

fn change(path: &str, kind: ChangeKind) -> Change {
    Change { path: path.into(), kind, added_lines: 1, removed_lines: 0, touched_symbols: None }
}

fn moved(from: &str, path: &str) -> Change {
    change(path, ChangeKind::Moved { from: from.into() })
}

/// What becomes of a step with these operations.
fn verdicts(operations: Vec<Operation>, changes: &[Change]) -> Vec<Verdict> {
    let outcome = outcome(&plan(vec![step(1, "s", operations)]), changes);
    outcome.steps[0].operations.iter().map(|operation| operation.verdict).collect()
}

use ChangeKind::{Added, Deleted, Modified};
use OperationKind::{Create, Delete, Modify};
use Verdict::{Done, Missing, Partly};

#[test]
fn what_was_done_is_done() {
    assert_eq!(verdicts(vec![operation(Modify, "a")], &[change("a", Modified)]), [Done]);
    assert_eq!(verdicts(vec![operation(Create, "a")], &[change("a", Added)]), [Done]);
    assert_eq!(verdicts(vec![operation(Delete, "a")], &[change("a", Deleted)]), [Done]);
    assert_eq!(verdicts(vec![moves("a", "b")], &[moved("a", "b")]), [Done]);
    assert_eq!(verdicts(vec![moves("a", "b")], &[change("a", Deleted), change("b", Added)]), [Done]);
}

#[test]
fn what_was_not_done_says_why() {
    assert_eq!(verdicts(vec![operation(Modify, "a")], &[]), [Missing]);
    assert_eq!(verdicts(vec![operation(Modify, "a")], &[change("a", Deleted)]), [Missing]);
    assert_eq!(verdicts(vec![operation(Create, "a")], &[change("a", Modified)]), [Partly]);
    assert_eq!(verdicts(vec![operation(Delete, "a")], &[change("a", Modified)]), [Missing]);
    assert_eq!(verdicts(vec![operation(Delete, "a")], &[moved("a", "b")]), [Partly]);
    assert_eq!(verdicts(vec![moves("a", "b")], &[change("b", Added)]), [Partly]);
    assert_eq!(verdicts(vec![moves("a", "b")], &[change("a", Deleted)]), [Partly]);
    assert_eq!(verdicts(vec![moves("a", "b")], &[moved("a", "c")]), [Partly]);
    assert_eq!(verdicts(vec![moves("a", "b")], &[]), [Missing]);
    let outcome = outcome(&plan(vec![step(1, "s", vec![operation(Modify, "a")])]), &[]);
    assert_eq!(outcome.steps[0].operations[0].reason.as_deref(), Some("a was not changed."));
}

#[test]
fn symbols_that_were_not_touched_make_it_partly() {
    let symbols = ["Queue::push".to_owned(), "retry".to_owned()];
    let asked = Operation { symbols: symbols.to_vec(), ..operation(Modify, "a") };
    let touching = |symbols: &[&str]| Change {
        touched_symbols: Some(symbols.iter().map(|name| (*name).into()).collect()),
        ..change("a", Modified)
    };
    assert_eq!(verdicts(vec![asked.clone()], &[touching(&["push", "retry", "pop"])]), [Done]);
    assert_eq!(verdicts(vec![asked.clone()], &[touching(&["Queue::push"])]), [Partly]);
    assert_eq!(verdicts(vec![asked.clone()], &[touching(&[])]), [Partly]);
    assert_eq!(verdicts(vec![asked], &[change("a", Modified)]), [Done]);
}

#[test]
fn files_are_followed_through_the_plan() {
    let written_then_changed = vec![operation(Create, "a"), operation(Modify, "a")];
    assert_eq!(verdicts(written_then_changed, &[change("a", Added)]), [Done, Done]);
    let written_then_moved = vec![operation(Create, "a"), moves("a", "b"), operation(Modify, "b")];
    assert_eq!(verdicts(written_then_moved, &[change("b", Added)]), [Done, Done, Done]);
    let changed_then_moved = vec![operation(Modify, "a"), moves("a", "b")];
    assert_eq!(verdicts(changed_then_moved.clone(), &[moved("a", "b")]), [Done, Done]);
    assert_eq!(verdicts(changed_then_moved, &[change("a", Modified)]), [Done, Missing]);
    let replaced = vec![operation(Delete, "a"), operation(Create, "a")];
    assert_eq!(verdicts(replaced, &[change("a", Modified)]), [Done, Done]);
    let written_for_a_while = vec![operation(Create, "a"), operation(Delete, "a")];
    assert_eq!(verdicts(written_for_a_while.clone(), &[]), [Done, Done]);
    assert_eq!(verdicts(written_for_a_while, &[change("a", Added)]), [Done, Missing]);
}

#[test]
fn steps_sum_up_and_the_unplanned_is_listed() {
    let asked = plan(vec![
        step(1, "both", vec![operation(Modify, "a"), operation(Modify, "b")]),
        step(2, "one", vec![operation(Modify, "c"), operation(Modify, "d")]),
        step(3, "none", vec![operation(Modify, "e")]),
        step(4, "nothing to see", vec![]),
    ]);
    let changes = [
        change("a", Modified),
        change("b", Modified),
        change("c", Modified),
        change("x", Added),
        moved("e2", "y"),
    ];
    let outcome = outcome(&asked, &changes);
    let verdicts: Vec<Verdict> = outcome.steps.iter().map(|step| step.verdict).collect();
    assert_eq!(verdicts, [Done, Partly, Missing, Verdict::NotApplicable]);
    assert_eq!(outcome.unplanned, changes[3..]);
}
