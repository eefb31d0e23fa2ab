//! A connection through another server (`ProxyJump`).
//!
//! The jump host is asked for a channel to the next host, and a thread of its own carries the bytes
//! between that channel and a pair of sockets, on whose near end the next SSH connection begins. So
//! the jump host's key is checked and its login done as for any host, no `ssh` program is needed,
//! and no thread shares a session. Must not look at the bytes.

use super::link::Link;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use ssh2::{BlockDirections, Channel, Session};
use std::{
    io::{self, Read as _, Write as _},
    os::unix::net::UnixStream,
    thread,
};

/// Bytes that wait in one direction at most.
const BUFFER_BYTES: usize = 64 * 1024;
/// How long a look at both sides may take when neither says that something came.
const LOOK_UP: Timespec = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };

/// Carries between `channel` of a session and the near end of a new link, until either ends.
pub(super) fn start(session: Session, channel: Channel, below: Link) -> io::Result<Link> {
    let (link, far) = Link::tunnel()?;
    far.set_nonblocking(true)?;
    session.set_blocking(false);
    let mut tunnel = Tunnel {
        session,
        channel,
        below,
        far,
        out: Buffer::default(),
        back: Buffer::default(),
        ended: false,
    };
    thread::Builder::new().name("ssh tunnel".to_owned()).spawn(move || tunnel.carry())?;
    Ok(link)
}

struct Tunnel {
    session: Session,
    channel: Channel,
    below: Link,
    far: UnixStream,
    /// Towards the server.
    out: Buffer,
    /// From the server.
    back: Buffer,
    ended: bool,
}

#[derive(Default)]
struct Buffer {
    bytes: Vec<u8>,
    sent: usize,
}

impl Buffer {
    fn waiting(&self) -> &[u8] {
        &self.bytes[self.sent..]
    }

    fn is_empty(&self) -> bool {
        self.sent == self.bytes.len()
    }

    fn fill(&mut self, read: impl FnOnce(&mut [u8]) -> io::Result<usize>) -> io::Result<usize> {
        self.bytes.resize(BUFFER_BYTES, 0);
        self.sent = 0;
        let outcome = read(&mut self.bytes);
        self.bytes.truncate(*outcome.as_ref().unwrap_or(&0));
        outcome
    }
}

impl Tunnel {
    fn carry(&mut self) {
        // Whatever goes wrong, the connection on top finds its link ended and tells.
        while let Ok(moved) = self.step() {
            if self.ended && self.back.is_empty() {
                break;
            }
            if !moved && self.wait().is_err() {
                break;
            }
        }
        self.below.shut();
        let _shut = self.far.shutdown(std::net::Shutdown::Both);
    }

    /// Moves what can be moved; whether anything was.
    fn step(&mut self) -> io::Result<bool> {
        let mut moved = false;
        if self.out.is_empty() {
            let far = &mut self.far;
            match ready(self.out.fill(|buffer| far.read(buffer)))? {
                Some(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                length => moved |= length.is_some(),
            }
        }
        if !self.out.is_empty()
            && let Some(length) = ready(self.channel.write(self.out.waiting()))?
        {
            self.out.sent += length;
            moved |= length > 0;
        }
        if self.back.is_empty() {
            let channel = &mut self.channel;
            match ready(self.back.fill(|buffer| channel.read(buffer)))? {
                Some(0) => self.ended = self.channel.eof(),
                length => moved |= length.is_some(),
            }
        }
        if !self.back.is_empty()
            && let Some(length) = ready(self.far.write(self.back.waiting()))?
        {
            self.back.sent += length;
            moved = true;
        }
        Ok(moved)
    }

    fn wait(&self) -> io::Result<()> {
        let mut server = PollFlags::IN;
        let blocked = self.session.block_directions();
        if matches!(blocked, BlockDirections::Outbound | BlockDirections::Both) {
            server |= PollFlags::OUT;
        }
        let mut client = PollFlags::empty();
        if self.out.is_empty() {
            client |= PollFlags::IN;
        }
        if !self.back.is_empty() {
            client |= PollFlags::OUT;
        }
        let mut ends = [PollFd::new(&self.below, server), PollFd::new(&self.far, client)];
        match poll(&mut ends, Some(&LOOK_UP)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Nothing when the other side is not ready.
fn ready(outcome: io::Result<usize>) -> io::Result<Option<usize>> {
    match outcome {
        Ok(length) => Ok(Some(length)),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(None),
        Err(error) => Err(error),
    }
}
