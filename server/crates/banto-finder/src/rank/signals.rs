//! What speaks for each file, as numbers that can be compared between tasks and
//! between repositories.

use super::fields::{Scores, scores};
use crate::{error::Error, kind::Kind, snapshot::Snapshot, stop::Stop, task::Task};
use std::collections::BTreeMap;

/// How many signals there are.
pub const SIGNALS: usize = NAMES.len();

/// Their names, in order.
pub const NAMES: [&str; 34] = [
    "body",
    "symbols",
    "folder",
    "name",
    "chunk",
    "title chunk",
    "messages",
    "message",
    "alike",
    "coverage",
    "title coverage",
    "joined",
    "name covered",
    "path named",
    "name named",
    "defined",
    "test",
    "example",
    "docs",
    "config",
    "generated",
    "data",
    "asked test",
    "asked example",
    "asked docs",
    "asked config",
    "asked generated",
    "often changed",
    "lately changed",
    "long",
    "siblings",
    "main language",
    "body squared",
    "unreadable",
];

/// One number for each name.
pub(crate) type Signals = [f64; SIGNALS];

/// The signals of each file of a snapshot.
pub(crate) fn signals(snapshot: &Snapshot, task: &Task, stop: &Stop) -> Result<Vec<Signals>, Error> {
    let scores = scores(snapshot, task, stop)?;
    // The best file of the tree has one: how large a score is depends on the task.
    let relative = |field: fn(&Scores) -> f64| {
        let most = scores.iter().map(field).fold(f64::MIN_POSITIVE, f64::max);
        move |scores: &Scores| field(scores) / most
    };
    let body = relative(|it| it.body);
    let symbols = relative(|it| it.symbols);
    let folder = relative(|it| it.folder);
    let name = relative(|it| it.name);
    let chunk = relative(|it| it.chunk);
    let title_chunk = relative(|it| it.title_chunk);
    let messages = relative(|it| it.messages);
    let message = relative(|it| it.message);
    let alike = relative(|it| it.alike);
    let joined = relative(|it| it.joined);
    let often = snapshot.files.iter().map(|it| it.commits.len()).max().unwrap_or(0) as f64;
    let longest = snapshot.files.iter().map(|it| it.features.lines).max().unwrap_or(0);
    let siblings = siblings(snapshot, &scores);
    let main = main_language(snapshot);
    let rows = snapshot.files.iter().zip(&scores).enumerate().map(|(place, (file, it))| {
        let path = file.path().to_lowercase();
        let named = |path: &str| task.paths.iter().any(|named| ends_with_parts(path, named));
        let is_named = task.paths.contains(path.rsplit('/').next().unwrap_or_default());
        let defines = file.features.definitions.iter().any(|it| task.identifiers.contains(&it.name));
        let is = |kind: Kind| flag(file.kind == kind && !task.asks.contains(&kind));
        let asked = |kind: Kind| flag(file.kind == kind && task.asks.contains(&kind));
        let newest = file.commits.first().map_or(0.0, |age| 1.0 / (1.0 + f64::from(*age) / 50.0));
        [
            body(it),
            symbols(it),
            folder(it),
            name(it),
            chunk(it),
            title_chunk(it),
            messages(it),
            message(it),
            alike(it),
            it.coverage,
            it.title_coverage,
            joined(it),
            it.name_covered,
            flag(named(&path)),
            flag(is_named),
            flag(defines),
            is(Kind::Test),
            is(Kind::Example),
            is(Kind::Docs),
            is(Kind::Config),
            is(Kind::Generated),
            flag(file.kind == Kind::Data),
            asked(Kind::Test),
            asked(Kind::Example),
            asked(Kind::Docs),
            asked(Kind::Config),
            asked(Kind::Generated),
            (1.0 + file.commits.len() as f64).ln() / (1.0 + often).ln().max(f64::MIN_POSITIVE),
            newest,
            (1.0 + f64::from(file.features.lines)).ln()
                / (1.0 + f64::from(longest)).ln().max(f64::MIN_POSITIVE),
            siblings.get(place).copied().unwrap_or_default(),
            flag(main.is_some_and(|main| ending(file.path()) == main)),
            body(it).powi(2),
            flag(!file.features.readable),
        ]
    });
    Ok(rows.collect())
}

fn flag(it: bool) -> f64 {
    if it { 1.0 } else { 0.0 }
}

/// Whether a path is another or ends with it, by whole parts.
fn ends_with_parts(path: &str, end: &str) -> bool {
    path.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with('/'))
        || (end.contains('/') && path.strip_prefix(end).is_some_and(|after| after.starts_with('/')))
}

fn ending(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |it| it.1)
}

/// The ending of most source files.
fn main_language(snapshot: &Snapshot) -> Option<&str> {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for file in snapshot.files.iter().filter(|it| it.kind == Kind::Source) {
        *counts.entry(ending(file.path())).or_default() += 1;
    }
    counts.into_iter().max_by(|one, other| one.1.cmp(&other.1).then(other.0.cmp(one.0))).map(|it| it.0)
}

/// For each file, how well the other files of its folder do: the mean of their
/// chunks, against that of the best folder.
fn siblings(snapshot: &Snapshot, scores: &[Scores]) -> Vec<f64> {
    let mut folders: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for (file, scores) in snapshot.files.iter().zip(scores) {
        let folder = folders.entry(file.folder()).or_default();
        *folder = (folder.0 + scores.chunk, folder.1 + 1.0);
    }
    let others = snapshot.files.iter().zip(scores).map(|(file, scores)| {
        let (sum, number) = folders.get(file.folder()).copied().unwrap_or_default();
        if number > 1.0 { (sum - scores.chunk) / (number - 1.0) } else { 0.0 }
    });
    let others: Vec<_> = others.collect();
    let most = others.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    others.into_iter().map(|it| it / most).collect()
}
