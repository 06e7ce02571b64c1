//! Accepting a message: all checks, then one transaction.

use super::{Companion, Target, history::broken_prompt, turn::Owner};
use crate::{
    access::Principal,
    error::{Error, Noun, Result},
    fail_point,
    id::{ConversationId, RuntimeId, TurnId, WorkspaceId},
    input::MessageText,
    job::spending,
    provider::Provider,
    registry::{Answerer, BACKEND_INTERNAL},
    store::{
        Access, Tx, audit, conversation, message,
        preferences::Preferences,
        turn::{self, Turn},
        worker, workspace,
    },
};
use serde_json::json;
use std::time::Duration;

/// A message that was accepted and committed.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The conversation, with the turn as its active one.
    pub conversation: conversation::Model,
    /// The message.
    pub message: message::Model,
    /// The turn that answers it.
    pub turn: Turn,
    /// An earlier call with the same id had been accepted.
    pub replayed: bool,
}

/// Who will answer, decided before the transaction.
pub(super) enum Plan {
    /// `budget` is what the whole request may have, in tokens.
    Model {
        provider: Provider,
        model: String,
        system: crate::prompt::Rendered,
        budget: u64,
    },
    Guide {
        language: String,
    },
}

/// The message that a turn answers.
pub(super) enum Question {
    New { client_message_id: String, text: MessageText },
    Again { turn: Box<Turn>, request_id: String },
}

impl Companion {
    /// Accepts a message and starts the turn that answers it. The same client id
    /// twice is one message and one turn.
    ///
    /// # Errors
    /// Refusals of every kind; nothing was stored then.
    pub async fn send(
        &self,
        by: &Principal,
        target: Target,
        client_message_id: String,
        text: MessageText,
    ) -> Result<Accepted> {
        let (workspace, known) = self.resolve(by, target).await?;
        let question = Question::New { client_message_id, text };
        self.accept(by, &workspace, known, target, question).await
    }

    /// Answers the message of the latest turn once more. The same request id twice
    /// is one turn.
    ///
    /// # Errors
    /// `TurnNotEligible` for a turn that is not the latest.
    pub async fn regenerate(&self, by: &Principal, id: TurnId, request_id: String) -> Result<Accepted> {
        let turn = turn::get(self.store.read(), id).await?;
        let conversation = conversation::get(self.store.read(), &by.access, turn.row.conversation_id)
            .await
            .map_err(|error| match error {
            Error::NotFound(_) => Error::NotFound(Noun::Turn),
            other => other,
        })?;
        let workspace = self.workspace(&by.access, Some(conversation.workspace_id)).await?;
        let target = Target::Conversation(conversation.id);
        let question = Question::Again { turn: Box::new(turn), request_id };
        self.accept(by, &workspace, Some(conversation), target, question).await
    }

    async fn resolve(
        &self,
        by: &Principal,
        target: Target,
    ) -> Result<(workspace::Model, Option<conversation::Model>)> {
        match target {
            Target::Conversation(id) => {
                let conversation = conversation::get(self.store.read(), &by.access, id).await?;
                let workspace = self.workspace(&by.access, Some(conversation.workspace_id)).await?;
                Ok((workspace, Some(conversation)))
            }
            Target::Latest(workspace) => {
                let workspace = self.workspace(&by.access, workspace).await?;
                let latest = conversation::latest(self.store.read(), workspace.id).await?;
                Ok((workspace, latest))
            }
        }
    }

    async fn accept(
        &self,
        by: &Principal,
        workspace: &workspace::Model,
        known: Option<conversation::Model>,
        target: Target,
        question: Question,
    ) -> Result<Accepted> {
        // Cheap answers first: a caller that may not send learns so at once.
        let tx = self.store.begin_read().await?;
        if let Some(before) = accepted_before(&tx, workspace.id, target, &question).await? {
            return Ok(before);
        }
        drop(tx);
        if let Some(active_turn_id) = known.as_ref().and_then(|conversation| conversation.active_turn_id) {
            return Err(Error::TurnInProgress { active_turn_id });
        }
        if self.draining.is_cancelled() {
            return Err(Error::ShuttingDown);
        }
        self.check_rate(by)?;
        let settings = known.map(|conversation| conversation.settings).unwrap_or_default();
        let preferences = self.preferences().await?;
        let plan = self.plan(workspace, &preferences, &settings).await?;
        let permit = self.turns.clone().try_acquire_owned().map_err(|_| Error::LimitExceeded {
            what: format!("{} turns are running, which is the limit", self.limits.concurrent_turns),
            retry_after: Some(Duration::from_secs(1)),
        })?;

        let tx = self.store.begin().await?;
        let mut conversation = lock_or_create(&tx, by, workspace, target).await?;
        // Looked for again with the lock in hand: nobody else can be between
        // looking and storing.
        if let Some(before) = accepted_before(&tx, workspace.id, target, &question).await? {
            return Ok(before);
        }
        spending::check(&tx, &preferences, None).await?;
        if let Some(active_turn_id) = conversation.active_turn_id {
            return Err(Error::TurnInProgress { active_turn_id });
        }
        if worker::hold(&tx, conversation.worker_id).await?.stopped {
            return Err(Error::CompanionUnavailable { cause: "it was stopped by a person".to_owned() });
        }
        let started = self.insert_turn(&tx, &mut conversation, plan, question).await?;
        conversation::save(&tx, &conversation).await?;
        let detail = json!({"turn": started.turn.row.id, "conversation": conversation.id});
        audit::append(&tx, &by.name, started.action, &started.message.id.to_string(), detail).await?;
        // Live before it is committed: whoever reads the committed turn can cancel
        // it.
        let live = self.jobs.begin(started.turn.job.id, started.work);
        tx.commit().await?;
        fail_point::reach("send.committed");

        let topic = self.feed.topic(conversation.id);
        self.feed.publish(conversation.id, &started.events);
        self.publish_conversation(conversation.clone());
        self.jobs.publish(started.turn.job.clone());
        self.registry.refresh(conversation.worker_id);
        Owner::new(self.clone(), live, topic, started.turn.clone(), started.reply, permit).spawn();
        Ok(Accepted { conversation, message: started.message, turn: started.turn, replayed: false })
    }

