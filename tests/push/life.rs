//! The life of a push: losses that pass, what is told while it runs, what it does to files on the
//! way, and a folder that is watched.

use crate::{
    site::{INPUT, INTERRUPTED, Outcome, Prompts, REMOTE, Site, UNREACHABLE, noise},
    sshd::{Setup, Sshd, Wire, descendants, kill},
};
use serde_json::Value;
use std::{
    fs,
    io::Write as _,
    net::TcpListener,
    path::Path,
    process::Child,
    thread,
    time::{Duration, Instant},
};

/// A line slow enough that there is a middle.
const SLOW: u64 = 12_000_000;

#[test]
fn a_connection_that_is_lost_goes_on_with_what_was_staged() {
    let site = Site::sftp();
    let [old, new] = [Prompts::new(40, 200_000, 1).aged(), Prompts::new(40, 200_000, 100)];
    site.push(old.path(), &[]);
    for how in ["--all-or-nothing", "--no-sync"] {
        let wire = Wire::to(site.sshd().port, SLOW, None);
        let child = site.begin(new.path(), wire.port, &[how]);
        wire.wait_for(6_500_000);
        assert!(site.sshd().kill_sessions() > 0);
        Outcome::wait(child).check(0, &["the connection was lost", "connecting again"]);
        site.check(&new.contents());
        let sent = wire.forwarded();
        assert!(sent < 12_000_000, "{how}: {sent} bytes of 8,000,000 and a window went up");
        site.push(old.path(), &[]);
    }
}

#[test]
fn a_server_that_is_not_there_yet_is_waited_for() {
    let site = Site::sftp();
    let prompts = Prompts::new(2, 1000, 1);
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let child = site.begin(prompts.path(), port, &["--retries", "8"]);
    thread::sleep(Duration::from_millis(700));
    let _wire = Wire::at(port, site.sshd().port, SLOW, None);
    let outcome = Outcome::wait(child);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(outcome.stderr.contains("refused"), "{outcome:?}");
    site.check(&prompts.contents());
    let closed = site.begin(prompts.path(), 1, &["--retries", "0"]);
    Outcome::wait(closed).check(UNREACHABLE, &["refused"]);
}

#[test]
fn a_server_process_that_is_stopped_is_told_in_time() {
    let sftp = Some("/usr/lib/openssh/sftp-server".to_owned());
    let site = Site::of(Sshd::with(&Setup { sftp, ..Setup::default() }));
    let [old, new] = [Prompts::new(20, 200_000, 1), Prompts::new(20, 200_000, 100)];
    site.push(old.path(), &[]);
    let wire = Wire::to(site.sshd().port, SLOW, None);
    let child = site.begin(new.path(), wire.port, &["--timeout-s", "3", "--all-or-nothing"]);
    wire.wait_for(1_000_000);
    let name = |pid: &u32| fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    let server = descendants(site.sshd().id()).into_iter();
    let server = server.filter(|pid| name(pid).trim() == "sftp-server").collect::<Vec<_>>();
    let [server] = server[..] else { panic!("{server:?}") };
    kill(server, "STOP");
    let started = Instant::now();
    let outcome = Outcome::wait(child);
    outcome.check(REMOTE, &["no answer for 3 s; the server or the network stalls"]);
    assert!(started.elapsed() < Duration::from_secs(40), "{:?}", started.elapsed());
    assert_eq!(site.files(), old.contents());
    kill(server, "CONT");
    site.push(new.path(), &[]);
    site.check(&new.contents());
}

#[test]
fn a_second_signal_ends_a_push_at_once_and_the_next_clears_up() {
    let site = Site::sftp();
    let [old, new] = [Prompts::new(20, 200_000, 1), Prompts::new(20, 200_000, 100)];
    site.push(old.path(), &[]);
    let wire = Wire::to(site.sshd().port, SLOW, Some(1_500_000));
    let mut child = site.begin(new.path(), wire.port, &[]);
    wire.wait_for(1_500_000);
    kill(child.id(), "INT");
    // The server is silent, so that clearing up would take its time.
    thread::sleep(Duration::from_millis(500));
    assert!(child.try_wait().unwrap().is_none(), "it clears up");
    let started = Instant::now();
    let outcome = ends(child, "TERM");
    assert_eq!(outcome.code, Some(INTERRUPTED), "{outcome:?}");
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    site.push(new.path(), &[]);
    site.check(&new.contents());
}

