//! `ivrkit call`: asks a running server for a call.

use super::server_config;
use crate::error::{Error, Exit};
use clap::Args;
use ivrkit_verifier::{
    config::BaseUrl,
    number::PhoneNumber,
    remote::{self, Remote},
    secret::Source,
};
use secrecy::SecretString;
use serde_json::Value;
use std::{
    path::PathBuf,
    process,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Between two looks at a call that is waited for.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Requests without an answer in a row before waiting is given up.
const PATIENCE: u32 = 20;

/// Asks a running server to call a number; prints the call's id, or with --wait its record as JSON.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Whom to call: digits, with an optional leading `+`.
    #[arg(value_parser = PhoneNumber::parse)]
    number: PhoneNumber,
    /// The server's configuration, for its address and token; needed without --url.
    #[arg(long, value_name = "FILE", required_unless_present = "url")]
    config: Option<PathBuf>,
    /// The server's address, such as `http://127.0.0.1:8270`, in place of that of --config.
    #[arg(long, value_name = "URL", value_parser = url)]
    url: Option<BaseUrl>,
    /// File with the API token, in place of that of --config; without either, the token is in the
    /// environment variable `IVRKIT_API_TOKEN`.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Waits until the call is over; the exit code is then 0 only if it was verified.
    #[arg(long)]
    wait: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let remote = server(arguments)?;
    super::in_runtime(async {
        let id = remote.start_call(&arguments.number, &key()).await?;
        if !arguments.wait {
            println!("{id}");
            return Ok(Exit::Done);
        }
        let record = over(&remote, &id).await?;
        println!("{}", serde_json::to_string_pretty(&record).expect("JSON serialises"));
        let verified = record["outcome"] == "verified";
        Ok(if verified { Exit::Done } else { Exit::Found })
    })
}

fn url(text: &str) -> Result<BaseUrl, String> {
    text.parse()
}

fn server(arguments: &Arguments) -> Result<Remote, Error> {
    let config = arguments.config.as_deref().map(server_config).transpose()?;
    let token = match (&arguments.token_file, &config) {
        (Some(file), _) => Source::File(file.clone()),
        (None, Some(config)) => config.api.token(),
        (None, None) => Source::Environment("IVRKIT_API_TOKEN".to_owned()),
    };
    let token: SecretString = token.read("API token", 1)?;
    let url = match (&arguments.url, &config) {
        (Some(url), _) => url.clone(),
        (None, Some(config)) => BaseUrl::of(config.api.listen),
        (None, None) => unreachable!("clap asks for one of the two"),
    };
    Ok(Remote::new(url, token)?)
}

/// The call's record once it is over; a server that restarts meanwhile is waited for.
async fn over(remote: &Remote, id: &str) -> Result<Value, Error> {
    let mut failures = 0;
    loop {
        match remote.call(id).await {
            Ok(record) if record["state"] == "over" => return Ok(record),
            Ok(_) => failures = 0,
            Err(remote::Error::Unreachable { .. } | remote::Error::NoAnswer { .. })
                if failures < PATIENCE =>
            {
                failures += 1;
            }
            Err(error) => return Err(error.into()),
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// No two runs of this command are the same request.
fn key() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("ivrkit-call-{}-{}", process::id(), since.as_nanos())
}
