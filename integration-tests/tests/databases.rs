//! What SQLite and PostgreSQL must do alike, through the API.

use banto_integration_tests::{
    Answer as _, Banto, Caller, Postgres,
    sql::Sql,
    upstream::{Script, Upstream},
};
use banto_proto::v1::{
    ConversationSettings, CreateConversationRequest, GetTranscriptRequest, ListConversationsRequest,
    ListJobsRequest, SearchMessagesRequest, UpdateConversationRequest,
};
use futures::future::join_all;
use std::{collections::BTreeSet, sync::Arc};
use tonic::Code;

/// A server on each kind of database.
struct Pair {
    upstream: Upstream,
    servers: [Banto; 2],
    postgres: String,
    _cluster: Arc<Postgres>,
}

impl Pair {
    async fn start() -> Self {
        let (cluster, upstream) = (Postgres::shared().await, Upstream::start().await);
        let postgres = cluster.create_database().await;
        let builder = || Banto::builder().provider("openai", &upstream.base_url());
        let servers = [builder().start().await, builder().database(&postgres).start().await];
        Self { upstream, servers, postgres, _cluster: cluster }
    }

    /// The databases of the servers.
    async fn sql(&self) -> [Sql; 2] {
        [Sql::of(&self.servers[0]).await, Sql::connect(&self.postgres).await]
    }
}

async fn titles(caller: &Caller, title_contains: &str, page_size: u32) -> Vec<String> {
    let (mut titles, mut page_token) = (Vec::new(), String::new());
    loop {
        let title_contains = title_contains.into();
        let request =
            ListConversationsRequest { title_contains, page_size, page_token, ..Default::default() };
        let page = caller.conversations().list_conversations(request).await.granted();
        assert!(page.conversations.len() <= page_size as usize);
        titles.extend(page.conversations.into_iter().map(|it| it.title));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return titles;
        }
    }
}

async fn hits(caller: &Caller, query: &str, page_size: u32) -> Vec<String> {
    let (mut texts, mut page_token) = (Vec::new(), String::new());
    loop {
        let query = query.into();
        let request = SearchMessagesRequest { query, page_size, page_token, ..Default::default() };
        let page = caller.conversations().search_messages(request).await.granted();
        texts.extend(page.hits.into_iter().filter_map(|hit| hit.item).map(|item| item.text));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return texts;
        }
    }
}

