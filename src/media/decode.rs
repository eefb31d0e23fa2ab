//! Samples as numbers: every encoding becomes floats with full scale at 1.0.
//!
//! Must not know about files, rates or the PBX.

use super::wav::{Encoding, Format, Order, Wave};

/// Largest float sample that is taken for sound, 18 dB above full scale. Beyond it the writer used
/// another scale (integers as floats), and what is heard would be noise.
pub const MAX_FLOAT: f32 = 8.0;

/// Why the samples cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// Not a number, or infinite.
    #[error("frame {frame} holds {found}, expected numbers from -1 to 1; make the file again")]
    NotFinite {
        /// Index of the frame, from 0.
        frame: u64,
        /// `NaN` or `infinity`.
        found: &'static str,
    },
    /// Far beyond full scale.
    #[error(
        "frame {frame} holds {found}, expected numbers from -1 to 1; the samples were not scaled, so \
         export the prompt as PCM"
    )]
    Unscaled {
        /// Index of the frame, from 0.
        frame: u64,
        /// The sample.
        found: f32,
    },
}

/// The samples of a file, interleaved as there.
///
/// # Errors
/// A float that is no sound.
pub fn samples(wave: &Wave<'_>) -> Result<Vec<f32>, Error> {
    let mut samples = Vec::with_capacity(wave.data.len() / wave.format.encoding.sample_bytes());
    append(&mut samples, wave.format, wave.data, 0)?;
    Ok(samples)
}

/// Appends the samples of whole frames, of which the first is the file's `first_frame`th.
///
/// # Errors
/// A float that is no sound.
pub(super) fn append(
    samples: &mut Vec<f32>,
    format: Format,
    data: &[u8],
    first_frame: u64,
) -> Result<(), Error> {
    let begin = samples.len();
    let bytewise = |byte: fn(u8) -> f32| data.iter().map(move |it| byte(*it));
    let order = format.order;
    match format.encoding {
        Encoding::Pcm8 => samples.extend(bytewise(|byte| (f32::from(byte) - 128.0) / 128.0)),
        Encoding::ALaw => samples.extend(bytewise(|byte| f32::from(a_law(byte)) / 32_768.0)),
        Encoding::ULaw => samples.extend(bytewise(|byte| f32::from(u_law(byte)) / 32_768.0)),
        Encoding::Pcm16 => {
            each(samples, order, data, |b: [u8; 2]| f32::from(i16::from_le_bytes(b)) / 32_768.0);
        }
        Encoding::Pcm24 => {
            each(samples, order, data, |b: [u8; 3]| integer([0, b[0], b[1], b[2]]));
        }
        Encoding::Pcm32 => each(samples, order, data, integer),
        Encoding::Float32 => each(samples, order, data, f32::from_le_bytes),
        Encoding::Float64 => {
            each(samples, order, data, |b: [u8; 8]| narrow(f64::from_le_bytes(b)));
        }
    }
    if matches!(format.encoding, Encoding::Float32 | Encoding::Float64) {
        check_floats(&samples[begin..], usize::from(format.channels), first_frame)?;
    }
    Ok(())
}

fn each<const BYTES: usize>(
    samples: &mut Vec<f32>,
    order: Order,
    data: &[u8],
    sample: impl Fn([u8; BYTES]) -> f32,
) {
    let all = data.as_chunks::<BYTES>().0;
    if order == Order::Little {
        samples.extend(all.iter().map(|bytes| sample(*bytes)));
    } else {
        let turned = |mut bytes: [u8; BYTES]| {
            bytes.reverse();
            bytes
        };
        samples.extend(all.iter().map(|bytes| sample(turned(*bytes))));
    }
}

#[expect(clippy::cast_precision_loss, reason = "24 bits are more than the 16 that are written")]
fn integer(bytes: [u8; 4]) -> f32 {
    i32::from_le_bytes(bytes) as f32 / 2_147_483_648.0
}

#[expect(clippy::cast_possible_truncation, reason = "a number too large becomes infinite: refused")]
fn narrow(sample: f64) -> f32 {
    sample as f32
}

