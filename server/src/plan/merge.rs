//! Merging plans: a model writes a new one, and each step says where it comes from.

use super::{
    Plans,
    compose::{Instructions, OVERHEAD},
    generate::{New, Wanted, new_plan, require_room_for_one},
    write::Draft,
};
use crate::{
    access::Principal,
    error::{Error, Result},
    id::{PlanId, RevisionId},
    job::spending,
    prompt,
    run::estimated_tokens,
    store::{
        audit, job,
        plan::{self, Bases, Origin, Source, Sources},
        plan_revision::Author,
        preferences, task,
    },
};
use serde::Serialize;
use serde_json::json;

/// Most plans of a merge.
pub const MOST_SOURCES: usize = 8;

/// What to merge.
#[derive(Clone, Debug)]
pub struct Merge {
    /// The plans; `None`: their newest revisions.
    pub sources: Vec<(PlanId, Option<RevisionId>)>,
    /// What to mind; empty: nothing in particular.
    pub instructions: String,
    /// Provider; empty: as in the preferences.
    pub provider_id: String,
    /// Model; empty: as in the preferences.
    pub model: String,
    /// The client's id of the request.
    pub request_id: Option<String>,
}

#[derive(Serialize)]
struct AllSources<'a> {
    mark: &'a str,
    task: &'a str,
    plans: &'a str,
}

#[derive(Serialize)]
struct OneSource<'a> {
    mark: &'a str,
    label: &'a str,
    text: &'a str,
}

impl Plans {
    /// Begins a plan that merges others; the same request twice begins one.
    ///
    /// # Errors
    /// See `banto.v1.Plans.MergePlans`.
    pub async fn merge(&self, by: &Principal, wanted: Merge) -> Result<plan::Model> {
        if !(2..=MOST_SOURCES).contains(&wanted.sources.len()) {
            return Err(Error::invalid("sources", format!("must be 2 to {MOST_SOURCES}")));
        }
        let mut sources = Vec::with_capacity(wanted.sources.len());
        let (mut texts, mut first): (Vec<String>, Option<plan::Model>) = (Vec::new(), None);
        let mut oldest = None;
        for (label, (id, revision)) in ('A'..).zip(&wanted.sources) {
            let plan = self.get(&by.access, *id).await?;
            if first.as_ref().is_some_and(|first| first.workspace_id != plan.workspace_id) {
                return Err(Error::invalid("sources", "must belong to one workspace"));
            }
            let (revision, text) = self.meant(&plan, *revision).await?;
            if sources.iter().any(|source: &Source| source.revision_id == revision.id) {
                return Err(Error::invalid("sources", "must be different revisions"));
            }
            sources.push(Source {
                label: label.to_string(),
                plan_id: plan.id,
                revision_id: revision.id,
                title: plan.title.clone(),
            });
            texts.push(text);
            // Drift is looked for from where the oldest part was made.
            if oldest.as_ref().is_none_or(|oldest: &(_, Bases)| plan.created_at < oldest.0) {
                oldest = Some((plan.created_at, plan.bases.clone()));
            }
            first.get_or_insert(plan);
        }
        let Some(first) = first else { return Err(Error::invalid("sources", "must not be empty")) };
        if let Some(request) = &wanted.request_id
            && let Some(plan) = plan::by_request(self.store.read(), first.task_id, request).await?
        {
            return Ok(plan);
        }
        let task = self.tasks.get(&by.access, first.task_id).await?;
        let preferences = preferences::get(self.store.read()).await?.body;
        let model = self.registry.model(&preferences, &wanted.provider_id, &wanted.model).await?;
        self.workspaces.require_consent(task.workspace_id, &model.provider.info()).await?;
        let permit = self.permit()?;

        let all: Vec<&str> = texts.iter().map(String::as_str).chain([task.description.as_str()]).collect();
        let mark = prompt::mark(&all);
        let system = self.prompts.render("plan/merge", &Instructions::new(&wanted.instructions))?;
        let mut prompts = vec![system.prompt];
        let mut parts = Vec::with_capacity(texts.len());
        for (source, text) in sources.iter().zip(&texts) {
            let one = OneSource { mark: &mark, label: &source.label, text };
            let rendered = self.prompts.render("plan/source", &one)?;
            if parts.is_empty() {
                prompts.push(rendered.prompt);
            }
            parts.push(rendered.text);
        }
        let plans = parts.join("\n");
        let request = AllSources { mark: &mark, task: &task.description, plans: &plans };
        let request = self.prompts.render("plan/sources", &request)?;
        prompts.push(request.prompt);
        self.room(&model, estimated_tokens((system.text.len() + request.text.len()) as u64) + OVERHEAD)?;

        let tx = self.store.begin().await?;
        let task = task::lock(&tx, &by.access, task.id).await?;
        if let Some(request) = &wanted.request_id
            && let Some(plan) = plan::by_request(&tx, task.id, request).await?
        {
            return Ok(plan);
        }
        require_room_for_one(&tx, task.id).await?;
        spending::check(&tx, &preferences, Some(&task)).await?;
        let as_asked = Wanted {
            task_id: task.id,
            origin: Some(Origin::Merge),
            provider_id: wanted.provider_id,
            model: wanted.model,
            instructions: wanted.instructions,
            include_tree: false,
            request_id: wanted.request_id,
        };
        let bases = oldest.map(|(_, bases)| bases).unwrap_or_default();
        let new = New { origin: Origin::Merge, bases, wanted: &as_asked, model: Some(&model) };
        let mut plan = new_plan(&task, new);
        plan.merged_from = Sources(sources);
        plan::insert(&tx, &plan).await?;
        let call = self.call(
            &plan,
            job::JobType::ImplementationPlanMerge,
            &model,
            prompts,
            [system.text, request.text],
        );
        let draft = Draft::first(Author::Merge, &by.name);
        let begun = self.begin(&tx, &mut plan, draft, &call).await?;
        let ids = plan.merged_from.0.iter().map(|source| json!([source.plan_id, source.revision_id]));
        let detail =
            json!({"merged_from": ids.collect::<serde_json::Value>(), "revision": begun.revision.id});
        audit::append(&tx, &by.name, "plan.merge", &plan.id.to_string(), detail).await?;
        self.launch(tx, begun, call, permit).await?;
        Ok(plan)
    }
}
