//! Turns at once, each in a conversation of its own, stored, and watched twice;
//! beside readers that ask the same upstream directly.

use crate::{
    figures::{Processors, Sample, memory, mib, round},
    upstream::{MODEL, Shape, TOKENS, Upstream, answer, now, stamps},
};
use banto_integration_tests::{Answer as _, Banto, Caller, Companion};
use banto_proto::v1::{
    WatchConversationRequest, WatchConversationResponse, conversation_event, conversation_update::Kind,
};
use futures::future::{join_all, try_join_all};
use serde_json::{Value, json};
use std::time::Duration;
use tonic::{Status, Streaming};

/// Watchers of each turn.
const WATCHERS: usize = 2;
/// Streams on one connection; the server allows 100.
const STREAMS: usize = 100;

/// One row: a shape at a concurrency.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// How tokens come.
    pub shape: Shape,
    /// Turns at once.
    pub turns: usize,
    /// How often.
    pub rounds: usize,
}

/// What the readers of an answer noted, in nanoseconds.
#[derive(Debug, Default)]
struct Notes {
    first: Vec<u64>,
    tokens: Vec<u64>,
    /// From the last token's arrival to that of the turn's end.
    ended: Vec<u64>,
    /// From the call to its acceptance.
    accepted: Vec<u64>,
    messages: usize,
}

impl Notes {
    fn add(&mut self, mut other: Self) {
        self.first.append(&mut other.first);
        self.tokens.append(&mut other.tokens);
        self.ended.append(&mut other.ended);
        self.accepted.append(&mut other.accepted);
        self.messages += other.messages;
    }

    fn take(&mut self, text: &str, at: u64) {
        let transits = stamps(text).map(|written| at.saturating_sub(written));
        self.tokens.extend(transits);
        self.messages += 1;
    }

    /// One reader is done.
    fn close(mut self) -> Self {
        assert_eq!(self.tokens.len(), TOKENS, "every token arrives, once");
        self.first.push(self.tokens[0]);
        self
    }
}

/// The figures of one plan.
#[derive(Debug)]
pub struct Row {
    plan: Plan,
    direct: Figures,
    banto: Figures,
    accepted: Sample,
    ended: Sample,
    tokens_per_message: f64,
    processors: Option<Processors>,
    streaming: Option<Processors>,
    resident_kib: Option<u64>,
}

#[derive(Debug)]
struct Figures {
    first: Sample,
    tokens: Sample,
}

impl Figures {
    fn of(notes: &mut Notes) -> Self {
        let [first, tokens] = [&mut notes.first, &mut notes.tokens].map(std::mem::take).map(Sample::new);
        Self { first, tokens }
    }

    fn json(&self) -> Value {
        json!({"first_delta": self.first.json(), "token_transit": self.tokens.json()})
    }
}

/// Measures one plan. Rounds of both ways alternate, so that what else the
/// machine does touches both.
pub async fn measure(banto: &Banto, upstream: &mut Upstream, plan: Plan) -> Row {
    let (mut direct, mut through) = (Notes::default(), Notes::default());
    let (mut processors, mut streaming) = (Some(Processors::default()), Some(Processors::default()));
    let mut resident_kib = None;
    let client = reqwest::Client::builder().no_proxy().tcp_nodelay(true).build().expect("an HTTP client");
    let callers: Vec<Caller> = (0..(plan.turns * WATCHERS).div_ceil(STREAMS) + 1)
        .map(|_| Caller::new(&banto.url, &banto.token))
        .collect();
    for _ in 0..plan.rounds {
        direct.add(ask_directly(&client, upstream, plan).await);
        let before = Processors::now(banto.pid());
        let (notes, released) = ask_banto(banto, &callers, upstream, plan).await;
        let after = Processors::now(banto.pid());
        through.add(notes);
        let add = |sum: Option<Processors>, from: Option<Processors>| Some(sum?.and(after?.since(from?)));
        processors = add(processors, before);
        streaming = add(streaming, released);
        resident_kib = resident_kib.max(memory(banto.pid()).map(|(resident, _)| resident));
    }
    let tokens_per_message = through.tokens.len() as f64 / through.messages as f64;
    Row {
        plan,
        direct: Figures::of(&mut direct),
        banto: Figures::of(&mut through),
        accepted: Sample::new(through.accepted),
        ended: Sample::new(through.ended),
        tokens_per_message,
        processors,
        streaming,
        resident_kib,
    }
}

