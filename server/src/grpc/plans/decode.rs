//! What requests about plans say.

use crate::{
    error::{Error, Result as Domain},
    grpc::decode,
    input,
    plan::Format,
    store::plan::Origin,
};
use banto_proto::v1 as pb;

/// Hexadecimal digits of a content hash.
const HASH_DIGITS: usize = 64;
/// Longest name of a commit or of what leads to one, in characters.
const MAX_COMMIT: usize = 200;

pub(super) fn origin(origin: i32) -> Domain<Option<Origin>> {
    match pb::PlanOrigin::try_from(origin) {
        Ok(pb::PlanOrigin::Unspecified) => Ok(None),
        Ok(pb::PlanOrigin::Model) => Ok(Some(Origin::Model)),
        Ok(pb::PlanOrigin::Brief) => Ok(Some(Origin::Brief)),
        Ok(pb::PlanOrigin::Merge) | Err(_) => Err(Error::invalid("origin", "must be MODEL or BRIEF")),
    }
}

pub(super) fn format(format: i32, template_id: &str) -> Domain<Format> {
    match pb::ExportFormat::try_from(format) {
        Ok(pb::ExportFormat::Unspecified | pb::ExportFormat::Xml) => Ok(Format::Xml),
        Ok(pb::ExportFormat::Markdown) => Ok(Format::Markdown),
        Ok(pb::ExportFormat::ClaudeCode) => Ok(Format::ClaudeCode),
        Ok(pb::ExportFormat::Codex) => Ok(Format::Codex),
        Ok(pb::ExportFormat::Cursor) => Ok(Format::Cursor),
        Ok(pb::ExportFormat::GeminiCli) => Ok(Format::GeminiCli),
        Ok(pb::ExportFormat::Aider) => Ok(Format::Aider),
        Ok(pb::ExportFormat::Template) => Ok(Format::Template(decode::id("template_id", template_id)?)),
        Err(_) => Err(Error::invalid("format", "is unknown")),
    }
}

pub(super) fn hash(text: &str) -> Domain<String> {
    let is_hash =
        text.len() == HASH_DIGITS && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    if is_hash {
        Ok(text.to_owned())
    } else {
        Err(Error::invalid("content_hash", "must be a SHA-256 in lower-case hexadecimal"))
    }
}

pub(super) fn model(provider_id: &str, model: &str) -> Domain<(String, String)> {
    Ok((
        input::line("provider_id", provider_id, input::MAX_TITLE)?,
        input::line("model", model, input::MAX_TITLE)?,
    ))
}

/// Text that may be left out.
pub(super) fn optional_text(field: &'static str, text: &str, most: usize) -> Domain<String> {
    if text.trim().is_empty() { Ok(String::new()) } else { input::text(field, text, most) }
}

pub(super) fn commit(field: &'static str, name: &str) -> Domain<Option<String>> {
    Ok(Some(input::line(field, name, MAX_COMMIT)?).filter(|name| !name.is_empty()))
}
