//! The bytes of a sound file at any offset: of a file on the disk, read in pieces, or in memory.
//!
//! What a file has when it is opened is all that is ever read of it, so one that grows has an end.
//! Must not know what the bytes mean.

use crate::files;
use std::{
    fs,
    io::{self, Read, Seek, SeekFrom},
    os::unix::fs::FileExt as _,
    path::Path,
};

/// Fewest bytes that are read from a disk at a time.
const WINDOW_BYTES: usize = 16 << 10;

/// The bytes of a sound file.
#[derive(Debug)]
pub struct Input<'a> {
    bytes: Bytes<'a>,
    len: u64,
    /// Where [`Read`] goes on.
    position: u64,
}

#[derive(Debug)]
enum Bytes<'a> {
    Memory(&'a [u8]),
    /// With the piece that was read last, and where it begins.
    Disk {
        file: fs::File,
        window: Vec<u8>,
        window_at: u64,
    },
}

impl<'a> Input<'a> {
    /// Bytes in memory.
    pub fn of(bytes: &'a [u8]) -> Self {
        Self { bytes: Bytes::Memory(bytes), len: bytes.len() as u64, position: 0 }
    }

    /// Opens a file. Folders, devices and pipes are refused before they are opened.
    ///
    /// # Errors
    /// A file that is missing, unreadable, or no file.
    pub fn open(path: &Path) -> Result<Input<'static>, files::Error> {
        let (file, len) = files::open(path)?;
        let bytes = Bytes::Disk { file, window: Vec::new(), window_at: 0 };
        Ok(Input { bytes, len, position: 0 })
    }

    /// How many bytes there are.
    pub fn size(&self) -> u64 {
        self.len
    }

    /// The bytes from `offset` on: `count`, or as many as there are.
    ///
    /// # Errors
    /// The disk's, and [`io::ErrorKind::UnexpectedEof`] of a file that has become shorter.
    pub fn at(&mut self, offset: u64, count: usize) -> io::Result<&[u8]> {
        let left = self.len.saturating_sub(offset);
        let count = usize::try_from(left).map_or(count, |left| left.min(count));
        match &mut self.bytes {
            Bytes::Memory(bytes) => Ok(match usize::try_from(offset) {
                Ok(start) if count > 0 => &bytes[start..start + count],
                _ => &[],
            }),
            Bytes::Disk { file, window, window_at } => {
                let inside = |at: u64, window: &[u8]| {
                    let start = usize::try_from(offset.checked_sub(at)?).ok()?;
                    (window.len() >= start.checked_add(count)?).then_some(start)
                };
                if inside(*window_at, window).is_none() {
                    let wanted = count.max(WINDOW_BYTES);
                    let wanted = usize::try_from(left).map_or(wanted, |left| left.min(wanted));
                    // Whatever goes wrong, an old piece must not pass for the new one.
                    *window_at = offset;
                    window.clear();
                    window.resize(wanted, 0);
                    if let Err(error) = file.read_exact_at(window, offset) {
                        window.clear();
                        return Err(error);
                    }
                }
                let start = inside(*window_at, window).unwrap_or_default();
                Ok(&window[start..start + count])
            }
        }
    }
}

impl Read for Input<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let position = self.position;
        let found = self.at(position, buffer.len())?;
        let count = found.len();
        buffer[..count].copy_from_slice(found);
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for Input<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(from_end) => self.len.checked_add_signed(from_end),
            SeekFrom::Current(further) => self.position.checked_add_signed(further),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &mut Input<'_>, bytes: &[u8]) {
        let end = bytes.len();
        assert_eq!(input.size(), end as u64);
        for (offset, count) in [(0, 12), (5, 40_000), (30_000, 8), (7, 3), (end - 3, 9), (end, 4)] {
            let expected = &bytes[offset..end.min(offset + count)];
            assert_eq!(input.at(offset as u64, count).unwrap(), expected, "{offset}");
        }
        assert_eq!(input.at(u64::MAX, 9).unwrap(), b"");
        input.seek(SeekFrom::End(-5_000)).unwrap();
        let mut rest = Vec::new();
        input.read_to_end(&mut rest).unwrap();
        assert_eq!(rest, &bytes[end - 5_000..]);
        assert!(input.seek(SeekFrom::Current(-1_000_000)).is_err());
    }

    #[test]
    fn files_and_memory_are_read_alike() {
        let bytes: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
        check(&mut Input::of(&bytes), &bytes);
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), &bytes).unwrap();
        check(&mut Input::open(file.path()).unwrap(), &bytes);
    }

    #[test]
    fn a_file_ends_where_it_ended_when_it_was_opened() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), vec![1; 50_000]).unwrap();
        let mut input = Input::open(file.path()).unwrap();
        fs::write(file.path(), vec![2; 60_000]).unwrap();
        assert_eq!(input.at(49_990, 100).unwrap(), [2; 10]);
        file.as_file().set_len(40_000).unwrap();
        assert_eq!(input.at(39_999, 9).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        assert_eq!(input.at(39_999, 1).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        assert_eq!(input.at(10, 1).unwrap(), [2]);
    }
}
