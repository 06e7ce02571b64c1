//! From what is written to what is meant: entities, CDATA and white space.

use super::scan;
use crate::print::LAYOUT;
use std::ops::Range;

pub(crate) const CDATA_START: &str = "<![CDATA[";
pub(crate) const CDATA_END: &str = "]]>";
/// The longest entity that is taken for one, without `&` and `;`.
const LONGEST_ENTITY: usize = 32;

/// Whether XML 1.0 has this character.
pub(crate) fn is_allowed(character: char) -> bool {
    !matches!(character, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}')
}

/// Puts in the entities of `text[range]`. Those that are not known are kept, and their
/// places are added to `unknown`.
pub(crate) fn resolve(text: &str, range: Range<usize>, out: &mut String, unknown: &mut Vec<Range<usize>>) {
    let mut rest = range.start;
    while let Some(at) = scan::byte(&text.as_bytes()[..range.end], rest, b'&') {
        out.push_str(&text[rest..at]);
        let window = &text.as_bytes()[at + 1..range.end.min(at + 2 + LONGEST_ENTITY)];
        let length = memchr::memchr(b';', window);
        match length.and_then(|length| entity(&text[at + 1..at + 1 + length])) {
            Some(character) => {
                out.push(character);
                rest = at + 2 + length.unwrap_or(0);
            }
            None => {
                unknown.push(at..at + 1);
                out.push('&');
                rest = at + 1;
            }
        }
    }
    out.push_str(&text[rest..range.end]);
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |digits| (digits, 16));
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let code = is_number.then(|| u32::from_str_radix(digits, radix).ok()).flatten()?;
        return char::from_u32(code).filter(|character| is_allowed(*character));
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

/// What the content of a text means.
pub(crate) struct Meaning {
    pub text: String,
    /// Entities that are not known.
    pub unknown: Vec<Range<usize>>,
    /// What is not in CDATA and not white space.
    pub has_bare_text: bool,
    /// A `]]>` that closes nothing.
    pub has_bare_end: bool,
    pub has_section: bool,
}

/// Reads content without a `<` outside CDATA.
pub(crate) fn meaning(text: &str, range: Range<usize>, keeps_indent: bool) -> Meaning {
    let mut meaning = Meaning {
        text: String::new(),
        unknown: Vec::new(),
        has_bare_text: false,
        has_bare_end: false,
        has_section: false,
    };
    let mut at = range.start;
    loop {
        let start =
            memchr::memchr(b'<', &text.as_bytes()[at..range.end]).map_or(range.end, |found| at + found);
        let mut bare = at..start;
        if at == range.start {
            bare.start = trim_start(text, &bare, keeps_indent && start == range.end);
        }
        if start == range.end {
            bare.end = bare.start + text[bare.clone()].trim_end_matches(LAYOUT).len();
        }
        meaning.has_bare_text |= !text[bare.clone()].trim_matches(LAYOUT).is_empty();
        meaning.has_bare_end |= scan::mark(&text.as_bytes()[..bare.end], bare.start, CDATA_END).is_some();
        resolve(text, bare, &mut meaning.text, &mut meaning.unknown);
        if start == range.end {
            return meaning;
        }
        meaning.has_section = true;
        let inside = start + CDATA_START.len();
        let end = scan::mark(&text.as_bytes()[..range.end], inside, CDATA_END).unwrap_or(range.end);
        meaning.text.push_str(&text[inside..end]);
        at = (end + CDATA_END.len()).min(range.end);
    }
}

/// The content with the layout around it taken off and nothing else changed.
pub(crate) fn trimmed(text: &str, range: Range<usize>, keeps_indent: bool) -> Range<usize> {
    let start = trim_start(text, &range, keeps_indent);
    start..start + text[start..range.end].trim_end_matches(LAYOUT).len()
}

/// Where the text begins behind its layout. With `keeps_indent` only lines that are
/// empty go, so that the first line of code stands as far in as it was written.
fn trim_start(text: &str, range: &Range<usize>, keeps_indent: bool) -> usize {
    let whole = &text[range.clone()];
    let body = range.start + (whole.len() - whole.trim_start_matches(LAYOUT).len());
    if !keeps_indent || body == range.end {
        return body;
    }
    text[range.start..body].rfind('\n').map_or(range.start, |feed| range.start + feed + 1)
}
