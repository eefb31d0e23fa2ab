//! Prompts on real Asterisk: what it plays of them, and that `playable` says so beforehand.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends in a panic")]

#[path = "media/sound.rs"]
#[allow(dead_code, reason = "each suite uses its own part")]
mod sound;
mod support;

use ivrkit::media::{self, playable};
use ivrkit_dialplan::scenario::{self, Profile, Scenario, Sound, SoundFormat};
use sound::{Encoding, Wav, chunk, noise};
use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    time::{Duration, Instant},
};
use support::asterisk::{Asterisk, SOUNDS, Version};

/// A file that Asterisk is asked to convert to samples without a header.
struct Case {
    name: String,
    bytes: Vec<u8>,
    /// What `playable` is expected to say: nothing, `warns` or the codes of its refusals.
    verdict: &'static str,
}

/// Good and bad files of a second each. The sound is loud to its end, so that each loss counts.
fn cases() -> Vec<Case> {
    let second = noise(8_000, 0.5);
    let mut cases = Vec::new();
    let mut add = |name: &str, verdict, bytes| {
        cases.push(Case { name: name.to_owned(), bytes, verdict });
    };
    let plain = Wav::default();
    let good = plain.of(&second);
    let converted = media::convert(&good).unwrap();
    let around = |before: &[u8], after: &[u8]| {
        Wav { before: before.to_vec(), after: after.to_vec(), ..Wav::default() }.of(&second)
    };
    let sized = |size| Wav { data_size: Some(size), ..Wav::default() }.of(&second);
    let list = |size| chunk(*b"LIST", &vec![b'x'; size]);

    add("converted.wav", "", converted.clone());
    add("plain.wav", "warns", good.clone());
    add("silent_end.wav", "", plain.of(&[second.as_slice(), &[0.0; 22]].concat()));
    add("list_26.wav", "warns", around(&list(26), b""));
    add("list_2000.wav", "loses-end", around(&list(2_000), b""));
    add("list_20000.wav", "plays-nothing", around(&list(20_000), b""));
    add("fact.wav", "warns", around(&chunk(*b"fact", &8_000_u32.to_le_bytes()), b""));
    add("odd_chunk.wav", "header", around(&chunk(*b"bext", b"abc"), b""));
    add("odd_without_pad.wav", "warns", around(b"bext\x03\0\0\0abc", b""));
    add("trailing_list.wav", "warns", around(b"", &list(100)));
    add("negative_chunk.wav", "damaged", around(b"LIST\0\0\0\x90xxxx", b""));
    add("chunk_beyond_end.wav", "damaged", around(b"LIST\0\0\0\x10xxxx", b""));

    add("size_0.wav", "plays-nothing", sized(0));
    add("size_max.wav", "header", sized(u32::MAX));
    add("size_negative.wav", "header", sized(0x8000_0000));
    add("size_7fffffff.wav", "", sized(0x7FFF_FFFF));
    add("size_espeak.wav", "", sized(0x7FFF_F000));
    let streamed = Wav { data_size: Some(0x7FFF_F000), after: list(300), ..Wav::default() };
    add("size_espeak_and_list.wav", "plays-metadata", streamed.of(&second));
    add("truncated.wav", "damaged", good[..9_001].to_vec());
    add("header_only.wav", "damaged", plain.of(&[]));
    add("size_too_small.wav", "damaged", sized(4_000));
    add("two_files.wav", "damaged", [good.clone(), good.clone()].concat());

    let with = |wav: Wav| wav.of(&second);
    add("stereo.wav", "format", with(Wav { channels: 2, ..Wav::default() }));
    add("16_khz.wav", "format", with(Wav::at(16_000)));
    add("24_khz.wav", "format", with(Wav::at(24_000)));
    for (name, encoding) in [
        ("pcm_8.wav", Encoding::Pcm(8)),
        ("pcm_24.wav", Encoding::Pcm(24)),
        ("pcm_32.wav", Encoding::Pcm(32)),
        ("float.wav", Encoding::Float(32)),
        ("a_law.wav", Encoding::ALaw),
        ("u_law.wav", Encoding::ULaw),
    ] {
        add(name, "format", with(Wav { encoding, ..Wav::default() }));
    }
    add(
        "8_bit_stereo.wav",
        "format",
        with(Wav { encoding: Encoding::Pcm(8), channels: 2, ..Wav::default() }),
    );
    add("extensible.wav", "header", with(Wav { extensible: true, ..Wav::default() }));
    add("rf64.wav", "header", with(Wav { magic: b"RF64", ..Wav::default() }));
    add("rifx.wav", "damaged", with(Wav { magic: b"RIFX", ..Wav::default() }));
    add("text.wav", "not-wav", b"this is no sound\n".repeat(100));
    add("empty.wav", "damaged", Vec::new());
    add("no_fmt.wav", "damaged", [&good[..12], &good[36..]].concat());
    add("bits_of_8.wav", "damaged", patched(&good, 34, &[48]));
    add("rate_0.wav", "damaged", patched(&good, 24, &[0; 4]));

    add("wide.wav16", "warns", Wav::at(16_000).of(&noise(16_000, 0.5)));
    add("narrow.wav16", "format", good.clone());
    add("pcm.WAV", "header", good.clone());
    let fact = chunk(*b"fact", &8_000_u32.to_le_bytes());
    add("gsm.WAV", "", gsm_wav(&fact));
    add("gsm_without_fact.WAV", "header", gsm_wav(&[]));
    add("gsm_long_fact.WAV", "header", gsm_wav(&chunk(*b"fact", &[0; 8])));
    add("gsm_two_facts.WAV", "header", gsm_wav(&[fact.clone(), fact.clone()].concat()));
    add("gsm_and_list.WAV", "header", gsm_wav(&[fact.clone(), list(4)].concat()));
    add("gsm.wav", "format", gsm_wav(&fact));
    add("raw.sln", "warns", good[44..].to_vec());
    add("raw.ulaw", "warns", vec![0x55; 8_000]);
    add("raw.alaw", "warns", vec![0x55; 8_000]);
    add("header.sln", "header", good);
    cases
}

