//! The choices of the server's people: one row.

use super::{Tx, workflow::Mode};
use crate::error::{Error, Result};
use sea_orm::{
    ActiveValue::Set, FromJsonQueryResult, QuerySelect, entity::prelude::*, sea_query::OnConflict,
};
use serde::{Deserialize, Serialize};

const ONLY_ROW: i32 = 1;
/// Version before the first change; 0 would mean "any" in a request.
const FIRST_VERSION: i64 = 1;

/// The row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "preferences")]
pub struct Model {
    /// Always the same.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    /// Rises with each change.
    pub version: i64,
    /// The choices.
    pub body: Preferences,
}

/// The choices. See `banto.v1.Preferences`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(default)]
pub struct Preferences {
    /// Provider of the Companion; empty: the first usable one.
    pub companion_provider_id: String,
    /// Model of the Companion; empty: the provider's default.
    pub companion_model: String,
    /// Language of replies, BCP 47; empty: that of the message.
    pub companion_language: String,
    /// Added to the system prompt.
    pub companion_instructions: String,
    /// Most that may be spent in a UTC day.
    pub daily_spend_limit_nano_usd: Option<u64>,
    /// Days for which exact prompts are kept.
    pub prompt_retention_days: u32,
    /// Days for which events are kept.
    pub event_retention_days: u32,
    /// Days without activity after which a conversation is deleted; `None`: never.
    pub conversation_retention_days: Option<u32>,
    /// Most that may be spent for one task.
    pub task_spend_limit_nano_usd: Option<u64>,
    /// Who judges in the file finder; `None`: a model where there is one that may.
    pub finder_mode: Option<Mode>,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            companion_provider_id: String::new(),
            companion_model: String::new(),
            companion_language: String::new(),
            companion_instructions: String::new(),
            daily_spend_limit_nano_usd: None,
            prompt_retention_days: 30,
            event_retention_days: 90,
            conversation_retention_days: None,
            task_spend_limit_nano_usd: None,
            finder_mode: None,
        }
    }
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The choices as they are now.
///
/// # Errors
/// Storage errors.
pub async fn get(db: &impl ConnectionTrait) -> Result<Model> {
    let row = Entity::find_by_id(ONLY_ROW).one(db).await?;
    Ok(row.unwrap_or(Model { id: ONLY_ROW, version: FIRST_VERSION, body: Preferences::default() }))
}

/// Replaces the choices.
///
/// # Errors
/// `VersionConflict` when `expected_version` is old.
pub async fn replace(tx: &Tx, body: Preferences, expected_version: Option<i64>) -> Result<Model> {
    let current =
        Entity::find_by_id(ONLY_ROW).lock_exclusive().one(tx).await?.map_or(FIRST_VERSION, |row| row.version);
    if expected_version.is_some_and(|expected| expected != current) {
        return Err(Error::VersionConflict { current_version: u64::try_from(current).unwrap_or_default() });
    }
    let row = Model { id: ONLY_ROW, version: current + 1, body };
    let active = ActiveModel { id: Set(row.id), version: Set(row.version), body: Set(row.body.clone()) };
    Entity::insert(active)
        .on_conflict(
            OnConflict::column(Column::Id).update_columns([Column::Version, Column::Body]).to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(row)
}
