//! The roots of a workspace for those who ask its finders, which know paths within
//! one root.

use super::{WorkspacePath, Workspaces, path};
use crate::{
    error::Result,
    id::WorkspaceId,
    store::{Access, workspace::Roots},
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// A root, for the finder of it.
#[derive(Clone, Debug)]
pub struct Ground {
    /// Where it is; it stays in the server.
    pub folder: PathBuf,
    place: usize,
    roots: Roots,
    /// Banto's own data; a finder of a folder around it lists it like any other.
    private: Option<Arc<Path>>,
}

impl Ground {
    /// The first of these roots, where no server has data of its own.
    #[must_use]
    pub fn alone(roots: Roots) -> Self {
        let folder = roots.0.first().map(|root| PathBuf::from(&root.path)).unwrap_or_default();
        Self { folder, place: 0, roots, private: None }
    }

    /// The path within the workspace of a file that is `inner` within this root.
    /// `None`: a further root's name hides it, or it is Banto's own.
    #[must_use]
    pub fn write(&self, inner: &str) -> Option<String> {
        if self.private.as_ref().is_some_and(|private| self.folder.join(inner).starts_with(private)) {
            return None;
        }
        path::write(&self.roots, self.place, inner)
    }

    /// The path within the workspace of a folder, where `.` is the root itself.
    #[must_use]
    pub fn write_folder(&self, inner: &str) -> Option<String> {
        match (inner, self.place) {
            (".", 0) => Some(".".to_owned()),
            (".", _) => self.write("").map(|path| path.trim_end_matches('/').to_owned()),
            _ => self.write(inner),
        }
    }

    /// The path within this root of a path within the workspace. `None`: it is in
    /// another.
    #[must_use]
    pub fn read<'a>(&self, path: &'a WorkspacePath) -> Option<&'a str> {
        path.locate(&self.roots).filter(|(place, _)| *place == self.place).map(|(_, inner)| inner)
    }
}

impl Workspaces {
    /// The roots of an open workspace, in order.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn grounds(&self, id: WorkspaceId) -> Result<Vec<Ground>> {
        let roots = self.row(&Access::All, Some(id)).await?.open()?.roots;
        let grounds = roots.0.iter().enumerate().map(|(place, root)| Ground {
            folder: PathBuf::from(&root.path),
            place,
            roots: roots.clone(),
            private: Some(self.private.clone()),
        });
        Ok(grounds.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::Ground;
    use crate::store::workspace::{Root, Roots};
    use std::path::{Path, PathBuf};

    #[test]
    fn the_data_of_banto_is_on_no_ground() {
        let roots = Roots(vec![Root::named("/home/a".to_owned(), |_| false)]);
        let private = Some(Path::new("/home/a/.local/banto").into());
        let ground = Ground { folder: PathBuf::from("/home/a"), place: 0, roots, private };
        assert_eq!(ground.write("src/a.rs").as_deref(), Some("src/a.rs"));
        assert_eq!(ground.write(".local/banto-notes").as_deref(), Some(".local/banto-notes"));
        assert_eq!(ground.write(".local/banto/token"), None);
        assert_eq!(ground.write_folder(".local/banto"), None);
        assert_eq!(ground.write_folder(".").as_deref(), Some("."));
    }
}
