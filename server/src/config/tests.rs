//! The rules of the settings, each with the message that a person would read.
use super::*;
use clap::Parser as _;
use figment::error::Kind as ErrorKind;
use std::{fs, path::Path};

const DOCUMENTATION: &str = include_str!("../../../docs/configuration.md");

#[derive(clap::Parser)]
struct CommandLine {
    #[command(flatten)]
    flags: ServeFlags,
}

/// Loads a file's text, variables and flags.
fn load(file: &str, variables: &[(&str, &str)], flags: &[&str]) -> Result<Config, String> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("banto.toml");
    fs::write(&path, file).unwrap();
    load_from(&path, variables, flags)
        .map_err(|message| message.replace(&path.display().to_string(), "banto.toml"))
}

fn load_from(path: &Path, variables: &[(&str, &str)], flags: &[&str]) -> Result<Config, String> {
    let mut flags = CommandLine::try_parse_from([&["banto"], flags].concat()).unwrap().flags;
    flags.config = Some(path.to_owned());
    let environment = Environment::of(&[&[("HOME", "/home/ume")], variables].concat());
    Config::load(&flags, &environment).map_err(|error| error.to_string())
}

fn refusal(file: &str, variables: &[(&str, &str)]) -> String {
    load(file, variables, &[]).expect_err("these settings are wrong")
}

#[test]
fn nothing_set_is_the_defaults_in_the_platforms_directory() {
    let config = load("", &[("XDG_DATA_HOME", "/data/home")], &[]).unwrap();
    assert_eq!(config.data_dir, Path::new("/data/home/banto"));
    assert_eq!(config.listen.to_string(), "127.0.0.1:7310");
    let config = load("", &[("XDG_DATA_HOME", "not/absolute")], &[]).unwrap();
    assert_eq!(config.data_dir, Environment::of(&[("HOME", "/home/ume")]).data_home().unwrap());
}

#[test]
fn variables_override_the_file_and_flags_override_both() {
    let file = "lease_ms = 2000\nlog = 'warn'\n[timeouts]\nidle_ms = 5\nturn_ms = 6";
    let variables = [("BANTO_LEASE_MS", "3000"), ("BANTO_TIMEOUTS__IDLE_MS", "7")];
    let config = load(file, &variables, &["--lease-ms", "4000"]).unwrap();
    assert_eq!((config.lease_ms, config.log.as_str()), (4000, "warn"));
    assert_eq!((config.timeouts.idle_ms, config.timeouts.turn_ms), (7, 6));
    assert_eq!(load(file, &variables, &[]).unwrap().lease_ms, 3000);
    assert_eq!(load(file, &[], &[]).unwrap().lease_ms, 2000);
}

#[test]
fn each_kind_of_variable_is_read() {
    let config = load(
        "",
        &[
            ("BANTO_ALLOWED_HOSTS", "a.lan, b.lan:80"),
            ("BANTO_DISCOVERY", "false"),
            ("BANTO_DATABASE_URL", "postgres://db"),
            ("BANTO_LOG_FORMAT", "json"),
            ("BANTO_PROVIDERS", "[{ id = 'x', wire_format = 'gemini' }]"),
            ("BANTO_WORKSPACE", ""),
            ("BANTO_SERVER", "http://client.only"),
            ("BANTO_TOKEN", "client only"),
        ],
        &[],
    )
    .unwrap();
    assert_eq!(config.allowed_hosts, ["a.lan", "b.lan:80"]);
    assert!(!config.discovery && config.workspace.is_none());
    assert_eq!(config.log_format, LogFormat::Json);
    assert_eq!(config.providers[0].wire_format, WireFormat::Gemini);
}