fn patched(bytes: &[u8], at: usize, patch: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at..at + patch.len()].copy_from_slice(patch);
    bytes
}

/// A second of GSM 6.10 as Microsoft packs it: 25 blocks of 65 bytes, 320 samples each.
fn gsm_wav(before_data: &[u8]) -> Vec<u8> {
    let fmt = [
        [0x31, 0, 1, 0].as_slice(),
        &8_000_u32.to_le_bytes(),
        &1_625_u32.to_le_bytes(),
        &[65, 0, 0, 0, 2, 0, 0x40, 1],
    ];
    let parts = [
        b"WAVE".as_slice(),
        &chunk(*b"fmt ", &fmt.concat()),
        before_data,
        &chunk(*b"data", &[0; 25 * 65]),
    ];
    chunk(*b"RIFF", &parts.concat())
}

/// What Asterisk makes of a file: samples, if it opens it.
fn converted_by(asterisk: &Asterisk, folder: &Path, name: &str) -> Option<u64> {
    let ending = Path::new(name).extension();
    let wide = ending.is_some_and(|ending| ending == "wav16" || ending == "sln16");
    let out = format!("{name}.out.{}", if wide { "sln16" } else { "sln" });
    let said = asterisk.command(&format!("file convert {SOUNDS}/{name} {SOUNDS}/{out}")).join(" ");
    let bytes = fs::read(folder.join(&out)).map(|bytes| bytes.len() as u64 / 2).ok();
    assert_eq!(said.starts_with("Converted"), bytes.is_some(), "{name}: {said}");
    if bytes.is_none() {
        assert!(said.contains("Unable to open input file"), "{name}: {said}");
    }
    bytes
}

#[test]
fn check_agrees_with_what_asterisk_makes_of_a_file() {
    let cases = cases();
    for version in Version::ALL {
        let folder = tempfile::tempdir().unwrap();
        for case in &cases {
            fs::write(folder.path().join(&case.name), &case.bytes).unwrap();
        }
        let asterisk = Asterisk::start(version, Some(folder.path()));
        let mut differences = Vec::new();
        for Case { name, bytes, verdict } in &cases {
            let report = playable::examine(bytes, name, Profile::Asterisk);
            let found = converted_by(&asterisk, folder.path(), name);
            let expected = report.opens.then_some(report.played_samples);
            let said = said(&report);
            println!("{version} {name}: Asterisk {found:?}, we {expected:?} {said}");
            if found != expected || said != *verdict {
                differences.push(format!("{name}: {found:?}, {report:#?}"));
            }
        }
        assert!(differences.is_empty(), "Asterisk {version}: {}", differences.join("\n"));
    }
}

fn said(report: &playable::Report) -> String {
    let code = |finding: &playable::Finding| {
        serde_json::to_value(finding.code).unwrap().as_str().unwrap().to_owned()
    };
    match report.refusals.iter().map(code).collect::<Vec<_>>() {
        codes if !codes.is_empty() => codes.join(" "),
        _ if report.warnings.is_empty() => String::new(),
        _ => "warns".to_owned(),
    }
}

