//! `ivrkit verify`: the application server.

use super::server_config;
use crate::{
    error::{Error, Exit},
    logging::{self, LogFormat},
};
use clap::Args;
use ivrkit_verifier::{serve, shutdown};
use std::path::PathBuf;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Runs the server that judges what callees type and steers their calls.
///
/// It stays in the foreground and logs to standard error; SIGTERM or SIGINT stops it cleanly, a second
/// one at once. Calls go on at the next start.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The scenario, a YAML file.
    scenario: PathBuf,
    /// The server's configuration, a YAML file.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// How log lines look.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    log_format: LogFormat,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let (_, scenario) = super::sound_scenario(&arguments.scenario)?;
    let config = server_config(&arguments.config)?;
    logging::start(arguments.log_format);
    super::in_runtime(async {
        let stop_signals = stop_signals().map_err(Error::Runtime)?;
        let (trigger, stop) = shutdown::pair();
        let running = serve(scenario, config, stop).await?;
        tokio::spawn(obey(stop_signals, trigger));
        running.join().await?;
        Ok(Exit::Done)
    })
}

fn stop_signals() -> std::io::Result<[Signal; 2]> {
    Ok([signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?])
}

/// The first signal asks for a clean stop; the second ends the process at once.
async fn obey([mut terminate, mut interrupt]: [Signal; 2], trigger: shutdown::Trigger) {
    for last in [false, true] {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        if last {
            std::process::exit(Exit::Interrupted as i32);
        }
        trigger.pull();
    }
}
