//! Will this PBX play this file, and to its end?
//!
//! Judges a whole file by its name and bytes as the PBX's own reader would (`reader` walks the
//! header the way Asterisk does), and compares what would be heard with the sound that is there. Of a
//! file on the disk only pieces are in memory. Must not convert.

mod ending;
mod heard;
mod name;
mod reader;

pub use heard::{Heard, compare_levels};

use super::{
    decode,
    input::Input,
    kind::Kind,
    wav::{self, Place},
};
use crate::files;
use ending::{Ending, Headerless};
use ivrkit_dialplan::scenario::Profile;
use reader::{Opened, Stumble};
use serde::Serialize;
use std::{io, ops::Range, path::Path, time::Duration};

/// Loss at the end that is reported but does not make a prompt unplayable: the last 10 ms of a
/// recording are hardly ever speech, and every plain WAV loses 2.75 ms.
pub const MAX_LOSS: Duration = Duration::from_millis(10);
/// Sound below -60 dBFS is silence here: its loss is not reported.
const SILENCE: f32 = 0.001;
/// Largest prompt that a Yeastar S-series takes ("less than 8 MB" in its manual). Elsewhere a larger
/// one is worth a note: nobody listens for 8 minutes.
const MAX_YEASTAR_BYTES: u64 = 8 << 20;
/// How much of a file is looked at at a time.
const BLOCK_BYTES: u64 = 1 << 16;

/// What a PBX will make of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The file name that was judged.
    pub name: String,
    /// The PBX it was judged for.
    pub profile: Profile,
    /// Rate, channels and encoding; `None` if the header does not say so credibly.
    pub format: Option<wav::Format>,
    /// The PBX's reader opens the file; it may still play too little of it.
    pub opens: bool,
    /// Sound in the file; `None` if it cannot be known.
    pub duration: Option<Duration>,
    /// What the PBX plays, counted in its own samples.
    pub played_samples: u64,
    /// How long that takes.
    pub played: Duration,
    /// Sound at the end that is not played, silence included.
    pub lost: Duration,
    /// What the sound is like; `None` if it was not asked for, or cannot be decoded.
    pub heard: Option<Heard>,
    /// Why the file must not be used as it is. Empty: it is playable.
    pub refusals: Vec<Finding>,
    /// What is worth knowing.
    pub warnings: Vec<Finding>,
}

/// One thing that is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable name of the kind of problem.
    pub code: Code,
    /// What was found and what was expected.
    pub reason: String,
    /// What to do.
    pub cure: &'static str,
}

/// Kinds of problems. Names are stable: they are part of the JSON output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// The file name cannot be used in a dialplan or on the PBX.
    Name,
    /// The PBX has no reader for this ending.
    Ending,
    /// Not a WAV file, or one of another family.
    NotWav,
    /// The sound is damaged or its place uncertain.
    Damaged,
    /// Rate, channels or encoding are not those of the reader.
    Format,
    /// The header is legal but the PBX's reader stumbles over it.
    Header,
    /// The PBX opens the file and plays nothing.
    PlaysNothing,
    /// The PBX stops before the end.
    LosesEnd,
    /// The PBX plays metadata as sound.
    PlaysMetadata,
    /// Larger than the PBX takes.
    TooLarge,
    /// Without a header nothing can be checked.
    Headerless,
    /// Tops of waves are cut off.
    Clipping,
    /// The sound is shifted away from zero.
    Dc,
    /// Hardly anything can be heard.
    NearSilence,
    /// Much louder or softer than the other prompts.
    Level,
}

impl Report {
    /// The PBX plays the file whole, or all but [`MAX_LOSS`].
    pub fn is_playable(&self) -> bool {
        self.refusals.is_empty()
    }

    fn new(name: &str, profile: Profile) -> Self {
        Self {
            name: name.to_owned(),
            profile,
            format: None,
            opens: false,
            duration: None,
            played_samples: 0,
            played: Duration::ZERO,
            lost: Duration::ZERO,
            heard: None,
            refusals: Vec::new(),
            warnings: Vec::new(),
        }
    }

    fn refuse(&mut self, code: Code, reason: impl Into<String>, cure: &'static str) {
        self.refusals.push(Finding { code, reason: reason.into(), cure });
    }

    fn warn(&mut self, code: Code, reason: impl Into<String>, cure: &'static str) {
        self.warnings.push(Finding { code, reason: reason.into(), cure });
    }
}

/// The cure of nearly everything.
const CONVERT: &str = "convert it with `ivrkit media convert`";
/// The cure of what cannot be converted.
const EXPORT: &str = "export the prompt as WAV";

