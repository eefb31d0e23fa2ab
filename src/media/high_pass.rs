//! A filter against hum and rumble: a Butterworth high-pass of the fourth order.
//!
//! Speech coders do the same before they code: AMR from 80 Hz on (3GPP TS 26.090, 5.1), G.729 from
//! 140 Hz on (ITU-T G.729, 3.1). Must not know about files.

use std::f64::consts::TAU;

/// Quality factors of the two sections that make a Butterworth filter of the fourth order:
/// 1 / (2 cos(pi / 8)) and 1 / (2 cos(3 pi / 8)).
const QUALITIES: [f64; 2] = [0.541_196_100_146_197, 1.306_562_964_876_377];

/// Filters one channel in place: -3 dB at `cut_off_hz`, 24 dB less with each octave below.
///
/// # Panics
/// With a cut-off that is not between 0 and half the rate.
pub fn filter(samples: &mut [f32], rate_hz: u32, cut_off_hz: u16) {
    assert!(cut_off_hz > 0 && u32::from(cut_off_hz) * 2 < rate_hz, "a cut-off within the band");
    let mut sections = QUALITIES.map(|quality| Section::new(rate_hz, cut_off_hz, quality));
    for sample in samples {
        let filtered = sections.iter_mut().fold(f64::from(*sample), |x, section| section.next(x));
        #[expect(clippy::cast_possible_truncation, reason = "samples have 32 bits")]
        {
            *sample = filtered as f32;
        }
    }
}

/// A filter of the second order in the transposed direct form II.
struct Section {
    gain: f64,
    feedback: [f64; 2],
    state: [f64; 2],
}

impl Section {
    /// The analogue filter by the bilinear transform, the cut-off kept where it is.
    fn new(rate_hz: u32, cut_off_hz: u16, quality: f64) -> Self {
        let angle = TAU * f64::from(cut_off_hz) / f64::from(rate_hz);
        let (sine, cosine) = angle.sin_cos();
        let alpha = sine / (2.0 * quality);
        let scale = 1.0 + alpha;
        Self {
            gain: f64::midpoint(1.0, cosine) / scale,
            feedback: [-2.0 * cosine / scale, (1.0 - alpha) / scale],
            state: [0.0; 2],
        }
    }

    fn next(&mut self, x: f64) -> f64 {
        let Self { gain, feedback: [a1, a2], state: [s1, s2] } = self;
        let y = *gain * x + *s1;
        *s1 = -2.0 * *gain * x - *a1 * y + *s2;
        *s2 = *gain * x - *a2 * y;
        y
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left of a tone after two seconds, in dB.
    #[expect(clippy::cast_possible_truncation, reason = "samples have 32 bits")]
    fn response_db(rate_hz: u32, cut_off_hz: u16, hertz: f64) -> f64 {
        let second = rate_hz as usize;
        let tone = |i: u32| (TAU * hertz * f64::from(i) / f64::from(rate_hz)).sin() as f32;
        let mut samples: Vec<f32> = (0..3 * rate_hz).map(tone).collect();
        filter(&mut samples, rate_hz, cut_off_hz);
        let sum: f64 = samples[2 * second..].iter().map(|sample| f64::from(*sample).powi(2)).sum();
        10.0 * (2.0 * sum / f64::from(rate_hz)).log10()
    }

    #[test]
    fn the_response_is_that_of_butterworth() {
        for rate_hz in [8_000, 16_000] {
            for cut_off_hz in [50, 100, 140, 300] {
                for hertz in [20.0, 50.0, 60.0, 100.0, 140.0, 300.0, 1_000.0, 3_400.0] {
                    // The formula of the analogue filter, at the frequency that the bilinear
                    // transform puts in its place.
                    let warped = |hertz: f64| (TAU / 2.0 * hertz / f64::from(rate_hz)).tan();
                    let ratio = warped(f64::from(cut_off_hz)) / warped(hertz);
                    let expected = -10.0 * (1.0 + ratio.powi(8)).log10();
                    let found = response_db(rate_hz, cut_off_hz, hertz);
                    assert!((found - expected).abs() < 0.01, "{hertz} Hz: {found}, not {expected}");
                }
            }
        }
    }

    #[test]
    fn a_constant_is_taken_away() {
        let mut samples = vec![0.5; 16_000];
        filter(&mut samples, 8_000, 100);
        assert!(samples[8_000..].iter().all(|sample| sample.abs() < 1e-9));
    }
}
