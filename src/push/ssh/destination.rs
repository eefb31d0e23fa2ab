//! Which host is meant: what was typed, and what the SSH configuration makes of it.
//!
//! Must not connect.

use super::{
    Error, Options,
    config::{Config, HostConfig, proxy_command},
    known_hosts::HostName,
};
use crate::push::location::{ServerLocation, host_and_port};
use std::path::PathBuf;

/// Port of SSH.
const SSH_PORT: u16 = 22;

/// A host to connect to.
#[derive(Debug)]
pub(super) struct Destination {
    /// Real name or address.
    pub(super) host: String,
    /// TCP port.
    pub(super) port: u16,
    /// Login name.
    pub(super) user: String,
    /// Host and port, for messages.
    pub(super) peer: String,
    /// What else the configuration says.
    pub(super) config: HostConfig,
    typed: String,
}

/// How a host is reached.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// By TCP.
    Direct,
    /// Through other hosts, the first one first.
    Jumps(Vec<String>),
    /// Through a command.
    Command(String),
}

impl Destination {
    /// The host of an address.
    pub(super) fn of(place: &ServerLocation, config: &Config) -> Result<Self, Error> {
        Self::new(&place.host, place.port, place.user.as_deref(), config)
    }

    /// A host to go through: `[user@]host[:port]`.
    pub(super) fn hop(text: &str, config: &Config) -> Result<Self, Error> {
        let text = text.strip_prefix("ssh://").unwrap_or(text);
        let (user, rest) = match text.rsplit_once('@') {
            Some((user, rest)) => (Some(user), rest),
            None => (None, text),
        };
        let (host, port) = host_and_port(rest).map_err(|what| {
            let hop = crate::push::path::printable(text.as_bytes());
            Error::Jump { hop, what: what.to_owned() }
        })?;
        Self::new(&host, port, user, config)
    }

    fn new(
        typed: &str,
        port: Option<u16>,
        user: Option<&str>,
        config: &Config,
    ) -> Result<Self, Error> {
        let found = config.of_host(typed, user)?;
        let host = found.host_name.clone().unwrap_or_else(|| typed.to_owned());
        let port = port.or(found.port).unwrap_or(SSH_PORT);
        let user = user.map(str::to_owned).or_else(|| found.user.clone()).or_else(current_user);
        let user = user.ok_or_else(|| Error::NoUser { host: typed.to_owned() })?;
        let peer =
            if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
        Ok(Self { host, port, user, peer, config: found, typed: typed.to_owned() })
    }

    /// How the host is reached.
    pub(super) fn route(&self) -> Route {
        match (&self.config.proxy_jump, &self.config.proxy_command) {
            (Some(hops), _) if !hops.is_empty() => Route::Jumps(hops.clone()),
            (_, Some(line)) if !line.eq_ignore_ascii_case("none") => {
                let line = proxy_command(line, &self.typed, &self.host, self.port, &self.user);
                Route::Command(line)
            }
            _ => Route::Direct,
        }
    }

    /// The name that the host's key is looked up by.
    pub(super) fn key_name(&self) -> HostName {
        match &self.config.host_key_alias {
            Some(alias) => HostName::alias(alias),
            None => HostName::new(&self.host, self.port),
        }
    }

    /// Names that a certificate of the host may be for.
    pub(super) fn principal(&self) -> &str {
        self.config.host_key_alias.as_deref().unwrap_or(&self.host)
    }

    /// The files of known hosts; the first is the one that is written to.
    pub(super) fn known_hosts(&self, options: &Options) -> Vec<PathBuf> {
        if let Some(path) = &options.known_hosts {
            return vec![path.clone()];
        }
        let home = std::env::home_dir().unwrap_or_default();
        let usual =
            || ["known_hosts", "known_hosts2"].map(|name| home.join(".ssh").join(name)).to_vec();
        let mut files = self.config.known_hosts.clone().unwrap_or_else(usual);
        files.extend(["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"].map(PathBuf::from));
        files
    }
}

fn current_user() -> Option<String> {
    let named = |name| std::env::var(name).ok().filter(|user| !user.is_empty());
    named("USER").or_else(|| named("LOGNAME"))
}
