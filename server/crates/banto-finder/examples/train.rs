//! Learns the weights of `src/rank/weights.rs` from cases of some repositories, and
//! tells how well weights that were learned from the others do on each.
//!
//! ```text
//! cargo run --release -p banto-finder --example train -- REPOSITORY=CASES.jsonl …
//! ```
//!
//! The loss is that of a choice among all files of a tree: the files that matter
//! should have the largest shares. It is convex, and each run finds the same
//! weights.

use banto_finder::{
    Finder, NAMES, SIGNALS,
    eval::{Laboratory, Measures, interval, read},
};
use std::{env, error::Error, fs, path::Path};

/// Weights that such cases cannot teach: their tasks name no file, and the files
/// that matter in them are source whatever the task speaks of.
const FIXED: &[(&str, f64)] = &[
    ("path named", 4.0),
    ("name named", 2.5),
    ("asked test", -1.0),
    ("asked example", 0.0),
    ("asked docs", -0.3),
    ("asked config", -0.5),
    ("asked generated", -0.5),
];
/// How much a large weight costs.
const DECAY: f64 = 0.002;
const ROUNDS: i32 = 300;
const STEP: f64 = 0.05;

type Weights = [f64; SIGNALS];

struct Case {
    signals: Vec<Weights>,
    gold: Vec<usize>,
    plain: Vec<usize>,
    ranked: Vec<usize>,
    counts: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut all = Vec::new();
    for argument in env::args().skip(1) {
        let (repository, file) = argument.split_once('=').ok_or("REPOSITORY=CASES.jsonl")?;
        all.push((argument.clone(), cases(Path::new(repository), Path::new(file))?));
    }
    let mut differences = Vec::new();
    for (name, tested) in &all {
        let others: Vec<_> = all.iter().filter(|it| it.0 != *name).flat_map(|it| &it.1).collect();
        let weights = learn(&others);
        let tested: Vec<_> = tested.iter().filter(|it| it.counts).collect();
        println!("{name}: {} cases", tested.len());
        let tell = |label: &str, order: &dyn Fn(&Case) -> Vec<usize>| -> Vec<f64> {
            let all: Vec<_> = tested.iter().map(|it| measures(&order(it), &it.gold)).collect();
            let mean = Measures::mean(&all);
            let Measures { recall_5, recall_10, recall_20, recall_50, hit_1, mrr, .. } = mean;
            println!(
                "  {label:8} recall {recall_5:.3} {recall_10:.3} {recall_20:.3} {recall_50:.3} hit {hit_1:.3} mrr {mrr:.3}"
            );
            all.iter().map(|it| it.recall_10).collect()
        };
        let plain = tell("bm25", &|it| it.plain.clone());
        tell("shipped", &|it| it.ranked.clone());
        let learned = tell("learned", &|it| order(&it.signals, &weights));
        let gains: Vec<_> = learned.iter().zip(&plain).map(|(learned, plain)| learned - plain).collect();
        println!("  gain     {:+.3} {:?}", mean(&gains), interval(&gains));
        differences.extend(gains);
    }
    println!("all: {:+.3} {:?}", mean(&differences), interval(&differences));
    let weights = learn(&all.iter().flat_map(|it| &it.1).collect::<Vec<_>>());
    for (name, weight) in NAMES.iter().zip(weights) {
        println!("    {weight:.3}, // {name}");
    }
    Ok(())
}

fn cases(repository: &Path, file: &Path) -> Result<Vec<Case>, Box<dyn Error>> {
    let cache = env::temp_dir().join("banto-finder-train");
    let mut finder = Finder::open(repository, Some(&cache))?;
    let mut laboratory = Laboratory::new(&mut finder);
    let mut found = Vec::new();
    for case in read(&fs::read_to_string(file)?)? {
        let seen = laboratory.observe(&case)?;
        let counts = case.is_of_a_person();
        let (gold, plain, ranked) = (seen.gold, seen.plain, seen.ranked);
        found.push(Case { signals: seen.signals, gold, plain, ranked, counts });
    }
    Ok(found)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

fn measures(order: &[usize], gold: &[usize]) -> Measures {
    let places = (1..).zip(order).filter(|(_, file)| gold.contains(file)).map(|(place, _)| place);
    Measures::of(&places.collect::<Vec<_>>(), gold.len())
}

fn order(signals: &[Weights], weights: &Weights) -> Vec<usize> {
    let mut scored: Vec<_> = signals.iter().map(|it| dot(it, weights)).enumerate().collect();
    scored.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
    scored.into_iter().map(|it| it.0).collect()
}

fn dot(one: &Weights, other: &Weights) -> f64 {
    one.iter().zip(other).map(|(x, y)| x * y).sum()
}

/// Gradient descent with momentum and a step for each weight (Adam), over all cases
/// at once and in their order, so that nothing is drawn by chance.
fn learn(cases: &[&Case]) -> Weights {
    let fixed = NAMES.map(|name| FIXED.iter().find(|it| it.0 == name).map(|it| it.1));
    let mut weights = fixed.map(Option::unwrap_or_default);
    let (mut momentum, mut square) = ([0.0; SIGNALS], [0.0; SIGNALS]);
    for round in 1..=ROUNDS {
        let slope = slope(cases, &weights);
        for at in (0..SIGNALS).filter(|at| fixed[*at].is_none()) {
            momentum[at] = 0.9 * momentum[at] + 0.1 * slope[at];
            square[at] = 0.999 * square[at] + 0.001 * slope[at] * slope[at];
            let direction = momentum[at] / (1.0 - 0.9_f64.powi(round));
            let size = (square[at] / (1.0 - 0.999_f64.powi(round))).sqrt();
            weights[at] -= STEP * direction / (size + 1e-8);
        }
    }
    weights
}

fn slope(cases: &[&Case], weights: &Weights) -> Weights {
    let mut sum = [0.0; SIGNALS];
    let mut add = |signals: &Weights, factor: f64| {
        sum.iter_mut().zip(signals).for_each(|(sum, signal)| *sum += factor * signal);
    };
    for case in cases.iter().filter(|it| !it.gold.is_empty()) {
        let scores: Vec<_> = case.signals.iter().map(|it| dot(it, weights)).collect();
        let most = scores.iter().copied().fold(f64::MIN, f64::max);
        let shares: Vec<_> = scores.iter().map(|it| (it - most).exp()).collect();
        let total: f64 = shares.iter().sum();
        for (signals, share) in case.signals.iter().zip(&shares) {
            add(signals, share / total);
        }
        for gold in &case.gold {
            add(&case.signals[*gold], -1.0 / case.gold.len() as f64);
        }
    }
    let number = cases.len().max(1) as f64;
    sum.iter()
        .zip(weights)
        .map(|(slope, weight)| slope / number + DECAY * weight)
        .collect::<Vec<_>>()
        .try_into()
        .unwrap_or([0.0; SIGNALS])
}
