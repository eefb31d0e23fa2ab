//! What is refused, and that no header brings the converter or the validator down.

use crate::sound::{Encoding, Wav, chunk, tone};
use ivrkit::media::{self, playable};
use ivrkit_dialplan::scenario::Profile;
use proptest::{prelude::*, test_runner::RngSeed};

fn speech() -> Vec<f64> {
    tone(8_000, 1.0, 440.0, 0.5)
}

fn check(bytes: &[u8], expected: &str) {
    let error = media::convert(bytes).expect_err(expected).to_string();
    assert!(error.contains(expected), "found `{error}`, expected `{expected}`");
    let report = playable::examine(bytes, "prompt.wav", Profile::Asterisk);
    assert!(!report.is_playable(), "{expected}: {report:?}");
    assert!(report.refusals.iter().all(|f| !f.reason.is_empty() && !f.cure.is_empty()));
}

#[test]
fn damaged_files_are_refused() {
    let good = Wav::default().of(&speech());
    check(b"", "the file is empty");
    check(&good[..12], "no `fmt ` chunk");
    check(&good[..30], "the chunk `fmt ` at byte 12 says 16 bytes, the file has 10 more");
    check(&good[..40], "no `data` chunk");
    check(&good[..44], "the file is cut off");
    check(&good[..9_000], "the file is cut off: the `data` chunk says 16000 bytes, 8956 are there");
    check(&Wav::default().of(&[]), "the `data` chunk is empty");
    check(&[&good[..12], &good[36..]].concat(), "no `fmt ` chunk");
    let data = chunk(*b"data", &[1, 2, 3, 4]);
    check(
        &Wav { after: data, ..Wav::default() }.of(&speech()),
        "a second `data` chunk at byte 16044",
    );
    check(&[good.clone(), good.clone()].concat(), "a second WAV file begins at byte 16044");
    let stream = Wav { data_size: Some(u32::MAX), ..Wav::default() }.of(&speech());
    check(&[stream, good.clone()].concat(), "a second WAV file begins at byte 16044");
    let short = Wav { data_size: Some(8_000), ..Wav::default() }.of(&vec![0.7; 8_000]);
    check(&short, "8000 bytes from byte 8044 on belong to no chunk");
}

#[test]
fn senseless_formats_are_refused() {
    let with = |change: &dyn Fn(&mut [u8])| {
        let mut bytes = Wav::default().of(&speech());
        change(&mut bytes);
        bytes
    };
    check(&with(&|b| b[24..28].fill(0)), "a sample rate of 0 Hz");
    check(&with(&|b| b[24..28].fill(0x7F)), "a sample rate of 2139062143 Hz");
    check(&with(&|b| b[22] = 0), "found 0 channels");
    check(&with(&|b| b[22] = 9), "found 9 channels");
    check(&with(&|b| b[20] = 2), "Microsoft ADPCM");
    check(&with(&|b| b[32] = 0), "cannot have 0 bytes");
    check(&with(&|b| b[34] = 48), "samples of 48 bits");
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 20_000.0] {
        let mut sound = speech();
        sound[77] = bad;
        let float = Wav { encoding: Encoding::Float(64), ..Wav::default() };
        check(&float.of(&sound), "frame 77 holds ");
    }
}

#[test]
fn other_files_under_the_name_of_a_wav_are_refused_by_their_own_name() {
    for (bytes, expected) in [
        (b"this is not sound\n".as_slice(), "found a text file"),
        ("请稍后".as_bytes(), "found a text file"),
        (b"ID3\x04\0\0\0\0\0\0", "found an ID3 tag without sound"),
        (b"\xFF\xFB\x90\x64\0\0\0\0", "the MP3 file "),
        (b"OggS\0\x02\0\0\0\0\0\0", "found an Ogg file"),
        (b"fLaC\0\0\0\x22", "the FLAC file is cut off"),
        (b"\0\0\0\0\0\0\0\0\0\0\0\0", "found unknown bytes"),
    ] {
        check(bytes, expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_000,
        rng_seed: RngSeed::Fixed(8_000),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Any few bytes of a good file may be anything, and it may end anywhere.
    #[test]
    fn no_header_brings_us_down(
        changes in proptest::collection::vec((0_usize..120, any::<u8>()), 0..8),
        sizes in proptest::option::of((0_usize..100, prop_oneof![
            Just(0_u32), Just(1), Just(7), Just(0x7FFF_FFFF), Just(0x8000_0000), Just(0xFFFF_FFF8),
            Just(u32::MAX), any::<u32>()])),
        end in 0_usize..700,
        extensible: bool,
    ) {
        let before = [chunk(*b"LIST", b"INFO"), chunk(*b"fact", &[0; 4])].concat();
        let wav = Wav { extensible, before, ..Wav::at(22_050) };
        let mut bytes = wav.of(&tone(22_050, 0.01, 440.0, 0.5));
        for (at, byte) in changes {
            bytes[at] = byte;
        }
        if let Some((at, size)) = sizes {
            bytes[at..at + 4].copy_from_slice(&size.to_le_bytes());
        }
        bytes.truncate(end);
        if let Ok(prompt) = media::convert(&bytes) {
            // At most 8 bits at 4 kHz become 16 bits at 8 kHz, and a header and silence are added.
            prop_assert!(prompt.len() <= 4 * bytes.len() + 90);
            let report = playable::examine(&prompt, "prompt.wav", Profile::YeastarS);
            prop_assert!(report.is_playable() && report.warnings.is_empty(), "{report:?}");
        }
        for name in ["prompt.wav", "prompt.wav16", "prompt.WAV", "prompt.gsm", "prompt"] {
            let report = playable::examine(&bytes, name, Profile::Asterisk);
            prop_assert!(report.played_samples <= 320 * bytes.len() as u64);
            prop_assert!(report.opens || !report.is_playable());
        }
    }
}
