//! What makes a push fast must change nothing in what arrives.

use crate::{
    site::{Outcome, Prompts, Site, noise},
    sshd::{Setup, Sshd, Wire},
};
use std::{
    thread,
    time::{Duration, Instant},
};

/// Enough for several connections: many files, and one that is written in pieces over all of them.
fn much() -> Prompts {
    let prompts = Prompts::new(150, 30_000, 1);
    prompts.write("deep/large.wav", &noise(15_000_001, 7));
    prompts
}

#[test]
fn many_files_and_a_large_one_arrive_whole_over_any_number_of_connections() {
    // The second server grants little beside the first connection.
    for lines in [vec![], vec!["PerSourceMaxStartups 1".to_owned(), "MaxSessions 1".to_owned()]] {
        let site = Site::of(Sshd::with(&Setup { lines, ..Setup::default() }));
        let prompts = much();
        assert!(site.push(prompts.path(), &[]).contains("151 uploaded"));
        site.check(&prompts.contents());
        prompts.write("deep/large.wav", &noise(15_000_001, 8));
        assert!(site.push(prompts.path(), &["--sync", "all"]).contains("1 uploaded"));
        site.check(&prompts.contents());
        assert!(site.push(prompts.path(), &["--verify"]).contains(" 0 uploaded"));
        assert!(site.push(prompts.path(), &["--verify", "--no-exec"]).contains(" 0 uploaded"));
    }
}

#[test]
fn one_of_several_connections_that_is_lost_changes_nothing_in_what_arrives() {
    let site = Site::sftp();
    let prompts = much();
    let wire = Wire::to(site.sshd().port, 12_000_000, None);
    for bytes in [2_000_000, 8_000_000] {
        let child = site.begin(prompts.path(), wire.port, &["--delete", "--force"]);
        wire.wait_for(wire.forwarded() + bytes);
        site.sshd().kill_newest_session();
        Outcome::wait(child).check(0, &[]);
        site.check(&prompts.contents());
        prompts.write("deep/large.wav", &noise(15_000_001, bytes));
    }
}

#[test]
fn a_limited_rate_is_kept_at_every_moment() {
    const RATE: u64 = 100 * 1024;
    /// Logging in, names, and what goes at once.
    const BESIDES: u64 = 40 * 1024;
    let site = Site::sftp();
    let wire = Wire::to(site.sshd().port, 1_000_000_000, None);
    let prompts = Prompts::new(3, 100_000, 1);
    let mut command = site.command(prompts.path(), &site.through(wire.port));
    let started = Instant::now();
    let mut child = command.args(["--limit-rate", "100K"]).spawn().unwrap();
    while child.try_wait().unwrap().is_none() {
        // Counted before the clock is read: a slow machine cannot make a right rate look wrong.
        let forwarded = wire.forwarded();
        let most = RATE * u64::try_from(started.elapsed().as_millis()).unwrap() / 1000 + BESIDES;
        assert!(forwarded <= most, "{forwarded} bytes, at most {most}");
        thread::sleep(Duration::from_millis(20));
    }
    Outcome::wait(child).check(0, &[]);
    assert!(started.elapsed() > Duration::from_secs(2), "300,000 bytes at 102,400 a second");
    site.check(&prompts.contents());
}
