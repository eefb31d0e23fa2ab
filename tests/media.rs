//! Prompts: quality of the conversion, what is refused, and the two commands.

#[path = "media/measure.rs"]
mod measure;
#[path = "media/sound.rs"]
mod sound;

use ivrkit::media;
use measure::{Figures, combinations, measure};
use proptest::prelude::*;
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

#[test]
fn conversion_is_as_good_as_16_bits_are() {
    let mut worst: Option<Figures> = None;
    for source in combinations() {
        let found = measure(&source, &convert);
        let loud_db = if source.encoding == Encoding::Pcm(16) { 92.0 } else { 96.5 };
        let soft_db = if source.encoding == Encoding::Pcm(16) { 33.0 } else { 37.5 };
        let good = found.flatness_db <= 0.01
            && found.at_3600_db >= -0.1
            && found.at_3800_db >= -3.0
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
    println!("worst of all: {:#?}", worst.unwrap());
}
