//! A folder and what lies beneath it, and nothing else: each part of a path is
//! opened below the one before it, and no link is followed, so that nobody who
//! changes the tree meanwhile can lead a reader out of it.

use crate::error::{Error, Noun, Result};
use cap_fs_ext::{DirExt as _, FollowSymlinks, OpenOptionsFollowExt as _};
use cap_std::{
    ambient_authority,
    fs::{Dir, File, OpenOptions},
};
use std::{io, path::Path};

/// What a path shows for bytes that are not UTF-8.
const NOT_UTF8: char = char::REPLACEMENT_CHARACTER;

/// An opened root.
#[derive(Debug)]
pub(super) struct Rooted(Dir);

impl Rooted {
    /// Opens a root.
    ///
    /// # Errors
    /// `NotFound` of the root when it is gone or forbidden.
    pub fn open(root: &Path) -> Result<Self> {
        Dir::open_ambient_dir(root, ambient_authority()).map(Self).map_err(|_| Error::NotFound(Noun::Root))
    }

    /// Opens a regular file, and says its size.
    ///
    /// # Errors
    /// `NotFound` of the file for what is no regular file, or lies in git's own
    /// folder; `PathOutsideWorkspace` where a link leads out of the root.
    pub fn file(&self, path: &str) -> Result<(File, u64)> {
        if path.split('/').any(|part| part.eq_ignore_ascii_case(".git")) {
            return Err(Error::NotFound(Noun::File));
        }
        let found = self.walk(path).and_then(|file| {
            // Asked of what was opened, not of what may lie there by now.
            let metadata = file.metadata()?;
            Ok((file, metadata))
        });
        match found {
            Ok((file, metadata)) if metadata.is_file() => Ok((file, metadata.len())),
            Ok(_) => Err(Error::NotFound(Noun::File)),
            Err(error) => Err(self.refusal(path, &error)),
        }
    }

    /// Whether a path is a folder that is reached without a link.
    pub fn is_folder(&self, path: &str) -> bool {
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        let Ok(root) = self.0.try_clone() else { return false };
        parts.try_fold(root, |folder, part| folder.open_dir_nofollow(part)).is_ok()
    }

    fn walk(&self, path: &str) -> io::Result<File> {
        let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
        let mut folder = self.0.try_clone()?;
        for part in folders.split('/').filter(|part| !part.is_empty()) {
            folder = by_name(&folder, part, |folder, part| folder.open_dir_nofollow(part))?;
        }
        by_name(&folder, name, |folder, name| {
            let mut options = OpenOptions::new();
            options.read(true).follow(FollowSymlinks::No);
            // A pipe that nobody writes to must not hold its reader.
            #[cfg(unix)]
            {
                use cap_std::fs::OpenOptionsExt as _;
                let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
                options.custom_flags(i32::try_from(flags.bits()).unwrap_or_default());
            }
            folder.open_with(name, &options)
        })
    }

    /// Why a file was not opened. A link is no file of a workspace; whether it leads
    /// out is asked of the library that resolves beneath a folder.
    fn refusal(&self, path: &str, error: &io::Error) -> Error {
        tracing::debug!(%error, "a file of a workspace was not opened");
        match self.0.metadata(path) {
            // What the system forbids has a number; what leads out has none.
            Err(error)
                if error.kind() == io::ErrorKind::PermissionDenied && error.raw_os_error().is_none() =>
            {
                Error::PathOutsideWorkspace
            }
            _ => Error::NotFound(Noun::File),
        }
    }
}

/// Opens a member of a folder by its name as paths show it.
fn by_name<T>(folder: &Dir, name: &str, open: impl Fn(&Dir, &Path) -> io::Result<T>) -> io::Result<T> {
    match open(folder, Path::new(name)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && name.contains(NOT_UTF8) => {
            let shown = |entry: &cap_std::fs::DirEntry| entry.file_name().to_string_lossy() == name;
            let mut same = folder.entries()?.filter_map(io::Result::ok).filter(shown);
            match (same.next(), same.next()) {
                (Some(only), None) => open(folder, Path::new(&only.file_name())),
                // Which of several is meant cannot be known.
                _ => Err(error),
            }
        }
        opened => opened,
    }
}

#[cfg(test)]
mod tests {
    use super::Rooted;
    use crate::error::{Error, Noun, Result};
    use std::{
        ffi::OsStr,
        fs,
        io::Read as _,
        os::unix::{ffi::OsStrExt as _, fs::symlink},
        sync::atomic::{AtomicBool, Ordering},
    };

    struct World {
        folder: tempfile::TempDir,
    }

    impl World {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            fs::create_dir_all(folder.path().join("root/sub/.git")).unwrap();
            fs::create_dir_all(folder.path().join("outside/sub")).unwrap();
            fs::write(folder.path().join("root/a"), "inside").unwrap();
            fs::write(folder.path().join("root/sub/a"), "inside").unwrap();
            fs::write(folder.path().join("root/sub/.git/config"), "git").unwrap();
            fs::write(folder.path().join("outside/a"), "SECRET").unwrap();
            fs::write(folder.path().join("outside/sub/a"), "SECRET").unwrap();
            Self { folder }
        }

