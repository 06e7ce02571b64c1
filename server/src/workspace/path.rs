//! Paths within a workspace, parsed once at the door.

use crate::{
    error::{Error, Result},
    store::workspace::{Root, Roots},
};
use std::fmt;

/// Longest path, in bytes.
const MAX_PATH: usize = 4_096;

/// A path within a workspace that leads nowhere else by its form: relative, with
/// `/` between its parts, none of which is empty, `.` or `..`. For the first root it
/// begins below that root, for a further one with `@NAME`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkspacePath(String);

impl WorkspacePath {
    /// Checks a path. A `%2e` is three characters of a name and nothing else.
    ///
    /// # Errors
    /// `PathOutsideWorkspace` for one that is absolute or has a part `..`;
    /// `InvalidInput` naming the field for one that is malformed.
    pub fn parse(field: &'static str, text: &str) -> Result<Self> {
        if text.is_empty() {
            return Err(Error::invalid(field, "must not be empty"));
        }
        if text.len() > MAX_PATH {
            return Err(Error::invalid(field, format!("at most {MAX_PATH} bytes are taken")));
        }
        if text.contains('\0') {
            return Err(Error::invalid(field, "must not hold the character U+0000"));
        }
        let leaves_by_a_backslash =
            text.starts_with('\\') || text.contains('\\') && text.split(['/', '\\']).any(|part| part == "..");
        if text.starts_with('/') || leaves_by_a_backslash || has_drive(text) {
            return Err(Error::PathOutsideWorkspace);
        }
        if text.split('/').any(|part| part == "..") {
            return Err(Error::PathOutsideWorkspace);
        }
        if text.split('/').any(|part| part.is_empty() || part == ".") {
            return Err(Error::invalid(field, "has an empty part or one that is `.`"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The path as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The root that the path is in, by its place, and the path within that root;
    /// the latter is empty for a root itself. `None`: there are no roots.
    #[must_use]
    pub fn locate<'a>(&'a self, roots: &Roots) -> Option<(usize, &'a str)> {
        let (first, rest) = self.0.split_once('/').unwrap_or((&self.0, ""));
        let named = first.strip_prefix('@').and_then(|name| place_of(roots, name));
        match named {
            Some(place) => Some((place, rest)),
            None => (!roots.0.is_empty()).then_some((0, self.0.as_str())),
        }
    }
}

impl fmt::Display for WorkspacePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The place of a further root.
fn place_of(roots: &Roots, name: &str) -> Option<usize> {
    roots.0.iter().enumerate().skip(1).find(|(_, root)| root.name == name).map(|(place, _)| place)
}

/// The path within the workspace of a file that is `inner` within a root. `None`: a
/// further root's name hides a folder of the first.
#[must_use]
pub(super) fn write(roots: &Roots, place: usize, inner: &str) -> Option<String> {
    let Root { name, .. } = roots.0.get(place)?;
    if place > 0 {
        return Some(format!("@{name}/{inner}"));
    }
    let first = inner.split('/').next().unwrap_or_default();
    let hidden = first.strip_prefix('@').is_some_and(|name| place_of(roots, name).is_some());
    (!hidden).then(|| inner.to_owned())
}

/// `C:` and what follows it is a place of its own on Windows.
fn has_drive(text: &str) -> bool {
    matches!(text.as_bytes(), [letter, b':', rest @ ..]
        if letter.is_ascii_alphabetic() && matches!(rest, [] | [b'/' | b'\\', ..]))
}

#[cfg(test)]
mod tests {
    use super::{MAX_PATH, WorkspacePath, write};
    use crate::{
        error::Error,
        store::workspace::{Root, Roots},
    };

    fn roots() -> Roots {
        let root = |path: &str| Root::named(path.to_owned(), |_| false);
        Roots(vec![root("/srv/shop"), root("/srv/lib")])
    }

    #[test]
    fn what_leads_out_is_refused_as_such() {
        let out = [
            "/etc/passwd",
            "//etc",
            "..",
            "../x",
            "a/../../x",
            "a/..",
            "@lib/../x",
            "/proc/self/environ",
            "\\etc",
            "\\\\server\\share",
            "C:",
            "C:\\x",
            "c:/x",
            "..\\x",
            "a\\..\\x",
        ];
        for text in out {
            let refused = WorkspacePath::parse("path", text);
            assert!(matches!(refused, Err(Error::PathOutsideWorkspace)), "{text}: {refused:?}");
        }
    }

    #[test]
    fn what_is_malformed_names_the_field() {
        for text in ["", "a//b", "a/", "./a", "a/./b", ".", "a\0b", "a/\0", &"x".repeat(MAX_PATH + 1)] {
            let refused = WorkspacePath::parse("path", text);
            assert!(matches!(&refused, Err(Error::InvalidInput(it)) if it[0].field == "path"), "{text}");
        }
    }

    #[test]
    fn other_names_are_only_names() {
        for text in ["%2e%2e/x", "...", "a b", "ä/番\n", ".env", "@", "@types/x", "a:b", "x\\y", "~", "$HOME"]
        {
            assert_eq!(WorkspacePath::parse("path", text).expect("a path").as_str(), text);
        }
    }

    #[test]
    fn a_further_root_has_a_prefix() {
        let locate = |text: &str| {
            let path = WorkspacePath::parse("path", text).expect("a path");
            path.locate(&roots()).map(|(place, inner)| (place, inner.to_owned()))
        };
        assert_eq!(locate("src/a.rs"), Some((0, "src/a.rs".to_owned())));
        assert_eq!(locate("@lib/src/a.rs"), Some((1, "src/a.rs".to_owned())));
        assert_eq!(locate("@lib"), Some((1, String::new())));
        assert_eq!(locate("@types/a.ts"), Some((0, "@types/a.ts".to_owned())));
        // The first root has no prefix, so its name is not one.
        assert_eq!(locate("@shop/a"), Some((0, "@shop/a".to_owned())));
        assert_eq!(WorkspacePath::parse("path", "a").expect("a path").locate(&Roots::default()), None);
    }

    #[test]
    fn a_path_that_is_written_is_read_as_the_same_file() {
        assert_eq!(write(&roots(), 0, "a/b").as_deref(), Some("a/b"));
        assert_eq!(write(&roots(), 1, "a/b").as_deref(), Some("@lib/a/b"));
        assert_eq!(write(&roots(), 0, "@types/b").as_deref(), Some("@types/b"));
        assert_eq!(write(&roots(), 0, "@lib/b"), None);
    }
}
