//! What is asked of a model.

/// A request for one answer. There is no field for tools, so that no request
/// can offer one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The provider's id of the model.
    pub model: String,
    /// System prompt; empty for none.
    pub system: String,
    /// The conversation, oldest first. Blank messages are left out: providers
    /// refuse them.
    pub messages: Vec<Message>,
    /// Most tokens that the model may write. `None`: the provider's default.
    pub max_output_tokens: Option<u64>,
}

/// One message of the conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Who wrote it.
    pub role: Role,
    /// What was written.
    pub text: String,
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The person.
    User,
    /// The model.
    Assistant,
}

impl Request {
    /// The messages that can be sent.
    pub(super) fn spoken(&self) -> impl Iterator<Item = &Message> {
        self.messages.iter().filter(|message| !message.text.trim().is_empty())
    }
}