    fn check_rate(&self, by: &Principal) -> Result<()> {
        self.sends.check_key(&by.token_id).map_err(|_| Error::LimitExceeded {
            what: format!("more than {} messages in a minute", self.limits.sends_per_minute),
            retry_after: Some(Duration::from_secs(60) / self.limits.sends_per_minute.max(1)),
        })
    }

    async fn plan(
        &self,
        workspace: &workspace::Model,
        preferences: &Preferences,
        settings: &conversation::Settings,
    ) -> Result<Plan> {
        match self.registry.answerer(preferences, settings)? {
            Answerer::Guide => {
                let own = &settings.language;
                let language = if own.is_empty() { &preferences.companion_language } else { own };
                Ok(Plan::Guide { language: language.clone() })
            }
            Answerer::Model { provider, model } => {
                let model = match model {
                    Some(model) => model,
                    None => self.registry.model_of(&provider).await?,
                };
                let system =
                    self.system_prompt(&workspace.name, preferences, settings).map_err(broken_prompt)?;
                let window = provider
                    .info()
                    .context_window
                    .unwrap_or(self.limits.context_tokens + self.limits.reply_tokens);
                let budget = window.saturating_sub(self.limits.reply_tokens);
                Ok(Plan::Model { provider, model, system, budget })
            }
        }
    }
}

/// What an earlier call with the same id led to.
async fn accepted_before(
    tx: &Tx,
    workspace: WorkspaceId,
    target: Target,
    question: &Question,
) -> Result<Option<Accepted>> {
    let (turn_id, message) = match question {
        Question::New { client_message_id, text } => {
            let Some(message) = message::by_client_id(tx, workspace, client_message_id).await? else {
                return Ok(None);
            };
            let elsewhere = matches!(target, Target::Conversation(id) if id != message.conversation_id);
            if elsewhere || message.text != text.as_str() {
                return Err(Error::invalid("client_message_id", "was used for another message"));
            }
            (message.turn_id, message)
        }
        Question::Again { turn, request_id } => {
            let Some(again) = turn::by_request(tx, turn.row.conversation_id, request_id).await? else {
                return Ok(None);
            };
            (again.id, message::get(tx, again.user_message_id).await?)
        }
    };
    let conversation = conversation::get(tx, &Access::All, message.conversation_id).await?;
    let turn = turn::get(tx, turn_id).await?;
    Ok(Some(Accepted { conversation, message, turn, replayed: true }))
}

async fn lock_or_create(
    tx: &Tx,
    by: &Principal,
    workspace: &workspace::Model,
    target: Target,
) -> Result<conversation::Model> {
    let id: ConversationId = match target {
        Target::Conversation(id) => {
            workspace::hold(tx, workspace.id).await?;
            id
        }
        Target::Latest(_) => match latest(tx, workspace.id).await? {
            Some(id) => id,
            None => {
                let runtime = RuntimeId::from_slug(BACKEND_INTERNAL);
                let companion = worker::companion(tx, &runtime, workspace.id).await?;
                let settings = conversation::Settings::default();
                let new = conversation::Model::empty(workspace.id, companion.id, String::new(), settings);
                conversation::insert(tx, &new).await?;
                new.id
            }
        },
    };
    conversation::lock(tx, &by.access, id).await
}

/// The latest conversation, with the workspace locked: two first messages at once
/// make one conversation.
async fn latest(tx: &Tx, id: WorkspaceId) -> Result<Option<ConversationId>> {
    workspace::lock(tx, id).await?.open()?;
    Ok(conversation::latest(tx, id).await?.map(|conversation| conversation.id))
}
