//! Where prompts go: the few operations that a push needs of a folder, near or far.
//!
//! Operations are submitted under a [`Ticket`] and complete in any order, so that a far target can
//! have many under way at once; a push costs round trips per batch, not per file. What makes a push
//! atomic and safe is built from these operations in `publish`, once for every target. A target
//! must not decide anything: no retries, no names of its own.

pub mod directory;
pub mod sftp;
pub mod shell;
pub mod transport;

use super::path::RelativePath;
use std::time::Duration;

/// A folder that prompts are pushed to.
pub trait Target: Send {
    /// Where it is, as a person would write it; never with a password.
    fn location(&self) -> String;

    /// What it can do.
    fn features(&self) -> Features;

    /// Begins an operation. It may be under way at once or wait for [`Target::complete`].
    fn submit(&mut self, ticket: Ticket, operation: Operation);

    /// Begins operations of which the later ones may rely on the earlier.
    fn submit_in_order(&mut self, operations: Vec<(Ticket, Operation)>) {
        for (ticket, operation) in operations {
            self.submit(ticket, operation);
        }
    }

    /// Waits for the next operation to end, in any order.
    ///
    /// # Errors
    /// When the target as a whole is lost. A refused operation is no error of the target: its
    /// refusal comes with its ticket.
    fn complete(&mut self) -> Result<Completion, Error>;

    /// From now on interrupts are ignored and the whole rest must be done within `limit`: for
    /// clearing up.
    fn begin_cleanup(&mut self, limit: Duration);

    /// Tells how many files and bytes are about to be written, so that a far target can open more
    /// connections meanwhile. A target that has only one way there does nothing.
    fn prepare(&mut self, _files: usize, _bytes: u64) {}

    /// What a script of the POSIX shell prints that runs in the target folder and only reads;
    /// `None` where there is no shell, or one that may see another folder. Nothing may be under way.
    ///
    /// # Errors
    /// When the target as a whole is lost.
    fn shell(&mut self, _script: &str) -> Result<Option<Vec<u8>>, Error> {
        Ok(None)
    }
}

/// Names one operation that is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// How one operation ended.
pub type Completion = (Ticket, Result<Reply, Refusal>);

/// What a target can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Features {
    /// Whether [`Operation::Replace`] puts a file in the place of another in one step. Without it,
    /// `Replace` may be refused when the name is taken.
    pub atomic_replace: bool,
    /// Most bytes of one [`Operation::Write`].
    pub max_write_bytes: usize,
    /// Most bytes of one [`Operation::Read`].
    pub max_read_bytes: u32,
    /// Bytes of writes and reads that may be under way at once.
    pub window_bytes: usize,
    /// Operations that may be under way at once.
    pub max_in_flight: usize,
    /// Files that may be open at once.
    pub max_open_files: usize,
    /// Ways there that carry bytes side by side: a large file is sent in ranges over all of them.
    pub connections: usize,
    /// How long a round trip takes, about.
    pub round_trip: Duration,
}

/// A file that is open at the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Handle(pub u64);

/// What can be asked of a target. Paths are relative to the target folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// What stands in a folder: [`Reply::Entries`].
    List(RelativePath),
    /// Makes a folder; refused when the name is taken. The root makes the folders above it too.
    MakeFolder(RelativePath),
    /// Removes an empty folder.
    RemoveFolder(RelativePath),
    /// Removes a file or link.
    Remove(RelativePath),
    /// Makes a file for writing, readable by all; refused when the name is taken:
    /// [`Reply::Opened`].
    Create(RelativePath),
    /// Opens a file for reading: [`Reply::Opened`].
    Open(RelativePath),
    /// Opens a file for writing without cutting it: [`Reply::Opened`].
    Reopen(RelativePath),
    /// Writes bytes at an offset.
    Write {
        /// The file.
        file: Handle,
        /// Where the bytes go.
        offset_bytes: u64,
        /// At most [`Features::max_write_bytes`].
        bytes: Vec<u8>,
    },
    /// Reads bytes at an offset: [`Reply::Bytes`], fewer than asked for if the target likes, none
    /// at the end.
    Read {
        /// The file.
        file: Handle,
        /// Where to begin.
        offset_bytes: u64,
        /// At most [`Features::max_read_bytes`].
        length_bytes: u32,
    },
    /// Sets the time of modification in seconds since 1970 and makes the file readable by all.
    SetTime {
        /// The file.
        file: Handle,
        /// Seconds since 1970.
        modified_s: u32,
    },
    /// Waits until the bytes are on the disk, where the target can promise that; else does nothing.
    Sync(Handle),
    /// Size and time of an open file: [`Reply::Attributes`].
    Inspect(Handle),
    /// Kind, size and time of what has a name, links not followed: [`Reply::Attributes`].
    Look(RelativePath),
    /// Closes a file; a write that fails late fails here.
    Close(Handle),
    /// Gives a file another name, in place of what has that name: see
    /// [`Features::atomic_replace`].
    Replace {
        /// The present name.
        from: RelativePath,
        /// The new name.
        to: RelativePath,
    },
    /// Gives a folder another name; refused when a folder that is not empty has it.
    RenameFolder {
        /// The present name.
        from: RelativePath,
        /// The new name.
        to: RelativePath,
    },
    /// Room in the file system: [`Reply::Space`], or refused as unsupported.
    Space,
}

