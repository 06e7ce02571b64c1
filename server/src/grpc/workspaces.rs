//! `banto.v1.Workspaces`.

use super::{caller, decode, encode};
use crate::{
    error::{Error, Result as Domain},
    feed::ListUpdate,
    input,
    store::{Access, grant},
    workspace::{
        Change, Encoding, FileEntry, FileText, Lines, MAX_NAME, Place, RootView, Wanted, WorkspacePath,
        WorkspaceView, Workspaces,
    },
};
use banto_finder::Kind as FileKind;
use banto_proto::v1::{self as pb, workspaces_update::Kind};
use futures::{Stream, StreamExt as _};
use tonic::{Request, Response, Status};

/// Files of a page that asks for no size.
const FILES: u64 = 1_000;
/// Most files of a page.
const MAX_FILES: u64 = 10_000;
/// Most roots that one call adds or removes; the room has its own limit.
const MAX_NAMES: usize = 64;
/// Longest id of a provider, in characters.
const MAX_SLUG: usize = 64;

/// The service.
#[derive(Debug)]
pub(super) struct WorkspacesService(pub Workspaces);

pub(super) fn watch(
    workspaces: &Workspaces,
    access: Access,
) -> impl Stream<Item = Domain<pb::WorkspacesUpdate>> + Send + 'static {
    let reader = workspaces.clone();
    let visible_to = access.clone();
    let snapshot = move || {
        let (reader, access) = (reader.clone(), access.clone());
        Box::pin(async move { reader.list(&access, false).await })
    };
    let visible = move |view: &WorkspaceView| visible_to.allows(view.row.id);
    workspaces.watchable().watch(snapshot, visible).map(|update| {
        let kind = match update? {
            ListUpdate::Snapshot(views) => Kind::Snapshot(pb::WorkspacesSnapshot {
                workspaces: views.into_iter().map(workspace).collect(),
            }),
            ListUpdate::Changed(view) => Kind::Upserted(workspace((*view).clone())),
        };
        Ok(pb::WorkspacesUpdate { kind: Some(kind) })
    })
}

fn workspace(view: WorkspaceView) -> pb::Workspace {
    let WorkspaceView { row, roots, grants } = view;
    pb::Workspace {
        workspace_id: row.id.to_string(),
        name: row.name,
        is_default: row.is_default,
        roots: roots.into_iter().map(root).collect(),
        grants: grants.into_iter().map(provider_grant).collect(),
        version: encode::count(row.version),
        created_at: Some(encode::time(row.created_at)),
        closed_at: row.closed_at.map(encode::time),
    }
}

fn root(view: RootView) -> pb::Root {
    let RootView { name, git, head_commit, branch, problem } = view;
    pb::Root {
        name,
        git,
        head_commit: head_commit.unwrap_or_default(),
        branch: branch.unwrap_or_default(),
        problem: problem.unwrap_or_default(),
    }
}

fn provider_grant(row: grant::Model) -> pb::ProviderGrant {
    pb::ProviderGrant {
        provider_id: row.provider_id,
        granted_by: row.granted_by,
        granted_at: Some(encode::time(row.granted_at)),
    }
}

fn file(entry: FileEntry) -> pb::FileEntry {
    let FileEntry { path, size_bytes, kind, looks_secret } = entry;
    pb::FileEntry { path, size_bytes, kind: file_kind(kind).into(), looks_secret }
}

pub(super) fn file_kind(kind: FileKind) -> pb::FileKind {
    match kind {
        FileKind::Source => pb::FileKind::Source,
        FileKind::Test => pb::FileKind::Test,
        FileKind::Example => pb::FileKind::Example,
        FileKind::Docs => pb::FileKind::Docs,
        FileKind::Config => pb::FileKind::Config,
        FileKind::Generated => pb::FileKind::Generated,
        FileKind::Data => pb::FileKind::Data,
    }
}

fn file_text(read: FileText) -> pb::ReadFileResponse {
    let FileText { entry, text, first_line, truncated, encoding, sha256 } = read;
    pb::ReadFileResponse {
        file: Some(file(entry)),
        text,
        first_line,
        truncated,
        binary: encoding.is_none(),
        encoding: match encoding {
            None => pb::FileEncoding::Unspecified,
            Some(Encoding::Utf8) => pb::FileEncoding::Utf8,
            Some(Encoding::Utf16) => pb::FileEncoding::Utf16,
            Some(Encoding::Legacy) => pb::FileEncoding::Legacy,
        }
        .into(),
        sha256: sha256.unwrap_or_default(),
    }
}

fn change(asked: pb::UpdateWorkspaceRequest) -> Domain<Change> {
    for (field, names) in
        [("add_root_paths", &asked.add_root_paths), ("remove_root_names", &asked.remove_root_names)]
    {
        if names.len() > MAX_NAMES {
            return Err(Error::invalid(field, format!("at most {MAX_NAMES} are taken")));
        }
    }
    let name = asked.name.map(|name| match input::line("name", &name, MAX_NAME)? {
        name if name.is_empty() => Err(Error::invalid("name", "must not be empty")),
        name => Ok(name),
    });
    Ok(Change {
        expected_version: decode::version(asked.expected_version)?,
        name: name.transpose()?,
        make_default: asked.is_default.unwrap_or_default(),
        add_roots: asked.add_root_paths,
        remove_roots: asked.remove_root_names,
    })
}

