//! The client's side of a shell without any input or output.
//!
//! Operations go in by [`Session::submit`], bytes from the server by [`Session::receive`]; out come
//! bytes for the server and completions. A shell does one command after the other, so answers come
//! in the order of the questions. Must not open a socket or look at a clock.

use super::{
    answer::{entries, find, refusal},
    command::{Encoding, call, encode, framed, plain, prelude},
};
use crate::push::{
    path::{RelativePath, printable},
    target::{
        Completion, Features, Handle, Operation, Refusal, RefusalKind, Reply, Ticket,
        transport::Outbox,
    },
};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    time::Duration,
};

/// Bytes of one write or read: a prompt of 15 s goes in two.
const CHUNK_BYTES: u32 = 128 * 1024;
/// What the target can do; see [`Features`].
pub(super) const FEATURES: Features = Features {
    atomic_replace: true,
    max_write_bytes: CHUNK_BYTES as usize,
    max_read_bytes: CHUNK_BYTES,
    window_bytes: 16 * CHUNK_BYTES as usize,
    max_in_flight: 256,
    max_open_files: 64,
    connections: 1,
    round_trip: Duration::ZERO,
};
/// Most bytes that a login shell may say before the first answer.
const MAX_NOISE_BYTES: usize = 64 * 1024;
/// Most bytes of one answer: a folder of half a million names.
const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// The other side does not answer as a shell does.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Violation {
    /// Endless talk before the first answer.
    #[error("the server's login shell prints without end instead of running commands: `{0}`")]
    Noise(String),
    /// An answer without end.
    #[error("the server's shell sends an answer of more than {MAX_ANSWER_BYTES} bytes")]
    Long,
    /// An answer to nothing, or without a status.
    #[error("the server's shell sends an answer that was not asked for")]
    Unasked,
    /// The functions could not be defined.
    #[error("the server's shell is no POSIX shell: `{0}`")]
    Foreign(String),
}

/// The client's side of a shell.
#[derive(Debug)]
pub(super) struct Session {
    mark: String,
    end: Vec<u8>,
    root: Vec<u8>,
    at_root: Option<Refusal>,
    encoding: Encoding,
    ready: bool,
    outgoing: Vec<u8>,
    inbox: Vec<u8>,
    scanned: usize,
    pending: VecDeque<Pending>,
    handles: HashMap<Handle, OpenFile>,
    next_handle: u64,
    /// Folders that were asked whether they are in the file system of the target.
    same_disk: HashSet<RelativePath>,
    done: VecDeque<Completion>,
}

/// What the next answer is for.
#[derive(Debug)]
enum Pending {
    Prelude,
    Enter,
    EnterMade(Ticket),
    Settled(Ticket, Result<Reply, Refusal>),
    Status(Ticket),
    Entries(Ticket),
    Attributes(Ticket),
    Bytes(Ticket),
    Open(Ticket, OpenFile),
    Ignored,
}

#[derive(Debug, Clone)]
struct OpenFile {
    path: Vec<u8>,
    /// Bytes that were appended so far.
    sent_bytes: u64,
    /// For a file that is written over: what it says as far as this push knows.
    content: Option<Vec<u8>>,
}

impl Session {
    /// A session whose paths are relative to `root` on the server.
    pub(super) fn new(root: &[u8]) -> Self {
        let mut random = [0; 16];
        openssl::rand::rand_bytes(&mut random).expect("the system has random bytes");
        let mark = format!("ivrkit-{:032x}", u128::from_be_bytes(random));
        let mut session = Self {
            end: format!("\n{mark} ").into_bytes(),
            root: plain(root),
            at_root: None,
            encoding: Encoding::Octal,
            ready: false,
            outgoing: Vec::new(),
            inbox: Vec::new(),
            scanned: 0,
            pending: VecDeque::new(),
            handles: HashMap::new(),
            next_handle: 0,
            same_disk: HashSet::from([RelativePath::root()]),
            done: VecDeque::new(),
            mark,
        };
        // The first mark ends what the login shell says.
        session.send(b"true", Pending::Ignored);
        let functions = prelude(&session.mark);
        session.send(functions.as_bytes(), Pending::Prelude);
        let enter = session.enter();
        session.send(&enter, Pending::Enter);
        session
    }

    /// Whether the shell answered and the folder was looked for.
    pub(super) fn is_ready(&self) -> bool {
        self.ready
    }

    /// What came before the first answer, as far as it was kept.
    pub(super) fn noise(&self) -> &[u8] {
        if self.ready { b"" } else { &self.inbox }
    }

    /// Moves what is to be sent to the end of `outbox`.
    pub(super) fn take_outgoing(&mut self, outbox: &mut Outbox) {
        outbox.append(&self.outgoing);
        self.outgoing.clear();
    }

