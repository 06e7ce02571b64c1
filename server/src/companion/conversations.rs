//! Conversations as things: created, listed, renamed, archived, deleted, forked.

use super::Companion;
use crate::{
    access::Principal,
    error::{Error, Result},
    id::{ConversationId, MessageId, TurnId, WorkspaceId},
    registry::BACKEND_INTERNAL,
    store::{
        Access, Tx, audit, conversation,
        conversation::Settings,
        event,
        message::{self, Role},
        removal, turn, worker, workspace,
    },
};
use serde_json::json;
use std::{collections::HashMap, sync::Arc};

/// A change of the list of conversations.
#[derive(Clone, Debug)]
pub enum ConversationChange {
    /// New or changed.
    Upserted(Box<conversation::Model>),
    /// Gone.
    Deleted {
        /// Whose it was.
        workspace: WorkspaceId,
        /// Which it was.
        id: ConversationId,
    },
}

impl ConversationChange {
    /// Whose conversation changed.
    #[must_use]
    pub fn workspace(&self) -> WorkspaceId {
        match self {
            Self::Upserted(conversation) => conversation.workspace_id,
            Self::Deleted { workspace, .. } => *workspace,
        }
    }
}

/// What a new conversation starts with.
#[derive(Clone, Debug)]
pub struct NewConversation {
    /// Whose it is; `None`: the default workspace's.
    pub workspace: Option<WorkspaceId>,
    /// The client's id of the request.
    pub request_id: Option<String>,
    /// Its title; empty: the first message names it.
    pub title: String,
    /// What differs from the preferences.
    pub settings: Settings,
}

/// What to change; `None`: leave it.
#[derive(Clone, Debug, Default)]
pub struct UpdatedConversation {
    /// The version that the caller saw.
    pub expected_version: Option<i64>,
    /// The title.
    pub title: Option<String>,
    /// Whether it is archived.
    pub archived: Option<bool>,
    /// All settings.
    pub settings: Option<Settings>,
}

impl Companion {
    /// Creates a conversation; the same request twice creates one.
    ///
    /// # Errors
    /// `NotFound` for the workspace.
    pub async fn create(&self, by: &Principal, new: NewConversation) -> Result<conversation::Model> {
        let workspace = self.workspace(&by.access, new.workspace).await?;
        let tx = self.store.begin().await?;
        // The same request at the same time waits here.
        let workspace = workspace::lock(&tx, workspace.id).await?;
        if let Some(created) = existing(&tx, workspace.id, new.request_id.as_deref()).await? {
            return Ok(created);
        }
        let workspace = workspace.open()?;
        let runtime = crate::id::RuntimeId::from_slug(BACKEND_INTERNAL);
        let companion = worker::companion(&tx, &runtime, workspace.id).await?;
        let mut conversation =
            conversation::Model::empty(workspace.id, companion.id, new.title, new.settings);
        conversation.request_id = new.request_id;
        conversation::insert(&tx, &conversation).await?;
        audit::append(&tx, &by.name, "conversation.create", &conversation.id.to_string(), json!({})).await?;
        tx.commit().await?;
        self.publish_conversation(conversation.clone());
        Ok(conversation)
    }

    /// A page of conversations, the most recently used first, and whether there
    /// are more.
    ///
    /// # Errors
    /// `NotFound` for the workspace.
    pub async fn page(
        &self,
        access: &Access,
        workspace: Option<WorkspaceId>,
        page: &conversation::Page,
    ) -> Result<(Vec<conversation::Model>, bool)> {
        let workspace = self.workspace(access, workspace).await?;
        conversation::list(self.store.read(), workspace.id, page).await
    }

    /// Changes a conversation.
    ///
    /// # Errors
    /// `VersionConflict` when the caller saw an old version.
    pub async fn update(
        &self,
        by: &Principal,
        id: ConversationId,
        change: UpdatedConversation,
    ) -> Result<conversation::Model> {
        let tx = self.store.begin().await?;
        let mut conversation = conversation::lock(&tx, &by.access, id).await?;
        if change.expected_version.is_some_and(|expected| expected != conversation.version) {
            let current_version = u64::try_from(conversation.version).unwrap_or_default();
            return Err(Error::VersionConflict { current_version });
        }
        if let Some(title) = change.title {
            conversation.title = title;
        }
        if let Some(archived) = change.archived {
            conversation.archived_at =
                archived.then(|| conversation.archived_at.unwrap_or_else(crate::clock::now));
        }
        if let Some(settings) = change.settings {
            conversation.settings = settings;
        }
        conversation.version += 1;
        conversation.updated_at = crate::clock::now();
        let event = event::append_change(&tx, &mut conversation).await?;
        conversation::save(&tx, &conversation).await?;
        audit::append(&tx, &by.name, "conversation.update", &id.to_string(), json!({})).await?;
        tx.commit().await?;
        self.feed.publish(id, &[Arc::new(event)]);
        self.publish_conversation(conversation.clone());
        Ok(conversation)
    }

