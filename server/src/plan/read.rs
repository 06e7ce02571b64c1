//! Reading plans. Who looks at a text for the first time is recorded.

use super::{Plans, comment::Placed};
use crate::{
    access::Principal,
    error::{Error, Noun, Result},
    id::{PlanId, RevisionId},
    store::{Access, audit, plan, plan_comment, plan_revision},
};
use serde_json::json;

/// A plan with what a reader wants at once.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The plan.
    pub plan: plan::Model,
    /// The newest revision, or the one that is being written where there is none.
    pub revision: Option<plan_revision::Model>,
    /// Its text so far.
    pub text: String,
    /// The comments, with their places in that text.
    pub comments: Vec<Placed>,
}

impl Plans {
    /// Opens a plan.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn open(&self, by: &Principal, id: PlanId) -> Result<Opened> {
        let plan = self.get(&by.access, id).await?;
        let shown = plan.head_revision_id.or(plan.active_revision_id);
        let (revision, text) = match shown {
            Some(revision) => {
                let (revision, text) = self.revision(&by.access, revision).await?;
                self.note_view(by, &revision).await;
                (Some(revision), text)
            }
            None => (None, String::new()),
        };
        let comments = plan_comment::of_plan(self.store.read(), id).await?;
        let comments = self.placed(comments, revision.as_ref(), &text).await?;
        Ok(Opened { plan, revision, text, comments })
    }

    /// Reads a revision as a person does.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn view(&self, by: &Principal, id: RevisionId) -> Result<(plan_revision::Model, String)> {
        let (revision, text) = self.revision(&by.access, id).await?;
        self.note_view(by, &revision).await;
        Ok((revision, text))
    }

    /// A revision and its text; what is written here is newer than the database.
    pub(super) async fn revision(
        &self,
        access: &Access,
        id: RevisionId,
    ) -> Result<(plan_revision::Model, String)> {
        let revision = plan_revision::get(self.store.read(), access, id).await?;
        let live = match revision.state.is_terminal() {
            true => None,
            false => self.feed.topic(revision.plan_id).text_of(id),
        };
        let text = match live {
            Some(text) => text,
            None => plan_revision::text(self.store.read(), &revision).await?,
        };
        Ok((revision, text))
    }

    /// The revision of a plan that a request means; `None`: the newest.
    pub(super) async fn meant(
        &self,
        plan: &plan::Model,
        id: Option<RevisionId>,
    ) -> Result<(plan_revision::Model, String)> {
        let id = id.or(plan.head_revision_id).ok_or(Error::NotFound(Noun::Revision))?;
        let (revision, text) = self.revision(&Access::All, id).await?;
        if revision.plan_id != plan.id {
            return Err(Error::NotFound(Noun::Revision));
        }
        Ok((revision, text))
    }

    /// Records who looks at a text for the first time. A text is shown also where that
    /// cannot be recorded, as with a full disk: reading goes on when writing does not.
    async fn note_view(&self, by: &Principal, revision: &plan_revision::Model) {
        if let Err(error) = self.record_view(by, revision).await {
            tracing::warn!(%error, revision = %revision.id, by = %by.name, "a view could not be recorded");
        }
    }

    async fn record_view(&self, by: &Principal, revision: &plan_revision::Model) -> Result<()> {
        let (plan, detail) = (revision.plan_id.to_string(), json!({ "revision": revision.id }));
        if audit::has(self.store.read(), &by.name, "plan.view", &plan, &detail).await? {
            return Ok(());
        }
        let tx = self.store.begin().await?;
        audit::append(&tx, &by.name, "plan.view", &plan, detail).await?;
        Ok(tx.commit().await?)
    }
}
