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

/// Measures one channel, full scale at 1.0.
pub fn measure(samples: &[f32], rate_hz: u32) -> Measured {
    let sum: f64 = samples.iter().map(|sample| f64::from(*sample)).sum();
    let peak = samples.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
    Measured {
        active_dbov: active_dbov(samples, rate_hz),
        peak: f64::from(peak),
        dc: sum / count(samples.len().max(1)),
    }
}

/// A ratio of amplitudes in dB.
pub fn decibels(ratio: f64) -> f64 {
    20.0 * ratio.log10()
}

/// The active speech level in dBov, `None` if there is no speech.
///
/// The method has 15 thresholds for the envelope. For each, the power of the sound over the time that
/// the envelope is above it (or was within the hangover) is a level; the active level is where that
/// is 15.9 dB above its threshold, between two of them by straight lines in dB.
pub fn active_dbov(samples: &[f32], rate_hz: u32) -> Option<f64> {
    let energy: f64 = samples.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    let active = active_samples(samples, rate_hz);
    // Level and threshold, for each threshold that the envelope reached.
    let points = (0..THRESHOLDS).zip(active).filter(|(_, active)| *active > 0);
    let points: Vec<_> = points
        .map(|(j, active)| (10.0 * (energy / count(active)).log10(), decibels(threshold(j))))
        .collect();
    let excess = |(level, threshold): (f64, f64)| level - threshold - MARGIN_DB;
    let above = points.iter().position(|point| excess(*point) <= 0.0)?;
    let (low, high) = (points.get(above.checked_sub(1)?)?, points[above]);
    let share = excess(*low) / (excess(*low) - excess(high));
    Some(low.0 + share * (high.0 - low.0))
}

/// How many samples are active for each threshold.
fn active_samples(samples: &[f32], rate_hz: u32) -> [usize; THRESHOLDS] {
    let rate_hz = f64::from(rate_hz);
    let decay = (-1.0 / (rate_hz * ENVELOPE_S)).exp();
    let hangover = whole(HANGOVER_S * rate_hz);
    let (mut once, mut envelope) = (0.0_f64, 0.0_f64);
    // A threshold that was never reached has no hangover.
    let mut since = [hangover; THRESHOLDS];
    let mut active = [0; THRESHOLDS];
    for sample in samples {
        once = decay * once + (1.0 - decay) * f64::from(sample.abs());
        envelope = decay * envelope + (1.0 - decay) * once;
        let reached = (0..THRESHOLDS).take_while(|j| envelope >= threshold(*j)).count();
        for j in 0..reached {
            (active[j], since[j]) = (active[j] + 1, 0);
        }
        for j in reached..THRESHOLDS {
            if since[j] < hangover {
                (active[j], since[j]) = (active[j] + 1, since[j] + 1);
            }
        }
    }
    active
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
