//! The audit log: append-only, each entry chained to the one before it by a hash.

use super::Tx;
use crate::error::Result;
use sea_orm::{DbBackend, IntoActiveModel, QueryOrder, Statement, entity::prelude::*};
use sha2::{Digest as _, Sha256};

/// Serialises appenders on PostgreSQL; SQLite has one writer anyway. The number
/// is arbitrary but fixed.
const APPEND_LOCK: i64 = 0x0062_616e_746f;

/// An entry.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_entries")]
pub struct Model {
    /// Its place; contiguous from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub sequence: i64,
    /// When it was appended.
    pub occurred_at: DateTimeUtc,
    /// Name of the token that acted, or `banto` for the server itself.
    pub actor: String,
    /// What was done, such as `message.send`.
    pub action: String,
    /// What it was done to: an id.
    pub subject: String,
    /// More about it; never a text that a person wrote, never a secret.
    pub detail: Json,
    /// Hash of the entry before; zeros for the first.
    pub previous_hash: String,
    /// SHA-256 over the entry and `previous_hash`, lower-case hexadecimal.
    pub hash: String,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The hash that this entry must have.
    #[must_use]
    pub fn expected_hash(&self) -> String {
        let mut hasher = Sha256::new();
        let fields = [
            self.previous_hash.clone(),
            self.sequence.to_string(),
            self.occurred_at.timestamp_micros().to_string(),
            self.actor.clone(),
            self.action.clone(),
            self.subject.clone(),
            self.detail.to_string(),
        ];
        for field in fields {
            // The length first, so that no two entries have the same bytes.
            hasher.update(field.len().to_be_bytes());
            hasher.update(field.as_bytes());
        }
        hex::encode(hasher.finalize())
    }
}

/// Appends an entry in the transaction of what it records.
///
/// # Errors
/// Storage errors.
pub async fn append(tx: &Tx, actor: &str, action: &str, subject: &str, detail: Json) -> Result<()> {
    if tx.get_database_backend() == DbBackend::Postgres {
        let lock = Statement::from_sql_and_values(
            DbBackend::Postgres,
            "SELECT pg_advisory_xact_lock($1)",
            [APPEND_LOCK.into()],
        );
        tx.execute_raw(lock).await?;
    }
    let last = Entity::find().order_by_desc(Column::Sequence).one(tx).await?;
    let (sequence, previous_hash) = last.map_or((1, "0".repeat(64)), |last| (last.sequence + 1, last.hash));
    let mut entry = Model {
        sequence,
        occurred_at: crate::clock::now(),
        actor: actor.to_owned(),
        action: action.to_owned(),
        subject: subject.to_owned(),
        detail,
        previous_hash,
        hash: String::new(),
    };
    entry.hash = entry.expected_hash();
    Entity::insert(entry.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}
