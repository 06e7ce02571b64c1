//! `banto plan export`.

use super::Common;
use crate::{
    cli::{
        exit::Failure,
        output::{self, Output},
        safe_text,
    },
    config::Environment,
};
use banto_proto::v1::{ExportFormat, ExportPlanRequest, ListTemplatesRequest};
use clap::{Args, ValueEnum};
use std::{fs, path::PathBuf};

#[derive(Args)]
pub(super) struct ExportArgs {
    /// The plan
    #[arg(value_name = "ID")]
    plan: String,
    /// This revision instead of the newest
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    revision: String,
    /// For whom
    #[arg(long, default_value = "xml", conflicts_with = "template")]
    format: Format,
    /// A template, by its name
    #[arg(long, value_name = "NAME")]
    template: Option<String>,
    /// Only this step
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    step: u32,
    /// File to write [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    common: Common,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// The text, byte for byte
    Xml,
    /// Markdown, from the structure
    Markdown,
    /// A prompt for Claude Code
    ClaudeCode,
    /// A prompt for Codex
    Codex,
    /// A prompt for Cursor
    Cursor,
    /// A prompt for Gemini CLI
    GeminiCli,
    /// A message file for Aider
    Aider,
}

impl From<Format> for ExportFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Xml => Self::Xml,
            Format::Markdown => Self::Markdown,
            Format::ClaudeCode => Self::ClaudeCode,
            Format::Codex => Self::Codex,
            Format::Cursor => Self::Cursor,
            Format::GeminiCli => Self::GeminiCli,
            Format::Aider => Self::Aider,
        }
    }
}

pub(super) async fn run(args: ExportArgs, environment: &Environment) -> Result<(), Failure> {
    let client = args.common.server.connect(environment).await?;
    let (format, template_id) = match args.template {
        None => (ExportFormat::from(args.format), String::new()),
        Some(name) => {
            let templates =
                client.settings().list_templates(ListTemplatesRequest {}).await?.into_inner().templates;
            let found = templates.into_iter().find(|template| template.name == name);
            let found = found.ok_or_else(|| Failure::Usage(format!("no template is called {name:?}")))?;
            (ExportFormat::Template, found.template_id)
        }
    };
    let request = ExportPlanRequest {
        plan_id: args.plan,
        revision_id: args.revision,
        format: format.into(),
        template_id,
        step: args.step,
    };
    let exported = client.plans().export_plan(request).await?.into_inner();
    // The server knows the name that it proposes, and not that of this file.
    let command_line = match &args.output {
        Some(file) => exported.command_line.replace(&exported.file_name, &file.to_string_lossy()),
        None => exported.command_line,
    };
    match args.output {
        Some(file) => fs::write(&file, &exported.text)
            .map_err(|error| Failure::Failed(format!("{}: {error}", file.display())))?,
        None => {
            let terminal = Output::of_process(environment).terminal;
            output::write(&if terminal { safe_text::lines(&exported.text) } else { exported.text })?;
        }
    }
    if !exported.approved {
        eprintln!("nobody has approved this text");
    }
    if !command_line.is_empty() {
        eprintln!("{}", safe_text::line(&command_line));
    }
    Ok(())
}
