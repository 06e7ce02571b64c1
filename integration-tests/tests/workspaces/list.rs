//! Workspaces are opened, closed, granted, watched, and hidden from others.

use super::desk::{Clerk, Folders, text};
use banto_integration_tests::{
    Answer as _, Banto, Refusal, feed, next, sql::Sql, upstream::Upstream, within,
};
use banto_proto::v1::{
    CreateConversationRequest, CreateTokenRequest, GetCompanionRequest, GetTranscriptRequest,
    GetWorkspaceRequest, ListFilesRequest, ListWorkersRequest, SendMessageRequest, TokenScope,
    UpdateWorkspaceRequest, WatchWorkersRequest, Workspace, WorkspacesSubject, WorkspacesUpdate,
    subject::Subject as Of, subject_update, workers_update, workspaces_update,
};
use tonic::Code;

#[tokio::test]
async fn a_folder_is_one_workspace_that_is_closed_and_comes_back() {
    let (banto, folders) = (Banto::guide().await, Folders::new());
    let owner = banto.owner();
    let clerk = Clerk(owner.clone());
    folders.write("shop/a.rs", "a");
    folders.write("other/shop/a.rs", "a");
    let before = clerk.get("").await;
    assert!(before.is_default && before.roots.is_empty() && before.name == "default", "{before:?}");

    let mut workers = owner.workers().watch_workers(WatchWorkersRequest::default()).await.granted();
    next(&mut workers).await;
    let opened = clerk.try_open(&folders.path("shop"), "").await.granted();
    let shop = opened.workspace.expect("it");
    assert!(opened.opened && shop.version == 1 && !shop.is_default);
    let told = next(&mut workers).await.update.and_then(|update| update.kind);
    let Some(workers_update::Kind::Upserted(companion)) = told else {
        panic!("a new Companion, not {told:?}")
    };
    assert_eq!(companion.workspace_id, shop.workspace_id);

    let again = clerk.try_open(&folders.path("shop"), "other name").await.granted();
    assert!(!again.opened && again.workspace.as_ref() == Some(&shop), "{again:?}");
    clerk.try_open(&folders.path("other/shop"), "").await.refused().blames("name");
    let named = clerk.try_open(&folders.path("other/shop"), "Another").await.granted();
    let other = named.workspace.expect("it").workspace_id;
    assert_eq!(clerk.names(false).await, ["default", "Another", "shop"]);

    let send =
        SendMessageRequest { workspace_id: shop.workspace_id.clone(), ..owner.companion().message("hello") };
    let sent = owner.conversations().send_message(send.clone()).await.granted();
    let conversation_id = sent.conversation.expect("it").conversation_id;

    let default = clerk.close(&before.workspace_id).await.refused();
    default.is(Code::FailedPrecondition, "WORKSPACE_IN_USE");
    let closed = clerk.close(&shop.workspace_id).await.granted();
    assert!(closed.closed_at.is_some() && closed.version == 2);
    assert_eq!(clerk.close(&shop.workspace_id).await.granted(), closed, "closed once");
    assert_eq!(clerk.names(false).await, ["default", "Another"]);
    assert_eq!(clerk.names(true).await, ["default", "Another", "shop"]);
    assert_eq!(clerk.get(&shop.workspace_id).await, closed);

    // No new work, but what was is read.
    let gone = |refusal: Refusal| refusal.is(Code::NotFound, "WORKSPACE_NOT_FOUND");
    let again = SendMessageRequest { client_message_id: "new".into(), ..send.clone() };
    gone(owner.conversations().send_message(again).await.refused());
    let again = SendMessageRequest {
        conversation_id: conversation_id.clone(),
        client_message_id: "newer".into(),
        workspace_id: String::new(),
        ..send
    };
    gone(owner.conversations().send_message(again).await.refused());
    let create = CreateConversationRequest { workspace_id: shop.workspace_id.clone(), ..Default::default() };
    gone(owner.conversations().create_conversation(create.clone()).await.refused());
    gone(
        clerk
            .page(ListFilesRequest { workspace_id: shop.workspace_id.clone(), ..Default::default() })
            .await
            .refused(),
    );
    gone(clerk.try_read(&shop.workspace_id, "a.rs").await.refused());
    gone(clerk.update(&shop.workspace_id, UpdateWorkspaceRequest::default()).await.refused());
    gone(clerk.close(&uuid::Uuid::now_v7().to_string()).await.refused());
    let page = GetTranscriptRequest { conversation_id, ..Default::default() };
    assert!(!owner.conversations().get_transcript(page).await.granted().items.is_empty());

    let back = clerk.try_open(&folders.path("shop"), "").await.granted();
    let reopened = back.workspace.expect("it");
    assert!(back.opened && reopened.closed_at.is_none() && reopened.version == 3);
    assert_eq!(reopened.workspace_id, shop.workspace_id);
    owner.conversations().create_conversation(create).await.granted();
    let get = GetCompanionRequest { workspace_id: shop.workspace_id.clone() };
    let same = owner.conversations().get_companion(get).await.granted().companion.expect("it");
    assert_eq!(same.worker_id, companion.worker_id);

    // A name that was taken meanwhile is asked for again.
    clerk.close(&shop.workspace_id).await.granted();
    let rename = UpdateWorkspaceRequest { name: Some("shop".into()), ..Default::default() };
    clerk.update(&other, rename).await.granted();
    clerk.try_open(&folders.path("shop"), "").await.refused().blames("name");
    assert_eq!(
        clerk.try_open(&folders.path("shop"), "old shop").await.granted().workspace.expect("it").name,
        "old shop"
    );
}

