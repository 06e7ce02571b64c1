//! Several conversations: named, archived, deleted, forked, answered anew,
//! paged and searched.

use banto_integration_tests::{
    Answer as _, Banto, Caller, Companion,
    sql::Sql,
    upstream::{Script, Upstream},
};
use banto_proto::v1::{
    Conversation, CreateConversationRequest, ForkConversationRequest, GetTranscriptRequest,
    ListConversationsRequest, RegenerateTurnRequest, RunState, SearchMessagesRequest, SearchMessagesResponse,
    TranscriptItem, UpdateConversationRequest,
};
use tonic::Code;

async fn list(caller: &Caller, request: ListConversationsRequest) -> Vec<Conversation> {
    caller.conversations().list_conversations(request).await.granted().conversations
}

fn ids(conversations: &[Conversation]) -> Vec<&str> {
    conversations.iter().map(|it| it.conversation_id.as_str()).collect()
}

#[tokio::test]
async fn the_first_message_names_a_conversation() {
    let banto = Banto::guide().await;
    let accepted = banto.companion().send("Where are the settings kept?").await;
    let chat = banto.owner().conversation(accepted.conversation_id());
    chat.outcome(&accepted).await;
    let conversation = chat.transcript().await.conversation.expect("it");
    assert!(conversation.title.contains("settings"), "{:?}", conversation.title);
    assert_eq!(conversation.message_count, 2);
    assert_eq!(banto.companion().transcript().await.conversation, Some(conversation), "it is the latest");
}

#[tokio::test]
async fn conversations_are_listed_renamed_and_archived() {
    let banto = Banto::guide().await;
    let owner = banto.owner();
    let (first, second) = (banto.chat().await, banto.chat().await);
    let all = list(&owner, ListConversationsRequest::default()).await;
    assert_eq!(ids(&all), [&second.conversation_id, &first.conversation_id], "the latest first");
    first.ask("hello").await;
    let all = list(&owner, ListConversationsRequest::default()).await;
    assert_eq!(ids(&all), [&first.conversation_id, &second.conversation_id], "a message makes it the latest");

    let renamed = first.rename("お茶の話").await;
    assert_eq!(renamed.title, "お茶の話");
    let stale = UpdateConversationRequest {
        title: Some("again".into()),
        expected_version: renamed.version - 1,
        ..Default::default()
    };
    let refusal = first.update(stale).await.refused().is(Code::Aborted, "VERSION_CONFLICT");
    refusal.says("current_version", &renamed.version.to_string());
    let by_title = ListConversationsRequest { title_contains: "お茶".into(), ..Default::default() };
    assert_eq!(ids(&list(&owner, by_title).await), [&first.conversation_id]);

    let archive = |archived| UpdateConversationRequest { archived: Some(archived), ..Default::default() };
    assert!(first.update(archive(true)).await.granted().archived_at.is_some());
    assert_eq!(ids(&list(&owner, ListConversationsRequest::default()).await), [&second.conversation_id]);
    let archived = ListConversationsRequest { archived: true, ..Default::default() };
    assert_eq!(ids(&list(&owner, archived).await), [&first.conversation_id]);
    assert!(first.update(archive(false)).await.granted().archived_at.is_none());

    let too_long = UpdateConversationRequest { title: Some("題".repeat(201)), ..Default::default() };
    first.update(too_long).await.refused().blames("title");
}

