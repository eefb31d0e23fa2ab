//! The Yeastar client against a server that answers what a script says, over TCP and TLS.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bench;

use ivrkit_dialplan::{
    scenario::Number,
    verification::{Answer, Direction, Leg},
};
use ivrkit_verifier::{
    config,
    number::PhoneNumber,
    pbx::{
        Pbx as _, Readiness,
        yeastar::{Client, client::ReportAddress},
    },
    shutdown,
};
use openssl::{
    asn1::Asn1Time,
    hash::MessageDigest,
    pkey::PKey,
    rsa::Rsa,
    ssl::{SslAcceptor, SslMethod},
    x509::{X509, X509NameBuilder},
};
use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};
use tempfile::TempDir;

const LOGGED_IN: Say = Say::Json(r#"{"status":"Success","token":"t0ken"}"#);
const DONE: Say = Say::Json(r#"{"status":"Success"}"#);

/// What the server does with a request.
#[derive(Clone, Copy)]
enum Say {
    Json(&'static str),
    Status(&'static str),
    /// Closes the connection without an answer.
    Reset,
    /// Keeps the connection and says nothing.
    Nothing,
}

/// A server that plays its script and remembers what it was asked.
struct Server {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

trait Stream: Read + Write {}
impl<S: Read + Write> Stream for S {}

impl Server {
    fn start(script: &[Say]) -> Self {
        Self::start_with(script, |stream| Some(Box::new(stream)))
    }

    fn start_with(
        script: &[Say],
        accept: impl Fn(TcpStream) -> Option<Box<dyn Stream>> + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, script) = (Arc::clone(&asked), script.to_vec());
        thread::spawn(move || {
            let mut kept: Vec<Box<dyn Stream>> = Vec::new();
            let mut script = script.into_iter();
            for stream in listener.incoming() {
                let Some(mut stream) = accept(stream.unwrap()) else { continue };
                log.lock().unwrap().push(read_request(&mut stream));
                match script.next().unwrap_or(Say::Status("404 Not Found")) {
                    Say::Json(body) => answer(&mut stream, "200 OK", body),
                    Say::Status(status) => answer(&mut stream, status, ""),
                    Say::Reset => {}
                    Say::Nothing => kept.push(stream),
                }
            }
        });
        Self { address, asked }
    }

    /// The endpoints that were asked for, with the token if there was one.
    fn asked(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked.iter().map(|request| request.split(' ').nth(1).unwrap().to_owned()).collect()
    }
}

fn read_request(stream: &mut impl Read) -> String {
    let mut text = Vec::new();
    let mut byte = [0];
    while !text.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count == 1) {
        text.push(byte[0]);
    }
    let head = String::from_utf8(text).unwrap();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().unwrap())
    });
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).unwrap();
    head + std::str::from_utf8(&body).unwrap()
}

fn answer(stream: &mut impl Write, status: &str, body: &str) {
    let length = body.len();
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\nServer: Boa/0.94\r\nConnection: close\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    );
}

/// A client and the folder with its password.
struct Room {
    folder: TempDir,
    client: Arc<Client>,
}

fn pbx_config(folder: &Path, url: &str, tls: &str) -> config::Pbx {
    bench::config(folder, url, &format!("  request_timeout_s: 2\n{tls}")).pbx.unwrap()
}

fn room(url: &str, tls: &str) -> Room {
    let folder = tempfile::tempdir().unwrap();
    let config = pbx_config(folder.path(), url, tls);
    let reports = ReportAddress { port: 8260, path: "hook/s3cret".into(), outside: None };
    Room { client: Arc::new(Client::new(config, reports).unwrap()), folder }
}

fn leg() -> Leg {
    Leg::new("7.43")
}

fn ivr(number: &str) -> Number {
    Number::new(number).unwrap()
}

/// Transfers once after a login; compares the answer and what the server was asked.
async fn check(script: &[Say], expected: Result<(), Answer>, asked: &[&str]) {
    let server = Server::start(&[&[LOGGED_IN], script].concat());
    let room = room(&format!("http://{}", server.address), "");
    let answer = room.client.transfer(Direction::Outbound, &leg(), &ivr("6502")).await;
    assert_eq!(answer, expected);
    let expected: Vec<String> = std::iter::once("/api/v1.1.0/login".to_owned())
        .chain(asked.iter().map(|path| format!("/api/v1.1.0/{path}")))
        .collect();
    assert_eq!(server.asked(), expected);
}

const TRANSFER: &str = "outbound/transfer_number?token=t0ken";

