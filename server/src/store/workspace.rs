//! Workspaces.

pub use super::root::{Root, Roots};

use super::{Access, Store, Tx};
use crate::{
    error::{Error, Noun, Result},
    id::WorkspaceId,
};
use sea_orm::{
    IntoActiveModel as _, QueryOrder, QuerySelect as _,
    entity::prelude::*,
    sea_query::{Alias, ExprTrait, Query},
};

/// Version before the first change; 0 would mean "any" in a request.
const FIRST_VERSION: i64 = 1;

/// A workspace: a name and zero or more roots.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "workspaces")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WorkspaceId,
    /// Name for people.
    pub name: String,
    /// Its folders.
    pub roots: Roots,
    /// Whether an absent `workspace_id` means this one.
    pub is_default: bool,
    /// Rises with each change of the row or of its grants.
    pub version: i64,
    /// When it was created.
    pub created_at: DateTimeUtc,
    /// When it was closed; `None`: it is open.
    pub closed_at: Option<DateTimeUtc>,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// A new workspace.
    #[must_use]
    pub fn new(name: String, roots: Roots, is_default: bool) -> Self {
        Self {
            id: WorkspaceId::new(),
            name,
            roots,
            is_default,
            version: FIRST_VERSION,
            created_at: crate::clock::now(),
            closed_at: None,
        }
    }

    /// Refuses new work in a closed workspace as if it were not there.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn open(self) -> Result<Self> {
        if self.closed_at.is_none() { Ok(self) } else { Err(Error::NotFound(Noun::Workspace)) }
    }
}

/// The workspace that an absent id means; never a closed one.
///
/// # Errors
/// `NotFound` when the caller may see none.
pub async fn default(db: &impl ConnectionTrait, access: &Access) -> Result<Model> {
    Entity::find()
        .filter(access.condition(Column::Id))
        .filter(Column::ClosedAt.is_null())
        .order_by_desc(Column::IsDefault)
        .order_by_asc(Column::Id)
        .one(db)
        .await?
        .ok_or(Error::NotFound(Noun::Workspace))
}

/// One workspace, closed or not.
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

/// Keeps others from changing a workspace, closing it, or adding its first
/// conversation at the same time.
///
/// # Errors
/// `NotFound`.
pub async fn lock(tx: &Tx, id: WorkspaceId) -> Result<Model> {
    Entity::find_by_id(id).lock_exclusive().one(tx).await?.ok_or(Error::NotFound(Noun::Workspace))
}

/// One open workspace, kept from being closed until the transaction ends. What
/// begins new work calls it.
///
/// # Errors
/// `NotFound`, also for a closed one.
pub async fn hold(tx: &Tx, id: WorkspaceId) -> Result<Model> {
    Entity::find_by_id(id).lock_shared().one(tx).await?.ok_or(Error::NotFound(Noun::Workspace))?.open()
}

/// All workspaces, closed ones too, the oldest first.
///
/// # Errors
/// Storage errors.
pub async fn all(db: &impl ConnectionTrait, access: &Access) -> Result<Vec<Model>> {
    Ok(Entity::find().filter(access.condition(Column::Id)).order_by_asc(Column::Id).all(db).await?)
}

/// All workspaces, kept as they are until the transaction ends: names and first
/// roots are compared with each other.
///
/// # Errors
/// Storage errors.
pub async fn lock_all(tx: &Tx) -> Result<Vec<Model>> {
    Entity::find().order_by_asc(Column::Id).lock_exclusive().all(tx).await?;
    // Read again: PostgreSQL does not show one that was added while this waited.
    all(tx, &Access::All).await
}

/// Adds a workspace.
///
/// # Errors
/// Storage errors.
pub async fn insert(tx: &Tx, row: &Model) -> Result<()> {
    Entity::insert(row.clone().into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes a locked workspace with its next version.
///
/// # Errors
/// Storage errors.
pub async fn save(tx: &Tx, mut row: Model) -> Result<Model> {
    row.version += 1;
    Entity::update(row.clone().into_active_model().reset_all()).exec(tx).await?;
    Ok(row)
}

/// Takes the mark of the default workspace from the one that has it, and says
/// which that was.
///
/// # Errors
/// Storage errors.
pub async fn clear_default(tx: &Tx) -> Result<Option<Model>> {
    let before = Entity::find().filter(Column::IsDefault.eq(true)).lock_exclusive().one(tx).await?;
    match before {
        Some(row) => Ok(Some(save(tx, Model { is_default: false, ..row }).await?)),
        None => Ok(None),
    }
}

/// Whether a workflow of a workspace has not ended.
///
/// # Errors
/// Storage errors.
pub async fn has_running_work(tx: &Tx, id: WorkspaceId) -> Result<bool> {
    let running = Query::select()
        .column(Alias::new("id"))
        .from(Alias::new("workflows"))
        .and_where(ExprTrait::eq(Expr::col(Alias::new("workspace_id")), id))
        .and_where(ExprTrait::is_in(Expr::col(Alias::new("state")), ["queued", "running"]))
        .limit(1)
        .to_owned();
    Ok(tx.query_one(&running).await?.is_some())
}

/// Makes the first workspace where there is none.
///
/// # Errors
/// Storage errors.
pub async fn ensure_default(store: &Store, name: &str, root: Option<String>) -> Result<()> {
    let tx = store.begin().await?;
    if Entity::find().one(&tx).await?.is_none() {
        let roots = root.into_iter().map(|path| Root::named(path, |_| false)).collect();
        insert(&tx, &Model::new(name.to_owned(), Roots(roots), true)).await?;
        tx.commit().await?;
    }
    Ok(())
}
