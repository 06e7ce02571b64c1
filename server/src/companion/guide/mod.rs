//! The guide: what the Companion is when no model is connected. It finds the
//! sections of Banto's own documentation that share the question's words,
//! quotes them and says where they are. It never pretends to be a model.

mod index;
mod page;
mod quote;
#[cfg(test)]
mod tests;
mod words;

use self::{index::Index, page::Section};
use crate::{
    error::{Error, Noun, Result},
    prompt::{Prompts, Rendered},
    run::PromptRef,
};
use serde::Serialize;

include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// Frames the sections that were found.
const FOUND: &str = "companion/guide";

/// Says that nothing was found.
const NOTHING: &str = "companion/guide-nothing";

/// Most sections that one answer quotes.
const MOST_PASSAGES: usize = 3;

/// How well a further section must match, beside the best one.
const FURTHER_SHARE: f32 = 0.65;

/// The documentation, indexed by its words.
pub struct Guide {
    sections: Vec<Section>,
    index: Index,
}

impl std::fmt::Debug for Guide {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guide").field("sections", &self.sections.len()).finish_non_exhaustive()
    }
}

/// What the guide says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Markdown.
    pub text: String,
    /// The quoted sections, the best first. Empty: nothing was found.
    pub citations: Vec<Citation>,
    /// The resource that frames the quotes.
    pub prompt: PromptRef,
}

/// A section of the documentation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Citation {
    /// File below docs/, such as `models.md`; `README.md` is at the top.
    pub document: String,
    /// Heading of the section.
    pub heading: String,
    /// Anchor of the heading within the document.
    pub anchor: String,
}

#[derive(Serialize)]
struct Passage<'a> {
    number: usize,
    heading: &'a str,
    document: &'a str,
    anchor: &'a str,
    quote: String,
}

impl Default for Guide {
    fn default() -> Self {
        Self::new()
    }
}

impl Guide {
    /// Indexes the documentation that is built in.
    #[must_use]
    pub fn new() -> Self {
        Self::of(PAGES)
    }

    fn of(pages: &[(&'static str, &'static str)]) -> Self {
        let sections: Vec<_> =
            pages.iter().flat_map(|(document, text)| page::sections(document, text)).collect();
        let index = Index::new(&sections);
        Self { sections, index }
    }

    /// Answers a question with what the documentation has. `language` is a BCP
    /// 47 tag, or empty for the question's own; it chooses the words around the
    /// quotes.
    pub fn answer(&self, prompts: &Prompts, question: &str, language: &str) -> Result<Answer> {
        let language = language_of(question, language);
        let hits = self.index.search(question);
        let best = hits.first().map_or(0.0, |hit| hit.score);
        let found: Vec<&Section> = hits
            .iter()
            .take(MOST_PASSAGES)
            .filter(|hit| hit.score >= best * FURTHER_SHARE)
            .filter_map(|hit| self.sections.get(hit.section))
            .collect();
        if found.is_empty() {
            let rendered = nothing(prompts, language)?;
            return Ok(Answer { text: rendered.text, citations: Vec::new(), prompt: rendered.prompt });
        }
        let rendered = quoted(prompts, language, &found)?;
        let citations = found
            .iter()
            .map(|section| Citation {
                document: section.document.to_owned(),
                heading: section.heading.clone(),
                anchor: section.anchor.clone(),
            })
            .collect();
        Ok(Answer { text: rendered.text, citations, prompt: rendered.prompt })
    }

    /// One of the guide's own resources as it would be rendered.
    ///
    /// # Errors
    /// `NotFound` for a resource that is not the guide's, or what is wrong with it.
    pub fn preview(&self, prompts: &Prompts, name: &str, language: &str) -> Result<Rendered> {
        let language = language_of("", language);
        match name {
            FOUND => quoted(prompts, language, &self.sections.iter().take(1).collect::<Vec<_>>()),
            NOTHING => nothing(prompts, language),
            _ => Err(Error::NotFound(Noun::Prompt)),
        }
    }
}

fn nothing(prompts: &Prompts, language: &str) -> Result<Rendered> {
    prompts.render(NOTHING, &serde_json::json!({ "language": language }))
}

fn quoted(prompts: &Prompts, language: &str, sections: &[&Section]) -> Result<Rendered> {
    let passages: Vec<_> = sections
        .iter()
        .zip(1..)
        .map(|(section, number)| Passage {
            number,
            heading: &section.heading,
            document: section.document,
            anchor: &section.anchor,
            quote: quote::quote(&section.body),
        })
        .collect();
    prompts.render(FOUND, &serde_json::json!({ "language": language, "passages": passages }))
}

/// One of the languages that the guide's own words exist in.
fn language_of(question: &str, wanted: &str) -> &'static str {
    let primary = wanted.split('-').next().unwrap_or_default();
    let japanese =
        if wanted.is_empty() { words::is_japanese(question) } else { primary.eq_ignore_ascii_case("ja") };
    if japanese { "ja" } else { "en" }
}
