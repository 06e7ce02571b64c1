//! Which providers the contents of a workspace may be sent to.

use super::Tx;
use crate::{error::Result, id::WorkspaceId};
use sea_orm::{IntoActiveModel as _, QueryOrder, entity::prelude::*, sea_query::OnConflict};

/// A grant.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "provider_grants")]
pub struct Model {
    /// Whose contents.
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    /// To whom.
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: String,
    /// Name of the token that granted it.
    pub granted_by: String,
    /// When.
    pub granted_at: DateTimeUtc,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The grants of workspaces, by workspace and provider.
///
/// # Errors
/// Storage errors.
pub async fn of(db: &impl ConnectionTrait, workspaces: Vec<WorkspaceId>) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::WorkspaceId.is_in(workspaces))
        .order_by_asc(Column::WorkspaceId)
        .order_by_asc(Column::ProviderId)
        .all(db)
        .await?)
}

/// Whether there is a grant.
///
/// # Errors
/// Storage errors.
pub async fn exists(db: &impl ConnectionTrait, workspace: WorkspaceId, provider: &str) -> Result<bool> {
    Ok(Entity::find_by_id((workspace, provider.to_owned())).one(db).await?.is_some())
}

/// Adds a grant; one that is there stays as it is.
///
/// # Errors
/// Storage errors.
pub async fn add(tx: &Tx, grant: Model) -> Result<()> {
    Entity::insert(grant.into_active_model())
        .on_conflict(OnConflict::columns([Column::WorkspaceId, Column::ProviderId]).do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Takes a grant back.
///
/// # Errors
/// Storage errors.
pub async fn remove(tx: &Tx, workspace: WorkspaceId, provider: &str) -> Result<()> {
    Entity::delete_by_id((workspace, provider.to_owned())).exec(tx).await?;
    Ok(())
}
