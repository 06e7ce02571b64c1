//! What an installation costs: the start, the memory of a server that does
//! nothing, the binary, and the console's first load.

use crate::{
    figures::{Sample, memory, mib, round},
    upstream::now,
};
use banto_integration_tests::{Banto, binary, raw::browserless};
use reqwest::{Client, Response, header::ACCEPT_ENCODING};
use serde_json::{Value, json};
use std::{fs, time::Duration};
use tonic::transport::Endpoint;
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

/// How long the server rests before its memory is read.
const REST: Duration = Duration::from_secs(3);

/// The figures.
#[derive(Debug)]
pub struct Row {
    started: Sample,
    database_mib: f64,
    idle_kib: Option<u64>,
    binary_bytes: u64,
    console: Vec<File>,
}

/// Starts a server again and again on the database that it has.
pub async fn measure(banto: &mut Banto, starts: usize) -> Row {
    let mut times = Vec::with_capacity(starts);
    for _ in 0..starts {
        banto.terminate().await;
        let begun = now();
        banto.restart().await;
        assert!(is_serving(&banto.url).await, "a server that said it was ready");
        times.push(now() - begun);
    }
    tokio::time::sleep(REST).await;
    let idle_kib = memory(banto.pid()).map(|(resident, _)| resident);
    Row {
        started: Sample::new(times),
        database_mib: database_mib(banto),
        idle_kib,
        binary_bytes: fs::metadata(binary()).expect("the binary").len(),
        console: console(&banto.url).await,
    }
}

async fn is_serving(url: &str) -> bool {
    let channel = Endpoint::from_shared(url.to_owned()).expect("an address").connect().await;
    let mut health = HealthClient::new(channel.expect("a connection"));
    let answer = health.check(HealthCheckRequest::default()).await.expect("an answer").into_inner();
    answer.status() == ServingStatus::Serving
}

fn database_mib(banto: &Banto) -> f64 {
    let files = fs::read_dir(banto.data_dir()).expect("the data directory").flatten();
    let databases = files.filter(|file| file.file_name().to_string_lossy().contains(".db"));
    mib(databases.filter_map(|file| file.metadata().ok()).map(|file| file.len()).sum::<u64>() / 1024)
}

/// A file of the console.
#[derive(Clone, Debug)]
struct File {
    path: String,
    /// Its bytes on the wire.
    gzip: usize,
    /// Whether the page itself names it; the rest is loaded when it is needed.
    is_first: bool,
}

/// Loads the page, the scripts and styles that it names, and all that those name.
/// Empty when the binary has no console.
async fn console(url: &str) -> Vec<File> {
    let client = browserless();
    let mut files: Vec<File> = Vec::new();
    let mut wanted = vec![("/".to_owned(), true)];
    while let Some((path, is_first)) = wanted.pop() {
        if files.iter().any(|file| file.path == path) {
            continue;
        }
        let page = get(&client, &format!("{url}{path}"), "identity").await;
        if !page.status().is_success() {
            assert_eq!(path, "/", "a file that the console names is not there");
            return files;
        }
        let text = page.text().await.expect("a text");
        let packed = get(&client, &format!("{url}{path}"), "gzip").await.bytes().await.expect("a file");
        wanted.extend(named(&text).map(|name| (name, path == "/")));
        files.push(File { path, gzip: packed.len(), is_first });
    }
    files
}

/// The scripts and styles that a file names, as paths.
fn named(text: &str) -> impl Iterator<Item = String> {
    let quoted = text.split(['"', '\'', '`']);
    let files = quoted.filter(|name| [".js", ".css"].iter().any(|extension| name.ends_with(extension)));
    files.filter_map(|name| {
        let (folder, file) = name.rsplit_once('/')?;
        ["/assets", "assets", "."].contains(&folder).then(|| format!("/assets/{file}"))
    })
}

async fn get(client: &Client, url: &str, encoding: &str) -> Response {
    client.get(url).header(ACCEPT_ENCODING, encoding).send().await.expect("an answer")
}

impl Row {
    fn console_kib(&self, wanted: impl Fn(&File) -> bool) -> f64 {
        let bytes: usize = self.console.iter().filter(|file| wanted(file)).map(|file| file.gzip).sum();
        round(bytes as f64 / 1024.0)
    }

    /// The lines of the table.
    pub fn lines(&self) -> Vec<[String; 2]> {
        let load = if self.console.is_empty() {
            "no console in the binary".to_owned()
        } else {
            let [first, all] = [self.console_kib(|file| file.is_first), self.console_kib(|_| true)];
            format!("{first:.0} KiB gzip; every page of it {all:.0} KiB")
        };
        let started = format!("{:.0} ms p50, {:.0} ms at most", self.started.p50(), self.started.at(1.0));
        let idle = self.idle_kib.map_or_else(|| "?".to_owned(), |kib| format!("{:.1} MiB", mib(kib)));
        vec![
            [format!("start to SERVING, database of {:.0} MiB", self.database_mib), started],
            ["idle memory".to_owned(), idle],
            ["binary".to_owned(), format!("{:.1} MiB", self.binary_bytes as f64 / 1_048_576.0)],
            ["first load of the console".to_owned(), load],
        ]
    }

    /// As it stands in the JSON file.
    pub fn json(&self) -> Value {
        json!({
            "start_to_serving": self.started.json(),
            "database_mib": self.database_mib,
            "idle_mib": self.idle_kib.map(mib),
            "binary_bytes": self.binary_bytes,
            "first_load_gzip_kib": self.console_kib(|file| file.is_first),
            "console_gzip_kib": self.console_kib(|_| true),
            "console_files": self.console.iter().map(File::json).collect::<Vec<_>>(),
        })
    }
}

impl File {
    fn json(&self) -> Value {
        json!({"path": self.path, "gzip_bytes": self.gzip, "first_load": self.is_first})
    }
}
