//! Channels to one: the mean of all, so that nothing that fits into the channels can clip.
//!
//! Opposite channels cancel, equal ones keep their level, and speech on one of two channels loses
//! 6 dB. Must not know about encodings or rates.

/// Appends interleaved frames of `channels` samples to `mono`, mixed down to one sample each.
pub fn append(mono: &mut Vec<f32>, samples: &[f32], channels: u16) {
    match channels {
        1 => mono.extend_from_slice(samples),
        // The usual number, known beforehand, is mixed several frames at a time.
        2 => mono.extend(samples.as_chunks::<2>().0.iter().map(|[a, b]| (a + b) / 2.0)),
        _ => {
            let frames = samples.chunks_exact(usize::from(channels));
            mono.extend(frames.map(|frame| frame.iter().sum::<f32>() / f32::from(channels)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::append;

    fn check(samples: &[f32], channels: u16, expected: &[f32]) {
        let mut mono = vec![0.25];
        append(&mut mono, samples, channels);
        assert_eq!((mono[0], &mono[1..]), (0.25, expected));
    }

    #[test]
    fn channels_are_averaged() {
        check(&[0.1, 0.2], 1, &[0.1, 0.2]);
        check(&[1.0, 1.0, -0.5, 0.5, 1.0, 0.0], 2, &[1.0, 0.0, 0.5]);
        check(&[1.0, 0.5, 0.0, 0.5], 4, &[0.5]);
        check(&[0.3, 0.3, 0.3, 0.9], 3, &[0.3]);
    }
}