    /// Whether an answer is waited for.
    pub(super) fn is_waiting(&self) -> bool {
        !self.pending.is_empty()
    }

    /// How many operations ended that nobody took yet.
    pub(super) fn completions(&self) -> usize {
        self.done.len()
    }

    /// The next operation that ended.
    pub(super) fn next_completion(&mut self) -> Option<Completion> {
        self.done.pop_front()
    }

    /// Begins an operation.
    pub(super) fn submit(&mut self, ticket: Ticket, operation: Operation) {
        if let Err(refusal) = self.begin(ticket, operation) {
            self.pending.push_back(Pending::Settled(ticket, Err(refusal)));
        }
        self.settle();
    }

    /// Takes bytes from the server.
    pub(super) fn receive(&mut self, bytes: &[u8]) -> Result<(), Violation> {
        self.inbox.extend_from_slice(bytes);
        while let Some((length, status, next)) = self.next_answer()? {
            let text = self.inbox[..length].to_vec();
            self.inbox.drain(..next);
            self.scanned = 0;
            let pending = self.pending.pop_front().ok_or(Violation::Unasked)?;
            self.take_answer(pending, text, status)?;
            self.settle();
        }
        let greeted = !matches!(self.pending.front(), Some(Pending::Ignored));
        match self.inbox.len() {
            length if greeted && length > MAX_ANSWER_BYTES => Err(Violation::Long),
            length if !greeted && length > MAX_NOISE_BYTES => {
                Err(Violation::Noise(printable(&self.inbox[..80])))
            }
            _ => Ok(()),
        }
    }

    /// Length of the answer in front, its status, and where the next one begins.
    fn next_answer(&mut self) -> Result<Option<(usize, u8, usize)>, Violation> {
        let Some(at) = find(&self.inbox[self.scanned..], &self.end) else {
            self.scanned = self.inbox.len().saturating_sub(self.end.len());
            return Ok(None);
        };
        let length = self.scanned + at;
        let rest = &self.inbox[length + self.end.len()..];
        let Some(line) = rest.iter().position(|byte| *byte == b'\n') else {
            return if rest.len() > 3 { Err(Violation::Unasked) } else { Ok(None) };
        };
        let status = str::from_utf8(&rest[..line]).ok().and_then(|status| status.parse().ok());
        let status = status.ok_or(Violation::Unasked)?;
        Ok(Some((length, status, length + self.end.len() + line + 1)))
    }

    fn begin(&mut self, ticket: Ticket, operation: Operation) -> Result<(), Refusal> {
        if let Operation::MakeFolder(path) = &operation
            && path == &RelativePath::root()
        {
            let make = call("mkdir -p", &[&self.root]);
            let enter = [&make[..], b" && ", &self.enter()].concat();
            self.send(&enter, Pending::EnterMade(ticket));
            return Ok(());
        }
        if let Some(refusal) = &self.at_root {
            return Err(refusal.clone());
        }
        match operation {
            Operation::List(folder) => {
                self.send_call("list", &[&name(&folder)], Pending::Entries(ticket));
            }
            Operation::MakeFolder(path) => {
                self.send_call("mkdir", &[&name(&path)], Pending::Status(ticket));
            }
            Operation::RemoveFolder(path) => {
                self.send_call("rmdir", &[&name(&path)], Pending::Status(ticket));
            }
            Operation::Remove(path) => {
                self.send_call("remove", &[&name(&path)], Pending::Status(ticket));
            }
            Operation::Create(path) => self.open("create", &path, None, ticket),
            Operation::Open(path) => self.open("readable", &path, None, ticket),
            Operation::Reopen(path) => self.open("small", &path, Some(Vec::new()), ticket),
            Operation::Write { file, offset_bytes, bytes } => {
                self.write(file, offset_bytes, &bytes, ticket)?;
            }
            Operation::Read { file, offset_bytes, length_bytes } => {
                self.read(file, offset_bytes, length_bytes, ticket)?;
            }
            Operation::SetTime { file, modified_s } => {
                let (path, time) = (self.file(file)?.path.clone(), modified_s.to_string());
                self.send_call("set_time", &[&path, time.as_bytes()], Pending::Status(ticket));
            }
            Operation::Sync(file) => {
                let path = self.file(file)?.path.clone();
                self.send_call("settle", &[&path], Pending::Status(ticket));
            }
            Operation::Inspect(file) => {
                let path = self.file(file)?.path.clone();
                self.send_call("inspect", &[&path], Pending::Attributes(ticket));
            }
            Operation::Look(path) => {
                self.send_call("look", &[&name(&path)], Pending::Attributes(ticket));
            }
            Operation::Close(file) => {
                self.handles.remove(&file);
                self.pending.push_back(Pending::Settled(ticket, Ok(Reply::Done)));
            }
            Operation::Replace { from, to } => self.replace(&from, &to, ticket),
            Operation::RenameFolder { from, to } => {
                let (from, to) = (name(&from), name(&to));
                self.send_call("rename_folder", &[&from, &to], Pending::Status(ticket));
            }
            Operation::Space => {
                return Err(Refusal::new(RefusalKind::Unsupported, "the server does not tell"));
            }
        }
        Ok(())
    }

