//! An open feed: many subjects on one stream.

use crate::{Answer as _, Caller, Refusal, View, within};
use banto_proto::v1::{
    ConversationSubject, Subject, SubjectUpdate, UpdateWatchRequest, WatchRequest, WatchResponse, subject,
    subject_update, watch_response::Kind,
};
use std::collections::BTreeMap;
use tonic::Streaming;

/// The stream, and the view of each conversation on it.
#[derive(Debug)]
pub struct FeedWatch {
    caller: Caller,
    stream: Streaming<WatchResponse>,
    /// Names the stream for UpdateWatch.
    pub watch_id: String,
    /// Views of the conversations by subject id.
    pub views: BTreeMap<String, View>,
}

/// A conversation as a subject.
#[must_use]
pub fn conversation(subject_id: &str, conversation_id: &str) -> Subject {
    let subject = ConversationSubject { conversation_id: conversation_id.into(), ..Default::default() };
    named(subject_id, subject::Subject::Conversation(subject))
}

/// Any subject under a name.
#[must_use]
pub fn named(subject_id: &str, subject: subject::Subject) -> Subject {
    Subject { subject_id: subject_id.into(), credit_bytes: 0, subject: Some(subject) }
}

impl FeedWatch {
    pub(crate) async fn open(caller: Caller, subjects: Vec<Subject>) -> Self {
        let mut client = caller.feed();
        let stream = within("the feed opens", client.watch(WatchRequest { subjects })).await.granted();
        let mut feed = Self { caller, stream, watch_id: String::new(), views: BTreeMap::new() };
        let first = within("the start of the feed", feed.stream.message()).await.expect("a stream");
        match first.and_then(|response| response.kind) {
            Some(Kind::Started(started)) => feed.watch_id = started.watch_id,
            other => panic!("a feed begins with WatchStarted, not {other:?}"),
        }
        feed
    }

    /// The next update of any subject; a conversation's goes into its view.
    pub async fn next(&mut self) -> Result<SubjectUpdate, Refusal> {
        loop {
            let response = within("an update of the feed", self.stream.message()).await?;
            match response.expect("the feed stays open").kind {
                Some(Kind::Update(update)) => {
                    if let Some(subject_update::Kind::Conversation(change)) = &update.kind {
                        self.views.entry(update.subject_id.clone()).or_default().apply(change);
                    }
                    return Ok(update);
                }
                Some(Kind::Heartbeat(_)) => {}
                other => panic!("neither an update nor a heartbeat: {other:?}"),
            }
        }
    }

    /// Goes on until an update satisfies `wanted`.
    pub async fn until(&mut self, what: &str, wanted: impl Fn(&SubjectUpdate) -> bool) -> SubjectUpdate {
        within(what.to_owned(), async {
            loop {
                let update = self.next().await.granted();
                if wanted(&update) {
                    return update;
                }
            }
        })
        .await
    }

    /// Changes the subjects of this stream.
    pub async fn update(&self, change: UpdateWatchRequest) -> Result<(), Refusal> {
        let request = UpdateWatchRequest { watch_id: self.watch_id.clone(), ..change };
        self.caller.feed().update_watch(request).await?;
        Ok(())
    }

    /// Adds a subject.
    pub async fn add(&self, subject: Subject) {
        self.update(UpdateWatchRequest { add: vec![subject], ..Default::default() }).await.granted();
    }

    /// Removes a subject.
    pub async fn remove(&self, subject_id: &str) {
        let change = UpdateWatchRequest { remove_subject_ids: vec![subject_id.into()], ..Default::default() };
        self.update(change).await.granted();
    }
}
