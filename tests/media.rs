//! Prompts: quality of the conversion, what is refused, and the commands.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends in a panic")]

#[path = "media/commands.rs"]
mod commands;
#[path = "media/convert.rs"]
mod converting;
#[path = "media/measure.rs"]
mod measure;
#[path = "media/refusals.rs"]
mod refusals;
#[path = "media/shipped.rs"]
mod shipped;
#[path = "media/sound.rs"]
mod sound;
#[path = "media/stock.rs"]
mod stock;

use ivrkit::media;
use measure::{Figures, combinations, measure};
use sound::{Encoding, Wav, chunk, noise, sampled, tone};

/// The samples of a prompt, read by hound, which shares nothing with what wrote the test files.
fn samples(prompt: &[u8]) -> Vec<i16> {
    let mut reader = hound::WavReader::new(prompt).expect("hound reads what we write");
    let spec = reader.spec();
    assert_eq!((spec.channels, spec.sample_rate, spec.bits_per_sample), (1, 8_000, 16));
    reader.samples().map(Result::unwrap).collect()
}

fn convert(bytes: &[u8]) -> Vec<i16> {
    samples(&media::convert(bytes).unwrap())
}

/// Every way to write samples that is converted.
const ENCODINGS: [Encoding; 8] = [
    Encoding::Pcm(8),
    Encoding::Pcm(16),
    Encoding::Pcm(24),
    Encoding::Pcm(32),
    Encoding::Float(32),
    Encoding::Float(64),
    Encoding::ALaw,
    Encoding::ULaw,
];

#[test]
fn conversion_is_as_good_as_16_bits_are() {
    let mut worst: Option<Figures> = None;
    for source in combinations() {
        let found = measure(&source, &convert);
        let loud_db = if source.encoding == Encoding::Pcm(16) { 92.0 } else { 96.5 };
        let soft_db = if source.encoding == Encoding::Pcm(16) { 33.0 } else { 37.5 };
        let good = found.gain_error_db <= 0.01
            && found.flatness_db <= 0.01
            && found.at_3600_db >= -0.1
            && found.at_3800_db >= -2.0
            && found.image_db <= -110.0
            && found.thdn_loud_db >= loud_db
            && found.thdn_soft_db >= soft_db
            && found.length_error <= 0.5
            && found.delay_us.abs() <= 1.0
            && found.silence_lsb == 0.0
            && found.dc_lsb <= 0.05;
        assert!(good, "{source:?}: {found:?}");
        worst = Some(worst.map_or(found, |worst| worst.worst(found)));
    }
    println!("worst of all: {:#?}", worst.expect("there are combinations"));
}

#[test]
fn telephone_sound_is_kept_bit_for_bit() {
    let sound = noise(10_000, 1.0);
    let source = Wav::default().of(&sound);
    let expected: Vec<i16> =
        source[44..].chunks(2).map(|bytes| i16::from_le_bytes([bytes[0], bytes[1]])).collect();
    let found = convert(&source);
    assert_eq!(found[..expected.len()], expected);
    assert_eq!(found[expected.len()..], [0; 22]);
}

#[test]
fn a_finished_prompt_comes_back_as_it_is() {
    let prompt = media::convert(&Wav::at(24_000).of(&noise(9_999, 0.5))).unwrap();
    assert_eq!(media::convert(&prompt).unwrap(), prompt);
}

#[test]
fn every_encoding_has_the_same_level() {
    // Louder than half of full scale a step of A-law and of 8 bits is 1/64 and 1/128.
    let sound = tone(16_000, 1.0, 440.0, 0.9);
    let expected = convert(&Wav::at(16_000).of(&sound));
    for encoding in ENCODINGS {
        for extensible in [false, true] {
            for channels in [1, 2, 8] {
                let wav = Wav { encoding, channels, extensible, ..Wav::at(16_000) };
                let found = convert(&wav.of(&sound));
                let difference = found.iter().zip(&expected).map(|(a, b)| a.abs_diff(*b)).max();
                let coarse = matches!(encoding, Encoding::Pcm(8) | Encoding::ALaw | Encoding::ULaw);
                let limit = if coarse { 700 } else { 1 };
                assert!(difference <= Some(limit), "{wav:?}: {difference:?}");
            }
        }
    }
}