#[test]
fn paths_in_the_file_start_from_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("banto.toml");
    fs::write(&path, "data_dir = 'data'\nworkspace = '/absolute'").unwrap();
    let config = load_from(&path, &[], &[]).unwrap();
    assert_eq!(config.data_dir, directory.path().join("data"));
    assert_eq!(config.workspace.as_deref(), Some(Path::new("/absolute")));

    let environment = Environment::of(&[("HOME", "/home/ume")]);
    assert_eq!(data_dir(None, Some(&path), &environment).unwrap(), config.data_dir);
    let elsewhere = Environment::of(&[("BANTO_DATA_DIR", "/elsewhere")]);
    assert_eq!(data_dir(None, Some(&path), &elsewhere).unwrap(), Path::new("/elsewhere"));
    assert_eq!(data_dir(Some(Path::new("/flag")), Some(&path), &elsewhere).unwrap(), Path::new("/flag"));
}

#[test]
fn the_standard_file_is_read_if_it_exists_and_a_named_one_must() {
    let directory = tempfile::tempdir().unwrap();
    let home = directory.path().display().to_string();
    let environment = Environment::of(&[("XDG_CONFIG_HOME", &home), ("HOME", "/home/ume")]);
    assert_eq!(Config::load(&ServeFlags::default(), &environment).unwrap().lease_ms, 15_000);
    fs::create_dir(directory.path().join("banto")).unwrap();
    fs::write(directory.path().join("banto/banto.toml"), "lease_ms = 1234").unwrap();
    assert_eq!(Config::load(&ServeFlags::default(), &environment).unwrap().lease_ms, 1234);

    let named = Environment::of(&[("BANTO_CONFIG", "/no/such/banto.toml")]);
    assert_eq!(
        Config::load(&ServeFlags::default(), &named).unwrap_err().to_string(),
        "BANTO_CONFIG: there is no file /no/such/banto.toml; expected a banto.toml"
    );
}

#[test]
fn an_unknown_key_is_named_with_its_place() {
    let message = refusal("lisen = 'x'\n[timeouts]\nidle = 3\n[[providers]]\nkind = 'x'", &[]);
    assert!(message.contains("lisen in banto.toml: there is no such key; expected one of listen, data_dir"));
    assert!(
        message.contains("timeouts.idle in banto.toml: there is no such key; expected one of connect_ms")
    );
    assert!(message.contains("providers.0.kind in banto.toml: there is no such key; expected one of id"));
    assert_eq!(
        refusal("", &[("BANTO_LISEN", "x")]),
        "BANTO_LISEN: there is no such setting; see docs/configuration.md for the names"
    );
    assert!(refusal("", &[("BANTO_PROVIDERS__ID", "x")]).starts_with("BANTO_PROVIDERS__ID: there is no"));
    assert!(refusal("", &[("BANTO_PROVIDERS", "[{ key = 'x' }]")]).contains("providers.0.key"));
}

#[test]
fn a_wrong_type_is_named_with_its_place_and_what_is_expected() {
    assert_eq!(
        refusal("[timeouts]\nidle_ms = 'soon'", &[]),
        "timeouts.idle_ms in banto.toml: expected milliseconds, 1 to 86400000, found \"soon\""
    );
    assert_eq!(
        refusal("[timeouts]\nidle_ms = 5", &[("BANTO_TIMEOUTS__IDLE_MS", "-1")]),
        "BANTO_TIMEOUTS__IDLE_MS (timeouts.idle_ms): expected milliseconds, 1 to 86400000, found \"-1\""
    );
    assert!(
        refusal("listen = 'localhost:1'", &[]).starts_with("listen in banto.toml: expected an IP address")
    );
    assert_eq!(
        refusal("log_format = 'xml'", &[]),
        "log_format in banto.toml: expected \"text\" or \"json\", found \"xml\""
    );
    assert_eq!(
        refusal("timeouts = 3", &[]),
        "timeouts in banto.toml: expected a table of connect_ms, first_byte_ms, idle_ms, turn_ms, stage_ms, retry_base_ms, found 3"
    );
    assert!(
        refusal("", &[("BANTO_DISCOVERY", "yes")]).starts_with("BANTO_DISCOVERY (discovery): expected true")
    );
    assert!(
        refusal("[[providers]]\nwire_format = 'gemini'", &[])
            .starts_with("providers.0.id in banto.toml: it is missing")
    );
    assert!(refusal("listen = ", &[]).starts_with("banto.toml: line 1: this is not TOML"));
}

