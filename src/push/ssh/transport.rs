//! Bytes of one channel of an SSH connection, without waiting for ever.
//!
//! The session is non-blocking; waiting is done here, with a deadline of our own: the time-out of
//! libssh2 is per call, and a call that makes no progress need not end. Must not know what the bytes
//! mean.

use super::{Options, link::Link, shell::Shell};
use crate::push::target::{
    Error,
    transport::{Outbox, Transport, wait},
};
use rustix::event::{PollFd, PollFlags};
use ssh2::{BlockDirections, Channel, Session};
use std::{
    io::{self, Read as _, Write as _},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
    time::{Duration, Instant},
};

/// Bytes of one read from the channel.
const READ_BYTES: usize = 64 * 1024;
/// Bytes that are taken before they are looked at.
const MAX_TAKEN_BYTES: usize = 256 * 1024;

/// The SFTP channel of an SSH connection, and at times a second one on which a script runs.
pub(super) struct SshTransport {
    session: Session,
    channel: Channel,
    /// Whether the server said that SFTP, or a shell, begins on the channel.
    begun: bool,
    shell: Shell,
    link: Link,
    keep_alive: Option<KeepAlive>,
    timeout: Duration,
    interrupt: Option<Arc<AtomicBool>>,
    end: Option<Instant>,
    buffer: Vec<u8>,
}

impl SshTransport {
    /// Takes over a connection whose channel is open; the session is no longer blocking. SFTP is asked
    /// for unless something `begun` on the channel already. A sign of life is sent after
    /// `keep_alive_s` of silence.
    pub(super) fn new(
        (session, channel, link): (Session, Channel, Link),
        begun: bool,
        keep_alive_s: Option<u64>,
        options: &Options,
    ) -> Self {
        session.set_blocking(false);
        Self {
            session,
            channel,
            begun,
            shell: Shell::none(),
            link,
            keep_alive: keep_alive_s.filter(|seconds| *seconds > 0).map(KeepAlive::new),
            timeout: options.timeout,
            interrupt: Some(Arc::clone(&options.interrupt)),
            end: None,
            buffer: vec![0; READ_BYTES],
        }
    }

    /// Asks for SFTP on the channel; bytes may follow before the server agreed.
    fn begin(&mut self) -> Result<(), Error> {
        match self.channel.subsystem("sftp") {
            Ok(()) => self.begun = true,
            Err(error) if is_waiting(&error) => {}
            Err(error) => return Err(Error::Unsupported(super::said(&error))),
        }
        Ok(())
    }

    /// Sends what goes: how much, and whether a packet is half sent.
    fn send(&mut self, outbox: &mut Outbox) -> Result<(usize, bool), Error> {
        let mut sent = 0;
        // The same bytes stand in front after a refusal: libssh2 goes on with the packet it began.
        while !outbox.waiting().is_empty() {
            match self.channel.write(outbox.waiting()) {
                Ok(0) => break,
                Ok(length) => {
                    outbox.advance(length);
                    sent += length;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    return Ok((sent, is_half_sent(&self.session)));
                }
                Err(error) => return Err(lost(&error)),
            }
        }
        Ok((sent, false))
    }

    /// Takes what came.
    fn receive(&mut self, inbox: &mut Vec<u8>) -> Result<usize, Error> {
        let before = inbox.len();
        // A server that sends faster than it is understood must not fill the memory.
        while inbox.len() < before + MAX_TAKEN_BYTES {
            match self.channel.read(&mut self.buffer) {
                Ok(0) if self.channel.eof() && inbox.len() == before => {
                    return Err(Error::Lost("the server ended the session".to_owned()));
                }
                Ok(0) => break,
                Ok(length) => inbox.extend_from_slice(&self.buffer[..length]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if inbox.len() == before => return Err(lost(&error)),
                // What came first is handed on; the next read meets the error again.
                Err(_) => break,
            }
        }
        Ok(inbox.len() - before)
    }

    fn check_interrupt(&self) -> Result<(), Error> {
        if self.interrupt.as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed)) {
            return Err(Error::Interrupted);
        }
        Ok(())
    }
}