#[tokio::test]
async fn a_workspace_is_not_closed_while_a_workflow_runs() {
    let (mut banto, folders) = (Banto::guide().await, Folders::new());
    folders.write("shop/a.rs", "a");
    let id = Clerk(banto.owner()).open(&folders.path("shop")).await.workspace_id;
    banto.terminate().await;
    let database = Sql::of(&banto).await;
    let workspace = id.replace('-', "");
    let columns = "id, workspace_id, task_id, description_version, state, mode, mode_reason, max_relevant, \
                   max_extended, added_count, message, epoch, head_sequence, cancel_requested, created_at";
    let values = format!(
        "randomblob(16), x'{workspace}', randomblob(16), 1, 'running', 'engine', '', 1, 1, 0, '', \
         randomblob(16), 0, FALSE, '2026-01-01 00:00:00'"
    );
    database.run(&format!("INSERT INTO workflows ({columns}) VALUES ({values})")).await;
    banto.restart().await;
    let clerk = Clerk(banto.owner());
    clerk.close(&id).await.refused().is(Code::FailedPrecondition, "WORKSPACE_IN_USE");
    database.run("UPDATE workflows SET state = 'completed'").await;
    clerk.close(&id).await.granted();
    database.close().await;
}

#[tokio::test]
async fn edits_of_an_old_version_are_refused_and_there_is_one_default() {
    let (banto, folders) = (Banto::guide().await, Folders::new());
    let clerk = Clerk(banto.owner());
    folders.write("shop/a.rs", "a");
    let shop = clerk.open(&folders.path("shop")).await;
    let rename = |name: &str, expected_version| UpdateWorkspaceRequest {
        name: Some(name.into()),
        expected_version,
        ..Default::default()
    };
    let first = clerk.update(&shop.workspace_id, rename("Shop", 1)).await.granted();
    assert_eq!((first.name.as_str(), first.version), ("Shop", 2));
    let refused = clerk.update(&shop.workspace_id, rename("Mine", 1)).await.refused();
    refused.is(Code::Aborted, "VERSION_CONFLICT").says("current_version", "2");
    let same = clerk.update(&shop.workspace_id, rename("Shop", 2)).await.granted();
    assert_eq!(same.version, 2, "nothing changed");
    clerk.update(&shop.workspace_id, rename("", 0)).await.refused().blames("name");
    clerk.update(&shop.workspace_id, rename(&"x".repeat(101), 0)).await.refused().blames("name");
    clerk.update(&shop.workspace_id, rename("default", 0)).await.refused().blames("name");

    let make_default = UpdateWorkspaceRequest { is_default: Some(true), ..Default::default() };
    assert!(clerk.update(&shop.workspace_id, make_default.clone()).await.granted().is_default);
    assert_eq!(clerk.get("").await.workspace_id, shop.workspace_id);
    assert_eq!(clerk.names(false).await, ["Shop", "default"]);
    let again = clerk.update("", make_default).await.granted();
    assert_eq!((again.version, again.is_default), (3, true));
}

