//! The top error and the one table of exit codes.
//!
//! Every room has its own error enum beside its code; here they meet, and each says which
//! [`Exit`] it ends the command with. The table is repeated in README.md; a test compares them.

use crate::{demo, files, graph, init, media, push, render, simulation};
use ivrkit_verifier::{config, pbx::simulated, remote, secret, store};
use std::{io, process::ExitCode};

/// How a command ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done, nothing to complain about.
    Done = 0,
    /// Done, and something was found: a mistake, a difference, an unplayable prompt, a call that
    /// ended elsewhere.
    Found = 1,
    /// The command line is wrong; or `ivrkit lint` could not lint, or `ivrkit test` not run, all that
    /// it was given.
    Usage = 2,
    /// An input cannot be used: missing, a folder, too large, unreadable.
    Input = 3,
    /// An output cannot be written.
    Output = 4,
    /// A host cannot be reached.
    Unreachable = 5,
    /// A host refused: host key, login, permission.
    Refused = 6,
    /// A host failed in the middle: connection lost, time-out, disk full.
    Remote = 7,
    /// A server cannot start or go on: configuration, address in use, store.
    Server = 8,
    /// A bug in ivrkit.
    Bug = 70,
    /// Interrupted by a signal.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Whatever ends a command before it is done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A local file could not be read or written.
    #[error(transparent)]
    Files(#[from] files::Error),
    /// The call flow could not be drawn.
    #[error(transparent)]
    Graph(#[from] graph::Error),
    /// The starting scenario could not be written.
    #[error(transparent)]
    Init(#[from] init::Error),
    /// The dialplan could not be rendered.
    #[error(transparent)]
    Render(#[from] render::Error),
    /// A prompt could not be converted.
    #[error(transparent)]
    Media(#[from] media::Error),
    /// Files could not be converted.
    #[error(transparent)]
    Batch(#[from] media::BatchError),
    /// The upload failed.
    #[error(transparent)]
    Push(#[from] push::Error),
    /// The server cannot start.
    #[error(transparent)]
    Verifier(#[from] ivrkit_verifier::Error),
    /// The server's configuration has a mistake.
    #[error(transparent)]
    Config(#[from] config::Error),
    /// The server's store cannot be used.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// A secret cannot be read.
    #[error(transparent)]
    Secret(#[from] secret::Error),
    /// A running server did not do what it was asked.
    #[error(transparent)]
    Remote(#[from] remote::Error),
    /// Codes that cannot be added.
    #[error("{0}")]
    Code(String),
    /// The simulated PBX cannot start.
    #[error(transparent)]
    Simulated(#[from] simulated::Error),
    /// The script of callees is wrong.
    #[error(transparent)]
    Callees(#[from] simulated::ScriptError),
    /// A fault of the simulated PBX is wrong.
    #[error(transparent)]
    Fault(#[from] simulated::FaultError),
    /// The operating system refused threads, signals or the terminal.
    #[error("the operating system refused what the command needs: {0}")]
    Runtime(#[source] io::Error),
    /// The demonstration could not be run.
    #[error(transparent)]
    Demo(#[from] demo::Error),
    /// There is nothing to simulate calls on.
    #[error(transparent)]
    Simulation(#[from] simulation::Error),
    /// The scenario has mistakes; they were shown already.
    #[error("the scenario has {count} mistake{}", if *.count == 1 { "" } else { "s" })]
    Scenario {
        /// How many errors were shown.
        count: usize,
    },
}

impl Error {
    /// The exit code this ends the command with.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Files(error) => error.exit(),
            Self::Graph(error) => error.exit(),
            Self::Init(error) => error.exit(),
            Self::Render(error) => error.exit(),
            Self::Media(error) => error.exit(),
            Self::Batch(error) => error.exit(),
            Self::Push(error) => error.exit(),
            Self::Demo(error) => error.exit(),
            Self::Simulation(error) => error.exit(),
            Self::Remote(remote::Error::Unreachable { .. }) => Exit::Unreachable,
            Self::Remote(remote::Error::Refused { .. }) => Exit::Refused,
            Self::Remote(_) => Exit::Remote,
            Self::Simulated(simulated::Error::Speed(_)) | Self::Fault(_) => Exit::Usage,
            Self::Code(_) | Self::Callees(_) => Exit::Input,
            Self::Verifier(_)
            | Self::Config(_)
            | Self::Store(_)
            | Self::Secret(_)
            | Self::Simulated(_)
            | Self::Runtime(_) => Exit::Server,
            Self::Scenario { .. } => Exit::Found,
        }
    }
}