#[tokio::test]
async fn the_list_is_paged() {
    let banto = Banto::guide().await;
    for _ in 0..7 {
        banto.chat().await;
    }
    let (mut seen, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = ListConversationsRequest { page_size: 3, page_token, ..Default::default() };
        let page = banto.owner().conversations().list_conversations(request).await.granted();
        assert!(page.conversations.len() <= 3);
        seen.extend(page.conversations);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(seen, list(&banto.owner(), ListConversationsRequest::default()).await);
    assert_eq!(seen.len(), 7);
}

#[tokio::test]
async fn a_request_id_creates_and_forks_once() {
    let banto = Banto::guide().await;
    let create = async || {
        let request = CreateConversationRequest { request_id: "create".into(), ..Default::default() };
        let created = banto.owner().conversations().create_conversation(request).await.granted();
        created.conversation.expect("it").conversation_id
    };
    let id = create().await;
    assert_eq!(create().await, id);
    let chat = banto.owner().conversation(&id);
    let accepted = chat.send("hello").await;
    chat.outcome(&accepted).await;
    let fork = async || {
        let request = ForkConversationRequest {
            conversation_id: id.clone(),
            before_message_id: accepted.message_id().into(),
            request_id: "fork".into(),
            title: String::new(),
        };
        let fork = banto.owner().conversations().fork_conversation(request).await.granted();
        fork.conversation.expect("it").conversation_id
    };
    assert_eq!(fork().await, fork().await);
    assert_eq!(list(&banto.owner(), ListConversationsRequest::default()).await.len(), 2);
}

#[tokio::test]
async fn deleting_takes_everything_and_ends_the_watches() {
    let upstream = Upstream::start().await;
    let banto = Banto::with(&upstream).await;
    let chat = banto.chat().await;
    chat.ask("a secret recipe").await;
    upstream.push(Script::openai().text("still ").hang());
    let mut watch = chat.watch().await;
    let running = chat.send("more").await;
    let refusal = chat.delete().await.refused().is(Code::FailedPrecondition, "TURN_IN_PROGRESS");
    refusal.says("active_turn_id", running.turn_id());
    chat.cancel(running.turn_id()).await;

    chat.delete().await.granted();
    watch.until("the deletion", |watch| watch.view.deleted).await;
    assert_eq!(watch.until_closed().await.ok(), Some(()));
    chat.delete().await.refused().is(Code::NotFound, "CONVERSATION_NOT_FOUND");
    assert!(search(&banto.owner(), "recipe").await.hits.is_empty());

    let database = Sql::of(&banto).await;
    for table in ["conversations", "messages", "turns", "conversation_events"] {
        assert_eq!(database.number(&format!("SELECT count(*) FROM {table}")).await, 0, "{table}");
    }
}

#[tokio::test]
async fn a_fork_copies_what_came_before() {
    let upstream = Upstream::start().await;
    let banto = Banto::with(&upstream).await;
    let chat = banto.chat().await;
    chat.ask("one").await;
    let second = chat.send("two").await;
    chat.outcome(&second).await;
    chat.ask("three").await;

    let fork = chat.fork(second.message_id()).await;
    assert_eq!(fork.forked_from_conversation_id, chat.conversation_id);
    assert_eq!(fork.forked_before_message_id, second.message_id());
    let forked = banto.owner().conversation(&fork.conversation_id);
    assert_eq!(forked.texts().await, chat.texts().await[..2]);
    forked.ask("two, but better").await;
    assert_eq!((forked.texts().await.len(), chat.texts().await.len()), (4, 6), "the original stays");
    let body = upstream.request(3).await.json().to_string();
    assert!(body.contains("\"one\"") && !body.contains("\"two\""), "the model sees the copy: {body}");

    let reply = chat.transcript().await.items[1].message_id.clone();
    let request = ForkConversationRequest {
        conversation_id: chat.conversation_id.clone(),
        before_message_id: reply,
        ..Default::default()
    };
    let refusal = banto.owner().conversations().fork_conversation(request).await.refused();
    refusal.is(Code::FailedPrecondition, "TURN_NOT_ELIGIBLE");
}

#[tokio::test]
async fn a_regenerated_reply_supersedes_the_former() {
    let upstream = Upstream::start().await;
    let banto = Banto::with(&upstream).await;
    let chat = banto.chat().await;
    let first = chat.ask("one").await.turn;
    let second = chat.ask("two").await.turn;
    let regenerate = async |turn_id: &str, request_id: &str| {
        let request = RegenerateTurnRequest { turn_id: turn_id.into(), request_id: request_id.into() };
        banto.owner().conversations().regenerate_turn(request).await
    };
    let refusal = regenerate(&first.turn_id, "a").await.refused();
    refusal.is(Code::FailedPrecondition, "TURN_NOT_ELIGIBLE");

    upstream.push(Script::openai().text("Another answer.").done());
    let answer = regenerate(&second.turn_id, "b").await.granted();
    let again = regenerate(&second.turn_id, "b").await.granted();
    let turn = answer.turn.expect("the turn");
    assert_eq!((answer.replayed, again.replayed), (false, true));
    assert_eq!(again.turn.expect("the turn").turn_id, turn.turn_id);
    assert_eq!(turn.user_message_id, second.user_message_id);

    let mut watch = chat.watch().await;
    assert_eq!(watch.until_turn_ended(&turn.turn_id).await.state(), RunState::Completed);
    let transcript = chat.transcript().await;
    let replies =
        transcript.items.iter().filter(|item| item.turn_id == second.turn_id || item.turn_id == turn.turn_id);
    let marks: Vec<_> = replies.map(|item| item.superseded).collect();
    assert_eq!(marks, [false, true, false], "message, former reply, new reply");
    let former = transcript.turns.iter().find(|turn| turn.turn_id == second.turn_id).expect("it stays");
    assert_eq!(former.superseded_by, turn.turn_id);
}

#[tokio::test]
async fn ten_thousand_items_are_paged_both_ways() {
    let banto = Banto::guide().await;
    let chat = banto.chat().await;
    chat.ask("hello").await;
    let database = Sql::of(&banto).await;
    // Only this many real turns would be too slow for a test.
    database
        .run(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9998) \
             INSERT INTO messages (id, workspace_id, conversation_id, sequence, turn_id, role, text, \
             search_text, state, superseded, citations, client_message_id, created_at) \
             SELECT randomblob(16), workspace_id, conversation_id, 1000 + i, turn_id, role, 'item ' || i, \
             'item ' || i, state, superseded, citations, NULL, created_at FROM n, messages \
             WHERE client_message_id IS NOT NULL",
        )
        .await;
    database.run("UPDATE conversations SET head_sequence = 10998, message_count = 10000").await;

    let newest = chat.transcript().await;
    assert_eq!((newest.items.len(), newest.has_earlier, newest.has_later), (100, true, false));
    assert_eq!(newest.items[99].text, "item 9998");

    let (mut backwards, mut before_sequence) = (Vec::new(), 0);
    loop {
        let page =
            chat.page(GetTranscriptRequest { before_sequence, page_size: 500, ..Default::default() }).await;
        before_sequence = page.items[0].sequence;
        backwards.splice(0..0, page.items);
        if !page.has_earlier {
            break;
        }
    }
    assert_eq!(backwards.len(), 10_000);
    assert!(backwards.is_sorted_by(|a, b| a.sequence < b.sequence));

    let (mut forwards, mut after_sequence) = (backwards[..1].to_vec(), backwards[0].sequence);
    loop {
        let page =
            chat.page(GetTranscriptRequest { after_sequence, page_size: 333, ..Default::default() }).await;
        after_sequence = page.items.last().expect("an item").sequence;
        forwards.extend(page.items);
        if !page.has_later {
            break;
        }
    }
    let texts = |items: &[TranscriptItem]| items.iter().map(|item| item.text.clone()).collect::<Vec<_>>();
    assert_eq!(texts(&forwards), texts(&backwards));
    assert_eq!(chat.watch().await.view.items.len(), 100, "a watch begins with the newest");
}

