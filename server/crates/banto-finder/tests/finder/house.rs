//! Repositories made by real git, the same each time.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};
use tempfile::TempDir;

/// A repository in a folder that goes with it.
pub struct House {
    folder: TempDir,
    root: PathBuf,
}

const WATCH: &str = "//! Follows the feed.\n\nuse crate::store::Row;\n\n/// Waits, then connects again.\npub fn retry_stream(wait: u64) {\n    connect(wait);\n}\n\nstruct Watcher {\n    broken: bool,\n}\n";

impl House {
    pub fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let house = Self { root: folder.path().join("house"), folder };
        fs::create_dir(house.path()).expect("a folder");
        house.git(&["init", "-q", "-b", "main"]);
        house
    }

    /// Three commits of a few files.
    pub fn small() -> Self {
        let house = Self::empty();
        house.write("src/feed/watch.rs", "//! Follows the feed.\n\npub fn connect(wait: u64) {}\n");
        house.write("src/store.rs", "pub struct Row;\npub fn keep(row: Row) {}\n");
        house.write("README.md", "# A feed\n\nIt has a stream. The stream never breaks.\n");
        house.commit("Begin with a feed and a store");
        house.write("src/feed/watch.rs", WATCH);
        house.commit("Connect again after a pause");
        house.write("tests/feed.rs", "#[test]\nfn retry_stream_waits() {\n    retry_stream(3);\n}\n");
        house.commit("Show that the feed waits");
        house
    }

    /// All kinds of files that a repository can have.
    pub fn odd() -> Self {
        let house = Self::small();
        house.write(".gitignore", "*.log\nbuild/\n");
        house.write("ignored-but-tracked.log", "tracked logs of the ignored kind\n");
        house.git(&["add", "-f", "ignored-but-tracked.log"]);
        house.write("latin1.py", "");
        fs::write(
            house.path().join("latin1.py"),
            b"# \xdcberschrift\ndef count_paragraphs(headings): pass\n",
        )
        .expect("written");
        house.write("crlf.py", "def carriage_returns():\r\n    invoices = 1\r\n");
        fs::write(house.path().join("photo.bin"), [0, 159, 146, 150, 0, 1]).expect("written");
        house.write("big.sql", &"insert into stream_of_the_feed values (1);\n".repeat(60_000));
        house.write("with \"quotes\" and\ttab.rs", "fn quoted_names() {}\n");
        house.write("日本語.rs", "// 再接続までの待ち時間\nfn main() {}\n");
        #[cfg(unix)]
        {
            let outside = house.beside("outside.rs");
            fs::write(&outside, "fn retry_stream_of_the_feed() {}\n").expect("written");
            std::os::unix::fs::symlink(&outside, house.path().join("link.rs")).expect("a link");
            std::os::unix::fs::symlink("/", house.path().join("everything")).expect("a link");
        }
        let other = Self::small();
        let source = other.path().to_str().expect("a path");
        house.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", source, "module"]);
        house.commit("Add what is unusual");
        house.write("untracked.rs", "fn untracked_sketches() {}\n");
        house.write("build/made.rs", "fn retry_stream_of_the_feed() {}\n");
        house.write("noise.log", "the stream of the feed breaks\n");
        house
    }

    pub fn path(&self) -> &Path {
        &self.root
    }

    /// A place outside of the repository that goes with it.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("written");
    }

    pub fn commit(&self, message: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", message]);
    }

    /// The commits, the oldest first.
    pub fn commits(&self) -> Vec<String> {
        self.git(&["rev-list", "--reverse", "HEAD"]).lines().map(str::to_owned).collect()
    }

    pub fn clone_to(&self, to: &Path, flags: &[&str]) {
        let from = format!("file://{}", self.path().display());
        let to = to.to_str().expect("a path");
        self.git(&[&["clone", "-q"], flags, &[&from, to]].concat());
    }

    /// One commit of made-up files, without a working tree.
    pub fn of_many(files: usize, text: impl Fn(usize) -> (String, String)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let house = Self { root: folder.path().join("house.git"), folder };
        fs::create_dir(house.path()).expect("a folder");
        house.git(&["init", "-q", "--bare", "-b", "main"]);
        let mut stream = String::from(
            "commit refs/heads/main\ncommitter A <a@example.com> 1700000000 +0000\ndata 4\nMany\n",
        );
        for (path, text) in (0..files).map(text) {
            stream += &format!("M 100644 inline {path}\ndata {}\n{text}\n", text.len());
        }
        let mut import = Command::new("git")
            .args(["fast-import", "--quiet"])
            .current_dir(house.path())
            .stdin(Stdio::piped())
            .spawn()
            .expect("git");
        import.stdin.take().expect("a pipe").write_all(stream.as_bytes()).expect("written");
        assert!(import.wait().expect("git").success());
        house
    }

    pub fn git(&self, arguments: &[&str]) -> String {
        self.git_in(&self.root, arguments)
    }

    pub fn git_in(&self, folder: &Path, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .args(["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "core.autocrlf=false"])
            .args(arguments)
            .current_dir(folder)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_DATE", "2024-01-01T00:00:00Z")
            .env("GIT_COMMITTER_DATE", "2024-01-01T00:00:00Z")
            .output()
            .expect("git");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text").trim_end().to_owned()
    }
}
