//! Who may call: a walk over the whole API without credentials, with wrong ones
//! and from foreign places; scopes, launch codes, revocation, and abuse.

use banto_integration_tests::{
    Answer as _, Banto, Caller,
    raw::{Answered, Call, Protocol, methods},
};
use banto_proto::v1::{
    CreateTokenRequest, GetPreferencesRequest, ListConversationsRequest, ListRuntimesRequest,
    ListTokensRequest, RevokeTokenRequest, StopWorkerRequest, TokenScope, UpdatePreferencesRequest,
    UpdateWatchRequest,
};
use futures::future::join_all;
use prost_reflect::MethodDescriptor;
use std::time::{Duration, Instant};
use tonic::Code;

/// Makes the same kind of call of every method over every protocol.
async fn walk(call: impl Fn(Protocol, &MethodDescriptor) -> Call, expect: impl Fn(&Answered) -> bool) {
    for protocol in Protocol::ALL {
        for method in methods() {
            let answered = call(protocol, &method).send().await;
            assert!(expect(&answered), "{} over {protocol:?}: {answered:?}", method.full_name());
        }
    }
}

#[tokio::test]
async fn every_method_wants_a_token() {
    let banto = Banto::guide().await;
    let call = |protocol, method: &_| Call::new(protocol, &banto.url, method);
    let unauthenticated = |answered: &Answered| {
        answered.code == Some(Code::Unauthenticated) && answered.content_type.starts_with("application/grpc")
    };
    walk(call, unauthenticated).await;
    walk(|protocol, method| call(protocol, method).token("wrong"), unauthenticated).await;
    walk(|protocol, method| call(protocol, method).token(""), unauthenticated).await;
    let basic = format!("Basic {}", banto.token);
    walk(|protocol, method| call(protocol, method).header("authorization", &basic), unauthenticated).await;
    let cookie = format!("token={0}; authorization={0}", banto.token);
    walk(|protocol, method| call(protocol, method).header("cookie", &cookie), unauthenticated).await;
}

#[tokio::test]
async fn every_method_refuses_foreign_origins_and_hosts() {
    let banto = Banto::guide().await;
    let call = |protocol, method: &_| Call::new(protocol, &banto.url, method).token(&banto.token);
    let other_port = "http://127.0.0.1:1";
    let suffix = format!("{}.evil.example", banto.url);
    let other_scheme = banto.url.replace("http:", "https:");
    for origin in ["https://evil.example", "null", other_port, suffix.as_str(), other_scheme.as_str()] {
        walk(|protocol, method| call(protocol, method).header("origin", origin), Answered::is_forbidden)
            .await;
    }
    walk(|protocol, method| call(protocol, method).rebound(), Answered::is_forbidden).await;

    let conversations =
        banto.owner().conversations().list_conversations(ListConversationsRequest::default()).await;
    assert!(conversations.granted().conversations.is_empty(), "nothing was created by those calls");
    let own = |protocol, method: &_| call(protocol, method).header("origin", &banto.url);
    walk(own, |answered| !answered.is_forbidden()).await;
}

#[tokio::test]
async fn every_method_is_implemented() {
    let banto = Banto::guide().await;
    let call = |protocol, method: &_| Call::new(protocol, &banto.url, method).token(&banto.token);
    let implemented = |answered: &Answered| {
        let broken = [Code::Unimplemented, Code::Unknown, Code::Internal, Code::DataLoss];
        answered.http == 200 && answered.code.is_some_and(|code| !broken.contains(&code))
    };
    walk(call, implemented).await;
}

#[tokio::test]
async fn scopes_allow_what_they_say() {
    let banto = Banto::guide().await;
    let owner = banto.owner();
    let chat = banto.chat().await;
    let worker = owner.companion_worker().await;
    let scoped = async |scope| banto.caller(&owner.create_token("test", scope).await.1);
    let stop = StopWorkerRequest { runtime_id: worker.runtime_id, worker_id: worker.worker_id };
    let denied =
        |refusal: banto_integration_tests::Refusal| refusal.is(Code::PermissionDenied, "SCOPE_DENIED");

    let reader = scoped(TokenScope::Read).await;
    let theirs = reader.conversation(&chat.conversation_id);
    assert!(theirs.transcript().await.items.is_empty());
    theirs.watch().await;
    reader.settings().get_preferences(GetPreferencesRequest {}).await.granted();
    denied(theirs.try_send(theirs.message("hello")).await.refused());
    denied(theirs.delete().await.refused());
    denied(reader.workers().stop_worker(stop.clone()).await.refused());

    for scope in [TokenScope::Chat, TokenScope::Review] {
        let talker = scoped(scope).await;
        talker.conversation(&chat.conversation_id).ask("hello").await;
        denied(talker.workers().stop_worker(stop.clone()).await.refused());
        denied(talker.settings().update_preferences(UpdatePreferencesRequest::default()).await.refused());
        let token = CreateTokenRequest { name: "mine".into(), scope: scope.into(), ..Default::default() };
        denied(talker.settings().create_token(token).await.refused());
    }
    scoped(TokenScope::All).await.workers().stop_worker(stop).await.granted();
}

