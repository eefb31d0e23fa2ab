//! Asterisk's own way through a WAV header, byte for byte.
//!
//! Facts: `formats/format_wav.c` and `formats/format_wav_gsm.c` of Asterisk 16 and 22, checked
//! against both with `file convert`. The reader skips chunks without their pad byte, takes sizes for
//! signed numbers, looks at few of the `fmt ` fields, and compares the `data` size with the position
//! in the file, so that it stops early by as many bytes as precede the sound.

use crate::media::input::Input;
use std::{io, ops::Range};

/// What the reader will play.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Opened {
    /// The part of the file that is played as 16-bit samples.
    pub(super) played: Range<u64>,
    /// The `data` size in the header.
    pub(super) data_size: u32,
}

/// Where the reader gives up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Stumble {
    #[error("cannot be read: {0}")]
    Read(io::ErrorKind),
    #[error("no RIFF/WAVE header")]
    NoHeader,
    #[error("the header ends before the sound begins")]
    Ends,
    #[error(
        "an odd chunk `{id}` of {size} bytes before the sound, which the PBX reads on without its pad byte"
    )]
    Odd { id: String, size: i32 },
    #[error("a chunk size of {size:#010X}, which the PBX takes for a negative number")]
    Negative { size: u32 },
    #[error("a `fmt ` chunk of {size} bytes, expected 16 or more")]
    FormatSize { size: i32 },
    #[error(
        "encoding tag {tag:#06X}, expected {expected:#06X}; the PBX takes no other, also not inside WAVE_FORMAT_EXTENSIBLE"
    )]
    Tag { tag: u16, expected: u16 },
    #[error("{channels} channels, expected 1")]
    Channels { channels: u16 },
    #[error("{rate_hz} Hz, expected {expected}")]
    Rate { rate_hz: u32, expected: u32 },
    #[error("{bytes} bytes in a frame, expected 2")]
    FrameSize { bytes: u16 },
    #[error("a chunk `{id}` of {size} bytes where {expected} must stand")]
    Layout { id: String, size: u32, expected: &'static str },
}

/// The reader of `.wav` (8 kHz) and `.wav16` (16 kHz).
pub(super) fn wav(input: &mut Input<'_>, rate_hz: u32) -> Result<Opened, Stumble> {
    let size_bytes = input.size();
    let mut cursor = Cursor { at: riff(input)?, input };
    let mut odd = None;
    loop {
        let (id, size) = cursor.chunk().map_err(|end| odd.clone().unwrap_or(end))?;
        let length =
            i32::try_from(size).map_err(|_| odd.clone().unwrap_or(Stumble::Negative { size }))?;
        match &id {
            b"data" => {
                // The position is compared with the size: hence the early end.
                let end = u64::from(length.unsigned_abs()).min(size_bytes).max(cursor.at);
                return Ok(Opened { played: cursor.at..end, data_size: size });
            }
            b"fmt " => cursor.fmt(length, rate_hz)?,
            _ => {}
        }
        if size % 2 == 1 && odd.is_none() {
            odd = Some(Stumble::Odd { id: printable(id), size: length });
        }
        cursor.at += u64::from(length.unsigned_abs());
    }
}

/// The reader of `.WAV`, GSM 6.10 in blocks of 65 bytes; gives the samples it plays. It takes one
/// layout only: `fmt ` of 20 bytes, `fact` of 4, `data`.
pub(super) fn gsm_wav(input: &mut Input<'_>) -> Result<u64, Stumble> {
    const GSM_TAG: u16 = 0x31;
    const BLOCK_BYTES: u64 = 65;
    const BLOCK_SAMPLES: u64 = 320;
    let size_bytes = input.size();
    let mut cursor = Cursor { at: riff(input)?, input };
    cursor.fixed(*b"fmt ", 20)?;
    check_fields(cursor.ahead()?, GSM_TAG, 8_000)?;
    cursor.at += 20;
    cursor.fixed(*b"fact", 4)?;
    cursor.at += 4;
    match cursor.chunk()? {
        (id, _) if &id == b"data" => Ok((size_bytes - cursor.at) / BLOCK_BYTES * BLOCK_SAMPLES),
        (id, size) => Err(Stumble::Layout { id: printable(id), size, expected: "`data`" }),
    }
}

fn riff(input: &mut Input<'_>) -> Result<u64, Stumble> {
    let head = input.at(0, 12).map_err(|error| Stumble::Read(error.kind()))?;
    let is_wave = head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WAVE");
    if is_wave { Ok(12) } else { Err(Stumble::NoHeader) }
}

struct Cursor<'a, 'b> {
    input: &'a mut Input<'b>,
    at: u64,
}

impl Cursor<'_, '_> {
    fn ahead<const COUNT: usize>(&mut self) -> Result<[u8; COUNT], Stumble> {
        let found = self.input.at(self.at, COUNT).map_err(|error| Stumble::Read(error.kind()))?;
        found.first_chunk::<COUNT>().copied().ok_or(Stumble::Ends)
    }

    /// Takes a chunk header: name and size.
    fn chunk(&mut self) -> Result<([u8; 4], u32), Stumble> {
        let [a, b, c, d, size @ ..] = self.ahead::<8>()?;
        self.at += 8;
        Ok(([a, b, c, d], u32::from_le_bytes(size)))
    }

    /// Takes the header of a chunk that must be this one.
    fn fixed(&mut self, name: [u8; 4], expected: u32) -> Result<(), Stumble> {
        match self.chunk()? {
            (id, size) if id == name && size == expected => Ok(()),
            (id, size) => {
                let expected = if &name == b"fmt " { "`fmt ` of 20" } else { "`fact` of 4" };
                Err(Stumble::Layout { id: printable(id), size, expected })
            }
        }
    }

    /// Looks at the fields that the reader looks at: the bits are not among them.
    fn fmt(&mut self, size: i32, rate_hz: u32) -> Result<(), Stumble> {
        if size < 16 {
            return Err(Stumble::FormatSize { size });
        }
        let fields = self.ahead::<16>()?;
        check_fields(*fields.first_chunk().expect("16 are more than 8"), 1, rate_hz)?;
        match u16::from_le_bytes([fields[12], fields[13]]) {
            2 => Ok(()),
            bytes => Err(Stumble::FrameSize { bytes }),
        }
    }
}

fn check_fields(fields: [u8; 8], expected_tag: u16, expected: u32) -> Result<(), Stumble> {
    let [tag_low, tag_high, channels_low, channels_high, rate @ ..] = fields;
    let tag = u16::from_le_bytes([tag_low, tag_high]);
    let channels = u16::from_le_bytes([channels_low, channels_high]);
    let rate_hz = u32::from_le_bytes(rate);
    if tag != expected_tag {
        return Err(Stumble::Tag { tag, expected: expected_tag });
    }
    if channels != 1 {
        return Err(Stumble::Channels { channels });
    }
    if rate_hz != expected {
        return Err(Stumble::Rate { rate_hz, expected });
    }
    Ok(())
}

fn printable(id: [u8; 4]) -> String {
    id.escape_ascii().to_string()
}
