//! Cases from a repository's own history: commits whose message tells a task, and
//! whose files can be known without being told.

use super::Case;
use crate::{
    error::Error,
    history::{NEWEST, told},
    kind::Kind,
    tree::{Repository, changes},
};
use gix::{revision::walk::Sorting, traverse::commit::simple::CommitTimeOrder};

/// A commit that changes more is a sweep.
const WIDEST: usize = 20;
const MOST_GOLD: usize = 6;

/// At most `limit` cases, spread evenly over the newest commits.
pub(super) fn cases(repository: &Repository, limit: usize) -> Result<Vec<Case>, Error> {
    let Some(head) = repository.head() else { return Ok(Vec::new()) };
    let sorting = Sorting::ByCommitTime(CommitTimeOrder::NewestFirst);
    let walk = repository.git.rev_walk([head]).sorting(sorting).all().map_err(Error::repository)?;
    let ids = walk.map_while(Result::ok).take(NEWEST).map(|it| it.id);
    let found: Vec<_> = ids.filter_map(|id| case(repository, id)).collect();
    let all = found.len();
    let evenly = (0..limit.min(all)).filter_map(|at| found.get(at * all / limit.min(all)).cloned());
    Ok(evenly.collect())
}

fn case(repository: &Repository, id: gix::ObjectId) -> Option<Case> {
    let commit = repository.git.find_commit(id).ok()?;
    let parents: Vec<_> = commit.parent_ids().map(gix::Id::detach).collect();
    let [parent] = parents.as_slice() else { return None };
    let author = commit.author().ok()?;
    let task = told(&String::from_utf8_lossy(commit.message_raw_sloppy()));
    if is_bot(&format!("{} {}", author.name, author.email)) || !is_task(&task) {
        return None;
    }
    let before = repository.git.find_commit(*parent).ok()?.tree_id().ok()?.detach();
    let changed = changes(repository, Some(before), commit.tree_id().ok()?.detach())?;
    if changed.len() > WIDEST {
        return None;
    }
    let is_gold = |path: &str| Kind::of_path(path) == Kind::Source;
    let gold = changed.into_iter().filter(|it| it.before.is_some()).map(|it| it.path);
    let gold: Vec<_> = gold.filter(|path| is_gold(path)).collect();
    let fair = (1..=MOST_GOLD).contains(&gold.len()) && !gold.iter().any(|path| names(&task, path));
    let (commit, parent) = (id.to_string(), parent.to_string());
    fair.then_some(Case { commit, parent, task, gold, author_kind: None })
}

fn is_bot(author: &str) -> bool {
    let author = author.to_lowercase();
    ["[bot]", "dependabot", "renovate", "github-actions", "-bot", " bot "]
        .iter()
        .any(|it| author.contains(it))
}

/// Whether a message tells something that has to be thought about.
fn is_task(message: &str) -> bool {
    let title = message.lines().next().unwrap_or_default().to_lowercase();
    let words: Vec<_> = title.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty()).collect();
    let starts = |with: &[&str]| words.first().is_some_and(|it| with.contains(it));
    let has = |any: &[&str]| words.iter().any(|it| any.contains(it));
    let dull = starts(&[
        "revert", "merge", "release", "bump", "wip", "prepare", "publish", "style", "format", "fmt",
    ]) || has(&[
        "rustfmt",
        "prettier",
        "eslint",
        "clippy",
        "gofmt",
        "reformat",
        "formatting",
        "whitespace",
        "lint",
    ]) || has(&[
        "dependency",
        "dependencies",
        "deps",
        "version",
        "changelog",
        "typo",
        "typos",
        "license",
    ]);
    words.len() >= 3 && !dull
}

/// Whether a message gives a file away: its name, or a stem that is no usual word.
fn names(message: &str, path: &str) -> bool {
    let (message, path) = (message.to_lowercase(), path.to_lowercase());
    let name = path.rsplit('/').next().unwrap_or_default();
    let stem = name.split('.').next().unwrap_or_default();
    let mut words = message.split(|it: char| !it.is_alphanumeric() && !"_-".contains(it));
    message.contains(name) || (stem.len() > 3 && words.any(|it| it == stem))
}

#[cfg(test)]
mod tests {
    use super::{is_bot, is_task, names};

    #[test]
    fn only_tasks_are_cases() {
        assert!(is_task("Retry when the stream breaks"));
        for dull in ["Revert \"Retry\"", "Bump serde to 1.2", "Run rustfmt", "Fix typo in message", "fix"] {
            assert!(!is_task(dull), "{dull}");
        }
        assert!(is_bot("dependabot[bot] <x@y>") && !is_bot("Abbot <abbot@example.com>"));
        assert!(names("Fix feed.rs", "src/feed.rs") && names("Fix the feed", "src/feed.rs"));
        assert!(!names("Fix feeding", "src/feed.rs") && !names("Fix the lib", "src/lib.rs"));
    }
}
