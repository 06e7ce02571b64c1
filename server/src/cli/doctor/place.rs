//! What lies on this machine: the files that the settings name, the data
//! directory, its lock and its database.

use super::Finding;
use crate::config::Config;
use std::{
    fs::{self, File, TryLockError},
    io,
    path::Path,
    time::Duration,
};

/// Time that a database has to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whether the configuration file keeps its secrets.
pub(super) fn configuration_file(config: &Config, file: Option<&Path>) -> Finding {
    let Some(path) = file else {
        return Finding::ok("configuration", "no file; defaults and variables apply");
    };
    let holds_secrets = config.database_url.is_some()
        || config.providers.iter().any(|provider| provider.api_key.is_some() || !provider.headers.is_empty());
    if holds_secrets && others_can_read(path) {
        return Finding::broken(
            "configuration",
            format!("{} may hold secrets, and other users of this machine can read it", path.display()),
            format!("chmod 600 {}", path.display()),
        );
    }
    Finding::ok("configuration", path.display().to_string())
}

#[cfg(unix)]
fn others_can_read(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o044 != 0)
}

#[cfg(not(unix))]
fn others_can_read(_: &Path) -> bool {
    false
}

pub(super) async fn examine(config: &Config, running: bool, findings: &mut Vec<Finding>) {
    for (key, path) in [("tls_cert", &config.tls_cert), ("tls_key", &config.tls_key)] {
        if let Some(path) = path {
            findings.push(match File::open(path) {
                Ok(_) => Finding::ok(key, path.display().to_string()),
                Err(error) => unreadable(key, path, &error),
            });
        }
    }
    for (key, path) in [("workspace", &config.workspace), ("prompts_dir", &config.prompts_dir)] {
        if let Some(path) = path {
            findings.push(match fs::read_dir(path) {
                Ok(_) => Finding::ok(key, path.display().to_string()),
                Err(error) => unreadable(key, path, &error),
            });
        }
    }
    let directory = data_directory(&config.data_dir);
    let there = config.data_dir.is_dir();
    findings.push(directory);
    if there && !running {
        findings.extend(lock(&config.data_dir));
    }
    if running {
        findings.push(Finding::ok("database", "the running server has it open"));
    } else {
        findings.push(database(config).await);
    }
}

fn unreadable(key: &str, path: &Path, error: &io::Error) -> Finding {
    Finding::broken(
        key,
        format!("{}: {error}", path.display()),
        format!("correct {key}, or make it readable"),
    )
}

/// Tries what a server would do first: to write there.
fn data_directory(path: &Path) -> Finding {
    let place = path.display();
    if !path.exists() {
        return Finding::missing(
            "data directory",
            format!("{place} is not there yet"),
            "`banto serve` makes it",
        );
    }
    let probe = path.join(format!(".doctor-{}", std::process::id()));
    let written = fs::write(&probe, b"");
    let removed = fs::remove_file(&probe);
    match written.and(removed) {
        Ok(()) => Finding::ok("data directory", place.to_string()),
        Err(error) => Finding::broken(
            "data directory",
            format!("{place} cannot be written to: {error}"),
            "give it to the user who runs Banto, or choose another with --data-dir",
        ),
    }
}

/// Only asked when no server answers. The shared lock is let go of at once.
fn lock(data_dir: &Path) -> Option<Finding> {
    let file = File::open(data_dir.join("lock")).ok()?;
    Some(match file.try_lock_shared() {
        Ok(()) => Finding::ok("lock", "free"),
        Err(TryLockError::WouldBlock) => Finding::broken(
            "lock",
            "a process holds the data directory, but its server does not answer",
            "wait if it is just starting; else end that process",
        ),
        Err(TryLockError::Error(error)) => {
            Finding::broken("lock", error.to_string(), "put the data directory on a local disk")
        }
    })
}

