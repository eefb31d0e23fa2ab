//! `ivrkit media build` and `ivrkit media check` as they are typed.

use crate::sound::{Wav, chunk, noise, tone};
use assert_cmd::Command;
use ivrkit::media;
use serde_json::Value;
use std::{
    ffi::OsStr,
    fs,
    os::unix::{ffi::OsStrExt as _, fs::MetadataExt as _},
    path::{Path, PathBuf},
};
use tempfile::TempDir;

const SCENARIO: &str = r"
ivrkit: 1
name: small
language: en
profile: asterisk
calls: { inbound: 7000 }
media: { root: /tmp/media, source: sources }
prompts:
  welcome: { text: Hello }
  bye: { text: Bye, source: goodbye/studio.wav }
  own: { per_callee: true, source: people, text: For you }
ivrs:
  7000: { prompts: [welcome, own, bye] }
";

/// A folder with the scenario, its sources and a place for the prompts.
struct Studio(TempDir);

impl Studio {
    fn new() -> Self {
        let studio = Self(tempfile::tempdir().unwrap());
        for folder in ["sources/goodbye", "sources/people"] {
            fs::create_dir_all(studio.path(folder)).unwrap();
        }
        studio.write("small.yaml", SCENARIO.as_bytes());
        studio.write("sources/welcome.wav", &Wav::at(24_000).of(&noise(24_000, 0.3)));
        studio.write(
            "sources/goodbye/studio.wav",
            &Wav { channels: 2, ..Wav::at(44_100) }.of(&noise(9_000, 0.3)),
        );
        for number in 0..20 {
            let name = format!("sources/people/1390000{number:04}.wav");
            studio.write(
                &name,
                &Wav::at(22_050).of(&tone(22_050, 0.6, 300.0 + f64::from(number), 0.4)),
            );
        }
        studio.write("sources/people/notes.txt", b"made on Monday");
        studio
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, contents: &[u8]) {
        fs::write(self.path(name), contents).unwrap();
    }

    fn build(&self, out: &str) -> Outcome {
        run(&["media", "build", &self.text("small.yaml"), "-o", &self.text(out)])
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.retain(|name| name != media::manifest::FILE_NAME);
        names.sort();
        names
    }
}

#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) fn run(arguments: &[&str]) -> Outcome {
    outcome(Command::cargo_bin("ivrkit").unwrap().args(arguments))
}

