//! `ivrkit media convert` as it is typed.

use crate::{
    commands::{Outcome, outcome, run},
    sound::{Wav, noise, tone},
};
use assert_cmd::Command;
use serde_json::Value;
use std::{fs, path::PathBuf};
use tempfile::TempDir;

/// A folder of recordings.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        fs::create_dir_all(desk.path("in/zh/deep")).unwrap();
        desk.write("in/welcome.wav", &Wav::at(24_000).of(&noise(24_000, 0.3)));
        desk.write("in/zh/bye.WAV", &Wav::at(44_100).of(&tone(44_100, 0.7, 440.0, 0.5)));
        desk.write("in/zh/deep/exact.wav", &Wav::default().of(&noise(4_000, 0.3)));
        desk.write("in/zh/notes.txt", b"made on Monday");
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, contents: &[u8]) {
        fs::write(self.path(name), contents).unwrap();
    }

    /// Runs the command; words with `@` stand for files here.
    fn convert(&self, words: &str) -> Outcome {
        let text = |word: &str| match word.strip_prefix('@') {
            Some(name) => self.path(name).to_str().unwrap().to_owned(),
            None => word.to_owned(),
        };
        let words: Vec<_> =
            ["media", "convert"].into_iter().chain(words.split(' ')).map(text).collect();
        run(&words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn files(&self, folder: &str) -> Vec<String> {
        let root = self.path(folder);
        let entries = walkdir::WalkDir::new(&root).sort_by_file_name();
        let files = entries.into_iter().map(Result::unwrap).filter(|it| it.path().is_file());
        files.map(|it| it.path().strip_prefix(&root).unwrap().display().to_string()).collect()
    }
}

#[test]
fn one_file_becomes_a_file_in_the_format_of_its_ending() {
    let desk = Desk::new();
    for (name, bytes) in [
        ("a.wav", 44 + 16_000 + 44),
        ("a.sln", 16_000),
        ("a.ulaw", 8_000),
        ("a.alaw", 8_000),
        ("a.wav16", 44 + 32_000 + 44),
        ("a.sln16", 32_000),
    ] {
        let found = desk.convert(&format!("@in/welcome.wav -o @{name}"));
        assert_eq!(found.code, 0, "{found:?}");
        assert!(found.out.ends_with(": 1 converted, 0 copied, 0 unchanged\n"), "{found:?}");
        assert_eq!(fs::metadata(desk.path(name)).unwrap().len(), bytes, "{name}");
    }
    for (words, expected) in [
        (
            "@in/welcome.wav -o @a.mp3",
            "the ending says how the PBX reads it, expected one of `.wav`",
        ),
        (
            "@in/welcome.wav -o @b.wav --sound-format alaw",
            "its ending says wav, but alaw was asked",
        ),
    ] {
        let found = desk.convert(words);
        assert_eq!(found.code, 2, "{found:?}");
        assert!(found.err.contains(expected), "{found:?}");
    }
    assert!(!desk.path("b.wav").exists());
}

#[test]
fn folders_keep_their_structure_and_a_second_run_touches_nothing() {
    let desk = Desk::new();
    let first = desk.convert("@in -o @out --sound-format ulaw");
    assert_eq!((first.code, first.err.as_str()), (0, ""), "{first:?}");
    assert_eq!(desk.files("out"), ["welcome.ulaw", "zh/bye.ulaw", "zh/deep/exact.ulaw"]);
    let second = desk.convert("@in -o @out --sound-format ulaw");
    assert!(second.out.ends_with("0 converted, 0 copied, 3 unchanged\n"), "{second:?}");
    let mixed = desk.convert("@in/zh @in/welcome.wav -o @mixed/");
    assert_eq!(desk.files("mixed"), ["bye.wav", "deep/exact.wav", "welcome.wav"], "{mixed:?}");
    assert!(mixed.out.ends_with("2 converted, 1 copied, 0 unchanged\n"), "{mixed:?}");
}

#[test]
fn any_number_of_threads_writes_the_same_bytes() {
    let desk = Desk::new();
    for threads in ["1", "2", "7"] {
        let mut command = Command::cargo_bin("ivrkit").unwrap();
        command.env("RAYON_NUM_THREADS", threads);
        command.args([
            "media",
            "convert",
            "--level",
            "stock",
            "--trim",
            "--high-pass",
            "100",
            "-o",
        ]);
        assert_eq!(outcome(command.arg(desk.path(threads)).arg(desk.path("in"))).code, 0);
    }
    for name in desk.files("1") {
        let bytes = |folder: &str| fs::read(desk.path(folder).join(&name)).unwrap();
        assert!(bytes("1") == bytes("2") && bytes("1") == bytes("7"), "{name}");
    }
}

#[test]
fn a_bad_file_leaves_nothing_and_stops_no_other() {
    let desk = Desk::new();
    desk.write("in/text.wav", b"this is text");
    desk.write("in/zh/song.mp3", b"ID3 and no more");
    let found = desk.convert("@in @gone.wav -o @out --format json");
    assert_eq!(found.code, 3, "{found:?}");
    assert!(found.err.contains("3 of 6 files cannot be converted:"), "{found:?}");
    assert_eq!(desk.files("out"), ["welcome.wav", "zh/bye.wav", "zh/deep/exact.wav"]);
    let document: Value = serde_json::from_str(&found.out).unwrap();
    assert_eq!(document["problems"].as_array().unwrap().len(), 3);
    assert_eq!(document["prompts"][0]["action"], "converted");
    assert_eq!(document["prompts"][0]["duration_ms"].as_f64(), Some(1_002.75));
    assert!(document["prompts"][0]["level_dbov"].is_null());
}

#[test]
fn names_that_collide_are_refused_before_anything_is_written() {
    let desk = Desk::new();
    desk.write("in/Welcome.mp3", b"another");
    fs::create_dir(desk.path("other")).unwrap();
    desk.write("other/welcome.wav", &Wav::default().of(&[0.1; 99]));
    for words in ["@in -o @out", "@in/welcome.wav @other/welcome.wav -o @out"] {
        let found = desk.convert(words);
        assert_eq!((found.code, found.out.as_str()), (3, ""), "{found:?}");
        assert!(found.err.contains("rename one of them"), "{found:?}");
        assert!(!desk.path("out").exists());
    }
    let twice = desk.convert("@in/welcome.wav @in/welcome.wav -o @out");
    assert_eq!((twice.code, desk.files("out")), (0, vec!["welcome.wav".to_owned()]));
}

#[test]
fn a_source_is_never_overwritten() {
    let desk = Desk::new();
    let before = fs::read(desk.path("in/welcome.wav")).unwrap();
    std::os::unix::fs::symlink(desk.path("in/welcome.wav"), desk.path("link.wav")).unwrap();
    for words in
        ["@in/welcome.wav -o @in/welcome.wav", "@in -o @in", "@in/welcome.wav -o @link.wav"]
    {
        let found = desk.convert(words);
        assert_eq!(found.code, 4, "{found:?}");
        assert!(found.err.contains("would overwrite a source"), "{found:?}");
        assert_eq!(fs::read(desk.path("in/welcome.wav")).unwrap(), before);
    }
    // The output's own folder is no input.
    assert_eq!(desk.convert("@in -o @in/out").code, 0);
    assert!(desk.convert("@in -o @in/out").out.contains("0 converted, 0 copied, 3 unchanged"));
}

#[test]
fn level_trim_and_filter_are_told() {
    let desk = Desk::new();
    let quiet = [vec![0.0; 24_000], tone(24_000, 2.0, 500.0, 0.05), vec![0.0; 24_000]].concat();
    desk.write("quiet.wav", &Wav::at(24_000).of(&quiet));
    let found =
        desk.convert("@quiet.wav -o @out.wav --level itu --trim --high-pass 100 --format json");
    let document: Value = serde_json::from_str(&found.out).unwrap();
    let prompt = &document["prompts"][0];
    let (level, gain) = (prompt["level_dbov"].as_f64(), prompt["gain_db"].as_f64());
    assert!((level.unwrap() + gain.unwrap() + 26.0).abs() < 0.11, "{prompt}");
    assert!(prompt["trimmed_ms"].as_f64().unwrap() > 1_700.0, "{prompt}");
    let checked =
        run(&["media", "check", "--format", "json", desk.path("out.wav").to_str().unwrap()]);
    let document: Value = serde_json::from_str(&checked.out).unwrap();
    assert_eq!(document["files"][0]["level_dbov"].as_f64(), Some(-26.0), "{checked:?}");
}

#[test]
fn a_pipe_does_not_hang_and_a_full_disk_is_an_error() {
    let desk = Desk::new();
    let made = std::process::Command::new("mkfifo").arg(desk.path("in/pipe.wav")).status();
    assert!(made.unwrap().success());
    let found = desk.convert("@in/pipe.wav -o @out.wav");
    assert_eq!(found.code, 3, "{found:?}");
    let script = r#"mount -t tmpfs -o size=8k tmpfs "$3" && "$1" media convert "$2" -o "$3"
        code=$?; ls -A "$3"; exit $code"#;
    fs::create_dir(desk.path("full")).unwrap();
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", script, "sh", env!("CARGO_BIN_EXE_ivrkit")]);
    let found = outcome(command.args([desk.path("in/welcome.wav"), desk.path("full")]));
    assert_eq!((found.code, found.out.as_str()), (4, ""), "{found:?} (mount needs root)");
    assert!(found.err.contains("No space left"), "{found:?}");
}
