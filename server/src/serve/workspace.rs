//! Which workspace the first start makes, and which one a later start opens.

use crate::{config::Config, workspace::Workspaces};
use std::path::{Path, PathBuf};

/// Name and root of the first workspace: that of the settings, else the git
/// repository that the server was started in, else an empty one.
pub(super) fn first(config: &Config) -> (String, Option<String>) {
    let root = config.workspace.clone().or_else(|| repository(std::env::current_dir().ok()?));
    let root = root.map(|root| as_stored(&root));
    let name = root.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    (name.unwrap_or_else(|| "default".to_owned()), root.map(|root| root.to_string_lossy().into_owned()))
}

/// Opens the folder of the settings, which is the default one where a flag of this
/// start names it. A folder that is not there yet, such as a disk that is mounted
/// later, keeps nobody from the others.
pub(super) async fn open(config: &Config, workspaces: &Workspaces) {
    let Some(folder) = &config.workspace else { return };
    if let Err(error) = workspaces.open_at_start(folder, config.workspace_is_flag).await {
        tracing::warn!(%error, "the folder of the setting `workspace` was not opened");
    }
}

fn repository(start: PathBuf) -> Option<PathBuf> {
    start.ancestors().find(|folder| folder.join(".git").exists()).map(Path::to_owned)
}

/// A root as opening it would store it, so that opening it finds it again.
fn as_stored(root: &Path) -> PathBuf {
    let folder = root.canonicalize().or_else(|_| std::path::absolute(root)).unwrap_or(root.to_owned());
    repository(folder.clone()).unwrap_or(folder)
}
