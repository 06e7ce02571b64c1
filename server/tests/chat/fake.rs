//! A server that answers by a script and writes down what it was asked.

use banto_proto::v1::{
    companion_conversation_server::{CompanionConversation, CompanionConversationServer},
    *,
};
use sha2::{Digest as _, Sha256};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};
use tokio::{net::TcpListener, runtime::Runtime, sync::Notify};
use tokio_stream::{Stream, StreamExt as _, wrappers::TcpListenerStream};
use tonic::{Request, Response, Status};

/// What a stream does next.
pub enum Step {
    Send(Box<ConverseResponse>),
    /// Ends the stream, or refuses the call if nothing was sent yet.
    Fail(Status),
    /// Says nothing more.
    Hang,
    /// Waits for CancelTurn.
    UntilCancelled,
}

#[derive(Default)]
struct State {
    scripts: Mutex<VecDeque<Vec<Step>>>,
    log: Mutex<Vec<String>>,
    transcript: Mutex<Option<String>>,
    cancelled: Notify,
}

/// Dropping it cuts every connection, as kill -9 does.
pub struct Fake {
    pub url: String,
    state: Arc<State>,
    runtime: Option<Runtime>,
}

impl Fake {
    /// Each Converse and each WatchConversation takes the next script.
    pub fn start(scripts: Vec<Vec<Step>>) -> Self {
        let state = Arc::new(State { scripts: Mutex::new(scripts.into()), ..State::default() });
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let service = CompanionConversationServer::new(Service(Arc::clone(&state)));
        runtime.spawn(
            tonic::transport::Server::builder()
                .add_service(service)
                .serve_with_incoming(TcpListenerStream::new(listener)),
        );
        Self { url, state, runtime: Some(runtime) }
    }

    pub fn log(&self) -> Vec<String> {
        self.state.log.lock().unwrap().clone()
    }

    pub fn set_transcript(&self, text: &str) {
        *self.state.transcript.lock().unwrap() = Some(text.to_owned());
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(std::time::Duration::from_secs(1));
        }
    }
}

fn conversation() -> Conversation {
    Conversation { conversation_id: "c".into(), epoch: "e".into(), head_sequence: 6, ..Default::default() }
}

fn turn(state: RunState) -> Turn {
    Turn { turn_id: "t".into(), assistant_message_id: "m".into(), state: state.into(), ..Default::default() }
}

fn send(kind: converse_response::Kind) -> Step {
    Step::Send(Box::new(ConverseResponse { kind: Some(kind) }))
}

fn update(kind: conversation_update::Kind) -> Step {
    send(converse_response::Kind::Update(ConversationUpdate { kind: Some(kind) }))
}

fn event(sequence: u64, kind: conversation_event::Kind) -> Step {
    update(conversation_update::Kind::Event(ConversationEvent {
        sequence,
        occurred_at: None,
        kind: Some(kind),
    }))
}

pub fn accepted() -> Step {
    send(converse_response::Kind::Accepted(SendMessageResponse {
        conversation: Some(conversation()),
        message: Some(TranscriptItem { message_id: "u".into(), sequence: 5, ..Default::default() }),
        turn: Some(turn(RunState::Running)),
        replayed: false,
    }))
}

pub fn started(sequence: u64) -> Step {
    let started = TurnStarted { turn: Some(turn(RunState::Running)), reply: None };
    event(sequence, conversation_event::Kind::TurnStarted(started))
}

pub fn delta(offset: usize, text: &str) -> Step {
    update(conversation_update::Kind::Delta(Delta {
        block_id: "m".into(),
        offset: offset as u64,
        text: text.into(),
    }))
}

pub fn ended(sequence: u64, state: RunState, text: &str) -> Step {
    let ended = TurnEnded {
        turn: Some(turn(state)),
        text_length: text.len() as u64,
        text_sha256: hex::encode(Sha256::digest(text)),
        citations: Vec::new(),
    };
    event(sequence, conversation_event::Kind::TurnEnded(ended))
}

pub fn resumed() -> Step {
    let snapshot = ConversationSnapshot {
        epoch: "e".into(),
        head_sequence: 6,
        resumed: true,
        conversation: Some(conversation()),
        ..Default::default()
    };
    update(conversation_update::Kind::Snapshot(snapshot))
}

struct Service(Arc<State>);

type Answer<T> = Result<Response<T>, Status>;
type Streamed<T> = std::pin::Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

impl Service {
    fn note<T>(&self, request: &Request<T>, line: String) -> Result<(), Status> {
        let token = request.metadata().get("authorization").and_then(|value| value.to_str().ok());
        if token != Some("Bearer owner") {
            return Err(Status::unauthenticated("no token"));
        }
        self.0.log.lock().unwrap().push(line);
        Ok(())
    }

