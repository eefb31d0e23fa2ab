//! A folder on a server, over SFTP version 3.
//!
//! `ssh2` has an SFTP client of its own, but it waits for each answer and cannot replace a file in
//! one step (its rename ignores the flags on version 3); so the protocol is spoken here, on any
//! [`Transport`](super::transport::Transport). Must not know how the connection was made.

pub mod fleet;
mod meaning;
mod packet;
mod session;

use super::Error;
use session::Violation;

/// The command that runs a script in a folder, whatever shell the login has; `None` for a folder whose
/// name no command can carry.
pub fn command_in(folder: &[u8], script: &str) -> Option<String> {
    let folder = std::str::from_utf8(folder).ok().filter(|folder| !folder.contains(['\n', '!']))?;
    let script = format!("LC_ALL=C; export LC_ALL; cd -- {} && {{ {script}; }}", quoted(folder));
    Some(format!("exec sh -c {}", quoted(&script)))
}

/// A word as the POSIX shell reads it.
pub fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

impl From<Violation> for Error {
    fn from(violation: Violation) -> Self {
        Self::Protocol(violation.to_string())
    }
}

#[cfg(test)]
mod tests;
