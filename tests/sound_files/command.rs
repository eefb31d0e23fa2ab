//! The same files through the command, and what stands in no table: pipes, devices, full disks, files
//! that are long, grow or have no end. Whatever it is, memory has a limit.

use crate::{
    making::{TELEPHONE, Verdict, raw, riff, sound},
    table::table,
};
use assert_cmd::Command;
use std::{
    fs,
    io::Write as _,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    sync::LazyLock,
    time::Duration,
};
use tempfile::TempDir;

/// Most memory of a command, in KiB. The code of a debug build alone takes half of it.
const MAX_KIB: u64 = 64 << 10;
/// Most memory of a command beyond what the same command takes for a file of a moment, in any build: the
/// samples of the longest sound at 16 kHz are 37 MiB of it.
const MAX_MORE_KIB: u64 = 40 << 10;

/// A folder with a scenario whose prompts are `p0.wav`, `p1.wav` and so on in `sources`.
struct Studio(TempDir);

#[derive(Debug)]
struct Outcome {
    code: i32,
    out: String,
    err: String,
}

impl Studio {
    fn new(prompts: usize) -> Self {
        let studio = Self(tempfile::tempdir().unwrap());
        fs::create_dir(studio.path("sources")).unwrap();
        let line = |number| format!("  p{number}: {{ text: Hello }}\n");
        let lines: String = (0..prompts).map(line).collect();
        let scenario = format!(
            "ivrkit: 1\nname: studio\nlanguage: en\nprofile: asterisk\ncalls: {{ inbound: 7000 }}\n\
             media: {{ root: /tmp/media, source: sources }}\nprompts:\n{lines}\
             ivrs:\n  7000: {{ prompts: [p0] }}\n"
        );
        fs::write(studio.path("studio.yaml"), scenario).unwrap();
        studio
    }

    /// One prompt, whose source is made by `make`.
    fn of(make: impl FnOnce(&Path)) -> Self {
        let studio = Self::new(1);
        make(&studio.path("sources/p0.wav"));
        studio
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// One prompt of a moment.
    fn of_a_moment() -> Self {
        Self::of(|path| fs::write(path, TELEPHONE.file(&sound())).unwrap())
    }

    fn build(&self, out: &str) -> Outcome {
        run(&self.building(out))
    }

    fn building(&self, out: &str) -> std::process::Command {
        let mut command = ivrkit(&["media", "build"]);
        command.arg(self.path("studio.yaml")).arg("-o").arg(self.path(out));
        command
    }

    /// Builds, which must fail with these words and leave nothing.
    fn refused(&self, words: &str) {
        let outcome = self.build("out");
        assert_eq!((outcome.code, outcome.out.as_str()), (3, ""), "{words}: {outcome:?}");
        assert!(outcome.err.contains(words), "expected `{words}`, found {outcome:?}");
        assert!(!self.path("out").exists(), "{words}: nothing is left");
    }
}

/// Runs a program with what it is given, and writes its peak of memory in KiB to a file. A small
/// process does so: a child counts as large as the process that it was forked from.
const MEASURE: &str = "
import resource, subprocess, sys
code = subprocess.run(sys.argv[2:]).returncode
with open(sys.argv[1], 'w') as file:
    file.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(code)";

/// Runs a command to its end, which must come soon, and looks at its memory.
fn run(command: &std::process::Command) -> Outcome {
    /// What each command takes that reads no sound to speak of. A debug build of one that reads a
    /// scenario has half as much code again in memory.
    static LEAST_OF_CONVERT_KIB: LazyLock<u64> = LazyLock::new(|| {
        let studio = Studio::of_a_moment();
        let mut command = ivrkit(&["media", "convert"]);
        least_kib(command.arg(studio.path("sources/p0.wav")).arg("-o").arg(studio.path("out.wav")))
    });
    static LEAST_OF_BUILD_KIB: LazyLock<u64> = LazyLock::new(|| {
        let studio = Studio::of_a_moment();
        least_kib(&studio.building("out"))
    });
    let builds = command.get_args().any(|argument| argument == "build");
    let least_kib = if builds { *LEAST_OF_BUILD_KIB } else { *LEAST_OF_CONVERT_KIB };
    let (outcome, peak_kib) = measured(command);
    println!("{peak_kib} KiB, at least {least_kib}: {command:?}");
    let more_kib = peak_kib.saturating_sub(least_kib);
    assert!(more_kib < MAX_MORE_KIB, "{more_kib} KiB more than for a moment: {command:?}");
    let is_small = peak_kib < MAX_KIB || cfg!(debug_assertions);
    assert!(is_small, "{peak_kib} KiB were used: {command:?}");
    outcome
}

/// The peak of memory of a command that must succeed, in KiB.
fn least_kib(command: &std::process::Command) -> u64 {
    let (outcome, peak_kib) = measured(command);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    peak_kib
}

/// How a command ended, and its peak of memory in KiB.
fn measured(command: &std::process::Command) -> (Outcome, u64) {
    let peak = tempfile::NamedTempFile::new().unwrap();
    let mut measured = Command::new("python3");
    measured.args(["-c", MEASURE]).arg(peak.path());
    measured.arg(command.get_program()).args(command.get_args());
    let output = measured.timeout(Duration::from_mins(5)).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let code = output.status.code().expect("the command is not ended by a signal");
    let outcome = Outcome { code, out: text(output.stdout), err: text(output.stderr) };
    let peak = fs::read_to_string(peak.path()).unwrap();
    let peak_kib = peak.parse().unwrap_or_else(|_| panic!("not measured: {outcome:?}"));
    (outcome, peak_kib)
}

fn ivrkit(arguments: &[&str]) -> std::process::Command {
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("ivrkit"));
    command.args(arguments);
    command
}

