//! The real server as a child process.

use crate::{Caller, Command, Companion, command::Log, upstream::Upstream, within};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs::Permissions,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::ExitStatus,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::{process::Child, sync::oneshot};

/// The key of each provider that [`Builder::provider`] configures. No output
/// of the server may ever hold it.
pub const CANARY_KEY: &str = "sk-canary-3f9d1c77b2";

/// Where a debug build is to fail.
const FAIL_POINT: &str = "BANTO_FAIL_POINT";

/// Names the file that sets the clock of a debug build.
const CLOCK: &str = "BANTO_CLOCK";

/// The model of each of those providers.
pub const MODEL: &str = "test-model";

/// What a server is started with. Each setter adds or replaces one thing.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    settings: BTreeMap<String, String>,
    tables: String,
    env: BTreeMap<String, String>,
    flags: Vec<String>,
    listen: Option<String>,
    data_dir: Option<PathBuf>,
}

impl Builder {
    /// Sets a key of `banto.toml`, such as `timeouts.idle_ms`, to a TOML value.
    #[must_use]
    pub fn set(mut self, key: &str, value: impl ToString) -> Self {
        self.settings.insert(key.into(), value.to_string());
        self
    }

    /// Appends tables, such as `[[prices]]`, to `banto.toml`.
    #[must_use]
    pub fn tables(mut self, toml: &str) -> Self {
        self.tables.push_str(toml);
        self.tables.push('\n');
        self
    }

    /// Adds the provider `openai`, `anthropic` or `gemini`, which speaks that wire
    /// format, with [`CANARY_KEY`] as its key.
    #[must_use]
    pub fn provider(self, id: &str, base_url: &str) -> Self {
        let wire_format = if id == "openai" { "openai_chat" } else { id };
        self.tables(&format!(
            "[[providers]]\nid = \"{id}\"\nwire_format = \"{wire_format}\"\n\
             base_url = \"{base_url}\"\napi_key = \"{CANARY_KEY}\"\nmodel = \"{MODEL}\""
        ))
    }

    /// Keeps its rows in the database at `url` instead of SQLite.
    #[must_use]
    pub fn database(self, url: &str) -> Self {
        self.set("database_url", format!("\"{url}\""))
    }

    /// Adds an environment variable; nothing else is inherited but `PATH`.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.into(), value.into());
        self
    }

    /// Crashes or panics the server at a named place, such as `turn.text:abort@3`:
    /// when a reply's third piece of text arrives. Debug builds only.
    #[must_use]
    pub fn fail_at(self, point: &str) -> Self {
        self.env(FAIL_POINT, point)
    }

    /// Lets [`Banto::set_clock`] set the server's clock. Debug builds only.
    #[must_use]
    pub fn with_clock(self) -> Self {
        self.env(CLOCK, "")
    }

    /// Adds a flag of `banto serve`.
    #[must_use]
    pub fn flag(mut self, flag: &str) -> Self {
        self.flags.push(flag.into());
        self
    }

    /// Listens there instead of on a free port of the loopback address.
    #[must_use]
    pub fn listen(mut self, address: &str) -> Self {
        self.listen = Some(address.into());
        self
    }

    /// Keeps its data there instead of in a fresh directory.
    #[must_use]
    pub fn data_dir(mut self, path: &Path) -> Self {
        self.data_dir = Some(path.into());
        self
    }

    /// Starts a server and waits for its ready link.
    pub async fn start(self) -> Banto {
        let banto = self.try_start().await;
        banto.unwrap_or_else(|refused| panic!("banto did not start ({}):\n{}", refused.status, refused.log))
    }

    /// Starts a server that may refuse to start.
    pub async fn try_start(self) -> Result<Banto, Refused> {
        let home = tempfile::tempdir().expect("a temporary directory");
        let data_dir = self.data_dir.clone().unwrap_or_else(|| home.path().join("data"));
        std::fs::create_dir_all(&data_dir).expect("the data directory");
        let file = home.path().join("banto.toml");
        std::fs::write(&file, self.toml()).expect("banto.toml");
        let mut builder = self;
        if let Some(clock) = builder.env.get_mut(CLOCK) {
            *clock = home.path().join("clock").to_string_lossy().into_owned();
        }
        // It holds a key.
        std::fs::set_permissions(&file, Permissions::from_mode(0o600)).expect("its mode");
        let mut banto = Banto {
            url: String::new(),
            ready_link: String::new(),
            token: String::new(),
            caller: None,
            process: None,
            listen: builder.listen.clone().unwrap_or_else(|| "127.0.0.1:0".into()),
            log: Log::default(),
            data_dir,
            home,
            builder,
        };
        banto.launch().await.map(|()| banto)
    }

    fn toml(&self) -> String {
        let lines = self.settings.iter().map(|(key, value)| format!("{key} = {value}\n"));
        lines.chain([self.tables.clone()]).collect()
    }
}

/// A server that did not start.
#[derive(Debug)]
pub struct Refused {
    /// How it exited.
    pub status: ExitStatus,
    /// What it wrote.
    pub log: String,
}

/// A server that ended after a signal.
#[derive(Debug)]
pub struct Ended {
    /// How it exited.
    pub status: ExitStatus,
    /// How long it took.
    pub took: Duration,
}

/// A server. Killed when dropped; its directory goes with it.
#[derive(Debug)]
pub struct Banto {
    /// Where it serves, such as `http://127.0.0.1:40123`.
    pub url: String,
    /// The first line that it printed.
    pub ready_link: String,
    /// The owner's token.
    pub token: String,
    caller: Option<Caller>,
    process: Option<Child>,
    listen: String,
    log: Log,
    data_dir: PathBuf,
    home: TempDir,
    builder: Builder,
}

