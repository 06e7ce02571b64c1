//! TLS: the typed client, the command line and the console over https, and what
//! is refused where it is missing.

use banto_integration_tests::{Answer as _, Banto, Caller, within};
use banto_proto::v1::ListRuntimesRequest;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::path::PathBuf;
use tempfile::TempDir;

/// A certificate for 127.0.0.1, its key, and the authority that signed it.
struct Papers {
    folder: TempDir,
    authority: String,
}

impl Papers {
    fn new() -> Self {
        let key = || KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new([]).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, key()).expect("an authority");
        let own = key();
        let params = CertificateParams::new(["127.0.0.1".to_owned()]).expect("parameters");
        let certificate = params.signed_by(&own, &authority).expect("a certificate");
        let papers = Self { folder: tempfile::tempdir().expect("a folder"), authority: authority.pem() };
        for (name, pem) in
            [("cert", certificate.pem()), ("key", own.serialize_pem()), ("authority", authority.pem())]
        {
            std::fs::write(papers.file(name), pem).expect("a file");
        }
        papers
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.pem"))
    }

    async fn server(&self) -> Banto {
        let flag = |name: &str, file| format!("--tls-{name}={}", self.file(file).display());
        Banto::builder().flag(&flag("cert", "cert")).flag(&flag("key", "key")).start().await
    }
}

#[tokio::test]
async fn everything_is_served_over_tls() {
    let papers = Papers::new();
    let mut banto = papers.server().await;
    assert!(banto.ready_link.starts_with("https://127.0.0.1:"), "{}", banto.ready_link);
    assert!(banto.read("server.json").contains(&format!("\"{}\"", banto.url)), "commands find it");

    let owner = Caller::trusting(&banto.url, &banto.token, &papers.authority);
    let chat = owner.companion().another().await;
    let mut watch = chat.watch().await;
    let accepted = chat.send("hello").await;
    watch.until_turn_ended(accepted.turn_id()).await;
    assert_eq!(watch.view, chat.watch().await.view);

    let authority = reqwest::Certificate::from_pem(papers.authority.as_bytes()).expect("PEM");
    let client = || reqwest::Client::builder().no_proxy().tls_certs_only([authority.clone()]);
    let page = async |client: reqwest::ClientBuilder| {
        let sent = client.build().expect("a client").get(&banto.url).send();
        within("the console over TLS", sent).await
    };
    let chosen = page(client()).await.expect("an answer");
    assert_eq!((chosen.status().as_u16(), chosen.version()), (200, http::Version::HTTP_2), "by ALPN");
    let stranger = page(reqwest::Client::builder().no_proxy()).await;
    assert!(stranger.expect_err("nobody vouches for it").is_connect());

    let ended = banto.terminate().await;
    assert!(ended.status.success(), "{}", ended.status);
}

#[tokio::test]
async fn plain_http_gets_nothing_from_a_tls_port() {
    let papers = Papers::new();
    let banto = papers.server().await;
    let plain = banto.url.replace("https:", "http:");
    let request = banto_integration_tests::raw::browserless().get(&plain);
    assert!(within("an end of plain HTTP", request.send()).await.is_err(), "no answer in the clear");
    let call = Caller::new(&plain, &banto.token);
    let mut registry = call.registry();
    let refused = within("an end of plain h2c", registry.list_runtimes(ListRuntimesRequest {})).await;
    assert_eq!(refused.refused().reason, "", "the connection ends, Banto does not speak");
    let owner = Caller::trusting(&banto.url, &banto.token, &papers.authority);
    owner.registry().list_runtimes(ListRuntimesRequest {}).await.granted();
}

#[tokio::test]
async fn commands_reach_a_tls_server_with_its_authority() {
    let papers = Papers::new();
    let banto = papers.server().await;
    let authority = papers.file("authority").display().to_string();
    let workers = banto.command(["workers", "--server", &banto.url, "--tls-ca", &authority]).output().await;
    assert!(workers.status.success(), "{}", String::from_utf8_lossy(&workers.stderr));
    assert!(String::from_utf8_lossy(&workers.stdout).contains("companion@backend-internal"));
    let said = banto.command(["chat", "--tls-ca", &authority, "hello"]).output().await;
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));

    let stranger = banto.command(["workers"]).output().await;
    assert_eq!(stranger.status.code(), Some(4), "without the authority there is no server to trust");
    let key = papers.file("key").display().to_string();
    let mistaken = banto.command(["workers", "--tls-ca", &key]).output().await;
    let complaint = String::from_utf8_lossy(&mistaken.stderr).into_owned();
    assert!(mistaken.status.code() == Some(2) && complaint.contains("--tls-ca"), "{complaint}");
    assert!(!complaint.contains("PRIVATE KEY"), "it does not quote the file");
}

#[tokio::test]
async fn an_address_for_others_wants_tls_or_a_word_for_it() {
    let open = || Banto::builder().listen("0.0.0.0:0");
    let refused = open().try_start().await.expect_err("tokens in the clear");
    assert_eq!(refused.status.code(), Some(2));
    for word in ["listen", "tls_cert", "allow_insecure_bind"] {
        assert!(refused.log.contains(word), "{word}: {}", refused.log);
    }
    // Behind a proxy that ends TLS.
    let banto = open().flag("--allow-insecure-bind").start().await;
    banto.owner().registry().list_runtimes(ListRuntimesRequest {}).await.granted();

    let papers = Papers::new();
    let cert = format!("--tls-cert={}", papers.file("cert").display());
    let half = Banto::builder().flag(&cert).try_start().await.expect_err("a certificate without its key");
    assert!(half.status.code() == Some(2) && half.log.contains("tls_key"), "{}", half.log);
    let missing = format!("--tls-key={}", papers.file("missing").display());
    let missing = Banto::builder().flag(&cert).flag(&missing).try_start().await.expect_err("no such key");
    assert!(missing.log.contains("tls_key"), "{}", missing.log);
    let wrong = format!("--tls-key={}", papers.file("authority").display());
    let wrong = Banto::builder().flag(&cert).flag(&wrong).try_start().await.expect_err("not a key");
    assert!(!wrong.status.success() && wrong.log.contains("tls"), "{}", wrong.log);
}
