//! What a dead server left behind: its turns become INTERRUPTED, with the text
//! that was durable, whatever their age. A retry is the person's to ask for.

use super::{Companion, turn::end_turn};
use crate::{
    error::Result,
    store::{
        job::{self, Ended, JobType},
        message, text_chunk, turn,
    },
};

/// Ends the jobs whose server is gone. Returns how many there were.
///
/// # Errors
/// Storage errors; what was repaired until then stays repaired.
pub async fn sweep(companion: &Companion) -> Result<usize> {
    let mut repaired = 0;
    for job in job::orphans(companion.store.read()).await? {
        if job.job_type == JobType::CompanionTurn {
            repaired += usize::from(interrupt(companion, &job).await?);
        }
    }
    Ok(repaired)
}

async fn interrupt(companion: &Companion, job: &job::Model) -> Result<bool> {
    let Some(turn_id) = job.turn_id else { return Ok(false) };
    let tx = companion.store.begin().await?;
    let turn = turn::get(&tx, turn_id).await?;
    let mut reply = message::get(&tx, turn.row.assistant_message_id).await?;
    reply.text = text_chunk::joined(&tx, reply.id).await?;
    let Some(end) = end_turn(&tx, turn.row, reply, None, &Ended::interrupted(job)).await? else {
        return Ok(false);
    };
    tx.commit().await?;
    let worker = end.conversation.worker_id;
    companion.tell_of_end(end);
    companion.registry.refresh(worker);
    Ok(true)
}
