//! Where a push goes, as typed: `sftp://` or `scp://user@host[:port]/path`, `file:///path` or a
//! folder.
//!
//! Must not connect, and must never repeat a password that somebody put into an address.

use crate::{error::Exit, push::path::printable};
use percent_encoding::percent_decode_str;
use std::{
    ffi::OsString,
    fmt,
    os::unix::ffi::OsStringExt as _,
    path::{Path, PathBuf},
};

/// Where a push goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A folder on this machine.
    Directory(PathBuf),
    /// A folder on a server, over SSH.
    Server(ServerLocation),
}

/// How the files of a server are reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// By SFTP, and by the shell where the server has no SFTP.
    Sftp,
    /// By the server's shell at once.
    Scp,
}

/// A folder on a server, over SSH.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerLocation {
    /// How its files are reached.
    pub protocol: Protocol,
    /// Login name, if the address has one.
    pub user: Option<String>,
    /// Name or address, without brackets, or an alias of the SSH configuration.
    pub host: String,
    /// TCP port, if the address has one.
    pub port: Option<u16>,
    /// Path on the server: absolute, or relative to the login's home folder.
    pub path: Vec<u8>,
}

/// An address that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A password in the address; it is not repeated.
    #[error(
        "the address holds a password, which would show in process lists and logs; leave it out and \
         use --identity, an agent, IVRKIT_SSH_PASSWORD or --password-file"
    )]
    Password,
    /// Another kind of address.
    #[error(
        "cannot push to `{0}://`; expected sftp://user@host[:port]/path, scp:// likewise, \
         file:///path or a folder"
    )]
    Scheme(String),
    /// A part that is missing or malformed.
    #[error("cannot push to `{address}`: {what}; expected sftp://user@host[:port]/path")]
    Malformed {
        /// The address, which holds no password.
        address: String,
        /// What is wrong.
        what: &'static str,
    },
}

impl Error {
    /// The exit code this ends a command with.
    pub fn exit(&self) -> Exit {
        Exit::Usage
    }
}

impl Location {
    /// Reads an address; a folder is relative to `base`.
    ///
    /// # Errors
    /// When it is none of these forms.
    pub fn parse(address: &str, base: &Path) -> Result<Self, Error> {
        match address.split_once("://") {
            Some(("sftp", rest)) => server(Protocol::Sftp, rest).map(Self::Server),
            Some(("scp", rest)) => server(Protocol::Scp, rest).map(Self::Server),
            Some(("file", rest)) => file(rest).map(Self::Directory),
            Some((scheme, _)) if is_scheme(scheme) => Err(Error::Scheme(scheme.to_owned())),
            _ => Ok(Self::Directory(base.join(address))),
        }
    }
}

fn is_scheme(text: &str) -> bool {
    text.len() > 1 && text.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

fn file(rest: &str) -> Result<PathBuf, Error> {
    let malformed = |what| Error::Malformed { address: printable(rest.as_bytes()), what };
    let path = rest.strip_prefix("localhost").unwrap_or(rest);
    if !path.starts_with('/') {
        return Err(malformed("a file address has no host and an absolute path: file:///path"));
    }
    Ok(PathBuf::from(OsString::from_vec(percent_decode_str(path).collect())))
}

fn server(protocol: Protocol, rest: &str) -> Result<ServerLocation, Error> {
    let (authority, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, authority),
    };
    if user.is_some_and(|user| user.contains(':')) {
        return Err(Error::Password);
    }
    // A password with a slash in it ends the authority too early; nothing of it may be repeated.
    if user.is_none() && rest.contains('@') && authority.contains(':') {
        return Err(Error::Password);
    }
    let malformed = |what| Error::Malformed {
        address: format!("{protocol}://{}", printable(rest.as_bytes())),
        what,
    };
    let user = user.map(|user| percent_decode_str(user).decode_utf8());
    let user = user.transpose().map_err(|_| malformed("the user is not UTF-8"))?;
    if user.as_ref().is_some_and(|user| user.is_empty() || user.contains('\0')) {
        return Err(malformed("the user is empty"));
    }
    let (host, port) = host_and_port(host).map_err(malformed)?;
    let path: Vec<u8> = percent_decode_str(path).collect();
    if path.contains(&0) {
        return Err(malformed("the path holds a zero byte"));
    }
    let path = folder(&path).ok_or_else(|| malformed("the path of the folder is missing"))?;
    Ok(ServerLocation { protocol, user: user.map(Into::into), host, port, path })
}

