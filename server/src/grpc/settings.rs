//! `banto.v1.Settings`.

use super::{caller, decode, encode, encode_plan};
use crate::{
    access::{NewToken, Tokens},
    companion::Companion,
    config::WireFormat,
    error::{Error, Noun},
    input,
    plan::{MAX_TEMPLATE, MAX_TEMPLATE_NAME, Plans},
    preferences,
    prompt::Prompts,
    provider::{Origin, Price, Provider, ProviderInfo, Providers},
    registry::Registry,
    store::{
        Store,
        preferences::{Model as Row, Preferences},
        token::{self, Scope},
    },
};
use banto_proto::v1 as pb;
use std::time::Duration;
use tonic::{Request, Response, Status};

/// Most models of an answer.
const MAX_MODELS: usize = 1_000;
/// Longest name of a token, in characters.
const MAX_TOKEN_NAME: usize = 100;
/// Shortest life of a token.
const MIN_TOKEN_LIFETIME: Duration = Duration::from_secs(60);
/// Longest retention, in days.
const MAX_RETENTION_DAYS: u32 = 3_650;

/// The service.
#[derive(Debug)]
pub(super) struct SettingsService {
    pub store: Store,
    pub registry: Registry,
    pub companion: Companion,
    pub plans: Plans,
    pub providers: Providers,
    pub prompts: Prompts,
    pub tokens: Tokens,
}

impl SettingsService {
    fn provider(&self, id: &str) -> Result<&Provider, Error> {
        self.providers.get(id).ok_or(Error::NotFound(Noun::Provider))
    }
}

fn provider(info: ProviderInfo) -> pb::Provider {
    let wire_format = match info.wire_format {
        WireFormat::OpenaiChat => pb::WireFormat::OpenaiChat,
        WireFormat::Anthropic => pb::WireFormat::Anthropic,
        WireFormat::Gemini => pb::WireFormat::Gemini,
    };
    let origin = match info.origin {
        Origin::Configuration => pb::ProviderOrigin::Configuration,
        Origin::Environment => pb::ProviderOrigin::Environment,
        Origin::Discovered => pb::ProviderOrigin::Discovered,
    };
    pb::Provider {
        provider_id: info.id,
        wire_format: wire_format.into(),
        host: info.host,
        local: info.local,
        origin: origin.into(),
        default_model: info.default_model.unwrap_or_default(),
        failure: info.failure.map(encode::failure),
    }
}

fn price(price: Price) -> pb::ModelPrice {
    pb::ModelPrice {
        input_nano_usd_per_mtok: price.input,
        output_nano_usd_per_mtok: price.output,
        cache_read_nano_usd_per_mtok: price.cache_read,
        cache_write_nano_usd_per_mtok: price.cache_write,
        as_of: price.as_of.to_string(),
    }
}

fn encode_preferences(row: Row) -> pb::Preferences {
    let Preferences {
        companion_provider_id,
        companion_model,
        companion_language,
        companion_instructions,
        daily_spend_limit_nano_usd,
        prompt_retention_days,
        event_retention_days,
        conversation_retention_days,
        task_spend_limit_nano_usd,
        finder_mode,
    } = row.body;
    pb::Preferences {
        version: encode::count(row.version),
        companion_provider_id,
        companion_model,
        companion_language,
        companion_instructions,
        daily_spend_limit_nano_usd,
        prompt_retention_days,
        event_retention_days,
        conversation_retention_days,
        task_spend_limit_nano_usd,
        finder_mode: encode::finder_mode(finder_mode).into(),
    }
}

fn decode_preferences(asked: pb::Preferences) -> Result<Preferences, Error> {
    let days = |field, days: u32| {
        if (1..=MAX_RETENTION_DAYS).contains(&days) {
            Ok(days)
        } else {
            Err(Error::invalid(field, format!("must be 1 to {MAX_RETENTION_DAYS}")))
        }
    };
    Ok(Preferences {
        companion_provider_id: input::line(
            "preferences.companion_provider_id",
            &asked.companion_provider_id,
            input::MAX_TITLE,
        )?,
        companion_model: input::line(
            "preferences.companion_model",
            &asked.companion_model,
            input::MAX_TITLE,
        )?,
        companion_language: input::language("preferences.companion_language", &asked.companion_language)?,
        companion_instructions: input::instructions(
            "preferences.companion_instructions",
            &asked.companion_instructions,
        )?,
        daily_spend_limit_nano_usd: asked.daily_spend_limit_nano_usd,
        prompt_retention_days: days("preferences.prompt_retention_days", asked.prompt_retention_days)?,
        event_retention_days: days("preferences.event_retention_days", asked.event_retention_days)?,
        conversation_retention_days: asked
            .conversation_retention_days
            .map(|asked| days("preferences.conversation_retention_days", asked))
            .transpose()?,
        task_spend_limit_nano_usd: asked.task_spend_limit_nano_usd,
        finder_mode: decode::finder_mode("preferences.finder_mode", asked.finder_mode)?,
    })
}

