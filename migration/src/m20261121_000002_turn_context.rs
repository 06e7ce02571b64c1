//! How much of the model's window a turn's request fills.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = json_binary_null("context");
        manager.alter_table(Table::alter().table(Alias::new("turns")).add_column(column).to_owned()).await
    }
}
