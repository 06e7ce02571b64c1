//! Measures the real server from outside: what it adds to an answer that streams
//! through it, what an idle watcher costs, and what an installation costs. Times
//! stand beside those of the same upstream without Banto; nothing passes or
//! fails by them. `docs/performance.md` says how to read them.

mod figures;
mod plans;
mod start;
mod turns;
mod upstream;
mod watchers;

use banto_integration_tests::Banto;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::json;
use std::{env, fs, path::PathBuf, thread::available_parallelism};
use turns::Plan;
use upstream::{Shape, Upstream};
use watchers::Wire;

/// Environment variable that asks for a short run.
const QUICK: &str = "BENCH_QUICK";
/// Share of a core that other processes may use before the figures suffer.
const QUIET: f64 = 0.1;
/// Descriptors beside those of the watchers.
const SPARE_DESCRIPTORS: u64 = 500;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(run());
}

async fn run() {
    let quick = env::var(QUICK).is_ok_and(|value| !value.is_empty() && value != "0");
    let descriptors = raise_descriptors();
    let cores = available_parallelism().map_or(0, usize::from);
    upstream::now();
    println!("Banto on {cores} cores; times in ms, memory in MiB unless it says otherwise\n");

    let mut upstream = Upstream::start().await;
    let builder = Banto::builder().set("limits.connections_per_address", 20_000);
    let mut banto = builder.provider("openai", &upstream.base_url()).start().await;
    warm_up(&banto, &mut upstream).await;
    let (mut turns, mut others) = (Vec::new(), 0.0_f64);
    header(&turns::Row::COLUMNS);
    for plan in plans(quick) {
        let row = turns::measure(&banto, &mut upstream, plan).await;
        line(&row.cells());
        others = others.max(row.others());
        turns.push(row.json());
    }
    if others > QUIET {
        println!("other processes used up to {:.0}% of a core: repeat it on a quiet machine", others * 100.0);
    }

    println!();
    let start = start::measure(&mut banto, if quick { 5 } else { 20 }).await;
    drop(banto);
    for [name, value] in start.lines() {
        println!("{name:>42}  {value}");
    }

    println!();
    header(&watchers::Row::COLUMNS);
    let mut crowds = Vec::new();
    for count in if quick { vec![1_000] } else { vec![1_000, 5_000] } {
        for wire in [Wire::SharedHttp2, Wire::WebHttp1] {
            if wire == Wire::WebHttp1 && descriptors < count as u64 + SPARE_DESCRIPTORS {
                println!("skipped: {count} connections need more than {descriptors} file descriptors");
                continue;
            }
            let row = watchers::measure(wire, count).await;
            line(&row.cells());
            crowds.push(row.json());
        }
    }

    println!();
    header(&plans::Row::COLUMNS);
    let mut written = Vec::new();
    let rounds = if quick { 2 } else { 10 };
    for (bytes, at_once) in [(10_000, 1), (100_000, 1), (900_000, 1), (200_000, 64)] {
        let row = plans::measure(bytes, at_once, if at_once > 1 { rounds.min(3) } else { rounds }).await;
        line(&row.cells());
        written.push(row.json());
    }

    let report = json!({
        "cores": cores,
        "quick": quick,
        "turns": turns,
        "idle_watchers": crowds,
        "plans": written,
        "installation": start.json(),
    });
    let file = target_dir().join("bench.json");
    fs::write(&file, format!("{report:#}\n")).expect("the target directory can be written to");
    println!("\nall figures: {}", file.display());
}

/// Tables are for a terminal of ordinary width; more is in the JSON file.
fn plans(quick: bool) -> Vec<Plan> {
    let plan = |shape, turns, rounds| Plan { shape, turns, rounds };
    let (paced, burst) = (Shape::Paced, Shape::Burst);
    if quick {
        vec![
            plan(paced, 1, 4),
            plan(paced, 16, 2),
            plan(paced, 64, 2),
            plan(paced, 256, 2),
            plan(burst, 1, 20),
            plan(burst, 16, 5),
            plan(burst, 64, 3),
            plan(burst, 256, 2),
        ]
    } else {
        vec![
            plan(paced, 1, 25),
            plan(paced, 16, 8),
            plan(paced, 64, 6),
            plan(paced, 256, 5),
            plan(burst, 1, 100),
            plan(burst, 16, 30),
            plan(burst, 64, 15),
            plan(burst, 256, 6),
        ]
    }
}

/// The first turns open files and connections.
async fn warm_up(banto: &Banto, upstream: &mut Upstream) {
    let plan = Plan { shape: Shape::Burst, turns: 4, rounds: 3 };
    turns::measure(banto, upstream, plan).await;
}

/// As many as the system allows; the server inherits them.
fn raise_descriptors() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    // The limit stays as it is where it cannot be raised.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// Where cargo put this program: `target/release/deps/…`.
fn target_dir() -> PathBuf {
    let own = env::current_exe().expect("the program's own path");
    own.ancestors().nth(3).expect("the target directory").to_owned()
}

fn header(columns: &[&str]) {
    line(&columns.iter().map(|&name| name.to_owned()).collect::<Vec<_>>());
}

fn line(cells: &[String]) {
    let (first, rest) = cells.split_first().expect("a first column");
    let width = if rest.len() > 6 { 11 } else { 18 };
    print!("{first:<20}");
    rest.iter().for_each(|cell| print!(" {cell:>width$}"));
    println!();
}
