//! Reads the layers, puts them together and checks the result.

use super::{
    Config, ConfigError, Environment, Origin, Problem, ServeFlags, check, keys,
    layers::{Layer, origin},
};
use figment::{
    Figment,
    error::{Actual, Kind},
    providers::Serialized,
};
use std::path::{Path, PathBuf};

impl Config {
    /// The settings of a server that is started with these flags in this
    /// environment: the file, then `BANTO_*`, then the flags.
    pub fn load(flags: &ServeFlags, environment: &Environment) -> Result<Self, ConfigError> {
        let mut problems = Vec::new();
        let mut layers = Vec::new();
        if let Some(path) = find_file(flags.config.as_deref(), environment)? {
            layers.push(Layer::of_file(&path, &mut problems)?);
        }
        layers.push(Layer::of_environment(environment, &mut problems));
        layers.push(Layer::of_flags(flags));
        if !problems.is_empty() {
            // Typed errors about the same keys would only repeat these.
            return Err(ConfigError { problems });
        }

        let figment = layers
            .iter()
            .fold(Figment::new(), |figment, layer| figment.merge(Serialized::globals(&layer.values)));
        let mut config: Self = figment.extract().map_err(|error| ConfigError {
            problems: error.into_iter().map(|error| problem(&error, &layers)).collect(),
        })?;
        config.workspace_is_flag = flags.workspace.is_some();
        config.cache_dir = environment.finder_cache();
        if config.data_dir.as_os_str().is_empty() {
            config.data_dir = default_data_dir(environment)?;
        }
        let problems: Vec<_> = check::check(&config)
            .into_iter()
            .map(|(key, message)| Problem { origin: origin(&layers, &key), key, message })
            .collect();
        if problems.is_empty() { Ok(config) } else { Err(ConfigError { problems }) }
    }
}

/// The configuration file that applies: `--config`, else `BANTO_CONFIG`, else
/// the standard one if it exists.
pub fn find_file(flag: Option<&Path>, environment: &Environment) -> Result<Option<PathBuf>, ConfigError> {
    let named = match (flag, environment.path("BANTO_CONFIG")) {
        (Some(path), _) => Some((path, Origin::Flag("--config".to_owned()))),
        (None, Some(path)) => Some((path, Origin::Variable("BANTO_CONFIG".to_owned()))),
        (None, None) => None,
    };
    let Some((path, origin)) = named else {
        let standard = environment.config_home().map(|directory| directory.join("banto.toml"));
        return Ok(standard.filter(|path| path.exists()));
    };
    if path.is_file() {
        return Ok(Some(path.to_owned()));
    }
    let message = format!("there is no file {}; expected a banto.toml", path.display());
    Err(Problem { key: String::new(), origin, message }.into())
}

/// The data directory alone, for client commands, which must not fail over a
/// setting that only the server uses.
pub fn data_dir(
    flag: Option<&Path>,
    config: Option<&Path>,
    environment: &Environment,
) -> Result<PathBuf, ConfigError> {
    if let Some(path) = flag.or_else(|| environment.path("BANTO_DATA_DIR")) {
        return Ok(path.to_owned());
    }
    if let Some(file) = find_file(config, environment)? {
        let layer = Layer::of_file(&file, &mut Vec::new())?;
        if let Some(path) = layer.values.get("data_dir").and_then(|value| value.as_str()) {
            return Ok(PathBuf::from(path));
        }
    }
    default_data_dir(environment).map_err(ConfigError::from)
}

fn default_data_dir(environment: &Environment) -> Result<PathBuf, Problem> {
    environment.data_home().ok_or_else(|| Problem {
        key: "data_dir".to_owned(),
        origin: Origin::Default,
        message: "there is no home directory to put it in; set --data-dir or BANTO_DATA_DIR".to_owned(),
    })
}

/// What serde says about a value, in our words and without secrets.
fn problem(error: &figment::Error, layers: &[Layer]) -> Problem {
    let mut path: Vec<&str> = error.path.iter().map(String::as_str).collect();
    if let Kind::MissingField(name) = &error.kind {
        path.push(name);
    }
    let expected = keys::find(&path).map_or_else(
        || {
            let names = keys::names_below(&path);
            if names.is_empty() {
                "another type".to_owned()
            } else {
                format!("a table of {}", names.join(", "))
            }
        },
        |key| key.expected.to_owned(),
    );
    let message = match &error.kind {
        Kind::MissingField(_) => format!("it is missing; expected {expected}"),
        Kind::InvalidType(found, _) | Kind::InvalidValue(found, _) | Kind::Unsupported(found)
            if !keys::is_secret(&path) =>
        {
            format!("expected {expected}, found {}", quoted(found))
        }
        Kind::UnknownVariant(found, _) if !keys::is_secret(&path) => {
            format!("expected {expected}, found {found:?}")
        }
        _ => format!("expected {expected}"),
    };
    let key = path.join(".");
    Problem { origin: origin(layers, &key), key, message }
}

fn quoted(found: &Actual) -> String {
    match found {
        Actual::Bool(value) => value.to_string(),
        Actual::Unsigned(value) => value.to_string(),
        Actual::Signed(value) => value.to_string(),
        Actual::Float(value) => value.to_string(),
        Actual::Str(text) => format!("{text:?}"),
        Actual::Seq => "a list".to_owned(),
        Actual::Map => "a table".to_owned(),
        _ => "something else".to_owned(),
    }
}
