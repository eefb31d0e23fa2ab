//! More connections to a server that one is connected to already.
//!
//! Each is made on a thread of its own, since the round trips of logging in are most of the time. One
//! that cannot be had is not missed: servers limit connections in many ways. Must not ask anybody
//! anything, nor take a host key that is not known.

use super::{
    Connection, Credentials, Options, ServerLocation, destination::Destination,
    transport::SshTransport,
};
use crate::push::target::sftp::fleet::{Lane, Recruit, Recruits};
use std::{
    io::Write as _,
    os::unix::net::UnixStream,
    sync::{Arc, mpsc},
    thread,
};

/// What connects more sessions to `place`, in the way that the first was connected.
pub(super) fn recruit(
    place: &ServerLocation,
    options: &Options,
    credentials: &Credentials,
) -> Recruit<SshTransport> {
    let place = place.clone();
    let options = Options { accept_new_host_key: false, script: Arc::default(), ..options.clone() };
    let credentials = credentials.for_more();
    Box::new(move |count| start(count, &place, &options, &credentials))
}

fn start(
    count: usize,
    place: &ServerLocation,
    options: &Options,
    credentials: &Credentials,
) -> Option<Recruits<SshTransport>> {
    let (sender, lanes) = mpsc::channel();
    let (wake, bell) = UnixStream::pair().ok()?;
    wake.set_nonblocking(true).ok()?;
    for _ in 0..count {
        let (place, options, sender) = (place.clone(), options.clone(), sender.clone());
        let (mut credentials, mut bell) = (credentials.for_more(), bell.try_clone().ok()?);
        let connect = move || {
            if let Some(lane) = begin(&place, &options, &mut credentials) {
                // The push may have ended meanwhile; the connection ends with the value then.
                let _rung = (sender.send(lane), bell.write(&[1]));
            }
        };
        let _thread = thread::Builder::new().spawn(connect).ok()?;
    }
    Some(Recruits { lanes, wake })
}

fn begin(
    place: &ServerLocation,
    options: &Options,
    credentials: &mut Credentials,
) -> Option<Lane<SshTransport>> {
    let destination = Destination::of(place, &options.config).ok()?;
    let connection = Connection::open(&destination, options, credentials).ok()?;
    connection.lane(place, &destination, options).ok()
}