/// Judges a file by its name (the last part of its path) and its bytes.
///
/// # Panics
/// Never: memory is read without errors.
pub fn examine(bytes: &[u8], name: &str, profile: Profile) -> Report {
    judge(&mut Input::of(bytes), name, profile).expect("memory is read without errors")
}

/// Judges a file on the disk.
///
/// # Errors
/// A file that cannot be read.
pub fn examine_file(path: &Path, profile: Profile) -> Result<Report, files::Error> {
    of_file(path, profile, |_, _| Ok(()))
}

/// Judges a file on the disk, and its sound.
///
/// # Errors
/// A file that cannot be read.
pub fn listen_to_file(path: &Path, profile: Profile) -> Result<Report, files::Error> {
    of_file(path, profile, heard::listen)
}

fn of_file(
    path: &Path,
    profile: Profile,
    more: impl FnOnce(&mut Report, &mut Input<'_>) -> io::Result<()>,
) -> Result<Report, files::Error> {
    let mut input = Input::open(path)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let report = judge(&mut input, &name, profile).and_then(|mut report| {
        more(&mut report, &mut input)?;
        Ok(report)
    });
    report.map_err(|source| files::Error::Read { path: path.to_owned(), source })
}

fn judge(input: &mut Input<'_>, name: &str, profile: Profile) -> io::Result<Report> {
    let mut report = Report::new(name, profile);
    if let Some(reason) = name::refusal(name, profile) {
        report.refuse(Code::Name, reason, "rename it to ASCII letters, digits, `-` and `_`");
    }
    match Ending::of(name) {
        Some(ending) if ending.is_documented_for(profile) => match ending {
            Ending::Wav { rate_hz } => wav_file(&mut report, input, rate_hz)?,
            Ending::GsmWav => gsm_wav_file(&mut report, input)?,
            Ending::Headerless(kind) => headerless_file(&mut report, input, kind)?,
        },
        _ => {
            let reason = format!("{profile} has no reader for this ending");
            report.refuse(Code::Ending, reason, cure_of(Kind::of(input)?.0));
        }
    }
    if input.size() >= MAX_YEASTAR_BYTES {
        let reason = format!("{} bytes, expected less than {MAX_YEASTAR_BYTES}", input.size());
        let cure = "split it into prompts of less than 8 minutes";
        match profile {
            Profile::YeastarS => report.refuse(Code::TooLarge, reason, cure),
            Profile::Asterisk => report.warn(Code::TooLarge, reason, cure),
        }
    }
    Ok(report)
}

/// What helps with a file that the PBX does not know, by what it is.
fn cure_of(kind: Kind) -> &'static str {
    if kind.is_read() { CONVERT } else { EXPORT }
}

fn wav_file(report: &mut Report, input: &mut Input<'_>, rate_hz: u32) -> io::Result<()> {
    let (kind, start) = Kind::of(input)?;
    if kind != Kind::Wave {
        not_wave(report, kind);
        return Ok(());
    }
    let place = Place::find(input, start).and_then(|place| {
        place.check_single(input)?;
        Ok(place)
    });
    if let Ok(place) = &place {
        report.format = Some(place.format);
        report.duration = Some(of_samples(place.frames(), place.format.rate_hz));
    }
    let opened = reader::wav(input, rate_hz);
    if let Ok(opened) = &opened {
        report.opens = true;
        let played = (opened.played.end - opened.played.start) / 2;
        report.played_samples = played;
        report.played = of_samples(played, rate_hz);
    }
    match (place, opened) {
        (Err(wav::Error::Read { kind, .. }), _) | (_, Err(Stumble::Read(kind))) => {
            return Err(kind.into());
        }
        (Ok(place), Ok(opened)) => compare(report, input, &place, &opened, rate_hz)?,
        (Ok(place), Err(stumble)) => refused(report, place.format, &stumble, rate_hz),
        (Err(error), _) => undecodable(report, &error),
    }
    Ok(())
}

fn not_wave(report: &mut Report, kind: Kind) {
    if kind == Kind::Empty {
        return undecodable(report, &wav::Error::EmptyFile);
    }
    let reason = format!("found {}, expected a RIFF/WAVE file", kind.name());
    report.refuse(Code::NotWav, reason, cure_of(kind));
}

