//! Workspaces that are opened, closed and granted; tasks with the history of
//! their text and of their files; workflows with their stages and events.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
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
        ("workspaces", big_integer("version").default(1).to_owned()),
        ("workspaces", timestamp_with_time_zone_null("closed_at").to_owned()),
        ("jobs", uuid_null("task_id").to_owned()),
        ("jobs", uuid_null("workflow_id").to_owned()),
        ("jobs", string_len_null("request_id", 64).to_owned()),
    ]
}

fn tables() -> Vec<TableCreateStatement> {
    vec![
        table("provider_grants")
            .col(uuid("workspace_id"))
            .col(string_len("provider_id", 64))
            .col(string("granted_by"))
            .col(timestamp_with_time_zone("granted_at"))
            .primary_key(&mut key(["workspace_id", "provider_id"]))
            .to_owned(),
        // What a job without a turn was answered; a turn's answer is its reply.
        table("job_responses").col(uuid("job_id").primary_key()).col(text("text")).to_owned(),
        table("tasks")
            .col(uuid("id").primary_key())
            .col(uuid("workspace_id"))
            .col(string("title"))
            .col(boolean("title_is_set"))
            .col(text("description"))
            .col(text("search_text"))
            .col(big_integer("description_version"))
            .col(big_integer("files_version"))
            .col(big_integer_null("undo_description"))
            .col(big_integer_null("redo_description"))
            .col(big_integer_null("undo_files"))
            .col(big_integer_null("redo_files"))
            .col(integer("file_count"))
            .col(big_integer("file_tokens"))
            .col(uuid_null("active_workflow_id"))
            .col(uuid_null("latest_workflow_id"))
            .col(uuid_null("from_conversation_id"))
            .col(uuid_null("cloned_from_task_id"))
            .col(json_binary("usage"))
            .col(string_len_null("request_id", 64))
            .col(big_integer("revision"))
            .col(timestamp_with_time_zone_null("archived_at"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .to_owned(),
        // Both histories of a task: nothing is ever overwritten here.
        table("task_versions")
            .col(uuid("task_id"))
            .col(string_len("history", 16))
            .col(big_integer("version"))
            .col(string("author"))
            .col(string_len("cause", 16))
            .col(big_integer_null("restored"))
            .col(big_integer_null("undo_to"))
            .col(big_integer_null("redo_to"))
            .col(uuid_null("job_id"))
            .col(text("body"))
            .col(timestamp_with_time_zone("created_at"))
            .primary_key(&mut key(["task_id", "history", "version"]))
            .to_owned(),
        // What workflows found for a task and what is known of chosen files. What a
        // person decided about them is in the newest version of the files' history.
        table("task_files")
            .col(uuid("task_id"))
            .col(text("path"))
            .col(string_len_null("source", 16))
            .col(double_null("score"))
            .col(json_binary("reasons"))
            .col(big_integer("tokens"))
            .col(big_integer("size_bytes"))
            .col(boolean("looks_secret"))
            .col(uuid_null("workflow_id"))
            .primary_key(&mut key(["task_id", "path"]))
            .to_owned(),
        table("workflows")
            .col(uuid("id").primary_key())
            .col(uuid("workspace_id"))
            .col(uuid("task_id"))
            .col(big_integer("description_version"))
            .col(string_len("state", 24))
            .col(string_len("mode", 16))
            .col(string("mode_reason"))
            .col(string_null("provider_id"))
            .col(string_null("model"))
            .col(integer("max_relevant"))
            .col(integer("max_extended"))
            .col(integer("added_count"))
            .col(text("message"))
            .col(json_binary_null("failure"))
            .col(uuid_null("retry_of"))
            .col(string_len_null("request_id", 64))
            .col(uuid("epoch"))
            .col(big_integer("head_sequence"))
            .col(uuid_null("server_id"))
            .col(boolean("cancel_requested"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("ended_at"))
            .to_owned(),
        table("workflow_stages")
            .col(uuid("workflow_id"))
            .col(integer("position"))
            .col(string_len("kind", 32))
            .col(string_len("state", 24))
            .col(integer("attempt"))
            .col(integer("result_count"))
            .col(json_binary_null("failure"))
            .col(uuid_null("reused_from"))
            .col(timestamp_with_time_zone_null("started_at"))
            .col(timestamp_with_time_zone_null("ended_at"))
            .primary_key(&mut key(["workflow_id", "position"]))
            .to_owned(),
        // Apart from the stages, which are read often: an artifact may be large.
        table("workflow_artifacts")
            .col(uuid("workflow_id"))
            .col(integer("position"))
            .col(json_binary("body"))
            .primary_key(&mut key(["workflow_id", "position"]))
            .to_owned(),
        table("workflow_events")
            .col(uuid("workflow_id"))
            .col(big_integer("sequence"))
            .col(json_binary("body"))
            .col(timestamp_with_time_zone("occurred_at"))
            .primary_key(&mut key(["workflow_id", "sequence"]))
            .to_owned(),
    ]
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("jobs_task", "jobs", ["task_id"]),
        index("jobs_workflow", "jobs", ["workflow_id"]),
        index("jobs_request", "jobs", ["task_id", "request_id"]).unique().to_owned(),
        index("tasks_recent", "tasks", ["workspace_id", "updated_at"]),
        index("tasks_request", "tasks", ["workspace_id", "request_id"]).unique().to_owned(),
        index("workflows_task", "workflows", ["task_id", "id"]),
        index("workflows_recent", "workflows", ["workspace_id", "id"]),
        index("workflows_state", "workflows", ["state", "server_id"]),
        index("workflows_request", "workflows", ["task_id", "request_id"]).unique().to_owned(),
    ]
}
