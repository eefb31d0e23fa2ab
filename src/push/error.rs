//! What can go wrong with a push, in words for the user.
//!
//! Must not decide what is done about it, beyond what may pass.

use super::{
    location,
    path::RelativePath,
    plan::Conflict,
    source, ssh,
    target::{self, Refusal, RefusalKind},
};
use crate::error::Exit;

/// What can go wrong here.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address cannot be used.
    #[error(transparent)]
    Location(#[from] location::Error),
    /// The local files cannot be used.
    #[error(transparent)]
    Source(#[from] source::Error),
    /// The connection could not be made.
    #[error(transparent)]
    Connect(#[from] ssh::Error),
    /// The target was lost in the middle.
    #[error("cannot push to {location}: {source}")]
    Target {
        /// Where.
        location: String,
        /// Why.
        source: target::Error,
    },
    /// The target folder is not there.
    #[error(
        "cannot push to {location}: there is no such folder; if it is a mounted share, see that it \
         is mounted; --mkdir makes the folder"
    )]
    MissingFolder {
        /// Where.
        location: String,
    },
    /// The target would not do one thing.
    #[error("cannot {doing} {} in {location}: {}", shown(path), said(refusal))]
    Refused {
        /// What was tried.
        doing: &'static str,
        /// Where.
        location: String,
        /// With which name.
        path: RelativePath,
        /// What the target said.
        refusal: Refusal,
    },
    /// A file and a folder want the same name.
    #[error("cannot push to {location}: {source}; remove it or name the prompt otherwise")]
    Conflict {
        /// Where.
        location: String,
        /// What.
        source: Conflict,
    },
    /// The server cannot replace a file in one step.
    #[error(
        "cannot replace {path} in {location} in one step: the server has no posix-rename, so callers \
         could hear nothing for a moment; nothing was changed; --allow-gap accepts that"
    )]
    NoAtomicReplace {
        /// Where.
        location: String,
        /// The first file that was to be replaced.
        path: RelativePath,
    },
    /// Another push works there.
    #[error("cannot push to {location}: another push is at work there ({holder}); try again later")]
    Busy {
        /// Where.
        location: String,
        /// Who.
        holder: String,
    },
    /// More files would be deleted than the user allows.
    #[error(
        "cannot delete {stale} of the {put} files that pushes put in {location}: at most {limit} may \
         go; see with --dry-run that the source is whole; --max-delete or --force allows more; \
         nothing was changed"
    )]
    TooManyDeletions {
        /// Where.
        location: String,
        /// How many are stale.
        stale: usize,
        /// How many pushes put there.
        put: usize,
        /// How many may be deleted.
        limit: usize,
    },
    /// A push that ended after it began to upload.
    #[error(
        "{source}; {published} of {planned} files were published{}, every other is as it was",
        if *.deleted == 0 { String::new() } else { format!(" and {deleted} deleted") }
    )]
    Unfinished {
        /// Why.
        source: Box<Error>,
        /// How many files certainly got their final names.
        published: usize,
        /// How many were to be uploaded.
        planned: usize,
        /// How many stale files were deleted.
        deleted: usize,
    },
    /// Another push took this one for dead.
    #[error(
        "cannot push to {location}: another push took this one for dead and went on in its place; \
         every file there is whole; push again"
    )]
    TakenOver {
        /// Where.
        location: String,
    },
    /// What arrived is not what was sent.
    #[error(
        "{path} is not whole in {location}: it has {} bytes, expected {expected}",
        found.map_or("no known number of".to_owned(), |bytes| bytes.to_string())
    )]
    Incomplete {
        /// Where.
        location: String,
        /// The file.
        path: RelativePath,
        /// Its size there, if it has one.
        found: Option<u64>,
        /// Its size here.
        expected: u64,
    },
}

impl Error {
    /// The exit code this ends a command with.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Unfinished { source, .. } => source.exit(),
            Self::Location(error) => error.exit(),
            Self::Source(error) => error.exit(),
            Self::Connect(error) => error.exit(),
            Self::Target { source: target::Error::Interrupted, .. } => Exit::Interrupted,
            Self::Refused { refusal: Refusal { kind: RefusalKind::Denied, .. }, .. }
            | Self::MissingFolder { .. }
            | Self::Conflict { .. }
            | Self::NoAtomicReplace { .. }
            | Self::TooManyDeletions { .. }
            | Self::Busy { .. } => Exit::Refused,
            Self::Target { .. }
            | Self::Refused { .. }
            | Self::TakenOver { .. }
            | Self::Incomplete { .. } => Exit::Remote,
        }
    }

    pub(super) fn refused(
        doing: &'static str,
        location: String,
        path: RelativePath,
        refusal: Refusal,
    ) -> Self {
        Self::Refused { doing, location, path, refusal }
    }

    /// Whether the same may succeed in a moment: `again` tells that a connection was there before,
    /// so that the address and the login are right.
    pub fn may_pass(&self, again: bool) -> bool {
        match self {
            Self::Unfinished { source, .. } => source.may_pass(again),
            Self::Target { source, .. } => matches!(source, target::Error::Lost(_)),
            Self::Connect(error) => error.may_pass(again),
            _ => false,
        }
    }

    /// Whether the target still answers, so that clearing up makes sense.
    pub(super) fn target_answers(&self) -> bool {
        !matches!(self, Self::Target { source, .. } if *source != target::Error::Interrupted)
    }
}

/// Where a target was lost is filled in by [`push`](super::push).
impl From<target::Error> for Error {
    fn from(source: target::Error) -> Self {
        Self::Target { location: String::new(), source }
    }
}

fn shown(path: &RelativePath) -> String {
    if path == &RelativePath::root() { "the folder".to_owned() } else { path.to_string() }
}

fn said(refusal: &Refusal) -> String {
    match refusal.kind {
        RefusalKind::Full => {
            format!("no space is left there ({refusal})")
        }
        RefusalKind::ReadOnly => format!("the file system there is read-only ({refusal})"),
        RefusalKind::Failure => format!(
            "the server does not say why ({refusal}); a quota, a limit of names or a lost mount on \
             the server would look like this"
        ),
        _ => refusal.to_string(),
    }
}
