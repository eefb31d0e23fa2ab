//! WAV files as they are found in the wild: where the sound is, and how it is written.
//!
//! Walks the chunks tolerantly (sizes that a stream could not fill in, odd chunks with and without
//! their pad byte, metadata on either side of the sound) and refuses what cannot be converted
//! without guessing. Must not decode a sample, nor know what any PBX plays: that is `playable`'s.

mod chunk;
mod format;
mod walk;

pub use chunk::Order;
pub use format::{Encoding, Error as FormatError, Format, MAX_CHANNELS, MAX_RATE_HZ, MIN_RATE_HZ};

use super::{input::Input, kind::Kind};
use std::{io, ops::Range};

/// A WAV file in memory that can be decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wave<'a> {
    /// How a sample is written.
    pub format: Format,
    /// The whole frames of sound, interleaved.
    pub data: &'a [u8],
    /// Where `data` begins in the file, in bytes.
    pub data_offset: usize,
}

/// Where the sound of a WAV file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// How a sample is written.
    pub format: Format,
    /// The whole frames of sound, in bytes of the file.
    pub sound: Range<u64>,
    /// The header does not say how much sound there is.
    is_streamed: bool,
}

/// Why a file cannot be decoded. Offsets are bytes from the start of the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The disk failed, or the file became shorter.
    #[error("cannot be read at byte {offset}: {kind}")]
    Read {
        /// Where.
        offset: u64,
        /// Why.
        kind: io::ErrorKind,
    },
    /// The file has no byte.
    #[error("the file is empty; make it again")]
    EmptyFile,
    /// Something else under the name of a WAV.
    #[error("found {found}, expected a RIFF/WAVE file; export the prompt as WAV")]
    NotWave {
        /// What its first bytes say it is.
        found: &'static str,
    },
    /// A chunk before the sound that ends beyond the file.
    #[error(
        "the chunk `{id}` at byte {offset} says {size} bytes, the file has {left} more; fetch it \
         or make it again"
    )]
    Overrun {
        /// The chunk's name.
        id: String,
        /// Where it begins.
        offset: u64,
        /// What it says.
        size: u64,
        /// What is there.
        left: u64,
    },
    /// More chunks than any file has.
    #[error(
        "more than {} chunks, the last at byte {offset}; make the file again",
        walk::MAX_CHUNKS
    )]
    TooManyChunks {
        /// Where the first that is too many begins.
        offset: u64,
    },
    /// The 64-bit sizes of an RF64 file are not all there.
    #[error(
        "the chunk `ds64` at byte {offset} has {found} bytes, expected 28 or more; make the file again"
    )]
    ShortSizes {
        /// Where it begins.
        offset: u64,
        /// Bytes it says.
        found: u64,
    },
    /// No `fmt ` chunk.
    #[error("there is no `fmt ` chunk, so rate and encoding are unknown; make the file again")]
    NoFormat,
    /// Two `fmt ` chunks that differ.
    #[error("a second `fmt ` chunk at byte {offset} contradicts the first; make the file again")]
    TwoFormats {
        /// Where the second begins.
        offset: u64,
    },
    /// The `fmt ` chunk cannot be used.
    #[error("the `fmt ` chunk at byte {offset}: {error}")]
    Format {
        /// Where it begins.
        offset: u64,
        /// Why.
        error: FormatError,
    },
    /// No `data` chunk.
    #[error("there is no `data` chunk, so there is no sound; make the file again")]
    NoData,
    /// A `data` chunk without one whole frame.
    #[error("the `data` chunk is empty, so there is no sound; make the file again")]
    EmptyData,
    /// Less sound than the header says.
    #[error(
        "the file is cut off: the `data` chunk says {expected} bytes, {found} are there; fetch it again"
    )]
    Truncated {
        /// What the header says.
        expected: u64,
        /// What is there.
        found: u64,
    },
    /// A second `data` chunk.
    #[error(
        "a second `data` chunk at byte {offset}; which one is the prompt cannot be known, so save \
         it with a sound editor"
    )]
    TwoData {
        /// Where it begins.
        offset: u64,
    },
    /// A second WAV file behind the first.
    #[error("a second WAV file begins at byte {offset}; join recordings with a sound editor")]
    TwoFiles {
        /// Where it begins.
        offset: u64,
    },
    /// Bytes behind the sound that are no chunk: the size in the header may be too small.
    #[error(
        "{count} bytes from byte {offset} on belong to no chunk; the `data` size may be too \
         small, so save the file with a sound editor"
    )]
    Stray {
        /// Where they begin.
        offset: u64,
        /// How many there are.
        count: u64,
    },
}

impl<'a> Wave<'a> {
    /// Finds the sound in the bytes of a WAV file.
    ///
    /// # Errors
    /// Whatever keeps the sound from being decoded whole and without guessing.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        let mut input = Input::of(bytes);
        let (kind, start) = Kind::of(&mut input).map_err(|error| Error::read(0, &error))?;
        match kind {
            Kind::Wave => {}
            Kind::Empty => return Err(Error::EmptyFile),
            other => return Err(Error::NotWave { found: other.name() }),
        }
        let place = Place::find(&mut input, start)?;
        place.check_single(&mut input)?;
        let offset = |at| usize::try_from(at).unwrap_or(usize::MAX);
        let sound = offset(place.sound.start)..offset(place.sound.end);
        Ok(Self { format: place.format, data_offset: sound.start, data: &bytes[sound] })
    }

    /// Frames of sound; a frame has one sample of each channel.
    pub fn frames(&self) -> usize {
        self.data.len() / self.format.frame_bytes()
    }
}

