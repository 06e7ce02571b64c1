//! What jobs without a turn were answered; a turn's answer is its reply.

use super::Tx;
use crate::{error::Result, id::JobId};
use sea_orm::{ActiveValue::Set, entity::prelude::*, sea_query::OnConflict};

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "job_responses")]
pub struct Model {
    /// The job.
    #[sea_orm(primary_key, auto_increment = false)]
    pub job_id: JobId,
    /// The text so far.
    #[sea_orm(column_type = "Text")]
    pub text: String,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What a job was answered so far.
///
/// # Errors
/// Storage errors.
pub async fn get(db: &impl ConnectionTrait, job: JobId) -> Result<String> {
    Ok(Entity::find_by_id(job).one(db).await?.map(|row| row.text).unwrap_or_default())
}

/// Keeps what a job was answered so far.
///
/// # Errors
/// Storage errors.
pub async fn put(tx: &Tx, job: JobId, text: &str) -> Result<()> {
    let row = ActiveModel { job_id: Set(job), text: Set(text.to_owned()) };
    Entity::insert(row)
        .on_conflict(OnConflict::column(Column::JobId).update_column(Column::Text).to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}
