//! Folders to open, and someone who opens them.

use banto_integration_tests::{Answer as _, Caller, Refusal};
use banto_proto::v1::{
    CloseWorkspaceRequest, FileEntry, GetWorkspaceRequest, GrantProviderRequest, ListFilesRequest,
    ListFilesResponse, ListWorkspacesRequest, OpenWorkspaceRequest, OpenWorkspaceResponse, ReadFileRequest,
    ReadFileResponse, UpdateWorkspaceRequest, Workspace,
};
use std::{
    ffi::OsStr,
    fs,
    os::unix::ffi::OsStrExt as _,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// Folders of a test, and git in them.
pub struct Folders(pub TempDir);

impl Folders {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().canonicalize().expect("a folder").join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("its folder");
        fs::write(path, content).expect("a file");
    }

    pub fn git(&self, folder: &str, arguments: &[&str]) {
        let place = self.path(folder);
        fs::create_dir_all(&place).expect("a folder");
        let output = std::process::Command::new("git")
            .args(["-c", "protocol.file.allow=always", "-c", "init.defaultBranch=main"])
            .args(arguments)
            .current_dir(place)
            .env("HOME", self.0.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .envs([("GIT_AUTHOR_NAME", "A"), ("GIT_AUTHOR_EMAIL", "a@example.org")])
            .envs([("GIT_COMMITTER_NAME", "A"), ("GIT_COMMITTER_EMAIL", "a@example.org")])
            .output()
            .expect("git");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// A repository with everything that is awkward.
    pub fn repository(&self) -> PathBuf {
        self.write("lib/lib.rs", "pub fn lib() {}\n");
        self.git("lib", &["init", "-q"]);
        self.git("lib", &["add", "."]);
        self.git("lib", &["commit", "-qm", "one"]);

        self.git("shop", &["init", "-q"]);
        self.write("shop/src/main.rs", "fn main() {\n    println!(\"hi\");\n}\n");
        self.write("shop/tests/buy.rs", "#[test]\nfn buys() {}\n");
        self.write("shop/.gitignore", "target/\n*.log\n");
        self.write("shop/target/out", "built");
        self.write("shop/noise.log", "noise");
        self.write("shop/logo.png", b"\x89PNG\r\n\x1a\n\0\0\0");
        self.write("shop/crlf.txt", "one\r\ntwo\r\n");
        self.write("shop/番頭/帳簿.txt", "帳簿\n");
        self.write("shop/qu\"o te\\d\n.txt", "quoted");
        let japanese = "番頭は店の主人に代わって店を切り盛りする。\n".repeat(4);
        self.write("shop/sjis.txt", &*encoding_rs::SHIFT_JIS.encode(&japanese).0);
        self.write("shop/utf16.txt", b"\xff\xfeh\0i\0\n\0");
        self.write("shop/.env", "TOKEN=1\n");
        self.write("shop/deploy.txt", ["-----BEGIN ", "PRIVATE KEY-----\nMII\n"].concat());
        fs::write(self.path("shop").join(OsStr::from_bytes(b"caf\xe9.txt")), "coffee").expect("a file");
        self.write("outside.txt", "SECRET");
        symlink("../outside.txt", self.path("shop/out")).expect("a link");
        symlink("..", self.path("shop/up")).expect("a link");
        symlink("src/main.rs", self.path("shop/in")).expect("a link");
        self.git("shop", &["add", "."]);
        self.git("shop", &["submodule", "--quiet", "add", "../lib", "sub"]);
        self.git("shop", &["commit", "-qm", "one"]);
        self.write("shop/new.rs", "fn new() {}\n");
        self.path("shop")
    }
}

pub fn text(path: &Path) -> String {
    path.to_str().expect("UTF-8").to_owned()
}

/// Someone who works with workspaces.
pub struct Clerk(pub Caller);

impl Clerk {
    pub async fn try_open(&self, path: &Path, name: &str) -> Result<OpenWorkspaceResponse, Refusal> {
        let request = OpenWorkspaceRequest { path: text(path), name: name.into() };
        Ok(self.0.workspaces().open_workspace(request).await?.into_inner())
    }

    pub async fn open(&self, path: &Path) -> Workspace {
        let answer = self.try_open(path, "").await.granted();
        answer.workspace.expect("the workspace")
    }

    pub async fn get(&self, id: &str) -> Workspace {
        let request = GetWorkspaceRequest { workspace_id: id.into() };
        self.0.workspaces().get_workspace(request).await.granted().workspace.expect("the workspace")
    }

    pub async fn names(&self, include_closed: bool) -> Vec<String> {
        let request = ListWorkspacesRequest { include_closed };
        let listed = self.0.workspaces().list_workspaces(request).await.granted().workspaces;
        listed.into_iter().map(|workspace| workspace.name).collect()
    }

    pub async fn update(&self, id: &str, change: UpdateWorkspaceRequest) -> Result<Workspace, Refusal> {
        let request = UpdateWorkspaceRequest { workspace_id: id.into(), ..change };
        let answer = self.0.workspaces().update_workspace(request).await?.into_inner();
        Ok(answer.workspace.expect("the workspace"))
    }

    pub async fn close(&self, id: &str) -> Result<Workspace, Refusal> {
        let request = CloseWorkspaceRequest { workspace_id: id.into() };
        let answer = self.0.workspaces().close_workspace(request).await?.into_inner();
        Ok(answer.workspace.expect("the workspace"))
    }

    pub async fn page(&self, request: ListFilesRequest) -> Result<ListFilesResponse, Refusal> {
        Ok(self.0.workspaces().list_files(request).await?.into_inner())
    }

    pub async fn files(&self, id: &str) -> Vec<FileEntry> {
        let request = ListFilesRequest { workspace_id: id.into(), ..Default::default() };
        self.page(request).await.granted().files
    }

    pub async fn paths(&self, id: &str) -> Vec<String> {
        self.files(id).await.into_iter().map(|file| file.path).collect()
    }

    pub async fn try_read(&self, id: &str, path: &str) -> Result<ReadFileResponse, Refusal> {
        let request = ReadFileRequest { workspace_id: id.into(), path: path.into(), ..Default::default() };
        Ok(self.0.workspaces().read_file(request).await?.into_inner())
    }

    pub async fn read(&self, id: &str, path: &str) -> ReadFileResponse {
        self.try_read(id, path).await.granted()
    }

    pub async fn grant(&self, id: &str, provider: &str, revoke: bool) -> Result<Workspace, Refusal> {
        let request = GrantProviderRequest { workspace_id: id.into(), provider_id: provider.into(), revoke };
        let answer = self.0.workspaces().grant_provider(request).await?.into_inner();
        Ok(answer.workspace.expect("the workspace"))
    }
}
