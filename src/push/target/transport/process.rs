//! A program of this machine at the other end of a socket, for tests.

use super::{Error, Outbox, Transport};
use rustix::event::{PollFd, PollFlags};
use std::{
    io::{self, Read as _, Write as _},
    net::Shutdown,
    os::{fd::OwnedFd, unix::net::UnixStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// A program that is spoken to; ends with the value.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    stream: UnixStream,
}

impl Process {
    pub(crate) fn start(command: &mut Command) -> Self {
        let (near, far) = UnixStream::pair().unwrap();
        near.set_nonblocking(true).unwrap();
        let input = OwnedFd::from(far.try_clone().unwrap());
        let child = command.stdin(Stdio::from(input)).stdout(Stdio::from(OwnedFd::from(far)));
        let child = child.stderr(Stdio::null()).spawn().unwrap();
        // The far end must be the program's alone, or its end would not be seen.
        command.stdin(Stdio::null()).stdout(Stdio::null());
        Self { child, stream: near }
    }
}

/// Nothing when it would have to wait; a program that ended may have said why.
fn now(outcome: io::Result<usize>) -> Option<usize> {
    outcome.ok()
}

impl Transport for Process {
    fn pump(&mut self, outbox: &mut Outbox, inbox: &mut Vec<u8>) -> Result<usize, Error> {
        let mut moved = 0;
        if !outbox.waiting().is_empty()
            && let Some(length) = now(self.stream.write(outbox.waiting()))
        {
            outbox.advance(length);
            moved += length;
        }
        let mut buffer = [0; 4096];
        match now(self.stream.read(&mut buffer)) {
            Some(0) => return Err(Error::Lost("the program ended".to_owned())),
            Some(length) => {
                inbox.extend(&buffer[..length]);
                moved += length;
            }
            None => {}
        }
        Ok(moved)
    }

    fn interest(&self) -> PollFd<'_> {
        PollFd::new(&self.stream, PollFlags::IN)
    }

    fn check(&self, _progress: Instant) -> Result<(), Error> {
        Ok(())
    }

    fn begin_cleanup(&mut self, _limit: Duration) {}
}

impl Drop for Process {
    fn drop(&mut self) {
        // Most programs end when their input does; the others are ended.
        let _shut = self.stream.shutdown(Shutdown::Both);
        let _killed = self.child.kill();
        self.child.wait().unwrap();
    }
}
