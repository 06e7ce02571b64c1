//! Lists the prompt resources and the pages of the documentation, so that a new
//! file is embedded without a line of code.

use std::{
    env,
    error::Error,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("..");

    let mut prompts = Vec::new();
    collect(&root.join("prompts"), "", ".hbs", &mut prompts)?;
    write_list("PROMPTS", prompts)?;

    let mut pages = Vec::new();
    collect(&root.join("docs"), "", ".md", &mut pages)?;
    for (name, _) in &mut pages {
        name.push_str(".md");
    }
    pages.push(("README.md".to_owned(), root.join("README.md")));
    write_list("PAGES", pages)?;

    for watched in ["prompts", "docs", "README.md"] {
        println!("cargo::rerun-if-changed=../{watched}");
    }
    // A release has the console inside; a debug build reads it from the disk.
    if env::var("PROFILE")? == "release" {
        println!("cargo::rerun-if-changed=../console-web/dist");
    }
    Ok(())
}

/// Finds the files below `folder` that end in `suffix`. They are named from
/// there on, with `/` between the parts and without the suffix.
fn collect(
    folder: &Path,
    prefix: &str,
    suffix: &str,
    found: &mut Vec<(String, PathBuf)>,
) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if path.is_dir() {
            collect(&path, &format!("{prefix}{name}/"), suffix, found)?;
        } else if let Some(stem) = name.strip_suffix(suffix) {
            found.push((format!("{prefix}{stem}"), path));
        }
    }
    Ok(())
}

/// Writes `OUT_DIR/<constant>.rs`, a list of names and texts.
fn write_list(constant: &str, mut files: Vec<(String, PathBuf)>) -> Result<(), Box<dyn Error>> {
    files.sort();
    let mut code = format!("const {constant}: &[(&str, &str)] = &[\n");
    for (name, file) in files {
        writeln!(code, "    ({name:?}, include_str!({:?})),", fs::canonicalize(file)?)?;
    }
    code.push_str("];\n");
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join(constant.to_lowercase() + ".rs"), code)?;
    Ok(())
}