impl Place {
    /// Finds the sound of the RIFF, RIFX, RF64 or BW64 file that begins at byte `start`, without
    /// reading the sound.
    ///
    /// # Errors
    /// As [`Wave::parse`].
    pub fn find(input: &mut Input<'_>, start: u64) -> Result<Self, Error> {
        let found = walk::walk(input, start)?;
        let fmt = found.fmt.ok_or(Error::NoFormat)?;
        let format = Format::parse(&fmt.body, found.order)
            .map_err(|error| Error::Format { offset: fmt.offset, error })?;
        let data = found.data.ok_or(Error::NoData)?;
        let bytes = data.end - data.start;
        let whole_frames = bytes - bytes % format.frame_bytes() as u64;
        if whole_frames == 0 {
            return Err(Error::EmptyData);
        }
        let sound = data.start..data.start + whole_frames;
        Ok(Self { format, sound, is_streamed: found.is_streamed })
    }

    /// Frames of sound; a frame has one sample of each channel.
    pub fn frames(&self) -> u64 {
        (self.sound.end - self.sound.start) / self.format.frame_bytes() as u64
    }

    /// Looks for a second file in sound whose size the header does not say. Reads all of it.
    ///
    /// # Errors
    /// [`Error::TwoFiles`], and what the disk says.
    pub fn check_single(&self, input: &mut Input<'_>) -> Result<(), Error> {
        if !self.is_streamed {
            return Ok(());
        }
        let second = walk::second_file(input, &self.sound)?;
        second.map_or(Ok(()), |offset| Err(Error::TwoFiles { offset }))
    }
}

impl Error {
    pub(super) fn read(offset: u64, error: &io::Error) -> Self {
        Self::Read { offset, kind: error.kind() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FMT: [u8; 16] = [1, 0, 1, 0, 0x40, 0x1F, 0, 0, 0x80, 0x3E, 0, 0, 2, 0, 16, 0];

    fn file(parts: &[(&[u8; 4], u32, &[u8])]) -> Vec<u8> {
        let mut bytes = b"RIFF\0\0\0\0WAVE".to_vec();
        for (id, size, body) in parts {
            bytes.extend_from_slice(*id);
            bytes.extend_from_slice(&size.to_le_bytes());
            bytes.extend_from_slice(body);
        }
        bytes
    }

    fn check(parts: &[(&[u8; 4], u32, &[u8])], expected: &Result<&[u8], Error>) {
        let bytes = file(parts);
        let found = Wave::parse(&bytes).map(|wave| wave.data);
        assert_eq!(&found, expected, "{parts:?}");
    }

    #[test]
    fn sizes_that_a_stream_left_behind_are_not_believed() {
        for size in [0, 2_000_000_000, 0x7FFF_F000, 0x7FFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFDB] {
            let sound = [7; 600];
            check(&[(b"fmt ", 16, &FMT), (b"data", size, &sound)], &Ok(&sound));
            let list = (b"LIST", 4, b"INFO".as_slice());
            if size != 0 {
                check(&[(b"fmt ", 16, &FMT), (b"data", size, &sound), list], &Ok(&sound));
            }
        }
    }

    #[test]
    fn chunks_stand_anywhere_with_and_without_their_pad_byte() {
        let sound = [9, 1, 8, 2];
        let fmt = (b"fmt ", 16, FMT.as_slice());
        let data = (b"data", 4, sound.as_slice());
        check(&[(b"bext", 3, b"abc\0"), fmt, data], &Ok(&sound));
        check(&[(b"bext", 3, b"abc"), fmt, data], &Ok(&sound));
        check(&[data, fmt], &Ok(&sound));
        check(&[fmt, fmt, data, (b"LIST", 4, b"INFO")], &Ok(&sound));
        check(&[fmt, data, (b"LIST", 400, b"cut off")], &Ok(&sound));
        check(&[fmt, (b"data", 4, b"\x09\x01\x08\x02\0\0\0\0\0\0\0\0")], &Ok(&sound));
    }

    #[test]
    fn what_would_need_guessing_is_refused() {
        let fmt = (b"fmt ", 16, FMT.as_slice());
        let data = (b"data", 4, [9, 1, 8, 2].as_slice());
        check(&[fmt], &Err(Error::NoData));
        check(&[data], &Err(Error::NoFormat));
        check(&[fmt, (b"data", 0, b"")], &Err(Error::EmptyData));
        check(&[fmt, (b"data", 0, b""), (b"LIST", 4, b"INFO")], &Err(Error::EmptyData));
        check(&[fmt, (b"data", 1, b"x")], &Err(Error::EmptyData));
        check(&[fmt, (b"data", 90, b"xy")], &Err(Error::Truncated { expected: 90, found: 2 }));
        check(&[fmt, data, data], &Err(Error::TwoData { offset: 48 }));
        check(&[fmt, data, (b"RIFF", 4, b"WAVE")], &Err(Error::TwoFiles { offset: 48 }));
        check(
            &[fmt, data, (b"\x01\x02\x03\x04", 9, b"")],
            &Err(Error::Stray { offset: 48, count: 8 }),
        );
        let other: &[u8] = &[1, 0, 2, 0, 0x40, 0x1F, 0, 0, 0, 0x7D, 0, 0, 4, 0, 16, 0];
        check(&[fmt, (b"fmt ", 16, other), data], &Err(Error::TwoFormats { offset: 36 }));
        let two = file(&[fmt, (b"data", u32::MAX, &file(&[fmt, data]))]);
        assert_eq!(Wave::parse(&two), Err(Error::TwoFiles { offset: 44 }));
    }
}
