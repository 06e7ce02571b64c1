//! The exact prompts of jobs, by content: parts that several jobs share are
//! stored once, and are removed with the last job that used them.

use super::{Tx, job};
use crate::{error::Result, id::JobId};
use sea_orm::{
    ActiveValue::Set,
    QueryOrder, QuerySelect, QueryTrait as _,
    entity::prelude::*,
    sea_query::{ExprTrait as _, OnConflict, Query},
};
use sha2::{Digest as _, Sha256};

/// A part.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "prompt_parts")]
pub struct Model {
    /// SHA-256 of the text, lower-case hexadecimal.
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: String,
    /// The text.
    pub text: String,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Which parts a job sent, in which order.
mod usage {
    use crate::id::JobId;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "job_prompt_parts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub job_id: JobId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i32,
        pub role: String,
        pub digest: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// One message of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// `system`, `user` or `assistant`.
    pub role: String,
    /// The exact text.
    pub text: String,
    /// SHA-256 of the text, lower-case hexadecimal.
    pub digest: String,
}

/// SHA-256, lower-case hexadecimal.
#[must_use]
pub fn digest(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// Stores the exact request of a job.
///
/// # Errors
/// Storage errors.
pub async fn record<'a>(
    tx: &Tx,
    job: JobId,
    parts: impl Iterator<Item = (&'static str, &'a str)>,
) -> Result<()> {
    let mut texts = Vec::new();
    let mut usages = Vec::new();
    for (position, (role, text)) in (0..).zip(parts) {
        let digest = digest(text);
        usages.push(usage::ActiveModel {
            job_id: Set(job),
            position: Set(position),
            role: Set(role.to_owned()),
            digest: Set(digest.clone()),
        });
        texts.push(ActiveModel { digest: Set(digest), text: Set(text.to_owned()) });
    }
    texts.sort_by(|a, b| a.digest.as_ref().cmp(b.digest.as_ref()));
    texts.dedup_by(|a, b| a.digest == b.digest);
    for batch in texts.chunks(1_000) {
        Entity::insert_many(batch.to_vec())
            .on_conflict(OnConflict::column(Column::Digest).do_nothing().to_owned())
            .exec_without_returning(tx)
            .await?;
    }
    for batch in usages.chunks(1_000) {
        usage::Entity::insert_many(batch.to_vec()).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// The exact request of a job, in order.
///
/// # Errors
/// Storage errors.
pub async fn of_job(db: &impl ConnectionTrait, job: JobId) -> Result<Vec<Part>> {
    let usages = usage::Entity::find()
        .filter(usage::Column::JobId.eq(job))
        .order_by_asc(usage::Column::Position)
        .all(db)
        .await?;
    let texts: std::collections::HashMap<String, String> = Entity::find()
        .filter(Column::Digest.is_in(usages.iter().map(|usage| usage.digest.clone())))
        .all(db)
        .await?
        .into_iter()
        .map(|part| (part.digest, part.text))
        .collect();
    Ok(usages
        .into_iter()
        .map(|usage| Part {
            text: texts.get(&usage.digest).cloned().unwrap_or_default(),
            role: usage.role,
            digest: usage.digest,
        })
        .collect())
}

/// Removes the prompts of jobs that ended before a time.
///
/// # Errors
/// Storage errors.
pub async fn prune(tx: &Tx, before: DateTimeUtc) -> Result<()> {
    let expired = || job::Column::EndedAt.lt(before).and(job::Column::PromptExpired.eq(false));
    let jobs = Query::select().column(job::Column::Id).from(job::Entity).and_where(expired()).to_owned();
    usage::Entity::delete_many().filter(usage::Column::JobId.in_subquery(jobs)).exec(tx).await?;
    job::Entity::update_many()
        .col_expr(job::Column::PromptExpired, Expr::value(true))
        .filter(expired())
        .exec(tx)
        .await?;
    let used = usage::Entity::find().select_only().column(usage::Column::Digest).into_query();
    Entity::delete_many().filter(Column::Digest.not_in_subquery(used)).exec(tx).await?;
    Ok(())
}
