//! Asking a model for the next revision, by comments and by what the check found.

use super::{
    Plans,
    compose::{Instructions, OVERHEAD},
    expect,
    write::{Draft, label},
};
use crate::{
    access::Principal,
    error::{Error, Noun, Result},
    id::{CommentId, PlanId},
    job::spending,
    prompt,
    run::estimated_tokens,
    store::{
        audit, job, plan,
        plan_comment::{self, State},
        plan_revision::{self, Asked, Author},
        preferences, task,
    },
};
use serde::Serialize;
use serde_json::json;

/// What to ask of the model.
#[derive(Clone, Debug)]
pub struct Requested {
    /// Version of the plan that the caller saw.
    pub expected_version: Option<i64>,
    /// Comments to send; empty: all that wait for an answer.
    pub comments: Vec<CommentId>,
    /// What to mind besides; empty: nothing in particular.
    pub instructions: String,
    /// Whether what the check found is sent too.
    pub include_findings: bool,
    /// Provider; empty: as in the preferences.
    pub provider_id: String,
    /// Model; empty: as in the preferences.
    pub model: String,
    /// The client's id of the request.
    pub request_id: Option<String>,
}

#[derive(Serialize)]
struct Review<'a> {
    mark: &'a str,
    task: &'a str,
    plan: &'a str,
    comments: &'a str,
}

#[derive(Serialize)]
struct Remark<'a> {
    mark: &'a str,
    label: Option<&'a str>,
    step: Option<String>,
    quote: Option<&'a str>,
    text: &'a str,
}

impl Plans {
    /// Has a model write the next revision; the same request twice begins one.
    ///
    /// # Errors
    /// See `banto.v1.Plans.RequestChanges`.
    pub async fn request_changes(
        &self,
        by: &Principal,
        id: PlanId,
        wanted: Requested,
    ) -> Result<(plan::Model, plan_revision::Model)> {
        let plan = self.get(&by.access, id).await?;
        if let Some(request) = &wanted.request_id
            && let Some(revision) = plan_revision::by_request(self.store.read(), id, request).await?
        {
            return Ok((plan, revision));
        }
        if let Some(active_revision_id) = plan.active_revision_id {
            return Err(Error::PlanBusy { active_revision_id });
        }
        expect(&plan, wanted.expected_version)?;
        let (head, text) = self.meant(&plan, None).await?;
        let comments = self.asked(id, &wanted.comments).await?;
        let findings = match wanted.include_findings {
            true => self.check_text(&plan, &text).await?.findings,
            false => Vec::new(),
        };
        if comments.is_empty() && findings.is_empty() && wanted.instructions.is_empty() {
            return Err(Error::invalid("comment_ids", "there is nothing to ask for"));
        }
        let task = self.tasks.get(&by.access, plan.task_id).await?;
        let preferences = preferences::get(self.store.read()).await?.body;
        let model = self.registry.model(&preferences, &wanted.provider_id, &wanted.model).await?;
        self.workspaces.require_consent(task.workspace_id, &model.provider.info()).await?;
        let permit = self.permit()?;

        let mut all = vec![task.description.as_str(), text.as_str()];
        all.extend(comments.iter().map(|comment| comment.text.as_str()));
        let mark = prompt::mark(&all);
        let system = self.prompts.render("plan/changes", &Instructions::new(&wanted.instructions))?;
        let mut prompts = vec![system.prompt];
        let mut remarks = Vec::new();
        for (place, comment) in comments.iter().enumerate() {
            let name = label(place);
            let remark = Remark {
                mark: &mark,
                label: Some(&name),
                step: comment.step.map(|step| step.to_string()),
                quote: comment.anchor.as_ref().map(|anchor| anchor.quote.as_str()),
                text: &comment.text,
            };
            remarks.push(self.prompts.render("plan/comment", &remark)?);
        }
        for finding in &findings {
            let said = format!(
                "line {}, column {}: {}",
                finding.position.line, finding.position.column, finding.problem.message
            );
            let step = finding.problem.step.map(|step| step.to_string());
            let remark = Remark { mark: &mark, label: None, step, quote: None, text: &said };
            remarks.push(self.prompts.render("plan/comment", &remark)?);
        }
        prompts.extend(remarks.first().map(|remark| remark.prompt.clone()));
        let remarks: Vec<String> = remarks.into_iter().map(|remark| remark.text).collect();
        let remarks = remarks.join("\n");
        let review = Review { mark: &mark, task: &task.description, plan: &text, comments: &remarks };
        let request = self.prompts.render("plan/review", &review)?;
        prompts.push(request.prompt);
        self.room(&model, estimated_tokens((system.text.len() + request.text.len()) as u64) + OVERHEAD)?;

        let tx = self.store.begin().await?;
        let mut plan = plan::lock(&tx, &by.access, id).await?;
        if let Some(request) = &wanted.request_id
            && let Some(revision) = plan_revision::by_request(&tx, id, request).await?
        {
            return Ok((plan, revision));
        }
        if let Some(active_revision_id) = plan.active_revision_id {
            return Err(Error::PlanBusy { active_revision_id });
        }
        if plan.head_revision_id != Some(head.id) {
            return Err(Error::VersionConflict { current_version: plan.version.unsigned_abs() });
        }
        let task = task::get(&tx, &by.access, task.id).await?;
        spending::check(&tx, &preferences, Some(&task)).await?;
        let call =
            self.call(&plan, job::JobType::ImplementationPlan, &model, prompts, [system.text, request.text]);
        let draft = Draft {
            author: Author::Changes,
            by: by.name.clone(),
            message: String::new(),
            parent: Some(head.id),
            asked: Asked(comments.iter().map(|comment| comment.id).collect()),
            request_id: wanted.request_id,
        };
        let begun = self.begin(&tx, &mut plan, draft, &call).await?;
        let revision = begun.revision.clone();
        let detail = json!({"revision": revision.id, "comments": revision.asked, "job": begun.job.id});
        audit::append(&tx, &by.name, "plan.request_changes", &id.to_string(), detail).await?;
        self.launch(tx, begun, call, permit).await?;
        Ok((plan, revision))
    }

    async fn asked(&self, plan: PlanId, ids: &[CommentId]) -> Result<Vec<plan_comment::Model>> {
        let all = plan_comment::of_plan(self.store.read(), plan).await?;
        if ids.is_empty() {
            let waits =
                |comment: &plan_comment::Model| matches!(comment.state, State::Open | State::NotAddressed);
            return Ok(all.into_iter().filter(waits).collect());
        }
        let find = |id: &CommentId| all.iter().find(|comment| comment.id == *id).cloned();
        ids.iter().map(|id| find(id).ok_or(Error::NotFound(Noun::Comment))).collect()
    }
}
