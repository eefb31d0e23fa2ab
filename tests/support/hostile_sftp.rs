//! An SFTP server (version 3) that keeps a real folder and misbehaves in one chosen way.
//!
//! It runs in the test; a real sshd passes its sessions on to it, so that everything below SFTP is
//! as always. Facts: draft-ietf-secsh-filexfer-02.

use std::{
    collections::HashMap,
    ffi::OsStr,
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    os::unix::{
        ffi::{OsStrExt as _, OsStringExt as _},
        fs::{FileExt as _, MetadataExt as _, PermissionsExt as _},
    },
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

/// In which way the server misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mischief {
    /// In none.
    None,
    /// Gives one name at a time.
    OneName,
    /// Takes no write of more than 32 KiB.
    ShortWrites,
    /// Refuses to set times and permissions, without a word.
    RefusesAttributes,
    /// Refuses to make files, without a word.
    BareFailure,
    /// Names that lead elsewhere or cannot be names stand in every listing.
    StrangeNames,
    /// Every name is listed twice, with another size.
    DuplicateNames,
    /// Says of an open file that it is a byte longer.
    FalseSize,
    /// Says so in listings only.
    FalseListing,
    /// Answers several requests at once, the last one first.
    Reordered,
    /// Answers a request that nobody made.
    UnaskedAnswer,
    /// Answers every request twice.
    AnswersTwice,
    /// Says that a packet of 4 GB follows.
    HugePacket,
    /// Says that a packet of 0 bytes follows.
    EmptyPacket,
    /// Ends a packet in the middle, and the session with it.
    TruncatedPacket,
    /// Says that a string in an answer is longer than the answer.
    OverlongString,
    /// Gives handles of 100 KB.
    LongHandles,
    /// Never ends a listing.
    EndlessListing,
    /// Ends the session at the third write.
    EndsInTheMiddle,
    /// Answers a read by "all is well".
    StatusForData,
    /// Gives more bytes than were asked for.
    TooMuchData,
    /// Answers no write.
    Stalls,
    /// Answers byte by byte, one each 0.3 s.
    Trickles,
    /// Speaks a version of the future.
    OtherVersion,
}

/// Accepts sessions as long as the test runs: the port, for [`write_subsystem`].
pub(crate) fn serve(mischief: Mischief) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            thread::spawn(move || {
                let reader = stream.try_clone().unwrap();
                let mut server = Server {
                    mischief,
                    reader,
                    stream,
                    held: Vec::new(),
                    writes: 0,
                    ..Server::empty()
                };
                // A session ends in many ways; the client is what is tested.
                let _ended = server.run();
                let _shut = server.stream.shutdown(std::net::Shutdown::Both);
            });
        }
    });
    port
}

/// Writes what `Subsystem sftp` runs to reach the server in the test.
pub(crate) fn write_subsystem(path: &Path, port: u16) {
    let connect = format!("exec 3<>/dev/tcp/127.0.0.1/{port} 4<&0");
    let script = format!("#!/bin/bash\n{connect}\ncat <&4 >&3 &\nexec cat <&3 4<&-\n");
    fs::write(path, script).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

const OK: u32 = 0;
const EOF: u32 = 1;
const NO_SUCH_FILE: u32 = 2;
const FAILURE: u32 = 4;
const UNSUPPORTED: u32 = 8;

enum Open {
    File(File),
    Folder(Vec<(Vec<u8>, Attributes)>),
}

#[derive(Clone, Copy)]
struct Attributes {
    size: u64,
    mode: u32,
    time: u32,
}

impl Attributes {
    fn of(metadata: &fs::Metadata) -> Self {
        let time = u32::try_from(metadata.mtime()).unwrap();
        Self { size: metadata.len(), mode: metadata.mode(), time }
    }

    fn encode(self) -> Vec<u8> {
        let mut bytes = 0xd_u32.to_be_bytes().to_vec();
        bytes.extend(self.size.to_be_bytes());
        bytes.extend(self.mode.to_be_bytes());
        bytes.extend(self.time.to_be_bytes());
        bytes.extend(self.time.to_be_bytes());
        bytes
    }
}

struct Server {
    mischief: Mischief,
    reader: TcpStream,
    stream: TcpStream,
    open: HashMap<Vec<u8>, Open>,
    next: u32,
    held: Vec<Vec<u8>>,
    writes: u32,
}

/// Fields of a request, read from the front.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn u32(&mut self) -> u32 {
        let (number, rest) = self.0.split_first_chunk().unwrap();
        self.0 = rest;
        u32::from_be_bytes(*number)
    }

    fn u64(&mut self) -> u64 {
        (u64::from(self.u32()) << 32) | u64::from(self.u32())
    }

    fn string(&mut self) -> &'a [u8] {
        let length = self.u32() as usize;
        let (string, rest) = self.0.split_at(length);
        self.0 = rest;
        string
    }

    fn path(&mut self) -> PathBuf {
        PathBuf::from(OsStr::from_bytes(self.string()))
    }
}