#[tokio::test]
async fn requests_say_what_became_of_them() {
    check(&[DONE], Ok(()), &[TRANSFER]).await;
    check(&[Say::Reset], Err(Answer::Unsure), &[TRANSFER]).await;
    check(&[Say::Nothing], Err(Answer::Unsure), &[TRANSFER]).await;
    check(&[Say::Status("500 Oops")], Err(Answer::Unsure), &[TRANSFER]).await;
    check(&[Say::Status("502 Oops")], Err(Answer::Unsure), &[TRANSFER]).await;
    check(&[Say::Json("<html>")], Err(Answer::Unsure), &[TRANSFER]).await;
    let refused = |errno| match errno {
        10007 => r#"{"status":"Failed","errno":"10007"}"#,
        10015 => r#"{"status":"Failed","errno":"10015"}"#,
        10012 => r#"{"status":"Failed","errno":10012}"#,
        _ => r#"{"status":"Failed","errno":"20010"}"#,
    };
    check(&[Say::Json(refused(10007))], Err(Answer::NoSuchCall), &[TRANSFER]).await;
    check(&[Say::Json(refused(10015))], Err(Answer::NotYet), &[TRANSFER]).await;
    check(&[Say::Json(refused(20010))], Err(Answer::NotDone), &[TRANSFER]).await;
    check(&[Say::Json(refused(10012))], Err(Answer::Refused { code: 10012 }), &[TRANSFER]).await;
}

#[tokio::test]
async fn a_lost_token_costs_one_login_and_one_repeat() {
    const LOST: Say = Say::Json(r#"{"status":"Failed","errno":"20004"}"#);
    check(&[LOST, LOGGED_IN, DONE], Ok(()), &[TRANSFER, "login", TRANSFER]).await;
    check(&[LOST, LOGGED_IN, LOST], Err(Answer::NotDone), &[TRANSFER, "login", TRANSFER]).await;
}

#[tokio::test]
async fn a_pbx_that_is_not_there_has_not_done_it() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let room = room(&format!("http://{free}"), "");
    let answer = room.client.dial("1", &ivr("6500"), &PhoneNumber::parse("139").unwrap()).await;
    assert_eq!(answer, Err(Answer::NotDone));
}

