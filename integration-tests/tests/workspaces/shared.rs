//! Servers that share a database show the same workspaces.

use super::{
    desk::{Clerk, Folders},
    list::snapshot,
};
use banto_integration_tests::{Answer as _, Banto, Postgres, feed, within};
use banto_proto::v1::{
    SubjectUpdate, UpdateWorkspaceRequest, WorkspacesSubject, WorkspacesUpdate, subject::Subject as Of,
    subject_update, workspaces_update,
};
use tonic::Code;

#[tokio::test]
async fn servers_that_share_a_database_tell_each_other() {
    let (postgres, folders) = (Postgres::shared().await, Folders::new());
    let url = postgres.create_database().await;
    let one = Banto::builder().database(&url).start().await;
    let other = Banto::builder().database(&url).start().await;
    folders.write("shop/a.rs", "a");
    let mut watch =
        other.owner().watch_subjects([feed::named("all", Of::Workspaces(WorkspacesSubject {}))]).await;
    assert_eq!(snapshot(watch.next().await.granted().kind), ["default"]);
    let clerk = Clerk(one.owner());
    let shop = clerk.open(&folders.path("shop")).await;
    let told = |version: u64| {
        let id = shop.workspace_id.clone();
        move |update: &SubjectUpdate| match &update.kind {
            Some(subject_update::Kind::Workspaces(WorkspacesUpdate { kind: Some(kind) })) => match kind {
                workspaces_update::Kind::Upserted(it) => it.workspace_id == id && it.version == version,
                workspaces_update::Kind::Snapshot(it) => {
                    it.workspaces.iter().any(|it| it.workspace_id == id && it.version == version)
                }
                workspaces_update::Kind::Heartbeat(_) => false,
            },
            _ => false,
        }
    };
    watch.until("the other server's new workspace", told(1)).await;
    let make_default = UpdateWorkspaceRequest { is_default: Some(true), ..Default::default() };
    clerk.update(&shop.workspace_id, make_default).await.granted();
    watch.until("its change", told(2)).await;
    assert_eq!(Clerk(other.owner()).get("").await.workspace_id, shop.workspace_id);
    let old = clerk.names(false).await;
    assert_eq!(old, ["shop", "default"]);

    // Both change the same workspace at once, and one sees an old version.
    let rename = |name: &str| UpdateWorkspaceRequest {
        name: Some(name.into()),
        expected_version: 2,
        ..Default::default()
    };
    let second = Clerk(other.owner());
    let (first, second) = futures::join!(
        clerk.update(&shop.workspace_id, rename("one")),
        second.update(&shop.workspace_id, rename("two"))
    );
    assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
    let refused = first.err().or(second.err()).expect("one refusal");
    refused.is(Code::Aborted, "VERSION_CONFLICT").says("current_version", "3");
}

#[tokio::test]
async fn a_folder_that_two_servers_open_at_once_is_one_workspace() {
    let (postgres, folders) = (Postgres::shared().await, Folders::new());
    let url = postgres.create_database().await;
    let servers =
        [Banto::builder().database(&url).start().await, Banto::builder().database(&url).start().await];
    let clerks = servers.each_ref().map(|banto| Clerk(banto.owner()));
    for round in 0..5 {
        let name = format!("shop-{round}");
        folders.write(&format!("{name}/a.rs"), "a");
        let path = folders.path(&name);
        let opened = clerks.iter().cycle().take(10).map(|clerk| clerk.try_open(&path, ""));
        let opened = within("all have opened", futures::future::join_all(opened)).await;
        let new = opened.iter().filter(|it| it.as_ref().is_ok_and(|it| it.opened)).count();
        assert!(opened.iter().all(Result::is_ok) && new == 1, "{opened:?}");
    }
}
