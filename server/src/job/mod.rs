//! The one lifecycle of everything that takes long: running, then one terminal
//! state. The owner of a job pulls its progress; anybody may ask it to stop.

mod call;
mod lease;
pub mod spending;

use crate::{
    access::Principal,
    error::{Error, Result},
    feed::{List, Peers},
    id::{JobId, ServerId},
    provider::{Call, CallEvent, Providers},
    run::{Attempt, Failure, RunState, Usage},
    store::{
        Access, Store, audit, job, job_response, message, notice::Notice, plan_revision, prompt_part,
        text_chunk, turn,
    },
};
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

pub use crate::store::job::Ended;
pub use call::{Answer, NewCall};

/// First and longest pause before the end of a job is committed again, while the
/// database refuses it.
pub const COMMIT_PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));
/// How long a caller that cancels waits for the job to end.
const CANCEL_WAIT: Duration = Duration::from_secs(5);

/// The jobs of this server. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Jobs {
    store: Store,
    server: ServerId,
    providers: Providers,
    peers: Peers,
    list: List<job::Model>,
    live: Arc<Mutex<HashMap<JobId, watch::Sender<Option<Stop>>>>>,
    /// How many are live, for those who wait for the last.
    count: Arc<watch::Sender<usize>>,
}

/// Why a live job is asked to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    Cancel,
    ShutDown,
}

/// What a job does.
#[derive(Debug)]
pub enum Work {
    /// Calls a model.
    Call(Box<Call>),
    /// Hands out text that is there already.
    Text(VecDeque<String>),
}

/// How a job gets on.
#[derive(Debug)]
pub enum Progress {
    /// It wrote this.
    Text(String),
    /// A request failed; another follows.
    Retrying(Attempt),
    /// It is over, and nothing follows.
    Ended(Ended),
}

/// A job that runs here, in the hands of its owner. Dropped, it is no longer live.
#[derive(Debug)]
pub struct LiveJob {
    id: JobId,
    work: Work,
    attempts: Vec<Attempt>,
    stop: watch::Receiver<Option<Stop>>,
    jobs: Jobs,
}

/// The texts of a job.
#[derive(Clone, Debug)]
pub struct Transcript {
    /// The exact request, in order.
    pub prompt: Vec<prompt_part::Part>,
    /// The response so far.
    pub response: String,
}

impl Jobs {
    /// The jobs of a server.
    #[must_use]
    pub fn new(
        store: Store,
        server: ServerId,
        providers: Providers,
        stop: CancellationToken,
        peers: Peers,
    ) -> Self {
        Self {
            store,
            server,
            providers,
            peers,
            list: List::new(stop),
            live: Arc::default(),
            count: Arc::new(watch::Sender::new(0)),
        }
    }

    /// This server, as jobs name their owner.
    #[must_use]
    pub fn server(&self) -> ServerId {
        self.server
    }

    /// The watchable list.
    #[must_use]
    pub fn watchable(&self) -> &List<job::Model> {
        &self.list
    }

    /// Takes up a committed job.
    #[must_use]
    pub fn begin(&self, id: JobId, work: Work) -> LiveJob {
        let (sender, stop) = watch::channel(None);
        self.live().insert(id, sender);
        self.count.send_modify(|count| *count += 1);
        let attempts = match work {
            Work::Call(_) => Vec::with_capacity(1),
            Work::Text(_) => Vec::new(),
        };
        LiveJob { id, work, attempts, stop, jobs: self.clone() }
    }

