//! Pieces of texts that are still being written.

use super::Tx;
use crate::{error::Result, id::BlockId};
use sea_orm::{ActiveValue::Set, QueryOrder, entity::prelude::*, sea_query::OnConflict};

/// A piece.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "text_chunks")]
pub struct Model {
    /// Whose text it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub block_id: BlockId,
    /// Where it begins, in bytes.
    #[sea_orm(primary_key, auto_increment = false)]
    pub offset: i64,
    /// The piece.
    pub text: String,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What is durable of a text that is still being written.
///
/// # Errors
/// Storage errors.
pub async fn joined(db: &impl ConnectionTrait, block: impl Into<BlockId>) -> Result<String> {
    let chunks =
        Entity::find().filter(Column::BlockId.eq(block.into())).order_by_asc(Column::Offset).all(db).await?;
    Ok(chunks.into_iter().map(|chunk| chunk.text).collect())
}

/// Adds pieces; one that is there stays as it is.
///
/// # Errors
/// Storage errors.
pub async fn add(tx: &Tx, chunks: impl IntoIterator<Item = (BlockId, usize, String)>) -> Result<()> {
    let row = |(block_id, offset, text)| ActiveModel {
        block_id: Set(block_id),
        offset: Set(i64::try_from(offset).unwrap_or(i64::MAX)),
        text: Set(text),
    };
    let rows: Vec<ActiveModel> = chunks.into_iter().map(row).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let again = OnConflict::columns([Column::BlockId, Column::Offset]).do_nothing().to_owned();
    Entity::insert_many(rows).on_conflict(again).exec_without_returning(tx).await?;
    Ok(())
}

/// Removes the pieces of a text that has ended.
///
/// # Errors
/// Storage errors.
pub async fn delete(tx: &Tx, block: impl Into<BlockId>) -> Result<()> {
    Entity::delete_many().filter(Column::BlockId.eq(block.into())).exec(tx).await?;
    Ok(())
}
