//! Measures what a converter does to sound. Independent of it: plain sums over one second.

use crate::sound::{Encoding, Wav, sampled, tone, tones};
use std::f64::consts::TAU;

/// One second at 8 kHz: tones of whole Hertz are orthogonal over it.
const SECOND: usize = 8_000;
/// Where that second begins, behind the soft edge.
const BEGIN: usize = 4_000;
const BEGIN_S: f64 = 0.5;
/// Length of every test sound in seconds.
const SOUND_S: f64 = 2.0;

/// Where levels are cut off: below what one second of 16 bits can show.
const LEAST_DB: f64 = -150.0;

/// What is measured, the worse the further from zero.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Figures {
    /// Deviation from the level of the source at 997 Hz, in dB.
    pub(crate) gain_error_db: f64,
    /// Largest deviation from the level of the source, 100 to 3400 Hz, in dB.
    pub(crate) flatness_db: f64,
    /// Level at 3.6 and 3.8 kHz, in dB.
    pub(crate) at_3600_db: f64,
    pub(crate) at_3800_db: f64,
    /// Level of the image that a tone above 4 kHz leaves below it, in dB of that tone.
    pub(crate) image_db: f64,
    /// Signal to distortion and noise for a tone at -1 dBFS and at -60 dBFS, in dB.
    pub(crate) thdn_loud_db: f64,
    pub(crate) thdn_soft_db: f64,
    /// Difference from the exact length, in samples.
    pub(crate) length_error: f64,
    /// Delay of the output, in microseconds.
    pub(crate) delay_us: f64,
    /// Peak that silence becomes, in steps.
    pub(crate) silence_lsb: f64,
    /// Mean of the output, in steps.
    pub(crate) dc_lsb: f64,
}

/// Measures a converter (whole WAV to 8 kHz 16-bit mono samples) for one kind of source.
pub(crate) fn measure(source: &Wav, convert: &dyn Fn(&[u8]) -> Vec<i16>) -> Figures {
    const BAND_HZ: [f64; 9] =
        [100.0, 163.0, 331.0, 701.0, 997.0, 1_499.0, 2_203.0, 2_999.0, 3_400.0];
    let rate_hz = source.rate_hz;
    let run = |mono: &[f64]| convert(&source.of(mono));
    let mut figures = Figures { image_db: LEAST_DB, ..Figures::default() };

    let level = 0.08;
    let all = [BAND_HZ.as_slice(), &[3_600.0, 3_800.0]].concat();
    let out = run(&tones(rate_hz, SOUND_S, &all, level));
    let gain = |hertz| decibels(fit(&out, hertz).0 / level);
    for hertz in BAND_HZ {
        figures.flatness_db = figures.flatness_db.max(gain(hertz).abs());
    }
    (figures.at_3600_db, figures.at_3800_db) = (gain(3_600.0), gain(3_800.0));

    let loud = run(&tone(rate_hz, SOUND_S, 997.0, 10_f64.powf(-1.0 / 20.0)));
    figures.thdn_loud_db = thdn(&loud, 997.0);
    figures.gain_error_db = (decibels(fit(&loud, 997.0).0) + 1.0).abs();
    figures.delay_us = fit(&loud, 997.0).1;
    figures.dc_lsb = mean(&loud).abs() * 32_768.0;
    figures.thdn_soft_db = thdn(&run(&tone(rate_hz, SOUND_S, 997.0, 0.001)), 997.0);

    for share in [0.1, 0.45, 0.9] {
        let hertz = (4_000.0 + share * (f64::from(rate_hz) / 2.0 - 4_000.0)).round();
        if hertz > 4_000.0 {
            let out = run(&tone(rate_hz, SOUND_S, hertz, 0.9));
            let image = decibels(fit(&out, folded(hertz)).0 / 0.9);
            figures.image_db = figures.image_db.max(image.max(LEAST_DB));
        }
    }
    figures.silence_lsb = peak(&run(&vec![0.0; rate_hz as usize]));
    figures.length_error = length_error(rate_hz, &run);
    figures
}

