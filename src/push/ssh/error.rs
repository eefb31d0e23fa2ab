//! Why a connection could not be made, in words for the user.
//!
//! Must not hold a secret.

use super::{MAX_HOPS, config};
use crate::{error::Exit, push::target};
use std::{io, path::PathBuf};

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
    /// The SSH configuration cannot be used.
    #[error(transparent)]
    Config(#[from] config::Error),
    /// A host to go through is malformed.
    #[error("cannot go through `{hop}`: {what}; expected [user@]host[:port]")]
    Jump {
        /// As the configuration has it.
        hop: String,
        /// What is wrong.
        what: String,
    },
    /// A host to go through leads on without end.
    #[error("cannot reach {peer}: more than {MAX_HOPS} hosts on the way, or a circle of them")]
    Circle {
        /// Host and port.
        peer: String,
    },
    /// A host to go through does not lead on, or a command does not start.
    #[error("cannot reach {peer} through {via}: {reason}")]
    Through {
        /// Host and port.
        peer: String,
        /// The host or the command.
        via: String,
        /// Why.
        reason: String,
    },
    /// The host's certificate is not good.
    #[error("the certificate of {peer} is not good: {reason}")]
    Certificate {
        /// Host and port.
        peer: String,
        /// Why.
        reason: String,
    },
    /// Logged in, but the server does nothing that a push needs.
    #[error("{peer} offers no SFTP ({sftp}) and runs no commands ({shell})")]
    Nothing {
        /// Host and port.
        peer: String,
        /// Why there is no SFTP.
        sftp: String,
        /// Why there is no shell.
        shell: String,
    },
    /// Neither SFTP nor the shell began well.
    #[error("cannot begin with {peer}: {source}")]
    Begin {
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
            Self::Resolve { .. }
            | Self::Unreachable { .. }
            | Self::Handshake { .. }
            | Self::Circle { .. }
            | Self::Through { .. } => Exit::Unreachable,
            Self::UnknownHost { .. }
            | Self::ChangedHost { .. }
            | Self::RevokedHost { .. }
            | Self::Login { .. }
            | Self::Certificate { .. }
            | Self::Nothing { .. } => Exit::Refused,
            Self::ReadKnownHosts { .. }
            | Self::Identity { .. }
            | Self::Config(_)
            | Self::Jump { .. } => Exit::Input,
            Self::WriteKnownHosts { .. } => Exit::Output,
            Self::Begin { source: target::Error::Interrupted, .. } => Exit::Interrupted,
            Self::Begin { .. } => Exit::Remote,
        }
    }
}

impl Error {
    /// Whether the same may succeed in a moment: `again` tells that a connection was there before,
    /// so that the name, the address and the algorithms are right.
    pub fn may_pass(&self, again: bool) -> bool {
        use io::ErrorKind::{
            ConnectionAborted, ConnectionRefused, ConnectionReset, HostUnreachable,
            NetworkUnreachable,
        };
        match self {
            Self::Unreachable { source, .. } => {
                let passing = [
                    ConnectionAborted,
                    ConnectionRefused,
                    ConnectionReset,
                    HostUnreachable,
                    NetworkUnreachable,
                ];
                again || passing.contains(&source.kind())
            }
            Self::Resolve { .. }
            | Self::Handshake { .. }
            | Self::Through { .. }
            | Self::Nothing { .. } => again,
            Self::Begin { source, .. } => matches!(source, target::Error::Lost(_)),
            _ => false,
        }
    }
}
