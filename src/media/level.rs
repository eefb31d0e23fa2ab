//! How loud speech is: the active speech level of ITU-T P.56, method B.
//!
//! Levels are in dBov: 0 is the power of a square wave at full scale, so a sine at full scale has
//! -3.01. Must not change a sample.

/// Time constant of the envelope in seconds (P.56, table 1: T).
const ENVELOPE_S: f64 = 0.03;
/// How long speech counts as active behind the last sound, in seconds (P.56, table 1: H).
const HANGOVER_S: f64 = 0.2;
/// Distance of the active level from its threshold in dB (P.56, table 1: M).
const MARGIN_DB: f64 = 15.9;
/// Thresholds are powers of two from 2^-15 to 2^-1 of full scale, those of 16-bit samples.
const THRESHOLDS: usize = 15;

/// What is measured of a sound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// Active speech level in dBov; `None` if there is no speech: silence, or nearly so.
    pub active_dbov: Option<f64>,
    /// Largest magnitude; 1.0 is full scale.
    pub peak: f64,
    /// Mean of the samples, of either sign; 1.0 is full scale.
    pub dc: f64,
}

/// Measures sound that comes in pieces, and keeps none of it.
#[derive(Debug, Clone)]
pub struct Meter {
    rate_hz: f64,
    samples: usize,
    sum: f64,
    energy: f64,
    peak: f32,
    /// The envelope after one of its two filters, and after both.
    once: f64,
    envelope: f64,
    /// Samples since each threshold was reached, up to the hangover; one never reached has none left.
    since: [usize; THRESHOLDS],
    /// Samples that are active for each threshold.
    active: [usize; THRESHOLDS],
}

/// Measures one channel, full scale at 1.0.
pub fn measure(samples: &[f32], rate_hz: u32) -> Measured {
    let mut meter = Meter::new(rate_hz);
    meter.add(samples);
    meter.measured()
}

/// The active speech level in dBov, `None` if there is no speech.
pub fn active_dbov(samples: &[f32], rate_hz: u32) -> Option<f64> {
    measure(samples, rate_hz).active_dbov
}

/// A ratio of amplitudes in dB.
pub fn decibels(ratio: f64) -> f64 {
    20.0 * ratio.log10()
}

impl Meter {
    /// For one channel at this rate.
    pub fn new(rate_hz: u32) -> Self {
        let rate_hz = f64::from(rate_hz);
        Self {
            rate_hz,
            samples: 0,
            sum: 0.0,
            energy: 0.0,
            peak: 0.0,
            once: 0.0,
            envelope: 0.0,
            since: [hangover(rate_hz); THRESHOLDS],
            active: [0; THRESHOLDS],
        }
    }

    /// Takes the next samples, full scale at 1.0.
    pub fn add(&mut self, samples: &[f32]) {
        let decay = (-1.0 / (self.rate_hz * ENVELOPE_S)).exp();
        let hangover = hangover(self.rate_hz);
        self.samples += samples.len();
        for sample in samples {
            self.sum += f64::from(*sample);
            self.energy += f64::from(*sample).powi(2);
            self.peak = self.peak.max(sample.abs());
            self.once = decay * self.once + (1.0 - decay) * f64::from(sample.abs());
            self.envelope = decay * self.envelope + (1.0 - decay) * self.once;
            let reached = (0..THRESHOLDS).take_while(|j| self.envelope >= threshold(*j)).count();
            for j in 0..reached {
                (self.active[j], self.since[j]) = (self.active[j] + 1, 0);
            }
            for j in reached..THRESHOLDS {
                if self.since[j] < hangover {
                    (self.active[j], self.since[j]) = (self.active[j] + 1, self.since[j] + 1);
                }
            }
        }
    }

    /// What was found so far.
    pub fn measured(&self) -> Measured {
        Measured {
            active_dbov: self.active_dbov(),
            peak: f64::from(self.peak),
            dc: self.sum / count(self.samples.max(1)),
        }
    }

    /// The method has 15 thresholds for the envelope. For each, the power of the sound over the time
    /// that the envelope is above it (or was within the hangover) is a level; the active level is
    /// where that is 15.9 dB above its threshold, between two of them by straight lines in dB.
    fn active_dbov(&self) -> Option<f64> {
        // Level and threshold, for each threshold that the envelope reached.
        let points = (0..THRESHOLDS).zip(self.active).filter(|(_, active)| *active > 0);
        let points: Vec<_> = points
            .map(|(j, active)| {
                (10.0 * (self.energy / count(active)).log10(), decibels(threshold(j)))
            })
            .collect();
        let excess = |(level, threshold): (f64, f64)| level - threshold - MARGIN_DB;
        let above = points.iter().position(|point| excess(*point) <= 0.0)?;
        let (low, high) = (points.get(above.checked_sub(1)?)?, points[above]);
        let share = excess(*low) / (excess(*low) - excess(high));
        Some(low.0 + share * (high.0 - low.0))
    }
}

/// The hangover in samples.
fn hangover(rate_hz: f64) -> usize {
    whole(HANGOVER_S * rate_hz)
}

/// Threshold `j` of the envelope, `j` from 0.
fn threshold(j: usize) -> f64 {
    let exponent = i32::try_from(j).expect("there are 15") - 15;
    2.0_f64.powi(exponent)
}

