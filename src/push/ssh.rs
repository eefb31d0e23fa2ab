//! A connection to a server: reached, its key checked, logged in, SFTP or a shell begun.
//!
//! `ssh2` carries the connection. Must not go on past a key that is not known, and must not show a
//! password or passphrase anywhere.

mod authentication;
mod certificate;
pub mod config;
mod destination;
mod error;
mod host_key;
mod known_hosts;
mod link;
mod private_key;
mod reach;
mod recruits;
mod shell;
mod transport;
mod tunnel;

pub use authentication::Credentials;
pub use config::Config;
pub use error::Error;

use super::{
    location::{Protocol, ServerLocation},
    target::{
        self, Target,
        sftp::{
            command_in,
            fleet::{Fleet, Lane},
        },
        shell::{COMMAND, Shell},
        transport::Transport as _,
    },
};
use destination::{Destination, Route};
use link::Link;
use ssh2::{ExtendedData, Session};
use std::{
    path::PathBuf,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use transport::{Patience, SshTransport};

/// Most hosts to go through.
const MAX_HOPS: usize = 8;

/// How to connect.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where host aliases and the like are looked up.
    pub config: Config,
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
    /// A script for [`Target::shell`] that begins as soon as one is logged in, while SFTP begins, if
    /// it is known by then: it spares two round trips.
    pub script: Arc<OnceLock<String>>,
    /// Whether the script is worth its time on a near server too.
    pub script_when_near: bool,
}

/// A server that is nearer answers many questions sooner than it starts a shell.
pub const NEAR: Duration = Duration::from_millis(5);

/// Connects, checks the host's key, logs in, and begins SFTP or, where there is none, a shell.
///
/// # Errors
/// When any of these fails; nothing on the server was touched then.
pub fn connect(
    place: &ServerLocation,
    options: &Options,
    credentials: &mut Credentials,
) -> Result<Box<dyn Target>, Error> {
    let destination = Destination::of(place, &options.config)?;
    begin(place, &destination, options, credentials).map_err(|error| {
        // A signal makes the blocking calls fail in ways of their own.
        if options.interrupt.load(Ordering::Relaxed) {
            let source = target::Error::Interrupted;
            return Error::Begin { peer: destination.peer.clone(), source };
        }
        error
    })
}

fn begin(
    place: &ServerLocation,
    destination: &Destination,
    options: &Options,
    credentials: &mut Credentials,
) -> Result<Box<dyn Target>, Error> {
    let connection = Connection::open(destination, options, credentials)?;
    if place.protocol == Protocol::Scp {
        let shell = connection.shell(place, destination, options);
        return shell.map_err(|fault| fault.alone(&destination.peer));
    }
    let round_trip = connection.round_trip;
    let no_sftp = match connection.lane(place, destination, options) {
        Ok(lane) => {
            let recruit = recruits::recruit(place, options, credentials);
            return Ok(Box::new(Fleet::new(lane, place.to_string(), round_trip, Some(recruit))));
        }
        Err(fault @ (Fault::Refused(_) | Fault::Ended(_))) => fault,
        Err(fault) => return Err(fault.alone(&destination.peer)),
    };
    // What came of the first channel may have cost the connection: the shell gets a new one.
    let connection = Connection::open(destination, options, credentials)?;
    connection
        .shell(place, destination, options)
        .map_err(|fault| fault.after(&no_sftp, &destination.peer))
}

/// Why a channel is of no use.
enum Fault {
    /// The server would not begin it.
    Refused(String),
    /// It began and ended at once, or did not keep to the protocol.
    Ended(target::Error),
    /// The connection is lost.
    Lost(target::Error),
}

impl Fault {
    fn of(error: target::Error) -> Self {
        match error {
            target::Error::Unsupported(reason) => Self::Refused(reason),
            target::Error::Protocol(_) | target::Error::Lost(_) => Self::Ended(error),
            error => Self::Lost(error),
        }
    }

    fn reason(&self) -> String {
        match self {
            Self::Refused(reason) => reason.clone(),
            Self::Ended(error) | Self::Lost(error) => error.to_string(),
        }
    }

    fn alone(self, peer: &str) -> Error {
        let peer = peer.to_owned();
        match self {
            Self::Refused(shell) => {
                Error::Nothing { peer, sftp: "not asked for".to_owned(), shell }
            }
            Self::Ended(source) | Self::Lost(source) => Error::Begin { peer, source },
        }
    }

    /// What is told when SFTP was tried first.
    fn after(self, sftp: &Self, peer: &str) -> Error {
        let peer = peer.to_owned();
        match self {
            Self::Lost(source) => Error::Begin { peer, source },
            shell => Error::Nothing { peer, sftp: sftp.reason(), shell: shell.reason() },
        }
    }
}

