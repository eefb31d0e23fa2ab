//! An application server and an API client, as small and as raw as they can be.

use serde_json::{Value, json};
use std::{
    collections::VecDeque,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::timeout,
};

/// Longest time that something is waited for; far longer than it takes.
const PATIENCE: Duration = Duration::from_secs(30);
/// MD5 of the simulator's default password.
const PASSWORD_MD5: &str = "b7da9fa8f19da012cf2d7096091e87f0";

/// What the application answers to a report.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reply {
    Status(u16),
    /// Closes the connection without an answer.
    Close,
}

/// Takes reports on a port of its own.
pub(crate) struct Application {
    address: SocketAddr,
    inbox: Arc<Mutex<Inbox>>,
    server: JoinHandle<()>,
}

#[derive(Default)]
struct Inbox {
    heads: Vec<String>,
    bodies: Vec<String>,
    stalled: usize,
    replies: VecDeque<Reply>,
}

/// Talks to the simulator, one connection for each request.
pub(crate) struct Client {
    address: SocketAddr,
    pub(crate) token: String,
}

/// An HTTP answer as it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: u16,
    head: String,
    pub body: String,
}

/// Waits until something holds.
pub(crate) async fn eventually(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "waited too long until {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

impl Application {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let inbox = Arc::<Mutex<Inbox>>::default();
        let shared = Arc::clone(&inbox);
        let server = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(take(stream, Arc::clone(&shared)));
            }
        });
        Self { address, inbox, server }
    }

    pub(crate) async fn stop(&mut self) {
        self.server.abort();
        let _ = (&mut self.server).await;
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The parameters of a login that sends reports here.
    pub(crate) fn login(&self, version: Option<&str>) -> Value {
        let mut body = json!({"username": "ivrkit", "password": PASSWORD_MD5,
            "port": self.address.port().to_string(), "url": "hook/4c1e", "urltag": "0"});
        if let Some(version) = version {
            body["version"] = version.into();
        }
        body
    }

    /// Answers the next reports so, and later ones with 200.
    pub(crate) fn answer(&self, replies: impl IntoIterator<Item = Reply>) {
        self.inbox.lock().unwrap().replies.extend(replies);
    }

    pub(crate) fn bodies(&self) -> Vec<String> {
        self.inbox.lock().unwrap().bodies.clone()
    }

    /// Request line and headers of each report, with header names in lower case.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.inbox.lock().unwrap().heads.clone()
    }

    /// Connections on which no whole request came.
    pub(crate) fn stalled(&self) -> usize {
        self.inbox.lock().unwrap().stalled
    }

    /// The reports that are JSON.
    pub(crate) fn reports(&self) -> Vec<Value> {
        self.bodies().iter().filter_map(|body| serde_json::from_str(body).ok()).collect()
    }

    /// Waits for a report with this action, or `infos TEXT`.
    pub(crate) async fn wait_for(&self, what: &str) {
        let part = match what.split_once(' ') {
            Some((name, text)) => format!(r#""{name}":"{text}""#),
            None => format!(r#""action":"{what}""#),
        };
        let came = || self.inbox.lock().unwrap().bodies.iter().any(|body| body.contains(&part));
        eventually(what, came).await;
    }
}

impl Drop for Application {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn take(mut stream: TcpStream, inbox: Arc<Mutex<Inbox>>) {
    inbox.lock().unwrap().stalled += 1;
    let Ok((head, body)) = read_message(&mut stream).await else { return };
    let reply = {
        let mut inbox = inbox.lock().unwrap();
        inbox.stalled -= 1;
        inbox.heads.push(head);
        inbox.bodies.push(body);
        inbox.replies.pop_front().unwrap_or(Reply::Status(200))
    };
    if let Reply::Status(status) = reply {
        let answer = format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n");
        let _ = stream.write_all(answer.as_bytes()).await;
    }
}

/// Reads head and body of a request or an answer.
async fn read_message(stream: &mut TcpStream) -> io::Result<(String, String)> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    };
    let head = String::from_utf8(bytes[..head_end].to_vec()).unwrap();
    let head: String = head.lines().enumerate().map(|(at, line)| lower_name(at, line)).collect();
    let length = header(&head, "content-length").map_or(0, |length| length.parse().unwrap());
    while bytes.len() < head_end + length {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    let body = String::from_utf8(bytes[head_end..].to_vec()).unwrap();
    Ok((head, body))
}

fn lower_name(line_index: usize, line: &str) -> String {
    match line.split_once(':') {
        Some((name, value)) if line_index > 0 => format!("{}:{value}\n", name.to_lowercase()),
        _ => format!("{line}\n"),
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    lines.find(|(found, _)| *found == name).map(|(_, value)| value.trim())
}

impl Client {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { address, token: String::new() }
    }

    pub(crate) async fn log_in(&mut self, application: &Application, version: Option<&str>) {
        let answer = self.call("login", &application.login(version)).await;
        self.token = answer["token"].as_str().map(str::to_owned).expect("the login is right");
    }

    pub(crate) fn path(&self, endpoint: &str) -> String {
        format!("/api/v1.1.0/{endpoint}?token={}", self.token)
    }

    /// Calls an endpoint with the token; `null` is an empty body.
    pub(crate) async fn call(&self, endpoint: &str, body: &Value) -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = self.raw("POST", &self.path(endpoint), &body).await;
        assert_eq!(answer.status, 200);
        answer.json()
    }

    pub(crate) async fn raw(&self, method: &str, path: &str, body: &str) -> Answer {
        self.try_raw(method, path, body).await.unwrap()
    }

    pub(crate) async fn try_raw(&self, method: &str, path: &str, body: &str) -> io::Result<Answer> {
        let mut stream = TcpStream::connect(self.address).await?;
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json; charset=utf-8\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        stream.write_all(request.as_bytes()).await?;
        let (head, body) = timeout(PATIENCE, read_message(&mut stream)).await??;
        // `Connection: close` means it.
        let rest = timeout(PATIENCE, stream.read(&mut [0])).await??;
        assert_eq!(rest, 0, "more than one answer: {head}");
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Ok(Answer { status, head, body })
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}
