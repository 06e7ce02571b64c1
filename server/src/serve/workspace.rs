//! Which workspace the first start makes.

use crate::config::Config;
use std::path::{Path, PathBuf};

/// Name and root of the first workspace: that of the settings, else the git
/// repository that the server was started in, else an empty one.
pub(super) fn first(config: &Config) -> (String, Option<String>) {
    let root = config.workspace.clone().or_else(|| repository(std::env::current_dir().ok()?));
    let name = root.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    (name.unwrap_or_else(|| "default".to_owned()), root.map(|root| root.to_string_lossy().into_owned()))
}

fn repository(start: PathBuf) -> Option<PathBuf> {
    start.ancestors().find(|folder| folder.join(".git").exists()).map(Path::to_owned)
}
