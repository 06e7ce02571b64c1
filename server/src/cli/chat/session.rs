//! One exchange over as many connections as it takes.

use super::{
    ChatArgs,
    printer::Printer,
    reply::{Ending, Piece, Reply},
};
use crate::{
    cli::{
        connect::{Client, PATIENCE},
        exit::{Failure, is_away},
    },
    config::Environment,
};
use banto_proto::v1::{
    CancelTurnRequest, ConverseRequest, ConverseResponse, CreateConversationRequest, GetTranscriptRequest,
    SendMessageRequest, WatchConversationRequest, converse_response,
};
use futures::{StreamExt as _, stream::BoxStream};
use std::time::Duration;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status};
use uuid::Uuid;

type Updates = BoxStream<'static, Result<ConverseResponse, Status>>;

/// Pause between two looks into the transcript for text that is missing while
/// the turn runs.
const TRANSCRIPT_PAUSE: Duration = Duration::from_millis(250);

/// Why one connection was not enough.
enum Broken {
    /// The server is away, perhaps for a moment only.
    Away(String),
    /// It has not said a word for as long as one may wait.
    Silent,
    /// Nothing more can be done.
    For(Failure),
}

impl From<Failure> for Broken {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Away(why) => Self::Away(why),
            other => Self::For(other),
        }
    }
}

impl From<Status> for Broken {
    fn from(status: Status) -> Self {
        Failure::from(status).into()
    }
}

pub(super) struct Session<'a> {
    args: &'a ChatArgs,
    environment: &'a Environment,
    printer: Printer,
    request: SendMessageRequest,
    /// Makes the creation of a conversation repeatable.
    create_id: String,
    /// Whether `request` names its conversation, or there is none to name.
    resolved: bool,
    reply: Option<Reply>,
    met: bool,
    /// Since when nothing has come from the server.
    away_since: Option<Instant>,
    interrupt: CancellationToken,
    cancelled: bool,
    looked_at: Option<Instant>,
}

impl<'a> Session<'a> {
    pub fn new(args: &'a ChatArgs, text: String, environment: &'a Environment, printer: Printer) -> Self {
        let request = SendMessageRequest {
            workspace_id: args.workspace.clone().unwrap_or_default(),
            conversation_id: args.conversation.clone().unwrap_or_default(),
            // One for the whole command: sent again after an unknown outcome, it
            // is still one message.
            client_message_id: Uuid::now_v7().to_string(),
            text,
        };
        Self {
            args,
            environment,
            printer,
            request,
            create_id: Uuid::now_v7().to_string(),
            resolved: args.conversation.is_some(),
            reply: None,
            met: false,
            away_since: None,
            interrupt: CancellationToken::new(),
            cancelled: false,
            looked_at: None,
        }
    }