#[expect(clippy::cast_precision_loss, reason = "samples in memory are fewer than 2^52")]
fn count(samples: usize) -> f64 {
    samples as f64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive and small")]
fn whole(samples: f64) -> usize {
    samples.round() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Noise in bursts, its level swelling, as 16-bit samples: whole numbers, so that any language
    /// computes the same.
    struct Bursts {
        rate_hz: u32,
        on: i64,
        off: i64,
        loud: i64,
        soft: i64,
        length: i64,
    }

    impl Bursts {
        fn samples(&self) -> Vec<f32> {
            let mut state = 1_u64;
            let mut sample = |i: i64| {
                state = state.wrapping_mul(6_364_136_223_846_793_005);
                state = state.wrapping_add(1_442_695_040_888_963_407);
                let noise = i64::from((state >> 48) as i16);
                let swell = (i % 4_001).min(4_001 - i % 4_001) + 500;
                let level = if i % (self.on + self.off) < self.on { self.loud } else { self.soft };
                f32::from(i16::try_from(noise * level * swell / (2_500 * 32_768)).unwrap())
            };
            (0..self.length).map(|i| sample(i) / 32_768.0).collect()
        }
    }

    fn bursts(rate_hz: u32, on: i64, off: i64, loud: i64, soft: i64, length: i64) -> Bursts {
        Bursts { rate_hz, on, off, loud, soft, length }
    }

    /// Signals and their levels by the speech voltmeter of ITU-T G.191 (`sv-p56.c` of the Software
    /// Tool Library), with straight interpolation in place of its search for half a dB.
    fn judged_by_g191() -> [(Bursts, Option<f64>); 7] {
        [
            (bursts(8_000, 12_000, 12_000, 8_000, 0, 80_000), Some(-21.306_967)),
            (bursts(8_000, 2_000, 6_000, 20_000, 5, 80_000), Some(-16.193_815)),
            (bursts(8_000, 4_000, 4_000, 300, 3, 64_000), Some(-51.034_307)),
            (bursts(16_000, 24_000, 8_000, 32_000, 20, 160_000), Some(-9.455_626)),
            (bursts(8_000, 80_000, 0, 3_000, 0, 80_000), Some(-29.341_086)),
            (bursts(8_000, 800, 8_000, 12_000, 0, 88_000), Some(-23.266_876)),
            (bursts(8_000, 1_000, 0, 2, 0, 80_000), None),
        ]
    }

    #[test]
    fn the_active_level_is_that_of_the_reference() {
        for (signal, expected) in judged_by_g191() {
            let found = active_dbov(&signal.samples(), signal.rate_hz);
            match (found, expected) {
                (Some(found), Some(expected)) => {
                    assert!((found - expected).abs() < 1e-5, "{found}, expected {expected}");
                }
                (found, expected) => assert_eq!(found, expected),
            }
        }
    }

    /// The same by the definition and no other way in common: the envelope as one sum over all
    /// samples before, activity as "above the threshold now or in the hangover before".
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    fn by_definition(samples: &[f32], rate_hz: f64) -> f64 {
        let decay = (-1.0 / (rate_hz * 0.03)).exp();
        let response: Vec<f64> =
            (0..10_000).map(|k| f64::from(k + 1) * decay.powi(k) * (1.0 - decay).powi(2)).collect();
        let envelope: Vec<f64> = (0..samples.len())
            .map(|at| {
                let past = samples[..=at].iter().rev();
                past.zip(&response).map(|(x, h)| f64::from(x.abs()) * h).sum()
            })
            .collect();
        let energy: f64 = samples.iter().map(|x| f64::from(*x).powi(2)).sum();
        let hangover = whole(0.2 * rate_hz);
        let points = (1..=15).rev().filter_map(|j| {
            let threshold = 0.5_f64.powi(j);
            let above: Vec<_> =
                (0..envelope.len()).filter(|at| envelope[*at] >= threshold).collect();
            let is_active = |at: &usize| {
                let since = above.partition_point(|above| above <= at);
                since > 0 && at - above[since - 1] <= hangover
            };
            let active = (0..envelope.len()).filter(is_active).count();
            let level = 10.0 * (energy / active as f64).log10();
            (active > 0).then_some((level, level - 20.0 * threshold.log10() - 15.9))
        });
        let points: Vec<_> = points.collect();
        let pair = points.windows(2).find(|pair| pair[0].1 > 0.0 && pair[1].1 <= 0.0).unwrap();
        let ((level_a, excess_a), (level_b, excess_b)) = (pair[0], pair[1]);
        (level_a * -excess_b + level_b * excess_a) / (excess_a - excess_b)
    }

    #[test]
    fn the_active_level_is_that_of_the_definition() {
        for signal in [
            bursts(8_000, 1_500, 2_500, 9_000, 3, 16_000),
            bursts(16_000, 3_000, 9_000, 25_000, 0, 24_000),
        ] {
            let samples = signal.samples();
            let found = active_dbov(&samples, signal.rate_hz).unwrap();
            let expected = by_definition(&samples, f64::from(signal.rate_hz));
            assert!((found - expected).abs() < 1e-6, "{found}, expected {expected}");
        }
    }

    #[test]
    fn pauses_do_not_lower_the_active_level() {
        let level =
            |off| active_dbov(&bursts(8_000, 8_000, off, 8_000, 0, 160_000).samples(), 8_000);
        let (without, with) = (level(0).unwrap(), level(8_000).unwrap());
        // The mean power falls by 3 dB; the level by the hangover behind each burst, 0.2 s of 1 s.
        assert!((without - with - 0.8).abs() < 0.25, "{without} and {with}");
    }

    #[test]
    fn a_click_and_silence_have_no_level() {
        let mut samples = vec![0.0; 8_000];
        assert_eq!(active_dbov(&samples, 8_000), None);
        samples[4_000] = 1.0;
        assert_eq!(active_dbov(&samples, 8_000), None);
        assert_eq!(active_dbov(&[], 8_000), None);
    }
}
