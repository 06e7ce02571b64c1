use super::{Prompts, Rendered};
use crate::error::{Error, Noun};
use serde_json::{Value, json};
use std::{fs, path::PathBuf};

/// A directory of overrides that goes when the test ends.
struct Overrides(PathBuf);

impl Overrides {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("banto-prompts-{}", uuid::Uuid::now_v7()));
        fs::create_dir_all(folder.join("companion")).unwrap();
        Self(folder)
    }

    fn with(self, name: &str, text: &str) -> Self {
        self.write(name, text);
        self
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.join(format!("{name}.hbs")), text).unwrap();
    }

    fn load(&self) -> Result<Prompts, Error> {
        Prompts::load(Some(&self.0))
    }

    /// Loads, and returns what is said against it.
    fn refusal(&self) -> (String, String) {
        match self.load().expect_err("it is refused") {
            Error::PromptInvalid { name, why } => {
                assert!(!why.contains(&*self.0.to_string_lossy()), "a path is shown: {why}");
                (name, why)
            }
            other => panic!("another error: {other:?}"),
        }
    }
}

impl Drop for Overrides {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn system(language: Option<&str>, instructions: Option<&str>) -> Value {
    json!({
        "companion_name": "Companion", "workspace_name": "R&D <lab>", "runtime_id": "backend-internal",
        "language": language, "instructions": instructions, "date": "2026-11-21",
    })
}

fn built_in(name: &str, data: &Value) -> Rendered {
    Prompts::load(None).unwrap().render(name, data).unwrap()
}

#[test]
fn the_built_in_resources_are_listed_by_name_with_version_and_digest() {
    let list = Prompts::load(None).unwrap().list().unwrap();
    let names: Vec<_> = list.iter().map(|resource| resource.prompt.name.as_str()).collect();
    for name in ["companion/guide", "companion/guide-nothing", "companion/interrupted", "companion/system"] {
        assert!(names.contains(&name), "{name} is missing");
    }
    assert!(names.is_sorted());
    for resource in list {
        assert!(resource.prompt.version >= 1 && resource.prompt.digest.len() == 64 && !resource.overridden);
        assert!(!resource.template.contains("---\nname:"), "the front matter is not part of the template");
    }
}

#[test]
fn the_system_prompt_names_the_workspace_without_escaping_and_claims_no_tools() {
    let rendered = built_in("companion/system", &system(None, None));
    assert_eq!(rendered.prompt.name, "companion/system");
    for words in
        ["R&D <lab>", "backend-internal", "2026-11-21", "you have no tools", "language of the latest"]
    {
        assert!(rendered.text.contains(words), "{words:?} is missing from {}", rendered.text);
    }
    assert!(!rendered.text.contains("follow these instructions"));
    assert_eq!(rendered.text, rendered.text.trim());
}

#[test]
fn language_and_instructions_appear_when_they_are_set() {
    let rendered = built_in("companion/system", &system(Some("ja"), Some("Say \"{{x}}\" & <b>."))).text;
    assert!(rendered.contains("`ja`") && !rendered.contains("language of the latest"));
    assert!(rendered.ends_with("Say \"{{x}}\" & <b>."), "instructions are data, not a template: {rendered}");
}

#[test]
fn a_variable_that_is_missing_is_an_error() {
    let prompts = Prompts::load(None).unwrap();
    let error = prompts.render("companion/interrupted", &json!({})).unwrap_err();
    assert!(matches!(error, Error::PromptInvalid { ref name, ref why }
        if name == "companion/interrupted" && why.contains("state")));
}

#[test]
fn an_unknown_name_is_not_found_and_cannot_leave_the_directory() {
    let overrides = Overrides::new().with("secret", "---\nname: x\n");
    fs::remove_file(overrides.0.join("secret.hbs")).unwrap();
    let prompts = overrides.load().unwrap();
    for name in ["companion/nobody", "", "../companion/system", "/etc/passwd", "companion/system.hbs"] {
        let error = prompts.render(name, &json!({})).unwrap_err();
        assert!(matches!(error, Error::NotFound(Noun::Prompt)), "{name:?}: {error:?}");
    }
}

#[test]
fn an_override_shows_in_the_next_request_and_so_does_its_removal() {
    let overrides = Overrides::new();
    let prompts = overrides.load().unwrap();
    let state = json!({ "state": "cancelled" });
    let before = prompts.render("companion/interrupted", &state).unwrap();

    overrides
        .write("companion/interrupted", "---\nname: companion/interrupted\nversion: 7\n---\n({{state}})\n");
    let changed = prompts.render("companion/interrupted", &state).unwrap();
    assert_eq!((changed.text.as_str(), changed.prompt.version), ("(cancelled)", 7));
    assert_ne!(changed.prompt.digest, before.prompt.digest);
    let listed = prompts.list().unwrap();
    assert_eq!(listed.iter().filter(|resource| resource.overridden).count(), 1);

    fs::remove_file(overrides.0.join("companion/interrupted.hbs")).unwrap();
    assert_eq!(prompts.render("companion/interrupted", &state).unwrap(), before);
}

#[test]
fn an_override_that_breaks_later_is_an_error_and_not_the_built_in() {
    let overrides = Overrides::new();
    let prompts = overrides.load().unwrap();
    let state = json!({ "state": "cancelled" });
    for broken in ["", "no front matter", "---\nname: companion/interrupted\nversion: 1\n---\n{{#if state}}"]
    {
        overrides.write("companion/interrupted", broken);
        let error = prompts.render("companion/interrupted", &state).unwrap_err();
        assert!(matches!(error, Error::PromptInvalid { ref name, .. } if name == "companion/interrupted"));
    }
}

#[test]
fn each_fault_of_an_override_is_named_when_it_is_loaded() {
    let faults = [
        ("{{state}}", "does not begin with front matter"),
        ("---\nname: companion/interrupted\nversion: 1\n{{state}}", "has no end"),
        ("---\nname: companion/interrupted\n---\n", "no version"),
        ("---\nname: companion/interrupted\nversion: 0\n---\n", "from 1 on"),
        ("---\nname: companion/interrupted\nversion: one\n---\n", "from 1 on"),
        ("---\nversion: 1\n---\n", "no name"),
        ("---\nname: companion/system\nversion: 1\n---\n", "names another resource"),
        ("---\nname: companion/interrupted\nversion: 1\nauthor: me\n---\n", "unknown key \"author\""),
        ("---\nname: companion/interrupted\nversion: 1\nhello\n---\n", "without a colon"),
        ("---\nname: companion/interrupted\nversion: 1\n---\n{{stat}}", "unknown variable, \"stat\""),
        ("---\nname: companion/interrupted\nversion: 1\n---\n\n{{#if state}}", "the template is broken"),
        ("---\nname: companion/interrupted\nversion: 1\n---\n{{shout state}}", "unknown helper"),
        ("---\nname: companion/interrupted\nversion: 1\n---\n{{> companion/system}}", "Partial not found"),
        (
            "---\nname: companion/interrupted\nversion: 1\nvariables: state, more\n---\n{{more}}",
            "unknown variable, \"more\"",
        ),
    ];
    for (text, expected) in faults {
        let (name, why) = Overrides::new().with("companion/interrupted", text).refusal();
        assert_eq!(name, "companion/interrupted");
        assert!(why.contains(expected), "{text:?}: {why}");
    }
}

#[test]
fn an_override_that_is_not_text_is_refused() {
    let overrides = Overrides::new();
    fs::write(overrides.0.join("companion/system.hbs"), [0xff, 0xfe]).unwrap();
    assert_eq!(overrides.refusal(), ("companion/system".to_owned(), "its override is not UTF-8".to_owned()));
}

#[test]
fn an_override_of_nothing_is_refused_and_other_files_are_left_alone() {
    let overrides = Overrides::new().with("companion/sytem", "---\nname: companion/sytem\nversion: 1\n---\n");
    fs::write(overrides.0.join("README.md"), "notes").unwrap();
    assert_eq!(overrides.refusal().0, "companion/sytem");
    fs::remove_file(overrides.0.join("companion/sytem.hbs")).unwrap();
    overrides.load().expect("the notes do not matter");
}

#[test]
fn a_missing_directory_is_refused_without_its_path() {
    let error = Prompts::load(Some(&PathBuf::from("/nowhere/at/all"))).err().unwrap();
    assert!(matches!(error, Error::InvalidInput(_)) && !error.to_string().contains("nowhere"), "{error}");
}

#[test]
fn line_ends_of_windows_are_taken() {
    let overrides = Overrides::new().with(
        "companion/interrupted",
        "---\r\nname: companion/interrupted\r\nversion: 2\r\n---\r\n({{state}})\r\n",
    );
    let rendered =
        overrides.load().unwrap().render("companion/interrupted", &json!({ "state": "failed" })).unwrap();
    assert_eq!(rendered.text, "(failed)");
}
