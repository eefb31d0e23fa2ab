//! `ivrkit demo`: everything once.

use crate::{
    demo,
    error::{Error, Exit},
};
use clap::Args;
use std::{io, path::PathBuf};

/// Runs everything once, on this machine, with a simulated PBX.
///
/// Checks, renders, builds the prompts, pushes them to a folder, starts the application server and
/// a simulated PBX on loopback, and makes calls with every kind of callee. Exit code 0 says that
/// every call ended where it should.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The scenario; the built-in driving-test scenario by default.
    scenario: Option<PathBuf>,
    /// Leaves all files in this folder, which must be new or empty.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// How many times faster than life the calls run.
    #[arg(long, value_name = "FACTOR", default_value_t = 5.0, value_parser = super::speed)]
    speed: f64,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Error> {
    let options = demo::Options {
        scenario: arguments.scenario.clone(),
        keep: arguments.keep.clone(),
        speed: arguments.speed,
    };
    let all_as_planned = demo::run(&options, &mut io::stdout().lock())?;
    Ok(if all_as_planned { Exit::Done } else { Exit::Found })
}