impl Banto {
    /// What a hermetic server needs: no discovery, no limit on sends.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default().set("discovery", false).set("limits.sends_per_minute", 1_000_000)
    }

    /// A server whose Companion speaks with the upstream, in OpenAI's format.
    pub async fn with(upstream: &Upstream) -> Self {
        Self::builder().provider("openai", &upstream.base_url()).start().await
    }

    /// A server without any model: the guide answers.
    pub async fn guide() -> Self {
        Self::builder().start().await
    }

    /// Starts the process again, with the same address and data.
    pub async fn restart(&mut self) {
        assert!(self.process.is_none(), "kill or terminate the server first");
        if let Err(refused) = self.launch().await {
            panic!("banto did not start again ({}):\n{}", refused.status, refused.log);
        }
    }

    /// Starts the process again and expects that it refuses.
    pub async fn restart_refused(&mut self) -> Refused {
        self.launch().await.expect_err("banto should have refused to start")
    }

    async fn launch(&mut self) -> Result<(), Refused> {
        let mut process = Command::new(self.home.path())
            .envs(&self.builder.env)
            .arguments(["serve", "--listen", &self.listen, "--data-dir"])
            .arguments([&self.data_dir])
            .arguments(["--config".as_ref(), self.home.path().join("banto.toml").as_path()])
            .arguments(&self.builder.flags)
            .spawn();
        let (first, ready) = oneshot::channel();
        self.log.follow(process.stdout.take().expect("piped"), Some(first));
        self.log.follow(process.stderr.take().expect("piped"), None);
        let Ok(link) = within("the ready link", ready).await else {
            let status = within("the exit of banto", process.wait()).await.expect("wait");
            return Err(Refused { status, log: self.log.text() });
        };
        let (url, _) = link.split_once("/#launch=").unwrap_or_else(|| panic!("a ready link, not {link:?}"));
        self.url = url.to_owned();
        self.listen = url.split_once("://").expect("a scheme").1.to_owned();
        self.token = self.read("token").trim().to_owned();
        self.caller = Some(Caller::new(&self.url, &self.token));
        self.ready_link = link;
        self.process = Some(process);
        Ok(())
    }

    /// The owner, who may do everything.
    #[must_use]
    pub fn owner(&self) -> Caller {
        self.caller.clone().expect("a started server")
    }

    /// Someone with another token.
    #[must_use]
    pub fn caller(&self, token: &str) -> Caller {
        Caller::new(&self.url, token)
    }

    /// The owner's latest conversation.
    #[must_use]
    pub fn companion(&self) -> Companion {
        self.owner().companion()
    }

    /// A new conversation of the owner.
    pub async fn chat(&self) -> Companion {
        self.companion().another().await
    }

    /// Waits until the process has crashed at its fail point, which is gone when it
    /// starts again.
    pub async fn crashed(&mut self) {
        let mut process = self.process.take().expect("a running server");
        let status = within("the crash", process.wait()).await.expect("wait");
        assert!(!status.success(), "it should have crashed");
        self.builder.env.remove(FAIL_POINT);
    }

    /// Sets the server's clock, at once, to so many seconds from the true time.
    pub fn set_clock(&self, seconds: i64) {
        let clock = self.builder.env.get(CLOCK).expect("a server with a clock");
        // In one step: the server may be reading it.
        let next = self.home.path().join("clock.next");
        std::fs::write(&next, seconds.to_string()).expect("the new time");
        std::fs::rename(&next, clock).expect("the clock");
    }

    /// SIGKILL: the process has no chance to tidy up.
    pub async fn kill(&mut self) {
        let mut process = self.process.take().expect("a running server");
        process.kill().await.expect("kill");
    }

    /// Sends a signal and waits for the end of the process.
    pub async fn end(&mut self, signal: Signal) -> Ended {
        let (mut process, begun) = (self.process.take().expect("a running server"), Instant::now());
        kill_process(pid(&process), signal).expect("the signal");
        let status = within(format!("the exit after {signal:?}"), process.wait()).await.expect("wait");
        Ended { status, took: begun.elapsed() }
    }

    /// SIGTERM: drain and exit.
    pub async fn terminate(&mut self) -> Ended {
        self.end(Signal::TERM).await
    }

    /// All that it wrote to stdout and stderr so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.text()
    }

    /// Its data directory.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// The home directory that it believes in; the configuration is there, too.
    #[must_use]
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// A text file of its data directory.
    #[must_use]
    pub fn read(&self, name: &str) -> String {
        let path = self.data_dir.join(name);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name} of the data directory: {error}"))
    }

    /// The process.
    #[must_use]
    pub fn pid(&self) -> Pid {
        pid(self.process.as_ref().expect("a running server"))
    }

    /// Resident memory in KiB.
    #[must_use]
    pub fn resident_kib(&self) -> u64 {
        let pid = self.pid().as_raw_nonzero().to_string();
        let ps = std::process::Command::new("ps").args(["-o", "rss=", "-p", &pid]).output().expect("ps");
        String::from_utf8_lossy(&ps.stdout).trim().parse().expect("a number of KiB")
    }

    /// A client command, such as `["chat", "hello"]`, that finds this server.
    #[must_use]
    pub fn command<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        Command::new(self.home.path())
            .arguments(arguments)
            .env("BANTO_SERVER", &self.url)
            .env("BANTO_TOKEN", &self.token)
    }
}

impl Drop for Banto {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log.text();
            let lines: Vec<_> = log.lines().collect();
            let tail = &lines[lines.len().saturating_sub(40)..];
            eprintln!("--- the end of banto's log ---\n{}\n---", tail.join("\n"));
        }
    }
}

fn pid(process: &Child) -> Pid {
    let id = process.id().expect("a running process");
    Pid::from_raw(id.try_into().expect("a process id")).expect("a process id")
}