/// `/~/a` is relative to the login's home folder, as in the addresses of other tools.
fn folder(path: &[u8]) -> Option<Vec<u8>> {
    match path {
        b"" => None,
        b"/~" | b"/~/" => Some(b".".to_vec()),
        [b'/', b'~', b'/', below @ ..] => Some(below.to_vec()),
        path => {
            let end = path.iter().rposition(|byte| *byte != b'/').map_or(1, |last| last + 1);
            Some(path[..end].to_vec())
        }
    }
}

/// Reads `host`, `host:port` or `[address]:port`.
pub(super) fn host_and_port(text: &str) -> Result<(String, Option<u16>), &'static str> {
    let (host, port) = match text.strip_prefix('[') {
        Some(bracketed) => {
            let (host, rest) = bracketed.split_once(']').ok_or("the `]` of the host is missing")?;
            let port = if rest.is_empty() { None } else { rest.strip_prefix(':') };
            if !rest.is_empty() && port.is_none() {
                return Err("only a port may follow the `]` of the host");
            }
            (host, port)
        }
        None => match text.split_once(':') {
            Some((_, port)) if port.contains(':') => {
                return Err("an IPv6 address must stand in brackets");
            }
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    if host.is_empty() {
        return Err("the host is missing");
    }
    if host.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
        return Err("the host holds a blank or a control character");
    }
    match port.map(str::parse).transpose() {
        Ok(port) if port != Some(0) => Ok((host.to_owned(), port)),
        _ => Err("the port is no number from 1 to 65535"),
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sftp => "sftp",
            Self::Scp => "scp",
        })
    }
}

impl fmt::Display for ServerLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://", self.protocol)?;
        if let Some(user) = &self.user {
            write!(f, "{}@", printable(user.as_bytes()))?;
        }
        let (open, close) = if self.host.contains(':') { ("[", "]") } else { ("", "") };
        write!(f, "{open}{}{close}", self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        let home = if self.path.starts_with(b"/") { "" } else { "/~/" };
        write!(f, "{home}{}", printable(&self.path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(address: &str, expected: &str) {
        let found = match Location::parse(address, Path::new("/base")) {
            Ok(Location::Directory(path)) => format!("folder {}", path.display()),
            Ok(Location::Server(place)) => {
                let user = place.user.as_deref().unwrap_or("-");
                let port = place.port.map_or("-".to_owned(), |port| port.to_string());
                let path = printable(&place.path);
                format!("{} {user} {} {port} {path}", place.protocol, place.host)
            }
            Err(error) => error.to_string(),
        };
        assert!(found.contains(expected), "{address}: {found}");
    }

    #[test]
    fn every_form_is_understood() {
        check("sftp://pbx@10.0.0.5/srv/share", "sftp pbx 10.0.0.5 - /srv/share");
        check("sftp://pbx@nas:2222/srv/share/", "sftp pbx nas 2222 /srv/share");
        check("scp://pbx@nas:2222/srv/share/", "scp pbx nas 2222 /srv/share");
        check("sftp://nas/", "sftp - nas - /");
        check("sftp://a%40b@[fe80::1]:22/x%20y", "sftp a@b fe80::1 22 /x y");
        check("sftp://u@h/~/prompts", "sftp u h - prompts");
        check("scp://u@h/~", "scp u h - .");
        check("file:///srv/a%20b", "folder /srv/a b");
        check("out/prompts", "folder /base/out/prompts");
        check("/srv/prompts", "folder /srv/prompts");
        check("-x", "folder /base/-x");
    }

    #[test]
    fn what_cannot_be_an_address_is_said() {
        check("ftp://h/x", "cannot push to `ftp://`");
        check("sftp://h", "the path of the folder is missing");
        check("sftp:///x", "the host is missing");
        check("sftp://u@h:0/x", "the port");
        check("sftp://u@h:ssh/x", "the port");
        check("sftp://fe80::1/x", "brackets");
        check("sftp://u@[::1/x", "`]`");
        check("file://host/x", "absolute path");
    }

    #[test]
    fn a_password_is_refused_and_never_repeated() {
        for address in ["sftp://pbx:s3cret@nas/x", "sftp://pbx:s3/cret@nas/x", "sftp://:s3cret@h/x"]
        {
            let error = Location::parse(address, Path::new("/")).unwrap_err();
            assert_eq!(error, Error::Password, "{address}");
            assert!(!format!("{error} {error:?}").contains("s3"), "{address}");
        }
    }

    #[test]
    fn an_address_is_shown_as_it_would_be_typed() {
        for address in ["sftp://pbx@nas:2222/srv/share", "scp://h/~/x", "sftp://u@[::1]/x"] {
            let Ok(Location::Server(place)) = Location::parse(address, Path::new("/")) else {
                panic!("{address}")
            };
            assert_eq!(place.to_string(), address);
        }
    }
}
