//! Real espeak-ng reads the note's sentences in Mandarin.

use crate::room::{Room, samples};

/// The sentences of the note, by the files that the dialplan plays.
const NOTE: [(&str, &str); 6] = [
    ("notice", "{ text: 这里是驾校考试受理员 }"),
    ("confirm", "{ text: 同意请按1 }"),
    (
        "password",
        "{ text: '请输入您收到约考短信验证码，按#号键结束', spoken: 请输入您收到约考短信验证码，按井号键结束 }",
    ),
    ("holdon", "{ text: 请稍后 }"),
    ("ok", "{ text: '已经预约成功，再见!' }"),
    ("own", "{ text: 为您预约3月12日科目二考试 }"),
];

fn seconds(prompt: &[u8]) -> f64 {
    f64::from(u32::try_from(samples(prompt).len()).unwrap()) / 8_000.0
}

/// Share of the samples that are louder than -40 dBFS.
fn loud(prompt: &[u8]) -> f64 {
    let samples = samples(prompt);
    let loud = samples.iter().filter(|sample| sample.unsigned_abs() > 327).count();
    f64::from(u32::try_from(loud).unwrap()) / f64::from(u32::try_from(samples.len()).unwrap())
}

#[test]
fn the_sentences_of_the_note_are_spoken() {
    let room = Room::new("tts: { espeak-ng: { words_per_minute: 220 } }", &NOTE);
    let document = room.built(&[]);
    assert_eq!(document["speech"]["spoken"], 6);
    let prompts = room.prompts();
    let manifest = room.manifest();
    assert_eq!(prompts.len(), 6);
    for (file, characters) in
        [("notice", 11), ("confirm", 5), ("password", 19), ("holdon", 3), ("own", 14)]
    {
        let file = format!("{file}.wav");
        // Mandarin at this speed has three to eight syllables a second.
        let pace = f64::from(characters) / seconds(&prompts[&file]);
        assert!((2.0..9.0).contains(&pace), "{file}: {pace} syllables a second");
        assert!(loud(&prompts[&file]) > 0.15, "{file} is silent");
        assert_eq!(manifest[&file]["voice"], "cmn-latn-pinyin");
    }
    assert!(manifest["password.wav"]["text"].as_str().unwrap().contains('#'));
    let engine = manifest["notice.wav"]["engine"].as_str().unwrap();
    assert!(engine.starts_with("espeak-ng 1."), "{engine}");
    // Prompts made by the script that made the shipped ones, with the same voice and speed.
    let shipped = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("prompts/notice.wav");
    let shipped = ivrkit::media::convert(&std::fs::read(shipped).unwrap()).unwrap();
    let ratio = seconds(&prompts["notice.wav"]) / seconds(&shipped);
    assert!((ratio - 1.0).abs() < 0.2, "{ratio}");
}

#[test]
fn the_voice_reads_and_does_not_spell() {
    let prompts = [("notice", "{ text: 驾校考试受理员 }")];
    let room = Room::new("tts: {}", &prompts);
    room.built(&[]);
    let read = room.prompts().remove("notice.wav").unwrap();
    room.describe("tts: { voice: cmn }", &prompts);
    let document = room.built(&[]);
    assert_eq!(document["speech"]["spoken"], 1, "another voice speaks anew");
    let spelt = room.prompts().remove("notice.wav").unwrap();
    assert_ne!(read, spelt);
    let (read, spelt) = (seconds(&read), seconds(&spelt));
    assert!(spelt > 1.2 * read, "read in {read} s, spelt in {spelt} s");
}

