//! Beginning a plan: from a model, or as a brief from what the finder found.

use super::{
    MOST_OF_TASK, Plans, brief,
    check::Checked,
    write::{Draft, take_place},
};
use crate::{
    access::Principal,
    error::{Error, Result},
    id::{Epoch, PlanId, TaskId},
    job::{NewCall, spending},
    provider::{Message, Request, Role},
    registry::ChosenModel,
    run::{PromptRef, RunState},
    store::{
        audit, job,
        plan::{self, Base, Bases, Decisions, Material, Origin, Shape, Sources},
        plan_event::{self, Body},
        plan_revision::{self, Author},
        preferences, task,
    },
    task::File,
};
use banto_plan::Facts;
use serde_json::json;

/// What to write.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The task.
    pub task_id: TaskId,
    /// A model, or a brief; `None`: a model where there is one.
    pub origin: Option<Origin>,
    /// Provider; empty: as in the preferences.
    pub provider_id: String,
    /// Model; empty: as in the preferences.
    pub model: String,
    /// What to mind; empty: nothing in particular.
    pub instructions: String,
    /// Whether the list of files is sent too.
    pub include_tree: bool,
    /// The client's id of the request.
    pub request_id: Option<String>,
}

/// Who is to write what.
pub(super) struct Prepared {
    pub task: task::Model,
    pub files: Vec<File>,
    pub model: Option<ChosenModel>,
    /// Why there is none where nobody asked for a brief.
    reason: String,
    preferences: preferences::Preferences,
}

impl Plans {
    /// Begins a plan; the same request twice begins one.
    ///
    /// # Errors
    /// See `banto.v1.Plans.GeneratePlan`.
    pub async fn generate(&self, by: &Principal, wanted: Wanted) -> Result<plan::Model> {
        // Before anything is looked at: what was accepted is answered again.
        self.tasks.get(&by.access, wanted.task_id).await?;
        if let Some(plan) = self.begun_before(&wanted).await? {
            return Ok(plan);
        }
        let prepared = self.prepare(by, &wanted).await?;
        match prepared.model.clone() {
            Some(model) => self.have_written(by, wanted, prepared, model).await,
            None => self.fill_brief(by, wanted, prepared).await,
        }
    }

    pub(super) async fn prepare(&self, by: &Principal, wanted: &Wanted) -> Result<Prepared> {
        let (task, files) = self.tasks.with_files(&by.access, wanted.task_id).await?;
        if task.description.trim().is_empty() {
            return Err(Error::invalid("task_id", "the task says nothing yet"));
        }
        let workspace = self.workspaces.row(&by.access, Some(task.workspace_id)).await?.open()?;
        if workspace.roots.0.is_empty() {
            return Err(Error::WorkspaceEmpty);
        }
        let files: Vec<File> = files.into_iter().filter(File::counts).collect();
        if files.is_empty() {
            return Err(Error::NoFiles);
        }
        let preferences = preferences::get(self.store.read()).await?.body;
        let named = !wanted.provider_id.is_empty() || !wanted.model.is_empty();
        let asked = wanted.origin.or(named.then_some(Origin::Model));
        let found = async || self.registry.model(&preferences, &wanted.provider_id, &wanted.model).await;
        let mut reason = String::new();
        let model = match asked {
            Some(Origin::Brief) => None,
            Some(Origin::Model | Origin::Merge) => Some(found().await?),
            None => match found().await {
                Ok(model) => {
                    let info = model.provider.info();
                    let may = self.workspaces.may_send(task.workspace_id, &info).await?;
                    if !may {
                        reason = Error::ConsentRequired { provider_id: info.id }.to_string();
                    }
                    may.then_some(model)
                }
                Err(error @ (Error::ModelRequired | Error::CompanionUnavailable { .. })) => {
                    reason = error.to_string();
                    None
                }
                Err(error) => return Err(error),
            },
        };
        Ok(Prepared { task, files, model, reason, preferences })
    }

    async fn have_written(
        &self,
        by: &Principal,
        wanted: Wanted,
        prepared: Prepared,
        model: ChosenModel,
    ) -> Result<plan::Model> {
        let Prepared { task, files, preferences, .. } = prepared;
        self.workspaces.require_consent(task.workspace_id, &model.provider.info()).await?;
        let permit = self.permit()?;
        let composed = self.compose(&task, &files, &model, &wanted).await?;
        let bases = self.bases(&task, &files).await?;
        let tx = self.store.begin().await?;
        // The lock on the task puts those who ask for it twice in order.
        let task = task::lock(&tx, &by.access, task.id).await?;
        if let Some(plan) = self.begun_before(&wanted).await? {
            return Ok(plan);
        }
        require_room_for_one(&tx, task.id).await?;
        spending::check(&tx, &preferences, Some(&task)).await?;
        let new = New { origin: Origin::Model, bases, wanted: &wanted, model: Some(&model) };
        let mut plan = new_plan(&task, new);
        plan.material = Material(composed.material.clone());
        plan::insert(&tx, &plan).await?;
        let call = self.call(
            &plan,
            job::JobType::ImplementationPlan,
            &model,
            composed.prompts,
            [composed.system.text, composed.request.text],
        );
        let draft = Draft::first(Author::Model, &by.name);
        let begun = self.begin(&tx, &mut plan, draft, &call).await?;
        let detail = json!({"task": task.id, "revision": begun.revision.id, "job": begun.job.id});
        audit::append(&tx, &by.name, "plan.generate", &plan.id.to_string(), detail).await?;
        self.launch(tx, begun, call, permit).await?;
        Ok(plan)
    }

