//! Databases and services that fail: each question has an answer in time, and no failure is a
//! verdict.

use super::{
    databases::{Kind, PASSWORD, Server},
    service::{Asked, Reply, Service},
    site::{QUERY, Site, prepared, question, say},
};
use ivrkit_verifier::lookup::{Failure, Lookup};
use std::{
    fs,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

const CALLEE: &str = "13900001111";
const RIGHT: &str = "482913";

async fn ask(lookup: &dyn Lookup) -> String {
    say(lookup, &question(CALLEE, RIGHT)).await
}

#[track_caller]
fn begins(said: &str, expected: &str) {
    assert!(said.starts_with(expected), "{said}\nexpected {expected}");
}

/// A statement that takes so many seconds where the callee is the slow one.
fn slow(kind: Kind, seconds: f64) -> String {
    let sleep = if kind == Kind::Postgres { "pg_sleep" } else { "sleep" };
    match kind {
        Kind::Postgres => format!(
            "SELECT c.code FROM sms_codes c, (SELECT {sleep}(CASE WHEN :digits = '1' THEN \
             {seconds} ELSE 0 END)) s WHERE c.phone = :callee"
        ),
        Kind::MariaDb => format!(
            "SELECT c.code FROM sms_codes c JOIN (SELECT {sleep}(IF(:digits = '1', {seconds}, 0)) \
             AS s) z WHERE c.phone = :callee AND z.s IS NOT NULL"
        ),
    }
}

/// Stops, kills and starts the server between and during questions.
async fn survives_restarts(mut site: Site) {
    let kind = site.server().kind;
    let lookup = site.lookup(QUERY, "timeout_s: 5");
    assert_eq!(ask(&*lookup).await, "right");
    // Restarted between two questions: the second one does not notice.
    for kill in [false, true] {
        if kill {
            site.server().kill();
        } else {
            site.server().stop();
        }
        site.server().start_again();
        assert_eq!(ask(&*lookup).await, "right", "killed: {kill}");
    }
    // Gone for a while.
    site.server().kill();
    let begin = Instant::now();
    begins(&ask(&*lookup).await, "again: ");
    begins(&ask(&*lookup).await, "again: ");
    assert!(begin.elapsed() < Duration::from_secs(5), "a closed port is known at once");
    let checked = lookup.check(&[None]).await;
    assert!(matches!(checked, Err(Failure::Passing(_))), "the server may start later: {checked:?}");
    site.server().start_again();
    assert_eq!(ask(&*lookup).await, "right");
    // Killed while it looks up.
    let lookup = site.lookup(&slow(kind, 20.0), "timeout_s: 30");
    let waiting = {
        let lookup = Arc::clone(&lookup);
        tokio::spawn(async move { say(&*lookup, &question(CALLEE, "1")).await })
    };
    until_asked(site.server(), 1).await;
    site.server().kill();
    begins(&waiting.await.unwrap(), "again: ");
    site.server().start_again();
    assert_eq!(ask(&*lookup).await, "right");
}

/// Waits until so many statements of ours run on the server.
async fn until_asked(server: &Server, count: u32) {
    let begin = Instant::now();
    while running(server) != count {
        assert!(begin.elapsed() < Duration::from_secs(30), "{count} statements run");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn running(server: &Server) -> u32 {
    let count = match server.kind {
        Kind::Postgres => {
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'ivrkit' AND state = 'active'"
        }
        Kind::MariaDb => {
            "SELECT count(*) FROM information_schema.processlist WHERE user = 'ivrkit' AND \
             command = 'Execute'"
        }
    };
    server.sql(count).parse().unwrap()
}

fn connected(server: &Server) -> u32 {
    let count = match server.kind {
        Kind::Postgres => "SELECT count(*) FROM pg_stat_activity WHERE usename = 'ivrkit'",
        Kind::MariaDb => {
            "SELECT count(*) FROM information_schema.processlist WHERE user = 'ivrkit'"
        }
    };
    server.sql(count).parse().unwrap()
}

/// A question that takes too long is given up by both sides.
async fn gives_up_slow_questions(site: &mut Site) {
    let kind = site.server().kind;
    let lookup = site.lookup(&slow(kind, 30.0), "timeout_s: 1, connections: 2");
    assert_eq!(ask(&*lookup).await, "right");
    let begin = Instant::now();
    let said = say(&*lookup, &question(CALLEE, "1")).await;
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    begins(&said, "again: ");
    assert_eq!(ask(&*lookup).await, "right");
    until_asked(site.server(), 0).await;
}

/// Many questions share few connections.
async fn shares_connections(site: &mut Site) {
    let kind = site.server().kind;
    let lookup = site.lookup(&slow(kind, 0.2), "timeout_s: 20, connections: 2");
    let asked: Vec<_> = (0..12)
        .map(|_| {
            let lookup = Arc::clone(&lookup);
            tokio::spawn(async move { say(&*lookup, &question(CALLEE, "1")).await })
        })
        .collect();
    until_asked(site.server(), 2).await;
    assert!(connected(site.server()) <= 2, "no more connections than allowed");
    for said in asked {
        assert_eq!(said.await.unwrap(), "wrong");
    }
}

/// More connections than the server allows are asked for again; a wrong password, database or right
/// is told and not repeated.
async fn tells_refusals(site: &mut Site) {
    let section = site.section(QUERY, "");
    let checked = async |section: &str| {
        let lookup = prepared(section).unwrap();
        match lookup.check(&[None]).await {
            Ok(_) => "fine".to_owned(),
            Err(Failure::Passing(why)) => format!("again: {why}"),
            Err(Failure::Lasting(why)) => format!("never: {why}"),
        }
    };
    assert_eq!(checked(&section).await, "fine");
    let wrong = site.server().path("wrong");
    fs::write(&wrong, "wrong horse").unwrap();
    let password = site.server().path("password").display().to_string();
    let refused = checked(&section.replace(&password, &wrong.display().to_string())).await;
    begins(&refused, "never: the server said: ");
    assert!(!refused.contains("wrong horse") && !refused.contains(PASSWORD), "{refused}");
    begins(&checked(&section.replace("school", "skool")).await, "never: the server said: ");
    begins(&checked(&section.replace("ivrkit", "nobody")).await, "never: the server said: ");

    let server = site.server();
    let (limit, no_limit) = match server.kind {
        Kind::Postgres => {
            ("ALTER ROLE ivrkit CONNECTION LIMIT 1", "ALTER ROLE ivrkit CONNECTION LIMIT -1")
        }
        Kind::MariaDb => (
            "ALTER USER ivrkit@'%' WITH MAX_USER_CONNECTIONS 1",
            "ALTER USER ivrkit@'%' WITH MAX_USER_CONNECTIONS 0",
        ),
    };
    server.sql(limit);
    let first = prepared(&section).unwrap();
    assert_eq!(ask(&*first).await, "right");
    let second = prepared(&section).unwrap();
    begins(&ask(&*second).await, "again: the server said: ");
    drop(first);
    server.sql(no_limit);
    assert_eq!(ask(&*second).await, "right");

    // The password is another one, and the file has it: no restart is needed.
    let lookup = prepared(&section).unwrap();
    let new = "new horse";
    let kind = site.server().kind;
    site.server().sql(&match kind {
        Kind::Postgres => format!("ALTER ROLE ivrkit PASSWORD '{new}'"),
        Kind::MariaDb => format!("ALTER USER ivrkit@'%' IDENTIFIED BY '{new}'"),
    });
    begins(&ask(&*lookup).await, "never: the server said: ");
    fs::write(&password, new).unwrap();
    assert_eq!(ask(&*lookup).await, "right");
}

/// A table that is gone, or has another shape, while the server runs.
async fn tells_changed_tables(site: &mut Site) {
    let lookup = site.lookup(QUERY, "");
    assert_eq!(ask(&*lookup).await, "right");
    site.server().sql("ALTER TABLE sms_codes RENAME TO sms_old");
    begins(&ask(&*lookup).await, "never: ");
    site.server().sql("ALTER TABLE sms_old RENAME TO sms_codes");
    assert_eq!(ask(&*lookup).await, "right");
    let widen = match site.server().kind {
        Kind::Postgres => "ALTER TABLE sms_codes ALTER COLUMN code TYPE varchar(9)",
        Kind::MariaDb => "ALTER TABLE sms_codes MODIFY code varchar(9)",
    };
    site.server().sql(widen);
    assert_eq!(ask(&*lookup).await, "right");
}

/// TLS by an authority of one's own, sockets, and what is not trusted.
async fn recognises_certificates(site: &mut Site) {
    let section = site.section(QUERY, "timeout_s: 5");
    let server = site.server();
    let with = |tls: &str| section.replace("timeout_s: 5", &format!("timeout_s: 5, tls: {tls}"));
    let said = async |section: String| match prepared(&section) {
        Ok(lookup) => ask(&*lookup).await,
        Err(problem) => problem,
    };
    let ca = |name: &str| format!("{{ ca_file: {} }}", server.path(name).display());
    assert_eq!(said(with(&ca("ca.pem"))).await, "right");
    assert_eq!(said(with(&ca("ca.pem")).replace("127.0.0.1", "localhost")).await, "right");
    let refused = said(with(&ca("other-ca.pem"))).await;
    begins(&refused, "never: ");
    assert!(refused.contains("certificate verify failed"), "{refused}");
    begins(&said(with("{}")).await, "never: ");
    assert_eq!(said(with("{ insecure: true }")).await, "right");
    if server.kind == Kind::Postgres {
        let print = fingerprint(server);
        assert_eq!(said(with(&format!("{{ fingerprint: {print} }}"))).await, "right");
        let other = print.replace(&print[..2], "A5");
        begins(&said(with(&format!("{{ fingerprint: {other} }}"))).await, "never: ");
    }
    let address = format!("address: \"127.0.0.1:{}\"", server.port);
    let socket = format!("socket: {}", server.socket().display());
    assert!(section.contains(&address));
    assert_eq!(said(section.replace(&address, &socket)).await, "right");
    // Nobody is trusted without TLS who was asked for it.
    let plain = match server.kind {
        Kind::Postgres => "ALTER SYSTEM SET ssl = off",
        Kind::MariaDb => return,
    };
    server.sql(plain);
    server.sql("SELECT pg_reload_conf()");
    let begin = Instant::now();
    while said(with(&ca("ca.pem"))).await == "right" {
        assert!(begin.elapsed() < Duration::from_secs(20), "TLS is off");
    }
}

fn fingerprint(server: &Server) -> String {
    let arguments = ["x509", "-noout", "-fingerprint", "-sha256", "-in"];
    let done = std::process::Command::new("openssl")
        .args(arguments)
        .arg(server.path("server.pem"))
        .output()
        .unwrap();
    let said = String::from_utf8(done.stdout).unwrap();
    said.trim().split_once('=').unwrap().1.to_owned()
}

async fn fails_well(kind: Kind) {
    let mut site = Site::of(kind);
    gives_up_slow_questions(&mut site).await;
    shares_connections(&mut site).await;
    tells_changed_tables(&mut site).await;
    recognises_certificates(&mut site).await;
    tells_refusals(&mut site).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_fails_well() {
    fails_well(Kind::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mariadb_fails_well() {
    fails_well(Kind::MariaDb).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_may_be_restarted() {
    survives_restarts(Site::of(Kind::Postgres)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mariadb_may_be_restarted() {
    survives_restarts(Site::of(Kind::MariaDb)).await;
}

/// A number or a code that a statement makes the server complain of is not in our words.
#[tokio::test]
async fn what_was_typed_is_not_in_what_is_told() {
    let site = Site::of(Kind::Postgres);
    let cast = "SELECT code FROM sms_codes WHERE phone = :callee AND expires_at > \
                CAST(CAST(:digits AS text) AS timestamptz)";
    let said = ask(&*site.lookup(cast, "")).await;
    begins(&said, "never: the server said: ");
    assert!(!said.contains(RIGHT) && !said.contains(CALLEE), "{said}");
}

#[tokio::test]
async fn an_sqlite_file_may_be_locked_or_missing() {
    let site = Site::sqlite();
    let Site::Sqlite(folder) = &site else { unreachable!() };
    let path = folder.path().join("school.db");
    let lookup = site.lookup(QUERY, "timeout_s: 0.5");
    assert_eq!(ask(&*lookup).await, "right");
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    begins(&ask(&*lookup).await, "again: ");
    other.execute_batch("COMMIT").unwrap();
    assert_eq!(ask(&*lookup).await, "right");
    fs::rename(&path, folder.path().join("aside")).unwrap();
    begins(&ask(&*site.lookup(QUERY, "")).await, "again: ");
    assert!(!path.exists(), "no empty file is made in its place");
    fs::write(&path, "these are my notes, not a database\n".repeat(100)).unwrap();
    begins(&ask(&*site.lookup(QUERY, "")).await, "never: ");
}

/// A service that answers in turn what it is told to.
fn in_turn(replies: Vec<Option<(u16, &'static str)>>) -> (Service, Arc<Mutex<Vec<Asked>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let (log, at) = (Arc::clone(&asked), AtomicU32::new(0));
    let service = Service::start(move |request| {
        log.lock().unwrap().push(request.clone());
        let at = usize::try_from(at.fetch_add(1, Ordering::Relaxed)).unwrap();
        match replies[at.min(replies.len() - 1)] {
            Some((0, _)) => {
                std::thread::sleep(Duration::from_secs(3));
                Reply::Nothing
            }
            Some((status, body)) => Reply::Json(status, body.to_owned()),
            None => Reply::Nothing,
        }
    });
    (service, asked)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_fails_is_never_right() {
    let replies = vec![
        Some((500, r#"{"valid":true}"#)),
        Some((429, r#"{"valid":true}"#)),
        None,
        Some((0, "")),
        Some((200, "<html>login</html>")),
        Some((401, r#"{"valid":true}"#)),
        Some((302, r#"{"valid":true}"#)),
        Some((200, r#"{"valid":true}"#)),
    ];
    let expected = [
        "again: the service answered 500",
        "again: the service answered 429",
        "again: no answer: ",
        "again: no answer",
        "never: the service's answer is no JSON",
        "never: the service answered 401",
        "never: the service answered 302",
        "right",
    ];
    let (service, asked) = in_turn(replies);
    let site = Site::Http(service);
    let lookup = site.lookup("", "timeout_s: 1");
    for expected in expected {
        begins(&ask(&*lookup).await, expected);
    }
    assert_eq!(asked.lock().unwrap().len(), expected.len(), "each was asked once");
    let Site::Http(service) = site else { unreachable!() };
    let port = service.port;
    drop(service);
    std::thread::sleep(Duration::from_millis(200));
    let begin = Instant::now();
    let said = ask(&*lookup).await;
    begins(&said, "again: no connection: ");
    assert!(begin.elapsed() < Duration::from_secs(2) && port > 0);
}

#[tokio::test]
async fn requests_are_signed_and_carry_secrets_and_a_key() {
    let folder = tempfile::tempdir().unwrap();
    for (name, secret) in [("token", "t0ken-of-the-service"), ("key", "0123456789abcdef")] {
        fs::write(folder.path().join(name), secret).unwrap();
    }
    let (service, asked) = in_turn(vec![Some((200, r#"{"valid":true}"#))]);
    let here = folder.path().display();
    let more = format!(
        "headers: {{ X-School: north }}, secret_headers: {{ Authorization: {{ prefix: \"Bearer \", \
         value_file: {here}/token }} }}, signature: {{ key_file: {here}/key }}"
    );
    let site = Site::Http(service);
    let lookup = site.lookup("", &more);
    assert_eq!(ask(&*lookup).await, "right");
    let asked = asked.lock().unwrap().remove(0);
    let body: serde_json::Value = serde_json::from_slice(&asked.body).unwrap();
    assert_eq!(body["phone"], CALLEE);
    assert_eq!(body["course"], "B");
    assert!(body["now"].is_u64(), "{body}");
    let header = |name: &str| asked.headers[name].as_str();
    assert_eq!(header("authorization"), "Bearer t0ken-of-the-service");
    assert_eq!(header("x-school"), "north");
    assert_eq!(header("idempotency-key"), "5f0c-1");
    let signed = [header("x-ivrkit-timestamp").as_bytes(), b".", asked.body.as_slice()].concat();
    let key = openssl::pkey::PKey::hmac(b"0123456789abcdef").unwrap();
    let digest = openssl::hash::MessageDigest::sha256();
    let mac = openssl::sign::Signer::new(digest, &key).unwrap().sign_oneshot_to_vec(&signed);
    let hex: Vec<String> = mac.unwrap().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(header("x-ivrkit-signature"), format!("sha256={}", hex.concat()));
    let shown = format!("{lookup:?}");
    assert!(!shown.contains("t0ken") && !shown.contains("0123456789"), "{shown}");
}
