//! The section `lookups`: where digits are looked up that are no codes of ours.

use super::{BaseUrl, HostPort, Span, Tls, check_tls, one_of_two, source};
use crate::secret::{NotHere, Source};
use serde::{Deserialize, Deserializer, de};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

/// One look-up: exactly one of its kinds.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a section of keys and values")]
pub struct Lookup {
    /// A PostgreSQL database and a statement.
    #[serde(default)]
    postgres: Option<Server>,
    /// A MariaDB or MySQL database and a statement.
    #[serde(default, alias = "mysql")]
    mariadb: Option<Server>,
    /// An SQLite file and a statement.
    #[serde(default)]
    sqlite: Option<SqliteFile>,
    /// An HTTP service that judges.
    #[serde(default)]
    http: Option<Http>,
}

/// The one kind of a look-up.
#[derive(Debug, Clone, Copy)]
pub enum Choice<'a> {
    /// PostgreSQL.
    Postgres(&'a Server),
    /// MariaDB or MySQL.
    MariaDb(&'a Server),
    /// SQLite.
    Sqlite(&'a SqliteFile),
    /// HTTP.
    Http(&'a Http),
}

/// A database server, our user there and the statement.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a section of keys and values")]
pub struct Server {
    /// Host and port, such as `db.example:5432`.
    #[serde(default)]
    pub address: Option<HostPort>,
    /// Unix socket in place of `address`: for PostgreSQL its folder, such as
    /// `/var/run/postgresql`, or the socket in it if its port is not the usual one; for MariaDB the
    /// socket itself, such as `/run/mysqld/mysqld.sock`.
    #[serde(default)]
    pub socket: Option<PathBuf>,
    /// Name of the database.
    pub database: String,
    /// Our user there; one that can do no more than the statement needs.
    pub username: String,
    /// File with the password.
    #[serde(default)]
    password_file: Option<PathBuf>,
    /// Environment variable with the password.
    #[serde(default)]
    password_env: Option<String>,
    #[serde(default)]
    #[expect(dead_code, reason = "its only use is to be refused while reading")]
    password: NotHere,
    /// How the server's certificate is recognised. An empty section: by the system's authorities.
    /// Left out: no TLS.
    #[serde(default)]
    pub tls: Option<Tls>,
    /// The statement, with named parameters such as `:callee`.
    query: String,
    /// What makes an entry right.
    #[serde(default, rename = "match")]
    matching: Matching,
    /// The column that holds the code; may be left out when the statement gives only one.
    #[serde(default)]
    column: Option<String>,
    /// Seconds for one look-up, connecting included. Default 3.
    #[serde(default = "three_seconds")]
    pub timeout_s: Span,
    /// Most connections. Default 4.
    #[serde(default)]
    pub connections: Connections,
}

/// An SQLite file of the operator's and the statement.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a section of keys and values")]
pub struct SqliteFile {
    /// The file.
    pub file: PathBuf,
    /// The statement, with named parameters such as `:callee`.
    query: String,
    /// What makes an entry right.
    #[serde(default, rename = "match")]
    matching: Matching,
    /// The column that holds the code; may be left out when the statement gives only one.
    #[serde(default)]
    column: Option<String>,
    /// Seconds for one look-up. Default 3.
    #[serde(default = "three_seconds")]
    pub timeout_s: Span,
    /// Most connections. Default 4.
    #[serde(default)]
    pub connections: Connections,
}

/// An HTTP service that says whether an entry is right.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a section of keys and values")]
pub struct Http {
    /// Where entries are posted, such as `https://crm.example/verify`.
    pub url: Url,
    /// How its certificate is recognised; by the system's authorities when left out.
    #[serde(default)]
    pub tls: Tls,
    /// The JSON that is posted; a text in it that is a parameter, such as `":callee"`, is replaced
    /// by its value.
    #[serde(default = "default_body")]
    pub body: serde_json::Value,
    /// Further headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Headers whose values are secrets.
    #[serde(default)]
    pub secret_headers: BTreeMap<String, SecretHeader>,
    /// Signs each request.
    #[serde(default)]
    pub signature: Option<Signature>,
    /// What the answers mean.
    pub answer: Answer,
    /// Seconds for one request, connecting included. Default 3.
    #[serde(default = "three_seconds")]
    pub timeout_s: Span,
    /// Most requests at one time. Default 4.
    #[serde(default)]
    pub connections: Connections,
}

/// A header that only the service may know.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a section of keys and values")]
pub struct SecretHeader {
    /// What stands before the secret, such as `"Bearer "`.
    #[serde(default)]
    pub prefix: String,
    /// File with the secret.
    #[serde(default)]
    value_file: Option<PathBuf>,
    /// Environment variable with the secret.
    #[serde(default)]
    value_env: Option<String>,
    #[serde(default)]
    #[expect(dead_code, reason = "its only use is to be refused while reading")]
    value: NotHere,
}

/// HMAC-SHA-256 of the time and the body, under a key that the service has too.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a section of keys and values")]
pub struct Signature {
    /// Header of the signature. Default `X-Ivrkit-Signature`.
    #[serde(default = "signature_header")]
    pub header: String,
    /// Header of the time in seconds since 1970. Default `X-Ivrkit-Timestamp`.
    #[serde(default = "timestamp_header")]
    pub timestamp_header: String,
    /// File with the key, 16 characters or more.
    #[serde(default)]
    key_file: Option<PathBuf>,
    /// Environment variable with the key.
    #[serde(default)]
    key_env: Option<String>,
    #[serde(default)]
    #[expect(dead_code, reason = "its only use is to be refused while reading")]
    key: NotHere,
}

/// What the answers of an HTTP service mean. Any other answer is no verdict.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a section of keys and values")]
pub struct Answer {
    /// Statuses of answers that say so in their JSON, or that mean *right* when neither
    /// `verdict_at` nor `code_at` is set. Default 200.
    #[serde(default = "ok_status")]
    pub status: Vec<u16>,
    /// Statuses that mean *wrong*.
    #[serde(default)]
    pub mismatch_status: Vec<u16>,
    /// Where the verdict stands, as a JSON pointer such as `/valid`.
    #[serde(default)]
    pub verdict_at: Option<Pointer>,
    /// The value there that means *right*; others of its type mean *wrong*. Default `true`.
    #[serde(default = "yes")]
    pub match_value: serde_json::Value,
    /// Where the right code stands, or a list of them, as a JSON pointer such as `/student/code`.
    #[serde(default)]
    pub code_at: Option<Pointer>,
}

/// A place in JSON, RFC 6901.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer(String);

/// Scheme, host, port and path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url {
    /// Scheme, host and port.
    pub base: BaseUrl,
    /// Path and query.
    pub path: String,
}

/// What makes an entry right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Matching {
    /// A row whose column is equal to the digits.
    #[default]
    Column,
    /// Any row.
    Row,
}

/// A statement and what its rows mean.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    /// The statement.
    pub sql: &'a str,
    /// What makes an entry right.
    pub matching: Matching,
    /// The column of the code.
    pub column: Option<&'a str>,
}

