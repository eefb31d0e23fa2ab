//! The server's configuration: one YAML file, without secrets.
//!
//! Paths in it are relative to the file. Must not open anything: secrets are read, and addresses
//! bound, by those who need them.

mod lookups;

pub use lookups::{
    Answer, Choice, Connections, Http, Lookup, Matching, Pointer, Query, SecretHeader, Server,
    Signature, SqliteFile, Url,
};

use crate::secret::{NotHere, Source};
use serde::{Deserialize, Deserializer, de};
use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

/// A mistake in a configuration.
#[derive(Debug, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}")]
pub struct Error {
    /// The file, as it was named.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// What was found and expected.
    pub message: String,
}

/// How to reach the PBX, where to listen, what to keep.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a section of keys and values")]
pub struct Config {
    /// A Yeastar S-series PBX and our user on it.
    #[serde(default)]
    pub pbx: Option<Pbx>,
    /// A stock Asterisk and our user on it, in place of `pbx`.
    #[serde(default)]
    pub asterisk: Option<Asterisk>,
    /// Where the PBX sends its reports; a stock Asterisk sends them over our own connection to it.
    #[serde(default)]
    pub reports: Option<Reports>,
    /// Where calls are asked for.
    pub api: Api,
    /// The database and its key.
    pub store: Store,
    /// Limits of calls.
    #[serde(default)]
    pub calls: Calls,
    /// Codes of callees.
    #[serde(default)]
    pub codes: Codes,
    /// Where digits are looked up that are no codes of ours, by the names that scenarios use.
    #[serde(default)]
    pub lookups: BTreeMap<String, Lookup>,
    /// Seconds that a shutdown waits for requests that the PBX has not answered. Default 10.
    #[serde(default = "ten_seconds")]
    pub shutdown_s: Span,
}

/// The PBX and our user on it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a section of keys and values")]
pub struct Pbx {
    /// Scheme, host and port of its web pages, such as `https://192.0.2.10:8088`.
    pub url: BaseUrl,
    /// How its certificate is recognised; needed for `https`.
    #[serde(default)]
    pub tls: Tls,
    /// API user.
    pub username: String,
    /// File with the API password.
    #[serde(default)]
    password_file: Option<PathBuf>,
    /// Environment variable with the API password.
    #[serde(default)]
    password_env: Option<String>,
    #[serde(default)]
    #[expect(dead_code, reason = "its only use is to be refused while reading")]
    password: NotHere,
    /// Extension whose outbound permission dials and transfers use.
    #[serde(deserialize_with = "digits")]
    pub from_extension: String,
    /// Seconds for one request, connecting included. Default 10.
    #[serde(default = "ten_seconds")]
    pub request_timeout_s: Span,
    /// Seconds between heartbeats: the longest time for which a lost token goes unnoticed.
    /// Default 30.
    #[serde(default = "thirty_seconds")]
    pub heartbeat_s: Span,
}

/// A stock Asterisk, its manager interface and our user there.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a section of keys and values")]
pub struct Asterisk {
    /// Host and port of its manager interface, such as `127.0.0.1:5038`.
    pub address: HostPort,
    /// How its certificate is recognised, when the port speaks TLS (`tlsbindaddr`, mostly 5039).
    #[serde(default)]
    pub tls: Option<Tls>,
    /// User: a section of `manager.conf`.
    pub username: String,
    /// File with the user's `secret`.
    #[serde(default)]
    password_file: Option<PathBuf>,
    /// Environment variable with the user's `secret`.
    #[serde(default)]
    password_env: Option<String>,
    #[serde(default)]
    #[expect(dead_code, reason = "its only use is to be refused while reading")]
    password: NotHere,
    /// The channel that is dialled, such as `PJSIP/{number}@trunk`.
    #[serde(deserialize_with = "channel")]
    pub channel: String,
    /// The context in which each IVR's number is an extension. Default `ivrs`, as rendered.
    #[serde(default = "ivrs", deserialize_with = "one_line")]
    pub context: String,
    /// What callees see as the caller, such as `"Driving school" <02012345678>`.
    #[serde(default, deserialize_with = "maybe_one_line")]
    pub caller_id: Option<String>,
    /// Seconds for which a callee's telephone rings. Default 30.
    #[serde(default = "thirty_seconds")]
    pub ring_limit_s: Span,
    /// Seconds for one request, connecting included. Default 10.
    #[serde(default = "ten_seconds")]
    pub request_timeout_s: Span,
    /// Seconds between signs of life: with the time of a request, the longest for which a dead
    /// connection goes unnoticed. Default 10.
    #[serde(default = "ten_seconds")]
    pub heartbeat_s: Span,
}

