//! The binary under test, and what it writes.

use crate::within;
use std::{
    collections::BTreeMap,
    env,
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{Output, Stdio},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncWriteExt as _, BufReader},
    process::Child,
    sync::oneshot,
};

/// One run of the binary with a clean environment.
#[derive(Debug)]
pub struct Command(tokio::process::Command);

impl Command {
    /// The binary with `home` as its home and current directory.
    #[must_use]
    pub fn new(home: &Path) -> Self {
        let mut command = tokio::process::Command::new(binary());
        command.env_clear().envs(env::var_os("PATH").map(|path| ("PATH", path)));
        command.env("HOME", home).current_dir(home).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self(command)
    }

    /// Adds arguments.
    #[must_use]
    pub fn arguments<S: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.0.args(arguments);
        self
    }

    /// Adds an environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.0.env(name, value);
        self
    }

    pub(crate) fn envs(mut self, variables: &BTreeMap<String, String>) -> Self {
        self.0.envs(variables);
        self
    }

    /// Starts it and does not wait.
    #[must_use]
    pub fn spawn(mut self) -> Child {
        self.0.spawn().unwrap_or_else(|error| panic!("{}: {error}", binary().display()))
    }

    /// Runs it to its end.
    pub async fn output(mut self) -> Output {
        within("the end of a command", self.0.output()).await.expect("the binary runs")
    }

    /// Runs it to its end with `text` as its standard input.
    pub async fn output_of(mut self, text: &str) -> Output {
        self.0.stdin(Stdio::piped());
        let mut child = self.spawn();
        let mut stdin = child.stdin.take().expect("piped");
        stdin.write_all(text.as_bytes()).await.expect("the command reads");
        drop(stdin);
        within("the end of a command", child.wait_with_output()).await.expect("the binary runs")
    }
}

/// The binary under test: `BANTO_BIN`, or `banto` beside this test's own
/// executable in the target directory.
#[must_use]
pub fn binary() -> PathBuf {
    let built = || {
        let own = env::current_exe().expect("the test's own path");
        own.ancestors().map(|folder| folder.join("banto")).find(|path| path.is_file())
    };
    let found = env::var_os("BANTO_BIN").map(PathBuf::from).or_else(built);
    found.expect("the binary `banto` is not built: run `cargo build` first, or set BANTO_BIN")
}

/// All that a server wrote, over all its restarts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log(Arc<Mutex<String>>);

impl Log {
    pub(crate) fn text(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn push(&self, line: &str) {
        let mut text = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        text.push_str(line);
        text.push('\n');
    }

    /// Takes over every line of `output`; sends the first one to `first`.
    pub(crate) fn follow(
        &self,
        output: impl AsyncRead + Send + Unpin + 'static,
        first: Option<oneshot::Sender<String>>,
    ) {
        let (log, mut first) = (self.clone(), first);
        tokio::spawn(async move {
            let mut lines = BufReader::new(output).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                log.push(&line);
                if let Some(first) = first.take() {
                    let _ = first.send(line);
                }
            }
        });
    }
}

/// A person at a shell, beside a running server.
#[derive(Debug)]
pub struct Shell<'a>(pub &'a crate::Banto);

impl Shell<'_> {
    /// What a command prints, and what it says on standard error.
    ///
    /// # Panics
    ///
    /// When it ends with another code.
    pub async fn run(&self, arguments: &[&str], code: i32) -> (String, String) {
        let output = self.0.command(arguments).output().await;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{arguments:?}\nstdout: {out}\nstderr: {err}");
        (out, err)
    }

    /// What a command prints, where each line is JSON.
    ///
    /// # Panics
    ///
    /// When it fails, or prints something else.
    pub async fn json(&self, arguments: &[&str]) -> Vec<serde_json::Value> {
        let (out, _) = self.run(arguments, 0).await;
        out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }
}
