//! How well the words of a task meet each field of each file.

use crate::{
    error::Error,
    features::Features,
    snapshot::{File, Snapshot},
    stop::Stop,
    task::Task,
    text::Term,
};

/// A field's saturation and how much its length counts.
struct Field {
    k1: f64,
    b: f64,
}

const BODY: Field = Field { k1: 1.2, b: 0.6 };
const SYMBOLS: Field = Field { k1: 1.2, b: 0.5 };
const FOLDER: Field = Field { k1: 0.8, b: 0.3 };
const NAME: Field = Field { k1: 0.8, b: 0.5 };
const CHUNK: Field = Field { k1: 1.2, b: 0.4 };
const MESSAGES: Field = Field { k1: 1.5, b: 0.5 };
const MESSAGE: Field = Field { k1: 1.0, b: 0.6 };

impl Field {
    fn score(&self, count: f64, length: f64, average: f64) -> f64 {
        if count == 0.0 {
            return 0.0;
        }
        let norm = 1.0 - self.b + self.b * length / average.max(1.0);
        count * (self.k1 + 1.0) / (count + self.k1 * norm)
    }
}

/// The scores of one file, not yet comparable between tasks.
#[derive(Clone, Debug, Default)]
pub(super) struct Scores {
    pub body: f64,
    pub symbols: f64,
    pub folder: f64,
    pub name: f64,
    pub chunk: f64,
    pub title_chunk: f64,
    pub messages: f64,
    /// Of the single past commit that says most of the same.
    pub message: f64,
    /// Of the past commits that say most of the same, together.
    pub alike: f64,
    /// The part of the task that the file meets anywhere.
    pub coverage: f64,
    pub title_coverage: f64,
    /// Identifiers of the task in one piece.
    pub joined: f64,
    /// The part of the file's name that the task speaks of.
    pub name_covered: f64,
}

fn count(terms: &[Term], term: Term) -> f64 {
    terms.iter().filter(|it| **it == term).count() as f64
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, number) = values.fold((0.0, 0.0), |(sum, number), it| (sum + it, number + 1.0));
    if number == 0.0 { 0.0 } else { sum / number }
}

fn rarity(number: f64, with: f64) -> f64 {
    (1.0 + (number - with + 0.5) / (with + 0.5)).ln()
}

/// For each term of a task, how much it tells one file from the others.
pub(crate) fn term_weights(snapshot: &Snapshot, task: &Task) -> Vec<f64> {
    let number = snapshot.files.len() as f64;
    let has = |file: &&File, term| {
        !file.features.blocks_with(term).is_empty()
            || file.name_terms.contains(&term)
            || file.folder_terms.contains(&term)
    };
    let with = |term| snapshot.files.iter().filter(|file| has(file, term)).count() as f64;
    task.wanted.iter().map(|it| it.weight * rarity(number, with(it.term))).collect()
}

pub(super) fn scores(snapshot: &Snapshot, task: &Task, stop: &Stop) -> Result<Vec<Scores>, Error> {
    let files = &snapshot.files;
    let readable = || files.iter().filter(|it| it.features.readable);
    let body = mean(readable().map(|it| f64::from(it.features.length())));
    let symbols = mean(readable().map(|it| f64::from(it.features.symbols_length)));
    let folder = mean(files.iter().map(|it| it.folder_terms.len() as f64));
    let name = mean(files.iter().map(|it| it.name_terms.len() as f64));
    let blocks = || readable().flat_map(|it| &it.features.blocks);
    let chunk = 2.0 * mean(blocks().map(|it| f64::from(*it)));
    let weights = term_weights(snapshot, task);
    let total: f64 = weights.iter().sum::<f64>().max(f64::MIN_POSITIVE);
    let title: f64 = task.wanted.iter().zip(&weights).filter(|it| it.0.in_title).map(|it| it.1).sum();
    let mut all: Vec<Scores> = Vec::with_capacity(files.len());
    for file in files {
        stop.check()?;
        let mut scores = Scores::default();
        let features = &file.features;
        let length = f64::from(features.length());
        for (wanted, weight) in task.wanted.iter().zip(&weights) {
            let in_body: f64 = features.blocks_with(wanted.term).iter().map(|it| f64::from(it.1)).sum();
            let in_symbols = f64::from(features.in_symbols(wanted.term));
            let in_folder = count(&file.folder_terms, wanted.term);
            let in_name = count(&file.name_terms, wanted.term);
            scores.body += weight * BODY.score(in_body, length, body);
            let names = f64::from(features.symbols_length);
            scores.symbols += weight * SYMBOLS.score(in_symbols, names, symbols);
            scores.folder += weight * FOLDER.score(in_folder, file.folder_terms.len() as f64, folder);
            scores.name += weight * NAME.score(in_name, file.name_terms.len() as f64, name);
            if in_body + in_folder + in_name > 0.0 {
                scores.coverage += weight / total;
                if wanted.in_title {
                    scores.title_coverage += weight / title.max(f64::MIN_POSITIVE);
                }
                if wanted.joined {
                    scores.joined += weight * (1.0 + if in_symbols > 0.0 { 1.0 } else { 0.0 });
                }
            }
        }
        let met =
            file.name_terms.iter().filter(|term| task.wanted.iter().any(|it| it.term == **term)).count();
        scores.name_covered = met as f64 / file.name_terms.len().max(1) as f64;
        let whole: Vec<_> = task.wanted.iter().map(|it| it.term).zip(weights.iter().copied()).collect();
        let in_title = task.wanted.iter().zip(&whole).filter(|it| it.0.in_title).map(|it| *it.1);
        let in_title: Vec<_> = in_title.collect();
        scores.chunk = best_chunk(features, &whole, chunk).map_or(0.0, |it| it.1);
        scores.title_chunk = best_chunk(features, &in_title, chunk).map_or(0.0, |it| it.1);
        all.push(scores);
    }
    messages(snapshot, task, &mut all);
    stop.check()?;
    Ok(all)
}

