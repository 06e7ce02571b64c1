//! Opening a folder as a workspace.

use super::{WorkspaceView, Workspaces, facts, files::blocking};
use crate::{
    access::Principal,
    error::{Error, Result},
    id::WorkspaceId,
    store::{
        Access, audit,
        workspace::{self, Model, Root, Roots},
    },
};
use std::path::{Path, PathBuf};

impl Workspaces {
    /// Opens a folder as a workspace, and says whether it was not open before. The
    /// name is that of the folder where it is empty, and that of an open workspace
    /// stays.
    ///
    /// # Errors
    /// `InvalidInput` when it is no folder that can be read, or when another open
    /// workspace has the name; `ScopeDenied` for one who may see some workspaces only.
    pub async fn open(&self, by: &Principal, path: &str, name: &str) -> Result<(WorkspaceView, bool)> {
        if by.access != Access::All {
            return Err(Error::ScopeDenied);
        }
        let folder = self.folder("path", path).await?;
        let (id, opened) = self.open_folder(by, &folder, name).await?;
        let view = if opened { self.publish(id).await? } else { self.get(&by.access, Some(id)).await? };
        Ok((view, opened))
    }

    /// The folder that a caller means, as roots are stored.
    pub(super) async fn folder(&self, field: &'static str, path: &str) -> Result<String> {
        let (path, private) = (path.to_owned(), self.private.clone());
        let folder: PathBuf = blocking(move || facts::folder(field, &path, &private)).await??;
        Ok(folder.to_string_lossy().into_owned())
    }

    async fn open_folder(&self, by: &Principal, folder: &str, name: &str) -> Result<(WorkspaceId, bool)> {
        let tx = self.store.begin().await?;
        let rows = workspace::lock_all(&tx).await?;
        let known = rows.iter().find(|row| begins_at(row, folder));
        if let Some(row) = known.filter(|row| row.closed_at.is_none()) {
            return Ok((row.id, false));
        }
        let name = match (name, known) {
            ("", Some(row)) => row.name.clone(),
            ("", None) => name_of(Path::new(folder)),
            (name, _) => name.to_owned(),
        };
        check_name(&rows, known.map(|row| row.id), &name)?;
        let id = match known {
            Some(row) => {
                let row = Model { name, closed_at: None, ..row.clone() };
                workspace::save(&tx, row).await?.id
            }
            None => {
                let root = Root::named(folder.to_owned(), |_| false);
                let is_first = rows.iter().all(|row| !row.is_default);
                let row = Model::new(name, Roots(vec![root]), is_first);
                workspace::insert(&tx, &row).await?;
                row.id
            }
        };
        let detail = serde_json::json!({"reopened": known.is_some()});
        audit::append(&tx, &by.name, "workspace.open", &id.to_string(), detail).await?;
        tx.commit().await?;
        self.registry.add_companion(id).await?;
        Ok((id, true))
    }
}

/// Whether a workspace is that of a folder.
pub(super) fn begins_at(row: &Model, folder: &str) -> bool {
    row.roots.0.first().is_some_and(|root| root.path == folder)
}

/// Refuses a name that another open workspace has.
pub(super) fn check_name(rows: &[Model], own: Option<WorkspaceId>, name: &str) -> Result<()> {
    let same = |row: &&Model| row.closed_at.is_none() && Some(row.id) != own && row.name == name;
    match rows.iter().find(same) {
        Some(_) => Err(Error::invalid("name", "another workspace has this name")),
        None => Ok(()),
    }
}

/// The name of a folder as people may read it.
fn name_of(folder: &Path) -> String {
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let shown: String = name.chars().filter(|letter| !letter.is_control()).take(super::MAX_NAME).collect();
    if shown.trim().is_empty() { "workspace".to_owned() } else { shown }
}
