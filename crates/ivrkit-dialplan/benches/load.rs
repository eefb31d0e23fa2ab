//! How long it takes to load a large dialplan, in many contexts and in one.
//!
//! `cargo bench -p ivrkit-dialplan` prints the best of several runs. The bar: 100,000 lines in
//! under 60 ms; ten times the lines in ten times the time.

#![expect(clippy::disallowed_types, reason = "a benchmark needs a clock")]

use ivrkit_dialplan::{dialplan, syntax::Nothing};
use std::time::{Duration, Instant};

const RUNS: usize = 7;

fn main() {
    for lines in [100_000, 1_000_000] {
        report("many contexts", &many_contexts(lines));
        report("one context", &one_context(lines));
        report("one extension", &one_extension(lines));
        report("falling priorities", &falling_priorities(lines));
        report("labels", &labels(lines));
    }
}

fn report(what: &str, text: &str) {
    let best = (0..RUNS).map(|_| run(text)).min().unwrap_or_default();
    let lines = text.lines().count();
    println!(
        "{what:>20}: {lines:>8} lines, {:>4} MB: {:>8.1} ms",
        text.len() >> 20,
        best.as_secs_f64() * 1e3
    );
}

fn run(text: &str) -> Duration {
    let bytes = text.as_bytes().to_vec();
    let start = Instant::now();
    let dialplan = dialplan::load(b"extensions.conf", bytes, &mut Nothing);
    let taken = start.elapsed();
    assert!(!dialplan.contexts.is_empty() && dialplan.messages.is_empty());
    taken
}

fn many_contexts(lines: usize) -> String {
    let context = |number: usize| {
        format!(
            "[from-{number}]\n\
             include => from-0\n\
             exten => {number},1,NoOp(a call to ${{EXTEN}})\n\
             same => n,Set(CDR(userfield)=${{CALLERID(num)}})\n\
             same => n(again),Background(custom/menu-{number})\n\
             same => n,WaitExten(5)\n\
             exten => _{number}X,1,Goto(from-{number},s,1)\n\
             exten => t,1,Goto(again)\n\
             exten => h,1,Hangup() ; done\n\n"
        )
    };
    (0..lines / 10).map(context).collect::<Vec<_>>().concat()
}

fn one_context(lines: usize) -> String {
    let extension = |number: usize| {
        format!("exten => {number},1,Dial(PJSIP/{number},30,tT)\nsame => n,Voicemail({number})\n")
    };
    "[all]\n".to_owned() + &(0..lines / 2).map(extension).collect::<Vec<_>>().concat()
}

fn one_extension(lines: usize) -> String {
    "[all]\nexten => s,1,Answer()\n".to_owned() + &"same => n,NoOp(one more step)\n".repeat(lines)
}

fn falling_priorities(lines: usize) -> String {
    let line = |number: usize| format!("exten => s,{},NoOp(one more step)\n", lines - number);
    "[all]\n".to_owned() + &(0..lines).map(line).collect::<Vec<_>>().concat()
}

fn labels(lines: usize) -> String {
    let line = |number: usize| format!("same => n(label-{number}),NoOp(one more step)\n");
    "[all]\nexten => s,1,Answer()\n".to_owned() + &(0..lines).map(line).collect::<Vec<_>>().concat()
}
