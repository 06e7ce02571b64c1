//! Comments, and where their passages stand in another text.

use super::Plans;
use crate::{
    access::Principal,
    error::{Error, Noun, Result},
    id::{CommentId, PlanId, RevisionId},
    store::{
        Access, audit, plan,
        plan_comment::{self, Anchor, MOST_COMMENTS, State},
        plan_event::{self, Body},
        plan_revision,
    },
};
use serde_json::json;
use std::{collections::HashMap, ops::Range};

/// Longest comment, in characters.
pub const MAX_COMMENT: usize = 4_000;
/// Longest passage that is kept as a quotation, in characters.
const MAX_QUOTE: usize = 2_000;
/// Former texts that are compared with the newest to carry comments along; the
/// comments of others are found by their quotations.
const MOST_FORMER: usize = 20;

/// What somebody says.
#[derive(Clone, Debug)]
pub struct NewComment {
    /// The revision; `None`: the newest.
    pub revision: Option<RevisionId>,
    /// Step that it speaks of.
    pub step: Option<u32>,
    /// Passage that it speaks of, in bytes.
    pub range: Option<Range<usize>>,
    /// What is said.
    pub text: String,
    /// The client's id of the request.
    pub request_id: Option<String>,
}

/// A comment and where it stands.
#[derive(Clone, Debug)]
pub struct Placed {
    /// The comment.
    pub comment: plan_comment::Model,
    /// Where its passage is in the text that is shown; `None`: nowhere.
    pub place: Option<Range<usize>>,
}

impl Plans {
    /// Comments on a plan; the same request twice is one comment.
    ///
    /// # Errors
    /// `NotFound`; `InvalidInput` for the passage; `LimitExceeded`.
    pub async fn comment(&self, by: &Principal, id: PlanId, new: NewComment) -> Result<Placed> {
        let plan = self.get(&by.access, id).await?;
        let (revision, text) = self.meant(&plan, new.revision).await?;
        let range = passage(&text, &new)?;
        let tx = self.store.begin().await?;
        let mut plan = plan::lock(&tx, &by.access, id).await?;
        if let Some(request) = &new.request_id
            && let Some(comment) = plan_comment::by_request(&tx, id, request).await?
        {
            return Ok(Placed { comment, place: range });
        }
        let (all, _) = plan_comment::count_of(&tx, id).await?;
        if all >= MOST_COMMENTS {
            let what = format!("a plan has at most {MOST_COMMENTS} comments");
            return Err(Error::LimitExceeded { what, retry_after: None });
        }
        let comment = plan_comment::Model {
            id: CommentId::new(),
            workspace_id: plan.workspace_id,
            plan_id: id,
            revision_id: revision.id,
            step: new.step.and_then(|step| i32::try_from(step).ok()),
            anchor: range.clone().map(|range| anchor(&text, range)),
            text: new.text,
            by: by.name.clone(),
            state: State::Open,
            answer: String::new(),
            answered_in: None,
            resolved_by: None,
            request_id: new.request_id,
            change: 1,
            created_at: crate::clock::now(),
        };
        plan_comment::insert(&tx, &comment).await?;
        plan.open_comments += 1;
        let detail = json!({
            "comment": comment.id, "revision": revision.id, "text_hash": plan_revision::hash(&comment.text),
        });
        audit::append(&tx, &by.name, "plan.comment", &id.to_string(), detail).await?;
        let event = plan_event::append(&tx, &mut plan, Body::CommentChanged(comment.clone())).await?;
        tx.commit().await?;
        self.tell(vec![event]);
        Ok(Placed { comment, place: range })
    }

