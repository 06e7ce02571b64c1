//! `banto token`.

use super::{
    connect::{ServerFlags, owner_token},
    exit::Failure,
    output::{self, Output},
    table::{self, Field, Tone},
};
use crate::config::Environment;
use banto_proto::v1::{CreateTokenRequest, ListTokensRequest, RevokeTokenRequest, Token, TokenScope};
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand, ValueEnum};
use prost_types::{Duration, Timestamp};

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct TokenArgs {
    #[command(subcommand)]
    command: Option<TokenCommand>,
    /// Prints {"token": "…"}
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerFlags,
}

#[derive(Subcommand)]
enum TokenCommand {
    /// Makes a token and prints its secret, which is shown only this once
    Create(CreateArgs),
    /// Lists tokens, revoked and expired ones included
    Ls(ListArgs),
    /// Revokes a token; its streams end within a second
    Revoke(RevokeArgs),
}

#[derive(Args)]
struct CreateArgs {
    /// Name that the audit log records
    name: String,
    /// What it may do; each scope includes the ones before it
    #[arg(long, value_enum)]
    scope: Scope,
    /// Workspace that it is good for; may be repeated [default: all that yours is good for]
    #[arg(long, value_name = "ID")]
    workspace: Vec<String>,
    /// Days that it is good for [default: until it is revoked]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    days: Option<u32>,
    /// Prints one JSON object (banto.v1.CreateTokenResponse)
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerFlags,
}

#[derive(Args)]
struct ListArgs {
    /// Prints one JSON object a line (banto.v1.Token)
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerFlags,
}

#[derive(Args)]
struct RevokeArgs {
    /// The token's id
    #[arg(value_name = "ID")]
    token_id: String,
    /// Prints one JSON object (banto.v1.Token)
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerFlags,
}

#[derive(Clone, Copy, ValueEnum)]
enum Scope {
    /// Read and watch
    Read,
    /// Talk to the Companion, change conversations, cancel
    Chat,
    /// As chat; kept for reviewing plans
    Review,
    /// Everything
    All,
}

impl From<Scope> for TokenScope {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Read => Self::Read,
            Scope::Chat => Self::Chat,
            Scope::Review => Self::Review,
            Scope::All => Self::All,
        }
    }
}

pub(super) async fn run(args: TokenArgs, environment: &Environment) -> Result<(), Failure> {
    match args.command {
        None => owner(&args.server, args.json, environment),
        Some(TokenCommand::Create(args)) => create(args, environment).await,
        Some(TokenCommand::Ls(args)) => list(args, environment).await,
        Some(TokenCommand::Revoke(args)) => revoke(args, environment).await,
    }
}

/// Prints the owner's token. It lies in a file, so no server has to run.
fn owner(server: &ServerFlags, json: bool, environment: &Environment) -> Result<(), Failure> {
    let data_dir = server.data_dir(environment)?;
    let token = owner_token(&data_dir)?.ok_or_else(|| {
        let place = data_dir.display();
        Failure::Failed(format!("{place} holds no token yet; the first `banto serve` on it makes one"))
    })?;
    if json {
        return output::print(&serde_json::json!({ "token": token.expose() }).to_string());
    }
    output::print(token.expose())
}

async fn create(args: CreateArgs, environment: &Environment) -> Result<(), Failure> {
    let client = args.server.connect(environment).await?;
    let request = CreateTokenRequest {
        name: args.name,
        scope: TokenScope::from(args.scope).into(),
        workspace_ids: args.workspace,
        lifetime: args.days.map(|days| Duration { seconds: i64::from(days) * 86_400, nanos: 0 }),
    };
    let response = client.settings().create_token(request).await?.into_inner();
    if args.json {
        return output::print_json(&response);
    }
    output::print(&response.secret)
}

async fn list(args: ListArgs, environment: &Environment) -> Result<(), Failure> {
    let client = args.server.connect(environment).await?;
    let tokens = client.settings().list_tokens(ListTokensRequest {}).await?.into_inner().tokens;
    if args.json {
        return tokens.iter().try_for_each(output::print_json);
    }
    let headings = ["TOKEN ID", "NAME", "SCOPE", "STATE", "EXPIRES", "LAST USED", "WORKSPACES"];
    table::print(
        Output::of_process(environment),
        &headings,
        tokens.iter().map(|token| row(token, Utc::now())).collect(),
    )
}

async fn revoke(args: RevokeArgs, environment: &Environment) -> Result<(), Failure> {
    let client = args.server.connect(environment).await?;
    let request = RevokeTokenRequest { token_id: args.token_id };
    let token = client.settings().revoke_token(request).await?.into_inner().token.unwrap_or_default();
    if args.json {
        return output::print_json(&token);
    }
    table::print(
        Output::of_process(environment),
        &["TOKEN ID", "NAME", "STATE"],
        vec![vec![token.token_id.as_str().into(), token.name.as_str().into(), state(&token, Utc::now())]],
    )
}

fn row(token: &Token, now: DateTime<Utc>) -> Vec<Field> {
    let scope = token.scope().as_str_name().trim_start_matches("TOKEN_SCOPE_").to_lowercase();
    let workspaces = match token.workspace_ids.as_slice() {
        [] => "all".to_owned(),
        ids => ids.join(" "),
    };
    vec![
        token.token_id.as_str().into(),
        token.name.as_str().into(),
        scope.into(),
        state(token, now),
        day(token.expires_at.as_ref()).unwrap_or_else(|| "never".to_owned()).into(),
        day(token.last_used_at.as_ref()).unwrap_or_else(|| "never".to_owned()).into(),
        workspaces.into(),
    ]
}

fn state(token: &Token, now: DateTime<Utc>) -> Field {
    let expired = token.expires_at.as_ref().is_some_and(|at| at.seconds <= now.timestamp());
    match (token.revoked_at.is_some(), expired) {
        (true, _) => Field::new("revoked", Tone::Bad),
        (false, true) => Field::new("expired", Tone::Warning),
        (false, false) => Field::new("good", Tone::Good),
    }
}

fn day(at: Option<&Timestamp>) -> Option<String> {
    let at = DateTime::from_timestamp(at?.seconds, 0)?;
    Some(at.with_timezone(&chrono::Local).format("%Y-%m-%d %H:%M").to_string())
}
