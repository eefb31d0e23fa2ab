//! What the user's SSH configuration says of a host: the part of `ssh_config(5)` that a push needs.
//!
//! Read here, since the crate that reads such files applies `Match` sections to the wrong hosts and
//! refuses times such as `1m`; the tests hold this against `ssh -G`. The first value that applies
//! counts, as there; `Match` sections with conditions that need a program or the network are passed
//! over. Must not connect.

mod text;

use crate::push::path::printable;
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use text::{Pattern, duration_s, expand, split_line, words};

/// Files that include each other, at most so deep.
const MAX_DEPTH: usize = 16;
/// Most bytes of one file.
const MAX_BYTES: u64 = 1024 * 1024;

/// Where the configuration is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Config {
    /// `~/.ssh/config` and the machine's own, as far as they are there.
    #[default]
    Usual,
    /// This file and no other.
    File(PathBuf),
    /// Nowhere.
    None,
}

/// What a configuration says of one host.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct HostConfig {
    /// The real name.
    pub(super) host_name: Option<String>,
    /// The port.
    pub(super) port: Option<u16>,
    /// The login name.
    pub(super) user: Option<String>,
    /// Private keys, with tokens expanded.
    pub(super) identity_files: Vec<PathBuf>,
    /// Whether only these keys are offered.
    pub(super) identities_only: Option<bool>,
    /// The files of known hosts.
    pub(super) known_hosts: Option<Vec<PathBuf>>,
    /// The name that the host's key is looked up by.
    pub(super) host_key_alias: Option<String>,
    /// Hosts to go through, `[user@]host[:port]`, the first one first; empty for none.
    pub(super) proxy_jump: Option<Vec<String>>,
    /// The command that is the connection; `none` for none.
    pub(super) proxy_command: Option<String>,
    /// Seconds to wait for the connection.
    pub(super) connect_timeout_s: Option<u64>,
    /// Seconds of silence after which a sign of life is sent.
    pub(super) server_alive_s: Option<u64>,
    /// Socket of the agent; `none` for no agent.
    pub(super) identity_agent: Option<String>,
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error("cannot read the SSH configuration {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line cannot be understood.
    #[error("cannot use {}, line {line}: {what}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
}

impl Config {
    /// What the configuration says of the host that was typed; `user` is the name that was typed
    /// with it.
    pub(super) fn of_host(&self, host: &str, user: Option<&str>) -> Result<HostConfig, Error> {
        let home = std::env::home_dir().unwrap_or_default();
        let mut reader = Reader::new(host, user, home);
        let user_folder = reader.home.join(".ssh");
        let usual = [
            (user_folder.join("config"), user_folder.clone()),
            (PathBuf::from("/etc/ssh/ssh_config"), PathBuf::from("/etc/ssh")),
        ];
        match self {
            Self::None => {}
            Self::File(path) => reader.read(path, &user_folder, true, 0)?,
            Self::Usual => {
                for (path, folder) in usual.iter().filter(|(path, _)| path.exists()) {
                    reader.read(path, folder, true, 0)?;
                }
            }
        }
        Ok(reader.finish())
    }
}

struct Reader<'a> {
    host: &'a str,
    user: Option<&'a str>,
    home: PathBuf,
    found: HostConfig,
    identity_files: Vec<String>,
    known_hosts: Option<Vec<String>>,
}

impl<'a> Reader<'a> {
    fn new(host: &'a str, user: Option<&'a str>, home: PathBuf) -> Self {
        let found = HostConfig::default();
        Self { host, user, home, found, identity_files: Vec::new(), known_hosts: None }
    }