fn encode_token(row: token::Model) -> pb::Token {
    let scope = match row.scope {
        Scope::Read => pb::TokenScope::Read,
        Scope::Chat => pb::TokenScope::Chat,
        Scope::Review => pb::TokenScope::Review,
        Scope::All => pb::TokenScope::All,
    };
    pb::Token {
        token_id: row.id.to_string(),
        name: row.name,
        scope: scope.into(),
        workspace_ids: row.workspace_ids.0.iter().map(ToString::to_string).collect(),
        created_at: Some(encode::time(row.created_at)),
        expires_at: row.expires_at.map(encode::time),
        revoked_at: row.revoked_at.map(encode::time),
        last_used_at: row.last_used_at.map(encode::time),
    }
}

fn lifetime(asked: Option<prost_types::Duration>) -> Result<Option<Duration>, Error> {
    let Some(asked) = asked else { return Ok(None) };
    match Duration::try_from(asked) {
        Ok(lifetime) if lifetime >= MIN_TOKEN_LIFETIME => Ok(Some(lifetime)),
        _ => Err(Error::invalid("lifetime", "must be at least 1 minute")),
    }
}

#[tonic::async_trait]
impl pb::settings_server::Settings for SettingsService {
    async fn list_providers(
        &self,
        request: Request<pb::ListProvidersRequest>,
    ) -> Result<Response<pb::ListProvidersResponse>, Status> {
        caller(&request)?;
        let providers = self.providers.list().into_iter().map(provider).collect();
        Ok(Response::new(pb::ListProvidersResponse { providers }))
    }

    async fn check_provider(
        &self,
        request: Request<pb::CheckProviderRequest>,
    ) -> Result<Response<pb::CheckProviderResponse>, Status> {
        caller(&request)?;
        let asked = self.provider(&request.get_ref().provider_id)?;
        let mut known = provider(asked.info());
        Ok(Response::new(match self.registry.check(asked).await {
            Ok(check) => pb::CheckProviderResponse {
                provider: Some(known),
                usable: true,
                latency: Some(encode::duration(check.latency)),
                model_count: u32::try_from(check.models).unwrap_or(u32::MAX),
            },
            Err(failure) => {
                known.failure = Some(encode::failure(failure));
                pb::CheckProviderResponse { provider: Some(known), ..Default::default() }
            }
        }))
    }

    async fn list_models(
        &self,
        request: Request<pb::ListModelsRequest>,
    ) -> Result<Response<pb::ListModelsResponse>, Status> {
        caller(&request)?;
        let asked = self.provider(&request.get_ref().provider_id)?;
        let mut models = asked.models().await.map_err(Error::ProviderUnavailable)?;
        models.sort_by(|a, b| a.id.cmp(&b.id));
        models.truncate(MAX_MODELS);
        let id = asked.info().id;
        let models = models
            .into_iter()
            .map(|model| pb::Model {
                price: self.providers.price(&id, &model.id).map(price),
                context_window: model.context_window,
                model_id: model.id,
            })
            .collect();
        Ok(Response::new(pb::ListModelsResponse { models }))
    }

    async fn list_prompts(
        &self,
        request: Request<pb::ListPromptsRequest>,
    ) -> Result<Response<pb::ListPromptsResponse>, Status> {
        caller(&request)?;
        let prompts = self.prompts.list()?;
        let prompts = prompts
            .into_iter()
            .map(|resource| pb::Prompt {
                r#ref: Some(encode::prompt_ref(resource.prompt)),
                template: resource.template,
                overridden: resource.overridden,
            })
            .collect();
        Ok(Response::new(pb::ListPromptsResponse { prompts }))
    }

