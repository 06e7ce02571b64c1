//! Conversations that are longer than anybody would wait for.

use crate::{Banto, Companion, sql::Sql};

/// Makes a conversation of `turns` turns out of one that has two ended turns, by
/// copying the second: the same rows that the server would have written. The
/// texts get the number of their turn where they have `{n}`.
///
/// Nobody may have watched the conversation before.
pub async fn lengthen(banto: &Banto, chat: &Companion, turns: u32) {
    let id = chat.conversation_id.replace('-', "");
    let sql = Sql::of(banto).await;
    let last = sql
        .number(&format!("SELECT max(sequence) FROM messages WHERE hex(conversation_id) = upper('{id}')"))
        .await;
    let copies = i64::from(turns) - 2;
    // Each copy of an id ends in the number of the copy.
    let numbered = |column: &str| format!("unhex(substr(hex({column}), 1, 24) || printf('%08X', n))");
    // A turn is as long in events as the messages' distance says.
    let span = 4;
    let of_second = format!(
        "(SELECT turn_id FROM messages WHERE hex(conversation_id) = upper('{id}') AND sequence = {last})"
    );
    let numbers = format!(
        "WITH RECURSIVE copies(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < {copies})"
    );
    let (message, turn, job) = (numbered("id"), numbered("turn_id"), numbered("job_id"));
    let (user, assistant) = (numbered("user_message_id"), numbered("assistant_message_id"));
    let text = |column: &str| format!("replace({column}, '{{n}}', n + 2)");
    sql.run(&format!(
        "{numbers} INSERT INTO messages (id, workspace_id, conversation_id, sequence, turn_id, role, text, \
         search_text, state, superseded, citations, client_message_id, created_at) \
         SELECT {message}, workspace_id, conversation_id, sequence + {span} * n, {turn}, role, {}, {}, state, \
         superseded, citations, NULL, created_at FROM messages, copies WHERE turn_id = {of_second}",
        text("text"),
        text("search_text"),
    ))
    .await;
    sql.run(&format!(
        "{numbers} INSERT INTO jobs SELECT {message}, workspace_id, job_type, state, conversation_id, {turn}, \
         provider_id, model, prompts, attempts, failure, usage, cost_nano_usd, server_id, cancel_requested, \
         prompt_expired, version, created_at, started_at, ended_at FROM jobs, copies WHERE turn_id = {of_second}"
    ))
    .await;
    sql.run(&format!(
        "{numbers} INSERT INTO turns SELECT {message}, conversation_id, {job}, {user}, {assistant}, \
         answer_source, NULL, superseded_by, created_at FROM turns, copies WHERE id = {of_second}"
    ))
    .await;
    sql.run(&format!(
        "UPDATE conversations SET head_sequence = head_sequence + {span} * {copies}, \
         pruned_sequence = head_sequence + {span} * {copies}, message_count = message_count + 2 * {copies} \
         WHERE hex(id) = upper('{id}')"
    ))
    .await;
    sql.close().await;
}