    /// One job.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn get(&self, access: &Access, id: JobId) -> Result<job::Model> {
        job::get(self.store.read(), access, id).await
    }

    /// A page of jobs, the newest first, and whether there are more.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn page(&self, access: &Access, page: &job::Page) -> Result<(Vec<job::Model>, bool)> {
        job::list(self.store.read(), access, page).await
    }

    /// The texts of a job.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn transcript(&self, job: &job::Model) -> Result<Transcript> {
        let db = self.store.read();
        let prompt = prompt_part::of_job(db, job.id).await?;
        let response = match job.turn_id {
            None if job.plan_id.is_some() => match plan_revision::of_job(db, job.id).await? {
                Some(revision) => plan_revision::text(db, &revision).await?,
                None => String::new(),
            },
            None => job_response::get(db, job.id).await?,
            Some(turn) => match turn::get(db, turn).await {
                Ok(turn) if job.state.is_terminal() => {
                    message::get(db, turn.row.assistant_message_id).await?.text
                }
                Ok(turn) => text_chunk::joined(db, turn.row.assistant_message_id).await?,
                // The conversation was deleted; the job is the record of the cost.
                Err(Error::NotFound(_)) => String::new(),
                Err(error) => return Err(error),
            },
        };
        Ok(Transcript { prompt, response })
    }

    /// Asks a job to end CANCELLED and waits until it has ended. The job as it is
    /// then: it may have ended otherwise at the same time, and one that another
    /// server runs is only asked.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn cancel(&self, by: &Principal, id: JobId) -> Result<job::Model> {
        let job = self.get(&by.access, id).await?;
        if job.state.is_terminal() {
            return Ok(job);
        }
        let tx = self.store.begin().await?;
        audit::append(&tx, &by.name, "job.cancel", &id.to_string(), serde_json::json!({})).await?;
        let live = self.live().get(&id).cloned();
        if live.is_none() {
            job::request_cancel(&tx, id).await?;
        }
        tx.commit().await?;
        if live.is_some() {
            self.stop(id).await;
        }
        self.get(&by.access, id).await
    }

    /// Asks a job that is live here to end CANCELLED, and waits until it has ended.
    pub async fn stop(&self, id: JobId) {
        let live = self.live().get(&id).cloned();
        if let Some(live) = live {
            live.send_if_modified(|stop| stop.is_none() && stop.replace(Stop::Cancel).is_none());
            // The owner drops its receiver after the end is committed.
            let _ = tokio::time::timeout(CANCEL_WAIT, live.closed()).await;
        }
    }

    /// Asks all live jobs to stop, and waits until they have or the time is over.
    /// Until `grace` is over they may end by themselves.
    pub async fn drain(&self, grace: Duration, limit: Duration) {
        let mut count = self.count.subscribe();
        if tokio::time::timeout(grace, count.wait_for(|count| *count == 0)).await.is_ok() {
            return;
        }
        self.stop_all(Stop::ShutDown);
        let _ = tokio::time::timeout(limit, count.wait_for(|count| *count == 0)).await;
    }

    /// Tells watchers of a committed change.
    pub fn publish(&self, job: job::Model) {
        self.peers.tell(Notice::Job(job.id));
        self.list.publish(job);
    }

    /// Another server changed a job. Returns it as it is now.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn changed_elsewhere(&self, id: JobId) -> Result<job::Model> {
        let job = self.get(&Access::All, id).await?;
        self.list.publish(job.clone());
        Ok(job)
    }

    fn stop_all(&self, why: Stop) {
        for live in self.live().values() {
            live.send_if_modified(|stop| stop.is_none() && stop.replace(why).is_none());
        }
    }

    fn live(&self) -> MutexGuard<'_, HashMap<JobId, watch::Sender<Option<Stop>>>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LiveJob {
    /// What happens next. After `Ended` it must not be called again.
    pub async fn next(&mut self) -> Progress {
        loop {
            let stop = *self.stop.borrow_and_update();
            if let Some(stop) = stop {
                return Progress::Ended(self.stopped(stop));
            }
            tokio::select! {
                biased;
                _ = self.stop.changed() => {}
                event = next_event(&mut self.work) => {
                    if let Some(progress) = self.take(event) {
                        return progress;
                    }
                }
            }
        }
    }

    /// How the job ends when its owner cannot go on.
    #[must_use]
    pub fn fail(&mut self, failure: Failure) -> Ended {
        self.end_attempt(Some(failure.clone()), None);
        Ended {
            state: failure.kind.run_state(),
            failure: Some(failure),
            usage: Usage::default(),
            attempts: self.attempts.clone(),
        }
    }

    /// The requests that were made so far.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    fn take(&mut self, event: CallEvent) -> Option<Progress> {
        match event {
            CallEvent::AttemptStarted { number } => {
                self.attempts.push(Attempt {
                    number,
                    started_at: crate::clock::now(),
                    ended_at: None,
                    failure: None,
                    retry_after_ms: None,
                });
                None
            }
            CallEvent::AttemptFailed { failure, retry_after, .. } => {
                self.end_attempt(Some(failure), retry_after);
                retry_after.and_then(|_| self.attempts.last().cloned()).map(Progress::Retrying)
            }
            CallEvent::Text(text) => Some(Progress::Text(text)),
            CallEvent::Completed { usage } => {
                self.end_attempt(None, None);
                Some(Progress::Ended(self.ended(RunState::Completed, None, usage)))
            }
            CallEvent::Failed { failure, usage } => {
                self.end_attempt(Some(failure.clone()), None);
                let state = failure.kind.run_state();
                Some(Progress::Ended(self.ended(state, Some(failure), usage)))
            }
        }
    }

    fn stopped(&mut self, stop: Stop) -> Ended {
        // The connection to the provider is closed here, not when the end is
        // committed.
        self.work = Work::Text(VecDeque::new());
        self.end_attempt(None, None);
        let state = match stop {
            Stop::Cancel => RunState::Cancelled,
            Stop::ShutDown => RunState::Interrupted,
        };
        self.ended(state, None, Usage::default())
    }

    fn ended(&self, state: RunState, failure: Option<Failure>, usage: Usage) -> Ended {
        Ended { state, failure, usage, attempts: self.attempts.clone() }
    }

    fn end_attempt(&mut self, failure: Option<Failure>, retry_after: Option<Duration>) {
        if let Some(attempt) = self.attempts.last_mut().filter(|attempt| attempt.ended_at.is_none()) {
            attempt.ended_at = Some(crate::clock::now());
            attempt.failure = failure;
            attempt.retry_after_ms =
                retry_after.map(|pause| u64::try_from(pause.as_millis()).unwrap_or(u64::MAX));
        }
    }
}

async fn next_event(work: &mut Work) -> CallEvent {
    match work {
        Work::Call(call) => call.next().await,
        Work::Text(pieces) => match pieces.pop_front() {
            Some(piece) => {
                // Others run between two pieces.
                tokio::task::yield_now().await;
                CallEvent::Text(piece)
            }
            None => CallEvent::Completed { usage: Usage::default() },
        },
    }
}

impl Drop for LiveJob {
    fn drop(&mut self) {
        self.jobs.live().remove(&self.id);
        self.jobs.count.send_modify(|count| *count -= 1);
    }
}