/// Both readers see sound: is it the same?
fn compare(
    report: &mut Report,
    input: &mut Input<'_>,
    place: &Place,
    opened: &Opened,
    rate_hz: u32,
) -> io::Result<()> {
    let misfits = misfits(place.format, rate_hz);
    if !misfits.is_empty() {
        // The PBX does not look at the bits: it would play noise.
        report.refuse(Code::Format, misfits, CONVERT);
        return Ok(());
    }
    let sound = &place.sound;
    if opened.played.end > sound.end + 1 {
        let count = opened.played.end - sound.end;
        let reason = format!("{count} bytes of metadata behind the sound are played as a click");
        report.refuse(Code::PlaysMetadata, reason, CONVERT);
    }
    let heard = opened.played.end.clamp(sound.start, sound.end);
    report.lost = of_samples((sound.end - heard) / 2, rate_hz);
    if heard == sound.start {
        let reason = if opened.data_size == 0 {
            "the `data` size is 0, as a stream leaves it: the PBX plays nothing".to_owned()
        } else {
            format!("{} bytes before the sound make the PBX play nothing", sound.start)
        };
        report.refuse(Code::PlaysNothing, reason, CONVERT);
    } else if is_audible(input, place, heard..sound.end)? {
        let reason = format!(
            "loses {} ms at the end: the PBX drops as many bytes as precede the sound, {}",
            milliseconds(report.lost),
            sound.start
        );
        if report.lost > MAX_LOSS {
            report.refuse(Code::LosesEnd, reason, CONVERT);
        } else {
            let cure = "`ivrkit media convert` adds the silence that is dropped instead";
            report.warn(Code::LosesEnd, reason, cure);
        }
    }
    Ok(())
}

/// There is sound, but the PBX does not open the file.
fn refused(report: &mut Report, format: wav::Format, stumble: &Stumble, rate_hz: u32) {
    let misfits = misfits(format, rate_hz);
    if misfits.is_empty() {
        report.refuse(Code::Header, stumble.to_string(), CONVERT);
    } else {
        report.refuse(Code::Format, misfits, CONVERT);
    }
}

fn undecodable(report: &mut Report, error: &wav::Error) {
    let (code, cure) = match error {
        wav::Error::Format { error: wav::FormatError::Encoding { .. }, .. } => {
            (Code::Format, "export the prompt as PCM WAV")
        }
        _ => (Code::Damaged, "make the file anew"),
    };
    report.refuse(code, error.to_string(), cure);
}

/// What in the format differs from what the reader of this ending takes; empty if nothing.
fn misfits(format: wav::Format, rate_hz: u32) -> String {
    let mut found = Vec::new();
    if format.rate_hz != rate_hz {
        found.push(format!("{} Hz, expected {rate_hz}", format.rate_hz));
    }
    if format.channels != 1 {
        found.push(format!("{} channels, expected 1", format.channels));
    }
    if format.encoding != wav::Encoding::Pcm16 {
        found.push(format!("{}, expected pcm-16", format.encoding.name()));
    }
    found.join("; ")
}

/// Something louder than silence is in this part of a 16-bit mono file.
fn is_audible(input: &mut Input<'_>, place: &Place, part: Range<u64>) -> io::Result<bool> {
    let mut is_audible = false;
    decoded(input, place.format, part, |samples| {
        is_audible |= samples.iter().any(|sample| sample.abs() > SILENCE);
    })?;
    Ok(is_audible)
}

/// Shows a part of a file, piece by piece, as it decodes; says whether all of it does.
fn decoded(
    input: &mut Input<'_>,
    format: wav::Format,
    part: Range<u64>,
    mut take: impl FnMut(&[f32]),
) -> io::Result<bool> {
    let frame_bytes = format.frame_bytes() as u64;
    let (mut at, mut samples) = (part.start, Vec::new());
    while part.end - at >= frame_bytes {
        let count = BLOCK_BYTES.min(part.end - at);
        let count = usize::try_from(count - count % frame_bytes).expect("a block is small");
        let bytes = input.at(at, count)?;
        samples.clear();
        if bytes.len() < count || decode::append(&mut samples, format, bytes, 0).is_err() {
            return Ok(false);
        }
        take(&samples);
        at += count as u64;
    }
    Ok(true)
}

fn gsm_wav_file(report: &mut Report, input: &mut Input<'_>) -> io::Result<()> {
    match reader::gsm_wav(input) {
        Ok(samples) => {
            report.opens = true;
            play_whole(report, samples);
        }
        Err(Stumble::Read(kind)) => return Err(kind.into()),
        Err(stumble) => {
            let reason = format!("the ending `.WAV` stands for GSM 6.10: {stumble}");
            report.refuse(Code::Header, reason, cure_of(Kind::of(input)?.0));
        }
    }
    Ok(())
}

fn headerless_file(report: &mut Report, input: &mut Input<'_>, kind: Headerless) -> io::Result<()> {
    report.opens = true;
    play_whole(report, kind.samples(input.size()));
    report.played = kind.duration(input.size());
    report.duration = Some(report.played);
    if input.at(0, 4)? == b"RIFF" {
        let reason = "a WAV header in a headerless format is played as a click";
        report.refuse(Code::Header, reason, cure_of(Kind::of(input)?.0));
    } else {
        let reason =
            format!("without a header only the size can be checked; played as {}", kind.name);
        report.warn(Code::Headerless, reason, "use a WAV, which can be checked");
    }
    Ok(())
}

