//! Plans that a model writes: from the last thing that the upstream says to the
//! committed end, beside a client that reads the same upstream directly; and what the
//! server needs while many are written at once.

use crate::figures::{Sample, memory, mib, round};
use banto_integration_tests::{
    Answer as _, Caller,
    shop::{REFUND, Shop},
    upstream::{Gate, Script, Upstream},
};
use banto_proto::v1::{
    CreateTaskRequest, FileChoice, FileDecision, GeneratePlanRequest, SelectFilesRequest, WatchPlanRequest,
    WatchPlanResponse, plan_event, plan_update::Kind,
};
use futures::future::join_all;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tonic::Streaming;

/// Bytes of a piece of text.
const PIECE: usize = 512;

/// Plans of a size at a concurrency.
#[derive(Debug)]
pub struct Row {
    bytes: usize,
    at_once: usize,
    direct: Sample,
    banto: Sample,
    before_kib: Option<u64>,
    during_kib: Option<u64>,
}

impl Row {
    /// What the columns are called.
    pub const COLUMNS: [&str; 6] =
        ["plans", "end direct p50", "end p50", "end p99", "memory before", "memory during"];

    /// One line.
    pub fn cells(&self) -> Vec<String> {
        let kib = |kib: Option<u64>| kib.map_or_else(|| "?".to_owned(), |kib| format!("{:.1}", mib(kib)));
        vec![
            format!("{} x {} KB", self.at_once, self.bytes / 1_000),
            format!("{:.2}", self.direct.p50()),
            format!("{:.2}", self.banto.p50()),
            format!("{:.2}", self.banto.p99()),
            kib(self.before_kib),
            kib(self.during_kib),
        ]
    }

    /// As it stands in the JSON file.
    pub fn json(&self) -> Value {
        json!({
            "bytes": self.bytes,
            "at_once": self.at_once,
            "end_direct": self.direct.json(),
            "end": self.banto.json(),
            "memory_before_mib": self.before_kib.map(mib),
            "memory_during_mib": self.during_kib.map(mib),
            "added_p50_ms": round(self.banto.p50() - self.direct.p50()),
        })
    }
}

/// Measures each size and concurrency in a server of its own.
pub async fn measure(bytes: usize, at_once: usize, rounds: usize) -> Row {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    let banto = shop.with(&upstream).await;
    let caller = banto.owner();
    let task = task(&caller).await;
    let text = document(bytes);
    let (mut direct, mut through) = (Vec::new(), Vec::new());
    let before_kib = memory(banto.pid()).map(|(resident, _)| resident);
    let mut during_kib = None;
    for round in 0..rounds {
        let gate = prepare(&upstream, &text, 1);
        direct.push(read_directly(&upstream, text.len(), &gate).await);
        let gate = prepare(&upstream, &text, at_once);
        // Each is read from its beginning: what lies unread in one holds up the others
        // of the connection.
        let begun = (0..at_once).map(async |place| {
            let mut watch = begin(&caller, &task, format!("{round}-{place}")).await;
            watch.until(text.len()).await;
            watch
        });
        let mut watches = join_all(begun).await;
        during_kib = during_kib.max(memory(banto.pid()).map(|(resident, _)| resident));
        let opened = Instant::now();
        gate.open();
        let ends = join_all(watches.iter_mut().map(Writing::ended)).await;
        through.extend(ends.into_iter().map(|ended| nanos(ended - opened)));
    }
    drop(banto);
    Row { bytes, at_once, direct: Sample::new(direct), banto: Sample::new(through), before_kib, during_kib }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

async fn task(caller: &Caller) -> String {
    let create = CreateTaskRequest { description: REFUND.into(), ..Default::default() };
    let task = caller.tasks().create_task(create).await.granted().task.expect("a task").task_id;
    let file = FileDecision { path: "src/payment/refund.rs".into(), choice: FileChoice::Included.into() };
    let select = SelectFilesRequest { task_id: task.clone(), decisions: vec![file], ..Default::default() };
    caller.tasks().select_files(select).await.granted();
    task
}

/// A whole plan of about so many bytes.
fn document(bytes: usize) -> String {
    let mut text = String::from("<implementation_plan><steps>");
    let code = "if queue.len() < limit && !queue.is_closed() {\n    queue.push(item)?;\n}\n".repeat(30);
    let mut number = 0;
    while text.len() < bytes {
        number += 1;
        text.push_str(&format!(
            "<plan_step number=\"{number}\"><title>Step {number}</title><description>So.</description><file_operations><operation type=\"create\" path=\"src/new_{number}.rs\"><changes><![CDATA[{code}]]></changes></operation></file_operations></plan_step>\n"
        ));
    }
    text.push_str("</steps></implementation_plan>\n");
    text
}

/// Answers of which only the end is missing until the gate opens.
fn prepare(upstream: &Upstream, text: &str, count: usize) -> Gate {
    let gate = Gate::new();
    let pieces: Vec<&str> =
        text.as_bytes().chunks(PIECE).filter_map(|piece| str::from_utf8(piece).ok()).collect();
    for _ in 0..count {
        upstream.push(Script::openai().texts(pieces.clone()).pause(&gate).usage(1, 1).done());
    }
    gate
}

/// From the opened gate to the end of the answer, for a client without Banto.
async fn read_directly(upstream: &Upstream, bytes: usize, gate: &Gate) -> u64 {
    let client = reqwest::Client::builder().no_proxy().tcp_nodelay(true).build().expect("an HTTP client");
    let body =
        json!({"model": "test-model", "stream": true, "messages": [{"role": "user", "content": "plan"}]});
    let url = format!("{}/chat/completions", upstream.base_url());
    let mut response = client.post(url).body(body.to_string()).send().await.expect("an answer");
    let mut read = 0;
    // Each event is longer than its text, so by then all of the text is here.
    while read < bytes {
        read += response.chunk().await.expect("it goes on").map_or(bytes, |chunk| chunk.len());
    }
    gate.reached().await;
    let opened = Instant::now();
    gate.open();
    while response.chunk().await.expect("it goes on").is_some() {}
    nanos(opened.elapsed())
}

/// A plan that is being written, as its watcher has it.
struct Writing {
    stream: Streaming<WatchPlanResponse>,
    length: usize,
}

async fn begin(caller: &Caller, task: &str, request_id: String) -> Writing {
    let request = GeneratePlanRequest { task_id: task.into(), request_id, ..Default::default() };
    let plan = caller.plans().generate_plan(request).await.granted().plan.expect("a plan");
    let request = WatchPlanRequest { plan_id: plan.plan_id, ..Default::default() };
    Writing { stream: caller.plans().watch_plan(request).await.granted(), length: 0 }
}

impl Writing {
    async fn next(&mut self) -> Kind {
        let answer = self.stream.message().await.expect("it goes on").expect("an update");
        answer.update.and_then(|update| update.kind).expect("an update")
    }

    async fn until(&mut self, bytes: usize) {
        while self.length < bytes {
            match self.next().await {
                Kind::Snapshot(snapshot) => self.length = snapshot.active_text.len(),
                Kind::Delta(delta) => {
                    self.length = usize::try_from(delta.offset).unwrap_or_default() + delta.text.len();
                }
                _ => {}
            }
        }
    }

    async fn ended(&mut self) -> Instant {
        loop {
            if let Kind::Event(event) = self.next().await
                && matches!(event.kind, Some(plan_event::Kind::RevisionEnded(_)))
            {
                return Instant::now();
            }
        }
    }
}