fn string(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap();
    [&length.to_be_bytes()[..], bytes].concat()
}

impl Server {
    fn empty() -> Self {
        let stream = || {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            TcpStream::connect(listener.local_addr().unwrap()).unwrap()
        };
        Self {
            mischief: Mischief::None,
            reader: stream(),
            stream: stream(),
            open: HashMap::new(),
            next: 0,
            held: Vec::new(),
            writes: 0,
        }
    }

    fn run(&mut self) -> io::Result<()> {
        loop {
            if self.held.len() >= 8 || (!self.held.is_empty() && self.is_quiet()?) {
                for answer in std::mem::take(&mut self.held).into_iter().rev() {
                    self.stream.write_all(&answer)?;
                }
            }
            let mut length = [0; 4];
            self.reader.read_exact(&mut length)?;
            let mut packet = vec![0; u32::from_be_bytes(length) as usize];
            self.reader.read_exact(&mut packet)?;
            let mut fields = Fields(&packet[1..]);
            if packet[0] == 1 {
                self.greet()?;
                continue;
            }
            let id = fields.u32();
            self.answer_request(packet[0], id, &mut fields)?;
        }
    }

    /// Whether the client waits for an answer before it says more.
    fn is_quiet(&self) -> io::Result<bool> {
        self.reader.set_read_timeout(Some(Duration::from_millis(50)))?;
        let quiet = self.reader.peek(&mut [0]).is_err();
        self.reader.set_read_timeout(None)?;
        Ok(quiet)
    }

    fn greet(&mut self) -> io::Result<()> {
        let version = if self.mischief == Mischief::OtherVersion { 2_u32 } else { 3 };
        let mut body = vec![2];
        body.extend(version.to_be_bytes());
        body.extend(string(b"posix-rename@openssh.com"));
        body.extend(string(b"1"));
        self.stream.write_all(&string(&body))
    }

    fn answer_request(&mut self, kind: u8, id: u32, fields: &mut Fields<'_>) -> io::Result<()> {
        match kind {
            3 => self.open_file(id, fields),
            4 => {
                self.open.remove(fields.string());
                self.status(id, OK)
            }
            5 => self.read(id, fields),
            6 => self.write(id, fields),
            8 => self.inspect(id, fields),
            9 | 10 => {
                let refuses = self.mischief == Mischief::RefusesAttributes;
                self.status(id, if refuses { FAILURE } else { OK })
            }
            11 => self.open_folder(id, fields),
            12 => self.read_folder(id, fields),
            13 => self.outcome(id, fs::remove_file(fields.path())),
            14 => self.outcome(id, fs::create_dir(fields.path())),
            15 => self.outcome(id, fs::remove_dir(fields.path())),
            18 => {
                let (from, to) = (fields.path(), fields.path());
                self.outcome(id, fs::rename(from, to))
            }
            200 if fields.string() == b"posix-rename@openssh.com" => {
                let (from, to) = (fields.path(), fields.path());
                self.outcome(id, fs::rename(from, to))
            }
            _ => self.status(id, UNSUPPORTED),
        }
    }

