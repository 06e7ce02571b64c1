//! Changing, closing and granting.

use super::{
    WorkspaceView, Workspaces,
    files::blocking,
    open::{begins_at, check_name},
};
use crate::{
    access::Principal,
    error::{Error, Noun, Result},
    id::WorkspaceId,
    store::{
        Access, Tx, audit, grant,
        workspace::{self, Model, Root},
    },
};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Most roots of a workspace.
const MAX_ROOTS: usize = 16;

/// What to change; `None` or empty: leave it.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// The version that the caller saw.
    pub expected_version: Option<i64>,
    /// The name.
    pub name: Option<String>,
    /// Make it the default one.
    pub make_default: bool,
    /// Absolute paths of further folders.
    pub add_roots: Vec<String>,
    /// Names of roots to remove.
    pub remove_roots: Vec<String>,
}

impl Workspaces {
    /// Changes an open workspace.
    ///
    /// # Errors
    /// `NotFound`, of the workspace or of a root to remove; `VersionConflict`;
    /// `InvalidInput`; `ScopeDenied` when one who may see some workspaces only names a
    /// folder of the server, or wants another default.
    pub async fn update(
        &self,
        by: &Principal,
        id: Option<WorkspaceId>,
        change: Change,
    ) -> Result<WorkspaceView> {
        if by.access != Access::All && (change.make_default || !change.add_roots.is_empty()) {
            return Err(Error::ScopeDenied);
        }
        if change.add_roots.len() > MAX_ROOTS {
            return Err(too_many_roots());
        }
        let id = self.row(&by.access, id).await?.open()?.id;
        let mut folders = Vec::new();
        for path in &change.add_roots {
            folders.push(self.folder("add_root_paths", path).await?);
        }
        let tx = self.store.begin().await?;
        let rows = workspace::lock_all(&tx).await?;
        let row = rows.iter().find(|row| row.id == id).ok_or(Error::NotFound(Noun::Workspace))?;
        let before = row.clone().open()?;
        if change.expected_version.is_some_and(|expected| expected != before.version) {
            let current_version = u64::try_from(before.version).unwrap_or_default();
            return Err(Error::VersionConflict { current_version });
        }
        let mut after = before.clone();
        if let Some(name) = change.name {
            check_name(&rows, Some(id), &name)?;
            after.name = name;
        }
        remove_roots(&mut after, &change.remove_roots)?;
        add_roots(&mut after, folders)?;
        check_first_root(&rows, &after)?;
        let mut changed = vec![id];
        if change.make_default && !before.is_default {
            changed.extend(workspace::clear_default(&tx).await?.map(|row| row.id));
            after.is_default = true;
        }
        if after != before {
            workspace::save(&tx, after.clone()).await?;
            let detail = json!({"roots": after.roots.0.len(), "default": after.is_default});
            audit::append(&tx, &by.name, "workspace.update", &id.to_string(), detail).await?;
            tx.commit().await?;
            for changed in changed.into_iter().skip(1) {
                self.publish(changed).await?;
            }
            for root in before.roots.0.iter().filter(|root| !after.roots.0.contains(root)) {
                self.engine.end(Path::new(&root.path));
            }
            return self.publish(id).await;
        }
        drop(tx);
        self.get(&by.access, Some(id)).await
    }

    /// Closes a workspace; a closed one stays so.
    ///
    /// # Errors
    /// `NotFound`; `WorkspaceInUse` for the default one and while a workflow runs.
    pub async fn close(&self, by: &Principal, id: WorkspaceId) -> Result<WorkspaceView> {
        let tx = self.store.begin().await?;
        let before = locked(&tx, &by.access, id).await?;
        if before.closed_at.is_some() {
            drop(tx);
            return self.get(&by.access, Some(id)).await;
        }
        if before.is_default {
            return Err(Error::WorkspaceInUse { why: "the default workspace cannot be closed" });
        }
        if workspace::has_running_work(&tx, id).await? {
            return Err(Error::WorkspaceInUse { why: "a workflow of the workspace is running" });
        }
        let row = Model { closed_at: Some(crate::clock::now()), ..before };
        let row = workspace::save(&tx, row).await?;
        audit::append(&tx, &by.name, "workspace.close", &id.to_string(), json!({})).await?;
        tx.commit().await?;
        for root in &row.roots.0 {
            self.engine.end(Path::new(&root.path));
        }
        self.publish(id).await
    }

