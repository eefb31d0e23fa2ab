//! FLAC, by claxon: checks the sums of every frame. Lossless, so 16 bits stay what they are.
//!
//! Metadata is skipped here: the library would hold comments in memory, and reads them with unsafe
//! code.

use super::{Error, Sound};
use crate::media::input::Input;
use claxon::{FlacReader, FlacReaderOptions, metadata::StreamInfo};
use std::io::{self, Chain, Cursor, Read as _, Seek as _, SeekFrom};

const FORMAT: &str = "FLAC";
/// Bytes from the start of a file to the end of its first block of metadata, which says what the
/// sound is like.
const HEAD_BYTES: usize = 42;
/// Most blocks of metadata; a file has a handful.
const MAX_BLOCKS: usize = 1 << 16;

/// An open FLAC file.
pub(in crate::media) struct Flac<'a> {
    reader: FlacReader<Chain<Cursor<Vec<u8>>, Input<'a>>>,
    info: StreamInfo,
    /// What the file's last bytes are, if they are no sound.
    has_tag_behind: bool,
    /// Frames that were read.
    read: u64,
    block: Vec<i32>,
}

impl<'a> Flac<'a> {
    /// Opens the file that begins at byte `start`.
    pub(in crate::media) fn open(mut input: Input<'a>, start: u64) -> Result<Self, Error> {
        let disk = |error: io::Error| failed(0, error.into());
        let has_tag_behind = has_tag_behind(&mut input).map_err(disk)?;
        let (head, sound) = without_metadata(&mut input, start)?;
        input.seek(SeekFrom::Start(sound)).map_err(disk)?;
        let options = FlacReaderOptions { metadata_only: false, read_vorbis_comment: false };
        let reader = FlacReader::new_ext(Cursor::new(head).chain(input), options)
            .map_err(|error| failed(0, error))?;
        let info = reader.streaminfo();
        Ok(Self { reader, info, has_tag_behind, read: 0, block: Vec::new() })
    }

    pub(in crate::media) fn sound(&self) -> Sound {
        Sound {
            rate_hz: self.info.sample_rate,
            channels: u16::try_from(self.info.channels).unwrap_or(u16::MAX),
            frames: self.info.samples,
            bits: self.info.bits_per_sample,
        }
    }

    /// Appends the next block, interleaved; nothing at the end.
    pub(in crate::media) fn read(&mut self, piece: &mut Vec<f32>) -> Result<(), Error> {
        let buffer = std::mem::take(&mut self.block);
        let is_over = self.info.samples == Some(self.read);
        let block = match self.reader.blocks().read_next_or_eof(buffer) {
            Ok(Some(block)) => block,
            Ok(None) => return self.check_end(),
            // A tag behind the sound is no frame.
            Err(_) if is_over && self.has_tag_behind => return Ok(()),
            Err(error) => return Err(failed(self.read, error)),
        };
        if block.channels() != self.info.channels {
            return Err(self.damaged("the number of channels changes"));
        }
        let scale = scale(self.info.bits_per_sample);
        let channels: Vec<&[i32]> = (0..block.channels()).map(|at| block.channel(at)).collect();
        for frame in 0..block.duration() as usize {
            piece.extend(channels.iter().map(|channel| to_float(channel[frame], scale)));
        }
        if piece.iter().any(|sample| !(-1.0..=1.0).contains(sample)) {
            return Err(self.damaged("samples larger than the header says"));
        }
        self.read += u64::from(block.duration());
        if self.info.samples.is_some_and(|said| self.read > said) {
            return Err(self.damaged("more sound than the header says"));
        }
        self.block = block.into_buffer();
        Ok(())
    }

    fn check_end(&self) -> Result<(), Error> {
        match self.info.samples {
            Some(said) if said != self.read => {
                Err(Error::CutOff { format: FORMAT, frame: self.read, expected: Some(said) })
            }
            _ => Ok(()),
        }
    }

    fn damaged(&self, reason: &str) -> Error {
        Error::Damaged { format: FORMAT, frame: self.read, reason: reason.to_owned() }
    }
}

impl std::fmt::Debug for Flac<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Flac").field("info", &self.info).finish_non_exhaustive()
    }
}

fn failed(frame: u64, error: claxon::Error) -> Error {
    match error {
        claxon::Error::IoError(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            Error::CutOff { format: FORMAT, frame, expected: None }
        }
        claxon::Error::IoError(error) => {
            Error::Damaged { format: FORMAT, frame, reason: error.to_string() }
        }
        claxon::Error::FormatError(reason) | claxon::Error::Unsupported(reason) => {
            Error::Damaged { format: FORMAT, frame, reason: reason.to_owned() }
        }
    }
}

/// The head of a file whose first block of metadata is the only one, and where the sound begins.
fn without_metadata(input: &mut Input<'_>, start: u64) -> Result<(Vec<u8>, u64), Error> {
    const IS_LAST: u8 = 0x80;
    let disk = |error: io::Error| failed(0, error.into());
    let mut head = input.at(start, HEAD_BYTES).map_err(disk)?.to_vec();
    if head.len() < HEAD_BYTES {
        return Err(failed(0, io::Error::from(io::ErrorKind::UnexpectedEof).into()));
    }
    if head[5..8] != [0, 0, 34] {
        let reason = "invalid streaminfo metadata block length";
        return Err(failed(0, claxon::Error::FormatError(reason)));
    }
    let mut at = start + 4;
    for _ in 0..MAX_BLOCKS {
        let Some([kind, a, b, c]) = input.at(at, 4).map_err(disk)?.first_chunk().copied() else {
            return Err(failed(0, io::Error::from(io::ErrorKind::UnexpectedEof).into()));
        };
        at += 4 + u64::from(u32::from_be_bytes([0, a, b, c]));
        if kind & IS_LAST != 0 {
            head[4] |= IS_LAST;
            return Ok((head, at));
        }
    }
    Err(failed(0, claxon::Error::FormatError("too many blocks of metadata")))
}

/// An ID3 tag of the first version, as some taggers append to anything.
fn has_tag_behind(input: &mut Input<'_>) -> io::Result<bool> {
    const TAG_BYTES: u64 = 128;
    Ok(match input.size().checked_sub(TAG_BYTES) {
        Some(at) => input.at(at, 3)? == b"TAG",
        None => false,
    })
}

#[expect(clippy::cast_precision_loss, reason = "a power of two")]
fn scale(bits: u32) -> f32 {
    1.0 / (1_u64 << bits.saturating_sub(1).min(31)) as f32
}

#[expect(clippy::cast_precision_loss, reason = "24 bits are more than the 16 that are written")]
fn to_float(sample: i32, scale: f32) -> f32 {
    sample as f32 * scale
}
