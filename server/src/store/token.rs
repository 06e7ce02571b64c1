//! Access tokens. Only the hash of a secret is stored.

use super::{Store, Tx};
use crate::{
    error::{Error, Noun, Result},
    id::{TokenId, WorkspaceId},
};
use sea_orm::{DeriveActiveEnum, FromJsonQueryResult, IntoActiveModel, QueryOrder, entity::prelude::*};
use serde::{Deserialize, Serialize};

/// A token.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tokens")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TokenId,
    /// Name that the audit log records.
    pub name: String,
    /// What it may do.
    pub scope: Scope,
    /// Workspaces that it is good for; empty: all.
    pub workspace_ids: WorkspaceIds,
    /// SHA-256 of the secret, lower-case hexadecimal.
    pub hash: String,
    /// The token that lies in the data directory.
    pub owner: bool,
    /// When it was created.
    pub created_at: DateTimeUtc,
    /// When it expires.
    pub expires_at: Option<DateTimeUtc>,
    /// When it was revoked.
    pub revoked_at: Option<DateTimeUtc>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTimeUtc>,
}

/// What a token may do; each scope includes the ones before it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, EnumIter, DeriveActiveEnum,
)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
pub enum Scope {
    /// Read and watch.
    Read,
    /// Talk to the Companion, cancel.
    Chat,
    /// Review and approve plans.
    Review,
    /// Everything.
    All,
}

/// Workspaces.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct WorkspaceIds(pub Vec<WorkspaceId>);

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Stores a new token.
///
/// # Errors
/// Storage errors.
pub async fn insert(tx: &Tx, token: &Model) -> Result<()> {
    Entity::insert(token.clone().into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// The token with a hash, whether or not it is still good.
///
/// # Errors
/// Storage errors.
pub async fn by_hash(db: &impl ConnectionTrait, hash: &str) -> Result<Option<Model>> {
    Ok(Entity::find().filter(Column::Hash.eq(hash)).one(db).await?)
}

/// One token.
///
/// # Errors
/// `NotFound`.
pub async fn get(db: &impl ConnectionTrait, id: TokenId) -> Result<Model> {
    Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound(Noun::Token))
}

/// All tokens, the newest first.
///
/// # Errors
/// Storage errors.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Model>> {
    Ok(Entity::find().order_by_desc(Column::Id).all(db).await?)
}

/// Revokes a token; one that is revoked stays as it is.
///
/// # Errors
/// Storage errors.
pub async fn revoke(tx: &Tx, id: TokenId) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(Some(chrono::Utc::now())))
        .filter(Column::Id.eq(id))
        .filter(Column::RevokedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Revokes every owner's token but the one with this hash: the file in the data
/// directory is the truth.
///
/// # Errors
/// Storage errors.
pub async fn revoke_other_owners(tx: &Tx, hash: &str) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(Some(chrono::Utc::now())))
        .filter(Column::Owner.eq(true))
        .filter(Column::Hash.ne(hash))
        .filter(Column::RevokedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Remembers when a token was used.
///
/// # Errors
/// Storage errors.
pub async fn touch(store: &Store, id: TokenId, at: DateTimeUtc) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::LastUsedAt, Expr::value(Some(at)))
        .filter(Column::Id.eq(id))
        .exec(&store.write)
        .await?;
    Ok(())
}
