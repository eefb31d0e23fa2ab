//! What a run takes of time and memory, measured in a process of its own.

use nix::sys::resource::{Usage, UsageWho, getrusage};
use std::{
    env,
    path::PathBuf,
    process::{Command, Stdio},
};

/// What one run took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    /// In user and in system mode.
    pub(crate) cpu_ms: f64,
    pub(crate) peak_mb: f64,
}

/// The lowest costs among several runs of this program with these arguments.
pub(crate) fn best(runs: usize, arguments: &[&str]) -> Option<Cost> {
    let own = env::current_exe().expect("a program knows where it is");
    let cost = |_| {
        let output = Command::new(&own).args(arguments).stderr(Stdio::inherit()).output();
        let output = output.expect("this program can be started again");
        let text = String::from_utf8(output.stdout).expect("numbers are text");
        let (cpu_ms, peak_mb) = text.trim().split_once(' ')?;
        Some(Cost { cpu_ms: cpu_ms.parse().ok()?, peak_mb: peak_mb.parse().ok()? })
    };
    (0..runs).map(cost).reduce(|one, other| {
        let (one, other) = (one?, other?);
        let (cpu_ms, peak_mb) = (one.cpu_ms.min(other.cpu_ms), one.peak_mb.min(other.peak_mb));
        Some(Cost { cpu_ms, peak_mb })
    })?
}

/// Does something once and prints what that took.
pub(crate) fn measured<T>(work: impl FnOnce() -> T) -> T {
    let before = usage(UsageWho::RUSAGE_SELF);
    let done = work();
    print(&before, &usage(UsageWho::RUSAGE_SELF));
    done
}

/// Runs a program once, its output thrown away, and prints what that took.
pub(crate) fn process(command: &[&str]) {
    let before = usage(UsageWho::RUSAGE_CHILDREN);
    let (program, arguments) = command.split_first().expect("a program is named");
    let mut command = Command::new(program);
    let command = command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    let status = command.status().expect("the program can be started");
    // 1 is what both say when there is something to complain about.
    if matches!(status.code(), Some(0 | 1)) {
        print(&before, &usage(UsageWho::RUSAGE_CHILDREN));
    }
}

fn usage(who: UsageWho) -> Usage {
    getrusage(who).expect("a process knows what it used")
}

fn print(before: &Usage, after: &Usage) {
    let micros = |usage: &Usage| {
        let (user, system) = (usage.user_time(), usage.system_time());
        (user.tv_sec() + system.tv_sec()) * 1_000_000 + user.tv_usec() + system.tv_usec()
    };
    #[expect(clippy::cast_precision_loss, reason = "hours and gigabytes are far from it")]
    let (cpu_ms, peak_mb) =
        ((micros(after) - micros(before)) as f64 / 1e3, after.max_rss() as f64 / 1024.0);
    println!("{cpu_ms} {peak_mb}");
}

/// A program by a variable, or on the path.
pub(crate) fn program(variable: &str, name: &str) -> Option<PathBuf> {
    let on_path = || {
        let folders = env::var_os("PATH")?;
        env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file())
    };
    let found = env::var_os(variable).map(PathBuf::from).or_else(on_path);
    if found.is_none() {
        println!("without {name}: set {variable} to compare with it");
    }
    found
}
