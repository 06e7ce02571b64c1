//! How fast plans are read, checked and compared: `cargo run --release -p banto-plan
//! --example speed`.
//!
//! Beside each size stands what quick-xml takes to go through the same bytes without
//! understanding them, and how the time grew from half the size.

use banto_plan::{Anchor, Facts, FileFact, Parser, carry, check, parse, print, structural_diff, text_diff};
use quick_xml::{Reader, events::Event};
use std::{
    fmt::Write,
    hint::black_box,
    time::{Duration, Instant},
};

/// A document of about so many bytes: steps with 8 KB of code each, so that the longest
/// is within the limit of steps.
fn document(length: usize) -> String {
    let mut text = String::from("<implementation_plan>\n  <steps>\n");
    let code =
        "    if queue.len() < limit && !queue.is_closed() {\n        queue.push(item)?;\n    }\n".repeat(95);
    let mut number = 0;
    while text.len() < length {
        number += 1;
        let _ = write!(
            text,
            "    <plan_step number=\"{number}\">\n      <title>Bound the queue of worker {number}</title>\n      \
             <description>It grows while nobody reads; push has to &amp; can say no in step {number}.</description>\n      \
             <confidence>high</confidence>\n      <file_operations>\n        \
             <operation type=\"modify\" path=\"src/worker_{number}/queue.rs\" symbols=\"Queue::push retry\">\n          \
             <changes><![CDATA[// {number}\n{code}]]></changes>\n          <validation>cargo test</validation>\n        \
             </operation>\n      </file_operations>\n      <bash_commands><command>cargo test</command></bash_commands>\n    \
             </plan_step>\n"
        );
    }
    text.push_str("  </steps>\n</implementation_plan>\n");
    text
}

/// The shortest of several times.
fn shortest<T>(mut work: impl FnMut() -> T) -> Duration {
    let mut best = Duration::MAX;
    let begun = Instant::now();
    for round in 0.. {
        let start = Instant::now();
        black_box(work());
        best = best.min(start.elapsed());
        if round >= 4 && begun.elapsed() > Duration::from_millis(300) {
            break;
        }
    }
    best
}

fn plain(text: &str) -> usize {
    let mut reader = Reader::from_str(text);
    let mut events = 0;
    while !matches!(reader.read_event(), Ok(Event::Eof) | Err(_)) {
        events += 1;
    }
    events
}

fn in_pieces(text: &str) -> banto_plan::Parsed {
    let mut parser = Parser::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.char_indices().nth(16).map_or(rest.len(), |(at, _)| at);
        parser.push(&rest[..end]);
        black_box(parser.outline());
        rest = &rest[end..];
    }
    parser.finish()
}

fn facts(parsed: &banto_plan::Parsed) -> Facts {
    let symbols: std::collections::BTreeSet<String> = (0..200)
        .map(|symbol| format!("Queue::method_{symbol}"))
        .chain(["Queue::push".into(), "retry".into()])
        .collect();
    let paths = parsed.plan.paths();
    let files =
        paths.iter().map(|path| ((*path).to_owned(), FileFact::File { symbols: Some(symbols.clone()) }));
    Facts { files: files.collect(), ..Facts::default() }
}

/// Lines that make a comparison hard: few different ones, in another order.
fn shuffled(length: usize, mut seed: u32, kinds: u32) -> String {
    let mut text = String::new();
    while text.len() < length {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let _ = writeln!(text, "{}", (seed >> 16) % kinds);
    }
    text
}

fn main() {
    println!(
        "{:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>7}",
        "bytes", "quick-xml", "parse", "pieces", "check", "print", "diff", "struct", "growth"
    );
    println!(
        "{:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>7}",
        "", "MB/s", "MB/s", "MB/s", "MB/s", "MB/s", "ms", "ms", "parse"
    );
    let mut before: Option<f64> = None;
    for length in [10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000, 4_000_000] {
        let text = document(length);
        let other =
            text.replace("worker_3", "worker_x").replace("can say no in step 5", "may refuse in step 5");
        let (parsed, changed) = (parse(&text), parse(&other));
        assert!(parsed.is_complete && parsed.problems.is_empty(), "{:?}", parsed.problems.first());
        let known = facts(&parsed);
        let parse_time = shortest(|| parse(&text));
        let speed = |time: Duration| text.len() as f64 / 1e6 / time.as_secs_f64();
        let per_byte = parse_time.as_secs_f64() / text.len() as f64;
        let growth = before.map_or(String::new(), |before| format!("{:.2}", 2.0 * per_byte / before));
        before = Some(per_byte);
        println!(
            "{:>9} {:>9.0} {:>9.0} {:>9.0} {:>9.0} {:>9.0} {:>9.2} {:>9.2} {:>7}",
            text.len(),
            speed(shortest(|| plain(&text))),
            speed(parse_time),
            speed(shortest(|| in_pieces(&text))),
            speed(shortest(|| check(&parsed, &known))),
            speed(shortest(|| print(&parsed.plan))),
            shortest(|| text_diff(&text, &other)).as_secs_f64() * 1e3,
            shortest(|| structural_diff(&parsed.plan, &changed.plan)).as_secs_f64() * 1e3,
            growth,
        );
    }
    let text = document(1_000_000);
    let other = text.replace("say no in step", "refuse in step").replace("worker_3", "worker_x");
    let place = text.len() / 2;
    let anchor = Anchor::new(&text, place..place + 200);
    println!("\nA comment in a megabyte, ms:");
    println!("  carried: {:.2}", shortest(|| carry(&text, &other, place..place + 200)).as_secs_f64() * 1e3);
    println!("  located: {:.2}", shortest(|| anchor.locate(&other)).as_secs_f64() * 1e3);
    let lost = document(1_000_000).replace("queue", "line").replace("push", "put");
    println!("  not there any more: {:.2}", shortest(|| anchor.locate(&lost)).as_secs_f64() * 1e3);
    println!("\nA megabyte against a megabyte where little is the same, ms:");
    for kinds in [2, 10, 100, 1_000, 60_000] {
        let (old, new) = (shuffled(1_000_000, 1, kinds), shuffled(1_000_000, 2, kinds));
        println!("{kinds:>9} different lines: {:.0}", shortest(|| text_diff(&old, &new)).as_secs_f64() * 1e3);
    }
}
