//! `banto.v1.Plans`.

mod decode;
mod watch;

pub(super) use watch::{watch, watch_list};

use self::decode::{commit, format, hash, model, optional_text, origin};
use super::{
    caller, decode as common, encode, encode_diff, encode_plan,
    stream::{Answers, guarded},
};
use crate::{
    error::{Error, Result as Domain},
    input,
    plan::{Approval, Export, MAX_COMMENT, MAX_NOTE, Merge, NewComment, Plans, Requested, Saved, Wanted},
    store::plan,
};
use banto_proto::v1::{self as pb, plan_update};
use futures::StreamExt as _;
use tonic::{Request, Response, Status};

/// Longest instructions, in characters.
const MAX_INSTRUCTIONS: usize = 10_000;
/// Longest message of a revision, in characters.
const MAX_MESSAGE: usize = 500;

/// The service.
#[derive(Debug)]
pub(super) struct PlansService(pub Plans);

fn saved(saved: Saved) -> (Option<pb::Plan>, Option<pb::PlanRevision>, Vec<pb::PlanFinding>) {
    let (plan, revision) = (encode_plan::plan(saved.plan), encode_plan::revision(saved.revision));
    (Some(plan), Some(revision), encode_plan::findings(saved.checked))
}

#[tonic::async_trait]
impl pb::plans_server::Plans for PlansService {
    async fn estimate_plan(
        &self,
        request: Request<pb::EstimatePlanRequest>,
    ) -> Result<Response<pb::EstimatePlanResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let (provider_id, model) = model(&asked.provider_id, &asked.model)?;
        let wanted = Wanted {
            task_id: common::id("task_id", &asked.task_id)?,
            origin: origin(asked.origin)?,
            provider_id,
            model,
            instructions: optional_text("instructions", &asked.instructions, MAX_INSTRUCTIONS)?,
            include_tree: asked.include_tree,
            request_id: None,
        };
        Ok(Response::new(encode_plan::estimate(self.0.estimate(&caller, wanted).await?)))
    }

    async fn generate_plan(
        &self,
        request: Request<pb::GeneratePlanRequest>,
    ) -> Result<Response<pb::GeneratePlanResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let (provider_id, model) = model(&asked.provider_id, &asked.model)?;
        let wanted = Wanted {
            task_id: common::id("task_id", &asked.task_id)?,
            origin: origin(asked.origin)?,
            provider_id,
            model,
            instructions: optional_text("instructions", &asked.instructions, MAX_INSTRUCTIONS)?,
            include_tree: asked.include_tree,
            request_id: input::client_id("request_id", &asked.request_id)?,
        };
        let plan = self.0.generate(&caller, wanted).await?;
        Ok(Response::new(pb::GeneratePlanResponse { plan: Some(encode_plan::plan(plan)) }))
    }

    async fn merge_plans(
        &self,
        request: Request<pb::MergePlansRequest>,
    ) -> Result<Response<pb::MergePlansResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let (provider_id, model) = model(&asked.provider_id, &asked.model)?;
        let source = |source: &pb::PlanRevisionRef| {
            Ok((
                common::id("sources.plan_id", &source.plan_id)?,
                common::optional_id("sources.revision_id", &source.revision_id)?,
            ))
        };
        let wanted = Merge {
            sources: asked.sources.iter().map(source).collect::<Domain<_>>()?,
            instructions: optional_text("instructions", &asked.instructions, MAX_INSTRUCTIONS)?,
            provider_id,
            model,
            request_id: input::client_id("request_id", &asked.request_id)?,
        };
        let plan = self.0.merge(&caller, wanted).await?;
        Ok(Response::new(pb::MergePlansResponse { plan: Some(encode_plan::plan(plan)) }))
    }

    async fn get_plan(
        &self,
        request: Request<pb::GetPlanRequest>,
    ) -> Result<Response<pb::GetPlanResponse>, Status> {
        let caller = caller(&request)?;
        let id = common::id("plan_id", &request.into_inner().plan_id)?;
        let opened = self.0.open(&caller, id).await?;
        Ok(Response::new(pb::GetPlanResponse {
            decisions: opened.plan.decisions.0.iter().map(encode_plan::decision).collect(),
            plan: Some(encode_plan::plan(opened.plan)),
            revision: opened.revision.map(encode_plan::revision),
            text: opened.text,
            comments: opened.comments.into_iter().map(encode_plan::placed).collect(),
        }))
    }

    async fn list_plans(
        &self,
        request: Request<pb::ListPlansRequest>,
    ) -> Result<Response<pb::ListPlansResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let page = plan::Page {
            workspace: common::workspace(&asked.workspace_id)?,
            task: common::optional_id("task_id", &asked.task_id)?,
            archived: Some(asked.archived),
            limit: common::page_size(asked.page_size, 50, 200)?,
            before: common::optional_id("page_token", &asked.page_token)?,
        };
        let (rows, more) = self.0.page(&caller.access, &page).await?;
        let next = rows.last().filter(|_| more).map(|row| row.id.to_string());
        Ok(Response::new(pb::ListPlansResponse {
            plans: rows.into_iter().map(encode_plan::plan).collect(),
            next_page_token: next.unwrap_or_default(),
        }))
    }

    async fn update_plan(
        &self,
        request: Request<pb::UpdatePlanRequest>,
    ) -> Result<Response<pb::UpdatePlanResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let id = common::id("plan_id", &asked.plan_id)?;
        let title = asked.title.map(|title| input::line("title", &title, input::MAX_TITLE)).transpose()?;
        if title.as_ref().is_some_and(String::is_empty) {
            return Err(Error::invalid("title", "must not be empty").into());
        }
        let plan = self.0.update(&caller, id, title, asked.archived).await?;
        Ok(Response::new(pb::UpdatePlanResponse { plan: Some(encode_plan::plan(plan)) }))
    }

    async fn save_revision(
        &self,
        request: Request<pb::SaveRevisionRequest>,
    ) -> Result<Response<pb::SaveRevisionResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let id = common::id("plan_id", &asked.plan_id)?;
        let expected = common::version(asked.expected_version)?;
        let message = optional_text("message", &asked.message, MAX_MESSAGE)?;
        let request_id = input::client_id("request_id", &asked.request_id)?;
        let (plan, revision, findings) =
            saved(self.0.save(&caller, id, expected, &asked.text, message, request_id).await?);
        Ok(Response::new(pb::SaveRevisionResponse { plan, revision, findings }))
    }

    async fn list_revisions(
        &self,
        request: Request<pb::ListRevisionsRequest>,
    ) -> Result<Response<pb::ListRevisionsResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let id = common::id("plan_id", &asked.plan_id)?;
        let limit = common::page_size(asked.page_size, 50, 200)?;
        let wrong = || Error::invalid("page_token", "was not made by this list");
        let before = match asked.page_token.as_str() {
            "" => None,
            token => Some(token.parse().map_err(|_| wrong())?),
        };
        let (rows, more) = self.0.revisions(&caller.access, id, before, limit).await?;
        let next = rows.last().filter(|_| more).map(|row| row.number.to_string());
        Ok(Response::new(pb::ListRevisionsResponse {
            revisions: rows.into_iter().map(encode_plan::revision).collect(),
            next_page_token: next.unwrap_or_default(),
        }))
    }

    async fn get_revision(
        &self,
        request: Request<pb::GetRevisionRequest>,
    ) -> Result<Response<pb::GetRevisionResponse>, Status> {
        let caller = caller(&request)?;
        let id = common::id("revision_id", &request.into_inner().revision_id)?;
        let (revision, text) = self.0.view(&caller, id).await?;
        let revision = Some(encode_plan::revision(revision));
        Ok(Response::new(pb::GetRevisionResponse { revision, text }))
    }

    async fn diff_revisions(
        &self,
        request: Request<pb::DiffRevisionsRequest>,
    ) -> Result<Response<pb::DiffRevisionsResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let from = common::id("from_revision_id", &asked.from_revision_id)?;
        let to = common::id("to_revision_id", &asked.to_revision_id)?;
        Ok(Response::new(encode_diff::compared(self.0.compare(&caller, from, to).await?)))
    }

    async fn revert_plan(
        &self,
        request: Request<pb::RevertPlanRequest>,
    ) -> Result<Response<pb::RevertPlanResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let id = common::id("plan_id", &asked.plan_id)?;
        let expected = common::version(asked.expected_version)?;
        let revision = common::id("revision_id", &asked.revision_id)?;
        let (plan, revision, _) = saved(self.0.revert(&caller, id, expected, revision).await?);
        Ok(Response::new(pb::RevertPlanResponse { plan, revision }))
    }

    async fn check_plan(
        &self,
        request: Request<pb::CheckPlanRequest>,
    ) -> Result<Response<pb::CheckPlanResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let id = common::id("plan_id", &asked.plan_id)?;
        let revision = common::optional_id("revision_id", &asked.revision_id)?;
        let text = Some(asked.text).filter(|text| !text.is_empty());
        Ok(Response::new(encode_plan::checked(self.0.check(&caller, id, revision, text).await?)))
    }

    async fn add_comment(
        &self,
        request: Request<pb::AddCommentRequest>,
    ) -> Result<Response<pb::AddCommentResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let id = common::id("plan_id", &asked.plan_id)?;
        let place = |field, at: u64| usize::try_from(at).map_err(|_| Error::invalid(field, "is too large"));
        let range = match asked.anchor {
            Some(anchor) => Some(place("anchor.start", anchor.start)?..place("anchor.end", anchor.end)?),
            None => None,
        };
        let text = input::text("text", &asked.text, MAX_COMMENT)?;
        if text.trim().is_empty() {
            return Err(Error::invalid("text", "must not be empty").into());
        }
        let new = NewComment {
            revision: common::optional_id("revision_id", &asked.revision_id)?,
            step: (asked.step > 0).then_some(asked.step),
            range,
            text,
            request_id: input::client_id("request_id", &asked.request_id)?,
        };
        let comment = encode_plan::placed(self.0.comment(&caller, id, new).await?);
        Ok(Response::new(pb::AddCommentResponse { comment: Some(comment) }))
    }

    async fn resolve_comment(
        &self,
        request: Request<pb::ResolveCommentRequest>,
    ) -> Result<Response<pb::ResolveCommentResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let id = common::id("comment_id", &asked.comment_id)?;
        let comment = encode_plan::comment(self.0.resolve(&caller, id, asked.resolved).await?);
        Ok(Response::new(pb::ResolveCommentResponse { comment: Some(comment) }))
    }

    async fn request_changes(
        &self,
        request: Request<pb::RequestChangesRequest>,
    ) -> Result<Response<pb::RequestChangesResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let id = common::id("plan_id", &asked.plan_id)?;
        let (provider_id, model) = model(&asked.provider_id, &asked.model)?;
        let comments = asked.comment_ids.iter().map(|id| common::id("comment_ids", id));
        let wanted = Requested {
            expected_version: common::version(asked.expected_version)?,
            comments: comments.collect::<Domain<_>>()?,
            instructions: optional_text("instructions", &asked.instructions, MAX_INSTRUCTIONS)?,
            include_findings: asked.include_findings,
            provider_id,
            model,
            request_id: input::client_id("request_id", &asked.request_id)?,
        };
        let (plan, revision) = self.0.request_changes(&caller, id, wanted).await?;
        Ok(Response::new(pb::RequestChangesResponse {
            plan: Some(encode_plan::plan(plan)),
            revision: Some(encode_plan::revision(revision)),
        }))
    }

    async fn approve_plan(
        &self,
        request: Request<pb::ApprovePlanRequest>,
    ) -> Result<Response<pb::ApprovePlanResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let id = common::id("plan_id", &asked.plan_id)?;
        let approval = Approval {
            revision: common::id("revision_id", &asked.revision_id)?,
            content_hash: hash(&asked.content_hash)?,
            note: optional_text("note", &asked.note, MAX_NOTE)?,
            accepted_errors: asked.accepted_errors,
        };
        let plan = self.0.approve(&caller, id, approval).await?;
        Ok(Response::new(pb::ApprovePlanResponse { plan: Some(encode_plan::plan(plan)) }))
    }

    async fn reject_plan(
        &self,
        request: Request<pb::RejectPlanRequest>,
    ) -> Result<Response<pb::RejectPlanResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let id = common::id("plan_id", &asked.plan_id)?;
        let revision = common::id("revision_id", &asked.revision_id)?;
        let note = optional_text("note", &asked.note, MAX_NOTE)?;
        let plan = self.0.reject(&caller, id, revision, note).await?;
        Ok(Response::new(pb::RejectPlanResponse { plan: Some(encode_plan::plan(plan)) }))
    }

    async fn export_plan(
        &self,
        request: Request<pb::ExportPlanRequest>,
    ) -> Result<Response<pb::ExportPlanResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let id = common::id("plan_id", &asked.plan_id)?;
        let wanted = Export {
            revision: common::optional_id("revision_id", &asked.revision_id)?,
            format: format(asked.format, &asked.template_id)?,
            step: (asked.step > 0).then_some(asked.step),
        };
        let exported = self.0.export(&caller, id, wanted).await?;
        Ok(Response::new(pb::ExportPlanResponse {
            text: exported.text,
            file_name: exported.file_name,
            media_type: exported.media_type.to_owned(),
            command_line: exported.command_line,
            revision_id: exported.revision.id.to_string(),
            content_hash: exported.revision.content_hash,
            approved: exported.approved,
        }))
    }

    async fn verify_outcome(
        &self,
        request: Request<pb::VerifyOutcomeRequest>,
    ) -> Result<Response<pb::VerifyOutcomeResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let id = common::id("plan_id", &asked.plan_id)?;
        let revision = common::optional_id("revision_id", &asked.revision_id)?;
        let from = commit("from_commit", &asked.from_commit)?;
        let to = commit("to_commit", &asked.to_commit)?;
        let verified = self.0.verify(&caller, id, revision, from, to).await?;
        Ok(Response::new(encode_diff::verified(verified)))
    }

    type WatchPlanStream = Answers<pb::WatchPlanResponse>;

    async fn watch_plan(
        &self,
        request: Request<pb::WatchPlanRequest>,
    ) -> Result<Response<Self::WatchPlanStream>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let id = common::id("plan_id", &asked.plan_id)?;
        let cursor = common::cursor(asked.after_sequence, &asked.epoch)?;
        let updates = watch(&self.0, &caller.access, id, cursor).map(|update| {
            update.map(|update| pb::WatchPlanResponse { update: Some(update) }).map_err(Status::from)
        });
        let heartbeat = || pb::WatchPlanResponse {
            update: Some(pb::PlanUpdate { kind: Some(plan_update::Kind::Heartbeat(encode::heartbeat())) }),
        };
        Ok(Response::new(guarded(&caller, heartbeat, updates)))
    }
}
