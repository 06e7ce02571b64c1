//! Runtimes.

use super::Store;
use crate::{
    error::{Error, Noun, Result},
    id::RuntimeId,
};
use sea_orm::{ActiveValue::Set, DeriveActiveEnum, QueryOrder, entity::prelude::*, sea_query::OnConflict};

/// A place where workers run.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "runtimes")]
pub struct Model {
    /// Its slug.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RuntimeId,
    /// What kind of place it is.
    pub kind: RuntimeKind,
    /// Name for people.
    pub display_name: String,
}

/// What kind of place a runtime is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(32))", rename_all = "snake_case")]
pub enum RuntimeKind {
    /// Inside the server itself.
    BackendInternal,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Registers a runtime where it is not there yet.
///
/// # Errors
/// Storage errors.
pub async fn ensure(store: &Store, id: RuntimeId, kind: RuntimeKind, display_name: &str) -> Result<()> {
    let row = ActiveModel { id: Set(id), kind: Set(kind), display_name: Set(display_name.to_owned()) };
    Entity::insert(row)
        .on_conflict(OnConflict::column(Column::Id).do_nothing().to_owned())
        .exec_without_returning(&store.write)
        .await?;
    Ok(())
}

/// All runtimes, by id.
///
/// # Errors
/// Storage errors.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Model>> {
    Ok(Entity::find().order_by_asc(Column::Id).all(db).await?)
}

/// One runtime.
///
/// # Errors
/// `NotFound`.
pub async fn get(db: &impl ConnectionTrait, id: &RuntimeId) -> Result<Model> {
    Entity::find_by_id(id.clone()).one(db).await?.ok_or(Error::NotFound(Noun::Runtime))
}
