//! `banto doctor`: looks at everything that Banto needs, with a running server
//! or without one.

mod place;
mod providers;
mod server;
mod tools;

use super::{
    connect::ServerFlags,
    exit::Failure,
    output::{self, Output},
    table::{self, Field, Tone},
};
use crate::config::{Config, Environment, ServeFlags};
use clap::Args;
use serde::Serialize;

#[derive(Args)]
pub(super) struct DoctorArgs {
    /// Prints one JSON object a line: check, state (ok, missing, broken), detail, mend
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerFlags,
}

/// How a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// It works.
    Ok,
    /// It is not there; Banto works without it, but does less.
    Missing,
    /// It is there, or must be, and does not work.
    Broken,
}

/// What was found about one thing.
#[derive(Debug, Serialize)]
struct Finding {
    check: String,
    state: State,
    detail: String,
    /// What to do about it. Empty: nothing.
    mend: String,
}

impl Finding {
    fn ok(check: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { check: check.into(), state: State::Ok, detail: detail.into(), mend: String::new() }
    }

    fn missing(check: impl Into<String>, detail: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { check: check.into(), state: State::Missing, detail: detail.into(), mend: mend.into() }
    }

    fn broken(check: impl Into<String>, detail: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { check: check.into(), state: State::Broken, detail: detail.into(), mend: mend.into() }
    }

    fn fields(&self) -> Vec<Field> {
        let state = match self.state {
            State::Ok => Field::new("ok", Tone::Good),
            State::Missing => Field::new("missing", Tone::Warning),
            State::Broken => Field::new("broken", Tone::Bad),
        };
        vec![self.check.as_str().into(), state, self.detail.as_str().into(), self.mend.as_str().into()]
    }
}

pub(super) async fn run(args: DoctorArgs, environment: &Environment) -> Result<(), Failure> {
    let findings = examine(&args.server, environment).await;
    if args.json {
        for finding in &findings {
            let line = serde_json::to_string(finding).map_err(|error| Failure::Failed(error.to_string()))?;
            output::print(&line)?;
        }
    } else {
        let rows = findings.iter().map(Finding::fields).collect();
        table::print(Output::of_process(environment), &["CHECK", "STATE", "FOUND", "HOW TO MEND"], rows)?;
    }
    match findings.iter().filter(|finding| finding.state == State::Broken).count() {
        0 => Ok(()),
        1 => Err(Failure::Failed("one thing is broken".to_owned())),
        count => Err(Failure::Failed(format!("{count} things are broken"))),
    }
}

async fn examine(flags: &ServerFlags, environment: &Environment) -> Vec<Finding> {
    let mut findings = Vec::new();
    let (server, client) = server::examine(flags, environment).await;
    // A server that was named may be another machine's: what lies here says
    // nothing about it.
    let local = flags.named_server(environment).is_none();
    let config = local.then(|| configuration(flags, environment, &mut findings)).flatten();
    if let Some(config) = &config {
        place::examine(config, client.is_some(), &mut findings).await;
    }
    findings.extend(server);
    match (&client, &config) {
        (Some(client), _) => findings.extend(server::providers(client).await),
        (None, Some(config)) => findings.extend(providers::examine(config, environment).await),
        (None, None) => {}
    }
    if local {
        findings.extend(tools::examine().await);
    }
    findings
}

fn configuration(
    flags: &ServerFlags,
    environment: &Environment,
    findings: &mut Vec<Finding>,
) -> Option<Config> {
    let serve = ServeFlags {
        data_dir: flags.data_dir.clone(),
        config: flags.config.clone(),
        ..ServeFlags::default()
    };
    match Config::load(&serve, environment) {
        Ok(config) => {
            let file = crate::config::find_file(flags.config.as_deref(), environment).ok().flatten();
            findings.push(place::configuration_file(&config, file.as_deref()));
            Some(config)
        }
        Err(error) => {
            let mend = "see docs/configuration.md";
            let problems = error.problems.iter();
            findings
                .extend(problems.map(|problem| Finding::broken("configuration", problem.to_string(), mend)));
            None
        }
    }
}
