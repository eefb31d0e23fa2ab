//! A small HTTP service on loopback that answers as a test wants, one thread for each connection.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

/// What was asked.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// The request line.
    pub(crate) line: String,
    /// Headers, their names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

/// What becomes of a request.
pub(crate) enum Reply {
    /// A status and a body of JSON.
    Json(u16, String),
    /// The connection is closed without a word.
    Nothing,
}

/// A running service. Ends with the value.
pub(crate) struct Service {
    pub(crate) port: u16,
    has_ended: Arc<AtomicBool>,
}

impl Service {
    /// Starts on a free port.
    pub(crate) fn start(reply: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_at(0, reply)
    }

    /// Starts on this port.
    pub(crate) fn start_at(
        port: u16,
        reply: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (reply, has_ended) = (Arc::new(reply), Arc::new(AtomicBool::new(false)));
        let ended = Arc::clone(&has_ended);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if ended.load(Ordering::Relaxed) {
                    return;
                }
                let reply = Arc::clone(&reply);
                // A connection that breaks is the asker's to complain about.
                thread::spawn(move || stream.ok().and_then(|stream| serve(stream, &*reply)));
            }
        });
        Self { port, has_ended }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.has_ended.store(true, Ordering::Relaxed);
        // Wakes the listener.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

fn serve(mut stream: TcpStream, reply: &impl Fn(&Asked) -> Reply) -> Option<()> {
    let asked = read(&stream)?;
    match reply(&asked) {
        Reply::Nothing => stream.shutdown(Shutdown::Both).ok(),
        Reply::Json(status, body) => write!(
            stream,
            "HTTP/1.1 {status} x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{body}",
            body.len()
        )
        .ok(),
    }
}

fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut headers = BTreeMap::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim().split_once(": ") else { break };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok())?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Asked { line: line.trim().to_owned(), headers, body })
}
