//! `banto eval`. It needs no server.

use super::{
    exit::Failure,
    find::print_json,
    output::Output,
    table::{self, Field},
};
use crate::config::Environment;
use banto_finder::{
    Finder,
    eval::{self, Comparison, Laboratory, Measures, Summary},
};
use clap::Args;
use serde::Serialize;
use std::{fs, path::PathBuf};

#[derive(Args)]
pub(super) struct EvalArgs {
    /// Repository to measure on
    #[arg(long, value_name = "DIR", default_value = ".")]
    repo: PathBuf,
    /// Cases, one JSON object a line: parent, task, gold [default: from the repository's own history]
    #[arg(long, value_name = "FILE")]
    cases: Option<PathBuf>,
    /// Cases to take from the history
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..))]
    limit: u16,
    /// Prints one JSON object for each case, then {"summary": …}
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Last {
    summary: Summary,
}

pub(super) fn run(args: &EvalArgs, environment: &Environment) -> Result<(), Failure> {
    let mut finder = Finder::open(&args.repo, environment.finder_cache().as_deref())?;
    let mut laboratory = Laboratory::new(&mut finder);
    let cases = match &args.cases {
        Some(path) => {
            let unreadable = |error| Failure::Usage(format!("{} cannot be read: {error}", path.display()));
            eval::read(&fs::read_to_string(path).map_err(unreadable)?)?
        }
        None => laboratory.mine(usize::from(args.limit))?,
    };
    if cases.is_empty() {
        return Err(Failure::Failed(
            "there are no cases: the history has no commit that tells a task".to_owned(),
        ));
    }
    let mut outcomes = Vec::with_capacity(cases.len());
    for case in &cases {
        let outcome = laboratory.answer(case)?;
        if args.json {
            print_json(&outcome)?;
        }
        outcomes.push(outcome);
    }
    let summary = Summary::of(&outcomes);
    if args.json {
        return print_json(&Last { summary });
    }
    let out = Output::of_process(environment);
    let headings = [
        "CASES", "N", "BY", "R@5", "R@10", "R@20", "R@50", "ACC@1", "ACC@5", "ACC@10", "HIT@1", "MRR", "MAP",
    ];
    let all = [&summary.all].into_iter().chain(&summary.groups);
    table::print(out, &headings, all.flat_map(rows).collect())?;
    let Comparison { gain_recall_10, interval: (low, high), .. } = summary.all;
    super::output::print(&format!(
        "\nrecall@10 is {gain_recall_10:+.3} against plain BM25 (95 % interval {low:+.3} to {high:+.3})"
    ))
}

fn rows(comparison: &Comparison) -> [Vec<Field>; 2] {
    let row = |name: &str, number: String, by: &str, it: &Measures| {
        let values = [
            it.recall_5,
            it.recall_10,
            it.recall_20,
            it.recall_50,
            it.acc_1,
            it.acc_5,
            it.acc_10,
            it.hit_1,
            it.mrr,
            it.map,
        ];
        let first = [Field::from(name), number.into(), by.into()];
        first.into_iter().chain(values.map(|it| format!("{it:.3}").into())).collect()
    };
    [
        row(&comparison.cases_with, comparison.cases.to_string(), "banto", &comparison.measures),
        row("", String::new(), "bm25", &comparison.plain),
    ]
}
