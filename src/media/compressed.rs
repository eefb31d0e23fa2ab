//! FLAC and MP3 as sources: what their decoders find, held against what the files say.
//!
//! The decoders are libraries that skip what they do not understand, or stop; a prompt with a hole is
//! worse than none, so every doubt is an error here. Must not decode a bit itself.

mod flac;
mod mpeg;

pub(super) use flac::Flac;
pub(super) use mpeg::Mpeg;

/// Why compressed sound cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Damaged, or of a kind that is not decoded.
    #[error("the {format} file cannot be decoded behind frame {frame}: {reason}; export it as WAV")]
    Damaged {
        /// The kind of file.
        format: &'static str,
        /// Frames of sound before the damage; a frame has one sample of each channel.
        frame: u64,
        /// What the decoder says.
        reason: String,
    },
    /// Ends before its end.
    #[error("the {format} file is cut off behind frame {frame}{}; fetch it again", said(*expected))]
    CutOff {
        /// The kind of file.
        format: &'static str,
        /// Frames that are there.
        frame: u64,
        /// Frames that the header says, if it does.
        expected: Option<u64>,
    },
    /// Rate or channels of no prompt.
    #[error("the {format} file: {error}")]
    Format {
        /// The kind of file.
        format: &'static str,
        /// What is wrong.
        error: super::wav::FormatError,
    },
}

fn said(expected: Option<u64>) -> String {
    expected.map_or_else(String::new, |expected| format!(", its header says {expected} frames"))
}

/// How the sound of a compressed file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sound {
    pub(super) rate_hz: u32,
    pub(super) channels: u16,
    /// How much there is, if the file says so.
    pub(super) frames: Option<u64>,
    /// Bits of a sample, 0 if it was never an integer.
    pub(super) bits: u32,
}
