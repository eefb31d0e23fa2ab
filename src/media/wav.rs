//! WAV files as they are found in the wild: where the sound is, and how it is written.
//!
//! Walks the chunks tolerantly (sizes that a stream could not fill in, odd chunks with and without
//! their pad byte, metadata on either side of the sound) and refuses what cannot be converted
//! without guessing. Must not decode a sample, nor know what any PBX plays: that is `playable`'s.

mod format;
mod kind;

pub use format::{Encoding, Error as FormatError, Format, MAX_CHANNELS, MAX_RATE_HZ, MIN_RATE_HZ};

use kind::Kind;
use std::ops::Range;

/// Sizes from here on are placeholders of writers that could not seek back: 0x7FFFF000 (espeak-ng,
/// sox), 0x7FFFFFFF, 0xFFFFFFFF (ffmpeg) and these less a header.
const PLACEHOLDER_MIN: u32 = 0x7FFF_0000;
/// Another placeholder, round in decimal.
const PLACEHOLDER_ROUND: u32 = 2_000_000_000;
/// Fewer stray bytes than a chunk header has are dropped: a line end added by a transfer, padding.
const CHUNK_HEADER_BYTES: usize = 8;

/// Names that chunks of WAV files have in practice.
const KNOWN: [&[u8; 4]; 14] = [
    b"fmt ", b"data", b"LIST", b"bext", b"cue ", b"fact", b"id3 ", b"ID3 ", b"iXML", b"_PMX",
    b"JUNK", b"PAD ", b"smpl", b"C2PA",
];

/// A WAV file that can be decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wave<'a> {
    /// How a sample is written.
    pub format: Format,
    /// The whole frames of sound, interleaved.
    pub data: &'a [u8],
    /// Where `data` begins in the file, in bytes.
    pub data_offset: usize,
}

/// Why a file cannot be decoded. Offsets are bytes from the start of the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The file has no byte.
    #[error("the file is empty")]
    EmptyFile,
    /// Something else under the name of a WAV.
    #[error("found {found}, expected a RIFF/WAVE file; export the prompt as WAV")]
    NotWave {
        /// What its first bytes say it is.
        found: &'static str,
    },
    /// A chunk before the sound that ends beyond the file.
    #[error("the chunk `{id}` at byte {offset} says {size} bytes, the file has {left} more")]
    Overrun {
        /// The chunk's name.
        id: String,
        /// Where it begins.
        offset: usize,
        /// What it says.
        size: u32,
        /// What is there.
        left: usize,
    },
    /// No `fmt ` chunk.
    #[error("there is no `fmt ` chunk, so rate and encoding are unknown")]
    NoFormat,
    /// Two `fmt ` chunks that differ.
    #[error("a second `fmt ` chunk at byte {offset} contradicts the first")]
    TwoFormats {
        /// Where the second begins.
        offset: usize,
    },
    /// The `fmt ` chunk cannot be used.
    #[error(transparent)]
    Format(#[from] format::Error),
    /// No `data` chunk.
    #[error("there is no `data` chunk, so there is no sound")]
    NoData,
    /// A `data` chunk without one whole frame.
    #[error("the `data` chunk is empty, so there is no sound")]
    EmptyData,
    /// Less sound than the header says.
    #[error(
        "the file is cut off: the `data` chunk says {expected} bytes, {found} are there; fetch it again"
    )]
    Truncated {
        /// What the header says.
        expected: u32,
        /// What is there.
        found: usize,
    },
    /// A second `data` chunk.
    #[error("a second `data` chunk at byte {offset}; which one is the prompt cannot be known")]
    TwoData {
        /// Where it begins.
        offset: usize,
    },
    /// A second WAV file behind the first.
    #[error("a second WAV file begins at byte {offset}; join recordings with a sound editor")]
    TwoFiles {
        /// Where it begins.
        offset: usize,
    },
    /// Bytes behind the sound that are no chunk: the size in the header may be too small.
    #[error(
        "{count} bytes from byte {offset} on belong to no chunk; the `data` size may be too small"
    )]
    Stray {
        /// Where they begin.
        offset: usize,
        /// How many there are.
        count: usize,
    },
}

impl<'a> Wave<'a> {
    /// Finds the sound in the bytes of a WAV file.
    ///
    /// # Errors
    /// Whatever keeps the sound from being decoded whole and without guessing.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        match Kind::of(bytes) {
            Kind::Wave => {}
            Kind::Empty => return Err(Error::EmptyFile),
            Kind::Other(found) => return Err(Error::NotWave { found }),
        }
        let chunks = Chunks::walk(bytes)?;
        let fmt = chunks.fmt.ok_or(Error::NoFormat)?;
        let format = Format::parse(&bytes[fmt])?;
        let data = chunks.data.ok_or(Error::NoData)?;
        let whole_frames = data.len() - data.len() % format.frame_bytes();
        if whole_frames == 0 {
            return Err(Error::EmptyData);
        }
        let data_offset = data.start;
        Ok(Self { format, data: &bytes[data_offset..data_offset + whole_frames], data_offset })
    }

    /// Frames of sound; a frame has one sample of each channel.
    pub fn frames(&self) -> usize {
        self.data.len() / self.format.frame_bytes()
    }
}

/// The two chunks that matter.
#[derive(Default)]
struct Chunks {
    fmt: Option<Range<usize>>,
    data: Option<Range<usize>>,
}

impl Chunks {
    fn walk(bytes: &[u8]) -> Result<Self, Error> {
        let mut found = Self::default();
        let mut at = 12;
        while let Some(chunk) = Chunk::at(bytes, at) {
            let body = found.take(bytes, &chunk)?;
            at = after(bytes, &body);
        }
        found.check_rest(bytes, at)?;
        Ok(found)
    }