    fn enter(&self) -> Vec<u8> {
        call("enter", &[&self.root])
    }

    fn open(
        &mut self,
        function: &str,
        path: &RelativePath,
        content: Option<Vec<u8>>,
        ticket: Ticket,
    ) {
        let open = OpenFile { path: name(path), sent_bytes: 0, content };
        let path = open.path.clone();
        self.send_call(function, &[&path], Pending::Open(ticket, open));
    }

    fn write(
        &mut self,
        file: Handle,
        offset_bytes: u64,
        bytes: &[u8],
        ticket: Ticket,
    ) -> Result<(), Refusal> {
        let text = encode(bytes, self.encoding);
        let open = self.handles.get_mut(&file).ok_or_else(closed)?;
        let path = open.path.clone();
        if let Some(content) = &mut open.content {
            if offset_bytes != 0 || bytes.len() < content.len() {
                return Err(Refusal::new(
                    RefusalKind::Unsupported,
                    "only whole files are rewritten",
                ));
            }
            let before = std::mem::replace(content, bytes.to_vec());
            let arguments: [&[u8]; 3] = [&path, &before, text.as_bytes()];
            self.send_call("rewrite", &arguments, Pending::Status(ticket));
            return Ok(());
        }
        if open.sent_bytes != offset_bytes {
            return Err(Refusal::new(
                RefusalKind::Unsupported,
                "files are written from the start on",
            ));
        }
        open.sent_bytes += bytes.len() as u64;
        self.send_call("append", &[&path, text.as_bytes()], Pending::Status(ticket));
        Ok(())
    }

    /// A shell's tools read from a multiple of a length, or from a byte counted from 1.
    fn read(
        &mut self,
        file: Handle,
        offset_bytes: u64,
        length_bytes: u32,
        ticket: Ticket,
    ) -> Result<(), Refusal> {
        let path = self.file(file)?.path.clone();
        let length = u64::from(length_bytes.max(1));
        let (function, numbers) = if offset_bytes.is_multiple_of(length) {
            ("part", [length, offset_bytes / length])
        } else {
            ("tail_part", [offset_bytes + 1, length])
        };
        let [one, two] = numbers.map(|number| number.to_string());
        let arguments: [&[u8]; 3] = [&path, one.as_bytes(), two.as_bytes()];
        self.send_call(function, &arguments, Pending::Bytes(ticket));
        Ok(())
    }

    /// `mv` would copy to another file system, and a copy can be met half done.
    fn replace(&mut self, from: &RelativePath, to: &RelativePath, ticket: Ticket) {
        let folder = to.parent().unwrap_or_default();
        if !self.same_disk.contains(&folder) {
            self.send_call("same_disk", &[&name(&folder)], Pending::Ignored);
            self.same_disk.insert(folder);
        }
        self.send_call("replace", &[&name(from), &name(to)], Pending::Status(ticket));
    }

    fn send_call(&mut self, function: &str, arguments: &[&[u8]], pending: Pending) {
        self.send(&call(function, arguments), pending);
    }

    fn send(&mut self, text: &[u8], pending: Pending) {
        self.outgoing.extend(framed(text, &self.mark));
        self.pending.push_back(pending);
    }

    fn file(&self, file: Handle) -> Result<&OpenFile, Refusal> {
        self.handles.get(&file).ok_or_else(closed)
    }

    /// Completes what needs no answer and whose turn it is.
    fn settle(&mut self) {
        while let Some(Pending::Settled(..)) = self.pending.front() {
            if let Some(Pending::Settled(ticket, outcome)) = self.pending.pop_front() {
                self.done.push_back((ticket, outcome));
            }
        }
    }

