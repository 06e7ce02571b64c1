//! What is wrong with the settings, and where it was written.

use std::{fmt, path::PathBuf};

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// A configuration file.
    File(PathBuf),
    /// An environment variable.
    Variable(String),
    /// A flag, with its dashes.
    Flag(String),
}

/// One thing that is wrong. Never holds the value of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Path of the key, such as `timeouts.idle_ms`. Empty: the source as a whole.
    pub key: String,
    /// Where the value was written.
    pub origin: Origin,
    /// What is wrong and what is expected.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, origin, message } = self;
        match origin {
            Origin::Default if key.is_empty() => f.write_str(message),
            Origin::Default => write!(f, "{key}: {message}"),
            Origin::File(path) if key.is_empty() => write!(f, "{}: {message}", path.display()),
            Origin::File(path) => write!(f, "{key} in {}: {message}", path.display()),
            Origin::Variable(name) if key.is_empty() => write!(f, "{name}: {message}"),
            Origin::Variable(name) => write!(f, "{name} ({key}): {message}"),
            Origin::Flag(flag) if key.is_empty() => write!(f, "{flag}: {message}"),
            Origin::Flag(flag) => write!(f, "{flag} ({key}): {message}"),
        }
    }
}

/// The settings cannot be used; every problem that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// At least one.
    pub problems: Vec<Problem>,
}

impl From<Problem> for ConfigError {
    fn from(problem: Problem) -> Self {
        Self { problems: vec![problem] }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}
