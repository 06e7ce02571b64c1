//! Templates that plans are exported with.

use super::Tx;
use crate::{
    error::{Error, Noun, Result},
    id::TemplateId,
};
use sea_orm::{IntoActiveModel, QueryOrder, QuerySelect, entity::prelude::*};

/// Most templates.
pub const MOST_TEMPLATES: u64 = 100;

/// A template.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "templates")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TemplateId,
    /// Its name; no other has it.
    pub name: String,
    /// Its text.
    #[sea_orm(column_type = "Text")]
    pub text: String,
    /// Rises with each change.
    pub version: i64,
    /// When it last changed.
    pub updated_at: DateTimeUtc,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// All templates, by name.
///
/// # Errors
/// Storage errors.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Model>> {
    Ok(Entity::find().order_by_asc(Column::Name).limit(MOST_TEMPLATES).all(db).await?)
}

/// One template.
///
/// # Errors
/// `NotFound`.
pub async fn get(db: &impl ConnectionTrait, id: TemplateId) -> Result<Model> {
    Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound(Noun::Template))
}

/// Reads a template for a change.
///
/// # Errors
/// `NotFound`.
pub async fn lock(tx: &Tx, id: TemplateId) -> Result<Model> {
    Entity::find_by_id(id).lock_exclusive().one(tx).await?.ok_or(Error::NotFound(Noun::Template))
}

/// The template of a name.
///
/// # Errors
/// Storage errors.
pub async fn by_name(db: &impl ConnectionTrait, name: &str) -> Result<Option<Model>> {
    Ok(Entity::find().filter(Column::Name.eq(name)).one(db).await?)
}

/// Stores a new template.
///
/// # Errors
/// Storage errors.
pub async fn insert(tx: &Tx, template: &Model) -> Result<()> {
    Entity::insert(template.clone().into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes a locked template back.
///
/// # Errors
/// Storage errors.
pub async fn save(tx: &Tx, template: &Model) -> Result<()> {
    Entity::update(template.clone().into_active_model().reset_all()).exec(tx).await?;
    Ok(())
}

/// Deletes a template.
///
/// # Errors
/// Storage errors.
pub async fn delete(tx: &Tx, id: TemplateId) -> Result<()> {
    Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}
