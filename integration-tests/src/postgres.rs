//! A throw-away PostgreSQL cluster.

use crate::{eventually, sql::Sql};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    fs::{self, File},
    net::TcpListener,
    os::unix::{fs::chown, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Child, Command},
    sync::{Arc, Mutex, PoisonError, Weak},
};
use tempfile::TempDir;
use uuid::Uuid;

/// A cluster on a port of its own; stopped and removed when dropped.
#[derive(Debug)]
pub struct Postgres {
    folder: TempDir,
    port: u16,
    process: Mutex<Child>,
}

impl Postgres {
    /// The cluster that all tests of one executable share while any of them runs.
    pub async fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Postgres>> = Mutex::new(Weak::new());
        let cluster = {
            let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
            shared.upgrade().unwrap_or_else(|| {
                let cluster = Arc::new(Self::init());
                *shared = Arc::downgrade(&cluster);
                cluster
            })
        };
        cluster.ready().await;
        cluster
    }

    /// A cluster of one's own, for tests that break it.
    pub async fn start() -> Self {
        let cluster = Self::init();
        cluster.ready().await;
        cluster
    }

    /// Creates an empty database and returns its URL.
    pub async fn create_database(&self) -> String {
        let name = format!("banto_{}", Uuid::now_v7().simple());
        let connection = Sql::connect(&self.url("postgres")).await;
        connection.run(&format!("CREATE DATABASE {name}")).await;
        connection.close().await;
        self.url(&name)
    }

    /// Kills the cluster as a power cut would, and starts it again.
    pub async fn crash_and_restart(&self) {
        {
            let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
            stop(&mut process, Signal::QUIT);
            *process = serve(self.folder.path(), self.port);
        }
        self.ready().await;
    }

    fn init() -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory");
        if let Some((uid, gid)) = account() {
            chown(folder.path(), Some(uid), Some(gid)).expect("chown to postgres");
        }
        let initdb = command("initdb", folder.path())
            .args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync", "--pgdata=cluster"])
            .output()
            .expect("initdb runs");
        assert!(initdb.status.success(), "initdb: {}", String::from_utf8_lossy(&initdb.stderr));
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = free.expect("a free port").port();
        let process = Mutex::new(serve(folder.path(), port));
        Self { folder, port, process }
    }

    async fn ready(&self) {
        let url = self.url("postgres");
        let connected = async || Sql::try_connect(&url).await.ok();
        eventually("PostgreSQL accepts connections", connected).await.close().await;
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        stop(self.process.get_mut().unwrap_or_else(PoisonError::into_inner), Signal::INT);
    }
}

fn serve(folder: &Path, port: u16) -> Child {
    let log = File::create(folder.join("log")).expect("a log file");
    let mut settings = vec![format!("port={port}"), "listen_addresses=127.0.0.1".into()];
    // A crash of the cluster must lose nothing that it acknowledged; the
    // machine itself does not crash here, so the kernel's cache is enough.
    settings.extend(["unix_socket_directories=", "fsync=off", "max_connections=200"].map(str::to_owned));
    command("postgres", folder)
        .args(["-D", "cluster"])
        .args(settings.iter().flat_map(|setting| ["-c", setting]))
        .stdout(log.try_clone().expect("a log file"))
        .stderr(log)
        .spawn()
        .expect("postgres runs")
}

fn stop(process: &mut Child, signal: Signal) {
    let pid = Pid::from_raw(process.id().try_into().expect("a process id")).expect("a process id");
    let _ = kill_process(pid, signal);
    let _ = process.wait();
}

/// One of PostgreSQL's programs in `folder`. It refuses to run as root, so root
/// runs it as the user postgres.
fn command(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(programs().join(program));
    command.current_dir(folder).env("LC_ALL", "C.UTF-8");
    if let Some((uid, gid)) = account() {
        command.uid(uid).gid(gid);
    }
    command
}

/// Debian keeps the programs out of `PATH`, in a directory for each version.
fn programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<_> = versions.map(|entry| entry.path().join("bin")).collect();
    folders.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders.extend(std::env::split_paths(&path));
    let found = folders.into_iter().rev().find(|folder| folder.join("initdb").is_file());
    found.expect("PostgreSQL's initdb was not found; on Debian: apt-get install postgresql")
}

/// User and group of the account postgres, when this process is root.
fn account() -> Option<(u32, u32)> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let passwd = fs::read_to_string("/etc/passwd").expect("/etc/passwd");
    let line = passwd.lines().find(|line| line.starts_with("postgres:")).expect("a user postgres");
    let mut ids = line.split(':').skip(2).map(|id| id.parse().expect("an id"));
    ids.next().zip(ids.next())
}
