//! The `fmt ` chunk: rate, channels and how a sample is written.
//!
//! Field meanings: Microsoft's "Multiple Channel Audio Data and WAVE Files" (`WAVEFORMATEX`,
//! `WAVEFORMATEXTENSIBLE`) and RFC 2361 for the numbers of encodings.

use super::Order;

/// Most channels that are mixed down; a prompt has one or two.
pub const MAX_CHANNELS: u16 = 8;
/// Lowest sample rate that is converted, in Hz.
pub const MIN_RATE_HZ: u32 = 4_000;
/// Highest sample rate that is converted, in Hz.
pub const MAX_RATE_HZ: u32 = 192_000;

/// The tag that says: look into the extension.
const EXTENSIBLE: u16 = 0xFFFE;
/// Bytes 2 to 16 of a sub-format GUID that stands for a plain tag.
const TAG_GUID: [u8; 14] = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71];
/// The same bytes but those of the numbers of a RIFX file: 4 to 16.
const BIG_TAG_GUID: [u8; 12] = [0, 0, 0, 0x10, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71];

/// How the samples of a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    /// How one sample is written.
    pub encoding: Encoding,
    /// Samples per frame, 1 to [`MAX_CHANNELS`].
    pub channels: u16,
    /// Frames per second, [`MIN_RATE_HZ`] to [`MAX_RATE_HZ`].
    pub rate_hz: u32,
    /// The header uses `WAVE_FORMAT_EXTENSIBLE`.
    pub extensible: bool,
    /// Which byte of a sample comes first.
    pub order: Order,
}

/// How one sample is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Unsigned 8-bit integer, silence at 128.
    Pcm8,
    /// Signed 16-bit integer.
    Pcm16,
    /// Signed 24-bit integer in 3 bytes.
    Pcm24,
    /// Signed 32-bit integer.
    Pcm32,
    /// IEEE float of 32 bits, full scale at 1.0.
    Float32,
    /// IEEE float of 64 bits, full scale at 1.0.
    Float64,
    /// ITU-T G.711 A-law.
    ALaw,
    /// ITU-T G.711 u-law.
    ULaw,
}

/// Why a `fmt ` chunk cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Too short for its fields.
    #[error("it has {found} bytes, expected {expected} or more; make the file again")]
    Short {
        /// Bytes found.
        found: usize,
        /// Bytes needed.
        expected: usize,
    },
    /// An encoding that is not decoded.
    #[error(
        "the sound is encoded as {name} (0x{tag:04X}), expected PCM, float, A-law or u-law; export it as PCM"
    )]
    Encoding {
        /// The number in the header.
        tag: u16,
        /// Its name.
        name: &'static str,
    },
    /// A sample size that the encoding does not have.
    #[error(
        "samples of {bits} bits in {bytes} bytes do not exist in {encoding}; make the file again"
    )]
    SampleSize {
        /// Bits the header says.
        bits: u16,
        /// Bytes of one sample by the block size.
        bytes: u16,
        /// The encoding.
        encoding: &'static str,
    },
    /// No channel or too many.
    #[error("found {found} channels, expected 1 to {MAX_CHANNELS}; export the prompt as mono")]
    Channels {
        /// Channels the header says.
        found: u16,
    },
    /// A rate that no prompt has.
    #[error(
        "found a sample rate of {found} Hz, expected {MIN_RATE_HZ} to {MAX_RATE_HZ}; make the file again"
    )]
    Rate {
        /// Rate the header says, in Hz.
        found: u32,
    },
    /// A block size that is not a whole number of samples for each channel.
    #[error("a frame of {channels} channels cannot have {found} bytes; make the file again")]
    FrameSize {
        /// Bytes the header says.
        found: u16,
        /// Channels the header says.
        channels: u16,
    },
}

