//! The three places that settings are written in, each as a tree of values.

use super::{
    Environment, Origin, Problem, ServeFlags,
    flags::{flag_of, variable_of},
    keys::{self, Kind, OTHER_VARIABLES, PREFIX},
};
use figment::value::{Dict, Value};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Values from one place.
pub(super) struct Layer {
    source: Source,
    pub values: Dict,
}

enum Source {
    File(PathBuf),
    Environment,
    Flags,
}

impl Layer {
    pub fn of_flags(flags: &ServeFlags) -> Self {
        Self { source: Source::Flags, values: flags.values() }
    }

    /// Reads a file. Keys that do not exist become problems.
    pub fn of_file(path: &Path, problems: &mut Vec<Problem>) -> Result<Self, Problem> {
        let origin = Origin::File(path.to_owned());
        let whole = |message: String| Problem { key: String::new(), origin: origin.clone(), message };
        let text =
            fs::read_to_string(path).map_err(|error| whole(format!("the file cannot be read: {error}")))?;
        // The parser's own rendering quotes the line, and with it perhaps a key.
        let table: toml::Table = toml::from_str(&text).map_err(|error| {
            let line = error.span().map(|span| text[..span.start.min(text.len())].lines().count().max(1));
            let place = line.map(|line| format!("line {line}: ")).unwrap_or_default();
            whole(format!("{place}this is not TOML: {}", error.message().replace('\n', "; ")))
        })?;
        let mut values = dict(table);
        check_names(&values, &mut Vec::new(), &origin, problems);
        // An empty path would become the directory itself, and mean "unset".
        let base = path.parent().unwrap_or(Path::new(""));
        for key in keys::KEYS.iter().filter(|key| key.kind == Kind::Path) {
            if let Some(Value::String(_, text)) = values.get_mut(key.path)
                && !text.is_empty()
            {
                *text = base.join(&*text).to_string_lossy().into_owned();
            }
        }
        Ok(Self { source: Source::File(path.to_owned()), values })
    }

    /// Reads `BANTO_*`. Names that do not exist become problems. An empty value
    /// counts as unset, because that is how compose files clear a variable.
    pub fn of_environment(environment: &Environment, problems: &mut Vec<Problem>) -> Self {
        let mut values = Dict::new();
        for (name, text) in environment.beginning_with(PREFIX) {
            if OTHER_VARIABLES.contains(&name) {
                continue;
            }
            let origin = || Origin::Variable(name.to_owned());
            let Some(path) = settable(name) else {
                let message = "there is no such setting; see docs/configuration.md for the names".to_owned();
                problems.push(Problem { key: String::new(), origin: origin(), message });
                continue;
            };
            let key = path.join(".");
            let Ok(text) = text else {
                problems.push(Problem {
                    key,
                    origin: origin(),
                    message: "the value is not UTF-8".to_owned(),
                });
                continue;
            };
            if text.is_empty() {
                continue;
            }
            let kind = keys::find(&path).map_or(Kind::Text, |key| key.kind);
            let value = match typed(kind, text) {
                Some(value) => value,
                None => Value::from(text),
            };
            if kind == Kind::Tables
                && let Value::Array(_, rows) = &value
            {
                let before = problems.len();
                for (index, row) in rows.iter().enumerate() {
                    if let Value::Dict(_, row) = row {
                        check_names(row, &mut vec![key.clone(), index.to_string()], &origin(), problems);
                    }
                }
                if problems.len() > before {
                    continue;
                }
            }
            insert(&mut values, &path, value);
        }
        Self { source: Source::Environment, values }
    }

    /// Where this layer says something about a path, if it does.
    fn origin(&self, path: &[&str]) -> Option<Origin> {
        find_value(&self.values, path)?;
        let key = path.iter().take_while(|segment| segment.parse::<usize>().is_err());
        let key = key.copied().collect::<Vec<_>>().join(".");
        Some(match &self.source {
            Source::File(path) => Origin::File(path.clone()),
            Source::Environment => Origin::Variable(variable_of(&key)),
            Source::Flags => Origin::Flag(flag_of(&key)),
        })
    }
}

