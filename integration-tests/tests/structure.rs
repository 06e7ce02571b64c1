//! The invariants of the design, checked against the sources and the API's
//! descriptor.

use banto_integration_tests::raw::methods;
use prost_reflect::{Kind, MessageDescriptor};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The files below a folder of the repository with one of these endings, as
/// `(path within the folder, text)`.
fn files(folder: &str, endings: &[&str]) -> Vec<(String, String)> {
    let (base, mut found) = (root().join(folder), Vec::new());
    let mut folders = vec![base.clone()];
    while let Some(here) = folders.pop() {
        for entry in fs::read_dir(&here).unwrap_or_else(|error| panic!("{}: {error}", here.display())) {
            let path = entry.expect("an entry").path();
            let name = path.strip_prefix(&base).expect("below it").display().to_string();
            if path.is_dir()
                && !["node_modules", "gen", "dist", "target"].iter().any(|other| name.ends_with(other))
            {
                folders.push(path);
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                found.push((name, fs::read_to_string(path).expect("a text")));
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "{folder} has sources");
    found
}

/// The server's sources without comments and without their unit tests.
fn server() -> Vec<(String, String)> {
    let is_test = |name: &str| name.ends_with("tests.rs") || name.contains("tests/");
    let code = |text: &str| {
        let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        lines.collect::<Vec<_>>().join("\n")
    };
    let sources = files("server/src", &[".rs"]).into_iter().filter(|(name, _)| !is_test(name));
    sources.map(|(name, text)| (name, code(&text))).collect()
}

/// Fails when one of the words is in a source that is not `allowed` to have it.
fn confined(words: &[&str], allowed: impl Fn(&str) -> bool) {
    let found: Vec<_> = server()
        .into_iter()
        .filter(|(name, _)| !allowed(name))
        .flat_map(|(name, text)| {
            let has = |word: &&&str| text.contains(**word);
            words.iter().filter(has).map(|word| format!("{name} has {word}")).collect::<Vec<_>>()
        })
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn the_wire_is_known_where_it_is_served_and_nowhere_else() {
    confined(&["tonic::", "tonic_", "prost::", "prost_", "banto_proto"], |name| {
        name.starts_with("grpc/") || name.starts_with("serve") || name.starts_with("cli/")
    });
}

#[test]
fn queries_live_in_the_store() {
    let queries = [
        "ActiveModel",
        "::Column",
        "Column::",
        "Entity::",
        "EntityTrait",
        "QueryFilter",
        "ConnectionTrait",
        "Statement",
    ];
    confined(&queries, |name| name.starts_with("store/"));
}

#[test]
fn the_companion_reaches_no_source_code_and_no_terminal() {
    let others = [
        "crate::workspace",
        "crate::plan",
        "crate::terminal",
        "crate::handoff",
        "banto_finder",
        "banto_plan",
    ];
    confined(&others, |name| !name.starts_with("companion"));
}

/// Everything that a crate is built from, itself included.
fn built_from(package: &str) -> BTreeSet<String> {
    let graph = std::process::Command::new(env!("CARGO"))
        .args(["tree", "--package", package, "--edges", "normal,build", "--prefix", "none"])
        .args(["--format", "{p}", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo tree");
    assert!(graph.status.success(), "{}", String::from_utf8_lossy(&graph.stderr));
    let graph = String::from_utf8(graph.stdout).expect("names");
    graph.lines().filter_map(|line| line.split(' ').next().map(str::to_owned)).collect()
}

#[test]
fn the_finder_and_the_plan_are_libraries_of_their_own() {
    let beyond = ["sea-orm", "sqlx", "tokio", "axum", "hyper", "tonic", "prost", "reqwest", "rustls", "curl"];
    for (package, known) in [("banto-finder", "tree-sitter"), ("banto-plan", "quick-xml")] {
        let crates = built_from(package);
        assert!(crates.contains(known), "{crates:?}");
        let reaches = |name: &&String| {
            beyond.contains(&name.as_str()) || (name.starts_with("banto-") && *name != package)
        };
        let found: Vec<_> = crates.iter().filter(reaches).collect();
        assert!(found.is_empty(), "{package}: {found:?}");
    }
}

#[test]
fn rooms_do_not_call_the_wire() {
    confined(&["crate::grpc"], |name| {
        name.starts_with("grpc/") || name.starts_with("serve") || ["lib.rs", "main.rs"].contains(&name)
    });
}

#[test]
fn prompt_prose_is_in_the_prompts() {
    let addresses = |text: &str| {
        ["you are", "your ", "you must", "you can", "do not ", "answer in"].iter().any(|it| text.contains(it))
    };
    let prose: Vec<_> = server()
        .iter()
        // What the command line says to people is not said to a model.
        .filter(|(name, _)| !name.starts_with("cli/"))
        .flat_map(|(name, text)| literals(text).into_iter().map(move |literal| (name.clone(), literal)))
        .filter(|(_, literal)| literal.chars().count() > 120 && addresses(&literal.to_lowercase()))
        .collect();
    assert!(prose.is_empty(), "{prose:#?}");
    let names: BTreeSet<_> = files("prompts", &[".hbs"]).into_iter().map(|(name, _)| name).collect();
    assert!(names.contains("companion/system.hbs"), "{names:?}");
}

/// The string literals of a Rust source, with line continuations joined.
fn literals(text: &str) -> Vec<String> {
    let (mut found, mut rest) = (Vec::new(), text);
    while let Some(at) = rest.find(['"', '\'']) {
        let (before, from) = rest.split_at(at);
        if from.starts_with('\'') {
            // A character such as '"', or else a lifetime.
            let length =
                ["'\"'", "'\\\"'", "'\\''"].iter().find(|it| from.starts_with(**it)).map_or(1, |it| it.len());
            rest = &from[length..];
            continue;
        }
        let hashes = before.chars().rev().take_while(|letter| *letter == '#').count();
        let raw = before[..before.len() - hashes].ends_with('r');
        let end = format!("\"{}", "#".repeat(hashes));
        let body = &from[1..];
        let length = if raw { body.find(&end) } else { closing_quote(body) };
        let (literal, after) = body.split_at(length.unwrap_or(body.len()));
        found.push(literal.split("\\\n").map(str::trim_start).collect());
        rest = after.get(1..).unwrap_or_default();
    }
    found
}

fn closing_quote(body: &str) -> Option<usize> {
    let mut escaped = false;
    body.char_indices().find_map(|(at, letter)| {
        let closes = letter == '"' && !escaped;
        escaped = letter == '\\' && !escaped;
        closes.then_some(at)
    })
}

#[test]
fn literals_are_found() {
    let source = r##"let a = "one \" two"; let b: &'static str = r#"three " four"#; let c = '"'; "five""##;
    assert_eq!(literals(source), ["one \\\" two", "three \" four", "five"]);
}

#[test]
fn files_are_read_in_one_sitting() {
    let folders =
        ["server/src", "server/crates", "migration/src", "proto/src", "integration-tests", "console-web/src"];
    let all = folders.iter().flat_map(|folder| {
        let of_folder = files(folder, &[".rs", ".ts", ".tsx", ".mjs"]).into_iter();
        of_folder.map(move |(name, text)| (format!("{folder}/{name}"), text.lines().count()))
    });
    // A list of words has no parts to split it into.
    let long: Vec<_> = all.filter(|(name, lines)| *lines > 400 && !name.contains("/i18n/")).collect();
    assert!(long.is_empty(), "split near 400 lines: {long:#?}");
}

#[test]
fn names_are_the_fields_nouns() {
    let vague = ["manager", "helper", "utils", "util", "common", "base", "service", "misc"];
    let is_vague = |name: &String| {
        let stem = Path::new(name).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        stem.split(['-', '_']).any(|word| vague.contains(&word))
    };
    let sources = [
        files("server/src", &[".rs"]),
        files("server/crates", &[".rs"]),
        files("console-web/src", &[".ts", ".tsx"]),
    ]
    .concat();
    let found: Vec<_> = sources.into_iter().map(|(name, _)| name).filter(is_vague).collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn browsers_can_speak_every_method() {
    let streams_up: Vec<_> = methods().into_iter().filter(|method| method.is_client_streaming()).collect();
    assert!(streams_up.is_empty(), "browsers cannot stream to a server: {streams_up:?}");
}

#[test]
fn every_method_is_called_by_some_test() {
    let tests: String = files("integration-tests", &[".rs"]).into_iter().map(|(_, text)| text).collect();
    let snake = |name: &str| {
        let letters = name.chars().flat_map(|letter| {
            let before = letter.is_ascii_uppercase().then_some('_');
            before.into_iter().chain(letter.to_lowercase())
        });
        letters.collect::<String>().trim_start_matches('_').to_owned()
    };
    let uncalled =
        methods().into_iter().filter(|method| !tests.contains(&format!(".{}(", snake(method.name()))));
    let uncalled: Vec<_> = uncalled.map(|method| method.full_name().to_owned()).collect();
    assert!(uncalled.is_empty(), "{uncalled:#?}");
}

#[test]
fn requests_carry_no_place_and_no_credential() {
    let words = [
        "path",
        "url",
        "uri",
        "endpoint",
        "host",
        "socket",
        "session",
        "secret",
        "credential",
        "password",
        "key",
    ];
    // The requests that name a root, and what is relative to one.
    let allowed =
        ["banto.v1.OpenWorkspaceRequest.path", "banto.v1.ReadFileRequest.path", "banto.v1.FileDecision.path"];
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    let mut look: Vec<MessageDescriptor> = methods().iter().map(|method| method.input()).collect();
    while let Some(message) = look.pop() {
        if !seen.insert(message.full_name().to_owned()) {
            continue;
        }
        for field in message.fields() {
            let names_a_place = field.name().split('_').any(|word| words.contains(&word));
            if names_a_place && !allowed.contains(&field.full_name()) {
                found.push(field.full_name().to_owned());
            }
            if let Kind::Message(inner) = field.kind() {
                look.push(inner);
            }
        }
    }
    assert!(found.is_empty(), "{found:?}");
}

/// What two languages of a page have in common: levels of headings, commands,
/// names in code, links, the numbers of points and of rows.
fn bones(text: &str) -> Vec<String> {
    let (mut bones, mut names, mut fenced) = (Vec::new(), Vec::new(), false);
    for line in text.lines() {
        let fence = line.starts_with("```");
        fenced ^= fence;
        if fenced || fence {
            bones.push(line.to_owned());
            continue;
        }
        let mark = line.split(' ').next().unwrap_or_default();
        if mark.starts_with('#') || ["-", "|"].contains(&mark) {
            bones.push(mark.to_owned());
        }
        names.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        names.extend(line.split("](").skip(1).filter_map(|rest| rest.split(')').next()).map(str::to_owned));
    }
    // Words come in another order in another language.
    names.retain(|name| !name.starts_with("README"));
    names.sort();
    bones.extend(names);
    bones
}

#[test]
fn the_readme_says_the_same_in_both_languages() {
    let read = |name: &str| fs::read_to_string(root().join(name)).expect("a page");
    assert_eq!(bones(&read("README.md")), bones(&read("README.ja.md")));
}
