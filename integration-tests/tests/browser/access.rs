//! Who may see the console, and over what.

use super::{browse, says, token, without_steps};
use banto_integration_tests::{
    Answer as _, Banto,
    upstream::{Gate, Script, Upstream},
};
use banto_proto::v1::{ListTokensRequest, RevokeTokenRequest};
use std::net::TcpListener;

#[tokio::test]
async fn plain_http() {
    let (upstream, gate) = (Upstream::start().await, Gate::new());
    upstream.push(Script::openai().text("half ").pause(&gate).text("and whole").done());
    upstream.push(says("Once more"));
    // The name goes with its port, so the port has to be known before.
    let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = free.local_addr().expect("its address");
    drop(free);
    let banto = Banto::builder()
        .provider("openai", &upstream.base_url())
        .set("allowed_hosts", format!("[\"banto.test:{}\"]", address.port()))
        .listen(&address.to_string())
        .start()
        .await;
    browse("plainHttp", &banto.ready_link, async |step| match step {
        "a token" => token(&banto).await,
        _ => {
            gate.open();
            String::new()
        }
    })
    .await;
}

#[tokio::test]
async fn revoked() {
    let banto = Banto::guide().await;
    browse("revoked", &banto.ready_link, async |step| match step {
        "a token" => token(&banto).await,
        _ => {
            let mut settings = banto.owner().settings();
            let tokens = settings.list_tokens(ListTokensRequest::default()).await.granted().tokens;
            let browsers = tokens.into_iter().filter(|token| token.name == "a browser");
            for token in browsers {
                settings.revoke_token(RevokeTokenRequest { token_id: token.token_id }).await.granted();
            }
            String::new()
        }
    })
    .await;
}

#[tokio::test]
async fn launch_later() {
    let banto = Banto::guide().await;
    browse("launchLater", &banto.ready_link, without_steps).await;
}
