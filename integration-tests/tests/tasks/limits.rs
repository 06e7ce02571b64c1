//! Spend limits and scopes.

use super::desk::{REFUND, Shop, Writer, clever};
use banto_integration_tests::{Answer as _, upstream::Upstream};
use banto_proto::v1::{
    FailureKind, FinderMode, GetPreferencesRequest, RunState, StartFileFinderRequest, TokenScope,
    UpdatePreferencesRequest,
};
use tonic::Code;

const PRICE: &str = "[[prices]]\nprovider = \"openai\"\nmodel = \"test-model\"\ninput = 10.0\n\
                     output = 20.0\nas_of = 2026-11-01";
/// What the clever model's answer costs, in billionths of a dollar.
const CALL: u64 = 100 * 10_000 + 20 * 20_000;

#[tokio::test]
async fn the_spend_limit_of_a_task_stops_before_the_next_call() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    upstream.set_handler(clever);
    let banto = shop.builder().provider("openai", &upstream.base_url()).tables(PRICE).start().await;
    let writer = Writer::of(&banto);
    let preferences = writer.0.settings().get_preferences(GetPreferencesRequest {}).await.granted();
    let mut preferences = preferences.preferences.expect("preferences");
    preferences.task_spend_limit_nano_usd = Some(2 * CALL);
    let request = UpdatePreferencesRequest { preferences: Some(preferences), expected_version: 0 };
    writer.0.settings().update_preferences(request).await.granted();
    let task = writer.task(REFUND).await;
    let ended = writer.found(&task.task_id, FinderMode::Assisted).await;
    let failure = ended.failure.clone().expect("a reason");
    assert_eq!((ended.state(), failure.kind()), (RunState::Failed, FailureKind::SpendLimit), "{ended:#?}");
    assert_eq!(upstream.requests().await.len(), 2);
    let request = StartFileFinderRequest { task_id: task.task_id.clone(), ..Default::default() };
    let _ = writer.try_find(request).await.refused().is(Code::ResourceExhausted, "LIMIT_EXCEEDED");
    let engine = writer.found(&task.task_id, FinderMode::Engine).await;
    assert_eq!(engine.state(), RunState::Completed, "the engine costs nothing");
    let other = writer.task(REFUND).await;
    let begun = writer.found(&other.task_id, FinderMode::Assisted).await;
    assert_eq!(
        begun.usage.and_then(|usage| usage.cost_nano_usd),
        Some(2 * CALL),
        "each task has its own limit"
    );
}

#[tokio::test]
async fn a_reader_may_look_and_nothing_else() {
    let shop = Shop::new();
    let banto = shop.builder().start().await;
    let owner = Writer::of(&banto);
    let task = owner.task(REFUND).await;
    let (_, secret) = owner.0.create_token("reader", TokenScope::Read).await;
    let reader = Writer(banto.caller(&secret));
    assert_eq!(reader.get(&task.task_id).await.0.title, task.title);
    let request = StartFileFinderRequest { task_id: task.task_id, ..Default::default() };
    let _ = reader.try_find(request).await.refused().is(Code::PermissionDenied, "SCOPE_DENIED");
}
