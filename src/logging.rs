//! Log lines of the server, on standard error.
//!
//! What must not be in them is decided where they are written: numbers are masked there, secrets
//! have types that do not show.

use clap::ValueEnum;
use std::io::{self, IsTerminal as _};
use tracing_subscriber::EnvFilter;

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum LogFormat {
    /// A line of text for each.
    #[default]
    Text,
    /// A JSON object for each.
    Json,
}

/// Libraries that see whole requests, tokens and secret paths in them, and know nothing of secrets.
const CURBED: [&str; 6] =
    ["axum=warn", "hyper=warn", "hyper_util=warn", "mio=warn", "tokio=warn", "tower=warn"];

/// Starts writing log lines; `RUST_LOG` chooses how many, `info` by default.
///
/// # Panics
/// Never: what it parses is written above.
pub fn start(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let filter = CURBED
        .iter()
        .fold(filter, |filter, curb| filter.add_directive(curb.parse().expect("a directive")));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    // A second start, as in tests that run commands in one process, changes nothing.
    let _ = match format {
        LogFormat::Text => lines.with_ansi(io::stderr().is_terminal()).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
}
