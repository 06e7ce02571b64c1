//! Watches of workflows. Their events are few, so each reader takes them from the
//! database; what is told here is that there are more, and how far a stage is.

use super::Cursor;
use crate::{
    error::{Error, Result},
    id::WorkflowId,
    store::{
        Access, Store, workflow,
        workflow_event::{self, Model as Event},
        workflow_stage::{self, Stage, StageKind},
    },
};
use futures::{Stream, stream};
use std::collections::VecDeque;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

/// What a reader may be behind before it looks into the database by itself.
const BACKLOG: usize = 256;
/// Events that are read at once.
const BATCH: u64 = 256;

/// The logs of all workflows. Cheap to clone.
#[derive(Clone, Debug)]
pub struct WorkflowLogs {
    store: Store,
    told: broadcast::Sender<Told>,
    stop: CancellationToken,
}

#[derive(Clone, Copy, Debug)]
enum Told {
    /// There are more events.
    Grown(WorkflowId),
    /// A stage is so far.
    Progress(WorkflowId, StageKind, u32, u32),
    /// Any log may have grown.
    Anything,
}

/// One change of a reader's view.
#[derive(Clone, Debug)]
pub enum WorkflowUpdate {
    /// The cursor is no good; a snapshot follows.
    Reset,
    /// The workflow as it is.
    Snapshot(Box<(workflow::Model, Vec<Stage>)>),
    /// Something happened. With the end comes the whole workflow.
    Event(Box<Event>, Option<Box<(workflow::Model, Vec<Stage>)>>),
    /// A stage is so far.
    Progress {
        /// Which stage.
        kind: StageKind,
        /// How much is done.
        done: u32,
        /// Of how much.
        total: u32,
    },
}

struct Reader {
    logs: WorkflowLogs,
    told: broadcast::Receiver<Told>,
    access: Access,
    id: WorkflowId,
    /// The last event that the reader has; `None`: nothing was sent yet.
    position: Option<i64>,
    cursor: Option<Cursor>,
    ready: VecDeque<WorkflowUpdate>,
}

impl WorkflowLogs {
    /// Logs over a database; their watches end when `stop` is cancelled.
    #[must_use]
    pub fn new(store: Store, stop: CancellationToken) -> Self {
        Self { store, told: broadcast::Sender::new(BACKLOG), stop }
    }

    /// Tells readers that a log has more committed events.
    pub fn grown(&self, id: WorkflowId) {
        // No readers is no error.
        let _ = self.told.send(Told::Grown(id));
    }

    /// Tells readers how far a stage is.
    pub fn progress(&self, id: WorkflowId, kind: StageKind, done: u32, total: u32) {
        let _ = self.told.send(Told::Progress(id, kind, done, total));
    }

    /// Makes every reader look for more.
    pub fn start_over(&self) {
        let _ = self.told.send(Told::Anything);
    }

    /// Watches a workflow from a cursor, or from now.
    pub fn watch(
        &self,
        access: Access,
        id: WorkflowId,
        cursor: Option<Cursor>,
    ) -> impl Stream<Item = Result<WorkflowUpdate>> + Send + use<> {
        let reader = Reader {
            logs: self.clone(),
            // Subscribed before anything is read: nothing falls between.
            told: self.told.subscribe(),
            access,
            id,
            position: None,
            cursor,
            ready: VecDeque::new(),
        };
        stream::unfold(Some(reader), |reader| async move {
            let mut reader = reader?;
            match reader.next().await {
                Ok(update) => Some((Ok(update), Some(reader))),
                Err(error) => Some((Err(error), None)),
            }
        })
    }
}

impl Reader {
    async fn next(&mut self) -> Result<WorkflowUpdate> {
        loop {
            if let Some(update) = self.ready.pop_front() {
                return Ok(update);
            }
            if self.position.is_none() {
                self.begin().await?;
                continue;
            }
            let stop = self.logs.stop.clone();
            let told = tokio::select! {
                told = self.told.recv() => told,
                () = stop.cancelled() => return Err(Error::ShuttingDown),
            };
            match told {
                Ok(Told::Progress(id, kind, done, total)) if id == self.id => {
                    return Ok(WorkflowUpdate::Progress { kind, done, total });
                }
                Ok(Told::Grown(id)) if id == self.id => self.read_on().await?,
                Ok(Told::Anything) | Err(broadcast::error::RecvError::Lagged(_)) => self.read_on().await?,
                Ok(_) => {}
                Err(broadcast::error::RecvError::Closed) => return Err(Error::ShuttingDown),
            }
        }
    }

    async fn begin(&mut self) -> Result<()> {
        let tx = self.logs.store.begin_read().await?;
        let row = workflow::get(&tx, &self.access, self.id).await?;
        let good = self
            .cursor
            .as_ref()
            .filter(|cursor| cursor.epoch == row.epoch && cursor.after_sequence <= row.head_sequence);
        if let Some(cursor) = good {
            self.position = Some(cursor.after_sequence);
            drop(tx);
            return self.read_on().await;
        }
        if self.cursor.is_some() {
            self.ready.push_back(WorkflowUpdate::Reset);
        }
        self.position = Some(row.head_sequence);
        let stages = workflow_stage::of_workflow(&tx, self.id).await?;
        self.ready.push_back(WorkflowUpdate::Snapshot(Box::new((row, stages))));
        Ok(())
    }

    async fn read_on(&mut self) -> Result<()> {
        let tx = self.logs.store.begin_read().await?;
        loop {
            let after = self.position.unwrap_or_default();
            let events = workflow_event::after(&tx, self.id, after, BATCH).await?;
            let Some(last) = events.last().map(|event| event.sequence) else { return Ok(()) };
            for event in events {
                let whole = if matches!(event.body, workflow_event::Body::Completed) {
                    let row = workflow::get(&tx, &self.access, self.id).await?;
                    Some(Box::new((row, workflow_stage::of_workflow(&tx, self.id).await?)))
                } else {
                    None
                };
                self.ready.push_back(WorkflowUpdate::Event(Box::new(event), whole));
            }
            self.position = Some(last);
        }
    }
}
