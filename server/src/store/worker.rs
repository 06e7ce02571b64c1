//! Workers.

use super::{Access, Store};
use crate::{
    error::{Error, Noun, Result},
    id::{RuntimeId, WorkerId, WorkspaceId},
    run::Failure,
};
use sea_orm::{ActiveValue::Set, QueryOrder, QuerySelect as _, entity::prelude::*, sea_query::OnConflict};

/// A worker.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "workers")]
pub struct Model {
    /// Its id; the same after every restart.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WorkerId,
    /// Where it runs.
    pub runtime_id: RuntimeId,
    /// Whose it is.
    pub workspace_id: WorkspaceId,
    /// Name for people.
    pub display_name: String,
    /// Name with its runtime, for reading only.
    pub display_ref: String,
    /// Stopped by a person, until it is restarted.
    pub stopped: bool,
    /// Why its latest failed turn failed.
    pub last_error: Option<Failure>,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Registers the worker of a runtime in a workspace where it is not there yet.
///
/// # Errors
/// Storage errors.
pub async fn ensure(
    store: &Store,
    runtime: &RuntimeId,
    workspace: WorkspaceId,
    display_name: &str,
    display_ref: &str,
) -> Result<()> {
    let row = ActiveModel {
        id: Set(WorkerId::new()),
        runtime_id: Set(runtime.clone()),
        workspace_id: Set(workspace),
        display_name: Set(display_name.to_owned()),
        display_ref: Set(display_ref.to_owned()),
        stopped: Set(false),
        last_error: Set(None),
        updated_at: Set(crate::clock::now()),
    };
    Entity::insert(row)
        .on_conflict(OnConflict::columns([Column::RuntimeId, Column::WorkspaceId]).do_nothing().to_owned())
        .exec_without_returning(&store.write)
        .await?;
    Ok(())
}

/// Workers, by runtime and id.
///
/// # Errors
/// Storage errors.
pub async fn list(
    db: &impl ConnectionTrait,
    access: &Access,
    runtime: Option<&RuntimeId>,
    workspace: Option<WorkspaceId>,
) -> Result<Vec<Model>> {
    let mut query = Entity::find().filter(access.condition(Column::WorkspaceId));
    if let Some(runtime) = runtime {
        query = query.filter(Column::RuntimeId.eq(runtime.clone()));
    }
    if let Some(workspace) = workspace {
        query = query.filter(Column::WorkspaceId.eq(workspace));
    }
    Ok(query.order_by_asc(Column::RuntimeId).order_by_asc(Column::Id).all(db).await?)
}

/// One worker by its whole key.
///
/// # Errors
/// `NotFound`.
pub async fn get(
    db: &impl ConnectionTrait,
    access: &Access,
    runtime: &RuntimeId,
    id: WorkerId,
) -> Result<Model> {
    Entity::find_by_id(id)
        .filter(Column::RuntimeId.eq(runtime.clone()))
        .filter(access.condition(Column::WorkspaceId))
        .one(db)
        .await?
        .ok_or(Error::NotFound(Noun::Worker))
}

/// One worker by its id alone, for rows that refer to it.
///
/// # Errors
/// `NotFound`.
pub async fn by_id(db: &impl ConnectionTrait, id: WorkerId) -> Result<Model> {
    Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound(Noun::Worker))
}

/// One worker, kept from being stopped until the transaction ends.
///
/// # Errors
/// `NotFound`.
pub async fn hold(tx: &super::Tx, id: WorkerId) -> Result<Model> {
    Entity::find_by_id(id).lock_shared().one(tx).await?.ok_or(Error::NotFound(Noun::Worker))
}

/// The Companion of a workspace.
///
/// # Errors
/// `NotFound`.
pub async fn companion(
    db: &impl ConnectionTrait,
    runtime: &RuntimeId,
    workspace: WorkspaceId,
) -> Result<Model> {
    Entity::find()
        .filter(Column::RuntimeId.eq(runtime.clone()))
        .filter(Column::WorkspaceId.eq(workspace))
        .one(db)
        .await?
        .ok_or(Error::NotFound(Noun::Worker))
}

/// Stops a worker, or lets it serve again with a clean slate.
///
/// # Errors
/// Storage errors.
pub async fn set_stopped(tx: &super::Tx, id: WorkerId, stopped: bool) -> Result<()> {
    let mut update = Entity::update_many()
        .col_expr(Column::Stopped, Expr::value(stopped))
        .col_expr(Column::UpdatedAt, Expr::value(crate::clock::now()));
    if !stopped {
        update = update.col_expr(Column::LastError, Expr::value(Option::<Failure>::None));
    }
    update.filter(Column::Id.eq(id)).exec(tx).await?;
    Ok(())
}

/// Remembers why a turn failed.
///
/// # Errors
/// Storage errors.
pub async fn set_last_error(tx: &super::Tx, id: WorkerId, failure: &Failure) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::LastError, Expr::value(failure.clone()))
        .col_expr(Column::UpdatedAt, Expr::value(crate::clock::now()))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}
