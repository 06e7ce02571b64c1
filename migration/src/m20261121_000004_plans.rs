//! Plans with their revisions, comments and logs; templates for exports; the seal
//! of the audit log; one table for every text in flight.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (old, new) = (Alias::new("message_chunks"), Alias::new("text_chunks"));
        manager.rename_table(Table::rename().table(old, new.clone()).to_owned()).await?;
        let (old, column) = (Alias::new("message_id"), Alias::new("block_id"));
        manager.alter_table(Table::alter().table(new).rename_column(old, column).to_owned()).await?;
        for (name, column) in columns() {
            // SQLite adds one column at a time.
            let mut table = Table::alter();
            manager.alter_table(table.table(Alias::new(name)).add_column(column).to_owned()).await?;
        }
        for table in tables() {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn table(name: &'static str) -> TableCreateStatement {
    Table::create().table(Alias::new(name)).to_owned()
}

fn key<const N: usize>(columns: [&'static str; N]) -> IndexCreateStatement {
    columns.into_iter().fold(Index::create(), |mut index, column| index.col(Alias::new(column)).to_owned())
}

fn index<const N: usize>(
    name: &str,
    table: &'static str,
    columns: [&'static str; N],
) -> IndexCreateStatement {
    key(columns).name(name).table(Alias::new(table)).to_owned()
}

fn columns() -> Vec<(&'static str, ColumnDef)> {
    vec![
        ("jobs", uuid_null("plan_id").to_owned()),
        // Empty on entries that are older than the key.
        ("audit_entries", string_len("seal", 64).default("").to_owned()),
        ("audit_entries", string_len("key_id", 16).default("").to_owned()),
    ]
}

fn tables() -> Vec<TableCreateStatement> {
    vec![
        table("plans")
            .col(uuid("id").primary_key())
            .col(uuid("workspace_id"))
            .col(uuid("task_id"))
            .col(string("title"))
            .col(string_len("origin", 16))
            .col(string("origin_reason"))
            .col(string_len("state", 24))
            .col(json_binary_null("failure"))
            .col(string_null("provider_id"))
            .col(string_null("model"))
            .col(text("instructions"))
            .col(json_binary("bases"))
            .col(json_binary("merged_from"))
            .col(json_binary("material"))
            .col(uuid_null("active_revision_id"))
            .col(uuid_null("active_job_id"))
            .col(uuid_null("head_revision_id"))
            .col(big_integer("version"))
            .col(big_integer("last_number"))
            .col(json_binary("shape"))
            .col(json_binary("decisions"))
            .col(integer("open_comments"))
            .col(json_binary_null("usage"))
            .col(string_len_null("request_id", 64))
            .col(big_integer("change"))
            .col(uuid("epoch"))
            .col(big_integer("head_sequence"))
            .col(timestamp_with_time_zone_null("archived_at"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .to_owned(),
        table("plan_revisions")
            .col(uuid("id").primary_key())
            .col(uuid("workspace_id"))
            .col(uuid("plan_id"))
            .col(big_integer("number"))
            .col(uuid_null("parent_id"))
            .col(string_len("author", 16))
            .col(string("by"))
            .col(text("message"))
            .col(string_len("state", 24))
            .col(json_binary_null("failure"))
            .col(uuid_null("job_id"))
            .col(uuid_null("restored_id"))
            .col(string_len("content_hash", 64))
            .col(big_integer("size_bytes"))
            .col(json_binary("shape"))
            .col(json_binary_null("usage"))
            .col(json_binary("asked"))
            .col(big_integer("began"))
            .col(string_len_null("request_id", 64))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("ended_at"))
            .to_owned(),
        // Apart from the revisions, which are listed often: a text may be large.
        table("plan_texts").col(uuid("revision_id").primary_key()).col(text("text")).to_owned(),
        table("plan_comments")
            .col(uuid("id").primary_key())
            .col(uuid("workspace_id"))
            .col(uuid("plan_id"))
            .col(uuid("revision_id"))
            .col(integer_null("step"))
            .col(json_binary_null("anchor"))
            .col(text("text"))
            .col(string("by"))
            .col(string_len("state", 16))
            .col(text("answer"))
            .col(uuid_null("answered_in"))
            .col(string_null("resolved_by"))
            .col(string_len_null("request_id", 64))
            .col(big_integer("change"))
            .col(timestamp_with_time_zone("created_at"))
            .to_owned(),
        table("plan_events")
            .col(uuid("plan_id"))
            .col(big_integer("sequence"))
            .col(string_len("kind", 24))
            .col(uuid_null("revision_id"))
            .col(uuid_null("comment_id"))
            .col(timestamp_with_time_zone("occurred_at"))
            .primary_key(&mut key(["plan_id", "sequence"]))
            .to_owned(),
        table("templates")
            .col(uuid("id").primary_key())
            .col(string("name").unique_key())
            .col(text("text"))
            .col(big_integer("version"))
            .col(timestamp_with_time_zone("updated_at"))
            .to_owned(),
    ]
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("jobs_plan", "jobs", ["plan_id"]),
        index("plans_task", "plans", ["task_id", "id"]),
        index("plans_recent", "plans", ["workspace_id", "id"]),
        index("plans_request", "plans", ["task_id", "request_id"]).unique().to_owned(),
        index("plan_revisions_number", "plan_revisions", ["plan_id", "number"]).unique().to_owned(),
        index("plan_revisions_request", "plan_revisions", ["plan_id", "request_id"]).unique().to_owned(),
        index("plan_revisions_job", "plan_revisions", ["job_id"]),
        index("plan_comments_plan", "plan_comments", ["plan_id", "id"]),
        index("plan_comments_request", "plan_comments", ["plan_id", "request_id"]).unique().to_owned(),
        index("audit_subject", "audit_entries", ["subject", "sequence"]),
    ]
}