#[test]
fn the_command_reads_what_is_read() {
    let cases: Vec<_> =
        table().into_iter().filter(|case| matches!(case.verdict, Verdict::Reads(_))).collect();
    let studio = Studio::new(cases.len());
    for (number, case) in cases.iter().enumerate() {
        fs::write(studio.path(&format!("sources/p{number}.wav")), &case.bytes).unwrap();
    }
    let outcome = studio.build("out");
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert!(outcome.out.starts_with(&format!("{} prompts, ", cases.len())), "{outcome:?}");
    for (number, case) in cases.iter().enumerate() {
        let built = fs::read(studio.path(&format!("out/p{number}.wav"))).unwrap();
        assert_eq!(Ok(built), ivrkit::media::convert(&case.bytes), "{}", case.name);
    }
}

#[test]
fn the_command_refuses_what_is_refused_and_leaves_nothing() {
    let cases: Vec<_> =
        table().into_iter().filter(|case| matches!(case.verdict, Verdict::Refused(_))).collect();
    let studio = Studio::new(cases.len());
    for (number, case) in cases.iter().enumerate() {
        fs::write(studio.path(&format!("sources/p{number}.wav")), &case.bytes).unwrap();
    }
    let outcome = studio.build("out");
    assert_eq!((outcome.code, outcome.out.as_str()), (3, ""), "{outcome:?}");
    for (number, case) in cases.iter().enumerate() {
        let Verdict::Refused(words) = case.verdict else { unreachable!() };
        let name = format!("p{number}.wav: ");
        let line = outcome.err.lines().find(|line| line.trim_start().starts_with(&name));
        let line = line.unwrap_or_else(|| panic!("{} is not mentioned", case.name));
        assert!(line.contains(words), "{}: expected `{words}`, found `{line}`", case.name);
    }
    assert!(!studio.path("out").exists());
}

#[test]
fn every_file_of_the_table_can_be_judged() {
    let studio = Studio::new(0);
    let table = table();
    for (number, case) in table.iter().enumerate() {
        fs::write(studio.path(&format!("sources/p{number}.wav")), &case.bytes).unwrap();
    }
    let outcome = run(ivrkit(&["media", "check"]).arg(studio.path("sources")));
    assert_eq!(outcome.code, 1, "{outcome:?}");
    assert!(outcome.out.contains(&format!(" of {} playable", table.len())), "{outcome:?}");
}

#[test]
fn what_is_no_file_is_refused_without_waiting() {
    Studio::of(|_| {}).refused("p0.wav: is missing");
    Studio::of(|path| fs::create_dir(path).unwrap()).refused("found a folder");
    for target in ["/dev/zero", "/dev/null", "/dev/stdin"] {
        Studio::of(|path| symlink(target, path).unwrap()).refused("found not a regular file");
    }
    Studio::of(|path| {
        let made = std::process::Command::new("mkfifo").arg(path).status().unwrap();
        assert!(made.success());
    })
    .refused("found not a regular file");
    Studio::of(|path| symlink("p0.wav", path).unwrap()).refused("cannot be read");
    Studio::of(|path| symlink("/proc/self/mem", path).unwrap()).refused("the file is empty");
}