#[tokio::test]
async fn login_and_dial_send_what_the_api_wants() {
    let server = Server::start(&[LOGGED_IN, Say::Json(r#"{"status":"Success","callid":"7.41"}"#)]);
    let room = room(&format!("http://{}", server.address), "");
    let number = PhoneNumber::parse("139 0000-1111").unwrap();
    assert_eq!(room.client.dial("1", &ivr("6500"), &number).await, Ok("7.41".to_owned()));
    let asked = server.asked.lock().unwrap();
    let body = |at: usize| -> serde_json::Value {
        serde_json::from_str(asked[at].split_once("\r\n\r\n").unwrap().1).unwrap()
    };
    assert!(asked[0].starts_with("POST "));
    let password = ivrkit_verifier::pbx::simulated::DEFAULT_PASSWORD.as_bytes();
    let md5 = openssl::hash::hash(MessageDigest::md5(), password).unwrap();
    let md5 = md5.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    let login = serde_json::json!({
        "username": "ivrkit", "password": md5, "port": "8260", "version": "1.0.2",
        "url": "hook/s3cret", "urltag": "0",
    });
    assert_eq!(body(0), login);
    let dial = serde_json::json!({ "ivrid": "6500", "outto": "13900001111", "fromext": "1000" });
    assert_eq!(body(1), dial);
}

#[tokio::test]
async fn the_older_api_path_is_tried() {
    const UNSUPPORTED: Say = Say::Json(r#"{"status":"Failed","errno":"10003"}"#);
    let server = Server::start(&[UNSUPPORTED, LOGGED_IN, DONE]);
    let room = room(&format!("http://{}", server.address), "");
    assert_eq!(room.client.hang_up(Direction::Inbound, &leg()).await, Ok(()));
    let expected =
        ["/api/v1.1.0/login", "/api/v1.10/login", "/api/v1.10/inbound/hangup?token=t0ken"];
    assert_eq!(server.asked(), expected);
}

/// Waits until the client's readiness is this.
async fn becomes(client: &Client, expected: Readiness) {
    let wait = async { client.readiness().wait_for(|now| *now == expected).await.map(drop) };
    tokio::time::timeout(bench::PATIENCE, wait).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_refused_password_is_sent_once_until_it_is_changed() {
    const REFUSED: Say = Say::Json(r#"{"status":"Failed","errno":"20003"}"#);
    let server = Server::start(&[REFUSED, LOGGED_IN, DONE, DONE, DONE]);
    let room = room(&format!("http://{}", server.address), "");
    let (_trigger, stop) = shutdown::pair();
    let keeper = tokio::spawn(Arc::clone(&room.client).keep_alive(stop));
    becomes(&room.client, Readiness::Refused).await;
    for _ in 0..3 {
        let answer = room.client.hang_up(Direction::Outbound, &leg()).await;
        assert_eq!(answer, Err(Answer::NotDone));
    }
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(server.asked(), ["/api/v1.1.0/login"], "beats must not send it either");
    fs::write(room.folder.path().join("password"), "another").unwrap();
    becomes(&room.client, Readiness::Ready).await;
    keeper.abort();
}

#[tokio::test]
async fn a_lock_stops_all_logins() {
    const LOCKED: Say = Say::Json(r#"{"status":"Failed","errno":"20002"}"#);
    let server = Server::start(&[LOCKED]);
    let room = room(&format!("http://{}", server.address), "");
    for _ in 0..3 {
        assert!(room.client.ivrs().await.is_none());
    }
    assert_eq!(server.asked(), ["/api/v1.1.0/login"]);
    assert_eq!(*room.client.readiness().borrow(), Readiness::Locked);
}

/// A self-signed certificate for `name` and its acceptor.
fn tls(name: &str) -> (SslAcceptor, X509) {
    let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let mut subject = X509NameBuilder::new().unwrap();
    subject.append_entry_by_text("CN", name).unwrap();
    let subject = subject.build();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder.set_subject_name(&subject).unwrap();
    builder.set_issuer_name(&subject).unwrap();
    builder.set_pubkey(&key).unwrap();
    builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::days_from_now(2).unwrap()).unwrap();
    let mut names = openssl::x509::extension::SubjectAlternativeName::new();
    let names = names.ip(name).build(&builder.x509v3_context(None, None)).unwrap();
    builder.append_extension(names).unwrap();
    let authority = openssl::x509::extension::BasicConstraints::new().ca().build().unwrap();
    builder.append_extension(authority).unwrap();
    builder.sign(&key, MessageDigest::sha256()).unwrap();
    let certificate = builder.build();
    let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).unwrap();
    acceptor.set_private_key(&key).unwrap();
    acceptor.set_certificate(&certificate).unwrap();
    (acceptor.build(), certificate)
}

fn fingerprint(certificate: &X509) -> String {
    let digest = certificate.digest(MessageDigest::sha256()).unwrap();
    digest.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
}

/// Whether a client with these TLS settings lets itself be served; `files` are put beside it.
async fn tls_check(name: &str, settings: impl Fn(&X509, &Path) -> String) -> Result<(), Answer> {
    let (acceptor, certificate) = tls(name);
    let server = Server::start_with(&[LOGGED_IN, DONE], move |stream| {
        acceptor.accept(stream).ok().map(|stream| Box::new(stream) as Box<dyn Stream>)
    });
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("pem"), certificate.to_pem().unwrap()).unwrap();
    let tls = settings(&certificate, folder.path());
    let room = room(&format!("https://{}", server.address), &tls);
    let answer = room.client.hang_up(Direction::Outbound, &leg()).await;
    assert_eq!(
        server.asked().is_empty(),
        answer.is_err(),
        "the password is not told to a stranger"
    );
    answer
}

#[tokio::test]
async fn certificates_are_pinned_or_signed_and_never_just_accepted() {
    let pinned = |certificate: &X509, _: &Path| {
        format!("  tls: {{ fingerprint: \"{}\" }}", fingerprint(certificate))
    };
    let other = |_: &X509, _: &Path| format!("  tls: {{ fingerprint: {} }}", "ab".repeat(32));
    let signed =
        |_: &X509, folder: &Path| format!("  tls: {{ ca_file: {} }}", folder.join("pem").display());
    assert_eq!(tls_check("127.0.0.1", pinned).await, Ok(()));
    assert_eq!(tls_check("192.0.2.1", pinned).await, Ok(()), "the name does not matter");
    assert_eq!(tls_check("127.0.0.1", other).await, Err(Answer::NotDone));
    assert_eq!(tls_check("127.0.0.1", signed).await, Ok(()));
    assert_eq!(tls_check("192.0.2.1", signed).await, Err(Answer::NotDone), "another's name");
    assert_eq!(tls_check("127.0.0.1", |_, _| String::new()).await, Err(Answer::NotDone));
    let open = |_: &X509, _: &Path| "  tls: { insecure: true }".to_owned();
    assert_eq!(tls_check("127.0.0.1", open).await, Ok(()));
}
