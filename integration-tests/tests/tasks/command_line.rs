//! `banto task`.

use super::desk::{REFUND, Shop, clever};
use banto_integration_tests::{Shell, upstream::Upstream};

#[tokio::test]
async fn a_task_goes_from_words_to_files() {
    let (shop, upstream) = (Shop::new(), Upstream::start().await);
    upstream.set_handler(clever);
    let banto = shop.with(&upstream).await;
    let shell = Shell(&banto);
    let (id, _) = shell.run(&["task", "new", REFUND], 0).await;
    let id = id.trim();
    let (listed, _) = shell.run(&["task", "ls"], 0).await;
    assert!(listed.contains("Refund payments twice") && listed.contains(id), "{listed}");

    let (found, told) = shell.run(&["task", "find", id, "--mode", "engine"], 0).await;
    assert!(found.contains("src/payment/refund.rs"), "{found}");
    assert!(told.contains("mode engine") && told.contains("neighbours:"), "{told}");
    let files = shell.json(&["task", "files", id, "--exclude", "src/payment/refund.rs", "--json"]).await;
    let refund = files.iter().find(|file| file["path"] == "src/payment/refund.rs").expect("it");
    assert_eq!(refund["choice"], "FILE_CHOICE_EXCLUDED");
    shell.run(&["task", "files", id, "--clear", "src/payment/refund.rs", "--pin", "src/cart.rs"], 0).await;

    let judged = shell.json(&["task", "find", "Refund receipts", "--mode", "assisted", "--json"]).await;
    assert_eq!(judged[0]["mode"], "FINDER_MODE_ASSISTED");
    assert!(judged[1..].iter().any(|file| file["path"] == "src/payment/receipt.rs"), "{judged:?}");
    let (improved, _) = shell.run(&["task", "improve", id], 0).await;
    assert_eq!(improved.trim(), "improved");
    let (shown, _) = shell.run(&["task", "show", id], 0).await;
    assert!(shown.contains("twice for an order") && shown.contains("pinned"), "nothing was applied: {shown}");
    shell.run(&["task", "edit", id, "Sell cocoa"], 0).await;
    assert_eq!(shell.json(&["task", "ls", "--query", "cocoa", "--json"]).await[0]["descriptionVersion"], "2");
    shell.run(&["task", "archive", id], 0).await;
    assert!(shell.json(&["task", "ls", "--query", "cocoa", "--json"]).await.is_empty());
    shell.run(&["task", "archive", id, "--undo"], 0).await;
    let (_, refused) = shell.run(&["task", "show", "01900000-0000-7000-8000-000000000000"], 3).await;
    assert!(refused.contains("TASK_NOT_FOUND"), "{refused}");
}
