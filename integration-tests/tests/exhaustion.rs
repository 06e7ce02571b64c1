//! A server that runs out of file descriptors: those who are served stay served,
//! and it accepts again when there is room.
#![cfg(target_os = "linux")]

use banto_integration_tests::{Answer as _, Banto, eventually, within};
use banto_proto::v1::ListRuntimesRequest;
use futures::future::join_all;
use tokio::net::TcpStream;

#[tokio::test]
async fn it_accepts_again_after_it_ran_out_of_files() {
    let banto = Banto::guide().await;
    let served = banto.owner();
    served.registry().list_runtimes(ListRuntimesRequest {}).await.granted();
    banto.limit_files(20);
    let address = banto.url.strip_prefix("http://").expect("an address");
    let silent = join_all((0..60).map(|_| TcpStream::connect(address))).await;
    let exhausted = async || banto.log().contains("could not be accepted").then_some(());
    eventually("it runs out of files", exhausted).await;
    within("a call on an open connection", served.registry().list_runtimes(ListRuntimesRequest {}))
        .await
        .granted();
    drop(silent);
    let newcomer = banto.caller(&banto.token);
    let answers = async || newcomer.registry().list_runtimes(ListRuntimesRequest {}).await.ok();
    eventually("a new client is served", answers).await;
}
