//! Watches of plans.

use crate::{
    error::Result as Domain,
    feed::{Cursor, ListUpdate},
    grpc::encode_plan,
    id::{PlanId, TaskId},
    plan::Plans,
    store::{Access, plan},
};
use banto_proto::v1::{self as pb, plans_update};
use futures::{Stream, StreamExt as _};

/// Plans of a snapshot of the list.
const SNAPSHOT_PLANS: u64 = 100;

/// Watches a plan.
pub(in crate::grpc) fn watch(
    plans: &Plans,
    access: &Access,
    id: PlanId,
    cursor: Option<Cursor>,
) -> impl Stream<Item = Domain<pb::PlanUpdate>> + Send + 'static {
    plans.watch(access, id, cursor).into_stream().map(|update| update.map(encode_plan::update))
}

/// Watches the plans of a task.
pub(in crate::grpc) fn watch_list(
    plans: &Plans,
    access: Access,
    task: TaskId,
) -> impl Stream<Item = Domain<pb::PlansUpdate>> + Send + 'static {
    let reader = plans.clone();
    let snapshot = move || {
        let (reader, access) = (reader.clone(), access.clone());
        Box::pin(async move {
            reader.require_task(&access, task).await?;
            let page = plan::Page { task: Some(task), limit: SNAPSHOT_PLANS, ..plan::Page::default() };
            Ok(reader.page(&access, &page).await?.0)
        })
    };
    plans.watchable().watch(snapshot, move |plan: &plan::Model| plan.task_id == task).map(|update| {
        use plans_update::Kind;
        update.map(|update| match update {
            ListUpdate::Snapshot(rows) => {
                let plans = rows.into_iter().map(encode_plan::plan).collect();
                pb::PlansUpdate { kind: Some(Kind::Snapshot(pb::PlansSnapshot { plans })) }
            }
            ListUpdate::Changed(row) => {
                pb::PlansUpdate { kind: Some(Kind::Upserted(encode_plan::plan((*row).clone()))) }
            }
        })
    })
}