/// 1 to 100 connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connections(pub usize);

impl Lookup {
    /// The one kind that it has.
    ///
    /// # Panics
    /// Never: a configuration with a look-up of none or two kinds is refused while it is read.
    pub fn choice(&self) -> Choice<'_> {
        let choices = [
            self.postgres.as_ref().map(Choice::Postgres),
            self.mariadb.as_ref().map(Choice::MariaDb),
            self.sqlite.as_ref().map(Choice::Sqlite),
            self.http.as_ref().map(Choice::Http),
        ];
        choices.into_iter().flatten().next().expect("`check` refuses a look-up without a kind")
    }

    /// The key of its kind.
    pub fn kind(&self) -> &'static str {
        match self.choice() {
            Choice::Postgres(_) => "postgres",
            Choice::MariaDb(_) => "mariadb",
            Choice::Sqlite(_) => "sqlite",
            Choice::Http(_) => "http",
        }
    }

    /// Where its secrets are kept.
    pub fn secrets(&self) -> Vec<Source> {
        match self.choice() {
            Choice::Postgres(server) | Choice::MariaDb(server) => {
                server.password().into_iter().collect()
            }
            Choice::Sqlite(_) => Vec::new(),
            Choice::Http(http) => {
                let headers = http.secret_headers.values().map(SecretHeader::value);
                headers.chain(http.signature.as_ref().map(Signature::key)).collect()
            }
        }
    }

    /// What can be read or changed on the way, and should not be.
    pub fn risk(&self) -> Option<&'static str> {
        let (is_insecure, is_open) = match self.choice() {
            Choice::Postgres(server) | Choice::MariaDb(server) => {
                (server.tls.as_ref().is_some_and(|tls| tls.insecure), server.is_open())
            }
            Choice::Sqlite(_) => (false, false),
            Choice::Http(http) => {
                let host = HostPort { host: http.url.base.host.clone(), port: http.url.base.port };
                (http.tls.insecure, !http.url.base.https && !host.is_local())
            }
        };
        if is_insecure {
            return Some(
                "`tls.insecure` is on: whoever is between us and the look-up can say what is right",
            );
        }
        is_open.then_some(
            "it is reached without TLS: whoever is between us and it can read codes and say what is right",
        )
    }

    pub(super) fn relative_to(&mut self, folder: &Path) {
        let servers = self.postgres.iter_mut().chain(&mut self.mariadb);
        let mut files: Vec<&mut PathBuf> = Vec::new();
        for server in servers {
            files.extend(&mut server.socket);
            files.extend(&mut server.password_file);
            files.extend(server.tls.as_mut().and_then(|tls| tls.ca_file.as_mut()));
        }
        files.extend(self.sqlite.as_mut().map(|sqlite| &mut sqlite.file));
        if let Some(http) = &mut self.http {
            files.extend(&mut http.tls.ca_file);
            files.extend(http.secret_headers.values_mut().filter_map(|h| h.value_file.as_mut()));
            files.extend(http.signature.as_mut().and_then(|s| s.key_file.as_mut()));
        }
        for file in files {
            *file = folder.join(&*file);
        }
    }

    /// What the shape cannot say; the key that a mistake stands at, and the mistake.
    pub(super) fn check(&self, name: &str) -> Result<(), (String, String)> {
        let kinds = usize::from(self.postgres.is_some())
            + usize::from(self.mariadb.is_some())
            + usize::from(self.sqlite.is_some())
            + usize::from(self.http.is_some());
        let at_name = |text: String| Err((name.to_owned(), text));
        if name == "codes" {
            return at_name("`codes` is ivrkit's own store; give this look-up another name".into());
        }
        if kinds != 1 {
            let found = if kinds == 0 { "none" } else { "several" };
            return at_name(format!(
                "expected one of `postgres`, `mariadb`, `sqlite` and `http`, found {found}"
            ));
        }
        match self.choice() {
            Choice::Postgres(server) | Choice::MariaDb(server) => server.check(self.kind()),
            Choice::Sqlite(_) => Ok(()),
            Choice::Http(http) => http.check(),
        }
    }
}