    /// Notes a chunk and says where its body is.
    fn take(&mut self, bytes: &[u8], chunk: &Chunk) -> Result<Range<usize>, Error> {
        let offset = chunk.offset;
        match &chunk.id {
            b"data" if self.data.is_some() => Err(Error::TwoData { offset }),
            b"data" => {
                let body = sound(bytes, chunk)?;
                self.data = Some(body.clone());
                Ok(body)
            }
            b"RIFF" if self.data.is_some() => Err(Error::TwoFiles { offset }),
            b"fmt " => {
                let body = chunk.body(bytes)?;
                if self
                    .fmt
                    .as_ref()
                    .is_some_and(|first| bytes[first.clone()] != bytes[body.clone()])
                {
                    return Err(Error::TwoFormats { offset });
                }
                self.fmt = Some(body.clone());
                Ok(body)
            }
            // Metadata behind the sound may be cut off: the sound is whole.
            _ if self.data.is_some() => Ok(chunk.body(bytes).unwrap_or(offset..bytes.len())),
            _ => chunk.body(bytes),
        }
    }

    /// What no chunk claims must be padding, or the header is wrong about the sound's size.
    fn check_rest(&self, bytes: &[u8], at: usize) -> Result<(), Error> {
        let rest = bytes.get(at..).unwrap_or_default();
        let padding = rest.len() < CHUNK_HEADER_BYTES || rest.iter().all(|byte| *byte == 0);
        if padding || self.data.is_none() {
            return Ok(());
        }
        Err(Error::Stray { offset: at, count: rest.len() })
    }
}

/// A chunk header.
struct Chunk {
    id: [u8; 4],
    offset: usize,
    size: u32,
}

impl Chunk {
    /// The chunk that begins at `offset`, if what stands there looks like one.
    fn at(bytes: &[u8], offset: usize) -> Option<Self> {
        let header = bytes.get(offset..offset.checked_add(CHUNK_HEADER_BYTES)?)?;
        let id: [u8; 4] = header[..4].try_into().expect("four bytes");
        let size = u32::from_le_bytes(header[4..].try_into().expect("four bytes"));
        id.iter().all(|byte| (0x20..0x7F).contains(byte)).then_some(Self { id, offset, size })
    }

    fn start(&self) -> usize {
        self.offset + CHUNK_HEADER_BYTES
    }

    fn body(&self, bytes: &[u8]) -> Result<Range<usize>, Error> {
        let left = bytes.len() - self.start();
        let size = usize::try_from(self.size).unwrap_or(usize::MAX);
        if size > left {
            let id = String::from_utf8_lossy(&self.id).into_owned();
            return Err(Error::Overrun { id, offset: self.offset, size: self.size, left });
        }
        Ok(self.start()..self.start() + size)
    }
}

/// Where the next chunk begins: an odd chunk has a pad byte, zero as a rule, but some writers forget
/// it and some put rubbish there.
fn after(bytes: &[u8], body: &Range<usize>) -> usize {
    let padded = body.end + body.len() % 2;
    let pad_byte_is_zero = bytes.get(body.end).is_none_or(|byte| *byte == 0);
    let known = |at| Chunk::at(bytes, at).is_some_and(|chunk| KNOWN.contains(&&chunk.id));
    if pad_byte_is_zero || known(padded) || Chunk::at(bytes, body.end).is_none() {
        return padded;
    }
    body.end
}

/// The extent of the sound, whatever the size field holds.
fn sound(bytes: &[u8], chunk: &Chunk) -> Result<Range<usize>, Error> {
    let rest = &bytes[chunk.start()..];
    if chunk.size == 0 {
        // Zero is what a stream leaves there, and what a file without sound says.
        let silent = rest.len() < CHUNK_HEADER_BYTES || known_chunk(rest, 0).is_some();
        return if silent { Err(Error::EmptyData) } else { streamed(bytes, chunk) };
    }
    match chunk.body(bytes) {
        Ok(body) => Ok(body),
        Err(_) if chunk.size >= PLACEHOLDER_MIN || chunk.size == PLACEHOLDER_ROUND => {
            streamed(bytes, chunk)
        }
        Err(_) => Err(Error::Truncated { expected: chunk.size, found: rest.len() }),
    }
}

/// The extent of sound without a size: to the end of the file, less metadata that ends there.
fn streamed(bytes: &[u8], chunk: &Chunk) -> Result<Range<usize>, Error> {
    let start = chunk.start();
    if let Some(at) = second_file(&bytes[start..]) {
        return Err(Error::TwoFiles { offset: start + at });
    }
    Ok(start..start + sound_end(&bytes[start..]))
}

/// Where a second RIFF header begins. Sixteen bytes do not match by chance.
fn second_file(bytes: &[u8]) -> Option<usize> {
    bytes
        .windows(16)
        .position(|window| window.starts_with(b"RIFF") && window[8..].starts_with(b"WAVEfmt "))
}

/// Where the sound ends: at the first of the known chunks that lead exactly to the end.
fn sound_end(bytes: &[u8]) -> usize {
    const MAX_METADATA_BYTES: usize = 1 << 16;
    let from = bytes.len().saturating_sub(MAX_METADATA_BYTES);
    (from..bytes.len()).find(|at| known_chunk(bytes, *at).is_some()).unwrap_or(bytes.len())
}

/// A chunk of known name at `at` whose followers, if any, lead exactly to the end of the bytes.
fn known_chunk(bytes: &[u8], mut at: usize) -> Option<usize> {
    while at < bytes.len() {
        let chunk = Chunk::at(bytes, at).filter(|chunk| KNOWN.contains(&&chunk.id))?;
        let end = chunk.body(bytes).ok()?.end;
        at = (end + end % 2).min(bytes.len()).max(end);
    }
    Some(at)
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
