//! Having a model write a passage better. What it writes is the response of a job;
//! applying it is the person's choice.

use super::Tasks;
use crate::{
    access::Principal,
    error::{Error, Result},
    id::TaskId,
    job::{NewCall, spending},
    prompt,
    provider::{Message, Request, Role},
    store::{
        audit,
        job::{self, JobType},
        preferences, task,
        task_version::History,
    },
};
use serde::Serialize;
use serde_json::json;
use std::ops::Range;

const INSTRUCTIONS: &str = "task/improve";
const TEXT: &str = "task/improve-text";

/// What to improve.
#[derive(Clone, Debug)]
pub struct Improvement {
    /// Version of the description that the range is meant for.
    pub expected_version: Option<i64>,
    /// Where the passage begins, in bytes.
    pub start: usize,
    /// Where it ends, in bytes; `None`: at the end of the description.
    pub end: Option<usize>,
    /// What to mind; empty: nothing in particular.
    pub instructions: String,
    /// Provider; empty: as in the preferences.
    pub provider_id: String,
    /// Model; empty: as in the preferences.
    pub model: String,
    /// The client's id of the request.
    pub request_id: Option<String>,
}

#[derive(Serialize)]
struct Instructions<'a> {
    instructions: Option<&'a str>,
}

#[derive(Serialize)]
struct Passage<'a> {
    mark: &'a str,
    before: &'a str,
    passage: &'a str,
    after: &'a str,
}

impl Tasks {
    /// Starts a job that improves a passage.
    ///
    /// # Errors
    /// `VersionConflict` when the caller saw an old version; `InvalidInput` for the
    /// range; `ModelRequired`, `CompanionUnavailable`; `LimitExceeded`.
    pub async fn improve(&self, by: &Principal, id: TaskId, wanted: Improvement) -> Result<job::Model> {
        let task = self.get(&by.access, id).await?;
        if let Some(request) = &wanted.request_id
            && let Some(job) = job::by_request(self.store.read(), id, request).await?
        {
            return Ok(job);
        }
        let preferences = preferences::get(self.store.read()).await?.body;
        let model = self.registry.model(&preferences, &wanted.provider_id, &wanted.model).await?;
        let tx = self.store.begin().await?;
        let task = task::lock(&tx, &by.access, task.id).await?;
        super::history::expect(&task, History::Description, wanted.expected_version)?;
        if let Some(request) = &wanted.request_id
            && let Some(job) = job::by_request(&tx, id, request).await?
        {
            return Ok(job);
        }
        spending::check(&tx, &preferences, Some(&task)).await?;
        let (before, passage, after) = {
            let end = wanted.end.unwrap_or(task.description.len());
            cut(&task.description, &(wanted.start..end))?
        };
        let instructions = Some(wanted.instructions.as_str()).filter(|instructions| !instructions.is_empty());
        let system = self.prompts.render(INSTRUCTIONS, &Instructions { instructions })?;
        let mark = &prompt::mark(&[&task.description]);
        let text = self.prompts.render(TEXT, &Passage { mark, before, passage, after })?;
        let call = NewCall {
            workspace_id: task.workspace_id,
            task_id: id,
            workflow_id: None,
            plan_id: None,
            request_id: wanted.request_id,
            job_type: JobType::TextImprovement,
            request: Request {
                model: model.id,
                system: system.text,
                messages: vec![Message { role: Role::User, text: text.text }],
                max_output_tokens: Some(self.reply_tokens),
            },
            provider: model.provider,
            prompts: vec![system.prompt, text.prompt],
        };
        let job = self.jobs.insert_call(&tx, &call).await?;
        audit::append(&tx, &by.name, "task.improve", &id.to_string(), json!({"job": job.id})).await?;
        let answer = self.jobs.run(tx, job.clone(), call).await?;
        let tasks = self.clone();
        tokio::spawn(async move {
            if let Ok(answer) = answer.await
                && let Some(task) = answer.task
            {
                tasks.publish(task);
            }
        });
        Ok(job)
    }
}

fn cut<'a>(text: &'a str, range: &Range<usize>) -> Result<(&'a str, &'a str, &'a str)> {
    let whole_characters = |field, at: usize| {
        if text.is_char_boundary(at) {
            Ok(())
        } else {
            Err(Error::invalid(field, "is not at the start of a character of the description"))
        }
    };
    whole_characters("start", range.start)?;
    whole_characters("end", range.end)?;
    let passage = text.get(range.clone()).unwrap_or_default();
    if passage.trim().is_empty() {
        return Err(Error::invalid("end", "the passage is empty"));
    }
    Ok((&text[..range.start], passage, &text[range.end..]))
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn a_passage_is_cut_at_characters() {
        assert_eq!(cut("番頭 x", &(0..6)).ok(), Some(("", "番頭", " x")));
        assert!(cut("番頭", &(1..6)).is_err());
        assert!(cut("番頭", &(0..7)).is_err());
        assert!(cut("a  b", &(1..3)).is_err());
        #[expect(clippy::reversed_empty_ranges, reason = "what a caller may send")]
        let backwards = 2..1;
        assert!(cut("abc", &backwards).is_err());
    }
}