/// How a server's certificate is recognised. At most one of the three.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a section of keys and values")]
pub struct Tls {
    /// SHA-256 of the one certificate to accept, 64 hex digits, colons allowed.
    #[serde(default)]
    pub fingerprint: Option<Fingerprint>,
    /// PEM file of the authorities to trust in place of the system's.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// Accepts any certificate: anybody between us and the PBX can read the password.
    #[serde(default)]
    pub insecure: bool,
}

/// Where the PBX sends its reports.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a section of keys and values")]
pub struct Reports {
    /// Address to listen on, such as `0.0.0.0:8260`.
    pub listen: SocketAddr,
    /// Host and port under which the PBX reaches us, when that is not the address our requests
    /// come from (NAT, containers).
    #[serde(default)]
    pub address: Option<String>,
    /// Addresses, or networks such as `192.0.2.0/24`, that reports may come from; any when left out.
    #[serde(default)]
    pub allow_from: Vec<Network>,
}

/// Where calls are asked for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a section of keys and values")]
pub struct Api {
    /// Address to listen on, such as `127.0.0.1:8270`.
    pub listen: SocketAddr,
    /// File with the bearer token.
    #[serde(default)]
    token_file: Option<PathBuf>,
    /// Environment variable with the bearer token.
    #[serde(default)]
    token_env: Option<String>,
    #[serde(default)]
    #[expect(dead_code, reason = "its only use is to be refused while reading")]
    token: NotHere,
    /// Whether answers show whole numbers; else their end only.
    #[serde(default)]
    pub show_numbers: bool,
}

/// The database and its key.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a section of keys and values")]
pub struct Store {
    /// The SQLite file; made when it is not there.
    pub file: PathBuf,
    /// File with the key that seals the store, 32 characters or more.
    #[serde(default)]
    key_file: Option<PathBuf>,
    /// Environment variable with that key.
    #[serde(default)]
    key_env: Option<String>,
    #[serde(default)]
    #[expect(dead_code, reason = "its only use is to be refused while reading")]
    key: NotHere,
    /// Days for which ended calls and used or expired codes are kept. Default 30.
    #[serde(default = "thirty_days")]
    pub keep_days: u32,
}

/// Limits of calls.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a section of keys and values")]
pub struct Calls {
    /// Dialled calls at one time; the PBX's own limit is 10 (S20) and more. Default 10.
    pub max_at_once: usize,
    /// Dials per second. Default 1.
    pub dials_per_s: Rate,
    /// Calls that may wait to be dialled. Default 10000.
    pub max_queued: usize,
    /// Seconds after which a call that could not be dialled is given up. Default 600.
    pub queue_limit_s: Span,
}

/// Codes of callees.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a section of keys and values")]
pub struct Codes {
    /// Seconds for which a code is good unless it says otherwise. Default 1800.
    pub expires_in_s: Span,
    /// Wrong entries, over all calls, after which a code is locked. Default 10.
    pub attempts: u32,
}

/// A time of 0.05 seconds to 90 days, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span(Duration);

/// 0.01 to 1000 per second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate(f64);

/// Scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl {
    /// Whether it is `https`.
    pub https: bool,
    /// Host name or address; an IPv6 address in brackets.
    pub host: String,
    /// Port.
    pub port: u16,
}

/// Host and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPort {
    /// Host name or address; an IPv6 address in brackets.
    pub host: String,
    /// Port.
    pub port: u16,
}

/// An address, or all that begin like it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    /// How many of its leading bits count.
    bits: u32,
}

/// SHA-256 of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(pub [u8; 32]);

