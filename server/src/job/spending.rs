//! Spend limits: they stop before, not after.

use crate::{
    error::{Error, Result},
    store::{Tx, job, preferences::Preferences, task},
};
use chrono::NaiveTime;

/// Refuses a model call once a limit is reached: that of the day, or that of the
/// task that it is for.
///
/// # Errors
/// `LimitExceeded`.
pub async fn check(tx: &Tx, preferences: &Preferences, task: Option<&task::Model>) -> Result<()> {
    let reached = |what: &str| Error::LimitExceeded { what: what.to_owned(), retry_after: None };
    if let Some(limit) = preferences.daily_spend_limit_nano_usd {
        let midnight = crate::clock::now().date_naive().and_time(NaiveTime::MIN).and_utc();
        if job::spent_since(tx, midnight).await? >= limit {
            return Err(reached("the spend limit of the day is reached"));
        }
    }
    if let (Some(limit), Some(task)) = (preferences.task_spend_limit_nano_usd, task)
        && task.usage.cost_nano_usd.unwrap_or_default() >= limit
    {
        return Err(reached("the spend limit of the task is reached"));
    }
    Ok(())
}
