//! Reading what was said.

use super::{Companion, Target};
use crate::{
    error::Result,
    id::{ConversationId, MessageId, TurnId, WorkspaceId},
    run::RunState,
    store::{
        Access, conversation,
        message::{self, Role},
        text_chunk,
        turn::{self, Turn},
    },
};

/// Characters of a snippet before the match.
const SNIPPET_BEFORE: usize = 60;
/// Characters of a snippet in all.
const SNIPPET: usize = 160;

/// A page of a conversation.
#[derive(Clone, Debug)]
pub struct TranscriptPage {
    /// The conversation.
    pub conversation: conversation::Model,
    /// Its messages, oldest first.
    pub page: message::Page,
    /// Their turns.
    pub turns: Vec<Turn>,
}

/// A message that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The message.
    pub message: message::Model,
    /// Title of its conversation.
    pub title: String,
    /// Text around the first match.
    pub snippet: String,
}

impl Companion {
    /// A page of a conversation.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn transcript(
        &self,
        access: &Access,
        target: Target,
        cursor: message::Cursor,
        limit: u64,
    ) -> Result<TranscriptPage> {
        let id = self.conversation(access, target).await?.id;
        // One state of the database: a turn must not end between its reply and itself.
        let db = &self.store.begin_read().await?;
        let conversation = conversation::get(db, access, id).await?;
        let mut page = message::page(db, conversation.id, cursor, limit).await?;
        for item in &mut page.messages {
            if item.role == Role::Assistant && item.state == RunState::Running {
                item.text = match self.feed.topic(conversation.id).text_of(item.id) {
                    Some(text) => text,
                    None => text_chunk::joined(db, item.id).await?,
                };
            }
        }
        let ids = page.messages.iter().map(|message| message.turn_id).collect();
        let mut turns: Vec<Turn> = turn::by_ids(db, ids).await?.into_values().collect();
        turns.sort_unstable_by_key(|turn| turn.row.id);
        Ok(TranscriptPage { conversation, page, turns })
    }

    /// One turn.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn turn(&self, id: TurnId) -> Result<Turn> {
        turn::get(self.store.read(), id).await
    }

    /// Messages that contain every term, newest first, and whether there are more.
    ///
    /// # Errors
    /// `NotFound` for the workspace or the conversation.
    pub async fn search(
        &self,
        access: &Access,
        workspace: Option<WorkspaceId>,
        conversation: Option<ConversationId>,
        query: &str,
        limit: u64,
        before: Option<MessageId>,
    ) -> Result<(Vec<Found>, bool)> {
        let db = self.store.read();
        let workspace = match conversation {
            Some(id) => conversation::get(db, access, id).await?.workspace_id,
            None => self.workspace(access, workspace).await?.id,
        };
        let terms: Vec<String> = message::fold(query).split_whitespace().map(str::to_owned).collect();
        let (messages, more) = message::search(db, workspace, conversation, &terms, limit, before).await?;
        let mut found = Vec::with_capacity(messages.len());
        for message in messages {
            let title = conversation::get(db, access, message.conversation_id).await?.title;
            let snippet = snippet(&message.text, terms.first().map_or("", String::as_str));
            found.push(Found { message, title, snippet });
        }
        Ok((found, more))
    }
}

/// Text around the first match of a folded term.
fn snippet(text: &str, term: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    // Folding changes lengths, so the match is looked for character by character.
    let folded: Vec<String> = characters.iter().map(|c| message::fold(&c.to_string())).collect();
    let found = (0..characters.len()).find(|&start| {
        let mut rest = term;
        for character in &folded[start..] {
            match rest.strip_prefix(character.as_str()) {
                Some(shorter) => rest = shorter,
                None => return false,
            }
            if rest.is_empty() {
                return true;
            }
        }
        false
    });
    let from = found.unwrap_or(0).saturating_sub(SNIPPET_BEFORE);
    let to = (from + SNIPPET).min(characters.len());
    let mut snippet: String =
        characters[from..to].iter().map(|c| if c.is_whitespace() { ' ' } else { *c }).collect();
    if from > 0 {
        snippet.insert(0, '…');
    }
    if to < characters.len() {
        snippet.push('…');
    }
    snippet
}

#[cfg(test)]
mod tests {
    use super::snippet;

    #[test]
    fn a_snippet_shows_the_match_whatever_its_width_and_case() {
        let text = format!("{}店の番頭が帳簿をつける。{}", "あ".repeat(100), "い".repeat(200));
        assert!(snippet(&text, "番頭").contains("店の番頭が"));
        assert!(snippet("ＡＢＣ Company", "abc").starts_with("ＡＢＣ"));
        assert_eq!(snippet("short", "nothing"), "short");
    }
}
