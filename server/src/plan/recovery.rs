//! What a dead server left behind: revisions that were being written become
//! INTERRUPTED, with the text that was durable. Asking again is a person's choice.

use super::{Plans, write::end_revision};
use crate::{
    error::Result,
    store::{
        job::{self, Ended},
        plan_revision, text_chunk,
    },
};

impl Plans {
    /// Ends the revisions whose server is gone. Returns how many there were.
    ///
    /// # Errors
    /// Storage errors; what was repaired until then stays repaired.
    pub async fn sweep(&self) -> Result<usize> {
        let mut repaired = 0;
        for job in job::orphans(self.store.read()).await? {
            if job.plan_id.is_some() {
                repaired += usize::from(self.interrupt(&job).await?);
            }
        }
        Ok(repaired)
    }

    async fn interrupt(&self, job: &job::Model) -> Result<bool> {
        let Some(revision) = plan_revision::of_job(self.store.read(), job.id).await? else {
            return Ok(false);
        };
        let text = text_chunk::joined(self.store.read(), revision.id).await?;
        let parsed = banto_plan::parse(&text);
        let shape = self.shape(&revision, &text, &parsed).await;
        let tx = self.store.begin().await?;
        let ended = Ended::interrupted(job);
        let Some(end) = end_revision(&tx, revision, None, &ended, &text, &parsed, shape).await? else {
            return Ok(false);
        };
        tx.commit().await?;
        self.tell_of_end(end);
        Ok(true)
    }
}
