//! A reader of the final names, and pushes that are killed at random moments.
//!
//! 30 kills in an ordinary run; `IVRKIT_PUSH_KILLS=200` makes it as many as you like, and
//! `IVRKIT_PUSH_SEED` repeats a run.

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
    time::{Duration, Instant},
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
    site.push(sets[0].path(), &[]);
    let contents = [sets[0].contents(), sets[1].contents()];
    let done = AtomicBool::new(false);
    let seen = thread::scope(|scope| {
        let reader = scope.spawn(|| read(&site.folder, &contents, &done));
        let killed = kill_pushes(&site, &sets, kills, seed);
        done.store(true, Ordering::Relaxed);
        println!("{killed} of {kills} pushes were killed before they ended (seed {seed})");
        assert!(killed * 2 >= kills, "only {killed} of {kills} were killed before they ended");
        reader.join().unwrap()
    });
    println!("read {} files: {} of one set, {} of the other", seen[0] + seen[1], seen[0], seen[1]);
    assert!(seen[0] > 0 && seen[1] > 0, "the reader saw both sets: {seen:?}");
    site.push(sets[1].path(), &[]);
    site.check(&contents[1]);
}

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().unwrap())
}

/// Pushes the sets in turn and kills each push at a moment between its start and the time that a
/// whole one takes; gives how many were killed before they ended.
fn kill_pushes(site: &Site, sets: &[Prompts; 2], kills: u64, seed: u64) -> u64 {
    let mut dice = fastrand::Rng::with_seed(seed);
    let wire = Wire::to(site.sshd().port, LINE, None);
    let started = Instant::now();
    assert!(site.begin(sets[1].path(), wire.port, &[]).wait().unwrap().success());
    let whole = started.elapsed();
    let mut killed = 0;
    for round in 0..kills {
        let set = &sets[usize::try_from(round % 2).unwrap()];
        let how: &[&str] = if dice.bool() { &["--all-or-nothing"] } else { &[] };
        let mut child = site.begin(set.path(), wire.port, how);
        thread::sleep(whole.mul_f64(dice.f64() * 1.1));
        child.kill().unwrap();
        killed += u64::from(child.wait().unwrap().code().is_none());
    }
    killed
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