impl Format {
    /// Reads the body of a `fmt ` chunk.
    pub(super) fn parse(body: &[u8], order: Order) -> Result<Self, Error> {
        let short = |expected| Error::Short { found: body.len(), expected };
        let fields = body.first_chunk::<16>().ok_or(short(16))?;
        let tag = order.u16([fields[0], fields[1]]);
        let channels = order.u16([fields[2], fields[3]]);
        let rate_hz = order.u32([fields[4], fields[5], fields[6], fields[7]]);
        let frame_bytes = order.u16([fields[12], fields[13]]);
        let bits = order.u16([fields[14], fields[15]]);
        let extensible = tag == EXTENSIBLE;
        let tag = if extensible { sub_tag(body.get(24..40).ok_or(short(40))?) } else { tag };
        Self::check_sound(channels, rate_hz)?;
        if !matches!(tag, 1 | 3 | 6 | 7) {
            return Err(Error::Encoding { tag, name: encoding_name(tag) });
        }
        if frame_bytes == 0 || !frame_bytes.is_multiple_of(channels) {
            return Err(Error::FrameSize { found: frame_bytes, channels });
        }
        let encoding = Encoding::of(tag, bits, frame_bytes / channels)?;
        Ok(Self { encoding, channels, rate_hz, extensible, order })
    }

    /// Fails if no prompt has so many channels, or such a rate.
    pub(in crate::media) fn check_sound(channels: u16, rate_hz: u32) -> Result<(), Error> {
        if !(1..=MAX_CHANNELS).contains(&channels) {
            return Err(Error::Channels { found: channels });
        }
        if !(MIN_RATE_HZ..=MAX_RATE_HZ).contains(&rate_hz) {
            return Err(Error::Rate { found: rate_hz });
        }
        Ok(())
    }

    /// Bytes of one frame.
    pub fn frame_bytes(self) -> usize {
        usize::from(self.channels) * self.encoding.sample_bytes()
    }
}

impl Encoding {
    /// The encoding of a tag, with samples of `bits` bits that stand left-aligned in `bytes` bytes.
    fn of(tag: u16, bits: u16, bytes: u16) -> Result<Self, Error> {
        let wrong = || Error::SampleSize { bits, bytes, encoding: encoding_name(tag) };
        if bits == 0 || bits > bytes.saturating_mul(8) {
            return Err(wrong());
        }
        match (tag, bytes, bits) {
            (1, 1, _) => Ok(Self::Pcm8),
            (1, 2, 9..) => Ok(Self::Pcm16),
            (1, 3, 17..) => Ok(Self::Pcm24),
            (1, 4, 17..) => Ok(Self::Pcm32),
            (3, 4, 32) => Ok(Self::Float32),
            (3, 8, 64) => Ok(Self::Float64),
            (6, 1, 8) => Ok(Self::ALaw),
            (7, 1, 8) => Ok(Self::ULaw),
            _ => Err(wrong()),
        }
    }

    /// Bytes of one sample.
    pub fn sample_bytes(self) -> usize {
        match self {
            Self::Pcm8 | Self::ALaw | Self::ULaw => 1,
            Self::Pcm16 => 2,
            Self::Pcm24 => 3,
            Self::Pcm32 | Self::Float32 => 4,
            Self::Float64 => 8,
        }
    }

    /// The name for tables and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pcm8 => "pcm-8",
            Self::Pcm16 => "pcm-16",
            Self::Pcm24 => "pcm-24",
            Self::Pcm32 => "pcm-32",
            Self::Float32 => "float-32",
            Self::Float64 => "float-64",
            Self::ALaw => "a-law",
            Self::ULaw => "u-law",
        }
    }
}

/// The tag inside a sub-format GUID; one that stands for no tag is given as `EXTENSIBLE` itself.
fn sub_tag(guid: &[u8]) -> u16 {
    if guid[2..] == TAG_GUID {
        u16::from_le_bytes([guid[0], guid[1]])
    } else if guid[..2] == [0, 0] && guid[4..] == BIG_TAG_GUID {
        u16::from_be_bytes([guid[2], guid[3]])
    } else {
        EXTENSIBLE
    }
}

