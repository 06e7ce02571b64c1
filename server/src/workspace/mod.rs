//! Workspaces: a name and the folders that it looks at, read-only. Every path that
//! a caller names is resolved here, and every file is opened here.

mod change;
mod commits;
mod engine;
mod facts;
mod files;
mod ground;
mod open;
mod path;
mod rooted;
pub mod secret;
mod sight;
mod text;

pub use change::Change;
pub use commits::BaseCommit;
pub(crate) use commits::touched_since;
pub use engine::Engine;
pub use facts::RootView;
pub use files::{FileEntry, FilePage, FileText, Place, Wanted};
pub use ground::Ground;
pub use path::WorkspacePath;
pub use sight::Sight;
pub(crate) use sight::look;
pub use text::{Encoding, Lines};

use crate::{
    error::{Error, Result},
    feed::{List, Peers},
    id::WorkspaceId,
    provider::{ProviderInfo, Providers},
    registry::Registry,
    store::{
        Access, Store, grant,
        notice::Notice,
        workspace::{self, Model, Root, Roots},
    },
};
use std::{
    cmp::Reverse,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio_util::sync::CancellationToken;

/// Longest name of a workspace, in characters.
pub const MAX_NAME: usize = 100;

/// What the room is made of.
#[derive(Debug)]
pub struct Parts {
    /// The database.
    pub store: Store,
    /// Where a new workspace gets its Companion.
    pub registry: Registry,
    /// Who can be granted.
    pub providers: Providers,
    /// Other servers of the database.
    pub peers: Peers,
    /// Ends watches.
    pub stop: CancellationToken,
    /// Folder for what finders work out; `None`: nothing is kept.
    pub cache: Option<PathBuf>,
    /// The data directory, which is no part of any workspace.
    pub private: PathBuf,
}

/// A workspace as callers see it.
#[derive(Clone, Debug)]
pub struct WorkspaceView {
    /// Its row.
    pub row: Model,
    /// Its folders, as the disk has them now.
    pub roots: Vec<RootView>,
    /// Whom its contents may be sent to.
    pub grants: Vec<grant::Model>,
}

/// The workspaces. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Workspaces {
    store: Store,
    registry: Registry,
    providers: Providers,
    peers: Peers,
    list: List<WorkspaceView>,
    engine: Engine,
    lists: files::Lists,
    private: Arc<Path>,
}

impl Workspaces {
    /// The workspaces of a database.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let Parts { store, registry, providers, peers, stop, cache, private } = parts;
        // Roots have no links in their paths, so neither may this.
        let private = private.canonicalize().unwrap_or(private);
        Self {
            store,
            registry,
            providers,
            peers,
            list: List::new(stop),
            engine: Engine::new(cache),
            lists: files::Lists::default(),
            private: private.into(),
        }
    }

    /// The watchable list of workspaces.
    #[must_use]
    pub fn watchable(&self) -> &List<WorkspaceView> {
        &self.list
    }

    /// The finders of the roots.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The workspace that a request means, closed or not; `None`: the default one.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn row(&self, access: &Access, id: Option<WorkspaceId>) -> Result<Model> {
        match id {
            Some(id) => workspace::get(self.store.read(), access, id).await,
            None => workspace::default(self.store.read(), access).await,
        }
    }

    /// As [`Workspaces::row`], with its roots and grants.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn get(&self, access: &Access, id: Option<WorkspaceId>) -> Result<WorkspaceView> {
        let row = self.row(access, id).await?;
        let mut views = self.views(vec![row]).await?;
        views.pop().ok_or_else(|| Error::Internal("a workspace was not looked at".to_owned()))
    }

    /// The workspaces, the default one first, then by name.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn list(&self, access: &Access, include_closed: bool) -> Result<Vec<WorkspaceView>> {
        let mut rows = workspace::all(self.store.read(), access).await?;
        rows.retain(|row| include_closed || row.closed_at.is_none());
        rows.sort_by_cached_key(|row| (Reverse(row.is_default), row.name.to_lowercase(), row.id));
        self.views(rows).await
    }

    /// Whether contents of a workspace may be sent to a provider: one on this machine,
    /// or one that somebody allowed.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn may_send(&self, id: WorkspaceId, provider: &ProviderInfo) -> Result<bool> {
        Ok(provider.local || grant::exists(self.store.read(), id, &provider.id).await?)
    }

    /// Refuses to send contents of a workspace to a provider that nobody allowed.
    ///
    /// # Errors
    /// `ConsentRequired`.
    pub async fn require_consent(&self, id: WorkspaceId, provider: &ProviderInfo) -> Result<()> {
        if self.may_send(id, provider).await? {
            return Ok(());
        }
        Err(Error::ConsentRequired { provider_id: provider.id.clone() })
    }

    /// The folders of an open workspace, and Banto's own, for work that needs the disk
    /// alone.
    ///
    /// # Errors
    /// `NotFound`.
    pub(crate) async fn places(&self, id: WorkspaceId) -> Result<(Roots, Arc<Path>)> {
        Ok((self.row(&Access::All, Some(id)).await?.open()?.roots, self.private.clone()))
    }

    /// Tells watchers of a workspace that another server changed.
    ///
    /// # Errors
    /// `NotFound`; storage errors.
    pub async fn changed_elsewhere(&self, id: WorkspaceId) -> Result<()> {
        if self.list.is_watched() {
            self.list.publish(self.get(&Access::All, Some(id)).await?);
        }
        Ok(())
    }

    /// Tells everybody of a committed change, and how the workspace is now.
    async fn publish(&self, id: WorkspaceId) -> Result<WorkspaceView> {
        self.peers.tell(Notice::Workspace(id));
        let view = self.get(&Access::All, Some(id)).await?;
        self.list.publish(view.clone());
        Ok(view)
    }

    async fn views(&self, rows: Vec<Model>) -> Result<Vec<WorkspaceView>> {
        let ids = rows.iter().map(|row| row.id).collect();
        let grants = grant::of(self.store.read(), ids).await?;
        files::blocking(move || {
            let view = |row: Model| WorkspaceView {
                roots: row.roots.0.iter().map(facts::look).collect(),
                grants: grants.iter().filter(|grant| grant.workspace_id == row.id).cloned().collect(),
                row,
            };
            rows.into_iter().map(view).collect()
        })
        .await
    }

    /// Whether a file belongs to Banto itself: its token opens everything.
    fn is_private(&self, root: &Root, inner: &str) -> bool {
        Path::new(&root.path).join(inner).starts_with(&self.private)
    }
}
