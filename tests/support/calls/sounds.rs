//! Sounds of a known length, at the places where dialplans name them.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};
use tempfile::TempDir;

use super::case::Case;

/// Sounds that every case finds: `/snd/N` lasts N seconds.
const ALWAYS: [&str; 6] = ["0.3", "0.5", "1", "2", "3", "5"];

/// Folders of sounds, and where a daemon is to find them. What stands in the last one is found by a
/// relative name; it takes the place of all sounds that came with the daemon.
const PLACES: [(&str, &str); 3] = [
    ("snd", "/snd"),
    ("networkdisk1", "/tmp/media/networkdisk1"),
    ("own", "/usr/share/asterisk/sounds"),
];

/// The sounds of many cases.
pub(crate) struct Sounds {
    folder: TempDir,
}

/// Every sound a case finds, with its length in seconds.
pub(crate) fn of(case: &Case) -> BTreeMap<String, f64> {
    let always = ALWAYS.map(|name| (format!("/snd/{name}"), name.parse().expect("it is a number")));
    case.sounds.clone().into_iter().chain(always).collect()
}

impl Sounds {
    pub(crate) fn of(cases: &[Case]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, _) in PLACES {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let sounds = Self { folder };
        let mut made = BTreeMap::new();
        for case in cases {
            for (name, length_s) in of(case) {
                let known = *made.entry(name.clone()).or_insert(length_s);
                assert!(known.to_bits() == length_s.to_bits(), "{}: another {name}", case.name);
            }
        }
        for (name, length_s) in made {
            tone(&sounds.path(&name), length_s);
        }
        sounds
    }

    /// The folders, and where a daemon is to find them.
    pub(crate) fn places(&self) -> Vec<(PathBuf, &'static str)> {
        PLACES.map(|(name, place)| (self.folder.path().join(name), place)).to_vec()
    }

    fn path(&self, name: &str) -> PathBuf {
        let absolute = PLACES.iter().find_map(|(folder, place)| {
            Some(self.folder.path().join(folder).join(name.strip_prefix(place)?.strip_prefix('/')?))
        });
        let relative = || self.folder.path().join("own/en").join(name);
        PathBuf::from(format!("{}.wav", absolute.unwrap_or_else(relative).display()))
    }
}

/// Writes a tone of that length as the format that Asterisk plays without any conversion.
fn tone(path: &Path, seconds: f64) {
    fs::create_dir_all(path.parent().expect("a sound is in a folder")).unwrap();
    let format = hound::WavSpec {
        channels: 1,
        sample_rate: 8000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut file = hound::WavWriter::create(path, format).unwrap();
    for at in 0..Duration::from_secs_f64(seconds).as_millis() * 8 {
        file.write_sample(if at % 20 < 10 { 4000_i16 } else { -4000 }).unwrap();
    }
    file.finalize().unwrap();
}