impl Server {
    /// Where the password is kept; nothing for a user that needs none.
    pub fn password(&self) -> Option<Source> {
        (self.password_file.is_some() || self.password_env.is_some())
            .then(|| source(self.password_file.as_ref(), self.password_env.as_ref()))
    }

    /// The statement.
    pub fn query(&self) -> Query<'_> {
        let column = self.column.as_deref();
        Query { sql: &self.query, matching: self.matching, column }
    }

    /// Whether what is asked and answered can be read on the way.
    fn is_open(&self) -> bool {
        self.tls.is_none() && self.address.as_ref().is_some_and(|address| !address.is_local())
    }

    fn check(&self, kind: &str) -> Result<(), (String, String)> {
        let wrong = |key: &str, text: &str| Err((key.to_owned(), text.to_owned()));
        match (&self.address, &self.socket) {
            (None, None) => return wrong(kind, "found no `address` and no `socket`, expected one"),
            (Some(_), Some(_)) => return wrong(kind, "found `address` and `socket`, expected one"),
            _ => {}
        }
        if self.password_file.is_some() && self.password_env.is_some() {
            return wrong(kind, "found `password_file` and `password_env`, expected one");
        }
        if self.socket.is_some() && self.tls.is_some() {
            return wrong(kind, "found `tls` for a `socket`; leave it out");
        }
        if kind == "mariadb" && self.tls.as_ref().is_some_and(|tls| tls.fingerprint.is_some()) {
            return wrong("fingerprint", "a MariaDB is recognised by `ca_file`, expected that");
        }
        self.tls.as_ref().map_or(Ok(()), |tls| {
            check_tls(tls, true).map_err(|(key, text)| (key.to_owned(), text))
        })
    }
}