#[test]
fn a_signal_ends_the_waiting_for_a_server() {
    let site = Site::sftp();
    let prompts = Prompts::new(2, 1000, 1);
    let child = site.begin(prompts.path(), 1, &["--retries", "100"]);
    thread::sleep(Duration::from_secs(2));
    let outcome = ends(child, "INT");
    assert_eq!(outcome.code, Some(INTERRUPTED), "{outcome:?}");
    assert!(outcome.stderr.contains("interrupted"), "{outcome:?}");
}

#[test]
fn a_source_that_vanishes_is_told_and_nothing_torn_is_published() {
    let site = Site::sftp();
    let prompts = Prompts::new(200, 50_000, 1);
    let whole = prompts.contents();
    let wire = Wire::to(site.sshd().port, SLOW, None);
    let child = site.begin(prompts.path(), wire.port, &["--delete"]);
    wire.wait_for(500_000);
    for path in whole.keys() {
        fs::remove_file(prompts.path().join(path)).unwrap();
    }
    Outcome::wait(child).check(INPUT, &["files were published, every other"]);
    let found = site.files();
    assert!(found.iter().all(|(path, content)| whole[path] == *content));
    assert_eq!(site.litter(), Vec::<String>::new());
}

#[test]
fn programs_hear_events_a_line_each() {
    for site in Site::all() {
        let prompts = Prompts::new(3, 1000, 1);
        site.push(prompts.path(), &[]);
        prompts.write("p0.wav", b"changed");
        prompts.write("new.wav", b"new");
        fs::remove_file(prompts.path().join("p2.wav")).unwrap();
        let how = ["--format", "json", "--delete", "--max-delete", "1"];
        let lines = site.push(prompts.path(), &how);
        let events: Vec<Value> =
            lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let names: Vec<_> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
        // Deleting needs the proof that the content is still ours.
        let expected = [
            "reading-back",
            "planned",
            "uploading",
            "published",
            "published",
            "deleted",
            "summary",
        ];
        assert_eq!(names, expected, "{lines}");
        let counts = ["files", "new", "changed", "unchanged", "stale", "foreign", "bytes"];
        let found = counts.map(|name| events[1][name].as_u64().unwrap());
        assert_eq!(found, [3, 1, 1, 1, 1, 0, 10]);
        assert_eq!(events[5]["path"], "p2.wav");
        let summary = &events[6];
        assert_eq!(summary["uploaded"], 2);
        assert_eq!(summary["deleted"], serde_json::json!(["p2.wav"]));
        assert_eq!(summary["reconnections"], 0);
        let failed = site.run(&prompts.path().join("gone"), &["--format", "json"]);
        let error: Value = serde_json::from_str(&failed.stdout).unwrap();
        assert_eq!((&error["event"], &error["exit_code"]), (&"error".into(), &INPUT.into()));
    }
}