    /// Runs until the turn has ended, or until nothing can be done any more.
    pub async fn run(mut self) -> Result<Ending, Failure> {
        let interrupt = self.interrupt.clone();
        tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                interrupt.cancel();
            }
            // Whoever presses it twice does not want to wait for the server.
            if tokio::signal::ctrl_c().await.is_ok() {
                std::process::exit(1);
            }
        });
        let ended = self.exchange().await;
        self.printer.end_line()?;
        ended
    }

    async fn exchange(&mut self) -> Result<Ending, Failure> {
        let mut attempt = 0;
        loop {
            let began = Instant::now();
            let (broken, since) = match self.connection().await {
                Ok(ending) => return Ok(ending),
                Err(Broken::For(failure)) => return Err(failure),
                Err(Broken::Away(why)) => (why, Instant::now()),
                Err(Broken::Silent) => ("it does not answer".to_owned(), began),
            };
            // A server that was never there is not waited for.
            if !self.met {
                return Err(Failure::Away(broken));
            }
            attempt = if self.away_since.is_none() { 0 } else { attempt + 1 };
            let since = *self.away_since.get_or_insert(since);
            if attempt == 0 {
                self.printer.note("the connection to the server broke; trying again")?;
            }
            if since.elapsed() >= PATIENCE {
                return Err(Failure::Away(self.farewell(&broken)));
            }
            let pause = pause(attempt).min(PATIENCE.saturating_sub(since.elapsed()));
            tokio::time::sleep(pause).await;
        }
    }

    fn farewell(&self, why: &str) -> String {
        let seconds = PATIENCE.as_secs();
        match &self.reply {
            Some(reply) => format!(
                "the server went away for longer than {seconds} s ({why}); the message was accepted, in \
                 conversation {}, turn {}",
                reply.conversation_id, reply.turn_id
            ),
            None => format!(
                "the server went away for longer than {seconds} s ({why}); whether the message was accepted \
                 is unknown"
            ),
        }
    }

    /// Follows the exchange over one connection.
    async fn connection(&mut self) -> Result<Ending, Broken> {
        // While the server is away, even a connection that stands must say
        // something before the patience ends.
        let deadline = self.away_since.map_or_else(|| Instant::now() + PATIENCE, |since| since + PATIENCE);
        let opening = timeout_at(deadline, self.open()).await;
        let (client, mut updates) = opening.map_err(|_| Broken::Silent)??;
        let mut first = Some(deadline);
        loop {
            let response = tokio::select! {
                () = self.interrupt.cancelled(), if self.reply.is_some() && !self.cancelled => {
                    self.cancel(&client).await?;
                    continue;
                }
                response = next(&mut updates, first) => response?,
            };
            (self.met, self.away_since, first) = (true, None, None);
            self.take(response)?;
            self.fill(&client).await?;
            if let Some(ending) = self.reply.as_ref().and_then(Reply::ending) {
                return Ok(ending.clone());
            }
        }
    }

    /// Connects, and sends the message or resumes where the last stream broke.
    async fn open(&mut self) -> Result<(Client, Updates), Broken> {
        let client = self.args.server.connect(self.environment).await?;
        self.met = true;
        if let Some(reply) = &self.reply {
            let request = WatchConversationRequest {
                conversation_id: reply.conversation_id.clone(),
                after_sequence: reply.cursor().sequence,
                epoch: reply.cursor().epoch.clone(),
                ..WatchConversationRequest::default()
            };
            let updates = client.conversation().watch_conversation(request).await?.into_inner();
            let updates = updates.map(|response| {
                response.map(|response| ConverseResponse {
                    kind: response.update.map(converse_response::Kind::Update),
                })
            });
            return Ok((client, updates.boxed()));
        }
        if !self.resolved {
            self.request.conversation_id = self.resolve(&client).await?;
            self.resolved = true;
        }
        let request = ConverseRequest { send: Some(self.request.clone()) };
        let updates = client.conversation().converse(request).await?.into_inner();
        Ok((client, updates.boxed()))
    }

    /// The conversation to send to. Named before the message is sent, because
    /// "the latest" may be another one by the time it has to be sent again.
    async fn resolve(&self, client: &Client) -> Result<String, Broken> {
        let workspace_id = self.request.workspace_id.clone();
        let conversation = if self.args.new {
            let request = CreateConversationRequest {
                workspace_id,
                request_id: self.create_id.clone(),
                ..CreateConversationRequest::default()
            };
            client.conversation().create_conversation(request).await?.into_inner().conversation
        } else {
            let request =
                GetTranscriptRequest { workspace_id, page_size: 1, ..GetTranscriptRequest::default() };
            match client.conversation().get_transcript(request).await {
                Ok(response) => response.into_inner().conversation,
                // There is none yet; sending makes it. An unknown workspace will
                // be refused there.
                Err(status) if status.code() == Code::NotFound => None,
                Err(status) => return Err(status.into()),
            }
        };
        Ok(conversation.map(|conversation| conversation.conversation_id).unwrap_or_default())
    }

    fn take(&mut self, response: ConverseResponse) -> Result<(), Broken> {
        match (response.kind, &mut self.reply) {
            (Some(converse_response::Kind::Accepted(accepted)), reply @ None) => {
                *reply = Reply::accepted(&accepted);
                if reply.is_none() {
                    let message = "the server accepted the message but names no turn".to_owned();
                    return Err(Broken::For(Failure::Failed(message)));
                }
                self.printer.accepted(accepted)?;
            }
            (Some(converse_response::Kind::Update(update)), Some(reply)) => {
                let pieces = reply.apply(update);
                self.print(pieces)?;
            }
            _ => {}
        }
        if self.reply.as_ref().is_some_and(Reply::is_gone) {
            return Err(Broken::For(Failure::Failed("the conversation was deleted".to_owned())));
        }
        Ok(())
    }

    fn print(&mut self, pieces: Vec<Piece>) -> Result<(), Failure> {
        let message_id = self.reply.as_ref().map(|reply| reply.message_id.clone()).unwrap_or_default();
        pieces.into_iter().try_for_each(|piece| self.printer.piece(&message_id, piece))
    }

    /// Takes missing text from the transcript.
    async fn fill(&mut self, client: &Client) -> Result<(), Broken> {
        let Some(reply) = self.reply.as_ref().filter(|reply| reply.lacks_text()) else { return Ok(()) };
        let recent = self.looked_at.is_some_and(|at| at.elapsed() < TRANSCRIPT_PAUSE);
        if recent && !reply.end_is_held() {
            return Ok(());
        }
        self.looked_at = Some(Instant::now());
        let request = GetTranscriptRequest {
            conversation_id: reply.conversation_id.clone(),
            after_sequence: reply.asked_at,
            // The reply follows its message, but another answer to the same
            // message may stand between them.
            page_size: 20,
            ..GetTranscriptRequest::default()
        };
        let page = client.conversation().get_transcript(request).await?.into_inner();
        let pieces = self.reply.as_mut().map(|reply| reply.apply_transcript(page.items, page.turns));
        Ok(self.print(pieces.unwrap_or_default())?)
    }

    /// Cancels the turn. Its end comes over the stream like any other.
    async fn cancel(&mut self, client: &Client) -> Result<(), Broken> {
        let Some(reply) = &self.reply else { return Ok(()) };
        let request = CancelTurnRequest { turn_id: reply.turn_id.clone() };
        let answer = timeout(PATIENCE, client.conversation().cancel_turn(request)).await;
        let answer = answer.map_err(|_| Broken::Silent)?;
        match answer {
            Err(status) if is_away(&status) => Err(status.into()),
            Err(status) => Err(Broken::For(status.into())),
            Ok(_) => {
                self.cancelled = true;
                Ok(self.printer.note("cancelling")?)
            }
        }
    }
}

async fn next(updates: &mut Updates, deadline: Option<Instant>) -> Result<ConverseResponse, Broken> {
    let response = match deadline {
        Some(deadline) => timeout_at(deadline, updates.next()).await.map_err(|_| Broken::Silent)?,
        None => updates.next().await,
    };
    match response {
        Some(response) => Ok(response?),
        None => Err(Broken::Away("the stream ended before the turn".to_owned())),
    }
}

/// Doubles up to half a second, with jitter, so that the clients of a server
/// that restarts do not come back all at once.
fn pause(attempt: u32) -> Duration {
    let most = (50u64 << attempt.min(4)).min(500);
    Duration::from_millis(rand::random_range(most / 4..=most))
}

#[cfg(test)]
mod tests {
    use super::pause;

    #[test]
    fn pauses_grow_and_stay_short_of_the_patience() {
        for attempt in 0..40 {
            let millis = pause(attempt).as_millis();
            assert!((12..=500).contains(&millis), "{millis}");
        }
    }
}
