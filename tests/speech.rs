//! Speech: real espeak-ng, programs and HTTP engines with faults, prompts for lists of callees, and
//! builds that are killed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends in a panic")]

#[path = "speech/callees.rs"]
mod callees;
#[path = "speech/commands.rs"]
mod commands;
#[path = "speech/example.rs"]
mod example;
#[path = "speech/mandarin.rs"]
mod mandarin;
#[path = "speech/manifest.rs"]
mod manifest;
#[path = "speech/requests.rs"]
mod requests;
#[path = "speech/room.rs"]
mod room;
#[path = "speech/server.rs"]
mod server;
#[path = "speech/tls.rs"]
mod tls;
