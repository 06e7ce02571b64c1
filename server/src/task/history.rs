//! How a history grows. Each version says where the next undo and redo lead, so
//! that both work after a reload, a restart, and from another tab.

use crate::{
    error::{Error, Result},
    id::JobId,
    store::{
        Tx, task,
        task_version::{self, Cause, History, Model as Version},
    },
};

/// Longest title that follows the first line, in characters.
const TITLE_FROM_TEXT: usize = 80;

/// Where to go in a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    /// This version.
    Version(i64),
    /// Before the latest step that is not undone.
    Undo,
    /// After the step that was undone last.
    Redo,
}

/// The newest version of a history, and where it leads.
#[derive(Clone, Copy, Debug)]
struct Head {
    version: i64,
    undo_to: Option<i64>,
    redo_to: Option<i64>,
}

fn head(task: &task::Model, history: History) -> Head {
    match history {
        History::Description => Head {
            version: task.description_version,
            undo_to: task.undo_description,
            redo_to: task.redo_description,
        },
        History::Files => {
            Head { version: task.files_version, undo_to: task.undo_files, redo_to: task.redo_files }
        }
    }
}

fn set_head(task: &mut task::Model, history: History, head: Head) {
    match history {
        History::Description => {
            task.description_version = head.version;
            task.undo_description = head.undo_to;
            task.redo_description = head.redo_to;
        }
        History::Files => {
            task.files_version = head.version;
            task.undo_files = head.undo_to;
            task.redo_files = head.redo_to;
        }
    }
}

/// Refuses a change of what the caller did not see.
pub(super) fn expect(task: &task::Model, history: History, expected: Option<i64>) -> Result<()> {
    let current = head(task, history).version;
    if expected.is_some_and(|expected| expected != current) {
        return Err(Error::VersionConflict { current_version: u64::try_from(current).unwrap_or_default() });
    }
    Ok(())
}

/// What a new version is made of.
pub(super) struct New<'a> {
    pub history: History,
    pub author: &'a str,
    pub cause: Cause,
    pub job_id: Option<JobId>,
    pub body: String,
}

/// Adds a version with contents of its own; undoing it leads to the one before.
pub(super) async fn append(tx: &Tx, task: &mut task::Model, new: New<'_>) -> Result<()> {
    let before = head(task, new.history);
    // Of the choice of files there is something before the first version: none.
    let undo_to = (before.version > 0 || new.history == History::Files).then_some(before.version);
    let undo_to = undo_to.filter(|_| new.cause != Cause::Created);
    add(tx, task, new, None, undo_to, None).await
}

/// Goes somewhere in a history. Returns the contents that are current then.
pub(super) async fn go(
    tx: &Tx,
    task: &mut task::Model,
    history: History,
    author: &str,
    to: Destination,
) -> Result<String> {
    let now = head(task, history);
    let (target, cause) = match to {
        Destination::Undo => (now.undo_to.ok_or(Error::NothingToRevert)?, Cause::Undone),
        Destination::Redo => (now.redo_to.ok_or(Error::NothingToRevert)?, Cause::Redone),
        Destination::Version(version) => (version, Cause::Reverted),
    };
    let found = at(tx, task, history, target).await?;
    let (undo_to, redo_to) = match to {
        // What is undone is what is current; redoing leads back to it.
        Destination::Undo => (found.undo_to, Some(now.version)),
        // As it was before it was undone.
        Destination::Redo => (found.undo_to, found.redo_to),
        Destination::Version(_) => (Some(now.version), None),
    };
    let restored = Some(found.restored.unwrap_or(target));
    let new = New { history, author, cause, job_id: None, body: found.body.clone() };
    add(tx, task, new, restored, undo_to, redo_to).await?;
    Ok(found.body)
}

async fn at(tx: &Tx, task: &task::Model, history: History, version: i64) -> Result<Version> {
    if (history, version) == (History::Files, 0) {
        // Before the first choice there was none.
        return Ok(Version {
            task_id: task.id,
            history,
            version,
            author: String::new(),
            cause: Cause::Created,
            restored: None,
            undo_to: None,
            redo_to: None,
            job_id: None,
            body: "{}".to_owned(),
            created_at: task.created_at,
        });
    }
    task_version::get(tx, task.id, history, version).await
}

async fn add(
    tx: &Tx,
    task: &mut task::Model,
    new: New<'_>,
    restored: Option<i64>,
    undo_to: Option<i64>,
    redo_to: Option<i64>,
) -> Result<()> {
    let version = head(task, new.history).version + 1;
    let row = Version {
        task_id: task.id,
        history: new.history,
        version,
        author: new.author.to_owned(),
        cause: new.cause,
        restored,
        undo_to,
        redo_to,
        job_id: new.job_id,
        body: new.body,
        created_at: crate::clock::now(),
    };
    task_version::insert(tx, &row).await?;
    set_head(task, new.history, Head { version, undo_to, redo_to });
    Ok(())
}

/// The title of a task that nobody named: its first line that says something,
/// without the marks of a heading.
#[must_use]
pub fn first_line(description: &str) -> String {
    let line = description.lines().map(|line| line.trim().trim_start_matches('#').trim());
    let line = line.into_iter().find(|line| !line.is_empty()).unwrap_or_default();
    let mut title: String = line.chars().filter(|it| !it.is_control()).take(TITLE_FROM_TEXT).collect();
    if line.chars().count() > TITLE_FROM_TEXT {
        title.push('…');
    }
    title
}

#[cfg(test)]
mod tests {
    use super::first_line;

    #[test]
    fn a_title_is_the_first_line_that_says_something() {
        assert_eq!(first_line("\n## \n# Fix the retry\n\nbody"), "Fix the retry");
        assert_eq!(first_line("  \n\t"), "");
        assert_eq!(first_line(&"番".repeat(81)), format!("{}…", "番".repeat(80)));
    }
}