async fn search(caller: &Caller, query: &str) -> SearchMessagesResponse {
    let request = SearchMessagesRequest { query: query.into(), ..Default::default() };
    caller.conversations().search_messages(request).await.granted()
}

async fn found(chat: &Companion, query: &str) -> Vec<String> {
    search(&chat.caller, query)
        .await
        .hits
        .into_iter()
        .filter_map(|hit| hit.item)
        .map(|item| item.text)
        .collect()
}

#[tokio::test]
async fn messages_are_found_in_any_script_and_width() {
    let upstream = Upstream::start().await;
    let banto = Banto::with(&upstream).await;
    let chat = banto.chat().await;
    let texts = [
        "東京タワーの高さは333メートルです",
        "ﾊﾝｶｸ ｶﾅ と Ｆｕｌｌ Ｗｉｄｔｈ",
        "Plain English, 100% of it_all",
    ];
    for text in texts {
        chat.ask(text).await;
    }
    assert_eq!(found(&chat, "タワー").await, [texts[0]]);
    assert_eq!(found(&chat, "高さ 東京").await, [texts[0]], "every term, in any order");
    assert_eq!(found(&chat, "３３３").await, [texts[0]], "width does not matter");
    assert_eq!(found(&chat, "ハンカク").await, [texts[1]]);
    assert_eq!(found(&chat, "full width").await, [texts[1]]);
    assert_eq!(found(&chat, "ENGLISH").await, [texts[2]], "case does not matter");
    assert_eq!(found(&chat, "100%").await, [texts[2]], "a sign of the query language is a letter");
    assert_eq!(found(&chat, "it_a").await, [texts[2]]);
    assert!(found(&chat, "東京 English").await.is_empty());
    assert!(found(&chat, "i%l").await.is_empty());

    let hit = search(&banto.owner(), "タワー").await.hits.remove(0);
    assert_eq!(hit.conversation_id, chat.conversation_id);
    assert!(hit.snippet.contains("タワー"));
    let empty = SearchMessagesRequest { query: "  ".into(), ..Default::default() };
    banto.owner().conversations().search_messages(empty).await.refused().blames("query");
}

#[tokio::test]
async fn hits_are_paged_newest_first() {
    let upstream = Upstream::start().await;
    let banto = Banto::with(&upstream).await;
    let chat = banto.chat().await;
    for number in 0..5 {
        chat.ask(&format!("needle {number}")).await;
    }
    let (mut texts, mut page_token) = (Vec::new(), String::new());
    loop {
        let request =
            SearchMessagesRequest { query: "needle".into(), page_size: 2, page_token, ..Default::default() };
        let page = banto.owner().conversations().search_messages(request).await.granted();
        texts.extend(page.hits.into_iter().filter_map(|hit| hit.item).map(|item| item.text));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(texts, ["needle 4", "needle 3", "needle 2", "needle 1", "needle 0"]);
}
