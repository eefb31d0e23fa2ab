//! How many calls a second run through the dialplan of the shipped scenario, and in what memory.
//!
//! `cargo bench -p ivrkit-dialplan --bench call -- [CALLS]` runs the key scripts in turn on one core
//! and on two, and prints calls for each second of wall clock and of the cores' time, and the peak of
//! memory after a tenth of them and after all. The bar: 20,000 calls a second on two cores, memory
//! flat.

#![expect(clippy::disallowed_types, clippy::disallowed_methods, reason = "a benchmark runs things")]

use ivrkit_dialplan::{
    application::Version,
    call::{Call, Input, Pbx, Redirect, Setup, Sounds, What},
    dialplan,
    syntax::Nothing,
};
use nix::sys::resource::{UsageWho, getrusage};
use std::{env, fs, path::Path, sync::Arc, thread, time::Instant};

/// How many calls are run unless a number is given.
const CALLS: usize = 100_000;

/// Something that is done, and when in milliseconds.
type Deed = (u64, fn() -> Input);

/// What callees and the application server do.
const SCRIPTS: [&[Deed]; 6] = [
    // The code at once, then the verdict.
    &[
        (3_000, || Input::Key(b'1')),
        (9_000, || Input::Key(b'1')),
        (9_200, || Input::Key(b'2')),
        (9_400, || Input::Key(b'3')),
        (9_600, || Input::Key(b'4')),
        (9_800, || Input::Key(b'#')),
        (20_000, || to(b"6502")),
    ],
    // The code without a #, and the verdict that never comes.
    &[
        (14_000, || Input::Key(b'1')),
        (18_000, || Input::Key(b'5')),
        (18_500, || Input::Key(b'6')),
        (19_000, || Input::Key(b'7')),
        (19_500, || Input::Key(b'8')),
        (20_000, || Input::Key(b'9')),
    ],
    // No key at all.
    &[],
    // A wrong key, then gone.
    &[(2_000, || Input::Key(b'9')), (8_000, || Input::HangUp)],
    // Gone while the music plays.
    &[
        (3_000, || Input::Key(b'1')),
        (9_000, || Input::Key(b'1')),
        (9_200, || Input::Key(b'2')),
        (9_400, || Input::Key(b'3')),
        (9_600, || Input::Key(b'4')),
        (9_800, || Input::Key(b'#')),
        (30_000, || Input::HangUp),
    ],
    // A wrong code, then a right one.
    &[
        (3_000, || Input::Key(b'1')),
        (9_000, || Input::Key(b'1')),
        (9_200, || Input::Key(b'2')),
        (9_400, || Input::Key(b'#')),
        (20_000, || Input::Key(b'1')),
        (20_200, || Input::Key(b'2')),
        (20_400, || Input::Key(b'3')),
        (20_600, || Input::Key(b'4')),
        (20_800, || Input::Key(b'#')),
        (28_000, || to(b"6502")),
    ],
];

/// All sounds last so long.
struct Alike;

impl Sounds for Alike {
    fn length_ms(&self, _: &[u8], _: &[u8]) -> Option<u64> {
        Some(3_000)
    }
}

fn to(exten: &[u8]) -> Input {
    Input::Redirect(Redirect { context: b"ivrs".to_vec(), exten: exten.to_vec(), priority: 1 })
}

fn main() {
    let calls = env::args().find_map(|one| one.parse().ok()).unwrap_or(CALLS);
    let pbx = pbx();
    let heads = ["threads", "calls", "calls/s", "per CPU s", "steps/call", "early MB", "peak MB"];
    println!("{}", heads.map(|head| format!("{head:>10}")).concat());
    for threads in [1, 2] {
        run(&pbx, threads, calls / 10);
        let (early_mb, cpu_s, began) = (peak_mb(), cpu_s(), Instant::now());
        let steps = run(&pbx, threads, calls);
        let (seconds, cpu_s) = (began.elapsed().as_secs_f64(), self::cpu_s() - cpu_s);
        #[expect(clippy::cast_precision_loss, reason = "calls are counted in millions")]
        let (count, steps) = (calls as f64, steps as f64);
        let (rate, cpu_rate) = (count / seconds, count / cpu_s);
        let (steps, peak_mb) = (steps / count, peak_mb());
        println!(
            "{threads:>10}{calls:>10}{rate:>10.0}{cpu_rate:>10.0}{steps:>10.1}{early_mb:>10.1}\
             {peak_mb:>10.1}"
        );
    }
}

fn pbx() -> Arc<Pbx> {
    let file = "../../tests/golden/driving-test.asterisk.conf";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let bytes = fs::read(&path).expect("the rendered dialplan is there");
    let dialplan = dialplan::load(b"extensions.conf", bytes, &mut Nothing);
    Arc::new(Pbx::new(dialplan, Version::V22, Arc::new(Alike)))
}

/// Runs calls on threads of their own; how many steps they took.
fn run(pbx: &Arc<Pbx>, threads: usize, calls: usize) -> usize {
    thread::scope(|scope| {
        let share = calls / threads;
        let run = move || {
            (0..share).map(|number| steps(pbx, SCRIPTS[number % SCRIPTS.len()])).sum::<usize>()
        };
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        running.into_iter().map(|one| one.join().expect("no call panics")).sum::<usize>()
    })
}

/// Runs one call to its end; how many steps it took.
fn steps(pbx: &Arc<Pbx>, script: &[Deed]) -> usize {
    let setup = Setup {
        context: b"ivrs".to_vec(),
        exten: b"6500".to_vec(),
        caller_number: Some(b"13800001111".to_vec()),
        variables: vec![(b"IVRKIT_ANSWERED".to_vec(), b"yes".to_vec())],
        ..Setup::default()
    };
    let mut call = Call::begin(Arc::clone(pbx), setup);
    for (at_ms, deed) in script {
        call.feed(*at_ms, deed());
    }
    call.advance(u64::MAX);
    let mut steps = 0;
    while let Some(event) = call.next_event() {
        steps += usize::from(matches!(event.what, What::Step { .. }));
    }
    assert!(call.is_over() && steps > 10, "a call of the scenario has its steps");
    steps
}

/// What the process has used of its cores.
fn cpu_s() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_SELF).expect("a process knows what it used");
    let (user, system) = (usage.user_time(), usage.system_time());
    #[expect(clippy::cast_precision_loss, reason = "a benchmark takes minutes at most")]
    let micros = (user.tv_usec() + system.tv_usec()) as f64;
    #[expect(clippy::cast_precision_loss, reason = "a benchmark takes minutes at most")]
    let seconds = (user.tv_sec() + system.tv_sec()) as f64;
    seconds + micros / 1e6
}

fn peak_mb() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_SELF).expect("a process knows what it used");
    #[expect(clippy::cast_precision_loss, reason = "kilobytes are counted in millions")]
    let peak_mb = usage.max_rss() as f64 / 1024.0;
    peak_mb
}