/// Builds the shipped prompts into a folder; their samples by name, without the ending.
fn built_prompts(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/driving-test.yaml");
    let reading = scenario::read(ivrkit::files::read_source(&path).unwrap());
    let scenario: Scenario = reading.scenario.expect("the shipped scenario has no mistake");
    let built = media::build(&scenario, path.parent().unwrap(), folder, &|_, _| {}).unwrap();
    let samples = |built: &media::Built| {
        let bytes = fs::read(&built.path).unwrap();
        let (name, _) = built.name.rsplit_once('.').unwrap();
        // The last 22 samples are the silence that stands in for what the reader drops.
        (name.to_owned(), bytes[44..bytes.len() - 44].to_vec())
    };
    built.iter().map(samples).collect()
}

#[test]
fn asterisk_reads_built_prompts_to_the_last_sample() {
    for version in Version::ALL {
        let folder = tempfile::tempdir().unwrap();
        let prompts = built_prompts(folder.path());
        assert_eq!(prompts.len(), 11);
        let asterisk = Asterisk::start(version, Some(folder.path()));
        for (name, samples) in prompts {
            let count = converted_by(&asterisk, folder.path(), &format!("{name}.wav"));
            assert_eq!(count, Some(samples.len() as u64 / 2), "{name} on {version}");
            let read = fs::read(folder.path().join(format!("{name}.wav.out.sln"))).unwrap();
            assert!(read == samples, "{name} on {version}: the samples are others");
        }
        assert_eq!(asterisk.messages(), []);
    }
}

/// A prompt in one of the formats, loud to its end and of a length that fits no frame.
struct Formatted {
    name: String,
    bytes: Vec<u8>,
    /// Samples without a header and without the silence that stands in for what the reader drops;
    /// `None` where Asterisk has to decode.
    linear: Option<Vec<u8>>,
    samples: usize,
}

fn formatted() -> Vec<Formatted> {
    let one = |format: SoundFormat| {
        let source = Wav { channels: 2, ..Wav::at(22_050) };
        let source = source.of(&noise(22_050 + 137, 0.5));
        let made = media::convert_to(&source, &Sound { format, ..Sound::default() }).unwrap();
        let linear = match format {
            SoundFormat::Wav | SoundFormat::Wav16 => {
                Some(made.bytes[44..made.bytes.len() - 44].to_vec())
            }
            SoundFormat::Sln | SoundFormat::Sln16 => Some(made.bytes.clone()),
            SoundFormat::Ulaw | SoundFormat::Alaw => None,
        };
        let samples = linear.as_ref().map_or(made.bytes.len(), |linear| linear.len() / 2);
        // Each has a name of its own: Asterisk plays any format of a name.
        let name = format!("as_{0}.{0}", format.name());
        Formatted { name, bytes: made.bytes, linear, samples }
    };
    SoundFormat::ALL.map(one).into()
}

impl Formatted {
    /// The name without its ending, by which a dialplan plays it.
    fn stem(&self) -> &str {
        self.name.split_once('.').unwrap().0
    }

    /// What is recorded on a call of the prompt's own rate: nothing is converted on the way then.
    fn codec(&self) -> Codec {
        if self.name.ends_with("16") { WIDE } else { NARROW }
    }
}

#[test]
fn every_format_is_read_and_heard_to_the_last_sample() {
    let prompts = formatted();
    for version in Version::ALL {
        let folder = tempfile::tempdir().unwrap();
        for prompt in &prompts {
            fs::write(folder.path().join(&prompt.name), &prompt.bytes).unwrap();
        }
        let asterisk = Asterisk::start(version, Some(folder.path()));
        asterisk.load(&CALL.replace("SOUNDS", SOUNDS));
        for codec in [NARROW, WIDE] {
            let played: Vec<_> = prompts.iter().filter(|prompt| prompt.codec() == codec).collect();
            assert!(played.len() >= 2);
            let statuses = play_all(&asterisk, codec, played.iter().map(|prompt| prompt.stem()));
            for prompt in played {
                let Formatted { name, samples, linear, .. } = prompt;
                let count = converted_by(&asterisk, folder.path(), name);
                assert_eq!(count, Some(*samples as u64), "{name} on {version}");
                let out = format!("{name}.out.{}", codec.ending);
                let read = fs::read(folder.path().join(out)).unwrap();
                let is_linear = linear.as_ref().is_none_or(|linear| *linear == read);
                assert!(is_linear, "{name} on {version}");
                assert_eq!(statuses[prompt.stem()], "SUCCESS", "{name} on {version}");
                let heard = is_heard(folder.path(), prompt.stem(), codec, &read);
                assert!(heard, "{name} on {version}: not every sample came through");
                println!("{version} {name}: {samples} samples, all heard as {}", codec.name);
            }
        }
    }
}

