//! The files of a task: what workflows found, and over it what a person decided.

use super::{
    Tasks,
    history::{self, New, append},
};
use crate::{
    access::Principal,
    error::{Error, Noun, Result},
    id::{TaskId, WorkflowId},
    run::estimated_tokens,
    store::{
        Tx, audit, task, task_file,
        task_version::{self, Cause, Choice, Decisions, History},
    },
    workspace::{FileEntry, WorkspacePath},
};
use serde_json::json;
use std::cmp::Reverse;

/// Most files that a task has.
pub const MOST_FILES: usize = 10_000;

/// A file of a task.
#[derive(Clone, Debug, PartialEq)]
pub struct File {
    /// What is known of it.
    pub row: task_file::Model,
    /// What a person decided; `None`: nothing.
    pub choice: Option<Choice>,
}

impl File {
    /// Whether it is one of the task's files: found or chosen, and not excluded.
    #[must_use]
    pub fn counts(&self) -> bool {
        match self.choice {
            Some(choice) => choice != Choice::Excluded,
            None => self.row.source.is_some(),
        }
    }
}

/// Puts decisions over what was found: pinned files first, then by score, then by
/// path. A file that nobody found and about which nothing is decided any more is
/// left out.
#[must_use]
pub fn merge(rows: Vec<task_file::Model>, decisions: &Decisions) -> Vec<File> {
    let files = rows.into_iter().map(|row| File { choice: decisions.get(&row.path).copied(), row });
    let mut files: Vec<_> = files.filter(|file| file.row.source.is_some() || file.choice.is_some()).collect();
    files.sort_by(|one, other| {
        let pinned = |file: &File| Reverse(file.choice == Some(Choice::Pinned));
        let score = |file: &File| file.row.score.unwrap_or(-1.0);
        pinned(one)
            .cmp(&pinned(other))
            .then(score(other).total_cmp(&score(one)))
            .then_with(|| one.row.path.cmp(&other.row.path))
    });
    files
}

/// Counts the files of a locked task anew.
pub(super) async fn recount(tx: &Tx, task: &mut task::Model) -> Result<()> {
    let decisions = task_version::decisions(tx, task.id, task.files_version).await?;
    let files = merge(task_file::of_task(tx, task.id).await?, &decisions);
    let counted = || files.iter().filter(|file| file.counts());
    task.file_count = i32::try_from(counted().count()).unwrap_or(i32::MAX);
    task.file_tokens = counted().map(|file| file.row.tokens).sum();
    Ok(())
}

/// Adds what a workflow found to a locked task: nothing that is there goes away,
/// and no decision of a person is touched. Returns how many files count that did
/// not before.
///
/// # Errors
/// Storage errors.
pub async fn add_found(tx: &Tx, task: &mut task::Model, found: &[task_file::Model]) -> Result<u32> {
    let before = task.file_count;
    let room = MOST_FILES.saturating_sub(task_file::of_task(tx, task.id).await?.len());
    task_file::put(tx, found.get(..room.min(found.len())).unwrap_or(found)).await?;
    recount(tx, task).await?;
    Ok(u32::try_from(task.file_count - before).unwrap_or_default())
}

/// A file as a task keeps it.
#[must_use]
pub fn row(task_id: TaskId, entry: FileEntry, workflow_id: Option<WorkflowId>) -> task_file::Model {
    task_file::Model {
        task_id,
        tokens: i64::try_from(estimated_tokens(entry.size_bytes)).unwrap_or(i64::MAX),
        size_bytes: i64::try_from(entry.size_bytes).unwrap_or(i64::MAX),
        path: entry.path,
        source: None,
        score: None,
        reasons: task_file::Reasons::default(),
        looks_secret: entry.looks_secret,
        workflow_id,
    }
}

impl Tasks {
    /// Decides about files; `None` takes a decision back. All of it is one version.
    ///
    /// # Errors
    /// `VersionConflict` when the caller saw an old version; `NotFound` for a file to
    /// include or pin; `LimitExceeded` above [`MOST_FILES`].
    pub async fn select(
        &self,
        by: &Principal,
        id: TaskId,
        expected_version: Option<i64>,
        choices: Vec<(WorkspacePath, Option<Choice>)>,
    ) -> Result<task::Model> {
        let task = self.get(&by.access, id).await?;
        // Files are looked at before the transaction, which must not wait for a disk.
        let known = task_file::of_task(self.store.read(), id).await?;
        let mut chosen = Vec::new();
        for (path, choice) in &choices {
            let is_known = known.iter().any(|file| file.path == path.as_str());
            match choice {
                Some(Choice::Included | Choice::Pinned) if !is_known => {
                    let entry = self.workspaces.entry(&by.access, task.workspace_id, path).await?;
                    chosen.push(row(id, entry, None));
                }
                Some(Choice::Excluded) if !is_known => {
                    let entry = self.workspaces.entry(&by.access, task.workspace_id, path).await;
                    // What is gone can be kept out too, for when it comes back.
                    let gone = FileEntry::gone(path.as_str());
                    let entry = match entry {
                        Err(Error::NotFound(Noun::File)) => gone,
                        entry => entry?,
                    };
                    chosen.push(row(id, entry, None));
                }
                _ => {}
            }
        }
        let tx = self.store.begin().await?;
        let mut task = task::lock(&tx, &by.access, id).await?;
        history::expect(&task, History::Files, expected_version)?;
        let mut decisions = task_version::decisions(&tx, id, task.files_version).await?;
        let before = decisions.clone();
        for (path, choice) in choices {
            match choice {
                Some(choice) => decisions.insert(path.as_str().to_owned(), choice),
                None => decisions.remove(path.as_str()),
            };
        }
        if decisions == before {
            return Ok(task);
        }
        if decisions.len().max(known.len() + chosen.len()) > MOST_FILES {
            let what = format!("a task has at most {MOST_FILES} files");
            return Err(Error::LimitExceeded { what, retry_after: None });
        }
        task_file::add(&tx, &chosen).await?;
        let body = serde_json::to_string(&decisions)
            .map_err(|error| Error::Internal(format!("decisions cannot be written: {error}")))?;
        let new = New { history: History::Files, author: &by.name, cause: Cause::Edited, job_id: None, body };
        append(&tx, &mut task, new).await?;
        recount(&tx, &mut task).await?;
        let task = task::save(&tx, task).await?;
        let detail = json!({"version": task.files_version});
        audit::append(&tx, &by.name, "task.select", &id.to_string(), detail).await?;
        tx.commit().await?;
        self.publish(task.clone());
        Ok(task)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::task_file::Source;

    fn found(path: &str, score: Option<f64>) -> task_file::Model {
        let entry = FileEntry::gone(path);
        let source = score.map(|_| Source::Relevant);
        task_file::Model { source, score, ..row(TaskId::new(), entry, None) }
    }

    #[test]
    fn a_person_decides_over_what_was_found() {
        let rows = vec![
            found("a.rs", Some(0.9)),
            found("b.rs", Some(0.5)),
            found("c.rs", None),
            found("d.rs", None),
            found("e.rs", Some(0.7)),
        ];
        let decisions = Decisions::from([
            ("a.rs".to_owned(), Choice::Excluded),
            ("b.rs".to_owned(), Choice::Pinned),
            ("c.rs".to_owned(), Choice::Included),
        ]);
        let files = merge(rows, &decisions);
        let shown: Vec<_> = files.iter().map(|file| (file.row.path.as_str(), file.counts())).collect();
        assert_eq!(shown, [("b.rs", true), ("a.rs", false), ("e.rs", true), ("c.rs", true)]);
    }
}