impl Transport for SshTransport {
    fn pump(&mut self, outbox: &mut Outbox, inbox: &mut Vec<u8>) -> Result<usize, Error> {
        self.check_interrupt()?;
        if !self.begun && !self.shell.has_packet_half_sent() {
            self.begin()?;
            if !self.begun && is_half_sent(&self.session) {
                return Ok(0);
            }
        }
        let mut moved = 0;
        if self.shell.has_packet_half_sent() {
            return Ok(self.shell.advance(&self.session));
        }
        let (sent, half) = self.send(outbox)?;
        moved += sent;
        if half {
            return Ok(moved);
        }
        moved += self.receive(inbox)?;
        // Last, for what came for it may have been taken off the line by any of the others.
        let shell_moved = self.shell.advance(&self.session);
        if shell_moved == 0 && !self.shell.has_ended() && !self.shell.has_packet_half_sent() {
            moved += self.receive(inbox)?;
        }
        if moved == 0
            && !is_half_sent(&self.session)
            && let Some(keep_alive) = &mut self.keep_alive
        {
            keep_alive.send_if_due(&self.session);
        }
        self.link.acknowledge();
        Ok(moved + shell_moved)
    }

    fn interest(&self) -> PollFd<'_> {
        interest(&self.link, &self.session)
    }

    fn check(&self, progress: Instant) -> Result<(), Error> {
        self.check_interrupt()?;
        let ended = self.end.is_some_and(|end| Instant::now() >= end);
        if ended || progress.elapsed() >= self.timeout {
            return Err(Error::Stalled { after_s: progress.elapsed().as_secs() });
        }
        Ok(())
    }

    fn begin_cleanup(&mut self, limit: Duration) {
        self.interrupt = None;
        self.end = Some(Instant::now() + limit);
    }

    fn printed(&mut self) -> Poll<Option<Vec<u8>>> {
        self.shell.take()
    }

    fn run(&mut self, script: &str) {
        if !self.shell.is_of(script) {
            self.shell = Shell::new(script);
        }
    }
}

/// Waits for a call of a session that does not block, with a deadline.
pub(super) struct Patience<'a> {
    link: &'a Link,
    end: Instant,
    interrupt: &'a AtomicBool,
}

impl<'a> Patience<'a> {
    pub(super) fn new(link: &'a Link, options: &'a Options) -> Self {
        Self { link, end: Instant::now() + options.timeout, interrupt: &options.interrupt }
    }

    /// Calls until there is an outcome.
    pub(super) fn complete<R>(
        &self,
        session: &Session,
        mut call: impl FnMut() -> Result<R, ssh2::Error>,
    ) -> Result<R, ssh2::Error> {
        /// `LIBSSH2_ERROR_TIMEOUT`
        const TIMED_OUT: ssh2::ErrorCode = ssh2::ErrorCode::Session(-9);
        loop {
            match call() {
                Err(error) if is_waiting(&error) => {}
                outcome => return outcome,
            }
            if self.interrupt.load(Ordering::Relaxed) {
                return Err(ssh2::Error::new(TIMED_OUT, "interrupted"));
            }
            if Instant::now() >= self.end {
                return Err(ssh2::Error::new(TIMED_OUT, "no answer in time (see --timeout-s)"));
            }
            self.link.acknowledge();
            let failed = |_| ssh2::Error::new(TIMED_OUT, "the connection cannot be waited for");
            wait(&mut [interest(self.link, session)]).map_err(failed)?;
        }
    }
}

/// What to wait for before a session goes on.
fn interest<'a>(link: &'a Link, session: &Session) -> PollFd<'a> {
    let mut events = PollFlags::IN;
    if is_half_sent(session) {
        events |= PollFlags::OUT;
    }
    PollFd::new(link, events)
}

/// Whether a packet is half sent: nothing else may be sent on the connection before the rest of it
/// was, and that is for whoever began it.
pub(super) fn is_half_sent(session: &Session) -> bool {
    matches!(session.block_directions(), BlockDirections::Outbound | BlockDirections::Both)
}

/// Whether the server's answer is still to come.
pub(super) fn is_waiting(error: &ssh2::Error) -> bool {
    /// `LIBSSH2_ERROR_EAGAIN`
    const AGAIN: i32 = -37;
    error.code() == ssh2::ErrorCode::Session(AGAIN)
}

impl Drop for SshTransport {
    fn drop(&mut self) {
        // Freeing the channel would wait for a server that may be silent; on a socket that is shut
        // it fails at once.
        self.link.shut();
    }
}

/// Signs of life, so that nothing on the way takes a silent connection for a dead one.
struct KeepAlive {
    interval: Duration,
    last: Instant,
}

impl KeepAlive {
    fn new(interval_s: u64) -> Self {
        Self { interval: Duration::from_secs(interval_s), last: Instant::now() }
    }

    fn send_if_due(&mut self, session: &Session) {
        if self.last.elapsed() >= self.interval {
            self.last = Instant::now();
            // If it cannot be sent, the deadline tells.
            let _sent = session.keepalive_send();
        }
    }
}

fn lost(error: &io::Error) -> Error {
    Error::Lost(super::super::path::printable(error.to_string().as_bytes()))
}