    async fn render_prompt(
        &self,
        request: Request<pb::RenderPromptRequest>,
    ) -> Result<Response<pb::RenderPromptResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let conversation = decode::optional_id("conversation_id", &asked.conversation_id)?;
        let settings = decode::settings(asked.settings)?;
        let rendered = self.companion.preview(&caller.access, &asked.name, conversation, settings).await?;
        Ok(Response::new(pb::RenderPromptResponse {
            r#ref: Some(encode::prompt_ref(rendered.prompt)),
            text: rendered.text,
        }))
    }

    async fn get_preferences(
        &self,
        request: Request<pb::GetPreferencesRequest>,
    ) -> Result<Response<pb::GetPreferencesResponse>, Status> {
        caller(&request)?;
        let row = preferences::get(&self.store).await?;
        Ok(Response::new(pb::GetPreferencesResponse { preferences: Some(encode_preferences(row)) }))
    }

    async fn update_preferences(
        &self,
        request: Request<pb::UpdatePreferencesRequest>,
    ) -> Result<Response<pb::UpdatePreferencesResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let body = asked.preferences.ok_or_else(|| Error::invalid("preferences", "must not be absent"))?;
        let (body, expected) = (decode_preferences(body)?, decode::version(asked.expected_version)?);
        let row = preferences::replace(&self.store, &self.registry, &caller, body, expected).await?;
        Ok(Response::new(pb::UpdatePreferencesResponse { preferences: Some(encode_preferences(row)) }))
    }

    async fn create_token(
        &self,
        request: Request<pb::CreateTokenRequest>,
    ) -> Result<Response<pb::CreateTokenResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let name = input::line("name", &asked.name, MAX_TOKEN_NAME)?;
        if name.is_empty() {
            return Err(Error::invalid("name", "must not be empty").into());
        }
        let workspaces = asked
            .workspace_ids
            .iter()
            .map(|id| decode::id("workspace_ids", id))
            .collect::<Result<_, Error>>()?;
        let new = NewToken {
            name,
            scope: decode::scope(asked.scope)?,
            workspaces,
            lifetime: lifetime(asked.lifetime)?,
        };
        let (row, secret) = self.tokens.create(&caller, new).await?;
        Ok(Response::new(pb::CreateTokenResponse {
            token: Some(encode_token(row)),
            secret: secret.expose().to_owned(),
        }))
    }

    async fn list_tokens(
        &self,
        request: Request<pb::ListTokensRequest>,
    ) -> Result<Response<pb::ListTokensResponse>, Status> {
        let tokens = self.tokens.list(&caller(&request)?).await?.into_iter().map(encode_token).collect();
        Ok(Response::new(pb::ListTokensResponse { tokens }))
    }

    async fn revoke_token(
        &self,
        request: Request<pb::RevokeTokenRequest>,
    ) -> Result<Response<pb::RevokeTokenResponse>, Status> {
        let caller = caller(&request)?;
        let id = decode::id("token_id", &request.get_ref().token_id)?;
        let row = self.tokens.revoke(&caller, id).await?;
        Ok(Response::new(pb::RevokeTokenResponse { token: Some(encode_token(row)) }))
    }

    async fn list_templates(
        &self,
        _: Request<pb::ListTemplatesRequest>,
    ) -> Result<Response<pb::ListTemplatesResponse>, Status> {
        let templates = self.plans.templates().await?.into_iter().map(encode_plan::template).collect();
        Ok(Response::new(pb::ListTemplatesResponse { templates }))
    }

    async fn save_template(
        &self,
        request: Request<pb::SaveTemplateRequest>,
    ) -> Result<Response<pb::SaveTemplateResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let id = decode::optional_id("template_id", &asked.template_id)?;
        let expected = decode::version(asked.expected_version)?;
        let name = input::line("name", &asked.name, MAX_TEMPLATE_NAME)?;
        let text = input::text("text", &asked.text, MAX_TEMPLATE)?;
        for (field, value) in [("name", &name), ("text", &text)] {
            if value.trim().is_empty() {
                return Err(Error::invalid(field, "must not be empty").into());
            }
        }
        let row = self.plans.save_template(&caller, id, expected, name, text).await?;
        Ok(Response::new(pb::SaveTemplateResponse { template: Some(encode_plan::template(row)) }))
    }

    async fn delete_template(
        &self,
        request: Request<pb::DeleteTemplateRequest>,
    ) -> Result<Response<pb::DeleteTemplateResponse>, Status> {
        let caller = caller(&request)?;
        let id = decode::id("template_id", &request.into_inner().template_id)?;
        self.plans.delete_template(&caller, id).await?;
        Ok(Response::new(pb::DeleteTemplateResponse {}))
    }
}