    /// Closes a comment, or opens it again.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn resolve(
        &self,
        by: &Principal,
        id: CommentId,
        resolved: bool,
    ) -> Result<plan_comment::Model> {
        let known = plan_comment::get(self.store.read(), &by.access, id).await?;
        let tx = self.store.begin().await?;
        let mut plan = plan::lock(&tx, &by.access, known.plan_id).await?;
        let mut comment = plan_comment::get(&tx, &by.access, id).await?;
        if (comment.state == State::Resolved) == resolved {
            return Ok(comment);
        }
        // What was answered and opened again is not answered any more.
        comment.state = if resolved { State::Resolved } else { State::Open };
        comment.resolved_by = resolved.then(|| by.name.clone());
        plan_comment::save(&tx, &mut comment).await?;
        let (_, open) = plan_comment::count_of(&tx, plan.id).await?;
        plan.open_comments = i32::try_from(open).unwrap_or(i32::MAX);
        let action = if resolved { "plan.resolve" } else { "plan.reopen" };
        let detail = json!({ "comment": id });
        audit::append(&tx, &by.name, action, &plan.id.to_string(), detail).await?;
        let event = plan_event::append(&tx, &mut plan, Body::CommentChanged(comment.clone())).await?;
        tx.commit().await?;
        self.tell(vec![event]);
        Ok(comment)
    }

    /// Where comments stand in a text.
    pub(super) async fn placed(
        &self,
        comments: Vec<plan_comment::Model>,
        revision: Option<&plan_revision::Model>,
        text: &str,
    ) -> Result<Vec<Placed>> {
        let shown = revision.map(|revision| revision.id);
        let mut former: HashMap<RevisionId, String> = HashMap::new();
        for comment in comments.iter().rev() {
            let id = comment.revision_id;
            if Some(id) != shown && former.len() < MOST_FORMER && !former.contains_key(&id) {
                let row = plan_revision::get(self.store.read(), &Access::All, id).await?;
                former.insert(id, plan_revision::text(self.store.read(), &row).await?);
            }
        }
        let text = text.to_owned();
        let placed = tokio::task::spawn_blocking(move || {
            let place = |comment: plan_comment::Model| {
                let place = comment.anchor.as_ref().and_then(|anchor| {
                    let range = anchor.start..anchor.end;
                    if Some(comment.revision_id) == shown {
                        return Some(range);
                    }
                    let old = former.get(&comment.revision_id);
                    let carried = old.and_then(|old| banto_plan::carry(old, &text, range));
                    carried.or_else(|| known(&comment, anchor).locate(&text))
                });
                Placed { comment, place }
            };
            comments.into_iter().map(place).collect()
        });
        placed.await.map_err(|error| Error::Internal(format!("comments were not placed: {error}")))
    }
}

/// The passage that a comment speaks of: that of the request, or the title of its
/// step.
fn passage(text: &str, new: &NewComment) -> Result<Option<Range<usize>>> {
    if let Some(range) = &new.range {
        if range.start >= range.end {
            return Err(Error::invalid("anchor.end", "must be behind the start"));
        }
        if text.get(range.clone()).is_none() {
            return Err(Error::invalid("anchor", "must be whole characters of the text"));
        }
        return Ok(Some(range.clone()));
    }
    let Some(step) = new.step else { return Ok(None) };
    let parsed = banto_plan::parse(text);
    let mut steps = parsed.plan.steps.iter().zip(&parsed.spans.steps);
    let found = steps.find(|(known, _)| known.number == step).map(|(_, span)| span);
    let found = found.ok_or_else(|| Error::invalid("step", "the revision has no such step"))?;
    Ok(Some(found.title.clone().unwrap_or_else(|| found.tag.clone())))
}

fn anchor(text: &str, range: Range<usize>) -> Anchor {
    let anchor = banto_plan::Anchor::new(text, range);
    let quote: String = anchor.quote.chars().take(MAX_QUOTE).collect();
    Anchor {
        start: anchor.range.start,
        end: anchor.range.end,
        quote,
        prefix: anchor.prefix,
        suffix: anchor.suffix,
    }
}

fn known(comment: &plan_comment::Model, anchor: &Anchor) -> banto_plan::Anchor {
    banto_plan::Anchor {
        step: comment.step.and_then(|step| u32::try_from(step).ok()),
        range: anchor.start..anchor.end,
        quote: anchor.quote.clone(),
        prefix: anchor.prefix.clone(),
        suffix: anchor.suffix.clone(),
    }
}

/// Refuses a revision that belongs to another plan.
pub(super) fn require_of(plan: PlanId, revision: &plan_revision::Model) -> Result<()> {
    if revision.plan_id == plan { Ok(()) } else { Err(Error::NotFound(Noun::Revision)) }
}
