//! Bytes of one channel of an SSH connection, without waiting for ever.
//!
//! The session is non-blocking; waiting is done here, with a deadline of our own: the time-out of
//! libssh2 is per call, and a call that makes no progress need not end. Must not know what the bytes
//! mean.

use super::{Options, link::Link};
use crate::push::target::{
    Error,
    sftp::{Outbox, Transport},
};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use ssh2::{BlockDirections, Channel, Session};
use std::{
    io::{self, Read as _, Write as _},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// Bytes of one read from the channel.
const READ_BYTES: usize = 64 * 1024;
/// How often a waiting connection looks whether it was interrupted.
const LOOK_UP: Duration = Duration::from_millis(200);

/// One channel of an SSH connection.
pub(super) struct SshTransport {
    session: Session,
    channel: Channel,
    link: Link,
    keep_alive: Option<KeepAlive>,
    timeout: Duration,
    interrupt: Option<Arc<AtomicBool>>,
    end: Option<Instant>,
    buffer: Vec<u8>,
}

impl SshTransport {
    /// Takes over a connection whose channel is ready to be used; a sign of life is sent after
    /// `keep_alive_s` of silence.
    pub(super) fn new(
        session: Session,
        channel: Channel,
        link: Link,
        keep_alive_s: Option<u64>,
        options: &Options,
    ) -> Self {
        session.set_blocking(false);
        Self {
            session,
            channel,
            link,
            keep_alive: keep_alive_s.filter(|seconds| *seconds > 0).map(KeepAlive::new),
            timeout: options.timeout,
            interrupt: Some(Arc::clone(&options.interrupt)),
            end: None,
            buffer: vec![0; READ_BYTES],
        }
    }

    /// Sends what goes; gives how much went and which way the connection is blocked.
    fn send(&mut self, outbox: &mut Outbox) -> Result<(usize, BlockDirections), Error> {
        let mut sent = 0;
        // The same bytes stand in front after a refusal: libssh2 goes on with the packet it began.
        while !outbox.waiting().is_empty() {
            match self.channel.write(outbox.waiting()) {
                Ok(0) => break,
                Ok(length) => {
                    outbox.advance(length);
                    sent += length;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(lost(&error)),
            }
        }
        let blocked = if outbox.waiting().is_empty() {
            BlockDirections::None
        } else {
            self.session.block_directions()
        };
        Ok((sent, blocked))
    }

    /// Takes what came.
    fn receive(&mut self, inbox: &mut Vec<u8>) -> Result<usize, Error> {
        let before = inbox.len();
        loop {
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

    fn wait(&self, outgoing: bool) -> Result<(), Error> {
        let mut events = PollFlags::IN;
        if outgoing {
            events |= PollFlags::OUT;
        }
        let slice = Timespec { tv_sec: 0, tv_nsec: LOOK_UP.subsec_nanos().into() };
        match poll(&mut [PollFd::new(&self.link, events)], Some(&slice)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(Error::Lost(error.to_string())),
        }
    }

    fn check_interrupt(&self) -> Result<(), Error> {
        if self.interrupt.as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed)) {
            return Err(Error::Interrupted);
        }
        Ok(())
    }

    fn check_deadline(&self, progress: Instant) -> Result<(), Error> {
        let ended = self.end.is_some_and(|end| Instant::now() >= end);
        if ended || progress.elapsed() >= self.timeout {
            return Err(Error::Stalled { after_s: progress.elapsed().as_secs() });
        }
        Ok(())
    }
}

impl Transport for SshTransport {
    fn transfer(&mut self, outbox: &mut Outbox, inbox: &mut Vec<u8>) -> Result<(), Error> {
        let mut progress = Instant::now();
        loop {
            self.check_interrupt()?;
            let (sent, send_blocked) = self.send(outbox)?;
            if self.receive(inbox)? > 0 {
                return Ok(());
            }
            if sent > 0 {
                progress = Instant::now();
            }
            self.check_deadline(progress)?;
            if let Some(keep_alive) = &mut self.keep_alive {
                keep_alive.send_if_due(&self.session);
            }
            let blocked = [send_blocked, self.session.block_directions()];
            let out = |way: &BlockDirections| {
                matches!(way, BlockDirections::Outbound | BlockDirections::Both)
            };
            self.wait(blocked.iter().any(out))?;
        }
    }

    fn begin_cleanup(&mut self, limit: Duration) {
        self.interrupt = None;
        self.end = Some(Instant::now() + limit);
    }
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
