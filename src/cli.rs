//! The command line: clap types as typed; one file per command in `cli/`.
//!
//! A command turns its arguments into a call of a room, prints what comes back and says how it
//! ends. Must not hold work of its own.

mod call;
mod check;
mod codes;
mod demo;
mod explain;
mod graph;
mod init;
mod interrupt;
mod lint;
mod match_digits;
mod media;
mod modules;
mod names;
mod pbx_sim;
mod push_media;
mod render;
mod rules;
mod schema;
mod show;
mod simulate;
mod test;
mod verify;

use crate::{error::Error, files};
use clap::{
    CommandFactory as _, Parser, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};
use ivrkit_dialplan::{
    application::Version,
    scenario::{self, Scenario},
};
use ivrkit_verifier::pbx::simulated::SPEEDS;
use std::{io, path::Path, process::ExitCode};

/// Provision an IVR and verify live calls.
#[derive(Debug, Parser)]
#[command(name = "ivrkit", version, propagate_version = true, max_term_width = 100)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(check::Arguments),
    Schema(schema::Arguments),
    Show(show::Arguments),
    Match(match_digits::Arguments),
    Graph(graph::Arguments),
    Simulate(simulate::Arguments),
    Test(test::Arguments),
    Lint(lint::Arguments),
    Explain(explain::Arguments),
    Rules(rules::Arguments),
    Names(names::Arguments),
    Modules(modules::Arguments),
    Init(init::Arguments),
    Render(render::Arguments),
    Media(media::Arguments),
    PushMedia(push_media::Arguments),
    Verify(verify::Arguments),
    Codes(codes::Arguments),
    Call(call::Arguments),
    PbxSim(pbx_sim::Arguments),
    Demo(demo::Arguments),
}

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.command {
        Command::Check(arguments) => check::run(&arguments),
        Command::Schema(arguments) => schema::run(&arguments),
        Command::Show(arguments) => show::run(&arguments),
        Command::Match(arguments) => match_digits::run(&arguments),
        Command::Graph(arguments) => graph::run(&arguments),
        Command::Simulate(arguments) => simulate::run(&arguments),
        Command::Test(arguments) => test::run(&arguments),
        Command::Lint(arguments) => lint::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Rules(arguments) => rules::run(&arguments),
        Command::Names(arguments) => names::run(&arguments),
        Command::Modules(arguments) => modules::run(&arguments),
        Command::Init(arguments) => init::run(&arguments),
        Command::Render(arguments) => render::run(&arguments),
        Command::Media(arguments) => media::run(&arguments),
        Command::PushMedia(arguments) => push_media::run(&arguments),
        Command::Verify(arguments) => verify::run(&arguments),
        Command::Codes(arguments) => codes::run(&arguments),
        Command::Call(arguments) => call::run(&arguments),
        Command::PbxSim(arguments) => pbx_sim::run(&arguments),
        Command::Demo(arguments) => demo::run(&arguments),
    };
    match done {
        Ok(exit) => exit.into(),
        Err(error) => {
            eprintln!("ivrkit: {error}");
            error.exit().into()
        }
    }
}

/// Reads a scenario for a command that needs a sound one: findings go to standard error, and errors
/// among them end the command.
fn sound_scenario(path: &Path) -> Result<(scenario::Reading, Scenario), Error> {
    let mut reading = scenario::read(files::read_source(path)?);
    check::show(&reading);
    match reading.scenario.take() {
        Some(scenario) => Ok((reading, scenario)),
        None => Err(Error::Scenario { count: check::errors(&reading) }),
    }
}

/// What printing to standard output came to. A reader that has seen enough (`| head`) is no error.
fn printed(done: io::Result<()>) -> Result<(), Error> {
    match done {
        Err(source) if source.kind() != io::ErrorKind::BrokenPipe => {
            Err(files::Error::Write { path: "standard output".into(), source }.into())
        }
        _ => Ok(()),
    }
}

/// The versions whose loading is known.
fn loading_version_parser() -> impl TypedValueParser<Value = Version> {
    PossibleValuesParser::new(["16", "22"]).try_map(|version| version.parse::<Version>())
}

/// How many times faster than life calls run, before any work has begun.
fn speed(text: &str) -> Result<f64, String> {
    let speed = text.parse().ok().filter(|speed| SPEEDS.contains(speed));
    speed.ok_or_else(|| format!("expected a factor of {} to {}", SPEEDS.start(), SPEEDS.end()))
}

/// Reads the server's configuration.
fn server_config(path: &Path) -> Result<ivrkit_verifier::Config, Error> {
    Ok(ivrkit_verifier::Config::parse(path, files::read_source(path)?.text())?)
}

/// Runs what waits for the network.
fn in_runtime<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(Error::Runtime)?.block_on(work)
}

/// The definition of the command line, for help snapshots and completions.
pub fn definition() -> clap::Command {
    Arguments::command()
}