impl Config {
    /// Reads a configuration; `file` is what messages call it and what its paths are relative to.
    ///
    /// # Errors
    /// The first mistake, with its place.
    pub fn parse(file: &Path, text: &str) -> Result<Self, Error> {
        let at = |place: Option<serde_yaml::Location>, message: String| Error {
            file: file.display().to_string(),
            line: place.as_ref().map_or(1, serde_yaml::Location::line),
            column: place.as_ref().map_or(1, serde_yaml::Location::column),
            message,
        };
        let mut config: Self = serde_yaml::from_str(text).map_err(|error| {
            let whole = error.to_string();
            // The place is said before the message already.
            let message = whole.split(" at line ").next().unwrap_or(&whole).to_owned();
            at(error.location(), message)
        })?;
        config.relative_to(file.parent().unwrap_or(Path::new("")));
        config.check().map_err(|(key, message)| {
            let (line, column) = place_of(text, &key);
            Error { line, column, ..at(None, message) }
        })?;
        Ok(config)
    }

    fn relative_to(&mut self, folder: &Path) {
        let files = [
            Some(&mut self.store.file),
            self.store.key_file.as_mut(),
            self.api.token_file.as_mut(),
        ];
        let pbx = self.pbx.iter_mut();
        let pbx = pbx.flat_map(|pbx| [pbx.password_file.as_mut(), pbx.tls.ca_file.as_mut()]);
        let asterisk = self.asterisk.iter_mut().flat_map(|asterisk| {
            let ca_file = asterisk.tls.as_mut().and_then(|tls| tls.ca_file.as_mut());
            [asterisk.password_file.as_mut(), ca_file]
        });
        let files = files.into_iter().chain(pbx).chain(asterisk);
        for file in files.flatten() {
            *file = folder.join(&*file);
        }
        for lookup in self.lookups.values_mut() {
            lookup.relative_to(folder);
        }
    }

    /// What the shape cannot say; the key that a mistake stands at, and the mistake.
    fn check(&self) -> Result<(), (String, String)> {
        self.check_own().map_err(|(key, message)| (key.to_owned(), message))?;
        self.lookups.iter().try_for_each(|(name, lookup)| lookup.check(name))
    }

    fn check_own(&self) -> Result<(), (&'static str, String)> {
        let one_of = |name, file: &Option<PathBuf>, env: &Option<String>| {
            one_of_two(name, file.as_ref(), env.as_ref())
        };
        if let Some(pbx) = &self.pbx {
            one_of("password", &pbx.password_file, &pbx.password_env).map_err(|e| ("pbx", e))?;
            check_tls(&pbx.tls, pbx.url.https)?;
        }
        if let Some(asterisk) = &self.asterisk {
            one_of("password", &asterisk.password_file, &asterisk.password_env)
                .map_err(|e| ("asterisk", e))?;
            asterisk.tls.as_ref().map_or(Ok(()), |tls| check_tls(tls, true))?;
        }
        self.check_reports()?;
        one_of("token", &self.api.token_file, &self.api.token_env).map_err(|e| ("api", e))?;
        one_of("key", &self.store.key_file, &self.store.key_env).map_err(|e| ("store", e))?;
        Ok(())
    }

    /// One PBX, and where its reports come if they come to us.
    fn check_reports(&self) -> Result<(), (&'static str, String)> {
        match (&self.pbx, &self.asterisk, &self.reports) {
            (Some(_), Some(_), _) => {
                Err(("asterisk", "found `pbx` and `asterisk`, expected one".to_owned()))
            }
            (None, None, _) => Err(("", "found no PBX, expected `pbx` or `asterisk`".to_owned())),
            (Some(_), None, None) => {
                Err(("pbx", "found no `reports`, to which this PBX would report".to_owned()))
            }
            (None, Some(_), Some(_)) => Err((
                "reports",
                "found `reports` for an Asterisk, which reports over our connection to it; leave \
                 it out"
                    .to_owned(),
            )),
            (Some(_), None, Some(Reports { address: Some(address), .. }))
                if !is_host_and_port(address) =>
            {
                let text =
                    format!("found `{address}`, expected host and port such as `192.0.2.20:8260`");
                Err(("address", text))
            }
            _ => Ok(()),
        }
    }
}

/// A secret has one place.
fn one_of_two(name: &str, file: Option<&PathBuf>, env: Option<&String>) -> Result<(), String> {
    match (file, env) {
        (None, None) => Err(format!("found no {name}, expected `{name}_file` or `{name}_env`")),
        (Some(_), Some(_)) => Err(format!("found `{name}_file` and `{name}_env`, expected one")),
        _ => Ok(()),
    }
}

