//! The one door to git's objects. Nothing is fetched, and nothing is written.

use super::{Content, LARGEST_TEXT, text_of};
use crate::error::Error;
use gix::{ObjectId, objs::Kind};
use std::path::{Path, PathBuf};

/// An open repository.
#[derive(Debug)]
pub(crate) struct Repository {
    pub(crate) git: gix::Repository,
}

impl Repository {
    /// The repository that a folder lies in, if there is one.
    pub fn around(folder: &Path) -> Result<Option<Self>, Error> {
        match gix::discover(folder) {
            Ok(mut git) => {
                // Trees and commits are read again and again; blobs are not.
                git.object_cache_size(16 * 1024 * 1024);
                Ok(Some(Self { git }))
            }
            Err(_) if !has_git_folder(folder) => Ok(None),
            Err(error) => Err(Error::repository(error)),
        }
    }

    /// The top of the working tree; none in a bare repository.
    pub fn top(&self) -> Option<PathBuf> {
        self.git.workdir().map(Path::to_path_buf)
    }

    /// What all working trees of the repository share.
    pub fn common_dir(&self) -> PathBuf {
        let folder = self.git.common_dir();
        folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf())
    }

    pub fn commit(&self, revision: &str) -> Result<ObjectId, Error> {
        let unknown = |reason: String| Error::UnknownRevision { revision: revision.to_owned(), reason };
        let id = self.git.rev_parse_single(revision).map_err(|error| unknown(error.to_string()))?;
        let object = id.object().map_err(|error| unknown(error.to_string()))?;
        let commit = object.peel_to_kind(Kind::Commit).map_err(|error| unknown(error.to_string()))?;
        Ok(commit.id)
    }

    /// The commit that is checked out; none before the first commit.
    pub fn head(&self) -> Option<ObjectId> {
        self.git.head_id().ok().map(gix::Id::detach)
    }

    pub fn blob(&self, id: ObjectId) -> Content {
        match self.git.try_find_header(id) {
            Ok(Some(header)) if header.size() > LARGEST_TEXT => Content::TooLarge,
            Ok(Some(header)) if header.kind() == Kind::Blob => match self.git.find_object(id) {
                Ok(mut blob) => text_of(std::mem::take(&mut blob.data)),
                Err(_) => Content::Missing,
            },
            _ => Content::Missing,
        }
    }

    /// How many bytes an object has; none where it is missing.
    pub fn size(&self, id: ObjectId) -> Option<u64> {
        self.git.try_find_header(id).ok().flatten().map(|it| it.size())
    }

    /// A tree's bytes; none where a partial clone left it out.
    pub(super) fn tree_data(&self, id: ObjectId) -> Option<Vec<u8>> {
        let mut object = self.git.try_find_object(id).ok()??;
        (object.kind == Kind::Tree).then(|| std::mem::take(&mut object.data))
    }
}

/// Whether a folder or one above it means to be a repository. `discover` gives one
/// error for "none" and for "one that is broken", and the second must not pass for
/// a plain folder.
fn has_git_folder(folder: &Path) -> bool {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
    folder.ancestors().any(|it| it.join(".git").join("HEAD").exists() || it.join(".git").is_file())
}
