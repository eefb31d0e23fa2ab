//! A folder on a server that has no SFTP, through the server's own shell.
//!
//! One `sh` is kept on one channel and told everything: the commands that list, rename and remove,
//! and the content of files as text that it decodes. So a server that allows one channel is enough,
//! nothing waits for a round trip, and no `scp` need be installed there; the price is a third more
//! bytes on the line. What a login shell prints by itself is passed over. Must not know how the
//! connection was made.

mod answer;
mod command;
mod session;

use super::{
    Completion, Error, Features, Operation, Target, Ticket,
    transport::{Outbox, Progress, Transport, wait},
};
use crate::push::path::printable;
use session::{Session, Violation};
use std::time::{Duration, Instant};

/// What is started on the server; words that every login shell understands.
pub const COMMAND: &str = "exec sh";
/// Most bytes of a login shell's own words that are told.
const MAX_TOLD_BYTES: usize = 200;

/// A folder on a server, through its shell.
#[derive(Debug)]
pub struct Shell<T> {
    session: Session,
    transport: T,
    location: String,
    outbox: Outbox,
    inbox: Vec<u8>,
    progress: Progress,
}

impl<T: Transport> Shell<T> {
    /// Greets the shell; `root` is the folder there, absolute or relative to the login's home.
    ///
    /// # Errors
    /// When the other side is no shell or the connection ends.
    pub fn open(transport: T, root: &[u8], location: String) -> Result<Self, Error> {
        let session = Session::new(root);
        let (outbox, inbox) = (Outbox::default(), Vec::new());
        let progress = Progress::new(Instant::now());
        let mut shell = Self { session, transport, location, outbox, inbox, progress };
        while !shell.session.is_ready() {
            shell.advance().map_err(|error| shell.explain(error))?;
        }
        Ok(shell)
    }

    fn advance(&mut self) -> Result<(), Error> {
        self.inbox.clear();
        let done = self.session.completions();
        self.session.take_outgoing(&mut self.outbox);
        let outcome = self.transport.pump(&mut self.outbox, &mut self.inbox);
        // What came before the connection ended still counts.
        self.session.receive(&self.inbox)?;
        let moved = outcome?;
        if moved > 0 {
            self.progress.note(moved, self.session.completions() > done, Instant::now());
            return Ok(());
        }
        self.transport.check(self.progress.last())?;
        wait(&mut [self.transport.interest()])
    }

    /// What a shell said that is none, or that refuses commands.
    fn explain(&self, error: Error) -> Error {
        let noise = self.session.noise().trim_ascii();
        if noise.is_empty() || error == Error::Interrupted {
            return error;
        }
        let said = printable(&noise[..noise.len().min(MAX_TOLD_BYTES)]);
        Error::Protocol(format!("the server runs no commands; it said `{said}` ({error})"))
    }
}

impl<T: Transport> Target for Shell<T> {
    fn location(&self) -> String {
        self.location.clone()
    }

    fn features(&self) -> Features {
        session::FEATURES
    }

    fn submit(&mut self, ticket: Ticket, operation: Operation) {
        if !self.session.is_waiting() {
            self.progress = Progress::new(Instant::now());
        }
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
