//! Workspaces.

use super::{Access, Store};
use crate::{
    error::{Error, Noun, Result},
    id::WorkspaceId,
};
use sea_orm::{ActiveValue::Set, FromJsonQueryResult, QueryOrder, QuerySelect as _, entity::prelude::*};
use serde::{Deserialize, Serialize};

/// A workspace: a name and zero or more roots.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "workspaces")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WorkspaceId,
    /// Name for people.
    pub name: String,
    /// Absolute paths on the server; they never leave it.
    pub roots: Roots,
    /// Whether an absent `workspace_id` means this one.
    pub is_default: bool,
    /// When it was created.
    pub created_at: DateTimeUtc,
}

/// Root folders.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Roots(pub Vec<String>);

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The workspace that an absent id means.
///
/// # Errors
/// `NotFound` when the caller may see none.
pub async fn default(db: &impl ConnectionTrait, access: &Access) -> Result<Model> {
    Entity::find()
        .filter(access.condition(Column::Id))
        .order_by_desc(Column::IsDefault)
        .order_by_asc(Column::Id)
        .one(db)
        .await?
        .ok_or(Error::NotFound(Noun::Workspace))
}

/// One workspace.
///
/// # Errors
/// `NotFound`.
pub async fn get(db: &impl ConnectionTrait, access: &Access, id: WorkspaceId) -> Result<Model> {
    Entity::find_by_id(id)
        .filter(access.condition(Column::Id))
        .one(db)
        .await?
        .ok_or(Error::NotFound(Noun::Workspace))
}

/// Keeps others from adding the first conversation to a workspace at the same time.
///
/// # Errors
/// `NotFound`.
pub async fn lock(tx: &super::Tx, id: WorkspaceId) -> Result<Model> {
    Entity::find_by_id(id).lock_exclusive().one(tx).await?.ok_or(Error::NotFound(Noun::Workspace))
}

/// All workspaces, the oldest first.
///
/// # Errors
/// Storage errors.
pub async fn all(db: &impl ConnectionTrait, access: &Access) -> Result<Vec<Model>> {
    Ok(Entity::find().filter(access.condition(Column::Id)).order_by_asc(Column::Id).all(db).await?)
}

/// Makes the first workspace where there is none.
///
/// # Errors
/// Storage errors.
pub async fn ensure_default(store: &Store, name: &str, root: Option<String>) -> Result<()> {
    let tx = store.begin().await?;
    if Entity::find().one(&tx).await?.is_none() {
        let row = ActiveModel {
            id: Set(WorkspaceId::new()),
            name: Set(name.to_owned()),
            roots: Set(Roots(root.into_iter().collect())),
            is_default: Set(true),
            created_at: Set(crate::clock::now()),
        };
        Entity::insert(row).exec_without_returning(&tx).await?;
        tx.commit().await?;
    }
    Ok(())
}
