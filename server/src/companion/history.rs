//! What a model sees: the system prompt, then visible messages, newest first
//! within a token budget. Nothing else reaches it.

use super::Companion;
use crate::{
    error::{Error, Result},
    id::ConversationId,
    prompt::Rendered,
    provider::{Message, Role as Speaker},
    registry::{BACKEND_INTERNAL, COMPANION_NAME},
    run::{PromptRef, RunState, estimated_tokens},
    store::{
        Access, Tx,
        conversation::{self, Settings},
        message::{self, Role},
        preferences::Preferences,
        turn::{self, AnswerSource},
    },
};
use serde::Serialize;
use std::collections::HashMap;

/// Name of the system prompt.
pub const SYSTEM_PROMPT: &str = "companion/system";
const INTERRUPTED_PROMPT: &str = "companion/interrupted";
/// Messages that are looked at for a request, however large the budget.
const MOST_MESSAGES: u64 = 1_000;

#[derive(Serialize)]
struct SystemVariables<'a> {
    companion_name: &'a str,
    workspace_name: &'a str,
    runtime_id: &'a str,
    language: Option<&'a str>,
    instructions: Option<&'a str>,
    date: String,
}

#[derive(Serialize)]
struct InterruptedVariables {
    state: RunState,
}

/// A request's history and the prompt resources in it.
#[derive(Debug, Default)]
pub(super) struct History {
    pub messages: Vec<Message>,
    pub prompts: Vec<PromptRef>,
    /// Of its messages, as [`tokens`] counts them.
    pub tokens: u64,
    /// Earlier messages that did not fit.
    pub left_out: u32,
}

impl Companion {
    /// The system prompt as the next request of a conversation would have it.
    ///
    /// # Errors
    /// What is wrong with the resource.
    pub fn system_prompt(
        &self,
        workspace_name: &str,
        preferences: &Preferences,
        settings: &Settings,
    ) -> Result<Rendered> {
        self.prompts.render(
            SYSTEM_PROMPT,
            &SystemVariables {
                companion_name: COMPANION_NAME,
                workspace_name,
                runtime_id: BACKEND_INTERNAL,
                language: chosen(&settings.language, &preferences.companion_language),
                instructions: chosen(&settings.instructions, &preferences.companion_instructions),
                date: crate::clock::now().date_naive().to_string(),
            },
        )
    }

    /// The visible messages before a sequence that fit a budget of tokens, oldest
    /// first, whole exchanges only.
    pub(super) async fn history(
        &self,
        tx: &Tx,
        conversation: &conversation::Model,
        before: i64,
        budget: u64,
    ) -> Result<History> {
        let cursor = message::Cursor::Before(before);
        let message::Page { messages, has_earlier, .. } =
            message::span(tx, conversation.id, cursor, MOST_MESSAGES).await?;
        let turns = turn::by_ids(tx, messages.iter().map(|message| message.turn_id).collect()).await?;
        let replies: HashMap<_, _> = messages
            .iter()
            .filter(|message| message.role == Role::Assistant && !message.superseded)
            .filter_map(|reply| {
                turns.get(&reply.turn_id).map(|turn| (turn.row.user_message_id, (turn, reply)))
            })
            .collect();
        let mut history = History::default();
        if let (true, Some(oldest)) = (has_earlier, messages.first()) {
            history.left_out = message::count_before(tx, conversation.id, oldest.sequence).await?;
        }
        let exchanges =
            messages.iter().rev().filter(|message| message.role == Role::User).filter_map(|question| {
                let (turn, reply) = replies.get(&question.id)?;
                // The guide's words are Banto's, not the model's.
                (turn.row.answer_source == AnswerSource::Model).then_some((question, *reply))
            });
        let mut full = false;
        for (question, reply) in exchanges {
            // Once one did not fit, no older one is taken: what is left out is one
            // piece, the oldest.
            if full {
                history.left_out += 2;
                continue;
            }
            let (answer, prompt) = self.as_said(reply)?;
            let cost = tokens(&question.text) + tokens(&answer);
            if history.tokens + cost > budget {
                full = true;
                history.left_out += 2;
                continue;
            }
            history.tokens += cost;
            history.prompts.extend(prompt);
            history.messages.push(Message { role: Speaker::Assistant, text: answer });
            history.messages.push(Message { role: Speaker::User, text: question.text.clone() });
        }
        history.messages.reverse();
        history.prompts.sort_by(|a, b| a.name.cmp(&b.name));
        history.prompts.dedup();
        Ok(history)
    }

    /// A reply as a model sees it: a partial one is marked as such.
    fn as_said(&self, reply: &message::Model) -> Result<(String, Option<PromptRef>)> {
        if reply.state == RunState::Completed {
            return Ok((reply.text.clone(), None));
        }
        let marker = self.prompts.render(INTERRUPTED_PROMPT, &InterruptedVariables { state: reply.state })?;
        let text = format!("{}\n\n{}", reply.text, marker.text);
        Ok((text.trim_start().to_owned(), Some(marker.prompt)))
    }
}

/// The choice of a conversation, else the general one; empty is no choice.
fn chosen<'a>(own: &'a str, general: &'a str) -> Option<&'a str> {
    [own, general].into_iter().find(|choice| !choice.is_empty())
}

/// About how many tokens a text has.
pub(super) fn tokens(text: &str) -> u64 {
    estimated_tokens(text.len() as u64)
}

/// A prompt that cannot be rendered makes the Companion unusable, and says so.
pub(super) fn broken_prompt(error: Error) -> Error {
    match error {
        broken @ Error::PromptInvalid { .. } => Error::CompanionUnavailable { cause: broken.to_string() },
        other => other,
    }
}

impl Companion {
    /// A prompt resource as the next request would have it; `instead`: with these
    /// settings in place of the conversation's.
    ///
    /// # Errors
    /// `NotFound` for the resource or the conversation, or what is wrong with the
    /// resource.
    pub async fn preview(
        &self,
        access: &Access,
        name: &str,
        conversation: Option<ConversationId>,
        instead: Option<Settings>,
    ) -> Result<Rendered> {
        let preferences = self.preferences().await?;
        let (workspace, settings) = match conversation {
            Some(id) => {
                let conversation = conversation::get(self.store.read(), access, id).await?;
                (Some(conversation.workspace_id), conversation.settings)
            }
            None => (None, Settings::default()),
        };
        let settings = instead.unwrap_or(settings);
        let workspace = self.workspace(access, workspace).await?;
        match name {
            SYSTEM_PROMPT => self.system_prompt(&workspace.name, &preferences, &settings),
            INTERRUPTED_PROMPT => {
                self.prompts.render(name, &InterruptedVariables { state: RunState::Interrupted })
            }
            _ => self.guide.preview(&self.prompts, name, &settings.language),
        }
    }
}