/// At most one way of recognising a certificate, and only where there is one.
fn check_tls(tls: &Tls, is_used: bool) -> Result<(), (&'static str, String)> {
    let ways = usize::from(tls.fingerprint.is_some())
        + usize::from(tls.ca_file.is_some())
        + usize::from(tls.insecure);
    if ways > 1 {
        let text = "expected one of `fingerprint`, `ca_file` and `insecure`, found several";
        return Err(("tls", text.to_owned()));
    }
    if !is_used && ways > 0 {
        let text = "found `tls` for an address without `https`; leave it out, or use `https`";
        return Err(("tls", text.to_owned()));
    }
    Ok(())
}

impl Pbx {
    /// Where the API password is kept.
    pub fn password(&self) -> Source {
        source(self.password_file.as_ref(), self.password_env.as_ref())
    }
}

impl Asterisk {
    /// Where the user's `secret` is kept.
    pub fn password(&self) -> Source {
        source(self.password_file.as_ref(), self.password_env.as_ref())
    }
}

impl Api {
    /// Where the bearer token is kept.
    pub fn token(&self) -> Source {
        source(self.token_file.as_ref(), self.token_env.as_ref())
    }
}

impl Store {
    /// Where the key is kept.
    pub fn key(&self) -> Source {
        source(self.key_file.as_ref(), self.key_env.as_ref())
    }
}

fn source(file: Option<&PathBuf>, env: Option<&String>) -> Source {
    match (file, env) {
        (Some(file), _) => Source::File(file.clone()),
        (None, Some(name)) => Source::Environment(name.clone()),
        (None, None) => unreachable!("`check` refuses a configuration without either"),
    }
}

impl Default for Calls {
    fn default() -> Self {
        Self {
            max_at_once: 10,
            dials_per_s: Rate(1.0),
            max_queued: 10_000,
            queue_limit_s: Span(Duration::from_mins(10)),
        }
    }
}

impl Default for Codes {
    fn default() -> Self {
        Self { expires_in_s: Span(Duration::from_mins(30)), attempts: 10 }
    }
}

impl Span {
    /// As a duration.
    pub fn duration(self) -> Duration {
        self.0
    }

    /// In milliseconds.
    pub fn as_ms(self) -> u64 {
        u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX)
    }
}

impl Rate {
    /// The time between two, in milliseconds.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 to 100000")]
    pub fn interval_ms(self) -> u64 {
        (1000.0 / self.0) as u64
    }
}

impl BaseUrl {
    /// Where a server that listens on this address is reached from this machine.
    pub fn of(listen: SocketAddr) -> Self {
        let host = match listen.ip() {
            ip if !ip.is_unspecified() => ip,
            IpAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        };
        let host = if host.is_ipv6() { format!("[{host}]") } else { host.to_string() };
        Self { https: false, host, port: listen.port() }
    }
}

impl std::fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = if self.https { "https" } else { "http" };
        write!(f, "{scheme}://{}:{}", self.host, self.port)
    }
}

impl FromStr for BaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("found `{text}`, expected scheme, host and port: `https://192.0.2.10:8088`");
        let uri: hyper::Uri = text.parse().map_err(|_| wrong())?;
        let https = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(wrong()),
        };
        let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(wrong)?;
        let plain = uri.path() == "/" && uri.query().is_none() && !text.contains(['@', '#']);
        if !plain {
            return Err(wrong());
        }
        let port = uri.port_u16().unwrap_or(if https { 443 } else { 80 });
        Ok(Self { https, host: host.to_owned(), port })
    }
}

