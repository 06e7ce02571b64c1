//! A conversation as one caller talks in it.

use crate::{Answer as _, Caller, Refusal, View, Watch, within};
use banto_proto::v1::{
    CancelOutcome, CancelTurnRequest, Conversation, ConverseRequest, ConverseResponse,
    CreateConversationRequest, DeleteConversationRequest, ForkConversationRequest, GetTranscriptRequest,
    GetTranscriptResponse, RegenerateTurnRequest, SendMessageRequest, SendMessageResponse, Turn,
    UpdateConversationRequest, WatchConversationRequest,
};
use tonic::Streaming;
use uuid::Uuid;

/// A handle on one conversation, or on the latest one.
#[derive(Clone, Debug)]
pub struct Companion {
    /// Who talks.
    pub caller: Caller,
    /// The conversation; empty: the latest.
    pub conversation_id: String,
}

/// The end of a turn.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The turn in its terminal state.
    pub turn: Turn,
    /// The text of the reply, as the view has it.
    pub text: String,
}

impl Companion {
    pub(crate) fn new(caller: Caller, conversation_id: String) -> Self {
        Self { caller, conversation_id }
    }

    /// Creates another conversation and returns a handle on it.
    pub async fn another(&self) -> Self {
        let request = CreateConversationRequest::default();
        let created = self.caller.conversations().create_conversation(request).await.granted();
        Self::new(self.caller.clone(), created.conversation.expect("a conversation").conversation_id)
    }

    /// The request that sends `text` under a fresh id.
    #[must_use]
    pub fn message(&self, text: &str) -> SendMessageRequest {
        self.message_as(&Uuid::now_v7().to_string(), text)
    }

    /// The request that sends `text` under this id.
    #[must_use]
    pub fn message_as(&self, client_message_id: &str, text: &str) -> SendMessageRequest {
        SendMessageRequest {
            workspace_id: String::new(),
            conversation_id: self.conversation_id.clone(),
            client_message_id: client_message_id.into(),
            text: text.into(),
        }
    }

    /// Sends what may be refused.
    pub async fn try_send(&self, message: SendMessageRequest) -> Result<SendMessageResponse, Refusal> {
        Ok(self.caller.conversations().send_message(message).await?.into_inner())
    }

    /// Sends `text`; fails when it is refused.
    pub async fn send(&self, text: &str) -> Accepted {
        Accepted(self.try_send(self.message(text)).await.granted())
    }

    /// Sends `text` under this id; fails when it is refused.
    pub async fn send_as(&self, client_message_id: &str, text: &str) -> Accepted {
        Accepted(self.try_send(self.message_as(client_message_id, text)).await.granted())
    }

    /// Sends `text` and waits for the end of its turn.
    pub async fn ask(&self, text: &str) -> Reply {
        let accepted = self.send(text).await;
        self.outcome(&accepted).await
    }

    /// Waits for the end of an accepted turn.
    pub async fn outcome(&self, accepted: &Accepted) -> Reply {
        let here = self.caller.conversation(accepted.conversation_id());
        let mut watch = here.watch().await;
        let turn = watch.until_turn_ended(accepted.turn_id()).await;
        let text = watch.view.reply(&turn.turn_id).expect("a reply").text.clone();
        Reply { turn, text }
    }

    /// SendMessage and the events of its turn on one stream.
    pub async fn converse(&self, text: &str) -> Streaming<ConverseResponse> {
        let request = ConverseRequest { send: Some(self.message(text)) };
        self.caller.conversations().converse(request).await.granted()
    }

    /// Watches from a full snapshot on.
    pub async fn watch(&self) -> Watch {
        self.resume(View::default()).await
    }

    /// Watches on from a view that was built up before.
    pub async fn resume(&self, view: View) -> Watch {
        let request = WatchConversationRequest {
            workspace_id: String::new(),
            conversation_id: self.conversation_id.clone(),
            after_sequence: view.head_sequence,
            epoch: view.epoch.clone(),
        };
        let mut client = self.caller.conversations();
        let stream = within("the watch opens", client.watch_conversation(request)).await.granted();
        Watch::open(stream, view).await
    }

    /// The newest page of items.
    pub async fn transcript(&self) -> GetTranscriptResponse {
        self.page(GetTranscriptRequest::default()).await
    }

    /// A page of items.
    pub async fn page(&self, request: GetTranscriptRequest) -> GetTranscriptResponse {
        let request = GetTranscriptRequest { conversation_id: self.conversation_id.clone(), ..request };
        self.caller.conversations().get_transcript(request).await.granted()
    }

    /// The texts of the newest page.
    pub async fn texts(&self) -> Vec<String> {
        self.transcript().await.items.into_iter().map(|item| item.text).collect()
    }

    /// Cancels a turn.
    pub async fn cancel(&self, turn_id: &str) -> (CancelOutcome, Turn) {
        let request = CancelTurnRequest { turn_id: turn_id.into() };
        let response = self.caller.conversations().cancel_turn(request).await.granted();
        (response.outcome(), response.turn.expect("the turn"))
    }

    /// Answers the message of a turn once more.
    pub async fn regenerate(&self, turn_id: &str) -> Turn {
        let request =
            RegenerateTurnRequest { turn_id: turn_id.into(), request_id: Uuid::now_v7().to_string() };
        self.caller.conversations().regenerate_turn(request).await.granted().turn.expect("the new turn")
    }

    /// Gives it another title.
    pub async fn rename(&self, title: &str) -> Conversation {
        let request = UpdateConversationRequest { title: Some(title.into()), ..Default::default() };
        self.update(request).await.granted()
    }

    /// Changes it; the conversation's id is filled in.
    pub async fn update(&self, request: UpdateConversationRequest) -> Result<Conversation, Refusal> {
        let request = UpdateConversationRequest { conversation_id: self.conversation_id.clone(), ..request };
        let response = self.caller.conversations().update_conversation(request).await?.into_inner();
        Ok(response.conversation.expect("the conversation"))
    }

    /// Deletes it.
    pub async fn delete(&self) -> Result<(), Refusal> {
        let request = DeleteConversationRequest { conversation_id: self.conversation_id.clone() };
        self.caller.conversations().delete_conversation(request).await?;
        Ok(())
    }

    /// Copies what was before a message into a new conversation.
    pub async fn fork(&self, before_message_id: &str) -> Conversation {
        let request = ForkConversationRequest {
            conversation_id: self.conversation_id.clone(),
            before_message_id: before_message_id.into(),
            ..Default::default()
        };
        self.caller.conversations().fork_conversation(request).await.granted().conversation.expect("the fork")
    }
}

/// An accepted message.
#[derive(Clone, Debug, PartialEq)]
pub struct Accepted(pub SendMessageResponse);

impl Accepted {
    /// The turn that answers it.
    #[must_use]
    pub fn turn_id(&self) -> &str {
        &self.0.turn.as_ref().expect("the turn").turn_id
    }

    /// The message.
    #[must_use]
    pub fn message_id(&self) -> &str {
        &self.0.message.as_ref().expect("the message").message_id
    }

    /// Its conversation.
    #[must_use]
    pub fn conversation_id(&self) -> &str {
        &self.0.conversation.as_ref().expect("the conversation").conversation_id
    }
}
