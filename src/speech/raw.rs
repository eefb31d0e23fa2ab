//! Bare samples, as some engines give them, made a WAV.
//!
//! Must not touch the samples.

/// A WAV of 16-bit mono samples in little-endian order; why they are none otherwise.
pub(crate) fn wav(samples: &[u8], rate_hz: u32) -> Result<Vec<u8>, String> {
    if samples.is_empty() || !samples.len().is_multiple_of(2) {
        return Err(format!("{} bytes are no samples of 16 bits", samples.len()));
    }
    let size = u32::try_from(samples.len()).map_err(|_| "too many samples".to_owned())?;
    let mut wav = Vec::with_capacity(44 + samples.len());
    wav.extend_from_slice(b"RIFF");
    wav.extend_from_slice(&(size + 36).to_le_bytes());
    wav.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    wav.extend_from_slice(&rate_hz.to_le_bytes());
    wav.extend_from_slice(&(2 * rate_hz).to_le_bytes());
    wav.extend_from_slice(b"\x02\0\x10\0data");
    wav.extend_from_slice(&size.to_le_bytes());
    wav.extend_from_slice(samples);
    Ok(wav)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_get_a_header_that_others_read() {
        let wav = wav(&[1, 0, 0xFF, 0xFF], 24_000).unwrap();
        let mut reader = hound::WavReader::new(wav.as_slice()).unwrap();
        assert_eq!((reader.spec().sample_rate, reader.spec().channels), (24_000, 1));
        assert_eq!(reader.samples::<i16>().map(Result::unwrap).collect::<Vec<_>>(), [1, -1]);
        assert!(super::wav(&[1], 8_000).is_err() && super::wav(&[], 8_000).is_err());
    }
}
