//! What a turn is made of, stored in one transaction.

use super::{
    Companion,
    history::{broken_prompt, tokens},
    send::{Plan, Question},
};
use crate::{
    error::{Error, Result},
    id::{JobId, MessageId, TurnId},
    job::Work,
    provider::{Message, Request, Role as Speaker},
    run::{PromptRef, RunState},
    store::{
        Tx, conversation,
        event::{self, Body, Event},
        job,
        message::{self, Citations, Role},
        prompt_part,
        turn::{self, AnswerSource, Context, Turn},
    },
};
use std::{collections::VecDeque, sync::Arc};

/// Bytes of the guide's answer that are handed out at a time.
const GUIDE_PIECE: usize = 48;

/// What the transaction made.
pub(super) struct Started {
    pub message: message::Model,
    pub turn: Turn,
    pub events: Vec<Arc<Event>>,
    /// The reply as its owner will end it.
    pub reply: message::Model,
    pub work: Work,
    pub action: &'static str,
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
    context: Option<Context>,
}

impl Companion {
    /// Stores what a turn is made of: the message where it is new, the turn, its
    /// empty reply, its job with the exact request, and the events.
    pub(super) async fn insert_turn(
        &self,
        tx: &Tx,
        conversation: &mut conversation::Model,
        plan: Plan,
        question: Question,
    ) -> Result<Started> {
        let turn_id = TurnId::new();
        let now = crate::clock::now();
        let mut events = Vec::with_capacity(3);
        let (message, request_id, action) = match question {
            Question::New { client_message_id, text } => {
                let message =
                    new_message(conversation, turn_id, Role::User, text.as_str(), Some(client_message_id));
                message::insert(tx, &message).await?;
                conversation.message_count += 1;
                let body = Body::MessageAdded(message.clone());
                events.push(event::append(tx, conversation, body).await?);
                if conversation.title.is_empty() {
                    conversation.title = text.as_title();
                    events.push(event::append_change(tx, conversation).await?);
                }
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
            task_id: None,
            workflow_id: None,
            plan_id: None,
            request_id: None,
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
            context: answer.context,
            created_at: now,
        };
        turn::insert(tx, &row).await?;
        let turn = Turn { row, job };
        let body = Body::TurnStarted { turn: turn.clone(), reply: reply.clone() };
        let reply = message::Model { citations: answer.citations, ..reply };
        events.push(event::append(tx, conversation, body).await?);
        conversation.active_turn_id = Some(turn_id);
        conversation.updated_at = now;
        Ok(Started {
            message,
            turn,
            events: events.into_iter().map(Arc::new).collect(),
            reply,
            work: answer.work,
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
                    context: None,
                })
            }
            Plan::Model { provider, model, system, budget } => {
                let own = tokens(&system.text) + tokens(&message.text);
                let history = self
                    .history(tx, conversation, message.sequence, budget.saturating_sub(own))
                    .await
                    .map_err(broken_prompt)?;
                let context = Context {
                    estimated_tokens: own + history.tokens,
                    budget_tokens: budget,
                    messages_included: u32::try_from(history.messages.len() + 1).unwrap_or(u32::MAX),
                    messages_left_out: history.left_out,
                };
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
                    context: Some(context),
                })
            }
        }
    }
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
        created_at: crate::clock::now(),
    }
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