    fn open_file(&mut self, id: u32, fields: &mut Fields<'_>) -> io::Result<()> {
        let (path, flags) = (fields.path(), fields.u32());
        let create = flags & 0x8 != 0;
        if create && self.mischief == Mischief::BareFailure {
            return self.status(id, FAILURE);
        }
        let mut options = OpenOptions::new();
        options.read(flags & 0x1 != 0).write(flags & 0x2 != 0).create_new(create);
        match options.open(path) {
            Ok(file) => self.handle(id, Open::File(file)),
            Err(error) => self.outcome(id, Err(error)),
        }
    }

    fn read(&mut self, id: u32, fields: &mut Fields<'_>) -> io::Result<()> {
        if self.mischief == Mischief::StatusForData {
            return self.status(id, OK);
        }
        let Some(Open::File(file)) = self.open.get(fields.string()) else {
            return self.status(id, FAILURE);
        };
        let (offset, length) = (fields.u64(), fields.u32() as usize);
        let mut bytes = vec![0; length];
        let read = file.read_at(&mut bytes, offset)?;
        bytes.truncate(read);
        if self.mischief == Mischief::TooMuchData {
            bytes.resize(length + 1, b'x');
        }
        if bytes.is_empty() { self.status(id, EOF) } else { self.answer(103, id, &string(&bytes)) }
    }

