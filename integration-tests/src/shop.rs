//! A repository to work on, and a model that knows it.

use crate::{
    Banto, Builder,
    upstream::{Exchange, Script, Upstream},
};
use banto_proto::v1::StageKind;
use serde_json::{Value, json};
use std::{fs, path::PathBuf};
use tempfile::TempDir;

/// A repository of a small shop.
#[derive(Debug)]
pub struct Shop(TempDir);

impl Default for Shop {
    fn default() -> Self {
        Self::new()
    }
}

impl Shop {
    /// Makes it, with two commits.
    #[must_use]
    pub fn new() -> Self {
        let shop = Self(tempfile::tempdir().expect("a folder"));
        shop.git(&["init", "-q"]);
        for (path, text) in FILES {
            shop.write(path, text);
        }
        shop.commit("Sell tea");
        shop.write("src/payment/refund.rs", "use super::gateway::Gateway;\n\n/// Gives money back.\npub fn refund_payment(gateway: &Gateway, order: u64) -> bool {\n    gateway.credit(order)\n}\n");
        shop.write("src/payment/gateway.rs", "/// Talks to the bank.\npub struct Gateway;\n\nimpl Gateway {\n    pub fn charge(&self, _: u64) -> bool {\n        true\n    }\n\n    pub fn credit(&self, _: u64) -> bool {\n        true\n    }\n}\n");
        shop.commit("Refund payments through the gateway");
        shop
    }