async fn ask_directly(client: &reqwest::Client, upstream: &mut Upstream, plan: Plan) -> Notes {
    let url = format!("{}/chat/completions", upstream.base_url());
    let body = json!({"model": MODEL, "stream": true, "messages": [{"role": "user", "content": "count"}]});
    let readers: Vec<_> = (0..plan.turns)
        .map(|_| tokio::spawn(read_directly(client.post(&url).body(body.to_string()))))
        .collect();
    let calls = upstream.collect(plan.turns).await;
    answer(calls, plan.shape).await;
    let mut notes = Notes::default();
    for reader in readers {
        notes.add(reader.await.expect("a reader"));
    }
    notes
}

/// Reads as a careful client does: lines, and the JSON in them.
async fn read_directly(request: reqwest::RequestBuilder) -> Notes {
    let mut response = request.send().await.expect("an answer");
    let (mut notes, mut buffer) = (Notes::default(), Vec::new());
    while let Some(bytes) = response.chunk().await.expect("the answer goes on") {
        buffer.extend_from_slice(&bytes);
        let mut text = String::new();
        while let Some(end) = buffer.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = buffer.drain(..=end).collect();
            let Some(data) = line.strip_prefix(b"data: ") else { continue };
            let event: Value = serde_json::from_slice(data).unwrap_or_default();
            text.push_str(event["choices"][0]["delta"]["content"].as_str().unwrap_or_default());
        }
        if !text.is_empty() {
            notes.take(&text, now());
        }
    }
    notes.close()
}

async fn ask_banto(
    banto: &Banto,
    callers: &[Caller],
    upstream: &mut Upstream,
    plan: Plan,
) -> (Notes, Option<Processors>) {
    let (sender, watchers) = callers.split_first().expect("at least one connection");
    let nobody = sender.companion();
    let chats: Vec<Companion> = join_all((0..plan.turns).map(|_| nobody.another())).await;
    let watch = |(at, chat): (usize, &Companion)| {
        let mut client = watchers[at / STREAMS].conversations();
        let request =
            WatchConversationRequest { conversation_id: chat.conversation_id.clone(), ..Default::default() };
        async move { Ok::<_, Status>(client.watch_conversation(request).await?.into_inner()) }
    };
    let watched = (0..WATCHERS).flat_map(|_| &chats).enumerate().map(watch);
    let mut streams = try_join_all(watched).await.expect("the watches open");
    for stream in &mut streams {
        next(stream).await; // The snapshot.
    }
    let readers: Vec<_> = streams.into_iter().map(|stream| tokio::spawn(read_watch(stream))).collect();
    let sends = chats.iter().cloned().map(|chat| {
        tokio::spawn(async move {
            let begun = now();
            chat.try_send(chat.message("count")).await.granted();
            now() - begun
        })
    });
    let sends: Vec<_> = sends.collect();
    let calls = upstream.collect(plan.turns).await;
    let mut notes = Notes::default();
    for send in sends {
        notes.accepted.push(send.await.expect("a send"));
    }
    // What the acceptance left behind is over before the answers begin.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let released = Processors::now(banto.pid());
    answer(calls, plan.shape).await;
    for reader in readers {
        notes.add(reader.await.expect("a reader"));
    }
    (notes, released)
}

async fn next(stream: &mut Streaming<WatchConversationResponse>) -> Kind {
    let message = stream.message().await.expect("the watch goes on").expect("the watch stays open");
    message.update.and_then(|update| update.kind).expect("an update")
}