pub(crate) fn outcome(command: &mut Command) -> Outcome {
    let output = command.timeout(std::time::Duration::from_mins(2)).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Outcome {
        code: output.status.code().expect("the command is not ended by a signal"),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

#[test]
fn a_second_build_touches_nothing() {
    let studio = Studio::new();
    let first = studio.build("out");
    assert_eq!(first.code, 0, "{first:?}");
    assert!(first.out.starts_with("22 prompts, "), "{first:?}");
    assert!(first.out.ends_with("22 converted, 0 copied, 0 unchanged\n"), "{first:?}");
    assert_eq!(first.err, "", "nothing but the summary in a pipe");
    let names = studio.names("out");
    assert_eq!((names.len(), names[0].as_str()), (22, "13900000000.wav"));
    assert!(names.contains(&"bye.wav".to_owned()) && names.contains(&"welcome.wav".to_owned()));
    let identity = |name: &String| {
        let meta = fs::metadata(studio.path("out").join(name)).unwrap();
        (meta.ino(), meta.mtime_nsec(), meta.ctime_nsec())
    };
    let before: Vec<_> = names.iter().map(identity).collect();
    let second = studio.build("out");
    assert!(second.out.ends_with("0 converted, 0 copied, 22 unchanged\n"), "{second:?}");
    assert_eq!(names.iter().map(identity).collect::<Vec<_>>(), before);
    fs::write(studio.path("out/bye.wav"), b"something else").unwrap();
    assert!(studio.build("out").out.ends_with("1 converted, 0 copied, 21 unchanged\n"));
}

#[test]
fn any_number_of_threads_writes_the_same_bytes() {
    let studio = Studio::new();
    for threads in ["1", "2", "7"] {
        let scenario = studio.text("small.yaml");
        let mut command = Command::cargo_bin("ivrkit").unwrap();
        command.env("RAYON_NUM_THREADS", threads);
        command.args(["media", "build", &scenario, "-o", &studio.text(threads)]);
        assert_eq!(outcome(&mut command).code, 0);
    }
    for name in studio.names("1") {
        let bytes = |folder: &str| fs::read(studio.path(folder).join(&name)).unwrap();
        assert!(bytes("1") == bytes("2") && bytes("1") == bytes("7"), "{name}");
    }
}

#[test]
fn all_problems_are_shown_and_nothing_is_written() {
    let studio = Studio::new();
    fs::remove_file(studio.path("sources/welcome.wav")).unwrap();
    studio.write("sources/goodbye/studio.wav", b"this is text");
    studio.write("sources/people/13911112222.wav", &Wav::at(0).of(&[0.5; 9]));
    studio.write("sources/people/Mr Li.wav", &Wav::at(8_000).of(&[0.5; 9]));
    let found = studio.build("out");
    assert_eq!((found.code, found.out.as_str()), (3, ""), "{found:?}");
    for expected in [
        "4 of 24 prompts from ",
        "/sources cannot be built, so none was written",
        "  welcome.wav: is missing; put it there, or name another file",
        "  goodbye/studio.wav: found a text file, expected WAV, FLAC or MP3",
        "  people/*******2222.wav: the `fmt ` chunk at byte 12: found a sample rate of 0 Hz",
        "  people/Mr Li.wav: expected a file name of digits",
    ] {
        assert!(found.err.contains(expected), "`{expected}` is not in {}", found.err);
    }
    assert!(!found.err.contains("13911112222"), "a callee's number is masked");
    assert!(!studio.path("out").exists());

    fs::create_dir(studio.path("old")).unwrap();
    studio.write("old/welcome.wav", b"as it was");
    assert_eq!(studio.build("old").code, 3);
    assert_eq!(studio.names("old"), ["welcome.wav"]);
    assert_eq!(fs::read(studio.path("old/welcome.wav")).unwrap(), b"as it was");
}

#[test]
fn sources_are_never_overwritten() {
    let studio = Studio::new();
    for out in ["sources", "sources/people"] {
        let before: Vec<_> = studio.names(out);
        let welcome = fs::read(studio.path("sources/welcome.wav")).unwrap();
        let found = studio.build(out);
        assert_eq!(found.code, 4, "{found:?}");
        assert!(found.err.contains("would overwrite its source"), "{found:?}");
        assert_eq!(studio.names(out), before);
        assert_eq!(fs::read(studio.path("sources/welcome.wav")).unwrap(), welcome);
    }
}

#[test]
fn pipes_folders_and_occupied_names_end_with_a_message() {
    let studio = Studio::new();
    let make_fifo = |name: &str| {
        let status = std::process::Command::new("mkfifo").arg(studio.path(name)).status();
        assert!(status.unwrap().success());
    };
    fs::remove_file(studio.path("sources/welcome.wav")).unwrap();
    make_fifo("sources/welcome.wav");
    let found = studio.build("out");
    assert_eq!(found.code, 3, "{found:?}");
    assert!(found.err.contains("welcome.wav: found not a regular file, expected a WAV file"));
    let found = run(&["media", "check", &studio.text("sources/welcome.wav")]);
    assert_eq!(found.code, 3, "{found:?}");
    fs::remove_file(studio.path("sources/welcome.wav")).unwrap();
    studio.write("sources/welcome.wav", &Wav::default().of(&[0.1; 99]));
    fs::create_dir_all(studio.path("out/bye.wav")).unwrap();
    make_fifo("out/welcome.wav");
    let found = studio.build("out");
    assert_eq!(found.code, 4, "{found:?}");
    assert!(found.err.contains("goodbye/studio.wav: the output folder has a folder of that name"));
    assert!(found.err.contains("welcome.wav: the output folder has a device or pipe of that name"));
    let found = studio.build("small.yaml");
    assert_eq!(found.code, 4, "{found:?}");
}

#[test]
fn a_full_disk_is_an_error() {
    let studio = Studio::new();
    fs::create_dir(studio.path("out")).unwrap();
    let script = r#"mount -t tmpfs -o size=96k tmpfs "$3" && "$1" media build "$2" -o "$3"
        code=$?; ls -A "$3"; exit $code"#;
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", script, "sh", env!("CARGO_BIN_EXE_ivrkit")]);
    let found = outcome(command.args([studio.path("small.yaml"), studio.path("out")]));
    assert_eq!(found.code, 4, "{found:?} (mount needs root)");
    assert!(
        found.err.contains("cannot be written to the output folder: No space left"),
        "{found:?}"
    );
    assert_eq!(found.out, "", "no file is left");

    let mut command = Command::new("sh");
    command.args(["-c", r#"exec "$1" media build "$2" -o "$3" >/dev/full"#, "sh"]);
    command.arg(env!("CARGO_BIN_EXE_ivrkit"));
    let found = outcome(command.args([studio.path("small.yaml"), studio.path("other")]));
    assert_eq!(found.code, 4, "{found:?}");
    assert!(found.err.contains("cannot write standard output"), "{found:?}");
}

#[test]
fn check_tells_playable_unplayable_and_missing_apart() {
    let studio = Studio::new();
    let check = |paths: &[&str], more: &[&str]| {
        let paths: Vec<_> = paths.iter().map(|path| studio.text(path)).collect();
        let mut arguments = vec!["media", "check"];
        arguments.extend(paths.iter().map(String::as_str));
        arguments.extend(more);
        run(&arguments)
    };
    assert_eq!(studio.build("out").code, 0);
    let good = check(&["out"], &[]);
    assert_eq!(good.code, 0, "{good:?}");
    assert!(good.out.ends_with("22 of 22 playable\n"), "{good:?}");

    let bad = check(&["sources/welcome.wav", "out/bye.wav"], &["--profile", "yeastar-s"]);
    assert_eq!(bad.code, 1, "{bad:?}");
    assert!(bad.out.contains("24000 Hz, expected 8000; convert it with `ivrkit media convert`"));
    assert!(bad.out.ends_with("1 of 2 playable\n"), "{bad:?}");

    let missing = check(&["nowhere.wav", "out/bye.wav"], &[]);
    assert_eq!(missing.code, 3, "{missing:?}");
    assert!(missing.out.ends_with("1 of 1 playable\n"), "what is there is judged all the same");
    fs::create_dir(studio.path("empty")).unwrap();
    assert_eq!(check(&["empty"], &[]).code, 3);
    assert_eq!(run(&["media", "check"]).code, 2);
}

#[test]
fn json_says_what_the_table_says() {
    let studio = Studio::new();
    let list = chunk(*b"LIST", &[b'x'; 2_000]);
    studio.write("short.wav", &Wav { before: list, ..Wav::default() }.of(&noise(8_000, 0.5)));
    let found = run(&["media", "check", "--format", "json", &studio.text("short.wav")]);
    assert_eq!(found.code, 1, "{found:?}");
    let document: Value = serde_json::from_str(&found.out).unwrap();
    let file = &document["files"][0];
    assert_eq!(document["profile"], "asterisk");
    assert_eq!(file["path"], studio.text("short.wav"));
    for (key, expected) in [
        ("duration_ms", 1_000.0),
        ("played_ms", 871.75),
        ("lost_ms", 128.25),
        ("rate_hz", 8_000.0),
        ("channels", 1.0),
    ] {
        assert_eq!(file[key].as_f64(), Some(expected), "{key}");
    }
    assert_eq!((&file["playable"], &file["opens"]), (&false.into(), &true.into()));
    assert_eq!(file["refusals"][0]["code"], "loses-end");
    let reason = file["refusals"][0]["reason"].as_str().unwrap();
    assert!(reason.starts_with("loses 128.25 ms at the end"), "{reason}");

    let odd = studio.0.path().join(OsStr::from_bytes(b"odd\xFF.wav"));
    fs::write(&odd, Wav::default().of(&[0.0; 99])).unwrap();
    let mut command = Command::cargo_bin("ivrkit").unwrap();
    let found = outcome(command.args(["media", "check", "--format", "json"]).arg(odd));
    assert_eq!(found.code, 0, "{found:?}");

    let scenario = studio.text("small.yaml");
    let found = run(&["media", "build", &scenario, "-o", &studio.text("out"), "--format", "json"]);
    let document: Value = serde_json::from_str(&found.out).unwrap();
    let prompt = &document["prompts"][21];
    assert_eq!((&prompt["name"], &prompt["action"]), (&"welcome.wav".into(), &"converted".into()));
    assert_eq!(prompt["duration_ms"].as_f64(), Some(1_002.75));
    assert_eq!(Path::new(prompt["path"].as_str().unwrap()), studio.path("out/welcome.wav"));
}

#[test]
fn a_size_in_a_header_takes_no_memory() {
    let studio = Studio::new();
    let huge = Wav { data_size: Some(0xFFFF_FFFF), ..Wav::at(192_000) }.of(&noise(10, 0.5));
    studio.write("huge.wav", &huge);
    let mut command = Command::new("sh");
    command.args(["-c", r#"ulimit -v 1000000; exec "$1" media check "$2""#, "sh"]);
    let found = outcome(command.arg(env!("CARGO_BIN_EXE_ivrkit")).arg(studio.path("huge.wav")));
    assert_eq!(found.code, 1, "{found:?}");
}