impl SqliteFile {
    /// The statement.
    pub fn query(&self) -> Query<'_> {
        let column = self.column.as_deref();
        Query { sql: &self.query, matching: self.matching, column }
    }
}

impl Http {
    fn check(&self) -> Result<(), (String, String)> {
        let wrong = |key: &str, text: &str| Err((key.to_owned(), text.to_owned()));
        check_tls(&self.tls, self.url.base.https).map_err(|(key, text)| (key.to_owned(), text))?;
        for (name, header) in &self.secret_headers {
            one_of_two("value", header.value_file.as_ref(), header.value_env.as_ref())
                .map_err(|text| (name.clone(), text))?;
        }
        if let Some(signature) = &self.signature {
            one_of_two("key", signature.key_file.as_ref(), signature.key_env.as_ref())
                .map_err(|text| ("signature".to_owned(), text))?;
        }
        let answer = &self.answer;
        if answer.verdict_at.is_some() && answer.code_at.is_some() {
            return wrong("answer", "found `verdict_at` and `code_at`, expected one");
        }
        let by_status = answer.verdict_at.is_none() && answer.code_at.is_none();
        if by_status && answer.mismatch_status.is_empty() {
            let text = "found nothing that would mean a wrong code, expected `verdict_at`, \
                        `code_at` or `mismatch_status`";
            return wrong("answer", text);
        }
        if answer.status.iter().any(|status| answer.mismatch_status.contains(status)) {
            return wrong("mismatch_status", "found a status that is in `status` too");
        }
        if answer.match_value.is_object() || answer.match_value.is_array() {
            return wrong("match_value", "expected a text, a number, `true` or `false`");
        }
        Ok(())
    }
}

impl SecretHeader {
    /// Where the secret is kept.
    pub fn value(&self) -> Source {
        source(self.value_file.as_ref(), self.value_env.as_ref())
    }
}

impl Signature {
    /// Where the key is kept.
    pub fn key(&self) -> Source {
        source(self.key_file.as_ref(), self.key_env.as_ref())
    }
}

impl Pointer {
    /// The pointer's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Connections {
    fn default() -> Self {
        Self(4)
    }
}

impl<'de> Deserialize<'de> for Connections {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let count = usize::deserialize(deserializer)?;
        if (1..=100).contains(&count) {
            return Ok(Self(count));
        }
        Err(de::Error::custom(format!("found {count}, expected 1 to 100 connections")))
    }
}

impl<'de> Deserialize<'de> for Pointer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() || text.starts_with('/') {
            return Ok(Self(text));
        }
        let message = format!("found `{text}`, expected a JSON pointer such as `/valid`");
        Err(de::Error::custom(message))
    }
}

impl<'de> Deserialize<'de> for Url {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = || {
            let shown = text.split_once('@').map_or(text.as_str(), |_| "an address with a user");
            let message = format!("found `{shown}`, expected `https://host/path`");
            de::Error::custom(message)
        };
        let uri: hyper::Uri = text.parse().map_err(|_| wrong())?;
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(wrong());
        };
        let base = format!("{scheme}://{authority}").parse().map_err(|_| wrong())?;
        Ok(Self { base, path })
    }
}

fn three_seconds() -> Span {
    Span(Duration::from_secs(3))
}
fn ok_status() -> Vec<u16> {
    vec![200]
}
fn yes() -> serde_json::Value {
    true.into()
}
fn signature_header() -> String {
    "X-Ivrkit-Signature".to_owned()
}
fn timestamp_header() -> String {
    "X-Ivrkit-Timestamp".to_owned()
}
fn default_body() -> serde_json::Value {
    serde_json::json!({
        "entry": ":entry",
        "call": ":call",
        "callee": ":callee",
        "digits": ":digits",
        "scenario": ":scenario",
        "verification": ":verification",
        "at": ":now",
    })
}