    fn take_answer(
        &mut self,
        pending: Pending,
        text: Vec<u8>,
        status: u8,
    ) -> Result<(), Violation> {
        let outcome = if status == 0 { Ok(text) } else { Err(refusal(&text)) };
        let (ticket, outcome) = match pending {
            Pending::Ignored | Pending::Settled(..) => return Ok(()),
            Pending::Prelude => return self.take_abilities(&outcome),
            Pending::Enter => {
                self.at_root = outcome.err();
                self.ready = true;
                return Ok(());
            }
            Pending::EnterMade(ticket) => {
                if outcome.is_ok() {
                    self.at_root = None;
                }
                (ticket, outcome.map(|_| Reply::Done))
            }
            Pending::Status(ticket) => (ticket, outcome.map(|_| Reply::Done)),
            Pending::Bytes(ticket) => (ticket, outcome.map(Reply::Bytes)),
            Pending::Entries(ticket) => {
                let mark = self.mark.as_bytes();
                (ticket, outcome.map(|text| Reply::Entries(entries(&text, mark))))
            }
            Pending::Attributes(ticket) => {
                let found = outcome.map(|text| entries(&text, self.mark.as_bytes()).pop());
                let nothing = || Refusal::new(RefusalKind::Failure, "the server does not tell");
                let found = found.and_then(|found| found.ok_or_else(nothing));
                (ticket, found.map(|entry| Reply::Attributes(entry.attributes)))
            }
            Pending::Open(ticket, mut open) => {
                let reply = outcome.map(|text| {
                    open.content = open.content.map(|_| text);
                    self.next_handle += 1;
                    self.handles.insert(Handle(self.next_handle), open);
                    Reply::Opened(Handle(self.next_handle))
                });
                (ticket, reply)
            }
        };
        self.done.push_back((ticket, outcome));
        Ok(())
    }

    fn take_abilities(&mut self, outcome: &Result<Vec<u8>, Refusal>) -> Result<(), Violation> {
        self.encoding = match outcome.as_ref().map(|text| text.trim_ascii()) {
            Ok(b"base64") => Encoding::Base64,
            Ok(b"octal") => Encoding::Octal,
            Ok(text) => return Err(Violation::Foreign(printable(&text[..text.len().min(200)]))),
            Err(refusal) => return Err(Violation::Foreign(refusal.reason.clone())),
        };
        Ok(())
    }
}

fn name(path: &RelativePath) -> Vec<u8> {
    plain(path.as_bytes())
}

fn closed() -> Refusal {
    Refusal::new(RefusalKind::Failure, "the file is not open")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A session that was greeted, with `answers` to what it asks then; `MARK` stands for its mark.
    fn check(answers: &[&str], expected: Result<usize, &Violation>) {
        let mut session = Session::new(b"/srv");
        let mark = session.mark.clone();
        let greeting = "noise\nMARK 0\nbase64\n\nMARK 0\n\nMARK 0\n";
        session.receive(greeting.replace("MARK", &mark).as_bytes()).unwrap();
        assert!(session.is_ready());
        session.submit(Ticket(1), Operation::List(RelativePath::root()));
        let mut received = Ok(());
        for answer in answers {
            let answer = answer.replace("MARK", &mark);
            // However the bytes are cut, the same comes out.
            for part in answer.as_bytes().chunks(7) {
                received = received.and_then(|()| session.receive(part));
            }
        }
        let done = std::iter::from_fn(|| session.next_completion()).count();
        assert_eq!(received.as_ref().map(|()| done), expected, "{answers:?}");
    }

    #[test]
    fn answers_are_taken_in_order_and_odd_ones_are_refused() {
        check(&["81a4 1 2 ./x/MARK\n\nMARK 0\n"], Ok(1));
        check(&["no such folder\nMARK 1\n"], Ok(1));
        check(&["\nMARK "], Ok(0));
        check(&["\nMARK x\n"], Err(&Violation::Unasked));
        check(&["\nMARK 12345"], Err(&Violation::Unasked));
        check(&["\nMARK 0\n", "\nMARK 0\n"], Err(&Violation::Unasked));
    }

    #[test]
    fn endless_answers_end() {
        let mut session = Session::new(b"/srv");
        let talk = vec![b'x'; 1024];
        let ended = (0..100).find_map(|_| session.receive(&talk).err());
        assert!(matches!(ended, Some(Violation::Noise(_))));
        let mut session = Session::new(b"/srv");
        let greeting = format!("\n{} 0\n", session.mark);
        session.receive(greeting.as_bytes()).unwrap();
        let talk = vec![b'x'; 1024 * 1024];
        let ended = (0..100).find_map(|_| session.receive(&talk).err());
        assert_eq!(ended, Some(Violation::Long));
    }

    #[test]
    fn files_are_written_from_the_start_on() {
        let mut session = Session::new(b"/srv");
        let write = Operation::Write { file: Handle(7), offset_bytes: 0, bytes: vec![1] };
        session.ready = true;
        session.pending.clear();
        session.submit(Ticket(1), write);
        let (_, outcome) = session.next_completion().unwrap();
        assert_eq!(outcome.unwrap_err().reason, "the file is not open");
    }
}
