//! Learns the weights of the signals.

use banto_finder::{
    Finder, NAMES, SIGNALS,
    eval::{Laboratory, read},
};
use std::{env, fs, path::Path};

/// Weights that the cases cannot teach: their tasks name no file, and the files
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

type Weights = [f64; SIGNALS];

struct Case {
    signals: Vec<Weights>,
    gold: Vec<usize>,
    plain: Vec<usize>,
    ranked: Vec<usize>,
    human: bool,
}

fn main() {
    let args: Vec<String> = env::args().skip(1).collect();
    let mut all: Vec<(String, Vec<Case>)> = Vec::new();
    for arg in &args {
        let (repo, file) = arg.split_once('=').expect("REPO=CASES");
        let began = std::time::Instant::now();
        let mut finder =
            Finder::open(Path::new(repo), Some(Path::new("/tmp/finder-cache"))).expect("a repository");
        let mut laboratory = Laboratory::new(&mut finder);
        let cases = read(&fs::read_to_string(file).expect("cases")).expect("cases");
        let cases: Vec<_> = cases
            .iter()
            .map(|case| {
                let seen = laboratory.observe(case).expect("a case");
                Case {
                    signals: seen.signals,
                    gold: seen.gold,
                    plain: seen.plain,
                    ranked: seen.ranked,
                    human: case.is_of_a_person(),
                }
            })
            .collect();
        eprintln!("{file}: {} cases in {:?}", cases.len(), began.elapsed());
        all.push((file.rsplit('/').next().unwrap_or_default().to_owned(), cases));
    }
    let mut pooled = (0.0, 0.0, 0.0);
    for (name, cases) in &all {
        let training: Vec<_> = all.iter().filter(|it| it.0 != *name).flat_map(|it| &it.1).collect();
        let weights = train(&training);
        let tested: Vec<_> = cases.iter().filter(|it| it.human).collect();
        let line = |label: &str, order: &dyn Fn(&Case) -> Vec<usize>| -> f64 {
            let at = |k: usize| {
                tested.iter().map(|it| recall(&order(it), &it.gold, k)).sum::<f64>() / tested.len() as f64
            };
            println!(
                "{name:32} {label:8} r@5 {:.3} r@10 {:.3} r@20 {:.3} r@50 {:.3}",
                at(5),
                at(10),
                at(20),
                at(50)
            );
            at(10)
        };
        let n = tested.len() as f64;
        pooled.0 += n;
        pooled.1 += n * line("plain", &|it| it.plain.clone());
        line("shipped", &|it| it.ranked.clone());
        pooled.2 += n * line("learned", &|it| order(&it.signals, &weights));
    }
    println!(
        "pooled plain {:.4} learned {:.4} gain {:.4}",
        pooled.1 / pooled.0,
        pooled.2 / pooled.0,
        (pooled.2 - pooled.1) / pooled.0
    );
    let weights = train(&all.iter().flat_map(|it| &it.1).collect::<Vec<_>>());
    for (name, weight) in NAMES.iter().zip(weights) {
        println!("    {weight:.3}, // {name}");
    }
}

fn order(signals: &[Weights], weights: &Weights) -> Vec<usize> {
    let scores: Vec<f64> = signals.iter().map(|it| dot(it, weights)).collect();
    let mut places: Vec<_> = (0..signals.len()).collect();
    places.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
    places
}

fn recall(order: &[usize], gold: &[usize], k: usize) -> f64 {
    let found = order.iter().take(k).filter(|it| gold.contains(it)).count();
    found as f64 / gold.len().max(1) as f64
}

fn dot(a: &Weights, b: &Weights) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn train(cases: &[&Case]) -> Weights {
    let setting =
        |name: &str, default: f64| env::var(name).ok().and_then(|it| it.parse().ok()).unwrap_or(default);
    let (l2, rounds) = (setting("L2", 0.002), setting("ROUNDS", 300.0) as usize);
    let fixed = NAMES.map(|name| FIXED.iter().find(|it| it.0 == name).map(|it| it.1));
    let mut weights = fixed.map(Option::unwrap_or_default);
    let (mut m, mut v) = ([0.0; SIGNALS], [0.0; SIGNALS]);
    for round in 1..=rounds {
        let mut gradient = [0.0; SIGNALS];
        for case in cases.iter().filter(|it| !it.gold.is_empty()) {
            let scores: Vec<f64> = case.signals.iter().map(|it| dot(it, &weights)).collect();
            let most = scores.iter().copied().fold(f64::MIN, f64::max);
            let shares: Vec<f64> = scores.iter().map(|it| (it - most).exp()).collect();
            let sum: f64 = shares.iter().sum();
            for (signals, share) in case.signals.iter().zip(&shares) {
                if share / sum > 1e-6 {
                    for (g, s) in gradient.iter_mut().zip(signals) {
                        *g += share / sum * s;
                    }
                }
            }
            for gold in &case.gold {
                for (g, s) in gradient.iter_mut().zip(&case.signals[*gold]) {
                    *g -= s / case.gold.len() as f64;
                }
            }
        }
        for at in (0..SIGNALS).filter(|at| fixed[*at].is_none()) {
            let g = gradient[at] / cases.len() as f64 + l2 * weights[at];
            m[at] = 0.9 * m[at] + 0.1 * g;
            v[at] = 0.999 * v[at] + 0.001 * g * g;
            let (mh, vh) =
                (m[at] / (1.0 - 0.9f64.powi(round as i32)), v[at] / (1.0 - 0.999f64.powi(round as i32)));
            weights[at] -= 0.05 * mh / (vh.sqrt() + 1e-8);
        }
    }
    weights
}
