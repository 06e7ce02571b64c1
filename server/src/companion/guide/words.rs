//! Turns text into the terms that are compared: light English stems, and pairs
//! of characters where words have no spaces between them.

use unicode_normalization::UnicodeNormalization as _;

/// Words of questions that say nothing about their subject.
pub(super) const STOP_WORDS: &[&str] = &[
    "a", "about", "actually", "am", "an", "and", "any", "are", "as", "at", "banto", "be", "been", "but",
    "by", "can", "could", "did", "do", "does", "don", "explain", "for", "from", "get", "give", "had", "has",
    "have", "hello", "help", "hey", "hi", "how", "i", "if", "in", "into", "is", "it", "its", "just", "ll",
    "me", "mean", "my", "need", "of", "on", "or", "our", "please", "re", "s", "shall", "should", "show",
    "so", "some", "t", "tell", "than", "thank", "thanks", "that", "the", "their", "them", "then", "there",
    "these", "they", "this", "those", "to", "us", "ve", "want", "was", "way", "we", "were", "what", "when",
    "where", "which", "who", "why", "will", "with", "would", "you", "your",
];

/// The same in Japanese.
const JAPANESE_STOP_WORDS: &[&str] = &["方法", "質問", "説明", "教", "何"];

/// What a character belongs to. A run of one script is a word, or words without
/// a space between them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    /// Letters and digits of scripts that are written with spaces.
    Spaced,
    /// Grammar, for the most part: left out.
    Hiragana,
    Katakana,
    Han,
    Hangul,
    /// Everything between words.
    Gap,
}

impl Script {
    fn of(character: char) -> Self {
        match character {
            '\u{3040}'..='\u{309f}' => Self::Hiragana,
            '\u{30a0}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' => Self::Katakana,
            '\u{3005}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}'
            | '\u{20000}'..='\u{2ffff}' => Self::Han,
            '\u{ac00}'..='\u{d7af}' => Self::Hangul,
            _ if character.is_alphanumeric() => Self::Spaced,
            _ => Self::Gap,
        }
    }
}

/// The terms of a text, in order, with repetitions.
pub(super) fn terms(text: &str) -> Vec<String> {
    let text: String = text.nfkc().collect();
    let mut terms = Vec::new();
    let mut run = String::new();
    let mut script = Script::Gap;
    for character in text.chars().chain([' ']) {
        let next = Script::of(character);
        if next != script {
            match script {
                Script::Spaced => word(&run, &mut terms),
                Script::Katakana | Script::Han | Script::Hangul => pairs(&run, &mut terms),
                Script::Hiragana | Script::Gap => {}
            }
            run.clear();
            script = next;
        }
        run.push(character);
    }
    terms
}

/// Whether a text looks Japanese.
pub(super) fn is_japanese(text: &str) -> bool {
    text.nfkc()
        .any(|character| matches!(Script::of(character), Script::Hiragana | Script::Katakana | Script::Han))
}

/// Neighbouring characters, or the only one.
fn pairs(run: &str, terms: &mut Vec<String>) {
    let characters: Vec<char> = run.chars().collect();
    let pairs: Vec<String> = match characters[..] {
        [single] => vec![single.to_string()],
        _ => characters.windows(2).map(|pair| pair.iter().collect()).collect(),
    };
    terms.extend(pairs.into_iter().filter(|pair| !JAPANESE_STOP_WORDS.contains(&pair.as_str())));
}

/// The parts of a word that is written in camel case.
fn word(run: &str, terms: &mut Vec<String>) {
    let mut part = String::new();
    let mut before = ' ';
    for character in run.chars() {
        let begins = character.is_uppercase() && before.is_lowercase();
        if begins {
            push_word(&part, terms);
            part.clear();
        }
        part.extend(character.to_lowercase());
        before = character;
    }
    push_word(&part, terms);
}

fn push_word(word: &str, terms: &mut Vec<String>) {
    if !word.is_empty() && STOP_WORDS.binary_search(&word).is_err() {
        terms.push(stem(word));
    }
}

/// Takes the commonest English endings off, so that `connecting`, `connects` and
/// `connected` are one term.
fn stem(word: &str) -> String {
    if word.len() < 4 || !word.is_ascii() {
        return word.to_owned();
    }
    let mut stem = word;
    for (ending, least) in [("ies", 2), ("sses", 2), ("s", 3)] {
        if let Some(rest) = stem.strip_suffix(ending)
            && rest.len() >= least
            && !rest.ends_with(['s', 'u'])
        {
            if ending == "ies" {
                return format!("{rest}y");
            }
            stem = if ending == "sses" { &stem[..stem.len() - 2] } else { rest };
            break;
        }
    }
    for (ending, least) in [("ation", 4), ("ing", 3), ("ed", 3), ("ion", 4), ("e", 3)] {
        if let Some(rest) = stem.strip_suffix(ending)
            && rest.len() >= least
        {
            stem = undouble(rest);
            break;
        }
    }
    stem.to_owned()
}

/// `stopp` (of `stopping`) is `stop`.
fn undouble(stem: &str) -> &str {
    let mut last = stem.bytes().rev();
    match (last.next(), last.next()) {
        (Some(a), Some(b)) if a == b && !matches!(a, b'l' | b's' | b'e' | b'o') => &stem[..stem.len() - 1],
        _ => stem,
    }
}