#[tokio::test]
async fn a_token_is_named_listed_limited_and_revoked() {
    let mut banto = Banto::guide().await;
    let owner = banto.owner();
    let (token_id, secret) = owner.create_token("laptop", TokenScope::Chat).await;
    let listed = owner.settings().list_tokens(ListTokensRequest {}).await.granted().tokens;
    let token = listed.iter().find(|token| token.token_id == token_id).expect("it is listed");
    assert_eq!((token.name.as_str(), token.scope()), ("laptop", TokenScope::Chat));
    assert!(!format!("{listed:?}").contains(&secret), "only the hash is kept");

    let laptop = banto.caller(&secret);
    let chat = laptop.companion().another().await;
    let mut watch = chat.watch().await;
    let revoke = async || {
        let request = RevokeTokenRequest { token_id: token_id.clone() };
        banto.owner().settings().revoke_token(request).await.granted().token.expect("the token")
    };
    let (revoked, begun) = (revoke().await, Instant::now());
    assert!(watch.until_closed().await.is_err(), "its streams end");
    assert!(begun.elapsed() < Duration::from_secs(2), "within a second or so");
    assert_eq!(revoke().await, revoked, "twice changes nothing");
    let refusal = chat.try_send(chat.message("hello")).await.refused();
    refusal.is(Code::Unauthenticated, "UNAUTHENTICATED");

    banto.kill().await;
    banto.restart().await;
    let refusal = banto.caller(&secret).registry().list_runtimes(ListRuntimesRequest {}).await.refused();
    refusal.is(Code::Unauthenticated, "UNAUTHENTICATED");

    let create = async |name: &str, scope: TokenScope, seconds| {
        let lifetime = Some(prost_types::Duration { seconds, nanos: 0 });
        let request =
            CreateTokenRequest { name: name.into(), scope: scope.into(), lifetime, ..Default::default() };
        banto.owner().settings().create_token(request).await
    };
    create("", TokenScope::Read, 60).await.refused().blames("name");
    create("none", TokenScope::Unspecified, 60).await.refused().blames("scope");
    create("short", TokenScope::Read, 1).await.refused().blames("lifetime");
    let token = create("a minute", TokenScope::Read, 60).await.granted().token.expect("the token");
    assert!(token.expires_at.is_some());
}

#[tokio::test]
async fn a_launch_code_is_good_for_one_token() {
    let banto = Banto::guide().await;
    let (_, code) = banto.ready_link.split_once("#launch=").expect("a code in the fragment");
    let trade = async || {
        let caller = Caller::with_authorization(&banto.url, &format!("Launch {code}"));
        let request = CreateTokenRequest {
            name: "console".into(),
            scope: TokenScope::All.into(),
            ..Default::default()
        };
        caller.settings().create_token(request).await
    };
    let launched = Caller::with_authorization(&banto.url, &format!("Launch {code}"));
    let refusal = launched.registry().list_runtimes(ListRuntimesRequest {}).await.refused();
    refusal.is(Code::Unauthenticated, "UNAUTHENTICATED");

    let answers = join_all((0..10).map(|_| trade())).await;
    let (granted, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!((granted.len(), refused.len()), (1, 9), "once, also when ten ask at the same time");
    for refusal in refused {
        refusal.refused().is(Code::Unauthenticated, "UNAUTHENTICATED");
    }
    let secret = granted.into_iter().next().expect("one").granted().secret;
    banto.caller(&secret).registry().list_runtimes(ListRuntimesRequest {}).await.granted();
    let stored = std::fs::read_to_string(banto.data_dir().join("server.json")).expect("server.json");
    assert!(!stored.contains(code) && !banto.log().replace(&banto.ready_link, "").contains(code));
}

#[tokio::test]
async fn a_watch_belongs_to_its_token() {
    let banto = Banto::guide().await;
    let feed = banto.owner().watch_subjects([]).await;
    let (_, secret) = banto.owner().create_token("other", TokenScope::All).await;
    let request = UpdateWatchRequest { watch_id: feed.watch_id.clone(), ..Default::default() };
    let refusal = banto.caller(&secret).feed().update_watch(request).await.refused();
    refusal.is(Code::PermissionDenied, "SCOPE_DENIED");
}

#[tokio::test]
async fn the_owners_token_is_for_the_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let banto = Banto::guide().await;
    for name in ["token", "server.json"] {
        let mode = std::fs::metadata(banto.data_dir().join(name)).expect(name).permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}