impl Figures {
    /// The worse of two, figure by figure.
    pub(crate) fn worst(self, other: Self) -> Self {
        Self {
            gain_error_db: self.gain_error_db.max(other.gain_error_db),
            flatness_db: self.flatness_db.max(other.flatness_db),
            at_3600_db: self.at_3600_db.min(other.at_3600_db),
            at_3800_db: self.at_3800_db.min(other.at_3800_db),
            image_db: self.image_db.max(other.image_db),
            thdn_loud_db: self.thdn_loud_db.min(other.thdn_loud_db),
            thdn_soft_db: self.thdn_soft_db.min(other.thdn_soft_db),
            length_error: self.length_error.max(other.length_error),
            delay_us: if self.delay_us.abs() > other.delay_us.abs() { self } else { other }
                .delay_us,
            silence_lsb: self.silence_lsb.max(other.silence_lsb),
            dc_lsb: self.dc_lsb.max(other.dc_lsb),
        }
    }
}

/// The kinds of sources that are measured: 6 rates, 1 and 2 channels, 3 encodings.
pub(crate) fn combinations() -> Vec<Wav> {
    let mut all = Vec::new();
    for rate_hz in [11_025, 16_000, 22_050, 24_000, 44_100, 48_000] {
        for channels in [1, 2] {
            for encoding in [Encoding::Pcm(16), Encoding::Pcm(24), Encoding::Float(32)] {
                all.push(Wav { encoding, channels, rate_hz, ..Wav::default() });
            }
        }
    }
    all
}

/// A sound that is loud to its last sample, in lengths that do not fit; silence behind it is ours.
fn length_error(rate_hz: u32, run: &dyn Fn(&[f64]) -> Vec<i16>) -> f64 {
    let mut worst = 0.0_f64;
    for extra in [0_u32, 1, 2, 5] {
        let seconds = 0.4 + f64::from(extra) / f64::from(rate_hz);
        let sound = sampled(rate_hz, seconds, |t| 0.5 * (TAU * 500.0 * t).cos());
        let out = run(&sound);
        let tail = out.iter().rev().take_while(|sample| **sample == 0).count();
        let found = u32::try_from(out.len() - tail).unwrap();
        let exact = 8_000.0 * f64::from(u32::try_from(sound.len()).unwrap()) / f64::from(rate_hz);
        worst = worst.max((f64::from(found) - exact).abs());
    }
    worst
}

/// Where a tone is found after sampling at 8 kHz.
fn folded(hertz: f64) -> f64 {
    let within = hertz.rem_euclid(8_000.0);
    within.min(8_000.0 - within)
}

/// Amplitude (1.0 is full scale) and delay in microseconds of a tone in the second that is measured.
fn fit(out: &[i16], hertz: f64) -> (f64, f64) {
    let (sine, cosine) = projections(out, hertz);
    let delay_s = (-cosine).atan2(sine) / (TAU * hertz);
    (sine.hypot(cosine), delay_s * 1e6)
}

/// Parts of the tone in phase and in quadrature with the source's.
fn projections(out: &[i16], hertz: f64) -> (f64, f64) {
    let mut sums = (0.0, 0.0);
    for (t, sample) in timed(out) {
        let (sine, cosine) = (TAU * hertz * t).sin_cos();
        sums = (sums.0 + sample * sine, sums.1 + sample * cosine);
    }
    (sums.0 / 4_000.0, sums.1 / 4_000.0)
}

/// Power of a tone over the power of all that is left without it.
fn thdn(out: &[i16], hertz: f64) -> f64 {
    let (sine, cosine) = projections(out, hertz);
    let mean = mean(out);
    let rest = timed(out).map(|(t, sample)| {
        let (s, c) = (TAU * hertz * t).sin_cos();
        (sample - mean - sine * s - cosine * c).powi(2)
    });
    10.0 * ((sine.powi(2) + cosine.powi(2)) * 4_000.0 / rest.sum::<f64>()).log10()
}

fn mean(out: &[i16]) -> f64 {
    timed(out).map(|(_, sample)| sample).sum::<f64>() / 8_000.0
}

fn peak(out: &[i16]) -> f64 {
    out.iter().map(|sample| f64::from(*sample).abs()).fold(0.0, f64::max)
}

fn timed(out: &[i16]) -> impl Iterator<Item = (f64, f64)> + '_ {
    (0_u32..)
        .zip(&out[BEGIN..BEGIN + SECOND])
        .map(|(i, sample)| (BEGIN_S + f64::from(i) / 8_000.0, f64::from(*sample) / 32_768.0))
}

fn decibels(ratio: f64) -> f64 {
    20.0 * ratio.log10()
}
