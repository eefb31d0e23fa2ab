//! 16-bit samples to A-law and u-law: ITU-T G.711, tables 1 and 2.
//!
//! The way back is `decode`'s. Must not know about files or rates.

/// Added to a u-law magnitude of 16 bits, so that every segment begins at a power of two.
const U_LAW_BIAS: i32 = 132;
/// Largest u-law magnitude; louder samples get its code.
const U_LAW_MAX: i32 = 32_767 - U_LAW_BIAS;

/// The A-law code of a sample, even bits inverted as on the line.
pub fn to_a_law(sample: i16) -> u8 {
    // Codes are symmetric about -1/2: a magnitude of 15 bits without a second zero.
    let (sign, magnitude) =
        if sample < 0 { (0, !i32::from(sample)) } else { (0x80, i32::from(sample)) };
    let segment = segment_of(magnitude >> 8);
    let step = magnitude >> if segment == 0 { 4 } else { segment + 3 };
    (sign | code(segment, step)) ^ 0x55
}

/// The u-law code of a sample, all bits inverted as on the line.
pub fn to_u_law(sample: i16) -> u8 {
    let sign = if sample < 0 { 0x80 } else { 0 };
    let magnitude = i32::from(sample).abs().min(U_LAW_MAX) + U_LAW_BIAS;
    let segment = segment_of(magnitude >> 8);
    !(sign | code(segment, magnitude >> (segment + 3)))
}

/// 0 below 1, then one more with each doubling.
fn segment_of(magnitude: i32) -> u32 {
    i32::BITS - magnitude.leading_zeros()
}

fn code(segment: u32, step: i32) -> u8 {
    u8::try_from(segment << 4).expect("segments are 0 to 7")
        | u8::try_from(step & 0x0F).expect("four bits")
}

#[cfg(test)]
mod tests {
    use super::{to_a_law, to_u_law};
    use crate::media::{
        decode,
        wav::{Encoding, Format, Order, Wave},
    };

    /// The 16-bit samples that the codes 0 to 255 stand for.
    #[expect(clippy::cast_possible_truncation, reason = "they are whole numbers of 16 bits")]
    fn decoded(encoding: Encoding) -> Vec<i16> {
        let data: Vec<u8> = (0..=255).collect();
        let format = Format {
            encoding,
            channels: 1,
            rate_hz: 8_000,
            order: Order::Little,
            extensible: false,
        };
        let samples = decode::samples(&Wave { format, data: &data, data_offset: 0 }).unwrap();
        samples.iter().map(|sample| (sample * 32_768.0) as i16).collect()
    }

    /// Every code comes back as it was, and no sample is further from its code than half a step of
    /// the code's segment. `softest` is half a step of the first.
    fn check(encoding: Encoding, encode: fn(i16) -> u8, softest: u32, loudest: u32) {
        let values = decoded(encoding);
        for (code, value) in (0..=255_u8).zip(&values) {
            // The negative zero of u-law.
            let expected = if *value == 0 { encode(0) } else { code };
            assert_eq!(encode(*value), expected, "{encoding:?} {code:#x} of {value}");
        }
        for sample in i16::MIN..=i16::MAX {
            let value = values[usize::from(encode(sample))];
            let error = u32::from(value.abs_diff(sample));
            let step = softest.max((u32::from(value.unsigned_abs()) + 33 * softest) / 33);
            let beyond = u32::from(sample.unsigned_abs()) >= loudest;
            assert!(error <= step || beyond, "{encoding:?} of {sample}: {value}");
        }
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        check(Encoding::ALaw, to_a_law, 8, 32_768);
        check(Encoding::ULaw, to_u_law, 4, 32_636);
        assert_eq!((to_a_law(0), to_u_law(0)), (0xD5, 0xFF));
    }
}
