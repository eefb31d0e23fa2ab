//! Any bytes as a text whose substitutions are computed.
//!
//! What must hold of them stands in the tests of the core, which run it without libFuzzer too.

#![no_main]

#[path = "../../crates/ivrkit-dialplan/tests/invariants/evaluation.rs"]
mod evaluation;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| evaluation::check(bytes));
