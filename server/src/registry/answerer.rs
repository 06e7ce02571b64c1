//! Who answers a message: a model of a provider, or the guide.

use super::Registry;
use crate::{
    error::{Error, Result},
    provider::{Check, Provider},
    run::{Failure, FailureKind},
    store::{Access, conversation, preferences, worker},
};
use std::{
    collections::HashMap,
    sync::{MutexGuard, PoisonError},
};

/// Who answers a message.
#[derive(Clone, Debug)]
pub enum Answerer {
    /// A model of a provider.
    Model {
        /// The provider.
        provider: Provider,
        /// The model; `None`: ask the provider for its first.
        model: Option<String>,
    },
    /// The guide.
    Guide,
}

/// A model that was chosen and can be asked.
#[derive(Clone, Debug)]
pub struct ChosenModel {
    /// Who offers it.
    pub provider: Provider,
    /// The provider's id of it.
    pub id: String,
    /// Its context window in tokens; `None`: unknown.
    pub window: Option<u64>,
}

/// What is known of providers only since they were asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Learned {
    /// Why a provider's credential was refused.
    refused: HashMap<String, String>,
    /// The first model of a provider that has no configured one.
    first_model: HashMap<String, String>,
}

impl Registry {
    /// Asks the Companions' provider whether it takes the credential, and which
    /// model it has where none is configured. Off the path of the start: a slow
    /// provider delays nothing.
    pub async fn learn_providers(self) {
        let before = self.learned().clone();
        self.check_companion_provider().await;
        let unchanged = *self.learned() == before;
        if unchanged {
            return;
        }
        for worker in worker::list(self.store.read(), &Access::All, None, None).await.unwrap_or_default() {
            self.refresh(worker.id);
        }
    }

    pub(super) async fn check_companion_provider(&self) {
        self.learned().refused.clear();
        let Ok(preferences) = preferences::get(self.store.read()).await else { return };
        let nothing_chosen = conversation::Settings::default();
        let Ok(Answerer::Model { provider, model }) = self.answerer(&preferences.body, &nothing_chosen)
        else {
            return;
        };
        let _ = self.check(&provider).await;
        if model.is_none() {
            let _ = self.model_of(&provider).await;
        }
    }

    /// Asks a provider whether it answers, and remembers a refused credential.
    ///
    /// # Errors
    /// What the provider's answer amounts to.
    pub async fn check(&self, provider: &Provider) -> Result<Check, Failure> {
        let id = provider.info().id;
        let checked = provider.check().await;
        let mut learned = self.learned();
        match &checked {
            Err(failure) if failure.kind == FailureKind::Auth => {
                learned.refused.insert(id, failure.message.clone());
            }
            _ => {
                learned.refused.remove(&id);
            }
        }
        checked
    }

    /// Who answers, by the settings of a conversation, then the preferences.
    ///
    /// # Errors
    /// `CompanionUnavailable` when what is configured cannot be used.
    pub fn answerer(
        &self,
        preferences: &preferences::Preferences,
        settings: &conversation::Settings,
    ) -> Result<Answerer> {
        let unavailable = |cause: String| Error::CompanionUnavailable { cause };
        let own_choice = !settings.provider_id.is_empty();
        let chosen = if own_choice { &settings.provider_id } else { &preferences.companion_provider_id };
        let provider = if chosen.is_empty() {
            let known = self.providers.list();
            let Some(first) = known.first() else { return Ok(Answerer::Guide) };
            let usable = known.iter().find(|info| info.failure.is_none()).unwrap_or(first);
            self.providers.get(&usable.id)
        } else {
            self.providers.get(chosen)
        };
        let provider =
            provider.ok_or_else(|| unavailable(format!("the provider {chosen} is not configured")))?.clone();
        let info = provider.info();
        if let Some(failure) = info.failure {
            return Err(unavailable(failure.message));
        }
        if let Some(cause) = self.learned().refused.get(&info.id) {
            return Err(unavailable(cause.clone()));
        }
        let preferred = if own_choice { "" } else { preferences.companion_model.as_str() };
        let model = [settings.model.as_str(), preferred]
            .into_iter()
            .find(|model| !model.is_empty())
            .map(str::to_owned)
            .or(info.default_model)
            .or_else(|| self.learned().first_model.get(&info.id).cloned());
        Ok(Answerer::Model { provider, model })
    }

    /// The model for work other than talking: what the caller names, else that of
    /// the Companions.
    ///
    /// # Errors
    /// `ModelRequired` when none is configured; `CompanionUnavailable` when what is
    /// configured cannot be used.
    pub async fn model(
        &self,
        preferences: &preferences::Preferences,
        provider_id: &str,
        model: &str,
    ) -> Result<ChosenModel> {
        let choice = conversation::Settings {
            provider_id: provider_id.to_owned(),
            model: model.to_owned(),
            ..conversation::Settings::default()
        };
        match self.answerer(preferences, &choice)? {
            Answerer::Guide => Err(Error::ModelRequired),
            Answerer::Model { provider, model } => {
                let id = match model {
                    Some(model) => model,
                    None => self.model_of(&provider).await?,
                };
                Ok(ChosenModel { window: provider.info().context_window, provider, id })
            }
        }
    }

    /// The first model of a provider that has no configured one.
    ///
    /// # Errors
    /// `CompanionUnavailable` when the provider names none.
    pub async fn model_of(&self, provider: &Provider) -> Result<String> {
        let id = provider.info().id;
        let models = provider.models().await.map_err(|failure| Error::CompanionUnavailable {
            cause: format!("no model is configured and {id} does not list any: {}", failure.message),
        })?;
        let first = models.into_iter().next().ok_or_else(|| Error::CompanionUnavailable {
            cause: format!("no model is configured and {id} offers none"),
        })?;
        self.learned().first_model.insert(id, first.id.clone());
        Ok(first.id)
    }

    fn learned(&self) -> MutexGuard<'_, Learned> {
        self.learned.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
