//! Brings what other servers of a shared database tell to the rooms.

use crate::{
    access::Tokens,
    companion::Companion,
    error::{Error, Result},
    feed::{Conversation, Feed},
    job::Jobs,
    plan::Plans,
    registry::Registry,
    store::notice::Notice,
    task::Tasks,
    workflow::Workflows,
    workspace::Workspaces,
};

/// The rooms that show what other servers change.
pub(super) struct Audience {
    pub feed: Feed<Conversation>,
    pub companion: Companion,
    pub jobs: Jobs,
    pub registry: Registry,
    pub tokens: Tokens,
    pub workspaces: Workspaces,
    pub tasks: Tasks,
    pub workflows: Workflows,
    pub plans: Plans,
}

impl Audience {
    /// # Errors
    /// Storage errors.
    pub async fn hear(&self, notice: Notice) -> Result<()> {
        let heard = match notice {
            Notice::Conversation(id) => {
                self.feed.catch_up(id).await?;
                self.companion.changed_elsewhere(id).await
            }
            Notice::Deleted { workspace, conversation } => {
                self.feed.catch_up(conversation).await?;
                self.companion.deleted_elsewhere(workspace, conversation);
                Ok(())
            }
            Notice::Text { conversation, reply } => self.feed.read_on(conversation, reply).await,
            Notice::Job(id) => {
                // A retry changes the log too.
                if let Some(conversation) = self.jobs.changed_elsewhere(id).await?.conversation_id {
                    self.feed.catch_up(conversation).await?;
                }
                Ok(())
            }
            Notice::Plan(id) => self.plans.changed_elsewhere(id).await,
            Notice::Written { plan, revision } => self.plans.written_elsewhere(plan, revision).await,
            Notice::Worker(id) => {
                self.registry.changed_elsewhere(id);
                Ok(())
            }
            Notice::Task(id) => self.tasks.changed_elsewhere(id).await,
            Notice::Workflow(id) => self.workflows.changed_elsewhere(id).await,
            Notice::Workspace(id) => self.workspaces.changed_elsewhere(id).await,
            Notice::Revoked(id) => {
                self.tokens.revoked_elsewhere(id);
                Ok(())
            }
            Notice::Anything => {
                self.feed.catch_up_all().await?;
                self.companion.watchable().start_over();
                self.jobs.watchable().start_over();
                self.tasks.watchable().start_over();
                self.workflows.catch_up_all().await?;
                self.plans.catch_up_all().await?;
                self.registry.worker_list().start_over();
                self.registry.runtime_list().start_over();
                self.workspaces.watchable().start_over();
                self.tokens.check_all().await
            }
        };
        match heard {
            // It is gone by now, and that was told too.
            Err(Error::NotFound(_)) => Ok(()),
            heard => heard,
        }
    }
}
