//! Measures how fast prompts are converted: `cargo build --release && cargo run --release --example
//! prompt-speed -- target/release/ivrkit [ROUNDS]`.
//!
//! Makes 1,000 recordings of 4 s, at 24 kHz mono and at 44.1 kHz stereo, and converts them by
//! `ivrkit media convert` and by sox under `xargs -P2`, in turns, so that whatever else the machine
//! does is shared. Prints the median ratios of wall-clock and processor time, and peak memory.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on ends in a panic")]

#[path = "../tests/media/sound.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod sound;

use nix::sys::{
    resource::{UsageWho, getrusage},
    time::TimeValLike as _,
};
use sound::{Wav, sampled};
use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

const PROMPTS: usize = 1_000;
const SECONDS: f64 = 4.0;

/// Seconds of wall-clock and of processor time.
#[derive(Clone, Copy)]
struct Cost {
    wall_s: f64,
    cpu_s: f64,
}

fn main() {
    let mut arguments = env::args().skip(1);
    let ivrkit = arguments.next().expect("the path of ivrkit is given");
    let ivrkit = fs::canonicalize(ivrkit).expect("ivrkit is built");
    let rounds = arguments.next().map_or(5, |rounds| rounds.parse().expect("a number of rounds"));
    let folder = tempfile::tempdir().unwrap();
    println!("| 1,000 prompts of 4 s | wall, times sox -P2 | processor, times sox -P2 | peak |");
    println!("|---|---|---|---|");
    for (name, channels, rate_hz) in [("24 kHz mono", 1, 24_000), ("44.1 kHz stereo", 2, 44_100)] {
        let sources = folder.path().join(rate_hz.to_string());
        make_sources(&sources, &Wav { channels, ..Wav::at(rate_hz) });
        let (mut wall, mut cpu) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            let out = folder.path().join("out");
            let mut command = Command::new(&ivrkit);
            let ours = cost(command.args(["media", "convert", "-o"]).arg(&out).arg(&sources), &out);
            let script = "ls | xargs -P2 -I@ sox @ -r 8000 -c 1 -b 16 \"$0\"/@";
            let mut command = Command::new("sh");
            command.args(["-c", script]).arg(&out).current_dir(&sources);
            let theirs = cost(&mut command, &out);
            wall.push(theirs.wall_s / ours.wall_s);
            cpu.push(theirs.cpu_s / ours.cpu_s);
        }
        let peak_mib = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss() / 1024;
        println!("| {name} | {:.1} | {:.1} | {peak_mib} MiB |", median(wall), median(cpu));
    }
}

/// Swelling tones, each file another piece of them.
fn make_sources(folder: &Path, wav: &Wav) {
    fs::create_dir(folder).unwrap();
    let sound = sampled(wav.rate_hz, SECONDS + 1.0, |t| {
        (2_000.0 * t).sin() * (7_300.0 * t).cos() * (3.0 * t).sin() * 0.6
    });
    let frames = 4 * wav.rate_hz as usize;
    for at in 0..PROMPTS {
        fs::write(folder.join(format!("{at:04}.wav")), wav.of(&sound[at..at + frames])).unwrap();
    }
}

/// What a command costs that writes to an empty folder.
fn cost(command: &mut Command, out: &Path) -> Cost {
    let _ = fs::remove_dir_all(out);
    fs::create_dir(out).unwrap();
    let (before_s, started) = (children_s(), Instant::now());
    let status = command.stdout(Stdio::null()).status().expect("sox is installed");
    let wall_s = started.elapsed().as_secs_f64();
    assert!(status.success(), "{command:?}");
    assert_eq!(fs::read_dir(out).unwrap().count(), PROMPTS, "{command:?}");
    Cost { wall_s, cpu_s: children_s() - before_s }
}

/// Processor time of all processes that have ended, in seconds.
#[expect(clippy::cast_precision_loss, reason = "microseconds of minutes")]
fn children_s() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
    (usage.user_time() + usage.system_time()).num_microseconds() as f64 / 1e6
}

fn median(mut ratios: Vec<f64>) -> f64 {
    ratios.sort_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}