#[tokio::test]
async fn pages_have_each_row_once_also_when_times_are_equal() {
    let pair = Pair::start().await;
    for banto in &pair.servers {
        let names: Vec<_> = (0..11).map(|number| format!("conversation {number}")).collect();
        let mut chats = Vec::new();
        for name in &names {
            let chat = banto.chat().await;
            chat.ask(name).await;
            chat.rename(name).await;
            chats.push(chat);
        }
    }
    for sql in pair.sql().await {
        sql.run("UPDATE conversations SET updated_at = created_at").await;
        sql.run("UPDATE conversations SET updated_at = (SELECT min(created_at) FROM conversations)").await;
    }
    for banto in &pair.servers {
        let owner = banto.owner();
        let (listed, whole) = (titles(&owner, "", 3).await, titles(&owner, "", 100).await);
        assert_eq!(listed, whole);
        assert_eq!(listed.iter().collect::<BTreeSet<_>>().len(), 11, "{listed:?}");
        assert_eq!(hits(&owner, "conversation", 4).await.len(), 11);
        let (mut jobs, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = ListJobsRequest { page_size: 4, page_token, ..Default::default() };
            let page = owner.jobs().list_jobs(request).await.granted();
            jobs.extend(page.jobs.into_iter().map(|job| job.job_id));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        assert_eq!((jobs.len(), jobs.iter().collect::<BTreeSet<_>>().len()), (11, 11));

        let wrong = ListConversationsRequest { page_token: "not a token".into(), ..Default::default() };
        let refusal = owner.conversations().list_conversations(wrong).await.refused();
        refusal.blames("page_token");
    }
}

#[tokio::test]
async fn texts_are_found_in_japanese_and_with_signs_taken_literally() {
    let pair = Pair::start().await;
    let texts = [
        "東京タワーは１００％高い",
        "ﾊﾝｶｸとＦＵＬＬ",
        r"a_b and C:\dir",
        "axb and 100 of it",
        "it's \"quoted\"",
    ];
    for banto in &pair.servers {
        for text in texts {
            let chat = banto.chat().await;
            chat.ask(text).await;
            chat.rename(text).await;
        }
        let owner = banto.owner();
        let expected = [
            ("タワー", vec![0]),
            ("高い 東京", vec![0]),
            ("100%", vec![0]),
            ("ハンカク full", vec![1]),
            ("ＦｕＬＬ", vec![1]),
            ("a_b", vec![2]),
            (r"c:\DIR", vec![2]),
            ("100", vec![3, 0]),
            ("it's", vec![4]),
            ("\"quoted\"", vec![4]),
            ("a%b", vec![]),
            ("%", vec![0]),
            ("_", vec![2]),
            (r"\", vec![2]),
        ];
        for (query, found) in expected {
            let found: Vec<_> = found.into_iter().map(|index: usize| texts[index]).collect();
            assert_eq!(hits(&owner, query, 10).await, found, "{query:?}");
        }
        for (query, found) in [("タワー", 0), ("a_b", 2), (r"c:\d", 2), ("１００％", 0), ("it's", 4)] {
            assert_eq!(titles(&owner, query, 10).await, [texts[found]], "title {query:?}");
        }
        assert!(titles(&owner, "a%b", 10).await.is_empty());
    }
}

#[tokio::test]
async fn a_fork_of_a_regenerated_conversation_is_a_conversation_of_its_own() {
    let mut pair = Pair::start().await;
    for banto in &mut pair.servers {
        let chat = banto.chat().await;
        let script = |text: &str| pair.upstream.push(Script::openai().text(text).usage(3, 2).done());
        script("draft");
        let drafted = chat.ask("one").await.turn;
        script("final");
        let again = chat.regenerate(&drafted.turn_id).await;
        chat.watch().await.until_turn_ended(&again.turn_id).await;
        script("second");
        chat.ask("two").await;
        let third = chat.send("three").await;
        chat.outcome(&third).await;

        let fork = chat.fork(third.message_id()).await;
        assert_eq!((fork.message_count, fork.active_turn_id.as_str()), (4, ""));
        let forked = banto.owner().conversation(&fork.conversation_id);
        assert_eq!(forked.texts().await, ["one", "final", "two", "second"], "no superseded reply");
        let (copy, original) = (forked.transcript().await, chat.transcript().await);
        for item in &copy.items {
            assert!(original.items.iter().all(|it| it.message_id != item.message_id), "ids of its own");
            let turn = copy.turns.iter().find(|turn| turn.turn_id == item.turn_id).expect("its turn");
            assert!([&turn.user_message_id, &turn.assistant_message_id].contains(&&item.message_id));
        }
        // The copy of the latest turn can be answered again; the original does not notice.
        let latest = copy.items[3].turn_id.clone();
        let anew = forked.regenerate(&latest).await;
        forked.watch().await.until_turn_ended(&anew.turn_id).await;
        assert_eq!(forked.texts().await.len(), 5);
        assert_eq!(chat.transcript().await.items, original.items);

        chat.delete().await.granted();
        let left = forked.page(GetTranscriptRequest { page_size: 2, ..Default::default() }).await;
        assert!(left.items.len() == 2 && left.has_earlier, "the fork outlives what it came from");
        let view = forked.watch().await.view;
        banto.kill().await;
        banto.restart().await;
        let forked = banto.owner().conversation(&fork.conversation_id);
        assert_eq!(forked.watch().await.view, view);
        forked.ask("and on").await;
    }
}

#[tokio::test]
async fn of_changes_at_once_one_wins_and_nothing_is_half_done() {
    let pair = Pair::start().await;
    for banto in &pair.servers {
        let owner = banto.owner();
        let chat = banto.chat().await;
        let version = chat.transcript().await.conversation.expect("it").version;
        let edits = (0..20).map(|number| {
            let settings = ConversationSettings { instructions: format!("{number}"), ..Default::default() };
            chat.update(UpdateConversationRequest {
                title: Some(format!("{number}")),
                settings: Some(settings),
                expected_version: version,
                ..Default::default()
            })
        });
        let (won, lost): (Vec<_>, Vec<_>) = join_all(edits).await.into_iter().partition(Result::is_ok);
        assert_eq!((won.len(), lost.len()), (1, 19));
        for refusal in lost {
            refusal.refused().is(Code::Aborted, "VERSION_CONFLICT");
        }
        let now = chat.transcript().await.conversation.expect("it");
        assert_eq!(now.title, now.settings.expect("settings").instructions, "one edit as a whole");

        let create = || async {
            let request = CreateConversationRequest { request_id: "once".into(), ..Default::default() };
            let created = owner.conversations().create_conversation(request).await.granted();
            created.conversation.expect("it").conversation_id
        };
        let created: BTreeSet<_> = join_all((0..20).map(|_| create())).await.into_iter().collect();
        assert_eq!(created.len(), 1);
    }
}

#[tokio::test]
async fn deleting_takes_all_rows_but_the_record_of_what_was_spent() {
    let pair = Pair::start().await;
    for (banto, sql) in pair.servers.iter().zip(pair.sql().await) {
        let (gone, kept) = (banto.chat().await, banto.chat().await);
        for chat in [&gone, &kept] {
            let turn = chat.ask("a recipe").await.turn;
            let again = chat.regenerate(&turn.turn_id).await;
            chat.watch().await.until_turn_ended(&again.turn_id).await;
        }
        let count = async |table: &str| sql.number(&format!("SELECT count(*) FROM {table}")).await;
        let tables = ["conversations", "messages", "turns", "conversation_events"];
        let mut before = Vec::new();
        for table in tables {
            before.push(count(table).await);
        }
        gone.delete().await.granted();
        for (table, before) in tables.into_iter().zip(before) {
            assert_eq!(count(table).await, before / 2, "{table}");
        }
        assert_eq!(count("jobs").await, 4, "jobs say what was spent");
        assert_eq!(kept.texts().await.len(), 3);
        assert_eq!(hits(&banto.owner(), "a recipe", 10).await.len(), 1);
    }
}

#[tokio::test]
async fn the_latest_turn_is_the_latest_though_the_clock_was_set_back() {
    let mut pair = Pair::start().await;
    let mut ids = Vec::new();
    for banto in &mut pair.servers {
        let chat = banto.chat().await;
        let first = chat.ask("before the clock was set back").await.turn;
        ids.push((chat.conversation_id, first.turn_id));
    }
    // As if those rows were written while the clock was ahead.
    for (sql, ahead) in pair.sql().await.iter().zip(["'2036-01-01 00:00:00+00:00'"; 2]) {
        for (table, column) in [
            ("turns", "created_at"),
            ("messages", "created_at"),
            ("jobs", "created_at"),
            ("conversation_events", "occurred_at"),
        ] {
            sql.run(&format!("UPDATE {table} SET {column} = {ahead}")).await;
        }
    }
    for (banto, (conversation_id, first)) in pair.servers.iter().zip(ids) {
        let chat = banto.owner().conversation(&conversation_id);
        let second = chat.ask("after it").await.turn;
        assert_eq!(chat.texts().await[2], "after it", "in the order of sending");
        let stale = banto_proto::v1::RegenerateTurnRequest { turn_id: first, request_id: "stale".into() };
        let refusal = chat.caller.conversations().regenerate_turn(stale).await.refused();
        refusal.is(Code::FailedPrecondition, "TURN_NOT_ELIGIBLE");
        let again = chat.regenerate(&second.turn_id).await;
        chat.watch().await.until_turn_ended(&again.turn_id).await;
        let fresh = chat.watch().await.view;
        assert_eq!(fresh.reply(&again.turn_id).map(|reply| reply.superseded), Some(false));
    }
}