/// Where the value of a key comes from: the highest layer that has it, else the
/// highest that has what it is missing from.
pub(super) fn origin(layers: &[Layer], key: &str) -> Origin {
    let path: Vec<_> = key.split('.').collect();
    (1..=path.len())
        .rev()
        .find_map(|depth| layers.iter().rev().find_map(|layer| layer.origin(&path[..depth])))
        .unwrap_or(Origin::Default)
}

/// The path that a variable sets. Rows of tables have no variables of their own.
fn settable(name: &str) -> Option<Vec<&'static str>> {
    keys::KEYS
        .iter()
        .find(|key| !key.path.contains('*') && variable_of(key.path) == name)
        .map(|key| key.path.split('.').collect())
}

/// Text as a value of a kind. `None`: it is not one, and the error about its
/// type will say what is expected.
fn typed(kind: Kind, text: &str) -> Option<Value> {
    match kind {
        Kind::Text | Kind::Path => Some(Value::from(text)),
        Kind::Number => text.parse::<u64>().ok().map(Value::from),
        Kind::Boolean => text.parse::<bool>().ok().map(Value::from),
        Kind::Texts => Some(Value::from(text.split(',').map(str::trim).collect::<Vec<_>>())),
        Kind::Tables => {
            let mut table: toml::Table = toml::from_str(&format!("rows = {text}")).ok()?;
            (table.len() == 1).then(|| table.remove("rows").map(value))?
        }
    }
}

fn check_names(values: &Dict, path: &mut Vec<String>, origin: &Origin, problems: &mut Vec<Problem>) {
    for (name, value) in values {
        path.push(name.clone());
        let segments: Vec<_> = path.iter().map(String::as_str).collect();
        let names = keys::names_below(&segments);
        if keys::find(&segments).is_none() && names.is_empty() {
            let known = keys::names_below(&segments[..segments.len() - 1]).join(", ");
            let message = format!("there is no such key; expected one of {known}");
            problems.push(Problem { key: path.join("."), origin: origin.clone(), message });
        }
        match value {
            Value::Dict(_, inner) if !names.is_empty() => check_names(inner, path, origin, problems),
            Value::Array(_, rows) if !names.is_empty() => {
                for (index, row) in rows.iter().enumerate() {
                    if let Value::Dict(_, inner) = row {
                        path.push(index.to_string());
                        check_names(inner, path, origin, problems);
                        path.pop();
                    }
                }
            }
            _ => {}
        }
        path.pop();
    }
}

fn find_value<'a>(values: &'a Dict, path: &[&str]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(values.get(*first)?, |value, segment| match value {
        Value::Dict(_, inner) => inner.get(*segment),
        Value::Array(_, rows) => rows.get(segment.parse::<usize>().ok()?),
        _ => None,
    })
}

fn insert(values: &mut Dict, path: &[&str], value: Value) {
    match path {
        [] => {}
        [name] => {
            values.insert((*name).to_owned(), value);
        }
        [name, rest @ ..] => {
            let inner = values.entry((*name).to_owned()).or_insert_with(|| Value::from(Dict::new()));
            if let Value::Dict(_, inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}

fn dict(table: toml::Table) -> Dict {
    table.into_iter().map(|(name, inner)| (name, value(inner))).collect()
}

/// TOML's values as figment's. A date becomes text, so that days can be written
/// with and without quotes.
fn value(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::from(text),
        toml::Value::Integer(number) => Value::from(number),
        toml::Value::Float(number) => Value::from(number),
        toml::Value::Boolean(boolean) => Value::from(boolean),
        toml::Value::Datetime(date) => Value::from(date.to_string()),
        toml::Value::Array(rows) => Value::from(rows.into_iter().map(self::value).collect::<Vec<_>>()),
        toml::Value::Table(table) => Value::from(dict(table)),
    }
}
