//! How a push is done, what it tells while it is at work, and what it did.
//!
//! Must not do any of it.

use super::{
    manifest,
    path::RelativePath,
    plan::{Change, DeletionLimit, Plan},
};
use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

/// How a push is done.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is one choice of the user")]
pub struct Options {
    /// Only say what would be done.
    pub dry_run: bool,
    /// Make the target folder if it is not there.
    pub make_folder: bool,
    /// On a server that cannot replace a file in one step, remove the old one first.
    pub allow_gap: bool,
    /// Read back every file of the same size, whatever the manifest says.
    pub verify_remote: bool,
    /// Which files the target's disk must have before they get their names.
    pub sync: SyncMode,
    /// Most bytes of content a second, if there is a limit.
    pub limit_bytes_per_s: Option<u64>,
    /// Whether a shell on the server may be asked what stands there.
    pub shell: bool,
    /// How long to wait for another push to the same target.
    pub wait: Duration,
    /// Publish all files together when the last is staged, and not each as soon as it is.
    pub together: bool,
    /// Delete stale files when everything is published, unless there are more than this.
    pub delete: Option<DeletionLimit>,
    /// How often in a row a connection that was lost is made again in vain.
    pub retries: u32,
    /// Ends the waiting for a lost server when it becomes true.
    pub interrupt: Arc<AtomicBool>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            dry_run: false,
            make_folder: false,
            allow_gap: false,
            verify_remote: false,
            sync: SyncMode::Replaced,
            limit_bytes_per_s: None,
            shell: true,
            wait: Duration::from_mins(2),
            together: false,
            delete: None,
            retries: 4,
            interrupt: Arc::default(),
        }
    }
}

/// Which files the target's disk must have before they get their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncMode {
    /// Those that take the place of another: what was there is never lost to a power cut.
    Replaced,
    /// New ones too.
    All,
    /// None.
    None,
}

impl SyncMode {
    pub(super) fn applies_to(self, change: Change) -> bool {
        match self {
            Self::Replaced => change == Change::Changed,
            Self::All => true,
            Self::None => false,
        }
    }
}

/// What a push did.
#[derive(Debug, Clone)]
pub struct Report {
    /// What there was to do.
    pub plan: Plan,
    /// The stale files that were deleted.
    pub deleted: Vec<RelativePath>,
    /// How often the connection was made again.
    pub reconnections: u32,
    /// How long it took, without reading the source.
    pub duration: Duration,
    /// Why the manifest on the target was not believed, if it was not.
    pub distrust: Option<manifest::Distrust>,
}

/// What happens during a push, for whoever shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<'a> {
    /// Files are read back, to see what is in them.
    ReadingBack {
        /// How many.
        files: usize,
    },
    /// What is to be done is known.
    Planned {
        /// All of it.
        plan: &'a Plan,
    },
    /// Another push holds the target.
    Waiting {
        /// Who.
        holder: String,
    },
    /// The uploads begin, or go on over another connection.
    Uploading {
        /// How many files are still to go.
        files: usize,
        /// Their bytes.
        bytes: u64,
    },
    /// Bytes that the target has.
    Sent {
        /// How many more.
        bytes: u64,
    },
    /// A file was uploaded whole, and waits for its name.
    Staged,
    /// A file got its final name.
    Published {
        /// The name.
        path: &'a RelativePath,
        /// Something had the name before.
        replaces: bool,
        /// Its size in bytes.
        bytes: u64,
    },
    /// A stale file was deleted.
    Deleted {
        /// The name it had.
        path: &'a RelativePath,
    },
    /// The connection was lost, or could not be made, and will be made again.
    Reconnecting {
        /// Why.
        reason: String,
        /// How long until then.
        after: Duration,
    },
}

/// Is told what happens.
pub type Observer<'a> = &'a dyn Fn(Event<'_>);
