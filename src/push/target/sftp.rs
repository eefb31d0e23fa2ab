//! A folder on a server, over SFTP version 3.
//!
//! `ssh2` has an SFTP client of its own, but it waits for each answer and cannot replace a file in
//! one step (its rename ignores the flags on version 3); so the protocol is spoken here, on any
//! [`Transport`] that carries bytes. Must not know how the connection was made.

pub mod fleet;
mod meaning;
mod packet;
mod session;

use super::{Completion, Error, Features, Operation, Target, Ticket};
use rustix::event::PollFd;
use session::{Session, Violation};
use std::{
    task::Poll,
    time::{Duration, Instant},
};

/// Carries bytes to the server and back.
pub trait Transport {
    /// Sends from the front of `outbox` what can be sent, and appends to `inbox` what came; returns
    /// as soon as something came.
    ///
    /// # Errors
    /// When the connection ends, stalls or the program is interrupted.
    fn transfer(&mut self, outbox: &mut Outbox, inbox: &mut Vec<u8>) -> Result<(), Error>;

    /// From now on interrupts are ignored and the whole rest must be done within `limit`.
    fn begin_cleanup(&mut self, limit: Duration);
}

/// A [`Transport`] that several can be waited for at once.
pub trait Polled: Transport {
    /// Sends and takes what goes at once, without waiting: whether any byte moved.
    ///
    /// # Errors
    /// When the connection ends.
    fn pump(&mut self, outbox: &mut Outbox, inbox: &mut Vec<u8>) -> Result<bool, Error>;

    /// What to wait for before the next [`Polled::pump`].
    fn interest(&self) -> PollFd<'_>;

    /// Whether to go on when nothing moved since `progress`.
    ///
    /// # Errors
    /// When that is too long, or the program is interrupted.
    fn check(&self, progress: Instant) -> Result<(), Error>;

    /// What the script printed, once it ended: `None` if there was none, it did not end well, or the
    /// server runs no scripts.
    fn printed(&mut self) -> Poll<Option<Vec<u8>>>;

    /// Runs a script in the target folder; [`Polled::printed`] has its outcome.
    fn run(&mut self, script: &str);
}

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

/// Bytes that wait to be sent.
#[derive(Debug, Default)]
pub struct Outbox {
    bytes: Vec<u8>,
    sent: usize,
}

impl Outbox {
    /// Bytes that were sent and may stay in front: moving the rest up each time would cost more
    /// than sending it.
    const MAX_SENT_BYTES: usize = 1024 * 1024;

    /// What is still to be sent.
    pub fn waiting(&self) -> &[u8] {
        &self.bytes[self.sent..]
    }

    /// Adds bytes to the end.
    pub fn append(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Takes out the first bytes, which were sent.
    pub fn advance(&mut self, bytes: usize) {
        self.sent += bytes;
        if self.sent == self.bytes.len() || self.sent > Self::MAX_SENT_BYTES {
            self.bytes.drain(..self.sent);
            self.sent = 0;
        }
    }
}

/// A folder on a server, over SFTP version 3.
#[derive(Debug)]
pub struct Sftp<T> {
    session: Session,
    transport: T,
    location: String,
    inbox: Vec<u8>,
}

impl<T: Transport> Sftp<T> {
    /// Greets the server; `root` is the folder there.
    ///
    /// # Errors
    /// When the other side does not speak SFTP or the connection ends.
    pub fn open(transport: T, root: Vec<u8>, location: String) -> Result<Self, Error> {
        let session = Session::new(root);
        let mut sftp = Self { session, transport, location, inbox: Vec::new() };
        while !sftp.session.is_ready() {
            sftp.advance()?;
        }
        Ok(sftp)
    }

    fn advance(&mut self) -> Result<(), Error> {
        self.inbox.clear();
        let outcome = self.transport.transfer(self.session.outbox(), &mut self.inbox);
        // What came before the connection ended still counts.
        self.session.receive(&self.inbox)?;
        outcome
    }
}

impl<T: Transport> Target for Sftp<T> {
    fn location(&self) -> String {
        self.location.clone()
    }

    fn features(&self) -> Features {
        self.session.features()
    }

    fn submit(&mut self, ticket: Ticket, operation: Operation) {
        self.session.submit(ticket, operation);
    }

    fn complete(&mut self) -> Result<Completion, Error> {
        loop {
            if let Some(completion) = self.session.next_completion() {
                return Ok(completion);
            }
            self.advance()?;
        }
    }

    fn begin_cleanup(&mut self, limit: Duration) {
        self.transport.begin_cleanup(limit);
    }
}

impl From<Violation> for Error {
    fn from(violation: Violation) -> Self {
        Self::Protocol(violation.to_string())
    }
}

#[cfg(test)]
mod tests;
