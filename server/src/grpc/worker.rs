//! `banto.v1.Worker`.

use super::{
    caller, decode, encode,
    stream::{Answers, guarded},
};
use crate::{companion::Companion, feed::ListUpdate, id::WorkspaceId, registry::Registry, store::Access};
use banto_proto::v1::{self as pb, workers_update::Kind};
use futures::{Stream, StreamExt as _};
use tonic::{Request, Response, Status};

/// The service.
#[derive(Debug)]
pub(super) struct WorkerService {
    pub registry: Registry,
    pub companion: Companion,
}

pub(super) fn watch(
    registry: &Registry,
    access: Access,
    workspace: Option<WorkspaceId>,
) -> impl Stream<Item = crate::error::Result<pb::WorkersUpdate>> + Send + 'static {
    let reader = registry.clone();
    let visible_to = access.clone();
    let snapshot = move || {
        let (reader, access) = (reader.clone(), access.clone());
        Box::pin(async move { reader.workers(&access, None, workspace).await })
    };
    let visible = move |worker: &crate::registry::WorkerView| {
        let of = worker.row.workspace_id;
        visible_to.allows(of) && workspace.is_none_or(|wanted| wanted == of)
    };
    registry.worker_list().watch(snapshot, visible).map(|update| {
        update.map(|update| match update {
            ListUpdate::Snapshot(workers) => {
                let workers = workers.into_iter().map(encode::worker).collect();
                pb::WorkersUpdate { kind: Some(Kind::Snapshot(pb::WorkersSnapshot { workers })) }
            }
            ListUpdate::Changed(worker) => {
                pb::WorkersUpdate { kind: Some(Kind::Upserted(encode::worker((*worker).clone()))) }
            }
        })
    })
}

#[tonic::async_trait]
impl pb::worker_server::Worker for WorkerService {
    async fn list_workers(
        &self,
        request: Request<pb::ListWorkersRequest>,
    ) -> Result<Response<pb::ListWorkersResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let runtime = match asked.runtime_id.as_str() {
            "" => None,
            id => Some(decode::runtime(id)?),
        };
        let workspace = decode::workspace(&asked.workspace_id)?;
        let workers = self.registry.workers(&caller.access, runtime.as_ref(), workspace).await?;
        Ok(Response::new(pb::ListWorkersResponse {
            workers: workers.into_iter().map(encode::worker).collect(),
        }))
    }

    async fn get_worker(
        &self,
        request: Request<pb::GetWorkerRequest>,
    ) -> Result<Response<pb::GetWorkerResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let (runtime, id) = (decode::runtime(&asked.runtime_id)?, decode::worker(&asked.worker_id)?);
        let worker = self.registry.worker(&caller.access, &runtime, id).await?;
        Ok(Response::new(pb::GetWorkerResponse { worker: Some(encode::worker(worker)) }))
    }

    async fn stop_worker(
        &self,
        request: Request<pb::StopWorkerRequest>,
    ) -> Result<Response<pb::StopWorkerResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let (runtime, id) = (decode::runtime(&asked.runtime_id)?, decode::worker(&asked.worker_id)?);
        let worker = self.companion.stop_worker(&caller, &runtime, id).await?;
        Ok(Response::new(pb::StopWorkerResponse { worker: Some(encode::worker(worker)) }))
    }

    async fn restart_worker(
        &self,
        request: Request<pb::RestartWorkerRequest>,
    ) -> Result<Response<pb::RestartWorkerResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let (runtime, id) = (decode::runtime(&asked.runtime_id)?, decode::worker(&asked.worker_id)?);
        let worker = self.registry.set_stopped(&caller, &runtime, id, false).await?;
        Ok(Response::new(pb::RestartWorkerResponse { worker: Some(encode::worker(worker)) }))
    }

    type WatchWorkersStream = Answers<pb::WatchWorkersResponse>;

    async fn watch_workers(
        &self,
        request: Request<pb::WatchWorkersRequest>,
    ) -> Result<Response<Self::WatchWorkersStream>, Status> {
        let caller = caller(&request)?;
        let workspace = decode::workspace(&request.get_ref().workspace_id)?;
        let updates = watch(&self.registry, caller.access.clone(), workspace)
            .map(|update| Ok(pb::WatchWorkersResponse { update: Some(update?) }));
        let heartbeat = || pb::WatchWorkersResponse {
            update: Some(pb::WorkersUpdate { kind: Some(Kind::Heartbeat(encode::heartbeat())) }),
        };
        Ok(Response::new(guarded(&caller, heartbeat, updates)))
    }
}
