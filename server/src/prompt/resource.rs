//! A resource's text: front matter between two lines of `---`, then the
//! template.

use crate::run::PromptRef;
use sha2::{Digest as _, Sha256};

/// A prompt resource.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Name, version and digest.
    pub prompt: PromptRef,
    /// The Handlebars text, without the front matter.
    pub template: String,
    /// Whether it replaces the one that is built in.
    pub overridden: bool,
    pub(super) variables: Vec<Variable>,
}

/// A variable that the front matter declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) shape: Shape,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Always there.
    Text,
    /// Written with a `?`: may be null.
    Optional,
    /// Written with `[]`.
    List,
}

impl Resource {
    /// Reads a resource that must bear `name`. The error says what is wrong with
    /// the text.
    pub(super) fn parse(name: &str, text: &str, overridden: bool) -> Result<Self, String> {
        let (front_matter, template) = split(text)?;
        let (mut named, mut version, mut variables) = (None, None, Vec::new());
        for line in front_matter.lines().filter(|line| !line.trim().is_empty()) {
            let (key, value) = line
                .split_once(':')
                .map(|(key, value)| (key.trim(), value.trim()))
                .ok_or_else(|| format!("the front matter has a line without a colon: {line:?}"))?;
            match key {
                "name" => named = Some(value),
                "version" => version = Some(value.parse::<u32>().ok().filter(|version| *version > 0)),
                "variables" => variables = value.split(',').map(variable).collect(),
                _ => return Err(format!("the front matter has an unknown key {key:?}")),
            }
        }
        match named {
            Some(named) if named == name => {}
            Some(named) => return Err(format!("its front matter names another resource, {named:?}")),
            None => return Err("the front matter has no name".to_owned()),
        }
        let version = version
            .ok_or("the front matter has no version")?
            .ok_or("the version must be a whole number from 1 on")?;
        let digest = hex::encode(Sha256::digest(text.as_bytes()));
        Ok(Self {
            prompt: PromptRef { name: name.to_owned(), version, digest },
            template: template.to_owned(),
            overridden,
            variables,
        })
    }
}

fn split(text: &str) -> Result<(&str, &str), &'static str> {
    let after = |text: &'_ str| -> Option<usize> {
        text.strip_prefix("---").and_then(|rest| {
            rest.strip_prefix('\n').map(|_| 4).or_else(|| rest.strip_prefix("\r\n").map(|_| 5))
        })
    };
    let start = after(text).ok_or("it does not begin with front matter, a line of ---")?;
    let body = &text[start..];
    let mut offset = 0;
    for line in body.split_inclusive('\n') {
        if line.trim_end() == "---" {
            return Ok((&body[..offset], &body[offset + line.len()..]));
        }
        offset += line.len();
    }
    Err("its front matter has no end, a second line of ---")
}

fn variable(text: &str) -> Variable {
    let text = text.trim();
    let (name, shape) = if let Some(name) = text.strip_suffix('?') {
        (name, Shape::Optional)
    } else if let Some(name) = text.strip_suffix("[]") {
        (name, Shape::List)
    } else {
        (text, Shape::Text)
    };
    Variable { name: name.to_owned(), shape }
}
