//! Workflows with their stages, artifacts and events.

use sea_orm::{DeriveActiveEnum, entity::prelude::*};
use serde::{Deserialize, Serialize};

/// Who judges. See `banto.v1.FinderMode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
pub enum Mode {
    /// The local engine alone.
    Engine,
    /// The engine finds, a model judges.
    Assisted,
    /// A model decides each stage.
    Model,
}
