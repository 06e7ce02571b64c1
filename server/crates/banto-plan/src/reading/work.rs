//! How often a byte is looked at, in documents that are made to take long. Times would
//! say the same, but not the same every time.

use super::{Parser, parse, scan::LOOKED};

/// Bytes that were looked at for each byte of the text.
fn effort(read: impl FnOnce(), length: usize) -> f64 {
    LOOKED.with(|looked| looked.set(0));
    read();
    LOOKED.with(|looked| looked.get()) as f64 / length as f64
}

fn hostile() -> Vec<(&'static str, String, String)> {
    let root = "<implementation_plan><steps><plan_step number=\"1\"><title>t</title><file_operations>";
    let of = |name, start: &str, piece: &str| (name, format!("{root}{start}"), piece.to_owned());
    vec![
        of("open tags", "", "<a>"),
        of("open and closed tags", "", "<a></b>"),
        of("brackets", "", "<<<<"),
        of("brackets in code", "<operation><changes>", "<"),
        of("quotes", "", "<a=\"<a='"),
        of("comments that do not end", "", "<!--"),
        of("instructions that do not end", "", "<?x"),
        of("declarations that do not end", "", "<!x"),
        of("CDATA that does not end", "", "<![CDATA["),
        of("CDATA that does not end in code", "", "<operation><changes><![CDATA[</changes></operation>"),
        of("ends of code in code", "<operation><changes>a < b", "</changes> x"),
        of("code without an end that counts", "", "<operation><changes><</changes>x"),
        of("code in code", "", "<changes><</changes>x<changes>"),
        of("white space behind code", "<operation><changes>a < b", &format!("</changes>{}", " ".repeat(250))),
        of("titles that are not closed", "", "<plan_step><title>a"),
        of("steps in steps", "", "<plan_step>"),
        of("operations", "", "<operation type=\"delete\" path=\"a\"/>"),
        of("entities", "<operation><changes>", "&amp&lt;"),
        of("plans in plans", "", "<implementation_plan>"),
        ("before the document", String::new(), "<implementation_pla".to_owned()),
        ("documents that begin again", String::new(), "<implementation_plan>".to_owned()),
    ]
}

#[test]
fn the_effort_for_a_byte_does_not_grow() {
    for (name, start, piece) in hostile() {
        let text = |length: usize| start.clone() + &piece.repeat(length / piece.len());
        let (short, long) = (text(20_000), text(160_000));
        let of_short = effort(|| drop(parse(&short)), short.len());
        let of_long = effort(|| drop(parse(&long)), long.len());
        assert!(of_long < 40.0 && of_long <= of_short * 1.15, "{name}: {of_short:.1}, then {of_long:.1}");
    }
}

#[test]
fn pieces_cost_little_more_than_the_whole() {
    for (name, start, piece) in hostile() {
        let text = start + &piece.repeat(40_000 / piece.len());
        let whole = effort(|| drop(parse(&text)), text.len());
        let in_pieces = effort(
            || {
                let mut parser = Parser::new();
                text.chars().for_each(|character| parser.push(character.encode_utf8(&mut [0; 4])));
                drop(parser.finish());
            },
            text.len(),
        );
        assert!(in_pieces < whole * 4.0 + 300.0, "{name}: {whole:.1}, in pieces {in_pieces:.1}");
    }
}
