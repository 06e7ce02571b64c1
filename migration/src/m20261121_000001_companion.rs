//! Workspaces, runtimes, workers, conversations with their turns and events,
//! jobs with their prompts, access tokens, preferences and the audit log.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
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

fn tables() -> Vec<TableCreateStatement> {
    vec![
        // A running server. What it runs carries its id; others may repair that
        // only after `lease_until`, which is read off the database's own clock.
        table("servers")
            .col(uuid("id").primary_key())
            .col(big_integer("lease_until_ms"))
            .col(timestamp_with_time_zone("started_at"))
            .to_owned(),
        table("workspaces")
            .col(uuid("id").primary_key())
            .col(string("name"))
            .col(json_binary("roots"))
            .col(boolean("is_default"))
            .col(timestamp_with_time_zone("created_at"))
            .to_owned(),
        table("runtimes")
            .col(string_len("id", 64).primary_key())
            .col(string_len("kind", 32))
            .col(string("display_name"))
            .to_owned(),
        table("workers")
            .col(uuid("id").primary_key())
            .col(string_len("runtime_id", 64))
            .col(uuid("workspace_id"))
            .col(string("display_name"))
            .col(string("display_ref"))
            .col(boolean("stopped"))
            .col(json_binary_null("last_error"))
            .col(timestamp_with_time_zone("updated_at"))
            .to_owned(),
        table("conversations")
            .col(uuid("id").primary_key())
            .col(uuid("workspace_id"))
            .col(uuid("worker_id"))
            .col(string("title"))
            .col(json_binary("settings"))
            .col(big_integer("version"))
            .col(uuid("epoch"))
            .col(big_integer("head_sequence"))
            .col(big_integer("pruned_sequence"))
            .col(uuid_null("active_turn_id"))
            .col(json_binary("usage"))
            .col(big_integer("message_count"))
            .col(string_len_null("request_id", 64))
            .col(uuid_null("forked_from_conversation_id"))
            .col(uuid_null("forked_before_message_id"))
            .col(timestamp_with_time_zone_null("archived_at"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .to_owned(),
        table("messages")
            .col(uuid("id").primary_key())
            .col(uuid("workspace_id"))
            .col(uuid("conversation_id"))
            .col(big_integer("sequence"))
            .col(uuid("turn_id"))
            .col(string_len("role", 16))
            .col(text("text"))
            .col(text("search_text"))
            .col(string_len("state", 24))
            .col(boolean("superseded"))
            .col(json_binary("citations"))
            .col(string_len_null("client_message_id", 64))
            .col(timestamp_with_time_zone("created_at"))
            .to_owned(),
        // Text of a reply that is still being written, in the pieces in which it
        // was checkpointed; folded into `messages.text` when the turn ends.
        table("message_chunks")
            .col(uuid("message_id"))
            .col(big_integer("offset"))
            .col(text("text"))
            .primary_key(&mut key(["message_id", "offset"]))
            .to_owned(),
        // What a turn is to its conversation. Its lifecycle is that of its job.
        table("turns")
            .col(uuid("id").primary_key())
            .col(uuid("conversation_id"))
            .col(uuid("job_id"))
            .col(uuid("user_message_id"))
            .col(uuid("assistant_message_id"))
            .col(string_len("answer_source", 16))
            .col(string_len_null("request_id", 64))
            .col(uuid_null("superseded_by"))
            .col(timestamp_with_time_zone("created_at"))
            .to_owned(),
        table("conversation_events")
            .col(uuid("conversation_id"))
            .col(big_integer("sequence"))
            .col(string_len("kind", 24))
            .col(uuid_null("message_id"))
            .col(uuid_null("turn_id"))
            .col(integer_null("attempt"))
            .col(timestamp_with_time_zone("occurred_at"))
            .primary_key(&mut key(["conversation_id", "sequence"]))
            .to_owned(),
        table("jobs")
            .col(uuid("id").primary_key())
            .col(uuid("workspace_id"))
            .col(string_len("job_type", 48))
            .col(string_len("state", 24))
            .col(uuid_null("conversation_id"))
            .col(uuid_null("turn_id"))
            .col(string_null("provider_id"))
            .col(string_null("model"))
            .col(json_binary("prompts"))
            .col(json_binary("attempts"))
            .col(json_binary_null("failure"))
            .col(json_binary_null("usage"))
            .col(big_integer_null("cost_nano_usd"))
            .col(uuid_null("server_id"))
            .col(boolean("cancel_requested"))
            .col(boolean("prompt_expired"))
            .col(big_integer("version"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("started_at"))
            .col(timestamp_with_time_zone_null("ended_at"))
            .to_owned(),
        // Exact prompts, by content: a history that grows by one message adds
        // one part.
        table("prompt_parts").col(string_len("digest", 64).primary_key()).col(text("text")).to_owned(),
        table("job_prompt_parts")
            .col(uuid("job_id"))
            .col(integer("position"))
            .col(string_len("role", 16))
            .col(string_len("digest", 64))
            .primary_key(&mut key(["job_id", "position"]))
            .to_owned(),
        table("tokens")
            .col(uuid("id").primary_key())
            .col(string("name"))
            .col(string_len("scope", 16))
            .col(json_binary("workspace_ids"))
            .col(string_len("hash", 64))
            .col(boolean("owner"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("expires_at"))
            .col(timestamp_with_time_zone_null("revoked_at"))
            .col(timestamp_with_time_zone_null("last_used_at"))
            .to_owned(),
        table("preferences")
            .col(integer("id").primary_key())
            .col(big_integer("version"))
            .col(json_binary("body"))
            .to_owned(),
        table("audit_entries")
            .col(big_integer("sequence").primary_key())
            .col(timestamp_with_time_zone("occurred_at"))
            .col(string("actor"))
            .col(string_len("action", 64))
            .col(string("subject"))
            .col(json_binary("detail"))
            .col(string_len("previous_hash", 64))
            .col(string_len("hash", 64))
            .to_owned(),
    ]
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("workers_key", "workers", ["runtime_id", "workspace_id"]).unique().to_owned(),
        index("conversations_recent", "conversations", ["workspace_id", "updated_at"]),
        index("conversations_worker", "conversations", ["worker_id", "active_turn_id"]),
        index("conversations_request", "conversations", ["workspace_id", "request_id"]).unique().to_owned(),
        index("messages_order", "messages", ["conversation_id", "sequence"]).unique().to_owned(),
        index("messages_client", "messages", ["workspace_id", "client_message_id"]).unique().to_owned(),
        index("messages_turn", "messages", ["turn_id"]),
        index("turns_conversation", "turns", ["conversation_id", "created_at"]),
        index("turns_request", "turns", ["conversation_id", "request_id"]).unique().to_owned(),
        index("turns_job", "turns", ["job_id"]),
        index("conversation_events_age", "conversation_events", ["occurred_at"]),
        index("jobs_recent", "jobs", ["workspace_id", "created_at"]),
        index("jobs_state", "jobs", ["state", "server_id"]),
        index("jobs_conversation", "jobs", ["conversation_id"]),
        index("jobs_ended", "jobs", ["ended_at"]),
        index("job_prompt_parts_digest", "job_prompt_parts", ["digest"]),
        index("tokens_hash", "tokens", ["hash"]).unique().to_owned(),
    ]
}