fn play_whole(report: &mut Report, samples: u64) {
    report.played_samples = samples;
    report.played = of_samples(samples, 8_000);
    report.duration = Some(report.played);
    if samples == 0 {
        report.refuse(Code::PlaysNothing, "there is no sound in it", "make the file anew");
    }
}

fn of_samples(samples: u64, rate_hz: u32) -> Duration {
    Duration::from_micros(samples * 1_000_000 / u64::from(rate_hz))
}

fn milliseconds(duration: Duration) -> String {
    let text = format!("{:.2}", duration.as_secs_f64() * 1000.0);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::encode;

    /// What is said of a good prompt under this name: the codes of refusals, then of warnings.
    fn check(name: &str, profile: Profile, expected: &[Code]) {
        let report = examine(&encode::wav(&[0.5; 800]), name, profile);
        let found: Vec<_> =
            report.refusals.iter().chain(&report.warnings).map(|finding| finding.code).collect();
        assert_eq!(found, expected, "{report:#?}");
    }

    #[test]
    fn names_are_judged_for_the_pbx() {
        for profile in [Profile::Asterisk, Profile::YeastarS] {
            check("13900001111.wav", profile, &[]);
            check("macroform-the_simplicity.wav", profile, &[]);
            check("a&b.wav", profile, &[Code::Name]);
            check("a b.wav", profile, &[Code::Name]);
            check(".wav", profile, &[Code::Name]);
            check("prompt.mp3", profile, &[Code::Ending]);
            check("prompt.Wav", profile, &[Code::Ending]);
            check("prompt", profile, &[Code::Ending]);
        }
        check("请稍后.wav", Profile::Asterisk, &[]);
        check("请稍后.wav", Profile::YeastarS, &[Code::Name]);
        check("+86139.wav", Profile::Asterisk, &[]);
        check("+86139.wav", Profile::YeastarS, &[Code::Name]);
    }

    #[test]
    fn what_is_no_wav_is_told_its_cure_once() {
        for (bytes, cure) in [
            (b"this is text".as_slice(), "export the prompt as WAV"),
            (b"riff\x2e\x91\xcf\x11\xa5\xd6", "export the prompt as WAV"),
        ] {
            let report = examine(bytes, "prompt.wav", Profile::Asterisk);
            let [finding] = report.refusals.as_slice() else { panic!("{report:#?}") };
            assert_eq!((finding.code, finding.cure), (Code::NotWav, cure));
            assert!(finding.reason.ends_with("expected a RIFF/WAVE file"), "{}", finding.reason);
        }
    }

    #[test]
    fn a_yeastar_takes_fewer_formats() {
        check("prompt.wav16", Profile::Asterisk, &[Code::Format]);
        check("prompt.wav16", Profile::YeastarS, &[Code::Ending]);
        check("prompt.sln", Profile::Asterisk, &[Code::Header]);
        check("prompt.sln", Profile::YeastarS, &[Code::Ending]);
        check("prompt.gsm", Profile::YeastarS, &[Code::Header]);
    }

    #[test]
    fn a_yeastar_takes_less_than_8_mib() {
        let samples = vec![0.0; usize::try_from(MAX_YEASTAR_BYTES / 2).unwrap()];
        let code = |profile| {
            examine(&encode::wav(&samples), "long.wav", profile).refusals.first().map(|f| f.code)
        };
        assert_eq!(code(Profile::Asterisk), None);
        assert_eq!(code(Profile::YeastarS), Some(Code::TooLarge));
    }

    #[test]
    fn loss_of_silence_is_no_finding_and_of_sound_counts_by_its_length() {
        let with_tail = |tail: f32| {
            let mut bytes = encode::wav(&[vec![0.5; 800], vec![tail; 22]].concat());
            bytes.truncate(44 + 2 * 822);
            bytes[40..44].copy_from_slice(&1_644_u32.to_le_bytes());
            examine(&bytes, "prompt.wav", Profile::Asterisk)
        };
        let silent = with_tail(0.0005);
        assert!(silent.is_playable() && silent.warnings.is_empty());
        assert_eq!(silent.lost, Duration::from_micros(2_750));
        let loud = with_tail(0.5);
        assert!(loud.is_playable());
        assert_eq!(loud.warnings[0].code, Code::LosesEnd);
        assert!(loud.warnings[0].reason.starts_with("loses 2.75 ms at the end"));
    }
}
