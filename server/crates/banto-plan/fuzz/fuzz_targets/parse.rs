//! Any text is read without a panic, in pieces as in the whole, and what was understood
//! of it is printed and read again as the same plan.
//!
//! ```text
//! cargo +nightly fuzz run parse
//! ```

#![no_main]

use banto_plan::{Parser, markdown, parse, print};
use libfuzzer_sys::fuzz_target;

/// Opens a document, so that the fuzzer need not find its name first.
const START: &str = "<implementation_plan><steps><plan_step number=\"1\" title=\"t\"><file_operations>";

fuzz_target!(|text: &str| {
    for text in [text.to_owned(), format!("{START}{text}")] {
        let parsed = parse(&text);
        let mut parser = Parser::new();
        let mut length = 1;
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let end = rest.char_indices().nth(length).map_or(rest.len(), |(at, _)| at);
            parser.push(&rest[..end]);
            rest = &rest[end..];
            length = length % 7 + 1;
        }
        assert_eq!(parser.finish(), parsed);
        let _ = markdown(&parsed.plan);
        let again = parse(&print(&parsed.plan)).plan;
        // Characters that XML does not have are not written as entities.
        let is_xml = !text.contains(|character: char| {
            matches!(character, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}')
        });
        if is_xml {
            assert_eq!(again, parsed.plan);
        }
    }
});