impl HostPort {
    /// Whether it is this machine.
    pub fn is_local(&self) -> bool {
        let host = self.host.trim_matches(['[', ']']);
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

impl std::fmt::Display for HostPort {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl FromStr for HostPort {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.rsplit_once(':').filter(|_| is_host_and_port(text));
        let (host, port) = parts
            .ok_or_else(|| format!("found `{text}`, expected host and port: `127.0.0.1:5038`"))?;
        Ok(Self { host: host.to_owned(), port: port.parse().expect("it was looked at") })
    }
}

impl Network {
    /// Whether an address is in it; one of IPv4 written as IPv6 counts as IPv4.
    pub fn contains(self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let shift = 32 - self.bits;
                (network.to_bits() ^ address.to_bits()).checked_shr(shift).unwrap_or(0) == 0
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let shift = 128 - self.bits;
                (network.to_bits() ^ address.to_bits()).checked_shr(shift).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("found `{text}`, expected an address or a network: `192.0.2.0/24`");
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address = address.parse::<IpAddr>().map_err(|_| wrong())?.to_canonical();
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), str::parse).map_err(|_| wrong())?;
        if bits > most {
            return Err(wrong());
        }
        Ok(Self { address, bits })
    }
}

impl FromStr for Fingerprint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "expected the SHA-256 of a certificate: 64 hex digits".to_owned();
        let digits: Vec<u8> = text
            .chars()
            .filter(|c| *c != ':')
            .map(|c| c.to_digit(16))
            .map_while(|d| d)
            .map(|d| u8::try_from(d).expect("a hex digit"))
            .collect();
        if digits.len() != 64 || text.chars().filter(|c| *c != ':').count() != 64 {
            return Err(wrong());
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            *byte = pair[0] << 4 | pair[1];
        }
        Ok(Self(bytes))
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        if (0.05..=7_776_000.0).contains(&seconds) {
            return Ok(Self(Duration::from_secs_f64(seconds)));
        }
        Err(de::Error::custom(format!("found {seconds}, expected 0.05 to 7776000 seconds")))
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let rate = f64::deserialize(deserializer)?;
        if (0.01..=1000.0).contains(&rate) {
            return Ok(Self(rate));
        }
        Err(de::Error::custom(format!("found {rate}, expected 0.01 to 1000 per second")))
    }
}

/// `Deserialize` of a type that is read from a text.
macro_rules! from_text {
    ($type:ident) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    };
}

from_text!(BaseUrl);
from_text!(HostPort);
from_text!(Network);
from_text!(Fingerprint);

/// An extension number, written as a YAML number or text.
fn digits<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Integer(u64),
        Text(String),
    }
    let text = match Written::deserialize(deserializer)? {
        Written::Integer(number) => number.to_string(),
        Written::Text(text) => text,
    };
    if (1..=10).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(text);
    }
    Err(de::Error::custom(format!("found `{text}`, expected an extension: 1 to 10 digits")))
}

/// A channel to dial, with the callee's number in it.
fn channel<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = one_line(deserializer)?;
    if text.matches("{number}").count() == 1 && text.contains('/') {
        return Ok(text);
    }
    let message = format!("found `{text}`, expected a channel such as `PJSIP/{{number}}@trunk`");
    Err(de::Error::custom(message))
}

/// What goes into one line of the manager interface.
fn one_line<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if !text.trim().is_empty() && text.len() <= 200 && !text.contains(char::is_control) {
        return Ok(text);
    }
    Err(de::Error::custom("expected one line of at most 200 bytes"))
}

fn maybe_one_line<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    one_line(deserializer).map(Some)
}

fn ivrs() -> String {
    "ivrs".to_owned()
}

fn is_host_and_port(text: &str) -> bool {
    text.rsplit_once(':').is_some_and(|(host, port)| {
        !host.is_empty() && !host.contains(['/', '@']) && port.parse::<u16>().is_ok_and(|p| p > 0)
    })
}

/// Where a key stands in the text, for mistakes that the YAML reader cannot place.
fn place_of(text: &str, key: &str) -> (usize, usize) {
    let found = text.lines().enumerate().find_map(|(number, line)| {
        let start = line.trim_start();
        let rest = start.strip_prefix(key)?;
        rest.trim_start().starts_with(':').then(|| (number + 1, line.len() - start.len() + 1))
    });
    found.unwrap_or((1, 1))
}

