//! Runs the binary.

use crate::fake::Fake;
use std::{
    fs,
    io::{Read as _, Write as _},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// A `banto chat` that has not begun.
pub struct Chat {
    command: Command,
    input: Option<&'static str>,
    data_dir: TempDir,
}

/// One that runs.
pub struct Running {
    child: Child,
    out: Arc<Mutex<Vec<u8>>>,
    reader: JoinHandle<()>,
    data_dir: TempDir,
}

/// How it ended.
pub struct Done {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Chat {
    /// Finds the server by its data directory, as people do.
    pub fn at(fake: &Fake, args: &[&str]) -> Self {
        let chat = Self::without_a_server(args);
        point(&chat.data_dir, fake);
        chat
    }

    pub fn without_a_server(args: &[&str]) -> Self {
        let data_dir = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_banto"));
        command.arg("chat").args(args).arg("--data-dir").arg(data_dir.path());
        command.env_remove("BANTO_SERVER").env_remove("BANTO_TOKEN").env_remove("BANTO_CONFIG");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self { command, input: None, data_dir }
    }

    pub fn input(mut self, text: &'static str) -> Self {
        self.input = Some(text);
        self
    }

    pub fn run(self) -> Done {
        self.start().finish()
    }

    pub fn start(mut self) -> Running {
        let mut child = self.command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        if let Some(text) = self.input {
            stdin.write_all(text.as_bytes()).unwrap();
        }
        drop(stdin);
        let out = Arc::new(Mutex::new(Vec::new()));
        let (mut stdout, sink) = (child.stdout.take().unwrap(), Arc::clone(&out));
        let reader = thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = stdout.read(&mut bytes) {
                sink.lock().unwrap().extend_from_slice(&bytes[..count]);
            }
        });
        Running { child, out, reader, data_dir: self.data_dir }
    }
}

impl Running {
    #[expect(
        clippy::disallowed_methods,
        reason = "a pipe of a child has no event to wait for; this polls it"
    )]
    pub fn wait_for_output(&self, text: &str) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while *self.out.lock().unwrap() != text.as_bytes() {
            assert!(Instant::now() < deadline, "it printed {:?}", self.out.lock().unwrap());
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Writes what a server that starts on the same directory writes.
    pub fn moved_to(self, fake: &Fake) -> Self {
        point(&self.data_dir, fake);
        self
    }

    #[cfg(unix)]
    pub fn interrupt(&self) {
        let kill = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        assert!(kill.unwrap().success());
    }

    pub fn finish(mut self) -> Done {
        let code = self.child.wait().unwrap().code().unwrap_or(-1);
        self.reader.join().unwrap();
        let mut err = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        let out = String::from_utf8(self.out.lock().unwrap().clone()).unwrap();
        Done { code, out, err }
    }
}

fn point(data_dir: &TempDir, fake: &Fake) {
    // Renamed into place, so that no reader sees half of it.
    let (new, place) = (data_dir.path().join("new"), data_dir.path().join("server.json"));
    fs::write(&new, format!(r#"{{"url":"{}","pid":1}}"#, fake.url)).unwrap();
    fs::rename(new, place).unwrap();
    fs::write(data_dir.path().join("token"), "owner\n").unwrap();
}