#[test]
fn a_voice_that_is_not_there_is_an_error_with_its_cure() {
    let room = Room::new("tts: { voice: no-such-voice }", &[("notice", "{ text: 请稍后 }")]);
    let found = room.build(&[]);
    assert_eq!(found.code, 3, "{found:?}");
    assert!(found.err.contains("espeak-ng has no voice `no-such-voice`"), "{found:?}");
    assert!(found.err.contains("`espeak-ng --voices` lists those it has"), "{found:?}");
    // Data without the voice that reads Chinese.
    let data = room.path("data");
    std::fs::create_dir(&data).unwrap();
    room.describe("tts: {}", &[("notice", "{ text: 请稍后 }")]);
    let fake = "#!/bin/sh\ncase $1 in --version) echo 'eSpeak NG text-to-speech: 1.50  Data at: /x';;\n\
                --voices) echo 'Pty Language Age VoiceName File'; echo ' 5 en --/M English en';; esac\n";
    std::fs::create_dir(room.path("bin")).unwrap();
    room.script("bin/espeak-ng", fake);
    let path = format!("{}:{}", room.text("bin"), std::env::var("PATH").unwrap());
    let found = crate::room::outcome(room.command(&[]).env("PATH", path));
    assert_eq!(found.code, 3, "{found:?}");
    assert!(
        found
            .err
            .contains("espeak-ng has no voice `cmn-latn-pinyin`; its data have none for `zh-CN`")
    );
    let found = crate::room::outcome(room.command(&[]).env("PATH", room.path("data")));
    assert_eq!(found.code, 3, "{found:?}");
    assert!(found.err.contains("cannot run `espeak-ng`") && found.err.contains("apt-get install"));
    assert!(!room.path("out").exists());
}

#[test]
fn a_changed_sentence_is_made_again_alone_and_a_recording_comes_first() {
    let room = Room::new("tts: {}", &NOTE);
    assert_eq!(room.built(&[])["speech"]["spoken"], 6);
    let before = room.prompts();
    let mut changed = NOTE;
    changed[3].1 = "{ text: 请再稍后 }";
    room.describe("tts: {}", &changed);
    let document = room.built(&[]);
    assert_eq!(
        (&document["speech"]["spoken"], &document["speech"]["from_cache"]),
        (&1.into(), &0.into())
    );
    let after = room.prompts();
    let differ: Vec<_> =
        before.iter().filter(|(name, is)| after[*name] != **is).map(|(name, _)| name).collect();
    assert_eq!(differ, ["holdon.wav"]);
    // Another folder is made from the cache, also without the engine's speech.
    std::fs::remove_dir_all(room.path("out")).unwrap();
    let document = room.built(&[]);
    assert_eq!(
        (&document["speech"]["spoken"], &document["speech"]["from_cache"]),
        (&0.into(), &6.into())
    );
    assert_eq!(room.prompts(), after);
    // A cached file that is damaged is made again.
    let cached: Vec<_> =
        walkdir::WalkDir::new(room.path("cache")).into_iter().map(Result::unwrap).collect();
    let files = cached.iter().filter(|entry| entry.file_type().is_file());
    let damaged = files.map(|file| std::fs::write(file.path(), b"damaged").unwrap()).count();
    assert_eq!(damaged, 7, "one for each sentence that was ever spoken");
    std::fs::remove_dir_all(room.path("out")).unwrap();
    assert_eq!(room.built(&[])["speech"]["spoken"], 6);
    assert_eq!(room.prompts(), after);
    // A recording of the prompt's name is used in place of speech.
    let recording = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("prompts/ok.wav");
    std::fs::copy(recording, room.path("sources/holdon.wav")).unwrap();
    let document = room.built(&[]);
    let actions: Vec<_> = document["prompts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["action"].as_str().unwrap())
        .collect();
    assert_eq!(
        actions,
        ["unchanged", "converted", "unchanged", "unchanged", "unchanged", "unchanged"]
    );
}

#[test]
fn parts_are_joined_to_the_sample() {
    let part = |text: &str| format!("{{ text: {text} }}");
    let parts = ["为您预约", "3月12日科目二", "考试"];
    let joined =
        format!("{{ parts: [{}, {}, {}] }}", part(parts[0]), part(parts[1]), part(parts[2]));
    let room = Room::new(
        "tts: {}",
        &[
            ("a", &part(parts[0])),
            ("b", &part(parts[1])),
            ("c", &part(parts[2])),
            ("whole", &joined),
        ],
    );
    let document = room.built(&[]);
    assert_eq!(
        document["speech"]["spoken"].as_u64().unwrap()
            + document["speech"]["from_cache"].as_u64().unwrap(),
        6
    );
    let prompts = room.prompts();
    let single = ["a", "b", "c"].map(|name| samples(&prompts[&format!("{name}.wav")]));
    assert_eq!(samples(&prompts["whole.wav"]), single.concat());
    assert_eq!(room.manifest()["whole.wav"]["text"], parts.concat());
}