fn ten_seconds() -> Span {
    Span(Duration::from_secs(10))
}
fn thirty_seconds() -> Span {
    Span(Duration::from_secs(30))
}
fn thirty_days() -> u32 {
    30
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = "\
pbx:
  url: https://192.0.2.10:8088
  tls:
    fingerprint: 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00112233445566778899aabbccddeeff
  username: verifier
  password_file: secrets/pbx
  from_extension: 1000
reports:
  listen: 0.0.0.0:8260
api:
  listen: 127.0.0.1:8270
  token_env: TOKEN
store:
  file: verify.db
  key_file: /etc/key
";

    /// Replaces a piece of the sound configuration and compares the error.
    fn check(piece: &str, with: &str, expected: &str) {
        assert!(SOUND.contains(piece), "{piece}");
        let text = SOUND.replacen(piece, with, 1);
        let error = Config::parse(Path::new("dir/verify.yaml"), &text).unwrap_err().to_string();
        assert!(error.starts_with("dir/verify.yaml:"), "{error}");
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn a_sound_configuration_is_read() {
        let config = Config::parse(Path::new("dir/verify.yaml"), SOUND).unwrap();
        let pbx = config.pbx.as_ref().unwrap();
        assert_eq!(pbx.password(), Source::File("dir/secrets/pbx".into()));
        assert_eq!(config.api.token(), Source::Environment("TOKEN".into()));
        assert_eq!(config.store.key(), Source::File("/etc/key".into()));
        assert_eq!(pbx.url.to_string(), "https://192.0.2.10:8088");
        assert_eq!(pbx.from_extension, "1000");
        assert_eq!(config.calls.dials_per_s.interval_ms(), 1000);
        let Fingerprint(bytes) = pbx.tls.fingerprint.unwrap();
        assert_eq!((bytes[1], bytes[15], bytes[31]), (0x11, 0xff, 0xff));
    }

    #[test]
    fn mistakes_are_placed_and_explained() {
        check("username:", "user:", ":5:3: pbx: unknown field `user`");
        check("password_file: secrets/pbx", "password: hunter2", "a file of its own");
        check("key_file: /etc/key", "key: hunter2", "a file of its own");
        check("  password_file: secrets/pbx\n", "", ":1:1: found no password");
        check("https://", "ftp://", "expected scheme, host and port");
        check("https://", "http://", ":3:3: found `tls` for an address without `https`");
        check("192.0.2.10:8088", "192.0.2.10:8088/api", "expected scheme, host and port");
        check("from_extension: 1000", "from_extension: ten", "1 to 10 digits");
        check("0.0.0.0:8260", "everywhere", ":9:11:");
        check("    fingerprint: 00", "    fingerprint: 0", "64 hex digits");
        check("0.0.0.0:8260", "0.0.0.0:8260\n  address: here", ":10:3: found `here`");
        check("pbx:", "- pbx:", "");
        let of_list = SOUND.replace("reports:\n  listen: 0.0.0.0:8260", "reports: []");
        let error = Config::parse(Path::new("x"), &of_list).unwrap_err().to_string();
        assert!(error.contains("expected a section of keys and values"), "{error}");
    }

    #[test]
    fn networks_hold_the_addresses_that_begin_like_them() {
        let check = |network: &str, address: &str, expected: bool| {
            let network: Network = network.parse().unwrap();
            assert_eq!(network.contains(address.parse().unwrap()), expected, "{address}");
        };
        check("192.0.2.10", "192.0.2.10", true);
        check("192.0.2.10", "192.0.2.11", false);
        check("192.0.2.0/24", "192.0.2.255", true);
        check("192.0.2.0/24", "192.0.3.0", false);
        check("192.0.2.77/25", "192.0.2.1", true);
        check("0.0.0.0/0", "198.51.100.7", true);
        check("192.0.2.0/24", "::ffff:192.0.2.9", true);
        check("2001:db8::/32", "2001:db8:1::1", true);
        check("2001:db8::/32", "2001:db9::1", false);
        check("::/0", "192.0.2.1", false);
        for wrong in ["192.0.2.0/33", "192.0.2", "pbx", "192.0.2.0/", "192.0.2.0/-1"] {
            assert!(wrong.parse::<Network>().unwrap_err().contains("192.0.2.0/24"), "{wrong}");
        }
    }

    #[test]
    fn an_inline_secret_is_not_repeated_in_the_error() {
        let text = SOUND.replace("password_file: secrets/pbx", "password: hunter2");
        let error = Config::parse(Path::new("x"), &text).unwrap_err().to_string();
        assert!(!error.contains("hunter2"), "{error}");
    }
}