#[tokio::test]
async fn consent_is_given_seen_and_taken_back() {
    let (upstream, folders) = (Upstream::start().await, Folders::new());
    let banto = Banto::with(&upstream).await;
    let clerk = Clerk(banto.owner());
    folders.write("shop/a.rs", "a");
    let id = clerk.open(&folders.path("shop")).await.workspace_id;
    assert!(clerk.get(&id).await.grants.is_empty());
    let granted = clerk.grant(&id, "openai", false).await.granted();
    let [grant] = granted.grants.as_slice() else { panic!("one grant, not {granted:?}") };
    assert_eq!((grant.provider_id.as_str(), grant.granted_by.as_str()), ("openai", "owner"));
    assert!(grant.granted_at.is_some() && granted.version == 2);
    assert_eq!(clerk.grant(&id, "openai", false).await.granted(), granted, "granted once");
    assert!(clerk.get("").await.grants.is_empty(), "each workspace has its own");
    clerk.grant(&id, "nobody", false).await.refused().is(Code::NotFound, "PROVIDER_NOT_FOUND");
    clerk.grant(&id, "", false).await.refused().blames("provider_id");
    let revoked = clerk.grant(&id, "openai", true).await.granted();
    assert!(revoked.grants.is_empty() && revoked.version == 3);
    assert_eq!(clerk.grant(&id, "openai", true).await.granted(), revoked);

    let database = Sql::of(&banto).await;
    let entries = |action: &str| {
        format!("SELECT count(*) FROM audit_entries WHERE action = '{action}' AND actor = 'owner'")
    };
    for action in ["workspace.open", "workspace.grant", "workspace.revoke"] {
        assert_eq!(database.number(&entries(action)).await, 1, "{action}");
    }
    database.close().await;
}

#[tokio::test]
async fn a_token_of_one_workspace_sees_and_opens_no_other() {
    let (banto, folders) = (Banto::guide().await, Folders::new());
    let clerk = Clerk(banto.owner());
    folders.write("shop/a.rs", "a");
    folders.write("other/a.rs", "other");
    let shop = clerk.open(&folders.path("shop")).await.workspace_id;
    let other = clerk.open(&folders.path("other")).await.workspace_id;
    let request = CreateTokenRequest {
        name: "limited".into(),
        scope: TokenScope::All.into(),
        workspace_ids: vec![shop.clone()],
        ..Default::default()
    };
    let secret = banto.owner().settings().create_token(request).await.granted().secret;
    let limited = Clerk(banto.caller(&secret));

    assert_eq!(
        (limited.names(true).await, limited.get("").await.workspace_id),
        (vec!["shop".to_owned()], shop.clone())
    );
    let hidden = |refusal: Refusal| refusal.is(Code::NotFound, "WORKSPACE_NOT_FOUND");
    let get = GetWorkspaceRequest { workspace_id: other.clone() };
    hidden(limited.0.workspaces().get_workspace(get).await.refused());
    hidden(limited.try_read(&other, "a.rs").await.refused());
    hidden(
        limited.page(ListFilesRequest { workspace_id: other.clone(), ..Default::default() }).await.refused(),
    );
    hidden(limited.close(&other).await.refused());
    hidden(limited.grant(&other, "openai", false).await.refused());
    let rename = UpdateWorkspaceRequest { name: Some("mine".into()), ..Default::default() };
    hidden(limited.update(&other, rename.clone()).await.refused());

    let denied = |refusal: Refusal| refusal.is(Code::PermissionDenied, "SCOPE_DENIED");
    denied(limited.try_open(&folders.path("other"), "").await.refused());
    let widen =
        UpdateWorkspaceRequest { add_root_paths: vec![text(&folders.path("other"))], ..Default::default() };
    denied(limited.update(&shop, widen).await.refused());
    let make_default = UpdateWorkspaceRequest { is_default: Some(true), ..Default::default() };
    denied(limited.update(&shop, make_default).await.refused());

    let mut watch =
        limited.0.watch_subjects([feed::named("all", Of::Workspaces(WorkspacesSubject {}))]).await;
    let first = watch.next().await.granted();
    assert_eq!(snapshot(first.kind), ["shop"]);
    clerk
        .update(&other, UpdateWorkspaceRequest { name: Some("secret".into()), ..Default::default() })
        .await
        .granted();
    assert_eq!(limited.update(&shop, rename).await.granted().name, "mine");
    let told = watch.next().await.granted();
    assert_eq!(upserted(told.kind).name, "mine", "and nothing of the other before it");
}

pub fn snapshot(kind: Option<subject_update::Kind>) -> Vec<String> {
    match kind {
        Some(subject_update::Kind::Workspaces(WorkspacesUpdate {
            kind: Some(workspaces_update::Kind::Snapshot(snapshot)),
        })) => snapshot.workspaces.into_iter().map(|workspace| workspace.name).collect(),
        other => panic!("a snapshot, not {other:?}"),
    }
}

fn upserted(kind: Option<subject_update::Kind>) -> Workspace {
    match kind {
        Some(subject_update::Kind::Workspaces(WorkspacesUpdate {
            kind: Some(workspaces_update::Kind::Upserted(workspace)),
        })) => workspace,
        other => panic!("a workspace, not {other:?}"),
    }
}

