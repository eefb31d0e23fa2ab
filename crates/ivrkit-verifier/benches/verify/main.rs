//! What `ivrkit verify` takes of time and memory, against a simulated PBX on the same machine.
//!
//! ```text
//! cargo bench -p ivrkit-verifier --bench verify                         # everything, some minutes
//! cargo bench -p ivrkit-verifier --bench verify -- rate-60 kills        # a part
//! cargo bench -p ivrkit-verifier --bench verify -- --seconds 60 kills   # longer
//! ```
//!
//! The server is this program once more, a process of its own on a store of its own in the folder for
//! temporary files (`TMPDIR`), for each durable commit waits for that disk; the PBX, the callees and
//! the application that asks for calls run in this process. The figures are of the machine that both
//! share. Must not decide whether a figure is good enough: it prints the bar.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]

mod calls;
mod cases;
mod figures;
mod process;
mod tls;

use cases::CASES;
use std::time::Duration;

/// Length of a case unless the command line says otherwise.
const SECONDS: u64 = 20;

fn main() {
    let mut names: Vec<String> = Vec::new();
    let mut seconds = SECONDS;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            process::SERVE => return process::serve(&arguments.next().unwrap()),
            // `cargo bench` says so to every benchmark.
            "--bench" => {}
            "--seconds" => seconds = arguments.next().unwrap().parse().unwrap(),
            name => names.push(name.to_owned()),
        }
    }
    let unknown = names.iter().find(|name| CASES.iter().all(|case| case.name != **name));
    if let Some(name) = unknown {
        let known: Vec<&str> = CASES.iter().map(|case| case.name).collect();
        eprintln!("no case `{name}`, expected some of {}", known.join(", "));
        std::process::exit(2);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    for case in CASES {
        if names.is_empty() || names.iter().any(|name| name == case.name) {
            println!("{}: {}", case.name, case.what);
            runtime.block_on((case.run)(Duration::from_secs(seconds)));
        }
    }
}