/// A session that is logged in, and what carries it.
struct Connection {
    session: Session,
    link: Link,
    /// How long a round trip takes, about; nothing where that is not known.
    round_trip: Duration,
}

impl Connection {
    fn open(
        destination: &Destination,
        options: &Options,
        credentials: &mut Credentials,
    ) -> Result<Self, Error> {
        Self::open_by(destination, destination.route(), MAX_HOPS, options, credentials)
    }

    fn open_by(
        destination: &Destination,
        route: Route,
        hops_left: usize,
        options: &Options,
        credentials: &mut Credentials,
    ) -> Result<Self, Error> {
        let timeout = destination.config.connect_timeout_s.filter(|seconds| *seconds > 0);
        let timeout =
            timeout.map_or(options.timeout, |s| Duration::from_secs(s).min(options.timeout));
        let (link, round_trip) = match route {
            Route::Direct => reach::reach(destination, timeout, &options.interrupt)?,
            Route::Command(line) => {
                let program = Link::command(&line).map_err(|error| Error::Through {
                    peer: destination.peer.clone(),
                    via: super::path::printable(line.as_bytes()),
                    reason: error.to_string(),
                })?;
                (program, Duration::ZERO)
            }
            Route::Jumps(mut hops) => {
                if hops.len() > hops_left {
                    return Err(Error::Circle { peer: destination.peer.clone() });
                }
                let hop = hops.pop().unwrap_or_default();
                let hop = Destination::hop(&hop, &options.config)?;
                let route = if hops.is_empty() { hop.route() } else { Route::Jumps(hops) };
                // What was given is for the server at the end, and no host on the way may see it.
                let mut own = credentials.for_hop();
                let through = Self::open_by(&hop, route, hops_left - 1, options, &mut own);
                credentials.remember(own);
                through?.lead_on(&hop, destination)?
            }
        };
        let mut session = new_session(&destination.peer, timeout)?;
        host_key::handshake(&mut session, &link, destination, options)?;
        authentication::log_in(&session, destination, credentials)?;
        if let Some(seconds) = destination.config.server_alive_s.filter(|seconds| *seconds > 0) {
            session.set_keepalive(true, u32::try_from(seconds).unwrap_or(u32::MAX));
        }
        Ok(Self { session, link, round_trip })
    }

    /// A link to the next host through this one; how long asking for it took is one round trip.
    fn lead_on(self, hop: &Destination, next: &Destination) -> Result<(Link, Duration), Error> {
        let started = Instant::now();
        let failed = |reason: String| Error::Through {
            peer: next.peer.clone(),
            via: hop.peer.clone(),
            reason,
        };
        let channel = self.session.channel_direct_tcpip(&next.host, next.port, None);
        let channel = channel.map_err(|error| failed(said(&error)))?;
        let round_trip = started.elapsed();
        let link = tunnel::start(self.session, channel, self.link);
        Ok((link.map_err(|error| failed(error.to_string()))?, round_trip))
    }

    fn lane(
        self,
        place: &ServerLocation,
        destination: &Destination,
        options: &Options,
    ) -> Result<Lane<SshTransport>, Fault> {
        let worth = options.script_when_near || self.round_trip >= NEAR;
        let script = options.script.get().filter(|_| worth);
        let mut transport = self.start(destination, options, None)?;
        if let Some(command) = script.and_then(|script| command_in(&place.path, script)) {
            transport.run(&command);
        }
        Lane::open(transport, place.path.clone()).map_err(Fault::of)
    }

    fn shell(
        self,
        place: &ServerLocation,
        destination: &Destination,
        options: &Options,
    ) -> Result<Box<dyn Target>, Fault> {
        let transport = self.start(destination, options, Some(COMMAND))?;
        let shell = Shell::open(transport, &place.path, place.to_string());
        Ok(Box::new(shell.map_err(Fault::of)?))
    }

    /// Opens a channel for a command, or for SFTP.
    fn start(
        self,
        destination: &Destination,
        options: &Options,
        command: Option<&str>,
    ) -> Result<SshTransport, Fault> {
        let refused = |error: ssh2::Error| Fault::Refused(said(&error));
        let patience = Patience::new(&self.link, options);
        self.session.set_blocking(false);
        let opened = patience.complete(&self.session, || self.session.channel_session());
        let mut channel = opened.map_err(refused)?;
        // Words on the error stream that nobody reads would hide the end of the channel, and those of
        // a login shell come at any time.
        let ignore = || channel.handle_extended_data(ExtendedData::Ignore);
        patience.complete(&self.session, ignore).map_err(refused)?;
        if let Some(command) = command {
            patience.complete(&self.session, || channel.exec(command)).map_err(refused)?;
        }
        let keep_alive_s = destination.config.server_alive_s;
        let parts = (self.session, channel, self.link);
        Ok(SshTransport::new(parts, command.is_some(), keep_alive_s, options))
    }
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