#[test]
fn opposite_channels_cancel_and_equal_ones_keep_their_level() {
    let left = tone(44_100, 1.0, 1_000.0, 0.9);
    let stereo = Wav { channels: 2, ..Wav::at(44_100) };
    let opposite: Vec<f64> = left.iter().flat_map(|sample| [*sample, -sample]).collect();
    // Full scale is not symmetric, so each pair is one step of 16 bits off at most.
    assert!(convert(&stereo.with(&opposite)).iter().all(|sample| *sample == 0));
    assert_eq!(convert(&stereo.of(&left)), convert(&Wav::at(44_100).of(&left)));
}

#[test]
fn every_rate_mixes_channels_alike() {
    for source in combinations().into_iter().filter(|source| source.channels == 2) {
        let mono = Wav { channels: 1, ..source.clone() };
        let left = tone(source.rate_hz, 1.0, 1_000.0, 0.9);
        // What two equal channels become is what one becomes, bit for bit: 0 dB apart.
        assert_eq!(convert(&source.of(&left)), convert(&mono.of(&left)), "{source:?}");
        let opposite: Vec<f64> = left.iter().flat_map(|sample| [*sample, -sample]).collect();
        // -100 dB of full scale is a third of a step.
        assert!(convert(&source.with(&opposite)).iter().all(|s| *s == 0), "{source:?}");
    }
}

#[test]
fn too_loud_sound_saturates_and_never_wraps() {
    for rate_hz in [8_000, 24_000] {
        let wav = Wav { encoding: Encoding::Float(32), ..Wav::at(rate_hz) };
        let sound = tone(rate_hz, 1.0, 100.0, 4.0);
        let reference = convert(&wav.of(&sound.iter().map(|s| s / 8.0).collect::<Vec<_>>()));
        let found = convert(&wav.of(&sound));
        assert!(found.contains(&i16::MAX) && found.contains(&i16::MIN));
        for (loud, soft) in found.iter().zip(&reference) {
            let expected = (f64::from(*soft) * 8.0).clamp(-32_768.0, 32_767.0);
            assert!((f64::from(*loud) - expected).abs() <= 8.0, "{loud} for {expected}");
        }
    }
}

#[test]
fn headers_of_streams_and_metadata_do_not_change_the_sound() {
    let sound = sampled(22_050, 0.5, |t| 0.5 * (3_000.0 * t).sin());
    let tidy = Wav::at(22_050);
    let expected = convert(&tidy.of(&sound));
    let odd = chunk(*b"bext", b"abc");
    let list = chunk(*b"LIST", b"INFOISFT\x0E\0\0\0Lavf60.16.100\0");
    let with = |change: &dyn Fn(&mut Wav)| {
        let mut wav = tidy.clone();
        change(&mut wav);
        convert(&wav.of(&sound))
    };
    for size in [0, 2_000_000_000, 0x7FFF_F000, 0x7FFF_FFFF, u32::MAX] {
        assert_eq!(with(&|wav| wav.data_size = Some(size)), expected, "{size:#x}");
    }
    assert_eq!(with(&|wav| wav.before = [odd.clone(), list.clone()].concat()), expected);
    assert_eq!(with(&|wav| wav.before = b"bext\x03\0\0\0abc".to_vec()), expected);
    assert_eq!(with(&|wav| wav.after = [list.clone(), odd.clone()].concat()), expected);
    assert_eq!(with(&|wav| wav.extensible = true), expected);
    assert_eq!(with(&|wav| (wav.data_size, wav.after) = (Some(u32::MAX), list.clone())), expected);
}