impl Operation {
    /// Bytes that this takes of the window.
    pub fn window_bytes(&self) -> usize {
        match self {
            Self::Write { bytes, .. } => bytes.len(),
            Self::Read { length_bytes, .. } => *length_bytes as usize,
            _ => 0,
        }
    }

    /// The open file that this is about, if it is about one.
    pub fn open_file(&self) -> Option<Handle> {
        match self {
            Self::Write { file, .. }
            | Self::Read { file, .. }
            | Self::SetTime { file, .. }
            | Self::Sync(file)
            | Self::Inspect(file)
            | Self::Close(file) => Some(*file),
            _ => None,
        }
    }

    /// As [`Operation::open_file`], to be changed by a target that knows it by another number.
    pub fn open_file_mut(&mut self) -> Option<&mut Handle> {
        match self {
            Self::Write { file, .. }
            | Self::Read { file, .. }
            | Self::SetTime { file, .. }
            | Self::Sync(file)
            | Self::Inspect(file)
            | Self::Close(file) => Some(file),
            _ => None,
        }
    }
}

/// What an operation brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// It is done.
    Done,
    /// The file is open.
    Opened(Handle),
    /// Bytes read; none at the end of the file.
    Bytes(Vec<u8>),
    /// Size, time and kind.
    Attributes(Attributes),
    /// What stands in a folder, without `.` and `..`.
    Entries(Vec<Entry>),
    /// Room in the file system.
    Space(Space),
}

/// One name in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// As the target wrote it; may be hostile.
    pub name: Vec<u8>,
    /// The thing itself, not what a link leads to.
    pub attributes: Attributes,
}

/// Kind, size and time of what stands under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attributes {
    /// What it is.
    pub kind: Kind,
    /// Size in bytes, if the target says.
    pub size_bytes: Option<u64>,
    /// Time of modification in seconds since 1970, if the target says.
    pub modified_s: Option<u32>,
}

/// What stands under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file, or the target does not say.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A device, socket or pipe.
    Other,
}

/// Room in a file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// Bytes that may still be written.
    pub free_bytes: u64,
    /// Files that may still be made.
    pub free_files: u64,
    /// Whether nothing may be written.
    pub read_only: bool,
}

/// A single operation that the target would not do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Refusal {
    /// Kind of refusal, as far as the target says.
    pub kind: RefusalKind,
    /// What the target said, made printable.
    pub reason: String,
}

/// Why an operation was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// Nothing has that name.
    Missing,
    /// Not allowed.
    Denied,
    /// The name is taken.
    Exists,
    /// No room.
    Full,
    /// The file system is read-only.
    ReadOnly,
    /// The target does not know the operation.
    Unsupported,
    /// The target did not say why.
    Failure,
}

impl Refusal {
    /// A refusal in the words of the target.
    pub fn new(kind: RefusalKind, reason: impl Into<String>) -> Self {
        Self { kind, reason: reason.into() }
    }
}

/// The target as a whole is lost.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The connection ended.
    #[error("the connection was lost: {0}")]
    Lost(String),
    /// Nothing came or went for too long.
    #[error("no answer for {after_s} s; the server or the network stalls (see --timeout-s)")]
    Stalled {
        /// Seconds without a byte.
        after_s: u64,
    },
    /// The other side does not keep to the protocol.
    #[error("{0}")]
    Protocol(String),
    /// The other side does not offer what is needed.
    #[error("{0}")]
    Unsupported(String),
    /// A signal asked the program to end.
    #[error("interrupted")]
    Interrupted,
}
