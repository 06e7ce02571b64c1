//! `banto.v1.Workflows`.

use super::{
    caller, decode, encode, encode_task,
    stream::{Answers, guarded},
};
use crate::{
    error::{Error, Result as Domain},
    feed::{Cursor, WorkflowUpdate},
    id::WorkflowId,
    input,
    store::{Access, workflow, workflow_stage::StageKind},
    workflow::{Found, Wanted, Workflows},
};
use banto_proto::v1::{self as pb, workflow_update::Kind};
use futures::{Stream, StreamExt as _};
use tonic::{Request, Response, Status};

/// Files to call relevant, where nobody says how many, and at most.
const RELEVANT: (u32, u32) = (20, 200);
/// Neighbours to add, where nobody says how many, and at most.
const EXTENDED: (u32, u32) = (10, 100);

/// The service.
#[derive(Debug)]
pub(super) struct WorkflowsService(pub Workflows);

/// Watches a workflow.
pub(super) fn watch(
    workflows: &Workflows,
    access: Access,
    id: WorkflowId,
    cursor: Option<Cursor>,
) -> impl Stream<Item = Domain<pb::WorkflowUpdate>> + Send + 'static {
    workflows.logs().watch(access, id, cursor).map(|update| {
        update.map(|update| {
            let kind = match update {
                WorkflowUpdate::Reset => Kind::Reset(pb::Reset { reason: pb::ResetReason::Pruned.into() }),
                WorkflowUpdate::Snapshot(whole) => {
                    let (row, stages) = *whole;
                    let workflow = Some(encode_task::workflow(row, stages));
                    Kind::Snapshot(pb::WorkflowSnapshot { workflow })
                }
                WorkflowUpdate::Event(event, whole) => {
                    Kind::Event(encode_task::workflow_event(*event, whole.map(|whole| *whole)))
                }
                WorkflowUpdate::Progress { kind, done, total } => Kind::Progress(pb::StageProgress {
                    kind: encode_task::stage_kind(kind).into(),
                    done,
                    total,
                }),
            };
            pb::WorkflowUpdate { kind: Some(kind) }
        })
    })
}

fn within(field: &'static str, asked: u32, (usual, most): (u32, u32)) -> Domain<u32> {
    match asked {
        0 => Ok(usual),
        asked if asked <= most => Ok(asked),
        _ => Err(Error::invalid(field, format!("must be 1 to {most}"))),
    }
}

fn stage_kind(kind: i32) -> Domain<Option<StageKind>> {
    Ok(match pb::StageKind::try_from(kind).map_err(|_| Error::invalid("from_stage", "is unknown"))? {
        pb::StageKind::Unspecified => None,
        pb::StageKind::RootFolderSelection => Some(StageKind::RootFolderSelection),
        pb::StageKind::RegexFileFilter => Some(StageKind::RegexFileFilter),
        pb::StageKind::FileRelevanceAssessment => Some(StageKind::FileRelevanceAssessment),
        pb::StageKind::ExtendedPathFinder => Some(StageKind::ExtendedPathFinder),
    })
}

fn listed(Found { row, stages }: Found) -> pb::Workflow {
    encode_task::workflow(row, stages)
}