#[test]
fn a_name_with_a_nul_is_refused() {
    let studio = Studio::new(1);
    let scenario = fs::read_to_string(studio.path("studio.yaml")).unwrap();
    let scenario = scenario.replace("text: Hello", "text: Hello, source: \"a\\0b.wav\"");
    fs::write(studio.path("studio.yaml"), scenario).unwrap();
    let outcome = studio.build("out");
    assert!((1..=3).contains(&outcome.code), "{outcome:?}");
    assert!(!outcome.err.is_empty() && !studio.path("out").exists(), "{outcome:?}");
}

#[test]
fn a_file_that_may_not_be_read_is_refused() {
    use std::os::unix::{
        fs::{MetadataExt as _, PermissionsExt as _},
        process::CommandExt as _,
    };
    let studio = Studio::of_a_moment();
    let set = |name: &str, mode| {
        fs::set_permissions(studio.path(name), fs::Permissions::from_mode(mode)).unwrap();
    };
    set("sources/p0.wav", 0o000);
    set("", 0o777);
    // Root may read anything: somebody else runs a copy that they can reach.
    let program = studio.path("ivrkit");
    fs::copy(assert_cmd::cargo::cargo_bin("ivrkit"), &program).unwrap();
    let mut command = std::process::Command::new(&program);
    if fs::metadata("/proc/self").unwrap().uid() == 0 {
        command.uid(65_534).gid(65_534);
    }
    command.args(["media", "build"]).arg(studio.path("studio.yaml"));
    let output = command.arg("-o").arg(studio.path("out")).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let found = String::from_utf8(output.stderr).unwrap();
    assert!(found.contains("p0.wav: cannot be read: Permission denied"), "{found}");
    assert!(!studio.path("out").exists());
}

#[test]
fn no_source_is_overwritten() {
    type Link = fn(&Path, &Path);
    let good = TELEPHONE.file(&sound());
    let links: [Link; 3] = [
        |path, out| symlink(path.parent().unwrap(), out).unwrap(),
        |path, out| {
            fs::create_dir(out).unwrap();
            fs::hard_link(path, out.join("p0.wav")).unwrap();
        },
        |path, out| {
            fs::create_dir(out).unwrap();
            symlink(path, out.join("p0.wav")).unwrap();
        },
    ];
    for link in links {
        let studio = Studio::of(|path| fs::write(path, &good).unwrap());
        let source = studio.path("sources/p0.wav");
        link(&source, &studio.path("out"));
        let outcome = studio.build("out");
        assert_eq!(outcome.code, 4, "{outcome:?}");
        assert!(outcome.err.contains("would overwrite its source"), "{outcome:?}");
        assert_eq!(fs::read(source).unwrap(), good);
    }
}

/// A file of zeros behind these bytes, which takes no room on the disk.
fn sparse(path: &Path, head: &[u8], bytes: u64) {
    let mut file = fs::File::create(path).unwrap();
    file.write_all(head).unwrap();
    file.set_len(bytes).unwrap();
}

#[test]
fn long_files_are_refused_before_they_are_read() {
    const LONG: u64 = 3 << 30;
    let stereo = crate::making::Fmt::pcm(2, 48_000, 16).chunk();
    let head = |size: u32| riff(&[stereo.clone(), raw(b"data", size, b"")]);
    for size in [u32::MAX, 0xBFFF_FFD4] {
        let studio = Studio::of(|path| sparse(path, &head(size), LONG));
        studio.refused("the sound is longer than 10 minutes, the most that is converted");
    }
    Studio::of(|path| sparse(path, &head(0x7FFF_F000), LONG)).refused("belong to no chunk");
    Studio::of(|path| sparse(path, b"", LONG)).refused("found unknown bytes");
    Studio::of(|path| sparse(path, b"RIFF\0\0\0\0WAVE", LONG)).refused("no `fmt ` chunk");
    let junk = riff(&[stereo.clone(), raw(b"JUNK", 0xB000_0000, b"")]);
    Studio::of(|path| sparse(path, &junk, LONG)).refused("no `data` chunk");
    Studio::of(|path| sparse(path, include_bytes!("untagged.mp3"), LONG)).refused("p0.wav: ");
}

