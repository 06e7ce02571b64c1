//! `banto.v1.RuntimeRegistry`.

use super::{
    caller, decode, encode,
    stream::{Answers, guarded},
};
use crate::{feed::ListUpdate, registry::Registry};
use banto_proto::v1::{self as pb, runtimes_update::Kind};
use futures::{Stream, StreamExt as _};
use tonic::{Request, Response, Status};

/// The service.
#[derive(Debug)]
pub(super) struct RuntimeRegistryService(pub Registry);

pub(super) fn watch(
    registry: &Registry,
    access: crate::store::Access,
) -> impl Stream<Item = crate::error::Result<pb::RuntimesUpdate>> + Send + 'static {
    let reader = registry.clone();
    let snapshot = move || {
        let (reader, access) = (reader.clone(), access.clone());
        Box::pin(async move { reader.runtimes(&access).await })
    };
    registry.runtime_list().watch(snapshot, |_| true).map(|update| {
        update.map(|update| match update {
            ListUpdate::Snapshot(runtimes) => {
                let runtimes = runtimes.into_iter().map(encode::runtime).collect();
                pb::RuntimesUpdate { kind: Some(Kind::Snapshot(pb::RuntimesSnapshot { runtimes })) }
            }
            ListUpdate::Changed(runtime) => {
                pb::RuntimesUpdate { kind: Some(Kind::Upserted(encode::runtime((*runtime).clone()))) }
            }
        })
    })
}

#[tonic::async_trait]
impl pb::runtime_registry_server::RuntimeRegistry for RuntimeRegistryService {
    async fn list_runtimes(
        &self,
        request: Request<pb::ListRuntimesRequest>,
    ) -> Result<Response<pb::ListRuntimesResponse>, Status> {
        let caller = caller(&request)?;
        let runtimes = self.0.runtimes(&caller.access).await?;
        Ok(Response::new(pb::ListRuntimesResponse {
            runtimes: runtimes.into_iter().map(encode::runtime).collect(),
        }))
    }

    async fn get_runtime(
        &self,
        request: Request<pb::GetRuntimeRequest>,
    ) -> Result<Response<pb::GetRuntimeResponse>, Status> {
        let caller = caller(&request)?;
        let id = decode::runtime(&request.get_ref().runtime_id)?;
        let runtime = self.0.runtime(&caller.access, &id).await?;
        Ok(Response::new(pb::GetRuntimeResponse { runtime: Some(encode::runtime(runtime)) }))
    }

    type WatchRuntimesStream = Answers<pb::WatchRuntimesResponse>;

    async fn watch_runtimes(
        &self,
        request: Request<pb::WatchRuntimesRequest>,
    ) -> Result<Response<Self::WatchRuntimesStream>, Status> {
        let caller = caller(&request)?;
        let answer = |update| pb::WatchRuntimesResponse { update: Some(update) };
        let updates = watch(&self.0, caller.access.clone()).map(move |update| Ok(answer(update?)));
        let heartbeat = || pb::WatchRuntimesResponse {
            update: Some(pb::RuntimesUpdate { kind: Some(Kind::Heartbeat(encode::heartbeat())) }),
        };
        Ok(Response::new(guarded(&caller, heartbeat, updates)))
    }
}
