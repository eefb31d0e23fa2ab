//! A connection to a server: reached, its key checked, logged in, SFTP begun.
//!
//! `ssh2` carries the connection. Must not go on past a key that is not known, and must not show a
//! password or passphrase anywhere.

mod authentication;
mod host_key;
mod known_hosts;
mod private_key;
mod recruits;
mod shell;
mod transport;

pub use authentication::Credentials;

use super::{
    location::SftpLocation,
    target::{
        self,
        sftp::{
            Polled as _, command_in,
            fleet::{Fleet, Lane},
        },
    },
};
use crate::error::Exit;
use ssh2::Session;
use std::{
    io,
    net::{TcpStream, ToSocketAddrs as _},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use transport::SshTransport;

/// How to connect.
#[derive(Debug, Clone)]
pub struct Options {
    /// The file of known host keys, instead of the user's own.
    pub known_hosts: Option<PathBuf>,
    /// Whether the key of a host that is not known yet is taken and remembered.
    pub accept_new_host_key: bool,
    /// Whether a new host key is written down; a dry run does not.
    pub record_host_key: bool,
    /// How long to wait for the connection, and how long for any progress on it.
    pub timeout: Duration,
    /// Ends the work when it becomes true.
    pub interrupt: Arc<AtomicBool>,
    /// A script for [`Target::shell`](target::Target::shell) that begins as soon as one is logged
    /// in, while SFTP begins: it spares two round trips.
    pub script: Option<String>,
    /// Whether the script is worth its time on a near server too.
    pub script_when_near: bool,
}

/// A server that is nearer answers many questions sooner than it starts a shell.
pub const NEAR: Duration = Duration::from_millis(5);

/// A connection that could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No login name.
    #[error("cannot log in to {host}: no user is named; write sftp://user@{host}/path")]
    NoUser {
        /// The host.
        host: String,
    },
    /// The name has no address.
    #[error("cannot find {host}: {source}")]
    Resolve {
        /// The host.
        host: String,
        /// Why.
        source: io::Error,
    },
    /// Nothing answers.
    #[error("cannot reach {peer}: {source}")]
    Unreachable {
        /// Host and port.
        peer: String,
        /// Why, of the last address that was tried.
        source: io::Error,
    },
    /// What answers is no SSH server, or shares no algorithm with us.
    #[error("cannot begin an SSH connection with {peer}: {reason}")]
    Handshake {
        /// Host and port.
        peer: String,
        /// Why.
        reason: String,
    },
    /// The host's key is not known.
    #[error(
        "{peer} is not known: it shows {shown}, and {} has no key of it; compare the fingerprint \
         with the server's and use --accept-new-host-key, or add the key",
        known_hosts.display()
    )]
    UnknownHost {
        /// Host and port.
        peer: String,
        /// Kind and fingerprint of the key that was shown.
        shown: String,
        /// The file that was looked at.
        known_hosts: PathBuf,
    },
    /// The host's key is another than the known one.
    #[error(
        "the key of {peer} changed: it shows {shown}, but {} has {known}; somebody may be between \
         you and the server; if the server was set up anew, remove the old key from the file",
        known_hosts.display()
    )]
    ChangedHost {
        /// Host and port.
        peer: String,
        /// Kind and fingerprint of the key that was shown.
        shown: String,
        /// Kinds, fingerprints and lines of the known keys.
        known: String,
        /// The file that was looked at.
        known_hosts: PathBuf,
    },
    /// The host's key is marked as stolen.
    #[error(
        "the key of {peer} is revoked: it shows {shown}, which line {line} of {} marks so",
        known_hosts.display()
    )]
    RevokedHost {
        /// Host and port.
        peer: String,
        /// Kind and fingerprint of the key that was shown.
        shown: String,
        /// Line in the file, from 1.
        line: usize,
        /// The file that was looked at.
        known_hosts: PathBuf,
    },
    /// The file of known hosts cannot be read.
    #[error("cannot read the known hosts in {}: {source}", path.display())]
    ReadKnownHosts {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file of known hosts cannot be written.
    #[error("cannot add the host to {}: {source}", path.display())]
    WriteKnownHosts {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A private key cannot be used.
    #[error("cannot use the key {}: {reason}", path.display())]
    Identity {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The server takes none of what was offered.
    #[error("cannot log in to {peer} as {user}: {tried}; the server takes {methods}")]
    Login {
        /// Host and port.
        peer: String,
        /// Login name.
        user: String,
        /// What was offered, and what came of it.
        tried: String,
        /// What the server says that it takes.
        methods: String,
    },
    /// Logged in, but no SFTP.
    #[error("{peer} offers no SFTP: {reason}")]
    NoSftp {
        /// Host and port.
        peer: String,
        /// Why.
        reason: String,
    },
    /// SFTP did not begin well.
    #[error("cannot begin SFTP with {peer}: {source}")]
    Sftp {
        /// Host and port.
        peer: String,
        /// Why.
        source: target::Error,
    },
}

impl Error {
    /// The exit code this ends a command with.
    pub fn exit(&self) -> Exit {
        match self {
            Self::NoUser { .. } => Exit::Usage,
            Self::Resolve { .. } | Self::Unreachable { .. } | Self::Handshake { .. } => {
                Exit::Unreachable
            }
            Self::UnknownHost { .. }
            | Self::ChangedHost { .. }
            | Self::RevokedHost { .. }
            | Self::Login { .. }
            | Self::NoSftp { .. } => Exit::Refused,
            Self::ReadKnownHosts { .. } | Self::Identity { .. } => Exit::Input,
            Self::WriteKnownHosts { .. } => Exit::Output,
            Self::Sftp { source: target::Error::Interrupted, .. } => Exit::Interrupted,
            Self::Sftp { .. } => Exit::Remote,
        }
    }
}

/// Connects, checks the host's key, logs in and begins SFTP.
///
/// # Errors
/// When any of these fails; nothing on the server was touched then.
pub fn connect(
    place: &SftpLocation,
    options: &Options,
    credentials: &mut Credentials,
) -> Result<Fleet<SshTransport>, Error> {
    let (lane, round_trip) = begin(place, options, credentials).map_err(|error| {
        // A signal makes the blocking calls fail in ways of their own.
        if options.interrupt.load(Ordering::Relaxed) {
            let source = target::Error::Interrupted;
            return Error::Sftp { peer: format!("{}:{}", place.host, place.port), source };
        }
        error
    })?;
    let recruit = recruits::recruit(place, options, credentials);
    Ok(Fleet::new(lane, place.to_string(), round_trip, Some(recruit)))
}

fn begin(
    place: &SftpLocation,
    options: &Options,
    credentials: &mut Credentials,
) -> Result<(Lane<SshTransport>, Duration), Error> {
    let user = place.user.clone().or_else(current_user);
    let user = user.ok_or_else(|| Error::NoUser { host: place.host.clone() })?;
    let peer = format!("{}:{}", place.host, place.port);
    let (stream, round_trip) = reach(place, &peer, options.timeout)?;
    let mut session = new_session(&peer, options.timeout)?;
    host_key::handshake(&mut session, &stream, place, &peer, options)?;
    authentication::log_in(&session, &user, &peer, credentials)?;
    let no_sftp = |error: ssh2::Error| {
        let reason = said(&error);
        Error::NoSftp { peer: peer.clone(), reason }
    };
    let channel = session.channel_session().map_err(no_sftp)?;
    let mut transport = SshTransport::new(session, channel, stream, options);
    let worth = options.script_when_near || round_trip >= NEAR;
    let script = options.script.as_ref().filter(|_| worth);
    if let Some(command) = script.and_then(|script| command_in(&place.path, script)) {
        transport.run(&command);
    }
    let lane = Lane::open(transport, place.path.clone()).map_err(|source| match source {
        target::Error::Unsupported(reason) => Error::NoSftp { peer, reason },
        source => Error::Sftp { peer, source },
    })?;
    Ok((lane, round_trip))
}

fn current_user() -> Option<String> {
    let named = |name| std::env::var(name).ok().filter(|user| !user.is_empty());
    named("USER").or_else(|| named("LOGNAME"))
}

/// Connects; how long that took is one round trip.
fn reach(
    place: &SftpLocation,
    peer: &str,
    timeout: Duration,
) -> Result<(TcpStream, Duration), Error> {
    let resolve = |source| Error::Resolve { host: place.host.clone(), source };
    let addresses = (place.host.as_str(), place.port).to_socket_addrs().map_err(resolve)?;
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in addresses {
        let started = Instant::now();
        match TcpStream::connect_timeout(&address, timeout) {
            Ok(stream) => {
                // Small requests must not wait for each other; a failure costs speed only.
                let _set = stream.set_nodelay(true);
                return Ok((stream, started.elapsed()));
            }
            Err(error) => last = error,
        }
    }
    Err(Error::Unreachable { peer: peer.to_owned(), source: last })
}

fn new_session(peer: &str, timeout: Duration) -> Result<Session, Error> {
    let session = Session::new()
        .map_err(|error| Error::Handshake { peer: peer.to_owned(), reason: said(&error) })?;
    session.set_timeout(u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX));
    Ok(session)
}

/// What `ssh2` says, without its numbers.
fn said(error: &ssh2::Error) -> String {
    super::path::printable(error.message().as_bytes())
}