fn encoding_name(tag: u16) -> &'static str {
    match tag {
        1 => "PCM",
        3 => "float",
        6 => "A-law",
        7 => "u-law",
        2 => "Microsoft ADPCM",
        0x11 => "IMA ADPCM",
        0x31 => "GSM 6.10",
        0x50 | 0x55 => "MPEG audio",
        0x64 | 0x40 | 0x45 => "G.726",
        0x28F | 0x65 => "G.722",
        0xFF | 0x1610 => "AAC",
        EXTENSIBLE => "a private sub-format",
        _ => "an unknown encoding",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fmt(tag: u16, channels: u16, rate_hz: u32, frame_bytes: u16, bits: u16) -> Vec<u8> {
        let mut body = [tag.to_le_bytes(), channels.to_le_bytes()].concat();
        body.extend(rate_hz.to_le_bytes());
        body.extend((rate_hz.wrapping_mul(u32::from(frame_bytes))).to_le_bytes());
        body.extend([frame_bytes.to_le_bytes(), bits.to_le_bytes()].concat());
        body
    }

    fn check(body: &[u8], expected: &Result<(Encoding, u16, u32), Error>) {
        let found = Format::parse(body, Order::Little)
            .map(|found| (found.encoding, found.channels, found.rate_hz));
        assert_eq!(&found, expected);
    }

    #[test]
    fn encodings_that_tts_engines_write_are_read() {
        for (tag, bits, encoding) in [
            (1, 8, Encoding::Pcm8),
            (1, 16, Encoding::Pcm16),
            (1, 24, Encoding::Pcm24),
            (1, 32, Encoding::Pcm32),
            (3, 32, Encoding::Float32),
            (3, 64, Encoding::Float64),
            (6, 8, Encoding::ALaw),
            (7, 8, Encoding::ULaw),
        ] {
            let frame = 2 * bits / 8;
            check(&fmt(tag, 2, 24_000, frame, bits), &Ok((encoding, 2, 24_000)));
            let mut extended = fmt(EXTENSIBLE, 2, 24_000, frame, bits);
            extended.extend([22, 0, 0, 0, 3, 0, 0, 0]);
            extended.extend(tag.to_le_bytes());
            extended.extend(TAG_GUID);
            check(&extended, &Ok((encoding, 2, 24_000)));
        }
    }

    #[test]
    fn senseless_headers_are_refused() {
        check(&fmt(1, 0, 8000, 2, 16), &Err(Error::Channels { found: 0 }));
        check(&fmt(1, 9, 8000, 18, 16), &Err(Error::Channels { found: 9 }));
        check(&fmt(1, 1, 0, 2, 16), &Err(Error::Rate { found: 0 }));
        check(&fmt(1, 1, 4_000_000, 2, 16), &Err(Error::Rate { found: 4_000_000 }));
        check(&fmt(1, 2, 8000, 3, 16), &Err(Error::FrameSize { found: 3, channels: 2 }));
        check(&fmt(1, 1, 8000, 0, 16), &Err(Error::FrameSize { found: 0, channels: 1 }));
        check(&fmt(0x31, 1, 8000, 65, 0), &Err(Error::Encoding { tag: 0x31, name: "GSM 6.10" }));
        check(&fmt(1, 1, 8000, 2, 16)[..14], &Err(Error::Short { found: 14, expected: 16 }));
        check(&fmt(EXTENSIBLE, 1, 8000, 2, 16), &Err(Error::Short { found: 16, expected: 40 }));
        let half = Error::SampleSize { bits: 16, bytes: 2, encoding: "float" };
        check(&fmt(3, 1, 8000, 2, 16), &Err(half));
        let wide = Error::SampleSize { bits: 16, bytes: 1, encoding: "PCM" };
        check(&fmt(1, 1, 8000, 1, 16), &Err(wide));
    }
}
