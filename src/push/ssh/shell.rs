//! A script that runs on the server beside SFTP, on a second channel of the same connection.
//!
//! Only ever asked to read. Whatever goes wrong with it is no failure of the push: there is then no
//! answer, and SFTP does the work. Must not wait.

use super::transport::{is_half_sent, is_waiting};
use ssh2::{Channel, ExtendedData, Session};
use std::{
    io::{self, Read as _},
    task::Poll,
};

/// Bytes that a script may print: more than any list of files that is sent in packed form.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// A script on its way.
pub(super) struct Shell {
    script: String,
    stage: Stage,
    /// Whether it began a packet, which must be ended before anything else is sent.
    half_sent: bool,
}

enum Stage {
    /// A channel is being opened for it, or there is no script.
    Opening,
    /// The server is being asked to run it.
    Starting(Channel),
    /// It runs, and printed so much.
    Running(Channel, Vec<u8>),
    /// It ended; what it printed, if it ended well.
    Ended(Option<Vec<u8>>),
}

impl Shell {
    /// No script: it ended without a word.
    pub(super) fn none() -> Self {
        Self { script: String::new(), stage: Stage::Ended(None), half_sent: false }
    }

    /// A script that begins with the next [`Shell::advance`].
    pub(super) fn new(script: &str) -> Self {
        Self { script: script.to_owned(), stage: Stage::Opening, half_sent: false }
    }

    /// Whether it is this script that runs or ran.
    pub(super) fn is_of(&self, script: &str) -> bool {
        self.script == script
    }

    /// Whether it began a packet, which must be ended before anything else is sent.
    pub(super) fn has_packet_half_sent(&self) -> bool {
        self.half_sent
    }

    /// Whether it neither runs nor is about to.
    pub(super) fn has_ended(&self) -> bool {
        matches!(self.stage, Stage::Ended(_))
    }

    /// Takes the outcome, if there is one: what it printed, or nothing if it did not end well.
    pub(super) fn take(&mut self) -> Poll<Option<Vec<u8>>> {
        match &mut self.stage {
            Stage::Ended(printed) => {
                let printed = printed.take();
                *self = Self::none();
                Poll::Ready(printed)
            }
            _ => Poll::Pending,
        }
    }

    /// Goes on as far as it goes at once: how many bytes came, of which a step counts as one.
    pub(super) fn advance(&mut self, session: &Session) -> usize {
        let mut moved = 0;
        while !matches!(self.stage, Stage::Ended(_)) {
            let stage = std::mem::replace(&mut self.stage, Stage::Ended(None));
            let (stage, more) = stage.step(session, &self.script);
            self.stage = stage;
            moved += more;
            self.half_sent = more == 0 && is_half_sent(session);
            if more == 0 {
                break;
            }
        }
        moved
    }
}

impl Stage {
    /// One step: how many bytes came, of which getting further counts as one.
    fn step(self, session: &Session, script: &str) -> (Self, usize) {
        match self {
            Self::Opening => match session.channel_session() {
                Ok(mut channel) => {
                    // What a login shell says on the side must not hold up the end.
                    let _ignored = channel.handle_extended_data(ExtendedData::Ignore);
                    (Self::Starting(channel), 1)
                }
                Err(error) if is_waiting(&error) => (Self::Opening, 0),
                Err(_) => (Self::Ended(None), 1),
            },
            Self::Starting(mut channel) => match channel.exec(script) {
                Ok(()) => (Self::Running(channel, Vec::new()), 1),
                Err(error) if is_waiting(&error) => (Self::Starting(channel), 0),
                Err(_) => (Self::Ended(None), 1),
            },
            Self::Running(channel, printed) => read(channel, printed),
            Self::Ended(printed) => (Self::Ended(printed), 0),
        }
    }
}

fn read(mut channel: Channel, mut printed: Vec<u8>) -> (Stage, usize) {
    let mut buffer = [0; 8 * 1024];
    match channel.read(&mut buffer) {
        Ok(0) if channel.eof() => {
            // The exit status comes before the end of what is printed, or is missing and zero.
            let well = channel.exit_status().is_ok_and(|status| status == 0);
            (Stage::Ended(well.then_some(printed)), 1)
        }
        Ok(length) if printed.len() + length <= MAX_BYTES => {
            printed.extend_from_slice(&buffer[..length]);
            (Stage::Running(channel, printed), length)
        }
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
            (Stage::Running(channel, printed), 0)
        }
        _ => (Stage::Ended(None), 1),
    }
}