/// The block at which the best chunk begins, and its score.
pub(crate) fn best_chunk(features: &Features, weights: &[(Term, f64)], average: f64) -> Option<(usize, f64)> {
    let blocks = features.blocks.len();
    let mut sums = vec![0.0; blocks];
    let length = |at: usize| {
        let of = |at: usize| features.blocks.get(at).copied().unwrap_or_default();
        f64::from(of(at) + of(at + 1))
    };
    for (term, weight) in weights {
        let counts = features.blocks_with(*term);
        let mut previous = None;
        for (place, (block, here)) in counts.iter().enumerate() {
            let block = usize::from(*block);
            let next = counts.get(place + 1).filter(|it| usize::from(it.0) == block + 1).map_or(0, |it| it.1);
            let mut add = |at: usize, count: f64| {
                if let Some(sum) = sums.get_mut(at) {
                    *sum += weight * CHUNK.score(count, length(at), average);
                }
            };
            // The chunk that ends here, unless the block before has counted it.
            if let Some(before) = block.checked_sub(1).filter(|it| previous != Some(*it)) {
                add(before, f64::from(*here));
            }
            add(block, f64::from(*here) + f64::from(next));
            previous = Some(block);
        }
    }
    let best = sums
        .iter()
        .copied()
        .enumerate()
        .max_by(|one, other| one.1.total_cmp(&other.1).then(other.0.cmp(&one.0)));
    best.filter(|it| it.1 > 0.0)
}

/// How many commits may vouch for a file.
const ALIKE: usize = 30;

/// What the messages of past commits say of the files that they changed.
fn messages(snapshot: &Snapshot, task: &Task, scores: &mut [Scores]) {
    let commits = &snapshot.commits;
    let number = commits.len() as f64;
    let average = mean(commits.iter().map(|it| f64::from(it.length())));
    let rarities: Vec<_> = task
        .wanted
        .iter()
        .map(|wanted| {
            let with = commits.iter().filter(|it| it.count(wanted.term) > 0).count() as f64;
            wanted.weight * rarity(number, with)
        })
        .collect();
    // Each commit by itself.
    let alike = |length: f64, count: &dyn Fn(Term) -> f64, field: &Field, average: f64| -> f64 {
        let terms = task.wanted.iter().zip(&rarities);
        terms.map(|(wanted, weight)| weight * field.score(count(wanted.term), length, average)).sum()
    };
    let single: Vec<_> = commits
        .iter()
        .map(|it| alike(f64::from(it.length()), &|term| f64::from(it.count(term)), &MESSAGE, average))
        .collect();
    let mut nearest: Vec<_> = single.iter().copied().enumerate().filter(|it| it.1 > 0.0).collect();
    nearest.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
    nearest.truncate(ALIKE);
    let best = nearest.first().map_or(1.0, |it| it.1);
    for (commit, score) in &nearest {
        let Some(commit) = commits.get(*commit) else { continue };
        let share = (score / best).powi(2) / (commit.files.len() as f64).sqrt();
        for file in &commit.files {
            if let Some(scores) = scores.get_mut(*file as usize) {
                scores.alike += share;
            }
        }
    }
    // All commits of a file as one text.
    let texts = snapshot.files.iter().map(|file| {
        let of_file = file.commits.iter().filter_map(|it| commits.get(*it as usize));
        of_file.map(|it| f64::from(it.length())).sum::<f64>()
    });
    let lengths: Vec<f64> = texts.collect();
    let touched = mean(lengths.iter().copied().filter(|it| *it > 0.0));
    for ((file, scores), length) in snapshot.files.iter().zip(scores).zip(lengths) {
        let of_file = || file.commits.iter().filter_map(|it| commits.get(*it as usize));
        let count = |term| of_file().map(|it| f64::from(it.count(term).min(2))).sum();
        scores.messages = alike(length, &count, &MESSAGES, touched);
        let best = file.commits.iter().filter_map(|it| single.get(*it as usize)).copied();
        scores.message = best.fold(0.0, f64::max);
    }
}
