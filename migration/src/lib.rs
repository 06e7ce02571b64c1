//! The database schema, one file per change, append-only: a migration that was
//! released is never edited, and none goes back.

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;

mod m20261121_000001_companion;
mod m20261121_000002_turn_context;
mod m20261121_000003_tasks;
mod m20261121_000004_plans;

/// All migrations, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261121_000001_companion::Migration),
            Box::new(m20261121_000002_turn_context::Migration),
            Box::new(m20261121_000003_tasks::Migration),
            Box::new(m20261121_000004_plans::Migration),
        ]
    }
}
