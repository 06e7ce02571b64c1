//! Accepting a message: all checks, then one transaction.

use super::{
    Companion, Target,
    history::{broken_prompt, tokens},
    input::MessageText,
    turn::Owner,
};
use crate::{
    access::Principal,
    error::{Error, Noun, Result},
    id::{ConversationId, JobId, MessageId, RuntimeId, TurnId, WorkspaceId},
    job::Work,
    provider::{Message, Provider, Request, Role as Speaker},
    registry::{Answerer, BACKEND_INTERNAL},
    run::{PromptRef, RunState},
    store::{
        Tx, audit, conversation,
        event::{self, Body, Event},
        job,
        message::{self, Citations, Role},
        preferences::Preferences,
        prompt_part,
        turn::{self, AnswerSource, Turn},
        worker, workspace,
    },
};
use chrono::{NaiveTime, Utc};
use serde_json::json;
use std::{collections::VecDeque, sync::Arc, time::Duration};

/// Bytes of the guide's answer that are handed out at a time.
const GUIDE_PIECE: usize = 48;

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
enum Plan {
    Model { provider: Provider, model: String, system: crate::prompt::Rendered, budget: u64 },
    Guide { language: String },
}

/// The message that a turn answers.
enum Question {
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
        if let Some(before) =
            message::by_client_id(self.store.read(), workspace.id, &client_message_id).await?
        {
            return self.replay(before, target, &text).await;
        }
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
        if let Some(before) = turn::by_request(self.store.read(), conversation.id, &request_id).await? {
            let turn = turn::get(self.store.read(), before.id).await?;
            let message = message::get(self.store.read(), turn.row.user_message_id).await?;
            return Ok(Accepted { conversation, message, turn, replayed: true });
        }
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

