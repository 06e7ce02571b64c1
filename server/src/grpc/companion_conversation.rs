//! `banto.v1.CompanionConversation`.

use super::{
    caller, decode, encode,
    stream::{Answers, guarded},
};
use crate::{
    companion::{
        Accepted, CancelOutcome, Companion, ConversationChange, NewConversation, Target, UpdatedConversation,
    },
    error::{Error, Result as Domain},
    feed::{Conversation, Cursor, ListUpdate, Update, Watch},
    id::{TurnId, WorkspaceId},
    input::{self, MessageText},
    store::{Access, conversation, event::Body, message},
};
use banto_proto::v1::{self as pb, conversation_update, conversations_update};
use futures::{Stream, StreamExt as _, stream};
use tonic::{Request, Response, Status};

/// Conversations of a snapshot of the list.
const SNAPSHOT_CONVERSATIONS: u64 = 200;

/// The service.
#[derive(Debug)]
pub(super) struct CompanionConversationService(pub Companion);

/// Watches a conversation; what it means is found out on the stream.
pub(super) fn watch(
    companion: &Companion,
    access: Access,
    target: Target,
    cursor: Option<Cursor>,
) -> impl Stream<Item = Domain<pb::ConversationUpdate>> + Send + 'static {
    let companion = companion.clone();
    // Boxed, because the stream keeps the room of what finds the conversation.
    let found = Box::pin(async move { companion.watch(&access, target, cursor).await });
    stream::once(found).flat_map(|watch| match watch {
        Ok(watch) => watch.into_stream().map(|update| update.map(encode::update)).left_stream(),
        Err(error) => stream::iter([Err(error)]).right_stream(),
    })
}

/// Watches the conversations of a workspace.
pub(super) fn watch_list(
    companion: &Companion,
    access: Access,
    workspace: Option<WorkspaceId>,
) -> impl Stream<Item = Domain<pb::ConversationsUpdate>> + Send + 'static {
    let companion = companion.clone();
    let resolved = Box::pin(async move {
        let workspace = companion.workspace(&access, workspace).await;
        (companion, access, workspace)
    });
    stream::once(resolved).flat_map(|(companion, access, workspace)| {
        let workspace = match workspace {
            Ok(workspace) => workspace.id,
            Err(error) => return stream::iter([Err(error)]).right_stream(),
        };
        let list = companion.watchable().clone();
        let snapshot = move || {
            let (reader, access) = (companion.clone(), access.clone());
            Box::pin(async move {
                let page = conversation::Page {
                    archived: false,
                    title_contains: String::new(),
                    limit: SNAPSHOT_CONVERSATIONS,
                    after: None,
                };
                Ok(reader.page(&access, Some(workspace), &page).await?.0)
            })
        };
        list.watch(snapshot, move |change: &ConversationChange| change.workspace() == workspace)
            .map(|update| update.map(list_update))
            .left_stream()
    })
}

fn list_update(update: ListUpdate<ConversationChange, Vec<conversation::Model>>) -> pb::ConversationsUpdate {
    use conversations_update::Kind;
    let kind = match update {
        ListUpdate::Snapshot(rows) => {
            let conversations = rows.into_iter().map(encode::conversation).collect();
            Kind::Snapshot(pb::ConversationsSnapshot { conversations })
        }
        ListUpdate::Changed(change) => match &*change {
            ConversationChange::Upserted(row) => Kind::Upserted(encode::conversation((**row).clone())),
            ConversationChange::Deleted { id, .. } => Kind::DeletedConversationId(id.to_string()),
        },
    };
    pb::ConversationsUpdate { kind: Some(kind) }
}

/// The updates of one turn up to its end; what else happens in the conversation is
/// left out.
fn until_end_of(
    turn: TurnId,
    watch: Watch<Conversation>,
) -> impl Stream<Item = Domain<Update<Conversation>>> + Send + 'static {
    stream::unfold(Some(watch), move |watch| async move {
        let mut watch = watch?;
        loop {
            let update = watch.next().await?;
            let (is_of_turn, is_last) = match &update {
                Ok(Update::Event(event)) => match &event.body {
                    Body::MessageAdded(message) => (message.turn_id == turn, false),
                    Body::TurnStarted { turn: started, .. } => (started.row.id == turn, false),
                    Body::TurnRetried { turn_id, .. } => (*turn_id == turn, false),
                    Body::TurnEnded { turn: ended, .. } => (ended.row.id == turn, ended.row.id == turn),
                    Body::Changed(_) => (false, false),
                },
                Ok(Update::Snapshot(snapshot)) => (!snapshot.resumed, false),
                Ok(Update::Delta { .. } | Update::Reset(_)) => (true, false),
                Ok(Update::Deleted) | Err(_) => (true, true),
            };
            if is_of_turn {
                return Some((update, (!is_last).then_some(watch)));
            }
        }
    })
}

fn accepted(accepted: Accepted) -> pb::SendMessageResponse {
    pb::SendMessageResponse {
        conversation: Some(encode::conversation(accepted.conversation)),
        message: Some(encode::item(accepted.message)),
        turn: Some(encode::turn(accepted.turn)),
        replayed: accepted.replayed,
    }
}