    fn write(&mut self, id: u32, fields: &mut Fields<'_>) -> io::Result<()> {
        self.writes += 1;
        let handle = fields.string();
        let (offset, bytes) = (fields.u64(), fields.string());
        match self.mischief {
            Mischief::ShortWrites if bytes.len() > 32 * 1024 => return self.status(id, FAILURE),
            Mischief::Stalls => return Ok(()),
            Mischief::EndsInTheMiddle if self.writes > 2 => {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            Mischief::TruncatedPacket => {
                self.stream.write_all(&[0, 0, 0, 20, 101, 0])?;
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            Mischief::HugePacket => return self.stream.write_all(&[0xff, 0xff, 0xff, 0xff, 101]),
            Mischief::EmptyPacket => return self.stream.write_all(&[0; 4]),
            Mischief::UnaskedAnswer => return self.status(0xdead_beef, OK),
            Mischief::OverlongString => {
                return self.answer(102, id, &[0x7f, 0xff, 0xff, 0xff, 1]);
            }
            _ => {}
        }
        let Some(Open::File(file)) = self.open.get(handle) else { return self.status(id, FAILURE) };
        let outcome = file.write_all_at(bytes, offset);
        self.outcome(id, outcome)
    }

    fn inspect(&mut self, id: u32, fields: &mut Fields<'_>) -> io::Result<()> {
        let Some(Open::File(file)) = self.open.get(fields.string()) else {
            return self.status(id, FAILURE);
        };
        let mut found = Attributes::of(&file.metadata()?);
        found.size += u64::from(self.mischief == Mischief::FalseSize);
        self.answer(105, id, &found.encode())
    }

    fn open_folder(&mut self, id: u32, fields: &mut Fields<'_>) -> io::Result<()> {
        let entries = match fs::read_dir(fields.path()) {
            Ok(entries) => entries,
            Err(error) => return self.outcome(id, Err(error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry?;
            let found = Attributes::of(&fs::symlink_metadata(entry.path())?);
            self.list(&mut names, entry.file_name().into_vec(), found);
        }
        if self.mischief == Mischief::StrangeNames {
            names.extend(strange_names());
        }
        self.handle(id, Open::Folder(names))
    }

    fn list(&self, names: &mut Vec<(Vec<u8>, Attributes)>, name: Vec<u8>, found: Attributes) {
        let longer = Attributes { size: found.size + 1, ..found };
        let file = found.mode & 0o170_000 == 0o100_000;
        match self.mischief {
            Mischief::DuplicateNames => names.extend([(name.clone(), longer), (name, found)]),
            Mischief::FalseListing if file => names.push((name, longer)),
            _ => names.push((name, found)),
        }
    }

    fn read_folder(&mut self, id: u32, fields: &mut Fields<'_>) -> io::Result<()> {
        let endless = self.mischief == Mischief::EndlessListing;
        let most = if self.mischief == Mischief::OneName { 1 } else { 100 };
        let next = self.next;
        let Some(Open::Folder(names)) = self.open.get_mut(fields.string()) else {
            return self.status(id, FAILURE);
        };
        let mut given: Vec<_> = names.drain(..names.len().min(most)).collect();
        if endless {
            let file = Attributes { size: 1, mode: 0o100_644, time: 1 };
            given = (0..1000).map(|n| (format!("{next}-{n}").into_bytes(), file)).collect();
            self.next += 1;
        }
        if given.is_empty() {
            return self.status(id, EOF);
        }
        let mut body = u32::try_from(given.len()).unwrap().to_be_bytes().to_vec();
        for (name, found) in given {
            body.extend(string(&name));
            body.extend(string(b"-rw-r--r-- 1 x"));
            body.extend(found.encode());
        }
        self.answer(104, id, &body)
    }

    fn handle(&mut self, id: u32, open: Open) -> io::Result<()> {
        self.next += 1;
        let mut handle = self.next.to_be_bytes().to_vec();
        if self.mischief == Mischief::LongHandles {
            handle.resize(100_000, b'h');
        }
        self.open.insert(handle.clone(), open);
        self.answer(102, id, &string(&handle))
    }

    fn outcome(&mut self, id: u32, outcome: io::Result<()>) -> io::Result<()> {
        let code = match outcome {
            Ok(()) => OK,
            Err(error) if error.kind() == io::ErrorKind::NotFound => NO_SUCH_FILE,
            Err(_) => FAILURE,
        };
        self.status(id, code)
    }

    fn status(&mut self, id: u32, code: u32) -> io::Result<()> {
        self.answer(101, id, &[&code.to_be_bytes()[..], &string(b""), &string(b"")].concat())
    }

    fn answer(&mut self, kind: u8, id: u32, body: &[u8]) -> io::Result<()> {
        let packet = string(&[&[kind], &id.to_be_bytes()[..], body].concat());
        match self.mischief {
            Mischief::Reordered => {
                self.held.push(packet);
                Ok(())
            }
            Mischief::AnswersTwice => self.stream.write_all(&[&packet[..], &packet].concat()),
            Mischief::Trickles => packet.iter().try_for_each(|byte| {
                thread::sleep(Duration::from_millis(300));
                self.stream.write_all(&[*byte])
            }),
            _ => self.stream.write_all(&packet),
        }
    }
}

fn strange_names() -> Vec<(Vec<u8>, Attributes)> {
    let found = |mode| Attributes { size: 7, mode, time: 1 };
    let names: [(&[u8], u32); 12] = [
        (b"..", 0o040_755),
        (b".", 0o040_755),
        (b"", 0o100_644),
        (b"../victim", 0o100_644),
        (b"/etc/passwd", 0o100_644),
        (b"a/../../victim", 0o100_644),
        (b"nul\0byte", 0o100_644),
        (b"\x1b[2Jclear", 0o100_644),
        (b".ivrkit-staging-ended-/../../victim", 0o040_755),
        (b".ivrkit-staging-..", 0o040_755),
        (b"link", 0o120_777),
        (b"socket", 0o140_777),
    ];
    let mut names: Vec<_> =
        names.iter().map(|(name, mode)| (name.to_vec(), found(*mode))).collect();
    names.push((vec![b'l'; 70_000], found(0o100_644)));
    names
}