#[test]
fn a_flag_is_named_in_findings() {
    let message = load("", &[], &["--lease-ms", "5"]).unwrap_err();
    assert_eq!(message, "--lease-ms (lease_ms): expected milliseconds, 1000 to 300000; found 5");
}

#[test]
fn no_message_and_no_debug_shows_a_secret() {
    let sentinel = "hunter2";
    let files = [
        "database_url = ['hunter2']",
        "database_url = 'mysql://u:hunter2@h'",
        "[[providers]]\nid = 'a'\nwire_format = 'gemini'\napi_key = { hunter2 = 1 }",
        "[[providers]]\nid = 'a'\nwire_format = 'gemini'\napi_key = ['hunter2']",
        "[[providers]]\nid = 'a'\nwire_format = 'gemini'\nheaders = 'hunter2'",
        "[[providers]]\nid = 'a'\nwire_format = 'gemini'\nheaders = { x = \"hunter2\\u0001\" }",
        "[[providers]]\nid = 'a'\nwire_format = 'gemini'\nbase_url = 'ftp://u:hunter2@h'",
        "providers = 'hunter2'",
        "[[providers]]\nid = 'a'\napi_key = 'hunter2",
    ];
    for file in files {
        let message = refusal(file, &[]);
        assert!(!message.contains(sentinel), "{message}");
    }
    assert!(!refusal("", &[("BANTO_DATABASE_URL", "hunter2")]).contains(sentinel));
    assert!(!refusal("", &[("BANTO_PROVIDERS", "hunter2")]).contains(sentinel));
    let file = "database_url = 'postgres://u:hunter2@h'\n[[providers]]\nid = 'a'\nwire_format = 'gemini'\n\
                api_key = 'hunter2'\nheaders = { x = 'hunter2' }";
    assert!(!format!("{:?}", load(file, &[], &[]).unwrap()).contains(sentinel));
    let flags = CommandLine::try_parse_from(["banto", "--database-url", "hunter2"]).unwrap().flags;
    assert!(!format!("{flags:?}").contains(sentinel));
}

#[test]
fn tls_needs_both_files() {
    assert_eq!(refusal("tls_key = 'k'", &[]), "tls_key in banto.toml: it needs tls_cert beside it");
    assert_eq!(
        refusal("", &[("BANTO_TLS_CERT", "c")]),
        "BANTO_TLS_CERT (tls_cert): it needs tls_key beside it"
    );
    assert!(load("tls_key = 'k'", &[("BANTO_TLS_CERT", "c")], &[]).is_ok());
}

#[test]
fn an_open_address_needs_tls_or_consent() {
    let message = load("", &[], &["--listen", "0.0.0.0:1"]).unwrap_err();
    assert!(message.starts_with("--listen (listen): 0.0.0.0:1 can be reached"), "{message}");
    assert!(load("", &[], &["--listen", "[::1]:1"]).is_ok());
    assert!(load("", &[], &["--listen", "0.0.0.0:1", "--allow-insecure-bind"]).is_ok());
    assert!(load("", &[], &["--listen", "0.0.0.0:1", "--allow-insecure-bind=false"]).is_err());
    assert!(load("tls_key = 'k'\ntls_cert = 'c'\nlisten = '[::]:1'", &[], &[]).is_ok());
}