    fn perform(&self) -> Result<Streamed<ConverseResponse>, Status> {
        let mut steps: VecDeque<Step> = self.0.scripts.lock().unwrap().pop_front().unwrap_or_default().into();
        if matches!(steps.front(), Some(Step::Fail(_)))
            && let Some(Step::Fail(status)) = steps.pop_front()
        {
            return Err(status);
        }
        let state = Arc::clone(&self.0);
        let (sender, receiver) = tokio::sync::mpsc::channel(1);
        tokio::spawn(async move {
            for step in steps {
                let sent = match step {
                    Step::Send(response) => sender.send(Ok(*response)).await,
                    Step::Fail(status) => sender.send(Err(status)).await,
                    Step::Hang => std::future::pending().await,
                    Step::UntilCancelled => {
                        state.cancelled.notified().await;
                        Ok(())
                    }
                };
                if sent.is_err() {
                    break;
                }
            }
        });
        Ok(Box::pin(tokio_stream::wrappers::ReceiverStream::new(receiver)))
    }
}

fn unused<T>() -> Answer<T> {
    Err(Status::unimplemented("not part of the script"))
}

#[tonic::async_trait]
impl CompanionConversation for Service {
    type ConverseStream = Streamed<ConverseResponse>;
    type WatchConversationStream = Streamed<WatchConversationResponse>;

    async fn converse(&self, request: Request<ConverseRequest>) -> Answer<Self::ConverseStream> {
        let send = request.get_ref().send.clone().unwrap_or_default();
        self.note(
            &request,
            format!("converse {} {} {}", send.conversation_id, send.text, send.client_message_id),
        )?;
        self.perform().map(Response::new)
    }

    async fn watch_conversation(
        &self,
        request: Request<WatchConversationRequest>,
    ) -> Answer<Self::WatchConversationStream> {
        let WatchConversationRequest { conversation_id, after_sequence, epoch, .. } = request.get_ref();
        self.note(&request, format!("watch {conversation_id} {after_sequence} {epoch}"))?;
        let updates = self.perform()?.map(|response| {
            response.map(|response| WatchConversationResponse {
                update: match response.kind {
                    Some(converse_response::Kind::Update(update)) => Some(update),
                    _ => None,
                },
            })
        });
        Ok(Response::new(Box::pin(updates)))
    }

    async fn cancel_turn(&self, request: Request<CancelTurnRequest>) -> Answer<CancelTurnResponse> {
        self.note(&request, format!("cancel {}", request.get_ref().turn_id))?;
        self.0.cancelled.notify_one();
        Ok(Response::new(CancelTurnResponse { outcome: CancelOutcome::Cancelled.into(), turn: None }))
    }

    async fn get_transcript(&self, request: Request<GetTranscriptRequest>) -> Answer<GetTranscriptResponse> {
        self.note(&request, format!("transcript {}", request.get_ref().conversation_id))?;
        let text = self.0.transcript.lock().unwrap().clone();
        let item = |text| TranscriptItem { message_id: "m".into(), text, ..Default::default() };
        Ok(Response::new(GetTranscriptResponse {
            conversation: Some(conversation()),
            items: text.map(item).into_iter().collect(),
            ..Default::default()
        }))
    }

    async fn create_conversation(
        &self,
        request: Request<CreateConversationRequest>,
    ) -> Answer<CreateConversationResponse> {
        self.note(&request, format!("create {}", request.get_ref().request_id))?;
        let conversation = Conversation { conversation_id: "new".into(), ..conversation() };
        Ok(Response::new(CreateConversationResponse { conversation: Some(conversation) }))
    }

    async fn get_companion(&self, _: Request<GetCompanionRequest>) -> Answer<GetCompanionResponse> {
        unused()
    }

    async fn list_conversations(
        &self,
        _: Request<ListConversationsRequest>,
    ) -> Answer<ListConversationsResponse> {
        unused()
    }

    async fn update_conversation(
        &self,
        _: Request<UpdateConversationRequest>,
    ) -> Answer<UpdateConversationResponse> {
        unused()
    }

    async fn delete_conversation(
        &self,
        _: Request<DeleteConversationRequest>,
    ) -> Answer<DeleteConversationResponse> {
        unused()
    }

    async fn fork_conversation(
        &self,
        _: Request<ForkConversationRequest>,
    ) -> Answer<ForkConversationResponse> {
        unused()
    }

    async fn search_messages(&self, _: Request<SearchMessagesRequest>) -> Answer<SearchMessagesResponse> {
        unused()
    }

    async fn send_message(&self, _: Request<SendMessageRequest>) -> Answer<SendMessageResponse> {
        unused()
    }

    async fn regenerate_turn(&self, _: Request<RegenerateTurnRequest>) -> Answer<RegenerateTurnResponse> {
        unused()
    }
}