    async fn fill_brief(&self, by: &Principal, wanted: Wanted, prepared: Prepared) -> Result<plan::Model> {
        let Prepared { task, files, reason, .. } = prepared;
        let paths = files.iter().map(|file| file.row.path.clone()).collect();
        let sights = self.workspaces.look(task.workspace_id, paths).await?;
        let document = brief::write(&self.prompts, &task, &files, &sights)?;
        let text = banto_plan::print(&document);
        let bases = self.bases(&task, &files).await?;
        let mut plan = new_plan(&task, New { origin: Origin::Brief, bases, wanted: &wanted, model: None });
        plan.origin_reason = reason;
        let checked = match self.check_text(&plan, &text).await {
            Ok(checked) => checked,
            Err(_) => Checked::new(&text, &banto_plan::parse(&text), &Facts::default()),
        };
        let tx = self.store.begin().await?;
        let task = task::lock(&tx, &by.access, task.id).await?;
        if let Some(plan) = self.begun_before(&wanted).await? {
            return Ok(plan);
        }
        require_room_for_one(&tx, task.id).await?;
        plan::insert(&tx, &plan).await?;
        let draft = Draft::first(Author::Finder, &by.name);
        let revision = draft.whole(&mut plan, &text, checked.shape());
        plan_revision::insert(&tx, &revision, Some(&text)).await?;
        take_place(&mut plan, &revision);
        let detail = json!({
            "task": task.id, "revision": revision.id, "content_hash": revision.content_hash,
        });
        audit::append(&tx, &by.name, "plan.generate", &plan.id.to_string(), detail).await?;
        let ended = Body::RevisionEnded(revision, String::new());
        let event = plan_event::append(&tx, &mut plan, ended).await?;
        tx.commit().await?;
        self.tell(vec![event]);
        Ok(plan)
    }

    async fn begun_before(&self, wanted: &Wanted) -> Result<Option<plan::Model>> {
        let Some(request) = &wanted.request_id else { return Ok(None) };
        match plan::by_request(self.store.read(), wanted.task_id, request).await? {
            Some(plan) if wanted.origin.is_some_and(|origin| origin != plan.origin) => {
                Err(Error::invalid("request_id", "was used for another plan"))
            }
            plan => Ok(plan),
        }
    }

    async fn bases(&self, task: &task::Model, files: &[File]) -> Result<Bases> {
        let paths = files.iter().map(|file| file.row.path.clone()).collect();
        let base = |base: crate::workspace::BaseCommit| Base {
            root: base.root,
            commit: base.commit.unwrap_or_default(),
            dirty: base.dirty,
        };
        Ok(Bases(self.workspaces.bases(task.workspace_id, paths).await?.into_iter().map(base).collect()))
    }

    /// A call that writes a revision of a plan.
    pub(super) fn call(
        &self,
        plan: &plan::Model,
        job_type: job::JobType,
        model: &ChosenModel,
        prompts: Vec<PromptRef>,
        [system, text]: [String; 2],
    ) -> NewCall {
        NewCall {
            workspace_id: plan.workspace_id,
            task_id: plan.task_id,
            workflow_id: None,
            plan_id: Some(plan.id),
            request_id: None,
            job_type,
            provider: model.provider.clone(),
            request: Request {
                model: model.id.clone(),
                system,
                messages: vec![Message { role: Role::User, text }],
                max_output_tokens: Some(self.limits.plan_tokens),
            },
            prompts,
        }
    }
}

/// What a plan begins with.
pub(super) struct New<'a> {
    pub origin: Origin,
    pub bases: Bases,
    pub wanted: &'a Wanted,
    pub model: Option<&'a ChosenModel>,
}

pub(super) fn new_plan(task: &task::Model, new: New<'_>) -> plan::Model {
    let now = crate::clock::now();
    plan::Model {
        id: PlanId::new(),
        workspace_id: task.workspace_id,
        task_id: task.id,
        title: task.title.clone(),
        origin: new.origin,
        origin_reason: String::new(),
        state: RunState::Completed,
        failure: None,
        provider_id: new.model.map(|model| model.provider.info().id),
        model: new.model.map(|model| model.id.clone()),
        instructions: new.wanted.instructions.clone(),
        bases: new.bases,
        merged_from: Sources::default(),
        material: Material::default(),
        active_revision_id: None,
        active_job_id: None,
        head_revision_id: None,
        version: 0,
        last_number: 0,
        shape: Shape::default(),
        decisions: Decisions::default(),
        open_comments: 0,
        usage: None,
        request_id: new.wanted.request_id.clone(),
        change: 0,
        epoch: Epoch::new(),
        head_sequence: 0,
        archived_at: None,
        created_at: now,
        updated_at: now,
    }
}

/// Refuses one plan too many of a task.
pub(super) async fn require_room_for_one(tx: &crate::store::Tx, task: TaskId) -> Result<()> {
    if plan::count_of(tx, task).await? < MOST_OF_TASK {
        return Ok(());
    }
    let what = format!("a task has at most {MOST_OF_TASK} plans");
    Err(Error::LimitExceeded { what, retry_after: None })
}
