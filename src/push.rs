//! Upload of prompts: plan, stage, publish.

use crate::error::Exit;

/// What can go wrong here.
#[derive(Debug, thiserror::Error)]
pub enum Error {}

impl Error {
    /// The exit code this ends a command with.
    pub fn exit(&self) -> Exit {
        match *self {}
    }
}
