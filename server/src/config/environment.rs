//! What the process was started with: its variables, and the directories that
//! follow from them. A value of its own, so that tests need no process.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
};

/// The environment of a process.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
    home: Option<PathBuf>,
}

impl Environment {
    /// That of this process.
    #[must_use]
    pub fn of_process() -> Self {
        Self { variables: std::env::vars_os().collect(), home: std::env::home_dir() }
    }

    /// One made of these variables; `HOME` names the home directory.
    #[must_use]
    pub fn of(variables: &[(&str, &str)]) -> Self {
        let variables: BTreeMap<OsString, OsString> =
            variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))).collect();
        let home = variables.get(OsStr::new("HOME")).map(PathBuf::from);
        Self { variables, home }
    }

    /// A variable that is set, not empty and valid UTF-8.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.variables.get(OsStr::new(name))?.to_str().filter(|text| !text.is_empty())
    }

    /// A variable that is set and not empty, as a path.
    #[must_use]
    pub fn path(&self, name: &str) -> Option<&Path> {
        self.variables.get(OsStr::new(name)).filter(|text| !text.is_empty()).map(Path::new)
    }

    /// Variables whose name begins with `prefix`. A value that is not UTF-8 is
    /// an error.
    pub(super) fn beginning_with<'a>(
        &'a self,
        prefix: &'a str,
    ) -> impl Iterator<Item = (&'a str, Result<&'a str, ()>)> {
        self.variables.iter().filter_map(move |(name, value)| {
            let name = name.to_str()?;
            name.starts_with(prefix).then(|| (name, value.to_str().ok_or(())))
        })
    }

    /// Where Banto keeps its data unless it is told otherwise.
    #[must_use]
    pub fn data_home(&self) -> Option<PathBuf> {
        self.base("XDG_DATA_HOME", ".local/share").map(|base| base.join("banto"))
    }

    /// Where `banto.toml` is looked for unless it is named.
    #[must_use]
    pub fn config_home(&self) -> Option<PathBuf> {
        self.base("XDG_CONFIG_HOME", ".config").map(|base| base.join("banto"))
    }

    /// Where Banto keeps what it can work out again.
    #[must_use]
    pub fn cache_home(&self) -> Option<PathBuf> {
        let apples =
            self.home.as_ref().filter(|_| cfg!(target_os = "macos") && self.path("XDG_CACHE_HOME").is_none());
        let base = apples.map(|home| home.join("Library/Caches"));
        base.or_else(|| self.base("XDG_CACHE_HOME", ".cache")).map(|base| base.join("banto"))
    }

    /// Where finders keep what they worked out, of the server and of `banto find`.
    #[must_use]
    pub fn finder_cache(&self) -> Option<PathBuf> {
        self.cache_home().map(|home| home.join("finder"))
    }

    /// The XDG specification tells programs to ignore relative paths. People who
    /// set these variables on a Mac mean them; without them, Apple's directory
    /// is the one for data and configuration alike.
    fn base(&self, variable: &str, below_home: &str) -> Option<PathBuf> {
        if let Some(path) = self.path(variable).filter(|path| path.is_absolute()) {
            return Some(path.to_owned());
        }
        if cfg!(windows) {
            return self.path("LOCALAPPDATA").map(Path::to_owned);
        }
        let below_home = if cfg!(target_os = "macos") { "Library/Application Support" } else { below_home };
        self.home.as_ref().map(|home| home.join(below_home))
    }
}
