//! A reader of the final names, and pushes that are killed at random moments.
//!
//! 30 kills in an ordinary run; `IVRKIT_PUSH_KILLS=200` makes it as many as you like, and
//! `IVRKIT_PUSH_SEED` draws other moments.

use crate::{
    site::{Prompts, Site},
    sshd::Wire,
};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant, SystemTime},
};

/// Bytes a second: slow enough that there is a middle.
const LINE: u64 = 6_000_000;
const FILES: usize = 16;
const SIZE: usize = 60_000;

#[test]
fn a_reader_sees_only_whole_files_whenever_pushes_are_killed() {
    let kills = number("IVRKIT_PUSH_KILLS", 30);
    let seed = number("IVRKIT_PUSH_SEED", 7);
    let site = Site::sftp();
    let sets = [Prompts::new(FILES, SIZE, 1), Prompts::new(FILES, SIZE, 1000)];
    // Files with the time of the old ones wait for the end of a push, the others do not.
    for index in (0..FILES).step_by(2) {
        let path = sets[1].path().join(format!("p{index}.wav"));
        let file = fs::File::options().append(true).open(path).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_mins(2)).unwrap();
    }
    site.push(sets[0].path(), &[]);
    let contents = [sets[0].contents(), sets[1].contents()];
    let done = AtomicBool::new(false);
    let reads = thread::scope(|scope| {
        let reader = scope.spawn(|| read(&site.folder, &contents, &done));
        let counts = kill_pushes(&site, &sets, kills, seed);
        done.store(true, Ordering::Relaxed);
        println!("seed {seed}: {counts:?}");
        assert_eq!(
            counts.killed, kills,
            "too many pushes were faster than their killer: {counts:?}"
        );
        reader.join().unwrap()
    });
    println!("files of one set and of the other that were read: {reads:?}");
    assert!(reads[0] > 0 && reads[1] > 0, "the reader saw both sets: {reads:?}");
    site.push(sets[1].path(), &[]);
    site.check(&contents[1]);
}

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().unwrap())
}

/// What came of pushes that were to be killed.
#[derive(Debug, Default)]
struct Counts {
    /// Killed before they ended.
    killed: u64,
    /// Of these: while they held the target, with a staging folder in it.
    holding: u64,
    /// Of these: when some of their files were published and others not.
    halfway: u64,
    /// Ended before they were killed.
    ended: u64,
}

/// Pushes the sets in turn and kills each push at a moment between its start and the time that a
/// whole one takes, until so many were killed.
fn kill_pushes(site: &Site, sets: &[Prompts; 2], kills: u64, seed: u64) -> Counts {
    let mut dice = fastrand::Rng::with_seed(seed);
    let wire = Wire::to(site.sshd().port, LINE, None);
    let started = Instant::now();
    assert!(site.begin(sets[1].path(), wire.port, &[]).wait().unwrap().success());
    let mut whole = started.elapsed();
    let contents = [sets[0].contents(), sets[1].contents()];
    let mut counts = Counts::default();
    for _ in 0..kills * 4 {
        if counts.killed == kills {
            break;
        }
        // A set that is there already would leave nothing to do.
        let there = contents.iter().position(|set| *set == site.files());
        let set = &sets[there.map_or_else(|| dice.usize(..2), |there| 1 - there)];
        let how: &[&str] = if dice.bool() { &["--all-or-nothing"] } else { &[] };
        let mut child = site.begin(set.path(), wire.port, how);
        thread::sleep(whole.mul_f64(dice.f64()));
        child.kill().unwrap();
        if child.wait().unwrap().code().is_some() {
            counts.ended += 1;
            // The machine is faster now than when the first push was timed.
            whole = whole.mul_f64(0.9);
            continue;
        }
        counts.killed += 1;
        counts.holding += u64::from(site.folder.join(".ivrkit-staging").is_dir());
        let found = site.files();
        counts.halfway += u64::from(!contents.contains(&found));
        whole = whole.mul_f64(1.02);
    }
    counts
}

/// Reads every final name again and again; gives how often it had the content of either set.
fn read(folder: &Path, sets: &[BTreeMap<PathBuf, Vec<u8>>; 2], done: &AtomicBool) -> [u64; 2] {
    let mut seen = [0; 2];
    while !done.load(Ordering::Relaxed) {
        for path in sets[0].keys() {
            let found = fs::read(folder.join(path)).expect("the name is always there");
            let set = sets.iter().position(|set| set[path] == found);
            let set = set.unwrap_or_else(|| panic!("{} is torn: {}", path.display(), found.len()));
            seen[set] += 1;
        }
        thread::sleep(Duration::from_millis(1));
    }
    seen
}
