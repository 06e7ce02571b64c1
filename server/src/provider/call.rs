//! A model call: attempts, pauses between them, and what its owner hears.

use super::{
    Request,
    answer::{Answer, Piece},
    endpoint::{Endpoint, Prepared},
    fault::Fault,
};
use crate::run::{Failure, Usage};
use futures::{StreamExt, stream, stream::BoxStream};
use std::{fmt, sync::Arc, time::Duration};
use tokio::time::{Instant, sleep_until, timeout_at};

/// Most HTTP requests for one call.
pub const MAX_ATTEMPTS: u32 = 4;

/// Longest pause that jitter is drawn from.
const MAX_BACKOFF: Duration = Duration::from_secs(8);

/// Stands for "never" where a deadline is too far away to be counted.
const FAR: Duration = Duration::from_secs(365 * 24 * 3600);

/// What happens in a call, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallEvent {
    /// An HTTP request is being sent.
    AttemptStarted {
        /// 1 for the first.
        number: u32,
    },
    /// The HTTP request failed; its connection is closed.
    AttemptFailed {
        /// Which one.
        number: u32,
        /// Why.
        failure: Failure,
        /// The pause before the next attempt. `None`: there is none, and
        /// [`CallEvent::Failed`] follows.
        retry_after: Option<Duration>,
    },
    /// More of the answer; whole characters, never empty.
    Text(String),
    /// The answer is whole. Final.
    Completed {
        /// What the provider said about it, without a cost.
        usage: Usage,
    },
    /// The call failed. Final. The text so far stays valid.
    Failed {
        /// Why.
        failure: Failure,
        /// What the last attempt said about usage.
        usage: Usage,
    },
}

/// A model call. It does nothing until [`Call::next`] is first awaited, and
/// dropping it closes its connection.
pub struct Call {
    events: BoxStream<'static, CallEvent>,
    last: Option<CallEvent>,
}

impl Call {
    pub(super) fn new(endpoint: Result<Arc<Endpoint>, Failure>, request: &Request) -> Self {
        let events = match endpoint {
            Ok(endpoint) => {
                let prepared = endpoint.prepare(request);
                // `unfold` keeps the future of the step that is under way, so
                // nothing is lost when `next` is dropped and called again.
                stream::unfold(Progress::new(endpoint, prepared), Progress::step).boxed()
            }
            Err(failure) => {
                let failed = CallEvent::Failed { failure, usage: Usage::default() };
                stream::once(std::future::ready(failed)).boxed()
            }
        };
        Self { events, last: None }
    }

    /// Waits for the next event. After the final one it returns that one again.
    ///
    /// Dropping the returned future loses nothing.
    pub async fn next(&mut self) -> CallEvent {
        match self.events.next().await {
            Some(event) => {
                if matches!(event, CallEvent::Completed { .. } | CallEvent::Failed { .. }) {
                    self.last = Some(event.clone());
                }
                event
            }
            // The stream ends only after a final event.
            None => self.last.clone().unwrap_or_else(|| {
                let failure = Failure::new(crate::run::FailureKind::Internal, false, "the call had no end");
                CallEvent::Failed { failure, usage: Usage::default() }
            }),
        }
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("ended", &self.last.is_some()).finish_non_exhaustive()
    }
}

/// Everything a call is made of between two events.
struct Progress {
    endpoint: Arc<Endpoint>,
    prepared: Prepared,
    /// Counted from the first step, as a call starts when it is first awaited.
    deadline: Option<Instant>,
    attempt: u32,
    /// Once text was given out, another attempt would repeat it.
    forwarded: bool,
    phase: Phase,
}

enum Phase {
    Begin,
    Open,
    Read(Box<Answer>),
    Pause(Instant),
    GiveUp(Failure, Usage),
    Over,
}

impl Progress {
    fn new(endpoint: Arc<Endpoint>, prepared: Prepared) -> Self {
        Self { endpoint, prepared, deadline: None, attempt: 0, forwarded: false, phase: Phase::Begin }
    }

    async fn step(mut self) -> Option<(CallEvent, Self)> {
        let deadline = *self.deadline.get_or_insert_with(|| after(self.endpoint.timeouts.turn()));
        let event = loop {
            match std::mem::replace(&mut self.phase, Phase::Over) {
                Phase::Begin => {
                    self.attempt += 1;
                    self.phase = Phase::Open;
                    break CallEvent::AttemptStarted { number: self.attempt };
                }
                Phase::Open => {
                    let answer =
                        timeout_at(deadline, Answer::open(self.endpoint.clone(), &self.prepared)).await;
                    match answer.unwrap_or_else(|_| Err(Fault::turn_timeout())) {
                        Ok(answer) => self.phase = Phase::Read(Box::new(answer)),
                        Err(fault) => break self.fail(fault, Usage::default(), deadline),
                    }
                }
                Phase::Read(mut answer) => {
                    let piece = timeout_at(deadline, answer.next()).await;
                    match piece.unwrap_or_else(|_| Piece::End(Err(Fault::turn_timeout()))) {
                        Piece::Text(text) => {
                            self.forwarded = true;
                            self.phase = Phase::Read(answer);
                            break CallEvent::Text(text);
                        }
                        Piece::End(Ok(())) => {
                            let usage = answer.usage();
                            answer.release();
                            break CallEvent::Completed { usage };
                        }
                        Piece::End(Err(fault)) => break self.fail(fault, answer.usage(), deadline),
                    }
                }
                Phase::Pause(until) => {
                    sleep_until(until).await;
                    self.phase = Phase::Begin;
                }
                Phase::GiveUp(failure, usage) => break CallEvent::Failed { failure, usage },
                Phase::Over => return None,
            }
        };
        Some((event, self))
    }

    fn fail(&mut self, fault: Fault, usage: Usage, deadline: Instant) -> CallEvent {
        let pause = self.pause(&fault, deadline);
        let failure = fault.redact(&self.endpoint.redactor);
        self.phase = match pause {
            Some(pause) => Phase::Pause(after(pause)),
            None => Phase::GiveUp(failure.clone(), usage),
        };
        CallEvent::AttemptFailed { number: self.attempt, failure, retry_after: pause }
    }

    /// The pause before another attempt, if there is one: at least what the
    /// provider asked for, and random up to a bound that doubles, so that those
    /// who failed together do not come back together. A pause that would outlast
    /// the turn is not begun; its caller learns the true cause at once.
    fn pause(&self, fault: &Fault, deadline: Instant) -> Option<Duration> {
        if self.forwarded || self.attempt >= MAX_ATTEMPTS || !fault.deserves_retry() {
            return None;
        }
        let base = Duration::from_millis(self.endpoint.timeouts.retry_base_ms);
        let bound = base.saturating_mul(1 << (self.attempt - 1)).min(MAX_BACKOFF);
        let jitter = rand::random_range(Duration::ZERO..=bound);
        let pause = jitter.max(fault.retry_after.unwrap_or_default());
        (after(pause) < deadline).then_some(pause)
    }
}

/// The moment after a time from now, however long that is.
fn after(time: Duration) -> Instant {
    Instant::now() + time.min(FAR)
}
