//! Local files: read whole with a limit, written whole or not at all.
//!
//! The only room that opens the files a user names on the command line. Must not know what is in
//! them.

use crate::error::Exit;
use ivrkit_dialplan::source::Source;
use std::{
    fs, io,
    io::{Read as _, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

/// Most bytes of a scenario or configuration; people write kilobytes.
pub const MAX_TEXT_BYTES: u64 = 1 << 20;

/// A local file that could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Reading failed.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A folder or device where a file was expected.
    #[error("cannot read {}: it is {found}, expected a file", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
        /// What stands there.
        found: &'static str,
    },
    /// More bytes than such a file has.
    #[error("cannot read {}: it has more than {limit} bytes, the most that is read", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit in bytes.
        limit: u64,
    },
    /// Not a text in UTF-8.
    #[error("cannot read {}: byte {offset} is not UTF-8; save the file as UTF-8", path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// Offset of the first bad byte, from 0.
        offset: usize,
    },
    /// Somebody else wrote to a file that was read before; it is left as they made it.
    #[error(
        "cannot write {}: it has changed since it was read; nothing was written, run the command \
         again",
        path.display()
    )]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// Writing failed; the old file, if any, is untouched.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Error {
    /// The exit code this ends a command with.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Write { .. } | Self::Changed { .. } => Exit::Output,
            _ => Exit::Input,
        }
    }
}

/// Reads a text file of at most [`MAX_TEXT_BYTES`].
///
/// # Errors
/// See [`read_bytes`]; a text that is not UTF-8.
pub fn read_source(path: &Path) -> Result<Source, Error> {
    read_source_of(path, MAX_TEXT_BYTES)
}

/// Reads a text file of at most `limit` bytes.
///
/// # Errors
/// As [`read_source`].
pub fn read_source_of(path: &Path, limit: u64) -> Result<Source, Error> {
    let bytes = read_bytes(path, limit)?;
    let text = String::from_utf8(bytes).map_err(|error| Error::NotUtf8 {
        path: path.to_owned(),
        offset: error.utf8_error().valid_up_to(),
    })?;
    Ok(Source::new(path.display().to_string(), text))
}

/// Reads a file of at most `limit` bytes. Anything but a regular file is refused before it is
/// opened, so that a FIFO cannot hang the command.
///
/// # Errors
/// A file that is missing, unreadable, too large, or no file.
pub fn read_bytes(path: &Path, limit: u64) -> Result<Vec<u8>, Error> {
    let too_large = || Error::TooLarge { path: path.to_owned(), limit };
    // What is too large is not read first.
    if open(path)?.1 > limit {
        return Err(too_large());
    }
    let bytes = read_start(path, limit + 1)?;
    if bytes.len() as u64 > limit { Err(too_large()) } else { Ok(bytes) }
}

/// Reads at most the first `count` bytes of a file.
///
/// # Errors
/// A file that is missing, unreadable, or no file.
pub fn read_start(path: &Path, count: u64) -> Result<Vec<u8>, Error> {
    let (file, len) = open(path)?;
    // With room for one more, the end is found without growing.
    let expected = usize::try_from(len.min(count)).map_or(0, |bytes| bytes + 1);
    let mut bytes = Vec::with_capacity(expected);
    let read_error = |source| Error::Read { path: path.to_owned(), source };
    file.take(count).read_to_end(&mut bytes).map_err(read_error)?;
    Ok(bytes)
}

/// Whether a file is there and holds exactly these bytes. It is read in pieces.
pub fn holds(path: &Path, bytes: &[u8]) -> bool {
    const PIECE_BYTES: usize = 1 << 16;
    let Ok((mut file, len)) = open(path) else { return false };
    if len != bytes.len() as u64 {
        return false;
    }
    let mut piece = vec![0; PIECE_BYTES.min(bytes.len())];
    bytes.chunks(PIECE_BYTES).all(|expected| {
        let found = &mut piece[..expected.len()];
        file.read_exact(found).is_ok() && found == expected
    })
}

