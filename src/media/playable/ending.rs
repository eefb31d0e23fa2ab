//! What the ending of a file name means to Asterisk.
//!
//! Asterisk takes the format from the ending alone, in the case given here. Source: the `exts` of
//! its `formats/format_*.c`, and Yeastar's manual ("Custom Prompts") for what an S-series takes.

use crate::media::wav::{Encoding, Format, Order};
use ivrkit_dialplan::scenario::Profile;
use std::time::Duration;

/// A kind of reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// RIFF/WAVE with 16-bit PCM of this rate in Hz.
    Wav { rate_hz: u32 },
    /// RIFF/WAVE with GSM 6.10.
    GsmWav,
    /// Samples and nothing else.
    Headerless(Headerless),
}

/// A format without a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Headerless {
    /// The format's name.
    pub(super) name: &'static str,
    /// Samples per second.
    rate_hz: u32,
    /// Bytes of one block, the smallest part that can be played.
    block_bytes: u64,
    /// Samples of one block.
    block_samples: u64,
}

impl Ending {
    /// The reader of a file name, `None` if a stock Asterisk has none.
    pub(super) fn of(name: &str) -> Option<Self> {
        let (_, ending) = name.rsplit_once('.')?;
        match ending {
            "wav" => return Some(Self::Wav { rate_hz: 8_000 }),
            "wav16" => return Some(Self::Wav { rate_hz: 16_000 }),
            "WAV" | "wav49" => return Some(Self::GsmWav),
            _ => {}
        }
        let (name, rate_hz, block_bytes, block_samples) = match ending {
            "sln" | "raw" => ("signed linear, 8 kHz", 8_000, 2, 1),
            "sln12" => ("signed linear, 12 kHz", 12_000, 2, 1),
            "sln16" => ("signed linear, 16 kHz", 16_000, 2, 1),
            "sln24" => ("signed linear, 24 kHz", 24_000, 2, 1),
            "sln32" => ("signed linear, 32 kHz", 32_000, 2, 1),
            "sln44" => ("signed linear, 44.1 kHz", 44_100, 2, 1),
            "sln48" => ("signed linear, 48 kHz", 48_000, 2, 1),
            "sln96" => ("signed linear, 96 kHz", 96_000, 2, 1),
            "sln192" => ("signed linear, 192 kHz", 192_000, 2, 1),
            "pcm" | "ulaw" | "ul" | "mu" | "ulw" => ("u-law", 8_000, 1, 1),
            "alaw" | "al" | "alw" => ("A-law", 8_000, 1, 1),
            "g722" => ("G.722", 16_000, 1, 2),
            "gsm" => ("GSM 6.10", 8_000, 33, 160),
            _ => return None,
        };
        Some(Self::Headerless(Headerless { name, rate_hz, block_bytes, block_samples }))
    }

    /// The PBX's documentation names the format. A Yeastar may play more; nobody promises it.
    pub(super) fn is_documented_for(self, profile: Profile) -> bool {
        match (profile, self) {
            (Profile::Asterisk, _) | (Profile::YeastarS, Self::Wav { rate_hz: 8_000 }) => true,
            (Profile::YeastarS, Self::Headerless(kind)) => kind.name == "GSM 6.10",
            (Profile::YeastarS, _) => false,
        }
    }
}

impl Headerless {
    /// How a sample is written, where `decode` knows it.
    pub(super) fn format(self) -> Option<Format> {
        let encoding = match (self.name, self.block_bytes) {
            ("u-law", _) => Encoding::ULaw,
            ("A-law", _) => Encoding::ALaw,
            (_, 2) => Encoding::Pcm16,
            _ => return None,
        };
        Some(Format {
            encoding,
            channels: 1,
            rate_hz: self.rate_hz,
            order: Order::Little,
            extensible: false,
        })
    }

    /// Whole samples in so many bytes.
    pub(super) fn samples(self, bytes: u64) -> u64 {
        bytes / self.block_bytes * self.block_samples
    }

    /// How long so many bytes are.
    pub(super) fn duration(self, bytes: u64) -> Duration {
        let samples = self.samples(bytes);
        Duration::from_micros(samples * 1_000_000 / u64::from(self.rate_hz))
    }
}