    /// Lets contents of an open workspace be sent to a provider, or takes that back.
    ///
    /// # Errors
    /// `NotFound`, of the workspace or of the provider. A grant for a provider that is
    /// no longer configured can be taken back.
    pub async fn grant(
        &self,
        by: &Principal,
        id: Option<WorkspaceId>,
        provider: &str,
        revoke: bool,
    ) -> Result<WorkspaceView> {
        let id = self.row(&by.access, id).await?.id;
        let tx = self.store.begin().await?;
        let row = locked(&tx, &by.access, id).await?.open()?;
        let granted = grant::exists(&tx, id, provider).await?;
        if self.providers.get(provider).is_none() && !(revoke && granted) {
            return Err(Error::NotFound(Noun::Provider));
        }
        if granted != revoke {
            drop(tx);
            return self.get(&by.access, Some(id)).await;
        }
        let action = if revoke {
            grant::remove(&tx, id, provider).await?;
            "workspace.revoke"
        } else {
            let granted = grant::Model {
                workspace_id: id,
                provider_id: provider.to_owned(),
                granted_by: by.name.clone(),
                granted_at: crate::clock::now(),
            };
            grant::add(&tx, granted).await?;
            "workspace.grant"
        };
        workspace::save(&tx, row).await?;
        audit::append(&tx, &by.name, action, &id.to_string(), json!({"provider": provider})).await?;
        tx.commit().await?;
        self.publish(id).await
    }

    /// Opens the folder that the server was started with, which becomes the default
    /// one where that was `chosen` for this start.
    ///
    /// # Errors
    /// As for [`Workspaces::open`].
    pub async fn open_at_start(&self, folder: &Path, chosen: bool) -> Result<()> {
        let server = Principal::server();
        let folder: PathBuf = {
            let folder = folder.to_owned();
            blocking(move || std::path::absolute(&folder).unwrap_or(folder)).await?
        };
        let (view, _) = self.open(&server, &folder.to_string_lossy(), "").await?;
        if chosen {
            let change = Change { make_default: true, ..Change::default() };
            self.update(&server, Some(view.row.id), change).await?;
        }
        Ok(())
    }
}

async fn locked(tx: &Tx, access: &Access, id: WorkspaceId) -> Result<Model> {
    if !access.allows(id) {
        return Err(Error::NotFound(Noun::Workspace));
    }
    workspace::lock(tx, id).await
}

fn remove_roots(row: &mut Model, names: &[String]) -> Result<()> {
    let first = row.roots.0.first().cloned();
    for name in names {
        let place = row.roots.0.iter().position(|root| root.name == *name);
        row.roots.0.remove(place.ok_or(Error::NotFound(Noun::Root))?);
    }
    if !row.roots.0.is_empty() && row.roots.0.first() != first.as_ref() {
        let why = "the first root cannot be removed while there are others";
        return Err(Error::invalid("remove_root_names", why));
    }
    Ok(())
}

/// A folder that is a root already stays one.
fn add_roots(row: &mut Model, folders: Vec<String>) -> Result<()> {
    for folder in folders {
        let roots = &row.roots.0;
        if roots.iter().any(|root| root.path == folder) {
            continue;
        }
        // A name that is a folder of the first root would hide it.
        let hides = |name: &str| {
            roots.first().is_some_and(|first| Path::new(&first.path).join(format!("@{name}")).exists())
        };
        let root = Root::named(folder, |name| roots.iter().any(|root| root.name == name) || hides(name));
        row.roots.0.push(root);
    }
    if row.roots.0.len() > MAX_ROOTS { Err(too_many_roots()) } else { Ok(()) }
}

fn too_many_roots() -> Error {
    Error::invalid("add_root_paths", format!("a workspace has at most {MAX_ROOTS} roots"))
}

/// The same folder is the same workspace, so no two begin with it.
fn check_first_root(rows: &[Model], row: &Model) -> Result<()> {
    let Some(first) = row.roots.0.first() else { return Ok(()) };
    if rows.iter().any(|other| other.id != row.id && begins_at(other, &first.path)) {
        return Err(Error::invalid("add_root_paths", "this folder is a workspace of its own"));
    }
    Ok(())
}
