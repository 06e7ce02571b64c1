//! Revisions in the form that people and coding agents take.

use super::{Plans, brief::quoted, template};
use crate::{
    access::Principal,
    error::{Error, Result},
    id::{PlanId, RevisionId, TemplateId},
    store::{audit, plan, plan_revision, task},
};
use serde::Serialize;
use serde_json::json;

/// For whom a plan is written out. See `banto.v1.ExportFormat`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The text, byte for byte.
    Xml,
    /// From the structure.
    Markdown,
    /// A prompt file and a command line.
    ClaudeCode,
    /// A prompt file and a command line.
    Codex,
    /// A prompt file and a command line.
    Cursor,
    /// A prompt file and a command line.
    GeminiCli,
    /// A prompt file and a command line.
    Aider,
    /// A template.
    Template(TemplateId),
}

impl Format {
    fn name(self) -> &'static str {
        match self {
            Self::Xml => "xml",
            Self::Markdown => "markdown",
            Self::ClaudeCode => "claude_code",
            Self::Codex => "codex",
            Self::Cursor => "cursor",
            Self::GeminiCli => "gemini_cli",
            Self::Aider => "aider",
            Self::Template(_) => "template",
        }
    }
}

/// What to export.
#[derive(Clone, Copy, Debug)]
pub struct Export {
    /// The revision; `None`: the newest.
    pub revision: Option<RevisionId>,
    /// The form.
    pub format: Format,
    /// Only this step.
    pub step: Option<u32>,
}

/// An exported plan.
#[derive(Clone, Debug)]
pub struct Exported {
    /// The text.
    pub text: String,
    /// A name for its file.
    pub file_name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// A command line that hands the file to an agent; empty: none.
    pub command_line: String,
    /// The revision.
    pub revision: plan_revision::Model,
    /// Whether exactly this text is approved.
    pub approved: bool,
}

#[derive(Serialize)]
struct Agent<'a> {
    title: &'a str,
    state: &'a str,
    plan: &'a str,
}

impl Plans {
    /// Writes a revision out, and records that somebody took it.
    ///
    /// # Errors
    /// `NotFound`; `InvalidInput` for the step.
    pub async fn export(&self, by: &Principal, id: PlanId, wanted: Export) -> Result<Exported> {
        let plan = self.get(&by.access, id).await?;
        let (revision, text) = self.meant(&plan, wanted.revision).await?;
        let task = self.tasks.get(&by.access, plan.task_id).await?;
        // The text itself is asked, not what its row says of it.
        let approved = plan.decisions.0.last().is_some_and(|decision| {
            decision.approved
                && decision.revision_id == revision.id
                && decision.content_hash == plan_revision::hash(&text)
        });
        let mut document = banto_plan::parse(&text).plan;
        if let Some(step) = wanted.step {
            document.steps.retain(|known| known.number == step);
            if document.steps.is_empty() {
                return Err(Error::invalid("step", "the revision has no such step"));
            }
        }
        let files: Vec<String> = document.paths().into_iter().map(str::to_owned).collect();
        let file_name = file_name(&plan, &revision, wanted.format);
        let (text, media_type) = match wanted.format {
            Format::Xml => (text, "application/xml"),
            Format::Markdown => (banto_plan::markdown(&document), "text/markdown"),
            Format::Template(template) => {
                let placeholders = template::Values {
                    plan: banto_plan::markdown(&document),
                    plan_xml: if wanted.step.is_some() { banto_plan::print(&document) } else { text },
                    task: task.description.clone(),
                    title: plan.title.clone(),
                    step: wanted.step.map(|step| step.to_string()).unwrap_or_default(),
                    files: files.join("\n"),
                    workspace: self.workspaces.row(&by.access, Some(plan.workspace_id)).await?.name,
                };
                (placeholders.fill(&self.template(template).await?.text), "text/plain")
            }
            Format::ClaudeCode | Format::Codex | Format::Cursor | Format::GeminiCli | Format::Aider => {
                (self.agent_prompt(&plan, &task, &document, approved)?, "text/markdown")
            }
        };
        let tx = self.store.begin().await?;
        let detail = json!({
            "revision": revision.id,
            "content_hash": revision.content_hash,
            "format": wanted.format.name(),
            "export_hash": plan_revision::hash(&text),
        });
        audit::append(&tx, &by.name, "plan.export", &id.to_string(), detail).await?;
        tx.commit().await?;
        let command_line = command_line(wanted.format, &file_name, &files);
        Ok(Exported { text, file_name, media_type, command_line, revision, approved })
    }

    fn agent_prompt(
        &self,
        plan: &plan::Model,
        task: &task::Model,
        document: &banto_plan::Plan,
        approved: bool,
    ) -> Result<String> {
        let state = if approved {
            "A person has approved exactly this text."
        } else {
            "Nobody has approved this text yet; ask before you begin."
        };
        let title = if plan.title.is_empty() { &task.title } else { &plan.title };
        let text = banto_plan::markdown(document);
        Ok(self.prompts.render("plan/agent", &Agent { title, state, plan: &text })?.text)
    }
}

/// A name for the file of an export.
fn file_name(plan: &plan::Model, revision: &plan_revision::Model, format: Format) -> String {
    let word = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' };
    let title: String = plan.title.chars().map(word).collect();
    let parts: Vec<&str> = title.split('-').filter(|part| !part.is_empty()).take(6).collect();
    let stem = if parts.is_empty() { "plan".to_owned() } else { format!("plan-{}", parts.join("-")) };
    let ending = match format {
        Format::Xml => "xml",
        Format::Template(_) => "txt",
        _ => "md",
    };
    format!("{stem}-r{}.{ending}", revision.number)
}

/// A command line for a POSIX shell that hands a file to a coding agent, in the
/// folder of the repository; empty for what is no agent.
fn command_line(format: Format, file: &str, files: &[String]) -> String {
    let file = quoted(file);
    match format {
        Format::Xml | Format::Markdown | Format::Template(_) => String::new(),
        Format::ClaudeCode => format!("claude \"$(cat {file})\""),
        Format::Codex => format!("codex \"$(cat {file})\""),
        Format::Cursor => format!("cursor-agent \"$(cat {file})\""),
        Format::GeminiCli => format!("gemini --prompt-interactive \"$(cat {file})\""),
        Format::Aider => {
            let files: Vec<String> = files.iter().map(|file| quoted(file)).collect();
            format!("aider --message-file {file} {}", files.join(" ")).trim_end().to_owned()
        }
    }
}