    /// Deletes a conversation with everything in it.
    ///
    /// # Errors
    /// `TurnInProgress` while a turn runs.
    pub async fn delete(&self, by: &Principal, id: ConversationId) -> Result<()> {
        let tx = self.store.begin().await?;
        let conversation = conversation::lock(&tx, &by.access, id).await?;
        if let Some(active_turn_id) = conversation.active_turn_id {
            return Err(Error::TurnInProgress { active_turn_id });
        }
        removal::conversation(&tx, id).await?;
        audit::append(&tx, &by.name, "conversation.delete", &id.to_string(), json!({})).await?;
        tx.commit().await?;
        self.publish_deleted(conversation.workspace_id, id);
        Ok(())
    }

    /// Copies what stands before a message into a new conversation.
    ///
    /// # Errors
    /// `TurnNotEligible` when the message is not a person's.
    pub async fn fork(
        &self,
        by: &Principal,
        id: ConversationId,
        before: MessageId,
        request_id: Option<String>,
        title: String,
    ) -> Result<conversation::Model> {
        let tx = self.store.begin().await?;
        let workspace = conversation::get(&tx, &by.access, id).await?.workspace_id;
        // The same request at the same time waits here, whatever it forks.
        let workspace = workspace::lock(&tx, workspace).await?;
        let original = conversation::lock(&tx, &by.access, id).await?;
        if let Some(created) = existing(&tx, original.workspace_id, request_id.as_deref()).await? {
            return Ok(created);
        }
        workspace.open()?;
        let boundary = message::get(&tx, before).await?;
        if boundary.conversation_id != id {
            return Err(Error::NotFound(crate::error::Noun::Message));
        }
        if boundary.role != Role::User {
            return Err(Error::TurnNotEligible { why: "only a person's message can be written again" });
        }
        let title = if title.is_empty() { original.title } else { title };
        let mut fork =
            conversation::Model::empty(original.workspace_id, original.worker_id, title, original.settings);
        fork.request_id = request_id;
        fork.forked_from_conversation_id = Some(id);
        fork.forked_before_message_id = Some(before);
        let copied = copy_before(&tx, &boundary, fork.id).await?;
        fork.message_count = copied;
        // The copies have no events of their own: the fork's log begins after them.
        fork.head_sequence = copied;
        fork.pruned_sequence = copied;
        conversation::insert(&tx, &fork).await?;
        let detail = json!({"from": id, "before": before});
        audit::append(&tx, &by.name, "conversation.fork", &fork.id.to_string(), detail).await?;
        tx.commit().await?;
        self.publish_conversation(fork.clone());
        Ok(fork)
    }
}

async fn existing(
    tx: &Tx,
    workspace: WorkspaceId,
    request_id: Option<&str>,
) -> Result<Option<conversation::Model>> {
    match request_id {
        Some(request_id) => conversation::by_request(tx, workspace, request_id).await,
        None => Ok(None),
    }
}

/// Messages that a fork copies at most.
const MOST_COPIED: u64 = 100_000;

/// Copies messages and turns, without superseded ones; the copies of turns share
/// their jobs. Returns how many messages there are.
async fn copy_before(tx: &Tx, boundary: &message::Model, fork: ConversationId) -> Result<i64> {
    let cursor = message::Cursor::Before(boundary.sequence);
    let mut messages = message::span(tx, boundary.conversation_id, cursor, MOST_COPIED).await?.messages;
    messages.retain(|message| !message.superseded);
    let ids: HashMap<MessageId, MessageId> =
        messages.iter().map(|message| (message.id, MessageId::new())).collect();
    let turns = turn::by_ids(tx, messages.iter().map(|message| message.turn_id).collect()).await?;
    let mut answers: HashMap<MessageId, TurnId> = HashMap::new();
    let mut turns: Vec<turn::Model> = turns.into_values().map(|turn| turn.row).collect();
    // The copies' ids sort as the originals' do.
    turns.sort_unstable_by_key(|turn| turn.id);
    for original in turns {
        let copied = |id| ids.get(id).copied();
        let Some((user_message_id, assistant_message_id)) =
            copied(&original.user_message_id).zip(copied(&original.assistant_message_id))
        else {
            continue;
        };
        let copy = turn::Model {
            id: TurnId::new(),
            conversation_id: fork,
            user_message_id,
            assistant_message_id,
            request_id: None,
            ..original
        };
        answers.insert(user_message_id, copy.id);
        answers.insert(assistant_message_id, copy.id);
        turn::insert(tx, &copy).await?;
    }
    for (sequence, message) in (1..).zip(&mut messages) {
        message.id = ids[&message.id];
        message.conversation_id = fork;
        message.sequence = sequence;
        message.turn_id = answers.get(&message.id).copied().unwrap_or(message.turn_id);
        message.client_message_id = None;
    }
    let count = i64::try_from(messages.len()).unwrap_or(i64::MAX);
    message::insert_all(tx, messages).await?;
    Ok(count)
}
