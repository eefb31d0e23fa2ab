//! A place where codes are looked up, with the students of the suite in it.

use super::{
    databases::{Kind, PASSWORD, Server},
    service::{Asked, Reply, Service},
};
use ivrkit_dialplan::verification::{Digits, Direction, Verdict};
use ivrkit_verifier::{
    config,
    lookup::{Doing, Failure, Lookup, Question, prepare},
    number::PhoneNumber,
    store::codes::{Codes, NewCode},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fs,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tempfile::TempDir;

/// What operators write, in every SQL the same.
pub(crate) const QUERY: &str =
    "SELECT code FROM sms_codes WHERE phone = :callee AND expires_at > :now";

/// Phone, code, minutes until it expires, course.
pub(crate) const CODES: [(&str, Option<&str>, i64, &str); 8] = [
    ("13900001111", Some("482913"), 10, "A"),
    ("13900002222", Some("0012"), 10, "B"),
    ("13900003333", Some("111111"), 10, "A"),
    ("13900003333", Some("222222"), 10, "B"),
    ("13900004444", Some("333333"), -1, "A"),
    ("13900005555", None, 10, "A"),
    ("+8613900007777", Some("444444"), 10, "A"),
    ("13900008888", Some("8"), 10, "A"),
];

/// Where the codes are.
pub(crate) enum Site {
    Server(Server),
    Sqlite(TempDir),
    Http(Service),
}

impl Site {
    pub(crate) fn of(kind: Kind) -> Self {
        let server = Server::start(kind);
        server.sql(&make_table(Some(kind)));
        if kind == Kind::Postgres {
            server.sql("GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO ivrkit;");
        }
        fs::write(server.path("password"), PASSWORD).unwrap();
        Self::Server(server)
    }

    pub(crate) fn sqlite() -> Self {
        let folder = TempDir::new().unwrap();
        let file = rusqlite::Connection::open(folder.path().join("school.db")).unwrap();
        file.execute_batch(&make_table(None)).unwrap();
        Self::Sqlite(folder)
    }

    /// A service that knows the codes and is asked to judge.
    pub(crate) fn http() -> Self {
        Self::Http(Service::start(judge))
    }

    /// The section of the configuration for this statement, with further keys.
    pub(crate) fn section(&self, query: &str, more: &str) -> String {
        let query = serde_json::to_string(query).unwrap();
        match self {
            Self::Server(server) => {
                let kind = if server.kind == Kind::Postgres { "postgres" } else { "mariadb" };
                format!(
                    "{kind}: {{ address: \"127.0.0.1:{}\", database: school, username: ivrkit, \
                     password_file: {}, query: {query}, {more} }}",
                    server.port,
                    server.path("password").display(),
                )
            }
            Self::Sqlite(folder) => {
                let file = folder.path().join("school.db");
                format!("sqlite: {{ file: {}, query: {query}, {more} }}", file.display())
            }
            Self::Http(service) => format!(
                "http: {{ url: \"http://127.0.0.1:{}/verify\", body: {{ phone: \":callee\", code: \
                 \":digits\", now: \":now_s\", course: \":course\" }}, answer: {{ verdict_at: \
                 /valid, mismatch_status: [404] }}, {more} }}",
                service.port
            ),
        }
    }

    pub(crate) fn lookup(&self, query: &str, more: &str) -> Arc<dyn Lookup> {
        prepared(&self.section(query, more)).unwrap()
    }

    pub(crate) fn server(&mut self) -> &mut Server {
        match self {
            Self::Server(server) => server,
            _ => panic!("there is no server to be stopped"),
        }
    }
}

/// ivrkit's own codes as a look-up among others; the server judges them in its own transactions.
#[derive(Debug)]
pub(crate) struct OwnCodes {
    codes: Mutex<Codes>,
    _folder: TempDir,
}

impl OwnCodes {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("key"), "0123456789abcdef0123456789abcdef").unwrap();
        let store =
            format!("{{ file: {0}/verify.db, key_file: {0}/key }}", folder.path().display());
        let store: config::Store = serde_yaml::from_str(&store).unwrap();
        // The suite types more wrong codes than anybody may.
        let limits = config::Codes { attempts: 1000, ..config::Codes::default() };
        let mut codes = Codes::open(&store, &limits).unwrap();
        let issued = CODES.iter().filter_map(|(phone, code, minutes, _)| {
            Some(NewCode {
                scenario: "driving-test".to_owned(),
                verification: "sms-code".to_owned(),
                to: PhoneNumber::reported(phone),
                digits: (*code)?.into(),
                expires_in: Duration::from_mins(u64::try_from(*minutes).unwrap_or(0)),
            })
        });
        codes.add(&issued.collect::<Vec<_>>(), |_| ()).unwrap();
        Self { codes: Mutex::new(codes), _folder: folder }
    }
}

