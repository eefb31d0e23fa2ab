//! A small client of Asterisk's manager interface (AMI): actions, their replies, events.

use super::Login;
use std::{
    collections::VecDeque,
    io::{self, BufRead as _, BufReader, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};

/// The user that the daemon's configuration knows.
pub(crate) const USER: &str = "ivrkit";

/// Longest time for a reply.
const REPLY_LIMIT: Duration = Duration::from_mins(1);

/// A connection that is logged in.
pub(crate) struct Manager {
    stream: BufReader<TcpStream>,
    actions: usize,
    events: VecDeque<Packet>,
    /// Bytes of a line that has not come to its end yet.
    line: Vec<u8>,
    /// Fields of a packet that has not come to its end yet.
    packet: Packet,
}

/// A reply or an event: its fields in their order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Packet(pub(crate) Vec<(String, String)>);

impl Packet {
    /// The first field of that name; empty if there is none.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }
}

impl Manager {
    /// Connects to a daemon; fails while it is still starting.
    pub(crate) fn login(login: &Login) -> io::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", login.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        let mut stream = BufReader::new(stream);
        stream.read_line(&mut String::new())?;
        let mut manager = Self {
            stream,
            actions: 0,
            events: VecDeque::new(),
            line: Vec::new(),
            packet: Packet::default(),
        };
        let fields = [("Username", USER), ("Secret", login.secret.as_str()), ("Events", "off")];
        let reply = manager.request("Login", &fields)?;
        match reply.field("Response") {
            "Success" => Ok(manager),
            _ => Err(io::Error::other(format!("login refused: {}", reply.field("Message")))),
        }
    }

    /// Asks for events of these classes from now on, such as `call,dialplan`.
    pub(crate) fn events(&mut self, classes: &str) {
        self.action("Events", &[("EventMask", classes)]);
    }

    /// Does an action and returns its reply.
    pub(crate) fn action(&mut self, name: &str, fields: &[(&str, &str)]) -> Packet {
        self.request(name, fields).expect("a running daemon replies")
    }

    /// All output lines of a command of the console.
    pub(crate) fn command(&mut self, command: &str) -> Vec<String> {
        let reply = self.action("Command", &[("Command", command)]);
        reply.0.into_iter().filter(|(key, _)| key == "Output").map(|(_, value)| value).collect()
    }

    /// The output of a command of the console as it is, each line with its newline. For a
    /// connection without events: whatever comes before the reply's end is taken for it.
    pub(crate) fn command_bytes(&mut self, command: &str) -> Vec<u8> {
        let request = format!("Action: Command\r\nCommand: {command}\r\n\r\n");
        self.stream.get_mut().write_all(request.as_bytes()).expect("a running daemon listens");
        self.stream.get_ref().set_read_timeout(Some(REPLY_LIMIT)).expect("it is not zero");
        let mut output = Vec::new();
        loop {
            let mut line = Vec::new();
            let length = self.stream.read_until(b'\n', &mut line).expect("a daemon replies");
            assert!(length > 0, "the daemon has closed the connection");
            if line == b"\r\n" {
                return output;
            }
            if let Some(text) = line.strip_prefix(b"Output: ") {
                output.extend_from_slice(text.strip_suffix(b"\r\n").unwrap_or(text));
                output.push(b'\n');
            }
        }
    }

    /// The next event, or nothing if none came by then.
    pub(crate) fn event(&mut self, deadline: Instant) -> Option<Packet> {
        if let Some(event) = self.events.pop_front() {
            return Some(event);
        }
        loop {
            let packet = self.packet(deadline).expect("a running daemon keeps the connection")?;
            if !packet.field("Event").is_empty() {
                return Some(packet);
            }
        }
    }

    pub(super) fn request(&mut self, name: &str, fields: &[(&str, &str)]) -> io::Result<Packet> {
        self.actions += 1;
        let id = format!("action-{}", self.actions);
        let mut lines = vec![format!("Action: {name}\r\nActionID: {id}\r\n")];
        for (key, value) in fields {
            assert!(!value.contains(['\r', '\n']), "a line break in the field {key}");
            lines.push(format!("{key}: {value}\r\n"));
        }
        lines.push("\r\n".to_owned());
        self.stream.get_mut().write_all(lines.concat().as_bytes())?;
        let deadline = Instant::now() + REPLY_LIMIT;
        loop {
            let Some(packet) = self.packet(deadline)? else {
                return Err(io::Error::new(io::ErrorKind::TimedOut, format!("no reply to {name}")));
            };
            if packet.field("Response").is_empty() {
                self.events.push_back(packet);
            } else if packet.field("ActionID") == id {
                return Ok(packet);
            }
        }
    }

    /// The next packet; nothing if it is not whole by then, and its beginning is kept.
    fn packet(&mut self, deadline: Instant) -> io::Result<Option<Packet>> {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let wait = left.max(Duration::from_millis(1));
            self.stream.get_ref().set_read_timeout(Some(wait))?;
            match self.stream.read_until(b'\n', &mut self.line) {
                Ok(_) if !self.line.ends_with(b"\n") => {
                    return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
                }
                Ok(_) => {}
                Err(error) if is_timeout(&error) => return Ok(None),
                Err(error) => return Err(error),
            }
            let line =
                String::from_utf8_lossy(&self.line).trim_end_matches(['\r', '\n']).to_owned();
            self.line.clear();
            if !line.is_empty() {
                let (key, value) = line.split_once(':').unwrap_or((&line, ""));
                let value = value.strip_prefix(' ').unwrap_or(value);
                self.packet.0.push((key.to_owned(), value.to_owned()));
            } else if !self.packet.0.is_empty() {
                return Ok(Some(std::mem::take(&mut self.packet)));
            }
        }
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}
