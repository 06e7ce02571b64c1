//! Tasks whose files are known, as they are written in a file: one JSON object a
//! line.

use crate::error::Error;
use serde::{Deserialize, Serialize};

/// A task, the commit to search at, and the files that matter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// The commit that did the task.
    #[serde(default)]
    pub commit: String,
    /// The commit before it, which is the one to search at.
    pub parent: String,
    /// What was to be done.
    pub task: String,
    /// The files that matter.
    pub gold: Vec<String>,
    /// Who wrote the commit, where that is known. Of tasks that a program wrote,
    /// each result is told, but no mean.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author_kind: Option<String>,
}

impl Case {
    /// Whether a person wrote the task.
    #[must_use]
    pub fn is_of_a_person(&self) -> bool {
        self.author_kind.as_deref().is_none_or(|it| it == "human")
    }
}

/// Reads cases, one JSON object a line.
///
/// # Errors
///
/// When a line is no case.
pub fn read(text: &str) -> Result<Vec<Case>, Error> {
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let case = |(line, text)| {
        let wrong = |reason: String| Error::Case { line, reason };
        let case: Case = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
        if case.gold.is_empty() {
            return Err(wrong("it names no file that matters".to_owned()));
        }
        Ok(case)
    };
    lines.map(case).collect()
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn a_line_is_a_case_or_the_line_is_named() {
        let line = r#"{"repo":"a/b","parent":"c","task":"Fix it","gold":["src/a.rs"],"words":2}"#;
        assert_eq!(read(&format!("{line}\n\n")).unwrap()[0].gold, ["src/a.rs"]);
        let error = read(&format!("{line}\n{{}}")).unwrap_err().to_string();
        assert!(error.starts_with("line 2 "), "{error}");
    }
}