/// We write no G.722; one that Asterisk made of our prompt is judged, played and heard whole.
#[test]
fn a_foreign_g722_is_heard_to_the_last_byte() {
    let wide = formatted()
        .into_iter()
        .find(|prompt| prompt.name.rsplit('.').next() == Some("sln16"))
        .unwrap();
    for version in Version::ALL {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("made.sln16"), &wide.bytes).unwrap();
        let asterisk = Asterisk::start(version, Some(folder.path()));
        asterisk.load(&CALL.replace("SOUNDS", SOUNDS));
        let said = asterisk.command(&format!("file convert {SOUNDS}/made.sln16 {SOUNDS}/as.g722"));
        assert!(said.join(" ").starts_with("Converted"), "{said:?}");
        let bytes = fs::read(folder.path().join("as.g722")).unwrap();
        let report = playable::examine(&bytes, "as.g722", Profile::Asterisk);
        assert!(report.is_playable(), "{report:?}");
        assert_eq!(report.played_samples, 2 * bytes.len() as u64);
        assert!(report.played_samples.abs_diff(wide.samples as u64) <= 320, "{report:?}");
        let statuses = play_all(&asterisk, G722, std::iter::once("as"));
        assert_eq!(statuses["as"], "SUCCESS", "{version}");
        assert!(is_heard(folder.path(), "as", G722, &bytes), "{version}");
    }
}

/// What both halves of a call talk, and the ending of what is recorded of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Codec {
    name: &'static str,
    ending: &'static str,
}

const NARROW: Codec = Codec { name: "slin", ending: "sln" };
const WIDE: Codec = Codec { name: "slin16", ending: "sln16" };
const G722: Codec = Codec { name: "g722", ending: "g722" };

/// One half plays a prompt, the other records what it hears, as it comes.
const CALL: &str = "
[player]
exten => _.,1,Answer()
 same => n,Wait(0.3)
 same => n,Playback(SOUNDS/${EXTEN})
 same => n,UserEvent(Played,Prompt: ${EXTEN},Status: ${PLAYBACKSTATUS},Codec: ${CHANNEL(audionativeformat)})
 same => n,Wait(0.3)
 same => n,Hangup()
[recorder-sln]
exten => _.,1,Answer()
 same => n,Record(SOUNDS/heard-${EXTEN}.sln,0,60,kq)
[recorder-sln16]
exten => _.,1,Answer()
 same => n,Record(SOUNDS/heard-${EXTEN}.sln16,0,60,kq)
[recorder-g722]
exten => _.,1,Answer()
 same => n,Record(SOUNDS/heard-${EXTEN}.g722,0,60,kq)
";

#[test]
fn a_callee_hears_built_prompts_to_the_last_sample() {
    for version in Version::ALL {
        let folder = tempfile::tempdir().unwrap();
        let prompts = built_prompts(folder.path());
        let asterisk = Asterisk::start(version, Some(folder.path()));
        asterisk.load(&CALL.replace("SOUNDS", SOUNDS));
        let statuses = play_all(&asterisk, NARROW, prompts.keys().map(String::as_str));
        for (name, samples) in &prompts {
            assert_eq!(
                statuses.get(name).map(String::as_str),
                Some("SUCCESS"),
                "{name} on {version}"
            );
            let heard = is_heard(folder.path(), name, NARROW, samples);
            assert!(heard, "{name} on {version}: not every sample came through");
        }
    }
}

/// Plays every prompt in a call of its own, all at once; the statuses of `Playback`.
fn play_all<'a>(
    asterisk: &Asterisk,
    codec: Codec,
    names: impl ExactSizeIterator<Item = &'a str>,
) -> BTreeMap<String, String> {
    let mut manager = asterisk.manager();
    manager.events("user");
    let count = names.len();
    for name in names {
        let channel = format!("Local/{name}@recorder-{}/n", codec.ending);
        let fields = [("Channel", channel.as_str()), ("Context", "player"), ("Exten", name)];
        let how = [("Priority", "1"), ("Async", "true"), ("Codecs", codec.name)];
        manager.action("Originate", &[fields.as_slice(), &how].concat());
    }
    let deadline = Instant::now() + Duration::from_secs(90);
    let mut statuses = BTreeMap::new();
    while statuses.len() < count {
        let event = manager.event(deadline).expect("every call comes to its end");
        if event.field("UserEvent") == "Played" {
            assert!(event.field("Codec").contains(codec.name), "{}", event.field("Codec"));
            statuses.insert(event.field("Prompt").to_owned(), event.field("Status").to_owned());
        }
    }
    statuses
}

/// Whether the other half recorded these very bytes in a row; it may still be writing them.
fn is_heard(folder: &Path, name: &str, codec: Codec, bytes: &[u8]) -> bool {
    let step = if codec == G722 { 1 } else { 2 };
    let deadline = Instant::now() + Duration::from_secs(10);
    while Instant::now() < deadline {
        let heard = format!("heard-{name}.{}", codec.ending);
        let heard = fs::read(folder.join(heard)).unwrap_or_default();
        if heard.windows(bytes.len()).step_by(step).any(|window| window == bytes) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    false
}
