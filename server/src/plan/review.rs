//! Approving and rejecting: what a person says of exactly one text.

use super::{Plans, comment::require_of};
use crate::{
    access::Principal,
    error::{Error, Result},
    fail_point,
    id::{PlanId, RevisionId},
    store::{
        audit,
        plan::{self, Decision},
        plan_event::{self, Body},
        plan_revision,
    },
};
use serde_json::json;

/// Decisions that a plan remembers; of older ones the audit log has all but the note.
const MOST_DECISIONS: usize = 100;
/// Longest note, in characters.
pub const MAX_NOTE: usize = 2_000;

/// What a person approves.
#[derive(Clone, Debug)]
pub struct Approval {
    /// The revision that was seen.
    pub revision: RevisionId,
    /// Hash of the text that was seen.
    pub content_hash: String,
    /// What to say.
    pub note: String,
    /// Errors that are accepted.
    pub accepted_errors: u32,
}

impl Plans {
    /// Approves the newest revision.
    ///
    /// # Errors
    /// `PlanBusy`; `VersionConflict` when the revision is not the newest, or its text
    /// another; `PlanNotSound` for errors that nobody accepted.
    pub async fn approve(&self, by: &Principal, id: PlanId, wanted: Approval) -> Result<plan::Model> {
        let plan = self.get(&by.access, id).await?;
        let (revision, text) = self.revision(&by.access, wanted.revision).await?;
        require_of(id, &revision)?;
        // The text itself is asked, not what its row says of it.
        if plan_revision::hash(&text) != wanted.content_hash {
            return Err(conflict(&plan));
        }
        // Of a closed workspace nothing is known, so nothing is approved there.
        self.workspaces.places(plan.workspace_id).await?;
        let errors = self.check_text(&plan, &text).await?.errors();
        if errors != wanted.accepted_errors {
            return Err(Error::PlanNotSound { errors });
        }
        let decision = Decision {
            approved: true,
            revision_id: revision.id,
            content_hash: wanted.content_hash,
            by: by.name.clone(),
            note: wanted.note,
            accepted_errors: errors,
            at: crate::clock::now(),
        };
        self.decide(by, id, decision).await
    }

    /// Rejects the newest revision, which takes an approval back.
    ///
    /// # Errors
    /// `PlanBusy`; `VersionConflict` when it is not the newest.
    pub async fn reject(
        &self,
        by: &Principal,
        id: PlanId,
        revision: RevisionId,
        note: String,
    ) -> Result<plan::Model> {
        let (revision, _) = self.revision(&by.access, revision).await?;
        require_of(id, &revision)?;
        let decision = Decision {
            approved: false,
            revision_id: revision.id,
            content_hash: revision.content_hash,
            by: by.name.clone(),
            note,
            accepted_errors: 0,
            at: crate::clock::now(),
        };
        self.decide(by, id, decision).await
    }

    async fn decide(&self, by: &Principal, id: PlanId, decision: Decision) -> Result<plan::Model> {
        let tx = self.store.begin().await?;
        let mut plan = plan::lock(&tx, &by.access, id).await?;
        if let Some(active_revision_id) = plan.active_revision_id {
            return Err(Error::PlanBusy { active_revision_id });
        }
        if plan.head_revision_id != Some(decision.revision_id) {
            return Err(conflict(&plan));
        }
        let action = if decision.approved { "plan.approve" } else { "plan.reject" };
        let detail = json!({
            "revision": decision.revision_id,
            "content_hash": decision.content_hash,
            "note_hash": plan_revision::hash(&decision.note),
            "accepted_errors": decision.accepted_errors,
        });
        audit::append(&tx, &by.name, action, &id.to_string(), detail).await?;
        let decisions = &mut plan.decisions.0;
        decisions.push(decision);
        let surplus = decisions.len().saturating_sub(MOST_DECISIONS);
        decisions.drain(..surplus);
        let event = plan_event::append(&tx, &mut plan, Body::Changed).await?;
        fail_point::reach("plan.deciding");
        tx.commit().await?;
        fail_point::reach("plan.decided");
        self.tell(vec![event]);
        Ok(plan)
    }

    /// Renames a plan, archives it, or brings it back.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn update(
        &self,
        by: &Principal,
        id: PlanId,
        title: Option<String>,
        archived: Option<bool>,
    ) -> Result<plan::Model> {
        let tx = self.store.begin().await?;
        let mut plan = plan::lock(&tx, &by.access, id).await?;
        let before = (plan.title.clone(), plan.archived_at.is_some());
        if let Some(title) = title {
            plan.title = title;
        }
        if let Some(archived) = archived.filter(|archived| *archived != before.1) {
            plan.archived_at = archived.then(crate::clock::now);
        }
        if before == (plan.title.clone(), plan.archived_at.is_some()) {
            return Ok(plan);
        }
        let detail = json!({ "archived": plan.archived_at.is_some() });
        audit::append(&tx, &by.name, "plan.update", &id.to_string(), detail).await?;
        let event = plan_event::append(&tx, &mut plan, Body::Changed).await?;
        tx.commit().await?;
        self.tell(vec![event]);
        Ok(plan)
    }
}

fn conflict(plan: &plan::Model) -> Error {
    Error::VersionConflict { current_version: plan.version.unsigned_abs() }
}
