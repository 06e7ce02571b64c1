//! The data directory: one server at a time, readable by its owner only.

use super::StartError;
use crate::{access::Tokens, config::Config, secret::Secret, store::Seal};
use serde::Deserialize;
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::Write as _,
    path::{Path, PathBuf},
};

/// Held while a server runs; the file itself stays.
const LOCK: &str = "lock";
/// The owner's token.
const TOKEN: &str = "token";
/// Address and process id while a server runs.
const SERVER: &str = "server.json";
/// The key of the audit log.
const AUDIT_KEY: &str = "audit.key";
/// The SQLite database.
const DATABASE: &str = "banto.db";

/// Bytes of a key; what RFC 2104 asks of one for SHA-256.
const MIN_KEY: usize = 32;

/// The file of a key.
#[derive(Deserialize)]
struct KeptKey {
    /// Hexadecimal.
    key: String,
    /// The first place in the log that it must seal.
    since: i64,
}

/// A data directory that this server holds.
#[derive(Debug)]
pub(super) struct Place {
    dir: PathBuf,
    _lock: File,
}

impl Place {
    /// Takes the data directory.
    pub fn take(config: &Config) -> Result<Self, StartError> {
        let dir = config.data_dir.clone();
        let unusable = |error: std::io::Error| StartError::DataDirectory(error.kind().to_string());
        private_directory(&dir).map_err(unusable)?;
        let lock = private_file(&dir.join(LOCK)).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { dir, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(StartError::InUse),
            Err(TryLockError::Error(error)) => Err(unusable(error)),
        }
    }

    pub fn database(&self) -> PathBuf {
        self.dir.join(DATABASE)
    }

    /// The owner's secret; made where there is none.
    pub fn owner_secret(&self) -> Result<Secret, StartError> {
        let file = self.dir.join(TOKEN);
        let unusable = |error: std::io::Error| StartError::DataDirectory(error.kind().to_string());
        match fs::read_to_string(&file) {
            Ok(secret) if !secret.trim().is_empty() => return Ok(Secret::new(secret.trim().to_owned())),
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(unusable(error)),
        }
        let secret = Tokens::new_secret();
        write_whole(&file, &format!("{}\n", secret.expose())).map_err(unusable)?;
        Ok(secret)
    }

    /// The seal of the audit log; made where there is none, for entries from `since`
    /// on. Servers of one database share a key by the setting `audit_key_file`.
    pub fn audit_seal(&self, config: &Config, since: i64) -> Result<Seal, StartError> {
        let file = config.audit_key_file.clone().unwrap_or_else(|| self.dir.join(AUDIT_KEY));
        let unusable = |why: String| StartError::AuditKey(why);
        match fs::read_to_string(&file) {
            Ok(text) => {
                let kept: KeptKey = serde_json::from_str(&text)
                    .map_err(|_| unusable("it was not written by Banto".to_owned()))?;
                let key = hex::decode(&kept.key).ok().filter(|key| key.len() >= MIN_KEY);
                let key = key.ok_or_else(|| unusable("its key is too short".to_owned()))?;
                return Ok(Seal::new(key, kept.since));
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(unusable(error.kind().to_string())),
        }
        let key: [u8; MIN_KEY] = rand::random();
        let text = serde_json::json!({ "key": hex::encode(key), "since": since }).to_string();
        write_whole(&file, &text).map_err(|error| unusable(error.kind().to_string()))?;
        Ok(Seal::new(key.to_vec(), since))
    }

    /// Says where the server can be reached.
    pub fn announce(&self, url: &str) -> Result<(), StartError> {
        let text = serde_json::json!({ "url": url, "pid": std::process::id() }).to_string();
        write_whole(&self.dir.join(SERVER), &text)
            .map_err(|error| StartError::DataDirectory(error.kind().to_string()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // Nobody is to be sent to a server that is gone.
        let _ = fs::remove_file(self.dir.join(SERVER));
    }
}

/// Writes a file so that others see all of it or nothing.
fn write_whole(file: &Path, text: &str) -> std::io::Result<()> {
    let unfinished = file.with_extension("new");
    let _ = fs::remove_file(&unfinished);
    let mut new = private_file(&unfinished)?;
    new.write_all(text.as_bytes())?;
    new.sync_all()?;
    fs::rename(unfinished, file)
}

#[cfg(unix)]
fn private_directory(dir: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    fs::set_permissions(dir, fs::Permissions::from_mode(0o700))
}

#[cfg(unix)]
fn private_file(file: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(file)
}