#[test]
fn origins_are_exactly_what_a_browser_sends() {
    for good in ["http://localhost:3000", "https://banto.lan", "http://[::1]:7310", "tauri://localhost"] {
        assert!(load(&format!("allowed_origins = ['{good}']"), &[], &[]).is_ok(), "{good}");
    }
    for bad in [
        "banto.lan",
        "http://",
        "http://x/",
        "http://x/y",
        "http://X.lan",
        "HTTP://x",
        "http://u@x",
        "http://x:",
        "http://x:99999",
        "https://x:443",
        "http://x:80",
        "*",
        "null",
        "http://x?y",
        "http://*",
    ] {
        let message = load(&format!("allowed_origins = ['{bad}']"), &[], &[]).err();
        let message = message.unwrap_or_else(|| panic!("{bad} was taken"));
        assert!(
            message.starts_with("allowed_origins.0 in banto.toml: expected a list of origins"),
            "{message}"
        );
    }
}

#[test]
fn hosts_are_names_with_or_without_a_port() {
    assert!(load("allowed_hosts = ['x', 'x.lan:80', '[::1]:80']", &[], &[]).is_ok());
    for bad in ["", "http://x", "x/y", "u@x", "x:", "x:99999"] {
        assert!(load(&format!("allowed_hosts = ['{bad}']"), &[], &[]).is_err(), "{bad}");
    }
}

#[test]
fn numbers_stay_in_their_ranges() {
    for (wrong, right) in [
        ("lease_ms = 999", "lease_ms = 1000"),
        ("lease_ms = 300001", "lease_ms = 300000"),
        ("timeouts.connect_ms = 0", "timeouts.connect_ms = 1"),
        ("timeouts.first_byte_ms = 0", "timeouts.first_byte_ms = 1"),
        ("timeouts.idle_ms = 0", "timeouts.idle_ms = 1"),
        ("timeouts.turn_ms = 86400001", "timeouts.turn_ms = 86400000"),
        ("limits.concurrent_turns = 0", "limits.concurrent_turns = 1"),
        ("limits.connections_per_address = 0", "limits.connections_per_address = 1"),
        ("limits.sends_per_minute = 0", "limits.sends_per_minute = 1"),
        ("limits.context_tokens = 0", "limits.context_tokens = 1"),
        ("limits.reply_tokens = 0", "limits.reply_tokens = 1"),
        ("limits.plan_tokens = 0", "limits.plan_tokens = 1"),
        ("log = 'a=b=c'", "log = 'debug'"),
        ("database_url = 'mysql://x'", "database_url = 'postgresql://x'"),
    ] {
        let key = wrong.split(' ').next().unwrap();
        assert!(refusal(wrong, &[]).starts_with(&format!("{key} in banto.toml: expected ")), "{wrong}");
        load(right, &[], &[]).unwrap();
    }
}

#[test]
fn providers_are_checked_row_by_row() {
    let row = |rest: &str| format!("[[providers]]\nid = 'a'\nwire_format = 'gemini'\n{rest}");
    load(&row(""), &[], &[]).unwrap();
    for (file, key) in [
        (row("").replace("'a'", "'A b'"), "providers.0.id"),
        (row("") + &row(""), "providers.1.id"),
        (row("base_url = 'example.org'"), "providers.0.base_url"),
        (row("api_key = ''"), "providers.0.api_key"),
        (row("api_key = 'k'\napi_key_env = 'K'"), "providers.0.api_key"),
        (row("api_key_env = ''"), "providers.0.api_key_env"),
        (row("model = ' '"), "providers.0.model"),
        (row("context_window = 0"), "providers.0.context_window"),
        (row("headers = { 'a b' = 'x' }"), "providers.0.headers.a b"),
    ] {
        let message = refusal(&file, &[]);
        assert!(message.starts_with(&format!("{key} in banto.toml: ")), "{message}");
    }
}

