//! `banto find`. It needs no server.

use super::{
    exit::Failure,
    output::{self, Output},
    table::{self, Field, Tone},
};
use crate::config::Environment;
use banto_finder::{Error, Finder, Found, Kind};
use clap::Args;
use std::{io::Read as _, path::PathBuf};

#[derive(Args)]
pub(super) struct FindArgs {
    /// What is to be done; `-` reads standard input
    task: String,
    /// Repository or folder to search
    #[arg(long, value_name = "DIR", default_value = ".")]
    repo: PathBuf,
    /// Commit to search instead of the files as they are now; nothing after it is used
    #[arg(long, value_name = "REV")]
    at: Option<String>,
    /// Files to print
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..))]
    limit: u16,
    /// Prints one JSON object a line: path, score, kind and reasons
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &FindArgs, environment: &Environment) -> Result<(), Failure> {
    let task = text_of(&args.task)?;
    let mut finder = Finder::open(&args.repo, environment.finder_cache().as_deref())?;
    let tree = finder.tree(args.at.as_deref())?;
    let found = finder.find(&tree, &task, usize::from(args.limit))?;
    if args.json {
        return found.iter().try_for_each(print_json);
    }
    let rows = (1..).zip(&found).map(|(place, it)| row(place, it)).collect();
    table::print(Output::of_process(environment), &["#", "FILE", "SCORE", "KIND", "BECAUSE"], rows)
}

fn text_of(task: &str) -> Result<String, Failure> {
    let mut text = task.to_owned();
    if task == "-" {
        text.clear();
        std::io::stdin()
            .read_to_string(&mut text)
            .map_err(|error| Failure::Failed(format!("standard input cannot be read: {error}")))?;
    }
    if text.trim().is_empty() {
        return Err(Failure::Usage("the task is empty".to_owned()));
    }
    Ok(text)
}

/// Writes something as one line of JSON.
pub(super) fn print_json(it: &impl serde::Serialize) -> Result<(), Failure> {
    let line = serde_json::to_string(it).map_err(|error| Failure::Failed(error.to_string()))?;
    output::print(&line)
}

fn row(place: usize, found: &Found) -> Vec<Field> {
    let tone = if found.kind == Kind::Source { Tone::Good } else { Tone::Plain };
    // The first reasons are the plainest, and a row has room for two.
    let reasons: Vec<_> = found.reasons.iter().take(2).map(ToString::to_string).collect();
    vec![
        place.to_string().into(),
        found.path.as_str().into(),
        format!("{:.2}", found.score).into(),
        Field::new(found.kind.to_string(), tone),
        reasons.join("; ").into(),
    ]
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::NotAFolder { .. }
            | Error::NoRepository(_)
            | Error::UnknownRevision { .. }
            | Error::Case { .. } => Self::Usage(error.to_string()),
            _ => Self::Failed(error.to_string()),
        }
    }
}
