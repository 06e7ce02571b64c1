//! What has a log and, at times, a text in flight: a conversation, a plan.

use crate::{
    error::Result,
    id::{BlockId, Epoch},
    store::{Access, Tx},
};
use std::{fmt::Debug, hash::Hash, sync::Arc};

/// What an event says of the text in flight.
#[derive(Clone, Copy, Debug)]
pub enum Block<'a> {
    /// A text begins.
    Begins(BlockId),
    /// A text ended, and this is all of it.
    Ends(BlockId, &'a str),
    /// Nothing.
    Neither,
}

/// Where a log stands.
#[derive(Clone, Copy, Debug)]
pub struct Log {
    /// Names it.
    pub epoch: Epoch,
    /// Sequence of its newest event.
    pub head: i64,
    /// Events up to here are gone.
    pub pruned: i64,
    /// Whether a text is being written.
    pub is_writing: bool,
}

/// A text that a server writes.
#[derive(Clone, Debug)]
pub struct Written {
    /// Sequence of the event that began it.
    pub began: i64,
    /// What is durable of it.
    pub text: String,
}

/// A snapshot, and the block that it shows with so many bytes of its text.
pub type Taken<S> = (<S as Subject>::Snapshot, Option<(BlockId, usize)>);

/// Something that can be watched: a snapshot, then its log.
pub trait Subject: Debug + Sized + Send + Sync + 'static {
    /// Names one.
    type Id: Copy + Eq + Hash + Debug + Send + Sync;
    /// Its row.
    type Row: Send + Sync;
    /// An event with its content.
    type Event: Debug + Send + Sync;
    /// What a reader begins with.
    type Snapshot: Debug + Send + Sync;

    /// The row.
    ///
    /// # Errors
    /// `NotFound`.
    fn row(tx: &Tx, access: &Access, id: Self::Id) -> impl Future<Output = Result<Self::Row>> + Send;

    /// Where its log stands.
    fn log(row: &Self::Row) -> Log;

    /// Its events after a sequence, oldest first, at most `limit`.
    fn events(
        tx: &Tx,
        id: Self::Id,
        after: i64,
        limit: u64,
    ) -> impl Future<Output = Result<Vec<Arc<Self::Event>>>> + Send;

    /// The snapshot of a reader that keeps its view.
    fn resumed(row: Self::Row) -> Self::Snapshot;

    /// A whole snapshot. `live` has a text that is being written here; what is
    /// written elsewhere is in the database.
    fn snapshot(
        tx: &Tx,
        row: Self::Row,
        live: impl Fn(BlockId) -> Option<String> + Send + Sync,
    ) -> impl Future<Output = Result<Taken<Self>>> + Send;

    /// What another server has written so far of a text. `None`: it has ended, or
    /// is gone.
    fn written(tx: &Tx, block: BlockId) -> impl Future<Output = Result<Option<Written>>> + Send;

    /// Place of an event.
    fn sequence(event: &Self::Event) -> i64;

    /// What an event says of the text in flight.
    fn block(event: &Self::Event) -> Block<'_>;
}
