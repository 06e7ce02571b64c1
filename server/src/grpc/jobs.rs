//! `banto.v1.Jobs`.

use super::{
    caller, decode, encode,
    stream::{Answers, guarded},
};
use crate::{
    feed::ListUpdate,
    id::WorkspaceId,
    job::Jobs,
    run::RunState,
    store::{Access, job},
};
use banto_proto::v1::{self as pb, jobs_update::Kind};
use futures::{Stream, StreamExt as _};
use tonic::{Request, Response, Status};

/// Jobs of a snapshot.
const SNAPSHOT_JOBS: u64 = 100;

/// The service.
#[derive(Debug)]
pub(super) struct JobsService(pub Jobs);

pub(super) fn watch(
    jobs: &Jobs,
    access: Access,
    workspace: Option<WorkspaceId>,
) -> impl Stream<Item = crate::error::Result<pb::JobsUpdate>> + Send + 'static {
    let reader = jobs.clone();
    let visible_to = access.clone();
    let newest = job::Page { workspace, limit: SNAPSHOT_JOBS, ..job::Page::default() };
    let snapshot = move || {
        let (reader, access) = (reader.clone(), access.clone());
        Box::pin(async move { Ok(reader.page(&access, &newest).await?.0) })
    };
    let visible = move |job: &job::Model| {
        visible_to.allows(job.workspace_id) && workspace.is_none_or(|wanted| wanted == job.workspace_id)
    };
    jobs.watchable().watch(snapshot, visible).map(|update| {
        update.map(|update| match update {
            ListUpdate::Snapshot(jobs) => {
                let jobs = jobs.into_iter().map(encode::job).collect();
                pb::JobsUpdate { kind: Some(Kind::Snapshot(pb::JobsSnapshot { jobs })) }
            }
            ListUpdate::Changed(job) => {
                pb::JobsUpdate { kind: Some(Kind::Upserted(encode::job((*job).clone()))) }
            }
        })
    })
}

#[tonic::async_trait]
impl pb::jobs_server::Jobs for JobsService {
    async fn list_jobs(
        &self,
        request: Request<pb::ListJobsRequest>,
    ) -> Result<Response<pb::ListJobsResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let page = job::Page {
            workspace: decode::workspace(&asked.workspace_id)?,
            state: decode::run_state(asked.state)?,
            job_type: decode::job_type(asked.job_type)?,
            conversation: decode::optional_id("conversation_id", &asked.conversation_id)?,
            task: decode::optional_id("task_id", &asked.task_id)?,
            workflow: decode::optional_id("workflow_id", &asked.workflow_id)?,
            plan: decode::optional_id("plan_id", &asked.plan_id)?,
            limit: decode::page_size(asked.page_size, 50, 200)?,
            before: decode::optional_id("page_token", &asked.page_token)?,
        };
        let (jobs, more) = self.0.page(&caller.access, &page).await?;
        let next = jobs.last().filter(|_| more).map(|job| job.id.to_string());
        Ok(Response::new(pb::ListJobsResponse {
            jobs: jobs.into_iter().map(encode::job).collect(),
            next_page_token: next.unwrap_or_default(),
        }))
    }

    async fn get_job(
        &self,
        request: Request<pb::GetJobRequest>,
    ) -> Result<Response<pb::GetJobResponse>, Status> {
        let caller = caller(&request)?;
        let id = decode::id("job_id", &request.get_ref().job_id)?;
        let job = self.0.get(&caller.access, id).await?;
        let texts = self.0.transcript(&job).await?;
        Ok(Response::new(pb::GetJobResponse {
            prompt: texts.prompt.into_iter().map(encode::prompt_part).collect(),
            response: texts.response,
            prompt_expired: job.prompt_expired,
            job: Some(encode::job(job)),
        }))
    }

    async fn cancel_job(
        &self,
        request: Request<pb::CancelJobRequest>,
    ) -> Result<Response<pb::CancelJobResponse>, Status> {
        let caller = caller(&request)?;
        let id = decode::id("job_id", &request.get_ref().job_id)?;
        let before = self.0.get(&caller.access, id).await?;
        let after = self.0.cancel(&caller, id).await?;
        let cancelled = !before.state.is_terminal() && after.state == RunState::Cancelled;
        Ok(Response::new(pb::CancelJobResponse { job: Some(encode::job(after)), cancelled }))
    }

    type WatchJobsStream = Answers<pb::WatchJobsResponse>;

    async fn watch_jobs(
        &self,
        request: Request<pb::WatchJobsRequest>,
    ) -> Result<Response<Self::WatchJobsStream>, Status> {
        let caller = caller(&request)?;
        let workspace = decode::workspace(&request.get_ref().workspace_id)?;
        let updates = watch(&self.0, caller.access.clone(), workspace)
            .map(|update| Ok(pb::WatchJobsResponse { update: Some(update?) }));
        let heartbeat = || pb::WatchJobsResponse {
            update: Some(pb::JobsUpdate { kind: Some(Kind::Heartbeat(encode::heartbeat())) }),
        };
        Ok(Response::new(guarded(&caller, heartbeat, updates)))
    }
}