        fn path(&self, name: &str) -> std::path::PathBuf {
            self.folder.path().join(name)
        }

        fn read(&self, path: &str) -> Result<String> {
            let (mut file, _) = Rooted::open(&self.path("root"))?.file(path)?;
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            Ok(text)
        }
    }

    fn is_no_file(read: &Result<String>) -> bool {
        matches!(read, Err(Error::NotFound(Noun::File)))
    }

    #[test]
    fn files_beneath_the_root_are_read_and_nothing_else() {
        let world = World::new();
        assert_eq!(world.read("sub/a").unwrap(), "inside");
        for path in ["", "sub", "none", "a/b", "sub/.git/config", "sub/.GIT/config", ".git"] {
            assert!(is_no_file(&world.read(path)), "{path}");
        }
        // What the door refuses is refused here too.
        for path in ["../outside/a", "sub/../../outside/a", "/etc/passwd", "/proc/self/environ"] {
            assert!(world.read(path).is_err(), "{path}");
        }
    }

    #[test]
    fn links_are_no_files_and_those_that_lead_out_are_said_to() {
        let world = World::new();
        symlink("../outside/a", world.path("root/out")).unwrap();
        symlink("../outside", world.path("root/folder-out")).unwrap();
        symlink("/etc/passwd", world.path("root/absolute")).unwrap();
        symlink("/proc/self/root", world.path("root/magic")).unwrap();
        symlink("a", world.path("root/within")).unwrap();
        symlink("sub/.git/config", world.path("root/git")).unwrap();
        symlink("none", world.path("root/dangling")).unwrap();
        symlink("loop", world.path("root/loop")).unwrap();
        for path in ["out", "folder-out/a", "absolute", "magic/etc/passwd"] {
            let read = world.read(path);
            assert!(matches!(read, Err(Error::PathOutsideWorkspace)), "{path}: {read:?}");
        }
        for path in ["within", "git", "dangling", "loop", "a/"] {
            assert!(is_no_file(&world.read(path)), "{path}");
        }
    }

    #[test]
    fn pipes_and_devices_are_no_files_and_hold_nobody() {
        let world = World::new();
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mkfifoat(rustix::fs::CWD, world.path("root/pipe"), mode).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(world.path("root/socket")).unwrap();
        assert!(is_no_file(&world.read("pipe")) && is_no_file(&world.read("socket")));
    }

    #[test]
    fn names_that_are_not_utf8_are_found_by_what_is_shown() {
        let world = World::new();
        fs::create_dir(world.path("root").join(OsStr::from_bytes(b"caf\xe9"))).unwrap();
        fs::write(world.path("root").join(OsStr::from_bytes(b"caf\xe9/th\xe9")), "tea").unwrap();
        assert_eq!(world.read("caf\u{fffd}/th\u{fffd}").unwrap(), "tea");
        fs::write(world.path("root").join(OsStr::from_bytes(b"caf\xe9/th\xea")), "two").unwrap();
        assert!(is_no_file(&world.read("caf\u{fffd}/th\u{fffd}")));
    }

    /// Somebody swaps a folder and a file with links that lead out, as fast as the
    /// system goes, while another reads.
    #[test]
    fn of_ten_thousand_races_none_leads_out() {
        let world = World::new();
        let root = Rooted::open(&world.path("root")).unwrap();
        symlink("../outside/sub", world.path("root/link-to-folder")).unwrap();
        symlink("../outside/a", world.path("root/link-to-file")).unwrap();
        let over = AtomicBool::new(false);
        let (mut inside, mut refused) = (0, 0);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let swap = |one: &str, other: &str| {
                    rustix::fs::renameat_with(
                        rustix::fs::CWD,
                        world.path(one),
                        rustix::fs::CWD,
                        world.path(other),
                        rustix::fs::RenameFlags::EXCHANGE,
                    )
                    .unwrap();
                };
                while !over.load(Ordering::Relaxed) {
                    swap("root/sub", "root/link-to-folder");
                    swap("root/a", "root/link-to-file");
                }
            });
            for path in ["sub/a", "a"].into_iter().cycle().take(20_000) {
                match root.file(path) {
                    Ok((mut file, _)) => {
                        let mut text = String::new();
                        file.read_to_string(&mut text).unwrap();
                        assert_eq!(text, "inside");
                        inside += 1;
                    }
                    Err(Error::NotFound(Noun::File) | Error::PathOutsideWorkspace) => refused += 1,
                    Err(error) => panic!("{error:?}"),
                }
            }
            over.store(true, Ordering::Relaxed);
        });
        assert!(inside > 0 && refused > 0, "the race was one: {inside} read, {refused} refused");
    }
}
