//! A folder on this machine, such as a mounted share.
//!
//! Each operation is done when it is submitted. Must not follow a link out of the folder when it
//! writes: files are made anew and renamed, never opened through what stands there.

use super::{
    Attributes, Completion, Entry, Error, Features, Handle, Kind, Operation, Refusal, RefusalKind,
    Reply, Space, Target, Ticket,
};
use crate::push::path::RelativePath;
use std::{
    collections::{HashMap, VecDeque},
    ffi::OsStr,
    fs::{self, File, FileTimes, Metadata, OpenOptions, Permissions},
    io,
    os::unix::{
        ffi::{OsStrExt as _, OsStringExt as _},
        fs::{
            FileExt as _, FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _,
            PermissionsExt as _,
        },
    },
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

/// Bytes of one write or read; more gains nothing on a local disk.
const CHUNK_BYTES: u32 = 256 * 1024;
/// A prompt is for the PBX to read, whoever it runs as.
const FILE_MODE: u32 = 0o644;

/// A folder on this machine.
#[derive(Debug)]
pub struct Directory {
    root: PathBuf,
    open: HashMap<Handle, File>,
    next_handle: u64,
    done: VecDeque<Completion>,
    interrupt: Option<Arc<AtomicBool>>,
}

impl Directory {
    /// The folder `root`, which need not exist yet; `interrupt` ends the work when it becomes true.
    pub fn new(root: PathBuf, interrupt: Arc<AtomicBool>) -> Self {
        Self {
            root,
            open: HashMap::new(),
            next_handle: 0,
            done: VecDeque::new(),
            interrupt: Some(interrupt),
        }
    }
}

impl Target for Directory {
    fn location(&self) -> String {
        self.root.display().to_string()
    }

    fn features(&self) -> Features {
        Features {
            atomic_replace: true,
            max_write_bytes: CHUNK_BYTES as usize,
            max_read_bytes: CHUNK_BYTES,
            window_bytes: 4 * CHUNK_BYTES as usize,
            max_in_flight: 64,
            max_open_files: 64,
            connections: 1,
            round_trip: Duration::ZERO,
        }
    }

    fn submit(&mut self, ticket: Ticket, operation: Operation) {
        let outcome = self.perform(operation).map_err(|error| refusal(&error));
        self.done.push_back((ticket, outcome));
    }

    fn complete(&mut self) -> Result<Completion, Error> {
        if self.interrupt.as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed)) {
            return Err(Error::Interrupted);
        }
        let nothing = || Error::Protocol("nothing is under way".to_owned());
        self.done.pop_front().ok_or_else(nothing)
    }

    fn begin_cleanup(&mut self, _limit: Duration) {
        self.interrupt = None;
    }
}

