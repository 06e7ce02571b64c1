//! The words that are sent to a model. Each text is a Handlebars resource below
//! `prompts/`, built into the binary; a file of the same name in the overriding
//! directory takes its place and is read anew for each request.

mod resource;
#[cfg(test)]
mod tests;

pub use resource::Resource;

use self::resource::Shape;
use crate::{
    error::{Error, Noun, Result},
    run::PromptRef,
};
use handlebars::{Handlebars, RenderError, RenderErrorReason, no_escape};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::Arc,
};

include!(concat!(env!("OUT_DIR"), "/prompts.rs"));

/// Name of the one template of an engine.
const TEMPLATE: &str = "resource";

/// The prompt resources. Cheap to clone.
#[derive(Clone)]
pub struct Prompts(Arc<Inner>);

impl std::fmt::Debug for Prompts {
    /// Without the directory of overrides: paths of the server stay on it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prompts").finish_non_exhaustive()
    }
}

struct Inner {
    built_in: BTreeMap<String, Resource>,
    overrides: Option<PathBuf>,
    engine: Handlebars<'static>,
    /// The built-in templates, parsed, each in an engine of its own.
    parsed: BTreeMap<String, Handlebars<'static>>,
}

/// A text that is ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The text, without white space at its ends.
    pub text: String,
    /// The resource that it was rendered from.
    pub prompt: PromptRef,
}

impl Prompts {
    /// Reads all resources, and refuses those that could not be rendered later:
    /// wrong front matter, broken templates, unknown variables.
    pub fn load(overrides: Option<&Path>) -> Result<Self> {
        let built_in = PROMPTS
            .iter()
            .map(|(name, text)| match Resource::parse(name, text, false) {
                Ok(resource) => Ok(((*name).to_owned(), resource)),
                Err(why) => Err(invalid(name, why)),
            })
            .collect::<Result<BTreeMap<_, _>>>()?;
        let mut parsed = BTreeMap::new();
        for (name, resource) in &built_in {
            let mut engine = engine();
            engine
                .register_template_string(TEMPLATE, &resource.template)
                .map_err(|error| invalid(name, explain(&RenderError::from(error))))?;
            parsed.insert(name.clone(), engine);
        }
        let overrides_dir = overrides.map(Path::to_owned);
        let prompts = Self(Arc::new(Inner { built_in, overrides: overrides_dir, engine: engine(), parsed }));
        if let Some(folder) = overrides {
            prompts.refuse_strangers(folder, "")?;
        }
        prompts.list()?.iter().try_for_each(|resource| prompts.rehearse(resource))?;
        Ok(prompts)
    }

    /// All resources, ordered by name, as the next request would use them.
    pub fn list(&self) -> Result<Vec<Resource>> {
        self.0.built_in.keys().map(|name| self.resource(name)).collect()
    }

    /// Renders a resource as it is now. A variable that `data` lacks is an error;
    /// an absent value must be there as null.
    pub fn render(&self, name: &str, data: &impl Serialize) -> Result<Rendered> {
        let resource = self.resource(name)?;
        let text = self.fill(&resource, data)?;
        Ok(Rendered { text, prompt: resource.prompt })
    }

    /// The override if there is one, else the built-in. A broken override is an
    /// error: to send other words than the ones in the file would be a surprise.
    fn resource(&self, name: &str) -> Result<Resource> {
        let built_in = self.0.built_in.get(name).ok_or(Error::NotFound(Noun::Prompt))?;
        let Some(folder) = &self.0.overrides else { return Ok(built_in.clone()) };
        let bytes = match fs::read(folder.join(format!("{name}.hbs"))) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(built_in.clone()),
            Err(error) => {
                return Err(invalid(name, format!("its override cannot be read: {}", error.kind())));
            }
        };
        let text = std::str::from_utf8(&bytes).map_err(|_| invalid(name, "its override is not UTF-8"))?;
        Resource::parse(name, text, true).map_err(|why| invalid(name, why))
    }

    fn fill(&self, resource: &Resource, data: &impl Serialize) -> Result<String> {
        let name = &resource.prompt.name;
        let text = match self.0.parsed.get(name) {
            Some(engine) if !resource.overridden => engine.render(TEMPLATE, data),
            _ => self.0.engine.render_template(&resource.template, data),
        };
        let text = text.map_err(|error| invalid(name, explain(&error)))?;
        Ok(text.trim().to_owned())
    }

    /// Renders with a stand-in for each variable that the *built-in* declares,
    /// since those are the ones that will be there.
    fn rehearse(&self, resource: &Resource) -> Result<()> {
        let Some(built_in) = self.0.built_in.get(&resource.prompt.name) else { return Ok(()) };
        for with_optional in [true, false] {
            let data: serde_json::Map<_, _> = built_in
                .variables
                .iter()
                .map(|variable| {
                    let value = match variable.shape {
                        Shape::List => serde_json::json!([]),
                        Shape::Optional if !with_optional => serde_json::Value::Null,
                        Shape::Text | Shape::Optional => variable.name.as_str().into(),
                    };
                    (variable.name.clone(), value)
                })
                .collect();
            self.fill(resource, &data)?;
        }
        Ok(())
    }

    /// An override that no built-in bears the name of is a typing error.
    fn refuse_strangers(&self, folder: &Path, prefix: &str) -> Result<()> {
        let unreadable = |error: std::io::Error| {
            Error::invalid("prompts_dir", format!("the directory cannot be read: {}", error.kind()))
        };
        for entry in fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
            if path.is_dir() {
                self.refuse_strangers(&path, &format!("{prefix}{name}/"))?;
            } else if let Some(stem) = name.strip_suffix(".hbs") {
                let name = format!("{prefix}{stem}");
                if !self.0.built_in.contains_key(&name) {
                    return Err(invalid(&name, "there is no built-in resource of this name"));
                }
            }
        }
        Ok(())
    }
}

/// An engine without templates of others: a resource that included another
/// would send words that the turn does not record.
fn engine() -> Handlebars<'static> {
    let mut engine = Handlebars::new();
    engine.set_strict_mode(true);
    engine.register_escape_fn(no_escape);
    engine
}

/// A random word for the names of tags, so that nothing inside can close them: it
/// is in none of the texts.
#[must_use]
pub fn mark(texts: &[&str]) -> String {
    loop {
        let mark = format!("{:08x}", rand::random::<u32>());
        if !texts.iter().any(|text| text.contains(&mark)) {
            return mark;
        }
    }
}

fn invalid(name: &str, why: impl Into<String>) -> Error {
    Error::PromptInvalid { name: name.to_owned(), why: why.into() }
}

fn explain(error: &RenderError) -> String {
    let (what, position) = match error.reason() {
        RenderErrorReason::TemplateError(error) => {
            (format!("the template is broken: {}", error.reason()), error.pos())
        }
        RenderErrorReason::MissingVariable(Some(variable)) => {
            (format!("it uses an unknown variable, {variable:?}"), None)
        }
        RenderErrorReason::HelperNotFound(helper) => (format!("it uses an unknown helper, {helper:?}"), None),
        reason => (reason.to_string(), None),
    };
    let line = position.map(|(line, _)| line).or(error.line_no);
    line.map_or_else(|| what.clone(), |line| format!("{what} (line {line} of the template)"))
}
