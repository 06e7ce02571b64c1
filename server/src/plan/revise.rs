//! Revisions that people make: saved, or gone back to.

use super::{
    MOST_REVISIONS, Plans,
    check::{Checked, require_text},
    expect, write,
};
use crate::{
    access::Principal,
    error::{Error, Noun, Result},
    fail_point,
    id::{PlanId, RevisionId},
    run::RunState,
    store::{
        Access, Tx, audit, plan,
        plan_event::{self, Body, Event},
        plan_revision::{self, Asked, Author},
    },
};
use serde_json::json;

/// What was saved.
#[derive(Clone, Debug)]
pub struct Saved {
    /// The plan.
    pub plan: plan::Model,
    /// The revision.
    pub revision: plan_revision::Model,
    /// What the check says of it.
    pub checked: Checked,
}

/// A text that becomes the next revision.
struct Next<'a> {
    author: Author,
    message: String,
    text: &'a str,
    checked: &'a Checked,
    restored: Option<RevisionId>,
    request_id: Option<String>,
}

impl Plans {
    /// Saves a text as the next revision. The same text as now makes none.
    ///
    /// # Errors
    /// `VersionConflict` when the caller saw an old version; `InvalidInput`.
    pub async fn save(
        &self,
        by: &Principal,
        id: PlanId,
        expected_version: Option<i64>,
        text: &str,
        message: String,
        request_id: Option<String>,
    ) -> Result<Saved> {
        require_text(text)?;
        let plan = self.get(&by.access, id).await?;
        let checked = self.check_text(&plan, text).await?;
        let tx = self.store.begin().await?;
        let mut plan = plan::lock(&tx, &by.access, id).await?;
        if let Some(request) = &request_id
            && let Some(revision) = plan_revision::by_request(&tx, id, request).await?
        {
            if revision.content_hash != plan_revision::hash(text) {
                return Err(Error::invalid("request_id", "was used for another text"));
            }
            return Ok(Saved { plan, revision, checked });
        }
        expect(&plan, expected_version)?;
        if let Some(head) = head(&tx, &plan).await?
            && head.content_hash == plan_revision::hash(text)
        {
            return Ok(Saved { plan, revision: head, checked });
        }
        let next =
            Next { author: Author::Person, message, text, checked: &checked, restored: None, request_id };
        let (revision, event) = append(&tx, by, &mut plan, next).await?;
        fail_point::reach("plan.saving");
        tx.commit().await?;
        fail_point::reach("plan.saved");
        self.tell(vec![event]);
        Ok(Saved { plan, revision, checked })
    }

    /// Makes the text of a revision the next revision.
    ///
    /// # Errors
    /// `NotFound`; `VersionConflict` when the caller saw an old version.
    pub async fn revert(
        &self,
        by: &Principal,
        id: PlanId,
        expected_version: Option<i64>,
        revision: RevisionId,
    ) -> Result<Saved> {
        let plan = self.get(&by.access, id).await?;
        let (wanted, text) = self.revision(&by.access, revision).await?;
        if wanted.plan_id != id {
            return Err(Error::NotFound(Noun::Revision));
        }
        if wanted.state == RunState::Running {
            return Err(Error::PlanBusy { active_revision_id: wanted.id });
        }
        let checked = self.check_text(&plan, &text).await?;
        let tx = self.store.begin().await?;
        let mut plan = plan::lock(&tx, &by.access, id).await?;
        expect(&plan, expected_version)?;
        if plan.head_revision_id == Some(wanted.id) {
            return Ok(Saved { plan, revision: wanted, checked });
        }
        let next = Next {
            author: Author::Restore,
            message: String::new(),
            text: &text,
            checked: &checked,
            restored: Some(wanted.id),
            request_id: None,
        };
        let (revision, event) = append(&tx, by, &mut plan, next).await?;
        tx.commit().await?;
        self.tell(vec![event]);
        Ok(Saved { plan, revision, checked })
    }
}

/// The newest revision of a plan.
pub(super) async fn head(tx: &Tx, plan: &plan::Model) -> Result<Option<plan_revision::Model>> {
    match plan.head_revision_id {
        Some(id) => plan_revision::get(tx, &Access::All, id).await.map(Some),
        None => Ok(None),
    }
}

async fn append(
    tx: &Tx,
    by: &Principal,
    plan: &mut plan::Model,
    next: Next<'_>,
) -> Result<(plan_revision::Model, Event)> {
    if plan.last_number >= MOST_REVISIONS {
        let what = format!("a plan has at most {MOST_REVISIONS} revisions");
        return Err(Error::LimitExceeded { what, retry_after: None });
    }
    let draft = write::Draft {
        author: next.author,
        by: by.name.clone(),
        message: next.message,
        parent: plan.head_revision_id,
        asked: Asked::default(),
        request_id: next.request_id,
    };
    let mut revision = draft.whole(plan, next.text, next.checked.shape());
    revision.restored_id = next.restored;
    plan_revision::insert(tx, &revision, Some(next.text)).await?;
    write::take_place(plan, &revision);
    let (action, detail) = match next.restored {
        None => ("plan.edit", json!({"revision": revision.id, "content_hash": revision.content_hash})),
        Some(from) => (
            "plan.restore",
            json!({"revision": revision.id, "content_hash": revision.content_hash, "from": from}),
        ),
    };
    audit::append(tx, &by.name, action, &plan.id.to_string(), detail).await?;
    let event = plan_event::append(tx, plan, Body::RevisionEnded(revision.clone(), String::new())).await?;
    Ok((revision, event))
}