#[tonic::async_trait]
impl pb::workflows_server::Workflows for WorkflowsService {
    async fn start_file_finder(
        &self,
        request: Request<pb::StartFileFinderRequest>,
    ) -> Result<Response<pb::StartFileFinderResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let wanted = Wanted {
            task_id: decode::id("task_id", &asked.task_id)?,
            mode: decode::finder_mode("mode", asked.mode)?,
            provider_id: input::line("provider_id", &asked.provider_id, input::MAX_TITLE)?,
            model: input::line("model", &asked.model, input::MAX_TITLE)?,
            max_relevant: within("max_relevant", asked.max_relevant, RELEVANT)?,
            max_extended: within("max_extended", asked.max_extended, EXTENDED)?,
            request_id: input::client_id("request_id", &asked.request_id)?,
        };
        let found = self.0.start(&caller, wanted).await?;
        Ok(Response::new(pb::StartFileFinderResponse { workflow: Some(listed(found)) }))
    }

    async fn get_workflow(
        &self,
        request: Request<pb::GetWorkflowRequest>,
    ) -> Result<Response<pb::GetWorkflowResponse>, Status> {
        let caller = caller(&request)?;
        let id = decode::id("workflow_id", &request.into_inner().workflow_id)?;
        let Found { row, stages } = self.0.get(&caller.access, id).await?;
        let artifacts = self.0.artifacts(id).await?;
        let workflow = encode_task::whole_workflow(row, stages, artifacts);
        Ok(Response::new(pb::GetWorkflowResponse { workflow: Some(workflow) }))
    }

    async fn list_workflows(
        &self,
        request: Request<pb::ListWorkflowsRequest>,
    ) -> Result<Response<pb::ListWorkflowsResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let page = workflow::Page {
            workspace: decode::workspace(&asked.workspace_id)?,
            task: decode::optional_id("task_id", &asked.task_id)?,
            limit: decode::page_size(asked.page_size, 50, 200)?,
            before: decode::optional_id("page_token", &asked.page_token)?,
        };
        let (found, more) = self.0.page(&caller.access, &page).await?;
        let next = found.last().filter(|_| more).map(|found| found.row.id.to_string());
        Ok(Response::new(pb::ListWorkflowsResponse {
            workflows: found.into_iter().map(listed).collect(),
            next_page_token: next.unwrap_or_default(),
        }))
    }

    async fn cancel_workflow(
        &self,
        request: Request<pb::CancelWorkflowRequest>,
    ) -> Result<Response<pb::CancelWorkflowResponse>, Status> {
        let caller = caller(&request)?;
        let id = decode::id("workflow_id", &request.into_inner().workflow_id)?;
        let (found, was_running) = self.0.cancel(&caller, id).await?;
        let outcome = if found.row.state == crate::run::RunState::Cancelled && was_running {
            pb::CancelOutcome::Cancelled
        } else if found.row.state.is_terminal() {
            pb::CancelOutcome::AlreadyEnded
        } else {
            pb::CancelOutcome::Requested
        };
        let response = pb::CancelWorkflowResponse { workflow: Some(listed(found)), outcome: outcome.into() };
        Ok(Response::new(response))
    }

    async fn retry_workflow(
        &self,
        request: Request<pb::RetryWorkflowRequest>,
    ) -> Result<Response<pb::RetryWorkflowResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let id = decode::id("workflow_id", &asked.workflow_id)?;
        let from = stage_kind(asked.from_stage)?;
        let request_id = input::client_id("request_id", &asked.request_id)?;
        let found = self.0.retry(&caller, id, from, request_id).await?;
        Ok(Response::new(pb::RetryWorkflowResponse { workflow: Some(listed(found)) }))
    }

    type WatchWorkflowStream = Answers<pb::WatchWorkflowResponse>;

    async fn watch_workflow(
        &self,
        request: Request<pb::WatchWorkflowRequest>,
    ) -> Result<Response<Self::WatchWorkflowStream>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let id = decode::id("workflow_id", &asked.workflow_id)?;
        let cursor = decode::cursor(asked.after_sequence, &asked.epoch)?;
        let updates = watch(&self.0, caller.access.clone(), id, cursor).map(|update| {
            update.map(|update| pb::WatchWorkflowResponse { update: Some(update) }).map_err(Status::from)
        });
        let heartbeat = || pb::WatchWorkflowResponse {
            update: Some(pb::WorkflowUpdate { kind: Some(Kind::Heartbeat(encode::heartbeat())) }),
        };
        Ok(Response::new(guarded(&caller, heartbeat, updates)))
    }
}