    /// Reads a file whose sections apply only if `applies`; included names are relative to `folder`.
    fn read(
        &mut self,
        path: &Path,
        folder: &Path,
        applies: bool,
        depth: usize,
    ) -> Result<(), Error> {
        let read_error = |source| Error::Read { path: path.to_owned(), source };
        let metadata = fs::metadata(path).map_err(read_error)?;
        if !metadata.is_file() || metadata.len() > MAX_BYTES || depth > MAX_DEPTH {
            return Err(read_error(io::Error::other("it is no file of a sensible size and depth")));
        }
        let text = fs::read(path).map_err(read_error)?;
        let text = String::from_utf8_lossy(&text);
        let mut active = applies;
        for (index, line) in text.lines().enumerate() {
            let wrong = |what: String| Error::Line { path: path.to_owned(), line: index + 1, what };
            let Some((keyword, rest)) = split_line(line) else { continue };
            match keyword.as_str() {
                "host" => active = applies && self.is_host(&words(rest).map_err(wrong)?),
                "match" => active = applies && self.matches(&words(rest).map_err(wrong)?),
                "include" => {
                    for included in self.included(&words(rest).map_err(wrong)?, folder) {
                        self.read(&included, folder, active, depth + 1)?;
                    }
                }
                _ if active => self.take(&keyword, rest).map_err(wrong)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn is_host(&self, patterns: &[String]) -> bool {
        Pattern::any(patterns.iter().map(String::as_str), self.host)
    }

    /// All conditions must hold; one that is not known here never does.
    fn matches(&self, words: &[String]) -> bool {
        let local = std::env::var("USER").unwrap_or_default();
        let mut words = words.iter();
        let mut conditions = 0;
        while let Some(word) = words.next() {
            conditions += 1;
            let (negated, name) =
                word.strip_prefix('!').map_or((false, word.as_str()), |name| (true, name));
            let name = name.to_ascii_lowercase();
            if name == "all" {
                if negated {
                    return false;
                }
                continue;
            }
            let Some(list) = words.next() else { return false };
            let subject = match name.as_str() {
                "host" => self.host_name(),
                "originalhost" => self.host.to_owned(),
                "user" => self.user.or(self.found.user.as_deref()).unwrap_or(&local).to_owned(),
                "localuser" => local.clone(),
                _ => return false,
            };
            if Pattern::any(list.split(','), &subject) == negated {
                return false;
            }
        }
        conditions > 0
    }

    fn included(&self, names: &[String], folder: &Path) -> Vec<PathBuf> {
        let mut paths = Vec::new();
        for name in names {
            let pattern = folder.join(self.under_home(name));
            let found = pattern.to_str().and_then(|pattern| glob::glob(pattern).ok());
            paths.extend(found.into_iter().flatten().filter_map(Result::ok));
        }
        paths
    }

    fn take(&mut self, keyword: &str, rest: &str) -> Result<(), String> {
        if keyword == "proxycommand" {
            let command = rest.trim().to_owned();
            let jumps = self.found.proxy_jump.as_ref().is_some_and(|hops| !hops.is_empty());
            if self.found.proxy_command.is_none() && !jumps {
                self.found.proxy_command = Some(command);
            }
            return Ok(());
        }
        let known = matches!(
            keyword,
            "hostname"
                | "port"
                | "user"
                | "identityfile"
                | "identitiesonly"
                | "userknownhostsfile"
                | "hostkeyalias"
                | "proxyjump"
                | "connecttimeout"
                | "serveraliveinterval"
                | "identityagent"
        );
        if !known {
            return Ok(());
        }
        let words = words(rest)?;
        let word = words.first().ok_or_else(|| format!("{keyword} has no value"))?.clone();
        let found = &mut self.found;
        match keyword {
            "hostname" => set(&mut found.host_name, word),
            "port" => {
                let port = word.parse().ok().filter(|port| *port > 0);
                set(&mut found.port, port.ok_or_else(|| wrong(&word, "a port from 1 to 65535"))?);
            }
            "user" => set(&mut found.user, word),
            "identityfile" => {
                if !self.identity_files.contains(&word) {
                    self.identity_files.push(word);
                }
            }
            "identitiesonly" => set(&mut found.identities_only, boolean(&word)?),
            "userknownhostsfile" => set(&mut self.known_hosts, words),
            "hostkeyalias" => set(&mut found.host_key_alias, word),
            "proxyjump" => {
                let none = word.eq_ignore_ascii_case("none");
                let hops =
                    if none { Vec::new() } else { word.split(',').map(str::to_owned).collect() };
                // Whichever of the two stands first counts.
                if found.proxy_command.is_none() {
                    set(&mut found.proxy_jump, hops);
                }
            }
            "connecttimeout" if word.eq_ignore_ascii_case("none") => {}
            "connecttimeout" => set(&mut found.connect_timeout_s, time(&word)?),
            "serveraliveinterval" => set(&mut found.server_alive_s, time(&word)?),
            _ => set(&mut found.identity_agent, word),
        }
        Ok(())
    }

    fn host_name(&self) -> String {
        let name = self.found.host_name.as_deref().unwrap_or("%h");
        expand(name, &[('h', self.host)]).to_ascii_lowercase()
    }

    /// Puts in what names stand for, now that everything is known.
    fn finish(mut self) -> HostConfig {
        let host_name = self.host_name();
        let local = std::env::var("USER").unwrap_or_default();
        let user = self.user.or(self.found.user.as_deref()).unwrap_or(&local).to_owned();
        let port = self.found.port.unwrap_or(22).to_string();
        let home = self.home.to_string_lossy().into_owned();
        let tokens = [
            ('d', home.as_str()),
            ('h', host_name.as_str()),
            ('n', self.host),
            ('p', port.as_str()),
            ('r', user.as_str()),
            ('u', local.as_str()),
        ];
        let path = |name: &String| self.under_home(&expand(name, &tokens));
        let is_file = |name: &&String| !name.eq_ignore_ascii_case("none");
        let files = self.identity_files.iter().filter(is_file);
        let identity_files = files.map(path).collect();
        let known_hosts =
            self.known_hosts.as_ref().map(|names| names.iter().filter(is_file).map(path).collect());
        let agent = self.found.identity_agent.as_ref();
        let agent = agent.map(|agent| expand(agent, &tokens));
        let agent = agent.map(|agent| self.under_home(&agent).to_string_lossy().into_owned());
        self.found = HostConfig {
            identity_files,
            known_hosts,
            identity_agent: agent,
            host_name: Some(host_name),
            ..self.found
        };
        self.found
    }

    fn under_home(&self, name: &str) -> PathBuf {
        match name.strip_prefix("~/") {
            Some(below) => self.home.join(below),
            None => PathBuf::from(name),
        }
    }
}

/// What a `ProxyCommand` becomes for a connection.
pub(super) fn proxy_command(
    command: &str,
    typed: &str,
    host: &str,
    port: u16,
    user: &str,
) -> String {
    let port = port.to_string();
    expand(command, &[('h', host), ('n', typed), ('p', &port), ('r', user)])
}

fn set<T>(place: &mut Option<T>, value: T) {
    if place.is_none() {
        *place = Some(value);
    }
}

fn boolean(word: &str) -> Result<bool, String> {
    match word.to_ascii_lowercase().as_str() {
        "yes" | "true" => Ok(true),
        "no" | "false" => Ok(false),
        _ => Err(wrong(word, "yes or no")),
    }
}

fn time(word: &str) -> Result<u64, String> {
    duration_s(word).ok_or_else(|| wrong(word, "a time such as 30 or 1m30s"))
}

fn wrong(word: &str, expected: &str) -> String {
    format!("`{}` is not {expected}", printable(word.as_bytes()))
}

#[cfg(test)]
mod tests;
