//! What became of a plan: the files that changed since it was made, beside its
//! operations. No model is called.

use super::{Plans, compare::count};
use crate::{
    access::Principal,
    error::{Error, Noun, Result},
    id::{PlanId, RevisionId},
    store::plan_revision,
    workspace::Ground,
};
use banto_finder::{Changed, Content, Finder};
use banto_plan::{Change, ChangeKind, Hunk, LineKind, Outcome, Plan};
use std::collections::BTreeSet;

/// Most changed files that are compared line by line.
const MOST_CHANGES: usize = 1_000;

/// A file that changed.
#[derive(Clone, Debug)]
pub struct FileChange {
    /// What happened to it.
    pub change: Change,
    /// The lines that differ.
    pub hunks: Vec<Hunk>,
    /// Whether it is not text, so that there are no lines.
    pub is_binary: bool,
}

/// What became of a plan.
#[derive(Clone, Debug)]
pub struct Verified {
    /// The revision.
    pub revision: plan_revision::Model,
    /// What was found.
    pub found: Compared,
}

/// A document beside what changed.
#[derive(Clone, Debug)]
pub struct Compared {
    /// The document.
    pub plan: Plan,
    /// What became of its operations.
    pub outcome: Outcome,
    /// Every file that changed.
    pub changes: Vec<FileChange>,
}

impl Compared {
    /// Compares a text with what changed.
    #[must_use]
    pub fn new(text: &str, changes: Vec<FileChange>) -> Self {
        let plan = banto_plan::parse(text).plan;
        let told: Vec<Change> = changes.iter().map(|file| file.change.clone()).collect();
        Self { outcome: banto_plan::outcome(&plan, &told), plan, changes }
    }
}

impl Plans {
    /// Compares a revision with what happened since its base, or within a range of
    /// commits.
    ///
    /// # Errors
    /// `NotFound`, also of a commit; `InvalidInput` where there is no commit to begin
    /// with.
    pub async fn verify(
        &self,
        by: &Principal,
        id: PlanId,
        revision: Option<RevisionId>,
        from: Option<String>,
        to: Option<String>,
    ) -> Result<Verified> {
        let plan = self.get(&by.access, id).await?;
        let approved = plan.decisions.0.last().filter(|decision| decision.approved);
        let meant = revision.or(approved.map(|decision| decision.revision_id));
        let (revision, text) = self.meant(&plan, meant).await?;
        let mut changes = Vec::new();
        for (place, ground) in self.workspaces.grounds(plan.workspace_id).await?.into_iter().enumerate() {
            let base = plan.bases.0.get(place).map(|base| base.commit.clone());
            let base = base.filter(|commit| !commit.is_empty());
            // A range that somebody names is one of the first root.
            let (start, end) = if place == 0 { (from.clone().or(base), to.clone()) } else { (base, None) };
            let Some(start) = start else {
                if place == 0 {
                    return Err(Error::invalid("from_commit", "the plan was made on no commit; name one"));
                }
                continue;
            };
            let folder = ground.folder.clone();
            let found = self
                .workspaces
                .engine()
                .run(&folder, move |finder| changed_files(finder, &ground, &start, end.as_deref()));
            changes.extend(found.await??);
        }
        changes.truncate(MOST_CHANGES);
        Ok(Verified { revision, found: Compared::new(&text, changes) })
    }
}

/// The files of a root that differ between a commit and another, or the working
/// tree.
///
/// # Errors
/// `NotFound` of a commit.
pub(super) fn changed_files(
    finder: &mut Finder,
    ground: &Ground,
    from: &str,
    to: Option<&str>,
) -> Result<Vec<FileChange>> {
    let unknown = |error: banto_finder::Error| {
        tracing::debug!(%error, "a tree could not be compared");
        Error::NotFound(Noun::Commit)
    };
    let old = finder.tree(Some(from)).map_err(unknown)?;
    let new = finder.tree(to).map_err(unknown)?;
    let changed = finder.compare(&old, &new).into_iter().take(MOST_CHANGES);
    Ok(changed.filter_map(|changed| file_change(ground, changed)).collect())
}

fn file_change(ground: &Ground, changed: Changed) -> Option<FileChange> {
    let path = ground.write(&changed.path)?;
    let text = |content: &Option<Content>| match content {
        None => Some(String::new()),
        Some(Content::Text(text)) => Some(text.clone()),
        Some(_) => None,
    };
    let kind = match (&changed.from, &changed.before, &changed.after) {
        (Some(from), ..) => ChangeKind::Moved { from: ground.write(from)? },
        (None, None, _) => ChangeKind::Added,
        (None, Some(_), None) => ChangeKind::Deleted,
        (None, Some(_), Some(_)) => ChangeKind::Modified,
    };
    let (Some(before), Some(after)) = (text(&changed.before), text(&changed.after)) else {
        let change = Change { path, kind, added_lines: 0, removed_lines: 0, touched_symbols: None };
        return Some(FileChange { change, hunks: Vec::new(), is_binary: true });
    };
    let hunks = banto_plan::text_diff(&before, &after);
    let (added_lines, removed_lines) = count(&hunks);
    let touched_symbols = touched(&changed, &before, &after, &hunks);
    let change = Change { path, kind, added_lines, removed_lines, touched_symbols };
    Some(FileChange { change, hunks, is_binary: false })
}

/// The names within which lines differ: the one that is defined last before a line.
fn touched(changed: &Changed, before: &str, after: &str, hunks: &[Hunk]) -> Option<BTreeSet<String>> {
    let former = changed.from.as_deref().unwrap_or(&changed.path);
    let old = banto_finder::symbols(former, before)?;
    let new = banto_finder::symbols(&changed.path, after)?;
    let mut names = BTreeSet::new();
    let mut note = |symbols: &[banto_finder::Symbol], line: u32| {
        let at = symbols.partition_point(|symbol| symbol.line <= line);
        names.extend(at.checked_sub(1).and_then(|at| symbols.get(at)).map(|symbol| symbol.name.clone()));
    };
    for hunk in hunks {
        let (mut old_line, mut new_line) = (hunk.old_start.max(1), hunk.new_start.max(1));
        for line in &hunk.lines {
            match line.kind {
                LineKind::Context => (old_line, new_line) = (old_line + 1, new_line + 1),
                LineKind::Removed => {
                    if says_something(&line.text) {
                        note(&old, old_line);
                    }
                    old_line += 1;
                }
                LineKind::Added => {
                    if says_something(&line.text) {
                        note(&new, new_line);
                    }
                    new_line += 1;
                }
            }
        }
    }
    Some(names)
}

/// An empty line between two names belongs to neither.
fn says_something(line: &str) -> bool {
    !line.trim().is_empty()
}