/// Fails at the first sample that is no sound.
pub(super) fn check_floats(
    samples: &[f32],
    channels: usize,
    first_frame: u64,
) -> Result<(), Error> {
    let is_sound = |sample: &f32| (-MAX_FLOAT..=MAX_FLOAT).contains(sample);
    let Some(index) = samples.iter().position(|sample| !is_sound(sample)) else {
        return Ok(());
    };
    let (frame, found) = (first_frame + (index / channels) as u64, samples[index]);
    if found.is_nan() {
        Err(Error::NotFinite { frame, found: "NaN" })
    } else if found.is_infinite() {
        Err(Error::NotFinite { frame, found: "infinity" })
    } else {
        Err(Error::Unscaled { frame, found })
    }
}

/// ITU-T G.711, table 1: 13 bits in 16, left-aligned.
fn a_law(byte: u8) -> i16 {
    let byte = byte ^ 0x55;
    let step = i16::from(byte & 0x0F) << 4;
    let size = match (byte >> 4) & 7 {
        0 => step + 8,
        segment => (step + 0x108) << (segment - 1),
    };
    if byte & 0x80 == 0 { -size } else { size }
}

/// ITU-T G.711, table 2: 14 bits in 16, left-aligned.
fn u_law(byte: u8) -> i16 {
    let byte = !byte;
    let step = i16::from(byte & 0x0F) << 3;
    let size = ((step + 0x84) << ((byte >> 4) & 7)) - 0x84;
    if byte & 0x80 == 0 { size } else { -size }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(encoding: Encoding, data: &[u8], expected: Result<&[f32], Error>) {
        let format = Format {
            encoding,
            channels: 1,
            rate_hz: 8000,
            extensible: false,
            order: Order::Little,
        };
        let expected = expected.map(<[f32]>::to_vec);
        let found = samples(&Wave { format, data, data_offset: 0 });
        assert_eq!(found, expected, "{encoding:?}");
        let turn = |bytes: &[u8]| bytes.iter().rev().copied().collect::<Vec<u8>>();
        let data: Vec<u8> = data.chunks(encoding.sample_bytes()).flat_map(turn).collect();
        let big =
            Wave { format: Format { order: Order::Big, ..format }, data: &data, data_offset: 0 };
        assert_eq!(samples(&big), expected, "{encoding:?}, big-endian");
    }

    #[test]
    fn every_encoding_has_its_full_scale_and_its_silence() {
        check(Encoding::Pcm8, &[0, 128, 192], Ok(&[-1.0, 0.0, 0.5]));
        check(Encoding::Pcm16, &[0, 0x80, 0, 0, 0, 0x40], Ok(&[-1.0, 0.0, 0.5]));
        check(Encoding::Pcm24, &[0, 0, 0x80, 0, 0, 0, 0, 0, 0x40], Ok(&[-1.0, 0.0, 0.5]));
        check(Encoding::Pcm32, &[0, 0, 0, 0x80, 0, 0, 0, 0x40], Ok(&[-1.0, 0.5]));
        check(Encoding::Float32, &1.25_f32.to_le_bytes(), Ok(&[1.25]));
        check(Encoding::Float64, &(-0.5_f64).to_le_bytes(), Ok(&[-0.5]));
    }

    #[test]
    fn companded_samples_are_those_of_the_standard() {
        for (byte, expected) in
            [(0x2A, -32_256), (0xAA, 32_256), (0xD5, 8), (0x55, -8), (0x80, 5_504)]
        {
            assert_eq!(a_law(byte), expected, "A-law {byte:#x}");
        }
        for (byte, expected) in
            [(0x00, -32_124), (0x80, 32_124), (0xFF, 0), (0x7F, 0), (0xA0, 7_932)]
        {
            assert_eq!(u_law(byte), expected, "u-law {byte:#x}");
        }
    }

    #[test]
    fn floats_that_are_no_sound_are_refused() {
        let not = |found| Err(Error::NotFinite { frame: 0, found });
        check(Encoding::Float32, &f32::NAN.to_le_bytes(), not("NaN"));
        check(Encoding::Float32, &f32::NEG_INFINITY.to_le_bytes(), not("infinity"));
        check(Encoding::Float64, &1e300_f64.to_le_bytes(), not("infinity"));
        let unscaled = Error::Unscaled { frame: 0, found: -12_000.0 };
        check(Encoding::Float32, &(-12_000.0_f32).to_le_bytes(), Err(unscaled));
    }
}
