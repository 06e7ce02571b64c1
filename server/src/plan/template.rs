//! Templates for exports. A placeholder is replaced once, by exactly the bytes of
//! its value: what stands in a value is never looked at again.

use super::Plans;
use crate::{
    access::Principal,
    error::{Error, Result},
    id::TemplateId,
    store::{
        audit,
        template::{self, MOST_TEMPLATES, Model},
    },
};
use regex::Regex;
use serde_json::json;
use std::sync::LazyLock;

/// Longest name, in characters.
pub const MAX_NAME: usize = 100;
/// Longest text, in characters.
pub const MAX_TEMPLATE: usize = 20_000;

#[expect(clippy::expect_used, reason = "the pattern is a constant")]
static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\{\{(plan|plan_xml|task|title|step|files|workspace)\}\}").expect("the pattern is sound")
});

/// What placeholders stand for.
#[derive(Clone, Debug, Default)]
pub(super) struct Values {
    pub plan: String,
    pub plan_xml: String,
    pub task: String,
    pub title: String,
    pub step: String,
    pub files: String,
    pub workspace: String,
}

impl Values {
    pub fn fill(&self, template: &str) -> String {
        let value = |found: &regex::Captures<'_>| match &found[1] {
            "plan" => self.plan.clone(),
            "plan_xml" => self.plan_xml.clone(),
            "task" => self.task.clone(),
            "title" => self.title.clone(),
            "step" => self.step.clone(),
            "files" => self.files.clone(),
            _ => self.workspace.clone(),
        };
        // A closure's answer is taken literally, `$&` too.
        PLACEHOLDER.replace_all(template, value).into_owned()
    }
}

impl Plans {
    /// All templates, by name.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn templates(&self) -> Result<Vec<Model>> {
        template::all(self.store.read()).await
    }

    pub(super) async fn template(&self, id: TemplateId) -> Result<Model> {
        template::get(self.store.read(), id).await
    }

    /// Creates or changes a template.
    ///
    /// # Errors
    /// `NotFound`; `VersionConflict`; `InvalidInput` for a name that is taken;
    /// `LimitExceeded`.
    pub async fn save_template(
        &self,
        by: &Principal,
        id: Option<TemplateId>,
        expected_version: Option<i64>,
        name: String,
        text: String,
    ) -> Result<Model> {
        let tx = self.store.begin().await?;
        let same_name = template::by_name(&tx, &name).await?;
        if same_name.is_some_and(|known| Some(known.id) != id) {
            return Err(Error::invalid("name", "is taken by another template"));
        }
        let now = crate::clock::now();
        let row = match id {
            Some(id) => {
                let known = template::lock(&tx, id).await?;
                if expected_version.is_some_and(|expected| expected != known.version) {
                    return Err(Error::VersionConflict { current_version: known.version.unsigned_abs() });
                }
                let row = Model { name, text, version: known.version + 1, updated_at: now, ..known };
                template::save(&tx, &row).await?;
                row
            }
            None => {
                if template::all(&tx).await?.len() as u64 >= MOST_TEMPLATES {
                    let what = format!("there are at most {MOST_TEMPLATES} templates");
                    return Err(Error::LimitExceeded { what, retry_after: None });
                }
                let row = Model { id: TemplateId::new(), name, text, version: 1, updated_at: now };
                template::insert(&tx, &row).await?;
                row
            }
        };
        let detail = json!({ "version": row.version });
        audit::append(&tx, &by.name, "template.save", &row.id.to_string(), detail).await?;
        tx.commit().await?;
        Ok(row)
    }

    /// Deletes a template.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn delete_template(&self, by: &Principal, id: TemplateId) -> Result<()> {
        let tx = self.store.begin().await?;
        template::lock(&tx, id).await?;
        template::delete(&tx, id).await?;
        audit::append(&tx, &by.name, "template.delete", &id.to_string(), json!({})).await?;
        Ok(tx.commit().await?)
    }
}

#[cfg(test)]
mod tests {
    use super::Values;

    #[test]
    fn placeholders_are_replaced_once_and_literally() {
        let values =
            Values { plan: "$& $1 {{task}} \\".to_owned(), task: "{{plan}}".to_owned(), ..Values::default() };
        assert_eq!(values.fill("a {{plan}} b {{task}} c"), "a $& $1 {{task}} \\ b {{plan}} c");
        assert_eq!(values.fill("{{ plan }} {{unknown}} {{{task}}}"), "{{ plan }} {{unknown}} {{{plan}}}");
    }
}
