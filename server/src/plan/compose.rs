//! The request for a plan: what a model is told, how many tokens that is, and what
//! they cost.

use super::{
    Plans,
    generate::{Prepared, Wanted},
    material::{self, Shown},
};
use crate::{
    access::Principal,
    error::{Error, Result},
    prompt::{self, Rendered},
    registry::ChosenModel,
    run::{PromptRef, Usage, estimated_tokens},
    store::{
        plan::{FileShare, Origin, Share},
        task,
    },
    task::File,
    workspace::secret,
};
use serde::Serialize;

/// Tokens of what a provider adds to a request.
pub(super) const OVERHEAD: u64 = 64;
/// The list of files may take this share of the room.
const TREE_SHARE: u64 = 4;

/// What would be sent.
#[derive(Clone, Debug)]
pub struct Estimate {
    /// A model, or a brief.
    pub origin: Origin,
    /// Who would write; `None`: nobody.
    pub model: Option<ChosenModel>,
    /// Tokens that are sent.
    pub input_tokens: u64,
    /// Most tokens of the answer.
    pub output_tokens: u64,
    /// Price of the input; `None`: unknown.
    pub input_nano_usd: Option<u64>,
    /// Price of the longest answer; `None`: unknown.
    pub output_nano_usd: Option<u64>,
    /// Whether somebody must first allow that contents go to the provider.
    pub needs_consent: bool,
    /// What is sent of each file.
    pub material: Vec<FileShare>,
}

/// A request for a revision, and what it shows of files.
pub(super) struct Composed {
    pub system: Rendered,
    pub request: Rendered,
    pub prompts: Vec<PromptRef>,
    pub material: Vec<FileShare>,
}

#[derive(Serialize)]
pub(super) struct Instructions<'a> {
    pub instructions: Option<&'a str>,
}

#[derive(Serialize)]
struct Ask<'a> {
    mark: &'a str,
    task: &'a str,
    tree: Option<&'a str>,
    files: &'a str,
}

#[derive(Serialize)]
struct OneFile<'a> {
    mark: &'a str,
    path: &'a str,
    lines: Option<&'a str>,
    text: Option<&'a str>,
}

impl<'a> Instructions<'a> {
    pub fn new(instructions: &'a str) -> Self {
        Self { instructions: Some(instructions).filter(|instructions| !instructions.is_empty()) }
    }
}

impl Plans {
    /// Says what would be sent, and what it costs.
    ///
    /// # Errors
    /// As for [`Plans::generate`], but for consent and spending.
    pub async fn estimate(&self, by: &Principal, wanted: Wanted) -> Result<Estimate> {
        let Prepared { task, files, model, .. } = self.prepare(by, &wanted).await?;
        let Some(model) = model else {
            return Ok(Estimate {
                origin: Origin::Brief,
                model: None,
                input_tokens: 0,
                output_tokens: 0,
                input_nano_usd: None,
                output_nano_usd: None,
                needs_consent: false,
                material: Vec::new(),
            });
        };
        let composed = self.compose(&task, &files, &model, &wanted).await?;
        let info = model.provider.info();
        let input_tokens = composed.tokens();
        let cost = |usage: Usage| self.providers.cost(&info.id, &model.id, &usage);
        let used = |input, output| Usage {
            input_tokens: Some(input),
            output_tokens: Some(output),
            ..Usage::default()
        };
        Ok(Estimate {
            origin: Origin::Model,
            input_tokens,
            output_tokens: self.limits.plan_tokens,
            input_nano_usd: cost(used(input_tokens, 0)),
            output_nano_usd: cost(used(0, self.limits.plan_tokens)),
            needs_consent: !self.workspaces.may_send(task.workspace_id, &info).await?,
            material: composed.material,
            model: Some(model),
        })
    }

    pub(super) async fn compose(
        &self,
        task: &task::Model,
        files: &[File],
        model: &ChosenModel,
        wanted: &Wanted,
    ) -> Result<Composed> {
        let system = self.prompts.render("plan/system", &Instructions::new(&wanted.instructions))?;
        let paths = files.iter().map(|file| file.row.path.clone()).collect();
        let sights = self.workspaces.look(task.workspace_id, paths).await?;
        let taken = estimated_tokens((system.text.len() + task.description.len()) as u64) + OVERHEAD;
        let mut room = self.room(model, taken)?;
        let tree = match wanted.include_tree {
            true => {
                let mut paths = self.workspaces.all_paths(task.workspace_id).await?;
                paths.retain(|path| !secret::looks_secret_path(path));
                Some(listed(&paths, room / TREE_SHARE))
            }
            false => None,
        };
        room -= tree.as_ref().map_or(0, |tree| estimated_tokens(tree.len() as u64));
        let shown = material::choose(files, &sights, room);
        let texts = shown.iter().filter_map(|shown| shown.text.as_deref());
        let all: Vec<&str> = texts.chain([task.description.as_str()]).collect();
        let mark = prompt::mark(&all);
        let mut parts = Vec::with_capacity(shown.len());
        let mut prompts = vec![system.prompt.clone()];
        for Shown { share, text } in shown.iter().filter(|shown| shown.share.share != Share::Nothing) {
            let lines: Vec<String> =
                share.lines.iter().map(|(first, last)| format!("{first}-{last}")).collect();
            let lines = Some(lines.join(", ")).filter(|lines| !lines.is_empty());
            let part =
                OneFile { mark: &mark, path: &share.path, lines: lines.as_deref(), text: text.as_deref() };
            let rendered = self.prompts.render("plan/file", &part)?;
            if parts.is_empty() {
                prompts.push(rendered.prompt);
            }
            parts.push(rendered.text);
        }
        let files = parts.join("\n");
        let ask = Ask { mark: &mark, task: &task.description, tree: tree.as_deref(), files: &files };
        let request = self.prompts.render("plan/request", &ask)?;
        prompts.push(request.prompt.clone());
        let material = shown.into_iter().map(|shown| shown.share).collect();
        Ok(Composed { system, request, prompts, material })
    }

    /// Tokens that are left of a model's window.
    pub(super) fn room(&self, model: &ChosenModel, taken: u64) -> Result<u64> {
        let window = model.window.unwrap_or(self.limits.context_tokens + self.limits.plan_tokens);
        let room = window.checked_sub(taken + self.limits.plan_tokens).filter(|room| *room > 0);
        room.ok_or_else(|| Error::LimitExceeded {
            what: "the model's window has no room for this beside its answer".to_owned(),
            retry_after: None,
        })
    }
}

impl Composed {
    fn tokens(&self) -> u64 {
        estimated_tokens((self.system.text.len() + self.request.text.len()) as u64) + OVERHEAD
    }
}

/// As many paths as fit, one a line.
fn listed(paths: &[String], room: u64) -> String {
    let mut list = String::new();
    for (at, path) in paths.iter().enumerate() {
        if estimated_tokens((list.len() + path.len() + 1) as u64) > room {
            list.push_str(&format!("… {} more\n", paths.len() - at));
            break;
        }
        list.push_str(path);
        list.push('\n');
    }
    list
}