    async fn replay(&self, before: message::Model, target: Target, text: &MessageText) -> Result<Accepted> {
        let elsewhere = matches!(target, Target::Conversation(id) if id != before.conversation_id);
        if before.text != text.as_str() || elsewhere {
            return Err(Error::invalid("client_message_id", "was used for another message"));
        }
        let db = self.store.read();
        let conversation = conversation::get(db, &crate::store::Access::All, before.conversation_id).await?;
        let turn = turn::get(db, before.turn_id).await?;
        Ok(Accepted { conversation, message: before, turn, replayed: true })
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
        if let Question::New { client_message_id, text } = &question
            && let Some(before) = message::by_client_id(&tx, workspace.id, client_message_id).await?
        {
            drop(tx);
            return self.replay(before, target, text).await;
        }
        check_spending(&tx, &preferences).await?;
        let mut conversation = lock_or_create(&tx, by, workspace, target).await?;
        if let Some(active_turn_id) = conversation.active_turn_id {
            return Err(Error::TurnInProgress { active_turn_id });
        }
        if worker::by_id(&tx, conversation.worker_id).await?.stopped {
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

        let topic = self.feed.topic(conversation.id);
        self.feed.publish(conversation.id, &started.events);
        self.publish_conversation(conversation.clone());
        self.jobs.publish(started.turn.job.clone());
        self.registry.refresh(conversation.worker_id);
        Owner::new(self.clone(), live, topic, &started.turn, started.citations, permit).spawn();
        Ok(Accepted { conversation, message: started.message, turn: started.turn, replayed: false })
    }

    fn check_rate(&self, by: &Principal) -> Result<()> {
        self.sends.check_key(&by.name).map_err(|_| Error::LimitExceeded {
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
                let budget = window
                    .saturating_sub(self.limits.reply_tokens)
                    .saturating_sub(tokens(&system.text) as u64);
                Ok(Plan::Model { provider, model, system, budget })
            }
        }
    }

    /// Stores what a turn is made of: the message where it is new, the turn, its
    /// empty reply, its job with the exact request, and the events.
    async fn insert_turn(
        &self,
        tx: &Tx,
        conversation: &mut conversation::Model,
        plan: Plan,
        question: Question,
    ) -> Result<Started> {
        let turn_id = TurnId::new();
        let now = Utc::now();
        let mut events = Vec::with_capacity(2);
        let (message, request_id, action) = match question {
            Question::New { client_message_id, text } => {
                let message =
                    new_message(conversation, turn_id, Role::User, text.as_str(), Some(client_message_id));
                if conversation.title.is_empty() {
                    conversation.title = text.as_title();
                }
                message::insert(tx, &message).await?;
                conversation.message_count += 1;
                let body = Body::MessageAdded(message.clone());
                events.push(event::append(tx, conversation, body).await?);
                (message, None, "message.send")
            }
            Question::Again { turn, request_id } => {
                let latest = turn::latest(tx, conversation.id).await?;
                if latest.is_none_or(|latest| latest.id != turn.row.id) {
                    return Err(Error::TurnNotEligible { why: "only the latest turn can be answered again" });
                }
                turn::supersede(tx, turn.row.id, turn_id).await?;
                message::supersede(tx, turn.row.assistant_message_id).await?;
                let message = message::get(tx, turn.row.user_message_id).await?;
                (message, Some(request_id), "turn.regenerate")
            }
        };
        let answer = self.answer(tx, conversation, plan, &message).await?;
        let reply = new_message(conversation, turn_id, Role::Assistant, "", None);
        message::insert(tx, &reply).await?;
        conversation.message_count += 1;
        let job = job::Model {
            id: JobId::new(),
            workspace_id: conversation.workspace_id,
            job_type: job::JobType::CompanionTurn,
            state: RunState::Running,
            conversation_id: Some(conversation.id),
            turn_id: Some(turn_id),
            provider_id: answer.provider_id,
            model: answer.model,
            prompts: job::PromptRefs(answer.prompts),
            attempts: job::Attempts::default(),
            failure: None,
            usage: None,
            cost_nano_usd: None,
            server_id: Some(self.jobs.server()),
            cancel_requested: false,
            prompt_expired: false,
            version: 1,
            created_at: now,
            started_at: Some(now),
            ended_at: None,
        };
        job::insert(tx, &job).await?;
        let parts = answer.parts.iter().map(|(role, text)| (*role, text.as_str()));
        prompt_part::record(tx, job.id, parts).await?;
        let row = turn::Model {
            id: turn_id,
            conversation_id: conversation.id,
            job_id: job.id,
            user_message_id: message.id,
            assistant_message_id: reply.id,
            answer_source: answer.source,
            request_id,
            superseded_by: None,
            created_at: now,
        };
        turn::insert(tx, &row).await?;
        let turn = Turn { row, job };
        let body = Body::TurnStarted { turn: turn.clone(), reply };
        events.push(event::append(tx, conversation, body).await?);
        conversation.active_turn_id = Some(turn_id);
        conversation.updated_at = now;
        Ok(Started {
            message,
            turn,
            events: events.into_iter().map(Arc::new).collect(),
            work: answer.work,
            citations: answer.citations,
            action,
        })
    }

    async fn answer(
        &self,
        tx: &Tx,
        conversation: &conversation::Model,
        plan: Plan,
        message: &message::Model,
    ) -> Result<Answer> {
        match plan {
            Plan::Guide { language } => {
                let answer =
                    self.guide.answer(&self.prompts, &message.text, &language).map_err(broken_prompt)?;
                Ok(Answer {
                    source: AnswerSource::Guide,
                    provider_id: None,
                    model: None,
                    prompts: vec![answer.prompt],
                    parts: Vec::new(),
                    work: Work::Text(pieces(&answer.text)),
                    citations: Citations(answer.citations.into_iter().map(cited).collect()),
                })
            }
            Plan::Model { provider, model, system, budget } => {
                let budget = budget.saturating_sub(tokens(&message.text) as u64);
                let history =
                    self.history(tx, conversation, message.sequence, budget).await.map_err(broken_prompt)?;
                let mut prompts = vec![system.prompt];
                prompts.extend(history.prompts);
                let mut messages = history.messages;
                messages.push(Message { role: Speaker::User, text: message.text.clone() });
                let mut parts = vec![("system", system.text.clone())];
                parts.extend(messages.iter().map(|message| {
                    let role = match message.role {
                        Speaker::User => "user",
                        Speaker::Assistant => "assistant",
                    };
                    (role, message.text.clone())
                }));
                let request = Request {
                    model: model.clone(),
                    system: system.text,
                    messages,
                    max_output_tokens: Some(self.limits.reply_tokens),
                };
                Ok(Answer {
                    source: AnswerSource::Model,
                    provider_id: Some(provider.info().id),
                    model: Some(model),
                    prompts,
                    parts,
                    work: Work::Call(Box::new(provider.call(request))),
                    citations: Citations::default(),
                })
            }
        }
    }
}

/// What the transaction made.
struct Started {
    message: message::Model,
    turn: Turn,
    events: Vec<Arc<Event>>,
    work: Work,
    citations: Citations,
    action: &'static str,
}

/// Who answers, with what.
struct Answer {
    source: AnswerSource,
    provider_id: Option<String>,
    model: Option<String>,
    prompts: Vec<PromptRef>,
    parts: Vec<(&'static str, String)>,
    work: Work,
    citations: Citations,
}

/// A message at the head of a locked conversation.
fn new_message(
    conversation: &conversation::Model,
    turn_id: TurnId,
    role: Role,
    text: &str,
    client_message_id: Option<String>,
) -> message::Model {
    message::Model {
        id: MessageId::new(),
        workspace_id: conversation.workspace_id,
        conversation_id: conversation.id,
        sequence: conversation.head_sequence + 1,
        turn_id,
        role,
        text: text.to_owned(),
        search_text: message::fold(text),
        state: match role {
            Role::User => RunState::Completed,
            Role::Assistant => RunState::Running,
        },
        superseded: false,
        citations: Citations::default(),
        client_message_id,
        created_at: Utc::now(),
    }
}

async fn lock_or_create(
    tx: &Tx,
    by: &Principal,
    workspace: &workspace::Model,
    target: Target,
) -> Result<conversation::Model> {
    let id: ConversationId = match target {
        Target::Conversation(id) => id,
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
    workspace::lock(tx, id).await?;
    Ok(conversation::latest(tx, id).await?.map(|conversation| conversation.id))
}

async fn check_spending(tx: &Tx, preferences: &Preferences) -> Result<()> {
    let Some(limit) = preferences.daily_spend_limit_nano_usd else { return Ok(()) };
    let midnight = Utc::now().date_naive().and_time(NaiveTime::MIN).and_utc();
    if job::spent_since(tx, midnight).await? >= limit {
        return Err(Error::LimitExceeded {
            what: "the spend limit of the day is reached".to_owned(),
            retry_after: None,
        });
    }
    Ok(())
}

fn cited(section: super::guide::Citation) -> message::Citation {
    let super::guide::Citation { document, heading, anchor } = section;
    message::Citation { document, heading, anchor }
}

/// Cuts a text into pieces at character boundaries.
fn pieces(text: &str) -> VecDeque<String> {
    let mut pieces = VecDeque::new();
    let mut piece = String::new();
    for character in text.chars() {
        piece.push(character);
        if piece.len() >= GUIDE_PIECE {
            pieces.push_back(std::mem::take(&mut piece));
        }
    }
    if !piece.is_empty() {
        pieces.push_back(piece);
    }
    pieces
}
