//! What must hold of any bytes that are taken for a sound file. The fuzz target runs it too.

use ivrkit::media::{self, playable, resample, source::Source};
use ivrkit_dialplan::scenario::Profile;

/// Bytes of a prompt before its sound, and of the silence that it ends in at most: 22 samples, and one
/// more if there is nothing else.
const AROUND: usize = 44 + 46;

pub(crate) fn check(bytes: &[u8]) {
    for name in ["prompt.wav", "prompt.wav16", "prompt.WAV", "prompt.sln", "prompt"] {
        let report = playable::examine(bytes, name, Profile::Asterisk);
        assert!(report.opens || !report.is_playable(), "{report:?}");
    }
    let Ok(mut source) = Source::of(bytes) else {
        assert!(media::convert(bytes).is_err());
        return;
    };
    let (rate_hz, said) = (source.rate_hz(), source.frames());
    let mut samples = Vec::new();
    let read = loop {
        match source.read(&mut samples) {
            Ok(true) => {}
            Ok(false) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    assert!(samples.iter().all(|sample| sample.abs() <= 8.0), "sound that is too loud");
    // A filter for a rate that no engine has takes longer than all the rest.
    if !rate_hz.is_multiple_of(25) {
        return;
    }
    let converted = media::convert(bytes);
    if let Err(error) = read {
        assert_eq!(converted.map_err(|error| error.to_string()), Err(error.to_string()));
        return;
    }
    assert!(said.is_none_or(|said| said == samples.len() as u64), "{said:?}, {}", samples.len());
    let prompt = converted.expect("what is read is converted");
    let sound = 2 * resample::output_frames(samples.len(), rate_hz, 8_000);
    assert!((sound..=sound + AROUND).contains(&prompt.len()), "{} of {sound}", prompt.len());
    let report = playable::examine(&prompt, "prompt.wav", Profile::YeastarS);
    assert!(report.is_playable() && report.warnings.is_empty(), "{report:?}");
    assert_eq!(media::convert(&prompt).as_ref(), Ok(&prompt), "a prompt stays as it is");
}