impl Directory {
    fn perform(&mut self, operation: Operation) -> io::Result<Reply> {
        match operation {
            Operation::List(folder) => return self.list(&folder).map(Reply::Entries),
            Operation::MakeFolder(path) if path == RelativePath::root() => {
                fs::create_dir_all(&self.root)?;
            }
            Operation::MakeFolder(path) => fs::create_dir(self.resolve(&path))?,
            Operation::RemoveFolder(path) => fs::remove_dir(self.resolve(&path))?,
            Operation::Remove(path) => fs::remove_file(self.resolve(&path))?,
            Operation::Create(path) => {
                let file = OpenOptions::new()
                    .write(true)
                    .create_new(true)
                    .mode(FILE_MODE)
                    .open(self.resolve(&path))?;
                return Ok(self.keep(file));
            }
            Operation::Open(path) => {
                // A pipe put in the place of a prompt must not hold the push up for ever.
                let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOFOLLOW;
                let flags = i32::try_from(flags.bits()).expect("open flags fit in an int");
                let path = self.resolve(&path);
                let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
                return Ok(self.keep(file));
            }
            Operation::Reopen(path) => {
                let file = OpenOptions::new().write(true).open(self.resolve(&path))?;
                return Ok(self.keep(file));
            }
            Operation::Write { file, offset_bytes, bytes } => {
                self.file(file)?.write_all_at(&bytes, offset_bytes)?;
            }
            Operation::Read { file, offset_bytes, length_bytes } => {
                let mut bytes = vec![0; length_bytes as usize];
                let length = self.file(file)?.read_at(&mut bytes, offset_bytes)?;
                bytes.truncate(length);
                return Ok(Reply::Bytes(bytes));
            }
            Operation::SetTime { file, modified_s } => {
                let file = self.file(file)?;
                let time = SystemTime::UNIX_EPOCH + Duration::from_secs(modified_s.into());
                file.set_permissions(Permissions::from_mode(FILE_MODE))?;
                file.set_times(FileTimes::new().set_modified(time))?;
            }
            Operation::Sync(file) => self.file(file)?.sync_all()?,
            Operation::Inspect(file) => {
                return Ok(Reply::Attributes(attributes(&self.file(file)?.metadata()?)));
            }
            Operation::Look(path) => {
                let metadata = fs::symlink_metadata(self.resolve(&path))?;
                return Ok(Reply::Attributes(attributes(&metadata)));
            }
            Operation::Close(file) => drop(self.open.remove(&file)),
            Operation::Replace { from, to } | Operation::RenameFolder { from, to } => {
                fs::rename(self.resolve(&from), self.resolve(&to))?;
            }
            Operation::Space => return self.space().map(Reply::Space),
        }
        Ok(Reply::Done)
    }

    fn resolve(&self, path: &RelativePath) -> PathBuf {
        if path == &RelativePath::root() {
            return self.root.clone();
        }
        self.root.join(Path::new(OsStr::from_bytes(path.as_bytes())))
    }

    fn list(&self, folder: &RelativePath) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(self.resolve(folder))? {
            let entry = entry?;
            match entry.metadata() {
                Ok(metadata) => entries.push(Entry {
                    name: entry.file_name().into_vec(),
                    attributes: attributes(&metadata),
                }),
                // Another program may remove a file while the folder is read.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(entries)
    }

    fn keep(&mut self, file: File) -> Reply {
        self.next_handle += 1;
        let handle = Handle(self.next_handle);
        self.open.insert(handle, file);
        Reply::Opened(handle)
    }

    fn file(&self, handle: Handle) -> io::Result<&File> {
        self.open.get(&handle).ok_or_else(|| io::Error::other("the file is not open"))
    }

    fn space(&self) -> io::Result<Space> {
        let room = rustix::fs::statvfs(&self.root)?;
        Ok(Space {
            free_bytes: room.f_bavail.saturating_mul(room.f_frsize),
            // Some file systems make inodes as they go and say that they have none.
            free_files: if room.f_files == 0 { u64::MAX } else { room.f_favail },
            read_only: room.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY),
        })
    }
}

fn attributes(metadata: &Metadata) -> Attributes {
    let kind = metadata.file_type();
    let special =
        kind.is_fifo() || kind.is_socket() || kind.is_block_device() || kind.is_char_device();
    Attributes {
        kind: match () {
            () if kind.is_dir() => Kind::Folder,
            () if kind.is_symlink() => Kind::Link,
            () if special => Kind::Other,
            () => Kind::File,
        },
        size_bytes: Some(metadata.len()),
        modified_s: u32::try_from(metadata.mtime()).ok(),
    }
}

fn refusal(error: &io::Error) -> Refusal {
    let kind = match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => RefusalKind::Missing,
        io::ErrorKind::PermissionDenied => RefusalKind::Denied,
        io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty => RefusalKind::Exists,
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => RefusalKind::Full,
        io::ErrorKind::ReadOnlyFilesystem => RefusalKind::ReadOnly,
        _ => RefusalKind::Failure,
    };
    Refusal::new(kind, error.to_string())
}