#[test]
fn prices_name_providers_that_exist() {
    let row = |provider: &str, rest: &str| {
        format!(
            "[[prices]]\nprovider = '{provider}'\nmodel = 'm'\ninput = 1\noutput = 2.5\nas_of = 2026-11-01\n{rest}"
        )
    };
    load(&row("openai", ""), &[], &[]).unwrap();
    load(&(row("house", "") + "[[providers]]\nid = 'house'\nwire_format = 'gemini'"), &[], &[]).unwrap();
    let message = refusal(&row("house", ""), &[]);
    assert!(
        message.starts_with("prices.0.provider in banto.toml: there is no provider \"house\""),
        "{message}"
    );
    assert!(
        refusal(&row("openai", "cache_read = -1"), &[]).starts_with("prices.0.cache_read in banto.toml: ")
    );
    assert!(refusal(&row("openai", "cache_write = nan"), &[]).starts_with("prices.0.cache_write"));
    assert!(refusal(&(row("openai", "") + &row("openai", "")), &[]).starts_with("prices.1.model"));
    let undated = row("openai", "").replace("2026-11-01", "'soon'");
    assert!(refusal(&undated, &[]).starts_with("prices.0.as_of in banto.toml: expected a day, such as"));
}

/// The keys that serde knows for a struct, from its own refusal of another.
fn serde_names<T: serde::de::DeserializeOwned + std::fmt::Debug>() -> &'static [&'static str] {
    let error = figment::Figment::from(figment::providers::Serialized::default("no such key", 1))
        .extract::<T>()
        .unwrap_err();
    match error.kind {
        ErrorKind::UnknownField(_, names) => names,
        other => panic!("{other}"),
    }
}

#[test]
fn the_table_of_keys_and_the_structs_agree() {
    let sorted = |mut names: Vec<&'static str>| {
        names.sort_unstable();
        names
    };
    for (path, names) in [
        (&[][..], serde_names::<Config>()),
        (&["timeouts"], serde_names::<Timeouts>()),
        (&["limits"], serde_names::<Limits>()),
        (&["providers", "0"], serde_names::<ProviderConfig>()),
        (&["prices", "0"], serde_names::<PriceConfig>()),
    ] {
        assert_eq!(sorted(keys::names_below(path)), sorted(names.to_vec()), "{path:?}");
    }
}

#[test]
fn the_documentation_mentions_every_key() {
    for key in keys::KEYS.iter().filter(|key| !key.path.ends_with('*')) {
        let name = key.path.replace(".*", "");
        assert!(DOCUMENTATION.contains(&format!("| `{name}` |")), "{name} has no row");
    }
}

#[test]
fn the_documented_example_is_valid_and_sets_every_key() {
    let example = DOCUMENTATION.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let config = load(example, &[], &[]).unwrap();
    assert_eq!(config.providers.len(), 2);
    for key in keys::KEYS.iter().filter(|key| !key.path.ends_with('*')) {
        let name = key.path.rsplit('.').next().unwrap();
        let is_set = example
            .lines()
            .any(|line| line.starts_with(&format!("{name} =")) || line == format!("[[{name}]]"));
        assert!(is_set, "{name}");
    }
}

#[test]
fn the_documented_defaults_are_the_defaults() {
    let config = Config::default();
    for (key, default) in [
        ("lease_ms", config.lease_ms),
        ("timeouts.connect_ms", config.timeouts.connect_ms),
        ("timeouts.first_byte_ms", config.timeouts.first_byte_ms),
        ("timeouts.idle_ms", config.timeouts.idle_ms),
        ("timeouts.turn_ms", config.timeouts.turn_ms),
        ("timeouts.stage_ms", config.timeouts.stage_ms),
        ("timeouts.retry_base_ms", config.timeouts.retry_base_ms),
        ("limits.concurrent_turns", config.limits.concurrent_turns as u64),
        ("limits.connections_per_address", config.limits.connections_per_address as u64),
        ("limits.sends_per_minute", u64::from(config.limits.sends_per_minute)),
        ("limits.context_tokens", config.limits.context_tokens),
        ("limits.reply_tokens", config.limits.reply_tokens),
        ("limits.plan_tokens", config.limits.plan_tokens),
    ] {
        assert!(DOCUMENTATION.contains(&format!("| `{key}` | `{default}` |")), "{key}");
    }
}
