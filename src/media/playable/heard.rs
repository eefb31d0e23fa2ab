//! What the sound of a prompt is like: how loud, cut off at full scale, shifted, hardly there.
//!
//! Gives notes, never refusals: the PBX plays such a file all the same.

use super::{Code, Ending, Report, decoded};
use crate::media::{
    downmix,
    input::Input,
    kind::Kind,
    level::{Meter, decibels},
    wav::{self, Place},
};
use std::{io, ops::Range};

/// Larger files are not listened to: at 8 kHz this is four hours.
const MAX_HEARD_BYTES: u64 = 256 << 20;

/// Samples in a row at full scale that are a wave cut off: one or two happen in loud sound.
const CLIPPED_RUN: usize = 4;
/// From here on a sample is at full scale: 16 bits end at 32767/32768.
const FULL_SCALE: f32 = 0.9999;
/// A larger mean is heard as a click at both ends of the prompt: 1 % of full scale.
const MAX_DC: f64 = 0.01;
/// Speech below this level is hardly heard beside a telephone line's own noise; Asterisk's own
/// prompts have -19 dBov.
const NEAR_SILENCE_DBOV: f64 = -45.0;
/// Further than this from the middle of all prompts a caller reaches for the volume, in dB.
const MAX_DISTANCE_DB: f64 = 10.0;

/// What the cure of a wrong level is.
const BRING_TO_LEVEL: &str = "bring it to a level with `ivrkit media convert --level stock`";

/// What the sound of a file is like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Heard {
    /// Active speech level by ITU-T P.56 in dBov; `None` if there is no speech.
    pub level_dbov: Option<f64>,
    /// Largest sample in dBFS; `None` if all are 0.
    pub peak_dbfs: Option<f64>,
    /// Mean of the samples as a share of full scale.
    pub dc: f64,
    /// Runs of samples at full scale.
    pub clipped_runs: usize,
}

/// Decodes the sound of a file that was judged, and notes what is wrong with it.
pub(super) fn listen(report: &mut Report, input: &mut Input<'_>) -> io::Result<()> {
    let Some((format, sound)) = sound(&report.name, input)? else { return Ok(()) };
    let (mut meter, mut clipped, mut mono) =
        (Meter::new(format.rate_hz), Clipped::default(), Vec::new());
    let is_whole = decoded(input, format, sound, |samples| {
        mono.clear();
        downmix::append(&mut mono, samples, format.channels);
        meter.add(&mono);
        clipped.add(&mono);
    })?;
    if is_whole {
        note(report, &meter, clipped.runs());
    }
    Ok(())
}

/// How the sound is written, and where it is, if it can be decoded.
fn sound(name: &str, input: &mut Input<'_>) -> io::Result<Option<(wav::Format, Range<u64>)>> {
    if input.size() > MAX_HEARD_BYTES {
        return Ok(None);
    }
    match Ending::of(name) {
        Some(Ending::Wav { .. }) => {
            let (kind, start) = Kind::of(input)?;
            if kind != Kind::Wave {
                return Ok(None);
            }
            let place = Place::find(input, start).and_then(|place| {
                place.check_single(input)?;
                Ok((place.format, place.sound))
            });
            Ok(place.ok())
        }
        Some(Ending::Headerless(kind)) => Ok(kind.format().map(|format| (format, 0..input.size()))),
        Some(Ending::GsmWav) | None => Ok(None),
    }
}

fn note(report: &mut Report, meter: &Meter, clipped_runs: usize) {
    let measured = meter.measured();
    let heard = Heard {
        level_dbov: measured.active_dbov,
        peak_dbfs: (measured.peak > 0.0).then(|| decibels(measured.peak)),
        dc: measured.dc,
        clipped_runs,
    };
    report.heard = Some(heard);
    if heard.clipped_runs > 0 {
        let places = if heard.clipped_runs == 1 { "place" } else { "places" };
        let reason =
            format!("the sound is cut off at full scale in {} {places}", heard.clipped_runs);
        report.warn(Code::Clipping, reason, "record or make it again with less gain");
    }
    if heard.dc.abs() > MAX_DC {
        let reason = format!("the sound is shifted by {:.1} % of full scale", heard.dc * 100.0);
        report.warn(Code::Dc, reason, "filter it with `ivrkit media convert --high-pass 100`");
    }
    match heard.level_dbov {
        None => report.warn(Code::NearSilence, "there is no speech in it", "listen to it"),
        Some(level) if level < NEAR_SILENCE_DBOV => {
            let reason = format!("hardly anything can be heard, the level is {level:.1} dBov");
            report.warn(Code::NearSilence, reason, BRING_TO_LEVEL);
        }
        Some(_) => {}
    }
}