#[test]
fn the_longest_sound_is_read_in_pieces() {
    const SECONDS: u32 = 10 * 60;
    let floats = crate::making::Fmt::of(3, 8, 8_000, 32);
    let bytes = SECONDS * floats.bytes_a_second;
    let head = riff(&[floats.chunk(), raw(b"data", bytes, &[0, 0, 0, 0x3F].repeat(8))]);
    let studio = Studio::of(|path| sparse(path, &head, u64::from(bytes) + 44));
    let outcome = studio.build("out");
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let built = fs::metadata(studio.path("out/p0.wav")).unwrap();
    assert_eq!(built.len(), 44 + u64::from(SECONDS) * 16_000);
}

/// Eight of the longest files at once, in every way that a command takes them.
#[test]
fn many_long_files_take_no_more_memory_than_one() {
    const FILES: usize = 8;
    let stereo = crate::making::Fmt::pcm(2, 16_000, 16);
    let bytes = 10 * 60 * stereo.bytes_a_second;
    let head = riff(&[stereo.chunk(), raw(b"data", bytes, &sound())]);
    let studio = Studio::new(FILES);
    for number in 0..FILES {
        sparse(&studio.path(&format!("sources/p{number}.wav")), &head, u64::from(bytes) + 44);
    }
    assert_eq!(studio.build("out").code, 0);
    assert_eq!(studio.build("out").code, 0, "and once more, when all is there");
    for more in [
        ["--sound-format=wav16", "--level=keep"],
        ["--sound-format=sln16", "--level=stock"],
        ["--sound-format=alaw", "--trim"],
    ] {
        let mut command = ivrkit(&["media", "convert"]);
        command.args(more).arg(studio.path("sources")).arg("-o").arg(studio.path("converted"));
        let outcome = run(&command);
        assert_eq!(outcome.code, 0, "{outcome:?}");
    }
    let mut command = ivrkit(&["media", "check"]);
    let outcome = run(command.args(["sources", "out", "converted"].map(|name| studio.path(name))));
    assert_eq!(outcome.code, 1, "{outcome:?}");
    assert!(outcome.out.contains("32 of 40 playable"), "{outcome:?}");
}

#[test]
fn a_file_that_grows_has_an_end() {
    let head = riff(&[TELEPHONE.chunk(), raw(b"data", u32::MAX, &sound())]);
    let studio = Studio::of(|path| fs::write(path, head).unwrap());
    let path = studio.path("sources/p0.wav");
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let writer = std::thread::spawn(move || {
        let mut file = fs::OpenOptions::new().append(true).open(path).unwrap();
        while stopped.try_recv().is_err() {
            file.write_all(&sound()).unwrap();
            std::thread::sleep(Duration::from_millis(1));
        }
    });
    let outcome = studio.build("out");
    stop.send(()).unwrap();
    writer.join().unwrap();
    assert_eq!(outcome.code, 0, "{outcome:?}");
}

/// A real disk without room: a small one in a mount namespace of its own.
#[test]
fn a_full_disk_is_an_error_and_leaves_nothing() {
    let studio = Studio::new(3);
    for number in 0..3 {
        let file = TELEPHONE.file(&sound().repeat(50));
        fs::write(studio.path(&format!("sources/p{number}.wav")), file).unwrap();
    }
    fs::create_dir(studio.path("disk")).unwrap();
    let script = "mount -t tmpfs -o size=64k none \"$1/disk\" || exit 99
        \"$0\" media build \"$1/studio.yaml\" -o \"$1/disk/out\"
        code=$?
        find \"$1/disk\" -mindepth 1 >&2
        exit $code";
    let mut command = std::process::Command::new("unshare");
    command.args(["--mount", "sh", "-c", script]).arg(assert_cmd::cargo::cargo_bin("ivrkit"));
    let outcome = run(command.arg(studio.0.path()));
    assert_eq!((outcome.code, outcome.out.as_str()), (4, ""), "{outcome:?}");
    assert!(outcome.err.contains("No space left on device"), "{outcome:?}");
    assert!(!outcome.err.contains("/disk/out/"), "something is left: {outcome:?}");
}
