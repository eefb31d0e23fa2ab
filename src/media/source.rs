//! The sound of a file as one channel, piece by piece, whatever the file is.
//!
//! Recognised by content, never by name. Only pieces are in memory, so that a long file costs no more
//! than a short one. Must not resample, nor know what a PBX plays.

#[cfg(feature = "compressed-sources")]
use super::compressed::{self, Flac, Mpeg};
use super::{
    decode, downmix,
    input::Input,
    kind::Kind,
    wav::{self, Encoding},
};
use crate::files;
use std::{path::Path, time::Duration};

/// Longest sound that is converted: 9.6 MB at 8 kHz, more than a Yeastar takes.
pub const MAX_DURATION: Duration = Duration::from_mins(10);

/// How much of a file is decoded at a time.
const BLOCK_BYTES: u64 = 1 << 16;

/// Sound that can be read.
#[derive(Debug)]
pub struct Source<'a> {
    decoder: Decoder<'a>,
    rate_hz: u32,
    channels: u16,
    frames: Option<u64>,
    is_pcm16: bool,
    /// Frames that were read.
    read: u64,
    /// A piece as the file has it, interleaved.
    piece: Vec<f32>,
}

/// Why a file's sound cannot be read.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// A WAV that cannot be decoded.
    #[error(transparent)]
    Wav(#[from] wav::Error),
    /// Samples that are no sound.
    #[error(transparent)]
    Samples(#[from] decode::Error),
    /// A compressed file that cannot be decoded.
    #[cfg(feature = "compressed-sources")]
    #[error(transparent)]
    Compressed(#[from] compressed::Error),
    /// No kind of file that is read.
    #[error("found {found}, expected {READ}; export the prompt as WAV")]
    Kind {
        /// What its first bytes say it is.
        found: &'static str,
    },
    /// A file of the right kind without a sample.
    #[error("there is no sound in it; make the file again")]
    NoSound,
    /// More sound than a prompt has.
    #[error(
        "the sound is longer than {} minutes, the most that is converted; cut it into parts",
        MAX_DURATION.as_secs() / 60
    )]
    TooLong,
}

/// The kinds of files that are read.
const READ: &str = if cfg!(feature = "compressed-sources") { "WAV, FLAC or MP3" } else { "WAV" };