async fn read_watch(mut stream: Streaming<WatchConversationResponse>) -> Notes {
    let (mut notes, mut last) = (Notes::default(), 0);
    loop {
        let kind = next(&mut stream).await;
        let at = now();
        match kind {
            Kind::Delta(delta) => {
                notes.take(&delta.text, at);
                last = at;
            }
            Kind::Event(event) => {
                if let Some(conversation_event::Kind::TurnEnded(_)) = event.kind {
                    notes.ended.push(at - last);
                    return notes.close();
                }
            }
            _ => {}
        }
    }
}

impl Row {
    /// The names of the columns.
    pub const COLUMNS: [&str; 13] = [
        "answers",
        "turns",
        "first p50",
        "+p50",
        "first p99",
        "+p99",
        "transit p50",
        "x",
        "transit p99",
        "x",
        "cpu/stream",
        "core",
        "RSS",
    ];

    /// The row of the table, in milliseconds and MiB.
    pub fn cells(&self) -> Vec<String> {
        let ms = |value: f64| format!("{value:.2}");
        let (direct, banto) = (&self.direct, &self.banto);
        let unknown = || "?".to_owned();
        vec![
            self.plan.shape.name().to_owned(),
            self.plan.turns.to_string(),
            ms(banto.first.p50()),
            ms(banto.first.p50() - direct.first.p50()),
            ms(banto.first.p99()),
            ms(banto.first.p99() - direct.first.p99()),
            ms(banto.tokens.p50()),
            format!("{:.1}", banto.tokens.p50() / direct.tokens.p50()),
            ms(banto.tokens.p99()),
            format!("{:.1}", banto.tokens.p99() / direct.tokens.p99()),
            self.cpu_per_stream().map_or_else(unknown, ms),
            self.streaming.map_or_else(unknown, |used| format!("{:.0}%", used.cores()[0] * 100.0)),
            self.resident_kib.map_or_else(unknown, |kib| format!("{:.0}", mib(kib))),
        ]
    }

    fn cpu_per_stream(&self) -> Option<f64> {
        self.processors.map(|used| round(used.banto_ms() / (self.plan.turns * self.plan.rounds) as f64))
    }

    /// What other processes used of a core while tokens streamed.
    pub fn others(&self) -> f64 {
        self.streaming.map_or(0.0, |used| used.cores()[2])
    }

    /// The row of the JSON file.
    pub fn json(&self) -> Value {
        let (direct, banto) = (&self.direct, &self.banto);
        json!({
            "answers": self.plan.shape.name(),
            "turns": self.plan.turns,
            "rounds": self.plan.rounds,
            "direct": direct.json(),
            "banto": banto.json(),
            "added": {
                "first_delta_p50_ms": round(banto.first.p50() - direct.first.p50()),
                "first_delta_p99_ms": round(banto.first.p99() - direct.first.p99()),
                "token_transit_p50_ms": round(banto.tokens.p50() - direct.tokens.p50()),
                "token_transit_p99_ms": round(banto.tokens.p99() - direct.tokens.p99()),
            },
            "ratio": {
                "first_delta_p50": round(banto.first.p50() / direct.first.p50()),
                "first_delta_p99": round(banto.first.p99() / direct.first.p99()),
                "token_transit_p50": round(banto.tokens.p50() / direct.tokens.p50()),
                "token_transit_p99": round(banto.tokens.p99() / direct.tokens.p99()),
            },
            "accepted": self.accepted.json(),
            "last_token_to_turn_ended": self.ended.json(),
            "tokens_per_message": round(self.tokens_per_message),
            "cpu_ms_per_stream": self.cpu_per_stream(),
            "cores_while_streaming": self.streaming.map(|used| {
                let [banto, bench, others] = used.cores();
                json!({"banto": banto, "bench": bench, "others": others})
            }),
            "resident_mib": self.resident_kib.map(mib),
        })
    }
}
