//! Measures the console in a real Chromium before the real server. Each figure
//! stands beside its aim; nothing passes or fails by it. `docs/performance.md`
//! says how to read them.

use banto_integration_tests::{
    Answer as _, Banto, browse, lengthen,
    shop::{REFUND, Shop, large_plan},
    upstream::{Exchange, Script, Upstream},
};
use banto_proto::v1::{
    CreateTaskRequest, FileChoice, FileDecision, GeneratePlanRequest, PlanOrigin, SaveRevisionRequest,
    SelectFilesRequest,
};
use serde_json::{Value, json};
use std::{env, fs, thread::available_parallelism, time::Duration};

/// Environment variable that asks for a short run.
const QUICK: &str = "BENCH_QUICK";
/// Longest that the browser may take for everything.
const LIMIT: Duration = Duration::from_mins(15);
/// Pieces of a reply that lasts a minute at fifty a second.
const MINUTE: usize = 3_000;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(run());
}

async fn run() {
    let quick = env::var(QUICK).is_ok_and(|value| !value.is_empty() && value != "0");
    let minutes = if quick { 6 } else { 60 };
    let cores = available_parallelism().map_or(0, usize::from);
    println!("The console in Chromium on {cores} cores\n");
    let upstream = Upstream::start().await;
    upstream.set_handler(answer);
    let shop = Shop::new();
    let banto = shop.with(&upstream).await;
    let hour = banto.chat().await;
    let mut figures = Vec::new();
    browse("benchmark", &banto.ready_link, LIMIT, async |step| match step {
        "a long conversation" => {
            let chat = banto.chat().await;
            chat.ask("Question 1.").await;
            chat.ask("Question {n}.").await;
            lengthen(&banto, &chat, 5_000).await;
            chat.rename("The long one").await;
            let path = format!("/c/{}", chat.conversation_id);
            json!({ "path": path, "newest": "Answer 5000.", "title": "The long one" }).to_string()
        }
        "a long plan" => json!({ "path": long_plan(&banto).await }).to_string(),
        "a conversation for an hour" => {
            hour.ask("A minute").await;
            json!({ "path": format!("/c/{}", hour.conversation_id) }).to_string()
        }
        "an hour's stream" => {
            for minute in 1..=minutes {
                hour.ask(&format!("A minute, number {minute}")).await;
            }
            json!({ "pieces": minutes * MINUTE, "newest": format!("number {minutes}") }).to_string()
        }
        told => {
            let told = told.strip_prefix("figure ").unwrap_or_else(|| panic!("the step {told:?}"));
            let figure: Value = serde_json::from_str(told).expect("a figure");
            print(&figure);
            figures.push(figure);
            String::new()
        }
    })
    .await;
    let own = env::current_exe().expect("the program's own path");
    let file = own.ancestors().nth(3).expect("the target directory").join("bench-browser.json");
    let report = json!({ "cores": cores, "quick": quick, "figures": figures });
    fs::write(&file, format!("{report:#}\n")).expect("the target directory can be written to");
    println!("\nall figures: {}", file.display());
}

/// The page of a plan of a megabyte.
async fn long_plan(banto: &Banto) -> String {
    let caller = banto.owner();
    let request = CreateTaskRequest { description: REFUND.into(), ..Default::default() };
    let task_id = caller.tasks().create_task(request).await.granted().task.expect("a task").task_id;
    let file = FileDecision { path: "src/payment/refund.rs".into(), choice: FileChoice::Included.into() };
    let request =
        SelectFilesRequest { task_id: task_id.clone(), decisions: vec![file], ..Default::default() };
    caller.tasks().select_files(request).await.granted();
    let request = GeneratePlanRequest {
        task_id,
        request_id: "long".into(),
        origin: PlanOrigin::Brief.into(),
        ..Default::default()
    };
    let plan_id = caller.plans().generate_plan(request).await.granted().plan.expect("a plan").plan_id;
    let request = SaveRevisionRequest {
        plan_id: plan_id.clone(),
        expected_version: 1,
        text: large_plan().0,
        ..Default::default()
    };
    caller.plans().save_revision(request).await.granted();
    format!("/plans/{plan_id}")
}

fn print(figure: &Value) {
    let number = |name: &str| figure[name].as_f64();
    let text = |name: &str| figure[name].as_str().unwrap_or_default();
    let value = number("value").expect("a value");
    let aim = number("aim").map_or_else(String::new, |aim| {
        format!("at most {aim} {}: {}", text("unit"), if value <= aim { "held" } else { "missed" })
    });
    println!("{:>42}  {value:>9.1} {:<4}  {aim}", text("name"), text("unit"));
}

/// The model: the last message says what it is to be.
fn answer(call: &Exchange) -> Script {
    let request = call.json();
    let asked = request["messages"]
        .as_array()
        .and_then(|all| all.last())
        .map_or("", |it| it["content"].as_str().unwrap_or_default());
    match asked {
        "Warm up" => Script::openai().text("warm").done(),
        "1,500 pieces" => paced(1_500, 5, Duration::from_millis(10)),
        "Talk while I type" => paced(4_000, 2, Duration::from_millis(4)),
        "Question 1." => Script::openai().text("Answer 1.").done(),
        "Question {n}." => Script::openai().text(format!("{}\n\nAnswer {{n}}.", prose().concat())).done(),
        _ => paced(MINUTE, 30, Duration::from_millis(2)),
    }
}

/// A reply of so many pieces, some at a time.
fn paced(pieces: usize, at_once: usize, pause: Duration) -> Script {
    let prose = prose();
    let mut script = Script::openai();
    for (index, piece) in prose.iter().cycle().take(pieces - 1).enumerate() {
        script = script.text(piece);
        if index % at_once == at_once - 1 {
            script = script.delay(pause);
        }
    }
    script.text("\n\nthe last piece").done()
}

/// Markdown in pieces as models write them.
fn prose() -> Vec<String> {
    let text = "## A heading\n\nA piece of prose with **bold words**, `code` and [a link](https://example.com), \
                which goes on for a while, as answers do.\n\n- one thing\n- another thing\n\n```rust\n\
                fn main() {\n    println!(\"hello\");\n}\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n";
    text.chars().collect::<Vec<_>>().chunks(4).map(String::from_iter).collect()
}
