//! The check of a plan: its form, and what the workspace says to it. No model is
//! called. Facts are collected from a few files and from git, beside any search, so
//! that nobody waits for one.

use super::{MAX_TEXT, Plans};
use crate::{
    access::Principal,
    error::{Error, Result},
    id::{PlanId, RevisionId},
    store::{
        plan::{self, Base, Bases, Shape},
        plan_revision,
        workspace::Roots,
    },
    workspace::{Sight, look, touched_since},
};
use banto_plan::{CommitFact, Facts, FileFact, Lines, Parsed, Position, Problem, Severity};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::Duration,
};

/// How long the end of a revision waits for its check. The check of somebody who
/// asks takes as long as it takes.
const PATIENCE: Duration = Duration::from_secs(5);
/// Files of the same name that a message may propose.
const MOST_CANDIDATES: usize = 5;
/// Commits that are kept for one file.
const MOST_COMMITS: usize = 20;

/// What the check found.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// What is wrong, in the order of the text.
    pub findings: Vec<Finding>,
    /// Steps of the text.
    pub steps: u32,
    /// Operations of the text.
    pub operations: u32,
}

/// Something that is wrong, with its place for people.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What.
    pub problem: Problem,
    /// Line and column.
    pub position: Position,
    /// The file of the operation that it stands in.
    pub path: Option<String>,
}

impl Checked {
    /// Says of a text what its form and these facts show.
    #[must_use]
    pub fn new(text: &str, parsed: &Parsed, facts: &Facts) -> Self {
        let lines = Lines::new(text);
        let finding = |problem: Problem| Finding {
            position: lines.position(problem.place.start),
            path: path_at(parsed, problem.place.start),
            problem,
        };
        let count = |number| u32::try_from(number).unwrap_or(u32::MAX);
        Self {
            findings: banto_plan::check(parsed, facts).into_iter().map(finding).collect(),
            steps: count(parsed.plan.steps.len()),
            operations: count(parsed.plan.steps.iter().map(|step| step.operations.len()).sum()),
        }
    }

    /// How many errors there are.
    #[must_use]
    pub fn errors(&self) -> u32 {
        self.count(Severity::Error)
    }

    /// The numbers alone.
    #[must_use]
    pub fn shape(&self) -> Shape {
        Shape {
            steps: self.steps,
            operations: self.operations,
            errors: self.errors(),
            warnings: self.count(Severity::Warning),
        }
    }

    fn count(&self, severity: Severity) -> u32 {
        let of_it = self.findings.iter().filter(|finding| finding.problem.severity == severity);
        u32::try_from(of_it.count()).unwrap_or(u32::MAX)
    }
}

fn path_at(parsed: &Parsed, at: usize) -> Option<String> {
    for (step, span) in parsed.plan.steps.iter().zip(&parsed.spans.steps) {
        if !span.whole.contains(&at) {
            continue;
        }
        let found = step.operations.iter().zip(&span.operations);
        let mut found = found.filter(|(_, span)| span.whole.contains(&at));
        return found.next().map(|(operation, _)| operation.path.clone());
    }
    None
}

/// Collects what the disk and git say of the files that a plan names. It waits for
/// the disk.
#[must_use]
pub(super) fn gather(roots: &Roots, private: Option<&Path>, bases: &Bases, parsed: &Parsed) -> Facts {
    let plan = &parsed.plan;
    let paths: Vec<String> = plan.paths().into_iter().map(str::to_owned).collect();
    let with_symbols = plan.paths_with_symbols();
    let mut facts = Facts::default();
    for (path, sight) in look(roots, private, paths.clone()) {
        let fact = match sight {
            Sight::File { text, .. } => {
                let text = text.filter(|_| with_symbols.contains(path.as_str()));
                let symbols = text.and_then(|text| banto_finder::symbols(&path, &text));
                let names = symbols.map(|symbols| symbols.into_iter().map(|symbol| symbol.name).collect());
                FileFact::File { symbols: names }
            }
            Sight::Secret => FileFact::Secret { exists: true },
            Sight::Folder => FileFact::Folder,
            Sight::Missing if crate::workspace::secret::looks_secret_path(&path) => {
                FileFact::Secret { exists: false }
            }
            Sight::Missing => FileFact::Missing,
            Sight::Outside => FileFact::Outside,
        };
        facts.files.insert(path, fact);
    }
    let known = |base: &Base| (!base.commit.is_empty()).then(|| (base.root.clone(), base.commit.clone()));
    let bases: Vec<_> = bases.0.iter().filter_map(known).collect();
    for (path, touched) in touched_since(roots, &bases, &paths) {
        let commits = touched.into_iter().take(MOST_COMMITS);
        let commits = commits.map(|touched| CommitFact { id: touched.commit, subject: touched.subject });
        facts.changed_since.insert(path, commits.collect());
    }
    facts
}

