//! A reader that stalls: it delays nobody else, and finds its way back.

use banto_integration_tests::{
    Banto, Caller, Watch,
    upstream::{Exchange, Script, Upstream},
};
use banto_proto::v1::{ResetReason, RunState, conversation_update::Kind};
use futures::future::join_all;
use std::time::Duration;

/// Bytes of one token; together the tokens are more than a reader's credit and
/// all buffers on the way, and less than a reply may have.
const TOKEN: usize = 512;
const TOKENS: usize = 1_500;
const READERS: usize = 4;

/// The times from the upstream's write of a token to its receipt, sorted.
fn transits(watch: &Watch, exchange: &Exchange) -> Vec<Duration> {
    let writes = exchange.writes();
    let transit = |(received, update): &(_, banto_proto::v1::ConversationUpdate)| match &update.kind {
        Some(Kind::Delta(delta)) => {
            let newest = (usize::try_from(delta.offset).expect("an offset") + delta.text.len()) / TOKEN - 1;
            Some(std::time::Instant::saturating_duration_since(received, writes[newest].at))
        }
        _ => None,
    };
    let mut transits: Vec<_> = watch.updates.iter().filter_map(transit).collect();
    transits.sort();
    transits
}

/// Runs one paced turn before the readers, beside a stalled one or not, and
/// returns their 99th percentile.
async fn p99(banto: &Banto, upstream: &Upstream, stalled: bool) -> Duration {
    let chat = banto.chat().await;
    let token = "x".repeat(TOKEN);
    let paced = (0..TOKENS)
        .fold(Script::openai(), |script, _| script.text(&token).delay(Duration::from_millis(2)))
        .done();
    upstream.push(paced);
    let calls = upstream.requests().await.len();
    let mut readers = Vec::new();
    for _ in 0..READERS {
        let caller = banto.caller(&banto.token);
        readers.push(caller.conversation(&chat.conversation_id).watch().await);
    }
    let narrow = Caller::narrow(&banto.url, &banto.token).conversation(&chat.conversation_id);
    let sleeper = if stalled { Some(narrow.watch().await) } else { None };

    let accepted = chat.send("talk").await;
    let ends = join_all(readers.iter_mut().map(|watch| watch.until_turn_ended(accepted.turn_id()))).await;
    assert!(ends.iter().all(|turn| turn.state() == RunState::Completed));
    assert!(readers.iter().all(|watch| watch.resets().is_empty()), "the awake ones kept up");

    if let Some(mut sleeper) = sleeper {
        sleeper.until_turn_ended(accepted.turn_id()).await;
        assert_eq!(sleeper.view, readers[0].view, "it has it all in the end");
        assert!(sleeper.resets().iter().all(|reset| reset.reason() == ResetReason::SlowReader));
        let updates = sleeper.updates.len();
        assert!(updates < readers[0].updates.len(), "{updates} updates were not queued up for it one by one");
    }
    let exchange = upstream.request(calls).await;
    let mut all: Vec<_> = readers.iter().flat_map(|watch| transits(watch, &exchange)).collect();
    all.sort();
    all[all.len() * 99 / 100]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stalled_reader_delays_nobody() {
    let upstream = Upstream::start().await;
    let banto = Banto::with(&upstream).await;
    p99(&banto, &upstream, false).await;
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        without.push(p99(&banto, &upstream, false).await);
        with.push(p99(&banto, &upstream, true).await);
    }
    without.sort();
    with.sort();
    let (without, with) = (without[1], with[1]);
    println!("p99 {with:?} beside a stalled reader, {without:?} alone");
    assert!(with <= without.mul_f64(1.5), "p99 {with:?} beside a stalled reader, {without:?} alone");
}
