//! Root folders of a workspace, and their names.

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Longest name of a root, in characters.
const MAX_NAME: usize = 64;
/// The name where a folder has none that can be written as a slug.
const NAMELESS: &str = "root";

/// A root folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Stored")]
pub struct Root {
    /// Slug that is unique in its workspace.
    pub name: String,
    /// Absolute path on the server; it never leaves it.
    pub path: String,
}

/// Roots had no names at first.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stored {
    Path(String),
    Named { name: String, path: String },
}

impl From<Stored> for Root {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Path(path) => Self::named(path, |_| false),
            Stored::Named { name, path } => Self { name, path },
        }
    }
}

impl Root {
    /// A root that is named after its folder, with a number where that name is
    /// `taken`.
    pub fn named(path: String, taken: impl Fn(&str) -> bool) -> Self {
        let folder = Path::new(&path).file_name().map(|name| name.to_string_lossy().into_owned());
        let first = slug(&folder.unwrap_or_default());
        let mut name = first.clone();
        let mut number = 2;
        while taken(&name) {
            let ending = format!("-{number}");
            name = format!("{}{ending}", &first[..first.len().min(MAX_NAME - ending.len())]);
            number += 1;
        }
        Self { name, path }
    }
}

fn slug(name: &str) -> String {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-');
    let slug: String =
        name.chars().map(|letter| if fits(letter) { letter } else { '-' }).take(MAX_NAME).collect();
    if slug.contains(|letter: char| letter.is_ascii_alphanumeric()) { slug } else { NAMELESS.to_owned() }
}

/// Root folders, in order; paths within the first have no prefix.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Roots(pub Vec<Root>);

#[cfg(test)]
mod tests {
    use super::{Root, Roots};

    #[test]
    fn roots_that_were_stored_without_names_are_read() {
        let roots: Roots = serde_json::from_str(r#"["/srv/shop", {"name":"lib","path":"/srv/l"}]"#).unwrap();
        let names: Vec<_> = roots.0.iter().map(|root| (root.name.as_str(), root.path.as_str())).collect();
        assert_eq!(names, [("shop", "/srv/shop"), ("lib", "/srv/l")]);
        assert_eq!(serde_json::from_str::<Roots>(&serde_json::to_string(&roots).unwrap()).unwrap(), roots);
    }

    #[test]
    fn names_are_slugs_and_unique() {
        let name =
            |path: &str, taken: &[&str]| Root::named(path.to_owned(), |name| taken.contains(&name)).name;
        assert_eq!(name("/a/My shop", &[]), "My-shop");
        assert_eq!(name("/a/.config", &[]), ".config");
        assert_eq!(name("/a/番頭", &[]), "root");
        assert_eq!(name("/", &[]), "root");
        assert_eq!(name("/a/lib", &["lib", "lib-2"]), "lib-3");
        let long = "x".repeat(100);
        assert_eq!(name(&format!("/{long}"), &[]).len(), 64);
        assert_eq!(name(&format!("/{long}"), &[&"x".repeat(64)]), format!("{}-2", "x".repeat(62)));
    }
}