    /// Its folder, without links.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.0.path().canonicalize().expect("a folder")
    }

    /// Writes a file.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("its folder");
        fs::write(path, content).expect("a file");
    }

    /// Commits all that is there.
    pub fn commit(&self, message: &str) {
        self.git(&["add", "."]);
        self.git(&["commit", "-qm", message]);
    }

    /// Runs git in it.
    pub fn git(&self, arguments: &[&str]) {
        let output = std::process::Command::new("git")
            .args(["-c", "init.defaultBranch=main"])
            .args(arguments)
            .current_dir(self.path())
            .env("HOME", self.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .envs([("GIT_AUTHOR_NAME", "A"), ("GIT_AUTHOR_EMAIL", "a@example.org")])
            .envs([("GIT_COMMITTER_NAME", "A"), ("GIT_COMMITTER_EMAIL", "a@example.org")])
            .output()
            .expect("git");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// A server whose default workspace it is.
    #[must_use]
    pub fn builder(&self) -> Builder {
        let path = self.path();
        Banto::builder()
            .flag("--workspace")
            .flag(path.to_str().expect("UTF-8"))
            .set("timeouts.retry_base_ms", 1)
    }

    /// A server whose model is the upstream.
    pub async fn with(&self, upstream: &Upstream) -> Banto {
        self.builder().provider("openai", &upstream.base_url()).start().await
    }
}

const FILES: &[(&str, &str)] = &[
    ("README.md", "# Shop\n\nSells tea.\n"),
    (".gitignore", "target/\n"),
    (".env", "BANK_KEY=canary-of-the-bank\n"),
    ("src/main.rs", "mod cart;\nmod payment;\nmod stock;\n\nfn main() {\n    println!(\"tea\");\n}\n"),
    (
        "src/cart.rs",
        "/// What somebody wants to buy.\npub struct Cart {\n    pub items: Vec<u64>,\n}\n\nimpl Cart {\n    pub fn add(&mut self, item: u64) {\n        self.items.push(item);\n    }\n}\n",
    ),
    ("src/stock.rs", "/// What there is to sell.\npub fn in_stock(item: u64) -> bool {\n    item > 0\n}\n"),
    ("src/payment/mod.rs", "pub mod gateway;\npub mod receipt;\npub mod refund;\n"),
    (
        "src/payment/receipt.rs",
        "/// Prints what was paid.\npub fn print_receipt(order: u64) -> String {\n    format!(\"paid {order}\")\n}\n",
    ),
    ("tests/refund.rs", "use shop::payment::refund::refund_payment;\n\n#[test]\nfn a_refund_is_given() {}\n"),
    ("docs/payments.md", "# Payments\n\nHow money comes and goes.\n"),
];

/// The task that most tests look for.
pub const REFUND: &str =
    "Refund payments twice\n\nrefund_payment must not give money back twice for an order.";

/// Everything that a request tells the model.
#[must_use]
pub fn told(exchange: &Exchange) -> String {
    let body = exchange.json();
    let messages = body["messages"].as_array().cloned().unwrap_or_default();
    let texts: Vec<_> = messages.iter().filter_map(|message| message["content"].as_str()).collect();
    texts.join("\n")
}

/// Which stage asks.
#[must_use]
pub fn stage_of(exchange: &Exchange) -> StageKind {
    let told = told(exchange);
    let stages = [
        ("first of four", StageKind::RootFolderSelection),
        ("second of four", StageKind::RegexFileFilter),
        ("third of four", StageKind::FileRelevanceAssessment),
        ("last of four", StageKind::ExtendedPathFinder),
    ];
    let found = stages.iter().find(|(words, _)| told.contains(words));
    found.map_or(StageKind::Unspecified, |(_, kind)| *kind)
}

/// A whole answer with its counts.
#[must_use]
pub fn answer(value: &Value) -> Script {
    Script::openai().text(value.to_string()).usage(100, 20).done()
}

/// A model that knows the shop.
#[must_use]
pub fn clever(exchange: &Exchange) -> Script {
    match stage_of(exchange) {
        StageKind::RootFolderSelection => answer(&json!({"folders": ["src", "tests"]})),
        StageKind::RegexFileFilter => {
            answer(&json!({"groups": [{"title": "receipts", "path": "receipt", "content": ""}]}))
        }
        StageKind::FileRelevanceAssessment => answer(&json!({"files": relevances(&told(exchange))})),
        StageKind::ExtendedPathFinder => answer(&json!({"files": [
            {"path": "docs/payments.md", "relevance": 80, "reason": "the guide speaks of it"}
        ]})),
        StageKind::Unspecified => Script::openai().text("improved").usage(5, 5).done(),
    }
}

/// What the clever model says of each file that it is shown.
fn relevances(told: &str) -> Vec<Value> {
    let known =
        [("src/payment/refund.rs", 95), ("src/payment/gateway.rs", 70), ("src/payment/receipt.rs", 60)];
    let shown = |path: &str| told.contains(&format!("path=\"{path}\""));
    let judged = known.iter().filter(|(path, _)| shown(path));
    let others = ["src/cart.rs", "src/stock.rs", "src/main.rs", "tests/refund.rs"];
    let others = others.iter().filter(|path| shown(path)).map(|path| (*path, 5));
    let all = judged.map(|(path, relevance)| (*path, *relevance)).chain(others);
    all.map(|(path, relevance)| json!({"path": path, "relevance": relevance, "reason": "so it is"})).collect()
}

/// A plan of more than a megabyte against which nothing can be said, and how many steps it has.
#[must_use]
pub fn large_plan() -> (String, usize) {
    let steps = 400;
    let line = "    let amount = order.items.iter().map(|item| item.price * item.count).sum::<u64>();\n";
    let step = |number| {
        let last = if number == steps { "The very last words." } else { "As the others." };
        format!(
            "    <plan_step number=\"{number}\">\n      <title>Part {number}</title>\n      <description>{last}</description>\n\
             \x20     <file_operations>\n        <operation type=\"create\" path=\"src/parts/part_{number}.rs\">\n\
             \x20         <changes><![CDATA[pub fn part_{number}(order: &Order) -> u64 {{\n{}    amount\n}}\n]]></changes>\n\
             \x20       </operation>\n      </file_operations>\n    </plan_step>\n",
            line.repeat(28)
        )
    };
    let all: String = (1..=steps).map(step).collect();
    (format!("<implementation_plan>\n  <steps>\n{all}  </steps>\n</implementation_plan>\n"), steps)
}