fn wanted(asked: &pb::ListFilesRequest) -> Domain<Wanted> {
    let folder = match asked.folder.as_str() {
        "" => None,
        "/" => return Err(Error::PathOutsideWorkspace),
        folder => Some(WorkspacePath::parse("folder", folder.strip_suffix('/').unwrap_or(folder))?),
    };
    let size = decode::page_size(asked.page_size, FILES, MAX_FILES)?;
    Ok(Wanted {
        folder,
        query: input::line("query", &asked.query, input::MAX_QUERY)?,
        size: usize::try_from(size).unwrap_or(usize::MAX),
        after: place(&asked.page_token)?,
    })
}

/// A place in the list, as [`write_place`] wrote it.
fn place(token: &str) -> Domain<Option<Place>> {
    if token.is_empty() {
        return Ok(None);
    }
    let parsed = token
        .split_once(':')
        .and_then(|(root, path)| Some(Place { root: root.parse().ok()?, path: path.to_owned() }));
    parsed.map(Some).ok_or_else(|| Error::invalid("page_token", "was not made by this list"))
}

fn write_place(place: Place) -> String {
    format!("{}:{}", place.root, place.path)
}

#[tonic::async_trait]
impl pb::workspaces_server::Workspaces for WorkspacesService {
    async fn open_workspace(
        &self,
        request: Request<pb::OpenWorkspaceRequest>,
    ) -> Result<Response<pb::OpenWorkspaceResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let name = input::line("name", &asked.name, MAX_NAME)?;
        let (view, opened) = self.0.open(&caller, &asked.path, &name).await?;
        Ok(Response::new(pb::OpenWorkspaceResponse { workspace: Some(workspace(view)), opened }))
    }

    async fn update_workspace(
        &self,
        request: Request<pb::UpdateWorkspaceRequest>,
    ) -> Result<Response<pb::UpdateWorkspaceResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let id = decode::workspace(&asked.workspace_id)?;
        let view = self.0.update(&caller, id, change(asked)?).await?;
        Ok(Response::new(pb::UpdateWorkspaceResponse { workspace: Some(workspace(view)) }))
    }

    async fn list_workspaces(
        &self,
        request: Request<pb::ListWorkspacesRequest>,
    ) -> Result<Response<pb::ListWorkspacesResponse>, Status> {
        let caller = caller(&request)?;
        let views = self.0.list(&caller.access, request.get_ref().include_closed).await?;
        let workspaces = views.into_iter().map(workspace).collect();
        Ok(Response::new(pb::ListWorkspacesResponse { workspaces }))
    }

    async fn get_workspace(
        &self,
        request: Request<pb::GetWorkspaceRequest>,
    ) -> Result<Response<pb::GetWorkspaceResponse>, Status> {
        let caller = caller(&request)?;
        let id = decode::workspace(&request.get_ref().workspace_id)?;
        let view = self.0.get(&caller.access, id).await?;
        Ok(Response::new(pb::GetWorkspaceResponse { workspace: Some(workspace(view)) }))
    }

    async fn close_workspace(
        &self,
        request: Request<pb::CloseWorkspaceRequest>,
    ) -> Result<Response<pb::CloseWorkspaceResponse>, Status> {
        let caller = caller(&request)?;
        let id = decode::id("workspace_id", &request.get_ref().workspace_id)?;
        let view = self.0.close(&caller, id).await?;
        Ok(Response::new(pb::CloseWorkspaceResponse { workspace: Some(workspace(view)) }))
    }

    async fn list_files(
        &self,
        request: Request<pb::ListFilesRequest>,
    ) -> Result<Response<pb::ListFilesResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let id = decode::workspace(&asked.workspace_id)?;
        let page = self.0.list_files(&caller.access, id, wanted(&asked)?).await?;
        Ok(Response::new(pb::ListFilesResponse {
            files: page.files.into_iter().map(file).collect(),
            next_page_token: page.next.map(write_place).unwrap_or_default(),
            total: page.total as u64,
        }))
    }

    async fn read_file(
        &self,
        request: Request<pb::ReadFileRequest>,
    ) -> Result<Response<pb::ReadFileResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let id = decode::workspace(&asked.workspace_id)?;
        let path = WorkspacePath::parse("path", &asked.path)?;
        let most = (asked.max_lines != 0).then_some(asked.max_lines);
        let lines = Lines { first: asked.first_line, most };
        let read = self.0.read_file(&caller.access, id, path, lines).await?;
        Ok(Response::new(file_text(read)))
    }

    async fn grant_provider(
        &self,
        request: Request<pb::GrantProviderRequest>,
    ) -> Result<Response<pb::GrantProviderResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let id = decode::workspace(&asked.workspace_id)?;
        let provider = input::line("provider_id", &asked.provider_id, MAX_SLUG)?;
        if provider.is_empty() {
            return Err(Error::invalid("provider_id", "must not be empty").into());
        }
        let view = self.0.grant(&caller, id, &provider, asked.revoke).await?;
        Ok(Response::new(pb::GrantProviderResponse { workspace: Some(workspace(view)) }))
    }
}

#[cfg(test)]
mod tests {
    use super::{place, write_place};
    use crate::workspace::Place;

    #[test]
    fn a_place_in_the_list_is_read_as_it_was_written() {
        let there = Place { root: 3, path: "a:b/\\c\n%".to_owned() };
        assert_eq!(place(&write_place(there.clone())).unwrap(), Some(there));
        assert!(place("").unwrap().is_none() && place("x").is_err() && place("-1:a").is_err());
    }
}