#[cfg(test)]
mod tests {
    use crate::Config;
    use std::path::Path;

    const SOUND: &str = "\
asterisk: { address: 127.0.0.1:5038, username: u, password_env: X, channel: \"PJSIP/{number}@t\" }
api: { listen: 127.0.0.1:0, token_env: X }
store: { file: verify.db, key_env: X }
lookups:
  students:
    postgres:
      address: db.example:5432
      database: school
      username: ivrkit
      password_file: secrets/db
      tls: { ca_file: ca.pem }
      query: SELECT code FROM c WHERE phone = :callee
  crm:
    http:
      url: https://crm.example:8443/verify?x=1
      secret_headers: { Authorization: { value_file: token } }
      answer: { verdict_at: /valid }
";

    /// Replaces a piece of the sound configuration and compares the error.
    #[track_caller]
    fn check(piece: &str, with: &str, expected: &str) {
        assert!(SOUND.contains(piece), "{piece}");
        let text = SOUND.replacen(piece, with, 1);
        let error = Config::parse(Path::new("dir/verify.yaml"), &text).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }

    #[test]
    fn sections_are_read_and_their_files_are_beside_the_configuration() {
        let config = Config::parse(Path::new("dir/verify.yaml"), SOUND).unwrap();
        let kinds: Vec<_> = config.lookups.values().map(super::Lookup::kind).collect();
        assert_eq!(kinds, ["http", "postgres"]);
        let secrets = config.lookups.values().flat_map(super::Lookup::secrets);
        let secrets: Vec<String> = secrets.map(|source| source.to_string()).collect();
        assert_eq!(secrets, ["dir/token", "dir/secrets/db"]);
        let super::Choice::Http(http) = config.lookups["crm"].choice() else { panic!() };
        assert_eq!(
            format!("{}{}", http.url.base, http.url.path),
            "https://crm.example:8443/verify?x=1"
        );
        assert_eq!(config.lookups["crm"].risk(), None);
    }

    #[test]
    fn mistakes_are_placed_and_explained() {
        check("    postgres:", "    postgras:", "unknown field `postgras`");
        check(
            "  students:\n    postgres:",
            "  codes:\n    postgres:",
            ":5:3: `codes` is ivrkit's own",
        );
        check(
            "    http:",
            "    sqlite: { file: x, query: x }\n    http:",
            ":13:3: expected one of",
        );
        check("      address: db.example:5432\n", "", "found no `address` and no `socket`");
        check("password_file: secrets/db", "password: hunter2", "a file of its own");
        check("value_file: token", "value: hunter2", "a file of its own");
        check("address: db.example:5432", "socket: /run/db", "found `tls` for a `socket`");
        let by_print = "tls: { fingerprint: 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff }";
        let maria =
            SOUND.replace("postgres:", "mysql:").replace("tls: { ca_file: ca.pem }", by_print);
        let error = Config::parse(Path::new("x"), &maria).unwrap_err().to_string();
        assert!(error.contains("a MariaDB is recognised by `ca_file`"), "{error}");
        check(
            "verdict_at: /valid",
            "verdict_at: valid",
            "expected a JSON pointer such as `/valid`",
        );
        check("{ verdict_at: /valid }", "{}", "found nothing that would mean a wrong code");
        check(
            "verdict_at: /valid",
            "verdict_at: /valid, mismatch_status: [200]",
            "in `status` too",
        );
        check("https://crm.example:8443/verify?x=1", "crm.example", "expected `https://host/path`");
        check("https://crm", "https://user:hunter2@crm", "an address with a user");
        check("query:", "connections: 0\n      query:", "expected 1 to 100 connections");
    }

    #[test]
    fn an_open_way_to_a_database_is_told() {
        let text = SOUND.replace("      tls: { ca_file: ca.pem }\n", "");
        let config = Config::parse(Path::new("x"), &text).unwrap();
        assert!(config.lookups["students"].risk().unwrap().contains("without TLS"));
        let local = text.replace("db.example", "127.0.0.1");
        assert_eq!(Config::parse(Path::new("x"), &local).unwrap().lookups["students"].risk(), None);
    }
}
