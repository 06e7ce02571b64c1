//! A plan as a subject of watches.

use super::subject::{Block, Log, Subject, Taken, Written};
use crate::{
    error::{Error, Result},
    id::{BlockId, PlanId},
    run::RunState,
    store::{
        Access, Tx, plan, plan_comment,
        plan_event::{self, Body, Event},
        plan_revision, text_chunk,
    },
};
use std::sync::Arc;

/// Revisions of a snapshot.
const SNAPSHOT_REVISIONS: u64 = 50;

/// Plans, as something to watch.
#[derive(Debug)]
pub enum Plan {}

/// A plan at one moment.
#[derive(Debug)]
pub struct PlanSnapshot {
    /// The plan; its head is that of the snapshot.
    pub plan: plan::Model,
    /// The reader keeps its view, and the events after its cursor follow.
    pub resumed: bool,
    /// The revision that is being written, and its text so far.
    pub active: Option<(plan_revision::Model, String)>,
    /// The newest revisions, the newest first.
    pub revisions: Vec<plan_revision::Model>,
    /// The comments, oldest first.
    pub comments: Vec<plan_comment::Model>,
}

impl Subject for Plan {
    type Id = PlanId;
    type Row = plan::Model;
    type Event = Event;
    type Snapshot = PlanSnapshot;

    async fn row(tx: &Tx, access: &Access, id: PlanId) -> Result<plan::Model> {
        plan::get(tx, access, id).await
    }

    fn log(row: &plan::Model) -> Log {
        let is_writing = row.active_revision_id.is_some();
        Log { epoch: row.epoch, head: row.head_sequence, pruned: 0, is_writing }
    }

    async fn events(tx: &Tx, id: PlanId, after: i64, limit: u64) -> Result<Vec<Arc<Event>>> {
        plan_event::after(tx, id, after, limit).await
    }

    fn resumed(plan: plan::Model) -> PlanSnapshot {
        PlanSnapshot { plan, resumed: true, active: None, revisions: Vec::new(), comments: Vec::new() }
    }

    async fn snapshot(
        tx: &Tx,
        plan: plan::Model,
        live: impl Fn(BlockId) -> Option<String> + Send + Sync,
    ) -> Result<Taken<Self>> {
        let active = match plan.active_revision_id {
            Some(id) => {
                let revision = plan_revision::get(tx, &Access::All, id).await?;
                let text = match live(id.into()) {
                    Some(text) => text,
                    None => text_chunk::joined(tx, id).await?,
                };
                Some((revision, text))
            }
            None => None,
        };
        let block = active.as_ref().map(|(revision, text)| (revision.id.into(), text.len()));
        let (revisions, _) = plan_revision::list(tx, plan.id, None, SNAPSHOT_REVISIONS).await?;
        let comments = plan_comment::of_plan(tx, plan.id).await?;
        Ok((PlanSnapshot { plan, resumed: false, active, revisions, comments }, block))
    }

    async fn written(tx: &Tx, block: BlockId) -> Result<Option<Written>> {
        let row = match plan_revision::get(tx, &Access::All, block.into()).await {
            Err(Error::NotFound(_)) => return Ok(None),
            found => found?,
        };
        if row.state != RunState::Running {
            return Ok(None);
        }
        Ok(Some(Written { began: row.began, text: text_chunk::joined(tx, row.id).await? }))
    }

    fn sequence(event: &Event) -> i64 {
        event.sequence
    }

    fn block(event: &Event) -> Block<'_> {
        match &event.body {
            Body::RevisionStarted(revision) => Block::Begins(revision.id.into()),
            Body::RevisionEnded(revision, text) => Block::Ends(revision.id.into(), text),
            Body::Changed | Body::CommentChanged(_) => Block::Neither,
        }
    }
}
