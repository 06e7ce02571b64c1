//! Conversations that are longer than anybody would wait for.

use crate::{Banto, Companion, sql::Sql};

/// Events of a turn: its message, its begin with the reply, and its end.
const SPAN: u32 = 4;

/// Makes a conversation of `turns` turns out of one that has two ended turns, by
/// copying the second: the same rows that the server would have written. The
/// texts get the number of their turn where they have `{n}`.
///
/// Nobody may have watched the conversation before.
pub async fn lengthen(banto: &Banto, chat: &Companion, turns: u32) {
    let sql = Sql::of(banto).await;
    let copies = turns - 2;
    let is_ours =
        |column: &str| format!("hex({column}) = upper('{}')", chat.conversation_id.replace('-', ""));
    let latest = format!(
        "(SELECT turn_id FROM messages WHERE {} ORDER BY sequence DESC LIMIT 1)",
        is_ours("conversation_id")
    );
    // Each copy of an id ends in the number of the copy.
    let id = |column| (column, format!("unhex(substr(hex({column}), 1, 24) || printf('%08X', n))"));
    let text = |column| (column, format!("replace({column}, '{{n}}', n + 2)"));
    let nothing = |column| (column, "NULL".to_owned());
    let later = ("sequence", format!("sequence + {SPAN} * n"));
    let messages =
        [id("id"), id("turn_id"), text("text"), text("search_text"), nothing("client_message_id"), later];
    let of_turn =
        [id("id"), id("job_id"), id("user_message_id"), id("assistant_message_id"), nothing("request_id")];
    copy(&sql, "jobs", copies, &format!("turn_id = {latest}"), &[id("id"), id("turn_id")]).await;
    copy(&sql, "turns", copies, &format!("id = {latest}"), &of_turn).await;
    // Last, for they say which turn is the latest.
    copy(&sql, "messages", copies, &format!("turn_id = {latest}"), &messages).await;
    sql.run(&format!(
        "UPDATE conversations SET head_sequence = head_sequence + {SPAN} * {copies}, \
         pruned_sequence = head_sequence + {SPAN} * {copies}, message_count = message_count + 2 * {copies} \
         WHERE {}",
        is_ours("id")
    ))
    .await;
    sql.close().await;
}

/// Copies rows of a table `copies` times; `n` is the number of the copy.
async fn copy(sql: &Sql, table: &str, copies: u32, which: &str, changes: &[(&str, String)]) {
    let columns = sql.columns(table).await;
    let values = columns.iter().map(|column| {
        let change = changes.iter().find(|(changed, _)| changed == column);
        change.map_or_else(|| column.clone(), |(_, value)| value.clone())
    });
    sql.run(&format!(
        "WITH RECURSIVE copies(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < {copies}) \
         INSERT INTO {table} ({}) SELECT {} FROM {table}, copies WHERE {which}",
        columns.join(", "),
        values.collect::<Vec<_>>().join(", "),
    ))
    .await;
}
