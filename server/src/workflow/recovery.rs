//! What a dead server left behind goes on here, from the last stage that ended.

use super::{
    Live, Workflows,
    commit::{ended, over, started},
    run::{MOST_ATTEMPTS, Run},
};
use crate::{
    error::Result,
    run::{Failure, FailureKind, RunState},
    store::{
        Access, preferences, task,
        workflow::{self, Mode},
        workflow_stage::{self, StageKind},
    },
};

impl Workflows {
    /// Takes up the workflows whose server is gone. Returns how many there were. One
    /// that was interrupted too often ends INTERRUPTED.
    ///
    /// # Errors
    /// Storage errors; what was taken up until then goes on.
    pub async fn recover(&self) -> Result<usize> {
        let mut taken = 0;
        for orphan in workflow::orphans(self.store.read()).await? {
            taken += usize::from(self.take_up(orphan).await?);
        }
        Ok(taken)
    }

    async fn take_up(&self, orphan: workflow::Model) -> Result<bool> {
        let tx = self.store.begin().await?;
        let mut row = workflow::lock(&tx, &Access::All, orphan.id).await?;
        if row.state != RunState::Running || row.server_id != orphan.server_id {
            return Ok(false);
        }
        row.server_id = Some(self.jobs.server());
        let stages = workflow_stage::of_workflow(&tx, row.id).await?;
        let running = stages.into_iter().find(|stage| stage.row.state == RunState::Running);
        let kind = running.as_ref().map_or(StageKind::RootFolderSelection, |stage| stage.row.kind);
        let worn_out = running.as_ref().is_none_or(|stage| stage.row.attempt >= MOST_ATTEMPTS);
        let task = task::lock(&tx, &Access::All, row.task_id).await?;
        if worn_out || row.cancel_requested {
            let state = if row.cancel_requested { RunState::Cancelled } else { RunState::Interrupted };
            let failure = running.and_then(|stage| stage.row.failure);
            ended(&tx, &mut row, kind, state, failure).await?;
            let task = over(&tx, &mut row, task, state).await?;
            workflow::save(&tx, &row).await?;
            tx.commit().await?;
            self.tell(row.id);
            self.tasks.publish(task);
            return Ok(true);
        }
        started(&tx, &mut row, kind).await?;
        workflow::save(&tx, &row).await?;
        let live = Live::default();
        self.live().insert(row.id, live.clone());
        tx.commit().await?;
        self.tell(row.id);
        let workflows = self.clone();
        tokio::spawn(async move {
            // It was accepted, so it waits instead of being refused.
            let Ok(permit) = workflows.running.clone().acquire_owned().await else { return };
            let model = workflows.model_again(&row).await;
            let run = |model| Run::new(workflows.clone(), row.clone(), task, model, live);
            match model {
                Ok(model) => run(model).spawn(permit),
                Err(failure) => run(None).give_up(kind, failure, permit),
            }
        });
        Ok(true)
    }

    async fn model_again(
        &self,
        row: &workflow::Model,
    ) -> Result<Option<crate::registry::ChosenModel>, Failure> {
        if row.mode == Mode::Engine {
            return Ok(None);
        }
        let chosen = async {
            let preferences = preferences::get(self.store.read()).await?.body;
            let provider = row.provider_id.as_deref().unwrap_or_default();
            self.registry.model(&preferences, provider, row.model.as_deref().unwrap_or_default()).await
        };
        let chosen = chosen.await.map_err(|error| {
            let what = format!("after a restart the model cannot be asked any more: {error}");
            Failure::new(FailureKind::Rejected, true, what)
        });
        chosen.map(Some)
    }
}