#[tokio::test]
async fn the_list_of_workspaces_is_watched() {
    let (banto, folders) = (Banto::guide().await, Folders::new());
    let clerk = Clerk(banto.owner());
    folders.write("shop/a.rs", "a");
    let mut watch = clerk.0.watch_subjects([feed::named("all", Of::Workspaces(WorkspacesSubject {}))]).await;
    assert_eq!(snapshot(watch.next().await.granted().kind), ["default"]);
    let opened = clerk.open(&folders.path("shop")).await;
    assert_eq!(upserted(watch.next().await.granted().kind), opened);
    let make_default = UpdateWorkspaceRequest { is_default: Some(true), ..Default::default() };
    clerk.update(&opened.workspace_id, make_default).await.granted();
    let (before, now) =
        (upserted(watch.next().await.granted().kind), upserted(watch.next().await.granted().kind));
    assert_eq!((before.name.as_str(), before.is_default, before.version), ("default", false, 2));
    assert_eq!((now.name.as_str(), now.is_default, now.version), ("shop", true, 2));
    clerk.close(&before.workspace_id).await.granted();
    let closed = upserted(watch.next().await.granted().kind);
    assert!(closed.closed_at.is_some() && closed.workspace_id == before.workspace_id);
}

#[tokio::test]
async fn a_later_start_opens_the_folder_that_its_flag_names() {
    let folders = Folders::new();
    folders.write("one/a.rs", "one");
    folders.write("two/b.rs", "two");
    let data = folders.path("data");
    let start = async |name: &str| {
        let folder = text(&folders.path(name));
        Banto::builder().data_dir(&data).flag("--workspace").flag(&folder).start().await
    };
    let mut banto = start("one").await;
    let one = Clerk(banto.owner()).get("").await;
    assert_eq!((one.name.as_str(), one.version), ("one", 1));
    banto.terminate().await;
    let mut banto = start("two").await;
    let clerk = Clerk(banto.owner());
    assert_eq!(clerk.names(false).await, ["two", "one"]);
    let workers = banto.owner().workers().list_workers(ListWorkersRequest::default()).await.granted().workers;
    assert_eq!(workers.len(), 2);
    banto.terminate().await;
    let mut banto = start("one").await;
    assert_eq!(Clerk(banto.owner()).get("").await.workspace_id, one.workspace_id);
    banto.terminate().await;

    // A setting opens it, but leaves the default as people chose it.
    let setting = format!("{:?}", text(&folders.path("two")));
    let mut banto = Banto::builder().data_dir(&data).set("workspace", setting).start().await;
    assert_eq!(Clerk(banto.owner()).names(false).await, ["one", "two"]);
    banto.terminate().await;
    // A disk that is not there keeps nobody from the others.
    let banto = start("none").await;
    assert_eq!(Clerk(banto.owner()).names(false).await, ["one", "two"]);
}

#[tokio::test]
async fn roots_of_an_older_database_are_read() {
    let (mut banto, folders) = (Banto::guide().await, Folders::new());
    folders.write("shop/a.rs", "a");
    banto.terminate().await;
    let database = Sql::of(&banto).await;
    let roots = format!("[{:?}]", text(&folders.path("shop")));
    database.run(&format!("UPDATE workspaces SET roots = '{roots}'")).await;
    database.close().await;
    banto.restart().await;
    let clerk = Clerk(banto.owner());
    assert_eq!(clerk.get("").await.roots[0].name, "shop");
    assert_eq!(clerk.read("", "a.rs").await.text, "a");
    assert!(!clerk.try_open(&folders.path("shop"), "").await.granted().opened);
}

#[tokio::test]
async fn many_ask_at_once() {
    let (banto, folders) = (Banto::guide().await, Folders::new());
    let clerk = Clerk(banto.owner());
    folders.write("shop/a.rs", "a");
    let path = folders.path("shop");
    let opened = futures::future::join_all((0..20).map(|_| clerk.try_open(&path, "")));
    let opened = within("all have opened", opened).await;
    let new = opened.iter().filter(|it| it.as_ref().is_ok_and(|it| it.opened)).count();
    assert!(opened.iter().all(Result::is_ok) && new == 1, "{opened:?}");
    let id = clerk.open(&path).await.workspace_id;
    let listed = futures::future::join_all((0..50).map(|_| clerk.paths(&id)));
    assert!(within("all have listed", listed).await.iter().all(|paths| paths == &["a.rs"]));
}
