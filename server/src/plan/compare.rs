//! How two revisions differ.

use super::Plans;
use crate::{
    access::Principal,
    error::{Error, Result},
    id::RevisionId,
};
use banto_plan::{Hunk, LineKind, Plan, PlanDiff};

/// How two revisions differ.
#[derive(Clone, Debug)]
pub struct Diff {
    /// The old document.
    pub old: Plan,
    /// The new one.
    pub new: Plan,
    /// By lines.
    pub hunks: Vec<Hunk>,
    /// By structure.
    pub structure: PlanDiff,
    /// Lines that are new.
    pub added: u32,
    /// Lines that are gone.
    pub removed: u32,
}

impl Diff {
    /// Compares two texts. It takes a while for long ones.
    #[must_use]
    pub fn new(old: &str, new: &str) -> Self {
        let hunks = banto_plan::text_diff(old, new);
        let (old, new) = (banto_plan::parse(old).plan, banto_plan::parse(new).plan);
        let structure = banto_plan::structural_diff(&old, &new);
        let (added, removed) = count(&hunks);
        Self { old, new, hunks, structure, added, removed }
    }
}

/// Lines that are new, and lines that are gone.
pub(super) fn count(hunks: &[Hunk]) -> (u32, u32) {
    let of = |kind| {
        let lines = hunks.iter().flat_map(|hunk| &hunk.lines).filter(|line| line.kind == kind);
        u32::try_from(lines.count()).unwrap_or(u32::MAX)
    };
    (of(LineKind::Added), of(LineKind::Removed))
}

impl Plans {
    /// Compares two revisions, of one plan or of two.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn compare(&self, by: &Principal, from: RevisionId, to: RevisionId) -> Result<Diff> {
        let (_, old) = self.revision(&by.access, from).await?;
        let (_, new) = self.revision(&by.access, to).await?;
        let compared = tokio::task::spawn_blocking(move || Diff::new(&old, &new)).await;
        compared.map_err(|error| Error::Internal(format!("a comparison did not end: {error}")))
    }
}
