//! Ranks sections by BM25, the field's standard weighting of shared terms.

use super::{page::Section, words};
use std::collections::HashMap;

/// How fast a term's repetition stops counting.
const K1: f32 = 1.2;
/// How much a long section is held against itself.
const B: f32 = 0.6;
/// A term of the heading counts as so many of the body.
const HEADING: f32 = 4.0;
/// A term of the page's title.
const TITLE: f32 = 2.0;
/// The least share of the question's weight that a section must cover.
const LEAST_COVER: f32 = 0.4;
/// A word that is nowhere in the documentation counts so much in that share.
const UNKNOWN: f32 = 0.6;
/// What a section gains when the question has all words of its heading.
const HEADING_BONUS: f32 = 0.5;
/// What a Japanese section gains when the question is Japanese.
const JAPANESE_BONUS: f32 = 0.5;

pub(super) struct Index {
    /// Term to the sections that have it, with its weighted count.
    postings: HashMap<String, Vec<(usize, f32)>>,
    headings: Vec<Vec<String>>,
    japanese: Vec<bool>,
    lengths: Vec<f32>,
    mean_length: f32,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Hit {
    pub(super) section: usize,
    pub(super) score: f32,
}

impl Index {
    pub(super) fn new(sections: &[Section]) -> Self {
        let mut postings: HashMap<String, Vec<(usize, f32)>> = HashMap::new();
        let mut lengths = Vec::with_capacity(sections.len());
        for (number, section) in sections.iter().enumerate() {
            let mut length = 0.0;
            for (text, weight) in [(&section.body, 1.0), (&section.heading, HEADING), (&section.title, TITLE)]
            {
                for term in words::terms(text) {
                    length += weight;
                    let found = postings.entry(term).or_default();
                    match found.last_mut() {
                        Some((last, count)) if *last == number => *count += weight,
                        _ => found.push((number, weight)),
                    }
                }
            }
            lengths.push(length);
        }
        let mean_length = lengths.iter().sum::<f32>() / (lengths.len().max(1) as f32);
        let headings = sections.iter().map(|section| distinct(&section.heading)).collect();
        let japanese = sections
            .iter()
            .map(|section| words::is_japanese(&section.heading) || words::is_japanese(&section.title))
            .collect();
        Self { postings, headings, japanese, lengths, mean_length }
    }

    /// The sections that cover enough of the question, the best first.
    pub(super) fn search(&self, question: &str) -> Vec<Hit> {
        let terms = distinct(question);
        let japanese = words::is_japanese(question);
        let mut scores: HashMap<usize, (f32, f32)> = HashMap::new();
        let mut asked = 0.0;
        for term in &terms {
            let found = self.postings.get(term).map_or(&[][..], Vec::as_slice);
            let rarity = self.rarity(found.len());
            asked += if found.is_empty() { rarity * UNKNOWN } else { rarity };
            for (section, count) in found {
                let length = self.lengths.get(*section).copied().unwrap_or_default() / self.mean_length;
                let saturated = count * (K1 + 1.0) / (count + K1 * (1.0 - B + B * length));
                let (score, cover) = scores.entry(*section).or_default();
                *score += rarity * saturated;
                *cover += rarity;
            }
        }
        let mut hits: Vec<_> = scores
            .into_iter()
            .filter(|(_, (_, cover))| *cover >= asked * LEAST_COVER)
            .map(|(section, (score, _))| Hit {
                section,
                score: score * self.bonus(section, &terms, japanese),
            })
            .collect();
        hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.section.cmp(&b.section)));
        hits
    }

    /// What speaks for a section beside its words.
    fn bonus(&self, section: usize, terms: &[String], japanese: bool) -> f32 {
        let heading = self.headings.get(section).map_or(&[][..], Vec::as_slice);
        let shared = heading.iter().filter(|term| terms.contains(term)).count();
        let cover = shared as f32 / heading.len().max(1) as f32;
        let same_language = japanese && self.japanese.get(section) == Some(&true);
        1.0 + HEADING_BONUS * cover + if same_language { JAPANESE_BONUS } else { 0.0 }
    }

    /// Inverse document frequency: what few sections have tells more.
    fn rarity(&self, sections: usize) -> f32 {
        let (all, with) = (self.lengths.len() as f32, sections as f32);
        (1.0 + (all - with + 0.5) / (with + 0.5)).ln()
    }
}

fn distinct(text: &str) -> Vec<String> {
    let mut terms = words::terms(text);
    terms.sort();
    terms.dedup();
    terms
}