impl Lookup for OwnCodes {
    fn check<'a>(&'a self, _: &'a [Option<String>]) -> Doing<'a, Result<Vec<String>, Failure>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn look_up<'a>(&'a self, question: &'a Question) -> Doing<'a, Result<Verdict, Failure>> {
        Box::pin(async move {
            let mut said = None;
            let judged =
                self.codes.lock().unwrap().judge([question], |verdict| said = Some(verdict));
            judged.map_err(|error| Failure::Passing(error.to_string()))?;
            Ok(said.unwrap())
        })
    }
}

/// A look-up of a section.
pub(crate) fn prepared(section: &str) -> Result<Arc<dyn Lookup>, String> {
    let section: config::Lookup = serde_yaml::from_str(section).expect("the section is YAML");
    prepare(&section, &["course"])
}

pub(crate) fn question(callee: &str, digits: &str) -> Question {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Question {
        call: "5f0c".to_owned(),
        lookup: 1,
        scenario: "driving-test".to_owned(),
        verification: "sms-code".to_owned(),
        direction: Direction::Outbound,
        number: PhoneNumber::reported(callee),
        digits: Digits::new(digits),
        column: None,
        values: BTreeMap::from([("course".to_owned(), "B".to_owned())]),
        now_ms: u64::try_from(now.as_millis()).unwrap(),
    }
}

/// What a look-up says: a verdict, or why there is none.
pub(crate) async fn say(lookup: &dyn Lookup, question: &Question) -> String {
    match lookup.look_up(question).await {
        Ok(Verdict::Match) => "right".to_owned(),
        Ok(Verdict::Mismatch) => "wrong".to_owned(),
        Ok(Verdict::Unavailable) => panic!("that is an error, not a verdict"),
        Err(Failure::Passing(why)) => format!("again: {why}"),
        Err(Failure::Lasting(why)) => format!("never: {why}"),
    }
}

/// The table as operators have it: `CHAR(n)`, and an integer beside it.
fn make_table(kind: Option<Kind>) -> String {
    let (time, minute) = match kind {
        Some(Kind::Postgres) => ("timestamptz", "now() + interval '1 minute' * "),
        Some(Kind::MariaDb) => ("datetime", "now() + interval 1 minute * "),
        None => ("text", ""),
    };
    let mut sql = format!(
        "CREATE TABLE sms_codes (phone varchar(20), code char(8), number integer, expires_at \
         {time}, course varchar(8), used_by varchar(40));"
    );
    for (phone, code, minutes, course) in CODES {
        let expires = match kind {
            Some(Kind::Postgres) => format!("{minute}{minutes}"),
            Some(Kind::MariaDb) => format!("now() + interval {minutes} minute"),
            None => format!("datetime('now', '{minutes} minutes')"),
        };
        let text = code.map_or("NULL".to_owned(), |code| format!("'{code}'"));
        let number = code.unwrap_or("NULL");
        sql += &format!(
            "INSERT INTO sms_codes VALUES ('{phone}', {text}, {number}, {expires}, '{course}', NULL);"
        );
    }
    sql
}

fn judge(asked: &Asked) -> Reply {
    assert_eq!(asked.line, "POST /verify HTTP/1.1");
    let body: Value = serde_json::from_slice(&asked.body).unwrap();
    let mut codes = CODES.iter().filter(|(phone, ..)| body["phone"] == *phone).peekable();
    if codes.peek().is_none() {
        return Reply::Json(404, String::new());
    }
    let is_right = codes
        .any(|(_, code, minutes, _)| *minutes > 0 && code.is_some_and(|code| body["code"] == code));
    Reply::Json(200, json!({ "valid": is_right }).to_string())
}