/// A WAV of that rate, 16 bits, one channel, a quiet tone.
fn wav(rate_hz: u32, samples: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(b"RIFF");
    bytes.extend((36 + samples * 2).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    bytes.extend(rate_hz.to_le_bytes());
    bytes.extend((rate_hz * 2).to_le_bytes());
    bytes.extend(b"\x02\0\x10\0data");
    bytes.extend((samples * 2).to_le_bytes());
    for sample in 0..samples {
        let sample = if sample / 20 % 2 == 0 { 3000_i16 } else { -3000 };
        bytes.extend(sample.to_le_bytes());
    }
    bytes
}

#[test]
fn what_does_not_play_is_converted_on_the_way() {
    let site = Site::directory();
    let prompts = Prompts::new(0, 0, 0);
    prompts.write("wide.wav", &wav(44_100, 44_100));
    prompts.write("plain.wav", &wav(8000, 8000));
    prompts.write("broken.wav", b"no sound");
    prompts.write("note.txt", b"a note");
    let push = |more: &[&str]| {
        let mut command = site.converting_command(prompts.path(), &site.url);
        Outcome::of(&command.args(more).output().unwrap())
    };
    let first = push(&[]);
    assert_eq!(first.code, Some(0), "{first:?}");
    assert!(first.stderr.contains("converted 1 prompt for the PBX"), "{first:?}");
    assert!(first.stderr.contains("will not play broken.wav: found"), "{first:?}");
    let there = |name: &str| fs::read(site.folder.join(name)).unwrap();
    assert_eq!(there("plain.wav"), wav(8000, 8000));
    assert_eq!(there("note.txt"), b"a note");
    assert_eq!(there("broken.wav"), b"no sound");
    let wide = there("wide.wav");
    assert_eq!(wide[24..28], 8000_u32.to_le_bytes());
    assert!((16_000..17_000).contains(&wide.len()), "a second at 8 kHz: {}", wide.len());
    let second = push(&[]);
    assert!(second.stdout.contains("0 uploaded, 4 unchanged"), "{second:?}");
    let as_they_are = push(&["--as-is"]);
    as_they_are.check(0, &[]);
    assert_eq!(there("wide.wav"), wav(44_100, 44_100));
}

/// Waits until something is so.
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}");
        thread::sleep(Duration::from_millis(20));
    }
}

fn ends(child: Child, signal: &str) -> Outcome {
    kill(child.id(), signal);
    Outcome::wait(child)
}

#[test]
fn a_watched_folder_is_kept_in_step() {
    // The folder of the server of few tools is a mount, which cannot be renamed.
    for site in [Site::directory(), Site::sftp(), Site::sftp().by_shell()] {
        let prompts = Prompts::new(2, 1000, 1);
        let mut command = site.command(prompts.path(), &site.url);
        command.args(["--watch", "--settle-s", "2", "--delete", "--force", "--timeout-s", "5"]);
        let child = command.spawn().unwrap();
        let there = |name: &str| fs::read(site.folder.join(name)).ok();
        wait_until("the first push", || site.files() == prompts.contents());
        // A recording that grows is not pushed before it is quiet.
        let mut recording = fs::File::create(prompts.path().join("r.wav")).unwrap();
        for part in 0..12 {
            recording.write_all(&noise(5000, part)).unwrap();
            assert_eq!(there("r.wav"), None, "it is still being recorded");
            thread::sleep(Duration::from_millis(300));
        }
        drop(recording);
        wait_until("the recording", || there("r.wav").is_some());
        assert_eq!(there("r.wav").unwrap().len(), 60_000);
        fs::remove_file(prompts.path().join("p0.wav")).unwrap();
        wait_until("the deletion", || there("p0.wav").is_none());
        // The target goes away for a while.
        let away = site.folder.with_extension("away");
        fs::rename(&site.folder, &away).unwrap();
        prompts.write("p1.wav", &noise(1000, 50));
        thread::sleep(Duration::from_secs(4));
        fs::rename(&away, &site.folder).unwrap();
        wait_until("the outage", || there("p1.wav") == Some(noise(1000, 50)));
        wait_until("the end of the push", || site.litter().is_empty());
        let outcome = ends(child, "INT");
        // A push may have been at work in that moment.
        assert!(matches!(outcome.code, Some(0 | INTERRUPTED)), "{outcome:?}");
        assert!(outcome.stderr.contains("no such folder"), "{outcome:?}");
        site.check(&prompts.contents());
    }
}

#[test]
fn a_watch_that_cannot_begin_ends() {
    let site = Site::directory();
    let prompts = Prompts::new(1, 1000, 1);
    let run = |to: &Path| {
        let to = to.display().to_string();
        Outcome::of(&site.command(prompts.path(), &to).arg("--watch").output().unwrap())
    };
    let outcome = run(&site.folder.join("missing"));
    assert_eq!(outcome.code, Some(crate::site::REFUSED), "{outcome:?}");
}
