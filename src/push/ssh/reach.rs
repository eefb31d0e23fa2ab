//! A TCP connection to a server: its name found and the connection made, each within a time.
//!
//! The system's resolver takes no time-out, so that it is asked in a thread of its own; what it
//! answers too late is nobody's any more. Must not send a byte.

use super::{Error, destination::Destination, link::Link};
use crate::push::target;
use std::{
    io,
    net::{SocketAddr, TcpStream, ToSocketAddrs as _},
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

/// How often a wait looks whether it was interrupted.
const LOOK_UP: Duration = Duration::from_millis(50);

/// Connects to the first address of the host that answers; how long that took is one round trip.
pub(super) fn reach(
    destination: &Destination,
    timeout: Duration,
    interrupt: &AtomicBool,
) -> Result<(Link, Duration), Error> {
    let Destination { host, port, peer, .. } = destination;
    let name = (host.clone(), *port);
    let addresses = within(timeout, interrupt, move || name.to_socket_addrs().map(Vec::from_iter));
    let addresses = match addresses {
        Ok(addresses) => addresses,
        Err(source) if source.kind() == io::ErrorKind::Interrupted => {
            return Err(interrupted(peer));
        }
        Err(source) => return Err(Error::Resolve { host: host.clone(), source }),
    };
    match within(timeout, interrupt, move || connect(&addresses, timeout)) {
        Ok((stream, round_trip)) => Ok((Link::tcp(stream), round_trip)),
        Err(source) if source.kind() == io::ErrorKind::Interrupted => Err(interrupted(peer)),
        Err(source) => Err(Error::Unreachable { peer: peer.clone(), source }),
    }
}

fn connect(addresses: &[SocketAddr], timeout: Duration) -> io::Result<(TcpStream, Duration)> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in addresses {
        let started = Instant::now();
        match TcpStream::connect_timeout(address, timeout) {
            Ok(stream) => return Ok((stream, started.elapsed())),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Does work that cannot be interrupted, and waits for it as long as that makes sense.
fn within<T: Send + 'static>(
    timeout: Duration,
    interrupt: &AtomicBool,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let (sender, receiver) = mpsc::channel();
    // Nobody may be waiting for the result any more.
    thread::spawn(move || drop(sender.send(work())));
    let end = Instant::now() + timeout;
    loop {
        match receiver.recv_timeout(LOOK_UP) {
            Ok(outcome) => return outcome,
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                return Err(io::Error::other("the work ended without a result"));
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {}
        }
        if interrupt.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        if Instant::now() >= end {
            let reason = format!("no answer within {} s (see --timeout-s)", timeout.as_secs());
            return Err(io::Error::new(io::ErrorKind::TimedOut, reason));
        }
    }
}

fn interrupted(peer: &str) -> Error {
    Error::Begin { peer: peer.to_owned(), source: target::Error::Interrupted }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(timeout_ms: u64, interrupt: bool, work_ms: u64, expected: Result<u8, io::ErrorKind>) {
        let work = move || {
            thread::sleep(Duration::from_millis(work_ms));
            Ok(7)
        };
        let timeout = Duration::from_millis(timeout_ms);
        let found = within(timeout, &AtomicBool::new(interrupt), work);
        assert_eq!(found.map_err(|error| error.kind()), expected);
    }

    #[test]
    fn nothing_is_waited_for_too_long() {
        check(60_000, false, 0, Ok(7));
        check(100, false, 60_000, Err(io::ErrorKind::TimedOut));
        check(600_000, true, 60_000, Err(io::ErrorKind::Interrupted));
    }
}