impl CompanionConversationService {
    async fn send(
        &self,
        caller: &crate::access::Principal,
        asked: pb::SendMessageRequest,
    ) -> Result<Accepted, Status> {
        let target = decode::target(&asked.workspace_id, &asked.conversation_id)?;
        let id = input::required_client_id("client_message_id", &asked.client_message_id)?;
        let text = MessageText::parse(&asked.text)?;
        Ok(self.0.send(caller, target, id, text).await?)
    }
}

#[tonic::async_trait]
impl pb::companion_conversation_server::CompanionConversation for CompanionConversationService {
    async fn get_companion(
        &self,
        request: Request<pb::GetCompanionRequest>,
    ) -> Result<Response<pb::GetCompanionResponse>, Status> {
        let caller = caller(&request)?;
        let workspace = decode::workspace(&request.get_ref().workspace_id)?;
        let companion = self.0.of_workspace(&caller.access, workspace).await?;
        Ok(Response::new(pb::GetCompanionResponse { companion: Some(encode::worker(companion)) }))
    }

    async fn create_conversation(
        &self,
        request: Request<pb::CreateConversationRequest>,
    ) -> Result<Response<pb::CreateConversationResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let new = NewConversation {
            workspace: decode::workspace(&asked.workspace_id)?,
            request_id: input::client_id("request_id", &asked.request_id)?,
            title: input::line("title", &asked.title, input::MAX_TITLE)?,
            settings: decode::settings(asked.settings)?.unwrap_or_default(),
        };
        let created = self.0.create(&caller, new).await?;
        Ok(Response::new(pb::CreateConversationResponse {
            conversation: Some(encode::conversation(created)),
        }))
    }

    async fn list_conversations(
        &self,
        request: Request<pb::ListConversationsRequest>,
    ) -> Result<Response<pb::ListConversationsResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let workspace = decode::workspace(&asked.workspace_id)?;
        let page = conversation::Page {
            archived: asked.archived,
            title_contains: input::line("title_contains", &asked.title_contains, input::MAX_QUERY)?,
            limit: decode::page_size(asked.page_size, 50, 200)?,
            after: decode::time_token(&asked.page_token)?,
        };
        let (rows, more) = self.0.page(&caller.access, workspace, &page).await?;
        let next = rows.last().filter(|_| more).map(|row| decode::write_time_token(row.updated_at, row.id));
        Ok(Response::new(pb::ListConversationsResponse {
            conversations: rows.into_iter().map(encode::conversation).collect(),
            next_page_token: next.unwrap_or_default(),
        }))
    }

    async fn update_conversation(
        &self,
        request: Request<pb::UpdateConversationRequest>,
    ) -> Result<Response<pb::UpdateConversationResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let id = decode::id("conversation_id", &asked.conversation_id)?;
        let title = asked.title.map(|title| input::line("title", &title, input::MAX_TITLE)).transpose()?;
        let change = UpdatedConversation {
            expected_version: decode::version(asked.expected_version)?,
            title,
            archived: asked.archived,
            settings: decode::settings(asked.settings)?,
        };
        let changed = self.0.update(&caller, id, change).await?;
        Ok(Response::new(pb::UpdateConversationResponse {
            conversation: Some(encode::conversation(changed)),
        }))
    }

    async fn delete_conversation(
        &self,
        request: Request<pb::DeleteConversationRequest>,
    ) -> Result<Response<pb::DeleteConversationResponse>, Status> {
        let caller = caller(&request)?;
        let id = decode::id("conversation_id", &request.get_ref().conversation_id)?;
        self.0.delete(&caller, id).await?;
        Ok(Response::new(pb::DeleteConversationResponse {}))
    }

    async fn fork_conversation(
        &self,
        request: Request<pb::ForkConversationRequest>,
    ) -> Result<Response<pb::ForkConversationResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let id = decode::id("conversation_id", &asked.conversation_id)?;
        let before = decode::id("before_message_id", &asked.before_message_id)?;
        let request_id = input::client_id("request_id", &asked.request_id)?;
        let title = input::line("title", &asked.title, input::MAX_TITLE)?;
        let fork = self.0.fork(&caller, id, before, request_id, title).await?;
        Ok(Response::new(pb::ForkConversationResponse { conversation: Some(encode::conversation(fork)) }))
    }

    async fn get_transcript(
        &self,
        request: Request<pb::GetTranscriptRequest>,
    ) -> Result<Response<pb::GetTranscriptResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let target = decode::target(&asked.workspace_id, &asked.conversation_id)?;
        let cursor = match (asked.before_sequence, asked.after_sequence) {
            (0, 0) => message::Cursor::Newest,
            (before, 0) => message::Cursor::Before(decode::sequence("before_sequence", before)?),
            (0, after) => message::Cursor::After(decode::sequence("after_sequence", after)?),
            _ => return Err(Error::invalid("after_sequence", "must not come with `before_sequence`").into()),
        };
        let limit = decode::page_size(asked.page_size, 100, 500)?;
        let page = self.0.transcript(&caller.access, target, cursor, limit).await?;
        Ok(Response::new(encode::transcript(page)))
    }

    async fn search_messages(
        &self,
        request: Request<pb::SearchMessagesRequest>,
    ) -> Result<Response<pb::SearchMessagesResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let query = input::line("query", &asked.query, input::MAX_QUERY)?;
        if query.is_empty() {
            return Err(Error::invalid("query", "must not be empty").into());
        }
        let limit = decode::page_size(asked.page_size, 20, 100)?;
        let before = decode::optional_id("page_token", &asked.page_token)?;
        let workspace = decode::workspace(&asked.workspace_id)?;
        let conversation = decode::optional_id("conversation_id", &asked.conversation_id)?;
        let (found, more) =
            self.0.search(&caller.access, workspace, conversation, &query, limit, before).await?;
        let next = found.last().filter(|_| more).map(|found| found.message.id.to_string());
        Ok(Response::new(pb::SearchMessagesResponse {
            hits: found.into_iter().map(encode::hit).collect(),
            next_page_token: next.unwrap_or_default(),
        }))
    }

    async fn send_message(
        &self,
        request: Request<pb::SendMessageRequest>,
    ) -> Result<Response<pb::SendMessageResponse>, Status> {
        let caller = caller(&request)?;
        let sent = self.send(&caller, request.into_inner()).await?;
        Ok(Response::new(accepted(sent)))
    }

    type ConverseStream = Answers<pb::ConverseResponse>;

    async fn converse(
        &self,
        request: Request<pb::ConverseRequest>,
    ) -> Result<Response<Self::ConverseStream>, Status> {
        use pb::converse_response::Kind;
        let caller = caller(&request)?;
        let asked = request.into_inner().send.ok_or_else(|| Error::invalid("send", "must not be absent"))?;
        let sent = self.send(&caller, asked).await?;
        let turn = sent.turn.row.id;
        let cursor = Cursor {
            epoch: sent.conversation.epoch,
            after_sequence: sent.message.sequence.saturating_sub(1),
        };
        let target = Target::Conversation(sent.conversation.id);
        let watch = self.0.watch(&caller.access, target, Some(cursor)).await?;
        let first = stream::iter([Ok(pb::ConverseResponse { kind: Some(Kind::Accepted(accepted(sent))) })]);
        let answer = |update| pb::ConverseResponse { kind: Some(Kind::Update(update)) };
        let rest = until_end_of(turn, watch).map(move |update| Ok(answer(encode::update(update?))));
        let heartbeat = || pb::ConverseResponse {
            kind: Some(Kind::Update(pb::ConversationUpdate {
                kind: Some(conversation_update::Kind::Heartbeat(encode::heartbeat())),
            })),
        };
        Ok(Response::new(guarded(&caller, heartbeat, first.chain(rest))))
    }

    async fn regenerate_turn(
        &self,
        request: Request<pb::RegenerateTurnRequest>,
    ) -> Result<Response<pb::RegenerateTurnResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let id = decode::id("turn_id", &asked.turn_id)?;
        let request_id = input::required_client_id("request_id", &asked.request_id)?;
        let sent = self.0.regenerate(&caller, id, request_id).await?;
        Ok(Response::new(pb::RegenerateTurnResponse {
            turn: Some(encode::turn(sent.turn)),
            replayed: sent.replayed,
        }))
    }

    async fn cancel_turn(
        &self,
        request: Request<pb::CancelTurnRequest>,
    ) -> Result<Response<pb::CancelTurnResponse>, Status> {
        let caller = caller(&request)?;
        let id = decode::id("turn_id", &request.get_ref().turn_id)?;
        let (outcome, turn) = self.0.cancel(&caller, id).await?;
        let outcome = match outcome {
            CancelOutcome::Cancelled => pb::CancelOutcome::Cancelled,
            CancelOutcome::AlreadyEnded => pb::CancelOutcome::AlreadyEnded,
            CancelOutcome::Requested => pb::CancelOutcome::Requested,
        };
        Ok(Response::new(pb::CancelTurnResponse { outcome: outcome.into(), turn: Some(encode::turn(turn)) }))
    }

    type WatchConversationStream = Answers<pb::WatchConversationResponse>;

    async fn watch_conversation(
        &self,
        request: Request<pb::WatchConversationRequest>,
    ) -> Result<Response<Self::WatchConversationStream>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let target = decode::target(&asked.workspace_id, &asked.conversation_id)?;
        let cursor = decode::cursor(asked.after_sequence, &asked.epoch)?;
        // Found out before the stream begins, so that NOT_FOUND is its status.
        let watch = self.0.watch(&caller.access, target, cursor).await?;
        let updates = watch
            .into_stream()
            .map(|update| Ok(pb::WatchConversationResponse { update: Some(encode::update(update?)) }));
        let heartbeat = || pb::WatchConversationResponse {
            update: Some(pb::ConversationUpdate {
                kind: Some(conversation_update::Kind::Heartbeat(encode::heartbeat())),
            }),
        };
        Ok(Response::new(guarded(&caller, heartbeat, updates)))
    }
}
