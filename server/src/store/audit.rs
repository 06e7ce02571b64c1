//! The audit log: append-only, each entry chained to the one before it by a hash
//! and sealed with a key that is not in the database.

use super::{Tx, cut};
use crate::error::Result;
use sea_orm::{DbBackend, IntoActiveModel, QueryOrder, QuerySelect, Statement, entity::prelude::*};
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
    /// Keyed digest of `hash`; empty: the entry is older than the key.
    pub seal: String,
    /// Names the key; empty: none.
    pub key_id: String,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The hash that this entry must have. The keys of `detail` are sorted, as
    /// `serde_json` keeps them: PostgreSQL gives them back in an order of its own.
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
    let (sequence, previous_hash) = last.map_or((1, first_link()), |last| (last.sequence + 1, last.hash));
    let mut entry = Model {
        sequence,
        occurred_at: crate::clock::now(),
        actor: actor.to_owned(),
        action: action.to_owned(),
        subject: subject.to_owned(),
        detail,
        previous_hash,
        hash: String::new(),
        seal: String::new(),
        key_id: String::new(),
    };
    entry.hash = entry.expected_hash();
    if let Some(seal) = tx.seal() {
        entry.seal = seal.of(&entry.hash);
        entry.key_id = seal.id().to_owned();
    }
    Entity::insert(entry.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// What the first entry has for the hash of the one before it.
#[must_use]
pub fn first_link() -> String {
    "0".repeat(64)
}

/// What to list.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Only about this id; empty: about any.
    pub subject: String,
    /// Only actions that begin with this; empty: all.
    pub action_prefix: String,
    /// At most so many.
    pub limit: u64,
    /// Before this place.
    pub before: Option<i64>,
}

/// A page of entries, the newest first, and whether there are more.
///
/// # Errors
/// Storage errors.
pub async fn list(db: &impl ConnectionTrait, page: &Page) -> Result<(Vec<Model>, bool)> {
    let mut query = Entity::find();
    if !page.subject.is_empty() {
        query = query.filter(Column::Subject.eq(&page.subject));
    }
    if !page.action_prefix.is_empty() {
        query = query.filter(Column::Action.starts_with(&page.action_prefix));
    }
    if let Some(before) = page.before {
        query = query.filter(Column::Sequence.lt(before));
    }
    let rows = query.order_by_desc(Column::Sequence).limit(page.limit + 1).all(db).await?;
    Ok(cut(rows, page.limit))
}

/// Entries after a place, the oldest first, at most `limit`.
///
/// # Errors
/// Storage errors.
pub async fn after(db: &impl ConnectionTrait, sequence: i64, limit: u64) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::Sequence.gt(sequence))
        .order_by_asc(Column::Sequence)
        .limit(limit)
        .all(db)
        .await?)
}

/// The newest entry.
///
/// # Errors
/// Storage errors.
pub async fn newest(db: &impl ConnectionTrait) -> Result<Option<Model>> {
    Ok(Entity::find().order_by_desc(Column::Sequence).one(db).await?)
}

/// Whether somebody has done exactly this before.
///
/// # Errors
/// Storage errors.
pub async fn has(
    db: &impl ConnectionTrait,
    actor: &str,
    action: &str,
    subject: &str,
    detail: &Json,
) -> Result<bool> {
    let before = Entity::find()
        .filter(Column::Subject.eq(subject))
        .filter(Column::Action.eq(action))
        .filter(Column::Actor.eq(actor))
        .all(db)
        .await?;
    Ok(before.iter().any(|entry| entry.detail == *detail))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn the_keys_of_a_detail_are_sorted_whatever_order_they_came_in() {
        assert_eq!(json!({"b": {"d": 1, "c": 2}, "a": 3}).to_string(), r#"{"a":3,"b":{"c":2,"d":1}}"#);
    }
}