/// Proposes files of the same name for those that are missing.
pub(super) fn propose(facts: &mut Facts, all: &[String]) {
    let missing: BTreeSet<String> = missing(facts).map(str::to_owned).collect();
    let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let mut by_name: BTreeMap<String, Vec<&String>> = BTreeMap::new();
    let wanted: BTreeSet<String> = missing.iter().map(|path| name(path)).collect();
    for path in all {
        let name = name(path);
        if wanted.contains(&name) {
            by_name.entry(name).or_default().push(path);
        }
    }
    for path in missing {
        let same = by_name.get(&name(&path)).into_iter().flatten().take(MOST_CANDIDATES);
        facts.candidates.insert(path, same.map(|path| (*path).clone()).collect());
    }
}

fn missing(facts: &Facts) -> impl Iterator<Item = &str> {
    let files = facts.files.iter().filter(|(_, fact)| matches!(fact, FileFact::Missing));
    files.map(|(path, _)| path.as_str())
}

impl Plans {
    /// Checks a revision, or a text in its place.
    ///
    /// # Errors
    /// `NotFound`; `InvalidInput` for the text.
    pub async fn check(
        &self,
        by: &Principal,
        id: PlanId,
        revision: Option<RevisionId>,
        text: Option<String>,
    ) -> Result<Checked> {
        let plan = self.get(&by.access, id).await?;
        let text = match text {
            Some(text) => {
                require_text(&text)?;
                text
            }
            None => self.meant(&plan, revision).await?.1,
        };
        self.check_text(&plan, &text).await
    }

    /// Checks a text as one of a plan.
    pub(super) async fn check_text(&self, plan: &plan::Model, text: &str) -> Result<Checked> {
        let (workspace, bases) = (plan.workspace_id, plan.bases.clone());
        let places = self.workspaces.places(workspace).await;
        let text = text.to_owned();
        let (text, parsed, mut facts) = tokio::task::spawn_blocking(move || {
            let parsed = banto_plan::parse(&text);
            let facts = match places {
                Ok((roots, private)) => gather(&roots, Some(&private), &bases, &parsed),
                // Of a workspace that is closed nothing is known.
                Err(_) => Facts::default(),
            };
            (text, parsed, facts)
        })
        .await
        .map_err(|error| Error::Internal(format!("a check did not end: {error}")))?;
        if missing(&facts).next().is_some()
            && let Ok(Ok(all)) = tokio::time::timeout(PATIENCE, self.workspaces.all_paths(workspace)).await
        {
            propose(&mut facts, &all);
        }
        let checked = tokio::task::spawn_blocking(move || Checked::new(&text, &parsed, &facts)).await;
        checked.map_err(|error| Error::Internal(format!("a check did not end: {error}")))
    }

    /// What the row of a revision says of its text: what the whole check says if it
    /// is soon there, else what its form says.
    pub(super) async fn shape(&self, revision: &plan_revision::Model, text: &str, parsed: &Parsed) -> Shape {
        let whole = async {
            let plan = self.get(&crate::store::Access::All, revision.plan_id).await?;
            self.check_text(&plan, text).await
        };
        match tokio::time::timeout(PATIENCE, whole).await {
            Ok(Ok(checked)) => checked.shape(),
            _ => Checked::new(text, parsed, &Facts::default()).shape(),
        }
    }
}

/// Refuses a text that cannot be kept.
pub(super) fn require_text(text: &str) -> Result<()> {
    if text.is_empty() || text.len() > MAX_TEXT {
        return Err(Error::invalid("text", format!("must be 1 to {MAX_TEXT} bytes")));
    }
    // PostgreSQL keeps no such character, and XML allows none.
    if text.contains('\0') {
        return Err(Error::invalid("text", "must not hold the character U+0000"));
    }
    Ok(())
}