/// What decodes a kind of file.
#[derive(Debug)]
enum Decoder<'a> {
    Wav(Pcm<'a>),
    #[cfg(feature = "compressed-sources")]
    Flac(Box<Flac<'a>>),
    #[cfg(feature = "compressed-sources")]
    Mpeg(Box<Mpeg<'a>>),
}

/// The samples of a WAV.
#[derive(Debug)]
struct Pcm<'a> {
    input: Input<'a>,
    place: wav::Place,
    /// Where reading goes on.
    at: u64,
}

impl<'a> Source<'a> {
    /// The sound of a file in memory.
    ///
    /// # Errors
    /// A file that is not read, damaged, or too long.
    pub fn of(bytes: &'a [u8]) -> Result<Self, Error> {
        Self::new(Input::of(bytes))
    }

    /// The sound of a file on the disk. The file is not locked: what is written to it while it is
    /// read may be heard.
    ///
    /// # Errors
    /// A file that cannot be opened; inside, what [`Self::of`] says.
    pub fn open(path: &Path) -> Result<Result<Source<'static>, Error>, files::Error> {
        Ok(Source::new(Input::open(path)?))
    }

    fn new(mut input: Input<'a>) -> Result<Self, Error> {
        let (kind, start) = Kind::of(&mut input).map_err(|error| wav::Error::read(0, &error))?;
        match kind {
            Kind::Wave => Self::wav(input, start),
            #[cfg(feature = "compressed-sources")]
            Kind::Flac => {
                let flac = Flac::open(input, start)?;
                Self::compressed("FLAC", flac.sound(), Decoder::Flac(Box::new(flac)))
            }
            #[cfg(feature = "compressed-sources")]
            Kind::Mpeg => {
                let mpeg = Mpeg::open(input, start)?;
                Self::compressed("MP3", mpeg.sound(), Decoder::Mpeg(Box::new(mpeg)))
            }
            Kind::Empty => Err(wav::Error::EmptyFile.into()),
            other => Err(Error::Kind { found: other.name() }),
        }
    }

    fn wav(mut input: Input<'a>, start: u64) -> Result<Self, Error> {
        let place = wav::Place::find(&mut input, start)?;
        let (format, frames, at) = (place.format, place.frames(), place.sound.start);
        check_length(frames, format.rate_hz)?;
        place.check_single(&mut input)?;
        Ok(Self {
            decoder: Decoder::Wav(Pcm { input, place, at }),
            rate_hz: format.rate_hz,
            channels: format.channels,
            frames: Some(frames),
            is_pcm16: format.encoding == Encoding::Pcm16,
            read: 0,
            piece: Vec::new(),
        })
    }

    #[cfg(feature = "compressed-sources")]
    fn compressed(
        format: &'static str,
        sound: compressed::Sound,
        decoder: Decoder<'a>,
    ) -> Result<Self, Error> {
        wav::Format::check_sound(sound.channels, sound.rate_hz)
            .map_err(|error| compressed::Error::Format { format, error })?;
        check_length(sound.frames.unwrap_or_default(), sound.rate_hz)?;
        Ok(Self {
            decoder,
            rate_hz: sound.rate_hz,
            channels: sound.channels,
            frames: sound.frames,
            is_pcm16: sound.bits == 16,
            read: 0,
            piece: Vec::new(),
        })
    }

    /// Frames per second.
    pub fn rate_hz(&self) -> u32 {
        self.rate_hz
    }

    /// Channels of the file; what is read is one.
    pub fn channels(&self) -> u16 {
        self.channels
    }

    /// Frames in the file, if it says so.
    pub fn frames(&self) -> Option<u64> {
        self.frames
    }

    /// Samples of one channel and 16 bits: they are read without loss.
    pub fn is_mono_pcm16(&self) -> bool {
        self.is_pcm16 && self.channels == 1
    }

    /// Appends the next samples, full scale at 1.0, to `mono`; says whether there were any.
    ///
    /// # Errors
    /// Damaged or senseless samples, and sound that turns out too long.
    pub fn read(&mut self, mono: &mut Vec<f32>) -> Result<bool, Error> {
        self.piece.clear();
        match &mut self.decoder {
            Decoder::Wav(pcm) => pcm.read(&mut self.piece, self.read)?,
            #[cfg(feature = "compressed-sources")]
            Decoder::Flac(flac) => flac.read(&mut self.piece)?,
            #[cfg(feature = "compressed-sources")]
            Decoder::Mpeg(mpeg) => mpeg.read(&mut self.piece)?,
        }
        downmix::append(mono, &self.piece, self.channels);
        self.read += (self.piece.len() / usize::from(self.channels)) as u64;
        check_length(self.read, self.rate_hz)?;
        if self.read == 0 {
            return Err(Error::NoSound);
        }
        Ok(!self.piece.is_empty())
    }
}

impl Pcm<'_> {
    fn read(&mut self, piece: &mut Vec<f32>, frame: u64) -> Result<(), Error> {
        let frame_bytes = self.place.format.frame_bytes() as u64;
        let count = (BLOCK_BYTES - BLOCK_BYTES % frame_bytes).min(self.place.sound.end - self.at);
        let count = usize::try_from(count).expect("not more than a block");
        let at = self.at;
        let bytes = self.input.at(at, count).map_err(|error| wav::Error::read(at, &error))?;
        decode::append(piece, self.place.format, bytes, frame)?;
        self.at += bytes.len() as u64;
        Ok(())
    }
}

fn check_length(frames: u64, rate_hz: u32) -> Result<(), Error> {
    let most = MAX_DURATION.as_secs() * u64::from(rate_hz);
    if frames > most { Err(Error::TooLong) } else { Ok(()) }
}
