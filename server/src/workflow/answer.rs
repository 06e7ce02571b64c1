//! What a model answered, checked: JSON of a known structure, and paths that exist.

use crate::{
    run::{Failure, FailureKind},
    store::workflow_stage::PatternGroup,
};
use serde::{Deserialize, de::DeserializeOwned};

/// Most entries of an answer; a model that writes more does not answer the question.
const MOST: usize = 2_000;
/// Longest text that is taken over, in characters.
const LONGEST: usize = 500;

/// Folders.
#[derive(Debug, Deserialize)]
pub(super) struct Folders {
    pub folders: Vec<String>,
}

/// Groups of patterns.
#[derive(Debug, Deserialize)]
pub(super) struct Groups {
    pub groups: Vec<PatternGroup>,
}

/// Files with what is said about them.
#[derive(Debug, Deserialize)]
pub(super) struct Files {
    pub files: Vec<Judged>,
}

/// A file and what is said about it.
#[derive(Debug, Deserialize)]
pub(super) struct Judged {
    pub path: String,
    pub relevance: f64,
    #[serde(default)]
    pub reason: String,
}

impl Judged {
    /// From 0 to 1.
    pub fn score(&self) -> f64 {
        if self.relevance.is_finite() { (self.relevance / 100.0).clamp(0.0, 1.0) } else { 0.0 }
    }
}

/// What has lists in it.
pub(super) trait Counted {
    fn count(&self) -> usize;
}

impl Counted for Folders {
    fn count(&self) -> usize {
        self.folders.len()
    }
}

impl Counted for Groups {
    fn count(&self) -> usize {
        self.groups.len()
    }
}

impl Counted for Files {
    fn count(&self) -> usize {
        self.files.len()
    }
}

/// Reads an answer. A fence around the JSON and words before and after it are
/// forgiven, because models write them whatever they are told.
pub(super) fn read<T: DeserializeOwned + Counted>(text: &str) -> Result<T, Failure> {
    let broken = |why: String| {
        let what = format!("the model's answer does not have the structure that was asked for: {why}");
        Failure::new(FailureKind::Answer, true, what)
    };
    let start = text.find('{').ok_or_else(|| broken("there is no JSON object in it".to_owned()))?;
    let mut values = serde_json::Deserializer::from_str(&text[start..]).into_iter::<T>();
    match values.next() {
        Some(Ok(answer)) if answer.count() <= MOST => Ok(answer),
        Some(Ok(_)) => Err(broken(format!("it has more than {MOST} entries"))),
        Some(Err(error)) => Err(broken(error.to_string())),
        None => Err(broken("it is empty".to_owned())),
    }
}

/// A text of a model, cut to what is shown.
pub(super) fn shown(text: &str) -> String {
    text.chars().filter(|it| !it.is_control() || *it == '\n').take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_models_write_around_json_is_forgiven() {
        let text = "Here you are:\n```json\n{\"folders\": [\"src\"]}\n```\nAnything else?";
        assert_eq!(read::<Folders>(text).map(|it| it.folders).ok(), Some(vec!["src".to_owned()]));
    }

    #[test]
    fn nonsense_is_a_failure_that_may_pass() {
        for text in ["", "no", "{", "{\"folders\": 1}", "{\"files\": [{\"path\": \"a\"}]}"] {
            let failure = read::<Files>(text).expect_err("it is no answer");
            assert_eq!((failure.kind, failure.retryable), (FailureKind::Answer, true), "{text}");
        }
    }

    #[test]
    fn a_relevance_stays_within_its_bounds() {
        let score = |relevance| Judged { path: String::new(), relevance, reason: String::new() }.score();
        assert_eq!([score(250.0), score(-3.0), score(f64::NAN), score(40.0)], [1.0, 0.0, 0.0, 0.4]);
    }
}
