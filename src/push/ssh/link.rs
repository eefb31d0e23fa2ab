//! What carries an SSH connection: a TCP connection, another SSH connection, or a command.
//!
//! Must not know SSH.

use rustix::net::sockopt::{set_socket_keepalive, set_tcp_quickack};
use std::{
    io,
    net::{Shutdown, TcpStream},
    os::{
        fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd},
        unix::net::UnixStream,
    },
    process::{Child, Command, Stdio},
    sync::Arc,
};

/// What carries an SSH connection.
#[derive(Debug, Clone)]
pub(super) enum Link {
    /// A TCP connection.
    Tcp(Arc<TcpStream>),
    /// A pair of sockets whose other end is a tunnel.
    Tunnel(Arc<UnixStream>),
    /// A pair of sockets whose other end is a program.
    Command(Arc<Program>),
}

/// A program that is ended with the last link to it.
#[derive(Debug)]
pub(super) struct Program {
    stream: UnixStream,
    child: Child,
}

impl Drop for Program {
    fn drop(&mut self) {
        // It ends by itself when its input ends; one that does not must not stay behind.
        let _killed = self.child.kill();
        let _ended = self.child.wait();
    }
}

impl Link {
    /// Carries over TCP.
    pub(super) fn tcp(stream: TcpStream) -> Self {
        // Small requests must not wait for each other, and a dead peer must be noticed; a failure
        // of either costs little.
        let _set = stream.set_nodelay(true);
        let _set = set_socket_keepalive(&stream, true);
        Self::Tcp(Arc::new(stream))
    }

    /// Carries through a tunnel: the link, and the end that the tunnel gets.
    pub(super) fn tunnel() -> io::Result<(Self, UnixStream)> {
        let (near, far) = UnixStream::pair()?;
        Ok((Self::Tunnel(Arc::new(near)), far))
    }

    /// Carries through a command line of the user's shell.
    pub(super) fn command(line: &str) -> io::Result<Self> {
        let (near, far) = UnixStream::pair()?;
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(format!("exec {line}"));
        let input = Stdio::from(OwnedFd::from(far.try_clone()?));
        let child = command.stdin(input).stdout(OwnedFd::from(far)).spawn()?;
        Ok(Self::Command(Arc::new(Program { stream: near, child })))
    }

    /// Acknowledges what came without the usual delay: many servers hold the next small piece back
    /// until then, and each time the delay would cost as much as a round trip.
    pub(super) fn acknowledge(&self) {
        if let Self::Tcp(stream) = self {
            // A system that cannot do it is only slower.
            let _set = set_tcp_quickack(stream, true);
        }
    }

    /// Ends the connection at once.
    pub(super) fn shut(&self) {
        // A connection that is gone already needs no end.
        let _shut = match self {
            Self::Tcp(stream) => stream.shutdown(Shutdown::Both),
            Self::Tunnel(stream) => stream.shutdown(Shutdown::Both),
            Self::Command(program) => program.stream.shutdown(Shutdown::Both),
        };
    }
}

impl AsFd for Link {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Tcp(stream) => stream.as_fd(),
            Self::Tunnel(stream) => stream.as_fd(),
            Self::Command(program) => program.stream.as_fd(),
        }
    }
}

impl AsRawFd for Link {
    fn as_raw_fd(&self) -> RawFd {
        self.as_fd().as_raw_fd()
    }
}
