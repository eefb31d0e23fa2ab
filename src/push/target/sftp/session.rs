//! The client's side of an SFTP session without any input or output.
//!
//! Operations go in by [`Session::submit`], bytes from the server by [`Session::receive`]; out come
//! bytes for the server in the outbox, and completions. Must not open a socket or look at a clock.

use super::{
    meaning::{attributes, folders_down_to, refusal, space},
    packet::{self, Hello, MAX_PACKET_BYTES, Malformed, OpenMode, Request, Response},
};
use crate::push::{
    path::{RelativePath, printable},
    target::{
        Completion, Entry, Features, Handle, Operation, Refusal, RefusalKind, Reply, Ticket,
        transport::Outbox,
    },
};
use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

/// Bytes of a read or write that every server must take (draft, section 3).
const SAFE_CHUNK_BYTES: u64 = 32 * 1024;
/// Bytes of a read or write that gain nothing more when raised.
const MAX_CHUNK_BYTES: u64 = 128 * 1024;
/// Bytes under way on one session: 2 MiB carry 50 MB/s over 40 ms, and servers take no more.
pub(super) const WINDOW_BYTES: usize = 2 * 1024 * 1024;
/// Requests under way at once on one session.
pub(super) const MAX_IN_FLIGHT: usize = 1024;
/// Files open at once on one session of a server that does not say how many it can.
const SAFE_OPEN_FILES: u64 = 64;
/// Files open at once on one session that gain nothing more when raised.
const MAX_OPEN_FILES: u64 = 256;
/// Readings of one folder under way at once: a server gives about a hundred names each, so that a
/// folder of two thousand comes in one round trip.
const FOLDER_READS: usize = 32;
/// Readings under way before more are begun, until the folder is known to be large: one that is begun
/// for a name that is not there costs a round trip.
const LAST_FOLDER_READS: usize = 4;
/// Most names of one folder that are taken.
const MAX_NAMES: usize = 1_000_000;
/// A prompt is for the PBX to read, whoever it runs as.
const FILE_PERMISSIONS: u32 = 0o644;

