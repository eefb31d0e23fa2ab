//! Servers that do not keep to the protocol: a push succeeds or ends with one clear message, touches
//! nothing outside its folder, ends in time and stays small.

use crate::{
    hostile_sftp::{Mischief, serve, write_subsystem},
    site::{Outcome, Prompts, REMOTE, Site, UNREACHABLE},
    sshd::{Setup, Sshd},
};
use std::{
    fs,
    io::Write as _,
    net::TcpListener,
    process::Command,
    thread,
    time::{Duration, Instant},
};

/// Address space that a push to any server may take, in KiB; most of it are stacks of threads.
const MAX_MEMORY_KIB: u64 = 1024 * 1024;
/// Most time that it takes on a busy machine.
const MAX_TIME: Duration = Duration::from_mins(3);

/// Pushes three new files to a folder with an old one, and makes sure of what must always hold.
fn push(mischief: Mischief) -> (Site, Prompts, Outcome) {
    let prompts = Prompts::new(3, 100_000, 1);
    let script = prompts.path().with_extension("sftp");
    write_subsystem(&script, serve(mischief));
    let sftp = Some(script.display().to_string());
    let site = Site::of(Sshd::with(&Setup { sftp, ..Setup::default() }));
    let victim = site.sshd().home().join("victim");
    fs::write(&victim, "theirs").unwrap();
    fs::write(site.folder.join("p0.wav"), "old").unwrap();
    // Of the same size as the new one, so that it is read back.
    fs::write(site.folder.join("p1.wav"), vec![b'o'; 100_000]).unwrap();
    let push = site.command(prompts.path(), &site.url);
    let mut command = Command::new("sh");
    let limited = format!("ulimit -v {MAX_MEMORY_KIB}; exec \"$@\"");
    command.args(["-c", &limited, "sh"]).arg(push.get_program()).args(push.get_args());
    command.args(["--timeout-s", "10"]);
    for (name, value) in push.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let started = Instant::now();
    let outcome = Outcome::of(&command.output().unwrap());
    fs::remove_file(script).unwrap();
    assert!(started.elapsed() < MAX_TIME, "{mischief:?}: {:?}", started.elapsed());
    assert_eq!(fs::read(&victim).unwrap(), b"theirs", "{mischief:?}");
    for (path, content) in site.files() {
        let old = content == b"old" || content.iter().all(|byte| *byte == b'o');
        let whole = old || prompts.contents().get(&path) == Some(&content);
        assert!(whole, "{mischief:?}: {} is torn", path.display());
    }
    (site, prompts, outcome)
}

fn succeeds(mischief: Mischief) -> Outcome {
    let (site, prompts, outcome) = push(mischief);
    assert_eq!(outcome.code, Some(0), "{mischief:?}: {outcome:?}");
    site.check(&prompts.contents());
    outcome
}

fn fails(mischief: Mischief, words: &[&str]) {
    let (_, _, outcome) = push(mischief);
    assert_eq!(outcome.code, Some(REMOTE), "{mischief:?}: {outcome:?}");
    for word in words {
        assert!(outcome.stderr.contains(word), "{mischief:?}: `{word}` is missing: {outcome:?}");
    }
    let lines = outcome.stderr.lines().filter(|line| !line.contains("connecting again in"));
    let errors = lines.filter(|line| line.contains("cannot")).count();
    assert!(errors <= 2, "{mischief:?}: {outcome:?}");
    assert!(!outcome.stderr.contains('\x1b'), "{mischief:?}: {outcome:?}");
}

#[test]
fn servers_of_few_abilities_are_enough() {
    succeeds(Mischief::None);
    succeeds(Mischief::OneName);
    succeeds(Mischief::ShortWrites);
    succeeds(Mischief::RefusesAttributes);
    succeeds(Mischief::Reordered);
    succeeds(Mischief::LongHandles);
}

#[test]
fn listings_that_lie_do_no_harm() {
    let outcome = succeeds(Mischief::StrangeNames);
    assert!(!outcome.stdout.contains('\x1b'), "{outcome:?}");
    succeeds(Mischief::DuplicateNames);
    fails(Mischief::FalseListing, &["is not whole", "100001", "expected 100000"]);
    fails(Mischief::EndlessListing, &["cannot list the folder", "more than 1000000 names"]);
}

#[test]
fn what_is_not_sure_to_be_whole_is_not_published() {
    for mischief in [Mischief::FalseSize, Mischief::BareFailure, Mischief::Stalls] {
        let (site, _, outcome) = push(mischief);
        assert_eq!(outcome.code, Some(REMOTE), "{mischief:?}: {outcome:?}");
        assert_eq!(site.files()["p0.wav".as_ref() as &std::path::Path], b"old", "{mischief:?}");
    }
    fails(Mischief::FalseSize, &["is not whole", "100001", "expected 100000"]);
    fails(Mischief::BareFailure, &["does not say why"]);
}

#[test]
fn answers_that_break_the_protocol_end_the_push() {
    let breaks = "breaks the SFTP protocol";
    fails(Mischief::UnaskedAnswer, &[breaks]);
    fails(Mischief::AnswersTwice, &[breaks]);
    fails(Mischief::HugePacket, &[breaks]);
    fails(Mischief::EmptyPacket, &[breaks]);
    fails(Mischief::OverlongString, &[breaks]);
    fails(Mischief::StatusForData, &[breaks]);
    fails(Mischief::TooMuchData, &[breaks]);
}

#[test]
fn sessions_that_end_or_stall_end_the_push_in_time() {
    fails(Mischief::TruncatedPacket, &["connection was lost"]);
    fails(Mischief::EndsInTheMiddle, &["connection was lost"]);
    fails(Mischief::Stalls, &["no answer for 10 s"]);
    fails(Mischief::Trickles, &["no answer for 10 s"]);
}

/// What answers speaks SSH, a byte each 0.3 s.
#[test]
fn a_greeting_that_trickles_ends_the_push_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        for byte in b"SSH-2.0-OpenSSH_".iter().chain(std::iter::repeat(&b'9')) {
            thread::sleep(Duration::from_millis(300));
            if stream.write_all(&[*byte]).is_err() {
                break;
            }
        }
    });
    let (site, prompts) = (Site::sftp(), Prompts::new(1, 10, 1));
    let started = Instant::now();
    let more = ["--timeout-s", "3", "--retries", "0"];
    let outcome = Outcome::wait(site.begin(prompts.path(), port, &more));
    outcome.check(UNREACHABLE, &["cannot begin an SSH connection"]);
    assert!(started.elapsed() < MAX_TIME, "{:?}", started.elapsed());
}

#[test]
fn another_version_is_told() {
    let (_, prompts, outcome) = push(Mischief::OtherVersion);
    // Its shell is there, and is enough.
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert_eq!(prompts.contents().len(), 3);
}