/// Notes prompts that are much louder or softer than the rest: than the median, if there are three.
pub fn compare_levels<'a>(reports: impl Iterator<Item = &'a mut Report>) {
    let reports: Vec<_> = reports.collect();
    let level_of = |report: &Report| report.heard.and_then(|heard| heard.level_dbov);
    let mut levels: Vec<f64> = reports.iter().filter_map(|report| level_of(report)).collect();
    if levels.len() < 3 {
        return;
    }
    levels.sort_by(f64::total_cmp);
    let median = levels[levels.len() / 2];
    for report in reports {
        let Some(level) = level_of(report) else { continue };
        let distance = level - median;
        if distance.abs() > MAX_DISTANCE_DB && level >= NEAR_SILENCE_DBOV {
            let than = if distance > 0.0 { "louder" } else { "softer" };
            let reason = format!("{:.1} dB {than} than the middle of all files", distance.abs());
            report.warn(Code::Level, reason, BRING_TO_LEVEL);
        }
    }
}

/// Runs of samples at full scale, on one side of zero each.
#[derive(Default)]
struct Clipped {
    /// Samples of the run that goes on, and its side.
    length: usize,
    is_positive: bool,
    /// Runs that have ended and are long enough.
    ended: usize,
}

impl Clipped {
    fn add(&mut self, samples: &[f32]) {
        for sample in samples {
            let is_positive = *sample > 0.0;
            if sample.abs() < FULL_SCALE {
                self.end();
            } else if self.length > 0 && self.is_positive == is_positive {
                self.length += 1;
            } else {
                self.end();
                (self.length, self.is_positive) = (1, is_positive);
            }
        }
    }

    fn end(&mut self) {
        self.ended += usize::from(self.length >= CLIPPED_RUN);
        self.length = 0;
    }

    fn runs(mut self) -> usize {
        self.end();
        self.ended
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{encode, playable};
    use ivrkit_dialplan::scenario::Profile;

    fn heard(samples: &[f32], name: &str, bytes_of: fn(&[f32]) -> Vec<u8>) -> Report {
        let bytes = bytes_of(samples);
        let mut report = playable::examine(&bytes, name, Profile::Asterisk);
        listen(&mut report, &mut Input::of(&bytes)).unwrap();
        report
    }

    /// The codes of what is said of a second of this sound as a WAV.
    fn check(sound: impl Fn(usize) -> f32, expected: &[Code]) {
        let samples: Vec<f32> = (0..8_000).map(sound).collect();
        let report = heard(&samples, "prompt.wav", encode::wav);
        let codes: Vec<_> = report.warnings.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, expected, "{report:#?}");
        assert!(report.is_playable());
    }

    fn square(level: f32) -> impl Fn(usize) -> f32 {
        move |at| if at % 20 < 10 { level } else { -level }
    }

    #[test]
    fn each_fault_has_its_note() {
        check(square(0.1), &[]);
        check(square(1.0), &[Code::Clipping]);
        check(|at| square(0.1)(at) + 0.05, &[Code::Dc]);
        check(square(0.001), &[Code::NearSilence]);
        check(|_| 0.0, &[Code::NearSilence]);
        check(|at| if at.is_multiple_of(100) { 1.0 } else { square(0.1)(at) }, &[]);
    }

    #[test]
    fn what_has_no_header_is_heard_too() {
        let samples: Vec<f32> = (0..8_000).map(square(0.5)).collect();
        let sln = |samples: &[f32]| encode::wav(samples)[44..].to_vec();
        let report = heard(&samples, "prompt.sln", sln);
        let level = report.heard.and_then(|heard| heard.level_dbov).unwrap();
        assert!((level + 6.1).abs() < 0.2, "{level}");
        assert_eq!(heard(&samples, "prompt.gsm", sln).heard, None);
    }

    #[test]
    fn a_prompt_that_is_far_from_the_others_is_noted() {
        let levels = [0.1, 0.11, 0.09, 0.1, 0.5, 0.02];
        let mut reports: Vec<_> = levels
            .into_iter()
            .map(|level| {
                let samples: Vec<f32> = (0..8_000).map(square(level)).collect();
                heard(&samples, "prompt.wav", encode::wav)
            })
            .collect();
        compare_levels(reports.iter_mut());
        let noted: Vec<_> = reports.iter().map(|report| report.warnings.len()).collect();
        assert_eq!(noted, [0, 0, 0, 0, 1, 1]);
        assert!(reports[4].warnings[0].reason.contains("dB louder than the middle"));
    }
}