async fn database(config: &Config) -> Finding {
    let url = match &config.database_url {
        Some(url) => url.expose().to_owned(),
        None => {
            let path = config.data_dir.join("banto.db");
            if !path.exists() {
                return Finding::missing("database", "there is none yet", "`banto serve` makes it");
            }
            format!("sqlite://{}?mode=ro", path.display())
        }
    };
    let mut options = sea_orm::ConnectOptions::new(url.as_str());
    options.max_connections(1).connect_timeout(PATIENCE).acquire_timeout(PATIENCE).sqlx_logging(false);
    let answered = async {
        let database = sea_orm::Database::connect(options).await?;
        database.ping().await?;
        database.close().await
    };
    let kind = if config.database_url.is_some() { "PostgreSQL" } else { "SQLite" };
    match tokio::time::timeout(PATIENCE, answered).await {
        Ok(Ok(())) => Finding::ok("database", format!("{kind} answers")),
        Ok(Err(error)) => {
            Finding::broken("database", format!("{kind}: {}", without_secrets(&error, &url)), mend(kind))
        }
        Err(_) => Finding::broken("database", format!("{kind} does not answer"), mend(kind)),
    }
}

fn mend(kind: &str) -> &'static str {
    match kind {
        "SQLite" => "restore the data directory from a backup, or give it to the user who runs Banto",
        _ => "start PostgreSQL, or correct database_url",
    }
}

/// Drivers quote parts of the URL.
fn without_secrets(error: &sea_orm::DbErr, url: &str) -> String {
    let mut text = error.to_string().replace(url, "the URL");
    let password = reqwest::Url::parse(url).ok().and_then(|url| url.password().map(str::to_owned));
    if let Some(password) = password.filter(|password| !password.is_empty()) {
        text = text.replace(&password, "***");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{configuration_file, data_directory, examine, without_secrets};
    use crate::{cli::doctor::State, config::Config, secret::Secret};

    fn state(findings: &[super::Finding], check: &str) -> Option<State> {
        findings.iter().find(|finding| finding.check == check).map(|finding| finding.state)
    }

    #[tokio::test]
    async fn a_fresh_machine_misses_things_but_nothing_is_broken() {
        let directory = tempfile::tempdir().unwrap();
        let config = Config { data_dir: directory.path().join("none"), ..Config::default() };
        let mut findings = Vec::new();
        examine(&config, false, &mut findings).await;
        assert_eq!(state(&findings, "data directory"), Some(State::Missing));
        assert_eq!(state(&findings, "database"), Some(State::Missing));
        assert_eq!(state(&findings, "lock"), None);
    }

    #[tokio::test]
    async fn a_held_lock_without_a_server_and_a_torn_database_are_broken() {
        let directory = tempfile::tempdir().unwrap();
        let lock = std::fs::File::create(directory.path().join("lock")).unwrap();
        let config = Config { data_dir: directory.path().to_owned(), ..Config::default() };
        let mut findings = Vec::new();
        examine(&config, false, &mut findings).await;
        assert_eq!(state(&findings, "lock"), Some(State::Ok));

        lock.lock().unwrap();
        std::fs::create_dir(directory.path().join("banto.db")).unwrap();
        let mut findings = Vec::new();
        examine(&config, false, &mut findings).await;
        assert_eq!(state(&findings, "lock"), Some(State::Broken));
        assert_eq!(state(&findings, "database"), Some(State::Broken));
        assert_eq!(state(&findings, "data directory"), Some(State::Ok));
    }

    #[test]
    fn a_file_in_the_place_of_the_directory_is_broken() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert_eq!(data_directory(file.path()).state, State::Broken);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_with_secrets_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let file = tempfile::NamedTempFile::new().unwrap();
        let set =
            |mode| std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(mode)).unwrap();
        let secret = Some(Secret::new("postgres://x".into()));
        let config = Config { database_url: secret, ..Config::default() };
        set(0o644);
        assert_eq!(configuration_file(&config, Some(file.path())).state, State::Broken);
        assert_eq!(configuration_file(&Config::default(), Some(file.path())).state, State::Ok);
        set(0o600);
        assert_eq!(configuration_file(&config, Some(file.path())).state, State::Ok);
    }

    #[test]
    fn errors_of_the_database_show_no_password() {
        let error = sea_orm::DbErr::Custom("cannot reach postgres://u:hunter2@h: hunter2 refused".into());
        let text = without_secrets(&error, "postgres://u:hunter2@h");
        assert!(!text.contains("hunter2"), "{text}");
    }
}