/// The other side does not keep to the protocol.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Violation {
    /// Text where the protocol should begin.
    #[error(
        "the server sent text instead of SFTP: `{0}`; its login shell may print a message: silence \
         it for sessions without a terminal"
    )]
    Noise(String),
    /// A packet that cannot be read.
    #[error("the server breaks the SFTP protocol: {0}")]
    Malformed(#[from] Malformed),
    /// An answer that does not fit its request, or none was sent.
    #[error("the server breaks the SFTP protocol: {0}")]
    Answer(&'static str),
    /// An older protocol.
    #[error("the server speaks SFTP version {0}, expected 3 or more")]
    Version(u32),
}

/// The client's side of an SFTP session.
#[derive(Debug)]
pub(super) struct Session {
    root: Vec<u8>,
    outbox: Outbox,
    inbox: Vec<u8>,
    greeted: bool,
    ready: bool,
    extensions: Extensions,
    limits: Limits,
    next_id: u32,
    next_handle: u64,
    pending: HashMap<u32, Pending>,
    listings: HashMap<Ticket, Listing>,
    handles: HashMap<Handle, Vec<u8>>,
    done: VecDeque<Completion>,
}

#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one extension of the server")]
struct Extensions {
    posix_rename: bool,
    statvfs: bool,
    fsync: bool,
    limits: bool,
}

/// Most bytes of a write and a read, and most open files.
#[derive(Debug, Clone, Copy)]
struct Limits {
    write: u64,
    read: u64,
    files: u64,
}

/// What every server must take, until it says what it takes.
const SAFE_LIMITS: Limits =
    Limits { write: SAFE_CHUNK_BYTES, read: SAFE_CHUNK_BYTES, files: SAFE_OPEN_FILES };

/// What the answer to a request is for.
#[derive(Debug)]
enum Pending {
    Limits,
    Status(Ticket),
    /// As `Status`; the server may refuse.
    Tolerated(Ticket),
    /// The answer is of no interest.
    Ignored,
    Open(Ticket),
    Data {
        ticket: Ticket,
        asked_bytes: u32,
    },
    Attributes(Ticket),
    Space(Ticket),
    OpenFolder(Ticket),
    ReadFolder(Ticket),
    /// Folders still to be made, the next one last.
    MakeFolders {
        ticket: Ticket,
        rest: Vec<Vec<u8>>,
    },
}

/// A folder that is being read.
#[derive(Debug, Default)]
struct Listing {
    handle: Vec<u8>,
    entries: Vec<Entry>,
    reads: usize,
    /// Readings that brought names.
    brought: usize,
    ended: bool,
    refused: Option<Refusal>,
}

impl Session {
    /// A session whose paths are relative to `root` on the server; the outbox holds the hello.
    pub(super) fn new(root: Vec<u8>) -> Self {
        let mut outbox = Outbox::default();
        packet::encode_hello(&mut outbox.bytes);
        Self {
            root,
            outbox,
            inbox: Vec::new(),
            greeted: false,
            ready: false,
            extensions: Extensions::default(),
            limits: SAFE_LIMITS,
            next_id: 0,
            next_handle: 0,
            pending: HashMap::new(),
            listings: HashMap::new(),
            handles: HashMap::new(),
            done: VecDeque::new(),
        }
    }

    /// Bytes for the server.
    pub(super) fn outbox(&mut self) -> &mut Outbox {
        &mut self.outbox
    }

    /// Whether the server's hello is known, so that operations may be submitted.
    pub(super) fn is_ready(&self) -> bool {
        self.ready
    }

    /// The folder on the server.
    pub(super) fn root(&self) -> &[u8] {
        &self.root
    }

    /// Whether an answer is waited for.
    pub(super) fn is_waiting(&self) -> bool {
        !self.pending.is_empty()
    }

    /// How many operations ended that nobody took yet.
    pub(super) fn completions(&self) -> usize {
        self.done.len()
    }

    /// Whether an answer is waited for or a file is open.
    pub(super) fn is_in_use(&self) -> bool {
        self.is_waiting() || !self.handles.is_empty() || !self.done.is_empty()
    }

    /// What the server can do, once the session is ready; its own limits follow a round trip later.
    pub(super) fn features(&self) -> Features {
        Features {
            atomic_replace: self.extensions.posix_rename,
            max_write_bytes: usize::try_from(self.limits.write).unwrap_or(usize::MAX),
            max_read_bytes: u32::try_from(self.limits.read).unwrap_or(u32::MAX),
            window_bytes: WINDOW_BYTES,
            max_in_flight: MAX_IN_FLIGHT,
            max_open_files: usize::try_from(self.limits.files).unwrap_or(usize::MAX),
            connections: 1,
            round_trip: Duration::ZERO,
        }
    }

    /// The next operation that ended.
    pub(super) fn next_completion(&mut self) -> Option<Completion> {
        self.done.pop_front()
    }

    /// Begins an operation.
    pub(super) fn submit(&mut self, ticket: Ticket, operation: Operation) {
        if let Err(refusal) = self.begin(ticket, operation) {
            self.done.push_back((ticket, Err(refusal)));
        }
    }

    /// Takes bytes from the server.
    pub(super) fn receive(&mut self, bytes: &[u8]) -> Result<(), Violation> {
        let mut inbox = std::mem::take(&mut self.inbox);
        inbox.extend_from_slice(bytes);
        let mut taken = 0;
        while let Some((body, length)) = self.split(&inbox[taken..])? {
            self.take_packet(body)?;
            taken += length;
        }
        inbox.drain(..taken);
        self.inbox = inbox;
        Ok(())
    }

    fn split<'a>(&self, bytes: &'a [u8]) -> Result<Option<(&'a [u8], usize)>, Violation> {
        match packet::split(bytes) {
            Err(_) if !self.greeted => {
                let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
                Err(Violation::Noise(printable(&line[..line.len().min(80)])))
            }
            outcome => Ok(outcome?),
        }
    }

    fn take_packet(&mut self, body: &[u8]) -> Result<(), Violation> {
        if !self.greeted {
            self.greeted = true;
            return self.take_hello(&packet::decode_hello(body)?);
        }
        let (id, response) = packet::decode(body)?;
        let unasked = Violation::Answer("an answer to a request that was not sent");
        let pending = self.pending.remove(&id).ok_or(unasked)?;
        self.take_answer(pending, response)
    }

    fn take_hello(&mut self, hello: &Hello) -> Result<(), Violation> {
        if hello.version < packet::VERSION {
            return Err(Violation::Version(hello.version));
        }
        let has = |name: &[u8], version: &[u8]| {
            hello.extensions.iter().any(|(n, v)| n == name && v == version)
        };
        self.extensions = Extensions {
            posix_rename: has(b"posix-rename@openssh.com", b"1"),
            statvfs: has(b"statvfs@openssh.com", b"2"),
            fsync: has(b"fsync@openssh.com", b"1"),
            limits: has(b"limits@openssh.com", b"1"),
        };
        if self.extensions.limits {
            self.send(&Request::Limits, Pending::Limits);
        }
        self.ready = true;
        Ok(())
    }

    fn take_limits(&mut self, body: &[u8]) {
        let mut body = packet::Fields(body);
        let Ok(_packet) = body.u64() else { return };
        let (Ok(read), Ok(write)) = (body.u64(), body.u64()) else { return };
        let fit = |bytes: u64| match bytes {
            // Zero says that the server knows no limit; the safe size is never too large.
            0 => SAFE_CHUNK_BYTES,
            bytes => bytes.min(MAX_CHUNK_BYTES),
        };
        // A few handles are left for the lock and for folders.
        let files = match body.u64() {
            Ok(open @ 1..) => open.saturating_sub(4).clamp(1, MAX_OPEN_FILES),
            _ => SAFE_OPEN_FILES,
        };
        self.limits = Limits { write: fit(write), read: fit(read), files };
    }

    fn begin(&mut self, ticket: Ticket, operation: Operation) -> Result<(), Refusal> {
        match operation {
            Operation::List(folder) => {
                let path = self.resolve(&folder);
                self.send(&Request::OpenFolder { path: &path }, Pending::OpenFolder(ticket));
            }
            Operation::MakeFolder(path) if path == RelativePath::root() => {
                let rest = folders_down_to(&self.root);
                self.make_next_folder(ticket, rest);
            }
            Operation::MakeFolder(path) => {
                self.send_path(&path, ticket, |path| Request::MakeFolder { path });
            }
            Operation::RemoveFolder(path) => {
                self.send_path(&path, ticket, |path| Request::RemoveFolder { path });
            }
            Operation::Remove(path) => {
                self.send_path(&path, ticket, |path| Request::Remove { path });
            }
            Operation::Create(path) => self.open(&path, OpenMode::CreateNew, ticket),
            Operation::Open(path) => self.open(&path, OpenMode::Read, ticket),
            Operation::Reopen(path) => self.open(&path, OpenMode::Write, ticket),
            Operation::Write { file, offset_bytes, bytes } => {
                let handle = &self.handle(file)?;
                let request = Request::Write { handle, offset_bytes, bytes: &bytes };
                self.send(&request, Pending::Status(ticket));
            }
            Operation::Read { file, offset_bytes, length_bytes } => {
                let handle = &self.handle(file)?;
                let request = Request::Read { handle, offset_bytes, length_bytes };
                self.send(&request, Pending::Data { ticket, asked_bytes: length_bytes });
            }
            Operation::SetTime { file, modified_s } => {
                let handle = &self.handle(file)?;
                let permissions = FILE_PERMISSIONS;
                let request = Request::SetAttributes { handle, permissions, modified_s };
                // Shares without times or permissions exist; the manifest goes by what they say.
                self.send(&request, Pending::Tolerated(ticket));
            }
            Operation::Sync(file) if self.extensions.fsync => {
                let handle = &self.handle(file)?;
                self.send(&Request::Sync { handle }, Pending::Status(ticket));
            }
            Operation::Sync(_) => self.done.push_back((ticket, Ok(Reply::Done))),
            Operation::Inspect(file) => {
                let handle = &self.handle(file)?;
                self.send(&Request::Inspect { handle }, Pending::Attributes(ticket));
            }
            Operation::Look(path) => {
                let path = &self.resolve(&path);
                self.send(&Request::Look { path }, Pending::Attributes(ticket));
            }
            Operation::Close(file) => {
                let handle = &self.handle(file)?;
                self.handles.remove(&file);
                self.send(&Request::Close { handle }, Pending::Status(ticket));
            }
            Operation::Replace { from, to } => {
                let (from, to) = (&self.resolve(&from), &self.resolve(&to));
                let request = if self.extensions.posix_rename {
                    Request::PosixRename { from, to }
                } else {
                    // Either refused when the name is taken, as the draft says, or in one step.
                    Request::Rename { from, to }
                };
                self.send(&request, Pending::Status(ticket));
            }
            Operation::RenameFolder { from, to } => {
                let (from, to) = (&self.resolve(&from), &self.resolve(&to));
                self.send(&Request::Rename { from, to }, Pending::Status(ticket));
            }
            Operation::Space if self.extensions.statvfs => {
                let path = &self.root.clone();
                self.send(&Request::FileSystem { path }, Pending::Space(ticket));
            }
            Operation::Space => {
                return Err(Refusal::new(RefusalKind::Unsupported, "the server does not tell"));
            }
        }
        Ok(())
    }

    fn open(&mut self, path: &RelativePath, mode: OpenMode, ticket: Ticket) {
        let path = &self.resolve(path);
        let request = Request::Open { path, mode, permissions: FILE_PERMISSIONS };
        self.send(&request, Pending::Open(ticket));
    }

    fn send_path(
        &mut self,
        path: &RelativePath,
        ticket: Ticket,
        request: impl FnOnce(&[u8]) -> Request<'_>,
    ) {
        let path = self.resolve(path);
        self.send(&request(&path), Pending::Status(ticket));
    }

    fn send(&mut self, request: &Request<'_>, pending: Pending) {
        let id = self.next_id;
        self.next_id = self.next_id.wrapping_add(1);
        packet::encode(id, request, &mut self.outbox.bytes);
        self.pending.insert(id, pending);
    }

    fn resolve(&self, path: &RelativePath) -> Vec<u8> {
        match path.as_bytes() {
            b"" => self.root.clone(),
            below if self.root.ends_with(b"/") => [&self.root, below].concat(),
            below => [&self.root, &b"/"[..], below].concat(),
        }
    }

    fn handle(&self, file: Handle) -> Result<Vec<u8>, Refusal> {
        let closed = || Refusal::new(RefusalKind::Failure, "the file is not open");
        self.handles.get(&file).cloned().ok_or_else(closed)
    }

    fn make_next_folder(&mut self, ticket: Ticket, mut rest: Vec<Vec<u8>>) {
        match rest.pop() {
            Some(path) => {
                let pending = Pending::MakeFolders { ticket, rest };
                self.send(&Request::MakeFolder { path: &path }, pending);
            }
            None => self.done.push_back((ticket, Ok(Reply::Done))),
        }
    }

    fn take_answer(&mut self, pending: Pending, response: Response) -> Result<(), Violation> {
        match (pending, response) {
            (Pending::Limits, response) => {
                if let Response::Extended(body) = response {
                    self.take_limits(&body);
                }
            }
            (Pending::Ignored, _) => {}
            // A folder above the target may be there already, or be none of our business.
            (Pending::MakeFolders { ticket, rest }, Response::Status { .. })
                if !rest.is_empty() =>
            {
                self.make_next_folder(ticket, rest);
            }
            (Pending::Tolerated(ticket), Response::Status { .. })
            | (
                Pending::Status(ticket) | Pending::MakeFolders { ticket, .. },
                Response::Status { code: 0, .. },
            ) => {
                self.done.push_back((ticket, Ok(Reply::Done)));
            }
            (Pending::Open(ticket), Response::Handle(handle)) => {
                self.next_handle += 1;
                self.handles.insert(Handle(self.next_handle), handle);
                self.done.push_back((ticket, Ok(Reply::Opened(Handle(self.next_handle)))));
            }
            (Pending::Data { ticket, asked_bytes }, Response::Data(bytes)) => {
                if bytes.len() > asked_bytes as usize {
                    return Err(Violation::Answer("more bytes than were asked for"));
                }
                self.done.push_back((ticket, Ok(Reply::Bytes(bytes))));
            }
            (Pending::Data { ticket, .. }, Response::Status { code: 1, .. }) => {
                self.done.push_back((ticket, Ok(Reply::Bytes(Vec::new()))));
            }
            (Pending::Attributes(ticket), Response::Attributes(found)) => {
                self.done.push_back((ticket, Ok(Reply::Attributes(attributes(&found)))));
            }
            (Pending::Space(ticket), Response::Extended(body)) => {
                let space = space(&body)?;
                self.done.push_back((ticket, Ok(Reply::Space(space))));
            }
            (Pending::OpenFolder(ticket), Response::Handle(handle)) => {
                self.listings.insert(ticket, Listing { handle, ..Listing::default() });
                self.read_folder(ticket);
            }
            (Pending::ReadFolder(ticket), response) => self.take_names(ticket, response)?,
            (
                Pending::Status(ticket)
                | Pending::Open(ticket)
                | Pending::Data { ticket, .. }
                | Pending::Attributes(ticket)
                | Pending::Space(ticket)
                | Pending::OpenFolder(ticket)
                | Pending::MakeFolders { ticket, .. },
                Response::Status { code: code @ 1.., message },
            ) => self.done.push_back((ticket, Err(refusal(code, &message)))),
            _ => return Err(Violation::Answer("an answer that does not fit its request")),
        }
        Ok(())
    }

    /// Keeps several readings of a folder under way until it ends.
    fn read_folder(&mut self, ticket: Ticket) {
        let Some(listing) = self.listings.get_mut(&ticket) else { return };
        let is_large = listing.brought >= FOLDER_READS;
        if listing.reads > LAST_FOLDER_READS && !is_large {
            return;
        }
        let missing = FOLDER_READS - listing.reads;
        listing.reads = FOLDER_READS;
        let handle = listing.handle.clone();
        for _ in 0..missing {
            self.send(&Request::ReadFolder { handle: &handle }, Pending::ReadFolder(ticket));
        }
    }

    fn take_names(&mut self, ticket: Ticket, response: Response) -> Result<(), Violation> {
        let gone = Violation::Answer("names of a folder that is not being read");
        let listing = self.listings.get_mut(&ticket).ok_or(gone)?;
        listing.reads -= 1;
        match response {
            // A server without an end, or without a limit, must not hold the push for ever.
            Response::Names(names) if names.is_empty() => listing.ended = true,
            Response::Names(_) if listing.entries.len() > MAX_NAMES => {
                listing.ended = true;
                let reason = format!("the folder has more than {MAX_NAMES} names");
                listing.refused = Some(Refusal::new(RefusalKind::Failure, reason));
            }
            Response::Names(names) => {
                listing.brought += 1;
                listing.entries.extend(
                    names
                        .into_iter()
                        .filter(|(name, _)| name != b"." && name != b"..")
                        .map(|(name, found)| Entry { name, attributes: attributes(&found) }),
                );
            }
            Response::Status { code: 1, .. } => listing.ended = true,
            Response::Status { code, message } => {
                listing.ended = true;
                listing.refused = Some(refusal(code, &message));
            }
            _ => return Err(Violation::Answer("an answer that does not fit its request")),
        }
        if !listing.ended {
            self.read_folder(ticket);
        } else if listing.reads == 0 {
            self.end_listing(ticket);
        }
        Ok(())
    }

    fn end_listing(&mut self, ticket: Ticket) {
        let Some(listing) = self.listings.remove(&ticket) else { return };
        self.send(&Request::Close { handle: &listing.handle }, Pending::Ignored);
        let outcome = listing.refused.map_or(Ok(Reply::Entries(listing.entries)), Err);
        self.done.push_back((ticket, outcome));
    }
}

const _: () = assert!(MAX_CHUNK_BYTES < MAX_PACKET_BYTES as u64);
