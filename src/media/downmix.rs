//! Channels to one: the mean of all, so that nothing that fits into the channels can clip.
//!
//! Opposite channels cancel, equal ones keep their level, and speech on one of two channels loses
//! 6 dB. Must not know about encodings or rates.

/// Mixes interleaved frames of `channels` samples down to one sample each, in place.
pub fn mono(mut samples: Vec<f32>, channels: u16) -> Vec<f32> {
    let width = usize::from(channels);
    if width > 1 {
        let frames = samples.len() / width;
        for frame in 0..frames {
            let sum: f32 = samples[frame * width..(frame + 1) * width].iter().sum();
            samples[frame] = sum / f32::from(channels);
        }
        samples.truncate(frames);
    }
    samples
}

#[cfg(test)]
mod tests {
    use super::mono;

    #[test]
    fn channels_are_averaged() {
        assert_eq!(mono(vec![0.1, 0.2], 1), [0.1, 0.2]);
        assert_eq!(mono(vec![1.0, 1.0, -0.5, 0.5, 1.0, 0.0], 2), [1.0, 0.0, 0.5]);
        assert_eq!(mono(vec![1.0, 0.5, 0.0, 0.5], 4), [0.5]);
    }
}