/// Opens a file for reading; gives its size in bytes too. Anything but a regular file is refused
/// before it is opened, and what takes its place in that moment is not waited for.
///
/// # Errors
/// A file that is missing, unreadable, or no file.
pub fn open(path: &Path) -> Result<(fs::File, u64), Error> {
    let read_error = |source| Error::Read { path: path.to_owned(), source };
    check_is_file(path, &fs::metadata(path).map_err(read_error)?)?;
    let without_waiting = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let mut options = fs::OpenOptions::new();
    let file = options.read(true).custom_flags(without_waiting).open(path).map_err(read_error)?;
    let meta = file.metadata().map_err(read_error)?;
    check_is_file(path, &meta)?;
    Ok((file, meta.len()))
}

fn check_is_file(path: &Path, meta: &fs::Metadata) -> Result<(), Error> {
    if meta.is_file() {
        return Ok(());
    }
    let found = if meta.is_dir() { "a folder" } else { "not a regular file" };
    Err(Error::NotAFile { path: path.to_owned(), found })
}

/// Writes a file whole: under a temporary name beside it, then renamed over the old one.
///
/// # Errors
/// [`Error::Write`]; the old file, if any, is untouched then.
pub fn write(path: &Path, contents: &[u8]) -> Result<(), Error> {
    let placed = staged(path, contents)?.persist(path);
    placed.map(|_| ()).map_err(|error| Error::Write { path: path.to_owned(), source: error.error })
}

/// Fails if a file is not as it was when it was read.
///
/// # Errors
/// As [`read_bytes`]; [`Error::Changed`].
pub fn check_unchanged(path: &Path, was: &[u8]) -> Result<(), Error> {
    // One byte more than it had shows that it grew.
    match read_bytes(path, was.len() as u64) {
        Ok(bytes) if bytes == was => Ok(()),
        Ok(_) | Err(Error::TooLarge { .. }) => Err(Error::Changed { path: path.to_owned() }),
        Err(error) => Err(error),
    }
}

/// Writes a file whole in the place of one that was read before, with the same owner, group and
/// permissions. A link must be followed before: it would be replaced.
///
/// # Errors
/// [`Error::Changed`] if it is no longer `was`; [`Error::Write`]. The old file is untouched then.
pub fn replace(path: &Path, was: &[u8], contents: &[u8]) -> Result<(), Error> {
    let write_error = |source| Error::Write { path: path.to_owned(), source: plain(source) };
    // Renaming needs leave to write to the folder only; the file may say otherwise.
    let old = fs::OpenOptions::new().append(true).open(path).map_err(write_error)?;
    let meta = old.metadata().map_err(write_error)?;
    let staged = staged(path, contents)?;
    let new = staged.as_file();
    let made = new.metadata().map_err(write_error)?;
    if (made.uid(), made.gid()) != (meta.uid(), meta.gid()) {
        // Without its group Asterisk may be unable to read it.
        std::os::unix::fs::fchown(new, Some(meta.uid()), Some(meta.gid())).map_err(|error| {
            let text = format!("its owner and group cannot be kept: {error}");
            write_error(io::Error::new(error.kind(), text))
        })?;
    }
    new.set_permissions(meta.permissions()).map_err(write_error)?;
    check_unchanged(path, was)?;
    let placed = staged.persist(path);
    placed.map(|_| ()).map_err(|error| write_error(error.error))
}

/// An error of `tempfile` without the temporary name, which nobody has heard of. The name stands in
/// the error's text alone.
pub(crate) fn plain(error: io::Error) -> io::Error {
    let whole = error.to_string();
    match whole.split_once(" at path \"") {
        Some((reason, _)) => io::Error::new(error.kind(), reason),
        None => error,
    }
}

/// Writes a file whole like [`write()`], unless something has that name already.
///
/// # Errors
/// [`Error::Write`]; nothing was written then.
pub fn write_new(path: &Path, contents: &[u8]) -> Result<(), Error> {
    let placed = staged(path, contents)?.persist_noclobber(path);
    placed.map(|_| ()).map_err(|error| Error::Write { path: path.to_owned(), source: error.error })
}

fn staged(path: &Path, contents: &[u8]) -> Result<tempfile::NamedTempFile, Error> {
    let write_error = |source| Error::Write { path: path.to_owned(), source: plain(source) };
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut file = tempfile::Builder::new()
        .prefix(".ivrkit-")
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
        .tempfile_in(folder)
        .map_err(write_error)?;
    file.write_all(contents).map_err(write_error)?;
    file.as_file().sync_all().map_err(write_error)?;
    Ok(file)
}
